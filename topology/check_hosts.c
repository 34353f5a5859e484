/*
 * The check of hosts: their LAN, their address and their way to the peer's networks. The product pushes
 * no routes, so each host needs one of its own, on both sides.
 */
#include "base/mem.h"
#include "topology/check_internal.h"

#include <stdlib.h>

static bool later(const struct check *check, const struct topo_host *host,
                  const struct net_prefix *to)
{
    const struct topo_check_options *options = check->options;
    return options && options->routes_later && options->routes_later(options->context, host, to);
}

/* The next hop that the host has for all of `to`: of its longest such route, else its default gateway. */
static struct net_addr next_hop(const struct topo_host *host, const struct net_prefix *to)
{
    const struct topo_route *best = NULL;
    for (size_t i = 0; i < host->route_count; i++) {
        const struct topo_route *route = &host->routes[i];
        if (net_prefix_covers(&route->to, to) && (!best || route->to.length > best->to.length))
            best = route;
    }
    return best ? best->via : host->default_gateway;
}

static void need_route(const struct check *check, const struct topo_vdc *vdc,
                       const struct topo_host *host, const struct topo_connection *connection,
                       const struct net_prefix *to)
{
    const struct topo_lan *lan = topo_find_lan(vdc, host->lan);
    struct net_addr via = next_hop(host, to);
    char network[NET_PREFIX_TEXT_MAX], gateway[NET_ADDR_TEXT_MAX], wrong[NET_ADDR_TEXT_MAX];
    if (net_addr_equal(&via, &connection->ipv4.addr) || later(check, host, to))
        return;
    /* What lies in the host's own LAN is never sent to a router: overlapping-lans or host-mask-differs has said so. */
    struct net_prefix own = lan ? topo_host_prefix(host, lan) : *to;
    if (lan && net_prefix_overlaps(&own, to))
        return;
    net_prefix_format(to, network);
    net_addr_format(&connection->ipv4.addr, gateway);
    char *hint = base_printf("routes are not pushed; on %s: ip route %s %s via %s", host->name,
                             via.family ? "replace" : "add", network, gateway);
    if (via.family)
        base_diagnostics_add(check->problems, BASE_WARNING, "missing-host-route", host->where, hint,
                             "%s sends what is for %s to %s, not to its VPN gateway %s", host->name,
                             network, net_addr_format(&via, wrong), gateway);
    else
        base_diagnostics_add(check->problems, BASE_WARNING, "missing-host-route", host->where, hint,
                             "%s has no route to %s via its VPN gateway %s", host->name, network,
                             gateway);
    free(hint);
}

/* What lies behind the peer within one of its CIDRs: its LANs where the CIDR is wider than they are. */
static void need_network(const struct check *check, const struct topo_vdc *vdc,
                         const struct topo_host *host, const struct topo_connection *connection,
                         const struct topo_vdc *peer, const struct net_prefix *cidr)
{
    bool found = false;
    for (size_t i = 0; peer && i < peer->gateway.connection_count; i++) {
        const struct topo_lan *lan = topo_find_lan(peer, peer->gateway.connections[i].lan);
        if (!lan || !net_prefix_overlaps(cidr, &lan->subnet))
            continue;
        found = true;
        need_route(check, vdc, host, connection,
                   net_prefix_covers(cidr, &lan->subnet) ? &lan->subnet : cidr);
    }
    if (!found && !check_is_any(cidr))
        need_route(check, vdc, host, connection, cidr);
}

static bool selected(const struct topo_tunnel *tunnel, const struct net_addr *address)
{
    for (size_t i = 0; i < tunnel->cloud_count; i++)
        if (net_prefix_contains(&tunnel->cloud[i].prefix, address))
            return true;
    return false;
}

static void check_routes(const struct check *check, const struct topo_vdc *vdc,
                         const struct topo_host *host)
{
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, host->lan);
    for (size_t i = 0; connection && i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        const struct topo_vdc *peer = check_vdc_at(check, &tunnel->remote_address);
        if (!selected(tunnel, &host->address))
            continue;
        for (size_t j = 0; j < tunnel->peer_count; j++)
            if (tunnel->peer[j].prefix.addr.family == NET_ADDR_IP4)
                need_network(check, vdc, host, connection, peer, &tunnel->peer[j].prefix);
    }
}

static void check_next_hop(const struct check *check, const struct topo_host *host,
                           const struct topo_lan *lan, const struct net_addr *via,
                           struct base_where where)
{
    char text[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
    struct net_prefix whole = topo_host_prefix(host, lan),
                      own = host->prefix_length ? net_prefix_mask(&whole) : lan->subnet;
    if (via->family && !net_prefix_contains(&own, via))
        base_diagnostics_add(check->problems, BASE_WARNING, "next-hop-not-on-link", where,
                             "a next hop is an address in the host's own LAN",
                             "the next hop %s of %s is not in its LAN's subnet %s",
                             net_addr_format(via, text), host->name,
                             net_prefix_format(&own, subnet));
}

static void check_mask(const struct check *check, const struct topo_host *host,
                       const struct topo_lan *lan)
{
    char subnet[NET_PREFIX_TEXT_MAX];
    if (host->prefix_length && host->prefix_length != lan->subnet.length)
        base_diagnostics_add(check->problems, BASE_WARNING, "host-mask-differs",
                             host->address_where,
                             "leave the prefix length out, and it is the LAN's",
                             "%s's prefix length %u is not that of LAN %u's subnet %s", host->name,
                             host->prefix_length, lan->id, net_prefix_format(&lan->subnet, subnet));
}

static void check_host(const struct check *check, const struct topo_vdc *vdc,
                       const struct topo_host *host)
{
    const struct topo_lan *lan = topo_find_lan(vdc, host->lan);
    char address[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
    if (!lan && (host->lan == TOPO_LAN_NONE || !check_knows_lans(vdc)))
        return;
    if (!lan) {
        base_diagnostics_add(check->problems, BASE_ERROR, "unknown-lan", host->lan_where,
                             "a host names one of its VDC's lans", "VDC '%s' has no LAN %u",
                             vdc->name, host->lan);
        return;
    }
    if (!lan->subnet.addr.family)
        return;
    if (host->address.family && !net_prefix_contains(&lan->subnet, &host->address))
        base_diagnostics_add(check->problems, BASE_WARNING, "host-outside-subnet",
                             host->address_where, "it will not reach its LAN, nor the LAN it",
                             "%s's address %s is not in LAN %u's subnet %s", host->name,
                             net_addr_format(&host->address, address), lan->id,
                             net_prefix_format(&lan->subnet, subnet));
    check_mask(check, host, lan);
    for (size_t i = 0; i < host->route_count; i++)
        check_next_hop(check, host, lan, &host->routes[i].via, host->routes[i].where);
    check_next_hop(check, host, lan, &host->default_gateway, host->default_gateway_where);
    check_routes(check, vdc, host);
}

void check_hosts(const struct check *check)
{
    for (size_t i = 0; i < check->model->vdc_count; i++) {
        const struct topo_vdc *vdc = &check->model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++)
            check_host(check, vdc, &vdc->hosts[j]);
    }
}
