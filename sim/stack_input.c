/*
 * IPv4 input: the checks of ip_rcv(), the routing decision, and delivery to this host with
 * reassembly (ip_local_deliver).
 */
#include "base/mem.h"
#include "sim/stack_core.h"

static void refuse(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                   struct sim_packet *packet, enum stack_verdict verdict)
{
    static const enum sim_reason reasons[] = {
        [STACK_NOT_FORWARDING] = SIM_REASON_NOT_FORWARDING,
        [STACK_NO_ROUTE] = SIM_REASON_NO_ROUTE,
        [STACK_HOST_UNREACHABLE] = SIM_REASON_NO_ROUTE,
        [STACK_SILENT] = SIM_REASON_NO_ROUTE,
        [STACK_MARTIAN] = SIM_REASON_MARTIAN,
        [STACK_MARTIAN_DESTINATION] = SIM_REASON_NOT_MINE,
        [STACK_RP_FILTER] = SIM_REASON_RP_FILTER,
    };
    /* ip_error(): silent where forwarding is off. */
    if (verdict == STACK_NO_ROUTE || verdict == STACK_HOST_UNREACHABLE) {
        uint8_t code =
            verdict == STACK_NO_ROUTE ? NET_ICMP_NET_UNREACHABLE : NET_ICMP_HOST_UNREACHABLE;
        stack->counters.in_no_routes++;
        stack_no_route_error(stack, packet, ip->src, code);
    } else {
        stack->counters.in_address_errors++;
    }
    bool source_at_fault = verdict == STACK_MARTIAN || verdict == STACK_RP_FILTER;
    stack_drop(stack, packet, interface, reasons[verdict], source_at_fault ? ip->src : ip->dst);
}

static void route_input(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                        struct sim_packet *packet, bool group)
{
    const struct stack_decision *decision =
        stack_decide_input(stack, ip->dst, ip->src, interface, packet->secpath_reqid != 0);
    switch ((enum stack_verdict)decision->verdict) {
    case STACK_LOCAL:
        stack_deliver(stack, interface, ip, packet, false);
        return;
    case STACK_BROADCAST:
        stack_deliver(stack, interface, ip, packet, true);
        return;
    case STACK_FORWARD:
        if (group) { /* for one host, yet sent to all of the link: ip_forward() leaves it alone */
            stack_drop(stack, packet, interface, SIM_REASON_NOT_MINE, ip->dst);
            return;
        }
        struct sim_stack_route route = decision->route;
        stack_note_route(stack, packet, &route, ip->src, ip->dst);
        stack_forward(stack, interface, ip, &route, packet);
        return;
    case STACK_NOT_FORWARDING:
    case STACK_NO_ROUTE:
    case STACK_HOST_UNREACHABLE:
    case STACK_SILENT:
    case STACK_MARTIAN:
    case STACK_MARTIAN_DESTINATION:
    case STACK_RP_FILTER:
        refuse(stack, interface, ip, packet, (enum stack_verdict)decision->verdict);
        return;
    }
}

void stack_ip_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *packet,
                    bool group)
{
    struct net_ipv4 ip;
    enum net_ipv4_status status =
        net_ipv4_read(&ip, sim_packet_data(packet), sim_packet_size(packet));
    stack->counters.in_receives++;
    if (status != NET_IPV4_OK) {
        enum sim_reason reason =
            status == NET_IPV4_BAD_CHECKSUM ? SIM_REASON_BAD_CHECKSUM : SIM_REASON_BAD_HEADER;
        stack->counters.in_header_errors++;
        stack_drop(stack, packet, interface, reason, 0);
        return;
    }
    base_buffer_trim(&packet->bytes, ip.total_size); /* Ethernet padding */
    if (interface == SIM_STACK_LOOPBACK) /* Linux keeps the route of the way out: no checks */
        stack_deliver(stack, interface, &ip, packet, false);
    else
        route_input(stack, interface, &ip, packet, group);
}

void sim_stack_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *packet)
{
    if (stack->up)
        stack_ip_input(stack, interface, packet, false);
    else
        stack_drop(stack, packet, interface, SIM_REASON_NODE_DOWN, 0);
}

/* ---- Delivery ---- */

static void deliver_other(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                          struct sim_packet *packet)
{
    for (size_t i = 0; i < stack->protocol_count; i++) {
        const struct stack_protocol *protocol = &stack->protocols[i];
        if (protocol->protocol == ip->protocol) {
            protocol->input(protocol->context, stack, interface, ip, packet);
            return;
        }
    }
    if (!stack_allowed_in(stack, interface, packet))
        return;
    sim_stack_send_icmp_error(stack, packet, NET_ICMP_UNREACHABLE, NET_ICMP_PROTOCOL_UNREACHABLE,
                              0);
    stack_drop(stack, packet, interface, SIM_REASON_NO_PROTOCOL, ip->protocol);
}

static void deliver_whole(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                          struct sim_packet *packet, bool broadcast)
{
    stack->counters.in_delivers++;
    if (ip->protocol == NET_IPV4_ICMP)
        stack_icmp_input(stack, interface, ip, packet, broadcast);
    else if (ip->protocol == NET_IPV4_UDP)
        stack_udp_input(stack, interface, ip, packet, broadcast);
    else
        deliver_other(stack, interface, ip, packet);
}

/* The timer of the packet that is given up next. */
static void schedule_expiry(struct sim_stack *stack)
{
    base_ns deadline = net_reassembly_deadline(stack->reassembly);
    if (deadline == BASE_NEVER)
        sim_world_cancel(stack->world, &stack->reassembly_timer);
    else
        sim_world_at(stack->world, &stack->reassembly_timer, deadline);
}

static struct sim_packet *packet_of(struct sim_stack *stack,
                                    const struct net_reassembly_packet *whole)
{
    struct sim_packet *packet =
        sim_packet_new(stack->world, (uint32_t)whole->size, whole->first_id);
    memcpy(base_buffer_put(&packet->bytes, (uint32_t)whole->size), whole->data, whole->size);
    return packet;
}

/* ip_expire(): time exceeded about the first fragment, where that came. */
void stack_reassembly_expire(struct sim_world *world, struct sim_event *event)
{
    struct sim_stack *stack = SIM_OWNER(event, struct sim_stack, reassembly_timer);
    struct net_reassembly_packet first;
    while (net_reassembly_expire(stack->reassembly, world->now, &first)) {
        stack->counters.reassembly_fails++;
        if (!first.size)
            continue;
        struct sim_packet *about = packet_of(stack, &first);
        sim_stack_send_icmp_error(stack, about, NET_ICMP_TIME_EXCEEDED,
                                  NET_ICMP_REASSEMBLY_EXCEEDED, 0);
        stack_drop(stack, about, SIM_STACK_LOOPBACK, SIM_REASON_REASSEMBLY_TIMEOUT, 0);
    }
    schedule_expiry(stack);
}

void stack_reassembly_reset(struct sim_stack *stack)
{
    sim_world_cancel(stack->world, &stack->reassembly_timer);
    net_reassembly_free(stack->reassembly);
    stack->reassembly = NULL;
}

static enum sim_reason reason_of(enum net_reassembly_status status)
{
    return status == NET_REASSEMBLY_REPEATED ? SIM_REASON_REPEATED
           : status == NET_REASSEMBLY_FULL   ? SIM_REASON_REASSEMBLY_FULL
                                             : SIM_REASON_REASSEMBLY_BAD;
}

/* Takes a fragment; the whole packet in *packet when it was the last one, else NULL. */
static bool reassemble(struct sim_stack *stack, uint16_t interface, struct sim_packet **packet)
{
    struct sim_packet *fragment = *packet;
    struct net_reassembly_packet whole;
    if (!stack->reassembly)
        stack->reassembly = net_reassembly_new();
    enum net_reassembly_status status = net_reassembly_add(
        stack->reassembly, stack->world->now, sim_packet_data(fragment), fragment->id, &whole);
    if (status == NET_REASSEMBLY_DONE) {
        *packet = packet_of(stack, &whole);
        (*packet)->secpath_reqid = fragment->secpath_reqid;
        (*packet)->secpath_spi = fragment->secpath_spi;
        stack->counters.reassembled++;
        stack_note(stack, *packet, interface, SIM_KIND_BORN, SIM_ORIGIN_WHOLE, 0);
        stack_note(stack, *packet, interface, SIM_KIND_REASSEMBLED, whole.size, 0);
    }
    if (status == NET_REASSEMBLY_DONE || status == NET_REASSEMBLY_HELD)
        sim_packet_free(stack->world, fragment);
    else
        stack_drop(stack, fragment, interface, reason_of(status), 0);
    schedule_expiry(stack);
    return status == NET_REASSEMBLY_DONE;
}

void stack_deliver(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                   struct sim_packet *packet, bool broadcast)
{
    struct net_ipv4 whole;
    if (!ip->more_fragments && !ip->fragment_offset) {
        deliver_whole(stack, interface, ip, packet, broadcast);
        return;
    }
    if (!reassemble(stack, interface, &packet))
        return;
    enum net_ipv4_status status =
        net_ipv4_read(&whole, sim_packet_data(packet), sim_packet_size(packet));
    if (status == NET_IPV4_OK)
        deliver_whole(stack, interface, &whole, packet, broadcast);
    else
        stack_drop(stack, packet, interface, SIM_REASON_BAD_HEADER, 0);
}

enum sim_stack_status sim_stack_bind_protocol(struct sim_stack *stack, uint8_t protocol,
                                              sim_stack_protocol_fn *input,
                                              sim_stack_error_fn *error, void *context)
{
    for (size_t i = 0; i < stack->protocol_count; i++)
        if (stack->protocols[i].protocol == protocol)
            return SIM_STACK_EXISTS;
    stack->protocols = base_grow_few(stack->protocols, stack->protocols_few, stack->protocol_count,
                                     &stack->protocol_capacity, sizeof(*stack->protocols));
    stack->protocols[stack->protocol_count++] = (struct stack_protocol){
        .protocol = protocol, .input = input, .error = error, .context = context};
    return SIM_STACK_OK;
}
