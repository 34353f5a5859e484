/*
 * What a peer may send that it should not, with the right keys: message IDs outside the window, exchanges out of
 * order in every state, malformed payloads, unknown ones; and what anybody can do with copies of its datagrams.
 * (RFC 7296 sections 2.2, 2.3, 2.5, 2.21.) An SA changes by none of it, or ends where the RFC says so.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/group.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/send.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH
#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

typedef void write_fn(struct ike_sa *sa, struct ike_builder *b);

static struct ike_sa *sa_of(struct lab *lab, int end)
{
    struct ike_endpoint *ep = lab_ep(lab, end);
    struct ike_sa *sa = ike_engine_sa_of(ep, ep->peers[0]);
    return sa ? sa : ep->sas;
}

/* An authentic message of `from` with any exchange, ID and contents, handed to the other end. */
static void forge(struct lab *lab, int from, uint8_t exchange, bool response, uint32_t message_id,
                  write_fn *write)
{
    struct ike_sa *sa = sa_of(lab, from);
    struct ike_draft draft;
    uint8_t iv[IKE_SK_IV_SIZE_MAX];
    ike_send_draft(sa, &draft, exchange, response, message_id);
    if (write)
        write(sa, &draft.b);
    ike_sa_next_iv(sa, iv);
    size_t size = ike_sk_seal(&sa->seal, &draft.b, iv);
    assert_int_not_equal(size, 0);
    struct ike_path path = {sa->path.remote, sa->path.local, sa->path.remote_port,
                            sa->path.local_port};
    lab_input(lab, 1 - from, &path, draft.buffer, size);
}

static unsigned answers(struct lab *lab, int end)
{
    unsigned sum = 0;
    for (int e = 0; e < 256; e++)
        sum += lab->ends[end].responses[e];
    return sum;
}

/* --- the window --- */

static void window(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        struct ike_sa *b = sa_of(lab, 1 - end);
        uint32_t due = b->window.receive_next;
        unsigned before = answers(lab, 1 - end);
        static const int offsets[] = {2, 1, -2, -3, 100, 0x7fffffff};
        for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
            forge(lab, end, INFO, false, due + (uint32_t)offsets[i], NULL);
        assert_int_equal(b->window.receive_next, due);
        assert_int_equal(answers(lab, 1 - end), before);
        forge(lab, end, INFO, false, due, NULL);
        assert_int_equal(answers(lab, 1 - end), before + 1);
        /* Again: the same answer from memory, and nothing is done twice. */
        unsigned again = lab->ends[1 - end].retransmissions;
        forge(lab, end, INFO, false, due, NULL);
        assert_int_equal(lab->ends[1 - end].retransmissions, again + 1);
        assert_int_equal(b->window.receive_next, due + 1);
        lab_run(lab, BASE_S);
        assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
        lab_free(lab);
    }
}

static void responses_to_nothing(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    for (uint32_t id = 0; id < 5; id++)
        for (int exchange = INIT; exchange <= INFO; exchange++) {
            forge(lab, LAB_A, (uint8_t)exchange, true, id, NULL);
            forge(lab, LAB_B, (uint8_t)exchange, true, id, NULL);
        }
    lab_run(lab, BASE_S);
    lab_end_soundly(lab);
}

/* A response of the right ID and another exchange, while ours is under way. */
static void response_of_another_exchange(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    lab_fault(lab, (struct lab_fault){.from = LAB_A,
                                      .exchange = CHILD,
                                      .response = 0,
                                      .count = 1,
                                      .action = LAB_HOLD,
                                      .name = "rekey"});
    lab_rekey_child(lab, LAB_A);
    forge(lab, LAB_B, INFO, true, sa_of(lab, LAB_A)->window.send_next - 1, NULL);
    assert_non_null(sa_of(lab, LAB_A)->active);
    lab_release(lab, "rekey");
    lab_end_soundly(lab);
}

static void requests_of_both_cross_a_duplicate(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    lab_fault(lab, (struct lab_fault){.from = LAB_ANY,
                                      .response = LAB_ANY,
                                      .action = LAB_DUPLICATE,
                                      .delay = 3 * BASE_MS});
    lab_pings(lab, 5 * BASE_MS);
    lab_rekey_child(lab, LAB_A);
    lab_rekey_child(lab, LAB_B);
    lab_run(lab, BASE_S);
    lab_rekey_ike(lab, LAB_A);
    lab_end_soundly(lab);
}

/* --- the wrong exchange for the state --- */

static void before_authentication(void **state)
{
    (void)state;
    static const uint8_t exchanges[] = {CHILD, INFO};
    for (size_t i = 0; i < 2; i++) {
        struct lab *lab = lab_plain();
        lab_fault(lab, (struct lab_fault){
                           .from = LAB_A, .exchange = AUTH, .action = LAB_HOLD, .name = "auth"});
        lab_initiate(lab, LAB_A);
        lab_run(lab, 30 * BASE_MS);
        assert_int_equal(sa_of(lab, LAB_B)->state, IKE_SA_INIT_ANSWERED);
        unsigned before = answers(lab, LAB_B);
        for (uint32_t id = 0; id < 3; id++)
            forge(lab, LAB_A, exchanges[i], false, id, NULL);
        assert_int_equal(answers(lab, LAB_B), before);
        assert_int_equal(sa_of(lab, LAB_B)->state, IKE_SA_INIT_ANSWERED);
        /* The responder is not authenticated either: its requests are not heard. */
        forge(lab, LAB_B, exchanges[i], false, 0, NULL);
        assert_int_equal(sa_of(lab, LAB_A)->state, IKE_SA_AUTH_SENT);
        lab_release(lab, "auth");
        lab_run(lab, BASE_S);
        lab_end_soundly(lab);
    }
}

static void init_and_auth_when_established(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    for (int end = 0; end < 2; end++) {
        uint32_t due = sa_of(lab, 1 - end)->window.receive_next;
        forge(lab, end, AUTH, false, due, NULL);
        forge(lab, end, INIT, false, due, NULL);
        forge(lab, end, INIT, false, 0, NULL);
        assert_int_equal(sa_of(lab, 1 - end)->window.receive_next, due);
    }
    lab_end_soundly(lab);
}

static void create_while_deleting(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    lab_fault(lab, (struct lab_fault){.from = LAB_B, .response = 0, .action = LAB_DROP});
    lab_terminate(lab, LAB_B, false);
    forge(lab, LAB_A, CHILD, false, sa_of(lab, LAB_B)->window.receive_next, NULL);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_free(lab);
}

/* --- malformed after authentication --- */

static void bad_delete(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    static const uint8_t body[] = {3, 4, 0, 9, 1, 2, 3, 4}; /* nine SPIs, and one is there */
    ike_builder_raw(b, IKE_PAYLOAD_DELETE, body, sizeof(body));
}

static void bad_notify(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    static const uint8_t body[] = {3, 200, 0, 9};
    ike_builder_raw(b, IKE_PAYLOAD_NOTIFY, body, sizeof(body));
}

static void bad_selectors(struct ike_sa *sa, struct ike_builder *b)
{
    struct ike_proposal_policy policy = ike_peer_esp_policy(sa->peer, true);
    struct ike_proposals offer;
    static const uint8_t nonce[32] = {1}, spi[4] = {1, 2, 3, 4};
    static const uint8_t body[] = {1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 9, 9, 9, 9, 1, 1, 1, 1};
    ike_proposal_offer(&policy, spi, 4, &offer);
    ike_write_sa(b, &offer);
    ike_write_nonce(b, nonce, sizeof(nonce));
    ike_builder_raw(b, IKE_PAYLOAD_TSI, body, sizeof(body));
    ike_builder_raw(b, IKE_PAYLOAD_TSR, body, sizeof(body));
}

static void no_payloads(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    (void)b;
}

static void invalid_syntax_is_fatal(void **state)
{
    (void)state;
    static const struct {
        uint8_t exchange;
        write_fn *write;
    } cases[] = {
        {INFO, bad_delete}, {INFO, bad_notify}, {CHILD, bad_selectors}, {CHILD, no_payloads}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        forge(lab, LAB_A, cases[i].exchange, false, sa_of(lab, LAB_B)->window.receive_next,
              cases[i].write);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_SYNTAX));
        assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
        assert_int_equal(esp_sad_count(lab->ends[LAB_B].sad), 0);
        lab_free(lab);
    }
}

static void unknown_critical(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    base_write_zeros(ike_builder_payload_critical(b, 49), 5);
}

static void unknown_not_critical(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    static const uint8_t types[] = {1, 32, 49, 255};
    for (size_t i = 0; i < sizeof(types); i++)
        base_write_zeros(ike_builder_payload(b, types[i]), 5);
}

static void unknown_payloads(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    forge(lab, LAB_A, INFO, false, sa_of(lab, LAB_B)->window.receive_next, unknown_not_critical);
    assert_false(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
    forge(lab, LAB_A, INFO, false, sa_of(lab, LAB_B)->window.receive_next, unknown_critical);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD));
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
    lab_free(lab);
}

/* REKEY_SA that names no ESP SA: protocol 0 or 1, no SPI. */
static uint8_t rekey_protocol;

static void bad_rekey_sa(struct ike_sa *sa, struct ike_builder *b)
{
    static const uint8_t spi[4] = {1, 2, 3, 4};
    struct ike_notify_payload notify = {.protocol = rekey_protocol,
                                        .spi_size = rekey_protocol ? 4 : 0,
                                        .spi = spi,
                                        .type = IKE_NOTIFY_REKEY_SA};
    ike_write_notify_full(b, &notify);
    bad_selectors(sa, b);
}

static void rekey_of_no_esp_sa(void **state)
{
    (void)state;
    for (rekey_protocol = 0; rekey_protocol < 3; rekey_protocol++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        forge(lab, LAB_A, CHILD, false, sa_of(lab, LAB_B)->window.receive_next, bad_rekey_sa);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
        assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
        lab_free(lab);
    }
}

static void two_deletes(struct ike_sa *sa, struct ike_builder *b)
{
    uint32_t spi = sa->children->spi_in, other = 0x01020304;
    ike_write_delete_esp(b, &spi, 1);
    ike_write_delete_esp(b, &other, 1);
    ike_write_delete_esp(b, &spi, 1);
}

static void several_deletes_in_one_message(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    forge(lab, LAB_A, INFO, false, sa_of(lab, LAB_B)->window.receive_next, two_deletes);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_IKE_ONLY);
    assert_int_equal(lab->ends[LAB_B].events[IKE_EVENT_CHILD_DOWN], 1);
    assert_int_equal(esp_sad_count(lab->ends[LAB_B].sad), 0);
    lab_free(lab);
}

static void delete_of_ike_and_child(struct ike_sa *sa, struct ike_builder *b)
{
    uint32_t spi = sa->children->spi_in;
    ike_write_delete_ike(b);
    ike_write_delete_esp(b, &spi, 1);
}

static void delete_followed_by_its_child(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    forge(lab, LAB_A, INFO, false, sa_of(lab, LAB_B)->window.receive_next, delete_of_ike_and_child);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
    assert_int_equal(esp_sad_count(lab->ends[LAB_B].sad), 0);
    lab_free(lab);
}

/* --- datagrams of anybody against an SA that is up --- */

struct copies {
    struct lab *lab;
    uint8_t bytes[40][1200];
    size_t sizes[40];
    struct ike_path paths[40];
    int count;
};

static void copy_sent(void *context, base_ns at, const struct ike_path *path, bool marker,
                      const uint8_t *bytes, size_t size)
{
    struct copies *copies = context;
    (void)at;
    (void)marker;
    if (copies->count == 40 || size > sizeof(copies->bytes[0]))
        return;
    memcpy(copies->bytes[copies->count], bytes, size);
    copies->paths[copies->count] = *path;
    copies->sizes[copies->count++] = size;
}

/* Every message of a life, cut at every length and with every bit turned, to both ends: nothing happens. */
static void cut_and_flipped(void **state)
{
    (void)state;
    struct copies *copies = calloc(1, sizeof(*copies));
    struct lab *lab = lab_plain();
    lab->record = copy_sent;
    lab->record_context = copies;
    lab_up(lab, LAB_A);
    lab_rekey_child(lab, LAB_A);
    lab_settle(lab);
    lab->record = NULL;
    uint32_t due[2] = {sa_of(lab, 0)->window.receive_next, sa_of(lab, 1)->window.receive_next};
    for (int n = 0; n < copies->count; n++) {
        struct ike_path path = {copies->paths[n].remote, copies->paths[n].local,
                                copies->paths[n].remote_port, copies->paths[n].local_port};
        int to = net_addr_equal(&path.local, &lab->ends[LAB_A].address) ? LAB_A : LAB_B;
        bool init = copies->bytes[n][18] == INIT;
        for (size_t size = 0; size < copies->sizes[n]; size++)
            lab_input(lab, to, &path, copies->bytes[n], size);
        for (size_t bit = 0; !init && bit < 8 * copies->sizes[n]; bit += 3) {
            copies->bytes[n][bit / 8] ^= (uint8_t)(1u << bit % 8);
            lab_input(lab, to, &path, copies->bytes[n], copies->sizes[n]);
            copies->bytes[n][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    assert_int_equal(sa_of(lab, 0)->window.receive_next, due[0]);
    assert_int_equal(sa_of(lab, 1)->window.receive_next, due[1]);
    lab_settle(lab);
    lab_pings(lab, 10 * BASE_MS);
    lab_run(lab, BASE_S);
    lab_end_soundly(lab);
    free(copies);
}

/* What says INVALID_IKE_SPI in clear harms no SA. */
static void notify_in_clear(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    struct ike_sa *a = sa_of(lab, LAB_A);
    struct ike_header header = {.spi_i = a->spi_i, .spi_r = a->spi_r, .exchange = INFO};
    for (int response = 0; response < 2; response++) {
        header.flags = response ? IKE_FLAG_RESPONSE : 0;
        lab_input_notify(lab, LAB_A, &header, IKE_NOTIFY_INVALID_IKE_SPI);
    }
    lab_run(lab, BASE_S);
    lab_end_soundly(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window),
        cmocka_unit_test(responses_to_nothing),
        cmocka_unit_test(response_of_another_exchange),
        cmocka_unit_test(requests_of_both_cross_a_duplicate),
        cmocka_unit_test(before_authentication),
        cmocka_unit_test(init_and_auth_when_established),
        cmocka_unit_test(create_while_deleting),
        cmocka_unit_test(invalid_syntax_is_fatal),
        cmocka_unit_test(unknown_payloads),
        cmocka_unit_test(rekey_of_no_esp_sa),
        cmocka_unit_test(several_deletes_in_one_message),
        cmocka_unit_test(delete_followed_by_its_child),
        cmocka_unit_test(cut_and_flipped),
        cmocka_unit_test(notify_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
