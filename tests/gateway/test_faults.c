/* Faults of a gateway itself: its clock that jumps, SPIs that it does not know, and the internet's firewall. */
#include "tests/test.h"

#include "tests/gateway/lab.h"

#include "base/bytes.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "sim/journal.h"

/* Past the child's time to be rekeyed, and not past its lifetime: rekeyed at once, nothing is lost. */
static void clock_jumps_to_a_rekey(void **state)
{
    struct lab lab;
    (void)state;
    lab_up(&lab);
    sim_gateway_jump_clock(lab_gateway(&lab, LAB_LHR), 56 * 60 * BASE_S);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 10).received, 10);
    assert_int_equal(lab_info(&lab, LAB_LHR).child_rekeys, 1);
    assert_int_equal(lab_info(&lab, LAB_TXL).child_rekeys, 1);
    assert_int_equal(lab_info(&lab, LAB_LHR).ike_rekeys, 0);
    /* The next one comes by the jumped clock as well: an hour later, not two. */
    lab_wait(&lab, 3600 * BASE_S);
    assert_int_equal(lab_info(&lab, LAB_LHR).child_rekeys, 2);
    lab_end(&lab);
}

/* Days ahead: all is past its lifetime, and gone on both sides. */
static void clock_jumps_past_the_end(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_up(&lab);
    sim_gateway_jump_clock(lab_gateway(&lab, LAB_TXL), 48 * 3600 * BASE_S);
    lab_wait(&lab, 10 * BASE_S);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    assert_null(esp_sad_first(sim_gateway_sad(lab_gateway(&lab, LAB_TXL))));
    lab_initiate(&lab, LAB_TXL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    lab_end(&lab);
}

/* Liveness of a gateway whose clock is ahead still counts from the last packet. */
static void clock_ahead_and_liveness(void **state)
{
    struct lab lab;
    struct ike_endpoint_counts before, after;
    (void)state;
    lab_init(&lab);
    lab_behaviour(&lab, LAB_TXL)->dpd_delay_ns = 10 * BASE_S;
    lab_behaviour(&lab, LAB_LHR)->dpd_delay_ns = 0;
    lab_start(&lab);
    sim_gateway_jump_clock(lab_gateway(&lab, LAB_TXL), 1000 * BASE_S);
    lab_initiate(&lab, LAB_TXL);
    ike_endpoint_count(sim_gateway_engine(lab_gateway(&lab, LAB_TXL)), &before);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 200).received, 200); /* a minute of replies */
    ike_endpoint_count(sim_gateway_engine(lab_gateway(&lab, LAB_TXL)), &after);
    assert_int_equal(after.datagrams_out, before.datagrams_out);
    lab_wait(&lab, 11 * BASE_S);
    ike_endpoint_count(sim_gateway_engine(lab_gateway(&lab, LAB_TXL)), &after);
    assert_int_equal(after.datagrams_out, before.datagrams_out + 1);
    lab_end(&lab);
}

static void spi_is_rejected(void **state)
{
    struct lab lab;
    (void)state;
    lab_up(&lab);
    struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
    struct ike_child_info child;
    assert_true(ike_endpoint_child(sim_gateway_engine(lhr), 0, 0, &child));
    sim_gateway_reject_spi(lhr, child.spi_out, true); /* the peer's own: not what comes in here */
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 2).received, 2);
    sim_gateway_reject_spi(lhr, child.spi_in, true);
    sim_gateway_reject_spi(lhr, 0, true);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0);
    sim_gateway_reject_spi(lhr, 0, false);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0); /* still by its number */
    sim_gateway_reject_spi(lhr, child.spi_in, false);
    sim_gateway_reject_spi(lhr, 77, false); /* never said: no effect */
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_NO_SA), 6);
    lab_end(&lab);
}

/* Cases 10c and 10d by the model's own firewall, and one direction of it alone. */
static void firewall(void **state)
{
    struct lab lab;
    char text[128];
    struct topo_firewall rules[] = {{.drop = "udp port 4500"}, {.drop = "esp", .from = "lhr-gw"}};
    (void)state;
    lab_init(&lab);
    lab.model.internet.firewall = rules;
    lab.model.internet.firewall_count = 2;
    lab_start_tunnel(&lab);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "connecting");
    assert_true(sim_world_drops(topo_world_sim(lab.world), 0, SIM_REASON_FIREWALL) >= 3);
    lab_end(&lab);

    lab_init(&lab);
    lab.model.internet.firewall = rules + 1;
    lab.model.internet.firewall_count = 1;
    lab_start_tunnel(&lab);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0);
    assert_int_equal(sim_world_drops(topo_world_sim(lab.world), 0, SIM_REASON_FIREWALL), 3);
    assert_int_equal(sim_gateway_counters(lab_gateway(&lab, LAB_LHR))->opened, 3);
    struct topo_model opened = lab.model; /* a rule that is taken out */
    opened.internet.firewall_count = 0;
    assert_null(topo_world_change(lab.world, &opened));
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    lab_end(&lab);
}

/* Cases 12e, 12b: SAs and policies are the kernel's; a new daemon's take their place. */
static void daemon_dies_alone(void **state)
{
    struct lab lab;
    char text[128];
    (void)state;
    lab_up(&lab);
    struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
    size_t policies = esp_spd_count(sim_gateway_spd(lhr), ESP_OUT);
    sim_gateway_kill_daemon(lhr);
    sim_gateway_kill_daemon(lhr); /* no effect */
    assert_null(sim_gateway_engine(lhr));
    assert_true(sim_gateway_running(lhr));
    assert_int_equal(esp_sad_count(sim_gateway_sad(lhr)), 2);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_false(sim_gateway_initiate(lhr, lab.tunnels[LAB_LHR].name));
    sim_gateway_start_daemon(lhr);
    assert_non_null(sim_gateway_engine(lhr));
    assert_string_equal(lab_state(&lab, LAB_LHR, text), "down");
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    lab_initiate(&lab, LAB_LHR);
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    assert_int_equal(esp_spd_count(sim_gateway_spd(lhr), ESP_OUT), policies);
    assert_int_equal(esp_sad_count(sim_gateway_sad(lhr)), 4); /* two are nobody's */
    sim_gateway_stop(lhr);
    assert_int_equal(esp_spd_count(sim_gateway_spd(lhr), ESP_OUT), 0);
    assert_int_equal(esp_sad_count(sim_gateway_sad(lhr)), 0);
    sim_gateway_start(lhr);
    lab_initiate(&lab, LAB_LHR);
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    lab_end(&lab);
}

/* Power is lost while the daemon is dead: what it left behind goes too, the routes with it. */
static void power_after_the_daemon(void **state)
{
    struct lab lab;
    struct sim_stack_route route;
    (void)state;
    lab_up(&lab);
    struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
    net_ip4 inside = NET_IP4(192, 168, 1, 11);
    sim_gateway_kill_daemon(lhr);
    assert_int_equal(
        sim_stack_route_get(sim_gateway_stack(lhr), inside, SIM_STACK_ALL_TABLES, &route),
        SIM_STACK_OK);
    sim_gateway_stop(lhr);
    sim_gateway_start(lhr);
    assert_int_not_equal(
        sim_stack_route_get(sim_gateway_stack(lhr), inside, SIM_STACK_ALL_TABLES, &route),
        SIM_STACK_OK);
    assert_int_equal(esp_spd_count(sim_gateway_spd(lhr), ESP_IN), 0);
    lab_end(&lab);
}

/* Case 12e with kernel-libipsec: the data path is the process. */
static void daemon_is_the_data_path(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_route_based(&lab);
    lab_start_tunnel(&lab);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
    sim_gateway_kill_daemon(lhr);
    assert_int_equal(esp_sad_count(sim_gateway_sad(lhr)), 0);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0);
    sim_gateway_start_daemon(lhr);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_NO_SA), 3);
    lab_end(&lab);
}

static void standby_takes_over(void **state)
{
    (void)state;
    for (int warm = 0; warm < 2; warm++) {
        struct lab lab;
        char text[128];
        uint8_t mac[6];
        lab_up(&lab);
        assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
        struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
        struct sim_port *port = sim_stack_port(sim_gateway_stack(lhr), 1);
        memcpy(mac, port->mac, sizeof(mac));
        assert_true(topo_world_lose_unit(lab.world, "lhr-gw", warm));
        assert_false(sim_gateway_running(lhr));
        assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 0);
        assert_true(topo_world_take_over(lab.world, "lhr-gw"));
        lab_wait(&lab, BASE_S / 10); /* ARP is heard */
        assert_memory_not_equal(mac, port->mac, sizeof(mac));
        assert_string_equal(lab_state(&lab, LAB_LHR, text),
                            warm ? "up 192.168.2.0/24=192.168.1.0/24" : "down");
        assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, warm ? 3 : 0);
        if (warm)
            assert_true(esp_sad_outbound(sim_gateway_sad(lhr), 1)->sequence > 65536);
        lab_end(&lab);
    }
}

/* The other unit, too, loses its power before it took over. */
static void both_units_die(void **state)
{
    struct lab lab;
    (void)state;
    lab_up(&lab);
    struct sim_gateway *lhr = lab_gateway(&lab, LAB_LHR);
    sim_gateway_fail(lhr, true);
    sim_gateway_fail(lhr, true); /* no effect */
    sim_gateway_stop(lhr);
    assert_int_equal(esp_sad_count(sim_gateway_sad(lhr)), 0);
    sim_gateway_take_over(lhr);
    sim_gateway_take_over(lhr); /* no effect */
    lab_initiate(&lab, LAB_LHR);
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    sim_gateway_fail(lhr, true); /* and is freed so */
    lab_end(&lab);
}

static void counters_go_ahead(void **state)
{
    struct lab lab;
    (void)state;
    lab_init(&lab);
    lab_start(&lab);
    struct sim_gateway *txl = lab_gateway(&lab, LAB_TXL), *lhr = lab_gateway(&lab, LAB_LHR);
    const char *here = lab.tunnels[LAB_TXL].name, *there = lab.tunnels[LAB_LHR].name;
    assert_false(sim_gateway_advance_sequence(txl, here, 7)); /* no SA */
    lab_initiate(&lab, LAB_TXL);
    assert_false(sim_gateway_advance_sequence(txl, "no-such", 7));
    assert_true(sim_gateway_advance_sequence(txl, here, UINT32_MAX - 2));
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 5).received, 3);
    assert_int_equal(lab_dropped(&lab, LAB_TXL, ESP_OUT_SEQUENCE_OVERFLOW), 2);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_REPLAYED), 0);
    assert_true(sim_gateway_advance_message_id(txl, here, true, 1000));
    assert_true(sim_gateway_advance_message_id(lhr, there, false, 1000));
    assert_true(sim_gateway_rekey_child(txl, here));
    lab_wait(&lab, BASE_S);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    lab_end(&lab);
}

/* ---- ESP of somebody else ---- */

static struct {
    uint8_t bytes[256];
    uint32_t size;
} copied;

static bool copy(const uint8_t *ip, size_t size)
{
    if (ip[9] != NET_IPV4_UDP || net_ipv4_src(ip) != NET_IP4(203, 0, 113, 10) ||
        size > sizeof(copied.bytes))
        return false;
    copied.size = net_ipv4_total_size(ip);
    memcpy(copied.bytes, ip, copied.size);
    return true;
}

/* The copy from another address, one bit of its ICV turned or not, on its way to lhr. */
static void send_copy(struct lab *lab, uint8_t flip)
{
    struct sim_packet *packet = sim_packet_new(topo_world_sim(lab->world), copied.size, 0);
    uint8_t *ip = base_buffer_put(&packet->bytes, copied.size);
    memcpy(ip, copied.bytes, copied.size);
    net_ip4_write(ip + 12, NET_IP4(203, 0, 113, 66));
    ip[copied.size - 1] ^= flip;
    net_ipv4_seal(ip);
    assert_int_equal(sim_stack_send_packet(topo_world_node(lab->world, "txl-gw")->stack, packet,
                                           SIM_STACK_NO_POLICY),
                     SIM_STACK_OK);
    lab_wait(lab, BASE_S);
}

static bool is_other(const uint8_t *ip, size_t size)
{
    (void)size;
    return ip[9] == NET_IPV4_UDP && (net_ipv4_src(ip) != NET_IP4(203, 0, 113, 10) ||
                                     ip[20] << 8 != (NET_UDP_PORT_NATT & 0xff00));
}

/* A packet that is not authentic, or was seen before, moves no peer to the address that it came from. */
static void esp_of_another_source(void **state)
{
    struct lab lab;
    struct lab_count count, other;
    (void)state;
    lab_init(&lab);
    lab_nat(&lab); /* so that ESP goes in UDP, and a peer may move */
    lab_start_tunnel(&lab);
    lab_count(&lab, "internet", &count, copy);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 1).received, 1);
    struct ike_path before = lab_info(&lab, LAB_LHR).path;
    lab_count(&lab, "lhr-gw:wan", &other, is_other);
    send_copy(&lab, 0);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_REPLAYED), 1);
    base_put_be(copied.bytes + 20 + NET_UDP_SIZE + 4, 1000, 4); /* the ICV covers its number */
    send_copy(&lab, 0);
    send_copy(&lab, 1);
    assert_int_equal(lab_dropped(&lab, LAB_LHR, ESP_IN_INTEGRITY), 2);
    assert_int_equal(other.frames, 3);
    struct ike_path after = lab_info(&lab, LAB_LHR).path;
    assert_true(net_addr_equal(&before.remote, &after.remote));
    assert_int_equal(before.remote_port, after.remote_port);
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_jumps_to_a_rekey),
        cmocka_unit_test(clock_jumps_past_the_end),
        cmocka_unit_test(clock_ahead_and_liveness),
        cmocka_unit_test(spi_is_rejected),
        cmocka_unit_test(daemon_dies_alone),
        cmocka_unit_test(power_after_the_daemon),
        cmocka_unit_test(daemon_is_the_data_path),
        cmocka_unit_test(standby_takes_over),
        cmocka_unit_test(both_units_die),
        cmocka_unit_test(counters_go_ahead),
        cmocka_unit_test(firewall),
        cmocka_unit_test(esp_of_another_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
