/* JUnit XML as Jenkins and GitLab read it: a suite a scenario, a case a row. */
#include "report/junit.h"

#include <stdbool.h>

#include "base/arena.h"
#include "base/names.h"
#include "report/causes.h"
#include "report/rows.h"
#include "report/xml.h"

static bool is_skipped(const struct scn_result *result, const struct report_row *row)
{
    return row->verdict == SCN_INCONCLUSIVE && result->verdict == SCN_PASS;
}

/* Why packets did not get through, in the failure's text. */
static void junit_cause(FILE *out, const struct diag_cause *cause)
{
    if (!cause)
        return;
    fprintf(out, "\n%s: ", diag_code_row(cause->code)->code);
    report_xml_text(out, cause->text);
    fputs("\nremedy: ", out);
    report_xml_text(out, cause->remedy);
}

/* Names of cases, each with how many there were of it. */
struct names {
    struct base_arena arena;
    struct base_names counts; /* of size_t */
};

/* Servers know a case by its name: where the same is expected of the same step again, that is the second one. */
static void junit_name(FILE *out, const struct report_row *row, struct names *names)
{
    const char *step = row->step_text ? row->step_text : "", *colon = row->step_text ? ": " : "";
    const char *name = base_arena_printf(&names->arena, "%s%s%s", step, colon, row->what);
    size_t *count = base_names_get(&names->counts, name);
    if (!count) {
        count = base_arena_alloc(&names->arena, sizeof(*count));
        base_names_put(&names->counts, name, count);
    }
    report_xml_text(out, name);
    if (++*count > 1)
        fprintf(out, " (%zu)", *count);
}

static void junit_row(FILE *out, const struct scn_result *result, const struct report_row *row,
                      struct names *names)
{
    char where[REPORT_PLACE_MAX];
    fputs("    <testcase classname=\"", out);
    report_xml_text(out, result->scenario->name);
    fputs("\" name=\"", out);
    junit_name(out, row, names);
    if (row->verdict == SCN_PASS) {
        fputs("\"/>\n", out);
        return;
    }
    if (is_skipped(result, row)) {
        fputs("\">\n      <skipped message=\"", out);
        report_xml_text(out, row->found);
        fputs("\"/>\n    </testcase>\n", out);
        return;
    }
    fprintf(out, "\">\n      <failure type=\"%s\" message=\"", scn_verdict_name(row->verdict));
    if (row->expected) {
        fputs("expected ", out);
        report_xml_text(out, row->expected);
        fputs(", ", out);
    }
    fputs("found ", out);
    report_xml_text(out, row->found ? row->found : "nothing");
    fputs("\">", out);
    report_xml_text(out, report_row_place(row, where));
    junit_cause(out, report_cause_of(result, row->step_text));
    fputs("</failure>\n    </testcase>\n", out);
}

struct tally {
    size_t tests, failures, skipped;
};

static struct tally tally_of(const struct scn_result *result)
{
    struct tally tally = {.tests = report_row_count(result)};
    for (size_t i = 0; i < tally.tests; i++) {
        struct report_row row = report_row_at(result, i);
        if (is_skipped(result, &row))
            tally.skipped++;
        else
            tally.failures += row.verdict != SCN_PASS;
    }
    return tally;
}

/* A run that broke off has one case more. */
static void junit_error(FILE *out, const struct scn_result *result)
{
    fputs("    <testcase classname=\"", out);
    report_xml_text(out, result->scenario->name);
    fputs("\" name=\"run\">\n      <error message=\"", out);
    report_xml_text(out, result->error);
    fputs("\"/>\n    </testcase>\n", out);
}

static void junit_suite(FILE *out, const struct scn_result *result)
{
    struct tally tally = tally_of(result);
    struct names names = {0};
    size_t errors = result->error ? 1 : 0;
    fputs("  <testsuite name=\"", out);
    report_xml_text(out, result->scenario->name);
    fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
            tally.tests + errors, tally.failures, errors, tally.skipped, result->wall_s);
    fputs(" file=\"", out);
    report_xml_text(out, result->scenario->file);
    fputs("\">\n", out);
    for (size_t i = 0; i < tally.tests; i++) {
        const struct report_row row = report_row_at(result, i);
        junit_row(out, result, &row, &names);
    }
    if (errors)
        junit_error(out, result);
    fputs("  </testsuite>\n", out);
    base_names_fini(&names.counts);
    base_arena_fini(&names.arena);
}

void report_junit(FILE *out, const struct scn_result *const *results, size_t count)
{
    struct tally all = {0};
    for (size_t i = 0; i < count; i++) {
        struct tally tally = tally_of(results[i]);
        all.tests += tally.tests + (results[i]->error ? 1 : 0);
        all.failures += tally.failures;
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"tunnelbed\" tests=\"%zu\" failures=\"%zu\">\n",
            all.tests, all.failures);
    for (size_t i = 0; i < count; i++)
        junit_suite(out, results[i]);
    fputs("</testsuites>\n", out);
}
