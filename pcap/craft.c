/*
 * libnet 1.1.6. LIBNET_NONE has no device, so root is not needed; its blocks are built from the payload outwards, and
 * libnet_pblock_coalesce hands over the bytes (libnet_adv_cull_packet, which wraps it, insists on a device). Lengths
 * count all that lies behind a header; where the checksum is given as 0 libnet computes it when it puts the packet
 * together.
 */
#include "pcap/craft.h"

#include <assert.h>
#include <libnet.h>
#include <string.h>

#include "base/mem.h"

struct cap_craft {
    libnet_t *net;
};

struct cap_craft *cap_craft_new(void)
{
    char error[LIBNET_ERRBUF_SIZE];
    struct cap_craft *craft = base_alloc(sizeof(*craft));
    craft->net = libnet_init(LIBNET_NONE, NULL, error);
    assert(craft->net); /* fails for want of memory alone */
    return craft;
}

void cap_craft_free(struct cap_craft *craft)
{
    if (!craft)
        return;
    libnet_destroy(craft->net);
    free(craft);
}

/* The outermost block, then the bytes of all. */
static size_t finish(struct cap_craft *craft, const struct cap_craft_ip *ip, uint8_t protocol,
                     const uint8_t *payload, size_t payload_size, size_t behind,
                     uint8_t out[static CAP_CRAFT_SIZE_MAX])
{
    uint8_t *packet = NULL;
    uint32_t size = 0;
    libnet_ptag_t tag =
        libnet_build_ipv4((uint16_t)(LIBNET_IPV4_H + behind), ip->tos, ip->identification,
                          ip->fragment, ip->ttl, protocol, 0, htonl(ip->source),
                          htonl(ip->destination), payload, (uint32_t)payload_size, craft->net, 0);
    int built = tag < 0 ? -1 : libnet_pblock_coalesce(craft->net, &packet, &size);
    assert(built == 1 && size <= CAP_CRAFT_SIZE_MAX);
    memcpy(out, packet, size);
    libnet_adv_free_packet(craft->net, packet);
    libnet_clear_packet(craft->net);
    return size;
}

static bool is_too_large(size_t headers, size_t size)
{
    return size > CAP_CRAFT_SIZE_MAX - LIBNET_IPV4_H - headers;
}

/* libnet takes "no payload" as a NULL and 0 alone. */
static const uint8_t *payload_of(const uint8_t *payload, size_t size)
{
    return size ? payload : NULL;
}

size_t cap_craft_raw(struct cap_craft *craft, const struct cap_craft_ip *ip, const uint8_t *payload,
                     size_t size, uint8_t out[static CAP_CRAFT_SIZE_MAX])
{
    if (is_too_large(0, size))
        return 0;
    return finish(craft, ip, ip->protocol, payload_of(payload, size), size, size, out);
}

static void build_udp(struct cap_craft *craft, const struct cap_craft_udp *udp,
                      const uint8_t *payload, size_t payload_size, size_t behind)
{
    libnet_ptag_t tag = libnet_build_udp(
        udp->source_port, udp->destination_port, (uint16_t)(LIBNET_UDP_H + behind), 0,
        payload_of(payload, payload_size), (uint32_t)payload_size, craft->net, 0);
    assert(tag > 0);
    if (udp->no_checksum)
        libnet_toggle_checksum(craft->net, tag, LIBNET_OFF);
}

size_t cap_craft_udp(struct cap_craft *craft, const struct cap_craft_ip *ip,
                     const struct cap_craft_udp *udp, const uint8_t *payload, size_t size,
                     uint8_t out[static CAP_CRAFT_SIZE_MAX])
{
    if (is_too_large(LIBNET_UDP_H, size))
        return 0;
    build_udp(craft, udp, payload, size, size);
    return finish(craft, ip, IPPROTO_UDP, NULL, 0, LIBNET_UDP_H + size, out);
}

size_t cap_craft_echo(struct cap_craft *craft, const struct cap_craft_ip *ip,
                      const struct cap_craft_echo *echo, const uint8_t *payload, size_t size,
                      uint8_t out[static CAP_CRAFT_SIZE_MAX])
{
    if (is_too_large(LIBNET_ICMPV4_ECHO_H, size))
        return 0;
    libnet_ptag_t tag =
        libnet_build_icmpv4_echo(echo->type, echo->code, 0, echo->identifier, echo->sequence,
                                 payload_of(payload, size), (uint32_t)size, craft->net, 0);
    assert(tag > 0);
    return finish(craft, ip, IPPROTO_ICMP, NULL, 0, LIBNET_ICMPV4_ECHO_H + size, out);
}

size_t cap_craft_esp(struct cap_craft *craft, const struct cap_craft_ip *ip,
                     const struct cap_craft_esp *esp, const struct cap_craft_udp *udp,
                     const uint8_t *rest, size_t size, uint8_t out[static CAP_CRAFT_SIZE_MAX])
{
    size_t outer = udp ? LIBNET_UDP_H : 0;
    enum {
        IV = 4
    }; /* libnet's header has four octets of it */
    assert(size >= IV);
    if (is_too_large(outer + LIBNET_IPSEC_ESP_HDR_H - IV, size))
        return 0;
    libnet_ptag_t tag = libnet_build_ipsec_esp_hdr(esp->spi, esp->sequence, net_ip4_read(rest),
                                                   payload_of(rest + IV, size - IV),
                                                   (uint32_t)(size - IV), craft->net, 0);
    assert(tag > 0);
    size_t behind = LIBNET_IPSEC_ESP_HDR_H - IV + size;
    if (udp)
        build_udp(craft, udp, NULL, 0, behind);
    return finish(craft, ip, udp ? IPPROTO_UDP : IPPROTO_ESP, NULL, 0, outer + behind, out);
}
