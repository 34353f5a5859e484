/*
 * Message authentication with the key schedule kept: HMAC with SHA-2 (RFC 2104, 4868) and AES-XCBC-MAC (RFC 3566).
 * The integrity algorithms and the PRFs are both made of it. Internal to this folder.
 */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "ipsec/crypto/internal.h"

enum crypto_mac_kind {
    CRYPTO_MAC_NONE,
    CRYPTO_MAC_SHA256,
    CRYPTO_MAC_SHA384,
    CRYPTO_MAC_SHA512,
    CRYPTO_MAC_XCBC,
};

struct crypto_mac {
    uint8_t kind; /* enum crypto_mac_kind */
    union {
        /* HMAC: the hash's chaining values behind the padded key. */
        struct {
            uint32_t inner[8], outer[8];
        } sha256;
        struct {
            uint64_t inner[8], outer[8];
        } sha512; /* and 384 */
        struct {
            uint64_t owner;                    /* of K1, see keyed.h */
            uint8_t k1[CRYPTO_AES_BLOCK_SIZE]; /* AES-CBC is keyed with it */
            uint8_t k2[CRYPTO_AES_BLOCK_SIZE]; /* for a whole last block */
            uint8_t k3[CRYPTO_AES_BLOCK_SIZE]; /* for a padded one */
        } xcbc;
    };
};

/* Bytes of the struct that a message touches. */
static inline size_t crypto_mac_size(const struct crypto_mac *mac)
{
    return mac->kind == CRYPTO_MAC_SHA256
               ? offsetof(struct crypto_mac, sha256) + sizeof(mac->sha256)
               : sizeof(*mac);
}

/*
 * The MAC whose whole output has `mac_size` octets: 16 is XCBC, and its key has 16 octets; 32, 48
 * and 64 are HMAC-SHA2-256, 384 and 512, with keys of any size.
 */
void crypto_mac_init(struct crypto_mac *mac, struct crypto_context *context, size_t mac_size,
                     const uint8_t *key, size_t key_size);
/* Wipes; a zeroed struct is allowed. */
void crypto_mac_fini(struct crypto_mac *mac, struct crypto_context *context);

/*
 * The whole MAC of the parts joined: as many octets as the hash has, or 16. Read completely before
 * `out` is written, so that it may be one of the parts.
 */
void crypto_mac_compute(const struct crypto_mac *mac, struct crypto_context *context,
                        const struct crypto_slice *parts, size_t count,
                        uint8_t out[CRYPTO_HASH_SIZE_MAX]);

#endif
