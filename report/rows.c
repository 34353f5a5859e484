/* Counts on from step to step: rows are few, and nothing is kept twice. */
#include "report/rows.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static size_t step_rows(const struct scn_step_result *step)
{
    return step->step->check_count + (step->problem ? 1 : 0);
}

size_t report_row_count(const struct scn_result *result)
{
    size_t count = result->expectation_count;
    for (size_t i = 0; i < result->step_count; i++)
        count += step_rows(&result->steps[i]);
    return count;
}

struct report_row report_row_of_expect(const struct scn_expect_result *expect)
{
    return (struct report_row){.verdict = expect->verdict,
                               .what = expect->text,
                               .found = expect->found,
                               .group = expect->step     ? "step"
                                        : expect->expect ? "expect"
                                                         : "always",
                               .where = expect->where,
                               .proves_nothing = expect->proves_nothing};
}

static struct report_row step_row(const struct scn_step_result *step, size_t n)
{
    if (n == step->step->check_count)
        return (struct report_row){.verdict = SCN_FAIL,
                                   .step_text = step->step->text,
                                   .what = "the step itself",
                                   .found = step->problem,
                                   .group = "step",
                                   .where = step->step->where};
    const struct scn_check_result *check = &step->checks[n];
    return (struct report_row){.verdict = step->ended ? check->verdict : SCN_INCONCLUSIVE,
                               .step_text = step->step->text,
                               .what = scn_measure_name(check->check->measure),
                               .expected = check->check->text,
                               .found = step->ended ? check->found : "the step did not end",
                               .group = "step",
                               .where = check->check->where,
                               .proves_nothing = check->proves_nothing};
}

struct report_row report_row_at(const struct scn_result *result, size_t n)
{
    for (size_t i = 0; i < result->step_count; i++) {
        size_t rows = step_rows(&result->steps[i]);
        if (n < rows)
            return step_row(&result->steps[i], n);
        n -= rows;
    }
    assert(n < result->expectation_count);
    return report_row_of_expect(&result->expectations[n]);
}

const char *report_row_place(const struct report_row *row, char out[REPORT_PLACE_MAX])
{
    if (!row->where.line)
        return "";
    snprintf(out, REPORT_PLACE_MAX, "%s:%d", row->where.file ? row->where.file : "",
             row->where.line);
    return out;
}
