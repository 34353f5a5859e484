/* Plain hashes over parts (SHA-1 for NAT detection, RFC 7296 section 2.23), and the two things
 * every user of secrets needs. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "ipsec/crypto/context.h"

enum {
    CRYPTO_SHA1_SIZE = 20,
    CRYPTO_SHA256_SIZE = 32
};

void crypto_sha1(struct crypto_context *context, const struct crypto_slice *parts, size_t count,
                 uint8_t out[CRYPTO_SHA1_SIZE]);
void crypto_sha256(struct crypto_context *context, const struct crypto_slice *parts, size_t count,
                   uint8_t out[CRYPTO_SHA256_SIZE]);

/* Compares in a time that does not depend on the contents. */
bool crypto_equal(const void *a, const void *b, size_t size);

/* Overwrites in a way that the compiler keeps. NULL with size 0 is allowed. */
void crypto_wipe(void *secret, size_t size);

#endif
