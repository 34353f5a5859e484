/*
 * AES contexts with a key in them, shared: a libcrypto context takes half a kilobyte or more,
 * spread over many cache lines, and a world may have thousands of SAs. What an SA keeps is its key;
 * a context holds the key schedule of whoever used it last. While few SAs are in use each finds its
 * own schedule again; with very many, setting a key anew (0.05 µs, 0.15 µs with GCM) is cheaper
 * than bringing a context of its own into the cache. Internal to this folder.
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

static inline struct crypto_keyed *crypto_keyed_place(struct crypto_context *context,
                                                      const struct crypto_keyed_use *use)
{
    struct crypto_keyed *places =
        context->keyed[use->mode][use->key_size == 32][use->direction == CRYPTO_OPEN];
    return &places[use->owner % CRYPTO_KEYED_PLACES];
}

/* crypto_keyed_begin where another key was used in between. */
EVP_CIPHER_CTX *crypto_keyed_rekey(struct crypto_context *context,
                                   const struct crypto_keyed_use *use, const uint8_t *nonce,
                                   const OSSL_PARAM *params);

/*
 * A context with the use's key and this nonce, ready for one message; the caller's until the next call. `params` (NULL:
 * none) go with the nonce. NULL where libcrypto refuses, which it never should.
 */
static inline EVP_CIPHER_CTX *crypto_keyed_begin(struct crypto_context *context,
                                                 const struct crypto_keyed_use *use,
                                                 const uint8_t *nonce, const OSSL_PARAM *params)
{
    struct crypto_keyed *place = crypto_keyed_place(context, use);
    if (place->owner != use->owner)
        return crypto_keyed_rekey(context, use, nonce, params);
    return EVP_CipherInit_ex2(place->evp, NULL, NULL, nonce, -1, params) ? place->evp : NULL;
}

/* Wipes the owner's key schedule, where there still is one. */
void crypto_keyed_forget(struct crypto_context *context, const struct crypto_keyed_use *use);

/* Frees all contexts; for crypto_context_free. */
void crypto_keyed_fini(struct crypto_context *context);

#endif
