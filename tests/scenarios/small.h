/* Tables of edits to data/small.yaml, a scenario in which nothing is wrong, and what is said of each. */
#ifndef TESTS_SCENARIOS_SMALL_H
#define TESTS_SCENARIOS_SMALL_H

#include <stddef.h>

struct small_case {
    const char *what;
    const char *find; /* its first occurrence is replaced */
    const char *with;
    const char *expected; /* "line:column code text", a line each, without hints */
};

extern const struct small_case small_model[];
extern const size_t small_model_count;
extern const struct small_case small_steps[];
extern const size_t small_steps_count;
extern const struct small_case small_warnings[];
extern const size_t small_warnings_count;

#endif
