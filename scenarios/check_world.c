/* What does not stand in a world, by its line. */
#include "scenarios/check_world.h"

#include <string.h>

#include "sim/journal.h"
struct check {
    const struct scn_scenario *scenario;
    struct base_diagnostics *problems;
};

/* Whether the node is a namespace there. */
static bool is_outside(const struct topo_node *node)
{
    return node->host || (node->gateway && node->gateway->behaviour.engine != TOPO_ENGINE_BUILTIN);
}

static void refuse(const struct check *check, struct base_where where, const char *what,
                   const char *hint)
{
    base_diagnostics_add(check->problems, BASE_ERROR, "not-yet-supported", where, hint,
                         "%s is not yet supported with --world namespaces", what);
}

/* ---- Steps ---- */

static void check_fault(const struct check *check, const struct scn_step *step)
{
    const struct scn_fault *fault = &step->u.fault;
    struct topo_node node;
    if (!fault->has_gateway || fault->gateway.crash == SCN_CRASH_POWER || fault->gateway.rebind)
        return;
    if (!topo_find_node(&check->scenario->model, fault->on, &node) || !is_outside(&node))
        return;
    if (fault->gateway.crash == SCN_CRASH_DAEMON &&
        node.gateway->behaviour.engine == TOPO_ENGINE_STRONGSWAN)
        return;
    refuse(check, step->where, "this fault on a gateway that is not builtin",
           "crash: power is, and crash: daemon on one of strongSwan; so are faults on links");
}

/* Of what a kernel drops, this alone is known: see topology/outside_story.c. */
static bool is_known_outside(const char *reason)
{
    static const enum sim_reason KNOWN[] = {SIM_REASON_NO_ROUTE,     SIM_REASON_NOT_FORWARDING,
                                            SIM_REASON_BAD_CHECKSUM, SIM_REASON_BAD_HEADER,
                                            SIM_REASON_OTHER_HOST,   SIM_REASON_NODE_DOWN};
    if (!reason) /* those that are known, together */
        return true;
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++)
        if (strcmp(sim_reason_word(KNOWN[i]), reason) == 0)
            return true;
    return false;
}

/* What an external gateway thinks of its tunnels nobody knows here, and nobody can tell it anything. */
static void check_asked(const struct check *check, const char *gateway, struct base_where where)
{
    struct topo_node node;
    if (topo_find_node(&check->scenario->model, gateway, &node) && node.gateway &&
        node.gateway->behaviour.engine == TOPO_ENGINE_EXTERNAL)
        refuse(check, where, "asking a gateway of engine: external", "ask its peer");
}

static void check_expect(const struct check *check, const struct scn_expect *expect)
{
    if (expect->kind == SCN_EXPECT_TUNNEL)
        check_asked(check, expect->u.tunnel.on, expect->where);
    if (expect->kind == SCN_EXPECT_IKE)
        check_asked(check, expect->u.ike.on, expect->where);
    const struct scn_expect_drops *drops = &expect->u.drops;
    struct topo_node node;
    if (expect->kind == SCN_EXPECT_DROPS && drops->on && !is_known_outside(drops->reason) &&
        topo_find_node(&check->scenario->model, drops->on, &node) && is_outside(&node))
        refuse(check, expect->where, "counting this of what a kernel drops",
               "no-route, not-forwarding, bad-checksum, other-host and node-down are known");
}

static void check_step(const struct check *check, const struct scn_step *step)
{
    bool asks = step->verb == SCN_VERB_INITIATE || step->verb == SCN_VERB_TERMINATE ||
                step->verb == SCN_VERB_REKEY;
    if (asks)
        check_asked(check, step->u.sa.on, step->where);
    if (step->verb == SCN_VERB_FAULT)
        check_fault(check, step);
    for (size_t i = 0; step->verb == SCN_VERB_EXPECT && i < step->u.expect.count; i++)
        check_expect(check, &step->u.expect.items[i]);
}

/* ---- The whole ---- */

static void check_engines(const struct check *check)
{
    const struct topo_model *model = &check->scenario->model;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_behaviour *behaviour = &model->vdcs[i].gateway.behaviour;
        if (behaviour->engine != TOPO_ENGINE_BUILTIN)
            base_diagnostics_add(
                check->problems, BASE_ERROR, "needs-namespaces", behaviour->engine_where,
                "run it with --world namespaces, or write builtin",
                "engine: %s does not run in virtual time", topo_engine_name(behaviour->engine));
    }
}

void scn_check_world(const struct scn_scenario *scenario, enum scn_world world,
                     struct base_diagnostics *problems)
{
    const struct check check = {scenario, problems};
    if (world == SCN_WORLD_SIMULATED) {
        check_engines(&check);
        return;
    }
    for (size_t i = 0; i < scenario->step_count; i++)
        check_step(&check, &scenario->steps[i]);
    for (size_t i = 0; i < scenario->expectation_count; i++)
        check_expect(&check, &scenario->expectations[i]);
}
