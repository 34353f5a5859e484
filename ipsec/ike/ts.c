/* Traffic selectors as sets: RFC 7296 2.9 (narrowing), RFC 4301 4.4.1.1 (ANY and OPAQUE ports). */
#include "ipsec/ike/ts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PORT_MAX 65535

struct ike_ts ike_ts_from_prefix(const struct net_prefix *prefix)
{
    return (struct ike_ts){
        .low = net_prefix_first(prefix), .high = net_prefix_last(prefix), .port_high = PORT_MAX};
}

struct ike_ts ike_ts_from_flow(const struct net_addr *addr, uint8_t protocol, uint16_t port)
{
    return (struct ike_ts){.low = *addr,
                           .high = *addr,
                           .protocol = protocol,
                           .port_low = port,
                           .port_high = port ? port : PORT_MAX};
}

bool ike_ts_to_prefix(const struct ike_ts *ts, struct net_prefix *out)
{
    struct net_prefix prefix;
    if (net_prefix_from_range(&ts->low, &ts->high, &prefix, 1) != 1)
        return false;
    *out = prefix;
    return true;
}

bool ike_ts_equal(const struct ike_ts *a, const struct ike_ts *b)
{
    return net_addr_equal(&a->low, &b->low) && net_addr_equal(&a->high, &b->high) &&
           a->protocol == b->protocol && a->port_low == b->port_low && a->port_high == b->port_high;
}

int ike_ts_compare(const void *a, const void *b)
{
    const struct ike_ts *x = a, *y = b;
    int order = (int)x->low.family - (int)y->low.family;
    order = order ? order : net_addr_compare(&x->low, &y->low);
    order = order ? order : net_addr_compare(&y->high, &x->high);
    order = order ? order : (int)x->protocol - (int)y->protocol;
    order = order ? order : (int)x->port_low - (int)y->port_low;
    return order ? order : (int)y->port_high - (int)x->port_high;
}

static bool ports_any(const struct ike_ts *ts)
{
    return ts->port_low == 0 && ts->port_high == PORT_MAX;
}

static bool ports_opaque(const struct ike_ts *ts)
{
    return ts->port_low == PORT_MAX && ts->port_high == 0;
}

static const struct net_addr *later(const struct net_addr *a, const struct net_addr *b)
{
    return net_addr_compare(a, b) < 0 ? b : a;
}

static const struct net_addr *earlier(const struct net_addr *a, const struct net_addr *b)
{
    return net_addr_compare(a, b) < 0 ? a : b;
}

/* ANY has OPAQUE in it, no other range has. */
static bool intersect_ports(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out)
{
    if (ports_opaque(a) || ports_opaque(b)) {
        out->port_low = PORT_MAX;
        out->port_high = 0;
        return (ports_opaque(a) || ports_any(a)) && (ports_opaque(b) || ports_any(b));
    }
    out->port_low = a->port_low > b->port_low ? a->port_low : b->port_low;
    out->port_high = a->port_high < b->port_high ? a->port_high : b->port_high;
    return out->port_low <= out->port_high;
}

bool ike_ts_intersect(const struct ike_ts *a, const struct ike_ts *b, struct ike_ts *out)
{
    if (a->low.family != b->low.family ||
        (a->protocol != b->protocol && a->protocol != 0 && b->protocol != 0))
        return false;
    struct ike_ts common = {.low = *later(&a->low, &b->low),
                            .high = *earlier(&a->high, &b->high),
                            .protocol = a->protocol ? a->protocol : b->protocol};
    if (net_addr_compare(&common.low, &common.high) > 0 || !intersect_ports(a, b, &common))
        return false;
    *out = common;
    return true;
}

bool ike_ts_contains(const struct ike_ts *outer, const struct ike_ts *inner)
{
    struct ike_ts common;
    return ike_ts_intersect(outer, inner, &common) && ike_ts_equal(&common, inner);
}

bool ike_ts_contains_addr(const struct ike_ts *ts, const struct net_addr *addr)
{
    return addr->family == ts->low.family && net_addr_compare(&ts->low, addr) <= 0 &&
           net_addr_compare(addr, &ts->high) <= 0;
}

bool ike_ts_list_add(struct ike_ts_list *list, const struct ike_ts *ts)
{
    struct ike_ts added = *ts; /* may stand in the list itself */
    for (size_t i = 0; i < list->count; i++)
        if (ike_ts_contains(&list->items[i], &added))
            return true;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!ike_ts_contains(&added, &list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
    if (list->count == IKE_TS_MAX)
        return false;
    list->items[list->count++] = added;
    return true;
}

bool ike_ts_list_equal(const struct ike_ts_list *a, const struct ike_ts_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!ike_ts_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static bool any_contains(const struct ike_ts_list *outer, const struct ike_ts *inner)
{
    for (size_t i = 0; i < outer->count; i++)
        if (ike_ts_contains(&outer->items[i], inner))
            return true;
    return false;
}

bool ike_ts_list_contains(const struct ike_ts_list *outer, const struct ike_ts_list *inner)
{
    for (size_t i = 0; i < inner->count; i++)
        if (!any_contains(outer, &inner->items[i]))
            return false;
    return true;
}

enum ike_wire_status ike_ts_narrow(const struct ike_ts_list *configured,
                                   const struct ike_ts_list *proposed, struct ike_ts_list *out)
{
    assert(out != configured && out != proposed);
    out->count = 0;
    for (size_t c = 0; c < configured->count; c++) {
        for (size_t p = 0; p < proposed->count; p++) {
            struct ike_ts common;
            if (ike_ts_intersect(&configured->items[c], &proposed->items[p], &common))
                (void)ike_ts_list_add(out, &common);
        }
    }
    return out->count ? IKE_WIRE_OK : IKE_WIRE_TS_UNACCEPTABLE;
}

static const char *protocol_name(uint8_t protocol)
{
    switch (protocol) {
    case 1:
        return "icmp";
    case 6:
        return "tcp";
    case 17:
        return "udp";
    case 58:
        return "ipv6-icmp";
    case 132:
        return "sctp";
    default:
        return NULL;
    }
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == 1 || protocol == 58;
}

static int format_port(const struct ike_ts *ts, uint16_t port, char *out, size_t size)
{
    int code = port & 0xff;
    if (is_icmp(ts->protocol) && code)
        return snprintf(out, size, "%d(%d)", port >> 8, code);
    if (is_icmp(ts->protocol))
        return snprintf(out, size, "%d", port >> 8);
    return snprintf(out, size, "%u", port);
}

static void format_ports(const struct ike_ts *ts, char *out, size_t size)
{
    if (ports_opaque(ts)) {
        snprintf(out, size, "OPAQUE");
        return;
    }
    size_t at = (size_t)format_port(ts, ts->port_low, out, size);
    if (ts->port_low != ts->port_high) {
        out[at++] = '-';
        format_port(ts, ts->port_high, out + at, size - at);
    }
}

/*
 * "[tcp/80]": protocol and ports, whichever is not any. Ports are numbers, whatever /etc/services
 * has.
 */
static void format_upper(const struct ike_ts *ts, char *out, size_t size)
{
    char ports[24] = "";
    char protocol[8] = "";
    const char *name = protocol_name(ts->protocol);
    if (ts->protocol != 0 && !name)
        snprintf(protocol, sizeof(protocol), "%u", ts->protocol);
    if (!ports_any(ts))
        format_ports(ts, ports, sizeof(ports));
    snprintf(out, size, "[%s%s%s]", name ? name : protocol, ts->protocol && *ports ? "/" : "",
             ports);
}

const char *ike_ts_format(const struct ike_ts *ts, char *out)
{
    struct net_prefix prefix;
    char low[NET_PREFIX_TEXT_MAX];
    char high[NET_ADDR_TEXT_MAX];
    int at;
    if (ike_ts_to_prefix(ts, &prefix))
        at = snprintf(out, IKE_TS_TEXT_MAX, "%s", net_prefix_format(&prefix, low));
    else
        at = snprintf(out, IKE_TS_TEXT_MAX, "%s..%s", net_addr_format(&ts->low, low),
                      net_addr_format(&ts->high, high));
    if (ts->protocol != 0 || !ports_any(ts))
        format_upper(ts, out + at, IKE_TS_TEXT_MAX - (size_t)at);
    return out;
}

const char *ike_ts_list_format(const struct ike_ts_list *list, char *out, size_t size)
{
    static const char MORE[] = "...";
    size_t at = 0;
    assert(size >= sizeof(MORE) + 1);
    out[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        char text[IKE_TS_TEXT_MAX];
        size_t length = strlen(ike_ts_format(&list->items[i], text));
        size_t reserve = i + 1 < list->count ? sizeof(MORE) : 0; /* for a cut later on */
        if (at + 1 + length + reserve >= size) {
            memcpy(out + at, at ? " ..." : MORE, at ? 5 : 4);
            return out;
        }
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " " : "", text);
    }
    return out;
}
