/*
 * Lifetimes, liveness, deletes of children, creating them: what timers do in virtual time.
 * (RFC 7296 sections 2.4, 2.8, 1.4.1; the rule of ipsec/ike/config.h.)
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

static struct lab_setup defaults(void)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    return setup;
}

/* A day with the tutorial's lifetimes: no ping is lost. */
static void a_day(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_pings(lab, BASE_S);
    lab_run(lab, 25 * 3600 * BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    /* Each child lives 3,060 to 3,330 s: 26 to 29 of them; the IKE SA is rekeyed once. */
    assert_in_range(lab_peer(lab, LAB_A).child_rekeys, 26, 30);
    assert_int_equal(lab_peer(lab, LAB_A).child_rekeys, lab_peer(lab, LAB_B).child_rekeys);
    assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 1);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_DOWN], 0);
    lab_free(lab);
}

/* Short lifetimes, so that both ends often rekey at once, children and IKE SA. */
static void many_collisions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct lab_setup setup = defaults();
        setup.seed = seed;
        for (int i = 0; i < 2; i++) {
            setup.peer[i].esp_lifetime = 20 * BASE_S;
            setup.peer[i].ike_lifetime = 33 * BASE_S;
            setup.peer[i].margin = 200 * BASE_MS; /* a spread of some round trips */
        }
        struct lab *lab = lab_new(&setup);
        lab_up(lab, LAB_A);
        lab_pings(lab, 5 * BASE_MS);
        lab_run(lab, 200 * BASE_S);
        lab_settle(lab);
        assert_int_equal(lab_lost(lab), 0);
        lab_assert_sound(lab);
        lab_free(lab);
    }
}

/* The first child's rekey comes `margin` before its end, less up to half of that. */
static void expect_margin(base_ns margin, uint64_t from_s, uint64_t to_s)
{
    base_ns first = BASE_NEVER, last = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct lab_setup setup = defaults();
        setup.seed = seed;
        setup.peer[LAB_A].margin = setup.peer[LAB_B].margin = margin;
        struct lab *lab = lab_new(&setup);
        lab_up(lab, LAB_A);
        struct ike_child_info child = lab_child(lab, LAB_A, 0);
        base_ns after = child.rekey_at - child.installed_at;
        assert_int_equal(child.expires_at - child.installed_at, 3600 * BASE_S);
        assert_in_range(after / BASE_S, from_s, to_s);
        first = base_ns_min(first, after);
        last = after > last ? after : last;
        lab_free(lab);
    }
    uint64_t spread = (to_s - from_s) / 18;
    assert_in_range(first / BASE_S, from_s, from_s + spread);
    assert_in_range(last / BASE_S, to_s - spread, to_s);
}

static void rule_of_the_margin(void **state)
{
    (void)state;
    expect_margin(540 * BASE_S, 3060, 3330);
    expect_margin(3000 * BASE_S, 600, 2100);  /* most of the lifetime, and still as it was said */
    expect_margin(3600 * BASE_S, 1800, 2700); /* nothing would be left of it: half */
}

/* PFS groups differ: the first rekey is refused, and again, until the child expires; it is not recreated. */
static void pfs_mismatch(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].esp.group = crypto_group_named("20-ECP384");
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_pings(lab, BASE_S);
    lab_run(lab, 3590 * BASE_S);
    assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_NO_PROPOSAL_CHOSEN) ||
                lab_sent_notify(lab, LAB_B, IKE_NOTIFY_NO_PROPOSAL_CHOSEN));
    assert_in_range(lab_lost(lab), 0, 2); /* those in flight */
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    lab_run(lab, 30 * BASE_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(lab, i).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
        assert_int_equal(lab->ends[i].last_reason, IKE_REASON_PROPOSAL); /* of the last try */
    }
    lab_free(lab);
}

/* The IKE SA cannot be rekeyed: at the end of its life it is closed, and at-once begins anew. */
static void ike_expires(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    for (int i = 0; i < 2; i++) {
        setup.peer[i].ike_lifetime = 3600 * BASE_S;
        setup.peer[i].margin = 0; /* rekeyed when it is too late */
        setup.peer[i].esp_lifetime = BASE_NEVER;
    }
    setup.peer[0].start = IKE_START_AT_ONCE;
    struct lab *lab = lab_new(&setup);
    lab_run(lab, 3700 * BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_DOWN], 1);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_UP], 2);
    lab_free(lab);
}

/* --- liveness --- */

static struct lab_setup with_dpd(void)
{
    struct lab_setup setup = defaults();
    setup.peer[0].dpd_delay = 30 * BASE_S;
    return setup;
}

static void liveness_only_in_silence(void **state)
{
    (void)state;
    struct lab_setup setup = with_dpd();
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_pings(lab, 10 * BASE_S);
    lab_run(lab, 300 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INFO], 0); /* ESP is life enough */
    lab->ping_every = 0;
    lab_run(lab, 95 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INFO], 3); /* 30 s, 60 s, 90 s */
    assert_int_equal(lab->ends[LAB_B].requests[INFO], 0);
    lab_free(lab);
}

/* Whoever is asked has heard the other one, and does not ask as well: charon counts in whole seconds. */
static void one_end_asks(void **state)
{
    (void)state;
    struct lab_setup setup = with_dpd();
    setup.peer[LAB_B].dpd_delay = setup.peer[LAB_A].dpd_delay;
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_run(lab, 305 * BASE_S);
    unsigned asked[] = {lab->ends[LAB_A].requests[INFO], lab->ends[LAB_B].requests[INFO]};
    assert_int_equal(asked[0] + asked[1], 10);
    assert_true(!asked[0] || !asked[1]);
    lab_free(lab);
}

static void dead_peer(void **state)
{
    (void)state;
    struct lab_setup setup = with_dpd();
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    lab_run(lab, BASE_S);
    lab->ends[LAB_B].dead = true;
    lab_run(lab, 27 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INFO], 0);
    lab_run(lab, 166 * BASE_S); /* asked at 30 s; 165 s later it gives up */
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    lab_run(lab, 4 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_TIMEOUT);
    assert_int_equal(lab->ends[LAB_A].retransmissions, 5);
    assert_int_equal(esp_sad_count(lab->ends[LAB_A].sad), 0);
    lab_free(lab);
}

/* A tunnel that starts at once is begun anew as soon as the peer is given up: dpd_action = restart. */
static void dead_peer_is_called_again(void **state)
{
    (void)state;
    struct lab_setup setup = with_dpd();
    setup.peer[0].start = IKE_START_AT_ONCE;
    struct lab *lab = lab_new(&setup);
    lab_run(lab, 2 * BASE_S);
    lab->ends[LAB_B].dead = true;
    while (lab_peer(lab, LAB_A).state == IKE_PEER_ESTABLISHED)
        lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_TIMEOUT);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab_free(lab);
}

/* --- children: delete and create --- */

static void drop_child(struct lab *lab, int end)
{
    lab_terminate(lab, end, true);
}

static void assert_no_children(struct lab *lab)
{
    lab_settle(lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(lab, i).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
        assert_int_equal(lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 1);
    }
}

static void child_deleted_and_made_again(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        drop_child(lab, end);
        assert_no_children(lab);
        assert_int_equal(lab->ends[1 - end].last_reason, IKE_REASON_DELETED_BY_PEER);
        lab_initiate(lab, end);
        lab_settle(lab);
        lab_assert_sound(lab);
        assert_int_equal(lab->ends[end].requests[CHILD], 1);
        assert_int_equal(lab->ends[end].done[IKE_TASK_CHILD_CREATE], 1);
        /* It is there: nothing is sent. */
        lab_initiate(lab, end);
        lab_settle(lab);
        lab_assert_sound(lab);
        assert_int_equal(lab->ends[end].requests[CHILD], 1);
        lab_free(lab);
    }
}

static void child_deleted_by_both(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    drop_child(lab, LAB_A);
    drop_child(lab, LAB_B);
    assert_no_children(lab);
    lab_free(lab);
}

static void child_delete_lost_or_late(void **state)
{
    (void)state;
    static const enum lab_action actions[] = {LAB_DROP, LAB_DELAY_IT, LAB_DUPLICATE};
    for (int response = 0; response < 2; response++)
        for (size_t i = 0; i < 3; i++)
            for (int twice = 0; twice < 2; twice++) {
                struct lab *lab = lab_plain();
                lab_up(lab, LAB_A);
                lab_fault(lab, (struct lab_fault){.from = response ? LAB_B : LAB_A,
                                                  .exchange = INFO,
                                                  .response = response,
                                                  .count = 1,
                                                  .action = actions[i],
                                                  .delay = 2 * BASE_S});
                drop_child(lab, LAB_A);
                if (twice)
                    drop_child(lab, LAB_B);
                assert_no_children(lab);
                lab_free(lab);
            }
}

static void child_delete_against_ike_rekey(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    drop_child(lab, LAB_A);
    lab_rekey_ike(lab, LAB_B);
    lab_run(lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_run(lab, 30 * BASE_S);
    assert_no_children(lab);
    assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 1);
    lab_free(lab);
}

static void child_delete_against_ike_delete(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    drop_child(lab, LAB_A);
    lab_terminate(lab, LAB_B, false);
    lab_settle(lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(lab, i).state, IKE_PEER_DOWN);
        assert_int_equal(lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 1);
        assert_int_equal(esp_sad_count(lab->ends[i].sad), 0);
    }
    lab_free(lab);
}

static void child_create_against_ike_rekey(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        drop_child(lab, LAB_A);
        lab_settle(lab);
        lab_initiate(lab, end);
        lab_rekey_ike(lab, 1 - end);
        lab_run(lab, 50 * BASE_MS);
        assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_TEMPORARY_FAILURE));
        assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_TEMPORARY_FAILURE));
        lab_run(lab, 30 * BASE_S);
        lab_settle(lab);
        lab_assert_sound(lab);
        assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 1);
        lab_free(lab);
    }
}

/* --- message IDs that run out --- */

static void message_ids_run_out(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    struct ike_endpoint *a = lab_ep(lab, LAB_A), *b = lab_ep(lab, LAB_B);
    assert_true(ike_endpoint_advance_message_id(a, lab->now, 0, true, IKE_WINDOW_REKEY_AT - 1));
    assert_true(ike_endpoint_advance_message_id(b, lab->now, 0, false, IKE_WINDOW_REKEY_AT - 1));
    assert_false(ike_endpoint_advance_message_id(a, lab->now, 0, true, 7)); /* never back */
    assert_false(ike_endpoint_advance_message_id(a, lab->now, 1, true, 7)); /* no such peer */
    lab_settle(lab);
    assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 0);
    lab_rekey_child(lab, LAB_A); /* the last request but for the rekey itself */
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 1);
    lab_free(lab);
}

/* Too late for a rekey: the IKE SA is closed, and set up anew where it starts by itself. */
static void message_ids_are_used_up(void **state)
{
    (void)state;
    struct lab_setup setup = defaults();
    setup.peer[0].start = IKE_START_AT_ONCE;
    struct lab *lab = lab_new(&setup);
    lab_run(lab, 2 * BASE_S);
    for (int i = 0; i < 2; i++)
        assert_true(ike_endpoint_advance_message_id(lab_ep(lab, i), lab->now, 0, i == LAB_A,
                                                    IKE_WINDOW_LAST + 3));
    lab_settle(lab);
    lab_run(lab, BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_int_equal(lab_peer(lab, LAB_A).ike_rekeys, 0);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_DOWN], 1);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_UP], 2);
    lab_free(lab);
}

static void sequence_goes_ahead(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    struct ike_endpoint *a = lab_ep(lab, LAB_A);
    assert_false(ike_endpoint_advance_sequence(a, 0, 1000)); /* no child yet */
    lab_up(lab, LAB_A);
    assert_true(ike_endpoint_advance_sequence(a, 0, UINT32_MAX));
    assert_false(ike_endpoint_advance_sequence(a, 0, 1000));
    assert_false(ike_endpoint_advance_sequence(a, 0, UINT64_C(1) << 32)); /* no ESN */
    assert_int_equal(esp_sad_outbound(lab->ends[LAB_A].sad, 1)->sequence, UINT32_MAX - 1);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day),
        cmocka_unit_test(many_collisions),
        cmocka_unit_test(rule_of_the_margin),
        cmocka_unit_test(pfs_mismatch),
        cmocka_unit_test(ike_expires),
        cmocka_unit_test(liveness_only_in_silence),
        cmocka_unit_test(one_end_asks),
        cmocka_unit_test(dead_peer),
        cmocka_unit_test(dead_peer_is_called_again),
        cmocka_unit_test(child_deleted_and_made_again),
        cmocka_unit_test(child_deleted_by_both),
        cmocka_unit_test(child_delete_lost_or_late),
        cmocka_unit_test(child_delete_against_ike_rekey),
        cmocka_unit_test(child_delete_against_ike_delete),
        cmocka_unit_test(child_create_against_ike_rekey),
        cmocka_unit_test(message_ids_run_out),
        cmocka_unit_test(message_ids_are_used_up),
        cmocka_unit_test(sequence_goes_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
