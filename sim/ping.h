/*
 * ping, as iputils 20221126 does it: echo requests at an interval, statistics of what came back.
 * Memory does not depend on the count: the last SIM_PING_WINDOW_MAX requests are remembered, for
 * their times and for duplicates; a reply to an older one is counted and timed by its payload.
 *
 * It ends when as many replies and errors came as there are requests, or `timeout_ns` after the last
 * request was sent. (iputils waits for twice the longest round trip instead, once one reply came.)
 */
#ifndef SIM_PING_H
#define SIM_PING_H

#include "sim/stack.h"

struct sim_ping;

#define SIM_PING_SIZE_DEFAULT 56
#define SIM_PING_SIZE_MAX 65507
#define SIM_PING_WINDOW_MAX 4096

struct sim_ping_config {
    net_ip4 to;
    net_ip4 from;         /* -I address; 0: the route's */
    uint64_t count;       /* -c; 0: until sim_ping_stop() */
    base_ns interval_ns;  /* -i; at least 1 us */
    base_ns timeout_ns;   /* -W */
    uint32_t size;        /* -s: bytes of payload */
    uint8_t ttl;          /* -t; 0: 64 */
    uint8_t tos;          /* -Q */
    enum sim_stack_df df; /* -M: DONT dont, WANT (ping's default), DO do */
    base_ns epoch_ns;     /* wall clock at virtual time 0, in the payload's timestamps */
};

enum sim_ping_kind {
    SIM_PING_REPLY,     /* "64 bytes from 192.168.2.11: icmp_seq=1 ttl=62 time=24.3 ms" */
    SIM_PING_DUPLICATE, /* the same with " (DUP!)" */
    SIM_PING_REDIRECT, /* "From 192.168.1.5: icmp_seq=1 Redirect Host(New nexthop: 192.168.1.6)": no error */
    SIM_PING_ERROR,       /* "From 192.168.1.5 icmp_seq=1 Destination Net Unreachable" */
    SIM_PING_LOCAL_ERROR, /* "ping: local error: message too long, mtu=1346", "ping: sendmsg: ..." */
    SIM_PING_NO_CONNECT /* "ping: connect: Network is unreachable", or DENIED: nothing is sent, the end */
};

/* What ping would print a line about. */
struct sim_ping_line {
    enum sim_ping_kind kind;
    base_ns at;
    uint64_t sequence; /* from 1; on the wire its low 16 bits */
    net_ip4 from;      /* who answered */
    uint8_t ttl;       /* of the reply as it came in */
    uint32_t bytes;    /* ICMP message: "64 bytes" */
    base_ns rtt_ns;    /* replies; ping prints no time where the payload is shorter than 16 bytes */
    uint8_t icmp_type, icmp_code; /* errors: net_icmp_error_text() has ping's words */
    net_ip4 gateway;              /* redirects: net_icmp_redirect_text() */
    uint32_t mtu;                 /* fragmentation needed, message too long */
    enum sim_stack_status status; /* local errors */
    uint64_t packet;              /* id of the reply's or error's packet; 0 for local ones */
};

struct sim_ping_statistics {
    uint64_t transmitted; /* with those that failed locally, as ping counts */
    uint64_t received;    /* without duplicates */
    uint64_t duplicates;
    uint64_t errors;             /* "+3 errors": ICMP errors and local ones */
    base_ns started_at, last_at; /* "time 2004ms": from the first request to the last one */
    /* Of all replies, duplicates included; 0 without any. */
    base_ns rtt_min_ns, rtt_avg_ns, rtt_max_ns, rtt_mdev_ns;
    uint64_t pipe; /* "pipe 3": at most so many requests were on their way, as ping counts */
    uint64_t first_packet, last_packet; /* ids of the first and the last request sent; 0: none */
    bool no_connect;                    /* ended at once: no route, or a broadcast */
    bool done;
};

/* What the times of replies are summed up in, duplicates included: Welford. Zeroed at first. */
struct sim_ping_times {
    uint64_t replies, sum_ns;
    double mean_ns, square;
};
/* One more reply: rtt_* of the statistics. */
void sim_ping_count_time(struct sim_ping_times *times, struct sim_ping_statistics *statistics,
                         base_ns rtt);

struct sim_ping_listener {
    void *context;
    /* For each line; may be NULL. */
    void (*line)(void *context, struct sim_ping *ping, const struct sim_ping_line *line);
    /* Once, at the end, in the event that ended it; the ping may be freed in it. May be NULL. */
    void (*done)(void *context, struct sim_ping *ping);
};

/* Starts at once: the first request leaves in an event due now, not inside the call. */
struct sim_ping *sim_ping_start(struct sim_stack *stack, const struct sim_ping_config *config,
                                const struct sim_ping_listener *listener);
/* No more requests and no more waiting: done now (`done` is called), as an interrupted ping. */
void sim_ping_stop(struct sim_ping *ping);
void sim_ping_free(struct sim_ping *ping); /* at any time; without `done` */

const struct sim_ping_statistics *sim_ping_statistics(const struct sim_ping *ping);

#endif
