/* Results as the Test Anything Protocol, version 14: a scenario is a test point with its rows as a subtest. */
#ifndef REPORT_TAP_H
#define REPORT_TAP_H

#include <stdio.h>

#include "scenarios/result.h"

/* The head of a stream with its plan; then each scenario in turn, numbered from 1. */
void report_tap_begin(FILE *out, size_t scenario_count);
void report_tap_scenario(FILE *out, size_t number, const struct scn_result *result);

#endif
