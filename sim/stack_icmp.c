/*
 * ICMP messages for this host (icmp_rcv): echo requests are answered in place, replies go to the
 * client with their identifier, errors to stack_icmp_error.c. Echoes to a broadcast address are
 * ignored, as Linux does by default. Timestamps, address masks and redirects are not answered.
 */
#include <utlist.h>

#include "sim/stack_core.h"

static void deliver_note(struct sim_stack *stack, uint16_t interface,
                         const struct sim_packet *packet, uint8_t type)
{
    stack_note(stack, packet, interface, SIM_KIND_DELIVERED, NET_IPV4_ICMP, type);
}

/* icmp_reply(): from the address that was asked, with the request's TOS, never with DF. */
static void answer_echo(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                        struct sim_packet *packet)
{
    net_icmp_echo_to_reply(sim_packet_data(packet) + ip->header_size);
    sim_packet_rebirth(stack->world, packet);
    packet->secpath_reqid = 0;
    packet->secpath_spi = 0;
    stack_note(stack, packet, interface, SIM_KIND_BORN, SIM_ORIGIN_ECHO_REPLY, 0);
    base_buffer_pull(&packet->bytes, ip->header_size);
    struct sim_stack_send how = {
        .src = ip->dst,
        .dst = ip->src,
        .protocol = NET_IPV4_ICMP,
        .tos = ip->tos,
        .df = SIM_STACK_DF_DONT,
    };
    (void)sim_stack_send(stack, packet, &how, NULL);
}

static void take_reply(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                       uint16_t id, struct sim_packet *packet)
{
    struct sim_stack_echo *echo;
    LL_FOREACH(stack->echoes, echo)
    {
        if (echo->id == id)
            break;
    }
    if (!echo) { /* a ping that has ended: nobody misses it */
        stack_drop(stack, packet, interface, SIM_REASON_NO_SOCKET, id);
        return;
    }
    deliver_note(stack, interface, packet, NET_ICMP_ECHO_REPLY);
    echo->reply(echo, ip, sim_packet_data(packet) + ip->header_size,
                (size_t)(ip->total_size - ip->header_size), packet);
    sim_packet_free(stack->world, packet);
}

void stack_icmp_input(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                      struct sim_packet *packet, bool broadcast)
{
    struct net_icmp icmp;
    if (!stack_allowed_in(stack, interface, packet))
        return;
    const uint8_t *data = sim_packet_data(packet) + ip->header_size;
    if (!net_icmp_read(&icmp, data, (size_t)(ip->total_size - ip->header_size))) {
        stack_drop(stack, packet, interface, SIM_REASON_BAD_CHECKSUM, NET_IPV4_ICMP);
        return;
    }
    if (icmp.type == NET_ICMP_ECHO && !broadcast) {
        deliver_note(stack, interface, packet, NET_ICMP_ECHO);
        answer_echo(stack, interface, ip, packet);
    } else if (icmp.type == NET_ICMP_ECHO_REPLY) {
        take_reply(stack, interface, ip, icmp.id, packet);
    } else if (net_icmp_type_is_error(icmp.type)) {
        deliver_note(stack, interface, packet, icmp.type);
        stack_icmp_error_input(stack, ip, &icmp, packet);
    } else {
        stack_drop(stack, packet, interface, SIM_REASON_NO_PROTOCOL, NET_IPV4_ICMP);
    }
}

static bool is_taken(const struct sim_stack *stack, uint16_t id)
{
    const struct sim_stack_echo *echo;
    LL_FOREACH(stack->echoes, echo)
    {
        if (echo->id == id)
            return true;
    }
    return false;
}

void sim_stack_bind_echo(struct sim_stack *stack, struct sim_stack_echo *echo)
{
    while (is_taken(stack, stack->echo_id))
        stack->echo_id++;
    echo->id = stack->echo_id++;
    LL_PREPEND(stack->echoes, echo);
}

void sim_stack_unbind_echo(struct sim_stack *stack, struct sim_stack_echo *echo)
{
    LL_DELETE(stack->echoes, echo);
}
