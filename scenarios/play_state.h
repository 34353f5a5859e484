/* Inside of the player: what its files share while a scenario plays. Private to scenarios/. */
#ifndef SCENARIOS_PLAY_STATE_H
#define SCENARIOS_PLAY_STATE_H

#include "diagnose/diagnose.h"
#include "scenarios/play.h"
#include "sim/queue.h"
#include "topology/world.h"

struct cap_craft;
struct scn_ike_log;
struct scn_injection;
struct scn_play;
struct scn_recording;
struct scn_watch;
struct sim_fault;
struct sim_link;
struct sim_traffic;
struct topo_engine;
struct topo_ping;

/* A step that was started. */
struct scn_running {
    struct scn_play *play;
    const struct scn_step *step;
    struct scn_step_result *row;
    struct sim_event timer;      /* ends a wait, heals a fault, injects the next packet */
    struct topo_ping *ping;      /* ping */
    struct sim_traffic *traffic; /* traffic */
    struct scn_fault_handle {
        struct sim_link *link;
        struct sim_fault *fault;
    } * faults; /* those that stand, of a fault step */
    size_t fault_count, fault_capacity;
    bool befalls_gateway;       /* a fault on a gateway that stands */
    int peer;                   /* initiate, terminate, rekey: the engine's number of the tunnel */
    struct topo_engine *engine; /* of the gateway that is asked */
    struct scn_injection *injection; /* inject: from the beginning of the run */
    struct diag_probe probe;         /* ping, traffic: set at its end where `probed` */
    bool probed;
};

struct scn_play {
    const struct scn_scenario *scenario;
    const struct scn_play_options *options;
    struct scn_result *result;
    uint64_t seed;
    const struct topo_model *model; /* what stands now */
    struct topo_world *world;
    struct sim_world *sim;
    struct scn_running *running; /* one for each step of the scenario */
    size_t under_way;            /* steps started and not ended */
    struct scn_recording *recording;
    struct scn_watch *watch;
    struct scn_ike_log *ike_log;  /* NULL where no expectation asks */
    struct diag_history *history; /* NULL where no causes are looked for */
    struct cap_craft *craft;      /* NULL: nothing was injected yet */
};

/* A step has come to its end: its row is judged and the observer told. At most once a step. */
void scn_step_finish(struct scn_running *running);
/* The same, failed, with the reason in printf's words. */
void scn_step_fail(struct scn_running *running, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The verbs. Each starts its step; those that take no time finish it at once. */
void scn_start_ping(struct scn_running *running);
void scn_start_traffic(struct scn_running *running);
void scn_start_wait(struct scn_running *running);
void scn_start_route(struct scn_running *running);
void scn_start_fault(struct scn_running *running);
void scn_start_heal(struct scn_running *running);
void scn_start_release(struct scn_running *running);
void scn_start_power(struct scn_running *running); /* restart, stop, start */
void scn_start_sa(struct scn_running *running);    /* initiate, terminate, rekey */
void scn_start_change(struct scn_running *running);
void scn_start_inject(struct scn_running *running);
void scn_start_expect(struct scn_running *running);

/* Whether a step injects packets; what such steps watch for from the beginning of the run, freed
 * when the world is gone. */
bool scn_inject_is_wanted(const struct scn_scenario *scenario);
void scn_inject_begin(struct scn_play *play);
void scn_inject_end(struct scn_play *play);

/* A fault on a gateway begins; ends, where it stands. */
void scn_start_gateway_fault(struct scn_running *running);
void scn_heal_gateway_fault(struct scn_running *running);

/* What a node that goes off was sending, and the exchanges that a gateway was about, end with it. */
void scn_end_doings(struct scn_play *play, const char *node);
/* A gateway's daemon dies: what was asked of it ends. */
void scn_end_exchanges(struct scn_play *play, const char *node);

/* Frees what a step holds of the world (pings, flows, timers), whether or not it has ended. */
void scn_stop_ping(struct scn_running *running);
void scn_stop_traffic(struct scn_running *running);
void scn_stop_fault(struct scn_running *running);

/* An engine's event: ends the initiate, terminate or rekey step that waits for it. */
void scn_sa_event(struct scn_play *play, const char *gateway, const struct ike_event *event);

#endif
