/*
 * AES contexts with a key in them, shared: a libcrypto context takes half a kilobyte or more, spread over many cache
 * lines, and a world may have thousands of SAs. What an SA keeps is its key; a context holds the key schedule of whoever
 * used it last. While few SAs are in use each finds its own schedule again; with very many, setting a key anew
 * (0.05 µs, 0.15 µs with GCM) is cheaper than bringing a context of its own into the cache. Internal to this folder.
 */
#ifndef CRYPTO_KEYED_H
#define CRYPTO_KEYED_H

#include "ipsec/crypto/cipher.h"
#include "ipsec/crypto/internal.h"

/* What a context is to be set to. */
struct crypto_keyed_use {
    uint64_t owner; /* crypto_keyed_owner's; stands for the key */
    enum crypto_mode mode;
    uint8_t key_size;
    uint8_t nonce_size, icv_size; /* of CCM, which has both in its first block */
    enum crypto_direction direction;
    const uint8_t *key;
};

/* A number that no other key of this context has had. */
uint64_t crypto_keyed_owner(struct crypto_context *context);

/*
 * A context with the use's key and this nonce, ready for one message; the caller's until the next call. `params` (NULL:
 * none) go with the nonce. NULL where libcrypto refuses, which it never should.
 */
EVP_CIPHER_CTX *crypto_keyed_begin(struct crypto_context *context,
                                   const struct crypto_keyed_use *use, const uint8_t *nonce,
                                   const OSSL_PARAM *params);

/* Wipes the owner's key schedule, where there still is one. */
void crypto_keyed_forget(struct crypto_context *context, const struct crypto_keyed_use *use);

/* Frees all contexts; for crypto_context_free. */
void crypto_keyed_fini(struct crypto_context *context);

#endif
