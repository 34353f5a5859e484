/* TAP 14 with a subtest a scenario; JUnit as Jenkins and GitLab read it. */
#include "report/machine.h"

#include <string.h>

#include "report/rows.h"

static const char *place(const struct report_row *row, char *out, size_t size)
{
    if (!row->where.line)
        return "";
    snprintf(out, size, "%s:%d", row->where.file ? row->where.file : "", row->where.line);
    return out;
}

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

static void tap_row(FILE *out, size_t number, const struct report_row *row)
{
    char where[512];
    fprintf(out, "    %sok %zu - ", row->verdict == SCN_PASS ? "" : "not ", number);
    if (row->step_text) {
        tap_text(out, row->step_text);
        fputs(": ", out);
    }
    tap_text(out, row->what);
    fputc('\n', out);
    if (row->verdict == SCN_PASS)
        return;
    fputs("      ---\n", out);
    tap_value(out, "verdict", scn_verdict_name(row->verdict));
    tap_value(out, "expected", row->expected);
    tap_value(out, "found", row->found);
    tap_value(out, "at", place(row, where, sizeof(where)));
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
        tap_row(out, i + 1, &row);
    }
    if (result->error)
        fprintf(out, "# %s\n", result->error);
    fprintf(out, "%sok %zu - ", result->verdict == SCN_PASS ? "" : "not ", number);
    tap_text(out, result->scenario->name);
    fputc('\n', out);
}

static void xml_text(FILE *out, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c < 0x20)
            fputc(' ', out);
        else
            fputc(c, out);
    }
}

static void junit_row(FILE *out, const struct scn_result *result, const struct report_row *row)
{
    char where[512];
    fputs("    <testcase classname=\"", out);
    xml_text(out, result->scenario->name);
    fputs("\" name=\"", out);
    if (row->step_text) {
        xml_text(out, row->step_text);
        fputs(": ", out);
    }
    xml_text(out, row->what);
    if (row->verdict == SCN_PASS) {
        fputs("\"/>\n", out);
        return;
    }
    fprintf(out, "\">\n      <failure type=\"%s\" message=\"", scn_verdict_name(row->verdict));
    if (row->expected) {
        fputs("expected ", out);
        xml_text(out, row->expected);
        fputs(", ", out);
    }
    fputs("found ", out);
    xml_text(out, row->found ? row->found : "nothing");
    fputs("\">", out);
    xml_text(out, place(row, where, sizeof(where)));
    fputs("</failure>\n    </testcase>\n", out);
}

static size_t failures(const struct scn_result *result)
{
    size_t count = 0;
    for (size_t i = 0; i < report_row_count(result); i++)
        count += report_row_at(result, i).verdict != SCN_PASS;
    return count;
}

static void junit_suite(FILE *out, const struct scn_result *result)
{
    size_t count = report_row_count(result);
    fputs("  <testsuite name=\"", out);
    xml_text(out, result->scenario->name);
    fprintf(out,
            "\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"0\" time=\"%.3f\" file=\"",
            count, failures(result), result->error ? 1 : 0, result->wall_s);
    xml_text(out, result->scenario->file);
    fputs("\">\n", out);
    for (size_t i = 0; i < count; i++) {
        struct report_row row = report_row_at(result, i);
        junit_row(out, result, &row);
    }
    if (result->error) {
        fputs("    <testcase classname=\"", out);
        xml_text(out, result->scenario->name);
        fputs("\" name=\"run\">\n      <error message=\"", out);
        xml_text(out, result->error);
        fputs("\"/>\n    </testcase>\n", out);
    }
    fputs("  </testsuite>\n", out);
}

void report_junit(FILE *out, const struct scn_result *const *results, size_t count)
{
    size_t tests = 0;
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        tests += report_row_count(results[i]);
        failed += failures(results[i]);
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"tunnelbed\" tests=\"%zu\" failures=\"%zu\">\n",
            tests, failed);
    for (size_t i = 0; i < count; i++)
        junit_suite(out, results[i]);
    fputs("</testsuites>\n", out);
}
