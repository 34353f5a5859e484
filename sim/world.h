/*
 * One simulated world: clock, event queue, packet pool, journal, seed and the registry of its
 * nodes. It is passed to whatever acts in it; worlds share nothing, so several may run in one
 * process on several threads. Nothing in a world depends on addresses of memory, on a real clock or
 * on another world.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "base/vtime.h"
#include "sim/packet.h"
#include "sim/queue.h"

struct sim_journal;
struct sim_node;
struct sim_warmer;

struct sim_world {
    base_ns now;
    struct sim_packet_pool packets;
    struct sim_warmer *warmer;   /* NULL: too few nodes for one */
    struct sim_journal *journal; /* NULL: nothing is recorded. Owned. */
    uint64_t seed;
    uint64_t events;         /* that have run */
    struct sim_node **nodes; /* nodes[id]; nodes[0] is NULL; a freed node's place stays NULL */
    size_t nodes_count, nodes_capacity;
    struct sim_queue queue;
};

/* journal: whether records are kept (see sim/journal.h). */
struct sim_world *sim_world_new(uint64_t seed, bool journal);

/*
 * Frees the world. First free the nodes, switches and the internet (in any order), after
 * sim_world_drain. Packets still out are the caller's leak: asserted none.
 */
void sim_world_free(struct sim_world *world);

/* Runs the first event where it is due at `limit` or before; false (and the clock stays) else. */
bool sim_world_step(struct sim_world *world, base_ns limit);

/* Runs all events due at `time` or before; then the clock stands at `time`. */
void sim_world_run_until(struct sim_world *world, base_ns time);

static inline void sim_world_at(struct sim_world *world, struct sim_event *event, base_ns at)
{
    sim_queue_reschedule(&world->queue, event, at);
}

/* delay_ns 0 is allowed: behind all that is due now. */
static inline void sim_world_after(struct sim_world *world, struct sim_event *event,
                                   base_ns delay_ns)
{
    sim_queue_reschedule(&world->queue, event, base_ns_add(world->now, delay_ns));
}

static inline bool sim_world_cancel(struct sim_world *world, struct sim_event *event)
{
    return sim_queue_cancel(&world->queue, event);
}

/* The stream of randomness with this printf-made name: "<who>/<what for>", never used twice. */
void sim_world_rng(const struct sim_world *world, struct base_rng *rng, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The node of that name, or NULL. Linear: for setting up, not for packets. */
struct sim_node *sim_world_find(const struct sim_world *world, const char *name);

struct sim_leaks {
    uint64_t packets; /* out of the pool and not in flight on a pipe */
    uint64_t flights; /* packets in flight */
    uint64_t timers;  /* pending events that are no flights */
};

/* What is out now. At the end of a run, after all nodes let go of theirs, everything is 0. */
struct sim_leaks sim_world_leaks(struct sim_world *world);

/* Ends all flights and frees their packets: what was under way when the run ended. Other events
 * stay. */
void sim_world_drain(struct sim_world *world);

#endif
