/*
 * HMAC by copies of two hash states: as fast as EVP_MAC with its key kept (both copy), at half the memory. XCBC by the CBC
 * mode of AES, which libcrypto does several times faster than block by block; what it encrypts is thrown away but for
 * the last block.
 */
#include "ipsec/crypto/mac.h"

#include <assert.h>
#include <string.h>

#include "ipsec/crypto/hash.h"

enum {
    HMAC_BLOCK_SIZE_MAX = 128,
    DISCARD_SIZE = 512 /* a multiple of the block size */
};

static EVP_MD_CTX *padded_key_state(const EVP_MD *digest, const uint8_t *key, size_t key_size,
                                    uint8_t pad)
{
    uint8_t block[HMAC_BLOCK_SIZE_MAX];
    size_t block_size = (size_t)EVP_MD_get_block_size(digest);
    assert(key_size <= block_size && block_size <= sizeof(block));
    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < key_size; i++)
        block[i] ^= key[i];
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    crypto_must(state && EVP_DigestInit_ex2(state, digest, NULL) &&
                    EVP_DigestUpdate(state, block, block_size),
                "keying HMAC");
    crypto_wipe(block, sizeof(block));
    return state;
}

static void init_hmac(struct crypto_mac *mac, struct crypto_context *context,
                      enum crypto_digest digest_id, const uint8_t *key, size_t key_size)
{
    const EVP_MD *digest = crypto_context_digest(context, digest_id);
    uint8_t hashed[CRYPTO_HASH_SIZE_MAX];
    if (key_size > (size_t)EVP_MD_get_block_size(digest)) {
        crypto_must(EVP_DigestInit_ex2(context->hash, digest, NULL) &&
                        EVP_DigestUpdate(context->hash, key, key_size) &&
                        EVP_DigestFinal_ex(context->hash, hashed, NULL),
                    "hashing a long HMAC key");
        key = hashed;
        key_size = (size_t)EVP_MD_get_size(digest);
    }
    *mac = (struct crypto_mac){.inner = padded_key_state(digest, key, key_size, 0x36),
                               .outer = padded_key_state(digest, key, key_size, 0x5c)};
    crypto_wipe(hashed, sizeof(hashed));
}

/* Fails in the middle of a message for no reason but memory: asked once, at its end. */
static bool hmac(struct crypto_mac *mac, EVP_MD_CTX *state, const struct crypto_slice *parts,
                 size_t count, uint8_t *out)
{
    unsigned size = 0;
    bool ok = EVP_MD_CTX_copy_ex(state, mac->inner);
    for (size_t i = 0; i < count; i++)
        ok = ok && EVP_DigestUpdate(state, parts[i].data, parts[i].size);
    return ok && EVP_DigestFinal_ex(state, out, &size) && EVP_MD_CTX_copy_ex(state, mac->outer) &&
           EVP_DigestUpdate(state, out, size) && EVP_DigestFinal_ex(state, out, NULL);
}

static const uint8_t ZEROS[CRYPTO_AES_BLOCK_SIZE];

/* AES of one block that repeats `octet`: CBC of a first block with an IV of zeros. */
static void derived_key(EVP_CIPHER_CTX *cbc, uint8_t octet, uint8_t out[CRYPTO_AES_BLOCK_SIZE])
{
    uint8_t block[CRYPTO_AES_BLOCK_SIZE];
    int size = 0;
    memset(block, octet, sizeof(block));
    crypto_must(EVP_EncryptInit_ex2(cbc, NULL, NULL, ZEROS, NULL) &&
                    EVP_EncryptUpdate(cbc, out, &size, block, sizeof(block)),
                "deriving an XCBC key");
}

static void init_xcbc(struct crypto_mac *mac, struct crypto_context *context,
                      const uint8_t key[CRYPTO_AES_BLOCK_SIZE])
{
    uint8_t k1[CRYPTO_AES_BLOCK_SIZE];
    *mac = (struct crypto_mac){.cbc = EVP_CIPHER_CTX_new()};
    const EVP_CIPHER *aes = crypto_context_cipher(context, CRYPTO_MODE_CBC, sizeof(k1));
    crypto_must(mac->cbc && EVP_EncryptInit_ex2(mac->cbc, aes, key, ZEROS, NULL), "keying XCBC");
    derived_key(mac->cbc, 1, k1);
    derived_key(mac->cbc, 2, mac->k2);
    derived_key(mac->cbc, 3, mac->k3);
    crypto_must(EVP_EncryptInit_ex2(mac->cbc, NULL, k1, ZEROS, NULL), "keying XCBC");
    crypto_wipe(k1, sizeof(k1));
}

void crypto_mac_init(struct crypto_mac *mac, struct crypto_context *context, size_t mac_size,
                     const uint8_t *key, size_t key_size)
{
    switch (mac_size) {
    case 16:
        assert(key_size == CRYPTO_AES_BLOCK_SIZE);
        init_xcbc(mac, context, key);
        break;
    case 32:
        init_hmac(mac, context, CRYPTO_DIGEST_SHA256, key, key_size);
        break;
    case 48:
        init_hmac(mac, context, CRYPTO_DIGEST_SHA384, key, key_size);
        break;
    default:
        assert(mac_size == 64);
        init_hmac(mac, context, CRYPTO_DIGEST_SHA512, key, key_size);
    }
}

void crypto_mac_fini(struct crypto_mac *mac)
{
    EVP_MD_CTX_free(mac->inner);
    EVP_MD_CTX_free(mac->outer);
    EVP_CIPHER_CTX_free(mac->cbc);
    crypto_wipe(mac, sizeof(*mac));
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
    const uint8_t *mixed = mac->k2;
    if (chain->held_size < CRYPTO_AES_BLOCK_SIZE) {
        mixed = mac->k3;
        chain->held[chain->held_size] = 0x80;
        memset(chain->held + chain->held_size + 1, 0, CRYPTO_AES_BLOCK_SIZE - chain->held_size - 1);
    }
    for (size_t i = 0; i < CRYPTO_AES_BLOCK_SIZE; i++)
        chain->held[i] ^= mixed[i];
    int written = 0;
    return chain->ok &&
           EVP_EncryptUpdate(chain->cbc, out, &written, chain->held, CRYPTO_AES_BLOCK_SIZE);
}

static bool xcbc(struct crypto_mac *mac, const struct crypto_slice *parts, size_t count,
                 uint8_t *out)
{
    struct chain chain = {.cbc = mac->cbc};
    chain.ok = EVP_EncryptInit_ex2(mac->cbc, NULL, NULL, ZEROS, NULL);
    for (size_t i = 0; i < count; i++)
        chain_part(&chain, parts[i].data, parts[i].size);
    return chain_finish(&chain, mac, out);
}

void crypto_mac_compute(struct crypto_mac *mac, struct crypto_context *context,
                        const struct crypto_slice *parts, size_t count,
                        uint8_t out[CRYPTO_HASH_SIZE_MAX])
{
    crypto_must(mac->cbc ? xcbc(mac, parts, count, out)
                         : hmac(mac, context->hash, parts, count, out),
                "computing a MAC");
}
