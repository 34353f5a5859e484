/* The lab: the model of all gateways, and the cells that are played in it. */
#ifndef INTEROP_LAB_H
#define INTEROP_LAB_H

#include <stdio.h>

#include "interop/cases.h"
#include "ipsec/ike/event.h"
#include "ipsec/ike/wire.h"
#include "sim/link.h"
#include "topology/ping.h"
#include "topology/world.h"

struct swan_daemon_options;

/* One side of a cell while it is played. */
struct interop_player {
    const char *gateway, *tunnel;
    struct topo_engine *engine;
    int peer;
    /* Of the task that was asked for last. */
    bool asked, ended, done;
    enum ike_reason reason;
    uint16_t notify;
    /* Since the step began: */
    unsigned empty_requests;           /* INFORMATIONAL, sent */
    unsigned ike_rekeys, child_rekeys; /* as they were */
};

enum interop_state {
    INTEROP_WAITING,
    INTEROP_UNDER_WAY,
    INTEROP_FINISHED,
};

struct interop_played {
    const struct interop_case *of;
    struct interop_row *row;
    enum interop_side starter;
    enum interop_state state;
    struct interop_player players[INTEROP_SIDES];
    size_t step;
    bool begun; /* the step's */
    base_ns step_at, started_at, asked_at;
    struct topo_ping *ping;
    FILE *log; /* what our engine did */
    char *log_text;
    size_t log_size;
    unsigned ike_downs; /* of ours, since the cell began */
    uint16_t seen[128]; /* notifies that passed, as our engine saw them */
    size_t seen_count;
    struct net_addr charon_address; /* after a move */
    struct ike_path path_before;
};

struct interop_lab {
    struct base_arena arena;
    struct topo_model model;
    struct topo_world *world;
    struct interop_played *played;
    size_t played_count;
    struct interop_matrix *matrix;
    const struct interop_options *options;
};

/* The model of all rows that `only` lets through, and a cell for each side that may start them. */
void interop_lab_init(struct interop_lab *lab, const struct interop_options *options,
                      struct interop_matrix *matrix);
void interop_lab_fini(struct interop_lab *lab);

/* How the charon of that node is to be. */
struct swan_daemon_options interop_charon_options(const char *node);

/* charon's wan address moves to this one, where a case says so. */
struct net_addr interop_moved_address(const struct topo_gateway *charon);

/* A gateway without a case, whose peer is that charon: its first message makes a half-open SA, all others are lost. */
#define INTEROP_DECOY "decoy"

#endif
