/*
 * The Encrypted payload: RFC 7296 3.14, 5282, 5930; a published capture as the judge from outside.
 */
#include "tests/test.h"

#include "ipsec/ike/natd.h"
#include "ipsec/ike/payload.h"
#include "tests/ike/crypt.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"
#include "tests/crypto/with_context.h"

#define SPI_I UINT64_C(0x1111111111111111)
#define SPI_R UINT64_C(0x2222222222222222)

static size_t seal_sample(const struct sample *sample, const struct ike_sk *sk, uint8_t *out,
                          size_t capacity)
{
    struct ike_builder b;
    struct ike_header header = sample_header(sample, SPI_I, SPI_R);
    ike_builder_init(&b, out, capacity, &header);
    ike_builder_protect(&b, sk);
    sample->write(&b);
    return ike_sk_seal(sk, &b, crypt_next_iv());
}

static enum ike_wire_status open_message(const struct ike_sk *sk, uint8_t *bytes, size_t size,
                                         struct ike_message *m)
{
    struct ike_inner inner;
    enum ike_wire_status status = ike_message_parse(m, bytes, size);
    if (status != IKE_WIRE_OK)
        return status;
    status = ike_sk_open(sk, m, bytes, &inner);
    return status == IKE_WIRE_OK ? ike_message_parse_inner(m, inner.first, inner.chain, inner.size)
                                 : status;
}

/* What was sealed comes out, for every pair of algorithms and every kind of message. */
static void seal_and_open(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        struct ike_sk sealer;
        struct ike_sk opener;
        crypt_sk_init(&sealer, context, crypt_pair_at(p), true, CRYPTO_SEAL);
        crypt_sk_init(&opener, context, crypt_pair_at(p), true, CRYPTO_OPEN);
        for (size_t i = 0; i < SAMPLE_COUNT; i++) {
            uint8_t plain[SAMPLE_SIZE_MAX];
            uint8_t bytes[SAMPLE_SIZE_MAX];
            struct ike_message clear;
            struct ike_message m;
            size_t plain_size = sample_build_plain(&SAMPLES[i], plain, sizeof(plain));
            memset(bytes, 0xa5, sizeof(bytes));
            size_t size = seal_sample(&SAMPLES[i], &sealer, bytes, sizeof(bytes));
            assert_int_equal(size,
                             plain_size + ike_sk_overhead(&sealer, plain_size - IKE_HEADER_SIZE));
            assert_int_equal(bytes[size], 0xa5);
            assert_int_equal(open_message(&opener, bytes, size, &m), IKE_WIRE_OK);
            assert_int_equal(ike_message_parse(&clear, plain, plain_size), IKE_WIRE_OK);
            assert_int_equal(m.count, clear.count + 1);
            for (size_t k = 0; k < clear.count; k++) {
                assert_int_equal(m.payloads[k + 1].type, clear.payloads[k].type);
                assert_int_equal(m.payloads[k + 1].size, clear.payloads[k].size);
                assert_memory_equal(m.payloads[k + 1].body, clear.payloads[k].body,
                                    clear.payloads[k].size);
            }
        }
        ike_sk_fini(&sealer);
        ike_sk_fini(&opener);
    }
}

/* The other direction's keys, and the same message under another direction's, are refused. */
static void other_keys(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        uint8_t bytes[SAMPLE_SIZE_MAX];
        struct ike_message m;
        struct ike_sk sealer;
        struct ike_sk opener;
        crypt_sk_init(&sealer, context, crypt_pair_at(p), true, CRYPTO_SEAL);
        crypt_sk_init(&opener, context, crypt_pair_at(p), false, CRYPTO_OPEN);
        size_t size = seal_sample(sample_named("liveness"), &sealer, bytes, sizeof(bytes));
        assert_int_equal(open_message(&opener, bytes, size, &m), IKE_WIRE_INTEGRITY);
        ike_sk_fini(&sealer);
        ike_sk_fini(&opener);
    }
}

/*
 * Every octet of a message is authenticated, its header too: no truncation and no flip may be
 * taken for it.
 */
struct mutant_state {
    const struct ike_sk *opener;
    size_t accepted;
};

static void take_mutant(uint8_t *bytes, size_t size, void *arg)
{
    struct mutant_state *s = arg;
    struct ike_message m;
    s->accepted += open_message(s->opener, bytes, size, &m) == IKE_WIRE_OK;
}

static void mutants(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        uint8_t bytes[SAMPLE_SIZE_MAX];
        struct ike_sk sealer;
        struct ike_sk opener;
        crypt_sk_init(&sealer, context, crypt_pair_at(p), true, CRYPTO_SEAL);
        crypt_sk_init(&opener, context, crypt_pair_at(p), true, CRYPTO_OPEN);
        struct mutant_state s = {.opener = &opener};
        size_t size = seal_sample(sample_named("child-not-found"), &sealer, bytes, sizeof(bytes));
        mutate_all(bytes, size, take_mutant, &s);
        assert_int_equal(s.accepted, 1); /* the one of full length, untouched */
        ike_sk_fini(&sealer);
        ike_sk_fini(&opener);
    }
}

/*
 * CBC fills up whole blocks, with the least padding; the others need none (RFC 5282 3, RFC 5930
 * 2).
 */
static void padding_sizes(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        struct ike_sk sk;
        crypt_sk_init(&sk, context, crypt_pair_at(p), true, CRYPTO_SEAL);
        for (size_t size = 0; size < 64; size++) {
            size_t fixed = 4 + (size_t)sk.iv_size + sk.icv_size + 1;
            size_t padding = ike_sk_overhead(&sk, size) - fixed;
            assert_int_equal((size + padding + 1) % sk.block_size, 0);
            assert_true(padding < sk.block_size);
        }
        ike_sk_fini(&sk);
    }
}

static void room(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_sk sk;
    crypt_sk_init(&sk, context, crypt_pair_at(0), true, CRYPTO_SEAL);
    size_t need = seal_sample(sample_named("auth-request"), &sk, bytes, sizeof(bytes));
    for (size_t capacity = 0; capacity <= need; capacity++) {
        // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): a block of no octets is meant
        uint8_t *exact = malloc(capacity);
        size_t size = seal_sample(sample_named("auth-request"), &sk, exact, capacity);
        assert_int_equal(size, capacity == need ? need : 0);
        free(exact);
    }
    ike_sk_fini(&sk);
}

/* Authentic, but with a Pad Length that is more than there is. */
static void pad_length_too_big(void **state)
{
    (void)state;
    static const struct {
        uint8_t data_size;
        uint8_t pad_length;
        enum ike_wire_status expected;
    } CASES[] = {{1, 0, IKE_WIRE_OK},   {1, 1, IKE_WIRE_PADDING},   {1, 255, IKE_WIRE_PADDING},
                 {16, 15, IKE_WIRE_OK}, {16, 16, IKE_WIRE_PADDING}, {0, 0, IKE_WIRE_INTEGRITY}};
    struct ike_sk sealer;
    struct ike_sk opener;
    crypt_sk_init(&sealer, context, crypt_pair_at(0), true, CRYPTO_SEAL);
    crypt_sk_init(&opener, context, crypt_pair_at(0), true, CRYPTO_OPEN);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        static const uint8_t zeros[64] = {0};
        uint8_t bytes[128] = {0};
        struct ike_builder b;
        struct ike_message m;
        struct ike_header header = sample_header(sample_named("liveness"), SPI_I, SPI_R);
        size_t data_size = CASES[i].data_size;
        size_t body_size = (size_t)sealer.iv_size + data_size + sealer.icv_size;
        ike_builder_init(&b, bytes, sizeof(bytes), &header);
        ike_builder_raw(&b, IKE_PAYLOAD_SK, zeros, body_size);
        size_t size = ike_builder_finish(&b);
        uint8_t *data = bytes + IKE_HEADER_SIZE + 4 + sealer.iv_size;
        if (data_size)
            data[data_size - 1] = CASES[i].pad_length;
        crypto_seal(sealer.cipher, &(struct crypto_parts){.aad = bytes,
                                                          .aad_size = IKE_HEADER_SIZE + 4,
                                                          .iv = bytes + IKE_HEADER_SIZE + 4,
                                                          .data = data,
                                                          .data_size = data_size,
                                                          .icv = data + data_size});
        assert_int_equal(open_message(&opener, bytes, size, &m), CASES[i].expected);
    }
    ike_sk_fini(&sealer);
    ike_sk_fini(&opener);
}

/* Encrypted payloads of every small size with the wrong contents. */
static void bodies_too_short(void **state)
{
    (void)state;
    for (size_t p = 0; p < CRYPT_PAIR_COUNT; p++) {
        struct ike_sk opener;
        crypt_sk_init(&opener, context, crypt_pair_at(p), true, CRYPTO_OPEN);
        for (size_t body = 0; body < 72; body++) {
            for (int fragment = 0; fragment < 2; fragment++) {
                uint8_t zeros[72] = {0};
                uint8_t bytes[128];
                struct ike_builder b;
                struct ike_message m;
                struct ike_header header = sample_header(sample_named("liveness"), SPI_I, SPI_R);
                ike_builder_init(&b, bytes, sizeof(bytes), &header);
                ike_builder_raw(&b, fragment ? IKE_PAYLOAD_SKF : IKE_PAYLOAD_SK, zeros, body);
                size_t size = ike_builder_finish(&b);
                assert_int_equal(open_message(&opener, bytes, size, &m), IKE_WIRE_INTEGRITY);
            }
        }
        ike_sk_fini(&opener);
    }
}

static void unprotected(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_message m;
    struct ike_sk opener;
    crypt_sk_init(&opener, context, crypt_pair_at(0), true, CRYPTO_OPEN);
    size_t size = sample_build_plain(sample_named("delete-ike"), bytes, sizeof(bytes));
    assert_int_equal(open_message(&opener, bytes, size, &m), IKE_WIRE_UNPROTECTED);
    ike_sk_fini(&opener);
}

/*
 * A capture of two other implementations, which Wireshark's test suite has as
 * test/captures/ikev2-decrypt-aes128ccm12.pcap; its keys stand in
 * test/config/ikev2_decryption_table.tmpl. 192.168.1.2 is the initiator, 192.168.1.14 the
 * responder, both on port 500.
 */
#define CAPTURE_INIT_REQUEST                                                                       \
    "ea684d21597afd36 0000000000000000 21202208 00000000 000000f8"                                 \
    "22000028 00000024 01010003 0300000c 0100000f 800e0080 03000008 02000005 00000008 04000013"    \
    "28000048 00130000 32c6dffe5c43b0d5811f7eaaa84c9f78bf99b9069c2b072e0b82f46bf6f66dd4"           \
    "5f97ef89ee285fd5df527a44776b529fc9d8a909d842a6fb59b96a0953956172"                             \
    "29000024 b655462d6f4b66f872ccd7f0f4b4857732921339cbaa5237edba244f262b6823"                    \
    "2900001c 00004004 949c9db5739d75a974a49c184618369b34b7f942"                                   \
    "2900001c 00004005 3e721b46be07d53111425d7f80d2c6e220c6072e"                                   \
    "00000010 0000402f 0001000200030004"
#define CAPTURE_INIT_RESPONSE                                                                      \
    "ea684d21597afd36 d9fe2ab22dac23ac 21202220 00000000 000000f0"                                 \
    "22000028 00000024 01010003 0300000c 0100000f 800e0080 03000008 02000005 00000008 04000013"    \
    "28000048 00130000 2c66beadb6ce8535d6218cb401aa5a1eb4035b97caddaf36374a979c0446b880"           \
    "0506bf9d6f950952326bf3011913da93bb8e40f815376be1a06801c0a63e3b54"                             \
    "29000024 9e5d267379e681e7d38d81c710d383401de7e3607b926d90a9958adcb52831aa"                    \
    "2900001c 00004004 7a0785273d592038 29a697550f31cbb94eb72b43"                                  \
    "2900001c 00004005 c3e58a8cc9933ce0b78f2a50e8de80134e12ce31"                                   \
    "00000008 00004014"
#define CAPTURE_DELETE_REQUEST                                                                     \
    "ea684d21597afd36 d9fe2ab22dac23ac 2e202508 00000002 0000003d"                                 \
    "2a000021 cca0b35de5abc51c 9987cbf1f5ecff210eb767cdb8 5179383b964d78e2"
#define CAPTURE_DELETE_RESPONSE                                                                    \
    "ea684d21597afd36 d9fe2ab22dac23ac 2e202520 00000002 00000035"                                 \
    "00000019 a80c957bac15c3f8 afdf315a81cc4b7c40e8660d44"
#define CAPTURE_SK_EI "be83fe15f6a9976941870830fe26c014b863b3"
#define CAPTURE_SK_ER "79e0f4476861a76e64329e787b1c4ff38d732f"

static void published_capture_in_clear(void **state)
{
    (void)state;
    static const uint8_t EXPECTED[] = {IKE_PAYLOAD_SA,     IKE_PAYLOAD_KE,     IKE_PAYLOAD_NONCE,
                                       IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_NOTIFY, IKE_PAYLOAD_NOTIFY};
    static const char *const MESSAGES[] = {CAPTURE_INIT_REQUEST, CAPTURE_INIT_RESPONSE};
    struct net_addr initiator = net_addr_from_ip4(NET_IP4(192, 168, 1, 2));
    struct net_addr responder = net_addr_from_ip4(NET_IP4(192, 168, 1, 14));
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[512];
        struct ike_message m;
        size_t size = sample_unhex(MESSAGES[i], bytes, sizeof(bytes));
        assert_int_equal(ike_message_parse(&m, bytes, size), IKE_WIRE_OK);
        assert_int_equal(m.count, sizeof(EXPECTED));
        for (size_t k = 0; k < m.count; k++)
            assert_int_equal(m.payloads[k].type, EXPECTED[k]);
        const struct net_addr *source = i ? &responder : &initiator;
        const struct net_addr *destination = i ? &initiator : &responder;
        assert_int_equal(
            ike_natd_check(context, &m, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, source, IKE_PORT),
            IKE_NATD_SAME);
        assert_int_equal(ike_natd_check(context, &m, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP,
                                        destination, IKE_PORT),
                         IKE_NATD_SAME);
        assert_int_equal(
            ike_natd_check(context, &m, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, destination, IKE_PORT),
            IKE_NATD_NAT);
        assert_int_equal(ike_natd_check(context, &m, IKE_NOTIFY_COOKIE, source, IKE_PORT),
                         IKE_NATD_ABSENT);
    }
}

static void open_published(const char *message, const char *key, struct ike_message *m,
                           uint8_t *bytes, size_t capacity)
{
    uint8_t material[32];
    struct ike_sk sk;
    assert_int_equal(sample_unhex(key, material, sizeof(material)), 19);
    ike_sk_init(&sk, context, crypto_encr_named("AES128-CCM-12"), material, NULL, NULL,
                CRYPTO_OPEN);
    size_t size = sample_unhex(message, bytes, capacity);
    assert_int_equal(open_message(&sk, bytes, size, m), IKE_WIRE_OK);
    ike_sk_fini(&sk);
}

static void published_capture_encrypted(void **state)
{
    (void)state;
    uint8_t bytes[128];
    struct ike_message m;
    struct ike_delete_payload deletion;
    open_published(CAPTURE_DELETE_REQUEST, CAPTURE_SK_EI, &m, bytes, sizeof(bytes));
    assert_int_equal(m.count, 2);
    assert_int_equal(m.payloads[1].type, IKE_PAYLOAD_DELETE);
    assert_int_equal(ike_delete_read(&deletion, &m.payloads[1]), IKE_WIRE_OK);
    assert_int_equal(deletion.protocol, IKE_PROTOCOL_IKE);
    open_published(CAPTURE_DELETE_RESPONSE, CAPTURE_SK_ER, &m, bytes, sizeof(bytes));
    assert_int_equal(m.count, 1);
}

/* With the capture's IV, ours is the same message to the last octet. */
static void published_capture_rebuilt(void **state)
{
    (void)state;
    uint8_t expected[128];
    uint8_t bytes[128];
    uint8_t key[32];
    struct ike_builder b;
    struct ike_sk sk;
    size_t size = sample_unhex(CAPTURE_DELETE_REQUEST, expected, sizeof(expected));
    struct ike_header header = {.spi_i = UINT64_C(0xea684d21597afd36),
                                .spi_r = UINT64_C(0xd9fe2ab22dac23ac),
                                .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                .flags = IKE_FLAG_INITIATOR,
                                .message_id = 2};
    sample_unhex(CAPTURE_SK_EI, key, sizeof(key));
    ike_sk_init(&sk, context, crypto_encr_named("AES128-CCM-12"), key, NULL, NULL, CRYPTO_SEAL);
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_builder_protect(&b, &sk);
    ike_write_delete_ike(&b);
    assert_int_equal(ike_sk_seal(&sk, &b, expected + IKE_HEADER_SIZE + 4), size);
    assert_memory_equal(bytes, expected, size);
    ike_sk_fini(&sk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seal_and_open),
        cmocka_unit_test(other_keys),
        cmocka_unit_test(mutants),
        cmocka_unit_test(padding_sizes),
        cmocka_unit_test(room),
        cmocka_unit_test(pad_length_too_big),
        cmocka_unit_test(bodies_too_short),
        cmocka_unit_test(unprotected),
        cmocka_unit_test(published_capture_in_clear),
        cmocka_unit_test(published_capture_encrypted),
        cmocka_unit_test(published_capture_rebuilt),
    };
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
