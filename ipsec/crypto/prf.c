/* The PRFs are MACs at full length, with the key rules of RFC 2104 and RFC 4434. */
#include "ipsec/crypto/prf.h"

#include <assert.h>
#include <string.h>

#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/mac.h"

enum {
    PARTS_MAX = 16 /* of a message: no use in IKEv2 has half as many */
};

/*
 * HMAC takes a key of any size (RFC 2104). XCBC's is made 16 octets by RFC 4434 section 2: a short
 * one is filled up with zeros, a long one is what XCBC under a key of zeros makes of it.
 */
static void init(struct crypto_mac *mac, struct crypto_context *context,
                 const struct crypto_prf *prf, const uint8_t *key, size_t key_size)
{
    if (prf->output_size != CRYPTO_AES_BLOCK_SIZE) {
        crypto_mac_init(mac, context, prf->output_size, key, key_size);
        return;
    }
    uint8_t fixed[CRYPTO_HASH_SIZE_MAX] = {0};
    if (key_size > CRYPTO_AES_BLOCK_SIZE) {
        struct crypto_slice whole = {key, key_size};
        crypto_mac_init(mac, context, CRYPTO_AES_BLOCK_SIZE, fixed, CRYPTO_AES_BLOCK_SIZE);
        crypto_mac_compute(mac, context, &whole, 1, fixed);
        crypto_mac_fini(mac, context);
    } else if (key_size > 0) {
        memcpy(fixed, key, key_size);
    }
    crypto_mac_init(mac, context, CRYPTO_AES_BLOCK_SIZE, fixed, CRYPTO_AES_BLOCK_SIZE);
    crypto_wipe(fixed, sizeof(fixed));
}

void crypto_prf(struct crypto_context *context, const struct crypto_prf *prf, const uint8_t *key,
                size_t key_size, const struct crypto_slice *parts, size_t count, uint8_t *out)
{
    uint8_t block[CRYPTO_HASH_SIZE_MAX];
    struct crypto_mac mac;
    init(&mac, context, prf, key, key_size);
    crypto_mac_compute(&mac, context, parts, count, block);
    crypto_mac_fini(&mac, context);
    memcpy(out, block, prf->output_size);
    crypto_wipe(block, sizeof(block));
}

void crypto_prf_plus(struct crypto_context *context, const struct crypto_prf *prf,
                     const uint8_t *key, size_t key_size, const struct crypto_slice *parts,
                     size_t count, uint8_t *out, size_t out_size)
{
    assert(count <= PARTS_MAX && out_size <= (size_t)255 * prf->output_size);
    uint8_t block[CRYPTO_HASH_SIZE_MAX];
    uint8_t number = 1;
    struct crypto_slice message[PARTS_MAX + 2] = {{block, 0}}; /* T1 has no block before it */
    if (count > 0)
        memcpy(&message[1], parts, count * sizeof(*parts));
    message[count + 1] = (struct crypto_slice){&number, 1};
    struct crypto_mac mac;
    init(&mac, context, prf, key, key_size);
    for (; out_size > 0; number++) {
        crypto_mac_compute(&mac, context, message, count + 2, block);
        message[0].size = prf->output_size;
        size_t part = out_size < prf->output_size ? out_size : prf->output_size;
        memcpy(out, block, part);
        out += part;
        out_size -= part;
    }
    crypto_mac_fini(&mac, context);
    crypto_wipe(block, sizeof(block));
}
