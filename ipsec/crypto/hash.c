/* Hashes in one go, in the context's scratch state. */
#include "ipsec/crypto/hash.h"

#include <openssl/crypto.h>

#include "ipsec/crypto/internal.h"

static void hash(struct crypto_context *context, enum crypto_digest digest,
                 const struct crypto_slice *parts, size_t count, uint8_t *out)
{
    EVP_MD_CTX *state = context->hash;
    bool ok = EVP_DigestInit_ex2(state, crypto_context_digest(context, digest), NULL);
    for (size_t i = 0; i < count; i++)
        ok = ok && EVP_DigestUpdate(state, parts[i].data, parts[i].size);
    crypto_must(ok && EVP_DigestFinal_ex(state, out, NULL), "hashing");
}

void crypto_sha1(struct crypto_context *context, const struct crypto_slice *parts, size_t count,
                 uint8_t out[CRYPTO_SHA1_SIZE])
{
    hash(context, CRYPTO_DIGEST_SHA1, parts, count, out);
}

void crypto_sha256(struct crypto_context *context, const struct crypto_slice *parts, size_t count,
                   uint8_t out[CRYPTO_SHA256_SIZE])
{
    hash(context, CRYPTO_DIGEST_SHA256, parts, count, out);
}

bool crypto_equal(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

void crypto_wipe(void *secret, size_t size)
{
    OPENSSL_cleanse(secret, size);
}
