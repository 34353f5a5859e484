/*
 * Keys of an IKE SA and of its children: RFC 7296 section 2.14 (SKEYSEED, SK_*), 2.17 (KEYMAT), 2.18
 * (rekeying). Values only.
 */
#ifndef IKE_KEYS_H
#define IKE_KEYS_H

#include "ipsec/crypto/context.h"
#include "ipsec/ike/proposal.h"

struct ike_keys {
    struct ike_suite suite;
    uint8_t sk_d[CRYPTO_PRF_SIZE_MAX];
    uint8_t sk_ai[CRYPTO_INTEG_KEY_SIZE_MAX], sk_ar[CRYPTO_INTEG_KEY_SIZE_MAX];
    uint8_t sk_ei[CRYPTO_KEY_SIZE_MAX], sk_er[CRYPTO_KEY_SIZE_MAX]; /* salt behind the key */
    uint8_t sk_pi[CRYPTO_PRF_SIZE_MAX], sk_pr[CRYPTO_PRF_SIZE_MAX];
};

struct ike_keys_input {
    struct crypto_slice shared; /* g^ir */
    struct crypto_slice nonce_i, nonce_r;
    uint64_t spi_i, spi_r;
    const struct ike_keys *old; /* rekey: the keys of the SA that is replaced; NULL: IKE_SA_INIT */
};

/* SKEYSEED alone: prf->output_size octets. `prf` is the new suite's; the old one's is used in a rekey. */
void ike_keys_skeyseed(struct crypto_context *crypto, const struct crypto_prf *prf,
                       const struct ike_keys_input *input, uint8_t *out);

void ike_keys_derive(struct crypto_context *crypto, const struct ike_suite *suite,
                     const struct ike_keys_input *input, struct ike_keys *out);

/* Keying material of a child SA, by direction: of the exchange's initiator to its responder, and back. */
struct ike_child_keys {
    uint8_t encr_i[CRYPTO_KEY_SIZE_MAX], encr_r[CRYPTO_KEY_SIZE_MAX];
    uint8_t integ_i[CRYPTO_INTEG_KEY_SIZE_MAX], integ_r[CRYPTO_INTEG_KEY_SIZE_MAX];
};

/* `shared` is empty (size 0) without a Diffie-Hellman exchange of the child's own. */
void ike_keys_child(struct crypto_context *crypto, const struct ike_keys *keys,
                    const struct ike_suite *suite, struct crypto_slice shared,
                    struct crypto_slice nonce_i, struct crypto_slice nonce_r,
                    struct ike_child_keys *out);

#endif
