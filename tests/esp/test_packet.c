/* Sealing and opening: the layout on the wire, and every algorithm there and back. */
#include "tests/esp/fixture.h"

#include "base/bytes.h"

static uint32_t be(const uint8_t *bytes, size_t size)
{
    uint32_t value = 0;
    while (size--)
        value = value << 8 | *bytes++;
    return value;
}

/* gateway-reference: an 84-octet echo is 140 on the wire, 8 more in UDP. */
static void layout_of_the_tutorials_packet(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    fixture_load_echo(&f, FIXTURE_ECHO_SIZE);
    assert_int_equal(esp_seal(f.out, 5 * BASE_S, &f.packet), ESP_OK);
    const uint8_t *p = base_buffer_data(&f.packet);
    assert_int_equal(f.packet.size, 140);
    assert_int_equal(p[0], 0x45);
    assert_int_equal(be(p + 2, 2), 140);
    assert_int_equal(be(p + 6, 2), 0);
    assert_int_equal(p[8], 64);
    assert_int_equal(p[9], 50);
    assert_int_equal(net_checksum(p, 20), 0);
    assert_int_equal(be(p + 12, 4), NET_IP4(203, 0, 113, 10));
    assert_int_equal(be(p + 16, 4), NET_IP4(203, 0, 113, 20));
    assert_int_equal(be(p + 20, 4), FIXTURE_SPI);
    assert_int_equal(be(p + 24, 4), 1);
    assert_int_equal(f.packet.memory[f.packet.start - 1], 0xa5);
    assert_int_equal(f.packet.memory[f.packet.start + f.packet.size], 0xa5);
    assert_int_equal(f.out->counters.packets, 1);
    assert_int_equal(f.out->counters.bytes, 84);
    assert_int_equal(f.out->last_used, 5 * BASE_S);
    fixture_fini(&f);
}

static void layout_in_udp(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_IN_UDP);
    fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
    const uint8_t *p = base_buffer_data(&f.packet);
    assert_int_equal(f.packet.size, 148);
    assert_int_equal(p[9], 17);
    assert_int_equal(net_checksum(p, 20), 0);
    assert_int_equal(be(p + 20, 2), 4500);
    assert_int_equal(be(p + 22, 2), 4500);
    assert_int_equal(be(p + 24, 2), 128);
    assert_int_equal(be(p + 26, 2), 0); /* RFC 3948 section 2.1 */
    assert_int_equal(be(p + 28, 4), FIXTURE_SPI);
    struct esp_seen seen;
    assert_int_equal(esp_seen_read(p, f.packet.size, &seen), ESP_OK);
    assert_int_equal(seen.offset, 28);
    assert_int_equal(seen.size, 120);
    assert_int_equal(seen.source_port, 4500);
    assert_int_equal(seen.destination_port, 4500);
    assert_int_equal(esp_open(f.in, 0, &seen, &f.packet), ESP_OK);
    assert_int_equal(f.packet.size, FIXTURE_ECHO_SIZE);
    fixture_fini(&f);
}

/* Each suite, plain and in UDP, with and without ESN, all sizes around the block: back as it was. */
static void every_suite_there_and_back(void **state)
{
    (void)state;
    struct fixture_options options = {.window = 64};
    size_t suites = fixture_suite(SIZE_MAX, &options);
    assert_int_equal(suites, 4 * 4 + 6);
    uint8_t inner[120];
    for (size_t s = 0; s < suites * 4; s++) {
        fixture_suite(s / 4, &options);
        options.esn = s & 1;
        options.encapsulated = s & 2;
        struct fixture f;
        fixture_init(&f, &options);
        for (size_t size = 28; size < 28 + 34; size++) {
            fixture_echo(inner, size, 0, true);
            fixture_load(&f, inner, size);
            assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
            assert_int_equal(f.packet.size, esp_sa_outer_size(f.out, (uint32_t)size));
            assert_int_equal(fixture_open(&f, 9), ESP_OK);
            assert_int_equal(f.packet.size, size);
            assert_memory_equal(base_buffer_data(&f.packet), inner, size);
        }
        assert_int_equal(f.in->counters.packets, 34);
        assert_int_equal(f.in->last_used, 9);
        assert_int_equal(f.in->replay.top, 34);
        fixture_fini(&f);
    }
}

static void ipv6_inside(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_GCM);
    uint8_t inner[60] = {0x6b, 0x80, 0, 0, 0, 20, 17, 64}; /* traffic class 0xb8, EF */
    fixture_load(&f, inner, sizeof(inner));
    assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
    const uint8_t *p = base_buffer_data(&f.packet);
    assert_int_equal(p[1], 0xb8);
    assert_int_equal(be(p + 6, 2), 0x4000); /* DF: nobody fragments IPv6 on the way */
    assert_int_equal(fixture_open(&f, 0), ESP_OK);
    assert_int_equal(f.packet.size, sizeof(inner));
    assert_memory_equal(base_buffer_data(&f.packet), inner, sizeof(inner));
    fixture_fini(&f);
}

/* DF is copied; the identification is 0 with it and counts without, as a kernel's ESP shows. */
static void outer_df_and_identification(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    uint8_t inner[FIXTURE_ECHO_SIZE];
    uint32_t ids[3];
    for (int i = 0; i < 3; i++) {
        fixture_echo(inner, sizeof(inner), 0, true);
        fixture_load(&f, inner, sizeof(inner));
        assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
        assert_int_equal(be(base_buffer_data(&f.packet) + 4, 4), 0x00004000);
        fixture_echo(inner, sizeof(inner), 0, false);
        fixture_load(&f, inner, sizeof(inner));
        assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
        ids[i] = be(base_buffer_data(&f.packet) + 4, 2);
        assert_int_equal(be(base_buffer_data(&f.packet) + 6, 2), 0);
        assert_int_equal(net_checksum(base_buffer_data(&f.packet), 20), 0);
    }
    assert_int_equal((ids[0] + 1) & 0xffff, ids[1]);
    assert_int_equal((ids[1] + 1) & 0xffff, ids[2]);
    fixture_fini(&f);
}

/* Counter IVs are never used twice under a key; CBC's cannot be told from the one before. */
static void ivs(void **state)
{
    (void)state;
    static const struct {
        struct fixture_options options;
        size_t size;
    } cases[] = {{{.encr = "AES128-CTR", .integ = "SHA256"}, 8},
                 {{.encr = "AES128-GCM-12"}, 8},
                 {{.encr = "AES128-CCM-12"}, 8},
                 {{.encr = "AES256", .integ = "SHA512"}, 16}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct fixture f;
        fixture_init(&f, &cases[c].options);
        uint8_t seen[64][16];
        for (size_t i = 0; i < 64; i++) {
            fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
            memcpy(seen[i], base_buffer_data(&f.packet) + 28, cases[c].size);
            for (size_t j = 0; j < i; j++)
                assert_memory_not_equal(seen[i], seen[j], cases[c].size);
        }
        fixture_fini(&f);
    }
}

static void equal_seeds_give_equal_bytes(void **state)
{
    (void)state;
    struct fixture_options options = {.encr = "AES128", .integ = "SHA256"};
    uint8_t first[200] = {0};
    for (int round = 0; round < 2; round++) {
        struct fixture f;
        fixture_init(&f, &options);
        fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
        assert_true(f.packet.size <= sizeof(first));
        if (round == 0)
            memcpy(first, base_buffer_data(&f.packet), f.packet.size);
        else
            assert_memory_equal(first, base_buffer_data(&f.packet), f.packet.size);
        fixture_fini(&f);
    }
}

static void the_number_never_cycles(void **state)
{
    (void)state;
    for (int esn = 0; esn < 2; esn++) {
        struct fixture_options options = FIXTURE_TUTORIAL;
        options.esn = esn;
        struct fixture f;
        fixture_init(&f, &options);
        uint64_t last = esn ? UINT64_MAX : UINT32_MAX;
        f.out->sequence = last - 1;
        esp_replay_update(&f.in->replay, last - 1);
        fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
        assert_int_equal(fixture_open(&f, 0), ESP_OK);
        uint8_t before[FIXTURE_ECHO_SIZE];
        memcpy(before, base_buffer_data(&f.packet), sizeof(before));
        assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OUT_SEQUENCE_OVERFLOW);
        assert_int_equal(f.out->sequence, last);
        assert_int_equal(f.packet.size, FIXTURE_ECHO_SIZE);
        assert_memory_equal(before, base_buffer_data(&f.packet), sizeof(before));
        fixture_fini(&f);
    }
}

/* The high word is nowhere on the wire, yet both ends agree on it across its change. */
static void extended_numbers_pass_the_turn(void **state)
{
    (void)state;
    static const char *const encr[] = {"AES128-CTR", "AES128-GCM-16", "AES128", "AES128-CCM-12"};
    for (size_t c = 0; c < 4; c++) {
        struct fixture_options options = {.encr = encr[c], .esn = true, .window = 64};
        options.integ = crypto_encr_named(encr[c])->aead ? NULL : "SHA256";
        struct fixture f;
        fixture_init(&f, &options);
        f.out->sequence = 0xfffffff0;
        esp_replay_update(&f.in->replay, 0xfffffff0);
        for (uint64_t n = 0xfffffff1; n < 0x100000020; n++) {
            fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
            assert_int_equal(be(base_buffer_data(&f.packet) + 24, 4), n & UINT32_MAX);
            assert_int_equal(fixture_open(&f, 0), ESP_OK);
            assert_true(f.in->replay.top == n);
        }
        /* A receiver that took another high word refuses: it is part of what is authenticated. */
        f.in->replay.top += (uint64_t)5 << 32;
        fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
        assert_int_equal(fixture_open(&f, 0), ESP_IN_INTEGRITY);
        fixture_fini(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_of_the_tutorials_packet), cmocka_unit_test(layout_in_udp),
        cmocka_unit_test(every_suite_there_and_back),     cmocka_unit_test(ipv6_inside),
        cmocka_unit_test(outer_df_and_identification),    cmocka_unit_test(ivs),
        cmocka_unit_test(equal_seeds_give_equal_bytes),   cmocka_unit_test(the_number_never_cycles),
        cmocka_unit_test(extended_numbers_pass_the_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
