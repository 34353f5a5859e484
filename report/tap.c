/* TAP version 14, one subtest a scenario: https://testanything.org/tap-version-14-specification.html */
#include "report/tap.h"

#include "report/causes.h"
#include "report/rows.h"

/* A description must hold no `#` and no line end (TAP 14, "Description"). */
static void tap_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '#' || *text == '\\')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
}

/* A value of the YAML block, in double quotes. */
static void tap_value(FILE *out, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(out, "      %s: \"", key);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputs("\"\n", out);
}

/* An inconclusive row of a scenario that passed was allowed: TAP calls that skipped. */
static void tap_row(FILE *out, size_t number, const struct report_row *row,
                    const struct diag_cause *cause, bool passed)
{
    char where[REPORT_PLACE_MAX];
    bool skipped = row->verdict == SCN_INCONCLUSIVE && passed;
    bool ok = row->verdict == SCN_PASS || skipped;
    fprintf(out, "    %sok %zu - ", ok ? "" : "not ", number);
    if (row->step_text) {
        tap_text(out, row->step_text);
        fputs(": ", out);
    }
    tap_text(out, row->what);
    if (row->expected) {
        fputc(' ', out);
        tap_text(out, row->expected);
    }
    if (skipped)
        fprintf(out, " # SKIP inconclusive: %s", row->found ? row->found : "nothing to judge");
    fputc('\n', out);
    if (ok)
        return;
    fputs("      ---\n", out);
    tap_value(out, "verdict", scn_verdict_name(row->verdict));
    tap_value(out, "expected", row->expected);
    tap_value(out, "found", row->found);
    tap_value(out, "at", report_row_place(row, where));
    if (cause) {
        tap_value(out, "cause", diag_code_row(cause->code)->code);
        tap_value(out, "because", cause->text);
        tap_value(out, "remedy", cause->remedy);
    }
    if (row->proves_nothing)
        tap_value(out, "proves", "nothing: it holds whatever happens");
    fputs("      ...\n", out);
}

void report_tap_begin(FILE *out, size_t scenario_count)
{
    fprintf(out, "TAP version 14\n1..%zu\n", scenario_count);
}

void report_tap_scenario(FILE *out, size_t number, const struct scn_result *result)
{
    size_t count = report_row_count(result);
    fprintf(out, "# Subtest: %s\n    1..%zu\n", result->scenario->name, count);
    for (size_t i = 0; i < count; i++) {
        struct report_row row = report_row_at(result, i);
        tap_row(out, i + 1, &row, report_cause_of(result, row.step_text),
                result->verdict == SCN_PASS);
    }
    if (result->error)
        fprintf(out, "# %s\n", result->error);
    fprintf(out, "%sok %zu - ", result->verdict == SCN_PASS ? "" : "not ", number);
    tap_text(out, result->scenario->name);
    fputc('\n', out);
}
