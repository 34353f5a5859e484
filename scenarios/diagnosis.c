/* A played scenario as diagnose/ sees it: its pings and flows, the faults of its steps, its history. */
#include "scenarios/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/traffic.h"
#include "sim/world.h"
#include "topology/ping.h"

enum {
    PACKETS_MAX = 20000 /* of pings and flows: up to here a journal costs little without captures */
};

static bool any_cause(const struct scn_expect *expects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (expects[i].kind == SCN_EXPECT_CAUSE)
            return true;
    }
    return false;
}

static double packets_of(const struct scn_step *step)
{
    if (step->verb == SCN_VERB_PING)
        return (double)step->u.ping.count;
    if (step->verb == SCN_VERB_TRAFFIC)
        return (double)step->u.traffic.rate_bps / 8 / step->u.traffic.size_bytes *
               ((double)step->u.traffic.for_ns / 1e9);
    return 0;
}

bool scn_diagnosis_is_wanted(const struct scn_scenario *scenario,
                             const struct scn_play_options *options)
{
    double packets = 0;
    bool asked = options->explain != DIAG_WISH_NONE || options->folder ||
                 any_cause(scenario->expectations, scenario->expectation_count);
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        packets += packets_of(step);
        if (step->verb == SCN_VERB_EXPECT)
            asked = asked || any_cause(step->u.expect.items, step->u.expect.count);
    }
    return asked || (packets > 0 && packets <= PACKETS_MAX);
}

/* ---- Pings and flows ---- */

/* The node that an address is meant to be: the step's own word, or whoever has it. */
static const char *node_of(const struct topo_model *model, const char *to,
                           const struct net_addr *address)
{
    struct topo_node node;
    if (!topo_find_node(model, to, &node) && !topo_find_address(model, address, &node))
        return NULL;
    return node.host ? node.host->name : node.gateway->node;
}

static void take_ping(struct scn_running *running, struct diag_probe *probe)
{
    const struct scn_ping *ping = &running->step->u.ping;
    const struct sim_ping_statistics *s = topo_ping_statistics(running->ping);
    probe->from = ping->from;
    probe->to_node = node_of(&running->play->scenario->model, ping->to, &ping->to_address);
    probe->to = net_addr_ip4(&ping->to_address);
    probe->unreachable = s->no_connect;
    probe->sent = s->transmitted;
    probe->received = s->received;
    probe->first_packet = s->first_packet;
    probe->last_packet = s->last_packet;
}

static void take_flow(struct scn_running *running, struct diag_probe *probe)
{
    const struct scn_traffic *flow = &running->step->u.traffic;
    const struct sim_traffic_statistics *s = sim_traffic_statistics(running->traffic);
    probe->from = flow->from;
    probe->to_node = flow->to_node;
    probe->to = net_addr_ip4(&flow->to_address);
    probe->flow = true;
    probe->sent = s->sent;
    probe->received = s->delivered;
    probe->first_packet = s->first_packet;
    probe->last_packet = s->last_packet;
}

void scn_diagnosis_end_step(struct scn_running *running)
{
    struct scn_play *play = running->play;
    struct diag_probe *probe = &running->probe;
    if (!play->history || (!running->ping && !running->traffic))
        return;
    probe->text = running->step->text;
    probe->where = running->step->where;
    probe->start = running->row->start_ns;
    probe->end = topo_world_now(play->world);
    if (running->ping)
        take_ping(running, probe);
    else
        take_flow(running, probe);
    running->probed = true;
    diag_probe_check(probe, play->model, play->world);
    if (diag_probe_failed(probe))
        diag_probe_look(probe, play->model, play->world);
}

/* ---- Faults ---- */

static bool heals(const struct scn_step *step, const struct scn_fault *fault)
{
    if (step->verb != SCN_VERB_HEAL)
        return false;
    const struct scn_heal *heal = &step->u.heal;
    return heal->all || (strcmp(heal->on, fault->on) == 0 &&
                         (!heal->from || (fault->from && strcmp(heal->from, fault->from) == 0)));
}

/* When the fault of step number `index` ended: by its own time, or the first step that healed it. */
static base_ns end_of(const struct scn_play *play, size_t index)
{
    const struct scn_fault *fault = &play->scenario->steps[index].u.fault;
    base_ns start = play->result->steps[index].start_ns;
    base_ns end = fault->for_ns ? base_ns_add(start, fault->for_ns) : BASE_NEVER;
    for (size_t i = index + 1; i < play->scenario->step_count; i++) {
        const struct scn_step_result *row = &play->result->steps[i];
        if (row->started && heals(row->step, fault))
            return base_ns_min(end, row->start_ns);
    }
    return end;
}

uint32_t scn_fault_number(const struct scn_play *play, const struct scn_step *step)
{
    return (uint32_t)(step - play->scenario->steps) + 1;
}

static uint32_t exact_kind(enum scn_fault_action action)
{
    switch (action) {
    case SCN_FAULT_DROP:
        return DIAG_FAULT_DROP;
    case SCN_FAULT_DUPLICATE:
        return 0;
    case SCN_FAULT_DELAY:
        return DIAG_FAULT_LATE;
    case SCN_FAULT_CORRUPT:
        return DIAG_FAULT_FLIP;
    case SCN_FAULT_HOLD:
        return DIAG_FAULT_HOLD;
    }
    return 0;
}

static uint32_t link_kinds(const struct scn_fault *fault)
{
    static const struct {
        uint32_t key, kind;
    } ROWS[] = {
        {TOPO_LOSS, DIAG_FAULT_LOSS},         {TOPO_BURST_LOSS, DIAG_FAULT_BURST_LOSS},
        {TOPO_CORRUPT, DIAG_FAULT_CORRUPT},   {TOPO_RATE, DIAG_FAULT_RATE},
        {TOPO_QUEUE, DIAG_FAULT_QUEUE},       {TOPO_MTU, DIAG_FAULT_MTU},
        {TOPO_MTU_SILENT, DIAG_FAULT_SILENT}, {TOPO_DOWN, DIAG_FAULT_DOWN},
        {TOPO_DELAY, DIAG_FAULT_DELAY},       {TOPO_JITTER, DIAG_FAULT_DELAY},
        {TOPO_REORDER, DIAG_FAULT_REORDER},
    };
    uint32_t kinds = 0;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        kinds |= fault->impairment.set & ROWS[i].key ? ROWS[i].kind : 0;
    return fault->has_exact ? kinds | exact_kind(fault->exact.action) : kinds;
}

static uint32_t gateway_kinds(const struct scn_gateway_fault *fault)
{
    return (fault->crash == SCN_CRASH_POWER || fault->failover ? DIAG_FAULT_POWER : 0) |
           (fault->reject_spi ? DIAG_FAULT_REJECT_SPI : 0) |
           (fault->clock_jump_ns ? DIAG_FAULT_CLOCK : 0) | (fault->rebind ? DIAG_FAULT_REBIND : 0);
}

static struct diag_fault *faults_of(const struct scn_play *play, size_t *count)
{
    struct diag_fault *faults = base_alloc_array(play->scenario->step_count + 1, sizeof(*faults));
    *count = 0;
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        const struct scn_step *step = &play->scenario->steps[i];
        const struct scn_fault *fault = &step->u.fault;
        if (step->verb != SCN_VERB_FAULT || !play->result->steps[i].started)
            continue;
        faults[(*count)++] = (struct diag_fault){
            .link = fault->on,
            .from = fault->from,
            .kinds = fault->has_gateway ? gateway_kinds(&fault->gateway) : link_kinds(fault),
            .number = scn_fault_number(play, step),
            .match = fault->has_exact && fault->exact.first <= 1 && fault->exact.last == UINT64_MAX
                         ? fault->exact.filter.text
                         : NULL,
            .start = play->result->steps[i].start_ns,
            .end = end_of(play, i),
            .rate_bps = fault->impairment.set & TOPO_RATE ? fault->impairment.rate_bps : 0,
            .mtu_bytes = fault->impairment.set & TOPO_MTU ? fault->impairment.mtu_bytes : 0,
            .clock_jump_ns = fault->has_gateway ? fault->gateway.clock_jump_ns : 0,
            .where = step->where,
        };
    }
    return faults;
}

/* ---- Changes ---- */

static struct diag_standing *standings_of(const struct scn_play *play, size_t *count)
{
    struct diag_standing *all = base_alloc_array(play->scenario->step_count + 1, sizeof(*all));
    *count = 0;
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        const struct scn_step *step = &play->scenario->steps[i];
        const struct scn_step_result *row = &play->result->steps[i];
        if (step->verb == SCN_VERB_CHANGE && row->ended)
            all[(*count)++] = (struct diag_standing){row->start_ns, step->u.change, i, step->where};
    }
    return all;
}

/* ---- Power, daemons ---- */

void scn_diagnosis_note(struct scn_running *running, enum diag_happened what, const char *node)
{
    struct scn_play *play = running->play;
    if (play->history)
        diag_history_note(play->history, what, node, topo_world_now(play->world),
                          running->step->where);
}

void scn_diagnosis_power(struct scn_running *running, const char *node, bool on)
{
    scn_diagnosis_note(running, on ? DIAG_POWER_ON : DIAG_POWER_OFF, node);
    if (!on)
        scn_diagnosis_note(running, DIAG_SAS_LOST, node);
}

/* ---- The whole ---- */

void scn_diagnose(struct scn_play *play)
{
    struct scn_result *result = play->result;
    size_t fault_count, standing_count;
    if (!play->history)
        return;
    if (result->diagnosed)
        diag_report_fini(&result->diagnosis);
    free(result->probes);
    result->probes = base_alloc_array(play->scenario->step_count + 1, sizeof(*result->probes));
    result->probe_count = 0;
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        if (play->running[i].probed)
            result->probes[result->probe_count++] = play->running[i].probe;
    }
    struct diag_fault *faults = faults_of(play, &fault_count);
    struct diag_standing *standings = standings_of(play, &standing_count);
    struct diag_input input = {
        .model = &play->scenario->model,
        .standings = standings,
        .standing_count = standing_count,
        .world = play->world,
        .history = play->history,
        .probes = result->probes,
        .probe_count = result->probe_count,
        .faults = faults,
        .fault_count = fault_count,
        .wish = play->options->explain,
        .wish_probe = play->options->explain_ping,
    };
    diag_run(&input, &result->diagnosis);
    result->diagnosed = true;
    free(faults);
    free(standings);
}
