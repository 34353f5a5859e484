/* Opening refuses: every bit flip, every truncation, replays, and what an authentic packet may not hold. */
#include "tests/esp/fixture.h"

#include "base/bytes.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/esp/ecn.h"

/* Each bit of a whole packet, from the SPI on, turned over: refused, and the SA is as it was. */
static void every_bit_flip_is_refused(void **state)
{
    (void)state;
    struct fixture_options options = {.window = 64};
    size_t suites = fixture_suite(SIZE_MAX, &options);
    for (size_t s = 0; s < suites; s++) {
        fixture_suite(s, &options);
        struct fixture f;
        fixture_init(&f, &options);
        fixture_seal_echo(&f, 60);
        uint8_t sealed[200];
        size_t size = f.packet.size;
        memcpy(sealed, base_buffer_data(&f.packet), size);
        for (size_t bit = 20 * 8; bit < size * 8; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            fixture_load(&f, sealed, size);
            bool number_0 = bit == 27 * 8; /* 1 became 0, which nobody sends */
            assert_int_equal(fixture_open(&f, 1), number_0 ? ESP_IN_REPLAYED : ESP_IN_INTEGRITY);
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(f.in->counters.integrity_failures, (size - 20) * 8 - 1);
        assert_int_equal(f.in->counters.packets, 0);
        assert_int_equal(f.in->replay.top, 0);
        assert_int_equal(f.in->last_used, 0);
        fixture_load(&f, sealed, size);
        assert_int_equal(fixture_open(&f, 1), ESP_OK);
        fixture_fini(&f);
    }
}

/* Cut anywhere, with the outer lengths as they were and with lengths that fit the rest. */
static void every_truncation_is_refused(void **state)
{
    (void)state;
    static const struct fixture_options cases[] = {
        {.encr = "AES128-CTR", .integ = "SHA256", .window = 64},
        {.encr = "AES128", .integ = "SHA512", .window = 64, .encapsulated = true},
        {.encr = "AES256-GCM-16", .window = 64, .encapsulated = true},
        {.encr = "AES128-CCM-12", .window = 64}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct fixture f;
        fixture_init(&f, &cases[c]);
        fixture_seal_echo(&f, 60);
        uint8_t sealed[200];
        size_t size = f.packet.size;
        memcpy(sealed, base_buffer_data(&f.packet), size);
        struct esp_seen seen;
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(esp_seen_read(sealed, cut, &seen), ESP_IN_MALFORMED);
        for (size_t cut = 20; cut < size; cut++) {
            uint8_t part[200];
            memcpy(part, sealed, cut);
            base_put_be(part + 2, cut, 2);
            if (cases[c].encapsulated && cut >= 28)
                base_put_be(part + 24, cut - 20, 2);
            fixture_load(&f, part, cut);
            enum esp_status status = fixture_open(&f, 0);
            assert_true(status == ESP_IN_MALFORMED || status == ESP_IN_INTEGRITY);
        }
        assert_int_equal(f.in->replay.top, 0);
        fixture_fini(&f);
    }
}

static void outer_headers_that_lie(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_IN_UDP);
    fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
    static const struct {
        const char *name;
        size_t at;
        uint32_t value;
        size_t size;
    } cases[] = {
        {"version 6", 0, 0x65, 1},
        {"header of 16", 0, 0x44, 1},
        {"total beyond the bytes", 2, 149, 2},
        {"total below the header", 2, 19, 2},
        {"a fragment", 6, 0x2000, 2},
        {"a later fragment", 6, 1, 2},
        {"neither ESP nor UDP", 9, 6, 1},
        {"UDP longer than IP", 24, 129, 2},
        {"UDP of 7", 24, 7, 2},
        {"UDP of 15", 24, 15, 2},
        {"SPI 0", 28, 0, 4},
    };
    uint8_t sealed[148];
    memcpy(sealed, base_buffer_data(&f.packet), sizeof(sealed));
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        uint8_t changed[148];
        memcpy(changed, sealed, sizeof(changed));
        base_put_be(changed + cases[c].at, cases[c].value, cases[c].size);
        struct esp_seen seen;
        memset(&seen, 0xa5, sizeof(seen));
        if (esp_seen_read(changed, sizeof(changed), &seen) != ESP_IN_MALFORMED)
            fail_msg("%s was taken", cases[c].name);
        assert_int_equal(seen.spi, 0xa5a5a5a5);
    }
    fixture_fini(&f);
}

/* RFC 3948: an SA in UDP takes nothing outside it, nor the other way round. */
static void encapsulation_must_be_the_sas(void **state)
{
    (void)state;
    for (int encapsulated = 0; encapsulated < 2; encapsulated++) {
        struct fixture f;
        fixture_init(&f, encapsulated ? &FIXTURE_IN_UDP : &FIXTURE_TUTORIAL);
        struct esp_path path = f.in->path;
        path.source_port = path.destination_port = encapsulated ? 0 : 4500;
        esp_sa_set_path(f.in, &path);
        fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
        assert_int_equal(fixture_open(&f, 0), ESP_IN_ENCAP_MISMATCH);
        fixture_fini(&f);
    }
}

static void the_path_moves_and_numbers_go_on(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
    struct esp_path path = {NET_IP4(198, 51, 100, 7), NET_IP4(203, 0, 113, 20), 4500, 61234};
    esp_sa_set_path(f.out, &path);
    esp_sa_set_path(f.in, &path);
    fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
    struct esp_seen seen;
    assert_int_equal(esp_seen_read(base_buffer_data(&f.packet), f.packet.size, &seen), ESP_OK);
    assert_int_equal(seen.source, path.source);
    assert_int_equal(seen.destination_port, 61234);
    assert_int_equal(seen.sequence, 2);
    assert_int_equal(net_checksum(base_buffer_data(&f.packet), 20), 0);
    assert_int_equal(esp_open(f.in, 0, &seen, &f.packet), ESP_OK);
    fixture_fini(&f);
}

static void replays_and_their_counters(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_GCM);
    uint8_t sealed[3][200];
    size_t size = 0;
    for (int i = 0; i < 3; i++) {
        f.out->sequence = (uint64_t)i * 100; /* numbers 1, 101, 201 */
        fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
        size = f.packet.size;
        memcpy(sealed[i], base_buffer_data(&f.packet), size);
    }
    static const struct {
        int packet;
        enum esp_status expected;
    } steps[] = {{1, ESP_OK},         {1, ESP_IN_REPLAYED}, {0, ESP_IN_BEHIND_WINDOW},
                 {2, ESP_OK},         {2, ESP_IN_REPLAYED}, {1, ESP_IN_BEHIND_WINDOW},
                 {2, ESP_IN_REPLAYED}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        fixture_load(&f, sealed[steps[i].packet], size);
        assert_int_equal(fixture_open(&f, 0), steps[i].expected);
    }
    assert_int_equal(f.in->counters.replay_failures, 5);
    assert_int_equal(f.in->counters.packets, 2);
    fixture_fini(&f);
}

/* A forged packet far ahead must not move the window. */
static void a_bad_icv_does_not_move_the_window(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    fixture_seal_echo(&f, FIXTURE_ECHO_SIZE);
    uint8_t sealed[140];
    memcpy(sealed, base_buffer_data(&f.packet), sizeof(sealed));
    base_put_be(base_buffer_data(&f.packet) + 24, 100000, 4);
    assert_int_equal(fixture_open(&f, 0), ESP_IN_INTEGRITY);
    fixture_load(&f, sealed, sizeof(sealed));
    assert_int_equal(fixture_open(&f, 0), ESP_OK);
    fixture_fini(&f);
}

static void nothing_passes_an_expired_sa(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    f.out->expires = f.in->expires = 100;
    fixture_load_echo(&f, FIXTURE_ECHO_SIZE);
    assert_int_equal(esp_seal(f.out, 100, &f.packet), ESP_OUT_EXPIRED);
    assert_int_equal(esp_seal(f.out, 99, &f.packet), ESP_OK);
    assert_int_equal(fixture_open(&f, 100), ESP_IN_EXPIRED);
    assert_int_equal(fixture_open(&f, 99), ESP_OK);
    fixture_fini(&f);
}

static void what_cannot_be_sealed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    uint8_t *large = base_alloc(65535);
    large[0] = 0x45;
    static const struct {
        size_t size;
        uint8_t first;
        enum esp_status expected;
    } cases[] = {{19, 0x45, ESP_OUT_NOT_IP},      {39, 0x60, ESP_OUT_NOT_IP},
                 {60, 0x55, ESP_OUT_NOT_IP},      {0, 0x45, ESP_OUT_NOT_IP},
                 {65535, 0x45, ESP_OUT_TOO_LONG}, {65535 - 53, 0x45, ESP_OUT_TOO_LONG},
                 {65535 - 57, 0x45, ESP_OK}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        large[0] = cases[c].first;
        fixture_load(&f, large, cases[c].size);
        assert_int_equal(esp_seal(f.out, 0, &f.packet), cases[c].expected);
    }
    assert_int_equal(f.out->sequence, 1);
    free(large);
    fixture_fini(&f);
}

/* Seals arbitrary plaintext with the keys of the fixture, as a peer that does strange things would. */
static void forge(struct fixture *f, const uint8_t *plain, size_t size)
{
    fixture_seal_echo(f, 28);
    uint8_t bytes[400];
    memcpy(bytes, base_buffer_data(&f->packet), 36); /* outer header, SPI, number, IV */
    memcpy(bytes + 36, plain, size);
    struct crypto_parts parts = {.aad = bytes + 20,
                                 .aad_size = 8,
                                 .iv = bytes + 28,
                                 .data = bytes + 36,
                                 .data_size = size,
                                 .icv = bytes + 36 + size};
    crypto_seal(f->out->cipher, &parts);
    base_put_be(bytes + 2, 36 + size + 16, 2);
    fixture_load(f, bytes, 36 + size + 16);
}

static const struct {
    const char *name;
    uint8_t tail[12]; /* the last octets of the plaintext */
    uint8_t first;    /* the inner packet's first octet */
    uint8_t length;   /* of the inner packet, as it says itself */
    enum esp_status expected;
} INSIDES[] = {
    /* 44 octets: inner packet, then what stands in the tail */
    {"good", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4}, 0x45, 40, ESP_OK},
    {"no padding", {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 4}, 0x45, 42, ESP_OK},
    {"padding 2,1", {9, 9, 9, 9, 9, 9, 9, 9, 2, 1, 2, 4}, 0x45, 40, ESP_IN_PADDING},
    {"padding of zeros", {9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 2, 4}, 0x45, 40, ESP_IN_PADDING},
    {"padding past the start", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 43, 4}, 0x45, 40, ESP_IN_PADDING},
    {"padding of 255", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 255, 4}, 0x45, 40, ESP_IN_PADDING},
    {"a dummy", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 59}, 0x45, 40, ESP_IN_DUMMY},
    {"TCP, as in transport mode",
     {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 6},
     0x45,
     40,
     ESP_IN_NEXT_HEADER},
    {"IPv6 said, IPv4 there",
     {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 41},
     0x45,
     40,
     ESP_IN_INNER_MALFORMED},
    {"IPv4 said, IPv6 there",
     {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4},
     0x60,
     40,
     ESP_IN_INNER_MALFORMED},
    {"header of 16", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4}, 0x44, 40, ESP_IN_INNER_MALFORMED},
    {"header beyond the packet",
     {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4},
     0x4f,
     40,
     ESP_IN_INNER_MALFORMED},
    {"longer than it is", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4}, 0x45, 41, ESP_IN_INNER_MALFORMED},
    {"TFC padding behind", {9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 2, 4}, 0x45, 25, ESP_OK},
};

/* With a right ICV and a wrong inside: each refusal has its own reason. */
static void what_an_authentic_packet_may_hold(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof(INSIDES) / sizeof(INSIDES[0]); c++) {
        struct fixture f;
        fixture_init(&f, &FIXTURE_TUTORIAL);
        uint8_t plain[44] = {INSIDES[c].first, 0, 0, INSIDES[c].length};
        memcpy(plain + sizeof(plain) - 12, INSIDES[c].tail, 12);
        forge(&f, plain, sizeof(plain));
        enum esp_status status = fixture_open(&f, 3);
        if (status != INSIDES[c].expected)
            fail_msg("%s: %s", INSIDES[c].name, esp_status_name(status));
        if (status == ESP_OK)
            assert_int_equal(f.packet.size, INSIDES[c].length);
        assert_int_equal(f.in->replay.top, 1); /* it was authentic: its number is spent */
        assert_int_equal(f.in->last_used, 3);
        assert_int_equal(f.in->counters.packets, status == ESP_OK);
        fixture_fini(&f);
    }
}

/* Too little inside for even an inner header: refused without a look past the end. */
static void the_smallest_plaintexts(void **state)
{
    (void)state;
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    static const uint8_t dummy[4] = {1, 2, 2, 59};
    static const uint8_t nothing[4] = {1, 2, 2, 4};
    static const uint8_t nothing6[4] = {1, 2, 2, 41};
    forge(&f, dummy, sizeof(dummy));
    assert_int_equal(fixture_open(&f, 0), ESP_IN_DUMMY);
    forge(&f, nothing, sizeof(nothing));
    assert_int_equal(fixture_open(&f, 0), ESP_IN_INNER_MALFORMED);
    forge(&f, nothing6, sizeof(nothing6));
    assert_int_equal(fixture_open(&f, 0), ESP_IN_INNER_MALFORMED);
    fixture_fini(&f);
}

/* RFC 6040 figure 4, and section 4.1's copy on the way in. */
static void congestion_marks(void **state)
{
    (void)state;
    enum {
        NOT = ESP_ECN_NOT_ECT,
        ECT0 = ESP_ECN_ECT0,
        ECT1 = ESP_ECN_ECT1,
        CE = ESP_ECN_CE,
        DROP = 4
    };
    static const int cases[][3] = {
        /* inner, outer, leaves */
        {NOT, NOT, NOT},   {NOT, ECT0, NOT},   {NOT, ECT1, NOT},   {NOT, CE, DROP},
        {ECT0, NOT, ECT0}, {ECT0, ECT0, ECT0}, {ECT0, ECT1, ECT1}, {ECT0, CE, CE},
        {ECT1, NOT, ECT1}, {ECT1, ECT0, ECT1}, {ECT1, ECT1, ECT1}, {ECT1, CE, CE},
        {CE, NOT, CE},     {CE, ECT0, CE},     {CE, ECT1, CE},     {CE, CE, CE}};
    struct fixture f;
    fixture_init(&f, &FIXTURE_TUTORIAL);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (int ip6 = 0; ip6 < 2; ip6++) {
            uint8_t tos = (uint8_t)(0xb8 | cases[c][0]); /* EF */
            uint8_t inner[84] = {
                (uint8_t)(0x60 | tos >> 4), (uint8_t)(tos << 4), 0, 0, 0, 44, 17, 64};
            if (!ip6)
                fixture_echo(inner, sizeof(inner), tos, false);
            fixture_load(&f, inner, sizeof(inner));
            assert_int_equal(esp_seal(f.out, 0, &f.packet), ESP_OK);
            uint8_t *outer = base_buffer_data(&f.packet);
            assert_int_equal(outer[1], tos);
            outer[1] = (uint8_t)((outer[1] & 0xfc) | cases[c][1]);
            enum esp_status status = fixture_open(&f, 0);
            if (cases[c][2] == DROP) {
                assert_int_equal(status, ESP_IN_ECN);
                continue;
            }
            assert_int_equal(status, ESP_OK);
            const uint8_t *p = base_buffer_data(&f.packet);
            unsigned left = p[1];
            if (ip6)
                left = ((unsigned)p[0] << 4 & 0xf0) | (unsigned)p[1] >> 4;
            assert_int_equal(left, 0xb8 | cases[c][2]);
            if (!ip6)
                assert_int_equal(net_checksum(p, 20), 0);
        }
    }
    fixture_fini(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_flip_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(outer_headers_that_lie),
        cmocka_unit_test(encapsulation_must_be_the_sas),
        cmocka_unit_test(the_path_moves_and_numbers_go_on),
        cmocka_unit_test(replays_and_their_counters),
        cmocka_unit_test(a_bad_icv_does_not_move_the_window),
        cmocka_unit_test(nothing_passes_an_expired_sa),
        cmocka_unit_test(what_cannot_be_sealed),
        cmocka_unit_test(what_an_authentic_packet_may_hold),
        cmocka_unit_test(the_smallest_plaintexts),
        cmocka_unit_test(congestion_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
