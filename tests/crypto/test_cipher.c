/*
 * Sealing and opening by published vectors, in the layout of a packet and scattered; every flipped
 * bit is refused; what is refused harms neither the data (without AEAD) nor the packets after it.
 */
#include "tests/test.h"

#include "ipsec/crypto/cipher.h"
#include "ipsec/crypto/prf.h"
#include "tests/crypto/vectors.h"
#include "tests/crypto/with_context.h"

enum {
    DATA_MAX = 256,
    AAD_MAX = 64
};

/* A packet as it lies in memory: aad, IV, data, ICV one behind the other; the trailer elsewhere. */
struct packet {
    uint8_t bytes[AAD_MAX + CRYPTO_IV_SIZE_MAX + DATA_MAX + CRYPTO_ICV_SIZE_MAX + 1];
    size_t size;
    uint8_t trailer[4];
    struct crypto_parts parts;
};

static void packet_init(struct packet *p, const struct crypto_encr *encr, size_t aad_size,
                        size_t data_size, size_t trailer_size, size_t icv_size)
{
    memset(p, 0xa5, sizeof(*p));
    uint8_t *iv = p->bytes + aad_size;
    uint8_t *data = iv + encr->iv_size;
    p->parts = (struct crypto_parts){.aad = p->bytes,
                                     .aad_size = aad_size,
                                     .iv = iv,
                                     .data = data,
                                     .data_size = data_size,
                                     .trailer = p->trailer,
                                     .trailer_size = trailer_size,
                                     .icv = data + data_size};
    p->size = aad_size + encr->iv_size + data_size + icv_size;
}

/* Bytes that differ from place to place and from seed to seed. */
static void fill(uint8_t *bytes, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 151 + seed * 29 + (i >> 4));
}

static void keys_of(unsigned seed, uint8_t key[CRYPTO_KEY_SIZE_MAX],
                    uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX])
{
    fill(key, CRYPTO_KEY_SIZE_MAX, seed);
    fill(integ_key, CRYPTO_INTEG_KEY_SIZE_MAX, seed + 100);
}

struct pair {
    struct crypto_cipher *seal, *open;
};

static struct pair pair_new(const struct crypto_encr *encr, const uint8_t *key,
                            const struct crypto_integ *integ, const uint8_t *integ_key)
{
    return (struct pair){
        .seal = crypto_cipher_new(context, encr, key, integ, integ_key, CRYPTO_SEAL),
        .open = crypto_cipher_new(context, encr, key, integ, integ_key, CRYPTO_OPEN)};
}

static void pair_free(struct pair *pair)
{
    crypto_cipher_free(pair->seal);
    crypto_cipher_free(pair->open);
}

/* Runs the body for every encryption with every integrity algorithm that may go with it. */
static void for_each_pair(void (*body)(const struct crypto_encr *, const struct crypto_integ *,
                                       struct pair *))
{
    uint8_t key[CRYPTO_KEY_SIZE_MAX], integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
    keys_of(1, key, integ_key);
    for (size_t i = 0; crypto_encr_at(i); i++) {
        const struct crypto_encr *encr = crypto_encr_at(i);
        for (size_t j = 0; encr->aead ? j == 0 : crypto_integ_at(j) != NULL; j++) {
            const struct crypto_integ *integ = encr->aead ? NULL : crypto_integ_at(j);
            struct pair pair = pair_new(encr, key, integ, integ_key);
            body(encr, integ, &pair);
            pair_free(&pair);
        }
    }
}

/* What the vector says lies in the packet, plaintext or ciphertext. */
static void load(struct packet *p, const struct vectors *v, const struct crypto_encr *encr,
                 const char *data, size_t icv_size)
{
    uint8_t aad[AAD_MAX], text[DATA_MAX];
    size_t aad_size = vectors_text(v, "aad") ? vectors_bytes(v, "aad", aad, sizeof(aad)) : 0;
    size_t size = vectors_bytes(v, data, text, sizeof(text));
    packet_init(p, encr, aad_size, size, 0, icv_size);
    memcpy(p->bytes, aad, aad_size);
    assert_int_equal(vectors_bytes(v, "iv", p->bytes + aad_size, encr->iv_size), encr->iv_size);
    memcpy(p->parts.data, text, size);
}

static void check_aead_vector(const struct vectors *v, const struct crypto_encr *encr)
{
    uint8_t key[CRYPTO_KEY_SIZE_MAX], icv[16];
    assert_int_equal(vectors_bytes(v, "key", key, sizeof(key)), crypto_encr_material_size(encr));
    assert_true(vectors_bytes(v, "icv", icv, sizeof(icv)) >= encr->icv_size);
    struct pair pair = pair_new(encr, key, NULL, NULL);
    assert_int_equal(crypto_cipher_icv_size(pair.seal), encr->icv_size);
    for (unsigned repeated = 0; repeated < 2; repeated++) {
        struct packet p;
        load(&p, v, encr, "plain", encr->icv_size);
        crypto_seal(pair.seal, &p.parts);
        vectors_expect(v, "cipher", p.parts.data, p.parts.data_size);
        assert_memory_equal(p.parts.icv, icv, encr->icv_size);
        assert_int_equal(p.bytes[p.size], 0xa5);
        assert_true(crypto_open(pair.open, &p.parts));
        vectors_expect(v, "plain", p.parts.data, p.parts.data_size);
    }
    pair_free(&pair);
}

static void check_aead_file(const char *path)
{
    struct vectors v = vectors_open(path);
    while (vectors_next(&v)) {
        const struct crypto_encr *encr = crypto_encr_named(vectors_text(&v, "encr"));
        assert_non_null(encr);
        check_aead_vector(&v, encr);
        if (encr->mode == CRYPTO_MODE_GCM) /* the ICV of 12 octets is the beginning of that of 16 */
            check_aead_vector(&v, crypto_encr_find(19, encr->key_bits));
    }
    vectors_close(&v);
}

static void test_gcm(void **state)
{
    (void)state;
    check_aead_file("tests/crypto/data/aes-gcm.txt");
}

static void test_ccm(void **state)
{
    (void)state;
    check_aead_file("tests/crypto/data/aes-ccm-256.txt");
    check_aead_file("tests/crypto/data/aes-ccm-128.txt");
}

/* The PRFs have their own vectors; an integrity algorithm is the beginning of the PRF's output. */
static void expect_icv(const struct crypto_integ *integ, const uint8_t *integ_key,
                       const struct packet *p, const struct crypto_encr *encr)
{
    uint8_t mac[CRYPTO_PRF_SIZE_MAX];
    struct crypto_slice parts[] = {{p->parts.aad, p->parts.aad_size},
                                   {p->parts.iv, encr->iv_size},
                                   {p->parts.data, p->parts.data_size},
                                   {p->parts.trailer, p->parts.trailer_size}};
    crypto_prf(context, crypto_prf_of_integ(integ), integ_key, integ->key_size, parts, 4, mac);
    assert_memory_equal(p->parts.icv, mac, integ->icv_size);
}

static void check_cipher_vector(const struct vectors *v, const struct crypto_encr *encr,
                                const struct crypto_integ *integ)
{
    uint8_t key[CRYPTO_KEY_SIZE_MAX], integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
    keys_of(5, key, integ_key);
    assert_int_equal(vectors_bytes(v, "key", key, sizeof(key)), crypto_encr_material_size(encr));
    struct pair pair = pair_new(encr, key, integ, integ_key);
    assert_int_equal(crypto_cipher_icv_size(pair.open), integ->icv_size);
    for (size_t trailer_size = 0; trailer_size <= 4; trailer_size += 4) {
        struct packet p;
        load(&p, v, encr, "plain", integ->icv_size);
        p.parts.trailer_size = trailer_size;
        crypto_seal(pair.seal, &p.parts);
        vectors_expect(v, "cipher", p.parts.data, p.parts.data_size);
        expect_icv(integ, integ_key, &p, encr);
        assert_int_equal(p.bytes[p.size], 0xa5);
        assert_true(crypto_open(pair.open, &p.parts));
        vectors_expect(v, "plain", p.parts.data, p.parts.data_size);
    }
    pair_free(&pair);
}

static void check_cipher_file(const char *path)
{
    struct vectors v = vectors_open(path);
    while (vectors_next(&v)) {
        const struct crypto_encr *encr = crypto_encr_named(vectors_text(&v, "encr"));
        assert_non_null(encr);
        for (size_t i = 0; crypto_integ_at(i); i++)
            check_cipher_vector(&v, encr, crypto_integ_at(i));
    }
    vectors_close(&v);
}

static void test_cbc(void **state)
{
    (void)state;
    check_cipher_file("tests/crypto/data/aes-cbc.txt");
}

static void test_ctr(void **state)
{
    (void)state;
    check_cipher_file("tests/crypto/data/aes-ctr.txt");
}

/* Sealed in place and sealed with every part elsewhere: the same bytes. */
static void scattered(const struct crypto_encr *encr, const struct crypto_integ *integ,
                      struct pair *pair)
{
    size_t icv_size = crypto_cipher_icv_size(pair->seal);
    for (size_t size = 0; size <= 80; size += encr->block_size) {
        struct packet p;
        packet_init(&p, encr, 12, size, integ ? 4 : 0, icv_size);
        fill(p.bytes, p.size, (unsigned)size);
        uint8_t aad[12], iv[CRYPTO_IV_SIZE_MAX], data[80], plain[80], icv[CRYPTO_ICV_SIZE_MAX];
        memcpy(aad, p.parts.aad, sizeof(aad));
        memcpy(iv, p.parts.iv, encr->iv_size);
        memcpy(data, p.parts.data, size);
        memcpy(plain, p.parts.data, size);
        crypto_seal(pair->seal, &p.parts);
        struct crypto_parts apart = p.parts;
        apart.aad = aad;
        apart.iv = iv;
        apart.data = data;
        apart.icv = icv;
        crypto_seal(pair->seal, &apart);
        assert_memory_equal(data, p.parts.data, size);
        assert_memory_equal(icv, p.parts.icv, icv_size);
        assert_true(crypto_open(pair->open, &apart));
        assert_memory_equal(data, plain, size);
        assert_true(crypto_open(pair->open, &p.parts));
        assert_memory_equal(p.parts.data, plain, size);
    }
}

static void test_scattered_parts(void **state)
{
    (void)state;
    for_each_pair(scattered);
}

static void expect_refused(struct pair *pair, const struct packet *sealed, const uint8_t *flipped,
                           unsigned bit, bool untouched)
{
    struct packet p = *sealed;
    size_t offset = (size_t)(flipped - (const uint8_t *)sealed);
    p.parts.aad = p.bytes + (sealed->parts.aad - sealed->bytes);
    p.parts.iv = p.bytes + (sealed->parts.iv - sealed->bytes);
    p.parts.data = p.bytes + (sealed->parts.data - sealed->bytes);
    p.parts.icv = p.bytes + (sealed->parts.icv - sealed->bytes);
    p.parts.trailer = p.trailer;
    ((uint8_t *)&p)[offset] ^= (uint8_t)(1u << bit);
    uint8_t before[sizeof(p.bytes)];
    memcpy(before, p.bytes, sizeof(before));
    assert_false(crypto_open(pair->open, &p.parts));
    if (untouched)
        assert_memory_equal(p.bytes, before, sizeof(before));
}

static void every_flip(const struct crypto_encr *encr, const struct crypto_integ *integ,
                       struct pair *pair)
{
    struct packet p;
    uint8_t plain[48];
    packet_init(&p, encr, 8, sizeof(plain), integ ? 4 : 0, crypto_cipher_icv_size(pair->seal));
    fill(p.bytes, p.size, 3);
    memcpy(plain, p.parts.data, sizeof(plain));
    crypto_seal(pair->seal, &p.parts);
    for (size_t i = 0; i < p.size; i++)
        for (unsigned bit = 0; bit < 8; bit++)
            expect_refused(pair, &p, p.bytes + i, bit, integ != NULL);
    for (size_t i = 0; i < p.parts.trailer_size; i++)
        for (unsigned bit = 0; bit < 8; bit++)
            expect_refused(pair, &p, p.trailer + i, bit, integ != NULL);
    assert_true(crypto_open(pair->open, &p.parts)); /* none of them did any harm */
    assert_memory_equal(p.parts.data, plain, sizeof(plain));
}

static void test_every_flipped_bit_is_refused(void **state)
{
    (void)state;
    for_each_pair(every_flip);
}

static void broken_blocks(const struct crypto_encr *encr, const struct crypto_integ *integ,
                          struct pair *pair)
{
    struct packet p;
    (void)integ;
    packet_init(&p, encr, 8, 48, 0, crypto_cipher_icv_size(pair->seal));
    crypto_seal(pair->seal, &p.parts);
    for (size_t size = 0; size < 48; size++) {
        struct packet cut = p;
        cut.parts.data_size = size;
        assert_false(crypto_open(pair->open, &cut.parts));
    }
}

static void test_truncations_are_refused(void **state)
{
    (void)state;
    for_each_pair(broken_blocks);
}

/* SAs of one context do not disturb one another, whatever the order of their packets. */
static void test_ciphers_side_by_side(void **state)
{
    (void)state;
    enum {
        PAIRS = 8,
        PACKETS = 5
    };
    struct pair pairs[PAIRS];
    const struct crypto_encr *encr[PAIRS];
    static struct packet packets[PAIRS][PACKETS];
    uint8_t plain[32];
    fill(plain, sizeof(plain), 9);
    for (unsigned n = 0; n < PAIRS; n++) {
        uint8_t key[CRYPTO_KEY_SIZE_MAX], integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
        keys_of(n, key, integ_key);
        encr[n] = crypto_encr_at(n % 5);
        pairs[n] = pair_new(encr[n], key, encr[n]->aead ? NULL : crypto_integ_at(n % 4), integ_key);
    }
    for (unsigned i = 0; i < PACKETS; i++)
        for (unsigned n = 0; n < PAIRS; n++) {
            struct packet *p = &packets[n][i];
            packet_init(p, encr[n], 8, sizeof(plain), 0, crypto_cipher_icv_size(pairs[n].seal));
            fill(p->bytes, 8 + encr[n]->iv_size, i);
            memcpy(p->parts.data, plain, sizeof(plain));
            crypto_seal(pairs[n].seal, &p->parts);
        }
    for (unsigned n = 0; n < PAIRS; n++)
        for (unsigned i = PACKETS; i-- > 0;) {
            struct packet *p = &packets[n][i];
            assert_true(crypto_open(pairs[n].open, &p->parts));
            assert_memory_equal(p->parts.data, plain, sizeof(plain));
        }
    for (unsigned n = 0; n < PAIRS; n++)
        pair_free(&pairs[n]);
    crypto_cipher_free(NULL); /* harmless */
}

static const struct crypto_encr *encr_of(unsigned n)
{
    size_t count = 0;
    while (crypto_encr_at(count))
        count++;
    assert_true(count > 0);
    return crypto_encr_at(n % count);
}

/* More ciphers than there are places for key schedules: each seals as it does where it is alone. */
static void test_more_ciphers_than_contexts(void **state)
{
    (void)state;
    enum {
        CIPHERS = 600,
        ROUNDS = 3
    };
    static struct crypto_cipher *ciphers[CIPHERS];
    static struct packet packets[CIPHERS], alone;
    struct crypto_context *elsewhere = crypto_context_new();
    for (unsigned n = 0; n < CIPHERS; n++) {
        uint8_t key[CRYPTO_KEY_SIZE_MAX], integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
        const struct crypto_encr *encr = encr_of(n);
        keys_of(n, key, integ_key);
        ciphers[n] =
            crypto_cipher_new(context, encr, key, encr->aead ? NULL : crypto_integ_at(n / 8 % 4),
                              integ_key, CRYPTO_SEAL);
    }
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned n = 0; n < CIPHERS; n++) {
            const struct crypto_encr *encr = encr_of(n);
            packet_init(&packets[n], encr, 8, 32, 0, crypto_cipher_icv_size(ciphers[n]));
            fill(packets[n].bytes, 8 + encr->iv_size + 32u, n + round);
            crypto_seal(ciphers[n], &packets[n].parts);
        }
    for (unsigned n = 0; n < CIPHERS; n++) {
        uint8_t key[CRYPTO_KEY_SIZE_MAX], integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
        const struct crypto_encr *encr = encr_of(n);
        keys_of(n, key, integ_key);
        struct crypto_cipher *lonely =
            crypto_cipher_new(elsewhere, encr, key, encr->aead ? NULL : crypto_integ_at(n / 8 % 4),
                              integ_key, CRYPTO_SEAL);
        packet_init(&alone, encr, 8, 32, 0, crypto_cipher_icv_size(lonely));
        fill(alone.bytes, 8 + encr->iv_size + 32u, n + ROUNDS - 1);
        crypto_seal(lonely, &alone.parts);
        assert_memory_equal(packets[n].bytes, alone.bytes, alone.size);
        crypto_cipher_free(lonely);
        crypto_cipher_free(ciphers[n]);
    }
    crypto_context_free(elsewhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_gcm),
                                       cmocka_unit_test(test_ccm),
                                       cmocka_unit_test(test_cbc),
                                       cmocka_unit_test(test_ctr),
                                       cmocka_unit_test(test_scattered_parts),
                                       cmocka_unit_test(test_every_flipped_bit_is_refused),
                                       cmocka_unit_test(test_truncations_are_refused),
                                       cmocka_unit_test(test_ciphers_side_by_side),
                                       cmocka_unit_test(test_more_ciphers_than_contexts)};
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
