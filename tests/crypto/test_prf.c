/* PRFs, prf+ and IKEv2's key derivation by published vectors, in whatever parts the message comes. */
#include "tests/test.h"

#include "ipsec/crypto/prf.h"
#include "tests/crypto/vectors.h"
#include "tests/crypto/with_context.h"

enum {
    SIZE_MAX_ANY = 1100
};

/* The message cut in two at every octet, and once into three. */
static void check_prf(const struct vectors *v, const char *expected, const struct crypto_prf *prf)
{
    uint8_t key[SIZE_MAX_ANY], data[SIZE_MAX_ANY], out[CRYPTO_PRF_SIZE_MAX + 1];
    size_t key_size = vectors_bytes(v, "key", key, sizeof(key));
    size_t size = vectors_bytes(v, "data", data, sizeof(data));
    for (size_t cut = 0; cut <= size; cut++) {
        struct crypto_slice parts[] = {
            {data, cut / 2}, {data + cut / 2, cut - cut / 2}, {NULL, 0}, {data + cut, size - cut}};
        memset(out, 0xa5, sizeof(out));
        crypto_prf(context, prf, key, key_size, parts, 4, out);
        vectors_expect(v, expected, out, prf->output_size);
        assert_int_equal(out[prf->output_size], 0xa5);
    }
}

static void test_hmac(void **state)
{
    (void)state;
    struct vectors v = vectors_open("tests/crypto/data/hmac-sha2.txt");
    while (vectors_next(&v))
        for (size_t i = 0; crypto_prf_at(i); i++)
            if (vectors_text(&v, crypto_prf_at(i)->product_name))
                check_prf(&v, crypto_prf_at(i)->product_name, crypto_prf_at(i));
    vectors_close(&v);
}

static void test_xcbc(void **state)
{
    (void)state;
    struct vectors v = vectors_open("tests/crypto/data/aes-xcbc.txt");
    while (vectors_next(&v))
        check_prf(&v, "mac", crypto_prf_named("AES-XCBC"));
    vectors_close(&v);
}

/* RFC 3566 section 4.6, test case 7: longer than what is encrypted in one go. */
static void test_xcbc_of_a_long_message(void **state)
{
    (void)state;
    static const uint8_t zeros[1000];
    static const uint8_t key[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const uint8_t expected[] = {0xf0, 0xda, 0xfe, 0xe8, 0x95, 0xdb, 0x30, 0x25,
                                       0x37, 0x61, 0x10, 0x3b, 0x5d, 0x84, 0x52, 0x8f};
    for (size_t cut = 0; cut <= sizeof(zeros); cut += 7) {
        struct crypto_slice parts[] = {{zeros, cut}, {zeros, sizeof(zeros) - cut}};
        uint8_t out[16];
        crypto_prf(context, crypto_prf_named("AES-XCBC"), key, sizeof(key), parts, 2, out);
        assert_memory_equal(out, expected, sizeof(expected));
    }
}

/* The result may overwrite the key or a part. */
static void test_output_over_input(void **state)
{
    (void)state;
    for (size_t i = 0; crypto_prf_at(i); i++) {
        const struct crypto_prf *prf = crypto_prf_at(i);
        uint8_t expected[CRYPTO_PRF_SIZE_MAX], inout[CRYPTO_PRF_SIZE_MAX], key[CRYPTO_PRF_SIZE_MAX];
        memset(inout, 7, sizeof(inout));
        memset(key, 9, sizeof(key));
        struct crypto_slice part = {inout, sizeof(inout)};
        crypto_prf(context, prf, key, sizeof(key), &part, 1, expected);
        crypto_prf(context, prf, key, sizeof(key), &part, 1, key);
        assert_memory_equal(key, expected, prf->output_size);
        memset(key, 9, sizeof(key));
        crypto_prf(context, prf, key, sizeof(key), &part, 1, inout);
        assert_memory_equal(inout, expected, prf->output_size);
    }
}

struct derivation {
    const struct crypto_prf *prf;
    uint8_t ni[256], nr[256], spi[16], gir[256], gir_new[256], skeyseed[64], dkm[SIZE_MAX_ANY];
    size_t ni_size, nr_size, gir_size, gir_new_size;
};

static struct derivation read_derivation(const struct vectors *v)
{
    struct derivation d = {.prf = crypto_prf_named(vectors_text(v, "prf"))};
    assert_non_null(d.prf);
    d.ni_size = vectors_bytes(v, "Ni", d.ni, sizeof(d.ni));
    d.nr_size = vectors_bytes(v, "Nr", d.nr, sizeof(d.nr));
    d.gir_size = vectors_bytes(v, "gir", d.gir, sizeof(d.gir));
    if (vectors_text(v, "gir_new"))
        d.gir_new_size = vectors_bytes(v, "gir_new", d.gir_new, sizeof(d.gir_new));
    assert_int_equal(vectors_bytes(v, "SPIi", d.spi, 8), 8);
    assert_int_equal(vectors_bytes(v, "SPIr", d.spi + 8, 8), 8);
    vectors_bytes(v, "SKEYSEED", d.skeyseed, sizeof(d.skeyseed));
    vectors_bytes(v, "DKM", d.dkm, sizeof(d.dkm));
    return d;
}

static void check_skeyseed(const struct vectors *v, const struct derivation *d)
{
    uint8_t key[512], out[CRYPTO_PRF_SIZE_MAX];
    memcpy(key, d->ni, d->ni_size);
    memcpy(key + d->ni_size, d->nr, d->nr_size);
    struct crypto_slice secret = {d->gir, d->gir_size};
    crypto_prf(context, d->prf, key, d->ni_size + d->nr_size, &secret, 1, out);
    vectors_expect(v, "SKEYSEED", out, d->prf->output_size);
    if (!vectors_text(v, "SKEYSEED_rekey"))
        return;
    struct crypto_slice parts[] = {
        {d->gir_new, d->gir_new_size}, {d->ni, d->ni_size}, {d->nr, d->nr_size}};
    crypto_prf(context, d->prf, d->dkm, d->prf->output_size, parts, 3, out);
    vectors_expect(v, "SKEYSEED_rekey", out, d->prf->output_size);
}

/* prf+ to the full length and to every shorter one. */
static void check_prf_plus(const struct vectors *v, const char *name, const struct crypto_prf *prf,
                           const uint8_t *key, const struct crypto_slice *parts, size_t count)
{
    uint8_t full[SIZE_MAX_ANY], out[SIZE_MAX_ANY];
    if (!vectors_text(v, name))
        return;
    size_t size = vectors_bytes(v, name, full, sizeof(full));
    for (size_t n = 0; n <= size; n++) {
        memset(out, 0xa5, sizeof(out));
        crypto_prf_plus(context, prf, key, prf->output_size, parts, count, out, n);
        assert_memory_equal(out, full, n);
        assert_int_equal(out[n], 0xa5);
    }
}

static void test_key_derivation(void **state)
{
    (void)state;
    struct vectors v = vectors_open("tests/crypto/data/ikev2-kdf.txt");
    while (vectors_next(&v)) {
        struct derivation d = read_derivation(&v);
        struct crypto_slice sa[] = {
            {d.ni, d.ni_size}, {d.nr, d.nr_size}, {d.spi, 8}, {d.spi + 8, 8}};
        struct crypto_slice child[] = {
            {d.gir_new, d.gir_new_size}, {d.ni, d.ni_size}, {d.nr, d.nr_size}};
        check_skeyseed(&v, &d);
        check_prf_plus(&v, "DKM", d.prf, d.skeyseed, sa, 4);
        check_prf_plus(&v, "DKM_child", d.prf, d.dkm, child + 1, 2);
        check_prf_plus(&v, "DKM_child_dh", d.prf, d.dkm, child, 3);
    }
    vectors_close(&v);
}

/* The last of the 255 blocks that prf+ can give: its counter is the octet 255. */
static void test_prf_plus_to_its_end(void **state)
{
    (void)state;
    static uint8_t out[255 * 16];
    const struct crypto_prf *prf = crypto_prf_named("AES-XCBC");
    static const uint8_t key[16] = {1};
    struct crypto_slice seed = {"seed", 4};
    crypto_prf_plus(context, prf, key, sizeof(key), &seed, 1, out, sizeof(out));
    static const uint8_t last = 255;
    struct crypto_slice parts[] = {{out + 253 * 16, 16}, seed, {&last, 1}};
    uint8_t block[16];
    crypto_prf(context, prf, key, sizeof(key), parts, 3, block);
    assert_memory_equal(out + 254 * 16, block, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hmac),
                                       cmocka_unit_test(test_xcbc),
                                       cmocka_unit_test(test_xcbc_of_a_long_message),
                                       cmocka_unit_test(test_output_over_input),
                                       cmocka_unit_test(test_key_derivation),
                                       cmocka_unit_test(test_prf_plus_to_its_end)};
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
