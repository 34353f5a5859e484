/* Lists of problems, and the arena that holds their texts. */
#include "tests/test.h"

#include "base/arena.h"
#include "base/diagnostic.h"

#include <stdlib.h>

static void expect_text(const struct base_diagnostic *item, const char *text)
{
    char *found = base_diagnostic_format(item);
    assert_string_equal(found, text);
    free(found);
}

static void test_sorted_by_place(void **state)
{
    struct base_diagnostics list;
    char name[] = "a.yaml";
    (void)state;
    base_diagnostics_init(&list);
    base_diagnostics_add(&list, BASE_ERROR, "later", (struct base_where){name, 9, 1}, NULL, "x%d",
                         1);
    base_diagnostics_add(&list, BASE_WARNING, "same", (struct base_where){name, 3, 4}, "hint",
                         "first");
    base_diagnostics_add(&list, BASE_ERROR, "same", (struct base_where){name, 3, 4}, NULL,
                         "second");
    base_diagnostics_add(&list, BASE_ERROR, "left", (struct base_where){name, 3, 2}, NULL, "left");
    base_diagnostics_add(&list, BASE_ERROR, "other", (struct base_where){"b.yaml", 1, 1}, NULL,
                         "b");
    base_diagnostics_add(&list, BASE_ERROR, "whole", (struct base_where){name, 0, 0}, NULL,
                         "whole");
    base_diagnostics_add(&list, BASE_ERROR, "none", (struct base_where){0}, NULL, "none");
    name[0] = 'z'; /* the list has a copy */
    base_diagnostics_sort(&list);
    assert_int_equal(list.count, 7);
    assert_int_equal(list.error_count, 6);
    assert_int_equal(list.warning_count, 1);
    expect_text(&list.items[0], "a.yaml: error: whole [whole]");
    expect_text(&list.items[1], "a.yaml:3:2: error: left [left]");
    expect_text(&list.items[2], "a.yaml:3:4: warning: first; hint [same]");
    expect_text(&list.items[3], "a.yaml:3:4: error: second [same]");
    expect_text(&list.items[4], "a.yaml:9:1: error: x1 [later]");
    expect_text(&list.items[5], "b.yaml:1:1: error: b [other]");
    expect_text(&list.items[6], "error: none [none]");
    base_diagnostics_fini(&list);
}

/* Of each severity: many warnings hide no error, and are none. */
static void test_limit(void **state)
{
    struct base_diagnostics list;
    size_t told[2] = {0};
    (void)state;
    base_diagnostics_init(&list);
    for (int i = 0; i < 5000; i++)
        base_diagnostics_add(&list, BASE_WARNING, "doubtful", (struct base_where){"a", i + 1, 1},
                             NULL, "x");
    assert_int_equal(list.error_count, 0);
    for (int i = 0; i < 6000; i++)
        base_diagnostics_add(&list, BASE_ERROR, "wrong", (struct base_where){"a", i + 1, 2}, NULL,
                             "x");
    base_diagnostics_sort(&list);
    assert_int_equal(list.warning_count, 5000);
    assert_int_equal(list.error_count, 6000);
    for (size_t i = 0; i < list.count; i++)
        told[list.items[i].severity]++;
    assert_int_equal(told[BASE_WARNING], BASE_DIAGNOSTICS_MAX + 1);
    assert_int_equal(told[BASE_ERROR], BASE_DIAGNOSTICS_MAX + 1);
    assert_string_equal(list.items[list.count - 1].code, "too-many-problems");
    assert_int_equal(list.items[list.count - 1].severity, BASE_ERROR);
    assert_string_equal(list.items[list.count - 2].code, "too-many-warnings");
    assert_int_equal(list.items[list.count - 2].severity, BASE_WARNING);
    base_diagnostics_fini(&list);
}

static void test_arena(void **state)
{
    struct base_arena arena;
    char *pieces[600];
    (void)state;
    base_arena_init(&arena);
    for (size_t i = 0; i < 600; i++) {
        size_t size = i * i;
        pieces[i] = base_arena_alloc(&arena, size + 1);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], (int)i, size + 1);
    }
    for (size_t i = 0; i < 600; i++)
        for (size_t j = 0; j < i * i + 1; j += 97)
            assert_int_equal(pieces[i][j], (char)i);
    assert_string_equal(base_arena_printf(&arena, "%s-%d", "x", 7), "x-7");
    assert_string_equal(base_arena_strndup(&arena, "abc", 2), "ab");
    base_arena_fini(&arena);
    assert_null(arena.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_by_place),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
