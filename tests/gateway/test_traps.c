/* Which routes traps and children install, in which order, and what stays of them. */
#include "tests/test.h"

#include "tests/gateway/lab.h"

static net_ip4 source_to_lhr1(struct lab *lab)
{
    struct sim_stack_route route;
    assert_int_equal(sim_stack_route_get(sim_gateway_stack(lab_gateway(lab, LAB_TXL)),
                                         NET_IP4(192, 168, 2, 11), SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_OK);
    return route.source;
}

/* Case 3b-trap: the trap's route has no source of its own, the child's has one; the last one that was wanted stands. */
static void routes_of_a_trap_and_of_its_child(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "0.0.0.0/0", "192.168.2.0/24");
    lab_behaviour(&lab, LAB_TXL)->start = TOPO_START_ON_TRAFFIC;
    lab_start(&lab);
    assert_int_equal(source_to_lhr1(&lab), NET_IP4(203, 0, 113, 10));
    lab_ping(&lab, "txl1", "lhr1", 1);
    assert_int_equal(source_to_lhr1(&lab), NET_IP4(192, 168, 1, 5));
    assert_int_equal(lab_ping(&lab, "txl-gw", "lhr1", 2).received, 2);
    assert_true(sim_gateway_rekey_child(lab_gateway(&lab, LAB_TXL), "net"));
    lab_wait(&lab, 10 * BASE_S);
    assert_int_equal(source_to_lhr1(&lab), NET_IP4(192, 168, 1, 5));
    assert_true(sim_gateway_terminate(lab_gateway(&lab, LAB_LHR), "net", true));
    lab_wait(&lab, 10 * BASE_S);
    assert_int_equal(source_to_lhr1(&lab), NET_IP4(203, 0, 113, 10));
    lab_end(&lab);
}

/* The gateway's own networks, instead of its LAN alone. */
static void set_local(struct lab *lab, struct topo_cidr networks[static 2], const char *first,
                      const char *second)
{
    assert_true(net_prefix_parse(first, NET_PREFIX_MASK, &networks[0].prefix));
    assert_true(net_prefix_parse(second, NET_PREFIX_MASK, &networks[1].prefix));
    lab->tunnels[LAB_TXL].cloud = networks;
    lab->tunnels[LAB_TXL].cloud_count = 2;
}

/* Where it leads into the tunnel device there is no next hop. */
static bool reaches_its_peer(struct lab *lab)
{
    struct sim_stack_route route;
    assert_int_equal(sim_stack_route_get(sim_gateway_stack(lab_gateway(lab, LAB_TXL)),
                                         NET_IP4(203, 0, 113, 20), SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_OK);
    return route.next_hop != 0;
}

/* A trap's selectors are in charon's order, too, however the file has them: the last route is the wan's. */
static void a_trap_is_sorted(void **state)
{
    struct lab lab;
    struct topo_cidr networks[2] = {0};
    (void)state;
    lab_init(&lab);
    set_local(&lab, networks, "203.0.113.0/24", "192.168.1.0/24");
    lab_behaviour(&lab, LAB_TXL)->start = TOPO_START_ON_TRAFFIC;
    lab_start(&lab);
    assert_int_equal(source_to_lhr1(&lab), NET_IP4(203, 0, 113, 10));
    lab_end(&lab);
}

/* The trap's first route would lead all into the tunnel device; the second cannot be, and nothing stays. */
static void a_trap_that_fails_leaves_nothing(void **state)
{
    struct lab lab;
    struct topo_cidr networks[2] = {0};
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "192.168.1.0/24", "0.0.0.0/0");
    set_local(&lab, networks, "192.168.1.0/24", "192.168.3.0/24");
    lab_route_based(&lab);
    lab_behaviour(&lab, LAB_TXL)->start = TOPO_START_ON_TRAFFIC;
    lab_start(&lab);
    assert_true(reaches_its_peer(&lab));
    lab_end(&lab);
}

/* The first route of the child cannot be; there is no second one, which would take the DELETE away. */
static void a_child_stops_at_the_route_that_fails(void **state)
{
    struct lab lab;
    struct topo_cidr networks[2] = {0};
    char text[128];
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "192.168.1.0/24", "0.0.0.0/0");
    set_local(&lab, networks, "192.168.1.0/24", "10.7.0.0/24");
    lab_set_networks(&lab, LAB_LHR, "0.0.0.0/0", "0.0.0.0/0");
    lab_route_based(&lab);
    lab_start(&lab);
    lab_initiate(&lab, LAB_TXL);
    assert_true(reaches_its_peer(&lab));
    lab_wait(&lab, 3 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "IKE only");
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_of_a_trap_and_of_its_child),
        cmocka_unit_test(a_trap_is_sorted),
        cmocka_unit_test(a_trap_that_fails_leaves_nothing),
        cmocka_unit_test(a_child_stops_at_the_route_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
