/* Which kind a captured frame is of: Ethernet, IPv4, UDP, and what RFC 3948 puts on port 4500. */
#include <string.h>

#include "base/bytes.h"
#include "compare/gather.h"
#include "ipsec/ike/wire.h"
#include "net/ether.h"
#include "net/ipv4.h"
#include "net/udp.h"

static enum cmp_kind natt_kind(const uint8_t *payload, size_t size)
{
    static const uint8_t MARKER[IKE_NON_ESP_MARKER_SIZE];
    if (size == 1 && payload[0] == 0xff)
        return CMP_KIND_KEEPALIVE;
    if (size >= sizeof(MARKER) && !memcmp(payload, MARKER, sizeof(MARKER)))
        return CMP_KIND_IKE_NATT;
    return size >= sizeof(MARKER) ? CMP_KIND_ESP_UDP : CMP_KIND_OTHER;
}

/* By its ports alone: of a packet in fragments the first one is no whole datagram. */
static enum cmp_kind udp_kind(const uint8_t *udp, size_t size)
{
    struct base_reader r = base_reader_of(udp, size);
    uint16_t from = base_read_u16(&r), to = base_read_u16(&r);
    if (size < NET_UDP_SIZE)
        return CMP_KIND_OTHER;
    if (from == NET_UDP_PORT_IKE || to == NET_UDP_PORT_IKE)
        return CMP_KIND_IKE;
    if (from == NET_UDP_PORT_NATT || to == NET_UDP_PORT_NATT)
        return natt_kind(udp + NET_UDP_SIZE, size - NET_UDP_SIZE);
    return CMP_KIND_OTHER;
}

static enum cmp_kind ip_kind(const struct net_ipv4 *ip, const uint8_t *body, size_t size)
{
    if (ip->fragment_offset)
        return CMP_KIND_FRAGMENT;
    switch (ip->protocol) {
    case NET_IPV4_ICMP:
        return CMP_KIND_ICMP;
    case NET_IPV4_ESP:
        return CMP_KIND_ESP;
    case NET_IPV4_UDP:
        return udp_kind(body, size);
    default:
        return CMP_KIND_OTHER;
    }
}

bool cmp_frame_kind(const uint8_t *frame, size_t size, enum cmp_kind *kind, const uint8_t **message,
                    size_t *message_size)
{
    struct net_ether ether;
    struct net_ipv4 ip; /* its checksum does not count: a damaged header is one of IPv4 */
    if (!net_ether_read(&ether, frame, size) || ether.type != NET_ETHER_IPV4 ||
        net_ipv4_read_quoted(&ip, frame + NET_ETHER_SIZE, size - NET_ETHER_SIZE) != NET_IPV4_OK ||
        ip.total_size > size - NET_ETHER_SIZE)
        return false;
    const uint8_t *body = frame + NET_ETHER_SIZE + ip.header_size;
    size_t body_size = ip.total_size - (size_t)ip.header_size;
    *kind = ip_kind(&ip, body, body_size);
    if (message) {
        size_t before =
            NET_UDP_SIZE + (size_t)(*kind == CMP_KIND_IKE_NATT ? IKE_NON_ESP_MARKER_SIZE : 0);
        bool is_ike = *kind == CMP_KIND_IKE || *kind == CMP_KIND_IKE_NATT;
        *message = is_ike ? body + before : NULL;
        *message_size = is_ike ? body_size - before : 0;
    }
    return true;
}
