/*
 * One IPv4 routing table: longest prefix match. Several of them in an order (local, 220, main), as
 * Linux's policy routing has them, are the stack's matter. One route a prefix: no metrics, no
 * multipath, no type of service.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "net/prefix.h"

enum net_route_kind {
    NET_ROUTE_UNICAST,
    NET_ROUTE_LOCAL,       /* an own address */
    NET_ROUTE_BROADCAST,   /* a broadcast address of an own network */
    NET_ROUTE_THROW,       /* ends the search in this table: the next one is asked */
    NET_ROUTE_UNREACHABLE, /* host unreachable */
    NET_ROUTE_BLACKHOLE    /* silence */
};

struct net_route {
    struct net_prefix to; /* IPv4, without host bits */
    net_ip4 via;          /* next hop, 0: on link */
    net_ip4 source;       /* address to send from, 0: the interface's own choice */
    uint16_t interface;   /* index in its stack; meaningless for throw, unreachable and blackhole */
    uint8_t kind;         /* enum net_route_kind */
    uint32_t tag;         /* who installed it, the installer's own number */
};

/* Filled by _init; the members are route.c's own. */
struct net_route_table {
    struct net_route *routes; /* longest prefix first, then by address */
    size_t count, capacity;
    uint64_t lengths;  /* bit n: a prefix of length n is there */
    uint32_t *slots;   /* open addressing on (network, length) -> index + 1; NULL for few routes */
    size_t slot_count; /* a power of two */
    uint32_t generation; /* changes with every change, so that a look-up may be remembered */
};

void net_route_table_init(struct net_route_table *table);
void net_route_table_fini(struct net_route_table *table);

/* Copies the route in; false when one for this prefix is there already ("File exists"). Host bits
 * of `to` are cleared. */
bool net_route_add(struct net_route_table *table, const struct net_route *route)
    __attribute__((warn_unused_result));

/* Takes out the route for exactly this prefix; false when there is none ("No such process"). */
bool net_route_remove(struct net_route_table *table, const struct net_prefix *to);

/* The route for exactly this prefix, or NULL. Borrowed until the table changes. */
const struct net_route *net_route_find(const struct net_route_table *table,
                                       const struct net_prefix *to);

/* The longest prefix that contains `ip`, or NULL. Borrowed until the table changes. */
const struct net_route *net_route_lookup(const struct net_route_table *table, net_ip4 ip);

/* The i-th route, longest prefix first; NULL past the end. */
const struct net_route *net_route_at(const struct net_route_table *table, size_t i);

#endif
