/* Lifetimes and all other timers of an IKE SA; see lifetime.h. */
#include "ipsec/ike/lifetime.h"

#include <utlist.h>

#include "ipsec/esp/sa.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "ipsec/ike/redundant.h"
#include "ipsec/ike/send.h"

enum {
    RETRY_MIN_S = 5,
    RETRY_MAX_S = 15,
};

void ike_lifetime_begin(struct ike_endpoint *endpoint, base_ns lifetime, base_ns margin,
                        base_ns *rekey_at, base_ns *expires_at)
{
    *rekey_at = *expires_at = BASE_NEVER;
    if (lifetime == BASE_NEVER)
        return;
    if (margin >= lifetime)
        margin = lifetime / 2;
    base_ns part = (base_ns)base_rng_below(&endpoint->rng, (uint64_t)(margin / 2) + 1);
    *expires_at = base_ns_add(endpoint->now, lifetime);
    *rekey_at = *expires_at == BASE_NEVER ? BASE_NEVER : *expires_at - margin + part;
}

base_ns ike_lifetime_retry_at(struct ike_endpoint *endpoint)
{
    uint64_t spread = (RETRY_MAX_S - RETRY_MIN_S) * (uint64_t)BASE_S;
    return base_ns_add(endpoint->now,
                       RETRY_MIN_S * BASE_S + (base_ns)base_rng_below(&endpoint->rng, spread));
}

void ike_lifetime_watch(struct ike_sa *sa)
{
    base_ns delay = sa->peer->config.dpd_delay;
    sa->liveness_at = delay ? base_ns_add(sa->endpoint->now, delay) : BASE_NEVER;
}

void ike_lifetime_counted(struct ike_sa *sa)
{
    base_ns now = sa->endpoint->now;
    if (sa->window.send_next >= IKE_WINDOW_LAST)
        sa->expires_at = base_ns_min(sa->expires_at, now);
    else if (sa->window.send_next >= IKE_WINDOW_REKEY_AT &&
             !ike_task_find(sa, IKE_TASK_IKE_REKEY, 0))
        sa->rekey_at = base_ns_min(sa->rekey_at, now);
}

/* The last sign of life of the peer: an IKE message, or ESP on any child. */
static base_ns last_heard(const struct ike_sa *sa)
{
    base_ns last = sa->last_in;
    const struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->in->last_used > last)
        last = child->in->last_used;
    return last;
}

static base_ns last_said(const struct ike_sa *sa)
{
    base_ns last = sa->last_out;
    const struct ike_child *child;
    DL_FOREACH(sa->children, child)
    if (child->out->last_used > last)
        last = child->out->last_used;
    return last;
}

static base_ns keepalive_at(const struct ike_sa *sa)
{
    if (!sa->nat.local || !sa->peer->config.nat_keepalive || sa->path.local_port == IKE_PORT ||
        (sa->state != IKE_SA_ESTABLISHED && sa->state != IKE_SA_AUTH_SENT))
        return BASE_NEVER;
    return base_ns_add(last_said(sa), sa->peer->config.nat_keepalive);
}

static base_ns children_at(const struct ike_sa *sa)
{
    base_ns at = BASE_NEVER;
    const struct ike_child *child;
    DL_FOREACH(sa->children, child)
    at = base_ns_min(at, base_ns_min(child->rekey_at, child->expires_at));
    return at;
}

base_ns ike_lifetime_deadline(const struct ike_sa *sa)
{
    base_ns at = base_ns_min(sa->give_up_at, ike_retransmit_deadline(&sa->retransmit));
    at = base_ns_min(at, base_ns_min(ike_tasks_deadline(sa), keepalive_at(sa)));
    if (sa->state != IKE_SA_ESTABLISHED)
        return at;
    at = base_ns_min(at, base_ns_min(children_at(sa), sa->liveness_at));
    at = base_ns_min(at, sa->redundant_at);
    return base_ns_min(at, base_ns_min(sa->rekey_at, sa->expires_at));
}

/* Another answer to IKE_SA_INIT has its turn; the time that an attempt may take is no longer for it. */
static bool follow_other(struct ike_sa *sa)
{
    struct ike_retransmit before = sa->retransmit;
    if (sa->state != IKE_SA_AUTH_SENT || !ike_init_follow_other(sa, true))
        return false;
    sa->retransmit.tries = before.tries;
    sa->retransmit.at = before.at;
    return true;
}

static void expire_request(struct ike_sa *sa)
{
    base_ns now = sa->endpoint->now;
    if (now < ike_retransmit_deadline(&sa->retransmit))
        return;
    if (sa->state == IKE_SA_INIT_SENT && !ike_init_retry(sa)) {
        ike_sa_end(sa, IKE_REASON_REFUSED);
        return;
    }
    if (!ike_retransmit_again(&sa->retransmit, &sa->peer->config.retransmit, now)) {
        if (!ike_sa_is_connecting(sa)) /* was up, and is lost: charon's dpd_action = restart */
            sa->peer->connect_at = now;
        ike_sa_end(sa, IKE_REASON_TIMEOUT);
        return;
    }
    sa->endpoint->counts.retransmissions++;
    if (sa->state == IKE_SA_INIT_SENT)
        ike_init_again(sa);
    else if (!follow_other(sa))
        ike_send_again(sa, sa->retransmit.request, &sa->path);
}

static void give_up(struct ike_sa *sa)
{
    if (sa->endpoint->now < sa->give_up_at)
        return;
    ike_sa_end(sa, sa->state == IKE_SA_INIT_ANSWERED ? IKE_REASON_TIMEOUT : IKE_REASON_REPLACED);
    sa->state = IKE_SA_GONE; /* nobody asks any more */
}

static void expire_children(struct ike_sa *sa)
{
    base_ns now = sa->endpoint->now;
    struct ike_child *child, *next;
    DL_FOREACH_SAFE(sa->children, child, next)
    {
        if (now >= child->expires_at) {
            ike_child_delete(sa, child, IKE_REASON_EXPIRED);
        } else if (now >= child->rekey_at) {
            child->rekey_at = BASE_NEVER;
            if (child->state == IKE_CHILD_INSTALLED &&
                !ike_task_find(sa, IKE_TASK_CHILD_REKEY, child->spi_in))
                ike_task_add(sa, IKE_TASK_CHILD_REKEY)->child_spi = child->spi_in;
        }
    }
}

/*
 * Silence is counted in whole seconds, as charon counts it: an end looks again dpdDelay after it asked, and not a round
 * trip later, so the other one, which was asked meanwhile, has no reason to ask as well. Where both went by the very
 * moment, both would ask at once, for ever. A request under way is a check already: its time-out says that the peer is
 * dead.
 */
static void check_liveness(struct ike_sa *sa)
{
    base_ns now = sa->endpoint->now;
    base_ns delay = sa->peer->config.dpd_delay;
    base_ns silence = 0;
    if (now < sa->liveness_at)
        return;
    if (!sa->active && !ike_task_find(sa, IKE_TASK_LIVENESS, 0))
        silence = (now / BASE_S - last_heard(sa) / BASE_S) * BASE_S;
    if (silence >= delay) {
        ike_task_add(sa, IKE_TASK_LIVENESS);
        silence = 0;
    }
    sa->liveness_at = base_ns_add(now, delay - silence);
}

static void expire_established(struct ike_sa *sa)
{
    struct ike_endpoint *ep = sa->endpoint;
    base_ns now = ep->now;
    if (now >= sa->expires_at) {
        sa->peer->connect_at = now; /* start: at-once goes on at once */
        ike_sa_delete(sa, IKE_REASON_EXPIRED, 0);
        return;
    }
    if (now >= sa->rekey_at) {
        sa->rekey_at = BASE_NEVER;
        if (!ike_task_find(sa, IKE_TASK_IKE_REKEY, 0))
            ike_task_add(sa, IKE_TASK_IKE_REKEY);
    }
    if (now >= sa->redundant_at)
        ike_redundant_expire(sa);
    check_liveness(sa);
}

void ike_lifetime_expire(struct ike_sa *sa)
{
    expire_request(sa);
    give_up(sa);
    if (sa->state == IKE_SA_ESTABLISHED) {
        expire_children(sa);
        expire_established(sa);
    }
    if (sa->endpoint->now >= keepalive_at(sa))
        ike_send_keepalive(sa);
}
