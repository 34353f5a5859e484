/* What stands in `expect` beside a step: counts, times, and the state that an exchange ended in. */
#include "scenarios/judge.h"

#include <inttypes.h>

#include "base/mem.h"

/* A measure as a number, or as the two ends of a range of times. */
struct measured {
    bool nothing; /* there was nothing to measure */
    bool is_time;
    int64_t low, high; /* equal for a count */
    int64_t most;      /* what a count could have been at the most */
};

static struct measured count(uint64_t value, uint64_t most)
{
    return (struct measured){.low = (int64_t)value,
                             .high = (int64_t)value,
                             .most = most > INT64_MAX ? INT64_MAX : (int64_t)most};
}

static struct measured times(base_ns low, base_ns high, bool any)
{
    return (struct measured){
        .nothing = !any, .is_time = true, .low = low, .high = high, .most = INT64_MAX};
}

static struct measured measure_ping(const struct scn_step_result *row, enum scn_measure measure)
{
    const struct scn_ping_result *ping = &row->ping;
    uint64_t asked = row->step->u.ping.count;
    struct measured result;
    if (measure == SCN_MEASURE_SENT)
        result = count(ping->sent, asked);
    else if (measure == SCN_MEASURE_RECEIVED)
        result = count(ping->received, asked);
    else if (measure == SCN_MEASURE_DUPLICATES)
        result = count(ping->duplicates, UINT64_MAX);
    else if (measure == SCN_MEASURE_ERRORS)
        result = count(ping->errors, UINT64_MAX);
    else
        return times(ping->rtt_min_ns, ping->rtt_max_ns, ping->received > 0);
    result.nothing = ping->sent == 0 && !ping->unreachable;
    return result;
}

static struct measured measure_traffic(const struct scn_step_result *row, enum scn_measure measure)
{
    const struct scn_traffic_result *flow = &row->traffic;
    struct measured result;
    if (measure == SCN_MEASURE_SENT)
        result = count(flow->sent, UINT64_MAX);
    else if (measure == SCN_MEASURE_DELIVERED)
        result = count(flow->delivered, flow->sent);
    else if (measure == SCN_MEASURE_LOST)
        result = count(flow->lost, flow->sent);
    else if (measure == SCN_MEASURE_REORDERED)
        result = count(flow->reordered, flow->sent);
    else if (measure == SCN_MEASURE_DUPLICATES)
        result = count(flow->duplicates, UINT64_MAX);
    else
        return times(flow->latency_min_ns, flow->latency_max_ns, flow->delivered > 0);
    result.nothing = flow->sent == 0;
    return result;
}

static char *words_of(const struct measured *measured)
{
    char low[BASE_TEXT_MAX];
    char high[BASE_TEXT_MAX];
    if (measured->nothing)
        return base_strdup("nothing to judge");
    if (!measured->is_time)
        return base_printf("%" PRId64, measured->low);
    base_format_milliseconds(measured->low, low);
    base_format_milliseconds(measured->high, high);
    return measured->low == measured->high ? base_strdup(low) : base_printf("%s to %s", low, high);
}

static void judge_measure(struct scn_check_result *check, const struct measured *measured)
{
    const struct base_comparison *expected = &check->check->value;
    check->found = words_of(measured);
    check->proves_nothing = scn_judge_always_holds(expected, measured->most);
    if (measured->nothing)
        check->verdict = SCN_INCONCLUSIVE;
    else
        check->verdict = scn_verdict_worse(scn_judge_number(expected, measured->low),
                                           scn_judge_number(expected, measured->high));
}

static void judge_state(struct scn_check_result *check, enum scn_tunnel_state state)
{
    check->found = base_strdup(scn_tunnel_state_name(state));
    check->verdict = state == check->check->state ? SCN_PASS : SCN_FAIL;
}

static void judge_check(const struct scn_step_result *row, struct scn_check_result *check)
{
    if (check->check->measure == SCN_MEASURE_STATE) {
        judge_state(check, row->sa_state);
        return;
    }
    struct measured measured;
    if (row->step->verb == SCN_VERB_INJECT)
        measured = count(row->injected, row->step->u.inject->count);
    else
        measured = row->step->verb == SCN_VERB_PING ? measure_ping(row, check->check->measure)
                                                    : measure_traffic(row, check->check->measure);
    judge_measure(check, &measured);
}

void scn_judge_step(struct scn_step_result *row, bool prove)
{
    row->verdict = row->problem ? SCN_FAIL : SCN_PASS;
    for (size_t i = 0; i < row->step->check_count; i++) {
        struct scn_check_result *check = &row->checks[i];
        judge_check(row, check);
        check->proves_nothing = check->proves_nothing && prove;
        if (check->proves_nothing && check->verdict == SCN_PASS)
            check->verdict = SCN_FAIL;
        row->verdict = scn_verdict_worse(row->verdict, check->verdict);
    }
}
