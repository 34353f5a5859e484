/*
 * IKE_AUTH with a shared key, the responder's half: RFC 7296 sections 1.2, 2.4, 2.15, 2.21.2. Identities
 * pick the tunnel among those that fit the addresses; of several with the same identities and key the one whose
 * selectors fit is taken, as charon switches between its configurations.
 */
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/redundant.h"

struct auth_request {
    const struct ike_message *message;
    const struct ike_payload *idi;
    struct ike_id initiator, responder;
    bool has_responder;
    struct ike_auth_payload auth;
};

/* False: INVALID_SYNTAX. */
static bool read_request(const struct ike_message *m, struct auth_request *r)
{
    static const struct ike_payload_rule rules[] = {
        {IKE_PAYLOAD_IDI, 1, 1}, {IKE_PAYLOAD_IDR, 0, 1}, {IKE_PAYLOAD_AUTH, 0, 1},
        {IKE_PAYLOAD_SA, 1, 1},  {IKE_PAYLOAD_TSI, 1, 1}, {IKE_PAYLOAD_TSR, 1, 1}};
    uint8_t type;
    *r = (struct auth_request){.message = m};
    if (ike_message_check(m, rules, 6, &type) != IKE_WIRE_OK)
        return false;
    const struct ike_payload *idr = ike_message_find(m, IKE_PAYLOAD_IDR);
    const struct ike_payload *auth = ike_message_find(m, IKE_PAYLOAD_AUTH);
    r->idi = ike_message_find(m, IKE_PAYLOAD_IDI);
    r->has_responder = idr != NULL;
    return ike_id_read(&r->initiator, r->idi) == IKE_WIRE_OK &&
           (!idr || ike_id_read(&r->responder, idr) == IKE_WIRE_OK) &&
           (!auth || ike_auth_read(&r->auth, auth) == IKE_WIRE_OK);
}

static bool selectors_fit(const struct ike_peer *peer, const struct ike_message *m)
{
    struct ike_ts_list proposed, configured, narrowed;
    ike_peer_remote_ts(peer, &configured);
    if (ike_ts_read(&proposed, ike_message_find(m, IKE_PAYLOAD_TSI)) != IKE_WIRE_OK ||
        ike_ts_narrow(&configured, &proposed, &narrowed) != IKE_WIRE_OK)
        return false;
    ike_peer_local_ts(peer, &configured);
    return ike_ts_read(&proposed, ike_message_find(m, IKE_PAYLOAD_TSR)) == IKE_WIRE_OK &&
           ike_ts_narrow(&configured, &proposed, &narrowed) == IKE_WIRE_OK;
}

/* IKE_SA_INIT was answered for the first tunnel between the addresses, perhaps with algorithms that
 * this one refuses. */
static bool takes_suite(const struct ike_peer *peer, const struct ike_suite *suite)
{
    struct ike_proposal_policy policy = ike_peer_ike_policy(peer);
    return policy.negotiation == IKE_NEGOTIATION_MOST_SECURE ||
           ike_suite_equal(&policy.configured, suite);
}

static struct ike_peer *authenticate(struct ike_sa *sa, const struct ike_path *path,
                                     const struct auth_request *r)
{
    struct ike_endpoint *ep = sa->endpoint;
    struct ike_peer *first = NULL;
    for (size_t i = 0; i < ep->peer_count; i++) {
        struct ike_peer *peer = ep->peers[i];
        if (!ike_peer_fits_path(peer, path) ||
            !ike_peer_fits_ids(peer, &r->initiator, r->has_responder ? &r->responder : NULL) ||
            !takes_suite(peer, &sa->keys.suite) ||
            !ike_handshake_auth_fits(sa, peer, r->idi, &r->auth))
            continue;
        if (selectors_fit(peer, r->message))
            return peer;
        if (!first)
            first = peer;
    }
    return first;
}

static void refuse(struct ike_sa *sa, struct ike_builder *b, uint16_t notify,
                   enum ike_reason reason)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_TASK_FAILED);
    event.task = IKE_TASK_CONNECT;
    event.reason = reason;
    event.notify = notify;
    ike_sa_tell(sa, &event);
    ike_write_notify(b, notify, NULL, 0);
    ike_sa_end(sa, reason);
}

static void first_child(struct ike_sa *sa, const struct ike_message *m,
                        const struct crypto_slice *nonces, struct ike_builder *b)
{
    struct ike_child_result result = ike_child_answer(sa, m, nonces, NULL, b);
    if (result.child) {
        /* The peer cannot receive on it before it has our answer: a child that works goes on. */
        if (!ike_redundant_other(sa))
            ike_child_select(result.child);
        ike_child_tell_up(result.child, NULL);
        return;
    }
    ike_child_result_tell(sa, &result);
    ike_child_result_write(&result, b);
    if (result.notify ==
        IKE_NOTIFY_INVALID_SYNTAX) /* the peer ends it too, without a Delete: section 2.21.2 */
        ike_sa_end(sa, IKE_REASON_INVALID);
}

static void accept(struct ike_sa *sa, const struct auth_request *r, struct ike_builder *b)
{
    uint8_t nonce[IKE_NONCE_SIZE], peer_nonce[IKE_NONCE_SIZE_MAX];
    const struct ike_handshake *h = sa->handshake;
    struct ike_notify_payload notify;
    memcpy(nonce, h->nonce, sizeof(nonce));
    memcpy(peer_nonce, h->peer_nonce, h->peer_nonce_size);
    struct crypto_slice nonces[] = {{peer_nonce, h->peer_nonce_size}, {nonce, sizeof(nonce)}};
    ike_write_id(b, IKE_PAYLOAD_IDR, &sa->peer->local_id);
    ike_handshake_write_auth(sa, b);
    sa->mobike = sa->peer->config.mobike &&
                 ike_message_notify(r->message, IKE_NOTIFY_MOBIKE_SUPPORTED, &notify);
    ike_sa_establish(sa);
    if (ike_message_notify(r->message, IKE_NOTIFY_INITIAL_CONTACT, &notify))
        ike_redundant_initial_contact(sa);
    first_child(sa, r->message, nonces, b);
    if (sa->mobike)
        ike_write_notify(b, IKE_NOTIFY_MOBIKE_SUPPORTED, NULL, 0);
    ike_redundant_resolve(sa);
}

void ike_auth_respond(struct ike_sa *sa, const struct ike_message *request,
                      const struct ike_path *path, struct ike_builder *b)
{
    struct auth_request r;
    if (!read_request(request, &r)) {
        refuse(sa, b, IKE_NOTIFY_INVALID_SYNTAX, IKE_REASON_INVALID);
        return;
    }
    struct ike_peer *peer = authenticate(sa, path, &r);
    if (!peer) {
        refuse(sa, b, IKE_NOTIFY_AUTHENTICATION_FAILED, IKE_REASON_AUTHENTICATION);
        return;
    }
    sa->peer = peer;
    sa->path = *path; /* authenticated now: where the answers go, port 4500 perhaps */
    accept(sa, &r, b);
}
