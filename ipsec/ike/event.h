/*
 * What an endpoint tells its owner: datagrams to be sent and events, in the exact order in which they
 * happened.
 */
#ifndef IKE_EVENT_H
#define IKE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/addr.h"

struct crypto_encr;
struct crypto_group;
struct crypto_integ;
struct crypto_prf;
struct ike_child_info;

/* From where to where a datagram goes; for one received, local is its destination. */
struct ike_path {
    struct net_addr local, remote;
    uint16_t local_port, remote_port;
};

#define IKE_EVENT_KINDS(X)                                                                         \
    X(MESSAGE_SENT, "message-sent")         /* a request, a response, or a copy of one */          \
    X(MESSAGE_RECEIVED, "message-received") /* authenticated, or of an IKE_SA_INIT */              \
    X(MESSAGE_DROPPED, "message-dropped")   /* with the reason in `reason` */                      \
    X(TASK_STARTED, "task-started")         /* its request is on the way */                        \
    X(TASK_DONE, "task-done")               /* `reason` is IKE_REASON_OK */                        \
    X(TASK_FAILED, "task-failed")                                                                  \
    X(IKE_KEYS, "ike-keys")       /* SK_* of an IKE SA are known: before any message under them */ \
    X(IKE_UP, "ike-up")           /* authenticated */                                              \
    X(IKE_REKEYED, "ike-rekeyed") /* `spi` replaces `old_spi`, with its children */                \
    X(IKE_DOWN, "ike-down")                                                                        \
    X(CHILD_UP, "child-up")           /* both SAs are installed: policies and routes may be */     \
    X(CHILD_REKEYED, "child-rekeyed") /* `child` replaces the one of inbound SPI `old_spi` */      \
    X(CHILD_DOWN, "child-down")                                                                    \
    X(CHILD_FAILED, "child-failed")       /* could not be negotiated: `reason`, `notify` */        \
    X(ADDRESS_CHANGED, "address-changed") /* NAT rebinding or MOBIKE: `path` is the new one */

enum ike_event_kind {
#define X(name, text) IKE_EVENT_##name,
    IKE_EVENT_KINDS(X)
#undef X
    IKE_EVENT_KIND_COUNT
};

/* What an endpoint does with a peer. */
#define IKE_TASKS(X)                                                                               \
    X(NONE, "none")                                                                                \
    X(CONNECT, "connect") /* IKE_SA_INIT and IKE_AUTH with the first child */                      \
    X(CHILD_CREATE, "child-create")                                                                \
    X(CHILD_REKEY, "child-rekey")                                                                  \
    X(CHILD_DELETE, "child-delete")                                                                \
    X(IKE_REKEY, "ike-rekey")                                                                      \
    X(IKE_DELETE, "ike-delete")                                                                    \
    X(LIVENESS, "liveness")                                                                        \
    X(ADDRESS_UPDATE, "address-update")

enum ike_task_kind {
#define X(name, text) IKE_TASK_##name,
    IKE_TASKS(X)
#undef X
    IKE_TASK_KIND_COUNT
};

/* Why something failed, was dropped or came to its end. */
#define IKE_REASONS(X)                                                                             \
    X(OK, "ok")                                                                                    \
    X(MALFORMED, "malformed")                                                                      \
    X(UNKNOWN_SPI, "unknown SPI")                                                                  \
    X(UNEXPECTED, "unexpected exchange in this state")                                             \
    X(WINDOW, "message ID outside the window")                                                     \
    X(DUPLICATE, "duplicate, answered from memory")                                                \
    X(NOT_AUTHENTIC, "integrity check failed")                                                     \
    X(FRAGMENT, "fragment refused")                                                                \
    X(VERSION, "major version")                                                                    \
    X(LIMIT, "a limit was reached")                                                                \
    X(HALF_OPEN, "too many IKE SAs are half-open")                                                 \
    X(REFUSED, "refused by the peer") /* `notify` says how */                                      \
    X(INVALID, "invalid message of the peer")                                                      \
    X(AUTHENTICATION, "authentication failed")                                                     \
    X(PROPOSAL, "no proposal chosen")                                                              \
    X(SELECTORS, "traffic selectors unacceptable")                                                 \
    X(TIMEOUT, "peer not responding")                                                              \
    X(COLLISION, "collided with an exchange of the peer")                                          \
    X(REPLACED, "replaced by a rekeyed one")                                                       \
    X(REDUNDANT, "one of two that came up at once")                                                \
    X(INITIAL_CONTACT, "INITIAL_CONTACT of the peer")                                              \
    X(EXPIRED, "lifetime expired")                                                                 \
    X(DELETED_BY_PEER, "deleted by the peer")                                                      \
    X(DELETED, "deleted here")                                                                     \
    X(IKE_GONE, "its IKE SA is gone")

enum ike_reason {
#define X(name, text) IKE_REASON_##name,
    IKE_REASONS(X)
#undef X
    IKE_REASON_COUNT
};

enum {
    IKE_EVENT_NOTIFIES_MAX = 16
};

/* The keys and algorithms of an IKE SA, for Wireshark's table and for display. */
struct ike_keys_info {
    uint64_t spi_i, spi_r;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
    const struct crypto_prf *prf;
    const struct crypto_group *group;
    const uint8_t *sk_ei, *sk_er; /* encr key, with the salt behind it */
    size_t sk_e_size;
    const uint8_t *sk_ai, *sk_ar; /* NULL, 0 with AEAD */
    size_t sk_a_size;
};

/* One event. All that is pointed at is borrowed until the next poll. */
struct ike_event {
    enum ike_event_kind kind;
    base_ns at;
    int peer;              /* the number that ike_endpoint_add_peer() gave; -1: not known (yet) */
    const char *tunnel;    /* the peer's name; NULL where peer is -1 */
    uint64_t spi_i, spi_r; /* of the IKE SA; all zero where there is none */
    bool initiator;        /* whether this end is the IKE SA's original initiator */
    enum ike_reason reason;
    enum ike_task_kind task; /* TASK_* */
    uint16_t notify;         /* an error notify that decided it, 0: none */

    /* MESSAGE_* */
    uint8_t exchange;
    bool response;
    bool retransmission;
    uint32_t tries; /* of a request: which retransmission in its row this is, from 1; else 0 */
    uint32_t message_id;
    uint16_t notifies[IKE_EVENT_NOTIFIES_MAX]; /* types, in order of the message */
    size_t notify_count;
    size_t size;          /* bytes of the datagram without the marker; of all fragments together */
    struct ike_path path; /* and of ADDRESS_CHANGED */

    const struct ike_keys_info *keys;   /* IKE_KEYS, IKE_UP, IKE_REKEYED */
    const struct ike_child_info *child; /* CHILD_* */
    uint64_t old_spi;       /* IKE_REKEYED: this end's SPI of the IKE SA that is replaced */
    uint32_t old_child_spi; /* CHILD_REKEYED: inbound SPI of the child that is replaced */
};

enum ike_output_kind {
    IKE_OUTPUT_DATAGRAM,
    IKE_OUTPUT_EVENT,
};

/* Borrowed until the next poll. */
struct ike_output {
    enum ike_output_kind kind;
    struct ike_event event; /* IKE_OUTPUT_EVENT */
    /* IKE_OUTPUT_DATAGRAM: the UDP payload without the non-ESP marker. A NAT keepalive is the one
     * byte 0xff, without a marker. */
    struct ike_path path;
    bool marker; /* four zero bytes go in front (RFC 3948 section 2.2) */
    const uint8_t *bytes;
    size_t size;
};

const char *ike_event_kind_name(enum ike_event_kind kind);
const char *ike_task_name(enum ike_task_kind kind);
const char *ike_reason_name(enum ike_reason reason);

#endif
