/*
 * HMAC from two chaining values, those of the hash behind the padded key: 64 octets an SA instead of libcrypto's two
 * contexts, and nothing is copied for a message but 32 of them. EVP has no way to start from a chaining value, so this
 * file uses the SHA functions that libcrypto 3 calls deprecated and EVP itself is made of. XCBC by the CBC mode of
 * AES, which libcrypto does several times faster than block by block; what it encrypts is thrown away but for the last
 * block.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* the SHA functions, see above */

#include "ipsec/crypto/mac.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/keyed.h"

enum {
    HMAC_BLOCK_SIZE_MAX = SHA512_CBLOCK,
    DISCARD_SIZE = 512 /* a multiple of the block size */
};

/* ---- HMAC ---- */

static void pad_key(const uint8_t *key, size_t key_size, uint8_t pad,
                    uint8_t block[HMAC_BLOCK_SIZE_MAX])
{
    memset(block, pad, HMAC_BLOCK_SIZE_MAX);
    for (size_t i = 0; i < key_size; i++)
        block[i] ^= key[i];
}

static void key_sha256(const uint8_t *key, size_t key_size, uint8_t pad, uint32_t state[8])
{
    uint8_t block[HMAC_BLOCK_SIZE_MAX];
    SHA256_CTX hash;
    pad_key(key, key_size, pad, block);
    SHA256_Init(&hash);
    SHA256_Update(&hash, block, SHA256_CBLOCK);
    for (size_t i = 0; i < 8; i++)
        state[i] = hash.h[i];
    crypto_wipe(block, sizeof(block));
    crypto_wipe(&hash, sizeof(hash));
}

/* SHA-384 is SHA-512 with another beginning and a shorter end. */
static void begin_sha512(enum crypto_mac_kind kind, SHA512_CTX *hash)
{
    if (kind == CRYPTO_MAC_SHA384)
        SHA384_Init(hash);
    else
        SHA512_Init(hash);
}

static void key_sha512(enum crypto_mac_kind kind, const uint8_t *key, size_t key_size, uint8_t pad,
                       uint64_t state[8])
{
    uint8_t block[HMAC_BLOCK_SIZE_MAX];
    SHA512_CTX hash;
    pad_key(key, key_size, pad, block);
    begin_sha512(kind, &hash);
    SHA512_Update(&hash, block, SHA512_CBLOCK);
    for (size_t i = 0; i < 8; i++)
        state[i] = hash.h[i];
    crypto_wipe(block, sizeof(block));
    crypto_wipe(&hash, sizeof(hash));
}

static void init_hmac(struct crypto_mac *mac, struct crypto_context *context,
                      enum crypto_mac_kind kind, const uint8_t *key, size_t key_size)
{
    static const enum crypto_digest DIGESTS[] = {[CRYPTO_MAC_SHA256] = CRYPTO_DIGEST_SHA256,
                                                 [CRYPTO_MAC_SHA384] = CRYPTO_DIGEST_SHA384,
                                                 [CRYPTO_MAC_SHA512] = CRYPTO_DIGEST_SHA512};
    uint8_t hashed[CRYPTO_HASH_SIZE_MAX];
    if (key_size > (kind == CRYPTO_MAC_SHA256 ? SHA256_CBLOCK : SHA512_CBLOCK)) {
        const EVP_MD *digest = crypto_context_digest(context, DIGESTS[kind]);
        crypto_must(EVP_DigestInit_ex2(context->hash, digest, NULL) &&
                        EVP_DigestUpdate(context->hash, key, key_size) &&
                        EVP_DigestFinal_ex(context->hash, hashed, NULL),
                    "hashing a long HMAC key");
        key = hashed;
        key_size = (size_t)EVP_MD_get_size(digest);
    }
    *mac = (struct crypto_mac){.kind = (uint8_t)kind};
    if (kind == CRYPTO_MAC_SHA256) {
        key_sha256(key, key_size, 0x36, mac->sha256.inner);
        key_sha256(key, key_size, 0x5c, mac->sha256.outer);
    } else {
        key_sha512(kind, key, key_size, 0x36, mac->sha512.inner);
        key_sha512(kind, key, key_size, 0x5c, mac->sha512.outer);
    }
    crypto_wipe(hashed, sizeof(hashed));
}

/* The hash as it stands behind the padded key. */
static void resume_sha256(SHA256_CTX *hash, const uint32_t state[8])
{
    SHA256_Init(hash);
    for (size_t i = 0; i < 8; i++)
        hash->h[i] = state[i];
    hash->Nl = SHA256_CBLOCK * 8; /* bits so far */
}

static void hmac_sha256(const struct crypto_mac *mac, const struct crypto_slice *parts,
                        size_t count, uint8_t *out)
{
    SHA256_CTX hash;
    resume_sha256(&hash, mac->sha256.inner);
    for (size_t i = 0; i < count; i++)
        SHA256_Update(&hash, parts[i].data, parts[i].size);
    SHA256_Final(out, &hash);
    resume_sha256(&hash, mac->sha256.outer);
    SHA256_Update(&hash, out, SHA256_DIGEST_LENGTH);
    SHA256_Final(out, &hash);
}

static void resume_sha512(enum crypto_mac_kind kind, SHA512_CTX *hash, const uint64_t state[8])
{
    begin_sha512(kind, hash);
    for (size_t i = 0; i < 8; i++)
        hash->h[i] = state[i];
    hash->Nl = SHA512_CBLOCK * 8;
}

static void hmac_sha512(const struct crypto_mac *mac, const struct crypto_slice *parts,
                        size_t count, uint8_t *out)
{
    SHA512_CTX hash;
    resume_sha512((enum crypto_mac_kind)mac->kind, &hash, mac->sha512.inner);
    for (size_t i = 0; i < count; i++)
        SHA512_Update(&hash, parts[i].data, parts[i].size);
    SHA512_Final(out, &hash);
    size_t size = mac->kind == CRYPTO_MAC_SHA384 ? SHA384_DIGEST_LENGTH : SHA512_DIGEST_LENGTH;
    resume_sha512((enum crypto_mac_kind)mac->kind, &hash, mac->sha512.outer);
    SHA512_Update(&hash, out, size);
    SHA512_Final(out, &hash);
}

/* ---- XCBC ---- */

static const uint8_t ZEROS[CRYPTO_AES_BLOCK_SIZE];

static struct crypto_keyed_use cbc_of(const struct crypto_mac *mac)
{
    return (struct crypto_keyed_use){.owner = mac->xcbc.owner,
                                     .mode = CRYPTO_MODE_CBC,
                                     .key_size = CRYPTO_AES_BLOCK_SIZE,
                                     .direction = CRYPTO_SEAL,
                                     .key = mac->xcbc.k1};
}

static EVP_CIPHER_CTX *begin_cbc(const struct crypto_mac *mac, struct crypto_context *context)
{
    struct crypto_keyed_use use = cbc_of(mac);
    EVP_CIPHER_CTX *cbc = crypto_keyed_begin(context, &use, ZEROS, NULL);
    crypto_must(cbc, "keying XCBC");
    return cbc;
}

/* AES of one block that repeats `octet`: CBC of a first block with an IV of zeros. */
static void derived_key(const struct crypto_mac *mac, struct crypto_context *context, uint8_t octet,
                        uint8_t out[CRYPTO_AES_BLOCK_SIZE])
{
    uint8_t block[CRYPTO_AES_BLOCK_SIZE];
    int size = 0;
    memset(block, octet, sizeof(block));
    crypto_must(EVP_EncryptUpdate(begin_cbc(mac, context), out, &size, block, sizeof(block)),
                "deriving an XCBC key");
}

/* RFC 3566 section 4, step 1: the three keys are made under the key itself. */
static void init_xcbc(struct crypto_mac *mac, struct crypto_context *context,
                      const uint8_t key[CRYPTO_AES_BLOCK_SIZE])
{
    struct crypto_mac under = {.kind = CRYPTO_MAC_XCBC,
                               .xcbc = {.owner = crypto_keyed_owner(context)}};
    memcpy(under.xcbc.k1, key, CRYPTO_AES_BLOCK_SIZE);
    *mac = (struct crypto_mac){.kind = CRYPTO_MAC_XCBC,
                               .xcbc = {.owner = crypto_keyed_owner(context)}};
    derived_key(&under, context, 1, mac->xcbc.k1);
    derived_key(&under, context, 2, mac->xcbc.k2);
    derived_key(&under, context, 3, mac->xcbc.k3);
    crypto_mac_fini(&under, context);
}

/* The message as it is chained: a block is held back until it is known whether it is the last. */
struct chain {
    EVP_CIPHER_CTX *cbc;
    uint8_t held[CRYPTO_AES_BLOCK_SIZE];
    size_t held_size;
    bool ok;
};

static void chain_blocks(struct chain *chain, const uint8_t *data, size_t size)
{
    uint8_t discarded[DISCARD_SIZE];
    while (size > 0) {
        size_t part = size < DISCARD_SIZE ? size : DISCARD_SIZE;
        int written = 0;
        chain->ok =
            chain->ok && EVP_EncryptUpdate(chain->cbc, discarded, &written, data, (int)part);
        data += part;
        size -= part;
    }
}

static void chain_part(struct chain *chain, const uint8_t *data, size_t size)
{
    while (size > 0) {
        if (chain->held_size == CRYPTO_AES_BLOCK_SIZE) {
            chain_blocks(chain, chain->held, CRYPTO_AES_BLOCK_SIZE);
            chain->held_size = 0;
        }
        size_t part = CRYPTO_AES_BLOCK_SIZE - chain->held_size;
        if (chain->held_size == 0 && size > CRYPTO_AES_BLOCK_SIZE) {
            part = (size - 1) / CRYPTO_AES_BLOCK_SIZE * CRYPTO_AES_BLOCK_SIZE;
            chain_blocks(chain, data, part);
        } else {
            part = size < part ? size : part;
            memcpy(chain->held + chain->held_size, data, part);
            chain->held_size += part;
        }
        data += part;
        size -= part;
    }
}

/* RFC 3566 section 4, step 4. */
static bool chain_finish(struct chain *chain, const struct crypto_mac *mac, uint8_t *out)
{
    const uint8_t *mixed = mac->xcbc.k2;
    if (chain->held_size < CRYPTO_AES_BLOCK_SIZE) {
        mixed = mac->xcbc.k3;
        chain->held[chain->held_size] = 0x80;
        memset(chain->held + chain->held_size + 1, 0, CRYPTO_AES_BLOCK_SIZE - chain->held_size - 1);
    }
    for (size_t i = 0; i < CRYPTO_AES_BLOCK_SIZE; i++)
        chain->held[i] ^= mixed[i];
    int written = 0;
    return chain->ok &&
           EVP_EncryptUpdate(chain->cbc, out, &written, chain->held, CRYPTO_AES_BLOCK_SIZE);
}

static bool xcbc(const struct crypto_mac *mac, struct crypto_context *context,
                 const struct crypto_slice *parts, size_t count, uint8_t *out)
{
    struct chain chain = {.cbc = begin_cbc(mac, context), .ok = true};
    for (size_t i = 0; i < count; i++)
        chain_part(&chain, parts[i].data, parts[i].size);
    return chain_finish(&chain, mac, out);
}

/* ---- Both ---- */

void crypto_mac_init(struct crypto_mac *mac, struct crypto_context *context, size_t mac_size,
                     const uint8_t *key, size_t key_size)
{
    switch (mac_size) {
    case 16:
        assert(key_size == CRYPTO_AES_BLOCK_SIZE);
        init_xcbc(mac, context, key);
        break;
    case 32:
        init_hmac(mac, context, CRYPTO_MAC_SHA256, key, key_size);
        break;
    case 48:
        init_hmac(mac, context, CRYPTO_MAC_SHA384, key, key_size);
        break;
    default:
        assert(mac_size == 64);
        init_hmac(mac, context, CRYPTO_MAC_SHA512, key, key_size);
    }
}

void crypto_mac_fini(struct crypto_mac *mac, struct crypto_context *context)
{
    if (mac->kind == CRYPTO_MAC_XCBC) {
        struct crypto_keyed_use use = cbc_of(mac);
        crypto_keyed_forget(context, &use);
    }
    crypto_wipe(mac, sizeof(*mac));
}

void crypto_mac_compute(const struct crypto_mac *mac, struct crypto_context *context,
                        const struct crypto_slice *parts, size_t count,
                        uint8_t out[CRYPTO_HASH_SIZE_MAX])
{
    switch ((enum crypto_mac_kind)mac->kind) {
    case CRYPTO_MAC_SHA256:
        hmac_sha256(mac, parts, count, out);
        break;
    case CRYPTO_MAC_SHA384:
    case CRYPTO_MAC_SHA512:
        hmac_sha512(mac, parts, count, out);
        break;
    case CRYPTO_MAC_XCBC:
        crypto_must(xcbc(mac, context, parts, count, out), "computing a MAC");
        break;
    case CRYPTO_MAC_NONE:
        crypto_fail("a MAC without a key");
    }
}
