/* Kinds of frames: whole ones, each truncation, and what is no IPv4. */
#include "tests/test.h"

#include <stdlib.h>

#include "compare/gather.h"

enum {
    ETHER = 14,
    IP = 20,
    UDP = 8,
};

/* Ethernet and IPv4 around `size` octets of payload; returns the frame's size. */
static size_t frame_of(uint8_t *out, uint8_t protocol, const uint8_t *payload, size_t size)
{
    size_t total = IP + size;
    memset(out, 0, ETHER + IP);
    out[12] = 0x08;
    out[ETHER] = 0x45;
    out[ETHER + 2] = (uint8_t)(total >> 8);
    out[ETHER + 3] = (uint8_t)total;
    out[ETHER + 9] = protocol;
    memcpy(out + ETHER + IP, payload, size);
    return ETHER + total;
}

static size_t udp_of(uint8_t *out, uint16_t from, uint16_t to, const uint8_t *data, size_t size)
{
    uint8_t udp[64] = {(uint8_t)(from >> 8), (uint8_t)from, (uint8_t)(to >> 8), (uint8_t)to};
    memcpy(udp + UDP, data, size);
    return frame_of(out, 17, udp, UDP + size);
}

static void kinds(void **state)
{
    (void)state;
    static const uint8_t ike[28] = {1, 2, 3}, natt[32] = {0, 0, 0, 0, 9}, esp[40] = {0, 0, 0, 1};
    static const uint8_t beat[1] = {0xff}, other[1] = {0xfe};
    uint8_t frame[256];
    const uint8_t *message;
    size_t size, message_size;
    enum cmp_kind kind;

    size = udp_of(frame, 500, 40000, ike, sizeof(ike));
    assert_true(cmp_frame_kind(frame, size, &kind, &message, &message_size));
    assert_int_equal(kind, CMP_KIND_IKE);
    assert_ptr_equal(message, frame + ETHER + IP + UDP);
    assert_int_equal(message_size, sizeof(ike));

    size = udp_of(frame, 40000, 4500, natt, sizeof(natt));
    assert_true(cmp_frame_kind(frame, size, &kind, &message, &message_size));
    assert_int_equal(kind, CMP_KIND_IKE_NATT);
    assert_int_equal(*message, 9); /* behind the marker */
    assert_int_equal(message_size, sizeof(natt) - 4);

    size = udp_of(frame, 4500, 4500, esp, sizeof(esp));
    assert_true(cmp_frame_kind(frame, size, &kind, &message, &message_size));
    assert_int_equal(kind, CMP_KIND_ESP_UDP);
    assert_null(message);

    size = udp_of(frame, 4500, 4500, beat, 1);
    assert_true(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    assert_int_equal(kind, CMP_KIND_KEEPALIVE);
    size = udp_of(frame, 4500, 4500, other, 1);
    assert_true(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    assert_int_equal(kind, CMP_KIND_OTHER);
    size = udp_of(frame, 53, 53, ike, sizeof(ike));
    assert_true(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    assert_int_equal(kind, CMP_KIND_OTHER);

    static const struct {
        uint8_t protocol;
        enum cmp_kind kind;
    } others[] = {{1, CMP_KIND_ICMP}, {50, CMP_KIND_ESP}, {6, CMP_KIND_OTHER}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        size = frame_of(frame, others[i].protocol, esp, sizeof(esp));
        assert_true(cmp_frame_kind(frame, size, &kind, NULL, NULL));
        assert_int_equal(kind, others[i].kind);
    }
    frame[ETHER + 7] = 1; /* the offset of a fragment */
    assert_true(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    assert_int_equal(kind, CMP_KIND_FRAGMENT);
}

/* Nothing behind a frame's end is read: each is in a block of its own size. */
static void truncated(void **state)
{
    (void)state;
    static const uint8_t natt[32] = {0, 0, 0, 0, 9};
    uint8_t whole[256];
    size_t size = udp_of(whole, 4500, 4500, natt, sizeof(natt));
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *frame = malloc(cut ? cut : 1);
        enum cmp_kind kind;
        memcpy(frame, whole, cut);
        assert_false(cmp_frame_kind(frame, cut, &kind, NULL, NULL));
        free(frame);
    }
    for (size_t body = 0; body < UDP + 5; body++) { /* shorter packets, whole */
        const uint8_t *message;
        size_t message_size;
        enum cmp_kind kind;
        uint8_t *frame = malloc(ETHER + IP + body);
        memcpy(frame, whole, ETHER + IP + body);
        frame[ETHER + 3] = (uint8_t)(IP + body);
        assert_true(cmp_frame_kind(frame, ETHER + IP + body, &kind, &message, &message_size));
        assert_int_equal(kind, body >= UDP + 4 ? CMP_KIND_IKE_NATT : CMP_KIND_OTHER);
        assert_int_equal(message_size, body >= UDP + 4 ? body - UDP - 4 : 0);
        free(frame);
    }
}

static void no_ipv4(void **state)
{
    (void)state;
    uint8_t frame[256], payload[8] = {0};
    enum cmp_kind kind;
    size_t size = frame_of(frame, 1, payload, sizeof(payload));
    frame[13] = 6; /* ARP */
    assert_false(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    frame[13] = 0;
    frame[ETHER] = 0x44; /* a header of 16 octets */
    assert_false(cmp_frame_kind(frame, size, &kind, NULL, NULL));
    frame[ETHER] = 0x65;
    assert_false(cmp_frame_kind(frame, size, &kind, NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(truncated),
        cmocka_unit_test(no_ipv4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
