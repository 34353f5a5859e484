/*
 * Our engine against strongSwan's charon, case by case: each row is one thing that two IKEv2
 * implementations must agree on, with a cell for each side that may start it. All cases stand in
 * one world in real time (topology/world.h): a gateway of ours for each cell, simulated, on one
 * Ethernet segment with charon in its namespace; nearly all cells share one charon.
 */
#ifndef INTEROP_MATRIX_H
#define INTEROP_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/vtime.h"

struct netns_session;

enum interop_side {
    INTEROP_OURS,
    INTEROP_CHARON,
    INTEROP_SIDES,
};

enum interop_verdict {
    INTEROP_PASS,
    INTEROP_FAIL,
    INTEROP_NOT_HERE, /* cannot be tried on this machine, or has no meaning: `reason` says why */
    INTEROP_LEFT_OUT, /* by --only */
};

struct interop_cell {
    enum interop_verdict verdict;
    char *reason;              /* of a failure: which step, and what was found; or NULL */
    char *logs[INTEROP_SIDES]; /* of a failure: what either side did */
    base_ns time;              /* how long it took */
};

struct interop_row {
    const char *group, *name;
    const char *rfc;                          /* "RFC 7296 section 2.17" */
    const char *rule;                         /* the sentence there that decides */
    struct interop_cell cells[INTEROP_SIDES]; /* by who starts it */
};

struct interop_matrix {
    struct interop_row *rows;
    size_t row_count;
    void *names;            /* the rows' texts */
    const char *data_plane; /* charon's */
    char *charon;           /* "strongSwan 5.9.8" */
    double wall_s;
    bool interrupted;
};

struct interop_options {
    const char *only; /* a part of group or name, whatever the case; NULL: all */
    struct netns_session *session;
    /* Told of each row that is finished; may be NULL. */
    void (*progress)(void *context, const struct interop_row *row);
    void *context;
};

/* Plays the cases. NULL with *error set (to be freed) where that cannot begin. */
struct interop_matrix *interop_run(const struct interop_options *options, char **error);
void interop_free(struct interop_matrix *matrix);

/* How many cells have that verdict. */
size_t interop_count(const struct interop_matrix *matrix, enum interop_verdict verdict);

void interop_print_text(const struct interop_matrix *matrix, bool colour, FILE *out);
void interop_print_json(const struct interop_matrix *matrix, FILE *out);
void interop_print_markdown(const struct interop_matrix *matrix, FILE *out);

#endif
