/* ICMP against an echo and its reply as two Linux 6.1 machines exchanged them, and ping's words. */
#include "tests/net/flips.h"

#include "net/icmp.h"

/* From the ICMP header on: iputils, 56 bytes, identifier 0x0304, sequence 1. */
static const uint8_t ECHO[] = {
    0x08, 0x00, 0xb5, 0xbd, 0x03, 0x04, 0x00, 0x01, 0x09, 0x1f, 0x04, 0x6b, 0x00, 0x00, 0x00, 0x00,
    0x6e, 0xe0, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
    0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
    0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37};

static bool parse(const uint8_t *data, size_t size)
{
    struct net_icmp out;
    return net_icmp_read(&out, data, size);
}

static void test_echo(void **state)
{
    (void)state;
    struct net_icmp icmp;
    uint8_t again[sizeof(ECHO)];
    assert_true(net_icmp_read(&icmp, ECHO, sizeof(ECHO)));
    assert_int_equal(icmp.type, NET_ICMP_ECHO);
    assert_int_equal(icmp.id, 0x0304);
    assert_int_equal(icmp.sequence, 1);
    memset(again, 0xa5, NET_ICMP_SIZE);
    memcpy(again + NET_ICMP_SIZE, ECHO + NET_ICMP_SIZE, sizeof(ECHO) - NET_ICMP_SIZE);
    net_icmp_write(&icmp, again, sizeof(ECHO) - NET_ICMP_SIZE);
    assert_memory_equal(again, ECHO, sizeof(ECHO));
}

static void test_reply_in_place(void **state)
{
    (void)state;
    uint8_t data[sizeof(ECHO)];
    memcpy(data, ECHO, sizeof(ECHO));
    net_icmp_echo_to_reply(data);
    /* The reply that came: type 0 and checksum bdbd, all else the same. */
    static const uint8_t start[] = {0x00, 0x00, 0xbd, 0xbd};
    assert_memory_equal(data, start, sizeof(start));
    assert_memory_equal(data + 4, ECHO + 4, sizeof(ECHO) - 4);
    assert_true(parse(data, sizeof(data)));
}

static void test_damage_is_found(void **state)
{
    (void)state;
    assert_int_equal(count_flips(parse, ECHO, sizeof(ECHO)), 0);
    assert_int_equal(count_truncations(parse, ECHO, sizeof(ECHO)), 0);
}

static void test_error_carries_the_mtu(void **state)
{
    (void)state;
    uint8_t data[NET_ICMP_SIZE + 28];
    memset(data, 0xa5, sizeof(data));
    struct net_icmp out, in = {.type = NET_ICMP_UNREACHABLE,
                               .code = NET_ICMP_FRAGMENTATION_NEEDED,
                               .id = 7,
                               .mtu = 1346};
    net_icmp_write(&in, data, 28);
    assert_true(net_icmp_read(&out, data, sizeof(data)));
    assert_int_equal(out.mtu, 1346);
    assert_int_equal(data[4] | data[5], 0);
    assert_true(net_icmp_type_is_error(out.type));
    assert_false(net_icmp_type_is_error(NET_ICMP_ECHO_REPLY));
}

static void test_redirect_carries_the_next_hop(void **state)
{
    (void)state;
    /* Captured from Linux: 192.168.1.1 to 192.168.1.11, for 192.168.2.11 by 192.168.1.2. */
    static const uint8_t START[] = {0x05, 0x01, 0x39, 0x54, 0xc0, 0xa8, 0x01, 0x02};
    uint8_t data[NET_ICMP_SIZE + 28];
    memset(data, 0xa5, sizeof(data));
    struct net_icmp out, in = {.type = NET_ICMP_REDIRECT,
                               .code = NET_ICMP_REDIRECT_HOST,
                               .mtu = 1346,
                               .gateway = NET_IP4(192, 168, 1, 2)};
    net_icmp_write(&in, data, 28);
    assert_true(net_icmp_read(&out, data, sizeof(data)));
    assert_int_equal(out.gateway, NET_IP4(192, 168, 1, 2));
    assert_int_equal(out.mtu, 0);
    assert_memory_equal(data + 4, START + 4, 4);
    assert_memory_equal(data, START, 2);
}

static void test_words_of_redirects(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "Redirect Network(New nexthop: 192.168.1.2)",
        "Redirect Host(New nexthop: 192.168.1.2)",
        "Redirect Type of Service and Network(New nexthop: 192.168.1.2)",
        "Redirect Type of Service and Host(New nexthop: 192.168.1.2)",
        "Redirect, Bad Code: 4(New nexthop: 192.168.1.2)",
    };
    for (uint8_t code = 0; code < 5; code++) {
        char text[NET_ICMP_TEXT_MAX];
        net_icmp_redirect_text(code, NET_IP4(192, 168, 1, 2), text);
        assert_string_equal(text, TEXTS[code]);
    }
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        uint8_t type, code;
        const char *text;
    } cases[] = {
        {3, 0, "Destination Net Unreachable"},
        {3, 1, "Destination Host Unreachable"},
        {3, 3, "Destination Port Unreachable"},
        {3, 4, "Frag needed and DF set (mtu = 1346)"},
        {3, 13, "Packet filtered"},
        {3, 16, "Dest Unreachable, Bad Code: 16"},
        {11, 0, "Time to live exceeded"},
        {11, 1, "Frag reassembly time exceeded"},
        {11, 2, "Time exceeded, Bad Code: 2"},
        {12, 0, "Parameter problem"},
        {5, 1, "Redirect Host"},
        {42, 0, "Bad ICMP type: 42"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[NET_ICMP_TEXT_MAX];
        net_icmp_error_text(cases[i].type, cases[i].code, 1346, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_reply_in_place),
        cmocka_unit_test(test_damage_is_found),
        cmocka_unit_test(test_error_carries_the_mtu),
        cmocka_unit_test(test_redirect_carries_the_next_hop),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_words_of_redirects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
