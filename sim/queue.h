/*
 * The event queue: events in the total order (time, sequence of scheduling). A radix heap (Ahuja,
 * Mehlhorn, Orlin, Tarjan 1990) on 64-bit times with digits of six bits and intrusive lists, which
 * is a hierarchical timing wheel without ticks: scheduling and cancelling are constant, and an
 * event moves at most once a digit until it runs. It is monotone: nothing is ever scheduled before
 * the event that ran last, which is what a clock means. Events live inside their owners: the queue
 * allocates nothing.
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"

struct sim_event;
struct sim_world;

/* What happens at an event's time. The event is already off the queue: it may be scheduled again or
 * freed. */
typedef void sim_event_fn(struct sim_world *world, struct sim_event *event);

struct sim_event_list {
    struct sim_event_list *next, *prev; /* circular; next NULL: in no list */
};

/* Part of its owner (found with SIM_OWNER). All zero but `run` is a valid idle event. */
struct sim_event {
    struct sim_event_list link; /* the queue's */
    base_ns at;                 /* due, while pending */
    sim_event_fn *run;
};

/* The struct of `type` whose field `member` the event (or any other part) is. */
#define SIM_OWNER(part, type, member) ((type *)(void *)((char *)(part)-offsetof(type, member)))

#define SIM_QUEUE_DIGIT_BITS 6
#define SIM_QUEUE_SLOTS 64
#define SIM_QUEUE_LEVELS 11 /* digits of a time of 63 bits */

/*
 * An event due at the base itself is in `due`. Any other is at the level of the highest digit in
 * which its time differs from the base, in the slot of that digit's value. So events of equal times
 * are always in one list, in the order of scheduling.
 */
struct sim_queue {
    uint64_t base;   /* no pending event is earlier, no clock is behind */
    uint32_t levels; /* bit l: level l may have events */
    size_t pending;
    struct sim_event_list due;
    uint64_t slots[SIM_QUEUE_LEVELS]; /* bit s: slot s of that level may have events */
    struct sim_event_list lists[SIM_QUEUE_LEVELS][SIM_QUEUE_SLOTS];
};

void sim_queue_init(struct sim_queue *queue);

static inline void sim_event_init(struct sim_event *event, sim_event_fn *run)
{
    *event = (struct sim_event){.run = run};
}

static inline bool sim_event_pending(const struct sim_event *event)
{
    return event->link.next != NULL;
}

/* Adds an idle event, due at `at`, which is not before the last event taken. */
static inline void sim_queue_schedule(struct sim_queue *queue, struct sim_event *event, base_ns at);

/* Takes an event off; nothing happens where it is not pending. True where it was. */
static inline bool sim_queue_cancel(struct sim_queue *queue, struct sim_event *event);

/* Cancel, if pending, and schedule: the event goes behind those already due at `at`. */
static inline void sim_queue_reschedule(struct sim_queue *queue, struct sim_event *event,
                                        base_ns at);

/* Takes the first event off where it is due at `limit` or before; NULL else, and then the queue is
 * as it was. */
struct sim_event *sim_queue_take(struct sim_queue *queue, base_ns limit);

/* The time of the first event, or BASE_NEVER. Changes nothing. Linear in the events of one slot.
 */
base_ns sim_queue_next(const struct sim_queue *queue);

/* Calls `visit` for every pending event, in no order; it may cancel the event it is given and no
 * other. */
void sim_queue_each(struct sim_queue *queue, void (*visit)(struct sim_event *event, void *context),
                    void *context);

#include "sim/queue_inline.h"

#endif
