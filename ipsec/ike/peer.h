/*
 * A tunnel as an endpoint keeps it: a copy of its configuration in the forms that the exchanges
 * need, and what counts beyond the life of one IKE SA.
 */
#ifndef IKE_PEER_H
#define IKE_PEER_H

#include "ipsec/ike/config.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/id.h"
#include "ipsec/ike/proposal.h"
#include "ipsec/ike/ts.h"

struct ike_peer {
    int number;
    bool removed;
    bool enabled; /* false once terminated by hand, until it is initiated again */
    char *name;
    struct ike_peer_config config; /* pointers to texts and lists are NULL: see below */
    struct ike_id local_id, remote_id;
    bool any_remote_id;
    uint8_t *psk;
    size_t psk_size;
    struct ike_ts *local_ts, *remote_ts;
    size_t local_ts_count, remote_ts_count;
    net_ip4 *own_addresses; /* those of config */

    base_ns connect_at; /* when start: at-once acts next; BASE_NEVER: nothing planned */
    bool planned;       /* that is its first moment, which nothing that the peer does puts off */
    unsigned ike_rekeys, child_rekeys;
};

/* NULL where the configuration is none: see ike_endpoint_add_peer(). */
struct ike_peer *ike_peer_new(const struct ike_peer_config *config, int number);
void ike_peer_free(struct ike_peer *peer); /* wipes the key */

struct ike_proposal_policy ike_peer_ike_policy(const struct ike_peer *peer);
/* `pfs`: in CREATE_CHILD_SA, where a Diffie-Hellman group is part of it if one is configured. */
struct ike_proposal_policy ike_peer_esp_policy(const struct ike_peer *peer, bool pfs);

void ike_peer_local_ts(const struct ike_peer *peer, struct ike_ts_list *out);
void ike_peer_remote_ts(const struct ike_peer *peer, struct ike_ts_list *out);

/* Whether a child with these local selectors can be used here: own_addresses of config.h. */
bool ike_peer_can_use(const struct ike_peer *peer, const struct ike_ts_list *local);

/* Whether an IKE_SA_INIT from these addresses may be this peer's. */
bool ike_peer_fits_path(const struct ike_peer *peer, const struct ike_path *path);
/* Whether these identities are this tunnel's; local NULL: the peer named none. */
bool ike_peer_fits_ids(const struct ike_peer *peer, const struct ike_id *remote,
                       const struct ike_id *local);
/* Whether the two are tunnels between the same two identities. */
bool ike_peer_same_ids(const struct ike_peer *a, const struct ike_peer *b);

#endif
