/* Contexts stand in one place each for owner mod CRYPTO_KEYED_PLACES: owners are numbered in order, so that neighbours
 * in time, such as the SAs of one world, do not meet. */
#include "ipsec/crypto/keyed.h"

uint64_t crypto_keyed_owner(struct crypto_context *context)
{
    return ++context->last_owner;
}

/* The counter mode is the same in both directions. */
static bool init(EVP_CIPHER_CTX *evp, const EVP_CIPHER *cipher, const struct crypto_keyed_use *use,
                 const uint8_t *key, const uint8_t *nonce, const OSSL_PARAM *params)
{
    return use->direction == CRYPTO_SEAL ? EVP_EncryptInit_ex2(evp, cipher, key, nonce, params)
                                         : EVP_DecryptInit_ex2(evp, cipher, key, nonce, params);
}

static bool make(struct crypto_context *context, struct crypto_keyed *place,
                 const struct crypto_keyed_use *use)
{
    const EVP_CIPHER *aes = crypto_context_cipher(context, use->mode, use->key_size);
    place->evp = EVP_CIPHER_CTX_new();
    return place->evp && init(place->evp, aes, use, NULL, NULL, NULL) &&
           /* padding is ESP's and IKE's own */
           (use->mode != CRYPTO_MODE_CBC || EVP_CIPHER_CTX_set_padding(place->evp, 0));
}

/* CCM's sizes are set before its key. */
static bool set_sizes(EVP_CIPHER_CTX *evp, const struct crypto_keyed_use *use)
{
    return use->mode != CRYPTO_MODE_CCM ||
           (EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_SET_IVLEN, use->nonce_size, NULL) &&
            EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_SET_TAG, use->icv_size, NULL));
}

EVP_CIPHER_CTX *crypto_keyed_rekey(struct crypto_context *context,
                                   const struct crypto_keyed_use *use, const uint8_t *nonce,
                                   const OSSL_PARAM *params)
{
    struct crypto_keyed *place = crypto_keyed_place(context, use);
    if (!place->evp && !make(context, place, use))
        return NULL;
    place->owner = use->owner;
    bool ok = set_sizes(place->evp, use) && init(place->evp, NULL, use, use->key, nonce, NULL);
    if (ok && params)
        ok = init(place->evp, NULL, use, NULL, NULL, params);
    return ok ? place->evp : NULL;
}

void crypto_keyed_forget(struct crypto_context *context, const struct crypto_keyed_use *use)
{
    struct crypto_keyed *place = crypto_keyed_place(context, use);
    if (place->owner != use->owner)
        return;
    EVP_CIPHER_CTX_free(place->evp); /* wipes the key schedule */
    *place = (struct crypto_keyed){0};
}

void crypto_keyed_fini(struct crypto_context *context)
{
    struct crypto_keyed *places = &context->keyed[0][0][0][0];
    for (size_t i = 0; i < sizeof(context->keyed) / sizeof(*places); i++)
        EVP_CIPHER_CTX_free(places[i].evp);
}
