/* UDP ports: bound, sent from, delivered to; port unreachable where nobody listens (RFC 1122 4.1). */
#include <stdlib.h>

#include "base/mem.h"
#include "net/udp.h"
#include "sim/stack_core.h"

enum {
    EPHEMERAL_FIRST = 32768, /* net.ipv4.ip_local_port_range */
    EPHEMERAL_LAST = 60999
};

static struct sim_stack_socket *find(const struct sim_stack *stack, uint16_t port)
{
    return base_map_get(&stack->sockets, port);
}

bool stack_has_socket(const struct sim_stack *stack, uint16_t port)
{
    return find(stack, port);
}

static uint16_t free_port(struct sim_stack *stack)
{
    for (int tried = 0; tried <= EPHEMERAL_LAST - EPHEMERAL_FIRST; tried++) {
        uint16_t port = stack->next_port;
        stack->next_port =
            (uint16_t)(port == EPHEMERAL_LAST ? EPHEMERAL_FIRST : stack->next_port + 1);
        if (!find(stack, port))
            return port;
    }
    return 0;
}

uint16_t sim_stack_bind_udp(struct sim_stack *stack, const struct sim_stack_socket *socket)
{
    uint16_t port = socket->port ? socket->port : free_port(stack);
    if (!port || find(stack, port))
        return 0;
    struct sim_stack_socket *copy = base_alloc(sizeof(*copy));
    *copy = *socket;
    copy->port = port;
    base_map_put(&stack->sockets, port, copy);
    return port;
}

void sim_stack_unbind_udp(struct sim_stack *stack, uint16_t port)
{
    free(base_map_remove(&stack->sockets, port));
}

void stack_sockets_free(struct sim_stack *stack)
{
    struct sim_stack_socket *socket;
    for (size_t at = 0; (socket = base_map_next(&stack->sockets, &at));)
        free(socket);
    base_map_fini(&stack->sockets);
}

enum sim_stack_status sim_stack_udp_send(struct sim_stack *stack, struct sim_packet *packet,
                                         const struct sim_stack_udp *how, uint32_t *mtu)
{
    struct sim_stack_route route;
    struct sim_stack_send send = {
        .src = how->src,
        .dst = how->dst,
        .protocol = NET_IPV4_UDP,
        .ttl = how->ttl,
        .tos = how->tos,
        .df = how->df,
        .flags = how->flags,
    };
    unsigned tables = how->flags & SIM_STACK_NO_VPN ? SIM_STACK_WITHOUT_VPN : SIM_STACK_ALL_TABLES;
    size_t size = sim_packet_size(packet);
    if (!send.src && sim_stack_route_get(stack, how->dst, tables, &route) == SIM_STACK_OK)
        send.src = route.source; /* the checksum covers it */
    uint8_t *header = base_buffer_push(&packet->bytes, NET_UDP_SIZE);
    net_udp_write(header, how->src_port, how->dst_port, size, !how->no_checksum, send.src,
                  send.dst);
    return sim_stack_send(stack, packet, &send, mtu);
}

/* ---- Receiving ---- */

static void refuse(struct sim_stack *stack, uint16_t interface, const struct net_udp *udp,
                   struct sim_packet *packet, bool broadcast)
{
    if (!broadcast)
        sim_stack_send_icmp_error(stack, packet, NET_ICMP_UNREACHABLE, NET_ICMP_PORT_UNREACHABLE,
                                  0);
    stack_drop(stack, packet, interface, SIM_REASON_NO_SOCKET, udp->dst_port);
}

void stack_udp_input(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                     struct sim_packet *packet, bool broadcast)
{
    struct net_udp udp;
    const uint8_t *data = sim_packet_data(packet) + ip->header_size;
    if (!net_udp_read(&udp, data, (size_t)(ip->total_size - ip->header_size))) {
        stack_drop(stack, packet, interface, SIM_REASON_BAD_HEADER, NET_IPV4_UDP);
        return;
    }
    const struct sim_stack_socket *socket = find(stack, udp.dst_port);
    bool bypass = socket && socket->bypass;
    if (!bypass && !stack_allowed_in(stack, interface, packet))
        return;
    if (!net_udp_checksum_ok(&udp, data, ip->src, ip->dst)) {
        stack_drop(stack, packet, interface, SIM_REASON_BAD_CHECKSUM, NET_IPV4_UDP);
        return;
    }
    if (!socket) {
        refuse(stack, interface, &udp, packet, broadcast);
        return;
    }
    struct sim_stack_datagram datagram = {
        .interface = interface,
        .src = ip->src,
        .dst = ip->dst,
        .src_port = udp.src_port,
        .dst_port = udp.dst_port,
        .tos = ip->tos,
        .ttl = ip->ttl,
        .data = data + NET_UDP_SIZE,
        .size = (size_t)(udp.size - NET_UDP_SIZE),
    };
    stack_note(stack, packet, interface, SIM_KIND_DELIVERED, NET_IPV4_UDP, udp.dst_port);
    socket->input(socket->context, stack, &datagram, packet);
}

void stack_udp_error(struct sim_stack *stack, const struct sim_stack_icmp_error *error)
{
    if (error->quoted_payload_size < NET_UDP_SIZE)
        return;
    const uint8_t *header = error->quoted_payload;
    const struct sim_stack_socket *socket = find(stack, (uint16_t)(header[0] << 8 | header[1]));
    if (!socket || error->type == NET_ICMP_REDIRECT)
        return;
    if (socket->error)
        socket->error(socket->context, stack, error);
    else if (error->type == NET_ICMP_UNREACHABLE && error->code == NET_ICMP_FRAGMENTATION_NEEDED)
        sim_stack_learn_path_mtu(stack, error->quoted.dst, error->mtu);
}
