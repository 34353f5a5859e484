/*
 * Output: what this host sends (ip_append_data, ip_local_out), fragmentation (ip_do_fragment) and the
 * last step to an interface.
 */
#include "base/bytes.h"
#include "sim/stack_core.h"

uint16_t stack_next_id(struct sim_stack *stack)
{
    return stack->ip_id++;
}

void stack_loop(struct sim_stack *stack, struct sim_packet *packet)
{
    packet->secpath_reqid = 0;
    packet->secpath_spi = 0;
    sim_packet_fly(stack->world, packet, &stack->loopback, stack->world->now);
}

/* ---- The last step ---- */

static void send_broadcast(struct sim_stack *stack, struct stack_interface *out,
                           struct sim_packet *packet)
{
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.dst, NET_MAC_BROADCAST, NET_MAC_SIZE);
    memcpy(ether.src, out->port.mac, NET_MAC_SIZE);
    net_ether_write(&ether, base_buffer_push(&packet->bytes, NET_ETHER_SIZE));
    (void)stack;
    sim_port_send(&out->port, packet);
}

static void transmit_one(struct sim_stack *stack, const struct sim_stack_route *route,
                         struct sim_packet *packet)
{
    struct stack_interface *out = stack_interface(stack, route->interface);
    if (out->kind == STACK_LOOPBACK)
        stack_loop(stack, packet);
    else if (out->kind == STACK_VIRTUAL)
        out->output(out->context, stack, packet);
    else if (route->kind == NET_ROUTE_BROADCAST)
        send_broadcast(stack, out, packet);
    else
        stack_neighbour_send(stack, route->interface, route->next_hop, packet);
}

static void transmit_fragments(struct sim_stack *stack, const struct sim_stack_route *route,
                               uint32_t mtu, struct sim_packet *packet)
{
    struct net_fragmenter fragmenter;
    uint64_t count = 0;
    net_fragmenter_init(&fragmenter, sim_packet_data(packet), mtu);
    for (;;) {
        struct sim_packet *fragment = sim_packet_new(stack->world, mtu, packet->id);
        uint8_t *room = sim_packet_data(fragment);
        size_t size = net_fragmenter_next(&fragmenter, room);
        if (!size) {
            sim_packet_free(stack->world, fragment);
            break;
        }
        base_buffer_put(&fragment->bytes, (uint32_t)size);
        fragment->secpath_reqid = packet->secpath_reqid;
        fragment->secpath_spi = packet->secpath_spi;
        stack_note(stack, fragment, route->interface, SIM_KIND_BORN, SIM_ORIGIN_FRAGMENT, 0);
        count++;
        transmit_one(stack, route, fragment);
    }
    stack->counters.fragments_made += count;
    stack_note(stack, packet, route->interface, SIM_KIND_FRAGMENTED, mtu, count);
    sim_packet_free(stack->world, packet);
}

void stack_transmit(struct sim_stack *stack, const struct sim_stack_route *route, uint32_t mtu,
                    struct sim_packet *packet)
{
    const uint8_t *header = sim_packet_data(packet);
    if (sim_packet_size(packet) <= mtu) {
        transmit_one(stack, route, packet);
    } else if (net_ipv4_fragment_word(header) & NET_IPV4_DF || mtu < NET_IPV4_MTU_MIN) {
        stack->counters.fragment_fails++;
        sim_stack_send_icmp_error(stack, packet, NET_ICMP_UNREACHABLE,
                                  NET_ICMP_FRAGMENTATION_NEEDED, (uint16_t)mtu);
        stack_drop(stack, packet, route->interface, SIM_REASON_FRAGMENTATION_NEEDED, mtu);
    } else {
        transmit_fragments(stack, route, mtu, packet);
    }
}

/* ---- What this host sends ---- */

static unsigned tables_of(unsigned flags)
{
    return flags & SIM_STACK_NO_VPN ? SIM_STACK_WITHOUT_VPN : SIM_STACK_ALL_TABLES;
}

static enum sim_reason reason_of(enum sim_stack_status status)
{
    return status == SIM_STACK_DOWN               ? SIM_REASON_NODE_DOWN
           : status == SIM_STACK_MESSAGE_TOO_LONG ? SIM_REASON_FRAGMENTATION_NEEDED
                                                  : SIM_REASON_NO_ROUTE;
}

/* `about` goes to the journal: the destination that has no route, or the MTU that is too small. */
static enum sim_stack_status refuse(struct sim_stack *stack, struct sim_packet *packet,
                                    enum sim_stack_status status, uint32_t about)
{
    stack->counters.out_no_routes += status == SIM_STACK_NET_UNREACHABLE;
    stack_drop(stack, packet, SIM_STACK_LOOPBACK, reason_of(status), about);
    return status;
}

/* The route for a packet to dst, copied since hooks may decide about other packets meanwhile. */
static enum sim_stack_status find_route(struct sim_stack *stack, net_ip4 dst, unsigned flags,
                                        struct sim_stack_route *route)
{
    if (!stack->up)
        return SIM_STACK_DOWN;
    return sim_stack_route_get(stack, dst, tables_of(flags), route);
}

/* The out hook's word; loopback has none (disable_xfrm). False: it took the packet. */
static bool allowed_out(struct sim_stack *stack, const struct sim_stack_route *route,
                        unsigned flags, struct sim_packet *packet, struct sim_stack_exit **exit)
{
    const struct sim_stack_hooks *hooks = &stack->hooks;
    return !hooks->out || flags & SIM_STACK_NO_POLICY || route->kind == NET_ROUTE_LOCAL ||
           hooks->out(hooks->context, stack, packet, route, exit);
}

static void write_header(struct sim_stack *stack, const struct sim_stack_send *how, net_ip4 src,
                         struct sim_packet *packet)
{
    uint8_t *room = base_buffer_push(&packet->bytes, NET_IPV4_SIZE);
    net_ipv4_write(
        &(struct net_ipv4){
            .tos = how->tos,
            .ttl = how->ttl ? how->ttl : STACK_TTL,
            .protocol = how->protocol,
            .total_size = (uint16_t)sim_packet_size(packet),
            /* ip_select_ident(): an atomic packet needs none, but Linux gives one to sockets that
             * would fragment rather than fail. */
            .id = how->df == SIM_STACK_DF_DO ? 0 : stack_next_id(stack),
            .dont_fragment = how->df != SIM_STACK_DF_DONT,
            .src = src,
            .dst = how->dst,
        },
        room);
}

static void clear_df(uint8_t *packet)
{
    base_put_be(packet + 6, net_ipv4_fragment_word(packet) & (uint16_t)~NET_IPV4_DF, 2);
    net_ipv4_seal(packet);
}

enum sim_stack_status sim_stack_send(struct sim_stack *stack, struct sim_packet *packet,
                                     const struct sim_stack_send *how, uint32_t *mtu)
{
    struct sim_stack_route route;
    struct sim_stack_exit *exit = NULL;
    stack->counters.out_requests++;
    enum sim_stack_status status = find_route(stack, how->dst, how->flags, &route);
    if (status != SIM_STACK_OK)
        return refuse(stack, packet, status, how->dst);
    if (mtu)
        *mtu = route.mtu;
    if (sim_packet_size(packet) + NET_IPV4_SIZE > NET_IPV4_TOTAL_MAX)
        return refuse(stack, packet, SIM_STACK_MESSAGE_TOO_LONG, how->dst);
    write_header(stack, how, how->src ? how->src : route.source, packet);
    stack_note_route(stack, packet, &route, how->src ? how->src : route.source, how->dst);
    if (!allowed_out(stack, &route, how->flags, packet, &exit))
        return SIM_STACK_OK;
    uint32_t fits = exit ? exit->mtu : route.mtu;
    if (sim_packet_size(packet) > fits && how->df == SIM_STACK_DF_DO) {
        if (mtu)
            *mtu = fits;
        return refuse(stack, packet, SIM_STACK_MESSAGE_TOO_LONG, fits);
    }
    if (sim_packet_size(packet) > fits && how->df == SIM_STACK_DF_WANT)
        clear_df(sim_packet_data(packet));
    if (exit)
        exit->output(exit, stack, packet);
    else
        stack_transmit(stack, &route, fits, packet);
    return SIM_STACK_OK;
}

enum sim_stack_status sim_stack_send_packet(struct sim_stack *stack, struct sim_packet *packet,
                                            unsigned flags)
{
    struct sim_stack_route route;
    struct sim_stack_exit *exit = NULL;
    net_ip4 dst = net_ipv4_dst(sim_packet_data(packet));
    stack->counters.out_requests++;
    enum sim_stack_status status = find_route(stack, dst, flags, &route);
    if (status != SIM_STACK_OK)
        return refuse(stack, packet, status, dst);
    stack_note_route(stack, packet, &route, net_ipv4_src(sim_packet_data(packet)), dst);
    if (!allowed_out(stack, &route, flags, packet, &exit))
        return SIM_STACK_OK;
    if (exit)
        exit->output(exit, stack, packet);
    else
        stack_transmit(stack, &route, route.mtu, packet);
    return SIM_STACK_OK;
}
