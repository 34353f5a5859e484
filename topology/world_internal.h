/* The insides of a world, for world.c and world_build.c alone. */
#ifndef TOPOLOGY_WORLD_INTERNAL_H
#define TOPOLOGY_WORLD_INTERNAL_H

#include "base/map.h"
#include "base/names.h"
#include "sim/attacker.h"
#include "sim/gateway/gateway.h"
#include "sim/host.h"
#include "sim/internet.h"
#include "sim/link.h"
#include "sim/nat.h"
#include "sim/switch.h"
#include "sim/world.h"
#include "topology/ping.h"
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

struct netns_loop;

/* What differs between a simulated node and one outside. Every one is there. */
struct topo_node_ops {
    int (*route_add)(struct topo_world_node *node, const struct net_prefix *to, net_ip4 via);
    bool (*route_remove)(struct topo_world_node *node, const struct net_prefix *to);
    bool (*route_get)(struct topo_world_node *node, net_ip4 to, struct sim_stack_route *out);
    void (*power)(struct topo_world_node *node, bool on);
    void (*set_forwarding)(struct topo_world_node *node, bool ip_forward,
                           enum topo_rp_filter rp_filter);
    struct sim_port *(*port)(struct topo_world_node *node, const char *interface); /* or NULL */
    struct topo_ping *(*ping)(struct topo_world_node *node, const struct sim_ping_config *config,
                              const struct topo_ping_listener *listener);
    void (*free)(struct topo_world_node *node);
};

extern const struct topo_node_ops topo_node_simulated;
extern const struct topo_node_ops topo_node_outside; /* outside.c */

struct topo_world {
    const struct topo_model *model;
    struct sim_world *sim;
    struct crypto_context *crypto;
    struct crypto_context *own_crypto; /* NULL: borrowed */
    struct sim_internet *internet;
    struct sim_attacker *attacker; /* NULL: none */
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

    struct netns_session *session; /* NULL: simulated, and nothing of what follows */
    struct netns_loop *loop;
    topo_engine_start_fn *strongswan;
    bool interrupted;
    char *error; /* the first thing that could not be built; NULL: all stands */
};

/* What a tunnel of the model is for the engine. The pointers in it are the model's and `networks`',
 * which has room for 2 * TOPO_CIDRS_MAX. */
void topo_peer_config(const struct topo_gateway *gateway, const struct topo_tunnel *tunnel,
                      struct net_prefix *networks, struct ike_peer_config *out);

/* Tunnels and behaviour of a running simulated gateway. In world_change.c. */
void topo_change_tunnels(struct sim_gateway *gateway, const struct topo_gateway *before,
                         const struct topo_gateway *after);

enum sim_stack_rp_filter topo_rp_filter_of(enum topo_rp_filter rp_filter);

/* A gateway of the model, and what it is plugged into. In world_gateway.c. */
void topo_add_gateway(struct topo_world *world, const struct topo_vdc *vdc);

struct topo_world_node *topo_add_node(struct topo_world *world, const char *name);
uint16_t topo_mtu_of(const struct topo_impairment *link);
struct sim_switch *topo_switch_of(struct topo_world *world, const struct topo_vdc *vdc,
                                  uint32_t id);
/* Adds an interface to the node, which is a namespace from then on; NULL, and the world has failed. */
struct sim_port *topo_make_outside(struct topo_world *world, struct topo_world_node *node,
                                   const char *interface, const struct net_prefix *address,
                                   uint16_t mtu);
/* Keeps the first error of building; takes the text. */
void topo_world_fail(struct topo_world *world, char *error);

/* Our own engine, in the node's simulated gateway. In engine_builtin.c. */
struct topo_engine *topo_engine_builtin_new(struct topo_world_node *node);

/* For a gateway outside in which somebody else runs whatever it is. In engine_external.c. */
struct topo_engine *topo_engine_external_new(const struct topo_world_node *node);

/* Waits until every engine is ready, then begins the time. In realtime.c, as is the step. */
void topo_realtime_begin(struct topo_world *world);
bool topo_realtime_step(struct topo_world *world, base_ns limit);

/* Puts the model's rules on the internet in place of those that are there. */
void topo_firewall_set(struct topo_world *world, const struct topo_internet *model);

/* Points all nodes into `model`, which has the same nodes in the same order. */
void topo_world_set_model(struct topo_world *world, const struct topo_model *model);

#endif
