/* The map against a plain array, through random puts and removals. */
#include "tests/test.h"

#include "base/map.h"
#include "base/rng.h"

enum {
    KEYS = 200
};

static void test_empty(void **state)
{
    (void)state;
    struct base_map map = {0};
    size_t at = 0;
    assert_null(base_map_get(&map, 0));
    assert_null(base_map_remove(&map, 7));
    assert_null(base_map_next(&map, &at));
    base_map_fini(&map);
}

/* Keys that differ in few bits, high and low, as addresses and interface numbers do. */
static uint64_t key_number(size_t i)
{
    return i % 3 == 0 ? i : i % 3 == 1 ? (uint64_t)i << 32 : (uint64_t)i << 56 | i;
}

static void check(const struct base_map *map, int *const *expected)
{
    size_t count = 0, seen = 0, at = 0;
    for (size_t i = 0; i < KEYS; i++) {
        assert_ptr_equal(base_map_get(map, key_number(i)), expected[i]);
        count += expected[i] != NULL;
    }
    while (base_map_next(map, &at))
        seen++;
    assert_int_equal(map->count, count);
    assert_int_equal(seen, count);
}

static void test_against_an_array(void **state)
{
    (void)state;
    static int things[KEYS];
    int *expected[KEYS] = {0};
    struct base_map map = {0};
    struct base_rng rng;
    base_rng_init(&rng, 1, "test/map");
    for (int step = 0; step < 20000; step++) {
        size_t i = base_rng_below(&rng, KEYS);
        /* Long stretches of growing and of shrinking. */
        if (base_rng_below(&rng, 100) < (step / 2000 % 2 ? 30u : 70u)) {
            expected[i] = &things[base_rng_below(&rng, KEYS)];
            base_map_put(&map, key_number(i), expected[i]);
        } else {
            assert_ptr_equal(base_map_remove(&map, key_number(i)), expected[i]);
            expected[i] = NULL;
        }
        if (step % 50 == 0)
            check(&map, expected);
    }
    check(&map, expected);
    base_map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_against_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
