/*
 * What the lab's case notes say beyond its table: what is seen on the wire, which counters move, path
 * MTUs, rekeying under traffic, power. Numbers of the reference are for strongSwan 5.9.8 on Linux 6.1.
 */
#include "tests/test.h"

#include "tests/gateway/lab.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "net/icmp.h"

static bool is_clear_icmp(const uint8_t *ip, size_t size)
{
    return size >= 28 && ip[9] == NET_IPV4_ICMP && net_ip4_is_private(net_ipv4_src(ip)) &&
           net_ip4_is_private(net_ipv4_dst(ip));
}

static bool is_esp(const uint8_t *ip, size_t size)
{
    return size >= 20 && ip[9] == NET_IPV4_ESP;
}

static bool is_udp(const uint8_t *ip, size_t size)
{
    return size >= 20 && ip[9] == NET_IPV4_UDP;
}

static bool is_echo_request(const uint8_t *ip, size_t size)
{
    return size >= 28 && ip[9] == NET_IPV4_ICMP && ip[20] == NET_ICMP_ECHO;
}

/* Case 1: an echo of 84 bytes is 140 on the wire; the far host sees TTL 62. */
static size_t esp_size;
static bool note_esp_size(const uint8_t *ip, size_t size)
{
    if (is_esp(ip, size))
        esp_size = net_ipv4_total_size(ip);
    return is_esp(ip, size);
}

static void the_tutorial_on_the_wire(void **state)
{
    struct lab lab;
    struct lab_count esp, clear;
    (void)state;
    lab_init(&lab);
    lab_start(&lab);
    struct lab_ping before = lab_ping(&lab, "txl1", "192.168.2.11", 1);
    assert_string_equal(before.text, "From 192.168.1.5 Destination Net Unreachable");
    assert_int_equal(lab_ping(&lab, "txl1", "txl-gw", 1).received, 1);
    lab_initiate(&lab, LAB_TXL);
    lab_count(&lab, "internet", &esp, note_esp_size);
    lab_count(&lab, "internet", &clear, is_clear_icmp);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_int_equal(lab_ping(&lab, "txl2", "lhr2", 3).received, 3);
    assert_int_equal(lab_ping(&lab, "txl-gw", "lhr1", 2).received, 2); /* sent from 192.168.1.5 */
    assert_int_equal(esp.frames, 16);
    assert_int_equal(esp_size, 140);
    assert_int_equal(clear.frames, 0);
    assert_int_equal(lab_ping(&lab, "txl-gw", "203.0.113.20", 1).received, 1); /* in clear */
    assert_int_equal(esp.frames, 16);
    assert_int_equal(topo_world_pairing(lab.world, NULL, NULL), 0);
    assert_true(topo_world_quiet(lab.world));
    lab_end(&lab);
}

/* The tunnel's capture point sees inner packets, both ways, at either end. */
static void tunnel_point(void **state)
{
    struct lab lab;
    struct lab_count requests[2], all[2];
    (void)state;
    lab_up(&lab);
    lab_count(&lab, "txl-gw:net", &requests[0], is_echo_request);
    lab_count(&lab, "lhr-gw:net", &requests[1], is_echo_request);
    lab_count(&lab, "txl-gw:net", &all[0], NULL);
    lab_count(&lab, "lhr-gw:net", &all[1], NULL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(requests[i].frames, 3);
        assert_int_equal(all[i].frames, 6);
    }
    lab_end(&lab);
}

/* Case 1defgw: before the tunnel is up, a gateway with a default route sends the packet on in clear. */
static void default_route_leaks(void **state)
{
    struct lab lab;
    struct lab_count clear;
    (void)state;
    lab_init(&lab);
    lab.model.internet.kind = TOPO_INTERNET_ROUTED;
    lab_start(&lab);
    lab_count(&lab, "internet", &clear, is_clear_icmp);
    struct lab_ping before = lab_ping(&lab, "txl1", "lhr1", 1);
    assert_int_equal(before.received, 0);
    assert_int_equal(before.errors, 0);
    assert_int_equal(clear.frames, 1);
    lab_initiate(&lab, LAB_TXL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_int_equal(clear.frames, 1);
    lab_end(&lab);
}

/* Case 2: XfrmInTmplMismatch and nothing else; not one packet of a host is sealed. */
static void any_on_both_sides(void **state)
{
    struct lab lab;
    struct lab_count esp;
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "0.0.0.0/0", "0.0.0.0/0");
    lab_set_networks(&lab, LAB_LHR, "0.0.0.0/0", "0.0.0.0/0");
    lab_start_tunnel(&lab);
    lab_count(&lab, "internet", &esp, is_esp);
    lab_ping(&lab, "txl1", "lhr1", 3);
    lab_ping(&lab, "txl1", "txl-gw", 3);
    assert_int_equal(esp.frames, 0);
    assert_int_equal(lab_dropped(&lab, LAB_TXL, ESP_IN_TEMPLATE_MISMATCH), 6);
    /* The gateways still talk, now in ESP; a host's LAN neighbours are reached by the switch alone. */
    assert_int_equal(lab_ping(&lab, "txl-gw", "203.0.113.20", 1).received, 1);
    assert_int_equal(esp.frames, 2);
    assert_int_equal(lab_ping(&lab, "txl1", "txl2", 1).received, 1);
    /* From the gateway: out in ESP, back in ESP by the peer's default in table 220, then dropped. */
    assert_int_equal(lab_ping(&lab, "txl-gw", "lhr1", 2).received, 0);
    assert_int_equal(esp.frames, 6);
    lab_end(&lab);
}

/* Case 2hub: each reply is on the internet some 31 times in ESP and 31 times in clear. */
static void hub_loops(void **state)
{
    struct lab lab;
    struct lab_count clear, esp;
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "192.168.1.0/24", "0.0.0.0/0");
    lab_set_networks(&lab, LAB_LHR, "0.0.0.0/0", "192.168.1.0/24");
    lab_start_tunnel(&lab);
    lab_count(&lab, "internet", &clear, is_clear_icmp);
    lab_count(&lab, "internet", &esp, is_esp);
    struct lab_ping ping = lab_ping(&lab, "lhr1", "192.168.1.11", 3);
    assert_int_equal(ping.errors, 3);
    assert_int_equal(clear.frames, 93);
    assert_int_equal(esp.frames, 3 * 32 + 3); /* 32 times there, and the ICMP error back */
    lab_end(&lab);
}

/*
 * charon's sender has the answer to a Delete before the SA goes, with its routes: where 0.0.0.0/0 leads into the
 * tunnel device, that answer does too, and the Delete comes again.
 */
static void an_answer_goes_before_its_routes(void **state)
{
    struct lab lab;
    struct lab_count udp;
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "192.168.1.0/24", "0.0.0.0/0");
    lab_set_networks(&lab, LAB_LHR, "0.0.0.0/0", "192.168.1.0/24");
    lab_route_based(&lab);
    lab_start_tunnel(&lab);
    lab_count(&lab, "internet", &udp, is_udp);
    assert_true(sim_gateway_terminate(lab_gateway(&lab, LAB_LHR), "net", false));
    lab_wait(&lab, 3 * BASE_S);
    assert_int_equal(udp.frames, 1);
    lab_wait(&lab, 3 * BASE_S);
    assert_int_equal(udp.frames, 3); /* again, and answered on its way out of the door */
    lab_end(&lab);
}

/* Case 2, route-based: the loop in the tunnel device is bounded work. */
static void tunnel_device_loop_is_bounded(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_set_networks(&lab, LAB_TXL, "0.0.0.0/0", "0.0.0.0/0");
    lab_set_networks(&lab, LAB_LHR, "0.0.0.0/0", "0.0.0.0/0");
    lab_route_based(&lab);
    lab_start_tunnel(&lab);
    uint64_t packets = sim_gateway_counters(lab_gateway(&lab, LAB_LHR))->tunnel_packets;
    assert_true(packets > 100);
    lab_wait(&lab, 3600 * BASE_S);
    packets = sim_gateway_counters(lab_gateway(&lab, LAB_LHR))->tunnel_packets;
    assert_in_range(packets, 1000, 50000);
    lab_end(&lab);
}

/* Cases 1trap, 12j: a packet that meets a trap is lost, and asks for the tunnel. */
static void trap_drops_and_asks(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_init(&lab);
    lab_behaviour(&lab, LAB_TXL)->start = TOPO_START_ON_TRAFFIC;
    lab_start(&lab);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    struct lab_ping first = lab_ping(&lab, "txl1", "lhr1", 1);
    assert_int_equal(first.received + first.errors, 0);
    assert_int_equal(lab_dropped(&lab, LAB_TXL, ESP_OUT_NO_SA), 1);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "up 192.168.1.0/24=192.168.2.0/24");
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    lab_end(&lab);
}

/* Case 13a: the MTU is 1400 and both gateways know it. */
static void known_mtu(void **state)
{
    static const struct {
        uint32_t size;
        bool df;
        bool answered;
    } pings[] = {{1272, true, true},  {1312, true, true},  {1318, true, true},
                 {1319, true, false}, {1320, true, false}, {1372, true, false},
                 {1472, true, false}, {1300, false, true}, {1400, false, true},
                 {1472, false, true}, {3000, false, true}, {8000, false, true}};
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab.model.internet.link.mtu_bytes = 1400;
    lab_start_tunnel(&lab);
    for (size_t i = 0; i < sizeof(pings) / sizeof(*pings); i++) {
        struct lab_ping ping = lab_ping_size(&lab, "txl2", "lhr2", 1, pings[i].size, pings[i].df);
        assert_int_equal(ping.received, pings[i].answered);
        if (!pings[i].answered)
            assert_string_equal(ping.text, "From 192.168.1.5 Frag needed and DF set (mtu = 1346)");
        /* What the host has learned is forgotten before the next. */
        lab_wait(&lab, 700 * BASE_S);
    }
    lab_end(&lab);
}

/* Case 13a, kernel-libipsec: the device's MTU is 1400, whatever the path's. */
static void tunnel_device_mtu(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_route_based(&lab);
    lab_start_tunnel(&lab);
    assert_int_equal(lab_ping_size(&lab, "txl1", "lhr1", 2, 1372, true).received, 2);
    struct lab_ping ping = lab_ping_size(&lab, "txl1", "lhr1", 1, 1373, true);
    assert_int_equal(ping.received, 0);
    assert_string_equal(ping.text, "From 192.168.1.5 Frag needed and DF set (mtu = 1400)");
    assert_int_equal(lab_ping_size(&lab, "txl2", "lhr2", 2, 1472, false).received, 2);
    assert_int_equal(lab_ping_size(&lab, "txl2", "lhr2", 2, 5000, false).received, 2);
    lab_end(&lab);
}

/* Case 13c: a router in the middle has 1400. The first large packet is lost, then the gateway knows. */
static void learned_mtu(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab.model.internet.kind = TOPO_INTERNET_ROUTED;
    lab.model.internet.link.mtu_bytes = 1400;
    lab_start_tunnel(&lab);
    struct lab_ping first = lab_ping_size(&lab, "txl1", "lhr1", 1, 1320, true);
    assert_int_equal(first.received + first.errors, 0);
    struct lab_ping second = lab_ping_size(&lab, "txl1", "lhr1", 1, 1320, true);
    assert_string_equal(second.text, "From 192.168.1.5 Frag needed and DF set (mtu = 1346)");
    assert_int_equal(lab_ping_size(&lab, "txl2", "lhr2", 2, 1312, true).received, 2);
    assert_int_equal(lab_ping_size(&lab, "txl2", "lhr2", 2, 1472, false).received, 2);
    lab_end(&lab);
}

/* Nothing known: 1446 inside 1500 with AES-CTR and SHA256. */
static void usual_mtu(void **state)
{
    struct lab lab;
    (void)state;
    lab_up(&lab);
    assert_int_equal(lab_ping_size(&lab, "txl1", "lhr1", 1, 1418, true).received, 1);
    struct lab_ping ping = lab_ping_size(&lab, "txl1", "lhr1", 1, 1419, true);
    assert_string_equal(ping.text, "From 192.168.1.5 Frag needed and DF set (mtu = 1446)");
    lab_end(&lab);
}

/* Every (SPI, sequence number) that was ever on the wire. */
static struct {
    uint64_t *seen;
    size_t count, capacity;
} numbers;

static bool note_number(const uint8_t *ip, size_t size)
{
    if (!is_esp(ip, size))
        return false;
    numbers.seen = base_grow(numbers.seen, numbers.count, &numbers.capacity, sizeof(*numbers.seen));
    numbers.seen[numbers.count++] = (uint64_t)net_ip4_read(ip + 20) << 32 | net_ip4_read(ip + 24);
    return true;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Cases 15, 15b: rekeying each 20 s (and the IKE SA each 30 s) loses nothing and repeats no number. */
static void rekeying_loses_nothing(void **state)
{
    struct lab lab;
    struct lab_count esp;
    struct sim_ping_config config = {.to = NET_IP4(192, 168, 2, 11),
                                     .count = 375,
                                     .interval_ns = 200 * BASE_MS,
                                     .timeout_ns = BASE_S,
                                     .size = SIM_PING_SIZE_DEFAULT,
                                     .df = SIM_STACK_DF_WANT};
    (void)state;
    lab_init(&lab);
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        lab.tunnels[side].esp.lifetime_s = 22;
        lab.tunnels[side].ike.lifetime_s = 33;
        lab_behaviour(&lab, side)->rekey_margin_ns = 2 * BASE_S;
    }
    lab_start_tunnel(&lab);
    lab_count(&lab, "internet", &esp, note_number);
    struct sim_ping *ping = sim_ping_start(topo_world_node(lab.world, "txl1")->stack, &config,
                                           &(struct sim_ping_listener){0});
    lab_wait(&lab, 80 * BASE_S);
    assert_int_equal(sim_ping_statistics(ping)->transmitted, 375);
    assert_int_equal(sim_ping_statistics(ping)->received, 375);
    sim_ping_free(ping);
    struct ike_peer_info info = lab_info(&lab, LAB_TXL);
    assert_true(info.child_rekeys >= 3);
    assert_true(info.ike_rekeys >= 2);
    assert_int_equal(numbers.count, 750);
    qsort(numbers.seen, numbers.count, sizeof(*numbers.seen), compare);
    for (size_t i = 1; i < numbers.count; i++)
        assert_true(numbers.seen[i] != numbers.seen[i - 1]);
    free(numbers.seen);
    /* One policy of each kind is left, whatever was rekeyed, and one route. */
    const struct esp_spd *spd = sim_gateway_spd(lab_gateway(&lab, LAB_TXL));
    assert_int_equal(esp_spd_count(spd, ESP_OUT), 1);
    assert_int_equal(esp_spd_count(spd, ESP_FWD), 1);
    lab_end(&lab);
}

/* Case 12f, in short: a gateway that was off knows no SPI; its peer goes on sending into silence. */
static void power_off_and_on(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_up(&lab);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 1).received, 1);
    assert_true(topo_world_stop(lab.world, "lhr-gw"));
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 2).received, 0);
    assert_true(topo_world_start(lab.world, "lhr-gw"));
    struct lab_ping ping = lab_ping(&lab, "txl1", "lhr1", 2);
    assert_int_equal(ping.received + ping.errors, 0);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_NO_SA), 2);
    assert_string_equal(lab_state(&lab, LAB_LHR, text), "down");
    assert_string_equal(lab_ping(&lab, "lhr1", "txl1", 1).text,
                        "From 192.168.2.5 Destination Net Unreachable");
    lab_initiate(&lab, LAB_LHR); /* INITIAL_CONTACT clears the old ones away */
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 2).received, 2);
    assert_int_equal(topo_world_pairing(lab.world, NULL, NULL), 0);
    lab_end(&lab);
}

/* Terminated: policies and routes go, silence turns into net unreachable. */
static void terminate(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_up(&lab);
    assert_true(sim_gateway_terminate(lab_gateway(&lab, LAB_TXL), "net", false));
    lab_wait(&lab, 10 * BASE_S);
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        assert_string_equal(lab_state(&lab, side, text), "down");
        assert_int_equal(esp_sad_count(sim_gateway_sad(lab_gateway(&lab, side))), 0);
        assert_int_equal(esp_spd_count(sim_gateway_spd(lab_gateway(&lab, side)), ESP_OUT), 0);
    }
    assert_string_equal(lab_ping(&lab, "txl1", "lhr1", 1).text,
                        "From 192.168.1.5 Destination Net Unreachable");
    lab_end(&lab);
}

/* at-once: the tunnel comes up by itself within the first second or so. */
static void at_once(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_init(&lab);
    lab_behaviour(&lab, LAB_TXL)->start = lab_behaviour(&lab, LAB_LHR)->start = TOPO_START_AT_ONCE;
    lab_start(&lab);
    topo_world_run_until(lab.world, 2 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "up 192.168.1.0/24=192.168.2.0/24");
    assert_string_equal(lab_state(&lab, LAB_LHR, text), "up 192.168.2.0/24=192.168.1.0/24");
    assert_int_equal(topo_world_pairing(lab.world, NULL, NULL), 0);
    lab_end(&lab);
}

/* Case 8: one subnet on both sites. The tunnel is up, hosts never send to their gateway, and the
 * own LAN of either gateway is gone. */
static void one_subnet_on_both_sites(void **state)
{
    static const char lan[] = "192.168.1.0/24";
    struct lab lab;
    char text[128];
    (void)state;
    lab_init(&lab);
    lab.lans[LAB_LHR].subnet = lab.lans[LAB_TXL].subnet;
    lab.connections[LAB_LHR].ipv4.addr = lab_addr("192.168.1.6");
    lab.hosts[LAB_LHR][0].address = lab_addr("192.168.1.21");
    lab.hosts[LAB_LHR][1].address = lab_addr("192.168.1.22");
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        lab_set_networks(&lab, side, lan, lan);
        lab.hosts[side][0].route_count = lab.hosts[side][1].route_count = 0;
    }
    lab_start(&lab);
    assert_int_equal(lab_ping(&lab, "txl1", "txl-gw", 1).received, 1);
    lab_initiate(&lab, LAB_TXL);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "up 192.168.1.0/24=192.168.1.0/24");
    assert_int_equal(lab_ping(&lab, "txl1", "192.168.1.21", 3).received, 0);
    assert_int_equal(lab_ping(&lab, "txl1", "192.168.1.5", 3).received, 0);
    assert_int_equal(lab_ping(&lab, "lhr1", "192.168.1.6", 3).received, 0);
    assert_true(lab_dropped(&lab, LAB_TXL, ESP_IN_TEMPLATE_MISMATCH) >= 3);
    assert_int_equal(lab_ping(&lab, "txl1", "txl2", 1).received, 1);
    lab_end(&lab);
}

/* Cases 12g, 12i: the peer is gone. Silence for the 166 s of retransmissions, then net unreachable. */
static void a_dead_peer_is_found_out(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_init(&lab);
    lab_behaviour(&lab, LAB_TXL)->dpd_delay_ns = 10 * BASE_S;
    lab_start_tunnel(&lab);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 1).received, 1);
    base_ns dead = topo_world_now(lab.world);
    assert_true(topo_world_stop(lab.world, "lhr-gw"));
    topo_world_run_until(lab.world, dead + 170 * BASE_S);
    struct lab_ping silent = lab_ping(&lab, "txl1", "lhr1", 1);
    assert_int_equal(silent.received + silent.errors, 0);
    topo_world_run_until(lab.world, dead + 180 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    assert_string_equal(lab_ping(&lab, "txl1", "lhr1", 1).text,
                        "From 192.168.1.5 Destination Net Unreachable");
    assert_int_equal(esp_spd_count(sim_gateway_spd(lab_gateway(&lab, LAB_TXL)), ESP_OUT), 0);
    lab_end(&lab);
}

/* Case 9long: "giving up after 5 retransmits" some 165 s after the first packet. */
static void nobody_answers(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_init(&lab);
    lab.tunnels[LAB_TXL].remote_address = lab_addr("203.0.113.21");
    lab_start_tunnel(&lab);
    topo_world_run_until(lab.world, 160 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "connecting");
    topo_world_run_until(lab.world, 168 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    lab_end(&lab);
}

/* What cannot be sent at all (no route to the peer) is tried again like what nobody answers. */
static void no_route_to_the_peer(void **state)
{
    struct lab lab;
    char text[128];
    struct ike_endpoint_counts counts;
    (void)state;
    lab_init(&lab);
    lab.tunnels[LAB_TXL].remote_address = lab_addr("198.18.0.1");
    lab_start_tunnel(&lab);
    ike_endpoint_count(sim_gateway_engine(lab_gateway(&lab, LAB_TXL)), &counts);
    assert_int_equal(counts.retransmissions, 2); /* after 4 s and 11.2 s of the 20 */
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "connecting");
    topo_world_run_until(lab.world, 168 * BASE_S);
    ike_endpoint_count(sim_gateway_engine(lab_gateway(&lab, LAB_TXL)), &counts);
    assert_int_equal(counts.retransmissions, 5);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tutorial_on_the_wire),
        cmocka_unit_test(tunnel_point),
        cmocka_unit_test(default_route_leaks),
        cmocka_unit_test(any_on_both_sides),
        cmocka_unit_test(hub_loops),
        cmocka_unit_test(an_answer_goes_before_its_routes),
        cmocka_unit_test(tunnel_device_loop_is_bounded),
        cmocka_unit_test(trap_drops_and_asks),
        cmocka_unit_test(known_mtu),
        cmocka_unit_test(tunnel_device_mtu),
        cmocka_unit_test(learned_mtu),
        cmocka_unit_test(usual_mtu),
        cmocka_unit_test(rekeying_loses_nothing),
        cmocka_unit_test(power_off_and_on),
        cmocka_unit_test(terminate),
        cmocka_unit_test(at_once),
        cmocka_unit_test(one_subnet_on_both_sites),
        cmocka_unit_test(a_dead_peer_is_found_out),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(no_route_to_the_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
