/*
 * One IKE SA. It is made of small parts, each with its own file: keys, window, retransmission, fragments,
 * tasks, children; what is needed only until it is authenticated hangs on it as a handshake.
 *
 * Nothing is freed while a message is being processed: an SA that ends becomes CLOSED or GONE, and is freed when
 * the endpoint settles (engine.h).
 */
#ifndef IKE_SA_H
#define IKE_SA_H

#include "ipsec/ike/child.h"
#include "ipsec/ike/fragment.h"
#include "ipsec/ike/keys.h"
#include "ipsec/ike/nonce.h"
#include "ipsec/ike/peer.h"
#include "ipsec/ike/retransmit.h"
#include "ipsec/ike/sk.h"
#include "ipsec/ike/task.h"
#include "ipsec/ike/window.h"

struct ike_endpoint;
struct ike_handshake;

/* States in the past tense: what was done last. */
enum ike_sa_state {
    IKE_SA_INIT_SENT,     /* initiator: IKE_SA_INIT */
    IKE_SA_INIT_ANSWERED, /* responder: half-open */
    IKE_SA_AUTH_SENT,     /* initiator: IKE_AUTH */
    IKE_SA_ESTABLISHED,
    IKE_SA_HELD, /* made by the peer's rekey while ours is under way: who wins is not known yet */
    IKE_SA_REPLACED, /* a rekey made another; waits to be deleted, by whoever is to do it */
    IKE_SA_DELETING, /* our DELETE is to be sent, or was */
    IKE_SA_CLOSED,   /* ended; kept a while to answer the last request when it comes again */
    IKE_SA_GONE,     /* ended; freed when the endpoint settles */
    IKE_SA_STATE_COUNT
};

struct ike_nat {
    bool traversal; /* the peer sends NAT_DETECTION notifies */
    bool local;     /* a NAT in front of this end */
    bool remote;
    bool encapsulate;     /* ESP goes in UDP: a NAT, or forced */
    uint8_t seen[20];     /* the peer's NAT_DETECTION_DESTINATION_IP: how it sees this end */
    bool seen_under_keys; /* by a liveness check, not in IKE_SA_INIT */
};

enum {
    IKE_SA_DELETED_MAX = 8,
};

struct ike_sa {
    struct ike_sa *prev, *next;
    struct ike_endpoint *endpoint;
    struct ike_peer *peer; /* until IKE_AUTH names it, the first that fits the addresses */
    uint64_t own_spi;
    uint64_t spi_i, spi_r;
    bool initiator;  /* this end is the original initiator */
    bool begun_here; /* this end began the connection, whoever rekeyed it since */
    enum ike_sa_state state;
    bool told;                    /* the owner knows it as up */
    uint64_t born, authenticated; /* endpoint's sequence numbers: which was first; 0: not yet */

    struct ike_path path;
    struct ike_nat nat;
    bool mobike, fragmentation; /* both ends do it */

    bool has_keys;
    struct ike_keys keys;
    struct ike_sk seal, open;
    uint64_t iv; /* counter for the ciphers that take one */

    struct ike_window window;
    struct ike_retransmit retransmit;
    struct ike_fragments requests, responses; /* of the peer's, being collected */
    struct ike_handshake *handshake;          /* NULL once authenticated */
    struct ike_task *active;                  /* its request is under way */
    struct ike_task *tasks;                   /* waiting */
    struct ike_child *children;
    unsigned child_count;

    struct ike_nonce_low low;             /* of the exchange that made it */
    bool rekeyed;                         /* made by a rekey, not by IKE_SA_INIT */
    struct ike_sa *held;                  /* what the peer's colliding rekey made; NULL: none */
    struct ike_nonce_low held_low;        /* of that exchange, kept if `held` is gone again */
    uint32_t deleted[IKE_SA_DELETED_MAX]; /* peer's SPIs deleted before they were known here */
    unsigned deleted_count;

    base_ns established_at;
    base_ns rekey_at, expires_at;
    base_ns give_up_at;   /* half-open, REPLACED, HELD, CLOSED: when its time is over */
    base_ns redundant_at; /* when it is deleted in favour of another (redundant.h) */
    base_ns liveness_at;  /* when it is looked next whether the peer has been heard */
    base_ns last_in, last_out;
    enum ike_reason end; /* why it was closed */
    /* Its last request is being answered: it ends behind that answer, since routes go with its children. */
    enum ike_reason leaving;
};

/* A new SA in the endpoint's list. */
struct ike_sa *ike_sa_new(struct ike_endpoint *endpoint, struct ike_peer *peer, bool initiator,
                          const struct ike_path *path, uint64_t own_spi);
/* An SPI that no SA here has. */
uint64_t ike_sa_draw_spi(struct ike_endpoint *endpoint);
/* The peer's SPI, when it is known. */
void ike_sa_set_peer_spi(struct ike_sa *sa, uint64_t spi);
/* Keys were derived: makes the ciphers and tells IKE_KEYS. */
void ike_sa_use_keys(struct ike_sa *sa);
/* Authenticated, or made by a rekey: state ESTABLISHED, lifetimes begin. */
void ike_sa_establish(struct ike_sa *sa);

/*
 * Ends it here and now, children first: events, then CLOSED where its last response may be asked for again,
 * else GONE. Tells the peer nothing. Harmless when it was ended before.
 */
void ike_sa_end(struct ike_sa *sa, enum ike_reason reason);
/* Ends it by a DELETE: children stop at once, the SA when it is answered. `notify` 0: none goes along. */
void ike_sa_delete(struct ike_sa *sa, enum ike_reason reason, uint16_t notify);
void ike_sa_free(struct ike_sa *sa); /* for the endpoint alone */

/* `path` was in an authenticated message: moves the SA and its children there. */
void ike_sa_move(struct ike_sa *sa, const struct ike_path *path);
/* `to` replaces `from`: children and waiting tasks go over; tells IKE_REKEYED. */
void ike_sa_inherit(struct ike_sa *to, struct ike_sa *from);

static inline bool ike_sa_is_up(const struct ike_sa *sa)
{
    return sa->state == IKE_SA_ESTABLISHED;
}
static inline bool ike_sa_is_connecting(const struct ike_sa *sa)
{
    return sa->state == IKE_SA_INIT_SENT || sa->state == IKE_SA_INIT_ANSWERED ||
           sa->state == IKE_SA_AUTH_SENT;
}
static inline bool ike_sa_is_over(const struct ike_sa *sa)
{
    return sa->state == IKE_SA_CLOSED || sa->state == IKE_SA_GONE;
}
static inline uint64_t ike_sa_peer_spi(const struct ike_sa *sa)
{
    return sa->initiator ? sa->spi_r : sa->spi_i;
}

/* An event of this SA with all that identifies it filled in; to be completed and put out. */
struct ike_event ike_sa_event(const struct ike_sa *sa, enum ike_event_kind kind);
void ike_sa_tell(struct ike_sa *sa, const struct ike_event *event);
/* Fills *out from the SA's keys; borrowed. */
void ike_sa_keys_info(const struct ike_sa *sa, struct ike_keys_info *out);

/* Octets for the next message's IV. */
void ike_sa_next_iv(struct ike_sa *sa, uint8_t *iv);

#endif
