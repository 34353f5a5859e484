/*
 * Addresses of IPv4 and IPv6 as values, and IPv4 alone as a number for the fast path.
 * No zones, no host names.
 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An IPv4 address in host order: 192.168.1.5 is 0xc0a80105. 0 is "none" wherever one may be absent. */
typedef uint32_t net_ip4;

enum {
    NET_ADDR_NONE = 0,
    NET_ADDR_IP4 = 4,
    NET_ADDR_IP6 = 6,
    NET_ADDR_TEXT_MAX = 46, /* bytes of the longest text, with its end */
    NET_IP4_TEXT_MAX = 16,
    NET_MAC_SIZE = 6,
    NET_MAC_TEXT_MAX = 18
};

#define NET_IP4_BROADCAST ((net_ip4)0xffffffffu)
#define NET_IP4(a, b, c, d)                                                                        \
    ((net_ip4)(a) << 24 | (net_ip4)(b) << 16 | (net_ip4)(c) << 8 | (net_ip4)(d))

/* bytes[] is in network order; IPv4 uses the first four, the rest is zero. */
struct net_addr {
    uint8_t family; /* NET_ADDR_NONE, NET_ADDR_IP4 or NET_ADDR_IP6 */
    uint8_t bytes[16];
};

static inline net_ip4 net_ip4_read(const uint8_t *bytes)
{
    return NET_IP4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static inline void net_ip4_write(uint8_t *out, net_ip4 ip)
{
    out[0] = (uint8_t)(ip >> 24);
    out[1] = (uint8_t)(ip >> 16);
    out[2] = (uint8_t)(ip >> 8);
    out[3] = (uint8_t)ip;
}

static inline struct net_addr net_addr_from_ip4(net_ip4 ip)
{
    struct net_addr addr = {.family = NET_ADDR_IP4};
    net_ip4_write(addr.bytes, ip);
    return addr;
}

/* The 16 bytes as an IPv6 address. */
static inline struct net_addr net_addr_from_ip6(const uint8_t *bytes)
{
    struct net_addr addr = {.family = NET_ADDR_IP6};
    memcpy(addr.bytes, bytes, sizeof(addr.bytes));
    return addr;
}

/* The number of an IPv4 address; 0 for any other family. */
static inline net_ip4 net_addr_ip4(const struct net_addr *addr)
{
    return addr->family == NET_ADDR_IP4 ? net_ip4_read(addr->bytes) : 0;
}

/* Bytes on the wire: 4, 16, or 0 for none. */
static inline size_t net_addr_size(const struct net_addr *addr)
{
    return addr->family == NET_ADDR_IP4 ? 4 : addr->family == NET_ADDR_IP6 ? 16 : 0;
}

static inline bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* <0, 0, >0: by family, then as a number. */
int net_addr_compare(const struct net_addr *a, const struct net_addr *b);

/* Parses "192.168.1.5" (four decimals without leading zeros) or "2001:db8::1"; *out is untouched
 * when it is neither. */
bool net_addr_parse(const char *text, struct net_addr *out) __attribute__((warn_unused_result));
bool net_ip4_parse(const char *text, net_ip4 *out) __attribute__((warn_unused_result));

/* Writes the text (RFC 5952 for IPv6, "none" without family) and returns `out`. */
char *net_addr_format(const struct net_addr *addr, char out[static NET_ADDR_TEXT_MAX]);
char *net_ip4_format(net_ip4 ip, char out[static NET_IP4_TEXT_MAX]);

/* "02:00:00:00:00:01"; returns `out`. */
char *net_mac_format(const uint8_t mac[static NET_MAC_SIZE], char out[static NET_MAC_TEXT_MAX]);

/* Private use, RFC 1918: 10/8, 172.16/12, 192.168/16. */
bool net_ip4_is_private(net_ip4 ip);
static inline bool net_ip4_is_loopback(net_ip4 ip)
{
    return ip >> 24 == 127;
}
static inline bool net_ip4_is_multicast(net_ip4 ip)
{
    return ip >> 28 == 14;
}

#endif
