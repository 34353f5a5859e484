/*
 * A flow of UDP datagrams at a constant rate from one stack to another: what was delivered, lost,
 * reordered, and how long it took. Each datagram carries its number and the time when it was sent.
 *
 * Reordered: as RFC 4737 section 3 counts (a datagram whose number is less than one already
 * received). Duplicates are found among the last SIM_TRAFFIC_WINDOW numbers. What arrives after the
 * end is not counted.
 */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include "sim/stack.h"

struct sim_traffic;

#define SIM_TRAFFIC_SIZE_MIN 32 /* bytes of payload: flow, number, time */
#define SIM_TRAFFIC_WINDOW 4096

struct sim_traffic_config {
    net_ip4 to;
    net_ip4 from;        /* 0: the route's */
    uint16_t port;       /* at the receiver; 0: 5001 */
    uint64_t rate_bps;   /* bits a second of UDP payload; not 0 */
    uint32_t size;       /* bytes of UDP payload, SIM_TRAFFIC_SIZE_MIN at least */
    base_ns duration_ns; /* datagrams are sent during [0, duration) */
    base_ns timeout_ns;  /* waits so long after the last one was sent */
    uint8_t tos;
    enum sim_stack_df df;
};

struct sim_traffic_statistics {
    uint64_t sent;      /* datagrams; those refused locally are sent and lost */
    uint64_t refused;   /* of these: no route, too long */
    uint64_t delivered; /* without duplicates */
    uint64_t duplicates;
    uint64_t reordered;
    uint64_t lost;                                          /* sent - delivered, once done */
    base_ns latency_min_ns, latency_avg_ns, latency_max_ns; /* one way, of those delivered */
    base_ns started_at, ended_at;
    uint64_t first_packet, last_packet; /* ids of datagrams sent; 0: none */
    bool done;
};

/*
 * Starts at once. `receiver` is the stack that has the address `to`, or NULL: then nobody listens.
 * `done` (may be NULL) is called once at the end; the flow may be freed in it. It ends when all came
 * or `timeout_ns` after the last one was sent.
 */
struct sim_traffic *sim_traffic_start(struct sim_stack *sender, struct sim_stack *receiver,
                                      const struct sim_traffic_config *config,
                                      void (*done)(void *context, struct sim_traffic *traffic),
                                      void *context);
/* An end of a flow that is no stack of ours, but a socket of the kernel's. */
struct sim_traffic_outside {
    void *context;
    /* Binds a UDP port on all addresses, 0 or taken: another one. Returns it, 0 where that cannot
     * be, and the context is let go. What comes in for it is given to sim_traffic_take. */
    uint16_t (*bind)(void *context, struct sim_traffic *traffic, uint16_t port);
    void (*unbind)(void *context); /* the last call */
    /* False where the kernel refuses it. */
    bool (*send)(void *context, const struct sim_stack_udp *how, const uint8_t *data, size_t size);
    /* The ids of the first and the last packet that were sent; 0: none. Before unbind. */
    void (*packets)(void *context, uint64_t *first, uint64_t *last);
};

/* One of both, or neither: nobody listens there. */
struct sim_traffic_end {
    struct sim_stack *stack;
    const struct sim_traffic_outside *outside; /* copied */
};

/* The same between ends of either kind; NULL where one cannot be bound. */
struct sim_traffic *
sim_traffic_start_between(struct sim_world *world, const struct sim_traffic_end *sender,
                          const struct sim_traffic_end *receiver,
                          const struct sim_traffic_config *config,
                          void (*done)(void *context, struct sim_traffic *traffic), void *context);
/* A datagram has come in at a receiver outside: its payload, and the port it was sent from. */
void sim_traffic_take(struct sim_traffic *traffic, uint16_t from_port, const uint8_t *data,
                      size_t size);

void sim_traffic_stop(struct sim_traffic *traffic); /* done now */
void sim_traffic_free(struct sim_traffic *traffic); /* at any time; without `done` */

const struct sim_traffic_statistics *sim_traffic_statistics(const struct sim_traffic *traffic);

#endif
