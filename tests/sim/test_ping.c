/* ping's own counting: losses, duplicates, late replies, its payload, its end. */
#include "tests/sim/lab.h"

#include "net/ether.h"
#include "net/icmp.h"
#include "sim/link.h"

static bool is_echo(const struct sim_packet *frame, uint8_t type)
{
    const uint8_t *bytes = sim_packet_data(frame);
    return net_ether_type(bytes) == NET_ETHER_IPV4 && bytes[14 + 9] == NET_IPV4_ICMP &&
           bytes[14 + 20] == type;
}

static bool is_request(void *context, const struct sim_packet *frame)
{
    (void)context;
    return is_echo(frame, NET_ICMP_ECHO);
}

static bool is_reply(void *context, const struct sim_packet *frame)
{
    (void)context;
    return is_echo(frame, NET_ICMP_ECHO_REPLY);
}

static void add_fault(struct lab *lab, enum sim_fault_action action,
                      bool (*match)(void *, const struct sim_packet *), uint64_t first,
                      uint64_t last, base_ns delay_ns)
{
    struct sim_fault_config fault = {
        .action = action,
        .match = match,
        .first = first,
        .last = last,
        .amount = 1,
        .delay_ns = delay_ns,
    };
    sim_link_add_fault(sim_switch_link(lab->lan1), &fault);
}

/* -c count from a to b; returns its lines. */
static const char *ping_b(struct lab *lab, uint64_t count)
{
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = count;
    return lab_run(lab, sim_host_stack(lab->a), &config);
}

static void test_loss(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    add_fault(&lab, SIM_FAULT_DROP, is_request, 2, 3, 0);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 5;
    config.timeout_ns = 2 * BASE_S;
    assert_string_equal(lab_run(&lab, sim_host_stack(lab.a), &config),
                        "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n"
                        "64 bytes from 192.168.1.12: icmp_seq=4 ttl=64\n"
                        "64 bytes from 192.168.1.12: icmp_seq=5 ttl=64\n");
    assert_int_equal(lab.ping.s.transmitted, 5);
    assert_int_equal(lab.ping.s.received, 3);
    assert_int_equal(lab.world->now, 6 * BASE_S); /* the last one left at 4 s */
    lab_fini(&lab);
}

static void test_duplicates(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    add_fault(&lab, SIM_FAULT_DUPLICATE, is_reply, 1, 1, 0);
    assert_string_equal(ping_b(&lab, 2), "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n"
                                         "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64 (DUP!)\n"
                                         "64 bytes from 192.168.1.12: icmp_seq=2 ttl=64\n");
    assert_int_equal(lab.ping.s.received, 2);
    assert_int_equal(lab.ping.s.duplicates, 1);
    assert_int_equal(lab.ping.s.errors, 0);
    lab_fini(&lab);
}

static void test_times(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    lab_ping(&lab, sim_host_stack(lab.a), LAB_B); /* both know each other now */
    add_fault(&lab, SIM_FAULT_DELAY, is_reply, 2, 2, 30 * BASE_MS);
    add_fault(&lab, SIM_FAULT_DELAY, is_reply, 3, 3, 10 * BASE_MS);
    ping_b(&lab, 4);
    /* 0.2, 30.2, 10.2, 0.2 ms: by hand, mdev is the root of their variance. */
    assert_int_equal(lab.ping.s.rtt_min_ns, 200 * BASE_US);
    assert_int_equal(lab.ping.s.rtt_avg_ns, 10200 * BASE_US);
    assert_int_equal(lab.ping.s.rtt_max_ns, 30200 * BASE_US);
    assert_int_equal(lab.ping.s.rtt_mdev_ns, 12247448);
    lab_fini(&lab);
}

static void test_a_reply_after_the_next_request(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    add_fault(&lab, SIM_FAULT_DELAY, is_reply, 1, 1, 1500 * BASE_MS);
    assert_string_equal(ping_b(&lab, 2), "64 bytes from 192.168.1.12: icmp_seq=2 ttl=64\n"
                                         "64 bytes from 192.168.1.12: icmp_seq=1 ttl=64\n");
    assert_int_equal(lab.ping.s.rtt_max_ns, 1500 * BASE_MS + 400 * BASE_US);
    lab_fini(&lab);
}

/* Later than the window remembers: counted, and timed by the payload to the microsecond. */
static void test_a_reply_past_the_window(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    add_fault(&lab, SIM_FAULT_DELAY, is_reply, 1, 1, 10 * BASE_S);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 12000;
    config.interval_ns = BASE_MS;
    config.timeout_ns = BASE_S;
    config.epoch_ns = INT64_C(1767225600) * BASE_S;
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab.ping.s.received, 12000);
    assert_int_equal(lab.ping.s.duplicates, 0);
    assert_int_equal(lab.ping.s.rtt_max_ns, 10 * BASE_S + 400 * BASE_US);
    lab_fini(&lab);
}

static void test_sequence_wraps_on_the_wire(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 70000;
    config.interval_ns = BASE_MS;
    lab_run(&lab, sim_host_stack(lab.a), &config);
    assert_int_equal(lab.ping.s.received, 70000);
    assert_int_equal(lab.ping.s.duplicates, 0);
    lab_fini(&lab);
}

struct capture {
    struct sim_tap tap;
    uint8_t bytes[2000];
    size_t size;
};

static void keep_request(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct capture *capture = SIM_OWNER(tap, struct capture, tap);
    if (net_ether_type(frame->bytes) != NET_ETHER_IPV4 || frame->bytes[34] != NET_ICMP_ECHO)
        return;
    memcpy(capture->bytes, frame->bytes, frame->size);
    capture->size = frame->size;
}

static void test_payload(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 15, 16, 17, 56, 255, 256, 257, 1471, 1472};
    struct lab lab;
    struct capture capture = {.tap.frame = keep_request};
    lab_init(&lab);
    sim_link_add_tap(sim_switch_link(lab.lan1), &capture.tap);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct sim_ping_config config = lab_config(LAB_B);
        config.size = sizes[i];
        config.epoch_ns = INT64_C(0x6b041f09) * BASE_S + 319598 * BASE_US - lab.world->now;
        lab_run(&lab, sim_host_stack(lab.a), &config);
        assert_int_equal(lab.ping.s.received, 1);
        assert_int_equal(capture.size, 14 + 20 + 8 + sizes[i]);
        const uint8_t *payload = capture.bytes + 42;
        struct net_icmp icmp;
        assert_true(net_icmp_read(&icmp, capture.bytes + 34, 8 + sizes[i]));
        assert_int_equal(icmp.sequence, 1);
        uint32_t start = sizes[i] < 16 ? 0 : 16;
        for (uint32_t at = start; at < sizes[i]; at++)
            assert_int_equal(payload[at], at & 0xff);
        /* The timestamp of the captured echo in tests/net/test_icmp.c. */
        static const uint8_t time[] = {9, 0x1f, 4, 0x6b, 0, 0, 0, 0, 0x6e, 0xe0, 4, 0, 0, 0, 0, 0};
        if (start)
            assert_memory_equal(payload, time, sizeof(time));
    }
    assert_true(net_ipv4_fragment_word(capture.bytes + 14) & NET_IPV4_DF); /* ping's default */
    lab_fini(&lab);
}

static void test_many_at_once(void **state)
{
    (void)state;
    enum {
        PINGS = 100
    };
    static struct sim_ping *pings[PINGS];
    struct lab lab;
    lab_init(&lab);
    for (unsigned i = 0; i < PINGS; i++) {
        struct sim_ping_config config = lab_config(i % 2 ? LAB_B : LAB_C);
        config.count = 1 + i % 7;
        pings[i] = sim_ping_start(sim_host_stack(lab.a), &config, &(struct sim_ping_listener){0});
    }
    sim_world_run_until(lab.world, 20 * BASE_S);
    for (unsigned i = 0; i < PINGS; i++) {
        assert_true(sim_ping_statistics(pings[i])->done);
        assert_int_equal(sim_ping_statistics(pings[i])->received, 1 + i % 7);
        assert_int_equal(sim_ping_statistics(pings[i])->duplicates, 0);
        sim_ping_free(pings[i]);
    }
    lab_fini(&lab);
}

static void count_done(void *context, struct sim_ping *ping)
{
    (void)ping;
    ++*(int *)context;
}

static void test_stop_and_free(void **state)
{
    (void)state;
    struct lab lab;
    int done = 0;
    lab_init(&lab);
    struct sim_ping_config config = lab_config(LAB_B);
    config.count = 0;
    struct sim_ping_listener listener = {.context = &done, .done = count_done};
    struct sim_ping *ping = sim_ping_start(sim_host_stack(lab.a), &config, &listener);
    sim_world_run_until(lab.world, 10 * BASE_S + BASE_MS);
    sim_ping_stop(ping);
    sim_ping_stop(ping);
    assert_int_equal(done, 1);
    assert_int_equal(sim_ping_statistics(ping)->received, 11);
    sim_world_run_until(lab.world, 20 * BASE_S);
    assert_int_equal(sim_ping_statistics(ping)->transmitted, 11);
    sim_ping_free(ping);
    ping = sim_ping_start(sim_host_stack(lab.a), &config, &listener);
    sim_ping_free(ping); /* before its first request */
    ping = sim_ping_start(sim_host_stack(lab.a), &config, &listener);
    sim_world_run_until(lab.world, lab.world->now + 150 * BASE_US);
    sim_ping_free(ping); /* with a reply on its way */
    sim_world_run_until(lab.world, lab.world->now + BASE_S);
    assert_int_equal(done, 1);
    assert_int_equal(lab_drops(&lab, sim_host_stack(lab.a), SIM_REASON_NO_SOCKET), 1);
    lab_fini(&lab);
}

static void test_route_lost_on_the_way(void **state)
{
    (void)state;
    struct lab lab;
    lab_init(&lab);
    struct sim_stack *a = sim_host_stack(lab.a);
    struct net_prefix to = lab_prefix("192.168.2.0/24");
    struct sim_ping_config config = lab_config(LAB_C);
    config.count = 4;
    struct sim_ping *ping = sim_ping_start(a, &config, &(struct sim_ping_listener){0});
    sim_world_run_until(lab.world, 1500 * BASE_MS);
    assert_int_equal(sim_stack_route_remove(a, SIM_STACK_TABLE_MAIN, &to), SIM_STACK_OK);
    sim_world_run_until(lab.world, 30 * BASE_S);
    assert_int_equal(sim_ping_statistics(ping)->transmitted, 4);
    assert_int_equal(sim_ping_statistics(ping)->received, 2);
    assert_int_equal(sim_ping_statistics(ping)->errors, 2);
    assert_true(sim_ping_statistics(ping)->done);
    sim_ping_free(ping);
    lab_fini(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_a_reply_after_the_next_request),
        cmocka_unit_test(test_a_reply_past_the_window),
        cmocka_unit_test(test_sequence_wraps_on_the_wire),
        cmocka_unit_test(test_payload),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_stop_and_free),
        cmocka_unit_test(test_route_lost_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
