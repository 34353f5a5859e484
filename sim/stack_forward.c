/* Forwarding, in the order of ip_forward() of Linux 6.1. */
#include "sim/stack_core.h"

/* The MTU that counts for what is forwarded: the exit's, or the interface's own, since learned path
 * MTUs are for what this host sends (ip_forward_use_pmtu 0). */
static uint32_t forward_mtu(const struct sim_stack *stack, const struct sim_stack_route *route,
                            const struct sim_stack_exit *exit)
{
    return exit ? exit->mtu : stack_interface(stack, route->interface)->mtu;
}

void stack_forward(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                   const struct sim_stack_route *route, struct sim_packet *packet)
{
    const struct sim_stack_hooks *hooks = &stack->hooks;
    struct sim_stack_exit *exit = NULL;
    if (hooks->forward && !hooks->forward(hooks->context, stack, packet))
        return;
    if (ip->ttl <= 1) {
        stack->counters.in_header_errors++;
        sim_stack_send_icmp_error(stack, packet, NET_ICMP_TIME_EXCEEDED, NET_ICMP_TTL_EXCEEDED, 0);
        stack_drop(stack, packet, interface, SIM_REASON_TTL, ip->ttl);
        return;
    }
    if (hooks->out && !hooks->out(hooks->context, stack, packet, route, &exit))
        return;
    uint32_t mtu = forward_mtu(stack, route, exit);
    if (ip->total_size > mtu && ip->dont_fragment) {
        stack->counters.fragment_fails++;
        sim_stack_send_icmp_error(stack, packet, NET_ICMP_UNREACHABLE,
                                  NET_ICMP_FRAGMENTATION_NEEDED, (uint16_t)mtu);
        stack_drop(stack, packet, interface, SIM_REASON_FRAGMENTATION_NEEDED, mtu);
        return;
    }
    net_ipv4_decrement_ttl(sim_packet_data(packet));
    if (route->redirect)
        stack_redirect_send(stack, ip, route, packet);
    stack->counters.forwarded++;
    stack_note(stack, packet, route->interface, SIM_KIND_FORWARDED, ip->ttl - 1u, route->next_hop);
    if (exit)
        exit->output(exit, stack, packet);
    else
        stack_transmit(stack, route, mtu, packet);
}
