/*
 * Message authentication with the key schedule kept: HMAC with SHA-2 (RFC 2104, 4868) and AES-XCBC-MAC (RFC 3566).
 * The integrity algorithms and the PRFs are both made of it. Internal to this folder.
 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "ipsec/crypto/internal.h"

struct crypto_mac {
    /* HMAC: the hash states behind the padded key, copied for each message; NULL with XCBC. */
    EVP_MD_CTX *inner;
    EVP_MD_CTX *outer;
    /* XCBC: AES-CBC under K1, and the keys that the last block is mixed with; NULL with HMAC. */
    EVP_CIPHER_CTX *cbc;
    uint8_t k2[CRYPTO_AES_BLOCK_SIZE]; /* for a whole last block */
    uint8_t k3[CRYPTO_AES_BLOCK_SIZE]; /* for a padded one */
};

/*
 * The MAC whose whole output has `mac_size` octets: 16 is XCBC, and its key has 16 octets; 32, 48 and 64 are HMAC-SHA2-256,
 * 384 and 512, with keys of any size.
 */
void crypto_mac_init(struct crypto_mac *mac, struct crypto_context *context, size_t mac_size,
                     const uint8_t *key, size_t key_size);
void crypto_mac_fini(struct crypto_mac *mac); /* a zeroed struct is allowed */

/*
 * The whole MAC of the parts joined: as many octets as the hash has, or 16. Read completely before `out` is written, so that it may
 * be one of the parts.
 */
void crypto_mac_compute(struct crypto_mac *mac, struct crypto_context *context,
                        const struct crypto_slice *parts, size_t count,
                        uint8_t out[CRYPTO_HASH_SIZE_MAX]);

#endif
