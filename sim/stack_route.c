/*
 * Routing decisions: for what comes in as ip_route_input_slow() and fib_validate_source() of Linux
 * 6.1 make them, for what is sent as ip_route_output_key(). Decisions are remembered until anything
 * that they depend on changes.
 */
#include "sim/stack_core.h"

const struct net_route *stack_lookup(const struct sim_stack *stack, net_ip4 dst, unsigned tables,
                                     uint8_t *table)
{
    for (unsigned t = 0; t < SIM_STACK_TABLES; t++) {
        if (!(tables & 1u << t))
            continue;
        const struct net_route *route = net_route_lookup(&stack->tables[t], dst);
        if (route && route->kind != NET_ROUTE_THROW) {
            *table = (uint8_t)t;
            return route;
        }
    }
    return NULL;
}

/* What the route means for this destination, with all but the MTU. */
static void fill(const struct sim_stack *stack, const struct net_route *route, uint8_t table,
                 net_ip4 dst, struct sim_stack_route *out)
{
    bool virtual = stack_interface(stack, route->interface)->kind == STACK_VIRTUAL;
    bool local = route->kind == NET_ROUTE_LOCAL;
    net_ip4 next_hop = route->via ? route->via : dst;
    *out = (struct sim_stack_route){
        .kind = route->kind,
        .table = table,
        .prefix_length = route->to.length,
        .interface = local ? SIM_STACK_LOOPBACK : route->interface,
        .next_hop = virtual ? 0 : next_hop,
        .tag = route->tag,
    };
    /* To an own address one sends from that address itself. */
    out->source = local           ? dst
                  : route->source ? route->source
                                  : stack_select_source(stack, route->interface, next_hop);
}

/* ---- Input ---- */

static bool is_zero_net(net_ip4 ip)
{
    return ip >> 24 == 0;
}

/* __fib_validate_source(): whether this may come from there. STACK_FORWARD: it may. */
static enum stack_verdict validate_source(const struct sim_stack *stack, net_ip4 src,
                                          uint16_t interface, bool secpath)
{
    enum sim_stack_rp_filter filter = secpath ? SIM_STACK_RP_OFF : stack->rp_filter;
    uint8_t table;
    const struct net_route *back = stack_lookup(stack, src, SIM_STACK_ALL_TABLES, &table);
    if (!back || back->kind == NET_ROUTE_UNREACHABLE || back->kind == NET_ROUTE_BLACKHOLE)
        return filter == SIM_STACK_RP_OFF ? STACK_FORWARD : STACK_RP_FILTER;
    if (back->kind != NET_ROUTE_UNICAST)
        return STACK_MARTIAN; /* an own address, or a broadcast one */
    if (filter == SIM_STACK_RP_STRICT && back->interface != interface)
        return STACK_RP_FILTER;
    return STACK_FORWARD;
}

/* Sources that cannot be, before any route is asked. */
static bool is_martian(net_ip4 src)
{
    return src == NET_IP4_BROADCAST || net_ip4_is_multicast(src) || net_ip4_is_loopback(src);
}

static enum stack_verdict refusal(const struct sim_stack *stack, const struct net_route *route)
{
    if (!stack->forwarding)
        return STACK_NOT_FORWARDING;
    if (route && route->kind == NET_ROUTE_UNREACHABLE)
        return STACK_HOST_UNREACHABLE;
    return route ? STACK_SILENT : STACK_NO_ROUTE;
}

static enum stack_verdict decide_input(const struct sim_stack *stack, net_ip4 dst, net_ip4 src,
                                       uint16_t interface, bool secpath,
                                       struct sim_stack_route *out)
{
    if (is_martian(src))
        return STACK_MARTIAN;
    if (dst == NET_IP4_BROADCAST || (!src && !dst))
        return STACK_BROADCAST;
    if (is_zero_net(src))
        return STACK_MARTIAN;
    if (is_zero_net(dst) || net_ip4_is_loopback(dst))
        return STACK_MARTIAN_DESTINATION;
    uint8_t table = 0;
    const struct net_route *route = stack_lookup(stack, dst, SIM_STACK_ALL_TABLES, &table);
    if (!route || route->kind == NET_ROUTE_UNREACHABLE || route->kind == NET_ROUTE_BLACKHOLE)
        return refusal(stack, route);
    if (route->kind == NET_ROUTE_UNICAST && !stack->forwarding)
        return STACK_NOT_FORWARDING;
    fill(stack, route, table, dst, out);
    enum stack_verdict source = validate_source(stack, src, interface, secpath);
    if (source != STACK_FORWARD)
        return source;
    out->redirect =
        out->interface == interface && !secpath && stack_is_on_link(stack, src, interface);
    return route->kind == NET_ROUTE_LOCAL       ? STACK_LOCAL
           : route->kind == NET_ROUTE_BROADCAST ? STACK_BROADCAST
                                                : STACK_FORWARD;
}

static bool is_current(const struct sim_stack *stack, const struct stack_decision *decision,
                       net_ip4 dst, net_ip4 src, uint16_t key)
{
    return decision->dst == dst && decision->src == src && decision->key == key &&
           decision->generation == stack->generation && decision->until > stack->world->now;
}

/* The place of this decision if it was made, else the one to make it in. The tags tell at one look which to look at. */
static struct stack_decision *place_for(struct sim_stack *stack, net_ip4 dst, net_ip4 src,
                                        uint16_t key, bool *known)
{
    uint32_t hash = (dst ^ (src << 16 | src >> 16) ^ (uint32_t)key << 8) * 0x9e3779b1u;
    uint32_t home = hash >> 28 & (STACK_ROUTE_CACHE - 1), place = home;
    uint16_t tag = (uint16_t)(hash >> 12 | 1);
    for (uint32_t way = 0; way < STACK_ROUTE_WAYS; way++) {
        uint32_t at = home ^ way;
        if (stack->decision_tags[at] == tag &&
            is_current(stack, &stack->decisions[at], dst, src, key)) {
            *known = true;
            return &stack->decisions[at];
        }
    }
    for (uint32_t way = STACK_ROUTE_WAYS; way--;) {
        uint32_t at = home ^ way;
        if (stack->decisions[at].generation != stack->generation)
            place = at;
    }
    *known = false;
    stack->decision_tags[place] = tag;
    return &stack->decisions[place];
}

const struct stack_decision *stack_decide_input(struct sim_stack *stack, net_ip4 dst, net_ip4 src,
                                                uint16_t interface, bool secpath)
{
    uint16_t key = (uint16_t)(interface << 1 | secpath);
    bool known;
    struct stack_decision *decision = place_for(stack, dst, src, key, &known);
    if (known)
        return decision;
    *decision = (struct stack_decision){
        .dst = dst,
        .src = src,
        .key = key,
        .generation = stack->generation,
        .until = BASE_NEVER,
    };
    decision->verdict =
        (uint8_t)decide_input(stack, dst, src, interface, secpath, &decision->route);
    decision->route.mtu = stack_interface(stack, decision->route.interface)->mtu;
    return decision;
}

/* ---- Output ---- */

static enum sim_stack_status decide_output(const struct sim_stack *stack, net_ip4 dst,
                                           unsigned tables, struct sim_stack_route *out,
                                           base_ns *until)
{
    uint8_t table = 0;
    const struct net_route *route = stack_lookup(stack, dst, tables, &table);
    *until = BASE_NEVER;
    if (!route)
        return SIM_STACK_NET_UNREACHABLE;
    if (route->kind == NET_ROUTE_UNREACHABLE)
        return SIM_STACK_HOST_UNREACHABLE;
    if (route->kind == NET_ROUTE_BLACKHOLE)
        return SIM_STACK_BLACKHOLE;
    fill(stack, route, table, dst, out);
    out->mtu = stack_interface(stack, out->interface)->mtu;
    uint32_t learned = stack_path_mtu(stack, dst, until);
    if (learned && learned < out->mtu)
        out->mtu = learned;
    const struct stack_redirect *redirect =
        stack->redirects.count ? stack_redirect_find(stack, dst, route) : NULL;
    if (redirect) {
        out->next_hop = redirect->gateway;
        out->redirected = true;
        *until = base_ns_min(*until, redirect->expires);
    }
    return SIM_STACK_OK;
}

const struct stack_decision *stack_decide_output(struct sim_stack *stack, net_ip4 dst,
                                                 unsigned tables)
{
    uint16_t key = (uint16_t)(STACK_KEY_OUTPUT | tables);
    bool known;
    struct stack_decision *decision = place_for(stack, dst, 0, key, &known);
    if (known)
        return decision;
    *decision = (struct stack_decision){.dst = dst, .key = key, .generation = stack->generation};
    decision->status =
        (uint8_t)decide_output(stack, dst, tables, &decision->route, &decision->until);
    return decision;
}

enum sim_stack_status sim_stack_route_get(struct sim_stack *stack, net_ip4 dst, unsigned tables,
                                          struct sim_stack_route *out)
{
    const struct stack_decision *decision = stack_decide_output(stack, dst, tables);
    if (decision->status == SIM_STACK_OK)
        *out = decision->route;
    return (enum sim_stack_status)decision->status;
}

/* ---- Changes ---- */

enum sim_stack_status sim_stack_route_add(struct sim_stack *stack, enum sim_stack_table table,
                                          const struct net_route *route)
{
    stack->generation++;
    return net_route_add(&stack->tables[table], route) ? SIM_STACK_OK : SIM_STACK_EXISTS;
}

/* fib_check_nh(): the next hop's own route. A table other than main is asked itself first, where it
 * has no gateway of its own for it. */
static const struct net_route *route_of_next_hop(const struct sim_stack *stack,
                                                 enum sim_stack_table table, net_ip4 via)
{
    uint8_t found;
    const struct net_route *route = NULL;
    if (table == SIM_STACK_TABLE_VPN)
        route = net_route_lookup(&stack->tables[table], via);
    return route && !route->via ? route : stack_lookup(stack, via, SIM_STACK_WITHOUT_VPN, &found);
}

enum sim_stack_status sim_stack_route_add_via(struct sim_stack *stack, enum sim_stack_table table,
                                              const struct net_prefix *to, net_ip4 via,
                                              net_ip4 source, uint32_t tag)
{
    const struct net_route *link = route_of_next_hop(stack, table, via);
    uint8_t found;
    if (link &&
        link->via) /* a table's own route through a gateway hides the network: ask them all */
        link = stack_lookup(stack, via, SIM_STACK_ALL_TABLES, &found);
    bool own = link && link->kind == NET_ROUTE_LOCAL && link->interface != SIM_STACK_LOOPBACK;
    if (!via || !link || (link->kind != NET_ROUTE_UNICAST && !own) || link->via)
        return SIM_STACK_BAD_GATEWAY;
    struct net_route route = {
        .to = *to,
        .via = own ? 0 : via, /* its scope is the host: fib_info has no gateway to use then */
        .source = source,
        .interface = link->interface,
        .kind = NET_ROUTE_UNICAST,
        .tag = tag,
    };
    return sim_stack_route_add(stack, table, &route);
}

enum sim_stack_status sim_stack_route_remove(struct sim_stack *stack, enum sim_stack_table table,
                                             const struct net_prefix *to)
{
    stack->generation++;
    if (!net_route_remove(&stack->tables[table], to))
        return SIM_STACK_NO_SUCH;
    stack_redirects_sweep(stack);
    return SIM_STACK_OK;
}

const struct net_route_table *sim_stack_table(const struct sim_stack *stack,
                                              enum sim_stack_table table)
{
    return &stack->tables[table];
}
