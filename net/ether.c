/* Ethernet headers, read and written. */
#include "net/ether.h"

#include "base/bytes.h"

const uint8_t NET_MAC_BROADCAST[NET_MAC_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

bool net_ether_read(struct net_ether *out, const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct net_ether ether;
    base_read_copy(&r, ether.dst, sizeof(ether.dst));
    base_read_copy(&r, ether.src, sizeof(ether.src));
    ether.type = base_read_u16(&r);
    if (r.failed)
        return false;
    *out = ether;
    return true;
}

void net_ether_write(const struct net_ether *ether, uint8_t out[static NET_ETHER_SIZE])
{
    struct base_writer w = base_writer_of(out, NET_ETHER_SIZE);
    base_write_bytes(&w, ether->dst, sizeof(ether->dst));
    base_write_bytes(&w, ether->src, sizeof(ether->src));
    base_write_u16(&w, ether->type);
}
