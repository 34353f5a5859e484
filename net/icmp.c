/* ICMP messages, read, written, answered and put into ping's words. */
#include "net/icmp.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "net/checksum.h"

static bool is_echo(uint8_t type)
{
    return type == NET_ICMP_ECHO || type == NET_ICMP_ECHO_REPLY;
}

bool net_icmp_read(struct net_icmp *out, const uint8_t *data, size_t size)
{
    if (size < NET_ICMP_SIZE || net_checksum(data, size) != 0)
        return false;
    uint16_t high = (uint16_t)(data[4] << 8 | data[5]);
    uint16_t low = (uint16_t)(data[6] << 8 | data[7]);
    *out = (struct net_icmp){.type = data[0], .code = data[1], .mtu = low};
    if (is_echo(data[0])) {
        out->id = high;
        out->sequence = low;
        out->mtu = 0;
    } else if (data[0] == NET_ICMP_REDIRECT) {
        out->gateway = (net_ip4)high << 16 | low;
        out->mtu = 0;
    }
    return true;
}

void net_icmp_write(const struct net_icmp *icmp, uint8_t *data, size_t body_size)
{
    uint32_t rest = is_echo(icmp->type)               ? (uint32_t)icmp->id << 16 | icmp->sequence
                    : icmp->type == NET_ICMP_REDIRECT ? icmp->gateway
                                                      : icmp->mtu;
    data[0] = icmp->type;
    data[1] = icmp->code;
    base_put_be(data + 2, 0, 2);
    base_put_be(data + 4, rest, 4);
    base_put_be(data + 2, net_checksum(data, NET_ICMP_SIZE + body_size), 2);
}

void net_icmp_echo_to_reply(uint8_t *data)
{
    uint16_t checksum = (uint16_t)(data[2] << 8 | data[3]);
    uint16_t before = (uint16_t)(data[0] << 8 | data[1]);
    uint16_t after = (uint16_t)(NET_ICMP_ECHO_REPLY << 8 | data[1]);
    data[0] = NET_ICMP_ECHO_REPLY;
    base_put_be(data + 2, net_checksum_update(checksum, before, after), 2);
}

/* pr_icmph() of iputils' ping.c. */
static const char *unreachable_text(uint8_t code)
{
    static const char *const texts[] = {
        [0] = "Destination Net Unreachable",
        [1] = "Destination Host Unreachable",
        [2] = "Destination Protocol Unreachable",
        [3] = "Destination Port Unreachable",
        [5] = "Source Route Failed",
        [6] = "Destination Net Unknown",
        [7] = "Destination Host Unknown",
        [8] = "Source Host Isolated",
        [9] = "Destination Net Prohibited",
        [10] = "Destination Host Prohibited",
        [11] = "Destination Net Unreachable for Type of Service",
        [12] = "Destination Host Unreachable for Type of Service",
        [13] = "Packet filtered",
        [14] = "Precedence Violation",
        [15] = "Precedence Cutoff",
    };
    return code < sizeof(texts) / sizeof(texts[0]) ? texts[code] : NULL;
}

static const char *redirect_text(uint8_t code)
{
    static const char *const texts[] = {
        [0] = "Redirect Network",
        [1] = "Redirect Host",
        [2] = "Redirect Type of Service and Network",
        [3] = "Redirect Type of Service and Host",
    };
    return code < sizeof(texts) / sizeof(texts[0]) ? texts[code] : NULL;
}

static const char *fixed_text(uint8_t type, uint8_t code)
{
    if (type == NET_ICMP_UNREACHABLE)
        return unreachable_text(code);
    if (type == NET_ICMP_REDIRECT)
        return redirect_text(code);
    if (type == NET_ICMP_TIME_EXCEEDED && code == NET_ICMP_TTL_EXCEEDED)
        return "Time to live exceeded";
    if (type == NET_ICMP_TIME_EXCEEDED && code == NET_ICMP_REASSEMBLY_EXCEEDED)
        return "Frag reassembly time exceeded";
    if (type == NET_ICMP_SOURCE_QUENCH)
        return "Source Quench";
    if (type == NET_ICMP_PARAMETER_PROBLEM)
        return "Parameter problem";
    return NULL;
}

char *net_icmp_error_text(uint8_t type, uint8_t code, uint16_t mtu,
                          char out[static NET_ICMP_TEXT_MAX])
{
    const char *fixed = fixed_text(type, code);
    if (fixed)
        snprintf(out, NET_ICMP_TEXT_MAX, "%s", fixed);
    else if (type == NET_ICMP_UNREACHABLE && code == NET_ICMP_FRAGMENTATION_NEEDED)
        snprintf(out, NET_ICMP_TEXT_MAX, "Frag needed and DF set (mtu = %u)", mtu);
    else if (type == NET_ICMP_UNREACHABLE)
        snprintf(out, NET_ICMP_TEXT_MAX, "Dest Unreachable, Bad Code: %u", code);
    else if (type == NET_ICMP_TIME_EXCEEDED)
        snprintf(out, NET_ICMP_TEXT_MAX, "Time exceeded, Bad Code: %u", code);
    else if (type == NET_ICMP_REDIRECT)
        snprintf(out, NET_ICMP_TEXT_MAX, "Redirect, Bad Code: %u", code);
    else
        snprintf(out, NET_ICMP_TEXT_MAX, "Bad ICMP type: %u", type);
    return out;
}

char *net_icmp_redirect_text(uint8_t code, net_ip4 gateway, char out[static NET_ICMP_TEXT_MAX])
{
    char address[NET_IP4_TEXT_MAX];
    size_t used = strlen(net_icmp_error_text(NET_ICMP_REDIRECT, code, 0, out));
    snprintf(out + used, NET_ICMP_TEXT_MAX - used, "(New nexthop: %s)",
             net_ip4_format(gateway, address));
    return out;
}
