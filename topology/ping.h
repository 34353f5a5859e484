/*
 * A ping from a node of either kind: sim/ping.h's client in a simulated node, the system's own ping in a namespace.
 * Both are asked and heard in sim/ping.h's words.
 */
#ifndef TOPOLOGY_PING_H
#define TOPOLOGY_PING_H

#include "sim/ping.h"

struct topo_ping;
struct topo_world_node;

struct topo_ping_listener {
    void *context;
    /* For each line that ping prints about a reply or an error; may be NULL. */
    void (*line)(void *context, const struct sim_ping_line *line);
    /* Once, at the end. The ping may be freed in it. May be NULL. */
    void (*done)(void *context);
};

/* Part of each kind of ping, for those who make one. */
struct topo_ping_ops {
    void (*stop)(struct topo_ping *ping);
    void (*free)(struct topo_ping *ping);
    const struct sim_ping_statistics *(*statistics)(const struct topo_ping *ping);
};
struct topo_ping {
    const struct topo_ping_ops *ops;
    struct topo_ping_listener listener;
};

/* NULL: it cannot be run there (a program that is missing), and `done` is not called. */
struct topo_ping *topo_ping_start(struct topo_world_node *from,
                                  const struct sim_ping_config *config,
                                  const struct topo_ping_listener *listener);
void topo_ping_stop(struct topo_ping *ping); /* no more requests: done now, `done` is called */
void topo_ping_free(struct topo_ping *ping); /* at any time; without `done` */
const struct sim_ping_statistics *topo_ping_statistics(const struct topo_ping *ping);

#endif
