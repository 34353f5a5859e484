/*
 * What anybody can say in a peer's name who knows the initiator's SPI, while IKE_SA_INIT is under way: cookies, groups,
 * refusals. The attempt ends as it would have without, some seconds later at worst. (RFC 7296 sections 2.6, 2.6.1, 2.15,
 * 2.21.1, 2.21.2.)
 */
#include "base/bytes.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/payload.h"
#include "ipsec/ike/send.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define INIT IKE_EXCHANGE_IKE_SA_INIT

/* A notify in clear to A, as from B, about the request that A sent last. */
static void forge(struct lab *lab, uint16_t type, const void *data, size_t size)
{
    struct ike_header header = {
        .spi_i = lab->last_spi_i, .exchange = INIT, .flags = IKE_FLAG_RESPONSE};
    struct ike_path path = {lab->ends[LAB_A].address, lab->ends[LAB_B].address, IKE_PORT, IKE_PORT};
    struct ike_draft draft;
    ike_send_draft_plain(&header, &draft);
    ike_write_notify(&draft.b, type, data, size);
    lab_input(lab, LAB_A, &path, draft.buffer, ike_builder_finish(&draft.b));
}

static void forge_cookie(struct lab *lab, uint8_t number)
{
    uint8_t cookie[20] = {number};
    forge(lab, IKE_NOTIFY_COOKIE, cookie, sizeof(cookie));
}

static void forge_group(struct lab *lab, const char *name)
{
    uint8_t number[2];
    base_put_be(number, crypto_group_named(name)->id, 2);
    forge(lab, IKE_NOTIFY_INVALID_KE_PAYLOAD, number, 2);
}

static void assert_up(struct lab *lab)
{
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_ESTABLISHED);
    assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 0);
    assert_int_equal(lab->ends[LAB_A].done[IKE_TASK_CONNECT], 1);
    assert_int_equal(lab->ends[LAB_A].events[IKE_EVENT_IKE_DOWN], 0);
    lab_assert_paired(lab);
    lab_free(lab);
}

static struct lab *demanding(void) /* B asks everybody for a cookie */
{
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.options[LAB_B].cookie_threshold = 0;
    return lab_new(&setup);
}

/* The true answer is to the request without the cookie, and AUTH has to be over that one. */
static void a_cookie_before_the_answer(void **state)
{
    (void)state;
    for (uint8_t cookies = 1; cookies <= 6; cookies++) {
        struct lab *lab = lab_plain();
        lab_initiate(lab, LAB_A);
        for (uint8_t i = 1; i <= cookies; i++)
            forge_cookie(lab, i);
        lab_run(lab, BASE_S);
        assert_up(lab);
    }
}

/* Somebody sees each request, and demands cookies for all the time that it takes. */
static void cookies_all_the_time(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab_initiate(lab, LAB_A);
    for (unsigned i = 0; i < 2000; i++) {
        if (lab_peer(lab, LAB_A).state == IKE_PEER_CONNECTING)
            forge_cookie(lab, (uint8_t)i);
        lab_run(lab, 3 * BASE_MS);
    }
    assert_in_range(lab->ends[LAB_A].requests[INIT], 2, 4);
    assert_up(lab);
}

/* The peer does ask for cookies: for one of its own, which comes after as many others. */
static void cookies_before_the_true_one(void **state)
{
    (void)state;
    for (uint8_t cookies = 1; cookies <= 6; cookies++) {
        struct lab *lab = demanding();
        lab_initiate(lab, LAB_A);
        for (uint8_t i = 1; i <= cookies; i++)
            forge_cookie(lab, i);
        lab_run(lab, 10 * BASE_S);
        assert_false(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_AUTHENTICATION_FAILED));
        assert_up(lab);
    }
}

/* One more than the true one comes while the answer to that is on its way. */
static void a_cookie_after_the_true_one(void **state)
{
    (void)state;
    struct lab *lab = demanding();
    lab_initiate(lab, LAB_A);
    lab_run(lab, 2 * LAB_DELAY);
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 2);
    forge_cookie(lab, 1);
    lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 2);
    assert_false(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_AUTHENTICATION_FAILED));
    assert_up(lab);
}

/* The same cookie again asks for nothing that was not done. */
static void a_cookie_twice(void **state)
{
    (void)state;
    struct lab *lab = demanding();
    lab_fault(lab, (struct lab_fault){.from = LAB_B,
                                      .exchange = INIT,
                                      .response = 1,
                                      .count = 1,
                                      .action = LAB_DUPLICATE,
                                      .delay = BASE_MS});
    lab_initiate(lab, LAB_A);
    lab_run(lab, BASE_S);
    assert_int_equal(lab->ends[LAB_A].requests[INIT], 2);
    assert_up(lab);
}

/* No answer comes to the first request nor to that with the forged cookie: it is sent again until one does. */
static void a_cookie_and_a_peer_that_is_away(void **state)
{
    (void)state;
    struct lab *lab = lab_plain();
    lab->ends[LAB_B].dead = true;
    lab_initiate(lab, LAB_A);
    forge_cookie(lab, 1);
    lab_run(lab, 5 * BASE_S);
    forge_cookie(lab, 2);
    lab_run(lab, 80 * BASE_S);
    assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_CONNECTING);
    lab->ends[LAB_B].dead = false;
    lab_run(lab, 90 * BASE_S);
    assert_up(lab);
}

/* AUTH does not fit, whatever was forged: the refusal of the second attempt is believed, and told once. */
static void a_wrong_key_is_refused_all_the_same(void **state)
{
    (void)state;
    for (int forged = 0; forged < 2; forged++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.peer[1].psk = (const uint8_t *)"another key of 32 characters or more...";
        setup.options[LAB_B].cookie_threshold = forged ? 10 : 0;
        struct lab *lab = lab_new(&setup);
        lab_initiate(lab, LAB_A);
        if (forged)
            forge_cookie(lab, 1);
        lab_run(lab, 10 * BASE_S);
        assert_int_equal(lab_peer(lab, LAB_A).state, IKE_PEER_DOWN);
        assert_int_equal(lab->ends[LAB_A].failed[IKE_TASK_CONNECT], 1);
        assert_int_equal(lab->ends[LAB_A].last_reason, IKE_REASON_AUTHENTICATION);
        /* Where B made two SAs, for two requests, both are tried. */
        assert_int_equal(lab->ends[LAB_A].requests[IKE_EXCHANGE_IKE_AUTH], forged ? 3 : 2);
        lab_free(lab);
    }
}

static struct lab *with_groups(const char *of_a, const char *of_b)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[0].negotiation = setup.peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
    setup.peer[0].ike.group = crypto_group_named(of_a);
    setup.peer[1].ike.group = crypto_group_named(of_b);
    return lab_new(&setup);
}

/* The strongest group that both have: the one that the other end asks for. */
static const char *wanted_group(const char *of_a, const char *of_b)
{
    struct lab *lab = with_groups(of_a, of_b);
    lab_up(lab, LAB_A);
    const char *name = lab_peer(lab, LAB_A).ike.group->product_name;
    lab_free(lab);
    return name;
}

/* Other groups are asked for while the answer to the first one is on its way, which is taken. */
static void groups_before_the_answer(void **state)
{
    (void)state;
    const char *group = wanted_group("28-ECP256BP", "29-ECP384BP");
    static const char *const others[] = {"19-ECP256", "20-ECP384", "19-ECP256", "28-ECP256BP"};
    for (size_t count = 1; count <= 2; count++) {
        struct lab *lab = with_groups(group, group);
        lab_initiate(lab, LAB_A);
        for (size_t i = 0; i < count; i++)
            forge_group(lab, others[i]);
        lab_run(lab, BASE_S);
        assert_int_equal(lab->ends[LAB_A].requests[INIT], 1 + count);
        assert_up(lab);
    }
}

/* More groups are asked for than are met at once: the answer to the first is taken, or the true one's turn comes. */
static void groups_before_the_true_one(void **state)
{
    (void)state;
    static const char *const others[] = {"19-ECP256", "20-ECP384", "16-MODP4096", "29-ECP384BP"};
    for (size_t count = 1; count <= 12; count++)
        for (int first_is_right = 0; first_is_right < 2; first_is_right++) {
            struct lab *lab = first_is_right ? with_groups("15-MODP3072", "15-MODP3072")
                                             : with_groups("28-ECP256BP", "29-ECP384BP");
            lab_initiate(lab, LAB_A);
            for (size_t i = 0; i < count; i++)
                forge_group(lab, others[i % 4]);
            lab_run(lab, first_is_right ? BASE_S : 10 * BASE_S);
            assert_up(lab);
        }
}

/* A refusal, then a cookie, then another refusal, and the answer in the end. */
static void everything_at_once(void **state)
{
    (void)state;
    struct lab *lab = with_groups("28-ECP256BP", "29-ECP384BP");
    lab_initiate(lab, LAB_A);
    for (uint8_t i = 0; i < 10; i++) {
        forge(lab, IKE_NOTIFY_NO_PROPOSAL_CHOSEN, NULL, 0);
        forge_cookie(lab, i);
        forge(lab, IKE_NOTIFY_INVALID_SYNTAX, NULL, 0);
        forge_group(lab, i % 2 ? "19-ECP256" : "20-ECP384");
        forge(lab, IKE_NOTIFY_AUTHENTICATION_FAILED, NULL, 0);
    }
    lab_run(lab, 20 * BASE_S);
    assert_up(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_before_the_answer),
        cmocka_unit_test(cookies_all_the_time),
        cmocka_unit_test(cookies_before_the_true_one),
        cmocka_unit_test(a_cookie_after_the_true_one),
        cmocka_unit_test(a_cookie_twice),
        cmocka_unit_test(a_cookie_and_a_peer_that_is_away),
        cmocka_unit_test(a_wrong_key_is_refused_all_the_same),
        cmocka_unit_test(groups_before_the_answer),
        cmocka_unit_test(groups_before_the_true_one),
        cmocka_unit_test(everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
