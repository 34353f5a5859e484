/* Tunnels as they stand, read from the engines. */
#ifndef SCENARIOS_TUNNELS_H
#define SCENARIOS_TUNNELS_H

#include "ipsec/ike/endpoint.h"
#include "scenarios/result.h"
#include "topology/world.h"

enum scn_tunnel_state scn_tunnel_state_of(const struct ike_peer_info *info);

/* One tunnel; texts of `out` are to be freed as scn_result_fini does. A stopped gateway's are down. */
void scn_tunnel_read(struct topo_world *world, const char *gateway, const char *tunnel,
                     struct scn_tunnel_result *out);

/* All tunnels of the model, in its order, into the result. */
/* Whether this end of its tunnels can be asked: not with `engine: external`. */
bool scn_tunnels_are_known(const struct topo_gateway *gateway);
void scn_tunnels_collect(struct topo_world *world, const struct topo_model *model,
                         struct scn_result *result);

#endif
