/*
 * Messages of every kind. Byte patterns stand for what is random: 0x11.. for the initiator, 0x22..
 * for the responder.
 */
#include "tests/ike/samples.h"

#include "ipsec/ike/id.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/proposal.h"
#include "ipsec/ike/ts.h"

#include <assert.h>
#include <string.h>

#define REQUEST IKE_FLAG_INITIATOR
#define RESPONSE IKE_FLAG_RESPONSE
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint8_t SPI_IKE[8] = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8};
static const uint8_t SPI_ESP[4] = {0xc1, 0xc2, 0xc3, 0xc4};

static void offer(struct ike_builder *b, uint8_t protocol, const uint8_t *spi, size_t spi_size,
                  bool with_group, enum ike_negotiation negotiation)
{
    struct ike_proposals proposals;
    struct ike_proposal_policy policy = {.protocol = protocol,
                                         .negotiation = negotiation,
                                         .configured =
                                             ike_suite_of(protocol, crypto_encr_named("AES128-CTR"),
                                                          crypto_integ_named("SHA256"),
                                                          crypto_group_named("15-MODP3072"), true),
                                         .with_group = with_group};
    ike_proposal_offer(&policy, spi, spi_size, &proposals);
    ike_write_sa(b, &proposals);
}

static void ke(struct ike_builder *b, uint16_t group, size_t size, uint8_t fill)
{
    uint8_t value[512];
    assert(size <= sizeof(value));
    memset(value, fill, size);
    ike_write_ke(b, group, value, size);
}

static void nonce(struct ike_builder *b, uint8_t fill)
{
    uint8_t value[32];
    memset(value, fill, sizeof(value));
    ike_write_nonce(b, value, sizeof(value));
}

static void id(struct ike_builder *b, uint8_t type, const char *text)
{
    struct ike_id value;
    bool parsed = ike_id_parse(&value, text);
    assert(parsed);
    ike_write_id(b, type, &value);
}

static void selectors(struct ike_builder *b, uint8_t type, const char *const *prefixes)
{
    struct ike_ts_list list = {.count = 0};
    for (; *prefixes; prefixes++) {
        struct net_prefix prefix;
        bool parsed = net_prefix_parse(*prefixes, NET_PREFIX_MASK, &prefix);
        assert(parsed);
        struct ike_ts ts = ike_ts_from_prefix(&prefix);
        bool added = ike_ts_list_add(&list, &ts);
        assert(added);
    }
    ike_write_ts(b, type, &list);
}

static void nat_detection(struct ike_builder *b)
{
    uint8_t hash[20];
    memset(hash, 0x5c, sizeof(hash));
    ike_write_notify(b, IKE_NOTIFY_NAT_DETECTION_SOURCE_IP, hash, sizeof(hash));
    memset(hash, 0xd5, sizeof(hash));
    ike_write_notify(b, IKE_NOTIFY_NAT_DETECTION_DESTINATION_IP, hash, sizeof(hash));
}

static void init_request(struct ike_builder *b)
{
    offer(b, IKE_PROTOCOL_IKE, NULL, 0, true, IKE_NEGOTIATION_MOST_SECURE);
    ke(b, 15, 384, 0x11);
    nonce(b, 0x12);
    nat_detection(b);
    ike_write_notify(b, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
    ike_builder_raw(b, IKE_PAYLOAD_VENDOR, "vendor of vendors", 17);
}

static void init_request_with_cookie(struct ike_builder *b)
{
    uint8_t cookie[33];
    memset(cookie, 0xc0, sizeof(cookie));
    ike_write_notify(b, IKE_NOTIFY_COOKIE, cookie, sizeof(cookie));
    offer(b, IKE_PROTOCOL_IKE, NULL, 0, true, IKE_NEGOTIATION_STRICT);
    ke(b, 19, 64, 0x11);
    nonce(b, 0x12);
}

static void init_response(struct ike_builder *b)
{
    offer(b, IKE_PROTOCOL_IKE, NULL, 0, true, IKE_NEGOTIATION_STRICT);
    ke(b, 15, 384, 0x21);
    nonce(b, 0x22);
    nat_detection(b);
    ike_write_notify(b, IKE_NOTIFY_IKEV2_FRAGMENTATION_SUPPORTED, NULL, 0);
}

static void init_cookie(struct ike_builder *b)
{
    uint8_t cookie[33];
    memset(cookie, 0xc0, sizeof(cookie));
    ike_write_notify(b, IKE_NOTIFY_COOKIE, cookie, sizeof(cookie));
}

static void init_invalid_ke(struct ike_builder *b)
{
    ike_write_notify_u16(b, IKE_NOTIFY_INVALID_KE_PAYLOAD, 21);
}

static void auth_request(struct ike_builder *b)
{
    uint8_t auth[32];
    memset(auth, 0xa0, sizeof(auth));
    id(b, IKE_PAYLOAD_IDI, "203.0.113.10");
    ike_write_notify(b, IKE_NOTIFY_INITIAL_CONTACT, NULL, 0);
    id(b, IKE_PAYLOAD_IDR, "@lhr-gw.example");
    ike_write_auth(b, IKE_AUTH_PSK, auth, sizeof(auth));
    offer(b, IKE_PROTOCOL_ESP, SPI_ESP, sizeof(SPI_ESP), false, IKE_NEGOTIATION_MOST_SECURE);
    selectors(b, IKE_PAYLOAD_TSI, (const char *const[]){"192.168.1.0/24", "10.1.0.0/16", NULL});
    selectors(b, IKE_PAYLOAD_TSR, (const char *const[]){"192.168.2.0/24", "2001:db8:2::/64", NULL});
    ike_write_notify(b, IKE_NOTIFY_MOBIKE_SUPPORTED, NULL, 0);
    ike_write_notify(b, IKE_NOTIFY_ADDITIONAL_IP4_ADDRESS, "\xc0\x00\x02\x01", 4);
}

static void auth_response(struct ike_builder *b)
{
    uint8_t auth[32];
    memset(auth, 0xb0, sizeof(auth));
    id(b, IKE_PAYLOAD_IDR, "gw@lhr.example");
    ike_write_auth(b, IKE_AUTH_PSK, auth, sizeof(auth));
    offer(b, IKE_PROTOCOL_ESP, SPI_ESP, sizeof(SPI_ESP), false, IKE_NEGOTIATION_STRICT);
    selectors(b, IKE_PAYLOAD_TSI, (const char *const[]){"192.168.1.0/24", NULL});
    selectors(b, IKE_PAYLOAD_TSR, (const char *const[]){"192.168.2.0/24", NULL});
    ike_write_notify(b, IKE_NOTIFY_ESP_TFC_PADDING_NOT_SUPPORTED, NULL, 0);
    ike_write_notify(b, IKE_NOTIFY_MOBIKE_SUPPORTED, NULL, 0);
}

static void auth_failed(struct ike_builder *b)
{
    ike_write_notify(b, IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
}

static void child_rekey(struct ike_builder *b)
{
    ike_write_notify_esp(b, IKE_NOTIFY_REKEY_SA, 0xc1c2c3c4);
    offer(b, IKE_PROTOCOL_ESP, SPI_ESP, sizeof(SPI_ESP), true, IKE_NEGOTIATION_STRICT);
    nonce(b, 0x13);
    ke(b, 19, 64, 0x14);
    selectors(b, IKE_PAYLOAD_TSI, (const char *const[]){"192.168.1.0/24", NULL});
    selectors(b, IKE_PAYLOAD_TSR, (const char *const[]){"192.168.2.0/24", NULL});
}

static void ike_rekey(struct ike_builder *b)
{
    offer(b, IKE_PROTOCOL_IKE, SPI_IKE, sizeof(SPI_IKE), true, IKE_NEGOTIATION_MOST_SECURE);
    nonce(b, 0x15);
    ke(b, 19, 64, 0x16);
}

static void child_not_found(struct ike_builder *b)
{
    ike_write_notify_esp(b, IKE_NOTIFY_CHILD_SA_NOT_FOUND, 0xc1c2c3c4);
}

static void temporary_failure(struct ike_builder *b)
{
    ike_write_notify(b, IKE_NOTIFY_TEMPORARY_FAILURE, NULL, 0);
}

static void delete_children(struct ike_builder *b)
{
    const uint32_t spis[] = {0xc1c2c3c4, 0xd1d2d3d4};
    ike_write_delete_esp(b, spis, COUNT(spis));
}

static void delete_ike(struct ike_builder *b)
{
    ike_write_delete_ike(b);
}

static void liveness(struct ike_builder *b)
{
    (void)b;
}

static void address_update(struct ike_builder *b)
{
    ike_write_notify(b, IKE_NOTIFY_UPDATE_SA_ADDRESSES, NULL, 0);
    nat_detection(b);
    ike_write_notify(b, IKE_NOTIFY_COOKIE2, "sixteen octets..", 16);
}

const struct sample SAMPLES[] = {
    {"init-request", IKE_EXCHANGE_IKE_SA_INIT, REQUEST, 0, false, true, init_request},
    {"init-request-cookie", IKE_EXCHANGE_IKE_SA_INIT, REQUEST, 0, false, true,
     init_request_with_cookie},
    {"init-response", IKE_EXCHANGE_IKE_SA_INIT, RESPONSE, 0, false, false, init_response},
    {"init-cookie", IKE_EXCHANGE_IKE_SA_INIT, RESPONSE, 0, false, true, init_cookie},
    {"init-invalid-ke", IKE_EXCHANGE_IKE_SA_INIT, RESPONSE, 0, false, true, init_invalid_ke},
    {"auth-request", IKE_EXCHANGE_IKE_AUTH, REQUEST, 1, true, false, auth_request},
    {"auth-response", IKE_EXCHANGE_IKE_AUTH, RESPONSE, 1, true, false, auth_response},
    {"auth-failed", IKE_EXCHANGE_IKE_AUTH, RESPONSE, 1, true, false, auth_failed},
    {"child-rekey", IKE_EXCHANGE_CREATE_CHILD_SA, REQUEST, 2, true, false, child_rekey},
    {"child-not-found", IKE_EXCHANGE_CREATE_CHILD_SA, RESPONSE, 2, true, false, child_not_found},
    {"ike-rekey", IKE_EXCHANGE_CREATE_CHILD_SA, REQUEST, 3, true, false, ike_rekey},
    {"temporary-failure", IKE_EXCHANGE_CREATE_CHILD_SA, RESPONSE, 3, true, false,
     temporary_failure},
    {"delete-children", IKE_EXCHANGE_INFORMATIONAL, REQUEST, 4, true, false, delete_children},
    {"delete-ike", IKE_EXCHANGE_INFORMATIONAL, REQUEST, 5, true, false, delete_ike},
    {"liveness", IKE_EXCHANGE_INFORMATIONAL, REQUEST, 6, true, false, liveness},
    {"liveness-response", IKE_EXCHANGE_INFORMATIONAL, RESPONSE, 6, true, false, liveness},
    {"address-update", IKE_EXCHANGE_INFORMATIONAL, REQUEST, 7, true, false, address_update},
};
const size_t SAMPLE_COUNT = COUNT(SAMPLES);

const struct sample *sample_named(const char *name)
{
    size_t i = 0;
    while (i < SAMPLE_COUNT && strcmp(SAMPLES[i].name, name) != 0)
        i++;
    assert(i < SAMPLE_COUNT);
    return &SAMPLES[i];
}

struct ike_header sample_header(const struct sample *sample, uint64_t spi_i, uint64_t spi_r)
{
    return (struct ike_header){.spi_i = spi_i,
                               .spi_r = sample->spi_r_zero ? 0 : spi_r,
                               .exchange = sample->exchange,
                               .flags = sample->flags,
                               .message_id = sample->message_id};
}

size_t sample_build_plain(const struct sample *sample, uint8_t *out, size_t capacity)
{
    struct ike_builder b;
    struct ike_header header =
        sample_header(sample, UINT64_C(0x1111111111111111), UINT64_C(0x2222222222222222));
    ike_builder_init(&b, out, capacity, &header);
    sample->write(&b);
    return ike_builder_finish(&b);
}

static int hex_digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *found = strchr(DIGITS, c);
    return found && c ? (int)(found - DIGITS) : -1;
}

size_t sample_unhex(const char *hex, uint8_t *out, size_t capacity)
{
    size_t digits = 0;
    for (; *hex; hex++) {
        int value = hex_digit(*hex);
        if (value < 0)
            continue;
        assert(digits / 2 < capacity);
        out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | value : value << 4);
        digits++;
    }
    assert(digits % 2 == 0);
    return digits / 2;
}
