/*
 * A node outside this process: a network namespace whose interfaces are TAP devices, and whose
 * stack is the kernel's. In the world it is a node like any other: what its links bring goes to the
 * devices, what the kernel sends goes into the links.
 *
 * The journal has what it can see from here: frames in and out, what was delivered to an address of
 * the node's, echo requests and replies as they are born (sim/journal.h). What the kernel decides
 * inside is its own.
 */
#ifndef TOPOLOGY_OUTSIDE_H
#define TOPOLOGY_OUTSIDE_H

#include "net/prefix.h"
#include "sim/node.h"

struct netns;
struct netns_loop;
struct netns_session;
struct topo_outside;

struct topo_outside_config {
    const char *name; /* the node's */
    struct netns_session *session;
    struct netns_loop *loop;
};

/* A namespace without any interface but lo. NULL with *error set (to be freed) where it cannot be made. */
struct topo_outside *topo_outside_new(struct sim_world *world,
                                      const struct topo_outside_config *config, char **error);
/* Kills what runs in it. Pings end before. */
void topo_outside_free(struct topo_outside *outside);

/*
 * Adds an interface with its own address in its subnet, up: its port belongs to the node and is to be plugged in by the
 * caller. NULL with *error set where it cannot be made.
 */
struct sim_port *topo_outside_add(struct topo_outside *outside, const char *name,
                                  const struct net_prefix *address, uint16_t mtu, char **error);

/* A default route by that interface, whether or not the next hop lies in its subnet. False with
 * *error set (to be freed) where the kernel refuses it. */
bool topo_outside_set_default_route(struct topo_outside *outside, const char *interface,
                                    net_ip4 via, char **error);

struct sim_node *topo_outside_node(struct topo_outside *outside);
struct netns *topo_outside_netns(struct topo_outside *outside);
struct netns_loop *topo_outside_loop(struct topo_outside *outside);
struct sim_port *topo_outside_port(struct topo_outside *outside, const char *name); /* or NULL */

/* Off: its cables are out, and the kernel forgets its neighbours; addresses and routes stay. */
void topo_outside_power(struct topo_outside *outside, bool on);

/*
 * The ids of the echo requests that the node sends to `to`, for whoever sends them: the first and
 * the last one since the counting began. 0: none.
 */
void topo_outside_count_requests(struct topo_outside *outside, net_ip4 to);
void topo_outside_requests(const struct topo_outside *outside, net_ip4 to, uint64_t *first,
                           uint64_t *last);

#endif
