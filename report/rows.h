/*
 * The rows of a result that are judged, one after the other: each check beside a step, each step that
 * failed by itself, each expectation. What TAP, JUnit and the terminal's summary are made of.
 */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "scenarios/result.h"

struct report_row {
    enum scn_verdict verdict;
    const char *step_text; /* the step a check belongs to, or NULL */
    const char *what;      /* the check's measure and words, or the expectation's text */
    const char *expected;  /* NULL where `what` says it all */
    const char *found;     /* NULL: nothing */
    const char *group;     /* "step", "expect", "always" */
    struct base_where where;
    bool proves_nothing;
};

size_t report_row_count(const struct scn_result *result);

/* The n-th row, n below the count. */
struct report_row report_row_at(const struct scn_result *result, size_t n);

enum {
    REPORT_PLACE_MAX = 512
};

/* "file.yaml:12", or "" where the row has no place. */
const char *report_row_place(const struct report_row *row, char out[REPORT_PLACE_MAX]);

/* The row of an expectation alone. */
struct report_row report_row_of_expect(const struct scn_expect_result *expect);

#endif
