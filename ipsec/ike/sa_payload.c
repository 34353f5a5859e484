/*
 * The Security Association payload: RFC 7296 3.3, 3.3.1 (proposal), 3.3.2 (transform), 3.3.5
 * (attributes).
 */
#include "ipsec/ike/sa_payload.h"

#include <assert.h>

#define PROPOSAL_HEADER_SIZE 8
#define TRANSFORM_HEADER_SIZE 8
#define PROPOSAL_MORE 2 /* "Last Substruc": another proposal follows */
#define TRANSFORM_MORE 3
#define ATTRIBUTE_TV 0x8000 /* type and value in four octets */
#define ATTRIBUTE_KEY_LENGTH 14

/*
 * Attributes other than one Key Length make the transform unacceptable, not the payload malformed
 * (3.3.6).
 */
static bool read_attributes(struct base_reader *r, struct ike_transform *transform)
{
    while (base_reader_left(r)) {
        uint16_t type = base_read_u16(r);
        uint16_t value = base_read_u16(r);
        if (type == (ATTRIBUTE_TV | ATTRIBUTE_KEY_LENGTH) && transform->key_bits == 0 &&
            value != 0) {
            transform->key_bits = value;
            continue;
        }
        transform->unknown_attribute = true;
        if (!(type & ATTRIBUTE_TV))
            base_read_bytes(r, value);
    }
    return !r->failed;
}

/* One that finds no room is read as the others, and *kept is false from then on. */
static enum ike_wire_status read_transform(struct base_reader *r, bool last,
                                           struct ike_proposals *out, bool *kept)
{
    uint8_t more = base_read_u8(r);
    base_read_u8(r);
    uint16_t length = base_read_u16(r);
    if (r->failed || length < TRANSFORM_HEADER_SIZE || more != (last ? 0 : TRANSFORM_MORE))
        return IKE_WIRE_SYNTAX;
    struct base_reader body = base_read_sub(r, (size_t)length - 4);
    struct ike_transform transform = {.type = base_read_u8(&body)};
    base_read_u8(&body);
    transform.id = base_read_u16(&body);
    if (!read_attributes(&body, &transform) || !base_reader_done(&body))
        return IKE_WIRE_SYNTAX;
    if (out->transform_count == IKE_PROPOSALS_TRANSFORMS_MAX)
        *kept = false;
    if (*kept)
        out->transforms[out->transform_count++] = transform;
    return IKE_WIRE_OK;
}

/* What is carried from one proposal to the next. */
struct proposals_state {
    bool first, full;
    uint8_t number;
};

static enum ike_wire_status read_proposal(struct base_reader *r, struct ike_proposals *out,
                                          struct proposals_state *state)
{
    uint8_t more = base_read_u8(r);
    base_read_u8(r);
    uint16_t length = base_read_u16(r);
    if (r->failed || length < PROPOSAL_HEADER_SIZE)
        return IKE_WIRE_SYNTAX;
    struct base_reader body = base_read_sub(r, (size_t)length - 4);
    struct ike_proposal p = {.number = base_read_u8(&body), .protocol = base_read_u8(&body)};
    p.spi_size = base_read_u8(&body);
    p.count = base_read_u8(&body);
    p.first = (uint16_t)out->transform_count;
    if (p.spi_size > sizeof(p.spi))
        return IKE_WIRE_SYNTAX;
    base_read_copy(&body, p.spi, p.spi_size);
    if (body.failed || more != (base_reader_left(r) ? PROPOSAL_MORE : 0))
        return IKE_WIRE_SYNTAX;
    bool kept = !state->full && out->count < IKE_PROPOSALS_MAX;
    for (unsigned i = 0; i < p.count; i++) {
        enum ike_wire_status status = read_transform(&body, i + 1u == p.count, out, &kept);
        if (status != IKE_WIRE_OK)
            return status;
    }
    if (!base_reader_done(&body) || (!state->first && p.number != (uint8_t)(state->number + 1)))
        return IKE_WIRE_SYNTAX;
    *state = (struct proposals_state){.full = !kept, .number = p.number};
    if (kept)
        out->proposals[out->count++] = p;
    else
        out->transform_count = p.first;
    return IKE_WIRE_OK;
}

enum ike_wire_status ike_proposals_read(struct ike_proposals *out,
                                        const struct ike_payload *payload)
{
    struct base_reader r = base_reader_of(payload->body, payload->size);
    struct proposals_state state = {.first = true};
    ike_proposals_init(out);
    do {
        enum ike_wire_status status = read_proposal(&r, out, &state);
        if (status != IKE_WIRE_OK)
            return status;
    } while (base_reader_left(&r));
    return IKE_WIRE_OK;
}

static void write_transform(struct base_writer *w, const struct ike_transform *t, bool last)
{
    base_write_u8(w, last ? 0 : TRANSFORM_MORE);
    base_write_u8(w, 0);
    base_write_u16(w, t->key_bits ? TRANSFORM_HEADER_SIZE + 4 : TRANSFORM_HEADER_SIZE);
    base_write_u8(w, t->type);
    base_write_u8(w, 0);
    base_write_u16(w, t->id);
    if (t->key_bits) {
        base_write_u16(w, ATTRIBUTE_TV | ATTRIBUTE_KEY_LENGTH);
        base_write_u16(w, t->key_bits);
    }
}

static void write_proposal(struct base_writer *w, const struct ike_proposals *list, size_t index)
{
    const struct ike_proposal *p = &list->proposals[index];
    size_t start = w->size;
    base_write_u8(w, index + 1 < list->count ? PROPOSAL_MORE : 0);
    base_write_u8(w, 0);
    base_write_u16(w, 0);
    base_write_u8(w, p->number);
    base_write_u8(w, p->protocol);
    base_write_u8(w, p->spi_size);
    base_write_u8(w, (uint8_t)p->count);
    base_write_bytes(w, p->spi, p->spi_size);
    const struct ike_transform *transforms = ike_proposal_transforms(list, p);
    for (size_t i = 0; i < p->count; i++)
        write_transform(w, &transforms[i], i + 1 == p->count);
    base_write_patch(w, start + 2, w->size - start, 2);
}

void ike_write_sa(struct ike_builder *b, const struct ike_proposals *list)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_SA);
    for (size_t i = 0; i < list->count; i++)
        write_proposal(w, list, i);
}

void ike_proposals_init(struct ike_proposals *list)
{
    list->count = 0;
    list->transform_count = 0;
}

struct ike_proposal *ike_proposals_add(struct ike_proposals *list, uint8_t protocol,
                                       const uint8_t *spi, size_t spi_size)
{
    assert(list->count < IKE_PROPOSALS_MAX);
    struct ike_proposal *p = &list->proposals[list->count++];
    *p = (struct ike_proposal){.number = (uint8_t)list->count,
                               .protocol = protocol,
                               .spi_size = (uint8_t)spi_size,
                               .first = (uint16_t)list->transform_count};
    assert(spi_size <= sizeof(p->spi));
    if (spi_size)
        memcpy(p->spi, spi, spi_size);
    return p;
}

void ike_proposals_add_transform(struct ike_proposals *list, uint8_t type, uint16_t id,
                                 uint16_t key_bits)
{
    assert(list->count > 0 && list->transform_count < IKE_PROPOSALS_TRANSFORMS_MAX);
    struct ike_proposal *p = &list->proposals[list->count - 1];
    assert(p->count < UINT8_MAX);
    list->transforms[list->transform_count++] =
        (struct ike_transform){.type = type, .id = id, .key_bits = key_bits};
    p->count++;
}

bool ike_proposal_spi(const struct ike_proposal *p, size_t spi_size, uint64_t *spi)
{
    if (p->spi_size != spi_size)
        return false;
    struct base_reader r = base_reader_of(p->spi, p->spi_size);
    *spi = base_read_be(&r, spi_size);
    return true;
}
