/* Diffie-Hellman by published vectors; wrong public values; key pairs that follow from their seeds. */
#include "tests/test.h"

#include "ipsec/crypto/group.h"
#include "ipsec/crypto/prf.h"
#include "tests/crypto/vectors.h"
#include "tests/crypto/with_context.h"

enum {
    PRIVATE_SIZE_MAX = 66
};

static struct crypto_dh *read_pair(const struct vectors *v, const struct crypto_group *group,
                                   const char *private_name, const char *public_name)
{
    uint8_t private_value[PRIVATE_SIZE_MAX], public_value[CRYPTO_PUBLIC_SIZE_MAX];
    size_t size = vectors_bytes(v, private_name, private_value, sizeof(private_value));
    assert_int_equal(vectors_bytes(v, public_name, public_value, sizeof(public_value)),
                     group->public_size);
    struct crypto_dh *dh = crypto_dh_new_pair(context, group, private_value, size, public_value);
    assert_non_null(dh);
    assert_memory_equal(crypto_dh_public(dh), public_value, group->public_size);
    return dh;
}

static void expect_shared(const struct vectors *v, struct crypto_dh *dh, const char *peer_name)
{
    uint8_t peer[CRYPTO_PUBLIC_SIZE_MAX], shared[CRYPTO_SHARED_SIZE_MAX + 1];
    const struct crypto_group *group = crypto_dh_group(dh);
    size_t size = vectors_bytes(v, peer_name, peer, sizeof(peer));
    memset(shared, 0xa5, sizeof(shared));
    assert_int_equal(crypto_dh_shared(dh, peer, size, shared), CRYPTO_OK);
    vectors_expect(v, "shared", shared, group->shared_size);
    assert_int_equal(shared[group->shared_size], 0xa5);
}

/* 2 to the private value is the public value: the generator as the peer's gives it. */
static void expect_power_of_two(const struct vectors *v, struct crypto_dh *dh, const char *name)
{
    uint8_t two[CRYPTO_PUBLIC_SIZE_MAX] = {0}, power[CRYPTO_SHARED_SIZE_MAX];
    size_t size = crypto_dh_group(dh)->public_size;
    two[size - 1] = 2;
    assert_int_equal(crypto_dh_shared(dh, two, size, power), CRYPTO_OK);
    vectors_expect(v, name, power, size);
}

static void check_file(const char *path)
{
    struct vectors v = vectors_open(path);
    while (vectors_next(&v)) {
        const struct crypto_group *group = crypto_group_named(vectors_text(&v, "group"));
        assert_non_null(group);
        struct crypto_dh *i = read_pair(&v, group, "private_i", "public_i");
        struct crypto_dh *r = read_pair(&v, group, "private_r", "public_r");
        expect_shared(&v, i, "public_r");
        expect_shared(&v, r, "public_i");
        expect_shared(&v, i, "public_r");
        if (!group->elliptic) {
            expect_power_of_two(&v, i, "public_i");
            expect_power_of_two(&v, r, "public_r");
        }
        crypto_dh_free(i);
        crypto_dh_free(r);
    }
    vectors_close(&v);
}

static void test_curves(void **state)
{
    (void)state;
    check_file("tests/crypto/data/ecdh.txt");
}

static void test_modp(void **state)
{
    (void)state;
    check_file("tests/crypto/data/modp.txt");
}

static void seed_of(unsigned n, uint8_t seed[CRYPTO_SEED_SIZE])
{
    memset(seed, (int)n, CRYPTO_SEED_SIZE);
}

static struct crypto_dh *dh_of(struct crypto_context *c, const struct crypto_group *group,
                               unsigned n)
{
    uint8_t seed[CRYPTO_SEED_SIZE];
    seed_of(n, seed);
    return crypto_dh_new(c, group, seed);
}

static void test_made_pairs_agree(void **state)
{
    (void)state;
    for (size_t n = 0; crypto_group_at(n); n++) {
        const struct crypto_group *group = crypto_group_at(n);
        struct crypto_dh *a = dh_of(context, group, 1), *b = dh_of(context, group, 2);
        uint8_t ab[CRYPTO_SHARED_SIZE_MAX], ba[CRYPTO_SHARED_SIZE_MAX];
        assert_ptr_equal(crypto_dh_group(a), group);
        assert_memory_not_equal(crypto_dh_public(a), crypto_dh_public(b), group->public_size);
        assert_int_equal(crypto_dh_shared(a, crypto_dh_public(b), group->public_size, ab),
                         CRYPTO_OK);
        assert_int_equal(crypto_dh_shared(b, crypto_dh_public(a), group->public_size, ba),
                         CRYPTO_OK);
        assert_memory_equal(ab, ba, group->shared_size);
        crypto_dh_free(a);
        crypto_dh_free(b);
    }
}

static void expect_refused(struct crypto_dh *dh, const uint8_t *peer, size_t size,
                           enum crypto_status expected)
{
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX], untouched[CRYPTO_SHARED_SIZE_MAX];
    memset(shared, 0xa5, sizeof(shared));
    memset(untouched, 0xa5, sizeof(untouched));
    assert_int_equal(crypto_dh_shared(dh, peer, size, shared), expected);
    assert_memory_equal(shared, untouched, sizeof(shared));
}

static void test_wrong_sizes(void **state)
{
    (void)state;
    for (size_t n = 0; crypto_group_at(n); n++) {
        const struct crypto_group *group = crypto_group_at(n);
        struct crypto_dh *a = dh_of(context, group, 1), *b = dh_of(context, group, 2);
        uint8_t peer[CRYPTO_PUBLIC_SIZE_MAX + 2] = {0};
        memcpy(peer, crypto_dh_public(b), group->public_size);
        for (size_t size = 0; size < group->public_size + 2u; size++)
            if (size != group->public_size)
                expect_refused(a, peer, size, CRYPTO_PEER_SIZE);
        crypto_dh_free(a);
        crypto_dh_free(b);
    }
}

/* RFC 6989 section 2.1: 1 < value < p - 1, with the primes as make_vectors.py computed them. */
static void test_modp_range(void **state)
{
    (void)state;
    struct vectors v = vectors_open("tests/crypto/data/modp.txt");
    while (vectors_next(&v)) {
        const struct crypto_group *group = crypto_group_named(vectors_text(&v, "group"));
        struct crypto_dh *dh = dh_of(context, group, 1);
        size_t size = group->public_size;
        uint8_t peer[CRYPTO_PUBLIC_SIZE_MAX] = {0}, shared[CRYPTO_SHARED_SIZE_MAX];
        expect_refused(dh, peer, size, CRYPTO_PEER_RANGE); /* 0 */
        peer[size - 1] = 1;
        expect_refused(dh, peer, size, CRYPTO_PEER_RANGE); /* 1 */
        peer[size - 1] = 2;
        assert_int_equal(crypto_dh_shared(dh, peer, size, shared), CRYPTO_OK);
        vectors_bytes(&v, "prime", peer, sizeof(peer));
        expect_refused(dh, peer, size, CRYPTO_PEER_RANGE); /* p, which ends in 0xff */
        peer[size - 1]--;
        expect_refused(dh, peer, size, CRYPTO_PEER_RANGE); /* p - 1 */
        peer[size - 1]--;
        assert_int_equal(crypto_dh_shared(dh, peer, size, shared), CRYPTO_OK); /* p - 2 */
        memset(peer, 0xff, sizeof(peer));
        expect_refused(dh, peer, size, CRYPTO_PEER_RANGE);
        crypto_dh_free(dh);
    }
    vectors_close(&v);
}

/* RFC 6989 section 2.3: zeros, coordinates past the prime, a point beside the curve, and none lasts. */
static void test_points_off_the_curve(void **state)
{
    (void)state;
    for (size_t n = 0; crypto_group_at(n); n++) {
        const struct crypto_group *group = crypto_group_at(n);
        if (!group->elliptic)
            continue;
        struct crypto_dh *a = dh_of(context, group, 1), *b = dh_of(context, group, 2);
        uint8_t peer[CRYPTO_PUBLIC_SIZE_MAX] = {0};
        uint8_t before[CRYPTO_SHARED_SIZE_MAX], after[CRYPTO_SHARED_SIZE_MAX];
        assert_int_equal(crypto_dh_shared(a, crypto_dh_public(b), group->public_size, before),
                         CRYPTO_OK);
        expect_refused(a, peer, group->public_size, CRYPTO_PEER_POINT);
        memset(peer, 0xff, sizeof(peer));
        expect_refused(a, peer, group->public_size, CRYPTO_PEER_POINT);
        for (size_t i = 0; i < group->public_size; i += 3) {
            memcpy(peer, crypto_dh_public(b), group->public_size);
            peer[i] ^= 0x10;
            expect_refused(a, peer, group->public_size, CRYPTO_PEER_POINT);
        }
        assert_int_equal(crypto_dh_shared(a, crypto_dh_public(b), group->public_size, after),
                         CRYPTO_OK);
        assert_memory_equal(before, after, group->shared_size);
        crypto_dh_free(a);
        crypto_dh_free(b);
    }
}

static void test_bad_pairs_are_refused(void **state)
{
    (void)state;
    const struct crypto_group *group = crypto_group_named("19-ECP256");
    uint8_t private_value[32] = {1}, public_value[64] = {2};
    assert_null(crypto_dh_new_pair(context, group, private_value, 32, public_value));
    crypto_dh_free(NULL);
}

/* Draws and computes in other groups, fails now and then, and leaves its traces in the context. */
static void disturb(struct crypto_context *c, unsigned n)
{
    const struct crypto_group *group = crypto_group_named(n % 2 ? "28-ECP256BP" : "19-ECP256");
    struct crypto_dh *a = dh_of(c, group, n + 50), *b = dh_of(c, group, n + 51);
    uint8_t shared[CRYPTO_SHARED_SIZE_MAX], peer[64] = {0}, out[CRYPTO_PRF_SIZE_MAX];
    assert_int_equal(crypto_dh_shared(a, crypto_dh_public(b), 64, shared), CRYPTO_OK);
    assert_int_equal(crypto_dh_shared(a, peer, 64, shared), CRYPTO_PEER_POINT);
    struct crypto_slice part = {shared, 32};
    crypto_prf(c, crypto_prf_at(n % 4), shared, 32, &part, 1, out);
    crypto_dh_free(a);
    crypto_dh_free(b);
}

static void test_a_seed_gives_the_same_pair(void **state)
{
    (void)state;
    struct crypto_context *used = crypto_context_new();
    for (size_t n = 0; crypto_group_at(n); n++) {
        const struct crypto_group *group = crypto_group_at(n);
        struct crypto_context *fresh = crypto_context_new();
        struct crypto_dh *first = dh_of(fresh, group, 77);
        for (unsigned i = 0; i < 3; i++) {
            disturb(used, i);
            struct crypto_dh *again = dh_of(used, group, 77);
            assert_memory_equal(crypto_dh_public(first), crypto_dh_public(again),
                                group->public_size);
            uint8_t one[CRYPTO_SHARED_SIZE_MAX], two[CRYPTO_SHARED_SIZE_MAX];
            struct crypto_dh *peer = dh_of(used, group, 78);
            assert_int_equal(
                crypto_dh_shared(first, crypto_dh_public(peer), group->public_size, one),
                CRYPTO_OK);
            disturb(used, i);
            assert_int_equal(
                crypto_dh_shared(again, crypto_dh_public(peer), group->public_size, two),
                CRYPTO_OK);
            assert_memory_equal(one, two, group->shared_size);
            crypto_dh_free(again);
            crypto_dh_free(peer);
        }
        crypto_dh_free(first);
        crypto_context_free(fresh);
    }
    crypto_context_free(used);
}

/* Every bit of the seed counts. */
static void test_seeds_differ(void **state)
{
    (void)state;
    const struct crypto_group *group = crypto_group_named("19-ECP256");
    uint8_t seed[CRYPTO_SEED_SIZE] = {0};
    struct crypto_dh *zero = crypto_dh_new(context, group, seed);
    for (size_t i = 0; i < 8 * sizeof(seed); i++) {
        memset(seed, 0, sizeof(seed));
        seed[i / 8] = (uint8_t)(1u << i % 8);
        struct crypto_dh *dh = crypto_dh_new(context, group, seed);
        assert_memory_not_equal(crypto_dh_public(dh), crypto_dh_public(zero), group->public_size);
        crypto_dh_free(dh);
    }
    crypto_dh_free(zero);
}

static void test_status_texts(void **state)
{
    (void)state;
    assert_string_equal(crypto_status_text(CRYPTO_OK), "ok");
    assert_string_equal(crypto_status_text(CRYPTO_PEER_POINT),
                        "public value is not a point of the curve");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_curves),
                                       cmocka_unit_test(test_modp),
                                       cmocka_unit_test(test_made_pairs_agree),
                                       cmocka_unit_test(test_wrong_sizes),
                                       cmocka_unit_test(test_modp_range),
                                       cmocka_unit_test(test_points_off_the_curve),
                                       cmocka_unit_test(test_bad_pairs_are_refused),
                                       cmocka_unit_test(test_a_seed_gives_the_same_pair),
                                       cmocka_unit_test(test_seeds_differ),
                                       cmocka_unit_test(test_status_texts)};
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
