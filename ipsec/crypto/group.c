/*
 * Diffie-Hellman by libcrypto's EVP_PKEY. A key pair draws its private number from the context's generator, seeded just
 * before. (Deriving draws too, to blind computations on curves; that changes no result.)
 *
 * The checks of RFC 6989 are cheap as done here: a range test for the safe-prime groups (section
 * 2.1), where libcrypto's own validation takes a full exponentiation; range and curve equation for
 * the curves (section 2.3), all of cofactor 1.
 */
#include "ipsec/crypto/group.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/internal.h"

enum {
    ENCODED_SIZE_MAX = 1 + CRYPTO_PUBLIC_SIZE_MAX,
    UNCOMPRESSED_POINT = 0x04 /* before x || y, SEC 1 section 2.3.3 */
};

struct crypto_dh {
    struct crypto_context *context;
    const struct crypto_group *group;
    EVP_PKEY *key;
    uint8_t public_value[]; /* group->public_size octets */
};

const char *crypto_status_text(enum crypto_status status)
{
    static const char *const TEXTS[] = {
#define X(name, text) [name] = (text),
        CRYPTO_STATUS_LIST(X)
#undef X
    };
    return TEXTS[status];
}

/* libcrypto's names for the groups, and the primes of RFC 3526. */
static const struct names {
    uint16_t id;
    const char *name;
    BIGNUM *(*prime)(BIGNUM *);
} NAMES[] = {
    {15, "modp_3072", BN_get_rfc3526_prime_3072},
    {16, "modp_4096", BN_get_rfc3526_prime_4096},
    {19, "P-256", NULL},
    {20, "P-384", NULL},
    {21, "P-521", NULL},
    {28, "brainpoolP256r1", NULL},
    {29, "brainpoolP384r1", NULL},
    {30, "brainpoolP512r1", NULL},
};
_Static_assert(sizeof(NAMES) / sizeof(NAMES[0]) == CRYPTO_GROUP_COUNT, "a name for each group");

static size_t group_index(const struct crypto_group *group)
{
    size_t i = 0;
    while (i < CRYPTO_GROUP_COUNT && NAMES[i].id != group->id)
        i++;
    assert(i < CRYPTO_GROUP_COUNT);
    return i;
}

static const char *key_type(const struct crypto_group *group)
{
    return group->elliptic ? "EC" : "DH";
}

static void init_prime(struct crypto_group_state *state, const struct crypto_group *group,
                       BIGNUM *(*get_prime)(BIGNUM *))
{
    BIGNUM *prime = get_prime(NULL);
    state->prime_less_one = base_alloc(group->public_size);
    crypto_must(prime && BN_sub_word(prime, 1) &&
                    BN_bn2binpad(prime, state->prime_less_one, group->public_size) ==
                        group->public_size,
                "reading a prime");
    BN_free(prime);
}

/* What the context keeps for a group, made when it is first needed. */
static struct crypto_group_state *group_state(struct crypto_context *context,
                                              const struct crypto_group *group)
{
    size_t index = group_index(group);
    struct crypto_group_state *state = &context->groups[index];
    if (state->generator)
        return state;
    char name[32];
    snprintf(name, sizeof(name), "%s", NAMES[index].name); /* OSSL_PARAM takes no const text */
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
                           OSSL_PARAM_END};
    state->generator = EVP_PKEY_CTX_new_from_name(context->library, key_type(group), NULL);
    crypto_must(state->generator && EVP_PKEY_keygen_init(state->generator) > 0 &&
                    EVP_PKEY_CTX_set_params(state->generator, params) > 0,
                "preparing a group");
    if (NAMES[index].prime)
        init_prime(state, group, NAMES[index].prime);
    return state;
}

void crypto_group_state_fini(struct crypto_group_state *state)
{
    EVP_PKEY_CTX_free(state->generator);
    EVP_PKEY_free(state->peer);
    free(state->prime_less_one);
}

static struct crypto_dh *dh_alloc(struct crypto_context *context, const struct crypto_group *group)
{
    struct crypto_dh *dh = base_alloc(sizeof(*dh) + group->public_size);
    dh->context = context;
    dh->group = group;
    return dh;
}

/* From libcrypto's encoding of a public value to that of a KE payload. */
static void read_public(struct crypto_dh *dh)
{
    uint8_t encoded[ENCODED_SIZE_MAX];
    size_t size = 0;
    size_t prefix = dh->group->elliptic;
    crypto_must(EVP_PKEY_get_octet_string_param(dh->key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                                encoded, sizeof(encoded), &size) > 0,
                "reading a public value");
    /* libcrypto pads both kinds to their full length. */
    assert(size == prefix + dh->group->public_size);
    memcpy(dh->public_value, encoded + prefix, dh->group->public_size);
}

struct crypto_dh *crypto_dh_new(struct crypto_context *context, const struct crypto_group *group,
                                const uint8_t seed[CRYPTO_SEED_SIZE])
{
    struct crypto_group_state *state = group_state(context, group);
    struct crypto_dh *dh = dh_alloc(context, group);
    crypto_rand_seed(context->rand, seed);
    crypto_must(EVP_PKEY_generate(state->generator, &dh->key) > 0, "making a key pair");
    read_public(dh);
    return dh;
}

/* The public value as libcrypto wants it: a point with its prefix. Returns its size. */
static size_t encode_public(const struct crypto_group *group, const uint8_t *value,
                            uint8_t out[ENCODED_SIZE_MAX])
{
    size_t prefix = group->elliptic;
    out[0] = UNCOMPRESSED_POINT;
    memcpy(out + prefix, value, group->public_size);
    return prefix + group->public_size;
}

static OSSL_PARAM *pair_params(const struct crypto_group *group, const BIGNUM *private_number,
                               const BIGNUM *public_number, const uint8_t *encoded, size_t size)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    bool ok =
        builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME,
                                        NAMES[group_index(group)].name, 0) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private_number) &&
        (group->elliptic
             ? OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, encoded, size)
             : OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PUB_KEY, public_number));
    OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(builder) : NULL;
    crypto_must(params, "describing a key pair");
    OSSL_PARAM_BLD_free(builder);
    return params;
}

struct crypto_dh *crypto_dh_new_pair(struct crypto_context *context,
                                     const struct crypto_group *group, const uint8_t *private_value,
                                     size_t private_size, const uint8_t *public_value)
{
    uint8_t encoded[ENCODED_SIZE_MAX];
    size_t size = encode_public(group, public_value, encoded);
    BIGNUM *private_number = BN_bin2bn(private_value, (int)private_size, NULL);
    BIGNUM *public_number = BN_bin2bn(public_value, group->public_size, NULL);
    crypto_must(private_number && public_number, "BN_bin2bn");
    OSSL_PARAM *params = pair_params(group, private_number, public_number, encoded, size);
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(context->library, key_type(group), NULL);
    struct crypto_dh *dh = dh_alloc(context, group);
    bool ok = maker && EVP_PKEY_fromdata_init(maker) > 0 &&
              EVP_PKEY_fromdata(maker, &dh->key, EVP_PKEY_KEYPAIR, params) > 0;
    if (ok) {
        read_public(dh);
    } else {
        ERR_clear_error();
        crypto_dh_free(dh);
        dh = NULL;
    }
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_free(params);
    BN_clear_free(private_number);
    BN_free(public_number);
    return dh;
}

void crypto_dh_free(struct crypto_dh *dh)
{
    if (!dh)
        return;
    EVP_PKEY_free(dh->key); /* wipes the private number */
    free(dh);
}

const struct crypto_group *crypto_dh_group(const struct crypto_dh *dh)
{
    return dh->group;
}

const uint8_t *crypto_dh_public(const struct crypto_dh *dh)
{
    return dh->public_value;
}

/* RFC 6989 section 2.1: 1 < value < p - 1. */
static bool modp_in_range(const struct crypto_group *group, const struct crypto_group_state *state,
                          const uint8_t *value)
{
    size_t last = group->public_size - 1u;
    bool above_one = value[last] > 1;
    for (size_t i = 0; i < last && !above_one; i++)
        above_one = value[i] != 0;
    return above_one && memcmp(value, state->prime_less_one, group->public_size) < 0;
}

/* Puts the peer's value into the group's peer key. */
static enum crypto_status accept_peer(struct crypto_group_state *state, const struct crypto_dh *dh,
                                      const uint8_t *peer)
{
    uint8_t encoded[ENCODED_SIZE_MAX];
    size_t size = encode_public(dh->group, peer, encoded);
    if (!dh->group->elliptic && !modp_in_range(dh->group, state, peer))
        return CRYPTO_PEER_RANGE;
    if (!state->peer) {
        state->peer = EVP_PKEY_new();
        crypto_must(state->peer && EVP_PKEY_copy_parameters(state->peer, dh->key) > 0,
                    "making a peer's key");
    }
    /* For a curve this tests both coordinates' range and the curve equation (RFC 6989 section 2.3). */
    if (EVP_PKEY_set1_encoded_public_key(state->peer, encoded, size) > 0)
        return CRYPTO_OK;
    ERR_clear_error();
    return dh->group->elliptic ? CRYPTO_PEER_POINT : CRYPTO_PEER_RANGE;
}

enum crypto_status crypto_dh_shared(struct crypto_dh *dh, const uint8_t *peer, size_t peer_size,
                                    uint8_t *out)
{
    if (peer_size != dh->group->public_size)
        return CRYPTO_PEER_SIZE;
    struct crypto_group_state *state = group_state(dh->context, dh->group);
    enum crypto_status status = accept_peer(state, dh, peer);
    if (status != CRYPTO_OK)
        return status;
    uint8_t secret[CRYPTO_SHARED_SIZE_MAX];
    size_t size = sizeof(secret);
    EVP_PKEY_CTX *deriver = EVP_PKEY_CTX_new_from_pkey(dh->context->library, dh->key, NULL);
    crypto_must(deriver && EVP_PKEY_derive_init(deriver) > 0 &&
                    EVP_PKEY_derive_set_peer_ex(deriver, state->peer, 0) > 0 &&
                    EVP_PKEY_derive(deriver, secret, &size) > 0,
                "deriving a shared secret");
    EVP_PKEY_CTX_free(deriver);
    /* libcrypto drops the leading zeros of a MODP secret: RFC 7296 section 2.14 wants them. */
    size_t zeros = dh->group->shared_size - size;
    memset(out, 0, zeros);
    memcpy(out + zeros, secret, size);
    crypto_wipe(secret, sizeof(secret));
    return CRYPTO_OK;
}
