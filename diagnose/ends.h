/* The two ends of a tunnel that is not up, as its rules see them: that of the packet's sender first. */
#ifndef DIAGNOSE_ENDS_H
#define DIAGNOSE_ENDS_H

#include "diagnose/case.h"

struct diag_ends {
    struct diag_case *c;
    const struct diag_leg *leg;
    const struct topo_vdc *vdc, *peer;
    const struct topo_tunnel *here, *there;
    base_ns at; /* when the tunnel was needed */
};

static inline const char *diag_ends_gateway(const struct diag_ends *e)
{
    return e->vdc->gateway.node;
}

static inline const char *diag_ends_peer(const struct diag_ends *e)
{
    return e->peer->gateway.node;
}

/* The same with the other end first. */
static inline struct diag_ends diag_ends_turned(const struct diag_ends *e)
{
    return (struct diag_ends){e->c, e->leg, e->peer, e->vdc, e->there, e->here, e->at};
}

/* Whether the first end ever had a child SA of the tunnel by then. */
bool diag_ends_were_up(const struct diag_ends *e);

/* When a packet needed its tunnel: just before a drop for want of an SA, since one may have come up in the same moment. */
base_ns diag_needed_at(const struct diag_leg *leg);

/* Known whatever else is wrong with the tunnel: an end's daemon is dead, or nobody has even tried. Not where the packet itself would
 * have begun it, had it come to its gateway's trap policy: what kept it from there is the cause. */
void diag_check_initiated(const struct diag_ends *e);
/* What became of the tunnel in time, where nothing is wrong between its ends: lost, closed, expired, not up yet. */
void diag_rules_time(const struct diag_ends *e);

#endif
