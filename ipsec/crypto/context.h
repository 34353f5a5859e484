/*
 * What all cryptography of a thread shares: a private libcrypto context with the algorithms fetched once,
 * whose only source of randomness is a generator that is seeded anew for each operation. So a key pair depends on
 * the seed passed for it and on nothing else, and a context serves any number of worlds, one after
 * another or side by side. No configuration file is read, no entropy is asked of the system.
 */
#ifndef CRYPTO_CONTEXT_H
#define CRYPTO_CONTEXT_H

#include <stddef.h>

struct crypto_context;

/* For one thread at a time. Everything made with a context is freed before it. */
struct crypto_context *crypto_context_new(void);
void crypto_context_free(struct crypto_context *context); /* NULL is allowed */

/* Bytes borrowed from elsewhere: one of the parts that a PRF or a hash takes as if they were joined. */
struct crypto_slice {
    const void *data; /* may be NULL where size is 0 */
    size_t size;
};

#endif
