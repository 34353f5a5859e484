/*
 * What is wrong with a file, collected so that all of it is told in one go: errors (nothing runs) and
 * warnings (it runs, and may well fail as the warning says).
 */
#ifndef BASE_DIAGNOSTIC_H
#define BASE_DIAGNOSTIC_H

#include "base/arena.h"
#include "base/where.h"

#include <stddef.h>

#define BASE_DIAGNOSTICS_MAX                                                                       \
    1000 /* of errors and of warnings: more than anybody reads; a hostile file could have millions */

enum base_severity {
    BASE_ERROR,
    BASE_WARNING,
};

struct base_diagnostic {
    enum base_severity severity;
    struct base_where where; /* line 0: the file as a whole; file NULL: no file at all */
    const char *code;        /* stable, lower-case with dashes: "unknown-key", "psk-too-short" */
    const char *text;        /* what is wrong, with the offending value */
    const char *hint;        /* what would be right, or NULL */
};

/* Owns its texts and file names: it outlives what was read. */
struct base_diagnostics {
    struct base_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t error_count;
    size_t warning_count;
    struct base_arena arena;
};

void base_diagnostics_init(struct base_diagnostics *);
void base_diagnostics_fini(struct base_diagnostics *);

/* Adds one; past BASE_DIAGNOSTICS_MAX of its severity it is counted and left out, and the last one of that severity says
 * so. `hint` may be NULL, else what would be right. `code` is a literal. */
void base_diagnostics_add(struct base_diagnostics *, enum base_severity, const char *code,
                          struct base_where, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* By file (in order of first mention), line, column; what has equal places keeps its order. */
void base_diagnostics_sort(struct base_diagnostics *);

/* "vdc.yaml:12:5: error: unknown key 'lifetme' in ike; did you mean 'lifetime'? [unknown-key]", to be freed. */
char *base_diagnostic_format(const struct base_diagnostic *);

#endif
