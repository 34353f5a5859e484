/* Forged messages; see forge.h. */
#include "tests/ike/forge.h"

#include <stdlib.h>
#include <utlist.h>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/send.h"
#include "tests/ike/lab_inside.h"
#include "tests/test.h"

enum {
    HEADER_VERSION_AT = 17,
    RESERVED_BITS = 0x7f,
};

struct ike_sa *forge_sa(struct lab *lab, int end)
{
    struct ike_endpoint *ep = lab_ep(lab, end);
    struct ike_sa *sa = ike_engine_sa_of(ep, ep->peers[0]);
    return sa ? sa : ep->sas;
}

static void seal_and_input(struct lab *lab, int from, struct ike_sa *sa, struct ike_draft *draft)
{
    uint8_t iv[IKE_SK_IV_SIZE_MAX];
    ike_sa_next_iv(sa, iv);
    size_t size = ike_sk_seal(&sa->seal, &draft->b, iv);
    assert_int_not_equal(size, 0);
    struct ike_path path = {sa->path.remote, sa->path.local, sa->path.remote_port,
                            sa->path.local_port};
    lab_input(lab, 1 - from, &path, draft->buffer, size);
}

void forge_send(struct lab *lab, int from, uint8_t exchange, bool response, uint32_t message_id,
                forge_write *write)
{
    struct ike_sa *sa = forge_sa(lab, from);
    struct ike_draft draft;
    ike_send_draft(sa, &draft, exchange, response, message_id);
    if (write)
        write(sa, &draft.b);
    seal_and_input(lab, from, sa, &draft);
}

void forge_request(struct lab *lab, int from, uint8_t exchange, forge_write *write)
{
    forge_send(lab, from, exchange, false, forge_sa(lab, 1 - from)->window.receive_next, write);
}

/* The SA with these SPIs, whatever its state. */
static struct ike_sa *sa_of_header(struct lab *lab, int end, const struct ike_header *h)
{
    struct ike_sa *sa;
    DL_FOREACH(lab_ep(lab, end)->sas, sa)
    if (sa->spi_i == h->spi_i && (sa->spi_r == h->spi_r || !h->spi_r || !sa->spi_r))
        return sa;
    return NULL;
}

void forge_catch(struct lab *lab, const char *name, struct forge_caught *caught)
{
    struct lab_message *m;
    DL_FOREACH(lab->messages, m)
    if (m->held && !strcmp(m->held, name))
        break;
    assert_non_null(m);
    DL_DELETE(lab->messages, m);
    assert_true(m->size <= sizeof(caught->bytes));
    memcpy(caught->bytes, m->bytes, m->size);
    caught->from = m->from;
    struct ike_message *parsed = &caught->message;
    assert_int_equal(ike_message_parse(parsed, caught->bytes, m->size), IKE_WIRE_OK);
    free(m);
    caught->payloads = parsed->payloads;
    caught->count = parsed->count;
    if (parsed->header.exchange == IKE_EXCHANGE_IKE_SA_INIT)
        return;
    struct ike_sa *to = sa_of_header(lab, 1 - caught->from, &parsed->header);
    struct ike_inner inner;
    assert_non_null(to);
    assert_int_equal(ike_sk_open(&to->open, parsed, caught->bytes, &inner), IKE_WIRE_OK);
    assert_int_equal(ike_message_parse_inner(parsed, inner.first, inner.chain, inner.size),
                     IKE_WIRE_OK);
    caught->payloads = parsed->payloads + 1;
    caught->count = parsed->count - 1;
}

static void write_payloads(const struct forge_caught *c, enum forge_change change, size_t index,
                           struct ike_builder *b)
{
    static const uint8_t unknown[] = {1, 32, 49, 255};
    for (size_t i = 0; i < c->count; i++) {
        const struct ike_payload *p = &c->payloads[change == FORGE_REVERSE ? c->count - 1 - i : i];
        if (change == FORGE_UNKNOWN)
            base_write_zeros(ike_builder_payload(b, unknown[i % 4]), i);
        if (change == FORGE_LEAVE_OUT && i == index)
            continue;
        ike_builder_raw(b, p->type, p->body, change == FORGE_EMPTY && i == index ? 0 : p->size);
        if (change == FORGE_TWICE && i == index)
            ike_builder_raw(b, p->type, p->body, p->size);
    }
    if (change == FORGE_CRITICAL)
        base_write_zeros(ike_builder_payload_critical(b, (uint8_t)index), 3);
}

static void set_reserved(uint8_t *bytes, size_t at, size_t end)
{
    for (; at + IKE_PAYLOAD_HEADER_SIZE <= end; at += (size_t)(bytes[at + 2] << 8 | bytes[at + 3]))
        bytes[at + 1] |= RESERVED_BITS;
}

static void change_bytes(struct ike_draft *draft, size_t at, enum forge_change change)
{
    if (change == FORGE_RESERVED)
        set_reserved(draft->buffer, at, draft->b.writer.size);
    if (change == FORGE_MINOR)
        draft->buffer[HEADER_VERSION_AT] = IKE_VERSION | 15;
}

void forge_deliver(struct lab *lab, const struct forge_caught *c, enum forge_change change,
                   size_t index)
{
    const struct ike_header *h = &c->message.header;
    struct ike_sa *sa = sa_of_header(lab, c->from, h);
    struct ike_draft draft;
    assert_non_null(sa);
    if (h->exchange != IKE_EXCHANGE_IKE_SA_INIT) {
        ike_send_draft(sa, &draft, h->exchange, ike_header_is_response(h), h->message_id);
        write_payloads(c, change, index, &draft.b);
        assert_true(ike_builder_close(&draft.b));
        change_bytes(&draft, draft.b.inner_at, change);
        seal_and_input(lab, c->from, sa, &draft);
        return;
    }
    struct ike_header header = *h;
    ike_send_draft_plain(&header, &draft);
    write_payloads(c, change, index, &draft.b);
    size_t size = ike_builder_finish(&draft.b);
    change_bytes(&draft, IKE_HEADER_SIZE, change);
    struct ike_handshake *own = sa->handshake; /* AUTH signs what was sent */
    ike_handshake_copy(&own->own_message, &own->own_message_size, draft.buffer, size);
    struct ike_path path = {lab->ends[1 - c->from].address, lab->ends[c->from].address, IKE_PORT,
                            IKE_PORT};
    lab_input(lab, 1 - c->from, &path, draft.buffer, size);
}
