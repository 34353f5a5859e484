/* The insides of a world, for world.c and world_build.c alone. */
#ifndef TOPOLOGY_WORLD_INTERNAL_H
#define TOPOLOGY_WORLD_INTERNAL_H

#include "base/map.h"
#include "base/names.h"
#include "sim/gateway/gateway.h"
#include "sim/host.h"
#include "sim/internet.h"
#include "sim/link.h"
#include "sim/nat.h"
#include "sim/switch.h"
#include "sim/world.h"
#include "topology/world.h"

struct world_lan {
    char *name; /* "<vdc>/<lan>" */
    struct sim_switch *lan_switch;
};

struct world_nat {
    const struct topo_nat *model;
    struct sim_nat *router;
    struct sim_switch *cable; /* between it and the gateway */
};

struct topo_world {
    const struct topo_model *model;
    struct sim_world *sim;
    struct crypto_context *crypto;
    struct crypto_context *own_crypto; /* NULL: borrowed */
    struct sim_internet *internet;
    struct topo_world_node *nodes; /* does not move once the first is in by_name */
    size_t node_count;
    struct base_names by_name; /* of nodes */
    struct world_lan *lans;    /* does not move once the first is in lans_by_name */
    size_t lan_count;
    struct base_names lans_by_name;
    struct base_map publics; /* public address to node; the first gateway where two have one */
    struct world_nat *nats;
    size_t nat_count;
    struct sim_fault **firewall; /* one for each of the model's rules */
    size_t firewall_count;
};

/* What a tunnel of the model is for the engine. The pointers in it are the model's and `networks`',
 * which has room for 2 * TOPO_CIDRS_MAX. */
void topo_peer_config(const struct topo_gateway *gateway, const struct topo_tunnel *tunnel,
                      struct net_prefix *networks, struct ike_peer_config *out);

enum sim_stack_rp_filter topo_rp_filter_of(enum topo_rp_filter rp_filter);

/* Puts the model's rules on the internet in place of those that are there. */
void topo_firewall_set(struct topo_world *world, const struct topo_internet *model);

/* Points all nodes into `model`, which has the same nodes in the same order. */
void topo_world_set_model(struct topo_world *world, const struct topo_model *model);

#endif
