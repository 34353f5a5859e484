/* The private libcrypto context: made bare, its algorithms fetched when first needed and kept. */
#include "ipsec/crypto/context.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/internal.h"
#include "ipsec/crypto/keyed.h"

_Noreturn void crypto_fail(const char *call)
{
    fprintf(stderr, "tunnelbed: libcrypto: %s failed\n", call);
    ERR_print_errors_fp(stderr);
    abort();
}

struct crypto_context *crypto_context_new(void)
{
    /* A configuration file could bring other providers and so other bytes. */
    crypto_must(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL), "OPENSSL_init_crypto");
    struct crypto_context *context = base_alloc(sizeof(*context));
    context->library = OSSL_LIB_CTX_new();
    crypto_must(context->library, "OSSL_LIB_CTX_new");
    context->rand_provider = crypto_rand_install(context->library, &context->rand);
    crypto_must(context->rand_provider, "installing the seeded generator");
    context->default_provider = OSSL_PROVIDER_load(context->library, "default");
    crypto_must(context->default_provider, "loading the default provider");
    context->hash = EVP_MD_CTX_new();
    crypto_must(context->hash, "EVP_MD_CTX_new");
    return context;
}

void crypto_context_free(struct crypto_context *context)
{
    if (!context)
        return;
    for (size_t i = 0; i < CRYPTO_GROUP_COUNT; i++)
        crypto_group_state_fini(&context->groups[i]);
    crypto_keyed_fini(context);
    for (size_t i = 0; i < CRYPTO_MODE_COUNT; i++) {
        EVP_CIPHER_free(context->ciphers[i][0]);
        EVP_CIPHER_free(context->ciphers[i][1]);
    }
    for (size_t i = 0; i < CRYPTO_DIGEST_COUNT; i++)
        EVP_MD_free(context->digests[i]);
    EVP_MD_CTX_free(context->hash);
    OSSL_PROVIDER_unload(context->default_provider);
    OSSL_PROVIDER_unload(context->rand_provider);
    OSSL_LIB_CTX_free(context->library);
    free(context);
}

const EVP_MD *crypto_context_digest(struct crypto_context *context, enum crypto_digest digest)
{
    static const char *const NAMES[CRYPTO_DIGEST_COUNT] = {"SHA1", "SHA256", "SHA384", "SHA512"};
    if (!context->digests[digest]) {
        context->digests[digest] = EVP_MD_fetch(context->library, NAMES[digest], NULL);
        crypto_must(context->digests[digest], "EVP_MD_fetch");
    }
    return context->digests[digest];
}

const EVP_CIPHER *crypto_context_cipher(struct crypto_context *context, enum crypto_mode mode,
                                        unsigned key_size)
{
    static const char *const NAMES[CRYPTO_MODE_COUNT][2] = {
        [CRYPTO_MODE_CBC] = {"AES-128-CBC", "AES-256-CBC"},
        [CRYPTO_MODE_CTR] = {"AES-128-CTR", "AES-256-CTR"},
        [CRYPTO_MODE_GCM] = {"AES-128-GCM", "AES-256-GCM"},
        [CRYPTO_MODE_CCM] = {"AES-128-CCM", "AES-256-CCM"}};
    size_t wide = key_size == 32;
    if (!context->ciphers[mode][wide]) {
        context->ciphers[mode][wide] = EVP_CIPHER_fetch(context->library, NAMES[mode][wide], NULL);
        crypto_must(context->ciphers[mode][wide], "EVP_CIPHER_fetch");
    }
    return context->ciphers[mode][wide];
}
