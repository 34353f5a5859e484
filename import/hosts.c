/*
 * Stub hosts: two a LAN, with addresses that nobody else has on either side, inside of what the
 * tunnels carry where that is less than the LAN, and with the routes to the peers' networks that a
 * working host has.
 */
#include "import/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_HOST 11 /* .10 and up is what DHCP gives out; .11 is the tutorial's first */

struct pool {
    net_ip4 *used;
    size_t count;
    size_t capacity;
};

static bool is_used(const struct pool *pool, net_ip4 ip)
{
    for (size_t i = 0; i < pool->count; i++)
        if (pool->used[i] == ip)
            return true;
    return false;
}

/* The part of the LAN that the n-th CIDR within it names; the LAN where there is none. */
static struct net_prefix wanted(const struct topo_vdc *vdc, const struct topo_lan *lan, size_t n)
{
    struct net_prefix found = lan->subnet;
    size_t count = 0;
    for (int round = 0; round < 2 && (!round || count); round++) {
        size_t wish = round ? n % count : SIZE_MAX, seen = 0;
        for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
            const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
            for (size_t j = 0; j < tunnel->cloud_count; j++)
                if (tunnel->cloud[j].prefix.length > lan->subnet.length &&
                    net_prefix_covers(&lan->subnet, &tunnel->cloud[j].prefix) && seen++ == wish)
                    found = tunnel->cloud[j].prefix;
        }
        count = seen;
    }
    return found;
}

/* 0 where none is free. A LAN's first and last address are no host's. */
static net_ip4 pick(struct pool *pool, const struct net_prefix *lan, const struct net_prefix *in)
{
    struct net_addr a = net_prefix_first(in), b = net_prefix_last(in);
    struct net_addr network = net_prefix_first(lan), broadcast = net_prefix_last(lan);
    net_ip4 first = net_addr_ip4(&a), last = net_addr_ip4(&b);
    net_ip4 start = last - first > FIRST_HOST ? first + FIRST_HOST : first;
    net_ip4 ip = start;
    do {
        bool edge =
            lan->length < 31 && (ip == net_addr_ip4(&network) || ip == net_addr_ip4(&broadcast));
        if (!edge && !is_used(pool, ip)) {
            pool->used[pool->count++] = ip;
            return ip;
        }
        ip = ip == last ? first : ip + 1;
    } while (ip != start);
    return 0;
}

/* --- Routes ------------------------------------------------------------------------------------ */

/* The routes of one host while they are collected. */
struct routing {
    struct topo_route *routes;
    size_t count, capacity;
    const struct topo_lan *lan;
    const struct net_addr *via;
};

static void add_route(struct routing *r, const struct net_prefix *to)
{
    if (net_prefix_covers(&r->lan->subnet, to))
        return; /* its own LAN: no router is asked for that */
    for (size_t i = 0; i < r->count; i++)
        if (net_prefix_equal(&r->routes[i].to, to))
            return;
    r->routes = base_grow(r->routes, r->count, &r->capacity, sizeof(*r->routes));
    r->routes[r->count++] = (struct topo_route){.to = *to, .via = *r->via, .where = r->lan->where};
}

/* To the peer's LANs where the CIDR covers them, so that 0.0.0.0/0 does not become every host's default route. */
static void add_routes_to(struct routing *r, const struct topo_vdc *peer,
                          const struct net_prefix *cidr)
{
    bool found = false;
    for (size_t i = 0; peer && i < peer->lan_count; i++) {
        const struct net_prefix *subnet = &peer->lans[i].subnet;
        if (!net_prefix_overlaps(cidr, subnet))
            continue;
        found = true;
        add_route(r, net_prefix_covers(cidr, subnet) ? subnet : cidr);
    }
    if (!found)
        add_route(r, cidr);
}

static void route_host(struct import *import, const struct topo_vdc *vdc, struct topo_host *host)
{
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, host->lan);
    struct routing r = {.lan = topo_find_lan(vdc, host->lan), .via = &connection->ipv4.addr};
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        struct topo_node peer = {0};
        topo_find_public(&import->model, &tunnel->remote_address, &peer);
        for (size_t j = 0; j < tunnel->peer_count; j++)
            if (tunnel->peer[j].prefix.addr.family == NET_ADDR_IP4)
                add_routes_to(&r, peer.vdc, &tunnel->peer[j].prefix);
    }
    host->routes = base_arena_array(&import->arena, r.count, sizeof(*r.routes));
    host->route_count = r.count;
    if (r.count)
        memcpy(host->routes, r.routes, r.count * sizeof(*r.routes));
    free(r.routes);
}

/* --- Hosts ------------------------------------------------------------------------------------- */

static void add_to_lan(struct import *import, struct pool *pool, struct topo_vdc *vdc,
                       const struct topo_lan *lan)
{
    for (size_t i = 0; i < IMPORT_HOSTS_PER_LAN; i++) {
        struct net_prefix in = wanted(vdc, lan, i);
        net_ip4 ip = pick(pool, &lan->subnet, &in);
        if (!ip)
            ip = pick(pool, &lan->subnet, &lan->subnet);
        if (!ip) {
            char text[NET_PREFIX_TEXT_MAX];
            import_warn(import, "no-room-for-hosts", lan->subnet_where, NULL,
                        "LAN %u (%s) has no address left for stub host %zu", lan->id,
                        net_prefix_format(&lan->subnet, text), i + 1);
            return;
        }
        struct topo_host *host = &vdc->hosts[vdc->host_count++];
        *host = (struct topo_host){
            .name = base_arena_printf(&import->arena, "%s-host%zu", vdc->name, vdc->host_count),
            .where = lan->where,
            .lan = lan->id,
            .lan_where = lan->where,
            .address = net_addr_from_ip4(ip),
            .address_where = lan->subnet_where,
        };
    }
}

void import_add_hosts(struct import *import)
{
    struct pool pool = {0};
    for (size_t i = 0; i < import->model.vdc_count; i++)
        pool.capacity +=
            import->model.vdcs[i].gateway.connection_count * (1 + IMPORT_HOSTS_PER_LAN);
    pool.used = base_arena_array(&import->arena, pool.capacity, sizeof(*pool.used));
    for (size_t i = 0; i < import->model.vdc_count; i++) {
        const struct topo_gateway *gateway = &import->model.vdcs[i].gateway;
        for (size_t j = 0; j < gateway->connection_count; j++)
            pool.used[pool.count++] = net_addr_ip4(&gateway->connections[j].ipv4.addr);
    }
    for (size_t i = 0; i < import->model.vdc_count; i++) {
        struct topo_vdc *vdc = &import->model.vdcs[i];
        vdc->hosts = base_arena_array(&import->arena, vdc->lan_count * IMPORT_HOSTS_PER_LAN,
                                      sizeof(*vdc->hosts));
        for (size_t j = 0; j < vdc->lan_count; j++)
            add_to_lan(import, &pool, vdc, &vdc->lans[j]);
        for (size_t j = 0; j < vdc->host_count; j++)
            route_host(import, vdc, &vdc->hosts[j]);
    }
}

static bool holds(const struct topo_cidr *list, size_t count, const struct net_addr *address)
{
    for (size_t i = 0; i < count; i++)
        if (net_prefix_contains(&list[i].prefix, address))
            return true;
    return false;
}

static bool carries(const struct topo_vdc *vdc, const struct topo_host *host,
                    const struct topo_vdc *peer, const struct topo_host *other)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        if (net_addr_equal(&tunnel->remote_address, &peer->gateway.public_ip) &&
            holds(tunnel->cloud, tunnel->cloud_count, &host->address) &&
            holds(tunnel->peer, tunnel->peer_count, &other->address))
            return true;
    }
    return false;
}

bool import_joined(const struct topo_vdc *a, const struct topo_host *host, const struct topo_vdc *b,
                   const struct topo_host *other)
{
    return carries(a, host, b, other) || carries(b, other, a, host);
}
