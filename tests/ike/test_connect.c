/* IKE_SA_INIT and IKE_AUTH between two endpoints. */
#include "ipsec/crypto/algorithm.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

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
        assert_int_equal(lab->ends[end].requests[IKE_EXCHANGE_IKE_SA_INIT], 1);
        assert_int_equal(lab->ends[end].requests[IKE_EXCHANGE_IKE_AUTH], 1);
        assert_int_equal(lab_peer(lab, end).path.local_port, 4500);
        assert_true(lab_peer(lab, end).initiator);
        lab_free(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_up_from_either_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
