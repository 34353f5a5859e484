/* The stack as a whole: its making, its power, and frames as they come in at its ports. */
#include "sim/stack.h"

#include <stdlib.h>

#include "base/mem.h"
#include "sim/stack_core.h"

const char *sim_stack_status_text(enum sim_stack_status status)
{
    static const char *const texts[] = {
#define X(name, text) [SIM_STACK_##name] = (text),
        SIM_STACK_STATUS_LIST(X)
#undef X
    };
    return texts[status];
}

/* A frame for this host: the port has sorted out what is for others. */
static void receive(struct sim_node *node, struct sim_port *port, struct sim_packet *packet)
{
    struct sim_stack *stack = SIM_OWNER(node, struct sim_stack, node);
    struct stack_interface *in = SIM_OWNER(port, struct stack_interface, port);
    const uint8_t *frame = sim_packet_data(packet);
    if (!stack->up) {
        stack_drop(stack, packet, in->number, SIM_REASON_NODE_DOWN, 0);
        return;
    }
    if (sim_packet_size(packet) < NET_ETHER_SIZE) {
        stack_drop(stack, packet, in->number, SIM_REASON_BAD_FRAME, 0);
        return;
    }
    uint16_t type = net_ether_type(frame);
    if (type == NET_ETHER_ARP) {
        stack_arp_input(stack, in->number, packet);
    } else if (type == NET_ETHER_IPV4) {
        bool group = net_mac_is_group(frame);
        base_buffer_pull(&packet->bytes, NET_ETHER_SIZE);
        stack_ip_input(stack, in->number, packet, group);
    } else {
        stack_drop(stack, packet, in->number, SIM_REASON_UNSUPPORTED, type);
    }
}

/* A packet to an own address, behind all that is due now. */
static void loopback_arrive(struct sim_carrier *carrier, struct sim_packet *packet)
{
    struct sim_stack *stack = SIM_OWNER(carrier, struct sim_stack, loopback);
    if (stack->up)
        stack_ip_input(stack, SIM_STACK_LOOPBACK, packet, false);
    else
        stack_drop(stack, packet, SIM_STACK_LOOPBACK, SIM_REASON_NODE_DOWN, 0);
}

/* lo and the local route to all of 127/8. */
static void add_loopback(struct sim_stack *stack)
{
    struct net_prefix address = net_prefix_from_ip4(NET_IP4(127, 0, 0, 1), 8);
    stack_add_interface(stack, STACK_LOOPBACK, "lo", UINT16_MAX);
    sim_stack_add_address(stack, SIM_STACK_LOOPBACK, &address);
}

struct sim_stack *sim_stack_new(struct sim_world *world, const struct sim_stack_config *config)
{
    struct sim_stack *stack = base_alloc_lines(sizeof(*stack));
    sim_node_init(&stack->node, world, config->name);
    stack->node.receive = receive;
    stack->node.list_memory = stack_list_memory;
    stack->world = world;
    stack->up = true;
    stack->forwarding = config->ip_forward;
    stack->rp_filter = config->rp_filter;
    stack->loopback.arrive = loopback_arrive;
    stack->generation = 1;
    stack->interfaces = stack->interfaces_few;
    stack->interface_capacity = STACK_INTERFACES_FEW;
    stack->protocols = stack->protocols_few;
    stack->protocol_capacity = STACK_PROTOCOLS_FEW;
    stack->next_port = 32768;
    sim_event_init(&stack->reassembly_timer, stack_reassembly_expire);
    for (unsigned i = 0; i < SIM_STACK_TABLES; i++)
        net_route_table_init(&stack->tables[i]);
    struct base_rng stream;
    sim_world_rng(world, &stream, "%s/stack", config->name);
    stack->ip_id = (uint16_t)base_rng_u32(&stream);
    stack->echo_id = (uint16_t)base_rng_u32(&stream);
    stack->reachable_ns = 15 * BASE_S + (base_ns)base_rng_below(&stream, 30 * BASE_S);
    add_loopback(stack);
    return stack;
}

static void free_interface(struct stack_interface *interface)
{
    if (interface->kind == STACK_ETHERNET)
        sim_port_fini(&interface->port);
    free(interface->name);
    free(interface->addresses);
    free(interface);
}

void sim_stack_free(struct sim_stack *stack)
{
    if (!stack)
        return;
    sim_stack_set_up(stack, false);
    for (uint16_t i = 0; i < stack->interface_count; i++)
        free_interface(stack->interfaces[i]);
    for (unsigned i = 0; i < SIM_STACK_TABLES; i++)
        net_route_table_fini(&stack->tables[i]);
    stack_sockets_free(stack);
    net_reassembly_free(stack->reassembly);
    base_grow_free(stack->interfaces, stack->interfaces_few);
    base_grow_free(stack->protocols, stack->protocols_few);
    sim_node_fini(&stack->node);
    free(stack);
}

struct sim_node *sim_stack_node(struct sim_stack *stack)
{
    return &stack->node;
}

struct sim_world *sim_stack_world(struct sim_stack *stack)
{
    return stack->world;
}

void sim_stack_set_up(struct sim_stack *stack, bool up)
{
    stack->up = up;
    if (up)
        return;
    stack_neighbours_flush(stack);
    stack_path_mtus_flush(stack);
    stack_redirects_flush(stack);
    stack_reassembly_reset(stack);
    stack_error_peers_flush(stack);
}

bool sim_stack_is_up(const struct sim_stack *stack)
{
    return stack->up;
}

void sim_stack_set_forwarding(struct sim_stack *stack, bool forwarding)
{
    stack->forwarding = forwarding;
    stack->generation++;
}

void sim_stack_set_rp_filter(struct sim_stack *stack, enum sim_stack_rp_filter rp_filter)
{
    stack->rp_filter = rp_filter;
    stack->generation++;
}

void sim_stack_set_hooks(struct sim_stack *stack, const struct sim_stack_hooks *hooks)
{
    stack->hooks = *hooks;
}

const struct sim_stack_counters *sim_stack_counters(const struct sim_stack *stack)
{
    return &stack->counters;
}
