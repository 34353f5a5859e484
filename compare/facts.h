/*
 * What a user sees of one run, in one of the two worlds: tunnels as they stand at the end, pings, flows,
 * what came of initiate, terminate and rekey, notifies that gateways sent and took, packets on the
 * internet by kind. Values only: made by gather.h while a scenario plays, lined up by lineup.h.
 */
#ifndef COMPARE_FACTS_H
#define COMPARE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vtime.h"

/* What a packet on the internet is. */
#define CMP_KINDS(X)                                                                               \
    X(IKE, "isakmp, UDP 500")                                                                      \
    X(IKE_NATT, "isakmp, UDP 4500")                                                                \
    X(KEEPALIVE, "NAT keepalive")                                                                  \
    X(ESP, "ESP")                                                                                  \
    X(ESP_UDP, "ESP in UDP")                                                                       \
    X(ICMP, "ICMP in clear")                                                                       \
    X(FRAGMENT, "fragment, not the first")                                                         \
    X(OTHER, "other IP")

enum cmp_kind {
#define X(name, text) CMP_KIND_##name,
    CMP_KINDS(X)
#undef X
    CMP_KIND_COUNT
};

const char *cmp_kind_name(enum cmp_kind kind);

struct cmp_packets {
    uint64_t distinct;
    uint64_t copies; /* IKE: the same message once more */
};

struct cmp_error {
    const char *from; /* an address; NULL: the sender's own system */
    const char *what; /* in ping's words */
    uint64_t count;
};

struct cmp_ping {
    int line;
    const char *text; /* the step's, as written */
    uint64_t sent, received, duplicates;
    bool unreachable; /* "connect: Network is unreachable" */
    struct cmp_error *errors;
    size_t error_count;
    base_ns interval_ns;
    /* While it ran a tunnel came up or went down, or another step began: how many are on either
     * side of that moment is a matter of that moment. */
    bool moved;
};

/* traffic: a flow of UDP datagrams */
struct cmp_flow {
    int line;
    const char *text;
    uint64_t sent, delivered, duplicates;
    base_ns interval_ns; /* of its datagrams */
    bool moved;          /* as a ping's */
};

/* initiate, terminate, rekey */
struct cmp_outcome {
    int line;
    const char *text;
    const char *state;
};

struct cmp_tunnel {
    const char *gateway, *name;
    const char *state;
    const char *ike, *esp; /* algorithms; NULL: none is up */
    const char *selectors; /* "a === b"; NULL: no child SA */
    bool encapsulated;     /* ESP in UDP */
    uint64_t ike_rekeys, child_rekeys;
    uint64_t children;
};

struct cmp_notify {
    const char *gateway;
    bool sent;
    uint16_t type;
    uint64_t count;
};

struct cmp_facts {
    struct base_arena arena; /* of all that is pointed at */
    struct cmp_tunnel *tunnels;
    size_t tunnel_count;
    struct cmp_ping *pings;
    size_t ping_count;
    struct cmp_flow *flows;
    size_t flow_count;
    struct cmp_outcome *outcomes;
    size_t outcome_count;
    struct cmp_notify *notifies;
    size_t notify_count, notify_capacity;
    struct cmp_packets packets[CMP_KIND_COUNT];
};

void cmp_facts_init(struct cmp_facts *facts);
void cmp_facts_fini(struct cmp_facts *facts);

/* Counts one; `gateway` is borrowed. */
void cmp_facts_notify(struct cmp_facts *facts, const char *gateway, bool sent, uint16_t type);

#endif
