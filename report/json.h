/* A result as JSON: `result.json` of a run, and a line of `run --format json`. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "scenarios/result.h"

enum report_json_style {
    REPORT_JSON_INDENTED,
    REPORT_JSON_LINE, /* on one line, its end included */
};

/* False where the stream takes no more. */
bool report_json_write(const struct scn_result *result, enum report_json_style style, FILE *out);

#endif
