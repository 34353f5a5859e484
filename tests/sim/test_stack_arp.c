/* ARP and the neighbour states, seen on the wire by a probe and by their effect. */
#include "tests/sim/lab.h"

#include "net/arp.h"
#include "sim/link.h"
#include "tests/sim/probe.h"

#define NOBODY NET_IP4(192, 168, 1, 99)

/* Counts the ARP requests on a LAN by where they went. */
struct listener {
    struct sim_tap tap;
    size_t broadcasts, unicasts, replies;
    base_ns last_at;
    net_ip4 sender;
};

static void on_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct listener *l = SIM_OWNER(tap, struct listener, tap);
    struct net_arp arp;
    if (net_ether_type(frame->bytes) != NET_ETHER_ARP)
        return;
    assert_true(net_arp_read(&arp, frame->bytes + NET_ETHER_SIZE, frame->size - NET_ETHER_SIZE));
    if (arp.operation == NET_ARP_REPLY)
        l->replies++;
    else if (net_mac_is_broadcast(frame->bytes))
        l->broadcasts++;
    else
        l->unicasts++;
    l->sender = arp.sender;
    l->last_at = frame->at;
}

static void listen(struct listener *l, struct sim_switch *lan)
{
    *l = (struct listener){.tap.frame = on_frame};
    sim_link_add_tap(sim_switch_link(lan), &l->tap);
}

static void test_times_of_requests(void **state)
{
    (void)state;
    struct lab lab;
    struct listener l;
    lab_init(&lab);
    listen(&l, lab.lan1);
    struct sim_ping_config config = lab_config(NOBODY);
    config.count = 10;
    struct sim_ping *ping =
        sim_ping_start(sim_host_stack(lab.a), &config, &(struct sim_ping_listener){0});
    for (base_ns second = 0; second < 3; second++) {
        sim_world_run_until(lab.world, second * BASE_S + BASE_MS);
        assert_int_equal(l.broadcasts, second + 1);
        assert_int_equal(l.last_at, second * BASE_S);
        assert_int_equal(sim_ping_statistics(ping)->errors, 0);
    }
    sim_world_run_until(lab.world, 3 * BASE_S + BASE_MS);
    assert_int_equal(sim_ping_statistics(ping)->errors, 3);
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.a))->neighbour_failures, 1);
    sim_ping_free(ping);
    lab_fini(&lab);
}

/* What waits is sent once the answer is there, in its order. */
static void test_packets_wait_for_the_answer(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 50;
    config.interval_ns = BASE_US; /* all while the request is on its way */
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab.ping.s.received, 50);
    assert_int_equal(sim_stack_counters(sim_host_stack(lab.a))->arp_requests_sent, 1);
    assert_non_null(
        strstr(lab.ping.lines, "icmp_seq=1 ttl=64\n64 bytes from 192.168.1.12: icmp_seq=2"));
    lab_fini(&lab);
}

static void test_the_queue_is_bounded(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(NOBODY);
    config.count = 1000;
    config.size = 1400;
    config.interval_ns = BASE_US;
    lab_run(&lab, sim_host_stack(lab.a), &config);
    uint64_t discarded = lab_drops(&lab, sim_host_stack(lab.a), SIM_REASON_NEIGHBOUR_QUEUE);
    uint64_t failed = lab_drops(&lab, sim_host_stack(lab.a), SIM_REASON_HOST_UNREACHABLE);
    assert_int_equal(discarded + failed, 1000);
    assert_in_range(failed, 80, 120); /* 212,992 bytes of them with what they cost to keep */
    lab_fini(&lab);
}

/* As in gateway-reference's capture of case 1, frames 15 and 16: a neighbour known from its request alone
 * is asked by unicast 5 s after its first use. */
static void test_what_a_request_taught_is_confirmed(void **state)
{
    (void)state;
    struct lab lab;
    struct listener l;
    uint8_t mac[6];
    lab_init(&lab);
    listen(&l, lab.lan1);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_B);
    assert_true(sim_stack_neighbour(sim_host_stack(lab.b), SIM_HOST_ETH0, LAB_A, mac));
    assert_int_equal(l.broadcasts, 1);
    assert_int_equal(l.replies, 1);
    sim_world_run_until(lab.world, 5 * BASE_S);
    assert_int_equal(l.unicasts, 0);
    sim_world_run_until(lab.world, 6 * BASE_S);
    assert_int_equal(l.unicasts, 1);
    assert_int_equal(l.replies, 2);
    sim_world_run_until(lab.world, 3600 * BASE_S); /* nobody sends: nobody asks */
    assert_int_equal(l.unicasts, 1);
    lab_fini(&lab);
}

static void test_a_neighbour_that_went_away(void **state)
{
    (void)state;
    struct lab lab;
    struct listener l;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_B);
    sim_stack_set_up(sim_host_stack(lab.b), false);
    listen(&l, lab.lan1);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 120;
    lab_run(&lab, sim_host_stack(lab.a), &config);
    /* Silence while it is believed to be there (up to 45 + 5 s), three unicast requests, then
     * broadcasts and errors. */
    assert_int_equal(l.unicasts, 3);
    assert_true(l.broadcasts >= 3);
    assert_in_range(lab.ping.s.errors, 60, 100);
    assert_int_equal(lab.ping.s.received, 0);
    lab_fini(&lab);
}

static void test_steady_traffic_keeps_it_fresh(void **state)
{
    (void)state;
    struct lab lab;
    struct listener l;
    lab_init(&lab);
    listen(&l, lab.lan1);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 600;
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab.ping.s.received, 600);
    assert_int_equal(l.broadcasts, 1);
    /* Both ends ask every 20 to 50 s. */
    assert_in_range(l.unicasts, 24, 60);
    lab_fini(&lab);
}

static void test_two_nodes_with_one_address(void **state)
{
    (void)state;
    struct lab lab;
    uint8_t mac[6];
    lab_init(&lab);
    struct sim_host *twin = lab_host(&lab, lab.lan1, "twin", "192.168.1.12/24");
    assert_string_equal(lab_ping(&lab, sim_host_stack(lab.a), LAB_B),
                        "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n");
    /* Both answered; the first answer stands, since the other came within a second. */
    assert_true(sim_stack_neighbour(sim_host_stack(lab.a), SIM_HOST_ETH0, LAB_B, mac));
    assert_memory_equal(mac, sim_host_port(lab.b)->mac, 6);
    assert_int_equal(sim_stack_counters(sim_host_stack(twin))->arp_replies_sent, 1);
    /* The one never answers the other: a request from its own address is a martian. */
    assert_string_equal(lab_ping(&lab, sim_host_stack(twin), LAB_A), "");
    sim_host_free(twin);
    lab_fini(&lab);
}

/* More than the few that are remembered for quick look-ups, whatever place their addresses share there. */
static void test_each_neighbour_keeps_its_own(void **state)
{
    enum {
        MANY = 12
    };
    struct sim_host *hosts[MANY];
    struct lab lab;
    (void)state;
    lab_init(&lab);
    for (unsigned i = 0; i < MANY; i++) {
        char name[8], address[20];
        snprintf(name, sizeof(name), "h%u", i);
        snprintf(address, sizeof(address), "192.168.1.%u/24", 20 + i);
        hosts[i] = lab_host(&lab, lab.lan1, name, address);
    }
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < MANY; i++)
            assert_true(*lab_ping(&lab, sim_host_stack(hosts[i]), LAB_A));
    for (unsigned i = 0; i < MANY; i++) {
        uint8_t mac[6];
        assert_true(sim_stack_neighbour(sim_host_stack(lab.a), SIM_HOST_ETH0,
                                        NET_IP4(192, 168, 1, 20 + i), mac));
        assert_memory_equal(mac, sim_host_port(hosts[i])->mac, 6);
        sim_host_free(hosts[i]);
    }
    lab_fini(&lab);
}

/* Sends an ARP message from a node of no stack. */
static void send_arp(struct probe *probe, uint16_t operation, const uint8_t *to, net_ip4 sender,
                     net_ip4 target)
{
    struct sim_world *world = probe->node.world;
    struct sim_packet *frame = sim_packet_new(world, NET_ETHER_SIZE + NET_ARP_SIZE, 0);
    struct net_ether ether = {.type = NET_ETHER_ARP};
    struct net_arp arp = {.operation = operation, .sender = sender, .target = target};
    memcpy(ether.dst, to, 6);
    memcpy(ether.src, probe->port.mac, 6);
    memcpy(arp.sender_mac, probe->port.mac, 6);
    net_ether_write(&ether, base_buffer_put(&frame->bytes, NET_ETHER_SIZE));
    net_arp_write(&arp, base_buffer_put(&frame->bytes, NET_ARP_SIZE));
    sim_port_send(&probe->port, frame);
    sim_world_run_until(world, world->now + 10 * BASE_MS);
}

static void test_who_is_answered_and_learned(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint16_t operation;
        bool broadcast;
        net_ip4 sender, target;
        bool answered, learned;
    } cases[] = {
        {"request", NET_ARP_REQUEST, true, NOBODY, LAB_A, true, true},
        {"request by unicast", NET_ARP_REQUEST, false, NOBODY, LAB_A, true, true},
        {"for another", NET_ARP_REQUEST, true, NOBODY, LAB_B, false, false},
        {"probe for duplicates", NET_ARP_REQUEST, true, 0, LAB_A, true, false},
        {"announcement of a stranger", NET_ARP_REQUEST, true, NOBODY, NOBODY, false, false},
        {"unsolicited reply", NET_ARP_REPLY, false, NOBODY, LAB_A, false, false},
        {"from my own address", NET_ARP_REQUEST, true, LAB_A, LAB_A, false, false},
        {"from a broadcast address", NET_ARP_REQUEST, true, NET_IP4(192, 168, 1, 255), LAB_A, false,
         false},
        {"another operation", 8, true, NOBODY, LAB_A, false, false},
        {"for loopback", NET_ARP_REQUEST, true, NOBODY, NET_IP4(127, 0, 0, 1), false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lab lab;
        uint8_t mac[6];
        lab_init(&lab);
        struct probe *probe = probe_new(lab.world, "probe");
        sim_switch_attach(lab.lan1, &probe->port);
        struct sim_stack *a = sim_host_stack(lab.a);
        send_arp(probe, cases[i].operation,
                 cases[i].broadcast ? NET_MAC_BROADCAST : sim_host_port(lab.a)->mac,
                 cases[i].sender, cases[i].target);
        bool answered = sim_stack_counters(a)->arp_replies_sent == 1;
        bool learned = sim_stack_neighbour(a, SIM_HOST_ETH0, NOBODY, mac);
        if (answered != cases[i].answered || learned != cases[i].learned)
            fail_msg("%s: answered %d, learned %d", cases[i].what, answered, learned);
        probe_free(probe);
        lab_fini(&lab);
    }
}

static void test_an_announcement_moves_a_known_neighbour(void **state)
{
    (void)state;
    struct lab lab;
    uint8_t mac[6];
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a);
    struct probe *probe = probe_new(lab.world, "probe");
    sim_switch_attach(lab.lan1, &probe->port);
    lab_ping(&lab, a, LAB_B);
    send_arp(probe, NET_ARP_REQUEST, NET_MAC_BROADCAST, LAB_B, LAB_B);
    assert_true(sim_stack_neighbour(a, SIM_HOST_ETH0, LAB_B, mac));
    assert_memory_equal(mac, probe->port.mac, 6);
    probe_free(probe);
    lab_fini(&lab);
}

/* rp_filter holds for questions as well: whoever would be reached by another interface gets no answer. */
static void test_a_refused_question_is_told(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct probe *probe = probe_new(lab.world, "probe");
    sim_switch_attach(lab.lan2, &probe->port);
    sim_stack_set_rp_filter(lab.router, SIM_STACK_RP_STRICT);
    send_arp(probe, NET_ARP_REQUEST, NET_MAC_BROADCAST, NOBODY, LAB_ROUTER1);
    assert_int_equal(sim_stack_counters(lab.router)->arp_replies_sent, 0);
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER), 1);
    sim_stack_set_rp_filter(lab.router, SIM_STACK_RP_OFF);
    send_arp(probe, NET_ARP_REQUEST, NET_MAC_BROADCAST, NOBODY, LAB_ROUTER1);
    assert_int_equal(sim_stack_counters(lab.router)->arp_replies_sent, 1);
    assert_int_equal(lab_drops(&lab, lab.router, SIM_REASON_RP_FILTER), 1);
    probe_free(probe);
    lab_fini(&lab);
}

static void test_asks_from_the_packets_own_source(void **state)
{
    (void)state;
    struct lab lab;
    struct listener l;
    lab_init(&lab);
    listen(&l, lab.lan2);
    struct sim_ping_config config = lab_config(NET_IP4(192, 168, 2, 99));
    config.from = LAB_ROUTER1; /* arp_announce 0: an own address, of whichever interface */
    lab_run(&lab, lab.router, &config);
    assert_int_equal(l.sender, LAB_ROUTER1);
    lab_ping(&lab, sim_host_stack(lab.a), NET_IP4(192, 168, 2, 98));
    assert_int_equal(l.sender, LAB_ROUTER2);
    lab_fini(&lab);
}

static void test_malformed_arp_is_dropped(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_port *port = sim_host_port(lab.a);
    static const uint8_t good[] = {0,   1,   8, 0, 6, 4, 0, 1, 2, 0, 0,   0,   0, 1,
                                   192, 168, 1, 9, 0, 0, 0, 0, 0, 0, 192, 168, 1, 11};
    for (uint32_t size = 0; size < sizeof(good); size++) {
        struct sim_packet *frame = sim_packet_new(lab.world, NET_ETHER_SIZE + size, 0);
        struct net_ether ether = {.type = NET_ETHER_ARP};
        memcpy(ether.dst, port->mac, 6);
        net_ether_write(&ether, base_buffer_put(&frame->bytes, NET_ETHER_SIZE));
        if (size)
            memcpy(base_buffer_put(&frame->bytes, size), good, size);
        sim_port_deliver(port, frame);
    }
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.a), SIM_REASON_BAD_FRAME), sizeof(good));
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_of_requests),
        cmocka_unit_test(test_packets_wait_for_the_answer),
        cmocka_unit_test(test_the_queue_is_bounded),
        cmocka_unit_test(test_what_a_request_taught_is_confirmed),
        cmocka_unit_test(test_a_neighbour_that_went_away),
        cmocka_unit_test(test_steady_traffic_keeps_it_fresh),
        cmocka_unit_test(test_two_nodes_with_one_address),
        cmocka_unit_test(test_each_neighbour_keeps_its_own),
        cmocka_unit_test(test_who_is_answered_and_learned),
        cmocka_unit_test(test_an_announcement_moves_a_known_neighbour),
        cmocka_unit_test(test_a_refused_question_is_told),
        cmocka_unit_test(test_asks_from_the_packets_own_source),
        cmocka_unit_test(test_malformed_arp_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
