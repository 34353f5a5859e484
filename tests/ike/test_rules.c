/*
 * Rules of RFC 7296 about what ends an SA and what does not, who may say what, and what is told to whom, each with
 * its section. The peer has the right keys.
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"
#include "tests/ike/forge.h"
#include "tests/ike/scene.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH
#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

static void write_invalid_syntax(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    ike_write_notify(b, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
}

static void write_unsupported(struct ike_sa *sa, struct ike_builder *b)
{
    static const uint8_t type = 49;
    (void)sa;
    ike_write_notify(b, IKE_NOTIFY_UNSUPPORTED_CRITICAL_PAYLOAD, &type, 1);
}

/* 2.21.3: INVALID_SYNTAX in an answer, whatever was asked, ends the IKE SA without a DELETE. */
static void invalid_syntax_in_an_answer(void **state)
{
    (void)state;
    static const enum ike_task_kind kinds[] = {IKE_TASK_LIVENESS, IKE_TASK_CHILD_DELETE,
                                               IKE_TASK_CHILD_REKEY, IKE_TASK_IKE_REKEY};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        lab_fault(lab, (struct lab_fault){.from = LAB_A, .action = LAB_DROP});
        struct ike_sa *a = forge_sa(lab, LAB_A);
        if (kinds[i] == IKE_TASK_LIVENESS) {
            ike_task_add(a, kinds[i]);
            ike_tasks_run(a);
            lab_drain(lab, LAB_A);
        } else if (kinds[i] == IKE_TASK_CHILD_DELETE)
            lab_terminate(lab, LAB_A, true);
        else if (kinds[i] == IKE_TASK_CHILD_REKEY)
            lab_rekey_child(lab, LAB_A);
        else
            lab_rekey_ike(lab, LAB_A);
        assert_int_equal(a->active->kind, kinds[i]);
        uint8_t exchange = ike_task_ops(kinds[i])->exchange;
        forge_send(lab, LAB_B, exchange, true, a->window.send_next - 1, write_invalid_syntax);
        assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
        assert_int_equal(esp_sad_count(lab->ends[LAB_A].sad), 0);
        assert_int_equal(lab->ends[LAB_A].retransmissions, 0);
        lab_free(lab);
    }
}

/* 2.21.2: UNSUPPORTED_CRITICAL_PAYLOAD ends it right after IKE_AUTH, and nowhere else. */
static void unsupported_critical_payload_after_auth(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    forge_request(lab, LAB_B, INFO, write_unsupported); /* of the responder: another thing */
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    forge_request(lab, LAB_A, INFO, write_unsupported);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
    lab_free(lab);
    lab = lab_plain();
    lab_up(lab, LAB_A);
    forge_request(lab, LAB_A, INFO, NULL);
    forge_request(lab, LAB_A, INFO, write_unsupported);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
    lab_free(lab);
}

/* 3.10.1: error types that are not known are ignored in a request; so are status types. */
static void write_unknown_notifies(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    static const uint16_t types[] = {2, 3, 13, 100, 8191, 16383, 16384, 40959, 40960, 65535};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        ike_write_notify(b, types[i], "data", i % 5);
}

static void unknown_notifies_are_ignored(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    for (int end = 0; end < 2; end++)
        forge_request(lab, end, INFO, write_unknown_notifies);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_ESTABLISHED);
    lab_free(lab);
}

/* 2.4: a tunnel that comes up beside another between the same identities is no initial contact. */
static void two_tunnels_between_the_same_ends(void **state)
{
    (void)state;
    static const struct net_prefix other[2] = {{{NET_ADDR_IP4, {10, 1, 0, 0}}, 16},
                                               {{NET_ADDR_IP4, {10, 2, 0, 0}}, 16}};
    struct lab *lab = lab_plain();
    struct lab_setup setup;
    lab_defaults(&setup);
    for (int i = 0; i < 2; i++) {
        struct ike_peer_config second = setup.peer[i];
        second.name = "second";
        second.reqid = 2;
        second.local_networks = &other[i];
        second.remote_networks = &other[1 - i];
        assert_int_equal(ike_endpoint_add_peer(lab_ep(lab, i), 0, &second), 1);
    }
    lab_up(lab, LAB_A);
    assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_INITIAL_CONTACT));
    lab->ends[LAB_A].notify_sent_count = 0;
    ike_endpoint_initiate(lab_ep(lab, LAB_A), lab->now, 1);
    lab_drain(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_false(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_INITIAL_CONTACT));
    for (int i = 0; i < 2; i++)
        for (int peer = 0; peer < 2; peer++) {
            struct ike_peer_info info;
            assert_true(ike_endpoint_peer(lab_ep(lab, i), peer, &info));
            assert_int_equal(info.state, IKE_PEER_ESTABLISHED);
        }
    /* A forgets all: its first word ends both at B. */
    lab_crash(lab, LAB_A);
    struct base_rng stream;
    base_rng_init(&stream, 7, "A again");
    lab->ends[LAB_A].endpoint = ike_endpoint_new(lab->crypto, lab->ends[LAB_A].sad, &stream, NULL);
    assert_int_equal(ike_endpoint_add_peer(lab_ep(lab, LAB_A), lab->now, &setup.peer[LAB_A]), 0);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_B].events[IKE_EVENT_IKE_DOWN], 2);
    assert_int_equal(lab->ends[LAB_B].last_reason, IKE_REASON_INITIAL_CONTACT);
    lab_free(lab);
}

/* 2.7: a tunnel is not entered through an IKE SA of algorithms that were agreed upon for another. */
static void algorithms_of_another_tunnel(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[LAB_A].local_id = "a2";
    setup.peer[LAB_B].remote_id = "a2";
    setup.peer[LAB_B].ike.encr = crypto_encr_named("AES256-GCM-16");
    struct lab *lab = lab_new(&setup);
    struct ike_peer_config weak = setup.peer[LAB_B];
    weak.name = "weak";
    weak.reqid = 2;
    weak.remote_id = "a1";
    weak.ike = setup.peer[LAB_A].ike;
    assert_int_equal(ike_endpoint_add_peer(lab_ep(lab, LAB_B), 0, &weak), 1);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_AUTHENTICATION_FAILED));
    lab_free(lab);
}

/* 2.3: with a request unanswered no second one goes out, not even the DELETE of a shutdown. */
static void shutdown_waits_for_the_window(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    lab_fault(lab, (struct lab_fault){
                       .from = LAB_A, .exchange = CHILD, .action = LAB_HOLD, .name = "rekey"});
    lab_rekey_child(lab, LAB_A);
    ike_endpoint_shutdown(lab_ep(lab, LAB_A), lab->now);
    lab_drain(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INFO], 0);
    lab_release(lab, "rekey");
    lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INFO], 1);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
    lab_free(lab);
}

/* An SA that cannot be installed here is taken from the peer too, and half of one is left nowhere. */
static void a_child_that_cannot_be_installed(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_fault(
        lab,
        (struct lab_fault){
            .from = LAB_B, .exchange = AUTH, .response = 1, .action = LAB_HOLD, .name = "answer"});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 100 * BASE_MS);
    struct esp_sa_config config = {.direction = ESP_SA_INBOUND,
                                   .spi = forge_sa(lab, LAB_A)->active->offer->spi,
                                   .reqid = 99,
                                   .encr = crypto_encr_named("AES128-GCM-16"),
                                   .key = (const uint8_t *)"0123456789abcdef0123",
                                   .expires = BASE_NEVER};
    struct esp_sa *squatter = esp_sa_new(lab->crypto, &config);
    assert_true(esp_sad_add(lab->ends[LAB_A].sad, squatter));
    lab_release(lab, "answer");
    lab_settle(lab);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(lab_peer(lab, end).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(lab_children(lab, end), 0);
    }
    assert_int_equal(esp_sad_count(lab->ends[LAB_A].sad), 1);
    assert_int_equal(esp_sad_count(lab->ends[LAB_B].sad), 0);
    esp_sad_remove(lab->ends[LAB_A].sad, squatter);
    lab_free(lab);
}

/* 2.21.1: what comes in clear is believed when the request sent again brought nothing better, 11.2 s in all. */
static void a_refusal_in_clear_takes_its_time(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[LAB_B].ike.encr = crypto_encr_named("AES256-GCM-16");
    struct lab *lab = lab_new(&setup);
    lab_initiate(lab, LAB_A);
    lab_run(lab, 11 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 1);
    lab_run(lab, 300 * BASE_MS);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 1);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_REFUSED);
    assert_int_equal(lab->ends[LAB_A].last_notify, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    assert_int_equal(lab->ends[LAB_B].notify_sent_count, 2);
    lab_free(lab);
}

/* 2.9, 2.9.1: an answer with selectors that were not offered makes no child at either end. */
static void wider_selectors_than_offered(void **state)
{
    (void)state;
    enum {
        END_OF_RANGE_AT = 4 + 8 + 4
    };
    struct lab *lab = lab_plain();
    struct forge_caught caught;
    lab_fault(lab, (struct lab_fault){.from = LAB_B,
                                      .exchange = AUTH,
                                      .response = 1,
                                      .count = 1,
                                      .action = LAB_HOLD,
                                      .name = "answer"});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 100 * BASE_MS);
    forge_catch(lab, "answer", &caught);
    const struct ike_payload *tsr = ike_message_find(&caught.message, IKE_PAYLOAD_TSR);
    size_t at = (size_t)(tsr->body - caught.bytes) + END_OF_RANGE_AT;
    caught.bytes[at + 2]++; /* 192.168.2.255 becomes 192.168.3.255 */
    forge_deliver(lab, &caught, FORGE_NOTHING, 0);
    lab_settle(lab);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_CHILD_FAILED], 1);
    for (int end = 0; end < 2; end++) {
        assert_int_equal(lab_peer(lab, end).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(lab_children(lab, end), 0);
    }
    lab_free(lab);
}

/* 3.10.1: CHILD_SA_NOT_FOUND has the protocol and the SPI that REKEY_SA had. */
static const struct ike_notify_payload rekeyed[] = {
    {.protocol = IKE_PROTOCOL_ESP, .spi_size = 4, .spi = (const uint8_t *)"\1\2\3\4"},
    {.protocol = IKE_PROTOCOL_AH, .spi_size = 4, .spi = (const uint8_t *)"\1\2\3\4"},
    {.protocol = IKE_PROTOCOL_IKE, .spi_size = 8, .spi = (const uint8_t *)"\1\2\3\4\5\6\7\x8"},
    {.protocol = 0, .spi_size = 0, .spi = (const uint8_t *)""},
};
static size_t rekeyed_now;

static void write_rekey(struct ike_sa *sa, struct ike_builder *b)
{
    struct ike_child_wish wish = {.own_exchange = true};
    struct ike_child_offer *offer = ike_child_offer_new(sa, &wish);
    struct ike_notify_payload notify = rekeyed[rekeyed_now];
    notify.type = IKE_NOTIFY_REKEY_SA;
    ike_write_notify_full(b, &notify);
    ike_child_offer_write(offer, b);
    ike_child_offer_free(sa, offer);
}

static void child_sa_not_found_names_the_sa(void **state)
{
    (void)state;
    for (rekeyed_now = 0; rekeyed_now < 4; rekeyed_now++) {
        struct lab *lab = lab_plain();
        struct forge_caught caught;
        struct ike_notify_payload notify;
        lab_up(lab, LAB_A);
        lab_fault(lab, (struct lab_fault){
                           .from = LAB_B, .response = 1, .action = LAB_HOLD, .name = "answer"});
        forge_request(lab, LAB_A, CHILD, write_rekey);
        forge_catch(lab, "answer", &caught);
        assert_int_equal(caught.count, 1);
        assert_int_equal(ike_notify_read(&notify, &caught.payloads[0]), IKE_WIRE_OK);
        assert_int_equal(notify.type, IKE_NOTIFY_CHILD_SA_NOT_FOUND);
        assert_int_equal(notify.protocol, rekeyed[rekeyed_now].protocol);
        assert_int_equal(notify.spi_size, rekeyed[rekeyed_now].spi_size);
        assert_memory_equal(notify.spi, rekeyed[rekeyed_now].spi, notify.spi_size);
        assert_int_equal(notify.size, 0);
        lab_free(lab);
    }
}

/* As many payloads as are taken, SK among them, one less, one more. */
static unsigned notify_count;

static void write_notifies(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    for (unsigned i = 0; i < notify_count; i++)
        ike_write_notify(b, 40960, NULL, 0);
}

static void number_of_payloads(void **state)
{
    (void)state;
    for (unsigned payloads = IKE_MESSAGE_PAYLOADS_MAX - 1; payloads <= IKE_MESSAGE_PAYLOADS_MAX + 1;
         payloads++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        notify_count = payloads - 1;
        forge_request(lab, LAB_A, INFO, write_notifies);
        bool taken = payloads <= IKE_MESSAGE_PAYLOADS_MAX;
        assert_int_equal(lab_peer(lab, LAB_B).state, taken ? IKE_PEER_ESTABLISHED : IKE_PEER_DOWN);
        assert_int_equal(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_SYNTAX), !taken);
        lab_free(lab);
    }
}

/* Datagrams shorter than a header are no messages: before, and while an SA is up. */
static void datagrams_of_0_to_27_octets(void **state)
{
    (void)state;
    static const uint8_t bytes[28] = {0};
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    struct ike_path path = {lab->ends[LAB_B].address, lab->ends[LAB_A].address, 500, 500};
    unsigned dropped = lab->ends[LAB_B].dropped;
    for (size_t size = 0; size < sizeof(bytes); size++)
        lab_input(lab, LAB_B, &path, bytes, size);
    assert_int_equal(lab->ends[LAB_B].dropped, dropped + sizeof(bytes));
    lab_end_soundly(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_syntax_in_an_answer),
        cmocka_unit_test(unsupported_critical_payload_after_auth),
        cmocka_unit_test(unknown_notifies_are_ignored),
        cmocka_unit_test(two_tunnels_between_the_same_ends),
        cmocka_unit_test(algorithms_of_another_tunnel),
        cmocka_unit_test(shutdown_waits_for_the_window),
        cmocka_unit_test(a_child_that_cannot_be_installed),
        cmocka_unit_test(a_refusal_in_clear_takes_its_time),
        cmocka_unit_test(wider_selectors_than_offered),
        cmocka_unit_test(child_sa_not_found_names_the_sa),
        cmocka_unit_test(number_of_payloads),
        cmocka_unit_test(datagrams_of_0_to_27_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
