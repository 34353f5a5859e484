/*
 * What an IKE SA needs only until it is authenticated: the IKE_SA_INIT messages as they were sent, which
 * AUTH signs, nonces, the Diffie-Hellman key, and what the first request is repeated with.
 */
#ifndef IKE_HANDSHAKE_H
#define IKE_HANDSHAKE_H

#include "ipsec/crypto/group.h"
#include "ipsec/ike/nonce.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/sa.h"

struct ike_handshake {
    struct crypto_dh *dh;
    uint8_t nonce[IKE_NONCE_SIZE];
    uint8_t *peer_nonce;
    size_t peer_nonce_size;
    uint8_t *own_message, *peer_message;
    size_t own_message_size, peer_message_size;

    /* initiator */
    struct ike_proposals *offer;
    uint8_t cookie[IKE_COOKIE_SIZE_MAX];
    size_t cookie_size;
    unsigned cookies, groups; /* how often each was asked for */
    uint16_t refused;         /* an unauthenticated error notify, remembered; 0: none */
};

struct ike_handshake *ike_handshake_new(struct ike_sa *sa);
void ike_handshake_free(struct ike_sa *sa); /* wipes; harmless when there is none */

/* A new key pair of the group, in place of the one before. */
void ike_handshake_dh(struct ike_sa *sa, const struct crypto_group *group);

/* Replaces *to by a copy. */
void ike_handshake_copy(uint8_t **to, size_t *to_size, const uint8_t *bytes, size_t size);

/* Both nonces, in the order of the exchange. */
void ike_handshake_nonces(const struct ike_sa *sa, struct crypto_slice *nonce_i,
                          struct crypto_slice *nonce_r);

/*
 * The peer's KE data and the chosen suite: derives SK_* and makes the SA's ciphers. False when the
 * value is not acceptable (RFC 6989); nothing is changed then.
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
