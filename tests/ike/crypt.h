/*
 * Every pair of encryption and integrity that the product has for IKE, with keys made of a
 * counter.
 */
#ifndef TESTS_IKE_CRYPT_H
#define TESTS_IKE_CRYPT_H

#include "ipsec/ike/sk.h"

#define CRYPT_PAIR_COUNT 22 /* 6 AEAD ciphers, 4 others with 4 integrity algorithms each */

struct crypt_pair {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
};

/* The i-th pair; i < CRYPT_PAIR_COUNT. */
struct crypt_pair crypt_pair_at(size_t i);

/*
 * The keys of a direction: octets 1, 2, 3 … from the initiator, 0x81, 0x82, … from the responder.
 */
void crypt_keys(bool initiator, uint8_t encr_key[CRYPTO_KEY_SIZE_MAX],
                uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX]);

void crypt_sk_init(struct ike_sk *sk, struct crypto_context *context, struct crypt_pair pair,
                   bool initiator, enum crypto_direction direction);

/* The next IV: counts up for every mode, so that runs repeat. */
const uint8_t *crypt_next_iv(void);

#endif
