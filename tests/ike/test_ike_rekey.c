/*
 * Rekeying an IKE SA, alone and colliding: for either end, and each of the four nonces lowest, with pings
 * going through the children all the while. (RFC 7296 sections 2.8.2, 2.25.2.)
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "tests/ike/scene.h"
#include "tests/test.h"

#define CREATE IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

/* The whole choice of algorithms is offered, so that another group can be asked for. */
static void most_secure(struct lab_setup *setup)
{
    setup->peer[0].negotiation = setup->peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
}

/* One IKE SA, not the old one, with the child that was there before. */
static void assert_rekeyed(struct scene *s)
{
    lab_settle(s->lab);
    s->lab->ping_every = 0;
    lab_run(s->lab, 200 * BASE_S); /* a dead end would have timed out by now */
    lab_assert_sound(s->lab);
    assert_int_equal(lab_child(s->lab, s->a, 0).spi_in, s->child_spi);
    for (int i = 0; i < 2; i++) {
        struct ike_peer_info after = lab_peer(s->lab, i);
        assert_int_equal(after.ike_rekeys, 1);
        assert_int_not_equal(after.ike.spi_i, s->ike_spi_i);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_IKE_REKEYED], 1);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_IKE_DOWN], 0);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 0);
    }
    struct ike_peer_info a = lab_peer(s->lab, s->a), b = lab_peer(s->lab, s->b);
    assert_int_equal(a.ike.spi_i, b.ike.spi_i);
    assert_int_equal(a.ike.spi_r, b.ike.spi_r);
    assert_memory_equal(a.ike.sk_ei, b.ike.sk_ei, a.ike.sk_e_size);
    /* And it works. */
    lab_pings(s->lab, 2 * BASE_MS);
    lab_rekey_child(s->lab, s->b);
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

static void play_regular(struct scene *s)
{
    lab_rekey_ike(s->lab, s->a);
    lab_settle(s->lab);
    assert_int_equal(s->lab->ends[s->a].requests[CREATE], 1);
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_true(lab_peer(s->lab, s->a).initiator);
    assert_false(lab_peer(s->lab, s->b).initiator);
    assert_rekeyed(s);
}

SCENE_TEST(regular, NULL, play_regular)

static void play_collision(struct scene *s)
{
    scene_collide(s, lab_rekey_ike);
    lab_settle(s->lab);
    /* a's exchange lost with the nonces 0 and 1: b began what is left. */
    assert_int_equal(lab_peer(s->lab, s->a).initiator, s->lowest >= 2);
    assert_int_equal(lab_peer(s->lab, s->b).initiator, s->lowest < 2);
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_int_equal(s->lab->ends[s->b].requests[INFO], 1);
    assert_rekeyed(s);
}

SCENE_TEST(collision, NULL, play_collision)

static void play_response_delayed(struct scene *s)
{
    scene_fault(s, s->b, CREATE, 1, LAB_HOLD, "answer");
    scene_collide_late(s, lab_rekey_ike, "answer", 25 * BASE_MS);
    assert_rekeyed(s);
}

SCENE_TEST(collision_response_delayed, NULL, play_response_delayed)

static void play_response_delayed_more(struct scene *s)
{
    scene_fault(s, s->b, CREATE, 1, LAB_HOLD, "answer");
    scene_collide_late(s, lab_rekey_ike, "answer", 500 * BASE_MS);
    assert_rekeyed(s);
}

SCENE_TEST(collision_response_delayed_past_the_delete, NULL, play_response_delayed_more)

static void play_request_dropped(struct scene *s)
{
    scene_fault(s, s->a, CREATE, 0, LAB_DROP, NULL);
    scene_collide(s, lab_rekey_ike);
    assert_rekeyed(s);
}

SCENE_TEST(collision_request_dropped, NULL, play_request_dropped)

/* It reaches b while b deletes the old SA. */
static void play_request_delayed(struct scene *s)
{
    scene_fault(s, s->a, CREATE, 0, LAB_HOLD, "request");
    scene_fault(s, s->b, INFO, 0, LAB_HOLD, "delete");
    scene_collide_late(s, lab_rekey_ike, "request", 50 * BASE_MS);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_release(s->lab, "delete");
    assert_rekeyed(s);
}

SCENE_TEST(collision_request_delayed, NULL, play_request_delayed)

static void play_request_delayed_past_delete(struct scene *s)
{
    scene_fault(s, s->a, CREATE, 0, LAB_HOLD, "request");
    scene_collide_late(s, lab_rekey_ike, "request", 500 * BASE_MS);
    assert_rekeyed(s);
}

SCENE_TEST(collision_request_delayed_past_the_delete, NULL, play_request_delayed_past_delete)

/* As if the IKE SA had another group than what both find the strongest now. */
static void other_group(struct scene *s, int end)
{
    struct ike_endpoint *ep = lab_ep(s->lab, end);
    ike_engine_sa_of(ep, ep->peers[0])->keys.suite.group = crypto_group_named("28-ECP256BP");
}

static void play_invalid_ke(struct scene *s)
{
    other_group(s, s->a);
    lab_rekey_ike(s->lab, s->a);
    assert_rekeyed(s);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
}

SCENE_TEST(invalid_ke, most_secure, play_invalid_ke)

static void play_groups_differ(struct scene *s)
{
    other_group(s, s->a);
    other_group(s, s->b);
    scene_collide(s, lab_rekey_ike);
    assert_rekeyed(s);
    assert_true(lab_sent_notify(s->lab, s->a, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
}

SCENE_TEST(collision_groups_differ, most_secure, play_groups_differ)

/* The second request of a comes late: after b, who knows of no collision, has its own answer. */
static void play_retry_delayed(struct scene *s)
{
    other_group(s, s->a);
    other_group(s, s->b);
    scene_hold_retry(s, "retry");
    scene_collide_late(s, lab_rekey_ike, "retry", 500 * BASE_MS);
    assert_rekeyed(s);
}

SCENE_TEST(collision_retry_delayed, most_secure, play_retry_delayed)

static void assert_down(struct scene *s)
{
    s->lab->ping_every = 0;
    lab_settle(s->lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(s->lab, i).state, IKE_PEER_DOWN);
        assert_int_equal(esp_sad_count(s->lab->ends[i].sad), 0);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_IKE_DOWN], 1);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 1);
        assert_int_equal(s->lab->ends[i].retransmissions, 0);
    }
}

static void play_against_delete(struct scene *s)
{
    lab_rekey_ike(s->lab, s->a);
    lab_terminate(s->lab, s->b, false);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    assert_down(s);
    assert_int_equal(s->lab->ends[s->a].failed[IKE_TASK_IKE_REKEY], 1);
    assert_int_equal(s->lab->ends[s->b].done[IKE_TASK_IKE_DELETE], 1);
}

SCENE_TEST(against_delete, NULL, play_against_delete)

static void play_delete_dropped(struct scene *s)
{
    scene_fault(s, s->b, INFO, 0, LAB_DROP, NULL);
    lab_rekey_ike(s->lab, s->a);
    lab_terminate(s->lab, s->b, false);
    lab_run(s->lab, 3 * BASE_S);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    s->lab->ping_every = 0;
    lab_run(s->lab, 200 * BASE_S);
    for (int i = 0; i < 2; i++)
        assert_int_equal(lab_peer(s->lab, i).state, IKE_PEER_DOWN);
}

SCENE_TEST(delete_dropped_then_rekey, NULL, play_delete_dropped)

/* --- deletes of the IKE SA --- */

static void play_delete(struct scene *s)
{
    lab_terminate(s->lab, s->a, false);
    assert_down(s);
    assert_int_equal(s->lab->ends[s->a].done[IKE_TASK_IKE_DELETE], 1);
    assert_int_equal(s->lab->ends[s->b].last_reason, IKE_REASON_DELETED_BY_PEER);
}

SCENE_TEST(delete_regular, NULL, play_delete)

static void play_delete_both(struct scene *s)
{
    lab_terminate(s->lab, s->a, false);
    lab_terminate(s->lab, s->b, false);
    assert_down(s);
}

SCENE_TEST(delete_both_at_once, NULL, play_delete_both)

/* The answer to the delete is lost: the peer's memory answers the retransmission. */
static void play_delete_answer_lost(struct scene *s)
{
    scene_fault(s, s->b, INFO, 1, LAB_DROP, NULL);
    lab_terminate(s->lab, s->a, false);
    s->lab->ping_every = 0;
    lab_run(s->lab, 10 * BASE_S);
    assert_int_equal(lab_peer(s->lab, s->a).state, IKE_PEER_DOWN);
    assert_int_equal(s->lab->ends[s->a].retransmissions, 1);
    assert_int_equal(s->lab->ends[s->a].last_reason, IKE_REASON_DELETED);
}

SCENE_TEST(delete_answer_lost, NULL, play_delete_answer_lost)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular),
        cmocka_unit_test(collision),
        cmocka_unit_test(collision_response_delayed),
        cmocka_unit_test(collision_response_delayed_past_the_delete),
        cmocka_unit_test(collision_request_dropped),
        cmocka_unit_test(collision_request_delayed),
        cmocka_unit_test(collision_request_delayed_past_the_delete),
        cmocka_unit_test(invalid_ke),
        cmocka_unit_test(collision_groups_differ),
        cmocka_unit_test(collision_retry_delayed),
        cmocka_unit_test(against_delete),
        cmocka_unit_test(delete_dropped_then_rekey),
        cmocka_unit_test(delete_regular),
        cmocka_unit_test(delete_both_at_once),
        cmocka_unit_test(delete_answer_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
