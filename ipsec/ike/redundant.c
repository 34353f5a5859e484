/* Several IKE SAs with one peer; see redundant.h. */
#include "ipsec/ike/redundant.h"

#include <utlist.h>

#include "ipsec/ike/engine.h"

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
    if (other != sa && other->peer == sa->peer && other->authenticated && !ike_sa_is_over(other))
        return false;
    return true;
}

void ike_redundant_initial_contact(struct ike_sa *sa)
{
    struct ike_sa *other;
    DL_FOREACH(sa->endpoint->sas, other)
    if (other != sa && other->peer == sa->peer && other->authenticated &&
        other->authenticated < sa->born)
        ike_sa_end(other, IKE_REASON_INITIAL_CONTACT);
}

/* Each was begun before the other was authenticated, one by each end, neither by a rekey. */
static bool crossed(const struct ike_sa *a, const struct ike_sa *b)
{
    return a->peer == b->peer && a->initiator != b->initiator && !a->rekeyed && !b->rekeyed &&
           ike_sa_is_up(a) && ike_sa_is_up(b) && a->born < b->authenticated &&
           b->born < a->authenticated;
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
        ike_child_select(child);
        ike_sa_delete(loser, IKE_REASON_REDUNDANT, 0);
    }
}
