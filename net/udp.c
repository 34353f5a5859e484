/* UDP headers, read and written (RFC 768). */
#include "net/udp.h"

#include "base/bytes.h"
#include "net/checksum.h"
#include "net/ipv4.h"

bool net_udp_read(struct net_udp *out, const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct net_udp udp;
    udp.src_port = base_read_u16(&r);
    udp.dst_port = base_read_u16(&r);
    udp.size = base_read_u16(&r);
    udp.checksum = base_read_u16(&r);
    if (r.failed || udp.size < NET_UDP_SIZE || udp.size > size)
        return false;
    *out = udp;
    return true;
}

bool net_udp_checksum_ok(const struct net_udp *udp, const uint8_t *data, net_ip4 src, net_ip4 dst)
{
    if (!udp->checksum)
        return true;
    uint64_t sum = net_checksum_pseudo_ip4(src, dst, NET_IPV4_UDP, udp->size);
    return net_checksum_finish(net_checksum_add(sum, data, udp->size)) == 0;
}

void net_udp_write(uint8_t *data, uint16_t src_port, uint16_t dst_port, size_t payload_size,
                   bool checksum, net_ip4 src, net_ip4 dst)
{
    uint16_t size = (uint16_t)(NET_UDP_SIZE + payload_size);
    base_put_be(data, src_port, 2);
    base_put_be(data + 2, dst_port, 2);
    base_put_be(data + 4, size, 2);
    base_put_be(data + 6, 0, 2);
    if (!checksum)
        return;
    uint64_t sum = net_checksum_pseudo_ip4(src, dst, NET_IPV4_UDP, size);
    uint16_t value = net_checksum_finish(net_checksum_add(sum, data, size));
    base_put_be(data + 6, value ? value : 0xffff, 2); /* zero would mean: none was made */
}
