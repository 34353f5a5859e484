/* What libnet builds, byte by byte; checksums computed by hand or by net/, which libnet does not know. */
#include "tests/test.h"

#include "net/checksum.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "pcap/craft.h"

static const struct cap_craft_ip ip = {
    .source = NET_IP4(203, 0, 113, 20),
    .destination = NET_IP4(203, 0, 113, 10),
    .identification = 0x1234,
    .fragment = 0x4000,
    .ttl = 64,
    .protocol = 99,
};

static const uint8_t payload[] = "0123456789abcdef";

static int set_up(void **state)
{
    *state = cap_craft_new();
    return 0;
}

static int tear_down(void **state)
{
    cap_craft_free(*state);
    return 0;
}

/* One buffer for all, prefilled so that a byte not written shows. */
static uint8_t *buffer(void)
{
    static uint8_t out[CAP_CRAFT_SIZE_MAX];
    memset(out, 0xa5, sizeof(out));
    return out;
}

static void raw(void **state)
{
    static const uint8_t expected[] = {0x45, 0, 0,   24, 0x12, 0x34, 0x40, 0,  64,  99,  0xa4, 0xcf,
                                       203,  0, 113, 20, 203,  0,    113,  10, '0', '1', '2',  '3'};
    uint8_t *out = buffer();
    assert_int_equal(cap_craft_raw(*state, &ip, payload, 4, out), sizeof(expected));
    assert_memory_equal(out, expected, 10);
    assert_memory_equal(out + 12, expected + 12, sizeof(expected) - 12);
    assert_int_equal(net_checksum(out, 20), 0);
    assert_int_equal(out[24], 0xa5);
}

static void raw_without_payload_and_too_large(void **state)
{
    uint8_t *out = buffer();
    assert_int_equal(cap_craft_raw(*state, &ip, NULL, 0, out), 20);
    assert_int_equal(cap_craft_raw(*state, &ip, out, 65516, out), 0);
    static uint8_t large[65515];
    memset(large, 7, sizeof(large));
    assert_int_equal(cap_craft_raw(*state, &ip, large, sizeof(large), out), 65535);
    assert_int_equal(out[65534], 7);
}

static void udp(void **state)
{
    static const uint8_t expected[] = {0x11, 0x94, 0x01, 0xf4, 0, 24};
    struct cap_craft_udp ports = {.source_port = 4500, .destination_port = 500};
    uint8_t *out = buffer();
    assert_int_equal(cap_craft_udp(*state, &ip, &ports, payload, 16, out), 20 + 8 + 16);
    struct net_ipv4 header;
    assert_int_equal(net_ipv4_read(&header, out, 44), NET_IPV4_OK);
    assert_int_equal(header.protocol, NET_IPV4_UDP);
    assert_memory_equal(out + 20, expected, sizeof(expected));
    assert_memory_equal(out + 28, payload, 16);
    assert_true(out[26] || out[27]);
    struct net_udp read;
    assert_true(net_udp_read(&read, out + 20, 24));
    assert_true(net_udp_checksum_ok(&read, out + 20, header.src, header.dst));
    ports.no_checksum = true;
    out = buffer();
    assert_int_equal(cap_craft_udp(*state, &ip, &ports, payload, 16, out), 44);
    assert_int_equal(out[26] | out[27], 0);
}

static void echo(void **state)
{
    struct cap_craft_echo ask = {.type = 8, .identifier = 0x0102, .sequence = 0x0304};
    uint8_t *out = buffer();
    assert_int_equal(cap_craft_echo(*state, &ip, &ask, payload, 5, out), 20 + 8 + 5);
    static const uint8_t head[] = {8, 0};
    static const uint8_t rest[] = {1, 2, 3, 4, '0', '1', '2', '3', '4'};
    assert_int_equal(out[9], 1);
    assert_memory_equal(out + 20, head, 2);
    assert_memory_equal(out + 24, rest, sizeof(rest));
    assert_int_equal(net_checksum(out + 20, 13), 0);
}

static void esp(void **state)
{
    static const uint8_t head[] = {0xc9, 0x74, 0xe0, 0xdd, 0, 0, 1, 2};
    struct cap_craft_esp numbers = {.spi = 0xc974e0dd, .sequence = 258};
    uint8_t *out = buffer();
    assert_int_equal(cap_craft_esp(*state, &ip, &numbers, NULL, payload, 16, out), 20 + 8 + 16);
    assert_int_equal(out[9], 50);
    assert_memory_equal(out + 20, head, 8);
    assert_memory_equal(out + 28, payload, 16);
    assert_int_equal(net_checksum(out, 20), 0);
    struct cap_craft_udp natt = {
        .source_port = 4500, .destination_port = 4500, .no_checksum = true};
    static const uint8_t outer[] = {0x11, 0x94, 0x11, 0x94, 0, 32, 0, 0};
    out = buffer();
    assert_int_equal(cap_craft_esp(*state, &ip, &numbers, &natt, payload, 16, out), 28 + 8 + 16);
    assert_int_equal(out[9], 17);
    assert_memory_equal(out + 20, outer, 8);
    assert_memory_equal(out + 28, head, 8);
    assert_memory_equal(out + 36, payload, 16);
    out = buffer();
    assert_int_equal(cap_craft_esp(*state, &ip, &numbers, NULL, payload, 4, out), 20 + 8 + 4);
    assert_memory_equal(out + 28, payload, 4);
    assert_int_equal(out[32], 0xa5);
}

/* Equal calls give equal bytes: nothing of libnet's own gets in. */
static void repeats(void **state)
{
    struct cap_craft_esp numbers = {.spi = 1, .sequence = 2};
    uint8_t first[100], *out = buffer();
    size_t size = cap_craft_esp(*state, &ip, &numbers, NULL, payload, 16, out);
    memcpy(first, out, size);
    cap_craft_raw(*state, &ip, payload, 3, out);
    assert_int_equal(cap_craft_esp(*state, &ip, &numbers, NULL, payload, 16, out), size);
    assert_memory_equal(out, first, size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(raw, set_up, tear_down),
        cmocka_unit_test_setup_teardown(raw_without_payload_and_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(udp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(echo, set_up, tear_down),
        cmocka_unit_test_setup_teardown(esp, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repeats, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
