/* The stack as a whole: two LANs and a router, right and wrong, in ping's words. */
#include "tests/sim/lab.h"

#include "sim/link.h"

static void test_ping_on_one_lan(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 3;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n"
                        "64 bytes from 192.168.1.12: icmp_seq=2 ttl=64\n"
                        "64 bytes from 192.168.1.12: icmp_seq=3 ttl=64\n");
    /* 100 us each way; the first one waited for ARP there, whose request taught the way back. */
    assert_int_equal(lab.ping.s.rtt_min_ns, 200 * BASE_US);
    assert_int_equal(lab.ping.s.rtt_max_ns, 400 * BASE_US);
    assert_int_equal(lab.ping.s.last_at - lab.ping.s.started_at, 2 * BASE_S);
    assert_int_equal(lab.ping.s.pipe, 1);
    lab_fini(&lab);
}

static void test_ping_through_the_router(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C),
                        "64 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.c), LAB_ROUTER1),
                        "64 bytes from 192.168.1.5: icmp_seq=1 ttl=64\n");
    assert_string_equal(lab_ping(&lab, lab.router, LAB_C),
                        "64 bytes from 192.168.2.11: icmp_seq=1 ttl=64\n");
    assert_int_equal(sim_stack_counters(lab.router)->forwarded, 2);
    lab_fini(&lab);
}

static void test_own_address_and_loopback(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_A),
                        "64 bytes from 192.168.1.11: icmp_seq=1 ttl=64\n");
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), NET_IP4(127, 0, 0, 1)),
                        "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64\n");
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.a))->arp_requests_sent, 0);
    lab_fini(&lab);
}

static void test_nobody_answers_arp(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(NET_IP4(192, 168, 1, 99));
    config.count = 3;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "From 192.168.1.11 icmp_seq=1 Destination Host Unreachable\n"
                        "From 192.168.1.11 icmp_seq=2 Destination Host Unreachable\n"
                        "From 192.168.1.11 icmp_seq=3 Destination Host Unreachable\n");
    assert_int_equal(lab.ping.s.errors, 3);
    assert_int_equal(lab.ping.s.last_at, 2 * BASE_S);
    assert_int_equal(lab.ping.s.pipe, 3);
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.a))->arp_requests_sent, 3);
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.a), SIM_REASON_HOST_UNREACHABLE), 3);
    lab_fini(&lab);
}

static void test_router_finds_nobody(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), NET_IP4(192, 168, 2, 99)),
                        "From 192.168.1.5 icmp_seq=1 Destination Host Unreachable\n");
    lab_fini(&lab);
}

static void test_no_route(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(NET_IP4(10, 0, 0, 1));
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "ping: connect: Network is unreachable\n");
    assert_int_equal(lab.ping.s.transmitted, 0);
    assert_int_equal(lab.ping.s.errors, 1);
    assert_true(lab.ping.s.no_connect);
    lab_route(sim_host_stack(lab.a), "10.0.0.0/8", LAB_ROUTER1);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), NET_IP4(10, 0, 0, 1)),
                        "From 192.168.1.5 icmp_seq=1 Destination Net Unreachable\n");
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_NO_ROUTE), 1);
    lab_fini(&lab);
}

/* The far host got the request, and has no way back: silence (gateway-reference, case 4a). */
static void test_no_way_back(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct net_prefix lan1 = lab_prefix("192.168.1.0/24");
    struct sim_stack *c = sim_host_stack(lab.c);
    assert_int_equal(sim_stack_route_remove(c, SIM_STACK_TABLE_MAIN, &lan1), SIM_STACK_OK);
    assert_int_equal(sim_stack_route_remove(c, SIM_STACK_TABLE_MAIN, &lan1), SIM_STACK_NO_SUCH);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C), "");
    assert_int_equal(lab_drops(&lab, c, SIM_REASON_NO_ROUTE), 1);
    assert_int_equal(sim_stack_counters(c)->icmp_errors_sent, 0);
    lab_fini(&lab);
}

static void test_time_to_live(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(LAB_C);
    config.ttl = 1;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "From 192.168.1.5 icmp_seq=1 Time to live exceeded\n");
    config.ttl = 2;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "64 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    lab_fini(&lab);
}

static void test_forwarding_off_is_silent(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    sim_stack_set_forwarding(lab.router, false);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C), "");
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_NOT_FORWARDING), 1);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_ROUTER2),
                        "64 bytes from 192.168.2.5: icmp_seq=1 ttl=64\n");
    sim_stack_set_forwarding(lab.router, true);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C),
                        "64 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    lab_fini(&lab);
}

static void test_a_table_before_main(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct net_route all = {.to = lab_prefix("0.0.0.0/0"), .kind = NET_ROUTE_UNREACHABLE};
    struct net_route thrown = {.to = lab_prefix("192.168.2.0/24"), .kind = NET_ROUTE_THROW};
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &all), SIM_STACK_OK);
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &all), SIM_STACK_EXISTS);
    /* The router's error back to a has no way either. */
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C), "");
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_NO_ROUTE), 1);
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &thrown), SIM_STACK_OK);
    struct sim_stack_route route;
    assert_int_equal(sim_stack_route_get(lab.router, LAB_C, SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_OK);
    assert_int_equal(route.table, SIM_STACK_TABLE_MAIN);
    assert_int_equal(route.interface, LAB_LAN2);
    assert_int_equal(route.source, LAB_ROUTER2);
    assert_int_equal(sim_stack_route_get(lab.router, LAB_A, SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_HOST_UNREACHABLE);
    assert_int_equal(sim_stack_route_get(lab.router, LAB_A, SIM_STACK_WITHOUT_VPN, &route),
                     SIM_STACK_OK);
    lab_fini(&lab);
}

static void test_wrong_mask(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    /* A host that takes both LANs for its own asks for c itself, and nobody answers. */
    struct sim_host *wide = lab_host(&lab, lab.lan1, "wide", "192.168.1.77/16");
    assert_string_equal(lab_ping(&lab, sim_host_stack(wide), LAB_C),
                        "From 192.168.1.77 icmp_seq=1 Destination Host Unreachable\n");
    assert_string_equal(lab_ping(&lab, sim_host_stack(wide), LAB_A),
                        "64 bytes from 192.168.1.11: icmp_seq=1 ttl=64\n");
    sim_host_free(wide);
    lab_fini(&lab);
}

static void test_reverse_path_filter(void **state)
{
    (void)state;
    static const struct {
        enum sim_stack_rp_filter filter;
        uint64_t dropped;
    } cases[] = {{SIM_STACK_RP_OFF, 0}, {SIM_STACK_RP_LOOSE, 0}, {SIM_STACK_RP_STRICT, 1}};
    for (size_t i = 0; i < 3; i++) {
        struct lab lab;
        lab_init(&lab);
        lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
        /* Table 220 says that lan1's hosts live behind lan2 (case 2rp). */
        struct net_route astray = {.to = lab_prefix("192.168.1.0/24"), .interface = LAB_LAN2};
        assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &astray),
                         SIM_STACK_OK);
        sim_stack_set_rp_filter(lab.router, cases[i].filter);
        assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C), "");
        assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER), cases[i].dropped);
        /* It silences ARP too: b never got an answer so far. */
        uint8_t mac[6];
        lab_ping(&lab, sim_host_stack(lab.b), LAB_ROUTER1);
        assert_int_equal(
            sim_stack_neighbour(sim_host_stack(lab.b), SIM_HOST_ETH0, LAB_ROUTER1, mac),
            !cases[i].dropped);
        lab_fini(&lab);
    }
}

static void test_unknown_source_fails_loose_filter(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct net_prefix foreign = lab_prefix("172.20.0.1/32");
    sim_stack_add_address(sim_host_stack(lab.a), SIM_HOST_ETH0, &foreign);
    struct sim_ping_config config = lab_config(LAB_C);
    config.from = NET_IP4(172, 20, 0, 1);
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.c), SIM_REASON_NO_ROUTE), 1);
    sim_stack_set_rp_filter(lab.router, SIM_STACK_RP_LOOSE);
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER), 1);
    lab_fini(&lab);
}

static void test_own_address_as_source_is_martian(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
    struct net_prefix stolen = lab_prefix("192.168.2.5/32");
    sim_stack_add_address(sim_host_stack(lab.a), SIM_HOST_ETH0, &stolen);
    struct sim_ping_config config = lab_config(LAB_C);
    config.from = LAB_ROUTER2;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config), "");
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_MARTIAN), 1);
    lab_fini(&lab);
}

static void test_power_off_and_on(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_C);
    sim_stack_set_up(lab.router, false);
    uint8_t mac[6];
    assert_false(sim_stack_neighbour(lab.router, LAB_LAN2, LAB_C, mac));
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C), "");
    assert_true(lab_drops(&lab, lab.router, SIM_REASON_NODE_DOWN) >= 1);
    assert_string_equal(lab_ping(&lab, lab.router, LAB_C), "ping: connect: Network is down\n");
    sim_stack_set_up(lab.router, true);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_C),
                        "64 bytes from 192.168.2.11: icmp_seq=1 ttl=63\n");
    assert_true(sim_stack_neighbour(lab.router, LAB_LAN2, LAB_C, mac));
    lab_fini(&lab);
}

static void test_power_off_while_packets_wait(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(NET_IP4(192, 168, 2, 99));
    struct sim_ping *ping =
        sim_ping_start(sim_host_stack(lab.a), &config, &(struct sim_ping_listener){0});
    sim_world_run_until(lab.world, BASE_S);
    sim_stack_set_up(lab.router, false);
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_NODE_DOWN), 1);
    sim_ping_free(ping);
    lab_fini(&lab);
}

static void test_adding_routes(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    static const struct {
        const char *to;
        net_ip4 via;
        enum sim_stack_status status;
    } cases[] = {
        {"10.0.0.0/8", LAB_ROUTER1, SIM_STACK_OK},
        {"10.0.0.0/8", LAB_ROUTER1, SIM_STACK_EXISTS},
        {"10.1.0.0/16", NET_IP4(172, 16, 0, 1), SIM_STACK_BAD_GATEWAY},
        {"10.1.0.0/16", NET_IP4(10, 0, 0, 1), SIM_STACK_BAD_GATEWAY}, /* behind a gateway itself */
        {"10.1.0.0/16", NET_IP4(192, 168, 1, 255), SIM_STACK_BAD_GATEWAY},
        {"10.1.0.0/16", 0, SIM_STACK_BAD_GATEWAY},
        {"0.0.0.0/0", LAB_ROUTER1, SIM_STACK_OK},
        {"10.2.0.0/16", LAB_A, SIM_STACK_OK}, /* an own address: see below */
    };
    struct sim_stack *a = sim_host_stack(lab.a);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct net_prefix to = lab_prefix(cases[i].to);
        assert_int_equal(sim_stack_route_add_via(a, SIM_STACK_TABLE_MAIN, &to, cases[i].via, 0, 0),
                         cases[i].status);
    }
    assert_string_equal(sim_stack_status_text(SIM_STACK_BAD_GATEWAY),
                        "Nexthop has invalid gateway");
    lab_fini(&lab);
}

/* Measured on Linux 6.18: `ip route get 10.9.0.1` says "dev eth0" without via, and ARP asks for 10.9.0.1. */
static void test_an_own_address_as_next_hop_is_on_link(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a);
    struct sim_stack_route route;
    lab_route(a, "10.9.0.0/16", LAB_A);
    assert_int_equal(sim_stack_route_get(a, NET_IP4(10, 9, 0, 1), SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_OK);
    assert_int_equal(route.next_hop, NET_IP4(10, 9, 0, 1));
    assert_int_equal(route.interface, SIM_HOST_ETH0);
    assert_string_equal(lab_ping(&lab, a, NET_IP4(10, 9, 0, 1)),
                        "From 192.168.1.11 icmp_seq=1 Destination Host Unreachable\n");
    lab_fini(&lab);
}

/* ping connects before it sends, which a broadcast address refuses with EACCES; "Then -b." */
static void test_a_broadcast_is_not_sent(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(NET_IP4(192, 168, 1, 255));
    (void)lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_true(lab.ping.s.no_connect);
    assert_int_equal(lab.ping.s.transmitted, 0);
    assert_int_equal(lab.ping.s.errors, 1);
    config.to = NET_IP4_BROADCAST; /* that of every link has no route of its own */
    (void)lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_true(lab.ping.s.no_connect);
    lab_route(sim_host_stack(lab.a), "0.0.0.0/0", LAB_ROUTER1);
    (void)lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_true(lab.ping.s.no_connect);
    assert_int_equal(lab.ping.s.transmitted, 0);
    lab_fini(&lab);
}

/* 0.0.0.0 is the host itself, to connect(). */
static void test_this_host(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), 0),
                        "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64\n");
    lab_fini(&lab);
}

static void test_an_address_takes_its_routes_along(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a);
    struct net_prefix second = lab_prefix("192.168.1.13/24");
    assert_int_equal(sim_stack_table(a, SIM_STACK_TABLE_MAIN)->count, 2);
    sim_stack_add_address(a, SIM_HOST_ETH0, &second);
    assert_int_equal(sim_stack_table(a, SIM_STACK_TABLE_MAIN)->count, 2);
    assert_true(sim_stack_remove_address(a, SIM_HOST_ETH0, LAB_A));
    assert_false(sim_stack_is_own(a, LAB_A));
    assert_string_equal(lab_ping(&lab, a, LAB_B),
                        "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n");
    assert_true(sim_stack_remove_address(a, SIM_HOST_ETH0, NET_IP4(192, 168, 1, 13)));
    assert_false(sim_stack_remove_address(a, SIM_HOST_ETH0, NET_IP4(192, 168, 1, 13)));
    assert_int_equal(sim_stack_table(a, SIM_STACK_TABLE_MAIN)->count, 0);
    assert_string_equal(lab_ping(&lab, a, LAB_B), "ping: connect: Network is unreachable\n");
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ping_on_one_lan),
        cmocka_unit_test(test_ping_through_the_router),
        cmocka_unit_test(test_own_address_and_loopback),
        cmocka_unit_test(test_nobody_answers_arp),
        cmocka_unit_test(test_router_finds_nobody),
        cmocka_unit_test(test_no_route),
        cmocka_unit_test(test_no_way_back),
        cmocka_unit_test(test_time_to_live),
        cmocka_unit_test(test_forwarding_off_is_silent),
        cmocka_unit_test(test_a_table_before_main),
        cmocka_unit_test(test_wrong_mask),
        cmocka_unit_test(test_reverse_path_filter),
        cmocka_unit_test(test_unknown_source_fails_loose_filter),
        cmocka_unit_test(test_own_address_as_source_is_martian),
        cmocka_unit_test(test_power_off_and_on),
        cmocka_unit_test(test_power_off_while_packets_wait),
        cmocka_unit_test(test_adding_routes),
        cmocka_unit_test(test_an_own_address_as_next_hop_is_on_link),
        cmocka_unit_test(test_a_broadcast_is_not_sent),
        cmocka_unit_test(test_this_host),
        cmocka_unit_test(test_an_address_takes_its_routes_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
