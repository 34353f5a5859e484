/* Results as JUnit XML, for CI servers. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include <stdio.h>

#include "scenarios/result.h"

/* The whole document. */
void report_junit(FILE *out, const struct scn_result *const *results, size_t count);

#endif
