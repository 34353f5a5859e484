/* See plan.h. */
#include "compare/plan.h"

#include <stdlib.h>

#include "base/mem.h"

void cmp_plan_init(struct cmp_plan *plan, const struct scn_scenario *scenario, bool libipsec)
{
    size_t vdcs = scenario->model.vdc_count;
    *plan = (struct cmp_plan){.simulated = base_alloc_array(vdcs + 1, sizeof(char *)),
                              .real = base_alloc_array(vdcs + 1, sizeof(char *)),
                              .count = vdcs};
    for (size_t i = 0; i < vdcs; i++) {
        const char *name = scenario->model.vdcs[i].name;
        plan->simulated[i] = base_printf("vdcs.%s.gateway.behaviour.vpn=%s", name,
                                         libipsec ? "route-based" : "policy-based");
        plan->real[i] = base_printf("vdcs.%s.gateway.behaviour.engine=strongswan", name);
    }
}

void cmp_plan_fini(struct cmp_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        free(plan->simulated[i]);
        free(plan->real[i]);
    }
    free(plan->simulated);
    free(plan->real);
}

const char *cmp_plan_text(bool libipsec)
{
    return libipsec ? "strongSwan has kernel-libipsec here (the kernel has no ESP): the simulated gateways are "
                      "route-based too, and ESP is always in UDP"
                    : "strongSwan has the kernel's XFRM here: the simulated gateways are policy-based";
}

static bool contains(const struct topo_cidr *cidrs, size_t count, const struct net_addr *address)
{
    for (size_t i = 0; i < count; i++)
        if (net_prefix_contains(&cidrs[i].prefix, address))
            return true;
    return false;
}

struct cmp_traits cmp_traits_of(const struct scn_scenario *scenario, bool libipsec)
{
    struct cmp_traits traits = {.libipsec = libipsec};
    for (size_t i = 0; i < scenario->model.vdc_count; i++) {
        const struct topo_gateway *gateway = &scenario->model.vdcs[i].gateway;
        for (size_t k = 0; k < gateway->tunnel_count; k++) {
            const struct topo_tunnel *tunnel = &gateway->tunnels[k];
            traits.swallowed |=
                contains(tunnel->peer, tunnel->peer_count, &tunnel->remote_address);
            for (size_t c = 0; c < gateway->connection_count; c++)
                traits.overlaps |= contains(tunnel->peer, tunnel->peer_count,
                                            &gateway->connections[c].ipv4.addr);
        }
    }
    return traits;
}
