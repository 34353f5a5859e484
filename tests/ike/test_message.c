/* Header and payload chain: RFC 7296 2.5, 3.1, 3.2; and the builder's patching. */
#include "tests/test.h"

#include "ipsec/ike/payload.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"

#define SPI_I UINT64_C(0x0102030405060708)
#define SPI_R UINT64_C(0x1112131415161718)

static const struct ike_header HEADER = {.spi_i = SPI_I,
                                         .spi_r = SPI_R,
                                         .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                         .flags = IKE_FLAG_INITIATOR,
                                         .message_id = 0x01020304};

/* A message with one payload of each number of body octets given. */
static size_t build(uint8_t *out, size_t capacity, const uint8_t *types, size_t count)
{
    struct ike_builder b;
    memset(out, 0xa5, capacity);
    ike_builder_init(&b, out, capacity, &HEADER);
    for (size_t i = 0; i < count; i++)
        ike_builder_raw(&b, types[i], "abcdefgh", i % 9);
    return ike_builder_finish(&b);
}

static void header_bytes(void **state)
{
    (void)state;
    uint8_t out[64];
    static const uint8_t EXPECTED[] = {
        1,  2,    3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 41,   0x20,
        37, 0x08, 1, 2, 3, 4, 0, 0, 0,    36,   0,    0,    0,    8,    0,    0,    0x40, 0x00};
    struct ike_builder b;
    memset(out, 0xa5, sizeof(out));
    ike_builder_init(&b, out, sizeof(out), &HEADER);
    ike_write_notify(&b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
    assert_int_equal(ike_builder_finish(&b), sizeof(EXPECTED));
    assert_memory_equal(out, EXPECTED, sizeof(EXPECTED));
    assert_int_equal(out[sizeof(EXPECTED)], 0xa5);
}

static void header_fields(void **state)
{
    (void)state;
    uint8_t out[64];
    struct ike_header h;
    size_t size = build(out, sizeof(out), NULL, 0);
    assert_int_equal(size, IKE_HEADER_SIZE);
    assert_int_equal(ike_header_read(&h, out, size), IKE_WIRE_OK);
    assert_true(h.spi_i == SPI_I && h.spi_r == SPI_R);
    assert_int_equal(h.message_id, 0x01020304);
    assert_true(ike_header_from_initiator(&h));
    assert_false(ike_header_is_response(&h));
}

static void header_cases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t at;
        uint8_t value;
        enum ike_wire_status expected;
    } CASES[] = {
        {"version 1.0", 17, 0x10, IKE_WIRE_MAJOR_VERSION},
        {"version 3.0", 17, 0x30, IKE_WIRE_MAJOR_VERSION},
        {"version 15.15", 17, 0xff, IKE_WIRE_MAJOR_VERSION},
        {"version 0.0", 17, 0x00, IKE_WIRE_MAJOR_VERSION},
        {"version 2.1", 17, 0x21, IKE_WIRE_OK},
        {"version 2.15", 17, 0x2f, IKE_WIRE_OK},
        {"reserved flags", 19, 0xc7 | IKE_FLAG_INITIATOR, IKE_WIRE_OK},
        {"version flag", 19, IKE_FLAG_VERSION, IKE_WIRE_OK},
        {"length one more", 27, 29, IKE_WIRE_LENGTH},
        {"length one less", 27, 27, IKE_WIRE_LENGTH},
        {"length 0", 27, 0, IKE_WIRE_LENGTH},
        {"length huge", 24, 0xff, IKE_WIRE_LENGTH},
        {"exchange 33", 18, 33, IKE_WIRE_EXCHANGE},
        {"exchange 2 of IKEv1", 18, 2, IKE_WIRE_EXCHANGE},
        {"exchange 255", 18, 255, IKE_WIRE_EXCHANGE},
        {"exchange 34", 18, 34, IKE_WIRE_OK},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint8_t out[64];
        struct ike_message m;
        size_t size = build(out, sizeof(out), NULL, 0);
        out[CASES[i].at] = CASES[i].value;
        enum ike_wire_status status = ike_message_parse(&m, out, size);
        if (status != CASES[i].expected)
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
        assert_true(m.header.spi_i == SPI_I);
    }
}

static void zero_initiator_spi(void **state)
{
    (void)state;
    uint8_t out[64];
    struct ike_header h;
    size_t size = build(out, sizeof(out), NULL, 0);
    memset(out, 0, IKE_SPI_SIZE);
    assert_int_equal(ike_header_read(&h, out, size), IKE_WIRE_SPI);
}

static void short_datagrams_leave_out_untouched(void **state)
{
    (void)state;
    uint8_t out[64];
    struct ike_header h;
    struct ike_header before;
    (void)build(out, sizeof(out), NULL, 0);
    memset(&h, 0xa5, sizeof(h));
    memset(&before, 0xa5, sizeof(before));
    for (size_t size = 0; size < IKE_HEADER_SIZE; size++)
        assert_int_equal(ike_header_read(&h, out, size), IKE_WIRE_SHORT);
    assert_memory_equal(&h, &before, sizeof(h));
}

static void chain_in_any_order(void **state)
{
    (void)state;
    uint8_t out[256];
    const uint8_t types[] = {IKE_PAYLOAD_NONCE, IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_KE,
                             IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_SA};
    struct ike_message m;
    size_t size = build(out, sizeof(out), types, sizeof(types));
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(m.count, sizeof(types));
    for (size_t i = 0; i < sizeof(types); i++) {
        assert_int_equal(m.payloads[i].type, types[i]);
        assert_int_equal(m.payloads[i].size, i);
        assert_memory_equal(m.payloads[i].body, "abcdefgh", i);
    }
    const struct ike_payload *first = ike_message_find(&m, IKE_PAYLOAD_NOTIFY);
    assert_ptr_equal(first, &m.payloads[1]);
    assert_ptr_equal(ike_message_find_next(&m, first), &m.payloads[3]);
    assert_null(ike_message_find_next(&m, &m.payloads[3]));
    assert_null(ike_message_find(&m, IKE_PAYLOAD_AUTH));
    assert_int_equal(ike_message_count(&m, IKE_PAYLOAD_NOTIFY), 2);
}

/*
 * Payload types 1, 32, 49, 255 with the critical bit off and on, as the IPv6 Ready suite has them.
 */
static void unknown_payloads(void **state)
{
    (void)state;
    static const uint8_t UNKNOWN[] = {1, 13, 32, 49, 52, 54, 128, 255};
    for (size_t i = 0; i < sizeof(UNKNOWN); i++) {
        for (int critical = 0; critical < 2; critical++) {
            uint8_t out[256];
            struct ike_builder b;
            struct ike_message m;
            ike_builder_init(&b, out, sizeof(out), &HEADER);
            ike_write_notify(&b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
            base_write_u32(critical ? ike_builder_payload_critical(&b, UNKNOWN[i])
                                    : ike_builder_payload(&b, UNKNOWN[i]),
                           7);
            ike_write_delete_ike(&b);
            size_t size = ike_builder_finish(&b);
            assert_int_equal(ike_message_parse(&m, out, size),
                             critical ? IKE_WIRE_UNKNOWN_CRITICAL : IKE_WIRE_OK);
            assert_int_equal(m.unknown_critical, critical ? UNKNOWN[i] : 0);
            assert_int_equal(m.count, 2);
            assert_int_equal(m.seen, 3);
            assert_int_equal(m.payloads[1].type, IKE_PAYLOAD_DELETE);
        }
    }
}

static void critical_bit_is_ignored_in_known_payloads(void **state)
{
    (void)state;
    uint8_t out[64];
    struct ike_builder b;
    struct ike_message m;
    ike_builder_init(&b, out, sizeof(out), &HEADER);
    base_write_u32(ike_builder_payload_critical(&b, IKE_PAYLOAD_DELETE), 0x01000000);
    size_t size = ike_builder_finish(&b);
    assert_int_equal(out[IKE_HEADER_SIZE + 1], 0x80);
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    out[IKE_HEADER_SIZE + 1] = 0x7f; /* reserved bits */
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(m.count, 1);
}

static void chain_cases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t first;
        const char *chain;
        enum ike_wire_status expected;
    } CASES[] = {
        {"empty", 0, "", IKE_WIRE_OK},
        {"one empty payload", 43, "00000004", IKE_WIRE_OK},
        {"no room for a payload header", 43, "000000", IKE_WIRE_SYNTAX},
        {"next payload named but absent", 43, "29000004", IKE_WIRE_SYNTAX},
        {"payload length 0", 43, "00000000", IKE_WIRE_SYNTAX},
        {"payload length 3", 43, "00000003", IKE_WIRE_SYNTAX},
        {"payload longer than the message", 43, "00000005", IKE_WIRE_SYNTAX},
        {"payload length 65535", 43, "0000ffff00000000", IKE_WIRE_SYNTAX},
        {"octets behind the last payload", 43, "0000000400", IKE_WIRE_SYNTAX},
        {"octets without any payload", 0, "00", IKE_WIRE_SYNTAX},
        {"encrypted payload last", 46, "2900000600aa", IKE_WIRE_OK},
        {"payload behind the encrypted one", 46,
         "2900000529"
         "0000000400",
         IKE_WIRE_SYNTAX},
        {"fragment last", 53, "2900000800010002", IKE_WIRE_OK},
        {"unknown critical, then broken", 49,
         "2b800004"
         "00000003",
         IKE_WIRE_SYNTAX},
        {"two unknown critical", 49,
         "32800004"
         "00800004",
         IKE_WIRE_UNKNOWN_CRITICAL},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint8_t out[128];
        struct ike_message m;
        size_t size = build(out, sizeof(out), NULL, 0);
        size += sample_unhex(CASES[i].chain, out + size, sizeof(out) - size);
        out[16] = CASES[i].first;
        out[27] = (uint8_t)size;
        enum ike_wire_status status = ike_message_parse(&m, out, size);
        if (status != CASES[i].expected)
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
        if (status == IKE_WIRE_UNKNOWN_CRITICAL)
            assert_int_equal(m.unknown_critical, 49); /* the first of them */
    }
}

/* Exactly the maximum number of payloads, one less, one more; unknown ones count. */
static void number_of_payloads(void **state)
{
    (void)state;
    for (size_t count = IKE_MESSAGE_PAYLOADS_MAX - 1; count <= IKE_MESSAGE_PAYLOADS_MAX + 1;
         count++) {
        uint8_t out[2048];
        uint8_t types[IKE_MESSAGE_PAYLOADS_MAX + 1];
        struct ike_message m;
        for (size_t i = 0; i < count; i++)
            types[i] = i % 2 ? 200 : IKE_PAYLOAD_VENDOR;
        size_t size = build(out, sizeof(out), types, count);
        assert_int_equal(ike_message_parse(&m, out, size),
                         count > IKE_MESSAGE_PAYLOADS_MAX ? IKE_WIRE_LIMIT : IKE_WIRE_OK);
    }
}

static void inner_chain(void **state)
{
    (void)state;
    uint8_t out[64];
    uint8_t inner[] = {IKE_PAYLOAD_VENDOR, 0, 0, 8, 0, 0, 0x40, 0, 0, 0, 0, 4};
    struct ike_message m;
    size_t size = build(out, sizeof(out), (const uint8_t[]){IKE_PAYLOAD_SK}, 1);
    out[IKE_HEADER_SIZE] = IKE_PAYLOAD_NOTIFY;
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(m.payloads[0].next, IKE_PAYLOAD_NOTIFY);
    assert_int_equal(ike_message_parse_inner(&m, m.payloads[0].next, inner, sizeof(inner)),
                     IKE_WIRE_OK);
    assert_int_equal(m.count, 3);
    assert_int_equal(m.payloads[1].type, IKE_PAYLOAD_NOTIFY);
    assert_int_equal(m.payloads[2].type, IKE_PAYLOAD_VENDOR);
    inner[0] = IKE_PAYLOAD_SK;
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(ike_message_parse_inner(&m, IKE_PAYLOAD_NOTIFY, inner, sizeof(inner)),
                     IKE_WIRE_SYNTAX);
}

static void rules(void **state)
{
    (void)state;
    static const struct ike_payload_rule RULES[] = {
        {IKE_PAYLOAD_SA, 1, 1}, {IKE_PAYLOAD_NONCE, 1, 1}, {IKE_PAYLOAD_KE, 0, 1}};
    uint8_t out[256];
    uint8_t type = 0;
    struct ike_message m;
    size_t size =
        build(out, sizeof(out), (const uint8_t[]){IKE_PAYLOAD_NONCE, IKE_PAYLOAD_SA, 43, 43}, 4);
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(ike_message_check(&m, RULES, 3, &type), IKE_WIRE_OK);
    size = build(out, sizeof(out), (const uint8_t[]){IKE_PAYLOAD_SA}, 1);
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(ike_message_check(&m, RULES, 3, &type), IKE_WIRE_MISSING);
    assert_int_equal(type, IKE_PAYLOAD_NONCE);
    size = build(
        out, sizeof(out),
        (const uint8_t[]){IKE_PAYLOAD_KE, IKE_PAYLOAD_NONCE, IKE_PAYLOAD_KE, IKE_PAYLOAD_SA}, 4);
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(ike_message_check(&m, RULES, 3, &type), IKE_WIRE_REPEATED);
    assert_int_equal(type, IKE_PAYLOAD_KE);
}

/* Every capacity below the need fails at the end, and nothing is written past it. */
static void builder_without_room(void **state)
{
    (void)state;
    uint8_t whole[SAMPLE_SIZE_MAX];
    size_t need = sample_build_plain(&SAMPLES[0], whole, sizeof(whole));
    assert_true(need > 0);
    for (size_t capacity = 0; capacity < need; capacity++) {
        // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): a block of no octets is meant
        uint8_t *out = malloc(capacity);
        assert_int_equal(sample_build_plain(&SAMPLES[0], out, capacity), 0);
        free(out);
    }
}

static void payload_of_65536_octets_is_refused(void **state)
{
    (void)state;
    size_t capacity = 70000;
    uint8_t *out = calloc(capacity, 1);
    struct ike_builder b;
    struct ike_message m;
    ike_builder_init(&b, out, capacity, &HEADER);
    base_write_zeros(ike_builder_payload(&b, IKE_PAYLOAD_VENDOR), 65536 - 4);
    assert_int_equal(ike_builder_finish(&b), 0);
    ike_builder_init(&b, out, capacity, &HEADER);
    base_write_zeros(ike_builder_payload(&b, IKE_PAYLOAD_VENDOR), 65535 - 4);
    size_t size = ike_builder_finish(&b);
    assert_int_equal(size, IKE_HEADER_SIZE + 65535);
    assert_int_equal(ike_message_parse(&m, out, size), IKE_WIRE_OK);
    assert_int_equal(m.payloads[0].size, 65535 - 4);
    free(out);
}

/*
 * Bodies lie inside the datagram, whatever it holds; a parse that succeeds covers it to the last
 * octet.
 */
static void take_mutant(uint8_t *bytes, size_t size, void *context)
{
    struct ike_message m;
    size_t *accepted = context;
    enum ike_wire_status status = ike_message_parse(&m, bytes, size);
    if (status == IKE_WIRE_SHORT)
        return;
    for (size_t i = 0; i < m.count; i++) {
        assert_true(m.payloads[i].body >= bytes + IKE_HEADER_SIZE + IKE_PAYLOAD_HEADER_SIZE);
        assert_true(m.payloads[i].body + m.payloads[i].size <= bytes + size);
    }
    if (status == IKE_WIRE_OK && m.count == m.seen) {
        size_t total = IKE_HEADER_SIZE;
        for (size_t i = 0; i < m.count; i++)
            total += IKE_PAYLOAD_HEADER_SIZE + (size_t)m.payloads[i].size;
        assert_int_equal(total, size);
    }
    *accepted += status == IKE_WIRE_OK;
}

static void mutants(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        uint8_t bytes[SAMPLE_SIZE_MAX];
        size_t accepted = 0;
        size_t size = sample_build_plain(&SAMPLES[i], bytes, sizeof(bytes));
        assert_true(size > 0);
        mutate_all(bytes, size, take_mutant, &accepted);
        assert_true(accepted > 0); /* flips in bodies, in the SPIs */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_bytes),
        cmocka_unit_test(header_fields),
        cmocka_unit_test(header_cases),
        cmocka_unit_test(zero_initiator_spi),
        cmocka_unit_test(short_datagrams_leave_out_untouched),
        cmocka_unit_test(chain_in_any_order),
        cmocka_unit_test(unknown_payloads),
        cmocka_unit_test(critical_bit_is_ignored_in_known_payloads),
        cmocka_unit_test(chain_cases),
        cmocka_unit_test(number_of_payloads),
        cmocka_unit_test(inner_chain),
        cmocka_unit_test(rules),
        cmocka_unit_test(builder_without_room),
        cmocka_unit_test(payload_of_65536_octets_is_refused),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
