/*
 * Deleting children and IKE SAs by INFORMATIONAL: RFC 7296 sections 1.4.1 and 2.25.1.
 *
 * A child that was rekeyed lets packets under way in for a few seconds more; one that is deleted for
 * good does not. A delete of an SPI that is not known while our own negotiation is under way is remembered: the
 * answer that makes it may have been overtaken.
 */
#include <utlist.h>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"

enum {
    SPIS_MAX = 64, /* in one Delete payload of ours */
};

void ike_child_delete(struct ike_sa *sa, struct ike_child *child, enum ike_reason why)
{
    if (child->state == IKE_CHILD_DELETING)
        return;
    child->state = IKE_CHILD_DELETING;
    child->rekey_at = BASE_NEVER;
    child->expires_at = BASE_NEVER;
    struct ike_task *task = ike_task_add(sa, IKE_TASK_CHILD_DELETE);
    task->child_spi = child->spi_in;
    task->why = why;
}

void ike_child_delete_orphan(struct ike_sa *sa, uint32_t spi_in)
{
    struct ike_task *task = ike_task_add(sa, IKE_TASK_CHILD_DELETE);
    task->child_spi = spi_in;
    task->orphan = true;
}

static bool is_meant(const struct ike_task *task, const struct ike_child *child)
{
    return task->all_children || child->spi_in == task->child_spi;
}

bool ike_child_delete_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    uint32_t spis[SPIS_MAX];
    size_t count = 0;
    struct ike_child *child;
    DL_FOREACH(sa->children, child)
    {
        if (!is_meant(task, child) || child->peer_deleted || count == SPIS_MAX)
            continue;
        child->state = IKE_CHILD_DELETING;
        child->rekey_at = child->expires_at = BASE_NEVER;
        spis[count++] = child->spi_in;
    }
    if (task->orphan && !count)
        spis[count++] = task->child_spi;
    if (count)
        ike_write_delete_esp(b, spis, count);
    return count != 0;
}

enum ike_task_end ike_child_delete_done(struct ike_sa *sa, struct ike_task *task,
                                        const struct ike_message *response)
{
    (void)response; /* what it deletes of its own side goes without saying */
    struct ike_child *child, *next;
    DL_FOREACH_SAFE(sa->children, child, next)
    if (is_meant(task, child) && child->state == IKE_CHILD_DELETING)
        ike_child_remove(child, task->why, child->successor || !child->told);
    if (task->why == IKE_REASON_EXPIRED && sa->peer->enabled && ike_sa_is_up(sa))
        ike_task_add(sa, IKE_TASK_CHILD_CREATE);
    return IKE_TASK_ENDED;
}

bool ike_delete_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    (void)sa;
    if (task->notify)
        ike_write_notify(b, task->notify, NULL, 0);
    ike_write_delete_ike(b);
    return true;
}

enum ike_task_end ike_delete_done(struct ike_sa *sa, struct ike_task *task,
                                  const struct ike_message *response)
{
    (void)response;
    ike_sa_end(sa, task->why);
    return IKE_TASK_ENDED;
}

static void remember_unknown(struct ike_sa *sa, uint32_t spi)
{
    const struct ike_task *own = sa->active;
    bool negotiating =
        own && (own->kind == IKE_TASK_CHILD_REKEY || own->kind == IKE_TASK_CHILD_CREATE);
    if (negotiating && sa->deleted_count < IKE_SA_DELETED_MAX)
        sa->deleted[sa->deleted_count++] = spi;
}

/* While our rekey of it is under way. */
static void deleted_in_rekey(struct ike_child *old, struct ike_child *peers)
{
    if (!peers) { /* what our rekey brings decides what this means */
        old->peer_deleted = true;
        old->state = IKE_CHILD_REKEYED;
        old->rekey_at = BASE_NEVER;
        return;
    }
    if (!peers->told)
        ike_child_tell_up(peers, old);
    ike_child_replaced(old, peers);
    ike_child_remove(old, IKE_REASON_REPLACED, true);
}

/* The peer deletes what it calls `spi`; true with our SPI for the answer. */
static bool delete_one(struct ike_sa *sa, uint32_t spi, uint32_t *own)
{
    struct ike_child *child = ike_child_by_out(sa, spi);
    if (!child) {
        remember_unknown(sa, spi);
        return false;
    }
    if (child->state == IKE_CHILD_DELETING || child->peer_deleted)
        return false; /* section 1.4.1: both ends at once, without a Delete in the answer */
    *own = child->spi_in;
    const struct ike_task *rekey = sa->active;
    if (rekey && rekey->kind == IKE_TASK_CHILD_REKEY && rekey->child_spi == child->spi_in)
        deleted_in_rekey(child, rekey->peer_child ? ike_child_by_in(sa, rekey->peer_child) : NULL);
    else {
        ike_child_take_back(child);
        ike_child_remove(child, IKE_REASON_DELETED_BY_PEER, child->successor || !child->told);
    }
    return true;
}

static void delete_children(struct ike_sa *sa, const struct ike_delete_payload *deletion,
                            uint32_t *own, size_t *count)
{
    for (size_t i = 0; i < deletion->count; i++) {
        uint32_t spi;
        if (delete_one(sa, ike_delete_spi(deletion, i), &spi) && *count < SPIS_MAX)
            own[(*count)++] = spi;
    }
}

/* The first Delete payload for the IKE SA itself; false where there is none. */
static bool deletes_ike(const struct ike_message *m)
{
    struct ike_delete_payload deletion;
    const struct ike_payload *p = ike_message_find(m, IKE_PAYLOAD_DELETE);
    for (; p; p = ike_message_find_next(m, p))
        if (ike_delete_read(&deletion, p) == IKE_WIRE_OK && deletion.protocol == IKE_PROTOCOL_IKE)
            return true;
    return false;
}

void ike_delete_respond(struct ike_sa *sa, const struct ike_message *request, struct ike_builder *b)
{
    if (deletes_ike(request)) {
        ike_rekey_peer_deleted(sa);
        sa->leaving = IKE_REASON_DELETED_BY_PEER;
        return;
    }
    uint32_t own[SPIS_MAX];
    size_t count = 0;
    struct ike_delete_payload deletion;
    const struct ike_payload *p = ike_message_find(request, IKE_PAYLOAD_DELETE);
    for (; p; p = ike_message_find_next(request, p))
        if (ike_delete_read(&deletion, p) == IKE_WIRE_OK && deletion.protocol == IKE_PROTOCOL_ESP)
            delete_children(sa, &deletion, own, &count);
    if (count)
        ike_write_delete_esp(b, own, count);
}
