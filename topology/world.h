/*
 * A world of simulated nodes, built from the model: LANs as switches, hosts, gateways with their
 * tunnels, the internet between. Owns everything in it and drives it in virtual time.
 *
 * Names are those of the scenario language: hosts by their own, gateways `<vdc>-gw`, links `internet`
 * and `<vdc>/<lan>`, capture points `<host>:eth0`, `<vdc>-gw:lan<id>`, `<vdc>-gw:wan`,
 * `<vdc>-gw:<tunnel>` and `internet`. MAC addresses are 02:00:00:00:<node>:<port>.
 */
#ifndef TOPOLOGY_WORLD_H
#define TOPOLOGY_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "topology/model.h"

struct crypto_context;
struct sim_gateway;
struct sim_host;
struct sim_link;
struct sim_port;
struct sim_stack;
struct sim_tap;
struct sim_world;
struct topo_world;

struct topo_world_options {
    uint64_t seed;
    struct crypto_context
        *crypto;  /* borrowed, reused over many worlds; NULL: the world makes one */
    bool journal; /* whether records are kept: topo_world_sim()->journal */
};

/* What was left over when a world was freed; all zero in a sound program. */
struct topo_leaks {
    size_t packets;
    size_t timers;
};

/*
 * Builds the world of a model that topology/check.h found no error in. The model is borrowed and must
 * outlive the world. Nothing has happened yet: gateways start at time 0, when the world first runs.
 */
struct topo_world *topo_world_new(const struct topo_model *model,
                                  const struct topo_world_options *options);
struct topo_leaks topo_world_free(struct topo_world *world);

struct sim_world *topo_world_sim(struct topo_world *world);
base_ns topo_world_now(const struct topo_world *world);
/* Runs all that happens up to and at `until`, and leaves the clock there. */
void topo_world_run_until(struct topo_world *world, base_ns until);
/* Runs the next event if it lies at or before `limit`; false where there is none. */
bool topo_world_step(struct topo_world *world, base_ns limit);

/* A node that stands in a world: one of `host` and `gateway` is set, as in its model. */
struct topo_world_node {
    const char *name;
    struct topo_node model;
    struct sim_host *host;
    struct sim_gateway *gateway;
    struct sim_stack *stack;
    net_ip4 address; /* a host's own; a gateway's in its first LAN */
    bool running;
};

size_t topo_world_node_count(const struct topo_world *world);
/* Nodes stand in the order of the file: each VDC's hosts, then its gateway. */
struct topo_world_node *topo_world_node_at(struct topo_world *world, size_t index);
struct topo_world_node *topo_world_node(struct topo_world *world,
                                        const char *name); /* NULL: none */
struct sim_gateway *topo_world_gateway(struct topo_world *world, const char *name);

/*
 * What `to` means for a ping from node `from`: a node's name (topo_node_address of model.h) or an IPv4
 * address in dotted form.
 */
bool topo_world_address(const struct topo_world *world, const char *from, const char *to,
                        net_ip4 *address);

/* `ip route add|del <to> via <via>` on a host or a gateway's main table; false where it fails. */
bool topo_world_route_add(struct topo_world *world, const char *node, const struct net_prefix *to,
                          net_ip4 via);
bool topo_world_route_remove(struct topo_world *world, const char *node,
                             const struct net_prefix *to);

/* Power of a node: stop is off at once, start is on again, restart is both in one moment. */
bool topo_world_stop(struct topo_world *world, const char *node);
bool topo_world_start(struct topo_world *world, const char *node);
bool topo_world_restart(struct topo_world *world, const char *node);

/*
 * Links, on which faults are put: `internet` and the LANs, in the order of the file, the internet last. The
 * node of a direction is sim_stack_node() of the topo_world_node's stack.
 */
size_t topo_world_link_count(const struct topo_world *world);
struct sim_link *topo_world_link_at(struct topo_world *world, size_t index);
struct sim_link *topo_world_link(struct topo_world *world, const char *name); /* NULL: none */

/*
 * Hangs `tap` (borrowed, outlives the world) on the capture point of that name (topo_find_point of
 * model.h); false where there is none. A tap hangs on one point only.
 */
bool topo_world_tap(struct topo_world *world, const char *point, struct sim_tap *tap);

#endif
