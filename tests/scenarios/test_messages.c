/* What is said of wrong files, and where: the tables of cases_*.c, limits of the product, hints. */
#include "tests/test.h"

#include "base/mem.h"
#include "scenarios/read.h"
#include "sim/journal.h"
#include "tests/scenarios/small.h"

#include <stdlib.h>

#define SMALL "tests/scenarios/data/small.yaml"

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = base_alloc(20000);
    assert_non_null(file);
    size_t size = fread(text, 1, 19999, file);
    assert_true(size > 0 && size < 19999);
    fclose(file);
    return text;
}

/* The small scenario with the first `find` replaced. */
static char *edited(const char *find, const char *with)
{
    char *text = slurp(SMALL);
    char *at = strstr(text, find);
    if (!at)
        fail_msg("'%s' is not in " SMALL, find);
    char *result = base_printf("%.*s%s%s", (int)(at - text), text, with, at + strlen(find));
    free(text);
    return result;
}

static char *all_texts(const struct base_diagnostics *problems)
{
    char *all = base_strdup("");
    for (size_t i = 0; i < problems->count; i++) {
        const struct base_diagnostic *item = &problems->items[i];
        char *longer = base_printf("%s%d:%d %s %s\n", all, item->where.line, item->where.column,
                                   item->code, item->text);
        assert_string_equal(item->where.file, "small.yaml");
        free(all);
        all = longer;
    }
    return all;
}

static void run_table(const struct small_case *cases, size_t count, bool refused)
{
    for (size_t i = 0; i < count; i++) {
        char *text = edited(cases[i].find, cases[i].with);
        struct base_diagnostics problems;
        base_diagnostics_init(&problems);
        struct scn_scenario *scenario =
            scn_read_text("small.yaml", text, strlen(text), NULL, &problems);
        char *said = all_texts(&problems);
        if (strcmp(said, cases[i].expected) != 0)
            fail_msg("%s: expected\n%sbut was told\n%s", cases[i].what, cases[i].expected, said);
        if ((scenario == NULL) != refused || (problems.error_count > 0) != refused)
            fail_msg("%s: %s", cases[i].what, refused ? "not refused" : "refused");
        scn_scenario_free(scenario);
        base_diagnostics_fini(&problems);
        free(said);
        free(text);
    }
}

static void test_model(void **state)
{
    (void)state;
    run_table(small_model, small_model_count, true);
}

static void test_steps(void **state)
{
    (void)state;
    run_table(small_steps, small_steps_count, true);
}

static void test_warnings(void **state)
{
    (void)state;
    run_table(small_warnings, small_warnings_count, false);
}

/* The one problem of the small scenario after an edit, as a user sees it; "" for none. */
static char *told(const char *find, const char *with)
{
    char *text = edited(find, with);
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    scn_scenario_free(scn_read_text("small.yaml", text, strlen(text), NULL, &problems));
    assert_true(problems.count <= 1);
    char *said = problems.count ? base_diagnostic_format(&problems.items[0]) : base_strdup("");
    base_diagnostics_fini(&problems);
    free(text);
    return said;
}

static void expect_told(const char *find, const char *with, const char *expected)
{
    char *said = told(find, with);
    assert_string_equal(said, expected);
    free(said);
}

static void test_hints(void **state)
{
    (void)state;
    expect_told("ike: {}", "ike: {lifetme: 3600}",
                "small.yaml:15:17: error: unknown key 'lifetme' in ike; did you mean 'lifetime'? "
                "[unknown-key]");
    expect_told("ike: {}", "ike: {<<: {lifetime: 3600}}",
                "small.yaml:15:17: error: unknown key '<<' in ike; merge keys have no meaning "
                "here: write the keys out, or lay the file over a `base` [unknown-key]");
    expect_told("ike: {}\n", "ike: {\n",
                "small.yaml:17:11: error: not YAML: did not find expected ',' or '}' while parsing "
                "a flow mapping that begins at 15:16 [not-yaml]");
    expect_told("name: a\n", "name: a\n      tier: GOLD\n",
                "small.yaml:9:13: error: tier: 'GOLD' is not a tier of the product; one of "
                "STANDARD, STANDARD_HA, ENHANCED, ENHANCED_HA, PREMIUM, PREMIUM_HA [bad-value]");
    expect_told("psk: {key: 0123456789abcdef0123456789abcdef}", "psk: null",
                "small.yaml:14:17: error: auth needs 'psk'; the API never tells the key; write "
                "psk: {key: \"...\"} with the one that was set [missing-key]");
    expect_told(", routes: {10.0.2.0/24: 10.0.1.5}", "",
                "small.yaml:6:7: warning: a1 has no route to 10.0.2.0/24 via its VPN gateway "
                "10.0.1.5; routes are not pushed; on a1: ip route add 10.0.2.0/24 via 10.0.1.5 "
                "[missing-host-route]");
}

/* What a capture point is told where a connection of a-gw was not read. */
static void expect_point(const char *point, const char *expected)
{
    static const char at[] = "at: internet, ";
    char *text = edited("ipv4CIDR: 10.0.1.5/24", "ipv4CIDR: 10.0.1.5");
    char *found = strstr(text, at);
    char *with =
        base_printf("%.*sat: \"%s\", %s", (int)(found - text), text, point, found + strlen(at));
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    scn_scenario_free(scn_read_text("small.yaml", with, strlen(with), NULL, &problems));
    char *said = all_texts(&problems);
    char *whole = base_printf("10:44 bad-value ipv4CIDR: '10.0.1.5' is not an IPv4 address with "
                              "its prefix length\n%s",
                              expected);
    assert_string_equal(said, whole);
    free(whole);
    free(said);
    base_diagnostics_fini(&problems);
    free(with);
    free(text);
}

static void test_follow_ups(void **state)
{
    (void)state;
    expect_point("a-gw:lan1", "");
    expect_point("a-gw:lan2", "39:19 unknown-name at: no capture point is called 'a-gw:lan2'\n");
    expect_point("b-gw:lan2", "39:19 unknown-name at: no capture point is called 'b-gw:lan2'\n");
}

/* Far from every word: the answer is the list, and it is whole. */
static void test_reasons(void **state)
{
    (void)state;
    char *said = told("- capture: {at: internet, filter: icmp, count: 0}",
                      "- drops: {on: a-gw, reason: xyzzy}");
    for (int i = SIM_REASON_NONE + 1; i < SIM_REASON_COUNT; i++)
        assert_non_null(strstr(said, sim_reason_word((enum sim_reason)i)));
    assert_null(strstr(said, "..."));
    free(said);
}

/* `count` times `piece`, between the two. */
static char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    size_t size = strlen(piece);
    char *text = base_alloc(strlen(before) + count * size + strlen(after) + 1);
    char *at = mempcpy(text, before, strlen(before));
    for (size_t i = 0; i < count; i++)
        at = mempcpy(at, piece, size);
    memcpy(at, after, strlen(after) + 1);
    return text;
}

static void expect_repeated(const char *find, const char *before, const char *piece, size_t count,
                            const char *after, const char *expected)
{
    char *with = repeated(before, piece, count, after);
    expect_told(find, with, expected);
    free(with);
}

/* The last value that is taken and the first that is not. */
static void test_limits(void **state)
{
    static const char name[] = "name: a\n", key[] = "0123456789abcdef0123456789abcdef";
    static const char cidrs[] = "cloudNetworkCIDRs: [10.0.1.0/24]";
    (void)state;
    expect_repeated(name, "name: ", "n", 255, "\n", "");
    expect_repeated(name, "name: ", "n", 256, "\n",
                    "small.yaml:8:13: error: name: 256 characters are too many (at most 255) "
                    "[too-long]");
    expect_repeated(name, "name: a\n      description: ", "\xc3\xbc", 1024, "\n", "");
    expect_repeated(name, "name: a\n      description: ", "d", 1025, "\n",
                    "small.yaml:9:20: error: description: 1025 characters are too many (at most "
                    "1024) [too-long]");
    expect_repeated(key, "", "k", 31, "",
                    "small.yaml:14:42: error: key: the pre-shared key has 31 characters, the "
                    "product asks for 32; make one with: openssl rand -base64 48 [psk-too-short]");
    expect_repeated(key, "", "\xc3\xbc", 31, "",
                    "small.yaml:14:42: error: key: the pre-shared key has 31 characters, the "
                    "product asks for 32; make one with: openssl rand -base64 48 [psk-too-short]");
    expect_repeated(cidrs, "cloudNetworkCIDRs: [10.0.1.0/24", ", 10.0.1.0/24", 19, "]", "");
    expect_repeated(cidrs, "cloudNetworkCIDRs: [10.0.1.0/24", ", 10.0.1.0/24", 20, "]",
                    "small.yaml:17:30: error: cloudNetworkCIDRs: 21 entries are too many (at most "
                    "20); the product allows no more [too-many]");
    expect_told("ike: {}", "ike: {lifetime: 3600}", "");
    expect_told("esp: {}", "esp: {lifetime: 86400}", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),      cmocka_unit_test(test_steps),
        cmocka_unit_test(test_warnings),   cmocka_unit_test(test_hints),
        cmocka_unit_test(test_follow_ups), cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
