/* Key derivation; see keys.h. Every intermediate secret is wiped. */
#include "ipsec/ike/keys.h"

#include <string.h>

#include "base/bytes.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/prf.h"

enum {
    SK_MAX = 3 * CRYPTO_PRF_SIZE_MAX + 2 * (CRYPTO_INTEG_KEY_SIZE_MAX + CRYPTO_KEY_SIZE_MAX),
    CHILD_MAX = 2 * (CRYPTO_INTEG_KEY_SIZE_MAX + CRYPTO_KEY_SIZE_MAX)
};

/* RFC 7296 section 2.14: a PRF with keys of a fixed size takes the first octets of each nonce. */
static size_t nonce_key(const struct crypto_prf *prf, const struct ike_keys_input *input,
                        uint8_t *out)
{
    size_t size_i = input->nonce_i.size, size_r = input->nonce_r.size;
    if (prf->nonce_prefix_size) {
        size_i = prf->nonce_prefix_size;
        size_r = prf->nonce_prefix_size;
    }
    memcpy(out, input->nonce_i.data, size_i);
    memcpy(out + size_i, input->nonce_r.data, size_r);
    return size_i + size_r;
}

void ike_keys_skeyseed(struct crypto_context *crypto, const struct crypto_prf *prf,
                       const struct ike_keys_input *input, uint8_t *out)
{
    if (input->old) { /* section 2.18: prf(SK_d (old), g^ir (new) | Ni | Nr), with the old PRF */
        const struct crypto_prf *old = input->old->suite.prf;
        struct crypto_slice parts[] = {input->shared, input->nonce_i, input->nonce_r};
        crypto_prf(crypto, old, input->old->sk_d, old->key_size, parts, 3, out);
        return;
    }
    uint8_t key[2 * IKE_NONCE_SIZE_MAX];
    size_t size = nonce_key(prf, input, key);
    crypto_prf(crypto, prf, key, size, &input->shared, 1, out);
}

static void take(const uint8_t **from, uint8_t *out, size_t size)
{
    memcpy(out, *from, size);
    *from += size;
}

void ike_keys_derive(struct crypto_context *crypto, const struct ike_suite *suite,
                     const struct ike_keys_input *input, struct ike_keys *out)
{
    const struct crypto_prf *prf = suite->prf;
    const struct crypto_prf *seed_prf = input->old ? input->old->suite.prf : prf;
    uint8_t skeyseed[CRYPTO_PRF_SIZE_MAX], spi_i[IKE_SPI_SIZE], spi_r[IKE_SPI_SIZE];
    uint8_t material[SK_MAX];
    ike_keys_skeyseed(crypto, prf, input, skeyseed);
    base_put_be(spi_i, input->spi_i, IKE_SPI_SIZE);
    base_put_be(spi_r, input->spi_r, IKE_SPI_SIZE);

    size_t integ = suite->integ ? suite->integ->key_size : 0;
    size_t encr = crypto_encr_material_size(suite->encr);
    struct crypto_slice parts[] = {
        input->nonce_i, input->nonce_r, {spi_i, IKE_SPI_SIZE}, {spi_r, IKE_SPI_SIZE}};
    crypto_prf_plus(crypto, prf, skeyseed, seed_prf->output_size, parts, 4, material,
                    3u * prf->key_size + 2 * (integ + encr));

    const uint8_t *at = material;
    *out = (struct ike_keys){.suite = *suite};
    take(&at, out->sk_d, prf->key_size);
    take(&at, out->sk_ai, integ);
    take(&at, out->sk_ar, integ);
    take(&at, out->sk_ei, encr);
    take(&at, out->sk_er, encr);
    take(&at, out->sk_pi, prf->key_size);
    take(&at, out->sk_pr, prf->key_size);
    crypto_wipe(skeyseed, sizeof(skeyseed));
    crypto_wipe(material, sizeof(material));
}

void ike_keys_child(struct crypto_context *crypto, const struct ike_keys *keys,
                    const struct ike_suite *suite, struct crypto_slice shared,
                    struct crypto_slice nonce_i, struct crypto_slice nonce_r,
                    struct ike_child_keys *out)
{
    uint8_t material[CHILD_MAX];
    size_t integ = suite->integ ? suite->integ->key_size : 0;
    size_t encr = crypto_encr_material_size(suite->encr);
    struct crypto_slice parts[] = {shared, nonce_i, nonce_r};
    const struct crypto_prf *prf = keys->suite.prf;
    crypto_prf_plus(crypto, prf, keys->sk_d, prf->key_size, parts, 3, material, 2 * (integ + encr));
    /* Section 2.17: all of the first SA before the second, encryption before integrity. */
    const uint8_t *at = material;
    *out = (struct ike_child_keys){0};
    take(&at, out->encr_i, encr);
    take(&at, out->integ_i, integ);
    take(&at, out->encr_r, encr);
    take(&at, out->integ_r, integ);
    crypto_wipe(material, sizeof(material));
}
