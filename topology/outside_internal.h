/* The insides of a node outside, for outside*.c alone. */
#ifndef TOPOLOGY_OUTSIDE_INTERNAL_H
#define TOPOLOGY_OUTSIDE_INTERNAL_H

#include "netns/loop.h"
#include "netns/netns.h"
#include "sim/journal.h"
#include "sim/node.h"
#include "topology/outside.h"
#include "topology/world_internal.h"

enum {
    OUTSIDE_PORTS_MAX = 16, /* a gateway's LANs (TOPO_CONNECTIONS_MAX) and its wan */
    OUTSIDE_KIN_MAX = 64,   /* packets brought to the kernel whose answers are still recognised */
    OUTSIDE_COUNTS_MAX = 16,
};

struct outside_port {
    struct sim_port port;
    struct netns_watch watch; /* of the TAP device */
    struct topo_outside *owner;
    net_ip4 address;
};

/* A packet that was given to the kernel: what it sends about it is a child of this. */
struct outside_kin {
    uint64_t packet;
    net_ip4 src, dst;
    uint16_t ip_id;
    uint16_t echo_id, sequence;
    bool is_echo;
};

struct outside_count {
    net_ip4 to;
    uint64_t first, last;
    uint64_t number;
    base_ns last_at; /* when the last one left the namespace */
};

struct topo_outside {
    struct sim_node node;
    struct netns *netns;
    struct netns_loop *loop;
    struct outside_port *ports[OUTSIDE_PORTS_MAX];
    size_t port_count;
    bool on;
    bool forwards;
    uint8_t *frame; /* room for what comes out of a device */
    struct outside_kin kin[OUTSIDE_KIN_MAX];
    size_t kin_next;
    struct outside_count counts[OUTSIDE_COUNTS_MAX];
    size_t count_next;
};

/* What has been counted since topo_outside_count_requests(); NULL: nothing is. */
const struct outside_count *outside_counted(const struct topo_outside *outside, net_ip4 to);

/*
 * Notes in the journal what a frame is that the kernel was given. Or why it drops it, and nothing is noted, as far as
 * that is certain: it is for somebody else, but at our MAC address, and a host forwards nothing (RFC 1122, 3.2.1.3), or
 * a link has damaged it. NONE: it takes it, or who knows.
 */
enum sim_reason outside_note_in(struct topo_outside *outside, const struct outside_port *port,
                                const struct sim_packet *packet);
/* The same of a frame from the kernel. Before the packet is sent: it may be given a parent. */
void outside_note_out(struct topo_outside *outside, const struct outside_port *port,
                      struct sim_packet *packet);

/* The system's ping in the node's namespace. */
struct topo_ping *outside_ping(struct topo_world_node *node, const struct sim_ping_config *config,
                               const struct topo_ping_listener *listener);

#endif
