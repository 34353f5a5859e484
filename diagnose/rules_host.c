/*
 * Causes at hosts: whether a host knows that the way to the peer's network is its VPN gateway, and whether
 * it can reach the gateway at all. What happened to the packet goes before what the host knew when its
 * probe ended.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/remedy.h"

/* What the host did with the packet: its own record, else what it would do now. False: not known. */
static bool way_out(const struct diag_leg *leg, bool *found, net_ip4 *next, unsigned *length)
{
    const struct diag_trip *trip = leg->trip;
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        if (record->node != leg->from_id)
            continue;
        if (record->kind == SIM_KIND_ROUTED && (record->a & UINT32_MAX) == leg->dst) {
            *found = true;
            *next = (net_ip4)(record->b >> 32);
            *length = record->b & 0xff;
            return true;
        }
        if (record->kind == SIM_KIND_DROPPED && record->reason == SIM_REASON_NO_ROUTE) {
            *found = false;
            return true;
        }
    }
    *found = leg->look->found;
    *next = leg->look->route.next_hop;
    *length = leg->look->route.prefix_length;
    return leg->look->known;
}

/* The route of the file that the host uses for dst: the longest one; NULL: none of its own. */
static const struct topo_route *route_in_file(const struct topo_host *host, net_ip4 dst)
{
    struct net_addr to = net_addr_from_ip4(dst);
    const struct topo_route *best = NULL;
    for (size_t i = 0; i < host->route_count; i++) {
        const struct topo_route *route = &host->routes[i];
        if (net_prefix_contains(&route->to, &to) && (!best || route->to.length > best->to.length))
            best = route;
    }
    return best;
}

/* The network that a route should be for: the peer's LAN, or what the tunnel carries. */
static const char *network_of(const struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_lan *lan = diag_lan_of(leg->to.vdc, leg->dst);
    struct net_addr to = net_addr_from_ip4(leg->dst);
    if (lan)
        return diag_net(c, &lan->subnet);
    for (size_t i = 0; leg->tunnel && i < leg->tunnel->peer_count; i++) {
        if (net_prefix_contains(&leg->tunnel->peer[i].prefix, &to))
            return diag_net(c, &leg->tunnel->peer[i].prefix);
    }
    return diag_net(c, &(struct net_prefix){to, 32});
}

static const char *who_is(const struct diag_case *c, const struct diag_leg *leg, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    struct topo_node node;
    if (!topo_find_address(c->in->model, &addr, &node) || node.vdc != leg->from.vdc)
        return " (nobody has that address)";
    return base_arena_printf(&c->out->arena, " (%s)",
                             node.host ? node.host->name : node.gateway->node);
}

static void say_route(struct diag_case *c, const struct diag_leg *leg, net_ip4 gateway, bool found,
                      net_ip4 next, unsigned length)
{
    const struct topo_host *host = leg->from.host;
    const struct topo_route *written = route_in_file(host, leg->dst);
    const char *network = network_of(c, leg), *via = diag_ip(c, gateway), *detail;
    bool taken = written && net_addr_ip4(&written->via) == gateway; /* by a step */
    bool wrong = found ? length > 0 : written && !taken;
    struct base_where where = written && wrong ? written->where : host->where;
    const char *to = written && wrong ? diag_net(c, &written->to) : network;
    const char *set = diag_set_host(c, leg->from.vdc, host, to, via);
    if (wrong) {
        net_ip4 instead = found ? next : net_addr_ip4(&written->via);
        diag_say(c, leg, DIAG_WRONG_NEXT_HOP, DIAG_STAGE_HOST, where, set,
                 DIAG_WORDS({"host", host->name}, {"network", to}, {"wrong", diag_ip(c, instead)},
                            {"who", who_is(c, leg, instead)}, {"via", via}));
        return;
    }
    detail = taken ? "its route to it was taken away" : "it has no route to it";
    if (found)
        detail = base_arena_printf(&c->out->arena, "its default gateway, %s, is all it has",
                                   diag_ip(c, next));
    diag_say(
        c, leg, DIAG_MISSING_HOST_ROUTE, DIAG_STAGE_HOST, where, taken ? NULL : set,
        DIAG_WORDS({"host", host->name}, {"network", network}, {"detail", detail}, {"via", via}));
}

/* An address of the gateway in another LAN that the host takes for its own: whether ARP finds it is not the route's fault. */
static bool is_other_leg(const struct diag_leg *leg, net_ip4 next)
{
    const struct topo_gateway *gateway = &leg->from.vdc->gateway;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        if (net_addr_ip4(&gateway->connections[i].ipv4.addr) == next)
            return true;
    }
    return false;
}

static void check_route(struct diag_case *c, const struct diag_leg *leg,
                        const struct topo_connection *connection)
{
    net_ip4 gateway = net_addr_ip4(&connection->ipv4.addr), next = 0;
    unsigned length = 0;
    bool found = false;
    if (gateway == net_addr_ip4(&leg->from.host->address) || /* told as an address that two have */
        !way_out(leg, &found, &next, &length))
        return;
    if (!found || (next != gateway && !is_other_leg(leg, next)))
        say_route(c, leg, gateway, found, next, length);
}

/* The public address of the own gateway is reached by the gateway's address in the LAN. */
static void check_route_outside(struct diag_case *c, const struct diag_leg *leg,
                                const struct topo_connection *connection)
{
    if (connection && leg->from.vdc == leg->to.vdc && leg->to.gateway &&
        leg->dst == net_addr_ip4(topo_gateway_wan(leg->to.gateway)))
        check_route(c, leg, connection);
}

/* The remedy connects the gateway, and gives the host a route by its address there. */
static void say_not_on_lan(struct diag_case *c, const struct diag_leg *leg,
                           const struct topo_vdc *vdc, const struct topo_lan *lan,
                           const struct topo_connection *connection, const struct topo_host *host)
{
    const struct topo_gateway *gateway = &vdc->gateway;
    struct base_arena *arena = &c->out->arena;
    net_ip4 address = diag_remedy_gateway_address(vdc, lan);
    const char *detail = "", *sets = NULL, *fix = "an address", *stands = "";
    if (connection)
        detail =
            base_arena_printf(arena, " (its address there is %s)", diag_net(c, &connection->ipv4));
    if (host)
        stands = base_arena_printf(arena, ", where %s is", host->name);
    if (address) {
        const char *via = diag_ip(c, address);
        fix = base_arena_printf(arena, "%s/%u", via, lan->subnet.length);
        sets = diag_remedy_connect(c, vdc, lan, address);
        if (host)
            diag_remedy_add(c, &sets, diag_set_host(c, vdc, host, network_of(c, leg), via));
    }
    diag_say(c, leg, DIAG_GATEWAY_NOT_ON_LAN, DIAG_STAGE_HOST,
             connection ? connection->ipv4_where : gateway->where, sets,
             DIAG_WORDS({"gateway", gateway->node},
                        {"lan", base_arena_printf(arena, "%u", lan->id)},
                        {"subnet", diag_net(c, &lan->subnet)}, {"stands", stands},
                        {"detail", detail}, {"address", fix}));
}

/* What the host should have as its prefix: the gateway's where the LAN itself is said to be wider. */
static struct net_prefix real_prefix(const struct diag_leg *leg, const struct topo_lan *lan,
                                     const struct topo_connection *connection)
{
    bool wide = connection && connection->ipv4.length > lan->subnet.length &&
                net_prefix_contains(&connection->ipv4, &leg->from.host->address);
    return wide ? net_prefix_mask(&connection->ipv4) : lan->subnet;
}

/* What gives the host that prefix, and a route by the gateway where it needs one then. */
static const char *mask_fix(struct diag_case *c, const struct diag_leg *leg,
                            const struct topo_lan *lan, const struct net_prefix *real,
                            const struct topo_connection *connection, const char **set)
{
    struct base_arena *arena = &c->out->arena;
    const struct topo_host *host = leg->from.host;
    const struct topo_vdc *vdc = leg->from.vdc;
    const char *address =
        base_arena_printf(arena, "%s/%u", diag_ip(c, net_addr_ip4(&host->address)), real->length);
    const char *fix =
        base_arena_printf(arena, "on %s: ip addr replace %s dev eth0", host->name, address);
    *set = base_arena_printf(arena, "vdcs.%s.lans.%u.subnet=%s", diag_key(c, vdc->name), lan->id,
                             diag_net(c, real));
    if (host->prefix_length)
        *set = base_arena_printf(arena, "vdcs.%s.hosts.%s.address=%s", diag_key(c, vdc->name),
                                 diag_key(c, host->name), address);
    if (!connection || !leg->apart || route_in_file(host, leg->dst) || host->default_gateway.family)
        return fix;
    const char *network = network_of(c, leg);
    const char *via = diag_ip(c, net_addr_ip4(&connection->ipv4.addr));
    diag_remedy_add(c, set, diag_set_host(c, vdc, host, network, via));
    return base_arena_printf(arena, "%s, and ip route add %s via %s", fix, network, via);
}

/* True where the host's own prefix is what is wrong: too wide, or too narrow for what it has to reach. */
static bool say_mask(struct diag_case *c, const struct diag_leg *leg, const struct topo_lan *lan,
                     const struct topo_connection *connection)
{
    const struct topo_host *host = leg->from.host;
    struct net_prefix whole = topo_host_prefix(host, lan), own = net_prefix_mask(&whole);
    struct net_prefix real = real_prefix(leg, lan, connection);
    struct net_addr to = net_addr_from_ip4(leg->dst);
    const char *set, *detail, *address = diag_ip(c, leg->dst);
    bool wide = own.length < real.length && net_prefix_contains(&own, &to) &&
                !net_prefix_contains(&real, &to);
    const struct net_addr *near = leg->apart && connection ? &connection->ipv4.addr : &to;
    bool narrow = own.length > real.length && net_prefix_contains(&real, near) &&
                  !net_prefix_contains(&own, near);
    if (!wide && !narrow)
        return false;
    if (wide)
        detail = base_arena_printf(&c->out->arena,
                                   "it takes %s for a neighbour, asks for it by ARP, and sends "
                                   "nothing to the gateway",
                                   address);
    else
        detail = base_arena_printf(&c->out->arena, "%s, on the same LAN, is out of its reach",
                                   diag_ip(c, net_addr_ip4(near)));
    const char *fix = mask_fix(c, leg, lan, &real, connection, &set);
    diag_say(c, leg, DIAG_WRONG_HOST_MASK, DIAG_STAGE_HOST,
             host->prefix_length ? host->address_where : lan->subnet_where, set,
             DIAG_WORDS({"host", host->name}, {"subnet", diag_net(c, &own)},
                        {"real", diag_net(c, &real)}, {"detail", detail}, {"fix", fix}));
    return true;
}

/* The peer's host is looked for on the own LAN: because that is too wide, or because both have the same. True where that is
 * said. */
static bool say_on_link(struct diag_case *c, const struct diag_leg *leg, const struct topo_lan *lan,
                        const struct topo_connection *connection)
{
    const struct diag_site here = {leg->from.vdc, lan};
    const struct diag_site there = {leg->to.vdc, diag_lan_of(leg->to.vdc, leg->dst)};
    net_ip4 next = 0;
    unsigned length = 0;
    bool found = false;
    if (!way_out(leg, &found, &next, &length) || !found || next != leg->dst)
        return false; /* a longer route leads elsewhere all the same */
    if (say_mask(c, leg, lan, connection))
        return true;
    if (there.lan)
        diag_say_overlap(
            c, leg, &here, &there,
            "a host looks for the other site's hosts on its own LAN, and sends nothing "
            "to the gateway");
    return there.lan != NULL;
}

/* Whether some next hop of the file is an address of the gateway that the host does not take for a neighbour: it has no such
 * route then ("Nexthop has invalid gateway"). */
static bool has_unreachable_hop(const struct topo_node *node, const struct topo_host *host,
                                const struct net_prefix *own)
{
    const struct topo_connection *connection = topo_find_connection(&node->vdc->gateway, host->lan);
    if (!connection || net_prefix_contains(own, &connection->ipv4.addr))
        return false;
    for (size_t i = 0; i < host->route_count; i++) {
        if (net_addr_equal(&host->routes[i].via, &connection->ipv4.addr))
            return true;
    }
    return net_addr_equal(&host->default_gateway, &connection->ipv4.addr);
}

/* A host that has its gateway within its own prefix gets along, whatever its LAN is said to be. */
static bool is_outside(const struct topo_node *node, const struct topo_host *host)
{
    const struct topo_lan *lan = topo_find_lan(node->vdc, host->lan);
    if (!lan || net_prefix_contains(&lan->subnet, &host->address))
        return false;
    const struct topo_gateway *gateway = &node->vdc->gateway;
    struct net_prefix own = topo_host_prefix(host, lan);
    if (has_unreachable_hop(node, host, &own))
        return true;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        if (net_prefix_contains(&own, &gateway->connections[i].ipv4.addr))
            return false;
    }
    return true;
}

/* The gateway's place in a LAN whose subnet its address is not in, and with no host of which it gets along; NULL: none. */
static const struct topo_connection *outside_connection(const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        const struct topo_connection *one = &vdc->gateway.connections[i];
        const struct topo_lan *lan = topo_find_lan(vdc, one->lan);
        bool near = !lan || net_prefix_contains(&lan->subnet, &one->ipv4.addr);
        for (size_t j = 0; !near && j < vdc->host_count; j++) {
            struct net_prefix own = topo_host_prefix(&vdc->hosts[j], lan);
            near = vdc->hosts[j].lan == one->lan && net_prefix_contains(&own, &one->ipv4.addr);
        }
        if (!near)
            return one;
    }
    return NULL;
}

bool diag_is_outside_lan(const struct topo_node *node)
{
    if (node->host)
        return is_outside(node, node->host);
    return node->gateway && outside_connection(node->vdc);
}

/* The host's own address is none of its LAN: neither its routes nor what is for it can work. */
static void say_outside_lan(struct diag_case *c, const struct diag_leg *leg,
                            const struct topo_node *node)
{
    const struct topo_host *host = node->host;
    if (!host) {
        const struct topo_connection *place = outside_connection(node->vdc);
        say_not_on_lan(c, leg, node->vdc, topo_find_lan(node->vdc, place->lan), place, NULL);
        return;
    }
    const struct topo_lan *lan = topo_find_lan(node->vdc, host->lan);
    net_ip4 instead = diag_remedy_free_address(node->vdc, lan);
    const char *fix = "an address there";
    if (instead)
        fix = base_arena_printf(&c->out->arena, "an address there, %s for example",
                                diag_ip(c, instead));
    diag_say(c, leg, DIAG_HOST_OUTSIDE_LAN, DIAG_STAGE_HOST, host->address_where,
             instead ? diag_remedy_address(c, node->vdc, host, instead) : NULL,
             DIAG_WORDS({"host", host->name}, {"address", diag_ip(c, net_addr_ip4(&host->address))},
                        {"lan", base_arena_printf(&c->out->arena, "%u", lan->id)},
                        {"subnet", diag_net(c, &lan->subnet)}, {"fix", fix}));
}

/* By the LAN's subnet, or since the two take each other for neighbours, whatever the LAN is said to be. */
static bool is_connected(const struct topo_host *host, const struct topo_lan *lan,
                         const struct topo_connection *connection)
{
    struct net_prefix own = topo_host_prefix(host, lan);
    return connection && (net_prefix_contains(&lan->subnet, &connection->ipv4.addr) ||
                          (net_prefix_contains(&own, &connection->ipv4.addr) &&
                           net_prefix_contains(&connection->ipv4, &host->address)));
}

void diag_check_connected(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_host *host = leg->from.host;
    const struct topo_lan *lan = host ? topo_find_lan(leg->from.vdc, host->lan) : NULL;
    const struct topo_connection *connection =
        host ? topo_find_connection(&leg->from.vdc->gateway, host->lan) : NULL;
    if (leg->apart && lan && !is_connected(host, lan, connection))
        say_not_on_lan(c, leg, leg->from.vdc, lan, connection, host);
}

void diag_rules_host(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_host *host = leg->from.host;
    diag_check_twice(c, leg, leg->from.vdc, leg->src);
    diag_check_twice(c, leg, leg->to.vdc, leg->dst);
    diag_check_lans(c, leg);
    diag_check_gateway_mask(c, leg);
    bool by_lan = leg->apart || leg->from.vdc == leg->to.vdc; /* not between public addresses */
    if (by_lan && (diag_is_outside_lan(&leg->from) || diag_is_outside_lan(&leg->to))) {
        say_outside_lan(c, leg, diag_is_outside_lan(&leg->from) ? &leg->from : &leg->to);
        return;
    }
    if (!host)
        return;
    const struct topo_vdc *vdc = leg->from.vdc;
    const struct topo_lan *lan = topo_find_lan(vdc, host->lan);
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, host->lan);
    struct net_addr to = net_addr_from_ip4(leg->dst);
    if (connection && leg->apart)
        diag_check_twice(c, leg, vdc, net_addr_ip4(&connection->ipv4.addr));
    if (!lan)
        return;
    if (!leg->apart) {
        if (!say_mask(c, leg, lan, connection))
            check_route_outside(c, leg, connection);
        return;
    }
    struct net_prefix own = topo_host_prefix(host, lan);
    if (leg->to.gateway && leg->dst == net_addr_ip4(topo_gateway_wan(leg->to.gateway)))
        return; /* no host needs a route to a public address: it should not have been the source */
    bool near = net_prefix_contains(&own, &to);
    if (near ? say_on_link(c, leg, lan, connection) : say_mask(c, leg, lan, connection))
        return;
    if (!is_connected(host, lan, connection))
        say_not_on_lan(c, leg, leg->from.vdc, lan, connection, host);
    else if (leg->to.vdc || leg->tunnel)
        check_route(c, leg, connection);
}
