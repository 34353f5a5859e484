/*
 * What an IKE SA needs only until it is authenticated: the IKE_SA_INIT messages as they were sent, which
 * AUTH signs, nonces, the Diffie-Hellman key, and what the first request is repeated with.
 *
 * An initiator that was told to use another group, or to show a cookie, may have been told so by anybody. So it keeps
 * what it sent before: the answer to that is as good (RFC 7296 sections 2.6, 2.21.1).
 */
#ifndef IKE_HANDSHAKE_H
#define IKE_HANDSHAKE_H

#include "ipsec/crypto/group.h"
#include "ipsec/ike/nonce.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/sa.h"

enum {
    IKE_HANDSHAKE_EARLIER = 2, /* groups that are kept beside the last one */
    IKE_HANDSHAKE_OTHERS = 3,  /* answers that are kept beside the one that is followed */
};

/* The first request as it was last sent with one group. */
struct ike_first {
    struct crypto_dh *dh; /* owned; NULL: none */
    uint8_t *message;     /* owned */
    size_t size;
    unsigned versions; /* how many were sent that differ, in their cookie */
};

/* An answer to the first request. */
struct ike_answer {
    uint8_t *message; /* owned; NULL: none */
    size_t size;
    struct ike_path path;
};

struct ike_handshake {
    struct crypto_dh *dh;
    uint8_t nonce[IKE_NONCE_SIZE];
    uint8_t *peer_nonce;
    size_t peer_nonce_size;
    uint8_t *own_message, *peer_message;
    size_t own_message_size, peer_message_size;

    /* initiator */
    struct ike_proposals *offer;
    uint8_t cookie[IKE_COOKIE_SIZE_MAX]; /* the last that was demanded */
    size_t cookie_size;
    unsigned versions; /* of own_message with this group */
    struct ike_first earlier[IKE_HANDSHAKE_EARLIER];
    struct ike_path peer_path;                      /* of peer_message */
    struct ike_answer others[IKE_HANDSHAKE_OTHERS]; /* oldest first */
    unsigned answers;                               /* so many others have come in all */
    unsigned groups;                   /* how often another one was asked for, and given at once */
    const struct crypto_group *wanted; /* asked for once more; NULL: none */
    bool changed;     /* the request is to be another one when it is next sent: cookie, group */
    bool wary;        /* a cookie was forged before: the next waits for the time-out */
    uint16_t refused; /* an unauthenticated error notify, remembered; 0: none */
};

struct ike_handshake *ike_handshake_new(struct ike_sa *sa);
void ike_handshake_free(struct ike_sa *sa); /* wipes; harmless when there is none */

/* A new key pair of the group, in place of the one before. */
void ike_handshake_dh(struct ike_sa *sa, const struct crypto_group *group);

/*
 * The initiator's first request with this group becomes the current one, with its key pair and as it was sent, and the
 * current one an earlier. False where none of this group is kept; nothing is changed then.
 */
bool ike_handshake_recall(struct ike_sa *sa, const struct crypto_group *group);
/* The same, or with a new key pair in place of the earliest that is kept, and nothing sent yet. */
void ike_handshake_change_group(struct ike_sa *sa, const struct crypto_group *group);

/* Replaces *to by a copy. */
void ike_handshake_copy(uint8_t **to, size_t *to_size, const uint8_t *bytes, size_t size);

/* Both nonces, in the order of the exchange. */
void ike_handshake_nonces(const struct ike_sa *sa, struct crypto_slice *nonce_i,
                          struct crypto_slice *nonce_r);

/* The oldest of the other answers, owned by the caller; without a message where there is none. */
struct ike_answer ike_handshake_pop(struct ike_handshake *h);
/* Keeps a copy of one more; false where there is no room. */
bool ike_handshake_push(struct ike_handshake *h, const struct ike_path *path, const uint8_t *bytes,
                        size_t size);

/*
 * The peer's KE data and the chosen suite: derives SK_* and makes the SA's ciphers. False when the
 * value is not acceptable (RFC 6989); nothing is changed then. The initiator's key pair stays, for other answers.
 */
bool ike_handshake_keys(struct ike_sa *sa, const struct ike_suite *suite, const uint8_t *ke,
                        size_t ke_size);

/* This end's AUTH payload, with the key of sa->peer (RFC 7296 section 2.15). */
void ike_handshake_write_auth(const struct ike_sa *sa, struct ike_builder *b);

/*
 * Whether the other end's AUTH is the one that the key of `peer` makes; `id` is the ID payload that it
 * sent. An AUTH of another method fits nobody, nor does one all zero, for a request that asks for EAP.
 */
bool ike_handshake_auth_fits(const struct ike_sa *sa, const struct ike_peer *peer,
                             const struct ike_payload *id, const struct ike_auth_payload *auth);

#endif
