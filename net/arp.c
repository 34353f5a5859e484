/* ARP messages, read and written (RFC 826). */
#include "net/arp.h"

#include "base/bytes.h"

enum {
    HARDWARE_ETHERNET = 1
};

bool net_arp_read(struct net_arp *out, const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct net_arp arp;
    bool known = base_read_u16(&r) == HARDWARE_ETHERNET;
    known &= base_read_u16(&r) == NET_ETHER_IPV4;
    known &= base_read_u8(&r) == NET_MAC_SIZE;
    known &= base_read_u8(&r) == 4;
    arp.operation = base_read_u16(&r);
    base_read_copy(&r, arp.sender_mac, sizeof(arp.sender_mac));
    arp.sender = base_read_u32(&r);
    base_read_copy(&r, arp.target_mac, sizeof(arp.target_mac));
    arp.target = base_read_u32(&r);
    if (r.failed || !known)
        return false;
    *out = arp;
    return true;
}

void net_arp_write(const struct net_arp *arp, uint8_t out[static NET_ARP_SIZE])
{
    struct base_writer w = base_writer_of(out, NET_ARP_SIZE);
    base_write_u16(&w, HARDWARE_ETHERNET);
    base_write_u16(&w, NET_ETHER_IPV4);
    base_write_u8(&w, NET_MAC_SIZE);
    base_write_u8(&w, 4);
    base_write_u16(&w, arp->operation);
    base_write_bytes(&w, arp->sender_mac, sizeof(arp->sender_mac));
    base_write_u32(&w, arp->sender);
    base_write_bytes(&w, arp->target_mac, sizeof(arp->target_mac));
    base_write_u32(&w, arp->target);
}
