/*
 * A provider with a single EVP_RAND algorithm. libcrypto makes three generators of it (primary, public, private), which
 * here are three handles of one state, so that it does not matter which of them an operation draws from.
 *
 * The numbers are SHA-256(seed || counter): unlike a linear generator, equal parts of two seeds show nowhere.
 * The hash is taken from the same library by the plain EVP functions, which draw no random numbers.
 */
#include "ipsec/crypto/rand.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

#define PROVIDER "tunnelbed"
#define GENERATOR "SEEDED-DRBG"

enum {
    BLOCK_SIZE = 32,
    REQUEST_SIZE_MAX = 1 << 16,
    STRENGTH_BITS = 256
};

struct crypto_rand {
    OSSL_LIB_CTX *library;
    EVP_MD *sha256; /* fetched at the first draw */
    EVP_MD_CTX *hash;
    uint8_t input[BLOCK_SIZE + 8]; /* seed, then the number of the next block */
    uint64_t next_block;
    uint8_t block[BLOCK_SIZE];
    size_t used; /* octets of block already given */
};

/* Handles have no state but that of EVP_RAND itself, which wants to be asked for it. */
struct handle {
    struct crypto_rand *rand;
    int state;
};

void crypto_rand_seed(struct crypto_rand *rand, const uint8_t seed[32])
{
    memcpy(rand->input, seed, BLOCK_SIZE);
    rand->next_block = 0;
    rand->used = BLOCK_SIZE;
}

static bool next_block(struct crypto_rand *rand)
{
    if (!rand->sha256)
        rand->sha256 = EVP_MD_fetch(rand->library, "SHA256", NULL);
    if (!rand->hash)
        rand->hash = EVP_MD_CTX_new();
    base_put_be(rand->input + BLOCK_SIZE, rand->next_block++, 8);
    rand->used = 0;
    return rand->sha256 && rand->hash && EVP_DigestInit_ex2(rand->hash, rand->sha256, NULL) &&
           EVP_DigestUpdate(rand->hash, rand->input, sizeof(rand->input)) &&
           EVP_DigestFinal_ex(rand->hash, rand->block, NULL);
}

static bool draw(struct crypto_rand *rand, uint8_t *out, size_t size)
{
    while (size > 0) {
        if (rand->used == BLOCK_SIZE && !next_block(rand))
            return false;
        size_t left = BLOCK_SIZE - rand->used;
        size_t part = size < left ? size : left;
        memcpy(out, rand->block + rand->used, part);
        rand->used += part;
        out += part;
        size -= part;
    }
    return true;
}

/* The functions of EVP_RAND, in the order of provider-rand(7). */

static OSSL_FUNC_rand_newctx_fn handle_new;
static void *handle_new(void *provider, void *parent, const OSSL_DISPATCH *parent_calls)
{
    (void)parent;
    (void)parent_calls;
    struct handle *handle = base_alloc(sizeof(*handle));
    handle->rand = provider;
    handle->state = EVP_RAND_STATE_UNINITIALISED;
    return handle;
}

static OSSL_FUNC_rand_freectx_fn handle_free;
static void handle_free(void *handle)
{
    free(handle);
}

static OSSL_FUNC_rand_instantiate_fn handle_instantiate;
static int handle_instantiate(void *opaque, unsigned strength, int prediction_resistance,
                              const unsigned char *personal, size_t personal_size,
                              const OSSL_PARAM params[])
{
    struct handle *handle = opaque;
    (void)strength;
    (void)prediction_resistance;
    (void)personal;
    (void)personal_size;
    (void)params;
    handle->state = EVP_RAND_STATE_READY;
    return 1;
}

static OSSL_FUNC_rand_uninstantiate_fn handle_uninstantiate;
static int handle_uninstantiate(void *opaque)
{
    struct handle *handle = opaque;
    handle->state = EVP_RAND_STATE_UNINITIALISED;
    return 1;
}

static OSSL_FUNC_rand_generate_fn handle_generate;
static int handle_generate(void *opaque, unsigned char *out, size_t size, unsigned strength,
                           int prediction_resistance, const unsigned char *extra, size_t extra_size)
{
    struct handle *handle = opaque;
    (void)strength;
    (void)prediction_resistance;
    (void)extra; /* libcrypto mixes in time and addresses here, which must not count */
    (void)extra_size;
    return draw(handle->rand, out, size);
}

/* A context serves one thread at a time. */
static OSSL_FUNC_rand_enable_locking_fn handle_enable_locking;
static int handle_enable_locking(void *handle)
{
    (void)handle;
    return 1;
}

static OSSL_FUNC_rand_get_ctx_params_fn handle_get_params;
static int handle_get_params(void *opaque, OSSL_PARAM params[])
{
    const struct handle *handle = opaque;
    OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
    if (p && !OSSL_PARAM_set_int(p, handle->state))
        return 0;
    p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
    if (p && !OSSL_PARAM_set_uint(p, STRENGTH_BITS))
        return 0;
    p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
    return !p || OSSL_PARAM_set_size_t(p, REQUEST_SIZE_MAX);
}

static const OSSL_DISPATCH HANDLE_CALLS[] = {
    {OSSL_FUNC_RAND_NEWCTX, (void (*)(void))handle_new},
    {OSSL_FUNC_RAND_FREECTX, (void (*)(void))handle_free},
    {OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void))handle_instantiate},
    {OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void))handle_uninstantiate},
    {OSSL_FUNC_RAND_GENERATE, (void (*)(void))handle_generate},
    {OSSL_FUNC_RAND_ENABLE_LOCKING, (void (*)(void))handle_enable_locking},
    {OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void))handle_get_params},
    {0, NULL}};

static const OSSL_ALGORITHM GENERATORS[] = {
    {GENERATOR, "provider=" PROVIDER, HANDLE_CALLS, "random numbers that follow from a seed"},
    {NULL, NULL, NULL, NULL}};

static OSSL_FUNC_provider_query_operation_fn provider_query;
static const OSSL_ALGORITHM *provider_query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_RAND ? GENERATORS : NULL;
}

static OSSL_FUNC_provider_teardown_fn provider_teardown;
static void provider_teardown(void *provider)
{
    struct crypto_rand *rand = provider;
    EVP_MD_CTX_free(rand->hash);
    EVP_MD_free(rand->sha256);
    free(rand);
}

static const OSSL_DISPATCH PROVIDER_CALLS[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))provider_query},
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))provider_teardown},
    {0, NULL}};

static OSSL_provider_init_fn provider_init;
static int provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *core_calls,
                         const OSSL_DISPATCH **calls, void **provider)
{
    (void)core;
    (void)core_calls;
    static const uint8_t none[32];
    struct crypto_rand *rand = base_alloc(sizeof(*rand));
    crypto_rand_seed(rand, none);
    *calls = PROVIDER_CALLS;
    *provider = rand;
    return 1;
}

OSSL_PROVIDER *crypto_rand_install(OSSL_LIB_CTX *library, struct crypto_rand **rand)
{
    if (!OSSL_PROVIDER_add_builtin(library, PROVIDER, provider_init))
        return NULL;
    OSSL_PROVIDER *provider = OSSL_PROVIDER_load(library, PROVIDER);
    if (!provider)
        return NULL;
    *rand = OSSL_PROVIDER_get0_provider_ctx(provider);
    (*rand)->library = library;
    if (RAND_set_DRBG_type(library, GENERATOR, "provider=" PROVIDER, NULL, NULL) &&
        RAND_set_seed_source_type(library, GENERATOR, "provider=" PROVIDER))
        return provider;
    OSSL_PROVIDER_unload(provider);
    return NULL;
}
