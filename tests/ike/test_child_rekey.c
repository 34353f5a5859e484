/*
 * Rekeying a child, alone and colliding with whatever the other end does meanwhile: for either end, and for collisions
 * with each of the four nonces being the lowest. Pings go both ways all the while, and none is lost.
 * (RFC 7296 sections 2.8, 2.8.1, 2.25.1.)
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/exchanges.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define CHILD IKE_EXCHANGE_CREATE_CHILD_SA
#define INFO IKE_EXCHANGE_INFORMATIONAL

/* One laboratory for a case: `a` is the end that the case calls first. */
struct scene {
    struct lab *lab;
    int a, b;
    int lowest;
};

typedef void play_fn(struct scene *s);

static void prepare(struct lab_setup *setup, const struct scene *s)
{
    lab_defaults(setup);
    setup->seed = (uint64_t)(10 * s->a + s->lowest + 1);
    lab_lowest_nonce(setup, s->a, s->lowest);
}

static void begin(struct scene *s, const struct lab_setup *setup)
{
    s->lab = lab_new(setup);
    lab_up(s->lab, s->a);
    lab_pings(s->lab, 2 * BASE_MS);
    lab_run(s->lab, 100 * BASE_MS);
}

/* Plays the case for each end and each lowest nonce. */
static void all_ways(play_fn *play)
{
    for (int a = 0; a < 2; a++)
        for (int lowest = 0; lowest < 4; lowest++) {
            struct scene s = {.a = a, .b = 1 - a, .lowest = lowest};
            struct lab_setup setup;
            prepare(&setup, &s);
            begin(&s, &setup);
            play(&s);
            lab_free(s.lab);
        }
}

/* After a collision of two rekeys: one child, and of the two exchanges the one with the lowest nonce lost. */
static void assert_won(struct scene *s, uint32_t old_spi)
{
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
    assert_int_not_equal(lab_child(s->lab, s->a, 0).spi_in, old_spi);
    assert_int_equal(lab_peer(s->lab, s->a).child_rekeys, 1);
    assert_int_equal(lab_peer(s->lab, s->b).child_rekeys, 1);
    assert_int_equal(s->lab->ends[s->a].events[IKE_EVENT_CHILD_REKEYED], 1);
    assert_int_equal(s->lab->ends[s->b].events[IKE_EVENT_CHILD_REKEYED], 1);
    assert_int_equal(s->lab->ends[s->a].events[IKE_EVENT_CHILD_DOWN], 0);
    assert_int_equal(s->lab->ends[s->b].events[IKE_EVENT_CHILD_DOWN], 0);
}

static uint32_t spi_of(struct scene *s)
{
    return lab_child(s->lab, s->a, 0).spi_in;
}

/* --- regular --- */

static void play_regular(struct scene *s)
{
    uint32_t old = spi_of(s);
    lab_rekey_child(s->lab, s->a);
    assert_won(s, old);
    assert_int_equal(s->lab->ends[s->a].requests[CHILD], 1);
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_int_equal(s->lab->ends[s->a].done[IKE_TASK_CHILD_REKEY], 1);
    assert_ptr_equal(lab_child(s->lab, s->b, 0).group, crypto_group_named("19-ECP256"));
}

static void regular(void **state)
{
    (void)state;
    all_ways(play_regular);
}

static void without_pfs(void **state)
{
    (void)state;
    struct scene s = {.a = 0, .b = 1};
    struct lab_setup setup;
    prepare(&setup, &s);
    setup.peer[0].esp.group = setup.peer[1].esp.group = NULL;
    begin(&s, &setup);
    uint32_t old = spi_of(&s);
    lab_rekey_child(s.lab, 0);
    assert_won(&s, old);
    assert_null(lab_child(s.lab, 1, 0).group);
    lab_free(s.lab);
}

/* Each end's first choice of a group is another one than what both then find the strongest. */
static void offer_all(struct lab_setup *setup)
{
    setup->peer[0].negotiation = setup->peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
    setup->peer[0].esp.group = crypto_group_named("19-ECP256");
    setup->peer[1].esp.group = crypto_group_named("28-ECP256BP");
}

static void invalid_ke(void **state)
{
    (void)state;
    for (int a = 0; a < 2; a++) {
        struct scene s = {.a = a, .b = 1 - a};
        struct lab_setup setup;
        prepare(&setup, &s);
        offer_all(&setup);
        begin(&s, &setup);
        uint32_t old = spi_of(&s);
        lab_rekey_child(s.lab, a);
        assert_won(&s, old);
        assert_true(lab_sent_notify(s.lab, s.b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
        assert_int_equal(s.lab->ends[a].requests[CHILD], 2);
        lab_free(s.lab);
    }
}

/* The old SA's lifetime ends while it waits for its delete. */
static void play_hard_expiry(struct scene *s)
{
    /* The delete of the initiator never comes: B's old SA is rekeyed no more, and expires. */
    lab_fault(s->lab, (struct lab_fault){.from = s->a,
                                         .exchange = INFO,
                                         .response = 0,
                                         .action = LAB_HOLD,
                                         .name = "delete",
                                         .count = 1});
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, BASE_S);
    assert_int_equal(lab_children(s->lab, s->b), 2);
    assert_int_equal(lab_child(s->lab, s->b, 0).state, IKE_CHILD_REKEYED);
    assert_int_equal(lab_child(s->lab, s->b, 0).rekey_at, BASE_NEVER);
    lab_run(s->lab, 10 * BASE_S); /* retransmitted after 4 s */
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

static void delete_lost_once(void **state)
{
    (void)state;
    all_ways(play_hard_expiry);
}

static struct ike_child *inside(struct scene *s, int end, struct ike_sa **sa)
{
    struct ike_endpoint *ep = lab_ep(s->lab, end);
    *sa = ike_engine_sa_of(ep, ep->peers[0]);
    return ike_child_usable(*sa);
}

static void play_hard_expiry_at_responder(struct scene *s)
{
    struct ike_sa *sa;
    lab_fault(
        s->lab,
        (struct lab_fault){
            .from = s->a, .exchange = INFO, .response = 0, .action = LAB_HOLD, .name = "delete"});
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, 100 * BASE_MS);
    inside(s, s->b, &sa);
    sa->children->expires_at = s->lab->now + BASE_S;
    lab_ep(s->lab, s->b)->deadline = s->lab->now;
    lab_run(s->lab, 2 * BASE_S);
    lab_heal(s->lab);
    lab_release(s->lab, "delete");
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
}

static void hard_expiry_of_the_old_sa(void **state)
{
    (void)state;
    all_ways(play_hard_expiry_at_responder);
}

/* The responder deletes what it has just made, and its delete overtakes the answer that made it. */
static void play_new_sa_deleted(struct scene *s)
{
    struct ike_sa *sa;
    lab_fault(
        s->lab,
        (struct lab_fault){
            .from = s->b, .exchange = CHILD, .response = 1, .action = LAB_HOLD, .name = "answer"});
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
    lab_heal(s->lab);
    lab_settle(s->lab);
    assert_null(esp_sad_inbound(s->lab->ends[s->b].sad, spi));
    assert_int_equal(lab_children(s->lab, s->a), 0);
    assert_int_equal(lab_children(s->lab, s->b), 0);
    assert_int_equal(esp_sad_count(s->lab->ends[s->a].sad), 0);
    assert_int_equal(esp_sad_count(s->lab->ends[s->b].sad), 0);
    assert_int_equal(lab_peer(s->lab, s->a).state, IKE_PEER_IKE_ONLY);
}

static void new_sa_deleted_before_its_answer(void **state)
{
    (void)state;
    all_ways(play_new_sa_deleted);
}

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

static void responder_lost_it(void **state)
{
    (void)state;
    all_ways(play_lost);
}

/* The responder deletes the old SA itself, before the initiator does, and before its answer is there. */
static void play_responder_deletes(struct scene *s)
{
    struct ike_sa *sa;
    uint32_t old = spi_of(s);
    lab_fault(
        s->lab,
        (struct lab_fault){
            .from = s->b, .exchange = CHILD, .response = 1, .action = LAB_HOLD, .name = "answer"});
    lab_rekey_child(s->lab, s->a);
    lab_run(s->lab, 20 * BASE_MS);
    inside(s, s->b, &sa);
    ike_child_delete(sa, sa->children, IKE_REASON_REPLACED);
    lab_ep(s->lab, s->b)->deadline = s->lab->now;
    lab_run(s->lab, 20 * BASE_MS);
    lab_release(s->lab, "answer");
    lab_heal(s->lab);
    lab_settle(s->lab);
    /* What b sent on the new SA before a knew of it is lost; nothing of a is. */
    assert_in_range(s->lab->ends[s->b].pings_lost, 1, 20);
    s->lab->ends[s->b].pings_lost = 0;
    assert_won(s, old);
}

static void responder_deletes_the_old_sa(void **state)
{
    (void)state;
    all_ways(play_responder_deletes);
}

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

static void delete_times_out(void **state)
{
    (void)state;
    all_ways(play_delete_times_out);
}

/* --- two rekeys --- */

static void both(struct scene *s)
{
    lab_rekey_child(s->lab, s->a);
    lab_rekey_child(s->lab, s->b);
}

static void play_collision(struct scene *s)
{
    uint32_t old = spi_of(s);
    both(s);
    assert_won(s, old);
    /* The end whose exchange lost deletes what it made, the other the old SA: one delete each. */
    assert_int_equal(s->lab->ends[s->a].requests[INFO], 1);
    assert_int_equal(s->lab->ends[s->b].requests[INFO], 1);
}

static void collision(void **state)
{
    (void)state;
    all_ways(play_collision);
}

static void hold(struct scene *s, int from, int response, const char *name)
{
    lab_fault(s->lab, (struct lab_fault){.from = from,
                                         .exchange = CHILD,
                                         .response = response,
                                         .count = 1,
                                         .action = LAB_HOLD,
                                         .name = name});
}

static void play_response_delayed(struct scene *s)
{
    uint32_t old = spi_of(s);
    hold(s, s->b, 1, "answer"); /* to a */
    both(s);
    lab_run(s->lab, 25 * BASE_MS);
    lab_release(s->lab, "answer");
    assert_won(s, old);
}

static void collision_response_delayed(void **state)
{
    (void)state;
    all_ways(play_response_delayed);
}

/* Until after b has deleted whatever is for it to delete. */
static void play_response_delayed_and_deleted(struct scene *s)
{
    uint32_t old = spi_of(s);
    hold(s, s->b, 1, "answer");
    both(s);
    lab_run(s->lab, 500 * BASE_MS);
    lab_release(s->lab, "answer");
    assert_won(s, old);
}

static void collision_response_delayed_and_deleted(void **state)
{
    (void)state;
    all_ways(play_response_delayed_and_deleted);
}

/* The request of a reaches b after b's own was answered, while b deletes the old SA. */
static void play_request_delayed(struct scene *s)
{
    uint32_t old = spi_of(s);
    hold(s, s->a, 0, "request");
    lab_fault(s->lab, (struct lab_fault){.from = s->a,
                                         .exchange = INFO,
                                         .response = 1,
                                         .count = 1,
                                         .action = LAB_HOLD,
                                         .name = "delete answer"});
    both(s);
    lab_run(s->lab, 50 * BASE_MS);
    assert_int_equal(lab_held(s->lab, "delete answer"), 1);
    lab_release(s->lab, "request");
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_release(s->lab, "delete answer");
    assert_won(s, old);
}

static void collision_request_delayed(void **state)
{
    (void)state;
    all_ways(play_request_delayed);
}

/* ... after the old SA is gone at b. */
static void play_request_delayed_more(struct scene *s)
{
    uint32_t old = spi_of(s);
    hold(s, s->a, 0, "request");
    both(s);
    lab_run(s->lab, 500 * BASE_MS);
    lab_release(s->lab, "request");
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
    assert_won(s, old);
}

static void collision_request_delayed_more(void **state)
{
    (void)state;
    all_ways(play_request_delayed_more);
}

/* ... and the refusal of it comes after a was told to delete. */
static void play_request_dropped(struct scene *s)
{
    uint32_t old = spi_of(s);
    lab_fault(s->lab,
              (struct lab_fault){
                  .from = s->a, .exchange = CHILD, .response = 0, .count = 1, .action = LAB_DROP});
    both(s);
    assert_won(s, old);
    assert_int_equal(s->lab->ends[s->a].retransmissions, 1);
}

static void collision_request_dropped(void **state)
{
    (void)state;
    all_ways(play_request_dropped);
}

/* Both offer a weaker group first: both are told to take another. */
static void all_ways_most_secure(play_fn *play)
{
    for (int a = 0; a < 2; a++)
        for (int lowest = 0; lowest < 4; lowest++) {
            struct scene s = {.a = a, .b = 1 - a, .lowest = lowest};
            struct lab_setup setup;
            prepare(&setup, &s);
            offer_all(&setup);
            begin(&s, &setup);
            play(&s);
            lab_free(s.lab);
        }
}

static void play_groups_differ(struct scene *s)
{
    uint32_t old = spi_of(s);
    both(s);
    assert_won(s, old);
    assert_true(lab_sent_notify(s->lab, s->a, IKE_NOTIFY_INVALID_KE_PAYLOAD));
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_INVALID_KE_PAYLOAD));
}

static void collision_groups_differ(void **state)
{
    (void)state;
    all_ways_most_secure(play_groups_differ);
}

/* The second request of a, with the group that was asked for, comes late. */
static void play_retry_delayed(struct scene *s)
{
    uint32_t old = spi_of(s);
    lab_fault(s->lab, (struct lab_fault){.from = s->a,
                                         .exchange = CHILD,
                                         .response = 0,
                                         .skip = 1,
                                         .count = 1,
                                         .action = LAB_HOLD,
                                         .name = "retry"});
    both(s);
    lab_run(s->lab, 45 * BASE_MS);
    lab_release(s->lab, "retry");
    assert_won(s, old);
}

static void collision_retry_delayed(void **state)
{
    (void)state;
    all_ways_most_secure(play_retry_delayed);
}

static void play_retry_delayed_more(struct scene *s)
{
    uint32_t old = spi_of(s);
    lab_fault(s->lab, (struct lab_fault){.from = s->a,
                                         .exchange = CHILD,
                                         .response = 0,
                                         .skip = 1,
                                         .count = 1,
                                         .action = LAB_HOLD,
                                         .name = "retry"});
    both(s);
    lab_run(s->lab, 500 * BASE_MS);
    lab_release(s->lab, "retry");
    assert_won(s, old);
}

static void collision_retry_delayed_more(void **state)
{
    (void)state;
    all_ways_most_secure(play_retry_delayed_more);
}

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

static void against_delete(void **state)
{
    (void)state;
    all_ways(play_against_delete);
}

static void play_against_dropped_delete(struct scene *s)
{
    lab_fault(s->lab,
              (struct lab_fault){
                  .from = s->b, .exchange = INFO, .response = 0, .count = 1, .action = LAB_DROP});
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    assert_no_child(s);
}

static void against_dropped_delete(void **state)
{
    (void)state;
    all_ways(play_against_dropped_delete);
}

static void play_dropped_rekey_against_delete(struct scene *s)
{
    lab_fault(s->lab,
              (struct lab_fault){
                  .from = s->a, .exchange = CHILD, .response = 0, .count = 1, .action = LAB_DROP});
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    assert_no_child(s);
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_CHILD_SA_NOT_FOUND));
}

static void dropped_rekey_against_delete(void **state)
{
    (void)state;
    all_ways(play_dropped_rekey_against_delete);
}

/* The refusal of the rekey comes after the delete was answered. */
static void play_delayed_answer_against_delete(struct scene *s)
{
    hold(s, s->b, 1, "answer");
    lab_rekey_child(s->lab, s->a);
    lab_terminate(s->lab, s->b, true);
    lab_run(s->lab, 300 * BASE_MS);
    lab_release(s->lab, "answer");
    assert_no_child(s);
}

static void delayed_answer_against_delete(void **state)
{
    (void)state;
    all_ways(play_delayed_answer_against_delete);
}

/* --- against what happens to the IKE SA --- */

static void play_against_ike_rekey(struct scene *s)
{
    uint32_t old = spi_of(s);
    lab_rekey_child(s->lab, s->a);
    lab_rekey_ike(s->lab, s->b);
    lab_run(s->lab, 50 * BASE_MS);
    assert_true(lab_sent_notify(s->lab, s->a, IKE_NOTIFY_TEMPORARY_FAILURE));
    assert_true(lab_sent_notify(s->lab, s->b, IKE_NOTIFY_TEMPORARY_FAILURE));
    lab_run(s->lab, 30 * BASE_S); /* both are tried again */
    assert_won(s, old);
    assert_int_equal(lab_peer(s->lab, s->a).ike_rekeys, 1);
}

static void against_ike_rekey(void **state)
{
    (void)state;
    all_ways(play_against_ike_rekey);
}

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

static void against_ike_delete(void **state)
{
    (void)state;
    all_ways(play_against_ike_delete);
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
        cmocka_unit_test(collision),
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
