/*
 * A laboratory for endpoints in virtual time: two or more of them, each with a database of ESP SAs, and a
 * network between that delivers, holds, drops, duplicates or delays each message as a test says. All the while
 * probes ("pings") may go through the ESP SAs both ways, so that a test sees what a rekey costs.
 */
#ifndef TESTS_IKE_LAB_H
#define TESTS_IKE_LAB_H

#include "base/rng.h"
#include "ipsec/crypto/context.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/message.h"

enum {
    LAB_ENDS_MAX = 3,
    LAB_FAULTS_MAX = 32,
    LAB_STORY_MAX = 64,
    LAB_A = 0,
    LAB_B = 1,
    LAB_ANY = -1,
};

#define LAB_DELAY (10 * BASE_MS) /* one way */

enum lab_action {
    LAB_DROP,
    LAB_HOLD,      /* until lab_release() */
    LAB_DELAY_IT,  /* by `delay` more */
    LAB_DUPLICATE, /* once more, `delay` later */
    LAB_CORRUPT,   /* one bit of the last byte */
};

/* Which messages, counted from when the fault was set, and what befalls them. */
struct lab_fault {
    int from;         /* LAB_ANY */
    uint8_t exchange; /* 0: any */
    int response;     /* 0 request, 1 response, LAB_ANY */
    unsigned skip;    /* so many pass first */
    unsigned count;   /* then so many are met; 0: all */
    enum lab_action action;
    base_ns delay;
    const char *name; /* of what is held */
};

struct lab_nat { /* in front of an end: port p outside is p + shift */
    bool on;
    struct net_addr outside;
    uint16_t shift;
};

/* The SAs that an end's events call up, by its own SPIs. */
struct lab_story {
    uint64_t up[LAB_STORY_MAX];
    size_t count;
};

struct lab_end {
    struct lab *lab;
    int index;
    bool dead; /* takes and gives nothing */
    struct net_addr address;
    struct lab_nat nat;
    struct ike_endpoint *endpoint;
    struct esp_sad *sad;
    struct lab_story ike_story, child_story;
    unsigned events[IKE_EVENT_KIND_COUNT];
    unsigned failed[IKE_TASK_KIND_COUNT], done[IKE_TASK_KIND_COUNT];
    enum ike_reason last_reason; /* of the last *_DOWN, *_FAILED */
    uint16_t last_notify;
    unsigned requests[256], responses[256]; /* sent, by exchange, retransmissions not counted */
    unsigned retransmissions, dropped;
    enum ike_reason last_dropped;
    uint16_t notifies_sent[64];
    unsigned notify_sent_count;
    unsigned pings_sent, pings_lost, no_sa; /* a ping without an SA is not sent, and lost */
    unsigned keepalives;
};

struct lab {
    struct crypto_context *crypto;
    struct lab_end ends[LAB_ENDS_MAX];
    int end_count;
    struct base_rng rng;
    base_ns now;
    struct lab_message *messages; /* in flight or held; sorted by time */
    uint64_t next_id;
    uint64_t last_spi_i; /* of the last message sent */
    struct lab_fault faults[LAB_FAULTS_MAX];
    unsigned met[LAB_FAULTS_MAX];
    int fault_count;
    base_ns ping_every; /* 0: off */
    base_ns ping_at;
    bool log; /* every event and message to stdout */
    void (*record)(void *context, base_ns at, const struct ike_path *path, bool marker,
                   const uint8_t *bytes, size_t size); /* what was sent; may be NULL */
    void (*keys)(void *context, const struct ike_keys_info *keys);
    void *record_context;
};

/* What tests most often change; lab_defaults() fills it in. */
struct lab_setup {
    int ends;
    uint64_t seed;
    struct ike_peer_config peer[LAB_ENDS_MAX]; /* what end i thinks of its tunnels */
    struct ike_endpoint_options options[LAB_ENDS_MAX];
};

/* ECP-256, AES-128-CTR, SHA-256, PFS, by hand, no DPD; tunnel "t" with reqid 1 between A and B. */
void lab_defaults(struct lab_setup *setup);

struct lab *lab_new(const struct lab_setup *setup);
/*
 * Which of a collision's four nonces is the lowest: 0 of the request of `a`, 1 of b's response to it, 2 of the
 * request of `b`, 3 of a's response to that. So a's exchange loses with 0 and 1, b's with 2 and 3.
 */
void lab_lowest_nonce(struct lab_setup *setup, int a, int lowest);
/* The same at time 0 with all defaults. */
struct lab *lab_plain(void);
void lab_free(struct lab *lab);
/* An endpoint as if its machine had crashed: freed without a word. The test puts another in its place. */
void lab_crash(struct lab *lab, int end);

void lab_fault(struct lab *lab, struct lab_fault fault);
/* What may befall a message: the n-th of either end, from 0, is lost, doubled, late by 6 s or damaged. */
#define LAB_MISHAPS 4
struct lab_fault lab_mishap(size_t which, unsigned n);
void lab_heal(struct lab *lab);
/* Delivers what is held under `name`, after the usual delay; returns how many. */
unsigned lab_release(struct lab *lab, const char *name);
unsigned lab_held(const struct lab *lab, const char *name);

void lab_run(struct lab *lab, base_ns duration);
/* Until both ends are quiet and nothing is in flight, at most 1,000 s. */
void lab_settle(struct lab *lab);

/* Initiates from `end` and runs until both are up; asserts it. */
void lab_up(struct lab *lab, int end);
/* From now on an echo each way every `every`; what is lost is counted. */
void lab_pings(struct lab *lab, base_ns every);

struct ike_endpoint *lab_ep(struct lab *lab, int end);
struct ike_peer_info lab_peer(struct lab *lab, int end);
struct ike_child_info lab_child(struct lab *lab, int end, size_t index);
size_t lab_children(struct lab *lab, int end);
unsigned lab_lost(const struct lab *lab);

void lab_initiate(struct lab *lab, int end);
void lab_rekey_child(struct lab *lab, int end);
void lab_rekey_ike(struct lab *lab, int end);
void lab_terminate(struct lab *lab, int end, bool child_only);
void lab_input(struct lab *lab, int end, const struct ike_path *path, const uint8_t *bytes,
               size_t size);

/* One notify in clear under this header, as from the other end. */
void lab_input_notify(struct lab *lab, int end, const struct ike_header *header, uint16_t notify);
/* What a call of the endpoint itself put out. */
void lab_drain(struct lab *lab, int end);

/* Every SA in use at one end has its twin at the other, with the same keys. */
void lab_assert_paired(struct lab *lab);
/* One IKE SA and one child at each end, paired, quiet, nothing lost. */
void lab_assert_sound(struct lab *lab);
/* Settled, sound, freed: the end of a laboratory that ends well. */
void lab_end_soundly(struct lab *lab);
bool lab_sent_notify(const struct lab *lab, int end, uint16_t notify);

#endif
