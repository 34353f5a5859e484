/* A frame on a LAN: Ethernet, ARP, IPv4, ICMP with the packet that it quotes, UDP, IPv6. */
#include "fuzz/fuzz.h"

#include "net/arp.h"
#include "net/ether.h"
#include "net/frag.h"
#include "net/icmp.h"
#include "net/ipv6.h"
#include "net/udp.h"

#include <assert.h>

static void read_icmp(const uint8_t *data, size_t size)
{
    struct net_icmp icmp;
    struct net_ipv4 quoted;
    char text[NET_ICMP_TEXT_MAX];
    if (!net_icmp_read(&icmp, data, size))
        return;
    (void)net_icmp_error_text(icmp.type, icmp.code, icmp.mtu, text);
    if (net_icmp_type_is_error(icmp.type))
        fuzz_ignore(net_ipv4_read_quoted(&quoted, data + NET_ICMP_SIZE, size - NET_ICMP_SIZE));
}

static void read_udp(const struct net_ipv4 *ip, const uint8_t *data, size_t size)
{
    struct net_udp udp;
    if (net_udp_read(&udp, data, size))
        (void)net_udp_checksum_ok(&udp, data, ip->src, ip->dst);
}

/* Cuts a good packet to every small MTU; the parts together hold its payload. */
static void cut(const uint8_t *packet, const struct net_ipv4 *ip)
{
    for (size_t mtu = NET_IPV4_MTU_MIN; mtu < 600; mtu += 177) {
        struct net_fragmenter f;
        uint8_t out[600];
        size_t payload = 0;
        size_t size = 0;
        net_fragmenter_init(&f, packet, mtu);
        while ((size = net_fragmenter_next(&f, out))) {
            struct net_ipv4 part;
            enum net_ipv4_status status = net_ipv4_read(&part, out, size);
            assert(status == NET_IPV4_OK && size <= mtu);
            payload += (size_t)part.total_size - part.header_size;
        }
        assert(payload == (size_t)ip->total_size - ip->header_size);
    }
}

static void read_ipv4(const uint8_t *data, size_t size)
{
    struct net_ipv4 ip;
    fuzz_ignore(net_ipv4_read_quoted(&ip, data, size));
    if (net_ipv4_read(&ip, data, size) != NET_IPV4_OK)
        return;
    assert(ip.header_size <= ip.total_size && ip.total_size <= size);
    const uint8_t *body = data + ip.header_size;
    size_t body_size = (size_t)ip.total_size - ip.header_size;
    if (ip.protocol == NET_IPV4_ICMP)
        read_icmp(body, body_size);
    else if (ip.protocol == NET_IPV4_UDP)
        read_udp(&ip, body, body_size);
    if (!net_ipv4_is_fragment(data))
        cut(data, &ip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct net_ether ether;
    struct net_arp arp;
    struct net_ipv6 ip6;
    if (!net_ether_read(&ether, data, size))
        return 0;
    const uint8_t *body = data + NET_ETHER_SIZE;
    size_t body_size = size - NET_ETHER_SIZE;
    if (ether.type == NET_ETHER_ARP)
        fuzz_ignore(net_arp_read(&arp, body, body_size));
    else if (ether.type == NET_ETHER_IPV4)
        read_ipv4(body, body_size);
    else if (ether.type == NET_ETHER_IPV6)
        fuzz_ignore(net_ipv6_read(&ip6, body, body_size));
    return 0;
}
