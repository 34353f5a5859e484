/*
 * ICMP redirects, sent (ip_rt_send_redirect) and taken (__ip_do_redirect), as Linux 6.1 does with its
 * defaults: send_redirects 1, shared_media 1, and accept_redirects where nothing is forwarded.
 *
 * Sent about what is forwarded by the interface on which it came from somebody on that link, and not
 * out of an SA; the packet goes on nevertheless. Up to nine, each twice as long after the one before;
 * they begin anew after 20 s without a packet to redirect. Taken from the next hop in use, for the one destination
 * and for 300 s; where the new next hop is not resolved, it is asked for, and the next redirect is
 * taken. RFC 792, RFC 1122 3.2.2.2, RFC 1812 5.2.7.2.
 *
 * Not modelled: secure_redirects, which shared_media overrules; route.flush.
 */
#include <stdlib.h>

#include "sim/stack_core.h"

enum {
    REDIRECTS_MAX = 9, /* ip_rt_redirect_number */
    LOAD_MS = 20,      /* ip_rt_redirect_load, doubled with each that was sent */
    KEPT_S = 300,      /* ip_rt_gc_timeout */
    CODE_MASK = 7,     /* Linux looks no further */
    CODE_MAX = 3
};

/* ip_rt_redirect_silence */
#define SILENCE_NS (LOAD_MS * BASE_MS << (REDIRECTS_MAX + 1))

/* ---- Sending ---- */

/* The longest match among the routes by that interface. */
static const struct net_route *lookup_by(const struct sim_stack *stack, net_ip4 ip,
                                         uint16_t interface)
{
    for (unsigned t = 0; t < SIM_STACK_TABLES; t++) {
        const struct net_route *route;
        for (size_t i = 0; (route = net_route_at(&stack->tables[t], i)); i++) {
            bool by_it = route->kind == NET_ROUTE_UNICAST && route->interface == interface;
            if (by_it && net_ip4_in(ip, net_addr_ip4(&route->to.addr), route->to.length))
                return route;
        }
    }
    return NULL;
}

/* What __fib_validate_source() returns, where it refuses nothing. */
bool stack_is_on_link(const struct sim_stack *stack, net_ip4 src, uint16_t interface)
{
    uint8_t table;
    const struct net_route *back = stack_lookup(stack, src, SIM_STACK_ALL_TABLES, &table);
    if (!back)
        return false;
    if (back->interface != interface && stack_interface(stack, interface)->address_count)
        back = lookup_by(stack, src, interface);
    return back && back->kind == NET_ROUTE_UNICAST && back->interface == interface && !back->via;
}

void stack_redirect_send(struct sim_stack *stack, const struct net_ipv4 *ip,
                         const struct sim_stack_route *route, const struct sim_packet *packet)
{
    base_ns now = stack_jiffies(stack);
    struct stack_error_peer *peer = stack_error_peer(stack, ip->src);
    if (now > peer->last + SILENCE_NS) {
        peer->tokens_ns = 0;
        peer->redirects = 0;
    }
    if (peer->redirects >= REDIRECTS_MAX) { /* the sender ignores them */
        peer->last = now;
        return;
    }
    if (peer->redirects && now <= peer->last + (LOAD_MS * BASE_MS << peer->redirects))
        return;
    peer->last = now;
    peer->redirects++;
    struct net_icmp icmp = {
        .type = NET_ICMP_REDIRECT,
        .code = NET_ICMP_REDIRECT_HOST,
        .gateway = route->next_hop ? route->next_hop : ip->dst,
    };
    stack_icmp_error_send(stack, packet, &icmp);
}

/* ---- Taking ---- */

static bool is_protocol_bound(const struct sim_stack *stack, uint8_t protocol)
{
    for (size_t i = 0; i < stack->protocol_count; i++)
        if (stack->protocols[i].protocol == protocol)
            return true;
    return false;
}

/* Whether whoever sent the quoted packet is there to hear of it: a socket, a raw one for echoes, the kernel
 * itself for its replies. */
static bool has_sender(const struct sim_stack *stack, const struct sim_stack_icmp_error *error)
{
    const uint8_t *quoted = error->quoted_payload;
    if (error->quoted_payload_size < NET_ICMP_SIZE)
        return false;
    if (error->quoted.protocol == NET_IPV4_ICMP)
        return quoted[0] == NET_ICMP_ECHO_REPLY || stack->echoes;
    if (error->quoted.protocol == NET_IPV4_UDP)
        return stack_has_socket(stack, (uint16_t)(quoted[0] << 8 | quoted[1]));
    return is_protocol_bound(stack, error->quoted.protocol);
}

static bool is_acceptable(const struct sim_stack *stack, const struct sim_stack_icmp_error *error)
{
    uint8_t table;
    net_ip4 to = error->gateway;
    if ((error->code & CODE_MASK) > CODE_MAX || stack->forwarding || to == error->from ||
        to == NET_IP4_BROADCAST || net_ip4_is_multicast(to) || to >> 24 == 0)
        return false;
    return !stack_lookup(stack, to, 1u << SIM_STACK_TABLE_LOCAL, &table); /* own, or broadcast */
}

struct stack_redirect *stack_redirect_find(const struct sim_stack *stack, net_ip4 dst,
                                           const struct net_route *route)
{
    struct stack_redirect *found = base_map_get(&stack->redirects, dst);
    bool stands = found && found->expires > stack->world->now && found->via == route->via &&
                  found->source == route->source && found->interface == route->interface;
    return stands ? found : NULL;
}

static void remember(struct sim_stack *stack, net_ip4 dst, const struct net_route *route,
                     net_ip4 gateway)
{
    struct stack_redirect *entry = base_map_get(&stack->redirects, dst);
    if (!entry) {
        entry = base_alloc(sizeof(*entry));
        base_map_put(&stack->redirects, dst, entry);
    }
    *entry = (struct stack_redirect){
        .dst = dst,
        .gateway = gateway,
        .via = route->via,
        .source = route->source,
        .interface = route->interface,
        .expires = stack->world->now + KEPT_S * BASE_S,
    };
    stack->counters.redirects_taken++;
    stack->generation++;
}

void stack_redirect_take(struct sim_stack *stack, const struct sim_stack_icmp_error *error,
                         const struct sim_packet *packet)
{
    uint8_t table;
    net_ip4 dst = error->quoted.dst;
    const struct net_route *route = stack_lookup(stack, dst, SIM_STACK_ALL_TABLES, &table);
    if (!route || route->kind != NET_ROUTE_UNICAST || !route->via || !has_sender(stack, error))
        return;
    const struct stack_redirect *known = stack_redirect_find(stack, dst, route);
    if (error->from != (known ? known->gateway : route->via) || !is_acceptable(stack, error) ||
        !stack_neighbour_prompt(stack, route->interface, error->gateway))
        return;
    remember(stack, dst, route, error->gateway);
    stack_note(stack, packet, route->interface, SIM_KIND_REDIRECTED, error->gateway, dst);
}

/* ---- Forgetting ---- */

static bool has_route(const struct sim_stack *stack, const struct stack_redirect *entry)
{
    for (unsigned t = 0; t < SIM_STACK_TABLES; t++) {
        const struct net_route *route;
        for (size_t i = 0; (route = net_route_at(&stack->tables[t], i)); i++)
            if (route->via == entry->via && route->interface == entry->interface &&
                route->source == entry->source && route->kind == NET_ROUTE_UNICAST)
                return true;
    }
    return false;
}

/* In Linux the next hop of a route has them, and routes that are alike but for their prefix share it. */
void stack_redirects_sweep(struct sim_stack *stack)
{
    struct base_map kept = {0};
    struct stack_redirect *entry;
    if (!stack->redirects.count)
        return;
    for (size_t at = 0; (entry = base_map_next(&stack->redirects, &at));) {
        if (has_route(stack, entry))
            base_map_put(&kept, entry->dst, entry);
        else
            free(entry);
    }
    base_map_fini(&stack->redirects);
    stack->redirects = kept;
}

void stack_redirects_flush(struct sim_stack *stack)
{
    struct stack_redirect *entry;
    for (size_t at = 0; (entry = base_map_next(&stack->redirects, &at));)
        free(entry);
    base_map_fini(&stack->redirects);
    stack->generation++;
}
