/*
 * Several children of one tunnel with other selectors, as strongSwan makes one for each `children`
 * section: each has its own reqid, and so its own policies and its own current SA. RFC 7296 section
 * 1.3.1, RFC 4301 section 4.4.1.
 */
#include "ipsec/ike/child_offer.h"
#include "ipsec/ike/payload.h"
#include "tests/ike/forge.h"
#include "tests/test.h"

/* Of A's networks, the half that is asked for; or of B's. */
static uint8_t half;
static bool of_b;

static void one_more(struct ike_sa *sa, struct ike_builder *b)
{
    struct ike_child_wish wish = {.own_exchange = true};
    struct ike_child_offer *offer = ike_child_offer_new(sa, &wish);
    struct ike_ts *ts = of_b ? &offer->remote_ts.items[0] : &offer->local_ts.items[0];
    ts->low.bytes[3] = half ? 128 : 0;
    ts->high.bytes[3] = half ? 255 : 127;
    ike_child_offer_write(offer, b);
    ike_child_offer_free(sa, offer);
}

static struct ike_child_info child_of(struct lab *lab, size_t index)
{
    return lab_child(lab, LAB_B, index);
}

static struct lab *with_two_halves(void)
{
    struct lab *lab = lab_plain();
    lab_up(lab, LAB_A);
    for (half = 0; half < 2; half++)
        forge_request(lab, LAB_A, IKE_EXCHANGE_CREATE_CHILD_SA, one_more);
    assert_int_equal(lab_children(lab, LAB_B), 3);
    return lab;
}

static void each_has_its_own_sa(void **state)
{
    of_b = *state;
    struct lab *lab = with_two_halves();
    of_b = false;
    const struct esp_sad *sad = lab->ends[LAB_B].sad;
    assert_int_equal(child_of(lab, 0).reqid, 1);
    for (size_t i = 0; i < 3; i++) {
        struct ike_child_info child = child_of(lab, i);
        assert_int_equal(ike_reqid_tunnel(child.reqid), 1);
        assert_int_equal(esp_sad_outbound(sad, child.reqid)->spi, child.spi_out);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(child.reqid, child_of(lab, k).reqid);
    }
    lab_free(lab);
}

static void equal_selectors_share_one(void **state)
{
    (void)state;
    struct lab *lab = with_two_halves();
    for (half = 0; half < 2; half++)
        forge_request(lab, LAB_A, IKE_EXCHANGE_CREATE_CHILD_SA, one_more);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(child_of(lab, 3 + i).reqid, child_of(lab, 1 + i).reqid);
    lab_free(lab);
}

static uint32_t doomed;

static void delete_one(struct ike_sa *sa, struct ike_builder *b)
{
    (void)sa;
    ike_write_delete_esp(b, &doomed, 1);
}

/* Its number is free again, and the others are not touched. */
static void one_goes(void **state)
{
    (void)state;
    struct lab *lab = with_two_halves();
    struct ike_child_info first = child_of(lab, 0), second = child_of(lab, 1),
                          third = child_of(lab, 2);
    doomed = second.spi_out;
    forge_request(lab, LAB_A, IKE_EXCHANGE_INFORMATIONAL, delete_one);
    assert_int_equal(lab_children(lab, LAB_B), 2);
    const struct esp_sad *sad = lab->ends[LAB_B].sad;
    assert_null(esp_sad_outbound(sad, second.reqid));
    assert_int_equal(esp_sad_outbound(sad, first.reqid)->spi, first.spi_out);
    assert_int_equal(esp_sad_outbound(sad, third.reqid)->spi, third.spi_out);
    half = 0;
    forge_request(lab, LAB_A, IKE_EXCHANGE_CREATE_CHILD_SA, one_more);
    assert_int_equal(child_of(lab, 2).reqid, second.reqid);
    lab_free(lab);
}

static uint32_t rekeyed;

static void rekey_with_half(struct ike_sa *sa, struct ike_builder *b)
{
    ike_write_notify_esp(b, IKE_NOTIFY_REKEY_SA, rekeyed);
    one_more(sa, b);
}

/* What takes a child's place has its reqid, even if the peer asks for less than before. */
static void a_rekey_keeps_it(void **state)
{
    (void)state;
    struct lab *lab = with_two_halves();
    rekeyed = child_of(lab, 2).spi_out;
    half = 0;
    forge_request(lab, LAB_A, IKE_EXCHANGE_CREATE_CHILD_SA, rekey_with_half);
    assert_int_equal(lab_children(lab, LAB_B), 4);
    assert_int_equal(child_of(lab, 3).reqid, child_of(lab, 2).reqid);
    assert_int_equal(lab->ends[LAB_B].events[IKE_EVENT_CHILD_REKEYED], 1);
    lab_free(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_own_sa),
        cmocka_unit_test_prestate(each_has_its_own_sa, &half),
        cmocka_unit_test(equal_selectors_share_one),
        cmocka_unit_test(one_goes),
        cmocka_unit_test(a_rekey_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
