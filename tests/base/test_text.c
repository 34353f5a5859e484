/* Values as people write them. */
#include "tests/test.h"

#include "base/text.h"

struct duration_case {
    const char *text;
    bool ok;
    base_ns value;
};

static const struct duration_case durations[] = {
    {"0", true, 0},
    {"0s", true, 0},
    {"7ns", true, 7},
    {"250us", true, 250 * BASE_US},
    {"250 us", true, 250 * BASE_US},
    {"12ms", true, 12 * BASE_MS},
    {"0.1ms", true, 100 * BASE_US},
    {"4s", true, 4 * BASE_S},
    {"3m", true, 180 * BASE_S},
    {"1h", true, 3600 * BASE_S},
    {"1.5h", true, 5400 * BASE_S},
    {"1h 30m", true, 5400 * BASE_S},
    {"1h30m", true, 5400 * BASE_S},
    {"2d", true, 172800 * BASE_S},
    {" 4s ", true, 4 * BASE_S},
    {"106751d", true, 86400 * BASE_S * 106751},
    {"106752d", false, 0},
    {"99999999999999999999s", false, 0},
    {"9000000000s 9000000000s", false, 0},
    {"4", false, 0},
    {"s", false, 0},
    {"", false, 0},
    {"-4s", false, 0},
    {"4 seconds", false, 0},
    {"4S", false, 0},
    {"4s x", false, 0},
    {"1.5ns", false, 0},
    {"1.s", false, 0},
    {".5s", false, 0},
    {"1..5s", false, 0},
    {"nan", false, 0},
};

static void test_durations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        const struct duration_case *c = &durations[i];
        base_ns value = -5;
        bool ok = base_text_duration(c->text, &value);
        if (ok != c->ok || value != (c->ok ? c->value : -5))
            fail_msg("'%s': %d %lld", c->text, ok, (long long)value);
    }
}

static void test_duration_format(void **state)
{
    static const struct {
        base_ns value;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {1500 * BASE_US, "1500us"},
        {12 * BASE_MS, "12ms"},
        {90 * BASE_S, "90s"},
        {3600 * BASE_S, "1h"},
        {86400 * BASE_S, "1d"},
        {1, "1ns"},
        {-4 * BASE_S, "-4s"},
        {INT64_MAX, "9223372036854775807ns"},
        {INT64_MIN, "-9223372036854775808ns"},
    };
    char out[BASE_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(base_format_duration(cases[i].value, out), cases[i].text);
}

/* iputils' ping prints so. */
static void test_milliseconds(void **state)
{
    char out[BASE_TEXT_MAX];
    (void)state;
    assert_string_equal(base_format_milliseconds(456 * BASE_US, out), "0.456 ms");
    assert_string_equal(base_format_milliseconds(1340 * BASE_US, out), "1.34 ms");
    assert_string_equal(base_format_milliseconds(24312 * BASE_US, out), "24.3 ms");
    assert_string_equal(base_format_milliseconds(123456 * BASE_US, out), "123 ms");
}

static void test_rates(void **state)
{
    uint64_t rate = 5;
    char out[BASE_TEXT_MAX];
    (void)state;
    assert_true(base_text_rate("10Mbit", &rate));
    assert_int_equal(rate, 10000000);
    assert_string_equal(base_format_rate(rate, out), "10Mbit");
    assert_true(base_text_rate("1.5kbit/s", &rate));
    assert_int_equal(rate, 1500);
    assert_string_equal(base_format_rate(rate, out), "1500bit");
    assert_true(base_text_rate("1 Gbps", &rate));
    assert_int_equal(rate, 1000000000);
    assert_false(base_text_rate("0kbit", &rate));
    assert_false(base_text_rate("10MB", &rate));
    assert_false(base_text_rate("10", &rate));
    assert_int_equal(rate, 1000000000);
}

static void test_percents(void **state)
{
    double share = 7;
    char out[BASE_TEXT_MAX];
    (void)state;
    assert_true(base_text_percent("0.5%", &share));
    assert_true(share == 0.005);
    assert_string_equal(base_format_percent(share, out), "0.5%");
    assert_true(base_text_percent("100 %", &share));
    assert_true(share == 1);
    assert_true(base_text_percent("0", &share));
    assert_true(share == 0);
    static const char *const bad[] = {"100.1%", "101%", "5",   "-1%", "nan%", "NaN",
                                      "inf%",   "%",    "5%%", "",    "1e1%", "5% loss"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (base_text_percent(bad[i], &share))
            fail_msg("taken: '%s'", bad[i]);
}

static void test_bytes(void **state)
{
    uint64_t size = 5;
    (void)state;
    assert_true(base_text_bytes("64KiB", &size));
    assert_int_equal(size, 65536);
    assert_true(base_text_bytes("1500 bytes", &size));
    assert_int_equal(size, 1500);
    assert_true(base_text_bytes("1.5kB", &size));
    assert_int_equal(size, 1500);
    assert_false(base_text_bytes("1.5B", &size));
    assert_false(base_text_bytes("64", &size));
    assert_false(base_text_bytes("99999999999999MiB", &size));
}

static void test_unsigned(void **state)
{
    uint64_t value = 5;
    (void)state;
    assert_true(base_text_unsigned("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_true(base_text_unsigned(" 7 ", 7, &value));
    assert_int_equal(value, 7);
    assert_false(base_text_unsigned("8", 7, &value));
    assert_false(base_text_unsigned("18446744073709551616", UINT64_MAX, &value));
    assert_false(base_text_unsigned("0x10", 100, &value));
    assert_false(base_text_unsigned("-1", 100, &value));
    assert_false(base_text_unsigned("", 100, &value));
    assert_int_equal(value, 7);
}

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        int64_t low, high;
        const char *again;
    } cases[] = {
        {"3", 3, 3, "3"},
        {"== 3", 3, 3, "3"},
        {"= 3", 3, 3, "3"},
        {">= 3", 3, INT64_MAX, ">= 3"},
        {"> 3", 4, INT64_MAX, ">= 4"},
        {"<3", 0, 2, "<= 2"},
        {"<= 3", 0, 3, "<= 3"},
        {"2..5", 2, 5, "2..5"},
        {"2 .. 5", 2, 5, "2..5"},
        {"0", 0, 0, "0"},
    };
    static const char *const bad[] = {"",    "many", "< 0", "5..2", "..5", "2..",
                                      "=>3", ">",    "1.5", "-1",   "3ms", "2..3..4"};
    struct base_comparison c;
    char out[BASE_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(base_text_comparison(cases[i].text, BASE_UNIT_COUNT, &c));
        assert_true(c.low == cases[i].low);
        assert_true(c.high == cases[i].high);
        assert_string_equal(base_format_comparison(&c, BASE_UNIT_COUNT, out), cases[i].again);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (base_text_comparison(bad[i], BASE_UNIT_COUNT, &c))
            fail_msg("taken: '%s'", bad[i]);
}

static void test_duration_comparisons(void **state)
{
    struct base_comparison c;
    char out[BASE_TEXT_MAX];
    (void)state;
    assert_true(base_text_comparison("< 40ms", BASE_UNIT_DURATION, &c));
    assert_true(base_comparison_holds(&c, 40 * BASE_MS - 1));
    assert_false(base_comparison_holds(&c, 40 * BASE_MS));
    assert_string_equal(base_format_comparison(&c, BASE_UNIT_DURATION, out), "< 40ms");
    assert_true(base_text_comparison("10ms..1s", BASE_UNIT_DURATION, &c));
    assert_true(base_comparison_holds(&c, 10 * BASE_MS));
    assert_true(base_comparison_holds(&c, BASE_S));
    assert_string_equal(base_format_comparison(&c, BASE_UNIT_DURATION, out), "10ms..1s");
    assert_false(base_text_comparison("40", BASE_UNIT_DURATION, &c));
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"lifetime", NULL, "diffieHellmanGroup", "at", "lan"};
    (void)state;
    assert_string_equal(base_text_nearest("lifetme", words, 5), "lifetime");
    assert_string_equal(base_text_nearest("lifteime", words, 5), "lifetime");
    assert_string_equal(base_text_nearest("Lifetime", words, 5), "lifetime");
    assert_string_equal(base_text_nearest("diffieHelmanGroup", words, 5), "diffieHellmanGroup");
    assert_string_equal(base_text_nearest("lans", words, 5), "lan");
    assert_null(base_text_nearest("colour", words, 5));
    assert_null(base_text_nearest("x", words, 5));
    assert_null(base_text_nearest("", words, 5));
    char long_word[200];
    memset(long_word, 'a', sizeof(long_word));
    long_word[199] = '\0';
    assert_null(base_text_nearest(long_word, words, 5));
}

static void test_length(void **state)
{
    (void)state;
    assert_int_equal(base_text_length("abc"), 3);
    assert_int_equal(base_text_length("Gr\xc3\xbc\xc3\x9f"), 4);
    assert_int_equal(base_text_length(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_duration_format),
        cmocka_unit_test(test_milliseconds),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_percents),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_unsigned),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_duration_comparisons),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
