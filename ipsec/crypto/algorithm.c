/* The tables of algorithms, strongest first, and the look-ups in them. */
#include "ipsec/crypto/algorithm.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Sizes and Wireshark's names that do not depend on the key length. */
#define CBC                                                                                        \
    .id = 12, .mode = CRYPTO_MODE_CBC, .iv_size = 16, .block_size = 16,                            \
    .wireshark_esp = "AES-CBC [RFC3602]"
#define CTR                                                                                        \
    .id = 13, .mode = CRYPTO_MODE_CTR, .salt_size = 4, .iv_size = 8, .block_size = 1,              \
    .wireshark_esp = "AES-CTR [RFC3686]"
#define CCM_12                                                                                     \
    .id = 15, .mode = CRYPTO_MODE_CCM, .salt_size = 3, .iv_size = 8, .block_size = 1,              \
    .icv_size = 12, .aead = true, .wireshark_esp = "AES-CTR [RFC3686]",                            \
    .wireshark_esp_auth = "ANY 96 bit authentication [no checking]"
#define GCM(transform, octets)                                                                     \
    .id = (transform), .mode = CRYPTO_MODE_GCM, .salt_size = 4, .iv_size = 8, .block_size = 1,     \
    .icv_size = (octets), .aead = true,                                                            \
    .wireshark_esp = "AES-GCM with " #octets " octet ICV [RFC4106]", .wireshark_esp_auth = "NULL"
#define BITS(bits) .key_bits = (bits), .key_size = (bits) / 8

static const struct crypto_encr ENCRYPTIONS[] = {
    {GCM(20, 16), BITS(256), .name = "aes256gcm16", .product_name = "AES256-GCM-16",
     .proposal_name = "AES_GCM_16_256", .wireshark_ike = "AES-GCM-256 with 16 octet ICV [RFC5282]"},
    {GCM(19, 12), BITS(256), .name = "aes256gcm12", .product_name = "AES256-GCM-12",
     .proposal_name = "AES_GCM_12_256", .wireshark_ike = "AES-GCM-256 with 12 octet ICV [RFC5282]"},
    {CCM_12, BITS(256), .name = "aes256ccm12", .product_name = "AES256-CCM-12",
     .proposal_name = "AES_CCM_12_256", .wireshark_ike = "AES-CCM-256 with 12 octet ICV [RFC5282]"},
    {CBC, BITS(256), .name = "aes256", .product_name = "AES256", .proposal_name = "AES_CBC_256",
     .wireshark_ike = "AES-CBC-256 [RFC3602]"},
    {CTR, BITS(256), .name = "aes256ctr", .product_name = "AES256-CTR",
     .proposal_name = "AES_CTR_256", .wireshark_ike = "AES-CTR-256 [RFC5930]"},
    {GCM(20, 16), BITS(128), .name = "aes128gcm16", .product_name = "AES128-GCM-16",
     .proposal_name = "AES_GCM_16_128", .wireshark_ike = "AES-GCM-128 with 16 octet ICV [RFC5282]"},
    {GCM(19, 12), BITS(128), .name = "aes128gcm12", .product_name = "AES128-GCM-12",
     .proposal_name = "AES_GCM_12_128", .wireshark_ike = "AES-GCM-128 with 12 octet ICV [RFC5282]"},
    {CCM_12, BITS(128), .name = "aes128ccm12", .product_name = "AES128-CCM-12",
     .proposal_name = "AES_CCM_12_128", .wireshark_ike = "AES-CCM-128 with 12 octet ICV [RFC5282]"},
    {CBC, BITS(128), .name = "aes128", .product_name = "AES128", .proposal_name = "AES_CBC_128",
     .wireshark_ike = "AES-CBC-128 [RFC3602]"},
    {CTR, BITS(128), .name = "aes128ctr", .product_name = "AES128-CTR",
     .proposal_name = "AES_CTR_128", .wireshark_ike = "AES-CTR-128 [RFC5930]"},
};

/* Wireshark implements no AES-XCBC: it is told the size of the ICV only. */
static const struct crypto_integ INTEGRITIES[] = {
    {.id = 14,
     .name = "sha512",
     .product_name = "SHA512",
     .proposal_name = "HMAC_SHA2_512_256",
     .key_size = 64,
     .icv_size = 32,
     .wireshark_esp = "HMAC-SHA-512-256 [RFC4868]",
     .wireshark_ike = "HMAC_SHA2_512_256 [RFC4868]",
     .wireshark_checks = true},
    {.id = 13,
     .name = "sha384",
     .product_name = "SHA384",
     .proposal_name = "HMAC_SHA2_384_192",
     .key_size = 48,
     .icv_size = 24,
     .wireshark_esp = "HMAC-SHA-384-192 [RFC4868]",
     .wireshark_ike = "HMAC_SHA2_384_192 [RFC4868]",
     .wireshark_checks = true},
    {.id = 12,
     .name = "sha256",
     .product_name = "SHA256",
     .proposal_name = "HMAC_SHA2_256_128",
     .key_size = 32,
     .icv_size = 16,
     .wireshark_esp = "HMAC-SHA-256-128 [RFC4868]",
     .wireshark_ike = "HMAC_SHA2_256_128 [RFC4868]",
     .wireshark_checks = true},
    {.id = 5,
     .name = "aesxcbc",
     .product_name = "AES-XCBC",
     .proposal_name = "AES_XCBC_96",
     .key_size = 16,
     .icv_size = 12,
     .wireshark_esp = "ANY 96 bit authentication [no checking]",
     .wireshark_ike = "ANY 96-bits of Authentication [No Checking]",
     .wireshark_checks = false},
};

static const struct crypto_prf PRFS[] = {
    {.id = 7,
     .name = "prfsha512",
     .product_name = "SHA512",
     .proposal_name = "PRF_HMAC_SHA2_512",
     .key_size = 64,
     .output_size = 64},
    {.id = 6,
     .name = "prfsha384",
     .product_name = "SHA384",
     .proposal_name = "PRF_HMAC_SHA2_384",
     .key_size = 48,
     .output_size = 48},
    {.id = 5,
     .name = "prfsha256",
     .product_name = "SHA256",
     .proposal_name = "PRF_HMAC_SHA2_256",
     .key_size = 32,
     .output_size = 32},
    {.id = 4,
     .name = "prfaesxcbc",
     .product_name = "AES-XCBC",
     .proposal_name = "PRF_AES128_XCBC",
     .key_size = 16,
     .output_size = 16,
     .nonce_prefix_size = 8},
};

#define MODP(octets) .public_size = (octets), .shared_size = (octets)
#define CURVE(octets) .public_size = 2 * (octets), .shared_size = (octets), .elliptic = true

static const struct crypto_group GROUPS[] = {
    {CURVE(66), .id = 21, .strength_bits = 260, .name = "ecp521", .product_name = "21-ECP521",
     .proposal_name = "ECP_521"},
    {CURVE(64), .id = 30, .strength_bits = 256, .name = "ecp512bp", .product_name = "30-ECP512BP",
     .proposal_name = "ECP_512_BP"},
    {CURVE(48), .id = 20, .strength_bits = 192, .name = "ecp384", .product_name = "20-ECP384",
     .proposal_name = "ECP_384"},
    {CURVE(48), .id = 29, .strength_bits = 192, .name = "ecp384bp", .product_name = "29-ECP384BP",
     .proposal_name = "ECP_384_BP"},
    {MODP(512), .id = 16, .strength_bits = 150, .name = "modp4096", .product_name = "16-MODP4096",
     .proposal_name = "MODP_4096"},
    {MODP(384), .id = 15, .strength_bits = 130, .name = "modp3072", .product_name = "15-MODP3072",
     .proposal_name = "MODP_3072"},
    {CURVE(32), .id = 19, .strength_bits = 128, .name = "ecp256", .product_name = "19-ECP256",
     .proposal_name = "ECP_256"},
    {CURVE(32), .id = 28, .strength_bits = 128, .name = "ecp256bp", .product_name = "28-ECP256BP",
     .proposal_name = "ECP_256_BP"},
};

const struct crypto_encr *crypto_encr_at(size_t i)
{
    return i < COUNT(ENCRYPTIONS) ? &ENCRYPTIONS[i] : NULL;
}

const struct crypto_integ *crypto_integ_at(size_t i)
{
    return i < COUNT(INTEGRITIES) ? &INTEGRITIES[i] : NULL;
}

const struct crypto_prf *crypto_prf_at(size_t i)
{
    return i < COUNT(PRFS) ? &PRFS[i] : NULL;
}

const struct crypto_group *crypto_group_at(size_t i)
{
    return i < COUNT(GROUPS) ? &GROUPS[i] : NULL;
}

const struct crypto_encr *crypto_encr_find(uint16_t id, uint16_t key_bits)
{
    for (size_t i = 0; i < COUNT(ENCRYPTIONS); i++)
        if (ENCRYPTIONS[i].id == id && ENCRYPTIONS[i].key_bits == key_bits)
            return &ENCRYPTIONS[i];
    return NULL;
}

/* The other tables differ in their type only. */
#define FIND(type, table)                                                                          \
    const struct type *type##_find(uint16_t id)                                                    \
    {                                                                                              \
        for (size_t i = 0; i < COUNT(table); i++)                                                  \
            if ((table)[i].id == id)                                                               \
                return &(table)[i];                                                                \
        return NULL;                                                                               \
    }
FIND(crypto_integ, INTEGRITIES)
FIND(crypto_prf, PRFS)
FIND(crypto_group, GROUPS)

#define NAMED(type, table)                                                                         \
    const struct type *type##_named(const char *name)                                              \
    {                                                                                              \
        for (size_t i = 0; i < COUNT(table); i++)                                                  \
            if (strcasecmp((table)[i].product_name, name) == 0 ||                                  \
                strcasecmp((table)[i].name, name) == 0)                                            \
                return &(table)[i];                                                                \
        return NULL;                                                                               \
    }
NAMED(crypto_encr, ENCRYPTIONS)
NAMED(crypto_integ, INTEGRITIES)
NAMED(crypto_prf, PRFS)
NAMED(crypto_group, GROUPS)

const struct crypto_prf *crypto_prf_of_integ(const struct crypto_integ *integ)
{
    const struct crypto_prf *prf = crypto_prf_named(integ->product_name);
    assert(prf);
    return prf;
}

size_t crypto_encr_wireshark_esp_key(const struct crypto_encr *encr, const uint8_t *material,
                                     uint8_t out[CRYPTO_KEY_SIZE_MAX])
{
    uint8_t *at = out;
    memcpy(at, material, encr->key_size);
    at += encr->key_size;
    if (encr->mode == CRYPTO_MODE_CCM)
        *at++ = 0x03; /* the flags of RFC 3610's counter block for L = 4 */
    memcpy(at, material + encr->key_size, encr->salt_size);
    at += encr->salt_size;
    return (size_t)(at - out);
}
