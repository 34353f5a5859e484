/* A comparison as a table for a person, and as JSON. */
#ifndef COMPARE_REPORT_H
#define COMPARE_REPORT_H

#include "compare/lineup.h"
#include "report/paint.h"
#include "scenarios/scenario.h"

/* What came of one scenario. */
struct cmp_report {
    const struct scn_scenario *scenario;
    const char *skipped; /* why it was not played; NULL: it was */
    const char *error; /* why there is nothing to compare, and that is a failure; NULL: there is */
    const struct cmp_lineup *lineup;
    double virtual_s; /* in the simulated world, by its own clock */
    double real_s;
};

/* `brief`: one line, and below it only what is not the same. */
void cmp_report_text(const struct report_paper *paper, const struct cmp_report *report, bool brief);
/* "30 compared: 28 alike, 2 differ; 4 skipped" */
void cmp_report_total(const struct report_paper *paper, const struct cmp_report *reports,
                      size_t count);
/* One line. `plane`: "kernel-libipsec" or the like. False where it could not be written. */
bool cmp_report_json(const struct cmp_report *report, const char *plane, FILE *out);
/* A row of a table for docs, its head before the first: file, outcome, and the known differences or
 * why it was not played. */
void cmp_report_markdown_head(FILE *out);
void cmp_report_markdown(const struct cmp_report *report, FILE *out);

#endif
