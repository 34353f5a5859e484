/*
 * A world built from the model: LANs as switches, hosts, gateways with their tunnels, the internet between. Owns
 * everything in it. Links are always ours, and so are faults and captures. Nodes are of two kinds:
 *
 * simulated    all of them, and virtual time: a clock that jumps from event to event;
 * namespaces   hosts are Linux network namespaces with a TAP device at the end of each link,
 *              gateways our simulated ones or (`engine: strongswan`) namespaces too. Time is the
 *              real monotonic clock, 0 when all is built.
 *
 * Names are those of the scenario language: hosts by their own, gateways `<vdc>-gw`, links `internet`
 * and `<vdc>/<lan>`, capture points `<host>:eth0`, `<vdc>-gw:lan<id>`, `<vdc>-gw:wan`,
 * `<vdc>-gw:<tunnel>` and `internet`.
 *
 * An internet of kind `routed` gives each gateway its public address as a /32 and a default route to the
 * access router; its MTU lies in the middle of the path, the gateways' wan ports have 1500. A `segment`
 * is one Ethernet segment: gateways have an address in its subnet and no default route, and its MTU
 * is that of their wan ports too. A LAN's MTU is that of all ports in it. Behind a NAT router a gateway has the private
 * address on wan, and a default route to the router on either kind of internet.
 */
#ifndef TOPOLOGY_WORLD_H
#define TOPOLOGY_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "topology/engine.h"
#include "topology/model.h"

struct crypto_context;
struct netns_session;
struct sim_gateway;
struct sim_host;
struct sim_link;
struct sim_nat;
struct sim_node;
struct sim_port;
struct sim_stack;
struct sim_stack_route;
struct sim_tap;
struct sim_world;
struct topo_engine;
struct topo_node_ops;
struct topo_outside;
struct topo_world;
struct topo_world_node;

struct topo_world_options {
    uint64_t seed;
    struct crypto_context *crypto; /* borrowed, serves many worlds; NULL: the world makes one */
    bool journal;                  /* whether records are kept, see sim/journal.h */
    struct netns_session *session; /* borrowed: a world of namespaces. NULL: a simulated one */
    topo_engine_start_fn
        *strongswan; /* what makes gateways of `engine: strongswan`; NULL: nobody does */
    bool attacker;   /* whether somebody injects packets */
};

/* What was left over when a world was freed; all zero in a sound program. */
struct topo_leaks {
    uint64_t packets;
    uint64_t timers;
};

/*
 * Builds the world of a model that topology/check.h found no error in. The model is borrowed and must
 * outlive the world. Time is 0 and nothing has moved yet; all nodes are on. What a user could really
 * set up wrong is built as wrong as it is: a route that Linux would refuse is not there.
 */
struct topo_world *topo_world_new(const struct topo_model *model,
                                  const struct topo_world_options *options);
/* The same where it may fail, as namespaces may: NULL with *error set (to be freed), and nothing is left of it. */
struct topo_world *topo_world_try_new(const struct topo_model *model,
                                      const struct topo_world_options *options, char **error);
/* Pings and flows end before. What is in flight is dropped and counts as no leak. */
struct topo_leaks topo_world_free(struct topo_world *world);

struct sim_world *topo_world_sim(struct topo_world *world);
base_ns topo_world_now(const struct topo_world *world);
/* Runs all that happens up to and at `until`, and leaves the clock there. */
void topo_world_run_until(struct topo_world *world, base_ns until);
/*
 * Runs the next event if it lies at or before `limit`; false where there is none. In real time it waits for that event,
 * or for something to come in from outside, a quarter of a second at most: true then too, unless `limit` has come or
 * the world was interrupted.
 */
bool topo_world_step(struct topo_world *world, base_ns limit);

/* The name of the network namespace that the node is; NULL: it is none. */
const char *topo_world_namespace(const struct topo_world_node *node);
bool topo_world_is_real(const struct topo_world *world);
/* Real time: a signal to end has come (netns/session.h). The world stands still from then on. */
bool topo_world_interrupted(const struct topo_world *world);

/*
 * A node that stands in a world: a host or a gateway as in its model, and simulated or outside. A
 * gateway, of either kind, has an engine.
 */
struct topo_world_node {
    const char *name;
    struct topo_node model;
    struct sim_node *sim;         /* what the journal, drops and faults know it by */
    struct sim_host *host;        /* simulated hosts */
    struct sim_gateway *gateway;  /* simulated gateways */
    struct sim_stack *stack;      /* of either; NULL: outside */
    struct topo_outside *outside; /* its namespace; NULL: simulated */
    struct topo_engine *engine;   /* gateways */
    const struct topo_node_ops *ops;
    bool running;
};

size_t topo_world_node_count(const struct topo_world *world);
/* Nodes stand in the order of the file: each VDC's hosts, then its gateway. */
struct topo_world_node *topo_world_node_at(struct topo_world *world, size_t index);
struct topo_world_node *topo_world_node(struct topo_world *world, const char *name); /* or NULL */
struct sim_gateway *topo_world_gateway(struct topo_world *world,
                                       const char *name); /* simulated ones; or NULL */
struct topo_engine *topo_world_engine(struct topo_world *world, const char *name); /* or NULL */

/*
 * What `to` means for a ping from node `from`: a node's name (topo_node_address of model.h) or an IPv4
 * address in dotted form. False where it is neither.
 */
bool topo_world_address(struct topo_world *world, const char *from, const char *to,
                        net_ip4 *address);

/* The way from a node to an address, as `ip route get` says; false where it has none. Outside,
 * tables, interfaces, tags and MTUs are not filled in. */
bool topo_world_route_get(struct topo_world *world, const char *node, net_ip4 to,
                          struct sim_stack_route *out);

/* `ip route add <to> via <via>` in a node's main table: 0, or what Linux would refuse it with: -EEXIST (there is one to
 * this network), -ENETUNREACH (the next hop is not on link), -ENOENT (no such node). */
int topo_world_route_add(struct topo_world *world, const char *name, const struct net_prefix *to,
                         net_ip4 via);
/* `ip route del <to>`; false where Linux would refuse it. */
bool topo_world_route_remove(struct topo_world *world, const char *name,
                             const struct net_prefix *to);

/*
 * Changes the running world to `after` (borrowed from then on; the model before is let go), as saves in
 * the console and commands on hosts would: tunnels (one that changed is taken down and set up anew),
 * behaviour, host routes, links. NULL, or in a few words what it cannot change while it runs ("the
 * number of hosts"), and nothing is changed then. Routes that a step added or removed stay as they are.
 */
const char *topo_world_change(struct topo_world *world, const struct topo_model *after);

/* What stands in the way of such a change, in the same words; NULL: nothing. */
const char *topo_world_cannot_change(const struct topo_model *before,
                                     const struct topo_model *after);

/*
 * Power of a node: stop is off at once, start is on again, restart is both in one moment. Pings and flows of a
 * node that is stopped end before. False where there is no such node.
 */
bool topo_world_stop(struct topo_world *world, const char *node);
bool topo_world_start(struct topo_world *world, const char *node);
bool topo_world_restart(struct topo_world *world, const char *node);
/* A gateway's active unit dies, and its standby takes over: sim_gateway_fail() and its neighbour. */
bool topo_world_lose_unit(struct topo_world *world, const char *gateway, bool warm);
bool topo_world_take_over(struct topo_world *world, const char *gateway);

/* The link `internet` or `<vdc>/<lan>`, for faults (sim/link.h); NULL where there is none. */
struct sim_link *topo_world_link(struct topo_world *world, const char *name);

/* The NAT router of that name, `<vdc>-gw-nat`; NULL where there is none. */
struct sim_nat *topo_world_nat(struct topo_world *world, const char *name);

/* The node whose frames are what `name` sends onto the link of that name, for faults of one direction. */
struct sim_node *topo_world_sender(struct topo_world *world, const char *link, const char *name);

/*
 * Hangs `tap` (borrowed, outlives the world) on the capture point of that name (topo_find_point of
 * model.h); false where there is none. A tap hangs on one point only.
 */
bool topo_world_tap(struct topo_world *world, const char *point, struct sim_tap *tap);

/* What can come of topo_world_inject. */
enum topo_injected {
    TOPO_INJECTED,
    TOPO_INJECT_NO_POINT, /* no interface and no `internet` of that name */
    TOPO_INJECT_NO_TAKER, /* nobody on the segment has its destination address */
};

/*
 * An attacker's IPv4 packet (sim/attacker.h), `line` being where the scenario says so. At
 * `internet` it enters the path towards its destination, on a segment in a frame to the gateway or
 * NAT router of that address. At an interface it comes in there, as from the next router or another
 * station. Only where options.attacker was set.
 */
enum topo_injected topo_world_inject(struct topo_world *world, const char *point, const uint8_t *ip,
                                     size_t size, uint32_t line);

/*
 * Whether every outbound SA of every running gateway has its inbound twin at the gateway that it leads
 * to, with the same SPI, algorithms and keys. Calls `unpaired` (may be NULL) for each that has none, in the
 * order of nodes and SAs; returns how many there are. True answers are to be had when nothing is under
 * way, see topo_world_quiet(). A peer address that is no gateway of this world has no twin.
 */
struct esp_sa;
typedef void topo_unpaired_fn(void *context, const struct topo_world_node *gateway,
                              const struct esp_sa *sa);
size_t topo_world_pairing(struct topo_world *world, topo_unpaired_fn *unpaired, void *context);

/* True when no gateway's engine has an exchange under way or an SA that waits for its end. */
bool topo_world_quiet(struct topo_world *world);

#endif
