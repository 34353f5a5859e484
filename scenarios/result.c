/* Keeps a result's rows and draws the conclusion. */
#include "scenarios/result.h"

#include <stdlib.h>

#include "base/mem.h"

const char *scn_verdict_name(enum scn_verdict verdict)
{
    static const char *const NAMES[] = {"pass", "fail", "inconclusive", "error"};
    return NAMES[verdict];
}

enum scn_verdict scn_verdict_worse(enum scn_verdict a, enum scn_verdict b)
{
    static const int GRAVITY[] = {
        [SCN_PASS] = 0, [SCN_INCONCLUSIVE] = 1, [SCN_FAIL] = 2, [SCN_ERROR] = 3};
    return GRAVITY[a] >= GRAVITY[b] ? a : b;
}

void scn_result_init(struct scn_result *result, const struct scn_scenario *scenario)
{
    *result = (struct scn_result){.scenario = scenario, .step_count = scenario->step_count};
    result->steps = base_alloc_array(scenario->step_count, sizeof(*result->steps));
    for (size_t i = 0; i < scenario->step_count; i++) {
        struct scn_step_result *row = &result->steps[i];
        row->step = &scenario->steps[i];
        row->checks = base_alloc_array(row->step->check_count, sizeof(*row->checks));
        for (size_t j = 0; j < row->step->check_count; j++)
            row->checks[j].check = &row->step->checks[j];
    }
}

static void free_step(struct scn_step_result *row)
{
    for (size_t i = 0; i < row->step->check_count; i++)
        free(row->checks[i].found);
    free(row->checks);
    free(row->problem);
}

void scn_result_fini(struct scn_result *result)
{
    if (result->diagnosed)
        diag_report_fini(&result->diagnosis);
    free(result->probes);
    for (size_t i = 0; i < result->step_count; i++)
        free_step(&result->steps[i]);
    for (size_t i = 0; i < result->expectation_count; i++)
        free(result->expectations[i].found);
    for (size_t i = 0; i < result->tunnel_count; i++) {
        free(result->tunnels[i].local_selectors);
        free(result->tunnels[i].remote_selectors);
    }
    for (size_t i = 0; i < result->capture_count; i++) {
        free(result->captures[i].point);
        free(result->captures[i].file);
    }
    free(result->steps);
    free(result->expectations);
    free(result->tunnels);
    free(result->captures);
    free(result->error);
    free(result->folder);
    *result = (struct scn_result){0};
}

struct scn_expect_result *scn_result_add_expect(struct scn_result *result)
{
    result->expectations = base_grow(result->expectations, result->expectation_count,
                                     &result->expectation_capacity, sizeof(*result->expectations));
    return &result->expectations[result->expectation_count++];
}

enum scn_verdict scn_result_conclude(struct scn_result *result, bool allow_inconclusive)
{
    enum scn_verdict worst = result->error ? SCN_ERROR : SCN_PASS;
    for (size_t i = 0; i < result->step_count; i++)
        worst = scn_verdict_worse(worst, result->steps[i].verdict);
    for (size_t i = 0; i < result->expectation_count; i++)
        worst = scn_verdict_worse(worst, result->expectations[i].verdict);
    if (worst == SCN_INCONCLUSIVE && allow_inconclusive)
        worst = SCN_PASS;
    result->verdict = worst;
    return worst;
}
