/* Networks: text, containment, and ranges as lists of prefixes. */
#include "tests/test.h"

#include "net/prefix.h"

static struct net_prefix parsed(const char *text)
{
    struct net_prefix prefix;
    assert_true(net_prefix_parse(text, NET_PREFIX_KEEP, &prefix));
    return prefix;
}

static void test_host_bits_kept_or_masked(void **state)
{
    (void)state;
    struct net_prefix prefix;
    char text[NET_PREFIX_TEXT_MAX];
    assert_true(net_prefix_parse("192.168.1.100/24", NET_PREFIX_MASK, &prefix));
    assert_string_equal(net_prefix_format(&prefix, text), "192.168.1.0/24");
    assert_false(net_prefix_has_host_bits(&prefix));
    assert_true(net_prefix_parse("192.168.1.100/24", NET_PREFIX_KEEP, &prefix));
    assert_string_equal(net_prefix_format(&prefix, text), "192.168.1.100/24");
    assert_true(net_prefix_has_host_bits(&prefix));
    assert_true(net_prefix_parse("2001:db8:1:2::9/33", NET_PREFIX_MASK, &prefix));
    assert_string_equal(net_prefix_format(&prefix, text), "2001:db8::/33");
}

static void test_without_slash_is_one_address(void **state)
{
    (void)state;
    assert_int_equal(parsed("10.0.0.1").length, 32);
    assert_int_equal(parsed("::1").length, 128);
    assert_int_equal(parsed("0.0.0.0/0").length, 0);
}

static void test_bad_text(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/8x",
        "10.0.0/8",
        "10.0.0.0//8",
        "10.0.0.0/+8",
        "::/129",
        "/24",
        "10.0.0.0/ 8",
        "10.0.0.0/1000",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/8"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct net_prefix prefix = {.length = 0xa5};
        assert_false(net_prefix_parse(bad[i], NET_PREFIX_MASK, &prefix));
        assert_int_equal(prefix.length, 0xa5);
    }
}

static void test_contains(void **state)
{
    (void)state;
    static const struct {
        const char *outer, *inner;
        bool covers, overlaps;
    } cases[] = {
        {"192.168.1.0/24", "192.168.1.255", true, true},
        {"192.168.1.0/24", "192.168.2.0", false, false},
        {"192.168.0.0/23", "192.168.1.0/24", true, true},
        {"192.168.1.0/24", "192.168.0.0/23", false, true},
        {"0.0.0.0/0", "255.255.255.255", true, true},
        {"0.0.0.0/0", "::/0", false, false},
        {"10.0.0.0/9", "10.128.0.0/9", false, false},
        {"2001:db8::/33", "2001:db8:7fff::1", true, true},
        {"2001:db8::/33", "2001:db8:8000::1", false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct net_prefix outer = parsed(cases[i].outer), inner = parsed(cases[i].inner);
        assert_int_equal(net_prefix_covers(&outer, &inner), cases[i].covers);
        assert_int_equal(net_prefix_overlaps(&outer, &inner), cases[i].overlaps);
        assert_int_equal(net_prefix_overlaps(&inner, &outer), cases[i].overlaps);
    }
}

static void test_equal_ignores_host_bits(void **state)
{
    (void)state;
    struct net_prefix a = parsed("192.168.1.5/24"), b = parsed("192.168.1.0/24");
    struct net_prefix c = parsed("192.168.1.0/25");
    assert_true(net_prefix_equal(&a, &b));
    assert_false(net_prefix_equal(&b, &c));
}

static void test_first_and_last(void **state)
{
    (void)state;
    struct net_prefix prefix = parsed("172.16.5.77/20");
    struct net_addr first = net_prefix_first(&prefix), last = net_prefix_last(&prefix);
    assert_int_equal(net_addr_ip4(&first), NET_IP4(172, 16, 0, 0));
    assert_int_equal(net_addr_ip4(&last), NET_IP4(172, 16, 15, 255));
    assert_int_equal(net_ip4_mask(0), 0);
    assert_int_equal(net_ip4_mask(20), 0xfffff000);
    assert_true(net_ip4_in(NET_IP4(172, 16, 15, 1), NET_IP4(172, 16, 0, 0), 20));
}

static void range_is(const char *first_text, const char *last_text, const char *expected)
{
    struct net_prefix first = parsed(first_text), last = parsed(last_text), list[64];
    char all[1024] = "", text[NET_PREFIX_TEXT_MAX];
    size_t count = net_prefix_from_range(&first.addr, &last.addr, list, 64);
    for (size_t i = 0, at = 0; i < count && i < 64; i++)
        at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s", i ? " " : "",
                               net_prefix_format(&list[i], text));
    assert_string_equal(all, expected);
}

static void test_ranges(void **state)
{
    (void)state;
    range_is("192.168.1.0", "192.168.1.255", "192.168.1.0/24");
    range_is("0.0.0.0", "255.255.255.255", "0.0.0.0/0");
    range_is("10.0.0.1", "10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32");
    range_is("255.255.255.254", "255.255.255.255", "255.255.255.254/31");
    range_is("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0");
    struct net_prefix out = {.length = 0xa5}, first = parsed("0.0.0.1"),
                      last = parsed("255.255.255.254");
    assert_int_equal(net_prefix_from_range(&first.addr, &last.addr, &out, 0), 62);
    assert_int_equal(out.length, 0xa5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_bits_kept_or_masked),
        cmocka_unit_test(test_without_slash_is_one_address),
        cmocka_unit_test(test_bad_text),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_equal_ignores_host_bits),
        cmocka_unit_test(test_first_and_last),
        cmocka_unit_test(test_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
