/* Algorithms as strongSwan's proposal strings: "aes128ctr-sha256-modp3072". */
#ifndef STRONGSWAN_PROPOSALS_H
#define STRONGSWAN_PROPOSALS_H

#include "strongswan/tree.h"
#include "topology/model.h"

/* Adds them to `list`: the configured set, and with `most-secure` all that the product has behind it. */
void swan_ike_proposals(const struct topo_behaviour *behaviour,
                        const struct topo_proposal *proposal, struct swan_tree *tree,
                        struct swan_element *list);
/* with_esn: whether the data plane has ESN at all. */
void swan_esp_proposals(const struct topo_behaviour *behaviour,
                        const struct topo_proposal *proposal, bool with_esn, struct swan_tree *tree,
                        struct swan_element *list);

#endif
