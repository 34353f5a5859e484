/* Laps that repeat are folded; what does not repeat three times is told whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "diagnose/case.h"

/* A way as "node:text" words, parted by blanks, folded and written back; a fold as "<text>". */
static char *fold(const char *way)
{
    struct base_arena arena;
    struct diag_line lines[512];
    size_t count = 0;
    char *copy = base_strdup(way), *rest = NULL, *text = base_strdup("");
    base_arena_init(&arena);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *colon = strchr(word, ':');
        *colon = '\0';
        lines[count] = (struct diag_line){.at = (base_ns)count, .node = word, .text = colon + 1};
        count++;
    }
    count = diag_fold(&arena, lines, count);
    for (size_t i = 0; i < count; i++) {
        char *more = lines[i].node ? base_printf("%s%s%s:%s", text, i ? " " : "", lines[i].node,
                                                 lines[i].text)
                                   : base_printf("%s%s<%s>", text, i ? " " : "", lines[i].text);
        free(text);
        text = more;
    }
    base_arena_fini(&arena);
    free(copy);
    return text;
}

static const struct {
    const char *name, *way, *folded;
} CASES[] = {
    {"nothing", "", ""},
    {"a straight way", "a:x b:y c:z", "a:x b:y c:z"},
    {"two laps are told", "a:x b:y a:x b:y c:z", "a:x b:y a:x b:y c:z"},
    {"three are folded", "a:x b:y a:x b:y a:x b:y c:z",
     "a:x b:y <... 2 more times between a and b> c:z"},
    {"numbers behind a comma or a colon differ", "a:ttl:3 b:y,1 a:ttl:2 b:y,2 a:ttl:1 b:y,3",
     "a:ttl:3 b:y,1 <... 2 more times between a and b>"},
    {"other words do not", "a:x b:y a:x b:q a:x b:y", "a:x b:y a:x b:q a:x b:y"},
    {"an end inside of a lap", "s:o a:x b:y a:x b:y a:x b:y a:drop",
     "s:o a:x b:y <... 2 more times between a and b> a:drop"},
    {"links on the way are not named",
     "a:x internet:c b:y internet:c a:x internet:c b:y internet:c "
     "a:x internet:c b:y internet:c",
     "a:x internet:c b:y internet:c <... 2 more times between a and b>"},
    {"a name that is a part of another one", "gw-nat:x gw:y gw-nat:x gw:y gw-nat:x gw:y",
     "gw-nat:x gw:y <... 2 more times between gw-nat and gw>"},
    {"visits of several lines", "a:x a:y b:z a:x a:y b:z a:x a:y b:z a:x a:y b:z",
     "a:x a:y b:z <... 3 more times between a and b>"},
};

static void ways_are_folded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *folded = fold(CASES[i].way);
        if (strcmp(folded, CASES[i].folded) != 0)
            fail_msg("%s: expected '%s', found '%s'", CASES[i].name, CASES[i].folded, folded);
        free(folded);
    }
}

static void sentences_are_filled(void **state)
{
    (void)state;
    const struct diag_word words[] = {{"a", "one"}, {"ab", "two"}, {NULL, NULL}};
    char *text = diag_fill("{ab} and {a}{a}", words);
    assert_string_equal(text, "two and oneone");
    free(text);
}

static void codes_are_found(void **state)
{
    (void)state;
    enum diag_code code;
    for (unsigned i = 0; i < DIAG_CODE_COUNT; i++) {
        assert_true(diag_code_find(diag_code_row((enum diag_code)i)->code, &code));
        assert_int_equal(code, i);
    }
    assert_false(diag_code_find("no-such-code", &code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_are_folded),
        cmocka_unit_test(sentences_are_filled),
        cmocka_unit_test(codes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
