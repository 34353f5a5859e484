/*
 * The algorithms that a tunnel may be given, as tables of sizes and names. Every table stands in the
 * order of strength, the most secure first. Entries live for ever and are compared by address.
 *
 * RFC 7296 section 3.3.2 (transform identifiers, by IANA's registry), 3602, 3686, 5930, 4106, 4309, 5282
 * (encryption), 4868, 3566, 4434 (integrity and PRFs), 3526, 5903, 6954 (groups). Nothing else is offered.
 */
#ifndef CRYPTO_ALGORITHM_H
#define CRYPTO_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CRYPTO_KEY_SIZE_MAX = 36, /* of encryption, salt included */
    CRYPTO_IV_SIZE_MAX = 16,  /* on the wire */
    CRYPTO_ICV_SIZE_MAX = 32, /* on the wire */
    CRYPTO_INTEG_KEY_SIZE_MAX = 64,
    CRYPTO_PRF_SIZE_MAX = 64,     /* of a PRF's output, and of its preferred key */
    CRYPTO_PUBLIC_SIZE_MAX = 512, /* of a KE payload's data */
    CRYPTO_SHARED_SIZE_MAX = 512,
    CRYPTO_SEED_SIZE = 32
};

enum crypto_mode {
    CRYPTO_MODE_CBC, /* RFC 3602 */
    CRYPTO_MODE_CTR, /* RFC 3686 in ESP, RFC 5930 in IKE */
    CRYPTO_MODE_GCM, /* RFC 4106 in ESP, RFC 5282 in IKE */
    CRYPTO_MODE_CCM  /* RFC 4309 in ESP, RFC 5282 in IKE */
};

/* Encryption (transform type 1). The size of keying material is key_size + salt_size, in that order. */
struct crypto_encr {
    uint16_t id;       /* transform identifier: ENCR_AES_CBC is 12 */
    uint16_t key_bits; /* the Key Length attribute */
    enum crypto_mode mode;
    const char *name;          /* strongSwan's keyword: aes128ctr */
    const char *product_name;  /* the product's: AES128-CTR */
    const char *proposal_name; /* as charon prints proposals: AES_CTR_128 */
    uint8_t key_size;          /* octets, without the salt */
    uint8_t salt_size;         /* octets taken from the end of the keying material; 0 with CBC */
    uint8_t iv_size;           /* octets on the wire before the ciphertext */
    uint8_t block_size;        /* the ciphertext is a multiple of this; 1 but for CBC */
    uint8_t icv_size;          /* of an AEAD, on the wire; 0: an integrity transform is needed */
    bool aead;
    /* Wireshark's key tables (4.0). It knows no CCM in ESP, but CCM encrypts as RFC 3686 does: see
     * crypto_encr_wireshark_esp_key. */
    const char *wireshark_esp; /* encryption column of esp_sa */
    const char *
        wireshark_esp_auth; /* with AEAD: authentication column of esp_sa; else NULL, see crypto_integ */
    const char *wireshark_ike; /* encryption column of ikev2_decryption_table */
};

/* Integrity (transform type 3). */
struct crypto_integ {
    uint16_t id;
    const char *name;          /* sha256 */
    const char *product_name;  /* SHA256 */
    const char *proposal_name; /* HMAC_SHA2_256_128 */
    uint8_t key_size;
    uint8_t icv_size;          /* truncated, as on the wire */
    const char *wireshark_esp; /* authentication column of esp_sa */
    const char *wireshark_ike; /* integrity column of ikev2_decryption_table */
    bool
        wireshark_checks; /* false: no check of it in Wireshark, whose key columns then stay empty */
};

/* Pseudorandom function (transform type 2). */
struct crypto_prf {
    uint16_t id;
    const char *name;          /* prfsha256 */
    const char *product_name;  /* as an integrityAlgorithm of the product: SHA256 */
    const char *proposal_name; /* PRF_HMAC_SHA2_256 */
    uint8_t key_size;          /* preferred: what SK_d and SK_p are cut to */
    uint8_t output_size;
    /* RFC 7296 section 2.14: SKEYSEED uses so many octets of each nonce; 0: the whole nonces. */
    uint8_t nonce_prefix_size;
};

/* Key exchange (transform type 4). */
struct crypto_group {
    uint16_t id;
    const char *name;          /* modp3072 */
    const char *product_name;  /* 15-MODP3072 */
    const char *proposal_name; /* MODP_3072 */
    uint16_t public_size;      /* of KE data: the prime's length, or x || y */
    uint16_t
        shared_size; /* of g^ir: the prime's length, or x alone (RFC 5903 section 7, erratum 9) */
    uint16_t strength_bits; /* estimate: RFC 3526 section 8, half the order of a curve */
    bool elliptic;
};

/* The i-th entry of a table, strongest first, or NULL past its end. */
const struct crypto_encr *crypto_encr_at(size_t i);
const struct crypto_integ *crypto_integ_at(size_t i);
const struct crypto_prf *crypto_prf_at(size_t i);
const struct crypto_group *crypto_group_at(size_t i);

/* By transform identifier, NULL for what is not in the table. An encryption without the right key length is not. */
const struct crypto_encr *crypto_encr_find(uint16_t id, uint16_t key_bits);
const struct crypto_integ *crypto_integ_find(uint16_t id);
const struct crypto_prf *crypto_prf_find(uint16_t id);
const struct crypto_group *crypto_group_find(uint16_t id);

/* By the product's name (AES128-CTR, SHA256, 15-MODP3072) or strongSwan's keyword, whatever the
 * case; NULL if unknown. */
const struct crypto_encr *crypto_encr_named(const char *name);
const struct crypto_integ *crypto_integ_named(const char *name);
const struct crypto_prf *crypto_prf_named(const char *name);
const struct crypto_group *crypto_group_named(const char *name);

/* The PRF that the product pairs with an integrity algorithm: SHA256 with PRF_HMAC_SHA2_256. Never NULL. */
const struct crypto_prf *crypto_prf_of_integ(const struct crypto_integ *integ);

/* Octets of keying material for one direction: key and salt. */
static inline size_t crypto_encr_material_size(const struct crypto_encr *encr)
{
    return (size_t)encr->key_size + encr->salt_size;
}

/*
 * Writes the key as Wireshark's esp_sa table wants it and returns its size, at most CRYPTO_KEY_SIZE_MAX.
 * That is key || salt as it is; but for CCM key || 0x03 || salt, with which RFC 3686 decrypts what
 * RFC 4309 encrypted (the counter blocks are the same from the first block of text on).
 */
size_t crypto_encr_wireshark_esp_key(const struct crypto_encr *encr, const uint8_t *material,
                                     uint8_t out[CRYPTO_KEY_SIZE_MAX]);

#endif
