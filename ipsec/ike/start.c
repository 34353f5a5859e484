/* Starting tunnels; see start.h. */
#include "ipsec/ike/start.h"

#include <utlist.h>

#include "ipsec/ike/exchanges.h"

void ike_start_plan(struct ike_endpoint *endpoint, struct ike_peer *peer)
{
    peer->planned = peer->config.start == IKE_START_AT_ONCE;
    if (peer->planned)
        peer->connect_at =
            base_ns_add(endpoint->now, (base_ns)base_rng_below(&endpoint->rng, (uint64_t)BASE_S));
}

struct ike_sa *ike_engine_sa_of(const struct ike_endpoint *endpoint, const struct ike_peer *peer)
{
    struct ike_sa *sa, *found = NULL;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->peer == peer && ike_sa_is_up(sa))
        found = sa;
    return found;
}

/* A negotiation under way; `own`: begun here. */
static struct ike_sa *connecting(const struct ike_endpoint *endpoint, const struct ike_peer *peer,
                                 bool own)
{
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->peer == peer && ike_sa_is_connecting(sa) && (!own || sa->initiator))
        return sa;
    return NULL;
}

/* Some IKE SA of the peer has a child or is to get one. */
static bool has_child(const struct ike_endpoint *endpoint, const struct ike_peer *peer)
{
    const struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->peer == peer && ike_sa_is_up(sa) &&
        (ike_child_usable(sa) || ike_task_find(sa, IKE_TASK_CHILD_CREATE, 0) ||
         ike_task_find(sa, IKE_TASK_CHILD_REKEY, 0)))
        return true;
    return false;
}

static void act(struct ike_endpoint *endpoint, struct ike_peer *peer)
{
    struct ike_sa *sa = ike_engine_sa_of(endpoint, peer);
    peer->connect_at = BASE_NEVER;
    if (!sa)
        ike_connect(endpoint, peer, false, NULL);
    else {
        ike_task_add(sa, IKE_TASK_CHILD_CREATE);
        ike_tasks_run(sa);
    }
}

void ike_start_supervise(struct ike_endpoint *endpoint, struct ike_peer *peer)
{
    bool wanted = peer->config.start == IKE_START_AT_ONCE && peer->enabled && !peer->removed &&
                  !endpoint->shut;
    bool begun = connecting(endpoint, peer, true);
    if (wanted && !begun && peer->planned && endpoint->now < peer->connect_at)
        return; /* the peer may be quicker, and fail before the moment that is planned here */
    peer->planned = false;
    if (!wanted || has_child(endpoint, peer) || connecting(endpoint, peer, false)) {
        peer->connect_at = BASE_NEVER;
        return;
    }
    if (peer->connect_at == BASE_NEVER)
        peer->connect_at = base_ns_add(endpoint->now, peer->config.retry_delay);
    if (endpoint->now >= peer->connect_at)
        act(endpoint, peer);
}

/* An IKE SA of the peer that has a child in use. */
static struct ike_sa *carrier(const struct ike_endpoint *endpoint, const struct ike_peer *peer)
{
    struct ike_sa *sa;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->peer == peer && ike_sa_is_up(sa) && ike_child_usable(sa))
        return sa;
    return NULL;
}

static void tell_done(struct ike_sa *sa, enum ike_task_kind task)
{
    struct ike_event event = ike_sa_event(sa, IKE_EVENT_TASK_DONE);
    event.task = task;
    ike_outputs_event(&sa->endpoint->outputs, &event);
}

static bool want_child(struct ike_sa *sa, bool asked, const struct ike_flow *flow)
{
    struct ike_task *task = ike_task_find(sa, IKE_TASK_CHILD_CREATE, 0);
    if (!task) {
        task = ike_task_add(sa, IKE_TASK_CHILD_CREATE);
        task->has_flow = flow != NULL;
        if (flow)
            task->flow = *flow;
    }
    task->asked |= asked;
    return true;
}

bool ike_start_initiate(struct ike_endpoint *endpoint, struct ike_peer *peer, bool asked,
                        const struct ike_flow *flow)
{
    struct ike_sa *sa = carrier(endpoint, peer);
    peer->enabled = true;
    if (sa) { /* charon, too, makes no second child of the same */
        if (asked)
            tell_done(sa, IKE_TASK_CONNECT);
        return true;
    }
    sa = ike_engine_sa_of(endpoint, peer);
    if (sa)
        return want_child(sa, asked, flow);
    sa = connecting(endpoint, peer, asked);
    if (!sa)
        return ike_connect(endpoint, peer, asked, flow) != NULL;
    if (sa->active)
        sa->active->asked |= asked;
    return true;
}

static bool terminate_children(struct ike_sa *sa)
{
    if (!ike_sa_is_up(sa) || !sa->children)
        return false;
    struct ike_task *task = ike_task_add(sa, IKE_TASK_CHILD_DELETE);
    task->all_children = true;
    task->asked = true;
    task->why = IKE_REASON_DELETED;
    return true;
}

static bool terminate_sa(struct ike_sa *sa)
{
    if (ike_sa_is_connecting(sa)) {
        ike_sa_end(sa, IKE_REASON_DELETED);
        sa->state = IKE_SA_GONE;
        tell_done(sa, IKE_TASK_IKE_DELETE);
        return true;
    }
    if (!ike_sa_is_up(sa))
        return false;
    ike_sa_delete(sa, IKE_REASON_DELETED, 0);
    ike_task_find(sa, IKE_TASK_IKE_DELETE, 0)->asked = true;
    return true;
}

bool ike_start_terminate(struct ike_endpoint *endpoint, struct ike_peer *peer, bool child_only)
{
    struct ike_sa *sa;
    bool any = false;
    peer->enabled = false;
    DL_FOREACH(endpoint->sas, sa)
    if (sa->peer == peer)
        any |= child_only ? terminate_children(sa) : terminate_sa(sa);
    return any;
}
