/* What the parts of the check share. */
#ifndef TOPOLOGY_CHECK_INTERNAL_H
#define TOPOLOGY_CHECK_INTERNAL_H

#include "topology/check.h"

struct check {
    const struct topo_model *model;
    const struct topo_check_options *options; /* may be NULL */
    struct base_diagnostics *problems;
    const struct topo_vdc **by_public; /* sorted by the gateway's public address */
};

/* The VDC whose gateway has this public address, or NULL. */
const struct topo_vdc *check_vdc_at(const struct check *, const struct net_addr *public_ip);

/*
 * The tunnel of `vdc` that leads back to `from`'s gateway and fits `tunnel` best: one whose selectors mirror, else the
 * first; NULL where there is none.
 */
const struct topo_tunnel *check_counterpart(const struct topo_vdc *from,
                                            const struct topo_tunnel *tunnel,
                                            const struct topo_vdc *vdc);

/* "line 12" for a message at `from`; "other.yaml:12" where `of` stands in another file. Lives as
 * long as the problems. */
const char *check_place(const struct check *, struct base_where of, struct base_where from);

void check_tunnels(const struct check *);
void check_hosts(const struct check *);

/* Whether all of the VDC's LANs could be read. Where not, who names one of them has done nothing wrong. */
bool check_knows_lans(const struct topo_vdc *);

static inline bool check_is_any(const struct net_prefix *prefix)
{
    return prefix->length == 0;
}

#endif
