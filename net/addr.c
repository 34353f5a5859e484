/* Text and order of addresses. IPv6 text is the C library's, which follows RFC 5952. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

int net_addr_compare(const struct net_addr *a, const struct net_addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool net_ip4_parse(const char *text, net_ip4 *out)
{
    uint8_t bytes[4];
    if (inet_pton(AF_INET, text, bytes) != 1)
        return false;
    *out = net_ip4_read(bytes);
    return true;
}

bool net_addr_parse(const char *text, struct net_addr *out)
{
    net_ip4 ip;
    uint8_t bytes[16];
    if (net_ip4_parse(text, &ip))
        *out = net_addr_from_ip4(ip);
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *out = net_addr_from_ip6(bytes);
    else
        return false;
    return true;
}

static char *write_decimal(char *at, unsigned value)
{
    if (value >= 100)
        *at++ = (char)('0' + value / 100);
    if (value >= 10)
        *at++ = (char)('0' + value / 10 % 10);
    *at++ = (char)('0' + value % 10);
    return at;
}

char *net_ip4_format(net_ip4 ip, char out[static NET_IP4_TEXT_MAX])
{
    char *at = out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        at = write_decimal(at, ip >> shift & 255);
        *at++ = shift ? '.' : '\0';
    }
    return out;
}

char *net_addr_format(const struct net_addr *addr, char out[static NET_ADDR_TEXT_MAX])
{
    if (addr->family == NET_ADDR_IP4)
        net_ip4_format(net_addr_ip4(addr), out);
    else if (addr->family != NET_ADDR_IP6 ||
             !inet_ntop(AF_INET6, addr->bytes, out, NET_ADDR_TEXT_MAX))
        memcpy(out, "none", sizeof("none"));
    return out;
}

char *net_mac_format(const uint8_t mac[static NET_MAC_SIZE], char out[static NET_MAC_TEXT_MAX])
{
    snprintf(out, NET_MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    return out;
}

bool net_ip4_is_private(net_ip4 ip)
{
    return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8;
}
