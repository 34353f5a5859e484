/*
 * CREATE_CHILD_SA: RFC 7296 sections 1.3 and 2.25. The responder's half finds out which of the three is
 * meant and refuses what collides; a new child is made here, rekeys have their own files.
 */
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/lifetime.h"

enum {
    GROUPS_MAX = 4, /* how often INVALID_KE_PAYLOAD is followed */
};

bool ike_child_create_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    if (!task->asked && !task->has_flow && ike_child_usable(sa))
        return false; /* somebody made one meanwhile */
    struct ike_child_wish wish = {
        .own_exchange = true, .flow = task->has_flow ? &task->flow : NULL, .group = task->group};
    task->offer = ike_child_offer_new(sa, &wish);
    ike_child_offer_write(task->offer, b);
    return true;
}

/* The peer deleted it before we heard that it was there. */
static bool was_deleted(struct ike_sa *sa, uint32_t spi_out)
{
    for (unsigned i = 0; i < sa->deleted_count; i++)
        if (sa->deleted[i] == spi_out)
            return true;
    return false;
}

enum ike_task_end ike_child_create_done(struct ike_sa *sa, struct ike_task *task,
                                        const struct ike_message *response)
{
    struct ike_child_result result = ike_child_offer_accept(sa, task->offer, response, NULL);
    if (result.child && was_deleted(sa, result.child->spi_out)) {
        ike_child_remove(result.child, IKE_REASON_DELETED_BY_PEER, false);
        task->reason = IKE_REASON_DELETED_BY_PEER;
        return IKE_TASK_ENDED;
    }
    if (result.child) {
        ike_child_select(result.child);
        ike_child_tell_up(result.child, NULL);
        return IKE_TASK_ENDED;
    }
    task->reason = result.reason;
    task->refusal = result.notify;
    if (result.group && task->retries < GROUPS_MAX) {
        task->group = result.group;
        task->retries++;
        return IKE_TASK_AGAIN;
    }
    if (result.notify == IKE_NOTIFY_TEMPORARY_FAILURE) {
        task->not_before = ike_lifetime_retry_at(sa->endpoint);
        return IKE_TASK_LATER;
    }
    if (result.orphan)
        ike_child_delete_orphan(sa, result.orphan);
    ike_child_result_tell(sa, &result);
    if (result.notify == IKE_NOTIFY_INVALID_SYNTAX)
        ike_sa_end(sa, IKE_REASON_INVALID);
    return IKE_TASK_ENDED;
}

void ike_create_refuse(struct ike_sa *sa, const struct ike_message *request,
                       const struct ike_path *path, struct ike_builder *b)
{
    (void)sa;
    (void)request;
    (void)path;
    ike_write_notify(b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
}

static bool is_ike_rekey(const struct ike_message *m)
{
    struct ike_proposals offer;
    const struct ike_payload *payload = ike_message_find(m, IKE_PAYLOAD_SA);
    return payload && !ike_message_find(m, IKE_PAYLOAD_TSI) &&
           ike_proposals_read(&offer, payload) == IKE_WIRE_OK && offer.count &&
           offer.proposals[0].protocol == IKE_PROTOCOL_IKE;
}

static void new_child(struct ike_sa *sa, const struct ike_message *request, struct ike_builder *b)
{
    struct ike_child_result result = ike_child_answer(sa, request, NULL, NULL, b);
    if (result.child) {
        ike_child_tell_up(result.child, NULL);
        return;
    }
    ike_child_result_tell(sa, &result);
    ike_child_result_write(&result, b);
    if (result.reason == IKE_REASON_INVALID) /* section 2.21.3: fatal for both */
        ike_sa_end(sa, IKE_REASON_INVALID);
}

void ike_create_respond(struct ike_sa *sa, const struct ike_message *request,
                        const struct ike_path *path, struct ike_builder *b)
{
    struct ike_notify_payload rekey_sa;
    if (is_ike_rekey(request))
        ike_rekey_respond(sa, request, b);
    else if (sa->held || (sa->active && sa->active->kind == IKE_TASK_IKE_REKEY))
        ike_create_refuse(sa, request, path, b);
    else if (ike_message_notify(request, IKE_NOTIFY_REKEY_SA, &rekey_sa))
        ike_child_rekey_respond(sa, request, &rekey_sa, b);
    else
        new_child(sa, request, b);
}
