/* The lists of ports, made when first needed, and those that are due. */
#include "sim/warm.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sim/world.h"

enum {
    DUE_MAX = 8,          /* frames that one event sends, and then some */
    USES_OF_LIST = 128,   /* how often a list serves until it is made anew */
    LIST_USUAL_SIZE = 128 /* bytes of a list that are in use, mostly */
};

struct sim_warm_list {
    struct sim_warm_list *next; /* of all */
    uint16_t node, port;        /* by their numbers: they may be gone */
    uint32_t uses;
    struct base_warm set;
};

struct sim_warmer {
    struct sim_world *world;
    struct sim_warm_list *lists;
    uint32_t due_count;
    struct sim_warm_list *due[DUE_MAX];
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

void sim_warmer_expect(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    if (!list || warmer->due_count == DUE_MAX)
        return;
    warmer->due[warmer->due_count++] = list;
    base_warm_now(list, LIST_USUAL_SIZE);
}

void sim_warmer_turn(struct sim_warmer *warmer)
{
    for (uint32_t i = 0; i < warmer->due_count; i++)
        sim_warmer_fetch(warmer, warmer->due[i]);
    warmer->due_count = 0;
}

void sim_warmer_fetch(struct sim_warmer *warmer, struct sim_warm_list *list)
{
    uint32_t uses = list->uses++;
    bool early = uses < USES_OF_LIST && !(uses & (uses - 1));
    if (early || uses % USES_OF_LIST == 0) {
        struct sim_node *node = warmer->world->nodes[list->node];
        list->set.count = 0;
        if (node && node->list_memory)
            node->list_memory(node, list->port, &list->set);
    }
    base_warm_fetch(&list->set);
}
