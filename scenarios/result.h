/*
 * What came of playing a scenario: the verdict, each step and expectation with what was found, the
 * tunnels as they stand at the end, the captures. The one source of every report; texts belong to it.
 */
#ifndef SCENARIOS_RESULT_H
#define SCENARIOS_RESULT_H

#include "diagnose/diagnose.h"
#include "ipsec/ike/event.h"
#include "scenarios/scenario.h"

enum scn_verdict {
    SCN_PASS,
    SCN_FAIL,
    SCN_INCONCLUSIVE, /* there was nothing to judge */
    SCN_ERROR,        /* it could not be played, or its results could not be written */
};

const char *scn_verdict_name(enum scn_verdict verdict);

/* The graver of two: error, fail, inconclusive, pass. */
enum scn_verdict scn_verdict_worse(enum scn_verdict a, enum scn_verdict b);

/* One line of an `expect` beside a step. */
struct scn_check_result {
    const struct scn_check *check;
    enum scn_verdict verdict;
    char *found;         /* the value, in the words of the expectation */
    bool proves_nothing; /* it also held when it was turned round (only with --prove) */
};

/* An error that a ping met, as ping prints it; equal ones are counted once each. */
struct scn_ping_error {
    struct net_addr from; /* who said so; family 0: the sender's own system */
    char what[80];        /* "Destination Net Unreachable", "Time to live exceeded", ... */
    uint64_t count;
};

#define SCN_PING_ERRORS_MAX 8 /* distinct ones that are told apart; more are counted in the last */

struct scn_ping_result {
    uint64_t sent, received, duplicates, errors;
    bool unreachable; /* nothing was sent: the sender had no route, or it was a broadcast */
    base_ns rtt_min_ns, rtt_avg_ns, rtt_max_ns, rtt_mdev_ns; /* where received > 0 */
    base_ns time_ns; /* from the first request to the last, as ping's "time 2003ms" */
    uint64_t pipe;   /* requests on their way at most when something came back: "pipe 3" */
    struct scn_ping_error error_list[SCN_PING_ERRORS_MAX];
    size_t error_count;
};

struct scn_traffic_result {
    uint64_t sent, delivered, lost, reordered, duplicates;
    base_ns latency_min_ns, latency_avg_ns, latency_max_ns; /* where delivered > 0 */
};

/*
 * A moment, told apart from others at the same virtual time: how much had been recorded by then. What lies between
 * two marks is exactly what happened while a step was under way.
 */
struct scn_mark {
    size_t frames;   /* captured */
    size_t messages; /* of IKE, logged */
    size_t records;  /* of the journal */
};

struct scn_step_result {
    const struct scn_step *step;
    struct scn_mark start_mark, end_mark;
    base_ns start_ns, end_ns;
    bool started;
    bool ended;
    enum scn_verdict verdict;
    char *problem;                   /* why the step itself failed, or NULL */
    struct scn_check_result *checks; /* as many as the step has */
    struct scn_ping_result ping;
    struct scn_traffic_result traffic;
    enum scn_tunnel_state sa_state; /* initiate, terminate, rekey: what came of it */
    uint64_t injected;              /* inject: packets */
};

/* An expectation of the file, or one that is always checked (`expect` is NULL then). */
struct scn_expect_result {
    const struct scn_expect *expect;
    const struct scn_step *step; /* the `expect` step it stands in; NULL: at the end of the file */
    const char *kind;            /* "capture", "tunnel", "ike", "drops", "always" */
    const char *text;
    struct base_where where; /* line 0 with what is always checked */
    enum scn_verdict verdict;
    char *found;
    bool proves_nothing;
};

struct scn_tunnel_result {
    const char *gateway, *name;
    const char *engine,
        *data_plane; /* "strongswan", "kernel-libipsec"; NULL: our own. Static texts */
    enum scn_tunnel_state state;
    bool has_ike, has_child;
    /* The tables' rows of what was negotiated; `ike` has no key pointers to be used. */
    const struct crypto_encr *esp_encr;
    const struct crypto_integ *esp_integ; /* NULL with AEAD */
    const struct crypto_group *esp_dh;    /* NULL: none */
    struct ike_keys_info ike;
    const char *ike_encryption, *ike_integrity, *ike_prf, *ike_group; /* NULL: not up */
    const char *esp_encryption, *esp_integrity, *esp_group;           /* NULL: none */
    bool esn;
    bool encapsulated;                        /* ESP in UDP */
    char *local_selectors, *remote_selectors; /* "192.168.1.0/24" or "a, b"; NULL: no child SA */
    uint64_t ike_rekeys, child_rekeys;
    uint64_t child_sas;
};

struct scn_capture_result {
    char *point;
    char *file; /* below the scenario's folder of results; NULL where none was written */
    uint64_t packets;
};

struct scn_result {
    const struct scn_scenario *scenario;
    uint64_t seed;
    enum scn_verdict verdict;
    char *error; /* with SCN_ERROR: what went wrong */
    bool real;   /* played in namespaces, in real time */
    base_ns virtual_ns;
    double wall_s;
    char *folder; /* where captures and result.json are; NULL: nothing was written */
    struct scn_step_result *steps;
    size_t step_count;
    struct scn_expect_result *expectations;
    size_t expectation_count, expectation_capacity;
    struct scn_tunnel_result *tunnels;
    size_t tunnel_count;
    struct scn_capture_result *captures;
    size_t capture_count;
    bool diagnosed;               /* causes were looked for */
    struct diag_report diagnosis; /* where they were */
    struct diag_probe
        *probes; /* pings and flows in the order of their steps: what it counts them by */
    size_t probe_count;
};

void scn_result_init(struct scn_result *result, const struct scn_scenario *scenario);
void scn_result_fini(struct scn_result *result);

/* Adds an expectation's row and returns it, to be filled in at once. */
struct scn_expect_result *scn_result_add_expect(struct scn_result *result);

/* The graver of all rows' verdicts; `allow_inconclusive` lets those count as passed. */
enum scn_verdict scn_result_conclude(struct scn_result *result, bool allow_inconclusive);

#endif
