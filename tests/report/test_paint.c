/* Words of a command line, as a shell takes them apart again. */
#include "tests/test.h"

#include "report/paint.h"

static void words_of_a_shell(void **state)
{
    static const struct {
        const char *word, *written;
    } CASES[] = {
        {"out/vdc-to-vdc", "out/vdc-to-vdc"},
        {"", "''"},
        {"a b", "'a b'"},
        {"~", "'~'"},
        {"routes.\"192.168.2.0/24\"=192.168.1.5", "'routes.\"192.168.2.0/24\"=192.168.1.5'"},
        {"key='Zq3v'", "\"key='Zq3v'\""},
        {"key='Zq$3v'", "'key='\\''Zq$3v'\\'''"},
        {"it's \"so\"", "'it'\\''s \"so\"'"},
        {"it's!", "'it'\\''s!'"},
        {"it's `so`", "'it'\\''s `so`'"},
        {"it's \\", "'it'\\''s \\'"},
        {"l\xc3\xbc", "'l\xc3\xbc'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[64];
        FILE *out = fmemopen(text, sizeof(text), "w");
        assert_non_null(out);
        report_shell_word(out, CASES[i].word);
        fclose(out);
        assert_string_equal(text, CASES[i].written);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
