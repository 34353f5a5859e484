/* Messages on their way in; see receive.h. RFC 7296 sections 2.1 to 2.5, 2.21, 3.1; RFC 7383 section 2.6. */
#include "ipsec/ike/receive.h"

#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/nat.h"
#include "ipsec/ike/send.h"

typedef void respond(struct ike_sa *sa, const struct ike_message *request,
                     const struct ike_path *path, struct ike_builder *b);

enum {
    EXCHANGES = IKE_EXCHANGE_INFORMATIONAL - IKE_EXCHANGE_IKE_SA_INIT + 1,
};
#define EXCHANGE(name) (IKE_EXCHANGE_##name - IKE_EXCHANGE_IKE_SA_INIT)

/* Which request is taken in which state; an empty cell refuses it without an answer. */
static respond *const table[IKE_SA_STATE_COUNT][EXCHANGES] = {
    [IKE_SA_INIT_ANSWERED] = {[EXCHANGE(IKE_AUTH)] = ike_auth_respond},
    [IKE_SA_ESTABLISHED] = {[EXCHANGE(CREATE_CHILD_SA)] = ike_create_respond,
                            [EXCHANGE(INFORMATIONAL)] = ike_informational_respond},
    /* Section 2.25: a rekey or a delete is under way. */
    [IKE_SA_HELD] = {[EXCHANGE(CREATE_CHILD_SA)] = ike_create_refuse,
                     [EXCHANGE(INFORMATIONAL)] = ike_informational_respond},
    [IKE_SA_REPLACED] = {[EXCHANGE(CREATE_CHILD_SA)] = ike_create_refuse,
                         [EXCHANGE(INFORMATIONAL)] = ike_informational_respond},
    [IKE_SA_DELETING] = {[EXCHANGE(CREATE_CHILD_SA)] = ike_create_refuse,
                         [EXCHANGE(INFORMATIONAL)] = ike_informational_respond},
};

/* A datagram being received. */
struct receipt {
    struct ike_endpoint *endpoint;
    const struct ike_path *path;
    uint8_t *datagram;
    struct ike_message message;
    struct ike_sa *sa; /* NULL: none */
};

static void tell(struct receipt *r, enum ike_event_kind kind, enum ike_reason reason)
{
    const struct ike_header *h = &r->message.header;
    struct ike_event event = {.kind = kind, .peer = -1};
    if (r->sa)
        event = ike_sa_event(r->sa, kind);
    event.at = r->endpoint->now;
    event.spi_i = h->spi_i;
    event.spi_r = h->spi_r;
    event.reason = reason;
    event.exchange = h->exchange;
    event.response = ike_header_is_response(h);
    event.message_id = h->message_id;
    event.size = r->message.size;
    event.path = *r->path;
    if (kind == IKE_EVENT_MESSAGE_RECEIVED)
        ike_event_notifies(&event, &r->message);
    ike_outputs_event(&r->endpoint->outputs, &event);
}

static void drop(struct receipt *r, enum ike_reason reason)
{
    r->endpoint->counts.dropped++;
    tell(r, IKE_EVENT_MESSAGE_DROPPED, reason);
}

static void drop_unless_ok(struct receipt *r, enum ike_reason reason)
{
    if (reason != IKE_REASON_OK)
        drop(r, reason);
}

/* One notify in clear, about a request that belongs to nothing here (sections 2.5, 2.21.4). */
static void answer_in_clear(struct receipt *r, uint16_t notify, const void *data, size_t size)
{
    const struct ike_header *h = &r->message.header;
    struct ike_header header = {
        .spi_i = h->spi_i,
        .spi_r = h->spi_r,
        .exchange = h->exchange,
        .flags =
            (uint8_t)(IKE_FLAG_RESPONSE | (ike_header_from_initiator(h) ? 0 : IKE_FLAG_INITIATOR)),
        .message_id = h->message_id};
    struct ike_draft draft;
    ike_send_draft_plain(&header, &draft);
    ike_write_notify(&draft.b, notify, data, size);
    size_t all = ike_builder_finish(&draft.b);
    ike_send_plain(r->endpoint, NULL, r->path, draft.buffer, all, false);
}

static void unknown_sa(struct receipt *r)
{
    drop(r, IKE_REASON_UNKNOWN_SPI);
    if (r->endpoint->options.answer_unknown_spi && !ike_header_is_response(&r->message.header))
        answer_in_clear(r, IKE_NOTIFY_INVALID_IKE_SPI, NULL, 0);
}

/* One of our own first requests, sent back by somebody. */
static bool is_reflected(const struct receipt *r)
{
    const struct ike_sa *sa = ike_engine_find(r->endpoint, r->message.header.spi_i);
    return sa && sa->initiator;
}

static void receive_init(struct receipt *r, enum ike_wire_status status)
{
    const struct ike_header *h = &r->message.header;
    if (ike_header_is_response(h)) {
        struct ike_sa *sa = ike_engine_find(r->endpoint, h->spi_i);
        bool followed = sa && sa->state == IKE_SA_AUTH_SENT;
        if (!sa || !sa->initiator || (sa->state != IKE_SA_INIT_SENT && !followed) ||
            h->message_id || ike_header_from_initiator(h) || status != IKE_WIRE_OK) {
            drop(r, sa ? IKE_REASON_UNEXPECTED : IKE_REASON_UNKNOWN_SPI);
            return;
        }
        r->sa = sa;
        if (!net_addr_equal(&r->path->remote, &sa->path.remote)) { /* section 2.11 */
            drop(r, IKE_REASON_INVALID);
            return;
        }
        if (followed) {
            enum ike_reason why = ike_init_answered_again(sa, r->path, &r->message);
            if (why == IKE_REASON_OK)
                tell(r, IKE_EVENT_MESSAGE_RECEIVED, IKE_REASON_OK);
            drop_unless_ok(r, why);
            return;
        }
        tell(r, IKE_EVENT_MESSAGE_RECEIVED, IKE_REASON_OK);
        drop_unless_ok(r, ike_init_answered(sa, r->path, &r->message));
        return;
    }
    if (h->spi_r || h->message_id || !ike_header_from_initiator(h) || is_reflected(r)) {
        drop(r, IKE_REASON_UNEXPECTED);
        return;
    }
    tell(r, IKE_EVENT_MESSAGE_RECEIVED, IKE_REASON_OK);
    uint8_t type = r->message.unknown_critical;
    if (status == IKE_WIRE_UNKNOWN_CRITICAL)
        answer_in_clear(r, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, &type, 1);
    else if (status != IKE_WIRE_OK)
        answer_in_clear(r, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
    else
        drop_unless_ok(r, ike_init_respond(r->endpoint, r->path, &r->message));
}

/* The SA of a protected message, both SPIs checked. */
static struct ike_sa *find_sa(const struct receipt *r)
{
    const struct ike_header *h = &r->message.header;
    bool from_initiator = ike_header_from_initiator(h);
    struct ike_sa *sa = ike_engine_find(r->endpoint, from_initiator ? h->spi_r : h->spi_i);
    if (!sa || sa->initiator == from_initiator || !sa->has_keys || sa->spi_i != h->spi_i ||
        sa->spi_r != h->spi_r)
        return NULL;
    return sa;
}

/* A request that was answered before: authentic, and of fragments the first, gets the answer again. */
static void duplicate(struct receipt *r)
{
    struct ike_sa *sa = r->sa;
    struct ike_inner inner;
    if (ike_sk_open(&sa->open, &r->message, r->datagram, &inner) != IKE_WIRE_OK) {
        drop(r, IKE_REASON_NOT_AUTHENTIC);
        return;
    }
    drop(r, IKE_REASON_DUPLICATE);
    if (inner.fragment_number > 1) /* RFC 7383 section 2.6.1 */
        return;
    r->endpoint->counts.duplicates_answered++;
    ike_send_again(sa, sa->window.response, r->path);
}

/*
 * Opens SK, or collects SKF. True when the whole inner chain is there and was parsed, with how that
 * went in *status; false when the datagram is done with.
 */
static bool open_message(struct receipt *r, struct ike_fragments *fragments,
                         enum ike_wire_status *status)
{
    struct ike_sa *sa = r->sa;
    struct ike_inner inner, whole;
    bool fragment = ike_message_find(&r->message, IKE_PAYLOAD_SKF) != NULL;
    if (fragment &&
        (!sa->fragmentation || ike_fragments_check(fragments, &r->message) != IKE_WIRE_OK)) {
        drop(r, IKE_REASON_FRAGMENT);
        return false;
    }
    *status = ike_sk_open(&sa->open, &r->message, r->datagram, &inner);
    if (*status != IKE_WIRE_OK && *status != IKE_WIRE_PADDING) {
        drop(r, IKE_REASON_NOT_AUTHENTIC);
        return false;
    }
    if (*status == IKE_WIRE_PADDING)
        return true;
    if (fragment) {
        *status = ike_fragments_add(fragments, &r->message, &inner, &whole);
        sa->last_in = r->endpoint->now;
        if (*status == IKE_WIRE_FRAGMENT_MORE)
            return false;
        if (*status != IKE_WIRE_OK) {
            drop(r, IKE_REASON_FRAGMENT);
            return false;
        }
        inner = whole;
    }
    *status = ike_message_parse_inner(&r->message, inner.first, inner.chain, inner.size);
    return true;
}

/* The message is authentic, but cannot be read (sections 2.5, 2.21.3). */
static void refuse_request(struct receipt *r, enum ike_wire_status status, struct ike_builder *b)
{
    struct ike_sa *sa = r->sa;
    if (status == IKE_WIRE_UNKNOWN_CRITICAL) {
        uint8_t type = r->message.unknown_critical;
        ike_write_notify(b, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, &type, 1);
        if (sa->state == IKE_SA_INIT_ANSWERED) /* fatal in IKE_AUTH: section 2.21.2 */
            ike_sa_end(sa, IKE_REASON_INVALID);
        return;
    }
    ike_write_notify(b, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
    sa->leaving = IKE_REASON_INVALID;
}

static void receive_request(struct receipt *r)
{
    struct ike_sa *sa = r->sa;
    const struct ike_header *h = &r->message.header;
    enum ike_window_verdict verdict = ike_window_check(&sa->window, h->message_id);
    respond *handler = table[sa->state][h->exchange - IKE_EXCHANGE_IKE_SA_INIT];
    enum ike_wire_status status;
    if (verdict == IKE_WINDOW_DUPLICATE) {
        duplicate(r);
        return;
    }
    if (verdict == IKE_WINDOW_OUTSIDE || !handler) {
        drop(r, verdict == IKE_WINDOW_OUTSIDE ? IKE_REASON_WINDOW : IKE_REASON_UNEXPECTED);
        return;
    }
    if (!open_message(r, &sa->requests, &status))
        return;
    sa->last_in = r->endpoint->now;
    tell(r, IKE_EVENT_MESSAGE_RECEIVED, IKE_REASON_OK);
    ike_nat_follow(sa, r->path);
    struct ike_draft draft;
    ike_send_draft(sa, &draft, h->exchange, true, h->message_id);
    if (status == IKE_WIRE_OK)
        handler(sa, &r->message, r->path, &draft.b);
    else
        refuse_request(r, status, &draft.b);
    ike_fragments_reset(&sa->requests);
    ike_send_response(sa, &draft, r->path);
    if (sa->leaving)
        ike_sa_end(sa, sa->leaving);
}

static void receive_response(struct receipt *r)
{
    struct ike_sa *sa = r->sa;
    const struct ike_header *h = &r->message.header;
    enum ike_wire_status status;
    if (!sa->active || !sa->retransmit.request || sa->state == IKE_SA_INIT_SENT ||
        h->message_id != sa->window.send_next - 1) {
        drop(r, IKE_REASON_WINDOW);
        return;
    }
    if (h->exchange != ike_task_ops(sa->active->kind)->exchange) {
        drop(r, IKE_REASON_UNEXPECTED);
        return;
    }
    if (!open_message(r, &sa->responses, &status))
        return;
    sa->last_in = r->endpoint->now;
    tell(r, IKE_EVENT_MESSAGE_RECEIVED, IKE_REASON_OK);
    if (status == IKE_WIRE_OK)
        ike_task_answered(sa, &r->message);
    else /* sections 2.21.2, 2.21.3: the SA is of no use, and the peer believes that it is */
        ike_task_spoiled(sa);
    ike_fragments_reset(&sa->responses);
}

void ike_receive(struct ike_endpoint *endpoint, const struct ike_path *path, uint8_t *datagram,
                 size_t size)
{
    struct receipt r = {.endpoint = endpoint, .path = path, .datagram = datagram};
    r.message.size = size;
    enum ike_wire_status status = ike_message_parse(&r.message, datagram, size);
    if (status == IKE_WIRE_MAJOR_VERSION) {
        const struct ike_header *h = &r.message.header;
        drop(&r, IKE_REASON_VERSION);
        if (h->version >> 4 > IKE_VERSION >> 4 && !ike_header_is_response(h))
            answer_in_clear(&r, IKE_NOTIFY_INVALID_MAJOR_VERSION, NULL, 0);
        return;
    }
    if (ike_wire_status_class(status) == IKE_WIRE_CLASS_DROP) {
        drop(&r, IKE_REASON_MALFORMED);
        return;
    }
    if (r.message.header.exchange == IKE_EXCHANGE_IKE_SA_INIT) {
        receive_init(&r, status);
        return;
    }
    r.sa = find_sa(&r);
    if (!r.sa)
        unknown_sa(&r);
    else if (status != IKE_WIRE_OK) /* in clear, so from anybody: no answer */
        drop(&r, IKE_REASON_MALFORMED);
    else if (ike_header_is_response(&r.message.header))
        receive_response(&r);
    else
        receive_request(&r);
}
