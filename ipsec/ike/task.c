/* Queue and life of tasks; see task.h. */
#include "ipsec/ike/task.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/mem.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/send.h"

static const struct ike_task_ops ops[IKE_TASK_KIND_COUNT] = {
    [IKE_TASK_CONNECT] = {IKE_EXCHANGE_IKE_AUTH, NULL, ike_auth_done, ike_connect_abandon},
    [IKE_TASK_CHILD_CREATE] = {IKE_EXCHANGE_CREATE_CHILD_SA, ike_child_create_begin,
                               ike_child_create_done, NULL},
    [IKE_TASK_CHILD_REKEY] = {IKE_EXCHANGE_CREATE_CHILD_SA, ike_child_rekey_begin,
                              ike_child_rekey_done, NULL},
    [IKE_TASK_CHILD_DELETE] = {IKE_EXCHANGE_INFORMATIONAL, ike_child_delete_begin,
                               ike_child_delete_done, NULL},
    [IKE_TASK_IKE_REKEY] = {IKE_EXCHANGE_CREATE_CHILD_SA, ike_rekey_begin, ike_rekey_done, NULL},
    [IKE_TASK_IKE_DELETE] = {IKE_EXCHANGE_INFORMATIONAL, ike_delete_begin, ike_delete_done, NULL},
    [IKE_TASK_LIVENESS] = {IKE_EXCHANGE_INFORMATIONAL, ike_liveness_begin, ike_liveness_done, NULL},
    [IKE_TASK_ADDRESS_UPDATE] = {IKE_EXCHANGE_INFORMATIONAL, ike_mobike_begin, ike_mobike_done,
                                 NULL},
};

const struct ike_task_ops *ike_task_ops(enum ike_task_kind kind)
{
    return &ops[kind];
}

struct ike_task *ike_task_add(struct ike_sa *sa, enum ike_task_kind kind)
{
    struct ike_task *task = base_alloc(sizeof(*task));
    task->kind = kind;
    DL_APPEND(sa->tasks, task);
    return task;
}

static bool matches(const struct ike_task *task, enum ike_task_kind kind, uint32_t child_spi)
{
    return task->kind == kind && (!child_spi || task->child_spi == child_spi);
}

struct ike_task *ike_task_find(const struct ike_sa *sa, enum ike_task_kind kind, uint32_t child_spi)
{
    if (sa->active && matches(sa->active, kind, child_spi))
        return sa->active;
    struct ike_task *task;
    DL_FOREACH(sa->tasks, task)
    if (matches(task, kind, child_spi))
        return task;
    return NULL;
}

static void drop_offers(struct ike_sa *sa, struct ike_task *task)
{
    ike_child_offer_free(sa, task->offer);
    task->offer = NULL;
    ike_rekey_offer_free(sa, task->rekey);
    task->rekey = NULL;
}

static void tell(struct ike_sa *sa, struct ike_task *task, enum ike_event_kind kind)
{
    struct ike_event event = ike_sa_event(sa, kind);
    event.task = task->kind;
    event.reason = task->reason;
    event.notify = task->refusal;
    ike_sa_tell(sa, &event);
}

static void end(struct ike_sa *sa, struct ike_task *task)
{
    drop_offers(sa, task);
    if (task->announced || task->asked)
        tell(sa, task, task->reason == IKE_REASON_OK ? IKE_EVENT_TASK_DONE : IKE_EVENT_TASK_FAILED);
    free(task);
}

/* A rekey waits for a child that the peer may not know yet; what settles that runs the tasks. */
static bool may_begin(const struct ike_sa *sa, const struct ike_task *task)
{
    if (task->kind != IKE_TASK_CHILD_REKEY)
        return true;
    const struct ike_child *child = ike_child_by_in(sa, task->child_spi);
    return !child || child->state != IKE_CHILD_INSTALLED || ike_child_is_settled(child);
}

/* The next task that may begin; deletes go before all else, since they free what others would wait for. */
static struct ike_task *next_task(struct ike_sa *sa)
{
    struct ike_task *task, *first = NULL;
    bool established = sa->state == IKE_SA_ESTABLISHED;
    DL_FOREACH(sa->tasks, task)
    {
        if (task->kind == IKE_TASK_IKE_DELETE)
            return task;
        if (established && !first && task->not_before <= sa->endpoint->now && may_begin(sa, task))
            first = task;
    }
    return first;
}

static bool begin(struct ike_sa *sa, struct ike_task *task)
{
    struct ike_draft draft;
    ike_send_draft(sa, &draft, ops[task->kind].exchange, false, sa->window.send_next);
    task->reason = IKE_REASON_OK;
    task->refusal = 0;
    if (!ops[task->kind].begin(sa, task, &draft.b))
        return false;
    if (!task->announced)
        tell(sa, task, IKE_EVENT_TASK_STARTED);
    task->announced = true;
    sa->active = task;
    ike_send_request(sa, &draft);
    return true;
}

void ike_tasks_run(struct ike_sa *sa)
{
    while (!ike_sa_is_over(sa) && sa->has_keys && !sa->active && !sa->retransmit.request) {
        struct ike_task *task = next_task(sa);
        if (!task)
            return;
        DL_DELETE(sa->tasks, task);
        if (!begin(sa, task))
            end(sa, task);
    }
}

base_ns ike_tasks_deadline(const struct ike_sa *sa)
{
    base_ns at = BASE_NEVER;
    if (sa->active || sa->state != IKE_SA_ESTABLISHED)
        return at;
    const struct ike_task *task;
    DL_FOREACH(sa->tasks, task)
    if (may_begin(sa, task))
        at = base_ns_min(at, task->not_before);
    return at;
}

void ike_task_answered(struct ike_sa *sa, const struct ike_message *response)
{
    struct ike_task *task = sa->active;
    ike_retransmit_stop(&sa->retransmit);
    sa->active = NULL; /* before done(), which may end the SA and all its tasks */
    enum ike_task_end how = ops[task->kind].done(sa, task, response);
    struct ike_notify_payload fatal;
    if (how == IKE_TASK_GOES_ON)
        return;
    if (ike_message_notify(response, IKE_NOTIFY_INVALID_SYNTAX, &fatal))
        ike_sa_end(sa, IKE_REASON_REFUSED); /* section 2.21.3: the peer has done so */
    if (how == IKE_TASK_ENDED || ike_sa_is_over(sa)) {
        end(sa, task);
        return;
    }
    drop_offers(sa, task);
    if (how == IKE_TASK_AGAIN)
        DL_PREPEND(sa->tasks, task);
    else
        DL_APPEND(sa->tasks, task);
}

static void abandon(struct ike_sa *sa, struct ike_task *task, enum ike_reason reason)
{
    /* A DELETE has what it wanted, whoever ended the SA. */
    task->reason = task->kind == IKE_TASK_IKE_DELETE ? IKE_REASON_OK : reason;
    if (ops[task->kind].abandon)
        ops[task->kind].abandon(sa, task);
    end(sa, task);
}

void ike_task_spoiled(struct ike_sa *sa)
{
    struct ike_task *task = sa->active;
    ike_retransmit_stop(&sa->retransmit);
    sa->active = NULL;
    bool deleting = task->kind == IKE_TASK_IKE_DELETE;
    abandon(sa, task, IKE_REASON_INVALID);
    if (deleting)
        ike_sa_end(sa, sa->end);
    else
        ike_sa_delete(sa, IKE_REASON_INVALID, IKE_NOTIFY_INVALID_SYNTAX);
}

void ike_tasks_abandon(struct ike_sa *sa, enum ike_reason reason)
{
    struct ike_task *task = sa->active;
    sa->active = NULL;
    if (task)
        abandon(sa, task, reason);
    while ((task = sa->tasks)) {
        DL_DELETE(sa->tasks, task);
        abandon(sa, task, reason);
    }
}

void ike_tasks_move(struct ike_sa *from, struct ike_sa *to)
{
    struct ike_task *task, *next;
    DL_FOREACH_SAFE(from->tasks, task, next)
    {
        DL_DELETE(from->tasks, task);
        if (task->kind == IKE_TASK_IKE_REKEY) { /* it has just been rekeyed */
            end(from, task);
            continue;
        }
        DL_APPEND(to->tasks, task);
    }
}
