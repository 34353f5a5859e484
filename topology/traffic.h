/* A UDP flow between nodes of either kind: sim/traffic.h's, its ends stacks of ours or sockets in a namespace. */
#ifndef TOPOLOGY_TRAFFIC_H
#define TOPOLOGY_TRAFFIC_H

#include "sim/traffic.h"

struct topo_world_node;

/* sim_traffic_start() for nodes; `to` NULL: nobody listens. NULL where a socket cannot be had. */
struct sim_traffic *topo_traffic_start(struct topo_world_node *from, struct topo_world_node *to,
                                       const struct sim_traffic_config *config,
                                       void (*done)(void *context, struct sim_traffic *traffic),
                                       void *context);

#endif
