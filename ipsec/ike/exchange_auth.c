/*
 * IKE_AUTH with a shared key, the initiator's half: RFC 7296 sections 1.2, 2.15, 2.16, 2.21.2. The first
 * child is negotiated in it; where that fails the IKE SA stays.
 */
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/redundant.h"
#include "ipsec/ike/send.h"

void ike_auth_send(struct ike_sa *sa)
{
    struct ike_peer *peer = sa->peer;
    struct ike_draft draft;
    struct ike_task *task = sa->active;
    struct ike_child_wish wish = {.flow = task->has_flow ? &task->flow : NULL};
    if (!task->offer) /* else for another answer to IKE_SA_INIT */
        task->offer = ike_child_offer_new(sa, &wish);
    sa->state = IKE_SA_AUTH_SENT;
    ike_send_draft(sa, &draft, IKE_EXCHANGE_IKE_AUTH, false, sa->window.send_next);
    ike_write_id(&draft.b, IKE_PAYLOAD_IDI, &peer->local_id);
    if (ike_redundant_may_say(sa))
        ike_write_notify(&draft.b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
    if (!peer->any_remote_id)
        ike_write_id(&draft.b, IKE_PAYLOAD_IDR, &peer->remote_id);
    ike_handshake_write_auth(sa, &draft.b);
    ike_child_offer_write(task->offer, &draft.b);
    if (peer->config.mobike)
        ike_write_notify(&draft.b, IKE_NOTIFY_MOBIKE_SUPPORTED, NULL, 0);
    ike_send_request(sa, &draft);
}

static bool verify_responder(struct ike_sa *sa, const struct ike_message *m)
{
    const struct ike_payload *idr = ike_message_find(m, IKE_PAYLOAD_IDR);
    struct ike_id id;
    struct ike_auth_payload auth;
    return ike_id_read(&id, idr) == IKE_WIRE_OK && ike_peer_fits_ids(sa->peer, &id, NULL) &&
           ike_auth_read(&auth, ike_message_find(m, IKE_PAYLOAD_AUTH)) == IKE_WIRE_OK &&
           ike_handshake_auth_fits(sa, sa->peer, idr, &auth);
}

/* Beside identity and AUTH as well: the peer has no IKE SA any more, and sends no Delete (section 2.21.2). */
static bool ends_ike(uint16_t notify)
{
    return notify == IKE_NOTIFY_INVALID_SYNTAX ||
           notify == IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD ||
           notify == IKE_NOTIFY_AUTHENTICATION_FAILED;
}

static void first_child(struct ike_sa *sa, struct ike_task *task, const struct ike_message *m,
                        const struct crypto_slice *nonces)
{
    struct ike_child_result result = ike_child_offer_accept(sa, task->offer, m, nonces);
    if (result.child) {
        ike_child_select(result.child);
        ike_child_tell_up(result.child, NULL);
        return;
    }
    task->reason = result.reason;
    task->refusal = result.notify;
    ike_child_result_tell(sa, &result);
    if (ends_ike(result.notify))
        ike_sa_end(sa, IKE_REASON_REFUSED);
    else if (result.orphan)
        ike_child_delete_orphan(sa, result.orphan);
}

/*
 * Not one identity and one AUTH in the response: the peer refuses the IKE SA as a whole. Where it does not say so it
 * believes that the SA is up, and is told (section 2.21.2). That it refuses AUTH is to be taken with caution where
 * somebody may have meddled with the request that AUTH is made over.
 */
static void refused(struct ike_sa *sa, struct ike_task *task, const struct ike_message *m)
{
    struct ike_notify_payload error;
    if (!ike_message_error(m, &error)) {
        task->reason = IKE_REASON_INVALID;
        ike_sa_delete(sa, IKE_REASON_INVALID, IKE_NOTIFY_INVALID_SYNTAX);
        return;
    }
    if (error.type == IKE_NOTIFY_AUTHENTICATION_FAILED && ike_connect_doubtful(sa)) {
        ike_connect_anew(sa, task);
        task->announced = task->asked = false; /* the attempt goes on, and its end will be told */
        ike_sa_end(sa, IKE_REASON_AUTHENTICATION);
        return;
    }
    task->refusal = error.type;
    task->reason = error.type == IKE_NOTIFY_AUTHENTICATION_FAILED ? IKE_REASON_AUTHENTICATION
                                                                  : IKE_REASON_REFUSED;
    ike_sa_end(sa, task->reason);
}

/* The responder is not authenticated: it may not have been the peer. */
static bool follow_other(struct ike_sa *sa, struct ike_task *task)
{
    sa->active = task;
    if (ike_init_follow_other(sa, false))
        return true;
    sa->active = NULL;
    return false;
}

enum ike_task_end ike_auth_done(struct ike_sa *sa, struct ike_task *task,
                                const struct ike_message *response)
{
    static const struct ike_payload_rule rules[] = {{IKE_PAYLOAD_IDR, 1, 1},
                                                    {IKE_PAYLOAD_AUTH, 1, 1}};
    uint8_t type;
    bool complete = ike_message_check(response, rules, 2, &type) == IKE_WIRE_OK;
    bool verified = complete && verify_responder(sa, response);
    if (!verified && follow_other(sa, task))
        return IKE_TASK_GOES_ON;
    if (!complete) {
        refused(sa, task, response);
        return IKE_TASK_ENDED;
    }
    if (!verified) { /* the peer believes that the SA is up: section 2.21.2 */
        task->reason = IKE_REASON_AUTHENTICATION;
        ike_sa_delete(sa, IKE_REASON_AUTHENTICATION, IKE_NOTIFY_AUTHENTICATION_FAILED);
        return IKE_TASK_ENDED;
    }
    uint8_t nonce[IKE_NONCE_SIZE], peer_nonce[IKE_NONCE_SIZE_MAX];
    struct ike_handshake *h = sa->handshake;
    memcpy(nonce, h->nonce, sizeof(nonce));
    memcpy(peer_nonce, h->peer_nonce, h->peer_nonce_size);
    struct crypto_slice nonces[] = {{nonce, sizeof(nonce)}, {peer_nonce, h->peer_nonce_size}};
    struct ike_notify_payload notify;
    sa->mobike = sa->peer->config.mobike &&
                 ike_message_notify(response, IKE_NOTIFY_MOBIKE_SUPPORTED, &notify);
    ike_sa_establish(sa);
    first_child(sa, task, response, nonces);
    ike_redundant_resolve(sa);
    return IKE_TASK_ENDED;
}
