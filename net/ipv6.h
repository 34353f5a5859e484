/* The fixed IPv6 header (RFC 8200, section 3). Extension headers are not walked. */
#ifndef NET_IPV6_H
#define NET_IPV6_H

#include "net/addr.h"

enum {
    NET_IPV6_SIZE = 40,
    NET_IPV6_HOP_BY_HOP = 0,
    NET_IPV6_FRAGMENT = 44,
    NET_IPV6_ICMP = 58,
    NET_IPV6_NO_NEXT = 59
};

struct net_ipv6 {
    uint8_t traffic_class;
    uint32_t flow_label;   /* 20 bits */
    uint16_t payload_size; /* bytes behind the header */
    uint8_t next_header;
    uint8_t hop_limit;
    struct net_addr src, dst;
};

/* False when short, not version 6, or the payload is longer than what is there. */
bool net_ipv6_read(struct net_ipv6 *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));
void net_ipv6_write(const struct net_ipv6 *header, uint8_t out[static NET_IPV6_SIZE]);

#endif
