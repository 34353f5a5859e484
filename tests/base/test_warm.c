/* Sets of memory: which lines they name. Fetching has no result to be seen, but must not fault. */
#include "tests/test.h"

#include "base/warm.h"

static _Alignas(BASE_WARM_LINE) char memory[128 * BASE_WARM_LINE];

static size_t lines_of(const void *start, size_t size)
{
    struct base_warm set = {0};
    base_warm_add(&set, start, size);
    if (!set.count)
        return 0;
    uintptr_t first = (uintptr_t)start / BASE_WARM_LINE;
    assert_int_equal(set.spans[0] / BASE_WARM_LINE, first);
    return set.spans[0] % BASE_WARM_LINE + 1;
}

static void spans_are_whole_lines(void **state)
{
    (void)state;
    assert_int_equal(lines_of(memory, 0), 0);
    assert_int_equal(lines_of(NULL, 8), 0);
    assert_int_equal(lines_of(memory, 1), 1);
    assert_int_equal(lines_of(memory, 64), 1);
    assert_int_equal(lines_of(memory, 65), 2);
    assert_int_equal(lines_of(memory + 63, 1), 1);
    assert_int_equal(lines_of(memory + 63, 2), 2);
    assert_int_equal(lines_of(memory + 8, sizeof(memory) - 8), 64);
}

static void a_full_set_takes_no_more(void **state)
{
    struct base_warm set = {0};
    (void)state;
    for (size_t i = 0; i < BASE_WARM_SPANS + 3; i++)
        base_warm_add(&set, memory + i * BASE_WARM_LINE, 1);
    assert_int_equal(set.count, BASE_WARM_SPANS);
    assert_int_equal(set.spans[BASE_WARM_SPANS - 1],
                     (uintptr_t)memory + (BASE_WARM_SPANS - 1) * BASE_WARM_LINE);
}

static void what_is_gone_may_be_fetched(void **state)
{
    struct base_warm set = {.count = 1, .spans = {(uintptr_t)64 << 20 | 3}};
    (void)state;
    base_warm_add(&set, memory, sizeof(memory));
    base_warm_fetch(&set);
    base_warm_now(memory + 5, sizeof(memory) - 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_whole_lines),
        cmocka_unit_test(a_full_set_takes_no_more),
        cmocka_unit_test(what_is_gone_may_be_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
