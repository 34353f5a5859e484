/* Streams of randomness: repeatable, independent by name, unbiased at the edges. */
#include "tests/test.h"

#include "base/rng.h"

static void test_same_seed_same_stream(void **state)
{
    (void)state;
    struct base_rng a, b;
    base_rng_init(&a, 7, "link internet loss");
    base_rng_init(&b, 7, "link internet loss");
    for (int i = 0; i < 100; i++)
        assert_true(base_rng_u64(&a) == base_rng_u64(&b));
}

static void test_name_and_seed_both_matter(void **state)
{
    (void)state;
    struct base_rng a, b, c;
    base_rng_init(&a, 7, "txl-gw nonces");
    base_rng_init(&b, 7, "lhr-gw nonces");
    base_rng_init(&c, 8, "txl-gw nonces");
    uint64_t first = base_rng_u64(&a);
    assert_true(first != base_rng_u64(&b));
    assert_true(first != base_rng_u64(&c));
}

static void test_below_stays_below(void **state)
{
    (void)state;
    struct base_rng rng;
    base_rng_init(&rng, 1, "below");
    unsigned seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[base_rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 850, 1150);
    assert_true(base_rng_below(&rng, 1) == 0);
}

static void test_unit_and_fill(void **state)
{
    (void)state;
    struct base_rng rng, again;
    base_rng_init(&rng, 1, "unit");
    for (int i = 0; i < 1000; i++) {
        double u = base_rng_unit(&rng);
        assert_true(u >= 0.0 && u < 1.0);
    }
    uint8_t bytes[21], other[21];
    memset(bytes, 0xa5, sizeof(bytes));
    base_rng_init(&rng, 1, "fill");
    base_rng_init(&again, 1, "fill");
    base_rng_fill(&rng, bytes, 20);
    base_rng_fill(&again, other, 20);
    assert_memory_equal(bytes, other, 20);
    assert_int_equal(bytes[20], 0xa5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_stream),
        cmocka_unit_test(test_name_and_seed_both_matter),
        cmocka_unit_test(test_below_stays_below),
        cmocka_unit_test(test_unit_and_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
