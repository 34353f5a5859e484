/* The AUTH computation; see auth.h. */
#include "ipsec/ike/auth.h"

#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/prf.h"

/* 17 ASCII characters without a terminating zero. */
static const struct crypto_slice key_pad = {"Key Pad for IKEv2", 17};

void ike_auth_compute(struct crypto_context *crypto, const struct ike_auth_input *input,
                      uint8_t *out)
{
    const struct crypto_prf *prf = input->prf;
    uint8_t key[CRYPTO_PRF_SIZE_MAX], maced_id[CRYPTO_PRF_SIZE_MAX];
    crypto_prf(crypto, prf, input->psk.data, input->psk.size, &key_pad, 1, key);
    crypto_prf(crypto, prf, input->sk_p, prf->key_size, &input->id, 1, maced_id);
    struct crypto_slice octets[] = {input->message, input->nonce, {maced_id, prf->output_size}};
    crypto_prf(crypto, prf, key, prf->output_size, octets, 3, out);
    crypto_wipe(key, sizeof(key));
    crypto_wipe(maced_id, sizeof(maced_id));
}
