/* The Traffic Selector payloads: RFC 7296 3.13, 3.13.1. */
#include "ipsec/ike/ts.h"

#define TS_HEADER_SIZE 4 /* of the payload: number of selectors, reserved */
#define SELECTOR_SIZE_IPV4 16
#define SELECTOR_SIZE_IPV6 40
#define PORT_MAX 65535

static void read_addr(struct base_reader *r, uint8_t family, struct net_addr *out)
{
    *out = (struct net_addr){.family = family};
    base_read_copy(r, out->bytes, family == NET_ADDR_IP4 ? 4 : 16);
}

static bool ports_valid(const struct ike_ts *ts)
{
    bool opaque = ts->port_low == PORT_MAX && ts->port_high == 0;
    return ts->port_low <= ts->port_high || opaque;
}

/* One selector; *known is false when its type is none that we have, and it is skipped. */
static enum ike_wire_status read_selector(struct base_reader *r, struct ike_ts *out, bool *known)
{
    uint8_t type = base_read_u8(r);
    struct ike_ts ts = {.protocol = base_read_u8(r)};
    uint16_t length = base_read_u16(r);
    if (r->failed || length < 4)
        return IKE_WIRE_SYNTAX;
    struct base_reader body = base_read_sub(r, (size_t)length - 4);
    *known = type == IKE_TS_IPV4_ADDR_RANGE || type == IKE_TS_IPV6_ADDR_RANGE;
    if (!*known)
        return body.failed ? IKE_WIRE_SYNTAX : IKE_WIRE_OK;
    uint8_t family = type == IKE_TS_IPV4_ADDR_RANGE ? NET_ADDR_IP4 : NET_ADDR_IP6;
    ts.port_low = base_read_u16(&body);
    ts.port_high = base_read_u16(&body);
    read_addr(&body, family, &ts.low);
    read_addr(&body, family, &ts.high);
    if (!base_reader_done(&body) || net_addr_compare(&ts.low, &ts.high) > 0 || !ports_valid(&ts))
        return IKE_WIRE_SYNTAX;
    *out = ts;
    return IKE_WIRE_OK;
}

enum ike_wire_status ike_ts_read(struct ike_ts_list *out, const struct ike_payload *payload)
{
    struct base_reader r = base_reader_of(payload->body, payload->size);
    unsigned number = base_read_u8(&r);
    base_read_bytes(&r, TS_HEADER_SIZE - 1);
    out->count = 0;
    if (r.failed || number == 0)
        return IKE_WIRE_SYNTAX;
    for (unsigned i = 0; i < number; i++) {
        struct ike_ts ts;
        bool known = false;
        enum ike_wire_status status = read_selector(&r, &ts, &known);
        if (status != IKE_WIRE_OK)
            return status;
        if (!known)
            continue;
        if (out->count == IKE_TS_MAX)
            return IKE_WIRE_LIMIT;
        out->items[out->count++] = ts;
    }
    return base_reader_done(&r) ? IKE_WIRE_OK : IKE_WIRE_SYNTAX;
}

void ike_write_ts(struct ike_builder *b, uint8_t type, const struct ike_ts_list *list)
{
    struct base_writer *w = ike_builder_payload(b, type);
    base_write_u8(w, (uint8_t)list->count);
    base_write_zeros(w, TS_HEADER_SIZE - 1);
    for (size_t i = 0; i < list->count; i++) {
        const struct ike_ts *ts = &list->items[i];
        bool ip4 = ts->low.family == NET_ADDR_IP4;
        base_write_u8(w, ip4 ? IKE_TS_IPV4_ADDR_RANGE : IKE_TS_IPV6_ADDR_RANGE);
        base_write_u8(w, ts->protocol);
        base_write_u16(w, ip4 ? SELECTOR_SIZE_IPV4 : SELECTOR_SIZE_IPV6);
        base_write_u16(w, ts->port_low);
        base_write_u16(w, ts->port_high);
        base_write_bytes(w, ts->low.bytes, net_addr_size(&ts->low));
        base_write_bytes(w, ts->high.bytes, net_addr_size(&ts->high));
    }
}
