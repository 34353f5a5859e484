/*
 * Playing a scenario: builds its world, runs its steps in virtual time, records what capture points
 * see, judges what was expected and what is always checked.
 *
 * Independent of everything but its arguments: several scenarios may be played on several threads, each
 * with a crypto_context of its own.
 */
#ifndef SCENARIOS_PLAY_H
#define SCENARIOS_PLAY_H

#include "diagnose/diagnose.h"
#include "scenarios/result.h"
#include "topology/engine.h"

struct cap_set;
struct crypto_context;
struct ike_event;
struct netns_session;
struct sim_ping_line;

/*
 * What a spectator is told while a scenario plays, in the order in which it happens. Every function
 * may be NULL; what is passed is valid during the call.
 */
struct scn_observer {
    void *context;
    /* A node that is a namespace stands, under this name: before the first step. */
    void (*namespace_made)(void *context, const char *node, const char *name);
    void (*step_start)(void *context, const struct scn_step *step, base_ns now);
    void (*step_end)(void *context, const struct scn_step_result *row);
    void (*ping)(void *context, const struct scn_step *step, const struct sim_ping_line *line);
    /* An expectation of an `expect` step was judged. */
    void (*expect)(void *context, const struct scn_expect_result *row);
    void (*engine)(void *context, const char *gateway, const struct ike_event *event);
    /* Once, when all is over: what the capture points saw (all of them where a folder was given). */
    void (*captured)(void *context, const struct cap_set *frames);
};

struct scn_play_options {
    struct crypto_context *crypto;       /* borrowed; NULL: one is made for this run */
    const struct scn_observer *observer; /* NULL: nobody watches */
    /* Now and then, some ten thousand events apart (in real time, a quarter of a second): how far time has come. May be
     * NULL. */
    void (*progress)(void *context, base_ns now);
    void *progress_context;
    bool has_seed;
    uint64_t seed; /* wins over the scenario's */
    const char
        *folder; /* where captures and key tables go; it must exist. NULL: none are written */
    const char *application; /* what captures name as their maker: "tunnelbed 0.1.0" */
    enum diag_wish explain;  /* which accounts of pings and flows are wanted */
    size_t explain_ping;     /* DIAG_WISH_ONE: which ping or flow of those played, from 1 */
    bool prove;
    bool allow_inconclusive;
    struct netns_session *session; /* borrowed: play in namespaces, in real time. NULL: simulated */
    topo_engine_start_fn *strongswan; /* topology/world.h; NULL: there are no such gateways */
};

/* Plays it and fills in `result`, which the caller ends with scn_result_fini. */
void scn_play(const struct scn_scenario *scenario, const struct scn_play_options *options,
              struct scn_result *result);

#endif
