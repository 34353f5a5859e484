/*
 * INFORMATIONAL: RFC 7296 sections 1.4 and 2.4. The responder's half hands what a request holds to those
 * whose it is; an empty one is a liveness check, and its answer empty too.
 */
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/nat.h"

enum {
    FIRST_AFTER_AUTH = 2, /* message ID of the initiator's */
};

/* A body that cannot be read, after authentication: section 2.21.3. */
static bool is_sound(const struct ike_message *m)
{
    for (size_t i = 0; i < m->count; i++) {
        struct ike_delete_payload deletion;
        struct ike_notify_payload notify;
        const struct ike_payload *p = &m->payloads[i];
        if (p->type == IKE_PAYLOAD_DELETE && ike_delete_read(&deletion, p) != IKE_WIRE_OK)
            return false;
        if (p->type == IKE_PAYLOAD_NOTIFY && ike_notify_read(&notify, p) != IKE_WIRE_OK)
            return false;
    }
    return true;
}

/* What an error notify in a request means: the peer has given the IKE SA up (section 2.21.2, 2.21.3). */
static enum ike_reason fatal_notify(const struct ike_sa *sa, const struct ike_message *m)
{
    struct ike_notify_payload notify;
    /* Only about the answer to IKE_AUTH; of all else it says that the SA lives on. */
    bool after_auth = !sa->initiator && !sa->rekeyed && m->header.message_id == FIRST_AFTER_AUTH;
    if (after_auth && ike_message_notify(m, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, &notify))
        return IKE_REASON_REFUSED;
    if (ike_message_notify(m, IKE_NOTIFY_AUTHENTICATION_FAILED, &notify))
        return IKE_REASON_AUTHENTICATION;
    if (ike_message_notify(m, IKE_NOTIFY_INVALID_SYNTAX, &notify))
        return IKE_REASON_REFUSED;
    return IKE_REASON_OK;
}

void ike_informational_respond(struct ike_sa *sa, const struct ike_message *request,
                               const struct ike_path *path, struct ike_builder *b)
{
    if (!is_sound(request)) {
        ike_write_notify(b, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        sa->leaving = IKE_REASON_INVALID;
        return;
    }
    enum ike_reason fatal = fatal_notify(sa, request);
    if (fatal != IKE_REASON_OK)
        sa->leaving = fatal;
    else
        ike_delete_respond(sa, request, b);
    if (!sa->leaving)
        ike_mobike_respond(sa, request, path, b);
}

bool ike_liveness_begin(struct ike_sa *sa, struct ike_task *task, struct ike_builder *b)
{
    (void)task;
    /* RFC 4555 section 3.8: the end behind a NAT finds out by its checks when the mapping has changed. */
    if (sa->mobike && sa->initiator && sa->nat.local)
        ike_nat_write(sa, b, sa->spi_i, sa->spi_r);
    return true;
}

enum ike_task_end ike_liveness_done(struct ike_sa *sa, struct ike_task *task,
                                    const struct ike_message *response)
{
    (void)task;
    ike_mobike_check(sa, response);
    return IKE_TASK_ENDED;
}
