/* The seeded generator: what it gives follows from the seed, whichever way libcrypto asks. */
#include "tests/test.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "base/bytes.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/crypto/rand.h"

struct fixture {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *rand_provider, *default_provider;
    struct crypto_rand *rand;
};

static int set_up(void **state)
{
    static struct fixture f;
    f.library = OSSL_LIB_CTX_new();
    f.rand_provider = crypto_rand_install(f.library, &f.rand);
    f.default_provider = OSSL_PROVIDER_load(f.library, "default");
    *state = &f;
    return f.library && f.rand_provider && f.default_provider ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    OSSL_PROVIDER_unload(f->default_provider);
    OSSL_PROVIDER_unload(f->rand_provider);
    OSSL_LIB_CTX_free(f->library);
    return 0;
}

/* SHA-256(seed || counter), block after block. */
static void expected_bytes(const uint8_t seed[32], uint8_t *out, size_t size)
{
    struct crypto_context *context = crypto_context_new();
    for (uint64_t n = 0; n * 32 < size; n++) {
        uint8_t counter[8], block[32];
        base_put_be(counter, n, 8);
        struct crypto_slice parts[] = {{seed, 32}, {counter, 8}};
        crypto_sha256(context, parts, 2, block);
        memcpy(out + n * 32, block, size - n * 32 < 32 ? size - n * 32 : 32);
    }
    crypto_context_free(context);
}

static void test_public_and_private_draw_from_one_stream(void **state)
{
    struct fixture *f = *state;
    static const uint8_t seed[32] = {3, 1, 4, 1, 5};
    uint8_t expected[1000], drawn[1000];
    expected_bytes(seed, expected, sizeof(expected));
    crypto_rand_seed(f->rand, seed);
    memset(drawn, 0xa5, sizeof(drawn));
    size_t at = 0;
    for (size_t part = 1; at < sizeof(drawn); part += 13) {
        size_t size = part < sizeof(drawn) - at ? part : sizeof(drawn) - at;
        int ok = part % 2 ? RAND_bytes_ex(f->library, drawn + at, size, 0)
                          : RAND_priv_bytes_ex(f->library, drawn + at, size, 0);
        assert_int_equal(ok, 1);
        at += size;
    }
    assert_memory_equal(drawn, expected, sizeof(drawn));
}

static void test_a_seed_forgets_what_was_before(void **state)
{
    struct fixture *f = *state;
    static const uint8_t seed[32] = {9};
    uint8_t first[40], second[40];
    crypto_rand_seed(f->rand, seed);
    assert_int_equal(RAND_bytes_ex(f->library, first, sizeof(first), 0), 1);
    assert_int_equal(RAND_bytes_ex(f->library, second, 7, 0), 1);
    crypto_rand_seed(f->rand, seed);
    assert_int_equal(RAND_bytes_ex(f->library, second, sizeof(second), 0), 1);
    assert_memory_equal(first, second, sizeof(first));
    static const uint8_t other[32] = {8};
    crypto_rand_seed(f->rand, other);
    assert_int_equal(RAND_bytes_ex(f->library, second, sizeof(second), 0), 1);
    assert_memory_not_equal(first, second, sizeof(first));
}

/* libcrypto asks for what a generator gives at a time, and cuts larger requests itself. */
static void test_large_requests(void **state)
{
    struct fixture *f = *state;
    static const uint8_t seed[32] = {7};
    static uint8_t large[200000], small[64];
    crypto_rand_seed(f->rand, seed);
    assert_int_equal(RAND_bytes_ex(f->library, large, sizeof(large), 0), 1);
    crypto_rand_seed(f->rand, seed);
    assert_int_equal(RAND_bytes_ex(f->library, small, sizeof(small), 0), 1);
    assert_memory_equal(large, small, sizeof(small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_and_private_draw_from_one_stream),
        cmocka_unit_test(test_a_seed_forgets_what_was_before),
        cmocka_unit_test(test_large_requests)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
