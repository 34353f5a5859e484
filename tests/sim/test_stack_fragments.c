/* Sizes: fragments made and put together, DF, path MTUs, and packets that never get whole. */
#include "tests/sim/lab.h"

#include "net/ether.h"
#include "sim/link.h"

/* A ping of `size` bytes from a to c; returns its lines. */
static const char *ping(struct lab *lab, uint32_t size, enum sim_stack_df df, uint64_t count)
{
    struct sim_ping_config config = lab_config(LAB_C);
    config.size = size;
    config.df = df;
    config.count = count;
    return lab_run(lab, sim_host_stack(lab->a), &config);
}

static void test_host_cuts_and_host_joins(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(ping(&lab, 1473, SIM_STACK_DF_WANT, 1),
                        "1481 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.a))->fragments_made, 2);
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.c))->reassembled, 1);
    assert_int_equal(sim_stack_counters(lab.router)->reassembled, 0);
    assert_string_equal(ping(&lab, SIM_PING_SIZE_MAX, SIM_STACK_DF_DONT, 2),
                        "65515 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n"
                        "65515 bytes from 192.168.2.11: icmp_seq=2 ttl=63\n");
    lab_fini(&lab);
}

static void test_too_long_for_the_own_interface(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DO, 1),
                        "1480 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_string_equal(ping(&lab, 1473, SIM_STACK_DF_DO, 2),
                        "ping: local error: message too long, mtu=1500\n"
                        "ping: local error: message too long, mtu=1500\n");
    assert_int_equal(lab.ping.s.transmitted, 2);
    assert_int_equal(lab.ping.s.errors, 2);
    lab_fini(&lab);
}

/* As case 13c: the first one is answered by the router, the next ones by the host itself. */
static void test_path_mtu_is_learned_and_forgotten(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    sim_stack_set_mtu(lab.router, LAB_LAN2, 1400);
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DO, 2),
                        "From 192.168.1.5 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n"
                        "ping: local error: message too long, mtu=1400\n");
    struct sim_stack *a = sim_host_stack(lab.a);
    assert_int_equal(sim_stack_path_mtu(a, LAB_C), 1400);
    assert_int_equal(sim_stack_path_mtu(a, LAB_B), 0);
    /* Without DF it is the host that cuts, to the size that it learned. */
    uint64_t before = sim_stack_counters(lab.router)->fragments_made;
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DONT, 1),
                        "1480 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_int_equal(sim_stack_counters(lab.router)->fragments_made, before);
    sim_world_run_until(lab.world, 601 * BASE_S);
    assert_int_equal(sim_stack_path_mtu(a, LAB_C), 0);
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DO, 1),
                        "From 192.168.1.5 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n");
    lab_fini(&lab);
}

static void test_ping_by_default_learns_and_cuts(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    sim_stack_set_mtu(lab.router, LAB_LAN2, 1400);
    /* DF is set as long as it fits what is known, so the first one meets the router. */
    assert_string_equal(ping(&lab, 1400, SIM_STACK_DF_WANT, 3),
                        "From 192.168.1.5 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n"
                        "1408 bytes from 192.168.2.11: icmp_seq=2 ttl=63\n"
                        "1408 bytes from 192.168.2.11: icmp_seq=3 ttl=63\n");
    lab_fini(&lab);
}

static void test_router_cuts_what_may_be_cut(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    sim_stack_set_mtu(lab.router, LAB_LAN2, 1400);
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DONT, 1),
                        "1480 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_int_equal(sim_stack_counters(lab.router)->fragments_made, 2);
    lab_fini(&lab);
}

static void test_router_does_not_use_what_it_learned(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    sim_stack_learn_path_mtu(lab.router, LAB_C, 1300);
    sim_stack_learn_path_mtu(lab.router, LAB_C, 1350); /* larger than known: ignored */
    assert_int_equal(sim_stack_path_mtu(lab.router, LAB_C), 1300);
    assert_string_equal(ping(&lab, 1472, SIM_STACK_DF_DO, 1),
                        "1480 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    sim_stack_learn_path_mtu(lab.router, LAB_C, 68); /* nobody is talked down below 552 */
    assert_int_equal(sim_stack_path_mtu(lab.router, LAB_C), 552);
    lab_fini(&lab);
}

static bool is_second_fragment(void *context, const struct sim_packet *frame)
{
    const uint8_t *ip = sim_packet_data(frame) + NET_ETHER_SIZE;
    (void)context;
    return net_ether_type(sim_packet_data(frame)) == NET_ETHER_IPV4 &&
           (net_ipv4_fragment_word(ip) & NET_IPV4_OFFSET_MASK);
}

static bool is_first_fragment(void *context, const struct sim_packet *frame)
{
    const uint8_t *ip = sim_packet_data(frame) + NET_ETHER_SIZE;
    return !is_second_fragment(context, frame) &&
           net_ether_type(sim_packet_data(frame)) == NET_ETHER_IPV4 &&
           (net_ipv4_fragment_word(ip) & NET_IPV4_MF);
}

static void ping_with_loss(struct lab *lab, bool (*match)(void *, const struct sim_packet *))
{
    struct sim_fault_config fault = {
        .action = SIM_FAULT_DROP, .match = match, .first = 1, .last = 1};
    struct sim_ping_config config = lab_config(LAB_C);
    sim_link_add_fault(sim_switch_link(lab->lan2), &fault);
    config.size = 2000;
    config.timeout_ns = 40 * BASE_S;
    lab_run(lab, sim_host_stack(lab->a), &config);
}

static void test_what_never_gets_whole(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
    base_ns start = lab.world->now;
    ping_with_loss(&lab, is_second_fragment);
    assert_string_equal(lab.ping.lines,
                        "From 192.168.2.11 icmp_seq=1 Frag reassembly time exceeded\n");
    assert_in_range(lab.world->now - start, 30 * BASE_S, 30 * BASE_S + BASE_MS);
    /* Without the first fragment nobody can be told. */
    ping_with_loss(&lab, is_first_fragment);
    assert_string_equal(lab.ping.lines, "");
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.c))->reassembly_fails, 2);
    lab_fini(&lab);
}

static void test_power_off_forgets_fragments(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_fault_config fault = {.action = SIM_FAULT_DROP, .match = is_second_fragment};
    sim_link_add_fault(sim_switch_link(lab.lan2), &fault);
    ping(&lab, 2000, SIM_STACK_DF_DONT, 1);
    sim_stack_set_up(sim_host_stack(lab.c), false);
    lab_fini(&lab); /* no timer is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_cuts_and_host_joins),
        cmocka_unit_test(test_too_long_for_the_own_interface),
        cmocka_unit_test(test_path_mtu_is_learned_and_forgotten),
        cmocka_unit_test(test_ping_by_default_learns_and_cuts),
        cmocka_unit_test(test_router_cuts_what_may_be_cut),
        cmocka_unit_test(test_router_does_not_use_what_it_learned),
        cmocka_unit_test(test_what_never_gets_whole),
        cmocka_unit_test(test_power_off_forgets_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
