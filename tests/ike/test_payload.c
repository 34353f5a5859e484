/* Payloads of a fixed shape and identities: RFC 7296 3.4, 3.5, 3.8 to 3.11. */
#include "tests/test.h"

#include "ipsec/ike/id.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/sa_payload.h"
#include "ipsec/ike/ts.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"

/* What each payload type is read with, so that one table serves for all. */
static enum ike_wire_status read_any(const struct ike_payload *p)
{
    struct ike_ke_payload ke;
    struct ike_auth_payload auth;
    struct ike_nonce_payload nonce;
    struct ike_notify_payload notify;
    struct ike_delete_payload deletion;
    struct ike_id id;
    struct ike_proposals proposals;
    struct ike_ts_list list;
    switch ((enum ike_payload_type)p->type) {
    case IKE_PAYLOAD_KE:
        return ike_ke_read(&ke, p);
    case IKE_PAYLOAD_AUTH:
        return ike_auth_read(&auth, p);
    case IKE_PAYLOAD_NONCE:
        return ike_nonce_read(&nonce, p);
    case IKE_PAYLOAD_NOTIFY:
        return ike_notify_read(&notify, p);
    case IKE_PAYLOAD_DELETE:
        return ike_delete_read(&deletion, p);
    case IKE_PAYLOAD_IDI:
    case IKE_PAYLOAD_IDR:
        return ike_id_read(&id, p);
    case IKE_PAYLOAD_SA:
        return ike_proposals_read(&proposals, p);
    case IKE_PAYLOAD_TSI:
    case IKE_PAYLOAD_TSR:
        return ike_ts_read(&list, p);
    case IKE_PAYLOAD_NONE:
    case IKE_PAYLOAD_CERT:
    case IKE_PAYLOAD_CERTREQ:
    case IKE_PAYLOAD_VENDOR:
    case IKE_PAYLOAD_SK:
    case IKE_PAYLOAD_CP:
    case IKE_PAYLOAD_EAP:
    case IKE_PAYLOAD_SKF:
    default:
        return IKE_WIRE_OK;
    }
}

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t type;
        const char *body;
        enum ike_wire_status expected;
    } CASES[] = {
        {"KE of one octet", IKE_PAYLOAD_KE, "0013000001", IKE_WIRE_OK},
        {"KE without data", IKE_PAYLOAD_KE, "00130000", IKE_WIRE_SYNTAX},
        {"KE cut in the header", IKE_PAYLOAD_KE, "001300", IKE_WIRE_SYNTAX},
        {"KE empty", IKE_PAYLOAD_KE, "", IKE_WIRE_SYNTAX},
        {"AUTH without data", IKE_PAYLOAD_AUTH, "02000000", IKE_WIRE_OK},
        {"AUTH, reserved set", IKE_PAYLOAD_AUTH, "02ffffff00", IKE_WIRE_OK},
        {"AUTH cut", IKE_PAYLOAD_AUTH, "020000", IKE_WIRE_SYNTAX},
        {"nonce of 15", IKE_PAYLOAD_NONCE, "000102030405060708090a0b0c0d0e", IKE_WIRE_SYNTAX},
        {"nonce of 16", IKE_PAYLOAD_NONCE, "000102030405060708090a0b0c0d0e0f", IKE_WIRE_OK},
        {"notify", IKE_PAYLOAD_NOTIFY, "00004000", IKE_WIRE_OK},
        {"notify, unknown protocol", IKE_PAYLOAD_NOTIFY, "63004000", IKE_WIRE_OK},
        {"notify with SPI", IKE_PAYLOAD_NOTIFY, "03044009c1c2c3c4", IKE_WIRE_OK},
        {"notify with half an SPI", IKE_PAYLOAD_NOTIFY, "03044009c1c2", IKE_WIRE_SYNTAX},
        {"notify with an SPI of 255", IKE_PAYLOAD_NOTIFY, "03ff4009c1c2c3c4", IKE_WIRE_SYNTAX},
        {"notify cut", IKE_PAYLOAD_NOTIFY, "000040", IKE_WIRE_SYNTAX},
        {"delete IKE", IKE_PAYLOAD_DELETE, "01000000", IKE_WIRE_OK},
        {"delete IKE with an SPI", IKE_PAYLOAD_DELETE, "010800010102030405060708", IKE_WIRE_SYNTAX},
        {"delete IKE, octets behind", IKE_PAYLOAD_DELETE, "0100000000", IKE_WIRE_SYNTAX},
        {"delete two ESP", IKE_PAYLOAD_DELETE, "03040002c1c2c3c4d1d2d3d4", IKE_WIRE_OK},
        {"delete no ESP", IKE_PAYLOAD_DELETE, "03040000", IKE_WIRE_OK},
        {"delete AH", IKE_PAYLOAD_DELETE, "02040001c1c2c3c4", IKE_WIRE_OK},
        {"delete ESP, one SPI missing", IKE_PAYLOAD_DELETE, "03040002c1c2c3c4", IKE_WIRE_SYNTAX},
        {"delete ESP, one too many", IKE_PAYLOAD_DELETE, "03040001c1c2c3c4d1d2d3d4",
         IKE_WIRE_SYNTAX},
        {"delete ESP, 65535 SPIs", IKE_PAYLOAD_DELETE, "0304ffffc1c2c3c4", IKE_WIRE_SYNTAX},
        {"delete ESP, SPIs of 0", IKE_PAYLOAD_DELETE, "03000002", IKE_WIRE_SYNTAX},
        {"delete ESP, SPIs of 8", IKE_PAYLOAD_DELETE, "030800010102030405060708", IKE_WIRE_SYNTAX},
        {"delete protocol 0", IKE_PAYLOAD_DELETE, "00000000", IKE_WIRE_SYNTAX},
        {"delete protocol 4", IKE_PAYLOAD_DELETE, "04040001c1c2c3c4", IKE_WIRE_SYNTAX},
        {"ID of IPv4", IKE_PAYLOAD_IDI, "01000000cb00710a", IKE_WIRE_OK},
        {"ID of IPv4, 3 octets", IKE_PAYLOAD_IDI, "01000000cb0071", IKE_WIRE_SYNTAX},
        {"ID of IPv4, 5 octets", IKE_PAYLOAD_IDI, "01000000cb00710a00", IKE_WIRE_SYNTAX},
        {"ID of IPv6, 15 octets", IKE_PAYLOAD_IDR, "05000000000102030405060708090a0b0c0d0e",
         IKE_WIRE_SYNTAX},
        {"ID of IPv6", IKE_PAYLOAD_IDR, "05000000000102030405060708090a0b0c0d0e0f", IKE_WIRE_OK},
        {"ID without data", IKE_PAYLOAD_IDR, "02000000", IKE_WIRE_SYNTAX},
        {"ID cut", IKE_PAYLOAD_IDR, "020000", IKE_WIRE_SYNTAX},
        {"ID of an unknown type", IKE_PAYLOAD_IDR, "c8000000ff", IKE_WIRE_OK},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint8_t bytes[64];
        size_t size = sample_unhex(CASES[i].body, bytes, sizeof(bytes));
        uint8_t *exact = malloc(size);
        memcpy(exact, bytes, size);
        struct ike_payload payload = {.type = CASES[i].type, .size = (uint16_t)size, .body = exact};
        enum ike_wire_status status = read_any(&payload);
        free(exact);
        if (status != CASES[i].expected)
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
    }
}

static void nonce_of_257(void **state)
{
    (void)state;
    uint8_t bytes[257] = {0};
    struct ike_nonce_payload nonce = {.size = 99};
    struct ike_payload payload = {.type = IKE_PAYLOAD_NONCE, .size = 257, .body = bytes};
    assert_int_equal(ike_nonce_read(&nonce, &payload), IKE_WIRE_SYNTAX);
    assert_int_equal(nonce.size, 99);
    payload.size = 256;
    assert_int_equal(ike_nonce_read(&nonce, &payload), IKE_WIRE_OK);
    assert_int_equal(nonce.size, 256);
}

static struct ike_message parse_sample(const char *name, uint8_t *bytes)
{
    struct ike_message m = {.count = 0};
    size_t size = sample_build_plain(sample_named(name), bytes, SAMPLE_SIZE_MAX);
    assert_int_equal(ike_message_parse(&m, bytes, size), IKE_WIRE_OK);
    return m;
}

static void notifies(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_notify_payload notify;
    uint32_t spi = 0;
    uint16_t group = 0;
    struct ike_message m = parse_sample("child-rekey", bytes);
    assert_true(ike_message_notify(&m, IKE_NOTIFY_REKEY_SA, &notify));
    assert_int_equal(notify.protocol, IKE_PROTOCOL_ESP);
    assert_true(ike_notify_spi(&notify, &spi));
    assert_int_equal(spi, 0xc1c2c3c4);
    assert_false(ike_message_notify(&m, IKE_NOTIFY_COOKIE, &notify));
    assert_false(ike_message_error(&m, &notify));
    m = parse_sample("init-invalid-ke", bytes);
    assert_true(ike_message_error(&m, &notify));
    assert_int_equal(notify.type, IKE_NOTIFY_INVALID_KE_PAYLOAD);
    assert_true(ike_notify_u16(&notify, &group));
    assert_int_equal(group, 21);
    assert_false(ike_notify_u32(&notify, &spi));
    assert_false(ike_notify_spi(&notify, &spi));
}

/* REKEY_SA with protocol 0 or 1, with an SPI of another size, with SPI zero: no SA is meant. */
static void notify_spi_cases(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        uint8_t spi_size;
        uint8_t spi[8];
        bool expected;
    } CASES[] = {
        {IKE_PROTOCOL_ESP, 4, {1, 2, 3, 4}, true},
        {IKE_PROTOCOL_AH, 4, {1, 2, 3, 4}, true},
        {IKE_PROTOCOL_NONE, 4, {1, 2, 3, 4}, false},
        {IKE_PROTOCOL_IKE, 4, {1, 2, 3, 4}, false},
        {IKE_PROTOCOL_ESP, 0, {0}, false},
        {IKE_PROTOCOL_ESP, 8, {1, 2, 3, 4}, false},
        {IKE_PROTOCOL_ESP, 3, {1, 2, 3}, false},
        {IKE_PROTOCOL_ESP, 4, {0}, false},
        {255, 4, {1, 2, 3, 4}, false},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint32_t spi = 0;
        struct ike_notify_payload notify = {
            .protocol = CASES[i].protocol, .spi_size = CASES[i].spi_size, .spi = CASES[i].spi};
        assert_int_equal(ike_notify_spi(&notify, &spi), CASES[i].expected);
        assert_int_equal(spi, CASES[i].expected ? 0x01020304 : 0);
    }
}

static void deletes(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_delete_payload deletion;
    struct ike_message m = parse_sample("delete-children", bytes);
    assert_int_equal(ike_delete_read(&deletion, &m.payloads[0]), IKE_WIRE_OK);
    assert_int_equal(deletion.count, 2);
    assert_int_equal(ike_delete_spi(&deletion, 0), 0xc1c2c3c4);
    assert_int_equal(ike_delete_spi(&deletion, 1), 0xd1d2d3d4);
    m = parse_sample("delete-ike", bytes);
    assert_int_equal(ike_delete_read(&deletion, &m.payloads[0]), IKE_WIRE_OK);
    assert_int_equal(deletion.protocol, IKE_PROTOCOL_IKE);
    assert_int_equal(deletion.count, 0);
}

static void identities(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t type;
        uint8_t size;
        const char *printed;
    } CASES[] = {
        {"203.0.113.10", IKE_ID_IPV4_ADDR, 4, "203.0.113.10"},
        {"2001:db8::1", IKE_ID_IPV6_ADDR, 16, "2001:db8::1"},
        {"gw.example", IKE_ID_FQDN, 10, "gw.example"},
        {"@gw.example", IKE_ID_FQDN, 10, "gw.example"},
        {"@203.0.113.10", IKE_ID_FQDN, 12, "203.0.113.10"},
        {"gw@example", IKE_ID_RFC822_ADDR, 10, "gw@example"},
        {"@#C0ffee", IKE_ID_KEY_ID, 3, "c0ffee"},
        {"txl gw", IKE_ID_FQDN, 6, "txl\\x20gw"},
    };
    static const char *const REFUSED[] = {"", "@", "@#", "@#c", "@#zz"};
    char text[IKE_ID_TEXT_MAX];
    struct ike_id id;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_true(ike_id_parse(&id, CASES[i].text));
        assert_int_equal(id.type, CASES[i].type);
        assert_int_equal(id.size, CASES[i].size);
        assert_string_equal(ike_id_format(&id, text), CASES[i].printed);
    }
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
        assert_false(ike_id_parse(&id, REFUSED[i]));
}

static void longest_identity(void **state)
{
    (void)state;
    uint8_t body[4 + IKE_ID_SIZE_MAX + 1] = {IKE_ID_KEY_ID};
    char text[IKE_ID_TEXT_MAX];
    struct ike_id id;
    struct ike_payload payload = {.type = IKE_PAYLOAD_IDI, .size = sizeof(body), .body = body};
    assert_int_equal(ike_id_read(&id, &payload), IKE_WIRE_LIMIT);
    payload.size--;
    memset(body + 4, 0xff, IKE_ID_SIZE_MAX);
    for (unsigned type = 0; type < 256; type++) {
        body[0] = (uint8_t)type;
        if (ike_id_read(&id, &payload) == IKE_WIRE_OK)
            assert_true(strlen(ike_id_format(&id, text)) < IKE_ID_TEXT_MAX);
    }
}

static void identity_body(void **state)
{
    (void)state;
    uint8_t body[4 + IKE_ID_SIZE_MAX];
    static const uint8_t EXPECTED[] = {1, 0, 0, 0, 203, 0, 113, 10};
    struct ike_id id;
    struct ike_id other;
    memset(body, 0xa5, sizeof(body));
    assert_true(ike_id_parse(&id, "203.0.113.10"));
    assert_int_equal(ike_id_body(&id, body), sizeof(EXPECTED));
    assert_memory_equal(body, EXPECTED, sizeof(EXPECTED));
    assert_true(ike_id_parse(&other, "203.0.113.11"));
    assert_false(ike_id_equal(&id, &other));
    assert_true(ike_id_equal(&id, &id));
}

static void take_mutant(uint8_t *bytes, size_t size, void *context)
{
    const struct ike_payload *original = context;
    struct ike_payload payload = *original;
    payload.body = bytes;
    payload.size = (uint16_t)size;
    (void)read_any(&payload);
}

static void mutants(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        uint8_t bytes[SAMPLE_SIZE_MAX];
        struct ike_message m = parse_sample(SAMPLES[i].name, bytes);
        for (size_t p = 0; p < m.count; p++) {
            assert_int_equal(read_any(&m.payloads[p]), IKE_WIRE_OK);
            mutate_all(m.payloads[p].body, m.payloads[p].size, take_mutant, &m.payloads[p]);
        }
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(ike_exchange_name(34), "IKE_SA_INIT");
    assert_string_equal(ike_notify_name(14), "NO_PROPOSAL_CHOSEN");
    assert_string_equal(ike_notify_name(16430), "IKEV2_FRAGMENTATION_SUPPORTED");
    assert_string_equal(ike_payload_name(46), "Encrypted and Authenticated");
    assert_string_equal(ike_payload_notation(44), "TSi");
    assert_string_equal(ike_protocol_name(3), "ESP");
    assert_string_equal(ike_transform_type_name(4), "DH");
    assert_string_equal(ike_id_type_name(2), "FQDN");
    assert_string_equal(ike_auth_method_name(2), "PSK");
    assert_null(ike_exchange_name(0));
    assert_null(ike_notify_name(0));
    assert_null(ike_payload_name(1));
    assert_int_equal(ike_wire_status_notify(IKE_WIRE_UNKNOWN_CRITICAL),
                     IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD);
    assert_int_equal(ike_wire_status_notify(IKE_WIRE_MAJOR_VERSION),
                     IKE_NOTIFY_INVALID_MAJOR_VERSION);
    assert_int_equal(ike_wire_status_notify(IKE_WIRE_SYNTAX), IKE_NOTIFY_INVALID_SYNTAX);
    assert_int_equal(ike_wire_status_notify(IKE_WIRE_NO_PROPOSAL), IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    assert_int_equal(ike_wire_status_notify(IKE_WIRE_TS_UNACCEPTABLE), IKE_NOTIFY_TS_UNACCEPTABLE);
    assert_int_equal(ike_wire_status_class(IKE_WIRE_INTEGRITY), IKE_WIRE_CLASS_DROP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),           cmocka_unit_test(nonce_of_257),
        cmocka_unit_test(notifies),         cmocka_unit_test(notify_spi_cases),
        cmocka_unit_test(deletes),          cmocka_unit_test(identities),
        cmocka_unit_test(longest_identity), cmocka_unit_test(identity_body),
        cmocka_unit_test(mutants),          cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
