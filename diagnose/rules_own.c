/*
 * Causes at a gateway that has no address of its own in what its tunnel carries: charon installs a route with a source
 * address only, so there is none then. A policy-based gateway goes on without it, a route-based one gives the child SA up.
 */
#include "diagnose/case.h"
#include "diagnose/remedy.h"

static struct diag_range range_of(const struct net_prefix *prefix)
{
    net_ip4 first = net_addr_ip4(&prefix->addr);
    return (struct diag_range){first, first | ~net_ip4_mask(prefix->length)};
}

static bool is_own(const struct topo_gateway *gateway, const struct diag_range *range)
{
    net_ip4 own = net_addr_ip4(topo_gateway_wan(gateway));
    if ((range->first == 0 && range->last == NET_IP4_BROADCAST) ||
        (range->first <= own && own <= range->last))
        return true;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        own = net_addr_ip4(&gateway->connections[i].ipv4.addr);
        if (range->first <= own && own <= range->last)
            return true;
    }
    return false;
}

/* The local selectors of a child SA that the gateway has no address in; how many. */
static size_t foreign(const struct topo_gateway *gateway, const struct diag_row *child,
                      struct diag_range *out)
{
    size_t count = 0;
    for (size_t i = 0; i < child->local_count; i++) {
        if (!is_own(gateway, &child->local[i]))
            out[count++] = child->local[i];
    }
    return count;
}

static const char *ranges_text(const struct diag_case *c, const struct diag_range *ranges,
                               size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        uint32_t differ = ranges[i].first ^ ranges[i].last;
        struct net_prefix prefix = net_prefix_from_ip4(
            ranges[i].first, differ ? (uint8_t)__builtin_clz(differ) : (uint8_t)32);
        text = diag_join(c, text, ", ", diag_net(c, &prefix));
    }
    return text;
}

/* Why a gateway installs no route for a child SA, and what comes of it. */
static void say_no_route(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                         const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                         const char *networks, const struct diag_row *child, const char *sets,
                         const char *detail, const char *cure)
{
    diag_say(c, leg, DIAG_GATEWAY_OUTSIDE_SELECTORS, stage, tunnel->cloud_where, sets,
             DIAG_WORDS({"gateway", vdc->gateway.node}, {"tunnel", tunnel->name},
                        {"networks", networks},
                        {"network", ranges_text(c, child->remote, child->remote_count)},
                        {"detail", detail}, {"cure", cure}));
}

void diag_check_own_address(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_gateway *gateway = &leg->from.vdc->gateway;
    const struct sim_record *end = leg->trip->end;
    if (!end || end->reason != SIM_REASON_NO_ROUTE || end->node != diag_node_id(c, gateway->node))
        return;
    const struct diag_row *child =
        diag_history_child(c->in->history, gateway->node, leg->tunnel->name, end->at);
    if (!child)
        return;
    struct diag_range *none = base_arena_array(&c->out->arena, child->local_count, sizeof(*none));
    if (foreign(gateway, child, none) < child->local_count)
        return;
    const char *near = diag_networks(c, leg->from.vdc);
    const char *lans = base_arena_printf(&c->out->arena, "[%s]", near);
    const char *sets = diag_set_tunnel(c, leg->from.vdc, leg->tunnel, "cloudNetworkCIDRs", lans);
    if (leg->back)
        diag_remedy_add(c, &sets,
                        diag_set_tunnel(c, leg->peer, leg->back, "peerNetworkCIDRs", lans));
    const char *cure = base_arena_printf(&c->out->arena,
                                         "have cloudNetworkCIDRs of tunnel '%s' on %s, and the "
                                         "peer's peerNetworkCIDRs, cover %s",
                                         leg->tunnel->name, gateway->node, near);
    say_no_route(c, leg, DIAG_STAGE_NEAR + 4, leg->from.vdc, leg->tunnel,
                 ranges_text(c, child->local, child->local_count), child, sets, "", cure);
}

/* A child SA as it would be, where none came up: the networks of which the peer names any part. */
static struct diag_row would_be(const struct diag_case *c, const struct topo_tunnel *tunnel,
                                const struct topo_tunnel *back)
{
    struct diag_row row = {
        .local = base_arena_array(&c->out->arena, tunnel->cloud_count, sizeof(*row.local)),
        .remote = base_arena_array(&c->out->arena, tunnel->peer_count, sizeof(*row.remote)),
    };
    for (size_t i = 0; i < tunnel->cloud_count; i++) {
        if (tunnel->cloud[i].prefix.addr.family == NET_ADDR_IP4 &&
            diag_meet(&tunnel->cloud[i], 1, back->peer, back->peer_count))
            row.local[row.local_count++] = range_of(&tunnel->cloud[i].prefix);
    }
    for (size_t i = 0; i < tunnel->peer_count; i++) {
        if (tunnel->peer[i].prefix.addr.family == NET_ADDR_IP4)
            row.remote[row.remote_count++] = range_of(&tunnel->peer[i].prefix);
    }
    return row;
}

bool diag_check_unroutable(struct diag_case *c, const struct diag_leg *leg,
                           const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                           const struct topo_tunnel *back, base_ns at)
{
    const struct topo_gateway *gateway = &vdc->gateway;
    const struct diag_row *up =
        diag_history_find(c->in->history, DIAG_CHILD_UP, gateway->node, tunnel->name, 0, at, false);
    struct diag_row child = up ? *up : would_be(c, tunnel, back);
    if (gateway->behaviour.vpn != TOPO_VPN_ROUTE_BASED)
        return false;
    struct diag_range *none = base_arena_array(&c->out->arena, child.local_count, sizeof(*none));
    size_t count = foreign(gateway, &child, none);
    if (!count)
        return false;
    const char *networks = ranges_text(c, none, count);
    const char *cure =
        base_arena_printf(&c->out->arena,
                          "set vpn: policy-based on %s, or leave %s out of "
                          "cloudNetworkCIDRs of '%s' and the peer's peerNetworkCIDRs",
                          gateway->node, networks, tunnel->name);
    say_no_route(c, leg, DIAG_STAGE_IKE + 8, vdc, tunnel, networks, &child,
                 diag_set_gateway(c, vdc, "behaviour.vpn", "policy-based"),
                 ", and being route-based it gives the child SA up", cure);
    return true;
}
