/*
 * Both ends initiate at once: every order in which the four messages of either handshake can arrive, with
 * each of the four nonces lowest. Both end with one IKE SA and one child that pair up; as soon as one handshake is
 * through, no ping is lost. (RFC 7296 sections 2.4 and 2.8.2 by analogy; libreswan's "crossing streams".)
 */
#include "tests/ike/lab.h"
#include "tests/test.h"

enum {
    MESSAGES = 4, /* of one handshake */
};

static void hold(struct lab *lab, int from, int response, const char *name)
{
    for (int e = IKE_EXCHANGE_IKE_SA_INIT; e <= IKE_EXCHANGE_IKE_AUTH; e++)
        lab_fault(lab, (struct lab_fault){.from = from,
                                          .exchange = (uint8_t)e,
                                          .response = response,
                                          .action = LAB_HOLD,
                                          .name = name});
}

/* `order` has a bit for each of the eight messages: 0 the next of A's handshake, 1 of B's. */
static void play(unsigned order, int lowest)
{
    struct lab_setup setup;
    unsigned through[2] = {0, 0};
    bool pinging = false;
    lab_defaults(&setup);
    lab_lowest_nonce(&setup, LAB_A, lowest);
    struct lab *lab = lab_new(&setup);
    hold(lab, LAB_A, 0, "A");
    hold(lab, LAB_B, 1, "A");
    hold(lab, LAB_B, 0, "B");
    hold(lab, LAB_A, 1, "B");
    lab_initiate(lab, LAB_A);
    lab_initiate(lab, LAB_B);
    for (unsigned i = 0; i < 2 * MESSAGES; i++) {
        unsigned whose = order >> i & 1;
        through[whose]++;
        assert_int_equal(lab_release(lab, whose ? "B" : "A"), 1);
        if (i == 2 * MESSAGES - 1)
            lab_heal(lab);
        lab_run(lab, 12 * BASE_MS);
        if (through[whose] == MESSAGES && !pinging) {
            lab_pings(lab, 3 * BASE_MS);
            pinging = true;
        }
    }
    lab_run(lab, 3 * BASE_S);
    lab_settle(lab);
    lab_assert_sound(lab);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            lab->ends[i].events[IKE_EVENT_IKE_UP] - lab->ends[i].events[IKE_EVENT_IKE_DOWN], 1);
        assert_int_equal(lab->ends[i].retransmissions, 0);
        assert_true(lab_peer(lab, i).ike_sas == 1);
    }
    lab_free(lab);
}

static unsigned bits(unsigned value)
{
    unsigned count = 0;
    for (; value; value >>= 1)
        count += value & 1;
    return count;
}

static void every_order(void **state)
{
    (void)state;
    unsigned orders = 0;
    for (unsigned order = 0; order < 1u << 2 * MESSAGES; order++) {
        if (bits(order) != MESSAGES)
            continue;
        orders++;
        for (int lowest = 0; lowest < 4; lowest++)
            play(order, lowest);
    }
    assert_int_equal(orders, 70);
}

/* Without a hand on the messages, both starting at a random moment of their first second. */
static void both_start_at_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        setup.seed = seed;
        setup.peer[0].start = setup.peer[1].start = IKE_START_AT_ONCE;
        struct lab *lab = lab_new(&setup);
        lab_run(lab, 2 * BASE_S);
        lab_pings(lab, 10 * BASE_MS);
        lab_run(lab, 100 * BASE_S);
        lab_end_soundly(lab);
    }
}

/* One of the messages is lost on the way, each in turn. */
static void one_message_lost(void **state)
{
    (void)state;
    for (unsigned lost = 0; lost < 8; lost++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        struct lab *lab = lab_new(&setup);
        lab_fault(lab, (struct lab_fault){.from = LAB_ANY,
                                          .response = LAB_ANY,
                                          .skip = lost,
                                          .count = 1,
                                          .action = LAB_DROP});
        lab_initiate(lab, LAB_A);
        lab_initiate(lab, LAB_B);
        lab_run(lab, 20 * BASE_S);
        lab_settle(lab);
        lab_pings(lab, 10 * BASE_MS);
        lab_run(lab, BASE_S);
        lab_end_soundly(lab);
    }
}

/* --- three nodes, each with a tunnel to both others, all starting at once --- */

static struct lab *mesh(uint64_t seed)
{
    static const char *const names[LAB_ENDS_MAX] = {"to-a", "to-b", "to-c"};
    static struct net_prefix lans[LAB_ENDS_MAX];
    struct lab_setup setup;
    struct ike_peer_config second[LAB_ENDS_MAX];
    lab_defaults(&setup);
    setup.ends = LAB_ENDS_MAX;
    setup.seed = seed;
    for (int i = 0; i < LAB_ENDS_MAX; i++)
        lans[i] = net_prefix_from_ip4(NET_IP4(192, 168, 1 + i, 0), 24);
    for (int i = 0; i < LAB_ENDS_MAX; i++) {
        struct ike_peer_config *c[2] = {&setup.peer[i], &second[i]};
        c[0]->start = IKE_START_AT_ONCE;
        second[i] = setup.peer[i];
        for (int k = 0; k < 2; k++) {
            int other = (i + 1 + k) % LAB_ENDS_MAX;
            c[k]->name = names[other];
            c[k]->reqid = (uint32_t)(1 + k);
            c[k]->remote = setup.peer[other].local;
            c[k]->remote_networks = &lans[other];
            c[k]->local_networks = &lans[i];
        }
    }
    struct lab *lab = lab_new(&setup);
    for (int i = 0; i < LAB_ENDS_MAX; i++)
        assert_int_equal(ike_endpoint_add_peer(lab_ep(lab, i), 0, &second[i]), 1);
    return lab;
}

static void three_nodes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct lab *lab = mesh(seed);
        lab_run(lab, 2 * BASE_S);
        lab_settle(lab);
        for (int i = 0; i < LAB_ENDS_MAX; i++) {
            struct ike_peer_info info;
            for (int peer = 0; peer < 2; peer++) {
                assert_true(ike_endpoint_peer(lab_ep(lab, i), peer, &info));
                assert_int_equal(info.state, IKE_PEER_ESTABLISHED);
                assert_int_equal(info.ike_sas, 1);
                assert_int_equal(info.children, 1);
            }
            /* Each outbound SA has its twin somewhere. */
            for (struct esp_sa *sa = esp_sad_first(lab->ends[i].sad); sa; sa = sa->next) {
                struct net_addr to = net_addr_from_ip4(sa->path.destination);
                if (sa->direction != ESP_SA_OUTBOUND)
                    continue;
                struct esp_sa *twin = NULL;
                for (int k = 0; k < LAB_ENDS_MAX; k++)
                    if (net_addr_equal(&lab->ends[k].address, &to))
                        twin = esp_sad_inbound(lab->ends[k].sad, sa->spi);
                assert_non_null(twin);
                assert_memory_equal(twin->key, sa->key, sizeof(sa->key));
            }
            assert_int_equal(esp_sad_count(lab->ends[i].sad), 4);
        }
        lab_free(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order),
        cmocka_unit_test(both_start_at_once),
        cmocka_unit_test(one_message_lost),
        cmocka_unit_test(three_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
