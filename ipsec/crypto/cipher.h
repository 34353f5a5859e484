/*
 * Encryption and integrity of one direction of one SA, for ESP packets and for IKE's SK payloads alike: the
 * key schedules are made once and kept. Encrypt-then-MAC with a separate integrity algorithm, or an AEAD.
 *
 *            aad                  iv        data                      trailer     icv
 *   ESP      SPI, sequence (¹)    IV        ciphertext                ESN (²)     ICV
 *   IKE      header … SK header   IV        ciphertext                -           ICV
 *
 * (¹) With AEAD and ESN the aad is SPI, high and low sequence (RFC 4106 section 5). (²) Without AEAD the high half
 * of the extended sequence number is authenticated behind the data but not sent (RFC 4303 section 2.2.1).
 */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include <stdbool.h>
#include <stdint.h>

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"

enum crypto_direction {
    CRYPTO_SEAL,
    CRYPTO_OPEN
};

struct crypto_parts {
    const uint8_t *aad; /* authenticated, in clear */
    size_t aad_size;
    const uint8_t
        *iv;       /* encr->iv_size octets, filled by the caller before sealing; unpredictable for
                        * CBC, never used twice with a key otherwise */
    uint8_t *data; /* encrypted or decrypted in place; a multiple of encr->block_size */
    size_t data_size;
    const uint8_t *trailer; /* authenticated behind the data; not with AEAD (size 0) */
    size_t trailer_size;
    uint8_t *icv; /* written by seal, compared by open: crypto_cipher_icv_size octets */
};

struct base_warm;
struct crypto_cipher;

/*
 * `key` is crypto_encr_material_size octets: key, then salt. `integ` and its key (integ->key_size octets) are for what
 * is no AEAD, and NULL with AEAD. Both keys are copied into key schedules.
 */
struct crypto_cipher *crypto_cipher_new(struct crypto_context *context,
                                        const struct crypto_encr *encr, const uint8_t *key,
                                        const struct crypto_integ *integ, const uint8_t *integ_key,
                                        enum crypto_direction direction);
void crypto_cipher_free(struct crypto_cipher *cipher); /* wipes; NULL is allowed */

/* Adds what a packet touches of it, for warming. */
void crypto_cipher_list_memory(const struct crypto_cipher *cipher, struct base_warm *set);

/* Octets of the ICV: of the AEAD or of the integrity algorithm. */
size_t crypto_cipher_icv_size(const struct crypto_cipher *cipher);

/*
 * Encrypts the data in place and writes the ICV. The cipher was made for CRYPTO_SEAL. Fastest where
 * aad, iv and data lie one behind the other.
 */
void crypto_seal(struct crypto_cipher *cipher, const struct crypto_parts *parts);

/*
 * True when the ICV is right, and the data is then decrypted in place. False otherwise: without AEAD the data is
 * as it was, with AEAD its contents are lost. False too when data_size is no multiple of encr->block_size.
 */
__attribute__((warn_unused_result)) bool crypto_open(struct crypto_cipher *cipher,
                                                     const struct crypto_parts *parts);

#endif
