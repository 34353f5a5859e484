/*
 * What a stranger may send to an endpoint: IKE_SA_INIT with every group number, public values of every kind, payloads
 * missing or twice, other versions; unknown SPIs; floods. (RFC 7296 sections 2.5, 2.6, 2.21.1; RFC 6989.)
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/group.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"
#include "tests/crypto/vectors.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define INFO IKE_EXCHANGE_INFORMATIONAL

struct init_parts {
    uint16_t group;
    const uint8_t *ke;
    size_t ke_size;
    unsigned sa, ke_count, nonce; /* how often each payload is there */
    int without_transform;        /* its type is left out; 0: all are there */
};

static size_t build_init(struct lab *lab, const struct init_parts *parts, uint8_t *out,
                         size_t capacity)
{
    static uint64_t spi = 0x1000;
    static const uint8_t nonce[32] = {7};
    struct ike_header header = {.spi_i = ++spi, .exchange = INIT, .flags = IKE_FLAG_INITIATOR};
    struct ike_builder b;
    struct ike_proposals offer, cut;
    struct ike_proposal_policy policy = ike_peer_ike_policy(lab_ep(lab, LAB_A)->peers[0]);
    ike_proposal_offer(&policy, NULL, 0, &offer);
    ike_proposals_init(&cut);
    ike_proposals_add(&cut, IKE_PROTOCOL_IKE, NULL, 0);
    for (size_t i = 0; i < offer.transform_count; i++)
        if (offer.transforms[i].type != parts->without_transform)
            ike_proposals_add_transform(&cut, offer.transforms[i].type, offer.transforms[i].id,
                                        offer.transforms[i].key_bits);
    ike_builder_init(&b, out, capacity, &header);
    for (unsigned i = 0; i < parts->sa; i++)
        ike_write_sa(&b, &cut);
    for (unsigned i = 0; i < parts->ke_count; i++)
        ike_write_ke(&b, parts->group, parts->ke, parts->ke_size);
    for (unsigned i = 0; i < parts->nonce; i++)
        ike_write_nonce(&b, nonce, sizeof(nonce));
    return ike_builder_finish(&b);
}

static void send_init(struct lab *lab, const struct init_parts *parts)
{
    uint8_t buffer[2048];
    struct ike_path path = {lab->ends[LAB_B].address, lab->ends[LAB_A].address, 500, 500};
    size_t size = build_init(lab, parts, buffer, sizeof(buffer));
    assert_int_not_equal(size, 0);
    lab_input(lab, LAB_B, &path, buffer, size);
}

static void every_group_number(void **state)
{
    (void)state;
    uint8_t ke[64] = {1};
    struct lab *lab = lab_plain();
    struct init_parts parts = {0, ke, sizeof(ke), 1, 1, 1, 0};
    struct ike_path path = {lab->ends[LAB_B].address, lab->ends[LAB_A].address, 500, 500};
    uint8_t buffer[1024];
    struct ike_message message;
    size_t size = build_init(lab, &parts, buffer, sizeof(buffer));
    assert_int_equal(ike_message_parse(&message, buffer, size), IKE_WIRE_OK);
    size_t group_at = (size_t)(ike_message_find(&message, IKE_PAYLOAD_KE)->body - buffer);
    for (unsigned group = 0; group < 0x10000; group++) {
        base_put_be(buffer, group + 1, 8); /* another SPI each time */
        base_put_be(buffer + group_at, group, 2);
        lab_input(lab, LAB_B, &path, buffer, size);
        if (group % 64 == 0)
            lab_run(lab, 20 * BASE_MS); /* the refusals arrive at A, which asked for nothing */
    }
    struct ike_endpoint_counts counts;
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.ike_sas, 0); /* not even the right group: the value is no point */
    assert_int_equal(counts.half_open, 0);
    lab_free(lab);
}

static void public_values_of_every_kind(void **state)
{
    (void)state;
    const struct crypto_group *group;
    for (size_t g = 0; (group = crypto_group_at(g)); g++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.peer[0].ike.group = setup.peer[1].ike.group = group;
        struct lab *lab = lab_new(&setup);
        uint8_t *ke = calloc(1, group->public_size + 2u);
        struct ike_endpoint_counts counts;
        for (size_t size = 0; size <= group->public_size + 2u; size++) {
            struct init_parts parts = {group->id, ke, size, 1, 1, 1, 0};
            send_init(lab, &parts);
        }
        for (int value = 0; value < 3; value++) { /* 0, 1, all ones */
            memset(ke, value == 2 ? 0xff : 0, group->public_size);
            ke[group->public_size - 1] = (uint8_t)(value == 2 ? 0xff : value);
            struct init_parts parts = {group->id, ke, group->public_size, 1, 1, 1, 0};
            send_init(lab, &parts);
        }
        ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
        assert_int_equal(counts.ike_sas, 0);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_SYNTAX));
        free(ke);
        lab_free(lab);
    }
}

/* RFC 6989 section 2.1: p and p - 1. */
static void the_prime_as_a_public_value(void **state)
{
    (void)state;
    struct vectors v = vectors_open("tests/crypto/data/modp.txt");
    while (vectors_next(&v)) {
        const struct crypto_group *group = crypto_group_named(vectors_text(&v, "group"));
        struct lab_setup setup;
        struct ike_endpoint_counts counts;
        uint8_t ke[CRYPTO_PUBLIC_SIZE_MAX];
        lab_defaults(&setup);
        setup.peer[0].ike.group = setup.peer[1].ike.group = group;
        if (!vectors_text(&v, "prime"))
            continue;
        struct lab *lab = lab_new(&setup);
        vectors_bytes(&v, "prime", ke, sizeof(ke));
        for (int less = 0; less < 2; less++) {
            struct init_parts parts = {group->id, ke, group->public_size, 1, 1, 1, 0};
            send_init(lab, &parts);
            ke[group->public_size - 1]--;
        }
        assert_int_equal(lab->ends[LAB_B].notify_sent_count, 2);
        assert_int_equal(lab->ends[LAB_B].notifies_sent[1], IKE_NOTIFY_INVALID_SYNTAX);
        ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
        assert_int_equal(counts.ike_sas, 0);
        lab_free(lab);
    }
    vectors_close(&v);
}

static void payloads_missing_or_twice(void **state)
{
    (void)state;
    uint8_t ke[64] = {1};
    for (unsigned sa = 0; sa < 3; sa++)
        for (unsigned k = 0; k < 3; k++)
            for (unsigned n = 0; n < 3; n++) {
                if (sa == 1 && k == 1 && n == 1)
                    continue;
                struct lab *lab = lab_plain();
                struct init_parts parts = {19, ke, sizeof(ke), sa, k, n, 0};
                struct ike_endpoint_counts counts;
                if (sa + k + n)
                    send_init(lab, &parts);
                ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
                assert_int_equal(counts.ike_sas, 0);
                lab_free(lab);
            }
}

static void proposal_without_one_transform_type(void **state)
{
    (void)state;
    uint8_t ke[64] = {1};
    for (int type = IKE_TRANSFORM_ENCR; type <= IKE_TRANSFORM_DH; type++) {
        struct lab *lab = lab_plain();
        struct init_parts parts = {19, ke, sizeof(ke), 1, 1, 1, type};
        send_init(lab, &parts);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_NO_PROPOSAL_CHOSEN));
        lab_free(lab);
    }
}

static void versions(void **state)
{
    (void)state;
    uint8_t ke[64] = {1}, buffer[1024];
    struct lab *lab = lab_plain();
    struct ike_path path = {lab->ends[LAB_B].address, lab->ends[LAB_A].address, 500, 500};
    struct init_parts parts = {20, ke, sizeof(ke), 1, 1, 1, 0};
    size_t size = build_init(lab, &parts, buffer, sizeof(buffer));
    buffer[17] = 0x10; /* IKEv1: silence */
    lab_input(lab, LAB_B, &path, buffer, size);
    assert_int_equal(lab->ends[LAB_B].notify_sent_count, 0);
    buffer[17] = 0x30;
    lab_input(lab, LAB_B, &path, buffer, size);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_MAJOR_VERSION));
    assert_false(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    buffer[17] = 0x2f; /* a higher minor version is taken */
    lab_input(lab, LAB_B, &path, buffer, size);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    lab_free(lab);
}

static void unknown_spis(void **state)
{
    (void)state;
    for (int answer = 0; answer < 2; answer++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.options[LAB_B].answer_unknown_spi = answer;
        struct lab *lab = lab_new(&setup);
        struct ike_header header = {
            .spi_i = 1, .spi_r = 2, .exchange = INFO, .flags = IKE_FLAG_INITIATOR};
        lab_input_notify(lab, LAB_B, &header, IKE_NOTIFY_COOKIE);
        assert_int_equal(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_IKE_SPI), answer);
        header.flags |= IKE_FLAG_RESPONSE;
        lab->ends[LAB_B].notify_sent_count = 0;
        lab_input_notify(lab, LAB_B, &header, IKE_NOTIFY_COOKIE);
        assert_int_equal(lab->ends[LAB_B].notify_sent_count, 0);
        lab_free(lab);
    }
}

/* Floods of first messages: COOKIEs hold the number of half-open SAs down. */
static void flood(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    const struct crypto_group *group = crypto_group_named("19-ECP256");
    uint8_t seed[32] = {5};
    struct crypto_dh *dh = crypto_dh_new(lab->crypto, group, seed);
    for (int i = 0; i < 100; i++) {
        struct init_parts parts = {19, crypto_dh_public(dh), group->public_size, 1, 1, 1, 0};
        send_init(lab, &parts);
    }
    struct ike_endpoint_counts counts;
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.half_open, 10);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_COOKIE));
    /* An honest peer still comes through. */
    lab_up(lab, LAB_A);
    lab_run(lab, 31 * BASE_S);
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.half_open, 0);
    assert_int_equal(counts.ike_sas, 1);
    crypto_dh_free(dh);
    lab_free(lab);
}

/* More than the maximum, cookies or not: dropped without an answer, and told; room comes with time. */
static void half_open_maximum(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.options[LAB_B].cookie_threshold = 1000;
    setup.options[LAB_B].half_open_max = 3;
    struct lab *lab = lab_new(&setup);
    struct lab_end *b = &lab->ends[LAB_B];
    const struct crypto_group *group = crypto_group_named("19-ECP256");
    uint8_t seed[32] = {5};
    struct crypto_dh *dh = crypto_dh_new(lab->crypto, group, seed);
    struct init_parts parts = {19, crypto_dh_public(dh), group->public_size, 1, 1, 1, 0};
    struct ike_endpoint_counts counts;
    for (unsigned i = 1; i <= 5; i++) {
        send_init(lab, &parts);
        assert_int_equal(b->dropped, i > 3 ? i - 3 : 0);
    }
    assert_int_equal(b->last_dropped, IKE_REASON_HALF_OPEN);
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.half_open, 3);
    assert_int_equal(counts.dropped, 2);
    assert_int_equal(b->responses[INIT], 3);
    lab_run(lab, 31 * BASE_S);
    lab_up(lab, LAB_A);
    crypto_dh_free(dh);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_group_number),
        cmocka_unit_test(public_values_of_every_kind),
        cmocka_unit_test(the_prime_as_a_public_value),
        cmocka_unit_test(payloads_missing_or_twice),
        cmocka_unit_test(proposal_without_one_transform_type),
        cmocka_unit_test(versions),
        cmocka_unit_test(unknown_spis),
        cmocka_unit_test(flood),
        cmocka_unit_test(half_open_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
