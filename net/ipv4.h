/*
 * The IPv4 header (RFC 791; DSCP and ECN: RFC 2474, 3168). Options are skipped, never acted upon.
 */
#ifndef NET_IPV4_H
#define NET_IPV4_H

#include "net/addr.h"

enum {
    NET_IPV4_SIZE = 20, /* without options */
    NET_IPV4_SIZE_MAX = 60,
    NET_IPV4_TOTAL_MAX = 65535,
    NET_IPV4_MTU_MIN = 68, /* RFC 791: every internet module forwards 68 octets */

    NET_IPV4_ICMP = 1,
    NET_IPV4_IPIP = 4,
    NET_IPV4_TCP = 6,
    NET_IPV4_UDP = 17,
    NET_IPV4_IPV6 = 41,
    NET_IPV4_ESP = 50,

    NET_IPV4_DF = 0x4000, /* bits of the flags-and-offset word */
    NET_IPV4_MF = 0x2000,
    NET_IPV4_OFFSET_MASK = 0x1fff
};

struct net_ipv4 {
    uint8_t header_size; /* bytes, options included: 20..60 */
    uint8_t tos;         /* DSCP << 2 | ECN */
    uint8_t ttl;
    uint8_t protocol;
    uint16_t total_size; /* bytes, header included */
    uint16_t id;
    uint16_t fragment_offset; /* bytes, a multiple of 8 */
    bool dont_fragment;
    bool more_fragments;
    net_ip4 src, dst;
};

#define NET_IPV4_STATUS_LIST(X)                                                                    \
    X(OK, "ok")                                                                                    \
    X(TRUNCATED, "truncated")                                                                      \
    X(BAD_VERSION, "not version 4")                                                                \
    X(BAD_HEADER_LENGTH, "bad header length")                                                      \
    X(BAD_TOTAL_LENGTH, "bad total length")                                                        \
    X(BAD_CHECKSUM, "bad header checksum")

enum net_ipv4_status {
#define X(name, text) NET_IPV4_##name,
    NET_IPV4_STATUS_LIST(X)
#undef X
};

const char *net_ipv4_status_text(enum net_ipv4_status status);

/* Checks what ip_rcv() of Linux checks, in its order, and reads the header. `size` may be more than
 * total_size (Ethernet padding): the caller cuts. *out is untouched on failure. */
enum net_ipv4_status net_ipv4_read(struct net_ipv4 *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

/* As net_ipv4_read, but the packet may be cut short behind its header and the checksum does not
 * count: for what an ICMP error quotes. */
enum net_ipv4_status net_ipv4_read_quoted(struct net_ipv4 *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

/* Writes a header without options (header_size is taken as 20), checksum included. */
void net_ipv4_write(const struct net_ipv4 *header, uint8_t out[static NET_IPV4_SIZE]);

/* Sets the checksum of a header in place, options included. */
void net_ipv4_seal(uint8_t *packet);

/* Accessors over a packet that net_ipv4_read found good. */
static inline size_t net_ipv4_header_size(const uint8_t *packet)
{
    return (size_t)(packet[0] & 15) * 4;
}
static inline uint16_t net_ipv4_total_size(const uint8_t *packet)
{
    return (uint16_t)(packet[2] << 8 | packet[3]);
}
static inline uint16_t net_ipv4_fragment_word(const uint8_t *packet)
{
    return (uint16_t)(packet[6] << 8 | packet[7]);
}
static inline bool net_ipv4_is_fragment(const uint8_t *packet)
{
    return net_ipv4_fragment_word(packet) & (NET_IPV4_MF | NET_IPV4_OFFSET_MASK);
}
static inline net_ip4 net_ipv4_src(const uint8_t *packet)
{
    return net_ip4_read(packet + 12);
}
static inline net_ip4 net_ipv4_dst(const uint8_t *packet)
{
    return net_ip4_read(packet + 16);
}

/* TTL minus one with the checksum kept right (RFC 1141's short cut, as ip_decrease_ttl of Linux).
 * The TTL is not 0. */
static inline void net_ipv4_decrement_ttl(uint8_t *packet)
{
    uint32_t sum = (uint32_t)(packet[10] << 8 | packet[11]) + 0x0100u;
    sum += sum >= 0xffff; /* ones' complement: the carry comes round */
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
    packet[8]--;
}

#endif
