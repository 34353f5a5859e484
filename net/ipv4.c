/* IPv4 headers, read and written. */
#include "net/ipv4.h"

#include "base/bytes.h"
#include "net/checksum.h"

const char *net_ipv4_status_text(enum net_ipv4_status status)
{
    static const char *const texts[] = {
#define X(name, text) [NET_IPV4_##name] = (text),
        NET_IPV4_STATUS_LIST(X)
#undef X
    };
    return texts[status];
}

static void read_fields(struct net_ipv4 *out, const uint8_t *p)
{
    uint16_t fragment = net_ipv4_fragment_word(p);
    *out = (struct net_ipv4){
        .header_size = (uint8_t)net_ipv4_header_size(p),
        .tos = p[1],
        .ttl = p[8],
        .protocol = p[9],
        .total_size = net_ipv4_total_size(p),
        .id = (uint16_t)(p[4] << 8 | p[5]),
        .fragment_offset = (uint16_t)((fragment & NET_IPV4_OFFSET_MASK) * 8),
        .dont_fragment = fragment & NET_IPV4_DF,
        .more_fragments = fragment & NET_IPV4_MF,
        .src = net_ipv4_src(p),
        .dst = net_ipv4_dst(p),
    };
}

/* What ip_rcv_core() checks, first half: version and header length. */
static enum net_ipv4_status check_header(const uint8_t *data, size_t size)
{
    if (size < NET_IPV4_SIZE)
        return NET_IPV4_TRUNCATED;
    if (data[0] >> 4 != 4)
        return NET_IPV4_BAD_VERSION;
    if ((data[0] & 15) < 5)
        return NET_IPV4_BAD_HEADER_LENGTH;
    return net_ipv4_header_size(data) > size ? NET_IPV4_TRUNCATED : NET_IPV4_OK;
}

enum net_ipv4_status net_ipv4_read(struct net_ipv4 *out, const uint8_t *data, size_t size)
{
    enum net_ipv4_status status = check_header(data, size);
    if (status != NET_IPV4_OK)
        return status;
    size_t header_size = net_ipv4_header_size(data);
    if (net_checksum(data, header_size) != 0)
        return NET_IPV4_BAD_CHECKSUM;
    if (net_ipv4_total_size(data) > size)
        return NET_IPV4_TRUNCATED;
    if (net_ipv4_total_size(data) < header_size)
        return NET_IPV4_BAD_TOTAL_LENGTH;
    read_fields(out, data);
    return NET_IPV4_OK;
}

enum net_ipv4_status net_ipv4_read_quoted(struct net_ipv4 *out, const uint8_t *data, size_t size)
{
    enum net_ipv4_status status = check_header(data, size);
    if (status == NET_IPV4_OK && net_ipv4_total_size(data) < net_ipv4_header_size(data))
        status = NET_IPV4_BAD_TOTAL_LENGTH;
    if (status == NET_IPV4_OK)
        read_fields(out, data);
    return status;
}

void net_ipv4_write(const struct net_ipv4 *header, uint8_t out[static NET_IPV4_SIZE])
{
    uint32_t fragment = header->fragment_offset / 8u;
    fragment |= header->dont_fragment ? NET_IPV4_DF : 0;
    fragment |= header->more_fragments ? NET_IPV4_MF : 0;
    out[0] = 0x45;
    out[1] = header->tos;
    base_put_be(out + 2, header->total_size, 2);
    base_put_be(out + 4, header->id, 2);
    base_put_be(out + 6, fragment, 2);
    out[8] = header->ttl;
    out[9] = header->protocol;
    net_ip4_write(out + 12, header->src);
    net_ip4_write(out + 16, header->dst);
    net_ipv4_seal(out);
}

void net_ipv4_seal(uint8_t *packet)
{
    base_put_be(packet + 10, 0, 2);
    base_put_be(packet + 10, net_checksum(packet, net_ipv4_header_size(packet)), 2);
}
