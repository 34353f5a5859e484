/* Several IKE SAs with one peer; see redundant.h. */
#include "ipsec/ike/redundant.h"

#include <utlist.h>

#include "ipsec/ike/engine.h"

enum {
    ANSWER_ARRIVES_S = 2,
};

struct ike_sa *ike_redundant_other(const struct ike_sa *sa)
{
    struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    if (other != sa && other->peer == sa->peer && ike_sa_is_up(other) && ike_child_usable(other))
        return other;
    return NULL;
}

bool ike_redundant_may_say(const struct ike_sa *sa)
{
    const struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    if (other != sa && ike_peer_same_ids(other->peer, sa->peer) && !ike_sa_is_over(other) &&
        (other->authenticated || (other->peer != sa->peer && other->state == IKE_SA_AUTH_SENT)))
        return false;
    return true;
}

void ike_redundant_initial_contact(struct ike_sa *sa)
{
    struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    if (other != sa && ike_peer_same_ids(other->peer, sa->peer) && other->authenticated &&
        other->authenticated < sa->born)
        ike_sa_end(other, IKE_REASON_INITIAL_CONTACT);
}

/*
 * One begun by each end. Nothing but a crossing leaves such a pair: an end that has an IKE SA begins no
 * other, and one that has lost it says INITIAL_CONTACT. What either end knows of the order in which they
 * came up is no part of this, since the other end may have seen another order.
 */
static bool crossed(const struct ike_sa *a, const struct ike_sa *b)
{
    return a->peer == b->peer && a->begun_here != b->begun_here && ike_sa_is_up(a) &&
           ike_sa_is_up(b);
}

void ike_redundant_resolve(struct ike_sa *sa)
{
    struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    {
        if (other == sa || !crossed(sa, other))
            continue;
        struct ike_sa *loser = ike_nonce_loses(&sa->low, &other->low) ? sa : other;
        struct ike_sa *winner = loser == sa ? other : sa;
        struct ike_child *child = ike_child_usable(winner);
        if (!loser->initiator || !child)
            continue;
        if (winner->initiator) {
            ike_child_select(child);
            ike_sa_delete(loser, IKE_REASON_REDUNDANT, 0);
        } else /* the answer that brings the winner up at the other end is still on its way */
            loser->redundant_at = base_ns_add(sa->endpoint->now, ANSWER_ARRIVES_S * BASE_S);
    }
}

void ike_redundant_expire(struct ike_sa *sa)
{
    struct ike_sa *other = ike_redundant_other(sa);
    sa->redundant_at = BASE_NEVER;
    if (!other)
        return;
    ike_child_select(ike_child_usable(other));
    ike_sa_delete(sa, IKE_REASON_REDUNDANT, 0);
}
