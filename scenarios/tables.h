/* The tables of the language, one file a subject, and what they share. */
#ifndef SCENARIOS_TABLES_H
#define SCENARIOS_TABLES_H

#include "scenarios/bind.h"
#include "scenarios/values.h"
#include "topology/check.h"

extern const struct scn_type scn_type_scenario;     /* struct scn_scenario */
extern const struct scn_type scn_type_vdcs;         /* struct topo_vdc[] */
extern const struct scn_type scn_type_gateway;      /* struct topo_gateway */
extern const struct scn_type scn_type_tunnel;       /* struct topo_tunnel */
extern const struct scn_type scn_type_behaviour;    /* struct topo_behaviour */
extern const struct scn_type scn_type_internet;     /* struct topo_internet */
extern const struct scn_type scn_nats;              /* struct topo_nat[] */
extern const struct scn_type scn_type_routes;       /* struct topo_route[] */
extern const struct scn_type scn_type_steps;        /* struct scn_step[] */
extern const struct scn_type scn_type_fault;        /* struct scn_fault */
extern const struct scn_type scn_gateway_fault;     /* struct scn_fault: one on a gateway */
extern const struct scn_type scn_heal_place;        /* const char *: where faults can be */
extern const struct scn_type scn_type_expectations; /* struct scn_expect[] */
extern const struct scn_type scn_type_ike_match;    /* struct scn_ike_match */
extern const struct scn_type scn_queue;             /* struct topo_impairment: its queue */
extern const struct scn_type scn_burst_loss;        /* struct topo_burst_loss */
extern const struct scn_type scn_exchange;          /* uint8_t */
extern const struct scn_type scn_filter;            /* struct scn_filter for Ethernet */
extern const struct scn_type scn_filter_text;       /* const char *: the same as a text */
extern const struct scn_type scn_group;             /* const struct crypto_group * */
extern const struct scn_type scn_encryption;        /* const struct crypto_encr * */
extern const struct scn_type scn_integrity;         /* const struct crypto_integ * */
extern const struct scn_type scn_notify_type;       /* uint16_t: of RFC 7296, 3.10.1 */
extern const struct scn_type scn_forge_type;        /* struct scn_forge */
extern const struct scn_type scn_inject_source;     /* struct scn_field: an address, or random */
extern const struct scn_type scn_inject_address;    /* struct scn_field: an address */
extern const struct scn_type scn_inject_number;     /* struct scn_field; key: min, max */
extern const struct scn_type scn_inject_spi;        /* struct scn_field: likewise, or current */
extern const struct scn_type scn_inject_sequence;   /* struct scn_field: likewise, or next */
extern const struct scn_type scn_message_kind;      /* enum scn_message_kind */
extern const struct scn_type scn_tunnel_state;      /* enum scn_tunnel_state */
extern const struct scn_type scn_during_type;       /* struct scn_during */
extern const struct scn_type scn_cleartext;         /* bool: allowed */
extern const struct scn_type scn_pairing;           /* bool: broken */

/* In the schema, what scn_filter and its like take. */
#define SCN_FILTER_SCHEMA "\"type\": \"string\", \"pattern\": \"\\\\S\""

/* The expectations: each a map of what belongs to struct scn_expect. */
extern const struct scn_type scn_expect_capture_type;
extern const struct scn_type scn_expect_tunnel_type;
extern const struct scn_type scn_expect_ike_type;
extern const struct scn_type scn_expect_drops_type;
extern const struct scn_type scn_expectation; /* struct scn_expect: one of them */

/* What a link does to packets, as keys of a map: M is the struct topo_impairment in the struct S. */
#define SCN_IMPAIRMENT_KEYS(S, M)                                                                  \
    {.name = "loss",                                                                               \
     .type = &scn_percent,                                                                         \
     .offset = offsetof(S, M.loss),                                                                \
     .set_bit = TOPO_LOSS,                                                                         \
     .about = "share of packets that are lost, each by itself"},                                   \
        {.name = "burstLoss",                                                                      \
         .type = &scn_burst_loss,                                                                  \
         .offset = offsetof(S, M.burst_loss),                                                      \
         .set_bit = TOPO_BURST_LOSS,                                                               \
         .about = "loss in bursts (Gilbert-Elliott): a mean share, or the four probabilities"},    \
        {.name = "duplicate",                                                                      \
         .type = &scn_percent,                                                                     \
         .offset = offsetof(S, M.duplicate),                                                       \
         .set_bit = TOPO_DUPLICATE,                                                                \
         .about = "share of packets that arrive twice"},                                           \
        {.name = "reorder",                                                                        \
         .type = &scn_percent,                                                                     \
         .offset = offsetof(S, M.reorder),                                                         \
         .set_bit = TOPO_REORDER,                                                                  \
         .about = "share of packets that overtake the delay"},                                     \
        {.name = "corrupt",                                                                        \
         .type = &scn_percent,                                                                     \
         .offset = offsetof(S, M.corrupt),                                                         \
         .set_bit = TOPO_CORRUPT,                                                                  \
         .about = "share of packets in which one bit is flipped"},                                 \
        {.name = "delay",                                                                          \
         .type = &scn_duration,                                                                    \
         .offset = offsetof(S, M.delay_ns),                                                        \
         .set_bit = TOPO_DELAY,                                                                    \
         .about = "one way"},                                                                      \
        {.name = "jitter",                                                                         \
         .type = &scn_duration,                                                                    \
         .offset = offsetof(S, M.jitter_ns),                                                       \
         .set_bit = TOPO_JITTER,                                                                   \
         .about = "the delay varies by so much both ways"},                                        \
        {.name = "rate",                                                                           \
         .type = &scn_rate,                                                                        \
         .offset = offsetof(S, M.rate_bps),                                                        \
         .set_bit = TOPO_RATE,                                                                     \
         .about = "bits a second"},                                                                \
        {.name = "queue",                                                                          \
         .type = &scn_queue,                                                                       \
         .offset = offsetof(S, M),                                                                 \
         .set_bit = TOPO_QUEUE,                                                                    \
         .about = "what may wait for the rate: a number of packets, or bytes with their unit"},    \
        {.name = "mtu",                                                                            \
         .type = &scn_u32,                                                                         \
         .offset = offsetof(S, M.mtu_bytes),                                                       \
         .set_bit = TOPO_MTU,                                                                      \
         .min = 68,                                                                                \
         .max = 65535,                                                                             \
         .about = "largest IP packet in bytes"},                                                   \
        {.name = "mtuSilent",                                                                      \
         .type = &scn_bool,                                                                        \
         .offset = offsetof(S, M.mtu_silent),                                                      \
         .set_bit = TOPO_MTU_SILENT,                                                               \
         .about = "what is too large is dropped without an ICMP error"},                           \
    {                                                                                              \
        .name = "down", .type = &scn_bool, .offset = offsetof(S, M.down), .set_bit = TOPO_DOWN,    \
        .about = "carries nothing"                                                                 \
    }

/* When it counts, as a key of an expectation. */
#define SCN_DURING_KEY                                                                             \
    {                                                                                              \
        .name = "during", .type = &scn_during_type, .offset = offsetof(struct scn_expect, during), \
        .about = "only what happens then: [10s, 20s], or during the step of that name"             \
    }

/*
 * Ends the binding of the model, once: looks remote hosts up, fills identities in, checks. Called before the
 * first name is looked up.
 */
void scn_finish_model(struct scn_bind *);

/* Sets the defaults of a map that the file may leave out. */
void scn_internet_defaults(struct topo_internet *);

/* Looks over all steps together, when all were bound: names, holds, times. */
void scn_check_steps(struct scn_bind *);

/* The tunnel `name` of gateway `on`; name NULL: its only one. False, with an error at `node` or
 * `name`, where there is none. */
bool scn_bind_tunnel_of(struct scn_bind *, const struct scn_node *node, const char *on,
                        const struct scn_node *name, const char **tunnel);

/* Whether node `from` is on link `on`; else adds an error at the key `from` of `node`. Either may be NULL. */
bool scn_check_direction(struct scn_bind *, const struct scn_node *node, const char *on,
                         const char *from);

/* A network as the key of a map of routes; "default" is 0.0.0.0/0. */
bool scn_bind_route_target(struct scn_bind *, const char *text, struct base_where,
                           struct net_prefix *out);

/* The algorithms' names as product lists. */
const char *scn_group_word(unsigned);
const char *scn_encryption_word(unsigned);
const char *scn_integrity_word(unsigned);

#endif
