/* The fixed IPv6 header, read and written. */
#include "net/ipv6.h"

#include "base/bytes.h"

bool net_ipv6_read(struct net_ipv6 *out, const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct net_ipv6 header = {0};
    uint32_t word = base_read_u32(&r);
    header.traffic_class = (uint8_t)(word >> 20);
    header.flow_label = word & 0xfffff;
    header.payload_size = base_read_u16(&r);
    header.next_header = base_read_u8(&r);
    header.hop_limit = base_read_u8(&r);
    header.src.family = header.dst.family = NET_ADDR_IP6;
    base_read_copy(&r, header.src.bytes, sizeof(header.src.bytes));
    base_read_copy(&r, header.dst.bytes, sizeof(header.dst.bytes));
    if (r.failed || word >> 28 != 6 || header.payload_size > base_reader_left(&r))
        return false;
    *out = header;
    return true;
}

void net_ipv6_write(const struct net_ipv6 *header, uint8_t out[static NET_IPV6_SIZE])
{
    struct base_writer w = base_writer_of(out, NET_IPV6_SIZE);
    base_write_u32(&w, (uint32_t)6 << 28 | (uint32_t)header->traffic_class << 20 |
                           (header->flow_label & 0xfffff));
    base_write_u16(&w, header->payload_size);
    base_write_u8(&w, header->next_header);
    base_write_u8(&w, header->hop_limit);
    base_write_bytes(&w, header->src.bytes, sizeof(header->src.bytes));
    base_write_bytes(&w, header->dst.bytes, sizeof(header->dst.bytes));
}
