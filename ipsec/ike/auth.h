/*
 * The AUTH payload with a shared key: RFC 7296 section 2.15, method 2. Values only.
 *
 *     AUTH = prf(prf(PSK, "Key Pad for IKEv2"), RealMessage | NonceData | prf(SK_p, ID body))
 */
#ifndef IKE_AUTH_H
#define IKE_AUTH_H

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"

struct ike_auth_input {
    const struct crypto_prf *prf;
    struct crypto_slice psk;
    struct crypto_slice message; /* the signer's whole IKE_SA_INIT message, as it was sent */
    struct crypto_slice nonce;   /* the other end's */
    const uint8_t *sk_p;         /* the signer's: SK_pi or SK_pr, prf->key_size octets */
    struct crypto_slice id;      /* the signer's ID payload without its generic header */
};

/* Writes prf->output_size octets. */
void ike_auth_compute(struct crypto_context *crypto, const struct ike_auth_input *input,
                      uint8_t *out);

#endif
