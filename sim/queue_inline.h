/* The short paths of the event queue, inlined into their callers. Only queue.h includes this file.
 */
#ifndef SIM_QUEUE_INLINE_H
#define SIM_QUEUE_INLINE_H

#include <assert.h>

static inline void sim_queue_append(struct sim_event_list *head, struct sim_event *event)
{
    event->link.next = head;
    event->link.prev = head->prev;
    head->prev->next = &event->link;
    head->prev = &event->link;
}

static inline void sim_queue_place(struct sim_queue *queue, struct sim_event *event)
{
    uint64_t at = (uint64_t)event->at;
    uint64_t difference = at ^ queue->base;
    if (!difference) {
        sim_queue_append(&queue->due, event);
        return;
    }
    unsigned level = (63 - (unsigned)__builtin_clzll(difference)) / SIM_QUEUE_DIGIT_BITS;
    unsigned slot = (at >> (level * SIM_QUEUE_DIGIT_BITS)) % SIM_QUEUE_SLOTS;
    queue->levels |= 1u << level;
    queue->slots[level] |= (uint64_t)1 << slot;
    sim_queue_append(&queue->lists[level][slot], event);
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
    sim_queue_place(queue, event);
    queue->pending++;
}

static inline bool sim_queue_cancel(struct sim_queue *queue, struct sim_event *event)
{
    if (!sim_event_pending(event))
        return false;
    sim_queue_unlink(event); /* the slot's bit may stay set: taking clears it */
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
