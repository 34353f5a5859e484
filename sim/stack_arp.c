/*
 * ARP (RFC 826) as arp_process() and arp_solicit() of Linux do it with default settings: it answers
 * for any own address on any interface (arp_ignore 0), asks from the address that the waiting packet
 * is from where that is an own one (arp_announce 0), learns from what asks it, and lets unsolicited
 * messages change only what it knows already. A request is routed as if it were a packet from its
 * sender, so that source validation can silence the answer.
 */
#include "net/arp.h"
#include "sim/stack_core.h"

static void send_arp(struct sim_stack *stack, uint16_t interface, const struct net_arp *arp,
                     const uint8_t *to, uint64_t parent)
{
    struct sim_packet *frame = sim_packet_new(stack->world, NET_ETHER_SIZE + NET_ARP_SIZE, parent);
    struct sim_port *port = &stack_interface(stack, interface)->port;
    struct net_ether ether = {.type = NET_ETHER_ARP};
    memcpy(ether.dst, to, NET_MAC_SIZE);
    memcpy(ether.src, port->mac, NET_MAC_SIZE);
    net_ether_write(&ether, base_buffer_put(&frame->bytes, NET_ETHER_SIZE));
    net_arp_write(arp, base_buffer_put(&frame->bytes, NET_ARP_SIZE));
    stack_note(stack, frame, interface, SIM_KIND_BORN, SIM_ORIGIN_ARP, 0);
    sim_port_send(port, frame);
}

void stack_arp_request(struct sim_stack *stack, const struct stack_neighbour *neighbour,
                       const uint8_t *to)
{
    const struct sim_packet *waiting = neighbour->queue.last;
    net_ip4 source = waiting ? net_ipv4_src(sim_packet_data(waiting)) : 0;
    if (!source || !sim_stack_is_own(stack, source))
        source = stack_select_source(stack, neighbour->interface, neighbour->ip);
    struct net_arp arp = {
        .operation = NET_ARP_REQUEST,
        .sender = source,
        .target = neighbour->ip,
    };
    memcpy(arp.sender_mac, stack_interface(stack, neighbour->interface)->port.mac, NET_MAC_SIZE);
    stack->counters.arp_requests_sent++;
    send_arp(stack, neighbour->interface, &arp, to, waiting ? waiting->id : 0);
}

void sim_stack_announce(struct sim_stack *stack)
{
    for (uint16_t i = 1; i < stack->interface_count; i++) {
        const struct stack_interface *on = stack_interface(stack, i);
        for (size_t j = 0; on->kind == STACK_ETHERNET && j < on->address_count; j++) {
            net_ip4 own = net_addr_ip4(&on->addresses[j].addr);
            struct net_arp arp = {.operation = NET_ARP_REQUEST, .sender = own, .target = own};
            memcpy(arp.sender_mac, on->port.mac, NET_MAC_SIZE);
            stack->counters.arp_requests_sent++;
            send_arp(stack, i, &arp, NET_MAC_BROADCAST, 0);
        }
    }
}

static void reply(struct sim_stack *stack, uint16_t interface, const struct net_arp *request,
                  uint64_t parent)
{
    struct net_arp arp = {
        .operation = NET_ARP_REPLY,
        .sender = request->target,
        .target = request->sender,
    };
    memcpy(arp.sender_mac, stack_interface(stack, interface)->port.mac, NET_MAC_SIZE);
    memcpy(arp.target_mac, request->sender_mac, NET_MAC_SIZE);
    stack->counters.arp_replies_sent++;
    send_arp(stack, interface, &arp, request->sender_mac, parent);
}

/* Whether the request is for us and may be answered. */
static bool is_answered(struct sim_stack *stack, uint16_t interface, const struct net_arp *arp)
{
    if (arp->operation != NET_ARP_REQUEST)
        return false;
    if (!arp->sender) /* a probe for duplicates, RFC 5227 */
        return sim_stack_is_own(stack, arp->target);
    const struct stack_decision *decision =
        stack_decide_input(stack, arp->target, arp->sender, interface, false);
    return decision->verdict == STACK_LOCAL;
}

/* Asked for an own address by somebody whom the routing table would not have there: what Linux leaves unanswered. */
static bool is_refused(struct sim_stack *stack, uint16_t interface, const struct net_arp *arp,
                       enum sim_reason *reason)
{
    if (arp->operation != NET_ARP_REQUEST || !arp->sender || arp->sender == arp->target ||
        !sim_stack_is_own(stack, arp->target))
        return false;
    const struct stack_decision *decision =
        stack_decide_input(stack, arp->target, arp->sender, interface, false);
    *reason = decision->verdict == STACK_RP_FILTER ? SIM_REASON_RP_FILTER : SIM_REASON_MARTIAN;
    return decision->verdict == STACK_RP_FILTER || decision->verdict == STACK_MARTIAN;
}

static void process(struct sim_stack *stack, uint16_t interface, const struct net_arp *arp,
                    const struct sim_packet *frame)
{
    bool to_us = !net_mac_is_group(sim_packet_data(frame));
    bool answered = is_answered(stack, interface, arp);
    bool gratuitous = arp->sender == arp->target;
    struct stack_hearsay heard = {
        .interface = interface,
        .ip = arp->sender,
        .mac = arp->sender_mac,
        .reachable = arp->operation == NET_ARP_REPLY && to_us,
        .override = answered || gratuitous,
        .create = answered,
        .by = frame,
    };
    if (arp->sender)
        stack_neighbour_learn(stack, &heard);
    if (answered)
        reply(stack, interface, arp, frame->id);
}

void stack_arp_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *frame)
{
    struct net_arp arp;
    enum sim_reason reason;
    base_buffer_pull(&frame->bytes, NET_ETHER_SIZE);
    bool good = net_arp_read(&arp, sim_packet_data(frame), sim_packet_size(frame));
    base_buffer_push(&frame->bytes, NET_ETHER_SIZE);
    if (!good || (arp.operation != NET_ARP_REQUEST && arp.operation != NET_ARP_REPLY) ||
        net_ip4_is_loopback(arp.target) || net_ip4_is_multicast(arp.target)) {
        stack_drop(stack, frame, interface, SIM_REASON_BAD_FRAME, NET_ETHER_ARP);
        return;
    }
    process(stack, interface, &arp, frame);
    if (is_refused(stack, interface, &arp, &reason))
        stack_drop(stack, frame, interface, reason, arp.sender);
    else
        sim_packet_free(stack->world, frame);
}
