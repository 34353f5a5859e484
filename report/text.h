/*
 * A run as a person watches it: the topology, what the engines say in charon's words, each ping in
 * ping's own lines, what was expected and found, the verdict, and where the captures are.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/paint.h"
#include "scenarios/play.h"

struct report_text;

/* The paper is copied; its stream stays the caller's. */
struct report_text *report_text_new(const struct report_paper *paper);
void report_text_free(struct report_text *text);

/* Title, description and topology; then give the observer to scn_play. */
void report_text_begin(struct report_text *text, const struct scn_scenario *scenario);
const struct scn_observer *report_text_observer(struct report_text *text);

/* What it writes on. */
const struct report_paper *report_text_paper(const struct report_text *text);

/* Expectations, tunnels, captures, verdict. */
void report_text_end(struct report_text *text, const struct scn_result *result);

/* A judged row, two columns in. */
struct report_row;
void report_text_row(const struct report_paper *paper, const struct report_row *row);

/* `--quiet`: one line, and below it only what does not hold. */
void report_text_line(const struct report_paper *paper, const struct scn_result *result);

/* "4 passed, 1 failed": after several scenarios. */
void report_text_total(const struct report_paper *paper, const struct scn_result *const *results,
                       size_t count);

#endif
