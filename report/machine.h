/* Results for CI servers: TAP version 14 and JUnit XML. One scenario is one test point or suite. */
#ifndef REPORT_MACHINE_H
#define REPORT_MACHINE_H

#include <stdio.h>

#include "scenarios/result.h"

/* The head of a TAP stream with its plan, then one subtest a scenario. */
void report_tap_begin(FILE *out, size_t scenario_count);
void report_tap_scenario(FILE *out, size_t number, const struct scn_result *result);

/* The whole document. */
void report_junit(FILE *out, const struct scn_result *const *results, size_t count);

#endif
