/* Which kind a captured frame is of: Ethernet, IPv4, UDP, and what RFC 3948 puts on port 4500. */
#include <string.h>

#include "compare/gather.h"
#include "ipsec/ike/wire.h"

enum {
    ETHER_SIZE = 14,
    IPV4_SIZE = 20,
    UDP_SIZE = 8,
    PROTOCOL_ICMP = 1,
    PROTOCOL_UDP = 17,
    PROTOCOL_ESP = 50,
};

static unsigned read_u16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static enum cmp_kind natt_kind(const uint8_t *payload, size_t size)
{
    static const uint8_t MARKER[IKE_NON_ESP_MARKER_SIZE];
    if (size == 1 && payload[0] == 0xff)
        return CMP_KIND_KEEPALIVE;
    if (size >= sizeof(MARKER) && !memcmp(payload, MARKER, sizeof(MARKER)))
        return CMP_KIND_IKE_NATT;
    return size >= sizeof(MARKER) ? CMP_KIND_ESP_UDP : CMP_KIND_OTHER;
}

static enum cmp_kind udp_kind(const uint8_t *udp, size_t size)
{
    if (size < UDP_SIZE)
        return CMP_KIND_OTHER;
    unsigned from = read_u16(udp), to = read_u16(udp + 2);
    if (from == IKE_PORT || to == IKE_PORT)
        return CMP_KIND_IKE;
    if (from == IKE_PORT_NATT || to == IKE_PORT_NATT)
        return natt_kind(udp + UDP_SIZE, size - UDP_SIZE);
    return CMP_KIND_OTHER;
}

static enum cmp_kind ip_kind(const uint8_t *ip, const uint8_t *body, size_t size)
{
    if (read_u16(ip + 6) & 0x1fff)
        return CMP_KIND_FRAGMENT;
    switch (ip[9]) {
    case PROTOCOL_ICMP:
        return CMP_KIND_ICMP;
    case PROTOCOL_ESP:
        return CMP_KIND_ESP;
    case PROTOCOL_UDP:
        return udp_kind(body, size);
    default:
        return CMP_KIND_OTHER;
    }
}

bool cmp_frame_kind(const uint8_t *frame, size_t size, enum cmp_kind *kind, const uint8_t **message,
                    size_t *message_size)
{
    if (size < ETHER_SIZE + IPV4_SIZE || read_u16(frame + 12) != 0x0800)
        return false;
    const uint8_t *ip = frame + ETHER_SIZE;
    size_t header = (size_t)(ip[0] & 15) * 4, total = read_u16(ip + 2);
    if (ip[0] >> 4 != 4 || header < IPV4_SIZE || total < header || total > size - ETHER_SIZE)
        return false;
    *kind = ip_kind(ip, ip + header, total - header);
    if (message) {
        size_t before =
            UDP_SIZE + (size_t)(*kind == CMP_KIND_IKE_NATT ? IKE_NON_ESP_MARKER_SIZE : 0);
        bool is_ike = *kind == CMP_KIND_IKE || *kind == CMP_KIND_IKE_NATT;
        *message = is_ike ? ip + header + before : NULL;
        *message_size = is_ike ? total - header - before : 0;
    }
    return true;
}
