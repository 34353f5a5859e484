/* Causes and accounts of diagnose/ for people and for machines. */
#ifndef REPORT_CAUSES_H
#define REPORT_CAUSES_H

#include "report/paint.h"

/* Each ping or flow that failed with its causes: code, sentence, place, remedy; nothing where none failed. */
void report_causes_text(const struct report_paper *paper, const struct scn_result *result);

/* The accounts that were asked for, each a table of times, places and what happened. */
void report_accounts_text(const struct report_paper *paper, const struct scn_result *result);

/* The cause of what failed of the step with this text (a row's); NULL: none, or no step. */
const struct diag_cause *report_cause_of(const struct scn_result *result, const char *step_text);

/* `explain --format json`: verdict, causes and accounts. False where it cannot be written. */
bool report_explain_json(const struct scn_result *result, FILE *out);

#endif
