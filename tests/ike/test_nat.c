/*
 * NAT traversal, MOBIKE and fragments: RFC 7296 section 2.23, RFC 3948, RFC 4555, RFC 7383.
 */
#include "base/bytes.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

#define INFO IKE_EXCHANGE_INFORMATIONAL

/* Up, from A (10.0.0.10) behind a NAT that is 203.0.113.30 outside; B knows it by that address. */
static struct lab *up_behind_nat(bool mobike, base_ns dpd_delay)
{
    struct net_addr outside = net_addr_from_ip4(NET_IP4(203, 0, 113, 30));
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[0].local = net_addr_from_ip4(NET_IP4(10, 0, 0, 10));
    setup.peer[1].remote = outside;
    setup.peer[0].local_id = setup.peer[1].remote_id = "txl.example";
    setup.peer[0].mobike = setup.peer[1].mobike = mobike;
    setup.peer[0].dpd_delay = dpd_delay;
    struct lab *lab = lab_new(&setup);
    lab->ends[LAB_A].nat = (struct lab_nat){.on = true, .outside = outside, .shift = 20000};
    lab_up(lab, LAB_A);
    return lab;
}

/* From now on the NAT has another port for A. */
static void rebind(struct lab *lab)
{
    lab->ends[LAB_A].nat.shift = 30000;
}

/* B has followed A to that port, and said so once. */
static void assert_moved(struct lab *lab)
{
    assert_int_equal(lab_peer(lab, LAB_B).path.remote_port, 34500);
    assert_int_equal(lab->ends[LAB_B].events[IKE_EVENT_ADDRESS_CHANGED], 1);
}

static void end_with_pings(struct lab *lab)
{
    lab_pings(lab, 10 * BASE_MS);
    lab_run(lab, BASE_S);
    lab_end_soundly(lab);
}

static void nat_is_found(void **state)
{
    (void)state;
    for (int mobike = 0; mobike < 2; mobike++) {
        struct lab *lab = up_behind_nat(mobike, 0);
        struct ike_peer_info a = lab_peer(lab, LAB_A), b = lab_peer(lab, LAB_B);
        assert_true(a.nat_local && !a.nat_remote && a.udp_encapsulation);
        assert_true(b.nat_remote && !b.nat_local && b.udp_encapsulation);
        assert_int_equal(a.path.local_port, 4500);
        assert_int_equal(b.path.remote_port, 24500);
        assert_true(lab_child(lab, LAB_A, 0).udp_encapsulation);
        lab_pings(lab, 10 * BASE_MS);
        lab_rekey_child(lab, LAB_B);
        lab_run(lab, BASE_S);
        lab_rekey_ike(lab, LAB_B);
        lab_end_soundly(lab);
    }
}

static void keepalives(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(true, 0);
    lab_run(lab, 104 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].keepalives, 5); /* each 20 s */
    assert_int_equal(lab->ends[LAB_B].keepalives, 0);
    lab_pings(lab, 5 * BASE_S);
    lab_run(lab, 100 * BASE_S);
    assert_int_equal(lab->ends[LAB_A].keepalives, 5); /* traffic keeps it open */
    lab_free(lab);
}

static void no_float_without_mobike(void **state)
{
    (void)state;
    struct lab_setup setup;
    lab_defaults(&setup);
    setup.peer[0].mobike = setup.peer[1].mobike = false;
    struct lab *lab = lab_new(&setup);
    lab_up(lab, LAB_A);
    assert_int_equal(lab_peer(lab, LAB_A).path.local_port, 500);
    assert_false(lab_peer(lab, LAB_A).mobike);
    lab_free(lab);
}

static void forced_encapsulation(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.peer[end].force_udp_encapsulation = true;
        struct lab *lab = lab_new(&setup);
        lab_up(lab, LAB_A);
        assert_true(lab_peer(lab, LAB_A).udp_encapsulation);
        assert_true(lab_peer(lab, LAB_B).udp_encapsulation);
        end_with_pings(lab);
    }
}

/* The NAT gives another port. Without MOBIKE an authentic message moves the peer. */
static void rebinding_without_mobike(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(false, 10 * BASE_S);
    rebind(lab);
    lab_run(lab, 15 * BASE_S);
    assert_moved(lab);
    end_with_pings(lab);
}

/* With MOBIKE the end behind the NAT finds out by its liveness checks, and says so. */
static void rebinding_with_mobike(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(true, 10 * BASE_S);
    lab_run(lab, 15 * BASE_S); /* one check, so that the mapping is known */
    rebind(lab);
    lab_run(lab, 15 * BASE_S);
    assert_true(lab_sent_notify(lab, LAB_A, IKE_NOTIFY_UPDATE_SA_ADDRESSES));
    assert_true(lab_sent_notify(lab, LAB_B, IKE_NOTIFY_COOKIE2));
    assert_moved(lab);
    assert_int_equal(lab->ends[LAB_A].done[IKE_TASK_ADDRESS_UPDATE], 2); /* the first: to be sure */
    end_with_pings(lab);
}

/* The mapping changes before the first liveness check: that one has nothing to compare with, and updates. */
static void rebinding_before_the_first_check(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(true, 10 * BASE_S);
    rebind(lab);
    lab_run(lab, 15 * BASE_S);
    assert_moved(lab);
    assert_int_equal(lab->ends[LAB_A].done[IKE_TASK_ADDRESS_UPDATE], 1);
    lab_end_soundly(lab);
}

/* ESP that arrives from the new mapping and is authentic moves the peer as well. */
static void rebinding_found_by_esp(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(true, 0);
    lab_pings(lab, 10 * BASE_MS);
    lab_run(lab, BASE_S);
    lab->ping_every = 0;
    lab_run(lab, BASE_S);
    rebind(lab);
    lab_pings(lab, 10 * BASE_MS);
    lab_run(lab, BASE_S);
    assert_moved(lab);
    lab_settle(lab);
    assert_int_equal(lab->ends[LAB_A].pings_lost, 0);
    /* B's pings went to the old mapping until A's first from the new one had arrived. */
    assert_in_range(lab->ends[LAB_B].pings_lost, 1, 3);
    lab_free(lab);
}

/* What does not authenticate moves nothing. */
static void spoofed_source(void **state)
{
    (void)state;
    struct lab *lab = up_behind_nat(false, 0);
    struct ike_peer_info b = lab_peer(lab, LAB_B);
    uint8_t forged[80] = {0};
    struct base_writer w = base_writer_of(forged, sizeof(forged));
    base_write_u64(&w, b.ike.spi_i);
    base_write_u64(&w, b.ike.spi_r);
    base_write_u32(&w, 0x2e202508); /* SK, version 2, INFORMATIONAL, from the initiator */
    base_write_u32(&w, 2);
    base_write_u32(&w, sizeof(forged));
    base_write_u32(&w, sizeof(forged) - 28);
    struct ike_path path = {b.path.local, net_addr_from_ip4(NET_IP4(198, 51, 100, 66)), 4500, 4500};
    lab_input(lab, LAB_B, &path, forged, sizeof(forged));
    assert_int_equal(lab_peer(lab, LAB_B).path.remote_port, 24500);
    assert_true(lab->ends[LAB_B].dropped > 0);
    lab_free(lab);
}

/* --- fragments --- */

enum {
    NETWORKS = 20,
};

static struct net_prefix networks[2][NETWORKS];

/* 20 selectors each side and small packets: IKE_AUTH and the rekeys come in fragments. */
static struct lab_setup large_messages(void)
{
    struct lab_setup setup;
    lab_defaults(&setup);
    for (int i = 0; i < NETWORKS; i++) {
        networks[0][i] = net_prefix_from_ip4(NET_IP4(192, 168, 1, 4 * i), 30);
        networks[1][i] = net_prefix_from_ip4(NET_IP4(192, 168, 2, 4 * i), 30);
    }
    for (int i = 0; i < 2; i++) {
        setup.peer[i].local_networks = networks[i];
        setup.peer[i].remote_networks = networks[1 - i];
        setup.peer[i].local_network_count = setup.peer[i].remote_network_count = NETWORKS;
        setup.peer[i].fragment_size = 576;
    }
    return setup;
}

struct sizes {
    size_t largest;
    unsigned fragments;
};

static void on_send(void *context, base_ns at, const struct ike_path *path, bool marker,
                    const uint8_t *bytes, size_t size)
{
    struct sizes *sizes = context;
    (void)at;
    (void)path;
    if (bytes[18] != IKE_EXCHANGE_IKE_SA_INIT && size + 28 + (marker ? 4 : 0) > sizes->largest)
        sizes->largest = size + 28 + (marker ? 4 : 0);
    sizes->fragments += bytes[16] == IKE_PAYLOAD_SKF;
}

static struct lab *lab_up_measured(const struct lab_setup *setup, struct sizes *sizes)
{
    struct lab *lab = lab_new(setup);
    lab->record = on_send;
    lab->record_context = sizes;
    lab_up(lab, LAB_A);
    return lab;
}

static void fragmented(void **state)
{
    (void)state;
    struct lab_setup setup = large_messages();
    struct sizes sizes = {0};
    struct lab *lab = lab_up_measured(&setup, &sizes);
    lab_pings(lab, 10 * BASE_MS);
    lab_rekey_child(lab, LAB_B);
    lab_settle(lab);
    lab_assert_sound(lab);
    assert_in_range(sizes.largest, 500, 576);
    assert_int_equal(sizes.fragments, 4 * 2); /* both exchanges, both messages */
    assert_int_equal(lab_child(lab, LAB_A, 0).local_ts_count, NETWORKS);
    lab_free(lab);
}

/* A size that an own header, IV and check value fill, or that makes more than 255 fragments: whole messages. */
static void no_room_for_fragments(void **state)
{
    (void)state;
    static const uint16_t sizes[] = {0, 60, 95};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct lab_setup setup = large_messages();
        struct sizes sent = {0};
        setup.peer[LAB_A].fragment_size = setup.peer[LAB_B].fragment_size = sizes[i];
        struct lab *lab = lab_up_measured(&setup, &sent);
        lab_rekey_child(lab, LAB_B);
        lab_settle(lab);
        lab_assert_sound(lab);
        if (sizes[i] < 95) /* else the small ones fit */
            assert_int_equal(sent.fragments, 0);
        lab_free(lab);
    }
}

static void not_fragmented_unless_both_can(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct lab_setup setup = large_messages();
        struct sizes sizes = {0};
        setup.peer[end].fragmentation = false;
        struct lab *lab = lab_up_measured(&setup, &sizes);
        assert_int_equal(sizes.fragments, 0);
        assert_true(sizes.largest > 800);
        lab_free(lab);
    }
}

/* Each fragment lost, doubled, late or damaged once. */
static void fragments_lost_doubled_late(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++)
        for (size_t i = 0; i < LAB_MISHAPS; i++) {
            struct lab_setup setup = large_messages();
            struct lab *lab = lab_new(&setup);
            struct lab_fault fault = lab_mishap(i, n);
            fault.exchange = IKE_EXCHANGE_IKE_AUTH;
            lab_fault(lab, fault);
            lab_initiate(lab, LAB_A);
            lab_run(lab, 30 * BASE_S);
            lab_end_soundly(lab);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nat_is_found),
        cmocka_unit_test(keepalives),
        cmocka_unit_test(no_float_without_mobike),
        cmocka_unit_test(forced_encapsulation),
        cmocka_unit_test(rebinding_without_mobike),
        cmocka_unit_test(rebinding_with_mobike),
        cmocka_unit_test(rebinding_before_the_first_check),
        cmocka_unit_test(rebinding_found_by_esp),
        cmocka_unit_test(spoofed_source),
        cmocka_unit_test(fragmented),
        cmocka_unit_test(no_room_for_fragments),
        cmocka_unit_test(not_fragmented_unless_both_can),
        cmocka_unit_test(fragments_lost_doubled_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
