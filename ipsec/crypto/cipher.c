/*
 * Two ways to protect a packet: encrypt-then-MAC (CBC, CTR) and AEAD (GCM, CCM). libcrypto's contexts are shared
 * (keyed.h): per packet they get the nonce, and the key where another one was used in between.
 */
#include "ipsec/crypto/cipher.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/warm.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/keyed.h"
#include "ipsec/crypto/mac.h"

enum {
    NONCE_SIZE_MAX = 16,
    SALT_SIZE_MAX = 4
};

struct crypto_cipher {
    struct crypto_context *context;
    const struct crypto_encr *encr;
    struct crypto_keyed_use use; /* its key is `key` */
    uint8_t icv_size;
    uint8_t key[CRYPTO_KEY_SIZE_MAX]; /* salt included */
    struct crypto_mac mac;            /* zero with AEAD */
};

struct crypto_cipher *crypto_cipher_new(struct crypto_context *context,
                                        const struct crypto_encr *encr, const uint8_t *key,
                                        const struct crypto_integ *integ, const uint8_t *integ_key,
                                        enum crypto_direction direction)
{
    assert(encr->aead == !integ);
    struct crypto_cipher *cipher = base_alloc_lines(sizeof(*cipher));
    cipher->context = context;
    cipher->encr = encr;
    cipher->use = (struct crypto_keyed_use){
        .owner = crypto_keyed_owner(context),
        .mode = encr->mode,
        .key_size = encr->key_size,
        .nonce_size = (uint8_t)(encr->salt_size + encr->iv_size),
        .icv_size = encr->icv_size,
        .direction = direction,
        .key = cipher->key,
    };
    memcpy(cipher->key, key, crypto_encr_material_size(encr));
    cipher->icv_size = integ ? integ->icv_size : encr->icv_size;
    if (integ) /* the key has as many octets as the whole MAC: RFC 4868 section 2.1.1, RFC 3566 */
        crypto_mac_init(&cipher->mac, context, integ->key_size, integ_key, integ->key_size);
    return cipher;
}

void crypto_cipher_free(struct crypto_cipher *cipher)
{
    if (!cipher)
        return;
    crypto_keyed_forget(cipher->context, &cipher->use);
    crypto_mac_fini(&cipher->mac, cipher->context);
    crypto_wipe(cipher, sizeof(*cipher));
    free(cipher);
}

void crypto_cipher_list_memory(const struct crypto_cipher *cipher, struct base_warm *set)
{
    base_warm_add(set, cipher, offsetof(struct crypto_cipher, mac) + crypto_mac_size(&cipher->mac));
}

size_t crypto_cipher_icv_size(const struct crypto_cipher *cipher)
{
    return cipher->icv_size;
}

/* Salt and IV as the mode puts them: the IV alone, RFC 3686's counter block, the nonce of RFC 4106 and 4309. */
static void make_nonce(const struct crypto_cipher *cipher, const uint8_t *iv,
                       uint8_t nonce[NONCE_SIZE_MAX])
{
    static const uint8_t ONE[] = {0, 0, 0, 1}; /* the first block is number 1 */
    const struct crypto_encr *encr = cipher->encr;
    memcpy(nonce, cipher->key + encr->key_size, SALT_SIZE_MAX);
    memcpy(nonce + encr->salt_size, iv, encr->iv_size);
    if (encr->mode == CRYPTO_MODE_CTR)
        memcpy(nonce + encr->salt_size + encr->iv_size, ONE, sizeof(ONE));
}

/* What of a packet is authenticated, joined where it lies in one piece. */
static size_t authenticated_slices(const struct crypto_cipher *cipher,
                                   const struct crypto_parts *parts, struct crypto_slice out[4])
{
    size_t iv_size = cipher->encr->iv_size;
    size_t count = 0;
    if (parts->aad + parts->aad_size == parts->iv && parts->iv + iv_size == parts->data) {
        out[count++] =
            (struct crypto_slice){parts->aad, parts->aad_size + iv_size + parts->data_size};
    } else {
        out[count++] = (struct crypto_slice){parts->aad, parts->aad_size};
        out[count++] = (struct crypto_slice){parts->iv, iv_size};
        out[count++] = (struct crypto_slice){parts->data, parts->data_size};
    }
    if (parts->trailer_size > 0)
        out[count++] = (struct crypto_slice){parts->trailer, parts->trailer_size};
    return count;
}

static void compute_icv(struct crypto_cipher *cipher, const struct crypto_parts *parts,
                        uint8_t mac[CRYPTO_HASH_SIZE_MAX])
{
    struct crypto_slice slices[4];
    size_t count = authenticated_slices(cipher, parts, slices);
    crypto_mac_compute(&cipher->mac, cipher->context, slices, count, mac);
}

/* CBC or CTR over the data in place. */
static void crypt(struct crypto_cipher *cipher, const struct crypto_parts *parts)
{
    uint8_t nonce[NONCE_SIZE_MAX];
    int size = 0;
    make_nonce(cipher, parts->iv, nonce);
    EVP_CIPHER_CTX *evp = crypto_keyed_begin(cipher->context, &cipher->use, nonce, NULL);
    bool ok = evp && EVP_CipherUpdate(evp, parts->data, &size, parts->data, (int)parts->data_size);
    crypto_must(ok && (size_t)size == parts->data_size, "encrypting");
}

/* GCM and CCM alike, with the context that was used, but that CCM must know the size of the data
 * before the associated data. */
static bool aead_crypt(struct crypto_cipher *cipher, const struct crypto_parts *parts,
                       const OSSL_PARAM *expected, EVP_CIPHER_CTX **used)
{
    uint8_t nonce[NONCE_SIZE_MAX];
    int size = 0;
    int data_size = (int)parts->data_size;
    bool ccm = cipher->encr->mode == CRYPTO_MODE_CCM;
    assert(parts->trailer_size == 0);
    make_nonce(cipher, parts->iv, nonce);
    EVP_CIPHER_CTX *evp = crypto_keyed_begin(cipher->context, &cipher->use, nonce, expected);
    crypto_must(evp && (!ccm || EVP_CipherUpdate(evp, NULL, &size, NULL, data_size)) &&
                    EVP_CipherUpdate(evp, NULL, &size, parts->aad, (int)parts->aad_size),
                "preparing an AEAD");
    *used = evp;
    if (!EVP_CipherUpdate(evp, parts->data, &size, parts->data, data_size))
        return false;
    return ccm || EVP_CipherFinal_ex(evp, parts->data + size, &size);
}

void crypto_seal(struct crypto_cipher *cipher, const struct crypto_parts *parts)
{
    assert(cipher->use.direction == CRYPTO_SEAL &&
           parts->data_size % cipher->encr->block_size == 0);
    if (cipher->encr->aead) {
        EVP_CIPHER_CTX *evp;
        OSSL_PARAM tag[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
                                                              parts->icv, cipher->icv_size),
                            OSSL_PARAM_END};
        crypto_must(aead_crypt(cipher, parts, NULL, &evp) && EVP_CIPHER_CTX_get_params(evp, tag),
                    "sealing with an AEAD");
        return;
    }
    uint8_t mac[CRYPTO_HASH_SIZE_MAX];
    crypt(cipher, parts);
    compute_icv(cipher, parts, mac);
    memcpy(parts->icv, mac, cipher->icv_size);
}

bool crypto_open(struct crypto_cipher *cipher, const struct crypto_parts *parts)
{
    assert(cipher->use.direction == CRYPTO_OPEN);
    if (parts->data_size % cipher->encr->block_size != 0)
        return false;
    if (cipher->encr->aead) {
        EVP_CIPHER_CTX *evp;
        OSSL_PARAM tag[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
                                                              parts->icv, cipher->icv_size),
                            OSSL_PARAM_END};
        bool right = aead_crypt(cipher, parts, tag, &evp);
        if (!right)
            ERR_clear_error(); /* a forged packet is no error of the program */
        return right;
    }
    uint8_t mac[CRYPTO_HASH_SIZE_MAX];
    compute_icv(cipher, parts, mac);
    if (!crypto_equal(mac, parts->icv, cipher->icv_size))
        return false;
    crypt(cipher, parts);
    return true;
}
