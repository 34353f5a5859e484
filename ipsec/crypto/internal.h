/* What the files of this folder share: the inside of the context. Included by nobody else. */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"
#include "ipsec/crypto/rand.h"

enum crypto_digest {
    CRYPTO_DIGEST_SHA1,
    CRYPTO_DIGEST_SHA256,
    CRYPTO_DIGEST_SHA384,
    CRYPTO_DIGEST_SHA512,
    CRYPTO_DIGEST_COUNT
};

enum {
    CRYPTO_MODE_COUNT = CRYPTO_MODE_CCM + 1,
    CRYPTO_GROUP_COUNT = 8,
    CRYPTO_HASH_SIZE_MAX = 64,
    CRYPTO_AES_BLOCK_SIZE = 16,
    CRYPTO_KEYED_PLACES = 32 /* of each kind */
};

/* What operations in one group have in common. */
struct crypto_group_state {
    EVP_PKEY_CTX *generator; /* made ready for key pairs of the group */
    EVP_PKEY *peer;          /* takes one peer's public value after another */
    uint8_t *prime_less_one; /* MODP: public_size octets */
};

/* A place for an AES context, see keyed.h. */
struct crypto_keyed {
    uint64_t owner;      /* whose key is in it; 0: nobody's */
    EVP_CIPHER_CTX *evp; /* NULL: not made yet */
};

struct crypto_context {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *rand_provider;
    OSSL_PROVIDER *default_provider;
    struct crypto_rand *rand; /* owned by its provider */
    EVP_MD_CTX *hash;         /* scratch, for one hash at a time */
    uint64_t last_owner;      /* of a key */
    /* [mode][key of 256 bits][opening] */
    struct crypto_keyed keyed[CRYPTO_MODE_COUNT][2][2][CRYPTO_KEYED_PLACES];
    /* Fetched when they are first needed. */
    EVP_MD *digests[CRYPTO_DIGEST_COUNT];
    EVP_CIPHER *ciphers[CRYPTO_MODE_COUNT][2]; /* [mode][key of 256 bits] */
    struct crypto_group_state groups[CRYPTO_GROUP_COUNT];
};

const EVP_MD *crypto_context_digest(struct crypto_context *context, enum crypto_digest digest);
const EVP_CIPHER *crypto_context_cipher(struct crypto_context *context, enum crypto_mode mode,
                                        unsigned key_size);

/* For calls that fail only when memory runs out or libcrypto lacks what it must have: ends the program then. */
_Noreturn void crypto_fail(const char *call);

static inline void crypto_must(bool ok, const char *call)
{
    if (!ok)
        crypto_fail(call);
}

/* Frees what operations in a group have left in the context. */
void crypto_group_state_fini(struct crypto_group_state *state);

#endif
