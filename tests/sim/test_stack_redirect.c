/*
 * ICMP redirects: about what, to whom and how often they are sent, and what hosts make of them. The
 * numbers of test_rate and the order of the lines were measured on Linux with iputils 20221126.
 */
#include "tests/sim/way2.h"

#include "base/bytes.h"
#include "net/checksum.h"
#include "net/ether.h"
#include "net/icmp.h"
#include "sim/link.h"
#include "tests/sim/probe.h"

static struct sim_ping_config pings(net_ip4 to, uint64_t count, base_ns interval)
{
    struct sim_ping_config config = lab_config(to);
    config.count = count;
    config.interval_ns = interval;
    return config;
}

static uint64_t sent(const struct sim_stack *stack)
{
    return sim_stack_counters(stack)->redirects_sent;
}

/* As measured: the first redirect makes the host ask for the new next hop, the second is taken. */
static void test_second_is_taken(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct sim_ping_config config = pings(D, 4, 300 * BASE_MS);
    assert_string_equal(lab_run(&w.lab, sim_host_stack(w.lab.a), &config),
                        "From 192.168.1.5: icmp_seq=1 Redirect Host(New nexthop: 192.168.1.6)\n"
                        "64 bytes from 192.168.3.11: icmp_seq=1 ttl=63\n"
                        "From 192.168.1.5: icmp_seq=2 Redirect Host(New nexthop: 192.168.1.6)\n"
                        "64 bytes from 192.168.3.11: icmp_seq=2 ttl=63\n"
                        "64 bytes from 192.168.3.11: icmp_seq=3 ttl=63\n"
                        "64 bytes from 192.168.3.11: icmp_seq=4 ttl=63\n");
    assert_int_equal(w.lab.ping.s.errors, 0);
    assert_int_equal(w.lab.ping.s.pipe, 1);
    assert_int_equal(sent(w.lab.router), 2);
    assert_int_equal(sim_stack_counters(w.lab.router)->forwarded, 2);
    assert_int_equal(sim_stack_counters(w.lab.router)->icmp_errors_sent, 0);
    assert_int_equal(sim_stack_counters(sim_host_stack(w.lab.a))->redirects_taken, 1);
    assert_int_equal(sim_stack_counters(sim_host_stack(w.lab.a))->icmp_errors_received, 0);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    assert_int_equal(way2_next_hop(w.lab.a, D + 1), LAB_ROUTER1); /* for that one alone */
    way2_free(&w);
}

/* Who knows the new next hop already takes the first. */
static void test_first_is_taken(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    lab_ping(&w.lab, sim_host_stack(w.lab.a), D);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    assert_int_equal(sent(w.lab.router), 1);
    way2_free(&w);
}

/* The host that answers is told, too, and it is the one that changes its way. */
static void test_replies(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    struct sim_ping_config config = pings(LAB_A, 3, BASE_S);
    assert_string_equal(lab_run(&w.lab, sim_host_stack(w.d), &config),
                        "64 bytes from 192.168.1.11: icmp_seq=1 ttl=62\n"
                        "64 bytes from 192.168.1.11: icmp_seq=2 ttl=63\n"
                        "64 bytes from 192.168.1.11: icmp_seq=3 ttl=63\n");
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    assert_int_equal(sent(w.lab.router), 1);
    way2_free(&w);
}

static void test_kept_for_300_s(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    lab_ping(&w.lab, sim_host_stack(w.lab.a), D);
    base_ns taken = w.lab.world->now;
    sim_world_run_until(w.lab.world, taken + 299 * BASE_S);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    sim_world_run_until(w.lab.world, taken + 301 * BASE_S);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    way2_free(&w);
}

/* Gone with the last route by the same next hop; another route's coming and going does nothing. */
static void test_routes_change(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    struct net_prefix lan2 = lab_prefix("192.168.2.0/24"), lan3 = lab_prefix("192.168.3.0/24");
    lab_ping(&w.lab, a, WAY2);
    lab_ping(&w.lab, a, D);
    lab_route(a, "10.0.0.0/8", WAY2);
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &lan3), SIM_STACK_OK);
    lab_route(a, "192.168.3.0/24", LAB_ROUTER1);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2); /* the route to lan2 had the same next hop */
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &lan2), SIM_STACK_OK);
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &lan3), SIM_STACK_OK);
    lab_route(a, "192.168.3.0/24", LAB_ROUTER1);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    sim_world_run_until(w.lab.world, w.lab.world->now + 30 * BASE_S);
    lab_ping(&w.lab, a, D);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    lab_route(a, "192.168.3.11/32", LAB_ROUTER1 + 90); /* a better route: not what it was about */
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1 + 90);
    sim_stack_set_up(a, false);
    sim_stack_set_up(a, true);
    struct net_prefix host = lab_prefix("192.168.3.11/32");
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &host), SIM_STACK_OK);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    way2_free(&w);
}

static void add_with_source(struct sim_stack *stack, const char *to)
{
    struct net_prefix prefix = lab_prefix(to);
    assert_int_equal(
        sim_stack_route_add_via(stack, SIM_STACK_TABLE_MAIN, &prefix, LAB_ROUTER1, LAB_A, 0),
        SIM_STACK_OK);
}

/* A route with another source address is another one, though its next hop is the same. */
static void test_routes_with_a_source(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    struct net_prefix host = lab_prefix("192.168.3.11/32");
    lab_ping(&w.lab, a, WAY2);
    lab_ping(&w.lab, a, D);
    add_with_source(a, "192.168.3.11/32");
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &host), SIM_STACK_OK);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    add_with_source(a, "10.0.0.0/8");
    for (const char *const *to = (const char *const[]){"192.168.2.0/24", "192.168.3.0/24", NULL};
         *to; to++) {
        struct net_prefix prefix = lab_prefix(*to);
        assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &prefix), SIM_STACK_OK);
    }
    lab_route(a, "192.168.3.0/24", LAB_ROUTER1);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    way2_free(&w);
}

/* Gone, too, with the address that its route went out by. */
static void test_address_goes(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    struct net_prefix own = lab_prefix("192.168.1.11/24");
    lab_ping(&w.lab, a, WAY2);
    lab_ping(&w.lab, a, D);
    assert_true(sim_stack_remove_address(a, SIM_HOST_ETH0, LAB_A));
    sim_stack_add_address(a, SIM_HOST_ETH0, &own);
    lab_route(a, "192.168.3.0/24", LAB_ROUTER1);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    way2_free(&w);
}

/* ---- When ---- */

struct path {
    const char *what;
    struct probe_ip ip;
    bool redirected;
};

static struct probe *add_probe(struct lab *lab)
{
    struct probe *probe = probe_new(lab->world, "probe");
    sim_switch_attach(lab->lan1, &probe->port);
    return probe;
}

static void test_when(void **state)
{
    (void)state;
    static const struct path CASES[] = {
        {"out by where it came", {.src = STRANGER, .dst = D}, true},
        {"to a host on the link", {.src = STRANGER, .dst = LAB_B}, true},
        {"an echo", {.src = STRANGER, .dst = D, .protocol = 1, .icmp_type = 8}, true},
        {"an ICMP error", {.src = STRANGER, .dst = D, .protocol = 1, .icmp_type = 3}, false},
        {"a redirect", {.src = STRANGER, .dst = D, .protocol = 1, .icmp_type = 5}, false},
        {"a later fragment", {.src = STRANGER, .dst = D, .fragment_offset = 80}, false},
        {"by another interface", {.src = STRANGER, .dst = LAB_C}, false},
        {"to the router", {.src = STRANGER, .dst = LAB_ROUTER1}, false},
        {"with its last hop", {.src = STRANGER, .dst = D, .ttl = 1}, false},
        {"no route", {.src = STRANGER, .dst = NET_IP4(10, 0, 0, 1)}, false},
        {"from behind another router", {.src = NET_IP4(192, 168, 3, 12), .dst = LAB_B}, false},
        {"from nowhere that is known", {.src = NET_IP4(10, 0, 0, 1), .dst = D}, false},
        {"from another link", {.src = NET_IP4(192, 168, 2, 12), .dst = D}, false},
        {"too big, and not to be cut", /* ICMP's own matter: that it is too big */
         {.src = STRANGER, .dst = D, .size = 1400, .dont_fragment = true},
         false},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct way2 w = way2_new();
        struct probe *probe = add_probe(&w.lab);
        bool large = CASES[i].ip.size > 0;
        if (large)
            sim_stack_set_mtu(w.lab.router, LAB_LAN1, 1300);
        probe_send_ip(probe, sim_stack_port(w.lab.router, LAB_LAN1)->mac, &CASES[i].ip);
        sim_world_run_until(w.lab.world, w.lab.world->now + BASE_S);
        if ((sent(w.lab.router) == 1) != CASES[i].redirected)
            fail_msg("%s: %llu redirects", CASES[i].what, (unsigned long long)sent(w.lab.router));
        sim_world_run_until(w.lab.world, w.lab.world->now + 10 * BASE_S);
        probe_free(probe);
        way2_free(&w);
    }
}

/* What came out of an SA is not answered, wherever it goes. */
static void test_out_of_an_sa(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    for (uint32_t reqid = 0; reqid <= 1; reqid++) {
        struct net_ipv4 ip = {
            .src = LAB_A, .dst = LAB_B, .ttl = 9, .protocol = 99, .total_size = 40};
        struct sim_packet *packet = sim_packet_new(lab.world, 40, 0);
        net_ipv4_write(&ip, base_buffer_put(&packet->bytes, 40));
        packet->secpath_reqid = reqid;
        sim_stack_input(lab.router, LAB_LAN1, packet);
        assert_int_equal(sent(lab.router), 1); /* the one in clear */
        sim_world_run_until(lab.world, lab.world->now + BASE_S);
    }
    lab_fini(&lab);
}

static void keep_output(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    struct sim_packet_list *list = context;
    (void)stack;
    sim_packet_list_push(list, packet);
}

/* A tunnel interface: back into it, and the next hop is the destination itself. */
static void test_tunnel_interface(void **state)
{
    (void)state;
    struct lab lab;
    struct sim_packet_list out = {0};
    lab_init(&lab);
    uint16_t tun = sim_stack_add_virtual(lab.router, "ipsec0", 1400, keep_output, &out);
    struct net_route route = {
        .to = lab_prefix("10.9.0.0/16"), .source = LAB_ROUTER1, .interface = tun};
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &route), SIM_STACK_OK);
    struct net_ipv4 ip = {.src = NET_IP4(10, 9, 0, 7),
                          .dst = NET_IP4(10, 9, 0, 9),
                          .ttl = 64,
                          .protocol = 99,
                          .total_size = 40};
    struct sim_packet *packet = sim_packet_new(lab.world, 40, 0);
    net_ipv4_write(&ip, base_buffer_put(&packet->bytes, 40));
    sim_stack_input(lab.router, tun, packet);
    assert_int_equal(out.count, 2); /* the redirect before the packet */
    const uint8_t *redirect = sim_packet_data(out.first);
    assert_int_equal(net_ipv4_src(redirect), LAB_ROUTER1);
    assert_int_equal(net_ipv4_dst(redirect), NET_IP4(10, 9, 0, 7));
    assert_int_equal(redirect[20], NET_ICMP_REDIRECT);
    assert_int_equal(net_ip4_read(redirect + 24), NET_IP4(10, 9, 0, 9));
    assert_int_equal(redirect[28 + 8], 63); /* as it goes on */
    sim_packet_list_free(lab.world, &out);
    lab_fini(&lab);
}

/* Whether one that came in by `in` and goes out there again, from a sender whose route leads elsewhere, is redirected. */
static bool is_redirected(struct lab *lab, uint16_t in)
{
    struct net_ipv4 ip = {.src = NET_IP4(10, 9, 1, 7),
                          .dst = NET_IP4(10, 9, 0, 9),
                          .ttl = 64,
                          .protocol = 99,
                          .total_size = 40};
    struct sim_packet *packet = sim_packet_new(lab->world, 40, 0);
    uint64_t before = sent(lab->router);
    net_ipv4_write(&ip, base_buffer_put(&packet->bytes, 40));
    sim_stack_input(lab->router, in, packet);
    return sent(lab->router) > before;
}

/* fib_validate_source() asks for the sender's route by that interface alone where the interface has an address. */
static void test_sender_by_a_longer_route(void **state)
{
    (void)state;
    struct lab lab;
    struct sim_packet_list out = {0};
    lab_init(&lab);
    uint16_t tun = sim_stack_add_virtual(lab.router, "ipsec0", 1400, keep_output, &out);
    struct net_route route = {
        .to = lab_prefix("10.9.0.0/16"), .source = LAB_ROUTER1, .interface = tun};
    struct net_prefix address = lab_prefix("172.16.0.1/32");
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &route), SIM_STACK_OK);
    lab_route(lab.router, "10.9.1.0/24", LAB_C);
    route.to = lab_prefix("10.9.1.0/24");
    route.interface = LAB_LAN2;
    assert_int_equal(sim_stack_route_add(lab.router, SIM_STACK_TABLE_VPN, &route), SIM_STACK_OK);
    assert_false(is_redirected(&lab, tun));
    sim_stack_add_address(lab.router, tun, &address);
    assert_true(is_redirected(&lab, tun));
    sim_packet_list_free(lab.world, &out);
    lab_fini(&lab);
}

/* As measured: TOS, no DF, the next hop; quoted is what is forwarded, its TTL lowered. */
static void test_bytes(void **state)
{
    (void)state;
    static const uint8_t START[] = {5, 1}, GATEWAY[] = {192, 168, 1, 6};
    struct way2 w = way2_new();
    struct probe *probe = add_probe(&w.lab);
    struct probe_tap tap;
    probe_tap_init(&tap);
    sim_tap_add(&sim_host_port(w.lab.b)->taps, &tap.tap);
    probe_send_ip(probe, sim_stack_port(w.lab.router, LAB_LAN1)->mac,
                  &(struct probe_ip){.src = LAB_B, .dst = D, .size = 1400, .ttl = 33, .tos = 0x12});
    sim_world_run_until(w.lab.world, w.lab.world->now + BASE_S);
    const uint8_t *ip = tap.last + NET_ETHER_SIZE;
    assert_int_equal(net_ether_type(tap.last), NET_ETHER_IPV4);
    assert_int_equal(ip[1], 0xc0 | 0x12);
    assert_int_equal(net_ipv4_fragment_word(ip), 0);
    assert_int_equal(net_ipv4_src(ip), LAB_ROUTER1);
    assert_int_equal(net_ipv4_dst(ip), LAB_B);
    assert_int_equal(net_ipv4_total_size(ip), 576);
    assert_memory_equal(ip + 20, START, sizeof(START));
    assert_int_equal(net_checksum(ip + 20, 556), 0);
    assert_memory_equal(ip + 24, GATEWAY, sizeof(GATEWAY));
    assert_int_equal(ip[28 + 8], 32);
    probe_free(probe);
    way2_free(&w);
}

/* ---- How often ---- */

/* Which of the echoes, one each 10 ms, was answered with a redirect. */
static void test_rate(void **state)
{
    (void)state;
    /* Measured: nine of them, each after more than twice the time before, from 40 ms on. */
    static const unsigned EXPECTED[] = {1, 6, 15, 32, 65, 130, 259, 516, 1029};
    struct way2 w = way2_new();
    struct probe *probe = add_probe(&w.lab);
    const struct probe_ip ip = {.src = STRANGER, .dst = D};
    const uint8_t *router = sim_stack_port(w.lab.router, LAB_LAN1)->mac;
    size_t count = 0;
    for (unsigned i = 1; i <= 5000; i++) {
        probe_send_ip(probe, router, &ip);
        sim_world_run_until(w.lab.world, i * 10 * BASE_MS);
        if (sent(w.lab.router) == count)
            continue;
        assert_true(count < sizeof(EXPECTED) / sizeof(EXPECTED[0]));
        assert_int_equal(i, EXPECTED[count++]);
        probe_clear(probe);
    }
    assert_int_equal(count, 9);
    base_ns quiet =
        w.lab.world->now; /* who goes on is told no more; who was silent for 20.48 s is */
    sim_world_run_until(w.lab.world, quiet + 20400 * BASE_MS);
    probe_send_ip(probe, router, &ip);
    sim_world_run_until(w.lab.world, quiet + 40 * BASE_S);
    assert_int_equal(sent(w.lab.router), 9);
    sim_world_run_until(w.lab.world, quiet + 41 * BASE_S);
    probe_send_ip(probe, router, &ip);
    sim_world_run_until(w.lab.world, quiet + 50 * BASE_S);
    assert_int_equal(sent(w.lab.router), 10);
    probe_free(probe);
    way2_free(&w);
}

/* Time is counted in jiffies of 4 ms: 40 ms are over when the clock has ticked once more. */
static void test_rate_in_jiffies(void **state)
{
    (void)state;
    static const struct {
        base_ns at;
        uint64_t sent;
    } STEPS[] = {{BASE_S + 100 * BASE_US, 1},
                 {BASE_S + 43700 * BASE_US, 1},  /* 43.6 ms later, and 40 as the clock has it */
                 {BASE_S + 43900 * BASE_US, 2}}; /* with the 100 us of the LAN */
    struct way2 w = way2_new();
    struct probe *probe = add_probe(&w.lab);
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        sim_world_run_until(w.lab.world, STEPS[i].at);
        probe_send_ip(probe, sim_stack_port(w.lab.router, LAB_LAN1)->mac,
                      &(struct probe_ip){.src = STRANGER, .dst = D});
        sim_world_run_until(w.lab.world, STEPS[i].at + 150 * BASE_US);
        assert_int_equal(sent(w.lab.router), STEPS[i].sent);
    }
    sim_world_run_until(w.lab.world, 10 * BASE_S);
    probe_free(probe);
    way2_free(&w);
}

/* How often each was told is known of all of them, of a LAN that is full too. */
static void test_rate_of_many(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct probe *probe = add_probe(&w.lab);
    for (net_ip4 i = 0; i < 120; i++) {
        probe_send_ip(probe, sim_stack_port(w.lab.router, LAB_LAN1)->mac,
                      &(struct probe_ip){.src = NET_IP4(192, 168, 1, 100) + i % 60, .dst = D});
        sim_world_run_until(w.lab.world, w.lab.world->now + 500 * BASE_US);
    }
    assert_int_equal(sent(w.lab.router), 60);
    sim_world_run_until(w.lab.world, w.lab.world->now + 10 * BASE_S);
    probe_free(probe);
    way2_free(&w);
}

/* Measured: they share what is known of a peer with ICMP errors. The first redirect empties the bucket. */
static void test_errors_beside(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    struct sim_ping_config config = pings(D, 8, 50 * BASE_MS);
    sim_stack_set_forwarding(a, true);
    config.ttl = 1;
    lab_ping(&w.lab, a, D);
    lab_run(&w.lab, a, &config);
    assert_int_equal(w.lab.ping.s.errors, 0);
    sim_world_run_until(w.lab.world, w.lab.world->now + 21 * BASE_S);
    lab_run(&w.lab, a, &config);
    assert_int_equal(w.lab.ping.s.errors, 6);
    sim_world_run_until(w.lab.world, w.lab.world->now + 21 * BASE_S);
    config.count = 1;
    lab_run(&w.lab, a, &config); /* leaves five in it */
    assert_int_equal(w.lab.ping.s.errors, 1);
    sim_world_run_until(w.lab.world, w.lab.world->now + 21 * BASE_S);
    lab_ping(&w.lab, a, D);
    lab_run(&w.lab, a, &config);
    assert_int_equal(w.lab.ping.s.errors, 0);
    way2_free(&w);
}

/* ---- What the journal says ---- */

static bool is_noted(const struct lab *lab, enum sim_kind kind, const char *text)
{
    const struct sim_journal *journal = lab->world->journal;
    for (size_t i = 0; i < sim_journal_count(journal); i++) {
        char words[SIM_RECORD_TEXT_MAX];
        if (sim_journal_at(journal, i)->kind != kind)
            continue;
        sim_record_text(journal, sim_journal_at(journal, i), words);
        return strcmp(words, text) == 0;
    }
    return false;
}

/* How many routes by a redirected next hop were noted. */
static size_t redirected_routes(const struct lab *lab)
{
    const struct sim_journal *journal = lab->world->journal;
    size_t count = 0;
    for (size_t i = 0; i < sim_journal_count(journal); i++)
        count += sim_journal_at(journal, i)->kind == SIM_KIND_ROUTED &&
                 sim_journal_at(journal, i)->b & SIM_ROUTE_NOTE_REDIRECTED;
    return count;
}

static void test_journal(void **state)
{
    (void)state;
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    lab_ping(&w.lab, sim_host_stack(w.lab.a), D);
    assert_true(
        is_noted(&w.lab, SIM_KIND_REDIRECT_SENT, "redirect sent: the next hop is 192.168.1.6"));
    assert_true(
        is_noted(&w.lab, SIM_KIND_REDIRECTED, "redirect taken: 192.168.3.11 via 192.168.1.6"));
    assert_false(is_noted(&w.lab, SIM_KIND_ICMP_SENT, ""));
    assert_int_equal(redirected_routes(&w.lab), 0);
    lab_ping(&w.lab, sim_host_stack(w.lab.a), D);
    assert_int_equal(redirected_routes(&w.lab), 1);
    way2_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_is_taken),
        cmocka_unit_test(test_first_is_taken),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_kept_for_300_s),
        cmocka_unit_test(test_routes_change),
        cmocka_unit_test(test_routes_with_a_source),
        cmocka_unit_test(test_address_goes),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_out_of_an_sa),
        cmocka_unit_test(test_tunnel_interface),
        cmocka_unit_test(test_sender_by_a_longer_route),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_rate_in_jiffies),
        cmocka_unit_test(test_rate_of_many),
        cmocka_unit_test(test_errors_beside),
        cmocka_unit_test(test_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
