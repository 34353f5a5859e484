/* Paragraphs of descriptions, lessons and remedies. */
#include "tests/test.h"

#include "report/prose.h"

static char *written(const char *text)
{
    static char bytes[1024];
    FILE *out = fmemopen(bytes, sizeof(bytes), "w");
    assert_non_null(out);
    report_prose_text(out, text);
    fclose(out);
    return bytes;
}

#define TEN "ten chars "

static void texts(void **state)
{
    static const struct {
        const char *text, *written;
    } CASES[] = {
        {"", ""},
        {"one\ntwo", "one two\n"},
        {"one\n\ntwo\n", "one\n\ntwo\n"},
        {"- one\n  two\n- three", "- one two\n- three\n"},
        {"- one\ntwo", "- one\ntwo\n"},
        {"1. one\n   two\n12. three\n    four\n", "1. one two\n12. three four\n"},
        {"* one\n  - two\n    three\n", "* one\n  - two three\n"},
        {"one\n    kept   as is\n    and this\ntwo\n",
         "one\n    kept   as is\n    and this\ntwo\n"},
        {"-one\n-two", "-one -two\n"},
        {"10 one\n1.5 two", "10 one 1.5 two\n"},
        {TEN TEN TEN TEN TEN TEN TEN "eightch " TEN,
         TEN TEN TEN TEN TEN TEN TEN "eightch\nten chars\n"},
        {TEN TEN TEN TEN TEN TEN TEN "ninechars " TEN,
         TEN TEN TEN TEN TEN TEN "ten chars\nninechars ten chars\n"},
        {"- " TEN TEN TEN TEN TEN TEN TEN TEN, "- " TEN TEN TEN TEN TEN TEN TEN "ten\n  chars\n"},
        {TEN TEN TEN TEN TEN TEN TEN "\xc3\xbc"
                                     "ightch " TEN,
         TEN TEN TEN TEN TEN TEN TEN "\xc3\xbcightch\nten chars\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
        assert_string_equal(written(CASES[i].text), CASES[i].written);
}

/* Behind something that stands on the line already. */
static void paragraphs(void **state)
{
    char bytes[256];
    FILE *out = fmemopen(bytes, sizeof(bytes), "w");
    (void)state;
    assert_non_null(out);
    report_prose(out, "  one   two ", 0, 0);
    report_prose(out, TEN TEN, 70, 4);
    fclose(out);
    assert_string_equal(bytes, "one two\nten\n    chars ten chars\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(paragraphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
