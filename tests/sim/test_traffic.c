/* UDP flows: what is sent, lost, doubled, out of order, and how long it took. */
#include "tests/sim/lab.h"

#include "net/ether.h"
#include "sim/link.h"
#include "sim/traffic.h"

static struct sim_traffic_config flow(net_ip4 to)
{
    return (struct sim_traffic_config){
        .to = to,
        .rate_bps = 10000000,
        .size = 1250, /* one a millisecond */
        .duration_ns = BASE_S,
        .timeout_ns = 2 * BASE_S,
        .df = SIM_STACK_DF_WANT,
    };
}

static void keep(void *context, struct sim_traffic *traffic)
{
    *(struct sim_traffic_statistics *)context = *sim_traffic_statistics(traffic);
    sim_traffic_free(traffic);
}

static struct sim_traffic_statistics run(struct lab *lab, const struct sim_traffic_config *config)
{
    struct sim_traffic_statistics s = {0};
    sim_traffic_start(sim_host_stack(lab->a), sim_host_stack(lab->c), config, keep, &s);
    while (!s.done)
        assert_true(sim_world_step(lab->world, BASE_NEVER));
    return s;
}

static bool is_datagram(void *context, const struct sim_packet *frame)
{
    const uint8_t *bytes = sim_packet_data(frame);
    (void)context;
    return net_ether_type(bytes) == NET_ETHER_IPV4 && bytes[14 + 9] == NET_IPV4_UDP;
}

static void add_fault(struct lab *lab, enum sim_fault_action action, uint64_t first, uint64_t last,
                      base_ns delay_ns)
{
    struct sim_fault_config fault = {
        .action = action,
        .match = is_datagram,
        .first = first,
        .last = last,
        .amount = 1,
        .delay_ns = delay_ns,
    };
    sim_link_add_fault(sim_switch_link(lab->lan1), &fault);
}

static void test_all_arrive(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
    base_ns start = lab.world->now;
    struct sim_traffic_config config = flow(LAB_C);
    struct sim_traffic_statistics s = run(&lab, &config);
    assert_int_equal(s.sent, 1000);
    assert_int_equal(s.delivered, 1000);
    assert_int_equal(s.lost + s.duplicates + s.reordered + s.refused, 0);
    assert_int_equal(s.latency_min_ns, 200 * BASE_US);
    assert_int_equal(s.latency_max_ns, 200 * BASE_US);
    assert_int_equal(s.latency_avg_ns, 200 * BASE_US);
    assert_int_equal(s.ended_at - start, 999 * BASE_MS + 200 * BASE_US);
    lab_fini(&lab);
}

static void test_cold_caches_lose_nothing(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_traffic_config config = flow(LAB_C);
    struct sim_traffic_statistics s = run(&lab, &config);
    assert_int_equal(s.delivered, 1000);
    assert_int_equal(s.reordered, 0);
    assert_int_equal(s.latency_max_ns, 600 * BASE_US); /* two ARP exchanges */
    lab_fini(&lab);
}

static void test_what_faults_do(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    add_fault(&lab, SIM_FAULT_DROP, 10, 12, 0);
    add_fault(&lab, SIM_FAULT_DUPLICATE, 20, 21, 0);
    /* Number 30 comes behind 31, 32 and 33: one reordered datagram (RFC 4737, 3.3). */
    add_fault(&lab, SIM_FAULT_DELAY, 30, 30, 3500 * BASE_US);
    struct sim_traffic_config config = flow(LAB_C);
    struct sim_traffic_statistics s = run(&lab, &config);
    assert_int_equal(s.sent, 1000);
    assert_int_equal(s.delivered, 997);
    assert_int_equal(s.lost, 3);
    assert_int_equal(s.duplicates, 2);
    assert_int_equal(s.reordered, 1);
    assert_int_equal(s.latency_max_ns, 3700 * BASE_US);
    lab_fini(&lab);
}

static void test_rates_do_not_drift(void **state)
{
    (void)state;
    static const struct {
        uint64_t rate_bps;
        uint32_t size;
        base_ns duration_ns;
        uint64_t sent;
    } cases[] = {
        {10000, 125, 10 * BASE_S, 100},
        {7000, 1000, 8 * BASE_S, 7},         /* 1.142857 s apart: at 0 and six times more */
        {3000000000, 32, 10 * BASE_US, 118}, /* 85.33 ns apart */
        {1, 32, BASE_S, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lab lab;
        lab_init(&lab);
        struct sim_traffic_config config = flow(LAB_C);
        config.rate_bps = cases[i].rate_bps;
        config.size = cases[i].size;
        config.duration_ns = cases[i].duration_ns;
        struct sim_traffic_statistics s = run(&lab, &config);
        assert_int_equal(s.sent, cases[i].sent);
        assert_int_equal(s.delivered, cases[i].sent);
        lab_fini(&lab);
    }
}

static void test_flows_side_by_side(void **state)
{
    (void)state;
    struct lab lab;
    struct sim_traffic_statistics s[3] = {0};
    lab_init(&lab);
    struct sim_traffic_config config = flow(LAB_C);
    struct sim_stack *c = sim_host_stack(lab.c);
    sim_traffic_start(sim_host_stack(lab.a), c, &config, keep, &s[0]);
    sim_traffic_start(sim_host_stack(lab.a), c, &config, keep, &s[1]);
    sim_traffic_start(sim_host_stack(lab.b), c, &config, keep, &s[2]);
    sim_world_run_until(lab.world, 10 * BASE_S);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(s[i].delivered, 1000);
    lab_fini(&lab);
}

static void test_nothing_arrives(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_traffic_config config = flow(LAB_C);
    sim_stack_set_forwarding(lab.router, false);
    struct sim_traffic_statistics s = run(&lab, &config);
    assert_int_equal(s.lost, 1000);
    assert_int_equal(s.refused, 0);
    assert_int_equal(s.latency_avg_ns, 0);
    assert_int_equal(s.ended_at, 2999 * BASE_MS);
    config.to = NET_IP4(10, 0, 0, 1); /* no route at all */
    s = run(&lab, &config);
    assert_int_equal(s.refused, 1000);
    assert_int_equal(s.lost, 1000);
    lab_fini(&lab);
}

static void test_stop_and_free(void **state)
{
    (void)state;
    struct lab lab;
    struct sim_traffic_statistics s = {0};
    lab_init(&lab);
    struct sim_traffic_config config = flow(LAB_C);
    struct sim_stack *a = sim_host_stack(lab.a), *c = sim_host_stack(lab.c);
    struct sim_traffic *traffic = sim_traffic_start(a, c, &config, keep, &s);
    sim_world_run_until(lab.world, 100 * BASE_MS + 500 * BASE_US);
    sim_traffic_stop(traffic);
    assert_int_equal(s.sent, 101);
    assert_int_equal(s.delivered, 101);
    sim_traffic_free(sim_traffic_start(a, c, &config, keep, &s));
    traffic = sim_traffic_start(a, NULL, &config, keep, &s);
    sim_world_run_until(lab.world, lab.world->now + 10 * BASE_MS);
    sim_traffic_free(traffic); /* with datagrams on their way */
    sim_world_run_until(lab.world, lab.world->now + BASE_S);
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_arrive),         cmocka_unit_test(test_cold_caches_lose_nothing),
        cmocka_unit_test(test_what_faults_do),     cmocka_unit_test(test_rates_do_not_drift),
        cmocka_unit_test(test_flows_side_by_side), cmocka_unit_test(test_nothing_arrives),
        cmocka_unit_test(test_stop_and_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
