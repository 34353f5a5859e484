/* Memory: where it starts, and that it is zero though it was used before. Running out of it ends the program. */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"

static void assert_zero(const char *memory, size_t size)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(memory[i], 0);
}

static void lines_start_where_a_line_does(void **state)
{
    static const size_t SIZES[] = {0, 1, 63, 64, 65, 128, 1000, 4096, 200000};
    (void)state;
    for (size_t i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
        for (unsigned again = 0; again < 3; again++) {
            char *memory = base_alloc_lines(SIZES[i]);
            assert_int_equal((uintptr_t)memory % BASE_LINE_SIZE, 0);
            assert_zero(memory, SIZES[i]);
            memset(memory, 0xa5, SIZES[i]);
            free(memory);
        }
    }
}

static void what_grows_keeps_its_elements(void **state)
{
    uint32_t *list = NULL;
    size_t capacity = 0;
    (void)state;
    for (uint32_t count = 0; count < 1000; count++) {
        list = base_grow(list, count, &capacity, sizeof(*list));
        assert_true(capacity > count);
        assert_zero((const char *)&list[count], (capacity - count) * sizeof(*list));
        list[count] = count + 1;
        assert_int_equal(list[count / 2], count / 2 + 1);
    }
    free(list);
}

/* vasprintf refuses for want of memory, and for a character that the locale has not: the program ends with status 2. */
static void a_text_that_cannot_be_made_ends_the_program(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(3);
        free(base_printf("%ls", L"\x20ac"));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

static void what_begins_in_its_owner_moves_out(void **state)
{
    uint32_t few[3] = {0};
    uint32_t *list = few;
    size_t capacity = sizeof(few) / sizeof(few[0]);
    (void)state;
    base_grow_free(list, few); /* still in its owner: nothing to free */
    for (uint32_t count = 0; count < 100; count++) {
        list = base_grow_few(list, few, count, &capacity, sizeof(*list));
        assert_true(capacity > count);
        assert_true((list == few) == (count < 3));
        assert_zero((const char *)&list[count], (capacity - count) * sizeof(*list));
        list[count] = count + 1;
        for (uint32_t i = 0; i <= count; i++)
            assert_int_equal(list[i], i + 1);
    }
    base_grow_free(list, few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_start_where_a_line_does),
        cmocka_unit_test(what_grows_keeps_its_elements),
        cmocka_unit_test(a_text_that_cannot_be_made_ends_the_program),
        cmocka_unit_test(what_begins_in_its_owner_moves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
