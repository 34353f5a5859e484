/* Cutting an IPv4 packet into fragments, as ip_do_fragment() of Linux does. */
#include "net/frag.h"

#include <assert.h>

#include "base/bytes.h"

void net_fragmenter_init(struct net_fragmenter *f, const uint8_t *packet, size_t mtu)
{
    size_t header_size = net_ipv4_header_size(packet);
    assert(mtu >= NET_IPV4_MTU_MIN);
    *f = (struct net_fragmenter){
        .packet = packet,
        .header_size = header_size,
        .payload_size = net_ipv4_total_size(packet) - header_size,
        .room = mtu - header_size,
    };
}

/* Options that only the first fragment carries become no-operations (RFC 791, 3.1: copied flag). */
static void blank_options(uint8_t *options, size_t size)
{
    enum {
        END = 0,
        NO_OPERATION = 1,
        COPIED = 0x80
    };
    for (size_t at = 0; at < size && options[at] != END;) {
        if (options[at] == NO_OPERATION) {
            at++;
            continue;
        }
        size_t length = at + 1 < size ? options[at + 1] : 0;
        if (length < 2 || length > size - at)
            return;
        if (!(options[at] & COPIED))
            memset(options + at, NO_OPERATION, length);
        at += length;
    }
}

size_t net_fragmenter_next(struct net_fragmenter *f, uint8_t *out)
{
    if (f->at >= f->payload_size)
        return 0;
    size_t left = f->payload_size - f->at;
    /* The last one may fill the MTU to the byte; the others end on a multiple of 8. */
    size_t size = left <= f->room ? left : f->room & ~(size_t)7;
    uint16_t word = net_ipv4_fragment_word(f->packet);
    bool more = (word & NET_IPV4_MF) || size < left;
    size_t offset = (word & NET_IPV4_OFFSET_MASK) + f->at / 8;
    memcpy(out, f->packet, f->header_size);
    memcpy(out + f->header_size, f->packet + f->header_size + f->at, size);
    if (f->at)
        blank_options(out + NET_IPV4_SIZE, f->header_size - NET_IPV4_SIZE);
    base_put_be(out + 2, f->header_size + size, 2);
    base_put_be(out + 6, (more ? NET_IPV4_MF : 0) | (offset & NET_IPV4_OFFSET_MASK), 2);
    net_ipv4_seal(out);
    f->at += size;
    return f->header_size + size;
}
