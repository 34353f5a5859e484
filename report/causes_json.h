/* Causes as JSON, for result.json and for `explain`. */
#ifndef REPORT_CAUSES_JSON_H
#define REPORT_CAUSES_JSON_H

#include <jansson.h>

#include "scenarios/result.h"

/* The list of a result's causes; a new reference. */
json_t *report_causes_json(const struct scn_result *result);

#endif
