/* Pairs of algorithms with fixed keys. */
#include "tests/ike/crypt.h"

#include <assert.h>

struct crypt_pair crypt_pair_at(size_t i)
{
    size_t at = 0;
    for (size_t e = 0; crypto_encr_at(e); e++) {
        struct crypt_pair pair = {.encr = crypto_encr_at(e)};
        if (pair.encr->aead && at++ == i)
            return pair;
        for (size_t n = 0; !pair.encr->aead && crypto_integ_at(n); n++) {
            pair.integ = crypto_integ_at(n);
            if (at++ == i)
                return pair;
        }
    }
    assert(false);
    return (struct crypt_pair){0};
}

void crypt_keys(bool initiator, uint8_t encr_key[CRYPTO_KEY_SIZE_MAX],
                uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX])
{
    for (size_t i = 0; i < CRYPTO_KEY_SIZE_MAX; i++)
        encr_key[i] = (uint8_t)(i + (initiator ? 1 : 0x81));
    for (size_t i = 0; i < CRYPTO_INTEG_KEY_SIZE_MAX; i++)
        integ_key[i] = (uint8_t)(i + (initiator ? 0x30 : 0xb0));
}

void crypt_sk_init(struct ike_sk *sk, struct crypto_context *context, struct crypt_pair pair,
                   bool initiator, enum crypto_direction direction)
{
    uint8_t encr_key[CRYPTO_KEY_SIZE_MAX];
    uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
    crypt_keys(initiator, encr_key, integ_key);
    ike_sk_init(sk, context, pair.encr, encr_key, pair.integ, pair.integ ? integ_key : NULL,
                direction);
}

const uint8_t *crypt_next_iv(void)
{
    static uint8_t iv[IKE_SK_IV_SIZE_MAX];
    static uint64_t counter;
    base_put_be(iv, ++counter, 8);
    return iv;
}
