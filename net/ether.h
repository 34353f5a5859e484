/* Ethernet II frames (IEEE 802.3): the 14-byte header, no VLAN tags, no FCS. */
#ifndef NET_ETHER_H
#define NET_ETHER_H

#include "net/addr.h"

enum {
    NET_ETHER_SIZE = 14,
    NET_ETHER_PAYLOAD_MIN = 46, /* shorter ones are padded on a real wire; ours may be short */
    NET_ETHER_IPV4 = 0x0800,
    NET_ETHER_ARP = 0x0806,
    NET_ETHER_IPV6 = 0x86dd
};

struct net_ether {
    uint8_t dst[NET_MAC_SIZE];
    uint8_t src[NET_MAC_SIZE];
    uint16_t type;
};

extern const uint8_t NET_MAC_BROADCAST[NET_MAC_SIZE];

/* False when there are fewer than NET_ETHER_SIZE bytes. */
bool net_ether_read(struct net_ether *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));
void net_ether_write(const struct net_ether *ether, uint8_t out[static NET_ETHER_SIZE]);

static inline uint16_t net_ether_type(const uint8_t *frame)
{
    return (uint16_t)(frame[12] << 8 | frame[13]);
}

static inline bool net_mac_equal(const uint8_t *a, const uint8_t *b)
{
    return !memcmp(a, b, NET_MAC_SIZE);
}

static inline bool net_mac_is_broadcast(const uint8_t *mac)
{
    return net_mac_equal(mac, NET_MAC_BROADCAST);
}

/* Group address: multicast or broadcast. */
static inline bool net_mac_is_group(const uint8_t *mac)
{
    return mac[0] & 1;
}

#endif
