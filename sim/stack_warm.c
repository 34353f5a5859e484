/* What a packet touches in a stack, for warming: all that it is likely to need, and little else. */
#include "sim/link.h"
#include "sim/stack_core.h"
#include "sim/warm.h"

_Static_assert(offsetof(struct sim_stack, counters.out_requests) < 256, "see FRONT_SIZE");

enum {
    FRONT_SIZE = 256 /* with the counters of what goes well */
};

static void list_interface(const struct stack_interface *interface, bool out, struct base_warm *set)
{
    base_warm_add(set, interface, offsetof(struct stack_interface, name));
    if (interface->port.out && out)
        sim_pipe_list_memory(interface->port.out, set);
}

/* The decisions that stand, on what comes in there and on what is sent. */
static void list_decisions(const struct sim_stack *stack, uint16_t interface, struct base_warm *set)
{
    base_warm_add(set, stack->decision_tags, sizeof(stack->decision_tags));
    for (unsigned i = 0; i < STACK_ROUTE_CACHE; i++) {
        if (!stack->decision_tags[i])
            continue;
        const struct stack_decision *decision = &stack->decisions[i];
        bool input = !(decision->key & STACK_KEY_OUTPUT);
        if (decision->generation == stack->generation &&
            (!input || decision->key >> 1 == interface))
            base_warm_add(set, decision, sizeof(*decision));
    }
}

/* Whether a packet that came in by the one interface may go out by the other. */
static bool may_leave(const struct sim_stack *stack, uint16_t in, uint16_t out)
{
    return !stack->forwarding || in != out;
}

/* A sender is mostly a host, and a host has one interface. */
struct sim_warm_list *sim_stack_warm_list(struct sim_stack *stack)
{
    bool wired = stack->interface_count > 1 && sim_stack_port(stack, 1);
    return stack->world->warmer && wired
               ? sim_warmer_list(stack->world->warmer, sim_stack_port(stack, 1))
               : NULL;
}

void stack_list_memory(struct sim_node *node, uint16_t port, struct base_warm *set)
{
    const struct sim_stack *stack = SIM_OWNER(node, struct sim_stack, node);
    uint16_t in = (uint16_t)(port + 1);
    base_warm_add(set, stack, FRONT_SIZE);
    list_decisions(stack, in, set);
    if (stack->interfaces != stack->interfaces_few)
        base_warm_add(set, stack->interfaces,
                      stack->interface_count * sizeof(struct stack_interface *));
    for (uint16_t i = 1; i < stack->interface_count; i++)
        list_interface(stack->interfaces[i], may_leave(stack, in, i), set);
    if (stack->interfaces[in]->port.out)
        sim_link_list_memory(stack->interfaces[in]->port.out->link, set);
    for (unsigned i = 0; i < STACK_NEIGHBOUR_CACHE; i++) {
        const struct stack_neighbour *neighbour = stack->neighbour_cache[i];
        if (neighbour && may_leave(stack, in, neighbour->interface))
            base_warm_add(set, neighbour, offsetof(struct stack_neighbour, confirmed));
    }
    if (stack->protocols != stack->protocols_few)
        base_warm_add(set, stack->protocols, stack->protocol_count * sizeof(*stack->protocols));
    if (stack->echoes)
        base_warm_add(set, stack->echoes, stack->echoes->touched_size);
    if (stack->hooks.list_memory)
        stack->hooks.list_memory(stack->hooks.context, in, set);
}
