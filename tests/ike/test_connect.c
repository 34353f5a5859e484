/*
 * IKE_SA_INIT and IKE_AUTH between two endpoints: what succeeds, what is refused and how, what is repeated, what
 * gives up. (RFC 7296 sections 1.2, 2.1, 2.6, 2.7, 2.9, 2.21; charon's answers where the RFC leaves a choice.)
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/ts.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT
#define AUTH IKE_EXCHANGE_IKE_AUTH

static struct lab_setup defaults(void)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    return setup;
}

static void comes_up_from_either_side(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab *lab = lab_plain();
        lab_up(lab, end);
        lab_pings(lab, 100 * BASE_MS);
        lab_run(lab, 10 * BASE_S);
        lab_settle(lab);
        lab_assert_sound(lab);
        assert_int_equal(lab->ends[end].requests[INIT], 1);
        assert_int_equal(lab->ends[end].requests[AUTH], 1);
        assert_int_equal(lab_peer(lab, end).path.local_port, 4500);
        assert_int_equal(lab_peer(lab, 1 - end).path.remote_port, 4500);
        assert_true(lab_peer(lab, end).initiator);
        assert_true(lab_peer(lab, end).mobike);
        assert_true(lab_peer(lab, end).fragmentation);
        assert_false(lab_peer(lab, end).udp_encapsulation);
        lab_free(lab);
    }
}

/* Every algorithm for IKE with every group or PRF of it, strict: pings go through. */
static void every_algorithm(void **state)
{
    (void)state;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    for (size_t e = 0; (encr = crypto_encr_at(e)); e++)
        for (size_t i = 0; (integ = crypto_integ_at(i)); i++) {
            struct lab_setup setup = defaults();
            for (int p = 0; p < 2; p++) {
                setup.peer[p].ike.encr = setup.peer[p].esp.encr = encr;
                setup.peer[p].ike.integ = setup.peer[p].esp.integ = integ;
            }
            struct lab *lab = lab_new(&setup);
            lab_up(lab, LAB_A);
            lab_pings(lab, 10 * BASE_MS);
            lab_rekey_child(lab, LAB_A);
            lab_run(lab, 100 * BASE_MS);
            lab_rekey_ike(lab, LAB_B);
            lab_settle(lab);
            lab_assert_sound(lab);
            assert_ptr_equal(lab_peer(lab, LAB_B).ike.encr, encr);
            assert_ptr_equal(lab_child(lab, LAB_B, 0).integ, encr->aead ? NULL : integ);
            lab_free(lab);
        }
}

static void every_group(void **state)
{
    (void)state;
    const struct crypto_group *group;
    for (size_t g = 0; (group = crypto_group_at(g)); g++) {
        struct lab_setup setup = defaults();
        for (int p = 0; p < 2; p++)
            setup.peer[p].ike.group = setup.peer[p].esp.group = group;
        struct lab *lab = lab_new(&setup);
        lab_up(lab, LAB_B);
        lab_rekey_child(lab, LAB_B);
        lab_rekey_ike(lab, LAB_A);
        lab_settle(lab);
        lab_run(lab, 30 * BASE_S);
        lab_settle(lab);
        lab_assert_sound(lab);
        assert_ptr_equal(lab_peer(lab, LAB_A).ike.group, group);
        assert_ptr_equal(lab_child(lab, LAB_A, 0).group, group);
        lab_free(lab);
    }
}

/* Settings differ, both offer all that there is. */
static void most_secure_finds_a_common_set(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].negotiation = setup.peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
    setup.peer[0].ike.encr = crypto_encr_named("AES256-GCM-16");
    setup.peer[1].ike.group = crypto_group_named("15-MODP3072");
    setup.peer[1].esp.integ = crypto_integ_named("AES-XCBC");
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_pings(lab, 10 * BASE_MS);
    lab_rekey_child(lab, LAB_A);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_ptr_equal(lab_peer(lab, LAB_A).ike.encr, lab_peer(lab, LAB_B).ike.encr);
    lab_free(lab);
}

/* A refusal in IKE_SA_INIT may be anybody's: it counts after the request was sent again in vain. */
static void assert_init_refused(struct lab *lab, uint16_t notify)
{
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_true(lab_sent_notify(lab, LAB_B, notify));
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab_run(lab, 11 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 1);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_REFUSED);
    assert_int_equal(lab->ends[LAB_A].last_notify, notify);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 1);
    assert_int_equal(lab->ends[LAB_B].events[IKE_EVENT_IKE_KEYS], 0);
    lab_free(lab);
}

static void no_common_proposal(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].ike.encr = crypto_encr_named("AES256-GCM-16");
    assert_init_refused(lab_new(&setup), IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    setup = defaults();
    setup.peer[1].ike.group = crypto_group_named("20-ECP384");
    assert_init_refused(lab_new(&setup), IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
}

static void addresses_that_no_tunnel_has(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].remote = net_addr_from_ip4(NET_IP4(203, 0, 113, 99));
    assert_init_refused(lab_new(&setup), IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
}

/* A forged refusal comes before the true answer: it does no harm. */
static void forged_refusal(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_initiate(lab, LAB_A);
    struct ike_header header = {0};
    uint64_t spi = 0;
    lab_fault(lab,
              (struct lab_fault){
                  .from = LAB_B, .response = 1, .action = LAB_HOLD, .count = 1, .name = "true"});
    lab_run(lab, 15 * BASE_MS);
    spi = lab->last_spi_i;
    header = (struct ike_header){.spi_i = spi, .exchange = INIT, .flags = IKE_FLAG_RESPONSE};
    lab_input_notify(lab, LAB_A, &header, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    lab_run(lab, 100 * BASE_MS);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab_release(lab, "true");
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 0);
    lab_free(lab);
}

static void first_group_refused(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].negotiation = setup.peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
    setup.peer[0].ike.group = crypto_group_named("28-ECP256BP");
    setup.peer[1].ike.group = crypto_group_named("29-ECP384BP");
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 2);
    lab_free(lab);
}

static void cookie_demanded(void **state)
{
    (void)state;
    for (int groups = 0; groups < 2; groups++) {
        struct lab_setup setup = defaults();
        setup.options[LAB_B].cookie_threshold = 0;
        if (groups) { /* with INVALID_KE_PAYLOAD as well: section 2.6.1 */
            setup.peer[0].negotiation = setup.peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
            setup.peer[0].ike.group = crypto_group_named("28-ECP256BP");
            setup.peer[1].ike.group = crypto_group_named("29-ECP384BP");
        }
        struct lab *lab = lab_new(&setup);
        lab_up(lab, LAB_A);
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_COOKIE));
        assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_COOKIE));
        assert_int_equal(lab->ends[LAB_A].requests[INIT], 2 + groups);
        lab_free(lab);
    }
}

static void assert_auth_refused(const struct lab_setup *setup)
{
    struct lab *lab = lab_new(setup);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(lab, i).state, IKE_PEER_DOWN);
        assert_int_equal(lab->ends[i].last_reason, IKE_REASON_AUTHENTICATION);
        assert_int_equal(lab->ends[i].last_notify, IKE_NOTIFY_AUTHENTICATION_FAILED);
        assert_int_equal(lab->ends[i].events[IKE_EVENT_IKE_UP], 0);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
    }
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_AUTHENTICATION_FAILED));
    lab_free(lab);
}

static void wrong_key_or_identity(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].psk = (const uint8_t *)"another key of 32 characters or more...";
    assert_auth_refused(&setup);
    setup = defaults();
    setup.peer[0].remote_id = "lhr.example";
    assert_auth_refused(&setup);
    setup = defaults();
    setup.peer[0].local_id = "txl.example";
    assert_auth_refused(&setup);
}

/* The refusal is lost: the request sent again is refused from memory. */
static void refusal_lost(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].psk = (const uint8_t *)"another key of 32 characters or more...";
    struct lab *lab = lab_new(&setup);
    lab_fault(lab,
              (struct lab_fault){
                  .from = LAB_B, .exchange = AUTH, .response = 1, .count = 1, .action = LAB_DROP});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 5 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_AUTHENTICATION);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 1);
    lab_free(lab);
}

static void names_as_identities(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].local_id = "@txl.example";
    setup.peer[0].remote_id = "lhr.example";
    setup.peer[1].local_id = "lhr.example";
    setup.peer[1].remote_id = "txl.example";
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_free(lab);
}

/* The responder is not who it says: the initiator tells it, and both are down. */
static void responder_does_not_prove_itself(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].local_id = "impostor.example"; /* A asks for no identity in particular */
    setup.peer[0].remote_id = "203.0.113.20";
    struct lab *lab = lab_new(&setup);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
    lab_free(lab);
}

/* The child fails, the IKE SA stays; and comes with the next try once the configuration fits. */
static void assert_childless(const struct lab_setup *setup, uint16_t notify, enum ike_reason reason)
{
    struct lab *lab = lab_new(setup);
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(lab, i).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(lab->ends[i].events[IKE_EVENT_CHILD_FAILED], 1);
        assert_int_equal(lab->ends[i].last_reason, reason);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
    }
    assert_true(lab_sent_notify(lab, LAB_B, notify));
    assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 1);
    lab_free(lab);
}

static void child_fails_in_auth(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[1].esp.encr = crypto_encr_named("AES256-CTR");
    assert_childless(&setup, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, IKE_REASON_PROPOSAL);
    static const struct net_prefix other = {{NET_ADDR_IP4, {192, 168, 9, 0}}, 24};
    setup = defaults();
    setup.peer[0].remote_networks = &other;
    assert_childless(&setup, IKE_NOTIFY_TS_UNACCEPTABLE, IKE_REASON_SELECTORS);
}

/* 0.0.0.0/0 on one side is narrowed to what the other has. */
static void selectors_are_narrowed(void **state)
{
    (void)state;
    static const struct net_prefix any = {{NET_ADDR_IP4, {0}}, 0};
    for (int end = 0; end < 2; end++) {
        struct lab_setup setup = defaults();
        setup.peer[0].local_networks = &any;
        setup.peer[0].remote_networks = &any;
        struct lab *lab = lab_new(&setup);
        char text[IKE_TS_TEXT_MAX];
        lab_up(lab, end);
        struct ike_child_info child = lab_child(lab, LAB_A, 0);
        assert_string_equal(ike_ts_format(child.local_ts, text), "192.168.1.0/24");
        assert_string_equal(ike_ts_format(child.remote_ts, text), "192.168.2.0/24");
        lab_free(lab);
    }
}

static void gives_up_after_165_s(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab->ends[LAB_B].dead = true;
    lab_initiate(lab, LAB_A);
    lab_run(lab, 165 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 5);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_TIMEOUT);
    assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 1);
    lab_free(lab);
}

/* Each of the four messages lost once, doubled, or late: it comes up all the same, with one SA. */
static void messages_lost_doubled_late(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++)
        for (size_t i = 0; i < LAB_MISHAPS; i++) {
            struct lab_fault fault = lab_mishap(i, n);
            if (n < 2 && fault.action == LAB_CORRUPT) /* IKE_SA_INIT has no integrity check */
                continue;
            struct lab *lab = lab_plain();
            lab_fault(lab, fault);
            lab_initiate(lab, LAB_A);
            lab_run(lab, 40 * BASE_S);
            lab_settle(lab);
            lab_assert_sound(lab);
            struct ike_endpoint_counts counts;
            ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
            assert_int_equal(counts.half_open, 0);
            lab_free(lab);
        }
}

static void half_open_ends_after_30_s(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    struct ike_endpoint_counts counts;
    lab_fault(lab, (struct lab_fault){.from = LAB_B, .response = 1, .action = LAB_DROP});
    lab_initiate(lab, LAB_A);
    lab_run(lab, 5 * BASE_S);
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.half_open, 1);
    assert_int_equal(counts.duplicates_answered, 1);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_CONNECTING);
    lab->ends[LAB_A].dead = true;
    lab_run(lab, 26 * BASE_S);
    ike_endpoint_count(lab_ep(lab, LAB_B), &counts);
    assert_int_equal(counts.half_open, 0);
    assert_int_equal(counts.ike_sas, 0);
    lab_free(lab);
}

/* at-once: again 30 s after a failure; on-traffic: by a packet, whose addresses go first. */
static void starts_by_itself(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].start = IKE_START_AT_ONCE;
    struct lab *lab = lab_new(&setup);
    lab->ends[LAB_B].dead = true;
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab_run(lab, 170 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    lab->ends[LAB_B].dead = false;
    lab_run(lab, 30 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    /* The peer deletes it: a loss. */
    lab_terminate(lab, LAB_B, false);
    lab_run(lab, 29 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    lab_run(lab, 2 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    /* An administrator ends it: for good. */
    lab_terminate(lab, LAB_A, false);
    lab_run(lab, 100 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    lab_free(lab);
}

/* What fails of the peer's does not put off what is planned here: each asks once in the first second, then after 30 s. */
static void both_start_and_fail(void **state)
{
    unsigned both_began = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct lab_setup setup = defaults();
        setup.seed = seed;
        setup.peer[0].start = setup.peer[1].start = IKE_START_AT_ONCE;
        setup.peer[1].psk = (const uint8_t *)"another key of 32 characters or more...";
        struct lab *lab = lab_new(&setup);
        lab_run(lab, 2 * BASE_S);
        unsigned begun = 0;
        for (int end = LAB_A; end <= LAB_B; end++)
            begun += lab->ends[end].requests[IKE_EXCHANGE_IKE_SA_INIT];
        assert_in_range(begun, 1, 2);
        both_began += begun == 2;
        lab_free(lab);
    }
    assert_in_range(both_began, 15, 20); /* else they met on the way */
}

static void a_packet_brings_it_up(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].start = IKE_START_ON_TRAFFIC;
    struct lab *lab = lab_new(&setup);
    struct ike_flow flow = {.source = net_addr_from_ip4(NET_IP4(192, 168, 1, 11)),
                            .destination = net_addr_from_ip4(NET_IP4(192, 168, 2, 11)),
                            .protocol = 1};
    for (int i = 0; i < 3; i++)
        assert_true(ike_endpoint_acquire(lab_ep(lab, LAB_A), lab->now, 0, &flow));
    lab_run(lab, BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 1);
    struct ike_child_info child = lab_child(lab, LAB_A, 0);
    char text[IKE_TS_TEXT_MAX];
    assert_int_equal(child.local_ts_count, 1); /* the packet's own selector is contained in it */
    assert_string_equal(ike_ts_format(child.local_ts, text), "192.168.1.0/24");
    lab_free(lab);
}

/* The peer was rebooted and knows nothing: INITIAL_CONTACT clears what this end still has. */
static void initial_contact(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    struct lab *lab = lab_new(&setup);
    struct base_rng stream;
    lab_up(lab, LAB_A);
    lab_crash(lab, LAB_B);
    base_rng_init(&stream, 99, "end B again");
    lab->ends[LAB_B].endpoint =
        ike_endpoint_new(lab->crypto, lab->ends[LAB_B].sad, &stream, &setup.options[LAB_B]);
    ike_endpoint_add_peer(lab_ep(lab, LAB_B), lab->now, &setup.peer[LAB_B]);
    lab_initiate(lab, LAB_B);
    lab_run(lab, BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_INITIAL_CONTACT);
    lab_free(lab);
}

static void stopped_in_good_order(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    ike_endpoint_shutdown(lab_ep(lab, LAB_A), lab->now);
    lab_run(lab, 0);
    lab_initiate(lab, LAB_B); /* drains nothing of A; B is up, so nothing happens */
    lab_drain(lab, LAB_A);
    lab->ends[LAB_A].dead = true;
    lab_run(lab, BASE_S);
    assert_int_equal(lab_peer(lab, LAB_B).state, IKE_PEER_DOWN);
    lab_free(lab);
}

/* The same seed gives the same bytes. */
struct sums {
    uint64_t sum;
};

static void add_up(void *context, base_ns at, const struct ike_path *path, bool marker,
                   const uint8_t *bytes, size_t size)
{
    struct sums *sums = context;
    sums->sum = sums->sum * 31 + (uint64_t)at + path->local_port + marker;
    for (size_t i = 0; i < size; i++)
        sums->sum = sums->sum * 31 + bytes[i];
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    struct sums sums[3] = {{0}};
    for (int i = 0; i < 3; i++) {
        struct lab_setup setup = defaults();
        setup.seed = i == 2 ? 8 : 7;
        struct lab *lab = lab_new(&setup);
        lab->record = add_up;
        lab->record_context = &sums[i];
        lab_up(lab, LAB_A);
        lab_rekey_child(lab, LAB_A);
        lab_rekey_ike(lab, LAB_B);
        lab_settle(lab);
        lab_free(lab);
    }
    assert_int_equal(sums[0].sum, sums[1].sum);
    assert_int_not_equal(sums[0].sum, sums[2].sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_up_from_either_side),
        cmocka_unit_test(every_algorithm),
        cmocka_unit_test(every_group),
        cmocka_unit_test(most_secure_finds_a_common_set),
        cmocka_unit_test(no_common_proposal),
        cmocka_unit_test(addresses_that_no_tunnel_has),
        cmocka_unit_test(forged_refusal),
        cmocka_unit_test(first_group_refused),
        cmocka_unit_test(cookie_demanded),
        cmocka_unit_test(wrong_key_or_identity),
        cmocka_unit_test(refusal_lost),
        cmocka_unit_test(names_as_identities),
        cmocka_unit_test(responder_does_not_prove_itself),
        cmocka_unit_test(child_fails_in_auth),
        cmocka_unit_test(selectors_are_narrowed),
        cmocka_unit_test(gives_up_after_165_s),
        cmocka_unit_test(messages_lost_doubled_late),
        cmocka_unit_test(half_open_ends_after_30_s),
        cmocka_unit_test(starts_by_itself),
        cmocka_unit_test(both_start_and_fail),
        cmocka_unit_test(a_packet_brings_it_up),
        cmocka_unit_test(initial_contact),
        cmocka_unit_test(stopped_in_good_order),
        cmocka_unit_test(same_seed_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
