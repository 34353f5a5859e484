/*
 * Differences that are known: known.def has each with its code and its reason, known.c by what mechanism it applies.
 * docs/likeness.md tells them at length.
 */
#ifndef COMPARE_KNOWN_H
#define COMPARE_KNOWN_H

#include "compare/facts.h"

enum cmp_topic {
    CMP_TOPIC_TUNNEL, /* state, algorithms, selectors, how many children and rekeys */
    CMP_TOPIC_PING,   /* received */
    CMP_TOPIC_ERROR,  /* an ICMP error that a ping shows */
    CMP_TOPIC_FLOW,   /* delivered */
    CMP_TOPIC_STEP,   /* what came of initiate, terminate, rekey */
    CMP_TOPIC_NOTIFY,
    CMP_TOPIC_PACKETS,
};

const char *cmp_topic_name(enum cmp_topic topic);

/* What of a scenario decides which mechanisms are at work. */
struct cmp_traits {
    bool nat; /* a gateway is behind a NAT router */
    bool
        choice; /* both ends of a tunnel are configured differently, and one is `negotiation: most-secure` */
    bool both;     /* both ends of a tunnel begin: by themselves, with traffic, or by a step */
    bool keys;     /* a gateway has tunnels with different keys */
    bool siblings; /* a gateway has two tunnels to one address */
    bool itself;   /* a tunnel leads to its own gateway */
    bool shared;   /* two hosts of a LAN have one address */
};

/* A difference that asks for its reason. */
struct cmp_question {
    enum cmp_topic topic;
    const struct cmp_traits *traits;
    const struct cmp_facts *simulated, *real;
    const struct cmp_notify *notify; /* CMP_TOPIC_NOTIFY: whose and which; counts below */
    enum cmp_kind kind;              /* CMP_TOPIC_PACKETS */
    const struct cmp_outcome *outcome, *real_outcome; /* CMP_TOPIC_STEP */
    const struct cmp_ping *ping; /* CMP_TOPIC_PING, CMP_TOPIC_ERROR: the simulated one */
    const struct cmp_ping *real_ping;
    const struct cmp_error *error; /* CMP_TOPIC_ERROR */
    const struct cmp_tunnel *tunnel, *real_tunnel;
    const char *aspect; /* CMP_TOPIC_TUNNEL: "state", "IKE", "ESP", "selectors", "child SAs", ... */
    uint64_t simulated_count, real_count;
};

struct cmp_known {
    const char *code;
    const char *reason;
    bool everywhere; /* in each handshake: summaries leave it out */
    bool (*applies)(const struct cmp_question *question);
};

/* The first that applies; NULL: nothing is known of it. */
const struct cmp_known *cmp_known_find(const struct cmp_question *question);

size_t cmp_known_count(void);
const struct cmp_known *cmp_known_at(size_t index);

#endif
