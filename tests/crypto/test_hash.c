/* SHA-1 and SHA-256 over parts; comparing and wiping. */
#include "tests/test.h"

#include "ipsec/crypto/hash.h"

/* FIPS 180-4's examples: "abc" and the message of 448 bits. */
static const struct {
    const char *message;
    uint8_t sha1[CRYPTO_SHA1_SIZE];
    uint8_t sha256[CRYPTO_SHA256_SIZE];
} CASES[] = {
    {"abc",
     {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
      0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d},
     {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
      0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
      0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad}},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     {0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae,
      0x4a, 0xa1, 0xf9, 0x51, 0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1},
     {0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26,
      0x93, 0x0c, 0x3e, 0x60, 0x39, 0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff,
      0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1}},
};

static void test_published_vectors_in_any_parts(void **state)
{
    (void)state;
    struct crypto_context *context = crypto_context_new();
    for (size_t n = 0; n < sizeof(CASES) / sizeof(CASES[0]); n++) {
        size_t size = strlen(CASES[n].message);
        for (size_t cut = 0; cut <= size; cut++) {
            struct crypto_slice parts[] = {
                {CASES[n].message, cut}, {NULL, 0}, {CASES[n].message + cut, size - cut}};
            uint8_t out[CRYPTO_SHA256_SIZE];
            memset(out, 0xa5, sizeof(out));
            crypto_sha1(context, parts, 3, out);
            assert_memory_equal(out, CASES[n].sha1, CRYPTO_SHA1_SIZE);
            assert_int_equal(out[CRYPTO_SHA1_SIZE], 0xa5);
            crypto_sha256(context, parts, 3, out);
            assert_memory_equal(out, CASES[n].sha256, CRYPTO_SHA256_SIZE);
        }
    }
    crypto_context_free(context);
}

static void test_equal_and_wipe(void **state)
{
    (void)state;
    uint8_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t b[8] = {1, 2, 3, 4, 5, 6, 7, 9};
    static const uint8_t zeros[8];
    assert_true(crypto_equal(a, b, 7));
    assert_false(crypto_equal(a, b, 8));
    assert_true(crypto_equal(a, b, 0));
    crypto_wipe(a, 7);
    assert_memory_equal(a, zeros, 7);
    assert_int_equal(a[7], 8);
    crypto_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_vectors_in_any_parts),
                                       cmocka_unit_test(test_equal_and_wipe)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
