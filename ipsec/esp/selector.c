/* Selectors, their priority, and the flow of a packet that they are held against. */
#include <assert.h>

#include "ipsec/esp/spd.h"
#include "net/ipv4.h"
#include "net/ipv6.h"

enum {
    PRIORITY_BASE = 200000,
    PORT_ANY_LAST = 65535,
    UDP_LITE = 136,
    SCTP = 132,
    DCCP = 33,
    IP6_ROUTING = 43,
    IP6_DESTINATION = 60
};

struct esp_selector esp_selector_from_prefixes(const struct net_prefix *source,
                                               const struct net_prefix *destination)
{
    assert(source->addr.family == destination->addr.family);
    return (struct esp_selector){
        .source = {net_prefix_first(source), net_prefix_last(source)},
        .destination = {net_prefix_first(destination), net_prefix_last(destination)},
        .source_port_last = PORT_ANY_LAST,
        .destination_port_last = PORT_ANY_LAST};
}

static bool range_equal(const struct esp_range *a, const struct esp_range *b)
{
    return net_addr_equal(&a->first, &b->first) && net_addr_equal(&a->last, &b->last);
}

bool esp_selector_equal(const struct esp_selector *a, const struct esp_selector *b)
{
    return range_equal(&a->source, &b->source) && range_equal(&a->destination, &b->destination) &&
           a->protocol == b->protocol && a->source_port_first == b->source_port_first &&
           a->source_port_last == b->source_port_last &&
           a->destination_port_first == b->destination_port_first &&
           a->destination_port_last == b->destination_port_last;
}

/* Leading bits that the ends of a range have in common: the smallest network around it. */
static uint32_t range_prefix(const struct esp_range *range)
{
    size_t size = net_addr_size(&range->first);
    uint32_t bits = 0;
    for (size_t i = 0; i < size; i++, bits += 8) {
        uint8_t differ = range->first.bytes[i] ^ range->last.bytes[i];
        if (differ) {
            while (!(differ & 0x80)) {
                differ = (uint8_t)(differ << 1);
                bits++;
            }
            return bits;
        }
    }
    return bits;
}

static uint32_t port_prefix(uint16_t first, uint16_t last)
{
    uint32_t bits = 16;
    for (uint32_t differ = first ^ last; differ; differ >>= 1)
        bits--;
    return bits;
}

uint32_t esp_priority(const struct esp_selector *selector, enum esp_policy_kind kind)
{
    /* Bits: 0 no trap, 1 bound to an interface (never here), 2-7 ports, 8 protocol, 9-17 networks. */
    uint32_t priority = kind == ESP_KIND_PASS ? PRIORITY_BASE : 2 * PRIORITY_BASE;
    priority -= (range_prefix(&selector->source) + range_prefix(&selector->destination)) * 512;
    priority -= selector->protocol ? 256 : 0;
    priority -= (port_prefix(selector->source_port_first, selector->source_port_last) +
                 port_prefix(selector->destination_port_first, selector->destination_port_last)) *
                4;
    priority -= kind != ESP_KIND_TRAP;
    return priority;
}

/* The transport header at `offset`; what is not there leaves the ports 0, as Linux does. */
static void read_ports(const uint8_t *packet, size_t size, size_t offset, struct esp_flow *flow)
{
    if (offset > size || size - offset < 4)
        return;
    const uint8_t *head = packet + offset;
    switch (flow->protocol) {
    case NET_IPV4_TCP:
    case NET_IPV4_UDP:
    case UDP_LITE:
    case SCTP:
    case DCCP:
        flow->source_port = (uint16_t)(head[0] << 8 | head[1]);
        flow->destination_port = (uint16_t)(head[2] << 8 | head[3]);
        break;
    case NET_IPV4_ICMP:
    case NET_IPV6_ICMP:
        flow->source_port = head[0];
        flow->destination_port = head[1];
        break;
    default:
        break;
    }
}

static bool flow_read_ip4(const uint8_t *packet, size_t size, struct esp_flow *flow)
{
    if (size < NET_IPV4_SIZE)
        return false;
    *flow = (struct esp_flow){.source = net_addr_from_ip4(net_ipv4_src(packet)),
                              .destination = net_addr_from_ip4(net_ipv4_dst(packet)),
                              .protocol = packet[9]};
    if (!net_ipv4_is_fragment(packet))
        read_ports(packet, size, net_ipv4_header_size(packet), flow);
    return true;
}

/* Walks the extension headers that may stand before the transport header: RFC 8200 section 4.1. */
static bool flow_read_ip6(const uint8_t *packet, size_t size, struct esp_flow *flow)
{
    if (size < NET_IPV6_SIZE)
        return false;
    *flow = (struct esp_flow){.source = net_addr_from_ip6(packet + 8),
                              .destination = net_addr_from_ip6(packet + 24),
                              .protocol = packet[6]};
    size_t offset = NET_IPV6_SIZE;
    bool fragment = false;
    while (flow->protocol == NET_IPV6_HOP_BY_HOP || flow->protocol == IP6_ROUTING ||
           flow->protocol == IP6_DESTINATION || flow->protocol == NET_IPV6_FRAGMENT) {
        if (offset > size || size - offset < 8)
            return true;
        bool is_fragment = flow->protocol == NET_IPV6_FRAGMENT;
        fragment |= is_fragment;
        flow->protocol = packet[offset];
        offset += is_fragment ? 8 : ((size_t)packet[offset + 1] + 1) * 8;
    }
    if (!fragment)
        read_ports(packet, size, offset, flow);
    return true;
}

bool esp_flow_read(const uint8_t *packet, size_t size, struct esp_flow *flow)
{
    if (size && packet[0] >> 4 == 4)
        return flow_read_ip4(packet, size, flow);
    if (size && packet[0] >> 4 == 6)
        return flow_read_ip6(packet, size, flow);
    return false;
}
