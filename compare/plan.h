/* How a scenario is to be set up in either world so that both have the same gateways; as PATH=VALUE of `--set`. */
#ifndef COMPARE_PLAN_H
#define COMPARE_PLAN_H

#include "compare/known.h"
#include "scenarios/scenario.h"

struct cmp_plan {
    char **simulated, **real; /* PATH=VALUE each, `count` of either */
    size_t count;
};

/*
 * kernel-libipsec (`libipsec`) routes into a TUN device and puts ESP into UDP always: the simulated
 * gateways are then `vpn: route-based`, which is that. With XFRM they are policy-based. The real
 * ones are strongSwan.
 */
void cmp_plan_init(struct cmp_plan *plan, const struct scn_scenario *scenario, bool libipsec);
void cmp_plan_fini(struct cmp_plan *plan);

/* One sentence for the reader: which settings those are. */
const char *cmp_plan_text(bool libipsec);

struct cmp_traits cmp_traits_of(const struct scn_scenario *scenario);

#endif
