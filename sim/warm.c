/* The lists of ports, made when first needed, and those that are due. */
#include "sim/warm.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/world.h"

enum {
    DUE_MAX = 8,          /* frames that one event sends, and then some */
    STOPS_MAX = 8,        /* fetched one after the other ahead of a frame */
    STAYS_EVENTS = 512,   /* for which what was fetched is likely still there */
    USES_OF_LIST = 128,   /* how often a list serves until it is made anew */
    LIST_USUAL_SIZE = 128 /* bytes of a list that are in use, mostly */
};

struct sim_warm_list {
    struct sim_warm_list *then;  /* where the last frame from there went; NULL: nobody knows */
    struct sim_warm_list *after; /* whose timer ran next; NULL: nobody knows */
    uint32_t fetched;            /* at this event of the world */
    uint16_t node, port;         /* by their numbers: they may be gone */
    uint32_t uses;
    struct base_warm set;
    struct sim_warm_list *next; /* of all */
};

struct due {
    struct sim_warm_list *list;
    unsigned stops; /* from where a frame or a timer is */
};

struct sim_warmer {
    struct sim_world *world;
    struct sim_warm_list *lists;
    struct sim_warm_list *here;  /* where this event's frame came in; NULL: none did */
    struct sim_warm_list *timer; /* the one that ran last */
    unsigned due_count;
    struct due due[DUE_MAX];
};

struct sim_warmer *sim_warmer_new(struct sim_world *world)
{
    struct sim_warmer *warmer = base_alloc(sizeof(*warmer));
    warmer->world = world;
    return warmer;
}

void sim_warmer_free(struct sim_warmer *warmer)
{
    struct sim_warm_list *list = warmer ? warmer->lists : NULL;
    while (list) {
        struct sim_warm_list *next = list->next;
        free(list);
        list = next;
    }
    free(warmer);
}

struct sim_warm_list *sim_warmer_list(struct sim_warmer *warmer, struct sim_port *port)
{
    if (!port->list) {
        struct sim_warm_list *list = base_alloc_lines(sizeof(*list));
        list->node = port->node->id;
        list->port = port->index;
        list->next = warmer->lists;
        warmer->lists = port->list = list;
    }
    return port->list;
}

static void add(struct sim_warmer *warmer, struct sim_warm_list *list, unsigned stops)
{
    if (!list || warmer->due_count == DUE_MAX)
        return;
    warmer->due[warmer->due_count++] = (struct due){list, stops};
    base_warm_now(list, LIST_USUAL_SIZE);
}

void sim_warmer_arrive(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    warmer->here = list;
}

void sim_warmer_expect(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    if (warmer->here)
        warmer->here->then = list;
    add(warmer, list, 0);
}

static void make_list(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    struct sim_node *node = warmer->world->nodes[list->node];
    list->set.count = 0;
    if (node && node->list_memory)
        node->list_memory(node, list->port, &list->set);
}

static void fetch(struct sim_warmer *warmer, struct due due)
{
    struct sim_warm_list *list = due.list;
    uint32_t event = (uint32_t)warmer->world->events;
    if (list->uses && event - list->fetched < STAYS_EVENTS)
        return;
    list->fetched = event;
    if (due.stops < STOPS_MAX) /* first, so that it is not behind all that is on this one */
        add(warmer, list->then, due.stops + 1);
    uint32_t uses = list->uses++;
    bool early = uses < USES_OF_LIST && !(uses & (uses - 1));
    if (early || uses % USES_OF_LIST == 0)
        make_list(warmer, list);
    base_warm_fetch(&list->set);
}

void sim_warmer_wake(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    fetch(warmer, (struct due){list, 0});
    add(warmer, list->after, 0);
    if (warmer->timer)
        warmer->timer->after = list;
    warmer->timer = warmer->here = list;
}

void sim_warmer_turn(struct sim_warmer *warmer)
{
    struct due due[DUE_MAX];
    unsigned count = warmer->due_count;
    warmer->here = NULL;
    if (!count)
        return;
    memcpy(due, warmer->due, count * sizeof(due[0]));
    warmer->due_count = 0;
    for (unsigned i = 0; i < count; i++)
        fetch(warmer, due[i]);
}
