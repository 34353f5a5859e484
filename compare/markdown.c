/* The table of docs/likeness.md: a row a scenario. */
#include <stdlib.h>
#include <string.h>

#include "compare/report.h"

void cmp_report_markdown_head(FILE *out)
{
    fputs("| scenario | outcome | known differences, or why it was not played |\n|---|---|---|\n",
          out);
}

/* "scenarios/catalog/blocked/esp-blocked.yaml": the last folder and the name. */
static const char *short_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    while (slash && slash > file && slash[-1] != '/')
        slash--;
    return slash ? slash : file;
}

static bool has_code(const struct cmp_lineup *lineup, const struct cmp_known *known)
{
    for (size_t i = 0; i < lineup->count; i++)
        if (lineup->rows[i].known == known)
            return true;
    return false;
}

static void print_codes(const struct cmp_lineup *lineup, FILE *out)
{
    const char *before = "";
    for (size_t i = 0; i < cmp_known_count(); i++) {
        const struct cmp_known *known = cmp_known_at(i);
        if (!known->everywhere && has_code(lineup, known)) {
            fprintf(out, "%s%s", before, known->code);
            before = ", ";
        }
    }
}

void cmp_report_markdown(const struct cmp_report *report, FILE *out)
{
    fprintf(out, "| `%s` | ", short_name(report->scenario->file));
    if (report->error) {
        fprintf(out, "error | %s", report->error);
    } else if (report->skipped) {
        fprintf(out, "skipped | %s", report->skipped);
    } else {
        bool differs = report->lineup->verdicts[CMP_DIFFERS] > 0;
        fprintf(out, "%s | ", differs ? "**differs**" : "alike");
        print_codes(report->lineup, out);
    }
    fputs(" |\n", out);
}
