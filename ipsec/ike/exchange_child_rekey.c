/*
 * Rekeying a child: RFC 7296 sections 1.3.3, 2.8, 2.8.1 and 2.25.1.
 *
 *   O  the old child    Q  what our own rekey makes    P  what the peer's makes, if it rekeys O as well
 *
 * Of Q and P the one whose exchange had the lowest of the four nonces is deleted by the end that
 * began it; the other end then deletes O. Until our answer is there it is open which one stays: nobody is told of
 * P, and O is used. An end that knows of no collision deletes O at once; that decides for P.
 */
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/lifetime.h"

enum {
    GROUPS_MAX = 4, /* how often INVALID_KE_PAYLOAD is followed */
};

bool ike_child_rekey_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    struct ike_child *old = ike_child_by_in(sa, task->child_spi);
    task->peer_child = 0;
    task->peer_rekeyed = false;
    if (!old || old->state != IKE_CHILD_INSTALLED) {
        task->reason = old && old->successor ? IKE_REASON_OK : IKE_REASON_REPLACED;
        return false;
    }
    struct ike_child_wish wish = {.own_exchange = true, .old = old, .group = task->group};
    task->offer = ike_child_offer_new(sa, &wish);
    sa->deleted_count = 0;
    ike_write_notify_esp(b, IKE_NOTIFY_REKEY_SA, old->spi_in);
    ike_child_offer_write(task->offer, b);
    return true;
}

/* P if it is still there. */
static struct ike_child *peers_child(const struct ike_sa *sa, const struct ike_task *task)
{
    return task->peer_child ? ike_child_by_in(sa, task->peer_child) : NULL;
}

/* P stays: the peer deletes O, or has done so. */
static void keep_peers(struct ike_child *mine, struct ike_child *old)
{
    if (!mine->told)
        ike_child_tell_up(mine, old);
    if (old)
        ike_child_replaced(old, mine);
}

/* Q stays: we send on it at once, and delete O. */
static void keep_ours(struct ike_sa *sa, struct ike_child *made, struct ike_child *old,
                      struct ike_child *peers)
{
    ike_child_select(made);
    ike_child_tell_up(made, old);
    if (peers)
        ike_child_replaced(peers, made); /* the peer deletes it */
    if (!old)
        return;
    ike_child_replaced(old, made);
    if (old->peer_deleted)
        ike_child_remove(old, IKE_REASON_REPLACED, true);
    else
        ike_child_delete(sa, old, IKE_REASON_REPLACED);
}

static bool was_deleted(const struct ike_sa *sa, const struct ike_child *made)
{
    for (unsigned i = 0; i < sa->deleted_count; i++)
        if (sa->deleted[i] == made->spi_out)
            return true;
    return false;
}

/* The peer deleted Q before its answer reached us: it wants an end of the child, unless P lives. */
static void made_and_gone(struct ike_sa *sa, struct ike_child *made, struct ike_child *old,
                          struct ike_child *peers)
{
    ike_child_remove(made, IKE_REASON_DELETED_BY_PEER, false);
    if (peers)
        keep_peers(peers, old);
    else if (old && old->peer_deleted)
        ike_child_remove(old, IKE_REASON_DELETED_BY_PEER, false);
    else if (old)
        ike_child_delete(sa, old, IKE_REASON_DELETED_BY_PEER);
}

static void made(struct ike_sa *sa, struct ike_task *task, const struct ike_child_result *result)
{
    struct ike_child *old = ike_child_by_in(sa, task->child_spi);
    struct ike_child *peers = peers_child(sa, task);
    if (was_deleted(sa, result->child)) {
        made_and_gone(sa, result->child, old, peers);
    } else if (peers && ike_nonce_loses(&result->low, &task->peer_low)) {
        ike_child_delete(sa, result->child, IKE_REASON_COLLISION);
        keep_peers(peers, old);
    } else
        keep_ours(sa, result->child, old, peers);
}

/* O is still wanted and the peer has it no more: a new child instead. */
static void lost_by_peer(struct ike_sa *sa, struct ike_child *old)
{
    ike_child_remove(old, IKE_REASON_REFUSED, false);
    ike_task_add(sa, IKE_TASK_CHILD_CREATE);
}

static enum ike_task_end failed(struct ike_sa *sa, struct ike_task *task,
                                const struct ike_child_result *result)
{
    struct ike_child *old = ike_child_by_in(sa, task->child_spi);
    struct ike_child *peers = peers_child(sa, task);
    task->reason = result->reason;
    task->refusal = result->notify;
    if (peers) { /* whatever it said: its own rekey went well */
        keep_peers(peers, old);
        task->reason = IKE_REASON_OK;
        return IKE_TASK_ENDED;
    }
    if (!old)
        return IKE_TASK_ENDED;
    if (old->peer_deleted) {
        old->successor = 0;
        ike_child_remove(old, IKE_REASON_DELETED_BY_PEER, false);
        return IKE_TASK_ENDED;
    }
    if (result->group && task->retries < GROUPS_MAX) {
        task->group = result->group;
        task->retries++;
        return IKE_TASK_AGAIN;
    }
    if (result->notify == IKE_NOTIFY_TEMPORARY_FAILURE) {
        task->not_before = ike_lifetime_retry_at(sa->endpoint);
        return IKE_TASK_LATER;
    }
    if (result->notify == IKE_NOTIFY_CHILD_SA_NOT_FOUND)
        lost_by_peer(sa, old);
    else /* until it expires */
        old->rekey_at = ike_lifetime_retry_at(sa->endpoint);
    return IKE_TASK_ENDED;
}

enum ike_task_end ike_child_rekey_done(struct ike_sa *sa, struct ike_task *task,
                                       const struct ike_message *response)
{
    struct ike_child_result result = ike_child_offer_accept(sa, task->offer, response, NULL);
    enum ike_task_end end = IKE_TASK_ENDED;
    if (result.child)
        made(sa, task, &result);
    else {
        if (result.orphan)
            ike_child_delete_orphan(sa, result.orphan);
        end = failed(sa, task, &result);
    }
    sa->deleted_count = 0;
    if (result.notify == IKE_NOTIFY_INVALID_SYNTAX)
        ike_sa_end(sa, IKE_REASON_INVALID);
    return end;
}

void ike_child_rekey_respond(struct ike_sa *sa, const struct ike_message *request,
                             const struct ike_notify_payload *rekey_sa, struct ike_builder *b)
{
    uint32_t spi = 0;
    struct ike_child *old = NULL;
    if (rekey_sa->protocol == IKE_PROTOCOL_ESP && ike_notify_spi(rekey_sa, &spi))
        old = ike_child_by_out(sa, spi);
    if (!old || old->peer_deleted) { /* it names what the request named: section 3.10.1 */
        struct ike_notify_payload not_found = *rekey_sa;
        not_found.type = IKE_NOTIFY_CHILD_SA_NOT_FOUND;
        not_found.size = 0;
        ike_write_notify_full(b, &not_found);
        return;
    }
    if (old->state != IKE_CHILD_INSTALLED) {
        ike_write_notify(b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
        return;
    }
    struct ike_child_result result = ike_child_answer(sa, request, NULL, old, b);
    if (!result.child) {
        ike_child_result_write(&result, b);
        if (result.reason == IKE_REASON_INVALID)
            ike_sa_end(sa, IKE_REASON_INVALID);
        return;
    }
    struct ike_task *own = sa->active;
    if (own && own->kind == IKE_TASK_CHILD_REKEY && own->child_spi == old->spi_in) {
        own->peer_rekeyed = true;
        own->peer_child = result.child->spi_in;
        own->peer_low = result.low;
        return;
    }
    ike_child_replaced(old, result.child);
    ike_child_tell_up(result.child, old);
}
