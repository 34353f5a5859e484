/*
 * Key derivation against NIST's vectors (tests/crypto/data/ikev2-kdf.txt says where they are from): SKEYSEED, SK_*,
 * KEYMAT with and without Diffie-Hellman, SKEYSEED of a rekey.
 */
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/keys.h"
#include "tests/crypto/vectors.h"
#include "tests/test.h"

enum {
    BYTES_MAX = 1024,
};

struct input {
    uint8_t ni[BYTES_MAX], nr[BYTES_MAX], gir[BYTES_MAX], gir_new[BYTES_MAX];
    struct ike_keys_input first;
    const struct crypto_prf *prf;
};

static void read_input(const struct vectors *v, struct input *in)
{
    uint8_t spi[8];
    in->first =
        (struct ike_keys_input){.nonce_i = {in->ni, vectors_bytes(v, "Ni", in->ni, BYTES_MAX)},
                                .nonce_r = {in->nr, vectors_bytes(v, "Nr", in->nr, BYTES_MAX)},
                                .shared = {in->gir, vectors_bytes(v, "gir", in->gir, BYTES_MAX)}};
    vectors_bytes(v, "SPIi", spi, sizeof(spi));
    for (int i = 0; i < 8; i++)
        in->first.spi_i = in->first.spi_i << 8 | spi[i];
    vectors_bytes(v, "SPIr", spi, sizeof(spi));
    for (int i = 0; i < 8; i++)
        in->first.spi_r = in->first.spi_r << 8 | spi[i];
    in->prf = crypto_prf_named(vectors_text(v, "prf"));
    assert_non_null(in->prf);
}

static size_t append(uint8_t *out, size_t at, const uint8_t *bytes, size_t size)
{
    memcpy(out + at, bytes, size);
    return at + size;
}

/* All SK_ in a row, as prf+ gave them. */
static size_t in_a_row(const struct ike_keys *k, uint8_t *out)
{
    size_t prf = k->suite.prf->key_size, integ = k->suite.integ->key_size;
    size_t encr = crypto_encr_material_size(k->suite.encr);
    size_t at = append(out, 0, k->sk_d, prf);
    at = append(out, at, k->sk_ai, integ);
    at = append(out, at, k->sk_ar, integ);
    at = append(out, at, k->sk_ei, encr);
    at = append(out, at, k->sk_er, encr);
    at = append(out, at, k->sk_pi, prf);
    return append(out, at, k->sk_pr, prf);
}

static void expect_row(const struct vectors *v, const char *name, const uint8_t *row, size_t size)
{
    uint8_t expected[BYTES_MAX];
    size_t given = vectors_bytes(v, name, expected, BYTES_MAX);
    assert_memory_equal(row, expected, given < size ? given : size);
}

static struct ike_keys check_first(struct crypto_context *crypto, const struct vectors *v,
                                   const struct input *in)
{
    uint8_t seed[CRYPTO_PRF_SIZE_MAX], row[BYTES_MAX];
    struct ike_suite suite = {.encr = crypto_encr_named("AES256-CTR"),
                              .integ = crypto_integ_named("SHA256"),
                              .prf = in->prf};
    struct ike_keys keys;
    ike_keys_skeyseed(crypto, in->prf, &in->first, seed);
    vectors_expect(v, "SKEYSEED", seed, in->prf->output_size);
    memset(&keys, 0xa5, sizeof(keys));
    ike_keys_derive(crypto, &suite, &in->first, &keys);
    expect_row(v, "DKM", row, in_a_row(&keys, row));
    return keys;
}

static void check_child(struct crypto_context *crypto, const struct vectors *v,
                        const struct input *in, const struct ike_keys *keys, const char *name,
                        struct crypto_slice shared)
{
    struct ike_suite suite = {.encr = crypto_encr_named("AES128-CTR"),
                              .integ = crypto_integ_named("SHA384")};
    struct ike_child_keys child;
    uint8_t row[BYTES_MAX];
    size_t encr = crypto_encr_material_size(suite.encr), integ = suite.integ->key_size;
    memset(&child, 0xa5, sizeof(child));
    ike_keys_child(crypto, keys, &suite, shared, in->first.nonce_i, in->first.nonce_r, &child);
    size_t at = append(row, 0, child.encr_i, encr);
    at = append(row, at, child.integ_i, integ);
    at = append(row, at, child.encr_r, encr);
    at = append(row, at, child.integ_r, integ);
    expect_row(v, name, row, at);
}

static void published(void **state)
{
    (void)state;
    struct crypto_context *crypto = crypto_context_new();
    struct vectors v = vectors_open("tests/crypto/data/ikev2-kdf.txt");
    unsigned rekeys = 0, children = 0;
    while (vectors_next(&v)) {
        struct input in = {.prf = NULL};
        read_input(&v, &in);
        struct ike_keys keys = check_first(crypto, &v, &in);
        if (vectors_text(&v, "DKM_child")) {
            check_child(crypto, &v, &in, &keys, "DKM_child", (struct crypto_slice){0});
            children++;
        }
        if (!vectors_text(&v, "gir_new"))
            continue;
        struct ike_keys_input again = in.first;
        uint8_t seed[CRYPTO_PRF_SIZE_MAX];
        again.old = &keys;
        again.shared =
            (struct crypto_slice){in.gir_new, vectors_bytes(&v, "gir_new", in.gir_new, BYTES_MAX)};
        if (vectors_text(&v, "DKM_child_dh"))
            check_child(crypto, &v, &in, &keys, "DKM_child_dh", again.shared);
        ike_keys_skeyseed(crypto, in.prf, &again, seed);
        vectors_expect(&v, "SKEYSEED_rekey", seed, in.prf->output_size);
        rekeys++;
    }
    vectors_close(&v);
    assert_int_equal(rekeys, 3);
    assert_int_equal(children, 2);
    crypto_context_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(published)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
