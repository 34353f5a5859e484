/* The SA payload's bytes: RFC 7296 3.3. */
#include "tests/test.h"

#include "ipsec/ike/sa_payload.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"

static enum ike_wire_status read_hex(const char *hex, struct ike_proposals *out)
{
    uint8_t bytes[1024];
    size_t size = sample_unhex(hex, bytes, sizeof(bytes));
    uint8_t *exact = malloc(size);
    memcpy(exact, bytes, size);
    struct ike_payload payload = {.type = IKE_PAYLOAD_SA, .size = (uint16_t)size, .body = exact};
    enum ike_wire_status status = ike_proposals_read(out, &payload);
    free(exact);
    return status;
}

#define ENCR_GCM "0300000c 01000014 800e0100"
#define PRF_SHA256 "03000008 02000005"
#define DH_19 "00000008 04000013"

static void one_proposal(void **state)
{
    (void)state;
    struct ike_proposals list;
    uint64_t spi = 0;
    assert_int_equal(
        read_hex("0000002c 01010803 0102030405060708" ENCR_GCM PRF_SHA256 DH_19, &list),
        IKE_WIRE_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.transform_count, 3);
    assert_int_equal(list.proposals[0].protocol, IKE_PROTOCOL_IKE);
    assert_true(ike_proposal_spi(&list.proposals[0], 8, &spi));
    assert_true(spi == UINT64_C(0x0102030405060708));
    assert_false(ike_proposal_spi(&list.proposals[0], 4, &spi));
    assert_int_equal(list.transforms[0].type, IKE_TRANSFORM_ENCR);
    assert_int_equal(list.transforms[0].id, 20);
    assert_int_equal(list.transforms[0].key_bits, 256);
    assert_int_equal(list.transforms[2].id, 19);
    assert_int_equal(list.transforms[2].key_bits, 0);
}

static void cases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex;
        enum ike_wire_status expected;
    } CASES[] = {
        {"nothing", "", IKE_WIRE_SYNTAX},
        {"no transforms", "00000008 01010000", IKE_WIRE_OK},
        {"no number of transforms", "00000007 010100", IKE_WIRE_SYNTAX},
        {"proposal shorter than its header", "00000007 01010000", IKE_WIRE_SYNTAX},
        {"proposal longer than the payload", "00000009 01010000", IKE_WIRE_SYNTAX},
        {"says another follows", "02000008 01010000", IKE_WIRE_SYNTAX},
        {"says last, another follows", "00000008 01010000 00000008 02010000", IKE_WIRE_SYNTAX},
        {"two proposals", "02000008 01010000 00000008 02010000", IKE_WIRE_OK},
        {"two proposals, both 1", "02000008 01010000 00000008 01010000", IKE_WIRE_SYNTAX},
        {"two proposals, 1 and 3", "02000008 01010000 00000008 03010000", IKE_WIRE_SYNTAX},
        {"last substructure 3 for a proposal", "03000008 01010000 00000008 02010000",
         IKE_WIRE_SYNTAX},
        {"more transforms than said", "00000010 01010000" DH_19, IKE_WIRE_SYNTAX},
        {"fewer transforms than said", "00000010 01010002 03000008 04000013", IKE_WIRE_SYNTAX},
        {"said last, more follow", "00000018 01010002" DH_19 DH_19, IKE_WIRE_SYNTAX},
        {"said more, is last", "00000010 01010001" PRF_SHA256, IKE_WIRE_SYNTAX},
        {"transform length 7", "0000000f 01010001 00000007 040000", IKE_WIRE_SYNTAX},
        {"transform length 0", "00000010 01010001 00000000 04000013", IKE_WIRE_SYNTAX},
        {"transform past the proposal", "00000010 01010001 0000000c 04000013", IKE_WIRE_SYNTAX},
        {"attribute cut", "00000012 01010001 0000000a 01000014 800e", IKE_WIRE_SYNTAX},
        {"TLV past the transform", "00000014 01010001 0000000c 01000014 000e0001", IKE_WIRE_SYNTAX},
        {"SPI of 8", "00000010 01010800 0102030405060708", IKE_WIRE_OK},
        {"SPI of 9", "00000011 01010900 010203040506070809", IKE_WIRE_SYNTAX},
        {"SPI of 255, absent", "00000008 0101ff00", IKE_WIRE_SYNTAX},
        {"unknown protocol", "00000008 01c80000", IKE_WIRE_OK},
        {"unknown transform type", "00000010 01010001 00000008 c8000013", IKE_WIRE_OK},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_proposals list;
        enum ike_wire_status status = read_hex(CASES[i].hex, &list);
        if (status != CASES[i].expected)
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
    }
}

/* An attribute that is not understood spoils its transform, not the payload (RFC 7296 3.3.6). */
static void attributes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex;
        uint16_t key_bits;
        bool unknown;
    } CASES[] = {
        {"key length", "00000014 01010001 0000000c 01000014 800e0100", 256, false},
        {"none", "00000010 01010001 00000008 01000014", 0, false},
        {"attribute 13", "00000014 01010001 0000000c 01000014 800d0100", 0, true},
        {"key length in long form", "00000016 01010001 0000000e 01000014 000e0002 0100", 0, true},
        {"empty long form", "00000014 01010001 0000000c 01000014 00630000", 0, true},
        {"key length twice", "00000018 01010001 00000010 01000014 800e0100 800e0080", 256, true},
        {"key length 0", "00000014 01010001 0000000c 01000014 800e0000", 0, true},
        {"key length behind another", "00000018 01010001 00000010 01000014 80010001 800e0080", 128,
         true},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_proposals list;
        if (read_hex(CASES[i].hex, &list) != IKE_WIRE_OK ||
            list.transforms[0].key_bits != CASES[i].key_bits ||
            list.transforms[0].unknown_attribute != CASES[i].unknown)
            fail_msg("%s", CASES[i].name);
    }
}

static size_t build_many(size_t proposals, size_t transforms, struct ike_payload *payload,
                         uint8_t *out, size_t capacity)
{
    size_t at = 0;
    for (size_t p = 0; p < proposals; p++) {
        size_t size = 8 + 8 * transforms;
        assert_true(at + size <= capacity);
        memset(out + at, 0, size);
        out[at] = p + 1 < proposals ? 2 : 0;
        out[at + 2] = (uint8_t)(size >> 8);
        out[at + 3] = (uint8_t)size;
        out[at + 4] = (uint8_t)(p + 1);
        out[at + 5] = 1;
        out[at + 7] = (uint8_t)transforms;
        for (size_t t = 0; t < transforms; t++) {
            out[at + 8 + 8 * t] = t + 1 < transforms ? 3 : 0;
            out[at + 8 + 8 * t + 3] = 8;
        }
        at += size;
    }
    *payload = (struct ike_payload){.type = IKE_PAYLOAD_SA, .size = (uint16_t)at, .body = out};
    return at;
}

static void limits(void **state)
{
    (void)state;
    static uint8_t bytes[8192];
    struct ike_payload payload;
    struct ike_proposals list;
    build_many(IKE_PROPOSALS_MAX, 0, &payload, bytes, sizeof(bytes));
    assert_int_equal(ike_proposals_read(&list, &payload), IKE_WIRE_OK);
    assert_int_equal(list.count, IKE_PROPOSALS_MAX);
    build_many(2, IKE_PROPOSALS_TRANSFORMS_MAX / 2, &payload, bytes, sizeof(bytes));
    assert_int_equal(ike_proposals_read(&list, &payload), IKE_WIRE_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.transform_count, IKE_PROPOSALS_TRANSFORMS_MAX);
}

/* As many as a peer likes (3.3), in a message of some 3,000 octets (section 2): the first ones are looked at. */
static void more_than_there_is_room_for(void **state)
{
    (void)state;
    static uint8_t bytes[8192];
    struct ike_payload payload;
    struct ike_proposals list;
    for (size_t count = IKE_PROPOSALS_MAX + 1; count < 256; count += 74) {
        size_t size = build_many(count, 1, &payload, bytes, sizeof(bytes));
        assert_int_equal(ike_proposals_read(&list, &payload), IKE_WIRE_OK);
        assert_int_equal(list.count, IKE_PROPOSALS_MAX);
        assert_int_equal(list.transform_count, IKE_PROPOSALS_MAX);
        assert_int_equal(list.proposals[IKE_PROPOSALS_MAX - 1].number, IKE_PROPOSALS_MAX);
        bytes[size - 16 + 4]++; /* the last one's number */
        assert_int_equal(ike_proposals_read(&list, &payload), IKE_WIRE_SYNTAX);
    }
    build_many(4, IKE_PROPOSALS_TRANSFORMS_MAX / 3 + 1, &payload, bytes, sizeof(bytes));
    assert_int_equal(ike_proposals_read(&list, &payload), IKE_WIRE_OK);
    assert_int_equal(list.count, 2); /* none in part, and none behind it */
    assert_int_equal(list.transform_count, 2 * (IKE_PROPOSALS_TRANSFORMS_MAX / 3 + 1));
}

static void written_is_read_again(void **state)
{
    (void)state;
    static uint8_t bytes[2048];
    struct ike_proposals list;
    struct ike_proposals again;
    struct ike_message m;
    struct ike_builder b;
    struct ike_header header = {.spi_i = 1, .exchange = IKE_EXCHANGE_CREATE_CHILD_SA};
    ike_proposals_init(&list);
    ike_proposals_add(&list, IKE_PROTOCOL_ESP, (const uint8_t[]){1, 2, 3, 4}, 4);
    ike_proposals_add_transform(&list, IKE_TRANSFORM_ENCR, 12, 128);
    ike_proposals_add_transform(&list, IKE_TRANSFORM_ESN, 0, 0);
    ike_proposals_add(&list, IKE_PROTOCOL_AH, NULL, 0);
    ike_proposals_add_transform(&list, 99, 0xfffe, 0xffff);
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_write_sa(&b, &list);
    assert_int_equal(ike_message_parse(&m, bytes, ike_builder_finish(&b)), IKE_WIRE_OK);
    assert_int_equal(ike_proposals_read(&again, &m.payloads[0]), IKE_WIRE_OK);
    assert_int_equal(again.count, 2);
    assert_int_equal(again.transform_count, 3);
    for (size_t i = 0; i < again.transform_count; i++) {
        assert_int_equal(again.transforms[i].type, list.transforms[i].type);
        assert_int_equal(again.transforms[i].id, list.transforms[i].id);
        assert_int_equal(again.transforms[i].key_bits, list.transforms[i].key_bits);
    }
    assert_int_equal(again.proposals[1].first, 2);
    assert_int_equal(again.proposals[1].number, 2);
    assert_memory_equal(again.proposals[0].spi, "\1\2\3\4", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_proposal),
        cmocka_unit_test(cases),
        cmocka_unit_test(attributes),
        cmocka_unit_test(limits),
        cmocka_unit_test(more_than_there_is_room_for),
        cmocka_unit_test(written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
