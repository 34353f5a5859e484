/* The limits: libcrypto's own speed at the operations that a handshake and a round trip need. */
#include "bench/limits.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/core_names.h>

static EVP_PKEY *modp3072_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    char group[] = "modp_3072";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("group", group, 0),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;
    int ok = context && EVP_PKEY_keygen_init(context) == 1 &&
             EVP_PKEY_CTX_set_params(context, parameters) == 1 &&
             EVP_PKEY_generate(context, &key) == 1;
    assert(ok);
    (void)ok;
    EVP_PKEY_CTX_free(context);
    return key;
}

static void modp3072_derive(EVP_PKEY *mine, EVP_PKEY *theirs)
{
    uint8_t secret[384];
    size_t size = sizeof(secret);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL);
    int ok = context && EVP_PKEY_derive_init(context) == 1 &&
             EVP_PKEY_derive_set_peer_ex(context, theirs, 0) == 1 &&
             EVP_PKEY_derive(context, secret, &size) == 1;
    assert(ok);
    (void)ok;
    EVP_PKEY_CTX_free(context);
}

void bench_limit_modp3072(void *user, size_t count)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        EVP_PKEY *a = modp3072_key();
        EVP_PKEY *b = modp3072_key();
        modp3072_derive(a, b);
        modp3072_derive(b, a);
        EVP_PKEY_free(a);
        EVP_PKEY_free(b);
    }
}

enum {
    DIRECTIONS = 2,
    ESP_HEADER = 8,
    ESP_IV = 8,
    PACKET_MAX = 2048,
};

struct direction {
    EVP_CIPHER_CTX *seal, *open;
    EVP_MAC_CTX *seal_mac, *open_mac;
};

struct bench_esp_limit {
    enum bench_suite suite;
    size_t size; /* of what is encrypted: inner packet, padding, trailer */
    struct direction directions[DIRECTIONS];
    uint8_t packet[PACKET_MAX];
};

static EVP_CIPHER_CTX *cipher_new(enum bench_suite suite, int encrypt)
{
    static const uint8_t key[16] = {1, 2, 3};
    const char *name = suite == BENCH_AES128_GCM_16 ? "AES-128-GCM" : "AES-128-CTR";
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int ok =
        cipher && context && EVP_CipherInit_ex2(context, cipher, key, NULL, encrypt, NULL) == 1;
    assert(ok);
    (void)ok;
    EVP_CIPHER_free(cipher);
    return context;
}

static EVP_MAC_CTX *mac_new(void)
{
    static const uint8_t key[32] = {4, 5, 6};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
    int ok = EVP_MAC_init(context, key, sizeof(key), parameters) == 1;
    assert(ok);
    (void)ok;
    EVP_MAC_free(mac);
    return context;
}

struct bench_esp_limit *bench_esp_limit_new(enum bench_suite suite, size_t inner_size)
{
    struct bench_esp_limit *limit = calloc(1, sizeof(*limit));
    assert(limit && inner_size < PACKET_MAX - 64);
    limit->suite = suite;
    limit->size = (inner_size + 2 + 3) / 4 * 4;
    for (int i = 0; i < DIRECTIONS; i++) {
        struct direction *d = &limit->directions[i];
        d->seal = cipher_new(suite, 1);
        d->open = cipher_new(suite, 0);
        if (suite == BENCH_AES128_CTR_SHA256) {
            d->seal_mac = mac_new();
            d->open_mac = mac_new();
        }
    }
    return limit;
}

void bench_esp_limit_free(struct bench_esp_limit *limit)
{
    for (int i = 0; i < DIRECTIONS; i++) {
        struct direction *d = &limit->directions[i];
        EVP_CIPHER_CTX_free(d->seal);
        EVP_CIPHER_CTX_free(d->open);
        EVP_MAC_CTX_free(d->seal_mac);
        EVP_MAC_CTX_free(d->open_mac);
    }
    free(limit);
}

static void mac_packet(EVP_MAC_CTX *mac, const struct bench_esp_limit *limit, uint8_t icv[32])
{
    size_t size = 32;
    int ok = EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
             EVP_MAC_update(mac, limit->packet, ESP_HEADER + ESP_IV + limit->size) == 1 &&
             EVP_MAC_final(mac, icv, &size, 32) == 1;
    assert(ok);
    (void)ok;
}

static void crypt_ctr(EVP_CIPHER_CTX *cipher, struct bench_esp_limit *limit, const uint8_t iv[16])
{
    uint8_t *data = limit->packet + ESP_HEADER + ESP_IV;
    int size = 0;
    int ok = EVP_CipherInit_ex2(cipher, NULL, NULL, iv, -1, NULL) == 1 &&
             EVP_CipherUpdate(cipher, data, &size, data, (int)limit->size) == 1;
    assert(ok);
    (void)ok;
}

static void round_trip_ctr(struct bench_esp_limit *limit, const uint8_t iv[16])
{
    uint8_t icv[32];
    uint8_t check[32];
    for (int i = 0; i < DIRECTIONS; i++) {
        struct direction *d = &limit->directions[i];
        crypt_ctr(d->seal, limit, iv);
        mac_packet(d->seal_mac, limit, icv);
        mac_packet(d->open_mac, limit, check);
        assert(memcmp(icv, check, sizeof(icv)) == 0);
        crypt_ctr(d->open, limit, iv);
    }
}

static void round_trip_gcm(struct bench_esp_limit *limit, const uint8_t iv[12])
{
    uint8_t *data = limit->packet + ESP_HEADER + ESP_IV;
    uint8_t tag[16];
    int size = 0;
    for (int i = 0; i < DIRECTIONS; i++) {
        EVP_CIPHER_CTX *seal = limit->directions[i].seal;
        EVP_CIPHER_CTX *open = limit->directions[i].open;
        int ok = EVP_CipherInit_ex2(seal, NULL, NULL, iv, -1, NULL) == 1 &&
                 EVP_CipherUpdate(seal, NULL, &size, limit->packet, ESP_HEADER) == 1 &&
                 EVP_CipherUpdate(seal, data, &size, data, (int)limit->size) == 1 &&
                 EVP_CipherFinal_ex(seal, data, &size) == 1 &&
                 EVP_CIPHER_CTX_ctrl(seal, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1 &&
                 EVP_CipherInit_ex2(open, NULL, NULL, iv, -1, NULL) == 1 &&
                 EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
                 EVP_CipherUpdate(open, NULL, &size, limit->packet, ESP_HEADER) == 1 &&
                 EVP_CipherUpdate(open, data, &size, data, (int)limit->size) == 1 &&
                 EVP_CipherFinal_ex(open, data, &size) == 1;
        assert(ok);
        (void)ok;
    }
}

void bench_limit_esp(void *user, size_t count)
{
    struct bench_esp_limit *limit = user;
    uint8_t iv[16] = {0};
    for (size_t i = 0; i < count; i++) {
        memcpy(iv + 4, &i, sizeof(i)); /* a fresh IV for each round trip */
        if (limit->suite == BENCH_AES128_GCM_16)
            round_trip_gcm(limit, iv);
        else
            round_trip_ctr(limit, iv);
    }
}
