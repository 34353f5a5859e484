/*
 * Two runs of one scenario, side by side: a row for each thing that a user sees, with what it is in
 * either world and whether that is the same. A pure function of the facts: nothing here knows one
 * scenario from another.
 *
 * What varies without either world being wrong has a tolerance by its mechanism:
 * - a ping while a tunnel comes or goes, or while another step acts: CMP_MOMENT_S of requests on
 *   either side of that moment, for which a real handshake and real processes take their time, and
 *   as much as ping's clock drifts while nothing is answered, CMP_DRIFT_PERCENT of its requests;
 * - packets that such pings make: two for each of those requests;
 * - IKE messages and keepalives that a timer sends: a quarter of them, two at least. Retransmissions are no messages of
 *   their own.
 */
#ifndef COMPARE_LINEUP_H
#define COMPARE_LINEUP_H

#include "compare/facts.h"
#include "compare/known.h"

enum {
    CMP_MOMENT_S = 2,
    CMP_DRIFT_PERCENT = 2,
};

enum cmp_verdict {
    CMP_SAME,
    CMP_NEAR,  /* within what varies */
    CMP_KNOWN, /* `known` says why */
    CMP_DIFFERS,
};

const char *cmp_verdict_name(enum cmp_verdict verdict);

struct cmp_row {
    enum cmp_topic topic;
    int line;         /* of the step; 0: none */
    const char *what; /* "lhr-gw sends TS_UNACCEPTABLE" */
    const char *simulated, *real;
    enum cmp_verdict verdict;
    const struct cmp_known *known; /* CMP_KNOWN */
};

struct cmp_lineup {
    struct base_arena arena;
    struct cmp_row *rows;
    size_t count, capacity;
    size_t verdicts[CMP_DIFFERS + 1]; /* how many rows have each */
};

/* Both facts are borrowed until the lineup's end. */
void cmp_lineup_init(struct cmp_lineup *lineup, const struct cmp_traits *traits,
                     const struct cmp_facts *simulated, const struct cmp_facts *real);
void cmp_lineup_fini(struct cmp_lineup *lineup);

/* The gravest of all rows. */
enum cmp_verdict cmp_lineup_verdict(const struct cmp_lineup *lineup);

#endif
