/*
 * Networks: an address and how many of its leading bits count (CIDR, RFC 4632).
 */
#ifndef NET_PREFIX_H
#define NET_PREFIX_H

#include "net/addr.h"

enum {
    NET_PREFIX_TEXT_MAX = NET_ADDR_TEXT_MAX + 4
};

struct net_prefix {
    struct net_addr addr; /* host bits may be set where a text was read with them kept */
    uint8_t length;       /* 0..32 or 0..128 */
};

enum net_prefix_host_bits {
    NET_PREFIX_KEEP, /* "192.168.1.5/24" stays an address with its network */
    NET_PREFIX_MASK  /* "192.168.1.100/24" means 192.168.1.0/24 */
};

/* Parses "192.168.1.0/24" or "2001:db8::/32"; without a slash the whole address is the prefix.
 * *out is untouched on failure. */
bool net_prefix_parse(const char *text, enum net_prefix_host_bits host_bits, struct net_prefix *out)
    __attribute__((warn_unused_result));

/* Writes "192.168.1.0/24" and returns `out`. */
char *net_prefix_format(const struct net_prefix *prefix, char out[static NET_PREFIX_TEXT_MAX]);

struct net_prefix net_prefix_from_ip4(net_ip4 ip, uint8_t length);
struct net_prefix net_prefix_from_addr(const struct net_addr *addr); /* /32 or /128 */

/* The same network with its host bits cleared. */
struct net_prefix net_prefix_mask(const struct net_prefix *prefix);
bool net_prefix_has_host_bits(const struct net_prefix *prefix);

/* First and last address of the network: where an IPv4 network of /31 or less has a subnet
 * broadcast address, that is the last. */
struct net_addr net_prefix_first(const struct net_prefix *prefix);
struct net_addr net_prefix_last(const struct net_prefix *prefix);

bool net_prefix_contains(const struct net_prefix *prefix, const struct net_addr *addr);
/* Whether every address of `inner` lies in `outer`. */
bool net_prefix_covers(const struct net_prefix *outer, const struct net_prefix *inner);
bool net_prefix_overlaps(const struct net_prefix *a, const struct net_prefix *b);
/* As networks: host bits do not count. */
bool net_prefix_equal(const struct net_prefix *a, const struct net_prefix *b);

/* The smallest list of prefixes that covers exactly first..last (same family, first <= last): up to
 * `max` into `out`; returns how many there are in all. */
size_t net_prefix_from_range(const struct net_addr *first, const struct net_addr *last,
                             struct net_prefix *out, size_t max);

static inline net_ip4 net_ip4_mask(uint8_t length)
{
    return length ? (net_ip4)0xffffffffu << (32 - length) : 0;
}

static inline bool net_ip4_in(net_ip4 ip, net_ip4 network, uint8_t length)
{
    return !((ip ^ network) & net_ip4_mask(length));
}

#endif
