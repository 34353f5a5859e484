/*
 * Diffie-Hellman over the MODP groups of RFC 3526 and the curves of RFC 5903 and RFC 6954, with the encodings of
 * a KE payload: a MODP number padded in front to the length of the prime (RFC 7296 section 3.4); a point as x || y;
 * of the shared point x alone. The peer's value is checked as RFC 6989 sections 2.1 and 2.3 ask.
 */
#ifndef CRYPTO_GROUP_H
#define CRYPTO_GROUP_H

#include <stdint.h>

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"

/* What a peer's public value was found to be. */
#define CRYPTO_STATUS_LIST(X)                                                                      \
    X(CRYPTO_OK, "ok")                                                                             \
    X(CRYPTO_PEER_SIZE, "public value of the wrong length")                                        \
    X(CRYPTO_PEER_RANGE, "public value out of range")                                              \
    X(CRYPTO_PEER_POINT, "public value is not a point of the curve")

enum crypto_status {
#define X(name, text) name,
    CRYPTO_STATUS_LIST(X)
#undef X
};

const char *crypto_status_text(enum crypto_status status);

struct crypto_dh; /* one key pair */

/* The key pair that `seed` gives in this group: always the same one. */
struct crypto_dh *crypto_dh_new(struct crypto_context *context, const struct crypto_group *group,
                                const uint8_t seed[CRYPTO_SEED_SIZE]);

/*
 * A key pair given by its numbers, for published vectors and recorded exchanges: the private one in network order and
 * any length, the public one as in a KE payload. NULL when libcrypto refuses them; that the two belong together is not
 * checked.
 */
struct crypto_dh *crypto_dh_new_pair(struct crypto_context *context,
                                     const struct crypto_group *group, const uint8_t *private_value,
                                     size_t private_size, const uint8_t *public_value);

void crypto_dh_free(struct crypto_dh *dh); /* wipes; NULL is allowed */

const struct crypto_group *crypto_dh_group(const struct crypto_dh *dh);

/* The KE data: group->public_size octets, owned by the key pair. */
const uint8_t *crypto_dh_public(const struct crypto_dh *dh);

/*
 * g^ir for the peer's KE data: group->shared_size octets into `out`, padded in front with zeros. Anything but
 * CRYPTO_OK leaves `out` untouched. May be called again, with another peer's value.
 */
__attribute__((warn_unused_result)) enum crypto_status
crypto_dh_shared(struct crypto_dh *dh, const uint8_t *peer, size_t peer_size, uint8_t *out);

#endif
