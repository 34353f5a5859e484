/*
 * A scenario, read and bound: what stands (topology/model.h), what happens (steps) and what must hold
 * (expectations). Everything in it is valid: names were looked up, values are in range, filters were accepted by
 * libpcap. All of it lives in the scenario's arena. What is not yet supported never gets here: reading refuses it.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include "base/arena.h"
#include "base/text.h"
#include "base/where.h"
#include "scenarios/inject.h"
#include "topology/model.h"

/* --- Expectations ---------------------------------------------------------------------------- */

/* From `start_ns` to `end_ns`, or, where `step` is not NULL, from that step's start to its end. */
struct scn_during {
    bool set;
    base_ns start_ns;
    base_ns end_ns;
    const char *step;
    struct base_where where;
};

/* A filter in tcpdump's syntax, accepted by libpcap for every point it is used with. */
struct scn_filter {
    const char *text; /* NULL: none, everything matches */
    struct base_where where;
};

enum scn_tunnel_state {
    SCN_TUNNEL_ESTABLISHED, /* an IKE SA and a child SA are up */
    SCN_TUNNEL_CONNECTING,
    SCN_TUNNEL_DOWN,
};

const char *scn_tunnel_state_name(enum scn_tunnel_state);

/* Algorithms as negotiated; what is NULL was not asked about. */
struct scn_negotiated {
    const struct crypto_group *group;
    bool
        group_none; /* "none": no Diffie-Hellman (the first child SA of an IKE SA has none of its own) */
    const struct crypto_encr *encryption;
    const struct crypto_integ
        *integrity; /* with an AEAD: IKE's PRF; ESP has none and `integrity_none` is asked for */
    bool integrity_none;
};

struct scn_expect_capture {
    const char **points; /* names, each once */
    size_t point_count;
    struct scn_filter filter;
    bool has_count;
    struct base_comparison
        count;              /* packets that match `filter` within `during` at all points together */
    struct scn_filter only; /* every captured packet (of those that match `filter`) matches this */
    struct scn_filter *sequence; /* matched in this order, others may lie between */
    size_t sequence_count;
};

struct scn_expect_tunnel {
    const char *on;   /* a gateway's node */
    const char *name; /* its tunnel */
    bool has_state;
    enum scn_tunnel_state state;
    struct scn_negotiated ike;
    struct scn_negotiated esp;
    struct net_prefix *local; /* trafficSelectors, as a set; count 0: not asked about */
    size_t local_count;
    struct net_prefix *remote;
    size_t remote_count;
    bool has_ike_rekeys;
    struct base_comparison ike_rekeys; /* completed, whoever began them */
    bool has_child_rekeys;
    struct base_comparison child_rekeys;
    bool has_child_sas;
    struct base_comparison child_sas; /* pairs that stand at this moment */
};

enum scn_direction {
    SCN_DIRECTION_ANY,
    SCN_DIRECTION_SENT,
    SCN_DIRECTION_RECEIVED,
};

enum scn_message_kind {
    SCN_MESSAGE_ANY,
    SCN_MESSAGE_REQUEST,
    SCN_MESSAGE_RESPONSE,
};

/* Which IKE messages are meant. */
struct scn_ike_match {
    uint8_t exchange; /* RFC 7296, 3.1: 34..37; 0: any */
    enum scn_message_kind kind;
    bool has_message_id;
    uint32_t message_id;
};

struct scn_expect_ike {
    const char *on; /* a gateway's node */
    enum scn_direction direction;
    struct scn_ike_match match;
    bool has_notify;
    uint16_t notify; /* RFC 7296, 3.10.1, and the IANA registry */
    const char *notify_name;
    struct base_comparison count; /* default >= 1 */
};

struct scn_expect_drops {
    const char *on;               /* a node or a link; NULL: anywhere */
    const char *reason;           /* a name of sim/journal.h's reasons; NULL: any */
    struct base_comparison count; /* default >= 1 */
};

struct scn_expect_cause {
    const char *code; /* of diagnose/codes.h */
};

enum scn_expect_kind {
    SCN_EXPECT_CAPTURE,
    SCN_EXPECT_TUNNEL,
    SCN_EXPECT_IKE,
    SCN_EXPECT_DROPS,
    SCN_EXPECT_CAUSE,
};

struct scn_expect {
    enum scn_expect_kind kind;
    struct base_where where;
    const char
        *text; /* as written, on one line: "capture {at: internet, filter: icmp, count: 0}" */
    struct scn_during during;
    union {
        struct scn_expect_capture capture;
        struct scn_expect_tunnel tunnel;
        struct scn_expect_ike ike;
        struct scn_expect_drops drops;
        struct scn_expect_cause cause;
    } u;
};

/* --- Steps ----------------------------------------------------------------------------------- */

#define SCN_VERBS(X)                                                                               \
    X(PING, "ping")                                                                                \
    X(TRAFFIC, "traffic")                                                                          \
    X(WAIT, "wait")                                                                                \
    X(ROUTE, "route")                                                                              \
    X(FAULT, "fault")                                                                              \
    X(HEAL, "heal")                                                                                \
    X(INITIATE, "initiate")                                                                        \
    X(TERMINATE, "terminate")                                                                      \
    X(REKEY, "rekey")                                                                              \
    X(RESTART, "restart")                                                                          \
    X(STOP, "stop")                                                                                \
    X(START, "start")                                                                              \
    X(RELEASE, "release")                                                                          \
    X(CHANGE, "change")                                                                            \
    X(INJECT, "inject")                                                                            \
    X(EXPECT, "expect")

enum scn_verb {
#define SCN_VERB(id, name) SCN_VERB_##id,
    SCN_VERBS(SCN_VERB)
#undef SCN_VERB
};

const char *scn_verb_name(enum scn_verb);

struct scn_ping {
    const char *from; /* a node */
    struct base_where from_where;
    const char *to; /* as written: a node or an address */
    struct base_where to_where;
    struct net_addr to_address;
    uint64_t count;      /* 1 or more; default 3 */
    base_ns interval_ns; /* default 1s */
    base_ns timeout_ns;  /* for each answer; default 2s */
    uint32_t size_bytes; /* of the echo's data; default 56 */
    uint8_t ttl;         /* default 64 */
    /* -M do; false: -M dont where SCN_PING_DF is set, else ping's own -M want. */
    bool dont_fragment;
    uint32_t set; /* SCN_PING_DF: dontFragment was written */
};

enum {
    SCN_PING_DF = 1
};

struct scn_traffic {
    const char *from; /* a node */
    struct base_where from_where;
    const char *to; /* as written: a node or an address of one */
    struct base_where to_where;
    const char *to_node;
    struct net_addr to_address;
    uint64_t rate_bps;   /* of IP packets; default 1Mbit */
    uint32_t size_bytes; /* of an IP packet; default 1400 */
    base_ns for_ns;      /* default 1s */
};

struct scn_route {
    const char **on; /* nodes */
    size_t on_count;
    struct topo_route *add;
    size_t add_count;
    struct topo_route *remove;
    size_t remove_count;
};

enum scn_fault_action {
    SCN_FAULT_DROP,
    SCN_FAULT_DUPLICATE, /* `number` further copies */
    SCN_FAULT_DELAY,     /* `delay_ns` more */
    SCN_FAULT_CORRUPT,   /* `number` bits */
    SCN_FAULT_HOLD,      /* until released by name */
};

/* Names packets, and does one thing to them. */
struct scn_exact_fault {
    struct scn_filter filter; /* or: */
    bool has_ike;
    struct scn_ike_match ike;
    uint64_t first; /* which of those that match, from 1 */
    uint64_t last;  /* UINT64_MAX: all */
    enum scn_fault_action action;
    uint32_t number;
    base_ns delay_ns;
    const char *hold;
};

/* What befalls a gateway itself: one of these. */
enum scn_crash {
    SCN_CRASH_NONE,
    SCN_CRASH_POWER,  /* as in a reboot */
    SCN_CRASH_DAEMON, /* the IKE daemon alone */
};

enum scn_failover {
    SCN_FAILOVER_NONE,
    SCN_FAILOVER_COLD, /* the standby has no SA */
    SCN_FAILOVER_WARM, /* it has them all */
};

struct scn_gateway_fault {
    uint32_t said;              /* which of them, for the reader alone */
    enum scn_crash crash;       /* comes back when the fault ends */
    enum scn_failover failover; /* the standby takes over when the fault ends */
    base_ns clock_jump_ns;      /* so much ahead, for good; 0: none */
    bool reject_spi;            /* ESP under `spi` (0: any) is dropped as unknown */
    uint32_t spi;
    bool rebind;         /* of a NAT router: it forgets its mappings */
    const char *tunnel;  /* of the counters below */
    uint64_t sequence;   /* of its next ESP packet; 0: not said */
    uint32_t message_id; /* of its next request; 0: not said */
};

struct scn_fault {
    const char
        *on; /* "internet", "<vdc>/<lan id>", or with has_gateway a gateway's or NAT's node */
    struct base_where on_where;
    const char *from; /* a node: only what it sends onto the link; NULL: every direction */
    base_ns for_ns;   /* 0: until healed */
    struct topo_impairment impairment; /* set == 0: none */
    bool has_exact;
    struct scn_exact_fault exact;
    bool has_gateway;
    struct scn_gateway_fault gateway;
};

struct scn_heal {
    bool all;
    const char *on;   /* a link, or a gateway's node */
    const char *from; /* NULL: faults of every direction */
};

enum scn_what {
    SCN_WHAT_IKE,
    SCN_WHAT_CHILD,
};

/* initiate (default child: the whole tunnel), terminate (default ike: the whole tunnel), rekey (default child). */
struct scn_sa {
    const char *on; /* a gateway's node */
    const char *tunnel;
    enum scn_what what;
};

/* What an `expect` beside a step asks about. */
enum scn_measure {
    SCN_MEASURE_SENT,       /* ping, traffic, inject */
    SCN_MEASURE_RECEIVED,   /* ping: answered requests */
    SCN_MEASURE_DUPLICATES, /* ping: further answers */
    SCN_MEASURE_ERRORS,     /* ping: ICMP errors, and what its own node could not send */
    SCN_MEASURE_RTT,        /* ping: every single round trip */
    SCN_MEASURE_DELIVERED,  /* traffic: datagrams */
    SCN_MEASURE_LOST,       /* traffic */
    SCN_MEASURE_REORDERED,  /* traffic: later ones came first */
    SCN_MEASURE_LATENCY,    /* traffic: every single datagram's way */
    SCN_MEASURE_STATE,      /* initiate, terminate, rekey */
};

const char *scn_measure_name(enum scn_measure);

struct scn_check {
    enum scn_measure measure;
    struct base_where where;
    const char *text;             /* as written: "<= 40ms" */
    struct base_comparison value; /* nanoseconds with rtt and latency; unused with state */
    enum scn_tunnel_state state;
};

struct scn_step {
    enum scn_verb verb;
    struct base_where where;
    const char *text; /* as written, on one line: "ping {from: txl-host1, to: txl-gw, count: 3}" */
    const char *name; /* unique, or NULL */
    struct base_where name_where;
    struct base_where value_where; /* of what stands behind the verb */
    bool has_at;
    base_ns at_ns;
    struct base_where at_where;
    bool background; /* the next step starts at once */
    struct scn_check *checks;
    size_t check_count;
    union {
        struct scn_ping ping;
        struct scn_traffic traffic;
        base_ns wait_ns;
        struct scn_route route;
        struct scn_fault fault;
        struct scn_heal heal;
        struct scn_sa sa;                /* initiate, terminate, rekey */
        const char *node;                /* restart, stop, start */
        const char *release;             /* the name of a hold */
        const struct topo_model *change; /* what stands from then on, whole */
        struct scn_inject *inject;
        struct {
            struct scn_expect *items;
            size_t count;
        } expect;
    } u;
};

/* --- The whole ------------------------------------------------------------------------------- */

struct scn_scenario {
    const char *file; /* as it was called */
    bool has_path;    /* `file` can be opened by that name: it was not read as a text */
    const char *name; /* the file's name without folder and ending: names the folder of results */
    const char *title;
    const char *description;
    const char *lesson;
    const char **tags;
    size_t tag_count;
    uint64_t seed;
    int64_t start_unix_ns; /* virtual time 0 on the wall clock, UTC */
    base_ns duration_ns;   /* 0: none given */
    struct topo_model model;
    struct scn_step *steps;
    size_t step_count;
    struct scn_expect *expectations; /* judged at the end */
    size_t expectation_count;
    bool cleartext_allowed;
    bool pairing_broken; /* SAs that do not pair up are what is expected */
    struct base_arena arena;
};

void scn_scenario_free(struct scn_scenario *); /* NULL is fine */

#endif
