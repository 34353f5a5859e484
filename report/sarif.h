/*
 * What `check` found as SARIF 2.1.0 (OASIS), in the shape that code hosts take: one run, a rule for
 * every code there is, a result for every problem, places relative to the folder of the call.
 */
#ifndef REPORT_SARIF_H
#define REPORT_SARIF_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diagnostic.h"

struct report_sarif;

/* `version` is the program's; `folder` the absolute path that places are relative to, or NULL. Both are copied. */
struct report_sarif *report_sarif_new(const char *version, const char *folder);
void report_sarif_free(struct report_sarif *);

/*
 * Adds one. `file` was checked: a problem that stands in no file (of `--set`) is told at its first line. What was added
 * already, as a base's problem is in every scenario over it, is left out.
 */
void report_sarif_add(struct report_sarif *, const char *file, const struct base_diagnostic *);

/* False where the stream takes no more. */
bool report_sarif_write(const struct report_sarif *, FILE *out);

#endif
