/* UDP (RFC 768) over IPv4. */
#ifndef NET_UDP_H
#define NET_UDP_H

#include "net/addr.h"

enum {
    NET_UDP_SIZE = 8,
    NET_UDP_PORT_IKE = 500,
    NET_UDP_PORT_NATT = 4500
};

struct net_udp {
    uint16_t src_port, dst_port;
    uint16_t size;     /* header and payload, from the header; <= the bytes given */
    uint16_t checksum; /* 0: none was made */
};

/* Reads the header: false when short, or its length is less than 8 or more than there is. The
 * checksum is net_udp_checksum_ok's matter, since only the last receiver looks. */
bool net_udp_read(struct net_udp *out, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

/* Whether the checksum is absent or right. `data` holds at least udp->size bytes. */
bool net_udp_checksum_ok(const struct net_udp *udp, const uint8_t *data, net_ip4 src, net_ip4 dst);

/* Writes the header in front of `payload_size` bytes at data + 8. With `checksum` false the field is
 * zero, as for ESP in UDP (RFC 3948, 2.1), and src and dst do not matter. */
void net_udp_write(uint8_t *data, uint16_t src_port, uint16_t dst_port, size_t payload_size,
                   bool checksum, net_ip4 src, net_ip4 dst);

#endif
