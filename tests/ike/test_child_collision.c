/*
 * Rekeys of a child that collide: with the peer's rekey of it, with its delete, with a rekey or a delete of the
 * IKE SA. No ping is lost but where the child is to end. (RFC 7296 sections 2.8.1 and 2.25.1.)
 */
#include "tests/ike/scene.h"
#include "tests/test.h"

#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

/* --- two rekeys --- */

static void play_collision(struct scene *s)
{
    scene_collide(s, lab_rekey_child);
    scene_assert_rekeyed(s);
    /* The end whose exchange lost deletes what it made, the other the old SA: one delete each. */
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_int_equal(s->lab->ends[s->b].requests[INFO], 1);
}

SCENE_TEST(collision, NULL, play_collision)

/* Which child this end deletes while the answer to its DELETE is on its way; 0: none. */
static uint32_t deleting(struct scene *s, int end)
{
    for (size_t i = 0; i < lab_children(s->lab, end); i++)
        if (lab_child(s->lab, end, i).state == IKE_CHILD_DELETING)
            return lab_child(s->lab, end, i).spi_in;
    return 0;
}

/*
 * The SA made with the lowest of the four nonces is deleted by the end that began its exchange, the old one by the
 * other. Nonce 0 and 1 are those of a's exchange, 2 and 3 of b's.
 */
static void play_lowest_nonce(struct scene *s)
{
    uint32_t old[2] = {lab_child(s->lab, 0, 0).spi_in, lab_child(s->lab, 1, 0).spi_in};
    int loser = s->lowest < 2 ? s->a : s->b;
    scene_collide(s, lab_rekey_child);
    lab_run(s->lab,
            2 * LAB_DELAY + BASE_MS); /* both have their answers, and have sent their DELETE */
    uint32_t lost = deleting(s, loser);
    assert_int_not_equal(lost, 0);
    assert_int_not_equal(lost, old[loser]);
    assert_int_equal(deleting(s, 1 - loser), old[1 - loser]);
    scene_assert_rekeyed(s);
    assert_int_not_equal(lab_child(s->lab, loser, 0).spi_in, lost);
}

SCENE_TEST(the_lowest_nonce_loses, NULL, play_lowest_nonce)

static void play_response_delayed(struct scene *s)
{
    scene_fault(s, s->b, CHILD, 1, LAB_HOLD, "answer"); /* to a */
    scene_collide_late(s, lab_rekey_child, "answer", 25 * BASE_MS);
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_response_delayed, NULL, play_response_delayed)

/* Until after b has deleted whatever is for it to delete. */
static void play_response_delayed_and_deleted(struct scene *s)
{
    scene_fault(s, s->b, CHILD, 1, LAB_HOLD, "answer");
    scene_collide_late(s, lab_rekey_child, "answer", 500 * BASE_MS);
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_response_delayed_and_deleted, NULL, play_response_delayed_and_deleted)

/* The request of a reaches b after b's own was answered, while b deletes the old SA. */
static void play_request_delayed(struct scene *s)
{
    scene_fault(s, s->a, CHILD, 0, LAB_HOLD, "request");
    scene_fault(s, s->a, INFO, 1, LAB_HOLD, "delete answer");
    scene_collide(s, lab_rekey_child);
    lab_run(s->lab, 50 * BASE_MS);
    assert_int_equal(lab_held(s->lab, "delete answer"), 1);
    lab_release(s->lab, "request");
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_release(s->lab, "delete answer");
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_request_delayed, NULL, play_request_delayed)

/* ... after the old SA is gone at b. */
static void play_request_delayed_more(struct scene *s)
{
    scene_fault(s, s->a, CHILD, 0, LAB_HOLD, "request");
    scene_collide_late(s, lab_rekey_child, "request", 500 * BASE_MS);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_request_delayed_more, NULL, play_request_delayed_more)

/* ... and the refusal of it comes after a was told to delete. */
static void play_request_dropped(struct scene *s)
{
    scene_fault(s, s->a, CHILD, 0, LAB_DROP, NULL);
    scene_collide(s, lab_rekey_child);
    scene_assert_rekeyed(s);
    assert_int_equal(s->lab->ends[s->a].retransmissions, 1);
}

SCENE_TEST(collision_request_dropped, NULL, play_request_dropped)

/* Both are told to take another group. */
static void play_groups_differ(struct scene *s)
{
    scene_collide(s, lab_rekey_child);
    scene_assert_rekeyed(s);
    assert_true(lab_sent_notify(s->lab, s->a, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
}

SCENE_TEST(collision_groups_differ, scene_offer_all, play_groups_differ)

/* The second request of a, with the group that was asked for, comes late. */
static void play_retry_delayed(struct scene *s)
{
    scene_hold_retry(s, "retry");
    scene_collide_late(s, lab_rekey_child, "retry", 45 * BASE_MS);
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_retry_delayed, scene_offer_all, play_retry_delayed)

static void play_retry_delayed_more(struct scene *s)
{
    scene_hold_retry(s, "retry");
    scene_collide_late(s, lab_rekey_child, "retry", 500 * BASE_MS);
    scene_assert_rekeyed(s);
}

SCENE_TEST(collision_retry_delayed_more, scene_offer_all, play_retry_delayed_more)

/* --- a rekey against a delete of the same child --- */

static void assert_no_child(struct scene *s)
{
    s->lab->ping_every = 0;
    lab_settle(s->lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(s->lab, i).state, IKE_PEER_IKE_ONLY);
        assert_int_equal(lab_children(s->lab, i), 0);
        assert_int_equal(esp_sad_count(s->lab->ends[i].sad), 0);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 1);
    }
}

static void play_against_delete(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    assert_no_child(s);
}

SCENE_TEST(against_delete, NULL, play_against_delete)

static void play_against_dropped_delete(struct scene *s)
{
    scene_fault(s, s->b, INFO, 0, LAB_DROP, NULL);
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    assert_no_child(s);
}

SCENE_TEST(against_dropped_delete, NULL, play_against_dropped_delete)

static void play_dropped_rekey_against_delete(struct scene *s)
{
    scene_fault(s, s->a, CHILD, 0, LAB_DROP, NULL);
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    assert_no_child(s);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
}

SCENE_TEST(dropped_rekey_against_delete, NULL, play_dropped_rekey_against_delete)

/* The refusal of the rekey comes after the delete was answered. */
static void play_delayed_answer_against_delete(struct scene *s)
{
    scene_fault(s, s->b, CHILD, 1, LAB_HOLD, "answer");
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    lab_run(s->lab, 300 * BASE_MS);
    lab_release(s->lab, "answer");
    assert_no_child(s);
}

SCENE_TEST(delayed_answer_against_delete, NULL, play_delayed_answer_against_delete)

/* --- against what happens to the IKE SA --- */

static void play_against_ike_rekey(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    lab_rekey_ike(s->lab, s->b);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->a, IKE_NOTIFY_TEMPORARY_FAILURE));
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_run(s->lab, 30 * BASE_S); /* both are tried again */
    scene_assert_rekeyed(s);
    assert_int_equal(lab_peer(s->lab, s->a).ike_rekeys, 1);
}

SCENE_TEST(against_ike_rekey, NULL, play_against_ike_rekey)

static void play_against_ike_delete(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, false);
    s->lab->ping_every = 0;
    lab_settle(s->lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(s->lab, i).state, IKE_PEER_DOWN);
        assert_int_equal(esp_sad_count(s->lab->ends[i].sad), 0);
    }
    assert_int_equal(s->lab->ends[s->a].failed[IKE_TASK_CHILD_REKEY], 1);
}

SCENE_TEST(against_ike_delete, NULL, play_against_ike_delete)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collision),
        cmocka_unit_test(the_lowest_nonce_loses),
        cmocka_unit_test(collision_response_delayed),
        cmocka_unit_test(collision_response_delayed_and_deleted),
        cmocka_unit_test(collision_request_delayed),
        cmocka_unit_test(collision_request_delayed_more),
        cmocka_unit_test(collision_request_dropped),
        cmocka_unit_test(collision_groups_differ),
        cmocka_unit_test(collision_retry_delayed),
        cmocka_unit_test(collision_retry_delayed_more),
        cmocka_unit_test(against_delete),
        cmocka_unit_test(against_dropped_delete),
        cmocka_unit_test(dropped_rekey_against_delete),
        cmocka_unit_test(delayed_answer_against_delete),
        cmocka_unit_test(against_ike_rekey),
        cmocka_unit_test(against_ike_delete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
