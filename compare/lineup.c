/* See lineup.h. */
#include "compare/lineup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/ike/wire.h"

/* Both sides, and where their rows go. */
struct pair {
    struct cmp_lineup *out;
    const struct cmp_traits *traits;
    const struct cmp_facts *simulated, *real;
};

const char *cmp_verdict_name(enum cmp_verdict verdict)
{
    static const char *const NAMES[] = {"same", "near", "known", "differs"};
    return NAMES[verdict];
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct cmp_question ask(const struct pair *pair, enum cmp_topic topic)
{
    return (struct cmp_question){
        .topic = topic, .traits = pair->traits, .simulated = pair->simulated, .real = pair->real};
}

/* `row` without its verdict where that is CMP_DIFFERS: what is known decides. */
static void add_row(const struct pair *pair, struct cmp_row row,
                    const struct cmp_question *question)
{
    struct cmp_lineup *out = pair->out;
    row.topic = question->topic;
    if (row.verdict == CMP_DIFFERS && (row.known = cmp_known_find(question)))
        row.verdict = CMP_KNOWN;
    out->rows = base_grow(out->rows, out->count, &out->capacity, sizeof(*out->rows));
    out->rows[out->count++] = row;
    out->verdicts[row.verdict]++;
}

static char *number(const struct pair *pair, uint64_t value)
{
    return base_arena_printf(&pair->out->arena, "%" PRIu64, value);
}

/* ---- Tunnels ---- */

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void add_words(const struct pair *pair, const struct cmp_question *question, char *what,
                      int line, const char *simulated, const char *real)
{
    bool same = !strcmp(or_dash(simulated), or_dash(real));
    struct cmp_row row = {.line = line,
                          .what = what,
                          .simulated = or_dash(simulated),
                          .real = or_dash(real),
                          .verdict = same ? CMP_SAME : CMP_DIFFERS};
    add_row(pair, row, question);
}

static void add_tunnel_words(const struct pair *pair, struct cmp_question *question,
                             const char *word, const char *simulated, const char *real)
{
    const struct cmp_tunnel *tunnel = question->tunnel;
    question->aspect = word;
    char *what =
        base_arena_printf(&pair->out->arena, "%s %s %s", tunnel->gateway, tunnel->name, word);
    add_words(pair, question, what, 0, simulated, real);
}

static const char *esp_text(const struct pair *pair, const struct cmp_tunnel *tunnel)
{
    return tunnel->esp ? base_arena_printf(&pair->out->arena, "%s%s", tunnel->esp,
                                           tunnel->encapsulated ? " in UDP" : "")
                       : NULL;
}

/* What neither has needs no row. */
static void add_tunnel_count(const struct pair *pair, struct cmp_question *question,
                             const char *word, uint64_t simulated, uint64_t real)
{
    question->simulated_count = simulated;
    question->real_count = real;
    if (simulated || real)
        add_tunnel_words(pair, question, word, number(pair, simulated), number(pair, real));
}

static void add_tunnel(const struct pair *pair, const struct cmp_tunnel *ours,
                       const struct cmp_tunnel *theirs)
{
    struct cmp_question question = ask(pair, CMP_TOPIC_TUNNEL);
    question.tunnel = ours;
    question.real_tunnel = theirs;
    add_tunnel_words(pair, &question, "state", ours->state, theirs->state);
    if (ours->ike || theirs->ike)
        add_tunnel_words(pair, &question, "IKE", ours->ike, theirs->ike);
    if (ours->esp || theirs->esp) {
        add_tunnel_words(pair, &question, "ESP", esp_text(pair, ours), esp_text(pair, theirs));
        add_tunnel_words(pair, &question, "selectors", ours->selectors, theirs->selectors);
    }
    add_tunnel_count(pair, &question, "child SAs", ours->children, theirs->children);
    add_tunnel_count(pair, &question, "IKE rekeys", ours->ike_rekeys, theirs->ike_rekeys);
    add_tunnel_count(pair, &question, "child rekeys", ours->child_rekeys, theirs->child_rekeys);
}

/* ---- Pings ---- */

/* Requests that may be on the one side of a moment here and on the other there. */
static uint64_t allowance(const struct cmp_ping *a, const struct cmp_ping *b)
{
    if (!a->moved && !b->moved)
        return 0;
    base_ns interval = a->interval_ns > BASE_MS ? a->interval_ns : BASE_MS;
    uint64_t drift = (a->sent > b->sent ? a->sent : b->sent) * CMP_DRIFT_PERCENT / 100;
    return (uint64_t)((CMP_MOMENT_S * BASE_S + interval - 1) / interval) + drift;
}

static char *ping_text(const struct pair *pair, const struct cmp_ping *ping)
{
    struct base_arena *arena = &pair->out->arena;
    if (ping->unreachable)
        return base_arena_strdup(arena, "not sent");
    char *text = base_arena_printf(arena, "%" PRIu64 " of %" PRIu64, ping->received, ping->sent);
    if (ping->duplicates)
        text = base_arena_printf(arena, "%s, +%" PRIu64 " duplicates", text, ping->duplicates);
    return text;
}

static enum cmp_verdict count_verdict(uint64_t ours, uint64_t theirs, uint64_t allowed)
{
    return ours == theirs ? CMP_SAME : apart(ours, theirs) <= allowed ? CMP_NEAR : CMP_DIFFERS;
}

static bool same_error(const struct cmp_error *a, const struct cmp_error *b)
{
    return !strcmp(a->what, b->what) && !strcmp(a->from ? a->from : "", b->from ? b->from : "");
}

static uint64_t errors_like(const struct cmp_ping *ping, const struct cmp_error *error)
{
    uint64_t count = 0;
    for (size_t i = 0; i < ping->error_count; i++)
        if (same_error(&ping->errors[i], error))
            count += ping->errors[i].count;
    return count;
}

/*
 * What is left of its bucket when the next request comes is a matter of ping's clock: net unreachable costs two tokens, of which
 * one comes each second.
 */
static bool is_of_a_bucket(const struct cmp_error *error, uint64_t ours, uint64_t theirs)
{
    return !strcmp(error->what, "Destination Net Unreachable") && ours && theirs;
}

static void add_error(const struct pair *pair, const struct cmp_ping *ours,
                      const struct cmp_ping *theirs, const struct cmp_error *error)
{
    struct cmp_question question = ask(pair, CMP_TOPIC_ERROR);
    question.ping = ours;
    question.real_ping = theirs;
    question.error = error;
    question.simulated_count = errors_like(ours, error);
    question.real_count = errors_like(theirs, error);
    uint64_t allowed = allowance(ours, theirs) +
                       is_of_a_bucket(error, question.simulated_count, question.real_count);
    struct cmp_row row = {
        .line = ours->line,
        .what = base_arena_printf(&pair->out->arena, "  %s%s%s", error->from ? "From " : "",
                                  error->from ? error->from : "ping:",
                                  base_arena_printf(&pair->out->arena, " %s", error->what)),
        .simulated = number(pair, question.simulated_count),
        .real = number(pair, question.real_count),
        .verdict = count_verdict(question.simulated_count, question.real_count, allowed),
    };
    add_row(pair, row, &question);
}

static void add_ping(const struct pair *pair, const struct cmp_ping *ours,
                     const struct cmp_ping *theirs)
{
    struct cmp_question question = ask(pair, CMP_TOPIC_PING);
    uint64_t allowed = allowance(ours, theirs);
    question.ping = ours;
    question.real_ping = theirs;
    question.simulated_count = ours->received;
    question.real_count = theirs->received;
    enum cmp_verdict verdict = count_verdict(ours->received, theirs->received, allowed);
    enum cmp_verdict others[] = {
        count_verdict(ours->sent, theirs->sent, allowed),
        count_verdict(ours->duplicates, theirs->duplicates, allowed),
        count_verdict(ours->unreachable, theirs->unreachable, 0),
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        verdict = others[i] > verdict ? others[i] : verdict;
    struct cmp_row row = {
        .line = ours->line,
        .what = ours->text,
        .simulated = ping_text(pair, ours),
        .real = ping_text(pair, theirs),
        .verdict = verdict,
    };
    add_row(pair, row, &question);
    for (size_t i = 0; i < ours->error_count; i++)
        add_error(pair, ours, theirs, &ours->errors[i]);
    for (size_t i = 0; i < theirs->error_count; i++)
        if (!errors_like(ours, &theirs->errors[i]))
            add_error(pair, ours, theirs, &theirs->errors[i]);
}

/* ---- Flows ---- */

/* What is between two sockets of one process has no clock of its own: a datagram at either end of the flow may differ. */
static uint64_t flow_allowance(const struct cmp_flow *a, const struct cmp_flow *b)
{
    uint64_t larger = a->sent > b->sent ? a->sent : b->sent;
    uint64_t allowed = larger * CMP_DRIFT_PERCENT / 100 + 1;
    if (!a->moved && !b->moved)
        return allowed;
    base_ns interval = a->interval_ns > BASE_MS ? a->interval_ns : BASE_MS;
    return allowed + (uint64_t)(CMP_MOMENT_S * BASE_S / interval);
}

static char *flow_text(const struct pair *pair, const struct cmp_flow *flow)
{
    struct base_arena *arena = &pair->out->arena;
    char *text = base_arena_printf(arena, "%" PRIu64 " of %" PRIu64, flow->delivered, flow->sent);
    if (flow->duplicates)
        text = base_arena_printf(arena, "%s, +%" PRIu64 " duplicates", text, flow->duplicates);
    return text;
}

static void add_flow(const struct pair *pair, const struct cmp_flow *ours,
                     const struct cmp_flow *theirs)
{
    struct cmp_question question = ask(pair, CMP_TOPIC_FLOW);
    uint64_t allowed = flow_allowance(ours, theirs);
    enum cmp_verdict verdicts[] = {
        count_verdict(ours->sent, theirs->sent, allowed),
        count_verdict(ours->delivered, theirs->delivered, allowed),
        count_verdict(ours->duplicates, theirs->duplicates, allowed),
    };
    struct cmp_row row = {
        .line = ours->line,
        .what = ours->text,
        .simulated = flow_text(pair, ours),
        .real = flow_text(pair, theirs),
    };
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        row.verdict = verdicts[i] > row.verdict ? verdicts[i] : row.verdict;
    question.simulated_count = ours->delivered;
    question.real_count = theirs->delivered;
    add_row(pair, row, &question);
}

/* ---- Notifies ---- */

static uint64_t count_of(const struct cmp_facts *facts, const struct cmp_notify *like)
{
    for (size_t i = 0; i < facts->notify_count; i++) {
        const struct cmp_notify *notify = &facts->notifies[i];
        if (notify->type == like->type && notify->sent == like->sent &&
            !strcmp(notify->gateway, like->gateway))
            return notify->count;
    }
    return 0;
}

/* How often is a matter of timers; whether at all is what counts. */
static void add_notify(const struct pair *pair, const struct cmp_notify *notify)
{
    struct base_arena *arena = &pair->out->arena;
    struct cmp_question question = ask(pair, CMP_TOPIC_NOTIFY);
    const char *name = ike_notify_name(notify->type);
    question.notify = notify;
    question.simulated_count = count_of(pair->simulated, notify);
    question.real_count = count_of(pair->real, notify);
    bool same = question.simulated_count == question.real_count;
    bool both = question.simulated_count && question.real_count;
    struct cmp_row row = {
        .what = base_arena_printf(arena, "%s %s %s", notify->gateway,
                                  notify->sent ? "sends" : "receives",
                                  name ? name : base_arena_printf(arena, "%u", notify->type)),
        .simulated = number(pair, question.simulated_count),
        .real = number(pair, question.real_count),
        .verdict = same   ? CMP_SAME
                   : both ? CMP_NEAR
                          : CMP_DIFFERS,
    };
    add_row(pair, row, &question);
}

static int compare_notifies(const void *a, const void *b)
{
    const struct cmp_notify *x = *(const struct cmp_notify *const *)a;
    const struct cmp_notify *y = *(const struct cmp_notify *const *)b;
    int order = strcmp(x->gateway, y->gateway);
    return order ? order : x->sent != y->sent ? y->sent - x->sent : (int)x->type - (int)y->type;
}

static void add_notifies(const struct pair *pair)
{
    size_t count = 0;
    const struct cmp_notify **all =
        base_alloc_array(pair->simulated->notify_count + pair->real->notify_count + 1,
                         sizeof(const struct cmp_notify *));
    for (size_t i = 0; i < pair->simulated->notify_count; i++)
        all[count++] = &pair->simulated->notifies[i];
    for (size_t i = 0; i < pair->real->notify_count; i++)
        if (!count_of(pair->simulated, &pair->real->notifies[i]))
            all[count++] = &pair->real->notifies[i];
    qsort(all, count, sizeof(const struct cmp_notify *), compare_notifies);
    for (size_t i = 0; i < count; i++)
        add_notify(pair, all[i]);
    free(all);
}

/* ---- Packets ---- */

static bool is_of_a_timer(enum cmp_kind kind)
{
    return kind == CMP_KIND_IKE || kind == CMP_KIND_IKE_NATT || kind == CMP_KIND_KEEPALIVE;
}

static uint64_t packet_allowance(const struct pair *pair, enum cmp_kind kind, uint64_t count)
{
    uint64_t allowed = 0;
    if (is_of_a_timer(kind))
        return count / 4 > 2 ? count / 4 : 2;
    for (size_t i = 0; i < pair->simulated->ping_count; i++)
        allowed += 2 * allowance(&pair->simulated->pings[i], &pair->real->pings[i]);
    for (size_t i = 0; i < smaller(pair->simulated->flow_count, pair->real->flow_count); i++)
        allowed += flow_allowance(&pair->simulated->flows[i], &pair->real->flows[i]);
    return allowed;
}

static char *packets_text(const struct pair *pair, const struct cmp_packets *packets)
{
    return packets->copies
               ? base_arena_printf(&pair->out->arena, "%" PRIu64 ", %" PRIu64 " of them again",
                                   packets->distinct, packets->copies)
               : number(pair, packets->distinct);
}

static void add_packets(const struct pair *pair, enum cmp_kind kind)
{
    const struct cmp_packets *ours = &pair->simulated->packets[kind];
    const struct cmp_packets *theirs = &pair->real->packets[kind];
    struct cmp_question question = ask(pair, CMP_TOPIC_PACKETS);
    uint64_t larger = ours->distinct > theirs->distinct ? ours->distinct : theirs->distinct;
    if (!larger)
        return;
    question.kind = kind;
    question.simulated_count = ours->distinct;
    question.real_count = theirs->distinct;
    struct cmp_row row = {
        .what = cmp_kind_name(kind),
        .simulated = packets_text(pair, ours),
        .real = packets_text(pair, theirs),
        .verdict =
            count_verdict(ours->distinct, theirs->distinct, packet_allowance(pair, kind, larger)),
    };
    add_row(pair, row, &question);
}

/* ---- The whole ---- */

void cmp_lineup_init(struct cmp_lineup *lineup, const struct cmp_traits *traits,
                     const struct cmp_facts *simulated, const struct cmp_facts *real)
{
    const struct pair pair = {lineup, traits, simulated, real};
    *lineup = (struct cmp_lineup){0};
    base_arena_init(&lineup->arena);
    for (size_t i = 0; i < smaller(simulated->tunnel_count, real->tunnel_count); i++)
        add_tunnel(&pair, &simulated->tunnels[i], &real->tunnels[i]);
    for (size_t i = 0; i < smaller(simulated->ping_count, real->ping_count); i++)
        add_ping(&pair, &simulated->pings[i], &real->pings[i]);
    for (size_t i = 0; i < smaller(simulated->flow_count, real->flow_count); i++)
        add_flow(&pair, &simulated->flows[i], &real->flows[i]);
    for (size_t i = 0; i < smaller(simulated->outcome_count, real->outcome_count); i++) {
        const struct cmp_outcome *ours = &simulated->outcomes[i], *theirs = &real->outcomes[i];
        struct cmp_question question = ask(&pair, CMP_TOPIC_STEP);
        question.outcome = ours;
        question.real_outcome = theirs;
        add_words(&pair, &question, base_arena_strdup(&lineup->arena, ours->text), ours->line,
                  ours->state, theirs->state);
    }
    add_notifies(&pair);
    for (int kind = 0; kind < CMP_KIND_COUNT; kind++)
        add_packets(&pair, (enum cmp_kind)kind);
}

void cmp_lineup_fini(struct cmp_lineup *lineup)
{
    free(lineup->rows);
    base_arena_fini(&lineup->arena);
    *lineup = (struct cmp_lineup){0};
}

enum cmp_verdict cmp_lineup_verdict(const struct cmp_lineup *lineup)
{
    enum cmp_verdict worst = CMP_SAME;
    for (int i = CMP_SAME; i <= CMP_DIFFERS; i++)
        if (lineup->verdicts[i])
            worst = (enum cmp_verdict)i;
    return worst;
}
