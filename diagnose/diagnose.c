/* The whole: which requests failed, the rules over each, the causes in order, the accounts. */
#include "diagnose/diagnose.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/case.h"
#include "diagnose/index.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "sim/node.h"

enum {
    TRIPS_MAX = 400,   /* requests of one probe that are told of: the first ones that failed */
    ACCOUNTS_MAX = 12, /* different ways of one probe that are told */
};

/* ---- Looking ---- */

static void look(struct topo_world *world, const char *name, net_ip4 to, struct diag_look *out)
{
    const struct topo_world_node *node = topo_world_node(world, name);
    out->known = node && node->running;
    if (out->known)
        out->found = topo_world_route_get(world, name, to, &out->route);
}

void diag_probe_look(struct diag_probe *probe, const struct topo_model *model,
                     struct topo_world *world)
{
    struct topo_node from = {0};
    look(world, probe->from, probe->to, &probe->there);
    if (!probe->to_node || !topo_find_node(model, probe->from, &from))
        return;
    net_ip4 back = from.host            ? net_addr_ip4(&from.host->address)
                   : probe->there.found ? probe->there.route.source
                                        : net_addr_ip4(topo_gateway_wan(from.gateway));
    look(world, probe->to_node, back, &probe->back);
}

bool diag_probe_failed(const struct diag_probe *probe)
{
    return probe->unreachable || probe->received < probe->sent || probe->misled;
}

/* Whether a node but that one has the address, in a LAN of its own. */
static bool has_twin(const struct topo_model *model, const char *name, net_ip4 address)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++) {
            if (net_addr_ip4(&vdc->hosts[j].address) == address &&
                strcmp(vdc->hosts[j].name, name) != 0)
                return true;
        }
        for (size_t j = 0; j < vdc->gateway.connection_count; j++) {
            if (net_addr_ip4(&vdc->gateway.connections[j].ipv4.addr) == address &&
                strcmp(vdc->gateway.node, name) != 0)
                return true;
        }
    }
    return false;
}

void diag_probe_check(struct diag_probe *probe, const struct topo_model *model,
                      struct topo_world *world)
{
    const struct sim_world *sim = topo_world_sim(world);
    const struct sim_node *meant = probe->to_node ? sim_world_find(sim, probe->to_node) : NULL;
    bool arrived = false, elsewhere = false;
    if (probe->flow || !probe->received || !meant || !sim->journal ||
        !has_twin(model, probe->to_node, probe->to))
        return;
    for (size_t i = sim_journal_count(sim->journal); i-- > 0;) {
        const struct sim_record *record = sim_journal_at(sim->journal, i);
        if (record->at < probe->start)
            break;
        if (record->kind != SIM_KIND_DELIVERED || record->a != NET_IPV4_ICMP ||
            record->b != NET_ICMP_ECHO)
            continue;
        arrived = arrived || record->node == meant->id;
        elsewhere = elsewhere || record->node != meant->id;
    }
    probe->misled = elsewhere && !arrived;
}

/* ---- One trip ---- */

/* The tunnels behind hubs on the way: what they carry, and whether they are up. */
static void hubs(struct diag_case *c, const struct diag_leg *leg)
{
    struct diag_leg now = *leg, next;
    for (size_t i = 0; i < c->in->model->vdc_count && diag_leg_next(c, &now, &next); i++) {
        diag_rules_selectors(c, &next);
        diag_rules_ike(c, &next);
        now = next;
    }
}

static void rules(struct diag_case *c, const struct diag_leg *leg)
{
    size_t before = c->said;
    if (diag_rule_nobody(c, leg) || diag_rule_elsewhere(c, leg) || diag_rule_private(c, leg))
        return;
    diag_rules_host(c, leg);
    diag_rules_policy(c, leg);
    diag_rules_selectors(c, leg);
    diag_rules_ike(c, leg);
    diag_rules_path(c, leg);
    diag_rules_sa(c, leg);
    hubs(c, leg);
    if (c->said == before)
        diag_check_ttl(c, leg);
    if (c->said == before && !leg->trip->end)
        diag_rule_delay(c, leg);
    if (c->said == before)
        diag_check_under_way(c, leg);
}

/* The way there is judged where the request did not arrive; the way back always. */
static void judge(struct diag_case *c, const struct diag_trip *trip)
{
    struct diag_leg there, back;
    diag_leg_init(c, &there, trip, false);
    diag_leg_init(c, &back, trip, true);
    if (trip->late) {
        diag_rule_delay(c, trip->probe->flow ? &there : &back);
        return;
    }
    if (!trip->arrived)
        rules(c, &there);
    if (trip->arrived) {
        diag_check_connected(
            c, &there); /* ARP answers on any LAN: the request may get out all the same */
        rules(c, &back);
    } else if (!trip->probe->flow && !trip->elsewhere)
        diag_rules_host(c, &back);
}

/* The next line that tells two ways apart: that a neighbour was asked for by ARP first does not. */
static const struct diag_line *next_line(const struct diag_account *account, size_t *at)
{
    while (*at < account->line_count) {
        const struct diag_line *line = &account->lines[(*at)++];
        if (strncmp(line->text, "waits for ARP", strlen("waits for ARP")) != 0)
            return line;
    }
    return NULL;
}

/* Numbers of SAs and times differ from one request to the next: a text's first word does not. */
static bool same_line(const struct diag_line *a, const struct diag_line *b)
{
    size_t word = strcspn(a->text, ": ");
    return a->bad == b->bad && !a->node == !b->node &&
           (!a->node || strcmp(a->node, b->node) == 0) && strncmp(a->text, b->text, word) == 0;
}

static bool same_way(const struct diag_account *a, const struct diag_account *b)
{
    size_t at = 0, bt = 0;
    if (a->good != b->good || strcmp(a->outcome, b->outcome) != 0)
        return false;
    for (;;) {
        const struct diag_line *here = next_line(a, &at), *there = next_line(b, &bt);
        if (!here || !there)
            return here == there;
        if (!same_line(here, there))
            return false;
    }
}

static void tell(struct diag_case *c, const struct diag_trip *trip, size_t first_of_probe)
{
    struct diag_report *out = c->out;
    struct diag_account account = {.probe = trip->probe_index, .number = trip->number};
    if (out->account_count - first_of_probe >= ACCOUNTS_MAX)
        return;
    diag_account_tell(c, trip, &account);
    for (size_t i = first_of_probe; i < out->account_count; i++) {
        if (same_way(&out->accounts[i], &account)) {
            out->accounts[i].alike++;
            free(account.lines);
            return;
        }
    }
    out->accounts = base_grow(out->accounts, out->account_count, &out->account_capacity,
                              sizeof(*out->accounts));
    out->accounts[out->account_count++] = account;
}

/* ---- One probe ---- */

static bool is_wanted(const struct diag_input *in, size_t probe, bool good)
{
    switch (in->wish) {
    case DIAG_WISH_NONE:
        return false;
    case DIAG_WISH_FAILED:
        return !good;
    case DIAG_WISH_ONE:
        return probe + 1 == in->wish_probe;
    case DIAG_WISH_ALL:
        return true;
    }
    return false;
}

/* From here on the model is what stood at that time. */
static void stand_at(struct diag_case *c, base_ns at)
{
    const struct diag_input *given = c->given;
    c->now.model = given->model;
    c->standing = NULL;
    for (size_t i = 0; i < given->standing_count && given->standings[i].from <= at; i++) {
        c->standing = &given->standings[i];
        c->now.model = c->standing->model;
    }
}

static void see(struct diag_case *c, struct diag_trip *trip, size_t first_account)
{
    stand_at(c, trip->sent_at);
    diag_trip_follow(c, trip);
    if (!trip->good)
        judge(c, trip);
    if (is_wanted(c->in, trip->probe_index, trip->good))
        tell(c, trip, first_account);
    diag_trip_fini(trip);
}

/* Whether the packet is a request of this probe: born where it was sent, by the same sender. */
static const struct sim_record *request(const struct diag_case *c, const struct diag_probe *probe,
                                        uint64_t packet)
{
    if (!sim_journal_index_count(c->index, packet))
        return NULL;
    const struct sim_record *born = sim_journal_index_at(c->index, packet, 0);
    const struct sim_record *first = sim_journal_index_at(c->index, probe->first_packet, 0);
    bool is = born->kind == SIM_KIND_BORN && born->a == first->a && born->node == first->node &&
              born->b >> 32 == first->b >> 32;
    return is ? born : NULL;
}

static void run_probe(struct diag_case *c, size_t number)
{
    const struct diag_probe *probe = &c->in->probes[number];
    size_t first_account = c->out->account_count, seen = 0;
    bool failed = diag_probe_failed(probe);
    c->out->unexplained[number] = failed;
    if (!failed && !is_wanted(c->in, number, true))
        return;
    if (!probe->first_packet) {
        struct diag_trip none = {.probe = probe, .probe_index = number, .sent_at = probe->start};
        if (failed)
            see(c, &none, first_account);
        return;
    }
    for (uint64_t id = probe->first_packet; id <= probe->last_packet && seen < TRIPS_MAX; id++) {
        const struct sim_record *born = request(c, probe, id);
        if (!born)
            continue;
        struct diag_trip trip = {.probe = probe,
                                 .probe_index = number,
                                 .packet = id,
                                 .number = probe->flow ? (born->b & UINT32_MAX) + 1
                                                       : born->b & UINT32_MAX,
                                 .sent_at = born->at};
        see(c, &trip, first_account);
        seen += !trip.good || !failed;
    }
}

static int compare(const void *left, const void *right)
{
    const struct diag_cause *a = left, *b = right;
    if (a->probe != b->probe)
        return a->probe < b->probe ? -1 : 1;
    if (a->stage != b->stage)
        return a->stage < b->stage ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static bool has_work(const struct diag_input *input)
{
    bool work = input->wish == DIAG_WISH_ALL || input->wish == DIAG_WISH_ONE;
    for (size_t i = 0; i < input->probe_count; i++)
        work = work || diag_probe_failed(&input->probes[i]);
    return work && topo_world_sim(input->world)->journal;
}

void diag_run(const struct diag_input *input, struct diag_report *report)
{
    *report = (struct diag_report){0};
    base_arena_init(&report->arena);
    report->unexplained = base_alloc_array(input->probe_count + 1, sizeof(bool));
    if (!has_work(input))
        return;
    struct diag_case c = {.given = input,
                          .now = *input,
                          .journal = topo_world_sim(input->world)->journal,
                          .out = report};
    c.in = &c.now;
    c.index = sim_journal_index_new(c.journal);
    c.whole = diag_index_new(&c);
    c.names = base_alloc_array(topo_world_sim(input->world)->nodes_count + 1, sizeof(*c.names));
    for (size_t i = 0; i < input->probe_count; i++)
        run_probe(&c, i);
    diag_index_free(c.whole);
    sim_journal_index_free(c.index);
    free(c.names);
    if (report->cause_count)
        qsort(report->causes, report->cause_count, sizeof(*report->causes), compare);
}

void diag_report_fini(struct diag_report *report)
{
    free(report->causes);
    for (size_t i = 0; i < report->account_count; i++)
        free(report->accounts[i].lines);
    free(report->accounts);
    free(report->unexplained);
    base_arena_fini(&report->arena);
    *report = (struct diag_report){0};
}
