/*
 * Why pings and flows did not get through: read from the journal of a run, the events of its engines and
 * the model, after the run, while its world still stands.
 *
 * The account tells the way of a packet as a traveller would: where it was, what was looked up there,
 * what was decided. The causes are found by general rules, a file a family, which ask two things: what
 * happened to the packet (the journal), and what in the model makes that happen. Where no rule fits, there
 * is no cause: nothing is guessed. Rules know nothing of scenarios' names.
 *
 * Several faults at once are each named, in the order of a packet's way: the one that it meets first
 * stands first. What a packet never reached is judged by the model alone, where that is certain.
 */
#ifndef DIAGNOSE_DIAGNOSE_H
#define DIAGNOSE_DIAGNOSE_H

#include <stdio.h>

#include "base/arena.h"
#include "base/vtime.h"
#include "base/where.h"
#include "diagnose/codes.h"
#include "diagnose/history.h"
#include "sim/stack.h"
#include "topology/world.h"

/* The route that a node has to an address at the end of a probe. */
struct diag_look {
    bool known; /* asked at all: the node was on */
    bool found;
    struct sim_stack_route route; /* where found */
};

/* A ping or a flow that was played. All pointers are borrowed. */
struct diag_probe {
    const char *text; /* "ping {from: txl-host1, to: lhr-host1, count: 3}" */
    struct base_where where;
    const char *from;    /* a node */
    const char *to_node; /* NULL: an address is meant that no node has */
    net_ip4 to;
    bool flow;               /* UDP datagrams; else ping */
    bool unreachable;        /* ping: no route, nothing was sent */
    bool misled;             /* ping: who answered is not `to_node`; by diag_probe_check */
    uint64_t sent, received; /* requests answered; datagrams delivered */
    uint64_t first_packet, last_packet; /* ids in the journal, 0: nothing was sent */
    base_ns start, end;
    struct diag_look there, back; /* filled in by diag_probe_look */
};

/* What a fault does that can stop a packet, corrupt it or keep it back: bits. */
enum diag_fault_kind {
    DIAG_FAULT_LOSS = 1 << 0,
    DIAG_FAULT_BURST_LOSS = 1 << 1,
    DIAG_FAULT_CORRUPT = 1 << 2,
    DIAG_FAULT_RATE = 1 << 3,
    DIAG_FAULT_MTU = 1 << 4,
    DIAG_FAULT_DOWN = 1 << 5,
    DIAG_FAULT_DROP = 1 << 6, /* of packets that match; so are FLIP, LATE and HOLD */
    /* on gateways and NAT routers */
    DIAG_FAULT_POWER = 1 << 7,
    DIAG_FAULT_REJECT_SPI = 1 << 8,
    DIAG_FAULT_CLOCK = 1 << 9,
    DIAG_FAULT_REBIND = 1 << 10,
    /* on links again */
    DIAG_FAULT_QUEUE = 1 << 11, /* the one before a rate */
    DIAG_FAULT_DELAY = 1 << 12, /* or jitter */
    DIAG_FAULT_REORDER = 1 << 13,
    DIAG_FAULT_FLIP = 1 << 14,
    DIAG_FAULT_LATE = 1 << 15,
    DIAG_FAULT_HOLD = 1 << 16,
    DIAG_FAULT_SILENT = 1 << 17, /* says nothing of an MTU */
};

/* What a step did to a link or a gateway. */
struct diag_fault {
    const char *link;  /* or the gateway's node */
    const char *from;  /* the node whose frames alone are meant; NULL: all */
    uint32_t kinds;    /* of enum diag_fault_kind */
    uint64_t number;   /* of the step, from 1: what the records of DROP, FLIP, LATE and HOLD say */
    const char *match; /* with DROP of all that match: the filter; else NULL */
    base_ns start, end;
    uint64_t rate_bps;  /* 0: it sets none */
    uint32_t mtu_bytes; /* 0: it sets none */
    base_ns clock_jump_ns;
    struct base_where where;
};

/* Which accounts are wanted. */
enum diag_wish {
    DIAG_WISH_NONE,
    DIAG_WISH_FAILED,
    DIAG_WISH_ONE, /* of probe number `wish_probe`, from 1 */
    DIAG_WISH_ALL,
};

/* What a step `change` made of the model, from then on. */
struct diag_standing {
    base_ns from;
    const struct topo_model *model;
    size_t step; /* its number, from 0 */
    struct base_where where;
};

struct diag_input {
    const struct topo_model *model;        /* what stood at first */
    const struct diag_standing *standings; /* in order of time */
    size_t standing_count;
    struct topo_world *world; /* with a journal, all that happened in it */
    const struct diag_history *history;
    const struct diag_probe *probes;
    size_t probe_count;
    const struct diag_fault *faults;
    size_t fault_count;
    enum diag_wish wish;
    size_t wish_probe;
};

struct diag_cause {
    enum diag_code code;
    const char *text, *remedy;
    const char
        *set; /* the remedy as the value of `--set`, or NULL: several are parted by a line end */
    struct base_where where; /* line 0: no place in the file */
    unsigned stage;          /* place on a packet's way */
    size_t probe;            /* the first one that it failed */
    size_t number;           /* in the order in which they were found */
};

/* One line of an account: what happened at a node at a time. */
struct diag_line {
    base_ns at;
    const char *node; /* NULL: folded laps */
    const char *text;
    bool bad; /* dropped, lost, refused */
};

/* The way of one request, and of those that went the same way. */
struct diag_account {
    size_t probe;
    uint64_t number; /* which request, from 1; 0: none was sent */
    uint64_t alike;  /* further ones that went the same way */
    bool good;
    const char *outcome; /* "answered", "no answer: dropped at lhr-gw" */
    struct diag_line *lines;
    size_t line_count;
};

struct diag_report {
    struct diag_cause *causes;
    size_t cause_count, cause_capacity;
    struct diag_account *accounts;
    size_t account_count, account_capacity;
    bool *unexplained; /* one a probe: it failed and no cause was found */
    struct base_arena arena;
};

/* Finds out whether a ping that was answered was answered by another node of that address: call it when the probe ends. */
void diag_probe_check(struct diag_probe *probe, const struct topo_model *model,
                      struct topo_world *world);

/* Takes down what routes the ends of a probe have, while they have them: call it when the probe ends. */
void diag_probe_look(struct diag_probe *probe, const struct topo_model *model,
                     struct topo_world *world);

/* Whether some of the probe did not get through, or all of it to somebody else. */
bool diag_probe_failed(const struct diag_probe *probe);

/* Fills in `report`, which the caller ends with diag_report_fini. The world may be freed before that. */
void diag_run(const struct diag_input *input, struct diag_report *report);
void diag_report_fini(struct diag_report *report);

#endif
