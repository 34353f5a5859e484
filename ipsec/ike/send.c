/* Messages on their way out; see send.h. */
#include "ipsec/ike/send.h"

#include <assert.h>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/lifetime.h"
#include "ipsec/ike/payload.h"

static bool has_marker(const struct ike_path *path)
{
    return path->local_port != IKE_PORT;
}

void ike_event_notifies(struct ike_event *event, const struct ike_message *message)
{
    for (size_t i = 0; i < message->count && event->notify_count < IKE_EVENT_NOTIFIES_MAX; i++) {
        struct ike_notify_payload notify;
        if (message->payloads[i].type == IKE_PAYLOAD_NOTIFY &&
            ike_notify_read(&notify, &message->payloads[i]) == IKE_WIRE_OK)
            event->notifies[event->notify_count++] = notify.type;
    }
}

static void fill_header(struct ike_event *event, const uint8_t *datagram, size_t size)
{
    struct ike_header h = {0};
    if (ike_header_read(&h, datagram, size) == IKE_WIRE_SHORT)
        return;
    event->spi_i = h.spi_i;
    event->spi_r = h.spi_r;
    event->exchange = h.exchange;
    event->response = ike_header_is_response(&h);
    event->message_id = h.message_id;
}

void ike_send_draft(struct ike_sa *sa, struct ike_draft *draft, uint8_t exchange, bool response,
                    uint32_t message_id)
{
    struct ike_header header = {
        .spi_i = sa->spi_i,
        .spi_r = sa->spi_r,
        .exchange = exchange,
        .flags = (uint8_t)((sa->initiator ? IKE_FLAG_INITIATOR : 0) |
                           (response ? IKE_FLAG_RESPONSE : 0)),
        .message_id = message_id,
    };
    ike_builder_init(&draft->b, draft->buffer, sizeof(draft->buffer), &header);
    ike_builder_protect(&draft->b, &sa->seal);
}

void ike_send_draft_plain(const struct ike_header *header, struct ike_draft *draft)
{
    ike_builder_init(&draft->b, draft->buffer, sizeof(draft->buffer), header);
}

/* The notifies inside a draft that is about to be sealed. */
static void draft_notifies(struct ike_draft *draft, struct ike_event *event)
{
    struct ike_message inner = {0};
    if (!ike_builder_close(&draft->b))
        return;
    size_t size = draft->b.writer.size - draft->b.inner_at;
    if (size && ike_message_parse_inner(&inner, draft->buffer[draft->b.sk_at],
                                        draft->buffer + draft->b.inner_at, size) == IKE_WIRE_OK)
        ike_event_notifies(event, &inner);
}

static struct ike_datagrams *seal_fragments(struct ike_sa *sa, struct ike_draft *draft,
                                            size_t size_max)
{
    struct ike_datagrams *set = NULL;
    struct ike_fragment_split split;
    uint8_t iv[IKE_SK_IV_SIZE_MAX], piece[IKE_SEND_BUFFER];
    size_t count = ike_fragment_split_init(&split, &sa->seal, &draft->b, size_max);
    for (size_t i = 0; i < count; i++) {
        ike_sa_next_iv(sa, iv);
        size_t size = ike_fragment_split_next(&split, iv, piece, sizeof(piece));
        assert(size);
        set = ike_datagrams_add(set, piece, size);
    }
    return set;
}

static struct ike_datagrams *seal(struct ike_sa *sa, struct ike_draft *draft)
{
    const struct ike_path *path = &sa->path;
    size_t size_max = ike_fragment_message_max(sa->peer->config.fragment_size, path->local.family,
                                               has_marker(path));
    if (sa->fragmentation && ike_fragment_needed(&sa->seal, &draft->b, size_max)) {
        struct ike_datagrams *set = seal_fragments(sa, draft, size_max);
        if (set)
            return set;
    } /* else whole, as also where fragments of the size wanted have no room for data */
    uint8_t iv[IKE_SK_IV_SIZE_MAX];
    ike_sa_next_iv(sa, iv);
    size_t size = ike_sk_seal(&sa->seal, &draft->b, iv);
    assert(size); /* drafts are bounded by the configuration: see IKE_SEND_BUFFER */
    return ike_datagrams_add(NULL, draft->buffer, size);
}

/* What goes elsewhere, as an answer to a copy of a request may, keeps no NAT's mapping for the peer alive. */
static bool is_own_path(const struct ike_sa *sa, const struct ike_path *path)
{
    return net_addr_equal(&sa->path.remote, &path->remote) &&
           sa->path.remote_port == path->remote_port;
}

static void put(struct ike_sa *sa, const struct ike_datagrams *set, const struct ike_path *path)
{
    size_t at = 0, size;
    const uint8_t *bytes;
    while ((bytes = ike_datagrams_next(set, &at, &size)))
        ike_outputs_datagram(&sa->endpoint->outputs, path, has_marker(path), bytes, size);
    if (is_own_path(sa, path))
        sa->last_out = sa->endpoint->now;
}

static void tell_sent(struct ike_sa *sa, const struct ike_datagrams *set, struct ike_event *event,
                      const struct ike_path *path)
{
    size_t at = 0, size = 0;
    const uint8_t *first = ike_datagrams_next(set, &at, &size);
    fill_header(event, first, size);
    event->path = *path;
    event->size = ike_datagrams_bytes(set);
    ike_sa_tell(sa, event);
}

void ike_send_request(struct ike_sa *sa, struct ike_draft *draft)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_MESSAGE_SENT);
    draft_notifies(draft, &event);
    struct ike_datagrams *set = seal(sa, draft);
    sa->window.send_next++;
    ike_lifetime_counted(sa);
    ike_retransmit_start(&sa->retransmit, &sa->peer->config.retransmit, sa->endpoint->now, set);
    tell_sent(sa, set, &event, &sa->path);
    put(sa, set, &sa->path);
}

void ike_send_response(struct ike_sa *sa, struct ike_draft *draft, const struct ike_path *path)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_MESSAGE_SENT);
    draft_notifies(draft, &event);
    struct ike_datagrams *set = seal(sa, draft);
    ike_window_answered(&sa->window, set);
    tell_sent(sa, set, &event, path);
    put(sa, set, path);
}

void ike_send_again(struct ike_sa *sa, const struct ike_datagrams *set, const struct ike_path *path)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_MESSAGE_SENT);
    event.retransmission = true;
    event.tries = set == sa->retransmit.request ? sa->retransmit.tries : 0;
    tell_sent(sa, set, &event, path);
    put(sa, set, path);
}

void ike_send_plain(struct ike_endpoint *endpoint, struct ike_sa *sa, const struct ike_path *path,
                    const uint8_t *bytes, size_t size, bool retransmission)
{
    struct ike_event event = {.kind = IKE_EVENT_MESSAGE_SENT, .at = endpoint->now, .peer = -1};
    if (sa) {
        event = ike_sa_event(sa, IKE_EVENT_MESSAGE_SENT);
        sa->last_out = endpoint->now;
    }
    struct ike_message message;
    fill_header(&event, bytes, size);
    event.retransmission = retransmission;
    event.tries = sa && retransmission ? sa->retransmit.tries : 0;
    event.path = *path;
    event.size = size;
    if (ike_message_parse(&message, bytes, size) == IKE_WIRE_OK)
        ike_event_notifies(&event, &message);
    ike_outputs_event(&endpoint->outputs, &event);
    ike_outputs_datagram(&endpoint->outputs, path, has_marker(path), bytes, size);
}

void ike_send_keepalive(struct ike_sa *sa)
{
    static const uint8_t byte = 0xff;
    ike_outputs_datagram(&sa->endpoint->outputs, &sa->path, false, &byte, 1);
    sa->last_out = sa->endpoint->now;
}
