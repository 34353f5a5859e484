/* See plan.h. */
#include "compare/plan.h"

#include <stdlib.h>
#include <string.h>

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
    return libipsec
               ? "strongSwan has kernel-libipsec here (the kernel has no ESP): the simulated "
                 "gateways are "
                 "route-based too, and ESP is always in UDP"
               : "strongSwan has the kernel's XFRM here: the simulated gateways are policy-based";
}

static bool same_proposal(const struct topo_proposal *a, const struct topo_proposal *b)
{
    return a->group == b->group && a->encryption == b->encryption && a->integrity == b->integrity;
}

/* The other end of a gateway's tunnel: where it leads, and back. NULL: there is none. */
static const struct topo_tunnel *other_end(const struct topo_model *model,
                                           const struct topo_gateway *here,
                                           const struct topo_tunnel *tunnel,
                                           const struct topo_gateway **there)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        *there = &model->vdcs[i].gateway;
        if (!net_addr_equal(topo_gateway_outside(*there), &tunnel->remote_address))
            continue;
        for (size_t k = 0; k < (*there)->tunnel_count; k++)
            if (net_addr_equal(&(*there)->tunnels[k].remote_address, topo_gateway_outside(here)))
                return &(*there)->tunnels[k];
    }
    return NULL;
}

static bool shares_address(const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->host_count; i++)
        for (size_t k = 0; k < i; k++)
            if (vdc->hosts[i].lan == vdc->hosts[k].lan &&
                net_addr_equal(&vdc->hosts[i].address, &vdc->hosts[k].address))
                return true;
    return false;
}

static bool begins(const struct scn_scenario *scenario, const struct topo_gateway *gateway)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].verb == SCN_VERB_INITIATE &&
            !strcmp(scenario->steps[i].u.sa.on, gateway->node))
            return true;
    return gateway->behaviour.start != TOPO_START_BY_HAND;
}

static void add_traits(const struct scn_scenario *scenario, const struct topo_model *model,
                       const struct topo_gateway *gateway, const struct topo_tunnel *tunnel,
                       struct cmp_traits *out)
{
    out->itself |= net_addr_equal(topo_gateway_outside(gateway), &tunnel->remote_address);
    const struct topo_gateway *there;
    const struct topo_tunnel *other = other_end(model, gateway, tunnel, &there);
    if (!other)
        return;
    out->both |= begins(scenario, gateway) && begins(scenario, there);
    out->choice |=
        gateway->behaviour.negotiation == TOPO_NEGOTIATION_MOST_SECURE &&
        (!same_proposal(&tunnel->ike, &other->ike) || !same_proposal(&tunnel->esp, &other->esp));
}

static bool has_siblings(const struct topo_gateway *gateway)
{
    for (size_t i = 0; i < gateway->tunnel_count; i++)
        for (size_t k = 0; k < i; k++)
            if (net_addr_equal(&gateway->tunnels[i].remote_address,
                               &gateway->tunnels[k].remote_address))
                return true;
    return false;
}

static bool has_keys(const struct topo_gateway *gateway)
{
    for (size_t i = 1; i < gateway->tunnel_count; i++)
        if (strcmp(gateway->tunnels[i].psk, gateway->tunnels[0].psk) != 0)
            return true;
    return false;
}

static void add_model(const struct scn_scenario *scenario, const struct topo_model *model,
                      struct cmp_traits *traits)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_gateway *gateway = &model->vdcs[i].gateway;
        traits->nat |= gateway->nat != NULL;
        traits->keys |= has_keys(gateway);
        traits->siblings |= has_siblings(gateway);
        traits->shared |= shares_address(&model->vdcs[i]);
        for (size_t k = 0; k < gateway->tunnel_count; k++)
            add_traits(scenario, model, gateway, &gateway->tunnels[k], traits);
    }
}

struct cmp_traits cmp_traits_of(const struct scn_scenario *scenario)
{
    struct cmp_traits traits = {0};
    add_model(scenario, &scenario->model, &traits);
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        if (step->verb == SCN_VERB_CHANGE)
            add_model(scenario, step->u.change, &traits);
    }
    return traits;
}
