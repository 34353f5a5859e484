/*
 * The radix heap's slow path: when nothing is due at the base, the base moves to the start of the
 * first slot of the lowest level that has events, and the slot's events are dealt out to the level
 * below, in their order; that repeats until one is due. The levels below a slot that is dealt out are
 * empty, so events of equal times keep the order of scheduling without a sequence number. In between,
 * a slot may hold events that agree with the base in that slot's digit: it is the first, so it is dealt
 * out before the take returns and anything else is scheduled.
 *
 * The base never passes the limit of a take that gives nothing: the caller's clock may stand anywhere
 * before that limit, and may yet schedule there.
 */
#include "sim/queue.h"

#define SHORT_LIST 16

static struct sim_event *event_of(struct sim_event_list *link)
{
    return SIM_OWNER(link, struct sim_event, link);
}

static bool is_empty(const struct sim_event_list *head)
{
    return head->next == head;
}

static void list_init(struct sim_event_list *head)
{
    head->next = head->prev = head;
}

void sim_queue_init(struct sim_queue *queue)
{
    *queue = (struct sim_queue){0};
    list_init(&queue->due);
    for (unsigned level = 0; level < SIM_QUEUE_LEVELS; level++) {
        for (unsigned slot = 0; slot < SIM_QUEUE_SLOTS; slot++)
            list_init(&queue->lists[level][slot]);
    }
}

static struct sim_event *take_first(struct sim_queue *queue, struct sim_event_list *head)
{
    struct sim_event *event = event_of(head->next);
    sim_queue_unlink(event);
    queue->pending--;
    return event;
}

static base_ns earliest(const struct sim_event_list *head)
{
    base_ns at = BASE_NEVER;
    for (struct sim_event_list *link = head->next; link != head; link = link->next)
        at = base_ns_min(at, event_of(link)->at);
    return at;
}

/* The first list beyond `due` that has events, or NULL; its level in *level. Cancelling leaves bits
 * of empty slots behind: they are cleared here. */
static struct sim_event_list *first_list(struct sim_queue *queue, unsigned *level)
{
    while (queue->levels) {
        *level = (unsigned)__builtin_ctz(queue->levels);
        uint64_t *slots = &queue->slots[*level];
        while (*slots) {
            struct sim_event_list *head = &queue->lists[*level][__builtin_ctzll(*slots)];
            if (!is_empty(head))
                return head;
            *slots &= *slots - 1;
        }
        queue->levels &= queue->levels - 1;
    }
    return NULL;
}

static unsigned slot_of(const struct sim_event_list *link, unsigned shift)
{
    const struct sim_event *event = (const void *)link;
    return ((uint64_t)event->at >> shift) % SIM_QUEUE_SLOTS;
}

static void insert_behind(struct sim_event_list *place, struct sim_event_list *link)
{
    link->prev = place;
    link->next = place->next;
    place->next->prev = link;
    place->next = link;
}

/*
 * Deals front..back out from both ends at once: two chains of cache misses side by side instead of one
 * of twice the length. In slot s, both ends' next event goes behind middles[s].
 */
static uint64_t deal_both_ends(struct sim_event_list *lists, unsigned shift,
                               struct sim_event_list *front, struct sim_event_list *back)
{
    struct sim_event_list *middles[SIM_QUEUE_SLOTS];
    for (unsigned slot = 0; slot < SIM_QUEUE_SLOTS; slot++)
        middles[slot] = lists[slot].prev;
    uint64_t slots = 0;
    for (bool more = true; more;) {
        struct sim_event_list *next = front->next, *prev = back->prev;
        unsigned slot = slot_of(front, shift);
        more = front != back && next != back;
        insert_behind(middles[slot], front);
        middles[slot] = front;
        slots |= (uint64_t)1 << slot;
        if (front != back) {
            slot = slot_of(back, shift);
            insert_behind(middles[slot], back);
            slots |= (uint64_t)1 << slot;
        }
        front = next;
        back = prev;
    }
    return slots;
}

/* Deals the level's first slot out to the level below, whose slots are empty. */
static void deal_out(struct sim_queue *queue, struct sim_event_list *head, unsigned level)
{
    struct sim_event_list *lists = queue->lists[level - 1];
    unsigned shift = (level - 1) * SIM_QUEUE_DIGIT_BITS;
    struct sim_event_list *link = head->next;
    uint64_t slots = 0;
    for (unsigned i = 0; i < SHORT_LIST && link != head; i++) {
        struct sim_event *event = event_of(link);
        link = link->next;
        unsigned slot = slot_of(&event->link, shift);
        sim_queue_append(&lists[slot], event);
        slots |= (uint64_t)1 << slot;
    }
    if (link != head)
        slots |= deal_both_ends(lists, shift, link, head->prev);
    list_init(head);
    queue->slots[level - 1] = slots;
    queue->levels |= 1u << (level - 1);
}

/* The events of a slot of the lowest level are due at one time. */
static void make_due(struct sim_queue *queue, struct sim_event_list *head)
{
    queue->due = *head;
    queue->due.next->prev = queue->due.prev->next = &queue->due;
    list_init(head);
}

struct sim_event *sim_queue_take(struct sim_queue *queue, base_ns limit)
{
    unsigned level = 0;
    while (is_empty(&queue->due)) {
        struct sim_event_list *head = first_list(queue, &level);
        if (!head)
            return NULL;
        uint64_t at = (uint64_t)event_of(head->next)->at;
        if (head->next == head->prev) { /* alone: no need to deal it out */
            if ((base_ns)at > limit)
                return NULL;
            queue->base = at;
            queue->slots[level] &= queue->slots[level] - 1;
            return take_first(queue, head);
        }
        uint64_t span = ((uint64_t)1 << (level * SIM_QUEUE_DIGIT_BITS)) - 1;
        uint64_t base = at & ~span;
        if ((base_ns)(at | span) > limit) { /* does anything in it come before the limit? */
            base = (uint64_t)earliest(head);
            if ((base_ns)base > limit)
                return NULL;
        }
        queue->base = base;
        queue->slots[level] &= queue->slots[level] - 1;
        if (level == 0)
            make_due(queue, head);
        else
            deal_out(queue, head, level);
    }
    return (base_ns)queue->base <= limit ? take_first(queue, &queue->due) : NULL;
}

base_ns sim_queue_next(const struct sim_queue *queue)
{
    if (!is_empty(&queue->due))
        return (base_ns)queue->base;
    for (uint32_t levels = queue->levels; levels; levels &= levels - 1) {
        unsigned level = (unsigned)__builtin_ctz(levels);
        for (uint64_t slots = queue->slots[level]; slots; slots &= slots - 1) {
            const struct sim_event_list *head = &queue->lists[level][__builtin_ctzll(slots)];
            if (!is_empty(head))
                return earliest(head);
        }
    }
    return BASE_NEVER;
}

static void visit_list(struct sim_event_list *head,
                       void (*visit)(struct sim_event *event, void *context), void *context)
{
    for (struct sim_event_list *link = head->next, *next = NULL; link != head; link = next) {
        next = link->next;
        visit(event_of(link), context);
    }
}

void sim_queue_each(struct sim_queue *queue, void (*visit)(struct sim_event *event, void *context),
                    void *context)
{
    visit_list(&queue->due, visit, context);
    for (unsigned level = 0; level < SIM_QUEUE_LEVELS; level++) {
        for (unsigned slot = 0; slot < SIM_QUEUE_SLOTS; slot++)
            visit_list(&queue->lists[level][slot], visit, context);
    }
}
