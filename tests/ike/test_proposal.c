/* Offers, choices, answers: RFC 7296 2.7, 3.3.3, 3.3.6; strict and most-secure. */
#include "tests/test.h"

#include "ipsec/ike/proposal.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"

static const uint8_t SPI4[4] = {1, 2, 3, 4};
static const uint8_t SPI8[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct ike_proposal_policy policy_of(uint8_t protocol, const char *encr, const char *integ,
                                            const char *group, enum ike_negotiation negotiation)
{
    return (struct ike_proposal_policy){
        .protocol = protocol,
        .negotiation = negotiation,
        .configured = ike_suite_of(protocol, crypto_encr_named(encr), crypto_integ_named(integ),
                                   crypto_group_named(group), false),
        .with_group = true};
}

static struct ike_proposal_policy ike_policy(const char *encr, const char *integ, const char *group,
                                             enum ike_negotiation negotiation)
{
    return policy_of(IKE_PROTOCOL_IKE, encr, integ, group, negotiation);
}

/*
 * Responder's choice and initiator's check of it; the text of what both then have, or of the
 * status.
 */
static const char *negotiate(const struct ike_proposal_policy *initiator,
                             const struct ike_proposal_policy *responder, size_t spi_size,
                             char out[IKE_SUITE_TEXT_MAX])
{
    struct ike_proposals offer;
    struct ike_proposals answer;
    struct ike_choice chosen;
    struct ike_choice accepted;
    const uint8_t *spi = spi_size == 4 ? SPI4 : SPI8;
    ike_proposal_offer(initiator, spi, spi_size, &offer);
    enum ike_wire_status status = ike_proposal_choose(responder, &offer, spi_size, &chosen);
    if (status != IKE_WIRE_OK)
        return ike_wire_status_text(status);
    assert_memory_equal(chosen.spi, spi, spi_size);
    ike_proposal_answer(&chosen, spi, spi_size, &answer);
    assert_int_equal(ike_proposal_accept(&offer, &answer, &accepted), IKE_WIRE_OK);
    assert_true(ike_suite_equal(&chosen.suite, &accepted.suite));
    return ike_suite_format(initiator->protocol, &accepted.suite, out);
}

static void strict_offer(void **state)
{
    (void)state;
    struct ike_proposals offer;
    struct ike_proposal_policy p =
        ike_policy("AES128-CTR", "SHA256", "15-MODP3072", IKE_NEGOTIATION_STRICT);
    static const struct ike_transform EXPECTED[] = {
        {IKE_TRANSFORM_ENCR, false, 13, 128},
        {IKE_TRANSFORM_INTEG, false, 12, 0},
        {IKE_TRANSFORM_PRF, false, 5, 0},
        {IKE_TRANSFORM_DH, false, 15, 0},
    };
    ike_proposal_offer(&p, NULL, 0, &offer);
    assert_int_equal(offer.count, 1);
    assert_int_equal(offer.transform_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(offer.transforms[i].type, EXPECTED[i].type);
        assert_int_equal(offer.transforms[i].id, EXPECTED[i].id);
        assert_int_equal(offer.transforms[i].key_bits, EXPECTED[i].key_bits);
    }
}

static void aead_offers(void **state)
{
    (void)state;
    struct ike_proposals offer;
    struct ike_proposal_policy p =
        ike_policy("AES256-CCM-12", "AES-XCBC", "19-ECP256", IKE_NEGOTIATION_STRICT);
    ike_proposal_offer(&p, NULL, 0, &offer);
    assert_int_equal(offer.transform_count, 3); /* integrityAlgorithm names the PRF */
    assert_int_equal(offer.transforms[1].type, IKE_TRANSFORM_PRF);
    assert_int_equal(offer.transforms[1].id, 4);
    p = policy_of(IKE_PROTOCOL_ESP, "AES256-CCM-12", "AES-XCBC", "19-ECP256",
                  IKE_NEGOTIATION_STRICT);
    p.with_group = false;
    ike_proposal_offer(&p, SPI4, 4, &offer);
    assert_int_equal(offer.transform_count, 2); /* in ESP it has no effect */
    assert_int_equal(offer.transforms[1].type, IKE_TRANSFORM_ESN);
    assert_int_equal(offer.transforms[1].id, IKE_ESN_NONE);
    assert_memory_equal(offer.proposals[0].spi, SPI4, 4);
}

static size_t count_transforms(const struct ike_proposals *list, size_t proposal, uint8_t type)
{
    size_t count = 0;
    const struct ike_proposal *p = &list->proposals[proposal];
    for (size_t i = 0; i < p->count; i++)
        count += ike_proposal_transforms(list, p)[i].type == type;
    return count;
}

/*
 * The configured set first, then AEAD ciphers without integrity, then the others with it,
 * strongest first.
 */
static void most_secure_offer(void **state)
{
    (void)state;
    static const size_t EXPECTED[3][6] = {
        {0, 1, 1, 1, 1, 0}, {0, 6, 4, 0, 8, 0}, {0, 4, 4, 4, 8, 0}};
    struct ike_proposals offer;
    struct ike_proposal_policy p =
        ike_policy("AES128-CTR", "SHA256", "15-MODP3072", IKE_NEGOTIATION_MOST_SECURE);
    ike_proposal_offer(&p, SPI8, 8, &offer);
    assert_int_equal(offer.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(offer.proposals[i].number, i + 1);
        assert_memory_equal(offer.proposals[i].spi, SPI8, 8);
        for (uint8_t type = 1; type <= 5; type++)
            assert_int_equal(count_transforms(&offer, i, type), EXPECTED[i][type]);
    }
    const struct ike_transform *second = ike_proposal_transforms(&offer, &offer.proposals[1]);
    assert_int_equal(second[0].id, 20); /* AES-GCM-16, 256 bits */
    assert_int_equal(second[0].key_bits, 256);
}

static void esn_offers(void **state)
{
    (void)state;
    struct ike_proposals offer;
    struct ike_proposal_policy p =
        policy_of(IKE_PROTOCOL_ESP, "AES128", "SHA256", "19-ECP256", IKE_NEGOTIATION_MOST_SECURE);
    ike_proposal_offer(&p, SPI4, 4, &offer);
    assert_int_equal(count_transforms(&offer, 1, IKE_TRANSFORM_ESN), 1);
    p.configured.esn = true;
    ike_proposal_offer(&p, SPI4, 4, &offer);
    assert_int_equal(count_transforms(&offer, 0, IKE_TRANSFORM_ESN), 1);
    assert_int_equal(offer.transforms[offer.proposals[0].count - 1].id, IKE_ESN_ESN);
    assert_int_equal(count_transforms(&offer, 1, IKE_TRANSFORM_ESN), 2);
    assert_int_equal(count_transforms(&offer, 2, IKE_TRANSFORM_PRF), 0);
}

static void ike_negotiations(void **state)
{
    (void)state;
#define STRICT IKE_NEGOTIATION_STRICT
#define MOST IKE_NEGOTIATION_MOST_SECURE
    static const struct {
        const char *encr_i, *integ_i, *group_i;
        enum ike_negotiation mode_i;
        const char *encr_r, *integ_r, *group_r;
        enum ike_negotiation mode_r;
        const char *expected;
    } CASES[] = {
        /* the tutorial: both want the same, and get it */
        {"AES128-CTR", "SHA256", "15-MODP3072", MOST, "AES128-CTR", "SHA256", "15-MODP3072", MOST,
         "AES_CTR_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_3072"},
        {"AES128-CTR", "SHA256", "15-MODP3072", STRICT, "AES128-CTR", "SHA256", "15-MODP3072",
         STRICT, "AES_CTR_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_3072"},
        /* they differ: the strongest of the product */
        {"AES128-CTR", "SHA256", "15-MODP3072", MOST, "AES256", "SHA256", "15-MODP3072", MOST,
         "AES_GCM_16_256/PRF_HMAC_SHA2_512/ECP_521"},
        {"AES128-CTR", "SHA256", "15-MODP3072", MOST, "AES128-CTR", "SHA256", "16-MODP4096", MOST,
         "AES_GCM_16_256/PRF_HMAC_SHA2_512/ECP_521"},
        /* one side is strict: what it has */
        {"AES128-CTR", "SHA256", "15-MODP3072", MOST, "AES256", "AES-XCBC", "28-ECP256BP", STRICT,
         "AES_CBC_256/AES_XCBC_96/PRF_AES128_XCBC/ECP_256_BP"},
        {"AES256-CCM-12", "SHA384", "20-ECP384", STRICT, "AES256", "AES-XCBC", "28-ECP256BP", MOST,
         "AES_CCM_12_256/PRF_HMAC_SHA2_384/ECP_384"},
        /* both are */
        {"AES128", "SHA256", "15-MODP3072", STRICT, "AES256", "SHA256", "15-MODP3072", STRICT,
         "no acceptable proposal"},
        {"AES128", "SHA256", "15-MODP3072", STRICT, "AES128", "SHA384", "15-MODP3072", STRICT,
         "no acceptable proposal"},
        {"AES128", "SHA256", "15-MODP3072", STRICT, "AES128", "SHA256", "19-ECP256", STRICT,
         "no acceptable proposal"},
        /* with an AEAD the integrity algorithm is the PRF, and counts */
        {"AES128-GCM-16", "SHA256", "19-ECP256", STRICT, "AES128-GCM-16", "SHA512", "19-ECP256",
         STRICT, "no acceptable proposal"},
        {"AES128-GCM-16", "SHA256", "19-ECP256", STRICT, "AES128-GCM-12", "SHA256", "19-ECP256",
         STRICT, "no acceptable proposal"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[IKE_SUITE_TEXT_MAX];
        struct ike_proposal_policy initiator =
            ike_policy(CASES[i].encr_i, CASES[i].integ_i, CASES[i].group_i, CASES[i].mode_i);
        struct ike_proposal_policy responder =
            ike_policy(CASES[i].encr_r, CASES[i].integ_r, CASES[i].group_r, CASES[i].mode_r);
        assert_string_equal(negotiate(&initiator, &responder, 0, text), CASES[i].expected);
        assert_string_equal(negotiate(&initiator, &responder, 8, text), CASES[i].expected);
    }
}

static void esp_negotiations(void **state)
{
    (void)state;
    static const struct {
        const char *encr_i, *integ_i;
        enum ike_negotiation mode_i;
        bool esn_i, pfs_i;
        const char *encr_r, *integ_r;
        enum ike_negotiation mode_r;
        bool esn_r, pfs_r;
        const char *expected;
    } CASES[] = {
        {"AES128-CTR", "SHA256", STRICT, false, false, "AES128-CTR", "SHA256", STRICT, false, false,
         "AES_CTR_128/HMAC_SHA2_256_128/NO_EXT_SEQ"},
        {"AES128-CTR", "SHA256", STRICT, true, false, "AES128-CTR", "SHA256", STRICT, true, false,
         "AES_CTR_128/HMAC_SHA2_256_128/EXT_SEQ"},
        {"AES128-CTR", "SHA256", STRICT, true, false, "AES128-CTR", "SHA256", STRICT, false, false,
         "no acceptable proposal"},
        {"AES128-CTR", "SHA256", STRICT, false, false, "AES128-CTR", "SHA256", STRICT, true, false,
         "no acceptable proposal"},
        {"AES128-CTR", "SHA256", MOST, true, false, "AES128-CTR", "SHA256", MOST, false, false,
         "AES_GCM_16_256/NO_EXT_SEQ"},
        {"AES128-CTR", "SHA256", MOST, false, false, "AES128-CTR", "SHA256", MOST, true, false,
         "AES_GCM_16_256/NO_EXT_SEQ"},
        {"AES128-GCM-16", "SHA256", STRICT, false, false, "AES128-GCM-16", "SHA512", STRICT, false,
         false, "AES_GCM_16_128/NO_EXT_SEQ"},
        {"AES256-GCM-12", "SHA256", MOST, false, true, "AES256-GCM-12", "SHA512", MOST, false, true,
         "AES_GCM_12_256/MODP_3072/NO_EXT_SEQ"},
        {"AES128", "AES-XCBC", STRICT, false, true, "AES128", "AES-XCBC", STRICT, false, false,
         "no acceptable proposal"},
        {"AES128", "AES-XCBC", STRICT, false, false, "AES128", "AES-XCBC", STRICT, false, true,
         "no acceptable proposal"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[IKE_SUITE_TEXT_MAX];
        struct ike_proposal_policy initiator = policy_of(
            IKE_PROTOCOL_ESP, CASES[i].encr_i, CASES[i].integ_i, "15-MODP3072", CASES[i].mode_i);
        struct ike_proposal_policy responder = policy_of(
            IKE_PROTOCOL_ESP, CASES[i].encr_r, CASES[i].integ_r, "15-MODP3072", CASES[i].mode_r);
        initiator.with_group = CASES[i].pfs_i;
        responder.with_group = CASES[i].pfs_r;
        initiator.configured.esn = CASES[i].esn_i;
        responder.configured.esn = CASES[i].esn_r;
        assert_string_equal(negotiate(&initiator, &responder, 4, text), CASES[i].expected);
    }
}

/* Every pair of the product's algorithms, as configured on both sides, for IKE and for ESP. */
static void every_suite_of_the_product(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t e = 0; crypto_encr_at(e); e++) {
        for (size_t i = 0; crypto_integ_at(i); i++) {
            for (size_t g = 0; crypto_group_at(g); g++) {
                static const uint8_t protocols[] = {IKE_PROTOCOL_IKE, IKE_PROTOCOL_ESP};
                for (size_t k = 0; k < 2; k++) {
                    uint8_t protocol = protocols[k];
                    char text[IKE_SUITE_TEXT_MAX];
                    char wanted[IKE_SUITE_TEXT_MAX];
                    struct ike_proposal_policy p = policy_of(
                        protocol, crypto_encr_at(e)->name, crypto_integ_at(i)->name,
                        crypto_group_at(g)->name,
                        (e + i + g) % 2 ? IKE_NEGOTIATION_STRICT : IKE_NEGOTIATION_MOST_SECURE);
                    assert_string_equal(
                        negotiate(&p, &p, protocol == IKE_PROTOCOL_IKE ? 0 : 4, text),
                        ike_suite_format(protocol, &p.configured, wanted));
                    count++;
                }
            }
        }
    }
    assert_int_equal(count, 10 * 4 * 8 * 2);
}

/* A proposal by hand: transforms as {type, id, key_bits}, type 0 ends. */
static void add_by_hand(struct ike_proposals *list, uint8_t protocol, const uint8_t *spi,
                        size_t spi_size, const uint16_t (*transforms)[3])
{
    ike_proposals_add(list, protocol, spi, spi_size);
    for (; (*transforms)[0]; transforms++)
        ike_proposals_add_transform(list, (uint8_t)(*transforms)[0], (*transforms)[1],
                                    (*transforms)[2]);
}

/* What others may offer in IKE, and what is chosen of it: NULL for nothing. */
static const struct {
    const char *name;
    uint8_t protocol;
    uint8_t spi_size;
    uint16_t transforms[8][3];
    const char *expected;
} OFFERS[] = {
    {"plain",
     1,
     0,
     {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}},
     "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256"},
    {"no encryption", 1, 0, {{2, 5}, {3, 12}, {4, 19}}, NULL},
    {"no PRF", 1, 0, {{1, 12, 128}, {3, 12}, {4, 19}}, NULL},
    {"no integrity", 1, 0, {{1, 12, 128}, {2, 5}, {4, 19}}, NULL},
    {"no group", 1, 0, {{1, 12, 128}, {2, 5}, {3, 12}}, NULL},
    {"group NONE", 1, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 0}}, NULL},
    {"nothing", 1, 0, {{0}}, NULL},
    {"key length missing", 1, 0, {{1, 12}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"key length 192", 1, 0, {{1, 12, 192}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"key length 65535", 1, 0, {{1, 12, 65535}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"key length on the PRF", 1, 0, {{1, 12, 128}, {2, 5, 128}, {3, 12}, {4, 19}}, NULL},
    {"unknown IDs beside known",
     1,
     0,
     {{1, 999, 7}, {1, 12, 128}, {2, 999}, {2, 5}, {3, 14}, {4, 65535}, {4, 19}},
     "AES_CBC_128/HMAC_SHA2_512_256/PRF_HMAC_SHA2_256/ECP_256"},
    {"unknown transform type", 1, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}, {6, 1}}, NULL},
    {"ESN in IKE", 1, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}, {5, 0}}, NULL},
    {"AEAD with integrity NONE",
     1,
     0,
     {{1, 20, 256}, {2, 5}, {3, 0}, {4, 19}},
     "AES_GCM_16_256/PRF_HMAC_SHA2_256/ECP_256"},
    {"AEAD with integrity", 1, 0, {{1, 20, 256}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"AEAD and CBC with integrity",
     1,
     0,
     {{1, 20, 256}, {1, 12, 128}, {2, 5}, {3, 12}, {4, 19}},
     "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256"},
    {"CBC with integrity NONE", 1, 0, {{1, 12, 128}, {2, 5}, {3, 0}, {4, 19}}, NULL},
    {"a transform twice",
     1,
     0,
     {{1, 12, 128}, {1, 12, 128}, {2, 5}, {3, 12}, {4, 19}},
     "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256"},
    {"SPI in IKE_SA_INIT", 1, 8, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"protocol ESP", 3, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"protocol AH", 2, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}}, NULL},
    {"protocol 0", 0, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}}, NULL},
};

static void offers_of_others(void **state)
{
    (void)state;
    struct ike_proposal_policy p =
        ike_policy("AES256-CTR", "SHA384", "30-ECP512BP", IKE_NEGOTIATION_MOST_SECURE);
    for (size_t i = 0; i < sizeof(OFFERS) / sizeof(OFFERS[0]); i++) {
        struct ike_proposals offer;
        struct ike_choice choice;
        char text[IKE_SUITE_TEXT_MAX];
        ike_proposals_init(&offer);
        add_by_hand(&offer, OFFERS[i].protocol, SPI8, OFFERS[i].spi_size, OFFERS[i].transforms);
        enum ike_wire_status status = ike_proposal_choose(&p, &offer, 0, &choice);
        if (!OFFERS[i].expected && status == IKE_WIRE_NO_PROPOSAL)
            continue;
        if (!OFFERS[i].expected || status != IKE_WIRE_OK)
            fail_msg("%s: %s", OFFERS[i].name, ike_wire_status_text(status));
        assert_string_equal(ike_suite_format(1, &choice.suite, text), OFFERS[i].expected);
        /* the answer has to stand the initiator's own check */
        struct ike_proposals answer;
        struct ike_choice accepted;
        ike_proposal_answer(&choice, NULL, 0, &answer);
        assert_int_equal(ike_proposal_accept(&offer, &answer, &accepted), IKE_WIRE_OK);
    }
}

static void esp_offers_of_others(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t spi_size;
        uint16_t transforms[6][3];
        bool accepted;
    } CASES[] = {
        {"plain", 4, {{1, 12, 128}, {3, 12}, {5, 0}}, true},
        {"no ESN transform", 4, {{1, 12, 128}, {3, 12}}, false},
        {"ESN only", 4, {{1, 12, 128}, {3, 12}, {5, 1}}, false},
        {"ESN 2", 4, {{1, 12, 128}, {3, 12}, {5, 2}}, false},
        {"both", 4, {{1, 12, 128}, {3, 12}, {5, 1}, {5, 0}}, true},
        {"group NONE", 4, {{1, 12, 128}, {3, 12}, {4, 0}, {5, 0}}, true},
        {"a group in IKE_AUTH", 4, {{1, 12, 128}, {3, 12}, {4, 19}, {5, 0}}, false},
        {"a group or NONE", 4, {{1, 12, 128}, {3, 12}, {4, 19}, {4, 0}, {5, 0}}, true},
        {"a PRF", 4, {{1, 12, 128}, {2, 5}, {3, 12}, {5, 0}}, false},
        {"SPI of 8", 8, {{1, 12, 128}, {3, 12}, {5, 0}}, false},
        {"no SPI", 0, {{1, 12, 128}, {3, 12}, {5, 0}}, false},
        {"NULL encryption", 4, {{1, 11}, {3, 12}, {5, 0}}, false},
    };
    struct ike_proposal_policy p =
        policy_of(IKE_PROTOCOL_ESP, "AES256", "SHA512", "19-ECP256", IKE_NEGOTIATION_MOST_SECURE);
    p.with_group = false;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_proposals offer;
        struct ike_proposals answer;
        struct ike_choice choice;
        struct ike_choice accepted;
        ike_proposals_init(&offer);
        add_by_hand(&offer, IKE_PROTOCOL_ESP, SPI8, CASES[i].spi_size, CASES[i].transforms);
        enum ike_wire_status status = ike_proposal_choose(&p, &offer, 4, &choice);
        if ((status == IKE_WIRE_OK) != CASES[i].accepted)
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
        if (status != IKE_WIRE_OK)
            continue;
        assert_null(choice.suite.group);
        ike_proposal_answer(&choice, SPI4, 4, &answer);
        assert_int_equal(ike_proposal_accept(&offer, &answer, &accepted), IKE_WIRE_OK);
    }
}

static void spi_zero_is_refused(void **state)
{
    (void)state;
    static const uint8_t ZERO[8] = {0};
    struct ike_proposals offer;
    struct ike_choice choice;
    struct ike_proposal_policy p =
        ike_policy("AES128", "SHA256", "19-ECP256", IKE_NEGOTIATION_STRICT);
    ike_proposal_offer(&p, ZERO, 8, &offer);
    assert_int_equal(ike_proposal_choose(&p, &offer, 8, &choice), IKE_WIRE_NO_PROPOSAL);
}

/* The second proposal is the only good one: its number is answered. */
static void number_of_the_chosen(void **state)
{
    (void)state;
    struct ike_proposals offer;
    struct ike_proposals answer;
    struct ike_choice choice;
    struct ike_proposal_policy p =
        ike_policy("AES128", "SHA256", "19-ECP256", IKE_NEGOTIATION_STRICT);
    ike_proposals_init(&offer);
    add_by_hand(&offer, 1, NULL, 0, (const uint16_t[][3]){{1, 3}, {2, 2}, {3, 2}, {4, 2}, {0}});
    add_by_hand(&offer, 1, NULL, 0,
                (const uint16_t[][3]){{1, 12, 128}, {2, 5}, {3, 12}, {4, 19}, {0}});
    assert_int_equal(ike_proposal_choose(&p, &offer, 0, &choice), IKE_WIRE_OK);
    assert_int_equal(choice.number, 2);
    ike_proposal_answer(&choice, NULL, 0, &answer);
    assert_int_equal(answer.proposals[0].number, 2);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t number;
        uint8_t protocol;
        uint8_t spi_size;
        uint16_t transforms[8][3];
        bool accepted;
    } CASES[] = {
        {"the first", 1, 1, 0, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, true},
        {"AEAD of the second", 2, 1, 0, {{1, 20, 256}, {2, 5}, {4, 15}}, true},
        {"another order", 2, 1, 0, {{4, 15}, {2, 5}, {1, 20, 256}}, true},
        {"not the first's algorithm", 1, 1, 0, {{1, 12, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"number 4", 4, 1, 0, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"number 0", 0, 1, 0, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"another protocol", 1, 3, 0, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"an SPI", 1, 1, 8, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"a type missing", 1, 1, 0, {{1, 13, 128}, {2, 5}, {3, 12}}, false},
        {"a type twice", 3, 1, 0, {{1, 13, 128}, {1, 13, 256}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"the same twice", 1, 1, 0, {{1, 13, 128}, {1, 13, 128}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"another key length", 1, 1, 0, {{1, 13, 256}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"no key length", 1, 1, 0, {{1, 13}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"integrity beside an AEAD", 2, 1, 0, {{1, 20, 256}, {2, 5}, {3, 12}, {4, 15}}, false},
        {"a type that was not offered",
         1,
         1,
         0,
         {{1, 13, 128}, {2, 5}, {3, 12}, {4, 15}, {5, 0}},
         false},
        {"group 65535", 3, 1, 0, {{1, 13, 128}, {2, 5}, {3, 12}, {4, 65535}}, false},
    };
    struct ike_proposals offer;
    struct ike_proposal_policy p =
        ike_policy("AES128-CTR", "SHA256", "15-MODP3072", IKE_NEGOTIATION_MOST_SECURE);
    ike_proposal_offer(&p, NULL, 0, &offer);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_proposals answer;
        struct ike_choice choice;
        ike_proposals_init(&answer);
        add_by_hand(&answer, CASES[i].protocol, SPI8, CASES[i].spi_size, CASES[i].transforms);
        answer.proposals[0].number = CASES[i].number;
        enum ike_wire_status status = ike_proposal_accept(&offer, &answer, &choice);
        if (status != (CASES[i].accepted ? IKE_WIRE_OK : IKE_WIRE_ANSWER))
            fail_msg("%s: %s", CASES[i].name, ike_wire_status_text(status));
    }
}

static void answer_of_several_proposals_is_refused(void **state)
{
    (void)state;
    struct ike_proposals offer;
    struct ike_choice choice;
    struct ike_proposal_policy p =
        ike_policy("AES128-CTR", "SHA256", "15-MODP3072", IKE_NEGOTIATION_MOST_SECURE);
    ike_proposal_offer(&p, NULL, 0, &offer);
    assert_int_equal(ike_proposal_accept(&offer, &offer, &choice), IKE_WIRE_ANSWER);
    struct ike_proposals empty = {.count = 0};
    assert_int_equal(ike_proposal_accept(&offer, &empty, &choice), IKE_WIRE_ANSWER);
}

/* Every 16-bit group number in an offer, and in an INVALID_KE_PAYLOAD. */
static void every_group_number(void **state)
{
    (void)state;
    struct ike_proposals ours;
    struct ike_proposal_policy p =
        ike_policy("AES128", "SHA256", "19-ECP256", IKE_NEGOTIATION_MOST_SECURE);
    size_t known = 0;
    ike_proposal_offer(&p, NULL, 0, &ours);
    for (unsigned group = 0; group <= UINT16_MAX; group++) {
        struct ike_proposals offer;
        struct ike_choice choice;
        uint16_t transforms[][3] = {{1, 12, 256}, {2, 5}, {3, 12}, {4, (uint16_t)group}, {0}};
        ike_proposals_init(&offer);
        add_by_hand(&offer, 1, NULL, 0, (const uint16_t(*)[3])transforms);
        bool chosen = ike_proposal_choose(&p, &offer, 0, &choice) == IKE_WIRE_OK;
        const struct crypto_group *found = ike_proposal_group(&ours, (uint16_t)group);
        assert_int_equal(chosen, found != NULL);
        if (chosen)
            assert_int_equal(choice.suite.group->id, group);
        known += chosen;
    }
    assert_int_equal(known, 8);
}

static void take_mutant(uint8_t *bytes, size_t size, void *context)
{
    const struct ike_proposal_policy *p = context;
    struct ike_payload payload = {.type = IKE_PAYLOAD_SA, .size = (uint16_t)size, .body = bytes};
    struct ike_proposals offer;
    struct ike_proposals answer;
    struct ike_choice choice;
    struct ike_choice accepted;
    if (ike_proposals_read(&offer, &payload) != IKE_WIRE_OK)
        return;
    if (ike_proposal_choose(p, &offer, 0, &choice) != IKE_WIRE_OK)
        return;
    ike_proposal_answer(&choice, NULL, 0, &answer);
    assert_int_equal(ike_proposal_accept(&offer, &answer, &accepted), IKE_WIRE_OK);
    assert_true(ike_suite_equal(&choice.suite, &accepted.suite));
}

static void mutants(void **state)
{
    (void)state;
    uint8_t bytes[SAMPLE_SIZE_MAX];
    struct ike_message m;
    struct ike_proposal_policy p =
        ike_policy("AES128", "SHA256", "19-ECP256", IKE_NEGOTIATION_MOST_SECURE);
    size_t size = sample_build_plain(&SAMPLES[0], bytes, sizeof(bytes));
    assert_int_equal(ike_message_parse(&m, bytes, size), IKE_WIRE_OK);
    const struct ike_payload *sa = ike_message_find(&m, IKE_PAYLOAD_SA);
    mutate_all(sa->body, sa->size, take_mutant, &p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_offer),
        cmocka_unit_test(aead_offers),
        cmocka_unit_test(most_secure_offer),
        cmocka_unit_test(esn_offers),
        cmocka_unit_test(ike_negotiations),
        cmocka_unit_test(esp_negotiations),
        cmocka_unit_test(every_suite_of_the_product),
        cmocka_unit_test(offers_of_others),
        cmocka_unit_test(esp_offers_of_others),
        cmocka_unit_test(spi_zero_is_refused),
        cmocka_unit_test(number_of_the_chosen),
        cmocka_unit_test(answers),
        cmocka_unit_test(answer_of_several_proposals_is_refused),
        cmocka_unit_test(every_group_number),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
