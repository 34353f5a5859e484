#include "tests/test.h"

#include "net/ether.h"
#include "sim/journal.h"
#include "sim/switch.h"
#include "tests/sim/probe.h"

#define MEMBERS 4

struct lan {
    struct sim_world *world;
    struct sim_switch *sw;
    struct probe *members[MEMBERS];
};

static struct lan lan_new(void)
{
    struct lan lan = {.world = sim_world_new(1, true)};
    lan.sw = sim_switch_new(lan.world, "txl/1", NULL);
    for (unsigned i = 0; i < MEMBERS; i++) {
        lan.members[i] = probe_new(lan.world, (const char *[]){"a", "b", "c", "d"}[i]);
        sim_switch_attach(lan.sw, &lan.members[i]->port);
    }
    return lan;
}

static void lan_free(struct lan *lan)
{
    sim_switch_free(lan->sw);
    for (unsigned i = 0; i < MEMBERS; i++)
        probe_free(lan->members[i]);
    assert_int_equal(lan->world->packets.live, 0);
    sim_world_free(lan->world);
}

/* How many frames each member got, as digits, since the last time. */
static const char *counts(struct lan *lan)
{
    static char text[MEMBERS + 1];
    sim_world_run_until(lan->world, lan->world->now + BASE_S);
    for (unsigned i = 0; i < MEMBERS; i++) {
        text[i] = (char)('0' + lan->members[i]->count);
        probe_clear(lan->members[i]);
    }
    return text;
}

static void test_broadcasts_go_to_all_but_the_sender(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    uint64_t id = probe_send(lan.members[1], NET_MAC_BROADCAST, 1, 50);
    sim_world_run_until(lan.world, BASE_S);
    unsigned copies = 0;
    for (unsigned i = 0; i < MEMBERS; i++) {
        if (i == 1)
            continue;
        const struct probe_frame *frame = &lan.members[i]->frames[0];
        copies += frame->id != id;
        assert_true(frame->id == id || frame->parent == id);
    }
    assert_int_equal(copies, MEMBERS - 2);
    assert_string_equal(counts(&lan), "1011");
    lan_free(&lan);
}

static void test_unknown_addresses_flood_and_known_ones_do_not(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    struct probe **m = lan.members;
    m[2]->port.promiscuous = true;
    m[3]->port.promiscuous = true;
    probe_send(m[0], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0111");
    probe_send(m[1], m[0]->port.mac, 2, 50); /* a was learned */
    assert_string_equal(counts(&lan), "1000");
    probe_send(m[0], m[1]->port.mac, 3, 50); /* b too */
    assert_string_equal(counts(&lan), "0100");
    lan_free(&lan);
}

static void test_taps_see_what_is_flooded_and_nodes_do_not(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    struct probe **m = lan.members;
    struct probe_tap tap;
    probe_tap_init(&tap);
    sim_tap_add(&m[3]->port.taps, &tap.tap);
    probe_send(m[0], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0100");
    assert_int_equal(tap.count, 1);
    sim_tap_remove(&m[3]->port.taps, &tap.tap);
    lan_free(&lan);
}

static void test_addresses_age_and_move(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    struct probe **m = lan.members;
    m[3]->port.promiscuous = true;
    probe_send(m[1], m[0]->port.mac, 1, 50); /* teaches b */
    counts(&lan);
    probe_send(m[0], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0100");
    sim_world_run_until(lan.world, lan.world->now + SIM_SWITCH_AGE_NS);
    probe_send(m[0], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0101"); /* forgotten: flooded */

    /* c takes b's address over, as a failover does. */
    probe_send(m[1], m[0]->port.mac, 1, 50);
    counts(&lan);
    memcpy(m[2]->port.mac, m[1]->port.mac, 6);
    probe_send(m[2], m[0]->port.mac, 1, 50);
    counts(&lan);
    probe_send(m[0], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0010");
    lan_free(&lan);
}

static void test_a_frame_never_goes_back(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    struct probe **m = lan.members;
    probe_send(m[0], m[1]->port.mac, 1, 50);
    counts(&lan);
    probe_send(m[0], m[0]->port.mac, 1, 50); /* to itself */
    assert_string_equal(counts(&lan), "0000");
    assert_int_equal(sim_world_drops(lan.world, sim_switch_id(lan.sw), SIM_REASON_SAME_PORT), 1);
    lan_free(&lan);
}

static void test_frames_that_a_bridge_keeps(void **state)
{
    (void)state;
    static const uint8_t STP[6] = {0x01, 0x80, 0xc2, 0, 0, 0};
    static const uint8_t LLDP[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e};
    static const uint8_t MULTICAST[6] = {0x01, 0x00, 0x5e, 0, 0, 1};
    struct lan lan = lan_new();
    probe_send(lan.members[0], STP, 1, 50);
    probe_send(lan.members[0], LLDP, 1, 50);
    assert_string_equal(counts(&lan), "0000");
    probe_send(lan.members[0], MULTICAST, 1, 50);
    assert_string_equal(counts(&lan), "0111");
    /* Shorter than a header. */
    struct sim_packet *packet = sim_packet_new(lan.world, 13, 0);
    memset(base_buffer_put(&packet->bytes, 13), 0xff, 13);
    sim_port_send(&lan.members[0]->port, packet);
    assert_string_equal(counts(&lan), "0000");
    assert_int_equal(sim_world_drops(lan.world, 0, SIM_REASON_BAD_FRAME), 3);
    lan_free(&lan);
}

static void test_detached_members(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    struct sim_impairment slow = {.set = SIM_IMPAIR_DELAY, .delay_ns = BASE_S};
    struct sim_switch *sw = sim_switch_new(world, "lan", &slow);
    struct probe *a = probe_new(world, "a"), *b = probe_new(world, "b");
    sim_switch_attach(sw, &a->port);
    sim_switch_attach(sw, &b->port);
    probe_send(b, a->port.mac, 1, 50);
    sim_switch_detach(sw, &b->port); /* its frame is on its way and arrives */
    sim_world_run_until(world, 2 * BASE_S);
    assert_int_equal(a->count, 1);
    probe_send(a, b->port.mac, 1, 50);
    sim_world_run_until(world, 4 * BASE_S);
    assert_int_equal(b->count, 0);
    sim_switch_attach(sw, &b->port); /* plugged in again */
    probe_send(a, b->port.mac, 2, 50);
    sim_world_run_until(world, 6 * BASE_S);
    assert_int_equal(b->count, 1);
    probe_free(b); /* unplugs itself */
    probe_send(a, NET_MAC_BROADCAST, 3, 50);
    sim_world_run_until(world, 8 * BASE_S);
    assert_int_equal(world->packets.live, 0);
    sim_switch_free(sw);
    probe_free(a);
    sim_world_free(world);
}

/* Many forged sources: the table stops growing, and what it knows stays right. */
static void test_the_table_is_bounded(void **state)
{
    (void)state;
    struct lan lan = lan_new();
    struct probe **m = lan.members;
    uint8_t own[6];
    memcpy(own, m[0]->port.mac, 6);
    m[3]->port.promiscuous = true;
    probe_send(m[1], own, 1, 50);
    counts(&lan);
    for (unsigned i = 0; i < SIM_SWITCH_ADDRESSES_MAX + 500; i++) {
        m[0]->port.mac[1] = (uint8_t)(i >> 16);
        m[0]->port.mac[2] = (uint8_t)(i >> 8);
        m[0]->port.mac[3] = (uint8_t)i;
        probe_send(m[0], m[1]->port.mac, 1, 50);
        sim_world_run_until(lan.world, lan.world->now + 1);
        probe_clear(m[1]);
    }
    probe_clear(m[3]);
    probe_send(m[2], m[1]->port.mac, 1, 50);
    assert_string_equal(counts(&lan), "0100"); /* b is still known */
    lan_free(&lan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broadcasts_go_to_all_but_the_sender),
        cmocka_unit_test(test_unknown_addresses_flood_and_known_ones_do_not),
        cmocka_unit_test(test_taps_see_what_is_flooded_and_nodes_do_not),
        cmocka_unit_test(test_addresses_age_and_move),
        cmocka_unit_test(test_a_frame_never_goes_back),
        cmocka_unit_test(test_frames_that_a_bridge_keeps),
        cmocka_unit_test(test_detached_members),
        cmocka_unit_test(test_the_table_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
