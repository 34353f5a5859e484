/* The short paths of the event queue, inlined into their callers. Only queue.h includes this file.
 */
#ifndef SIM_QUEUE_INLINE_H
#define SIM_QUEUE_INLINE_H

#include <assert.h>

static inline unsigned sim_queue_bucket(uint64_t base, uint64_t at)
{
    return at == base ? 0 : 64 - (unsigned)__builtin_clzll(at ^ base);
}

static inline void sim_queue_append(struct sim_queue *queue, unsigned bucket,
                                    struct sim_event *event)
{
    struct sim_event_list *head = &queue->buckets[bucket];
    event->link.next = head;
    event->link.prev = head->prev;
    head->prev->next = &event->link;
    head->prev = &event->link;
    queue->occupied |= bucket ? (uint64_t)1 << (bucket - 1) : 0;
}

static inline void sim_queue_unlink(struct sim_event *event)
{
    event->link.prev->next = event->link.next;
    event->link.next->prev = event->link.prev;
    event->link.next = NULL;
}

static inline void sim_queue_schedule(struct sim_queue *queue, struct sim_event *event, base_ns at)
{
    assert(event->link.next == NULL && event->run);
    assert(at >= 0 && (uint64_t)at >= queue->base);
    event->at = at;
    sim_queue_append(queue, sim_queue_bucket(queue->base, (uint64_t)at), event);
    queue->pending++;
}

static inline bool sim_queue_cancel(struct sim_queue *queue, struct sim_event *event)
{
    if (!sim_event_pending(event))
        return false;
    sim_queue_unlink(event); /* the bucket's bit may stay set: taking clears it */
    queue->pending--;
    return true;
}

static inline void sim_queue_reschedule(struct sim_queue *queue, struct sim_event *event,
                                        base_ns at)
{
    sim_queue_cancel(queue, event);
    sim_queue_schedule(queue, event, at);
}

#endif
