/* ARP for IPv4 over Ethernet (RFC 826): the 28 bytes behind the Ethernet header. */
#ifndef NET_ARP_H
#define NET_ARP_H

#include "net/ether.h"

enum {
    NET_ARP_SIZE = 28,
    NET_ARP_REQUEST = 1,
    NET_ARP_REPLY = 2
};

struct net_arp {
    uint16_t operation;
    uint8_t sender_mac[NET_MAC_SIZE];
    net_ip4 sender;
    uint8_t target_mac[NET_MAC_SIZE];
    net_ip4 target;
};

/* False when it is short or not IPv4 over Ethernet. Bytes behind (padding) are ignored. */
bool net_arp_read(struct net_arp *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));
void net_arp_write(const struct net_arp *arp, uint8_t out[static NET_ARP_SIZE]);

#endif
