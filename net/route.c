/*
 * Longest prefix match. The routes stand in one array, longest prefix first, which for a few of them
 * is the fastest search there is; past LINEAR_MAX an index by (network, length) is asked once for
 * each length in use, from the longest.
 */
#include "net/route.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    LINEAR_MAX = 48,
    LOAD_SHARE = 2 /* slots for each route, at least */
};

void net_route_table_init(struct net_route_table *table)
{
    *table = (struct net_route_table){0};
}

void net_route_table_fini(struct net_route_table *table)
{
    free(table->routes);
    free(table->slots);
    *table = (struct net_route_table){0};
}

static net_ip4 network_of(const struct net_route *route)
{
    return net_ip4_read(route->to.addr.bytes);
}

/* <0 where (network, length) stands before `route`. */
static int order(net_ip4 network, uint8_t length, const struct net_route *route)
{
    if (length != route->to.length)
        return length > route->to.length ? -1 : 1;
    net_ip4 other = network_of(route);
    return network < other ? -1 : network > other;
}

/* Where the route for this prefix is (*found) or belongs. */
static size_t position(const struct net_route_table *table, net_ip4 network, uint8_t length,
                       bool *found)
{
    size_t low = 0, high = table->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int side = order(network, length, &table->routes[middle]);
        if (side == 0) {
            *found = true;
            return middle;
        }
        if (side < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static size_t slot_of(const struct net_route_table *table, net_ip4 network, uint8_t length)
{
    uint64_t key = ((uint64_t)network << 6 | length) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key >> 32) & (table->slot_count - 1);
}

static void index_put(struct net_route_table *table, size_t at)
{
    const struct net_route *route = &table->routes[at];
    size_t slot = slot_of(table, network_of(route), route->to.length);
    while (table->slots[slot])
        slot = (slot + 1) & (table->slot_count - 1);
    table->slots[slot] = (uint32_t)at + 1;
}

static size_t index_get(const struct net_route_table *table, net_ip4 network, uint8_t length,
                        bool *found)
{
    size_t slot = slot_of(table, network, length);
    for (; table->slots[slot]; slot = (slot + 1) & (table->slot_count - 1)) {
        size_t at = table->slots[slot] - 1;
        *found = !order(network, length, &table->routes[at]);
        if (*found)
            return at;
    }
    *found = false;
    return 0;
}

/* The index anew after a change: the array's places have moved anyway. */
static void index_rebuild(struct net_route_table *table)
{
    table->generation++;
    table->lengths = 0;
    for (size_t i = 0; i < table->count; i++)
        table->lengths |= UINT64_C(1) << table->routes[i].to.length;
    free(table->slots);
    table->slots = NULL;
    if (table->count <= LINEAR_MAX)
        return;
    table->slot_count = 64;
    while (table->slot_count < table->count * LOAD_SHARE)
        table->slot_count *= 2;
    table->slots = base_alloc_array(table->slot_count, sizeof(*table->slots));
    for (size_t i = 0; i < table->count; i++)
        index_put(table, i);
}

bool net_route_add(struct net_route_table *table, const struct net_route *route)
{
    assert(route->to.addr.family == NET_ADDR_IP4 && route->to.length <= 32);
    struct net_prefix to = net_prefix_mask(&route->to);
    bool found;
    size_t at = position(table, net_addr_ip4(&to.addr), to.length, &found);
    if (found)
        return false;
    table->routes =
        base_grow(table->routes, table->count, &table->capacity, sizeof(*table->routes));
    memmove(table->routes + at + 1, table->routes + at,
            (table->count - at) * sizeof(*table->routes));
    table->routes[at] = *route;
    table->routes[at].to = to;
    table->count++;
    index_rebuild(table);
    return true;
}

/* The place of the route for exactly this prefix. */
static size_t exact(const struct net_route_table *table, const struct net_prefix *to, bool *found)
{
    net_ip4 network = net_addr_ip4(&to->addr) & net_ip4_mask(to->length);
    *found = false;
    return to->addr.family == NET_ADDR_IP4 ? position(table, network, to->length, found) : 0;
}

bool net_route_remove(struct net_route_table *table, const struct net_prefix *to)
{
    bool found;
    size_t at = exact(table, to, &found);
    if (!found)
        return false;
    table->count--;
    memmove(table->routes + at, table->routes + at + 1,
            (table->count - at) * sizeof(*table->routes));
    index_rebuild(table);
    return true;
}

const struct net_route *net_route_find(const struct net_route_table *table,
                                       const struct net_prefix *to)
{
    bool found;
    size_t at = exact(table, to, &found);
    return found ? &table->routes[at] : NULL;
}

static const struct net_route *lookup_indexed(const struct net_route_table *table, net_ip4 ip)
{
    for (uint64_t left = table->lengths; left;) {
        uint8_t length = (uint8_t)(63 - __builtin_clzll(left));
        bool found;
        size_t at = index_get(table, ip & net_ip4_mask(length), length, &found);
        if (found)
            return &table->routes[at];
        left &= ~(UINT64_C(1) << length);
    }
    return NULL;
}

const struct net_route *net_route_lookup(const struct net_route_table *table, net_ip4 ip)
{
    if (table->slots)
        return lookup_indexed(table, ip);
    for (size_t i = 0; i < table->count; i++)
        if (net_ip4_in(ip, network_of(&table->routes[i]), table->routes[i].to.length))
            return &table->routes[i];
    return NULL;
}

const struct net_route *net_route_at(const struct net_route_table *table, size_t i)
{
    return i < table->count ? &table->routes[i] : NULL;
}
