/* Sets of memory: which lines they name. Fetching has no result to be seen, but must not fault. */
#include "tests/test.h"

#include "base/warm.h"

static _Alignas(BASE_LINE_SIZE) char memory[128 * BASE_LINE_SIZE];

/* An empty set beside the memory that it names. */
static struct base_warm *near(void)
{
    static struct base_warm set;
    set = (struct base_warm){0};
    return &set;
}

/* The number of the line that a span begins with. */
static uintptr_t first_line(const struct base_warm *set, size_t span)
{
    intptr_t more = set->spans[span] & (BASE_WARM_LINES - 1);
    return (uintptr_t)set / BASE_LINE_SIZE +
           (uintptr_t)((set->spans[span] - more) / BASE_WARM_LINES);
}

static size_t lines_of(const void *start, size_t size)
{
    struct base_warm *set = near();
    base_warm_add(set, start, size);
    if (!set->count)
        return 0;
    assert_int_equal(first_line(set, 0), (uintptr_t)start / BASE_LINE_SIZE);
    return (size_t)(set->spans[0] & (BASE_WARM_LINES - 1)) + 1;
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
    struct base_warm *set = near();
    (void)state;
    for (size_t i = 0; i < BASE_WARM_SPANS + 3; i++)
        base_warm_add(set, memory + i * BASE_LINE_SIZE, 1);
    assert_int_equal(set->count, BASE_WARM_SPANS);
    assert_int_equal(first_line(set, BASE_WARM_SPANS - 1),
                     (uintptr_t)memory / BASE_LINE_SIZE + BASE_WARM_SPANS - 1);
}

/* Whatever is there: it is only named. */
static const void *memory_at(uintptr_t address)
{
    return (const void *)address; /* NOLINT(performance-no-int-to-ptr) */
}

static void only_what_is_within_2_gib_is_named(void **state)
{
    struct base_warm *set = near();
    uintptr_t own = (uintptr_t)set & ~(uintptr_t)(BASE_LINE_SIZE - 1);
    (void)state;
    base_warm_add(set, memory_at(own + 0x7fffffffu), 1);
    assert_int_equal(set->count, 1);
    assert_int_equal(first_line(set, 0), (own + 0x7fffffffu) / BASE_LINE_SIZE);
    base_warm_add(set, memory_at(own + 0x80000000u), 1);
    assert_int_equal(set->count, 1);
    base_warm_add(set, memory_at(own - 0x80000000u), 1);
    assert_int_equal(set->count, 2);
    assert_int_equal(first_line(set, 1), (own - 0x80000000u) / BASE_LINE_SIZE);
    base_warm_add(set, memory_at(own - 0x80000001u), 1);
    assert_int_equal(set->count, 2);
}

static void what_is_gone_may_be_fetched(void **state)
{
    struct base_warm *set = near();
    set->count = 1;
    set->spans[0] = INT32_MIN | 3;
    (void)state;
    base_warm_add(set, memory, sizeof(memory));
    base_warm_fetch(set);
    base_warm_now(memory + 5, sizeof(memory) - 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_whole_lines),
        cmocka_unit_test(a_full_set_takes_no_more),
        cmocka_unit_test(only_what_is_within_2_gib_is_named),
        cmocka_unit_test(what_is_gone_may_be_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
