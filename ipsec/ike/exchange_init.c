/*
 * IKE_SA_INIT, the initiator's half: RFC 7296 sections 1.2, 2.6 (cookies), 2.7 and 1.3 (INVALID_KE_PAYLOAD),
 * 2.21.1 (errors that anybody may have sent).
 *
 * Nothing in this exchange is authenticated, and so no answer but the one with an SA ends it. The first COOKIE and a few
 * other groups are met at once; what is demanded after that when the request's time is over, which is the back-off of
 * section 2.6. An error is remembered, and the negotiation fails of it only when the request sent again brought nothing
 * better. An SA is taken in answer to any group that was sent. Which cookie was in the request that was answered, if any,
 * cannot be seen: it is taken to be the last, and where AUTH then fails all begins once more (ike_connect_anew()).
 * The first answer with an SA is followed; others are kept, and have their turn where that one comes to nothing or, as
 * long as it is silent, at each time-out (section 2.4).
 */

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/nat.h"
#include "ipsec/ike/send.h"

enum {
    VERSIONS_AT_ONCE = 2,  /* of a request with one group: without a cookie, with the first one */
    GROUPS_AT_ONCE = 2,    /* beside the first: as many as are kept */
    TRIES_AFTER_ERROR = 1, /* retransmissions after which a remembered error counts */
};

static size_t write_init(struct ike_sa *sa, struct ike_draft *draft)
{
    struct ike_handshake *h = sa->handshake;
    struct ike_header header = {
        .spi_i = sa->spi_i, .exchange = IKE_EXCHANGE_IKE_SA_INIT, .flags = IKE_FLAG_INITIATOR};
    ike_send_draft_plain(&header, draft);
    if (h->cookie_size)
        ike_write_notify(&draft->b, IKE_NOTIFY_COOKIE, h->cookie, h->cookie_size);
    ike_write_sa(&draft->b, h->offer);
    const struct crypto_group *group = crypto_dh_group(h->dh);
    ike_write_ke(&draft->b, group->id, crypto_dh_public(h->dh), group->public_size);
    ike_write_nonce(&draft->b, h->nonce, sizeof(h->nonce));
    ike_nat_write(sa, &draft->b, sa->spi_i, 0);
    if (sa->peer->config.fragmentation)
        ike_write_notify(&draft->b, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
    return ike_builder_finish(&draft->b);
}

/* The request as it is to be now; false where it is as it was. */
static bool renew(struct ike_sa *sa, struct ike_draft *draft, size_t *size)
{
    struct ike_handshake *h = sa->handshake;
    h->changed = false;
    *size = write_init(sa, draft);
    if (h->own_message && h->own_message_size == *size &&
        !memcmp(h->own_message, draft->buffer, *size))
        return false;
    h->versions++;
    ike_handshake_copy(&h->own_message, &h->own_message_size, draft->buffer, *size);
    return true;
}

static void send_init(struct ike_sa *sa)
{
    struct ike_draft draft;
    size_t size;
    bool again = !renew(sa, &draft, &size);
    ike_retransmit_start(&sa->retransmit, &sa->peer->config.retransmit, sa->endpoint->now,
                         ike_datagrams_add(NULL, draft.buffer, size));
    ike_send_plain(sa->endpoint, sa, &sa->path, draft.buffer, size, again);
}

struct ike_sa *ike_connect(struct ike_endpoint *endpoint, struct ike_peer *peer, bool asked,
                           const struct ike_flow *flow)
{
    const struct ike_peer_config *config = &peer->config;
    if (!config->remote.family)
        return NULL;
    struct ike_path path = {config->local, config->remote, IKE_PORT, IKE_PORT};
    struct ike_sa *sa = ike_sa_new(endpoint, peer, true, &path, ike_sa_draw_spi(endpoint));
    struct ike_handshake *h = ike_handshake_new(sa);
    struct ike_proposal_policy policy = ike_peer_ike_policy(peer);
    h->offer = base_alloc(sizeof(*h->offer));
    ike_proposal_offer(&policy, NULL, 0, h->offer);
    ike_handshake_dh(sa, policy.configured.group);

    struct ike_task *task = base_alloc(sizeof(*task));
    *task = (struct ike_task){.kind = IKE_TASK_CONNECT, .asked = asked, .announced = true};
    if (flow) {
        task->has_flow = true;
        task->flow = *flow;
    }
    sa->active = task;
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_TASK_STARTED);
    event.task = IKE_TASK_CONNECT;
    ike_sa_tell(sa, &event);
    send_init(sa);
    sa->window.send_next = 1;
    return sa;
}

void ike_connect_abandon(struct ike_sa *sa, struct ike_task *task)
{
    if (sa->handshake && sa->handshake->refused && !task->refusal)
        task->refusal = sa->handshake->refused;
}

void ike_connect_anew(struct ike_sa *sa, const struct ike_task *task)
{
    struct ike_sa *fresh =
        ike_connect(sa->endpoint, sa->peer, task->asked, task->has_flow ? &task->flow : NULL);
    fresh->handshake->wary = true;
}

bool ike_connect_doubtful(const struct ike_sa *sa)
{
    return sa->handshake->versions > 1 && !sa->handshake->wary;
}

bool ike_init_retry(struct ike_sa *sa)
{
    return !sa->handshake->refused || sa->retransmit.tries < TRIES_AFTER_ERROR;
}

void ike_init_again(struct ike_sa *sa)
{
    struct ike_handshake *h = sa->handshake;
    struct ike_draft draft;
    size_t size;
    if (h->wanted)
        ike_handshake_change_group(sa, h->wanted);
    h->wanted = NULL;
    if (!h->changed) {
        ike_send_again(sa, sa->retransmit.request, &sa->path);
        return;
    }
    bool again = !renew(sa, &draft, &size);
    ike_datagrams_free(sa->retransmit.request);
    sa->retransmit.request = ike_datagrams_add(NULL, draft.buffer, size);
    ike_send_plain(sa->endpoint, sa, &sa->path, draft.buffer, size, again);
}

static void answer_cookie(struct ike_sa *sa, const struct ike_notify_payload *cookie)
{
    struct ike_handshake *h = sa->handshake;
    if (!cookie->size || cookie->size > sizeof(h->cookie) ||
        (cookie->size == h->cookie_size && !memcmp(cookie->data, h->cookie, cookie->size)))
        return;
    h->cookie_size = cookie->size;
    memcpy(h->cookie, cookie->data, cookie->size);
    h->changed = true;
    if (h->versions < VERSIONS_AT_ONCE && !h->wary)
        send_init(sa);
}

static bool answer_group(struct ike_sa *sa, const struct ike_notify_payload *notify)
{
    struct ike_handshake *h = sa->handshake;
    uint16_t number;
    const struct crypto_group *group;
    if (!ike_notify_u16(notify, &number) || !(group = ike_proposal_group(h->offer, number)) ||
        group == crypto_dh_group(h->dh))
        return false;
    if (h->groups >= GROUPS_AT_ONCE) {
        h->wanted = group;
        h->changed = true;
        return true;
    }
    h->groups++;
    h->wanted = NULL;
    ike_handshake_change_group(sa, group);
    send_init(sa);
    return true;
}

/* True when the response was one of those that are no answer yet. */
static bool detour(struct ike_sa *sa, const struct ike_message *response)
{
    struct ike_notify_payload notify;
    if (ike_message_find(response, IKE_PAYLOAD_SA))
        return false;
    if (ike_message_notify(response, IKE_NOTIFY_COOKIE, &notify))
        answer_cookie(sa, &notify);
    else if (!ike_message_error(response, &notify))
        return true;
    else if (notify.type != IKE_NOTIFY_INVALID_KE_PAYLOAD || !answer_group(sa, &notify))
        sa->handshake->refused = notify.type;
    return true;
}

static bool read_answer(struct ike_sa *sa, const struct ike_message *m, struct ike_choice *choice,
                        struct ike_ke_payload *ke, struct ike_nonce_payload *nonce)
{
    static const struct ike_payload_rule rules[] = {
        {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}};
    uint8_t type;
    struct ike_proposals answer;
    if (ike_message_check(m, rules, 3, &type) != IKE_WIRE_OK || !m->header.spi_r ||
        ike_proposals_read(&answer, ike_message_find(m, IKE_PAYLOAD_SA)) != IKE_WIRE_OK ||
        ike_ke_read(ke, ike_message_find(m, IKE_PAYLOAD_KE)) != IKE_WIRE_OK ||
        ike_nonce_read(nonce, ike_message_find(m, IKE_PAYLOAD_NONCE)) != IKE_WIRE_OK)
        return false;
    return ike_proposal_accept(sa->handshake->offer, &answer, choice) == IKE_WIRE_OK &&
           ke->group == choice->suite.group->id && ike_handshake_recall(sa, choice->suite.group);
}

/* Derives the keys of this answer; nothing is changed where its public value is not acceptable. */
static bool derive(struct ike_sa *sa, uint64_t spi_r, const struct ike_choice *choice,
                   const struct ike_ke_payload *ke, const struct ike_nonce_payload *nonce)
{
    struct ike_handshake *h = sa->handshake;
    uint64_t spi_before = sa->spi_r;
    uint8_t *nonce_before = h->peer_nonce;
    size_t size_before = h->peer_nonce_size;
    h->peer_nonce = NULL;
    ike_handshake_copy(&h->peer_nonce, &h->peer_nonce_size, nonce->data, nonce->size);
    ike_sa_set_peer_spi(sa, spi_r);
    if (ike_handshake_keys(sa, &choice->suite, ke->data, ke->size)) {
        free(nonce_before);
        return true;
    }
    free(h->peer_nonce);
    h->peer_nonce = nonce_before;
    h->peer_nonce_size = size_before;
    ike_sa_set_peer_spi(sa, spi_before);
    return false;
}

/* Follows this answer; false, and nothing happens, where it is none. */
static bool follow(struct ike_sa *sa, const struct ike_path *path,
                   const struct ike_message *response)
{
    struct ike_choice choice;
    struct ike_ke_payload ke;
    struct ike_nonce_payload nonce;
    struct ike_notify_payload notify;
    if (!read_answer(sa, response, &choice, &ke, &nonce) ||
        !derive(sa, response->header.spi_r, &choice, &ke, &nonce))
        return false;
    struct ike_handshake *h = sa->handshake;
    ike_handshake_copy(&h->peer_message, &h->peer_message_size, response->datagram, response->size);
    h->peer_path = *path;
    ike_retransmit_stop(&sa->retransmit);
    ike_fragments_reset(&sa->responses);
    sa->window.send_next = 1;
    sa->path.local_port = sa->path.remote_port = IKE_PORT;
    sa->nat = (struct ike_nat){0};
    ike_nat_read(sa, response, path);
    sa->fragmentation =
        sa->peer->config.fragmentation &&
        ike_message_notify(response, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, &notify);
    ike_nat_float(sa);
    ike_auth_send(sa);
    return true;
}

enum ike_reason ike_init_answered(struct ike_sa *sa, const struct ike_path *path,
                                  const struct ike_message *response)
{
    if (detour(sa, response))
        return IKE_REASON_OK;
    /* Whoever sent what cannot be followed: the true answer may still come. */
    return follow(sa, path, response) ? IKE_REASON_OK : IKE_REASON_INVALID;
}

static bool is_known(const struct ike_handshake *h, const struct ike_message *response)
{
    struct ike_header header;
    for (size_t i = 0; i < IKE_HANDSHAKE_OTHERS; i++)
        if (h->others[i].message &&
            ike_header_read(&header, h->others[i].message, h->others[i].size) == IKE_WIRE_OK &&
            header.spi_r == response->header.spi_r)
            return true;
    return false;
}

enum ike_reason ike_init_answered_again(struct ike_sa *sa, const struct ike_path *path,
                                        const struct ike_message *response)
{
    struct ike_handshake *h = sa->handshake;
    if (!ike_message_find(response, IKE_PAYLOAD_SA) || response->header.spi_r == sa->spi_r ||
        is_known(h, response) || h->answers >= IKE_HANDSHAKE_OTHERS ||
        !ike_handshake_push(h, path, response->datagram, response->size))
        return IKE_REASON_UNEXPECTED;
    h->answers++;
    return IKE_REASON_OK;
}

bool ike_init_follow_other(struct ike_sa *sa, bool keep)
{
    struct ike_handshake *h = sa->handshake;
    struct ike_answer answer = ike_handshake_pop(h);
    if (answer.message && keep)
        ike_handshake_push(h, &h->peer_path, h->peer_message, h->peer_message_size);
    bool followed = false;
    while (answer.message && !followed) {
        struct ike_message message;
        followed = ike_message_parse(&message, answer.message, answer.size) == IKE_WIRE_OK &&
                   follow(sa, &answer.path, &message);
        free(answer.message);
        if (!followed)
            answer = ike_handshake_pop(h);
    }
    return followed;
}
