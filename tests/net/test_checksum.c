/* The internet checksum against RFC 1071's example, a naive sum, and RFC 1624's. */
#include "tests/test.h"

#include "base/rng.h"
#include "net/checksum.h"
#include "net/ipv4.h"

/* RFC 1071, section 4.1's loop, on bytes. */
static uint16_t naive(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i += 2) {
        sum += (uint32_t)(data[i] << 8 | (i + 1 < size ? data[i + 1] : 0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void test_rfc1071_example(void **state)
{
    (void)state;
    /* Section 3: the sum of 0001 f203 f4f5 f6f7 is ddf2. */
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    assert_int_equal(net_checksum(bytes, sizeof(bytes)), (uint16_t)~0xddf2);
}

static void test_every_size_and_alignment(void **state)
{
    (void)state;
    uint8_t bytes[300];
    struct base_rng rng;
    base_rng_init(&rng, 1, "test/checksum");
    base_rng_fill(&rng, bytes, sizeof(bytes));
    for (size_t at = 0; at < 16; at++)
        for (size_t size = 0; at + size <= sizeof(bytes); size++)
            assert_int_equal(net_checksum(bytes + at, size), naive(bytes + at, size));
}

static void test_all_ones_do_not_overflow(void **state)
{
    (void)state;
    static uint8_t bytes[65536];
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(net_checksum(bytes, sizeof(bytes)), 0);
    uint64_t sum = UINT64_MAX;
    for (int i = 0; i < 100; i++)
        sum = net_checksum_add(sum, bytes, sizeof(bytes));
    assert_int_equal(net_checksum_finish(sum), 0);
}

static void test_stretches_add_up(void **state)
{
    (void)state;
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t cut = 0; cut <= sizeof(bytes); cut += 2) {
        uint64_t sum = net_checksum_add(0, bytes, cut);
        sum = net_checksum_add(sum, bytes + cut, sizeof(bytes) - cut);
        assert_int_equal(net_checksum_finish(sum), naive(bytes, sizeof(bytes)));
    }
}

static void test_update_equals_computing_anew(void **state)
{
    (void)state;
    uint8_t bytes[20] = {0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1, 0, 0, 192, 168, 1, 11};
    for (uint32_t value = 0; value <= 0xffff; value += 7) {
        uint16_t before = net_checksum(bytes, sizeof(bytes));
        uint16_t old = (uint16_t)(bytes[4] << 8 | bytes[5]);
        bytes[4] = (uint8_t)(value >> 8);
        bytes[5] = (uint8_t)value;
        assert_int_equal(net_checksum_update(before, old, (uint16_t)value),
                         net_checksum(bytes, sizeof(bytes)));
    }
}

static void test_ttl_decrement_keeps_the_header_good(void **state)
{
    (void)state;
    for (uint32_t id = 0; id <= 0xffff; id += 3) {
        uint8_t packet[20];
        struct net_ipv4 header = {.total_size = 20, .id = (uint16_t)id, .ttl = 255, .protocol = 1};
        net_ipv4_write(&header, packet);
        for (int ttl = 255; ttl > 0; ttl -= 5) {
            packet[8] = (uint8_t)ttl;
            net_ipv4_seal(packet);
            net_ipv4_decrement_ttl(packet);
            assert_int_equal(packet[8], ttl - 1);
            assert_int_equal(naive(packet, 20), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc1071_example),
        cmocka_unit_test(test_every_size_and_alignment),
        cmocka_unit_test(test_all_ones_do_not_overflow),
        cmocka_unit_test(test_stretches_add_up),
        cmocka_unit_test(test_update_equals_computing_anew),
        cmocka_unit_test(test_ttl_decrement_keeps_the_header_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
