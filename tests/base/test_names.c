/* Names to values: enough of them to grow, names that differ in one letter, and values replaced. */
#include "tests/test.h"

#include <stdio.h>

#include "base/names.h"

enum {
    NAMES = 1000
};

static void test_empty(void **state)
{
    (void)state;
    struct base_names names = {0};
    assert_null(base_names_get(&names, ""));
    assert_null(base_names_get(&names, "a"));
    base_names_fini(&names);
}

static void test_many(void **state)
{
    (void)state;
    static char text[NAMES][16];
    static int values[NAMES];
    struct base_names names = {0};
    for (size_t i = 0; i < NAMES; i++) {
        snprintf(text[i], sizeof(text[i]), "vdc%zu-gw", i);
        assert_null(base_names_get(&names, text[i]));
        base_names_put(&names, text[i], &values[i]);
    }
    assert_int_equal(names.count, NAMES);
    for (size_t i = 0; i < NAMES; i++) {
        char other[16]; /* the characters count, not where they are */
        snprintf(other, sizeof(other), "vdc%zu-gw", i);
        assert_ptr_equal(base_names_get(&names, other), &values[i]);
    }
    assert_null(base_names_get(&names, "vdc1000-gw"));
    assert_null(base_names_get(&names, "vdc1-g"));
    base_names_fini(&names);
    assert_null(base_names_get(&names, text[0]));
}

static void test_replaced(void **state)
{
    (void)state;
    int first, second;
    struct base_names names = {0};
    base_names_put(&names, "anchor", &first);
    base_names_put(&names, "", &first);
    base_names_put(&names, "anchor", &second);
    assert_int_equal(names.count, 2);
    assert_ptr_equal(base_names_get(&names, "anchor"), &second);
    assert_ptr_equal(base_names_get(&names, ""), &first);
    base_names_fini(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
