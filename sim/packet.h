/*
 * A packet in the simulated world: bytes with room before and behind, an identity, and the event of
 * its flight, so that a packet on its way needs no allocation. Packets come from freelists by size;
 * their bytes are never cleared (whoever puts bytes writes all of them).
 *
 * Identity: ids rise strictly in the order of birth, from 1. `parent` is the id of what the packet
 * was made of: an ESP packet's is what it sealed, a reply's is the request, a copy's and a
 * fragment's is the original, an ICMP error's is what it is about. 0: born of nothing.
 */
#ifndef SIM_PACKET_H
#define SIM_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "sim/queue.h"

#define SIM_PACKET_HEADROOM 192 /* bytes before a new packet's first byte */
#define SIM_PACKET_TAILROOM                                                                        \
    160 /* at least so many behind the size asked for: an ESP trailer with the largest ICV */
#define SIM_PACKET_SIZE_MAX 65600 /* an IPv4 packet of the largest size in an Ethernet frame */

enum sim_packet_class {
    SIM_PACKET_TINY,  /* 512 bytes of memory: a ping, an IKE liveness check */
    SIM_PACKET_SMALL, /* 2 KiB: an Ethernet frame of 1,500 */
    SIM_PACKET_LARGE, /* 65,952 bytes: a reassembled packet */
    SIM_PACKET_CLASSES
};

struct sim_packet;

/* What a packet in flight arrives at: embedded in a pipe, a cloud, a stack's own queue. */
struct sim_carrier {
    void (*arrive)(struct sim_carrier *carrier, struct sim_packet *packet); /* takes the packet */
};

struct sim_packet {
    struct sim_event flight;     /* pending while the packet flies */
    struct sim_carrier *carrier; /* whose flight it is */
    struct sim_packet *next;     /* for whoever holds the packet; NULL when handed over */
    uint64_t id, parent;
    struct base_buffer bytes; /* at ports and links an Ethernet frame from its destination address
                                 on; inside a node as the node likes */
    uint32_t secpath_reqid; /* the policy's reqid of the SA that the packet came out of; 0: it came
                               in clear */
    uint32_t secpath_spi;
    uint32_t path_mtu; /* scratch of the stack and of the internet: never read across a link */
    uint32_t hop; /* scratch of the internet: where the crossing ends; never read across a link */
    struct sim_world *world; /* whose pool it came from */
    uint8_t size_class;      /* enum sim_packet_class */
    bool damaged;            /* a link turned bits of it */
    bool injected; /* on its way from an attacker (sim/attacker.h) to whoever takes it first */
    bool live;     /* false on a freelist */
};

struct sim_packet_pool {
    struct sim_packet *free[SIM_PACKET_CLASSES];
    uint64_t last_id;
    uint64_t live;     /* packets out: the leak check */
    uint64_t live_max; /* the most there ever were */
};

/*
 * A packet of no bytes with SIM_PACKET_HEADROOM before them and room for size_max bytes and
 * SIM_PACKET_TAILROOM behind; size_max at most SIM_PACKET_SIZE_MAX. Its owner frees it or hands it
 * on.
 */
struct sim_packet *sim_packet_new(struct sim_world *world, uint32_t size_max, uint64_t parent);

/* A copy: the same bytes, headroom at least the standard one, secpath; a new id, parent =
 * original's id. */
struct sim_packet *sim_packet_clone(struct sim_world *world, const struct sim_packet *original);

/* Gives it back to the world that it came from (asserted), not in flight (asserted). */
void sim_packet_free(struct sim_world *world, struct sim_packet *packet);

/* Makes the packet a new one in place: new id, parent = its old id (what was sealed, opened or
 * answered in place). Journals nothing. */
void sim_packet_rebirth(struct sim_world *world, struct sim_packet *packet);

static inline uint8_t *sim_packet_data(const struct sim_packet *packet)
{
    return base_buffer_data(&packet->bytes);
}

static inline uint32_t sim_packet_size(const struct sim_packet *packet)
{
    return packet->bytes.size;
}

/*
 * Sends the packet flying: carrier->arrive gets it at `at`. Two that arrive at one time keep their
 * order. What flies when the run ends is freed by sim_world_drain.
 */
void sim_packet_fly(struct sim_world *world, struct sim_packet *packet, struct sim_carrier *carrier,
                    base_ns at);

/* True where the event is a packet's flight. */
bool sim_packet_is_flight(const struct sim_event *event);

/* FIFO of packets, linked by `next`: for pending queues. All zero is empty. */
struct sim_packet_list {
    struct sim_packet *first, *last;
    uint32_t count;
};

void sim_packet_list_push(struct sim_packet_list *list, struct sim_packet *packet);
struct sim_packet *sim_packet_list_pop(struct sim_packet_list *list); /* NULL when empty */
void sim_packet_list_free(struct sim_world *world,
                          struct sim_packet_list *list); /* frees what is in it */

void sim_packet_pool_fini(struct sim_packet_pool *pool); /* frees the freelists */

#endif
