/*
 * Rekeying a child while nothing else happens to it, and what may go wrong with it: for either end, with pings
 * both ways. (RFC 7296 sections 2.8 and 2.25.1.)
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "tests/ike/scene.h"
#include "tests/test.h"

#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

static void play_regular(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    scene_assert_rekeyed(s);
    assert_int_equal(s->lab->ends[s->a].requests[CHILD], 1);
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_int_equal(s->lab->ends[s->a].done[IKE_TASK_CHILD_REKEY], 1);
    assert_ptr_equal(lab_child(s->lab, s->b, 0).group, crypto_group_named("19-ECP256"));
}

SCENE_TEST(regular, NULL, play_regular)

static void no_group(struct lab_setup *setup)
{
    setup->peer[0].esp.group = setup->peer[1].esp.group = NULL;
}

static void play_without_pfs(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    scene_assert_rekeyed(s);
    assert_null(lab_child(s->lab, s->b, 0).group);
}

SCENE_TEST(without_pfs, no_group, play_without_pfs)

static void play_invalid_ke(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    scene_assert_rekeyed(s);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    assert_int_equal(s->lab->ends[s->a].requests[CHILD], 2);
}

SCENE_TEST(invalid_ke, scene_offer_all, play_invalid_ke)

/* The old SA's lifetime ends while it waits for its delete. */
static void play_hard_expiry(struct scene *s)
{
    /* The delete of the initiator never comes: B's old SA is rekeyed no more, and expires. */
    scene_fault(s, s->a, INFO, 0, LAB_HOLD, "delete");
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, BASE_S);
    assert_int_equal(lab_children(s->lab, s->b), 2);
    assert_int_equal(lab_child(s->lab, s->b, 0).state, IKE_CHILD_REKEYED);
    assert_int_equal(lab_child(s->lab, s->b, 0).rekey_at, BASE_NEVER);
    lab_run(s->lab, 10 * BASE_S); /* retransmitted after 4 s */
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

SCENE_TEST(delete_lost_once, NULL, play_hard_expiry)

static struct ike_child *inside(struct scene *s, int end, struct ike_sa **sa)
{
    struct ike_endpoint *ep = lab_ep(s->lab, end);
    *sa = ike_engine_sa_of(ep, ep->peers[0]);
    return ike_child_usable(*sa);
}

static void play_hard_expiry_at_responder(struct scene *s)
{
    struct ike_sa *sa;
    scene_fault(s, s->a, INFO, 0, LAB_HOLD, "delete");
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, 100 * BASE_MS);
    inside(s, s->b, &sa);
    sa->children->expires_at = s->lab->now + BASE_S;
    lab_ep(s->lab, s->b)->deadline = s->lab->now;
    lab_run(s->lab, 2 * BASE_S);
    lab_release(s->lab, "delete");
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

SCENE_TEST(hard_expiry_of_the_old_sa, NULL, play_hard_expiry_at_responder)

/* The responder deletes what it has just made, and its delete overtakes the answer that made it. */
static void play_new_sa_deleted(struct scene *s)
{
    struct ike_sa *sa;
    scene_fault(s, s->b, CHILD, 1, LAB_HOLD, "answer");
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, 50 * BASE_MS);
    struct ike_child *made = inside(s, s->b, &sa);
    assert_non_null(made);
    uint32_t spi = made->spi_in;
    ike_child_delete(sa, made, IKE_REASON_DELETED);
    ike_engine_settle(sa->endpoint);
    lab_run(s->lab, 0);
    s->lab->ping_every = 0;
    lab_ep(s->lab, s->b)->deadline = s->lab->now;
    lab_run(s->lab, 100 * BASE_MS);
    lab_release(s->lab, "answer");
    lab_settle(s->lab);
    assert_null(esp_sad_inbound(s->lab->ends[s->b].sad, spi));
    assert_int_equal(lab_children(s->lab, s->a), 0);
    assert_int_equal(lab_children(s->lab, s->b), 0);
    assert_int_equal(esp_sad_count(s->lab->ends[s->a].sad), 0);
    assert_int_equal(esp_sad_count(s->lab->ends[s->b].sad), 0);
    assert_int_equal(lab_peer(s->lab, s->a).state, IKE_PEER_IKE_ONLY);
}

SCENE_TEST(new_sa_deleted_before_its_answer, NULL, play_new_sa_deleted)

/* The responder knows the SA no more: a new child instead. */
static void play_lost(struct scene *s)
{
    struct ike_sa *sa;
    s->lab->ping_every = 0;
    lab_run(s->lab, 50 * BASE_MS);
    ike_child_remove(inside(s, s->b, &sa), IKE_REASON_DELETED, false);
    lab_rekey_child(s->lab, s->a);
    lab_settle(s->lab);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
    lab_pings(s->lab, 2 * BASE_MS);
    lab_run(s->lab, 100 * BASE_MS);
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

SCENE_TEST(responder_lost_it, NULL, play_lost)

/* The responder deletes the old SA itself, before the initiator does, and before its answer is there. */
static void play_responder_deletes(struct scene *s)
{
    struct ike_sa *sa;
    scene_fault(s, s->b, CHILD, 1, LAB_HOLD, "answer");
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, 20 * BASE_MS);
    inside(s, s->b, &sa);
    ike_child_delete(sa, sa->children, IKE_REASON_REPLACED);
    lab_ep(s->lab, s->b)->deadline = s->lab->now;
    lab_run(s->lab, 20 * BASE_MS);
    lab_release(s->lab, "answer");
    lab_settle(s->lab);
    /* What b sent on the new SA before a knew of it is lost; nothing of a is. */
    assert_in_range(s->lab->ends[s->b].pings_lost, 1, 20);
    s->lab->ends[s->b].pings_lost = 0;
    scene_assert_rekeyed(s);
}

SCENE_TEST(responder_deletes_the_old_sa, NULL, play_responder_deletes)

static void play_delete_times_out(struct scene *s)
{
    lab_fault(s->lab, (struct lab_fault){
                          .from = s->a, .exchange = INFO, .response = 0, .action = LAB_DROP});
    lab_rekey_child(s->lab, s->a);
    s->lab->ping_every = 0;
    lab_run(s->lab, 200 * BASE_S);
    assert_int_equal(lab_peer(s->lab, s->a).state, IKE_PEER_DOWN);
    assert_int_equal(s->lab->ends[s->a].last_reason, IKE_REASON_TIMEOUT);
    assert_int_equal(s->lab->ends[s->a].retransmissions, 5);
    assert_int_equal(esp_sad_count(s->lab->ends[s->a].sad), 0);
}

SCENE_TEST(delete_times_out, NULL, play_delete_times_out)

/*
 * Section 2.8: the responder goes on with the old SA until a packet comes in by the new one, or the old one is
 * deleted, whichever is first.
 */
static void responder_switches_with_the_first_packet(void **state)
{
    (void)state;
    for (int with_packets = 0; with_packets < 2; with_packets++) {
        struct lab *lab = lab_plain();
        lab_up(lab, LAB_A);
        uint32_t old = lab_child(lab, LAB_B, 0).spi_out;
        lab_fault(lab, (struct lab_fault){.from = LAB_A,
                                          .exchange = IKE_EXCHANGE_INFORMATIONAL,
                                          .count = 1,
                                          .action = LAB_HOLD,
                                          .name = "delete"});
        lab_rekey_child(lab, LAB_A);
        lab_run(lab, 15 * BASE_MS); /* B has answered, A does not know it yet */
        assert_int_equal(esp_sad_outbound(lab->ends[LAB_B].sad, 1)->spi, old);
        if (with_packets)
            lab_pings(lab, 5 * BASE_MS);
        lab_run(lab, 100 * BASE_MS);
        assert_int_equal(lab_held(lab, "delete"), 1);
        bool switched = esp_sad_outbound(lab->ends[LAB_B].sad, 1)->spi != old;
        assert_int_equal(switched, with_packets);
        lab_release(lab, "delete");
        lab_run(lab, 20 * BASE_MS);
        assert_int_not_equal(esp_sad_outbound(lab->ends[LAB_B].sad, 1)->spi, old);
        lab_end_soundly(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular),
        cmocka_unit_test(without_pfs),
        cmocka_unit_test(invalid_ke),
        cmocka_unit_test(delete_lost_once),
        cmocka_unit_test(hard_expiry_of_the_old_sa),
        cmocka_unit_test(new_sa_deleted_before_its_answer),
        cmocka_unit_test(responder_lost_it),
        cmocka_unit_test(responder_deletes_the_old_sa),
        cmocka_unit_test(delete_times_out),
        cmocka_unit_test(responder_switches_with_the_first_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
