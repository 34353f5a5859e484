/*
 * IKE_SA_INIT, the responder's half: RFC 7296 sections 1.2, 2.6, 2.7, 2.1. No state is made before a
 * request has passed every check; a refusal leaves none.
 */
#include <utlist.h>

#include "base/bytes.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/nat.h"
#include "ipsec/ike/send.h"

enum {
    COOKIE_SECRET_S = 60, /* a secret is replaced after this long */
};

struct init_request {
    const struct ike_path *path; /* of the response */
    const struct ike_message *message;
    struct ike_proposals offer;
    struct ike_ke_payload ke;
    struct ike_nonce_payload nonce;
    struct ike_peer *peer;
    struct ike_choice choice;
};

static void answer_notify(struct ike_endpoint *ep, const struct ike_path *path,
                          const struct ike_message *request, uint16_t type, const void *data,
                          size_t size)
{
    struct ike_header header = {.spi_i = request->header.spi_i,
                                .exchange = IKE_EXCHANGE_IKE_SA_INIT,
                                .flags = IKE_FLAG_RESPONSE};
    struct ike_draft draft;
    ike_send_draft_plain(&header, &draft);
    ike_write_notify(&draft.b, type, data, size);
    size_t all = ike_builder_finish(&draft.b);
    ike_send_plain(ep, NULL, path, draft.buffer, all, false);
}

/*
 * The request came before: answered again, or (in *why) too late to be answered. One that differs, in its cookie perhaps,
 * is another request.
 */
static bool is_duplicate(struct ike_endpoint *ep, const struct ike_path *path,
                         const struct ike_message *request, enum ike_reason *why)
{
    struct ike_sa *sa;
    bool late = false;
    DL_FOREACH(ep->sas, sa)
    {
        if (sa->initiator || sa->rekeyed || sa->spi_i != request->header.spi_i ||
            !net_addr_equal(&sa->path.remote, &path->remote))
            continue;
        const struct ike_handshake *h = sa->handshake;
        if (!h) {
            late = true;
        } else if (h->peer_message_size == request->size &&
                   !memcmp(h->peer_message, request->datagram, request->size)) {
            ep->counts.duplicates_answered++;
            ike_send_again(sa, sa->window.response, path);
            return true;
        }
    }
    if (late)
        *why = IKE_REASON_UNEXPECTED;
    return late;
}

static bool read_request(struct init_request *r)
{
    static const struct ike_payload_rule rules[] = {
        {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_KE, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}};
    uint8_t type;
    const struct ike_message *m = r->message;
    return ike_message_check(m, rules, 3, &type) == IKE_WIRE_OK &&
           ike_proposals_read(&r->offer, ike_message_find(m, IKE_PAYLOAD_SA)) == IKE_WIRE_OK &&
           ike_ke_read(&r->ke, ike_message_find(m, IKE_PAYLOAD_KE)) == IKE_WIRE_OK &&
           ike_nonce_read(&r->nonce, ike_message_find(m, IKE_PAYLOAD_NONCE)) == IKE_WIRE_OK;
}

static void new_secret(struct ike_endpoint *ep)
{
    uint8_t secret[IKE_COOKIE_SECRET_SIZE];
    base_rng_fill(&ep->rng, secret, sizeof(secret));
    if (ep->has_cookies)
        ike_cookie_secrets_rotate(&ep->cookies, secret);
    else
        ike_cookie_secrets_init(&ep->cookies, secret);
    ep->has_cookies = true;
    ep->cookies_at = ep->now;
}

/* Under load: true when the request brought a good cookie; else one is sent. */
static bool cookie_passes(struct ike_endpoint *ep, const struct init_request *r)
{
    if (ep->half_open < ep->options.cookie_threshold)
        return true;
    if (!ep->has_cookies || ep->now - ep->cookies_at >= COOKIE_SECRET_S * BASE_S)
        new_secret(ep);
    struct ike_cookie_input input = {r->nonce.data, r->nonce.size, &r->path->remote,
                                     r->message->header.spi_i};
    struct ike_notify_payload notify;
    if (ike_message_notify(r->message, IKE_NOTIFY_COOKIE, &notify) &&
        ike_cookie_check(ep->crypto, &ep->cookies, &input, notify.data, notify.size))
        return true;
    uint8_t cookie[IKE_COOKIE_SIZE];
    ike_cookie_make(ep->crypto, &ep->cookies, &input, cookie);
    answer_notify(ep, r->path, r->message, IKE_NOTIFY_COOKIE, cookie, sizeof(cookie));
    return false;
}

/* The first tunnel between these addresses whose algorithms fit. */
static bool choose(struct ike_endpoint *ep, struct init_request *r)
{
    for (size_t i = 0; i < ep->peer_count; i++) {
        struct ike_peer *peer = ep->peers[i];
        if (!ike_peer_fits_path(peer, r->path))
            continue;
        struct ike_proposal_policy policy = ike_peer_ike_policy(peer);
        if (ike_proposal_choose(&policy, &r->offer, 0, &r->choice) == IKE_WIRE_OK) {
            r->peer = peer;
            return true;
        }
    }
    return false;
}

static void write_response(struct ike_sa *sa, const struct init_request *r, const uint8_t *public)
{
    struct ike_handshake *h = sa->handshake;
    struct ike_header header = {.spi_i = sa->spi_i,
                                .spi_r = sa->spi_r,
                                .exchange = IKE_EXCHANGE_IKE_SA_INIT,
                                .flags = IKE_FLAG_RESPONSE};
    struct ike_draft draft;
    struct ike_proposals answer;
    const struct crypto_group *group = r->choice.suite.group;
    ike_proposal_answer(&r->choice, NULL, 0, &answer);
    ike_send_draft_plain(&header, &draft);
    ike_write_sa(&draft.b, &answer);
    ike_write_ke(&draft.b, group->id, public, group->public_size);
    ike_write_nonce(&draft.b, h->nonce, sizeof(h->nonce));
    ike_nat_write(sa, &draft.b, sa->spi_i, sa->spi_r);
    if (sa->fragmentation)
        ike_write_notify(&draft.b, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
    size_t size = ike_builder_finish(&draft.b);
    ike_handshake_copy(&h->own_message, &h->own_message_size, draft.buffer, size);
    ike_window_answered(&sa->window, ike_datagrams_add(NULL, draft.buffer, size));
    ike_send_plain(sa->endpoint, sa, r->path, draft.buffer, size, false);
}

static void make_sa(struct ike_endpoint *ep, const struct init_request *r)
{
    struct ike_sa *sa = ike_sa_new(ep, r->peer, false, r->path, ike_sa_draw_spi(ep));
    struct ike_handshake *h = ike_handshake_new(sa);
    uint8_t public[CRYPTO_PUBLIC_SIZE_MAX];
    const struct crypto_group *group = r->choice.suite.group;
    ike_sa_set_peer_spi(sa, r->message->header.spi_i);
    ike_handshake_copy(&h->peer_nonce, &h->peer_nonce_size, r->nonce.data, r->nonce.size);
    ike_handshake_dh(sa, group);
    memcpy(public, crypto_dh_public(h->dh), group->public_size);
    if (!ike_handshake_keys(sa, &r->choice.suite, r->ke.data, r->ke.size)) {
        sa->state = IKE_SA_GONE;
        ike_handshake_free(sa);
        answer_notify(ep, r->path, r->message, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        return;
    }
    struct ike_notify_payload notify;
    ike_handshake_copy(&h->peer_message, &h->peer_message_size, r->message->datagram,
                       r->message->size);
    ike_nat_read(sa, r->message, r->path);
    sa->fragmentation =
        r->peer->config.fragmentation &&
        ike_message_notify(r->message, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, &notify);
    sa->give_up_at = base_ns_add(ep->now, ep->options.half_open_timeout);
    write_response(sa, r, public);
}

static void answer_group(struct ike_endpoint *ep, const struct init_request *r)
{
    uint8_t group[2];
    base_put_be(group, r->choice.suite.group->id, sizeof(group));
    answer_notify(ep, r->path, r->message, IKE_NOTIFY_INVALID_KE_PAYLOAD, group, sizeof(group));
}

static bool any_peer(const struct ike_endpoint *ep, const struct ike_path *path)
{
    for (size_t i = 0; i < ep->peer_count; i++)
        if (ike_peer_fits_path(ep->peers[i], path))
            return true;
    return false;
}

static void respond(struct ike_endpoint *ep, struct init_request *r)
{
    const struct ike_path *path = r->path;
    const struct ike_message *request = r->message;
    if (!any_peer(ep, path)) { /* charon's answer to addresses that no configuration has */
        answer_notify(ep, path, request, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, NULL, 0);
        return;
    }
    if (!read_request(r)) {
        answer_notify(ep, path, request, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        return;
    }
    if (!cookie_passes(ep, r))
        return;
    if (!choose(ep, r))
        answer_notify(ep, path, request, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, NULL, 0);
    else if (r->ke.group != r->choice.suite.group->id)
        answer_group(ep, r);
    else
        make_sa(ep, r);
}

enum ike_reason ike_init_respond(struct ike_endpoint *ep, const struct ike_path *path,
                                 const struct ike_message *request)
{
    struct init_request r = {.path = path, .message = request};
    enum ike_reason why = IKE_REASON_OK;
    if (is_duplicate(ep, path, request, &why))
        return why;
    if (ep->half_open >= ep->options.half_open_max)
        return IKE_REASON_HALF_OPEN;
    respond(ep, &r);
    return IKE_REASON_OK;
}
