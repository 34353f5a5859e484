/*
 * Reading an IKE message: RFC 7296 2.5 (versions, criticality), 3.1 (header), 3.2 (payload chain).
 */
#include "ipsec/ike/message.h"

#include "base/bytes.h"

#include <assert.h>

#define VERSION_MAJOR(version) ((version) >> 4)
#define PAYLOAD_CRITICAL 0x80

enum ike_wire_status ike_header_read(struct ike_header *out, const uint8_t *datagram, size_t size)
{
    struct base_reader r = base_reader_of(datagram, size);
    struct ike_header h = {0};
    h.spi_i = base_read_u64(&r);
    h.spi_r = base_read_u64(&r);
    h.next_payload = base_read_u8(&r);
    h.version = base_read_u8(&r);
    h.exchange = base_read_u8(&r);
    h.flags = base_read_u8(&r);
    h.message_id = base_read_u32(&r);
    h.length = base_read_u32(&r);
    if (r.failed)
        return IKE_WIRE_SHORT;
    *out = h;
    if (VERSION_MAJOR(h.version) != VERSION_MAJOR(IKE_VERSION))
        return IKE_WIRE_MAJOR_VERSION;
    if (h.length != size)
        return IKE_WIRE_LENGTH;
    if (h.spi_i == 0)
        return IKE_WIRE_SPI;
    if (!ike_exchange_name(h.exchange))
        return IKE_WIRE_EXCHANGE;
    return IKE_WIRE_OK;
}

static bool is_encrypted(uint8_t type)
{
    return type == IKE_PAYLOAD_SK || type == IKE_PAYLOAD_SKF;
}

/*
 * Takes note of one payload: a known one is listed, an unknown one skipped or, if critical,
 * reported.
 */
static void take_payload(struct ike_message *m, struct ike_payload payload, bool critical)
{
    m->seen++;
    if (ike_payload_name(payload.type))
        m->payloads[m->count++] = payload;
    else if (critical && m->unknown_critical == 0)
        m->unknown_critical = payload.type;
}

static enum ike_wire_status parse_chain(struct ike_message *m, uint8_t type, const uint8_t *chain,
                                        size_t size, bool inner)
{
    struct base_reader r = base_reader_of(chain, size);
    while (type != IKE_PAYLOAD_NONE) {
        struct ike_payload payload = {.type = type, .next = base_read_u8(&r)};
        uint8_t flags = base_read_u8(&r);
        uint16_t length = base_read_u16(&r);
        if (r.failed || length < IKE_PAYLOAD_HEADER_SIZE)
            return IKE_WIRE_SYNTAX;
        payload.size = (uint16_t)(length - IKE_PAYLOAD_HEADER_SIZE);
        payload.body = base_read_bytes(&r, payload.size);
        if (r.failed || (inner && is_encrypted(type)))
            return IKE_WIRE_SYNTAX;
        if (m->seen == IKE_MESSAGE_PAYLOADS_MAX)
            return IKE_WIRE_LIMIT;
        take_payload(m, payload, (flags & PAYLOAD_CRITICAL) != 0);
        /* The Next Payload of an Encrypted payload belongs to what is inside (RFC 7296 3.14). */
        type = is_encrypted(type) ? (uint8_t)IKE_PAYLOAD_NONE : payload.next;
    }
    if (!base_reader_done(&r))
        return IKE_WIRE_SYNTAX;
    return m->unknown_critical ? IKE_WIRE_UNKNOWN_CRITICAL : IKE_WIRE_OK;
}

enum ike_wire_status ike_message_parse(struct ike_message *out, const uint8_t *datagram,
                                       size_t size)
{
    struct ike_header header;
    enum ike_wire_status status = ike_header_read(&header, datagram, size);
    if (status == IKE_WIRE_SHORT)
        return status;
    out->header = header;
    out->datagram = datagram;
    out->size = size;
    out->count = 0;
    out->seen = 0;
    out->unknown_critical = 0;
    if (status != IKE_WIRE_OK)
        return status;
    return parse_chain(out, header.next_payload, datagram + IKE_HEADER_SIZE, size - IKE_HEADER_SIZE,
                       false);
}

enum ike_wire_status ike_message_parse_inner(struct ike_message *m, uint8_t first,
                                             const uint8_t *chain, size_t size)
{
    return parse_chain(m, first, chain, size, true);
}

static const struct ike_payload *find_from(const struct ike_message *m, size_t i, uint8_t type)
{
    for (; i < m->count; i++)
        if (m->payloads[i].type == type)
            return &m->payloads[i];
    return NULL;
}

const struct ike_payload *ike_message_find(const struct ike_message *m, uint8_t type)
{
    return find_from(m, 0, type);
}

const struct ike_payload *ike_message_find_next(const struct ike_message *m,
                                                const struct ike_payload *payload)
{
    size_t i = (size_t)(payload - m->payloads);
    assert(i < m->count);
    return find_from(m, i + 1, payload->type);
}

size_t ike_message_count(const struct ike_message *m, uint8_t type)
{
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++)
        count += m->payloads[i].type == type;
    return count;
}

enum ike_wire_status ike_message_check(const struct ike_message *m,
                                       const struct ike_payload_rule *rules, size_t count,
                                       uint8_t *type)
{
    for (size_t i = 0; i < count; i++) {
        size_t there = ike_message_count(m, rules[i].type);
        if (there >= rules[i].min && there <= rules[i].max)
            continue;
        *type = rules[i].type;
        return there < rules[i].min ? IKE_WIRE_MISSING : IKE_WIRE_REPEATED;
    }
    return IKE_WIRE_OK;
}
