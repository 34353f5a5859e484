/* Addresses: text both ways, order, private networks. */
#include "tests/test.h"

#include "net/addr.h"

static void test_ip4_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        net_ip4 ip;
    } good[] = {
        {"0.0.0.0", 0},
        {"255.255.255.255", NET_IP4_BROADCAST},
        {"192.168.1.5", 0xc0a80105},
        {"10.100.0.9", 0x0a640009},
        {"203.0.113.10", NET_IP4(203, 0, 113, 10)},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        net_ip4 ip = 0xa5a5a5a5;
        char text[NET_IP4_TEXT_MAX];
        assert_true(net_ip4_parse(good[i].text, &ip));
        assert_int_equal(ip, good[i].ip);
        assert_string_equal(net_ip4_format(ip, text), good[i].text);
    }
}

static void test_bad_text_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "1.2.3",  "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1.2.3.4 ",  " 1.2.3.4",
        "a.b.c.d", "1..2.3", "0x1.2.3.4", "2001:db8:", ":::",      "1.2.3.4/24"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct net_addr addr = {.family = 0xa5};
        assert_false(net_addr_parse(bad[i], &addr));
        assert_int_equal(addr.family, 0xa5);
    }
}

static void test_ip6_text(void **state)
{
    (void)state;
    struct net_addr addr;
    char text[NET_ADDR_TEXT_MAX];
    assert_true(net_addr_parse("2001:0db8:0:0:0:0:0:1", &addr));
    assert_int_equal(addr.family, NET_ADDR_IP6);
    assert_int_equal(net_addr_size(&addr), 16);
    assert_string_equal(net_addr_format(&addr, text), "2001:db8::1");
    assert_int_equal(net_addr_ip4(&addr), 0);
}

static void test_none(void **state)
{
    (void)state;
    struct net_addr none = {0};
    char text[NET_ADDR_TEXT_MAX];
    assert_int_equal(net_addr_size(&none), 0);
    assert_string_equal(net_addr_format(&none, text), "none");
}

static void test_order(void **state)
{
    (void)state;
    struct net_addr low = net_addr_from_ip4(NET_IP4(9, 255, 255, 255));
    struct net_addr high = net_addr_from_ip4(NET_IP4(10, 0, 0, 0));
    struct net_addr six;
    assert_true(net_addr_parse("::", &six));
    assert_true(net_addr_compare(&low, &high) < 0);
    assert_true(net_addr_compare(&high, &low) > 0);
    assert_true(net_addr_compare(&high, &six) < 0);
    assert_int_equal(net_addr_compare(&high, &high), 0);
    assert_true(net_addr_equal(&six, &six));
    assert_false(net_addr_equal(&low, &high));
}

static void test_private_and_special(void **state)
{
    (void)state;
    assert_true(net_ip4_is_private(NET_IP4(172, 16, 0, 0)));
    assert_true(net_ip4_is_private(NET_IP4(172, 31, 255, 255)));
    assert_false(net_ip4_is_private(NET_IP4(172, 32, 0, 0)));
    assert_false(net_ip4_is_private(NET_IP4(172, 15, 255, 255)));
    assert_true(net_ip4_is_private(NET_IP4(10, 1, 2, 3)));
    assert_true(net_ip4_is_private(NET_IP4(192, 168, 9, 9)));
    assert_false(net_ip4_is_private(NET_IP4(192, 169, 0, 0)));
    assert_true(net_ip4_is_multicast(NET_IP4(239, 0, 0, 1)));
    assert_false(net_ip4_is_multicast(NET_IP4(240, 0, 0, 1)));
    assert_true(net_ip4_is_loopback(NET_IP4(127, 9, 9, 9)));
}

static void test_mac_text(void **state)
{
    (void)state;
    char text[NET_MAC_TEXT_MAX];
    static const uint8_t mac[] = {0x02, 0x74, 0x62, 0x00, 0xff, 0x0a};
    assert_string_equal(net_mac_format(mac, text), "02:74:62:00:ff:0a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip4_text), cmocka_unit_test(test_bad_text_changes_nothing),
        cmocka_unit_test(test_ip6_text), cmocka_unit_test(test_none),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_private_and_special),
        cmocka_unit_test(test_mac_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
