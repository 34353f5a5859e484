/*
 * Nodes and their ports. A node is whatever takes and gives Ethernet frames at its ports: host,
 * gateway, switch, internet. Kinds of nodes embed struct sim_node and find themselves with
 * SIM_OWNER.
 */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/packet.h"

struct base_warm;
struct sim_pipe;
struct sim_port;
struct sim_tap;
struct sim_warm_list;
struct sim_world;

struct sim_node {
    struct sim_world *world;
    /* Takes a frame that came in at `port`; the packet is the node's from here on. */
    void (*receive)(struct sim_node *node, struct sim_port *port, struct sim_packet *packet);
    char *name;      /* owned */
    uint16_t id;     /* from 1, in order of creation: what the journal records */
    uint64_t *drops; /* counts by enum sim_reason (sim_world_drops); NULL: none yet. Owned. */
    /* Adds what a frame that comes in at the port of this index will touch (sim/warm.h); NULL: nothing. */
    void (*list_memory)(struct sim_node *node, uint16_t port, struct base_warm *set);
};

/* Registers the node under a copy of `name`; the caller fills in `receive`. At most 65,534 nodes a
 * world. */
void sim_node_init(struct sim_node *node, struct sim_world *world, const char *name);
void sim_node_fini(struct sim_node *node);

struct sim_port {
    struct sim_node *node;
    char *name;     /* owned: eth0, lan1, wan */
    uint16_t index; /* the node's own number for it, from 0 */
    uint16_t mtu; /* largest IP packet, for the node's stack: the port itself does not enforce it */
    uint8_t mac[6];
    bool promiscuous;           /* the node also receives unicast frames to other addresses */
    struct sim_pipe *out;       /* NULL: nothing is plugged in, frames sent are dropped */
    struct sim_tap *taps;       /* who captures here; NULL: nobody */
    struct sim_warm_list *list; /* sim/warm.h's; NULL: none yet */
};

/*
 * The MAC address is made of node id and index: 02:74:62:<id>:<id>:<index>, so it repeats from run
 * to run. It may be overwritten before the first frame. The port is plugged in by sim_switch_attach
 * or sim_internet_attach.
 */
void sim_port_init(struct sim_port *port, struct sim_node *node, const char *name, uint16_t index,
                   uint16_t mtu);
void sim_port_fini(struct sim_port *port);

/* Sends a frame (from the destination address on); takes the packet. Its secpath is cleared,
 * and what an attacker injected is the sender's from here on. */
void sim_port_send(struct sim_port *port, struct sim_packet *packet);

/*
 * A frame arrives at the port: taps see it, then the node receives it; a frame for another unicast
 * address is seen by the taps and freed unless the port is promiscuous. Called by links; takes the
 * packet.
 */
void sim_port_deliver(struct sim_port *port, struct sim_packet *packet);

#endif
