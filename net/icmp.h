/*
 * ICMP for IPv4 (RFC 792; next-hop MTU: RFC 1191): the 8-byte header, echoes, and errors with the
 * packet that they quote. What may be answered with an error, and how much is quoted, is the stack's.
 */
#ifndef NET_ICMP_H
#define NET_ICMP_H

#include "net/ipv4.h"

enum {
    NET_ICMP_SIZE = 8,
    NET_ICMP_ECHO_REPLY = 0,
    NET_ICMP_UNREACHABLE = 3,
    NET_ICMP_SOURCE_QUENCH = 4,
    NET_ICMP_REDIRECT = 5,
    NET_ICMP_ECHO = 8,
    NET_ICMP_TIME_EXCEEDED = 11,
    NET_ICMP_PARAMETER_PROBLEM = 12
};

/* Codes of NET_ICMP_UNREACHABLE, NET_ICMP_TIME_EXCEEDED and NET_ICMP_REDIRECT. */
enum {
    NET_ICMP_NET_UNREACHABLE = 0,
    NET_ICMP_HOST_UNREACHABLE = 1,
    NET_ICMP_PROTOCOL_UNREACHABLE = 2,
    NET_ICMP_PORT_UNREACHABLE = 3,
    NET_ICMP_FRAGMENTATION_NEEDED = 4,
    NET_ICMP_PROHIBITED = 13,
    NET_ICMP_TTL_EXCEEDED = 0,
    NET_ICMP_REASSEMBLY_EXCEEDED = 1,
    NET_ICMP_REDIRECT_HOST = 1
};

struct net_icmp {
    uint8_t type, code;
    uint16_t id, sequence; /* echoes */
    uint16_t mtu;          /* fragmentation needed: same bytes as sequence */
    net_ip4 gateway;       /* redirect: the better next hop, in the bytes of id and sequence */
};

/* Reads the header and checks the checksum over all `size` bytes; false when short or wrong. */
bool net_icmp_read(struct net_icmp *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

/* Writes the header (id and sequence for echoes, gateway for redirects, mtu for fragmentation needed,
 * else zeros) in front of `body_size` bytes that are there already at data + 8, and the checksum over both. */
void net_icmp_write(const struct net_icmp *icmp, uint8_t *data, size_t body_size);

/* Turns an echo request into its reply in place; the checksum is changed, not computed. */
void net_icmp_echo_to_reply(uint8_t *data);

static inline bool net_icmp_type_is_error(uint8_t type)
{
    return type == NET_ICMP_UNREACHABLE || type == NET_ICMP_SOURCE_QUENCH ||
           type == NET_ICMP_REDIRECT || type == NET_ICMP_TIME_EXCEEDED ||
           type == NET_ICMP_PARAMETER_PROBLEM;
}

/* The words of iputils' ping for an error: "Destination Net Unreachable", "Time to live exceeded",
 * "Frag needed and DF set (mtu = 1346)", "Redirect Host"; returns `out`. */
enum {
    NET_ICMP_TEXT_MAX = 80
};
char *net_icmp_error_text(uint8_t type, uint8_t code, uint16_t mtu,
                          char out[static NET_ICMP_TEXT_MAX]);
/* The same for a redirect: "Redirect Host(New nexthop: 192.168.1.2)", with no space as ping has none. */
char *net_icmp_redirect_text(uint8_t code, net_ip4 gateway, char out[static NET_ICMP_TEXT_MAX]);

#endif
