/* What impairments do to frames between two ports of a LAN. */
#include "tests/test.h"

#include "sim/journal.h"
#include "sim/link.h"
#include "sim/switch.h"
#include "tests/sim/probe.h"
#include "tests/sim/two.h"

static void send_many(struct lan *lan, unsigned count, base_ns every)
{
    for (unsigned i = 0; i < count; i++) {
        probe_send(lan->a, lan->b->port.mac, (uint8_t)i, 86); /* 100 bytes on the wire */
        sim_world_run_until(lan->world, lan->world->now + every);
    }
    sim_world_run_until(lan->world, lan->world->now + 100 * BASE_S);
}

static void test_a_plain_link_only_delays(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = 100 * BASE_US};
    struct lan lan = lan_new(1, &base);
    assert_true(lan.a->port.out->plain);
    uint64_t id = probe_send(lan.a, lan.b->port.mac, 1, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_int_equal(lan.b->count, 1);
    assert_int_equal(lan.b->frames[0].at, 100 * BASE_US);
    assert_int_equal(lan.b->frames[0].id, id);
    assert_int_equal(lan.world->events, 1);
    assert_int_equal(lan.a->count, 0);
    lan_free(&lan);
}

static void test_equal_delays_keep_the_order(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = BASE_MS};
    struct lan lan = lan_new(1, &base);
    for (uint8_t i = 0; i < 200; i++)
        probe_send(lan.a, lan.b->port.mac, i, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_int_equal(lan.b->count, 200);
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(lan.b->frames[i].bytes[99], i);
    lan_free(&lan);
}

/* Which of `count` frames arrive, as a line of x (arrived) and . (lost). */
static void mask_of(const struct lan *lan, unsigned count, char *mask)
{
    memset(mask, '.', count);
    mask[count] = 0;
    for (size_t i = 0; i < lan->b->count; i++)
        mask[lan->b->frames[i].bytes[99]] = 'x';
}

static void test_loss_repeats_for_a_seed_and_hits_its_share(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_LOSS, .loss = 0.3};
    char masks[3][65];
    static const uint64_t SEEDS[3] = {1, 1, 2};
    for (unsigned i = 0; i < 3; i++) {
        struct lan lan = lan_new(SEEDS[i], &base);
        send_many(&lan, 64, BASE_MS);
        mask_of(&lan, 64, masks[i]);
        assert_int_equal(sim_world_drops(lan.world, sim_switch_id(lan.sw), SIM_REASON_LOSS),
                         64 - lan.b->count);
        lan_free(&lan);
    }
    assert_string_equal(masks[0], masks[1]);
    assert_string_not_equal(masks[0], masks[2]);

    struct lan lan = lan_new(3, &base);
    send_many(&lan, 4000, BASE_MS);
    assert_in_range(lan.b->count, 4000 * 0.67, 4000 * 0.73);
    lan_free(&lan);
}

static void test_loss_of_all_and_of_none(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_LOSS, .loss = 1};
    struct lan lan = lan_new(1, &base);
    sim_link_add_tap(lan.link, &lan.tap.tap);
    send_many(&lan, 2, BASE_MS);
    assert_int_equal(lan.b->count, 0);
    base.loss = 0;
    sim_link_set_base(lan.link, &base);
    send_many(&lan, 2, BASE_MS);
    assert_int_equal(lan.b->count, 2);
    assert_string_equal(lan.tap.text, "lost (100% loss)\nlost (100% loss)\n-\n-\n");
    lan_free(&lan);
}

/* Other draws must not move the losses: each kind has its own stream. */
static void test_one_kind_of_chance_does_not_move_another(void **state)
{
    (void)state;
    char masks[2][65];
    for (unsigned i = 0; i < 2; i++) {
        struct sim_impairment base = {.set = SIM_IMPAIR_LOSS, .loss = 0.4};
        if (i == 1) {
            base.set |= SIM_IMPAIR_JITTER | SIM_IMPAIR_DUPLICATE | SIM_IMPAIR_CORRUPT;
            base.jitter_ns = 5 * BASE_US;
            base.duplicate = 0.5;
        }
        struct lan lan = lan_new(7, &base);
        send_many(&lan, 64, BASE_MS);
        mask_of(&lan, 64, masks[i]);
        lan_free(&lan);
    }
    assert_string_equal(masks[0], masks[1]);
}

static void test_bursts_lose_neighbours(void **state)
{
    (void)state;
    /* Certain transitions make a pattern that can be read: netem moves the state first and loses by
     * the state left, so good, bad, good, bad ... */
    struct sim_impairment base = {.set = SIM_IMPAIR_BURST,
                                  .burst = {.p = 1, .r = 1, .loss_bad = 1, .loss_good = 0}};
    struct lan lan = lan_new(1, &base);
    char mask[9];
    send_many(&lan, 8, BASE_MS);
    mask_of(&lan, 8, mask);
    assert_string_equal(mask, "x.x.x.x.");
    lan_free(&lan);

    /* Mean burst 1 / r = 10 frames; share of bad p / (p + r) = 9 %. */
    base.burst = (struct sim_burst){.p = 0.01, .r = 0.1, .loss_bad = 1};
    lan = lan_new(1, &base);
    for (unsigned i = 0; i < 4000; i++)
        probe_send(lan.a, lan.b->port.mac, 0, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_in_range(4000 - lan.b->count, 200, 560);
    lan_free(&lan);
}

static void test_duplicates_are_packets_of_their_own(void **state)
{
    (void)state;
    struct sim_impairment base = {
        .set = SIM_IMPAIR_DUPLICATE | SIM_IMPAIR_DELAY, .duplicate = 1, .delay_ns = BASE_MS};
    struct lan lan = lan_new(1, &base);
    sim_link_add_tap(lan.link, &lan.tap.tap);
    uint64_t id = probe_send(lan.a, lan.b->port.mac, 5, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_int_equal(lan.b->count, 2);
    uint64_t ids[2] = {lan.b->frames[0].id, lan.b->frames[1].id};
    assert_true((ids[0] == id) != (ids[1] == id));
    unsigned copy = ids[0] == id;
    assert_int_equal(lan.b->frames[copy].parent, id);
    assert_memory_equal(lan.b->frames[0].bytes, lan.b->frames[1].bytes, 100);
    assert_string_equal(lan.tap.text, "duplicated\n"); /* it entered once */
    lan_free(&lan);
}

static void test_corruption_turns_one_bit_behind_the_ethernet_header(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_CORRUPT, .corrupt = 1};
    struct lan lan = lan_new(1, &base);
    sim_link_add_tap(lan.link, &lan.tap.tap);
    for (unsigned i = 0; i < 500; i++) {
        probe_send(lan.a, lan.b->port.mac, 9, 86);
        sim_world_run_until(lan.world, lan.world->now + 1);
        unsigned bits = 0;
        for (unsigned byte = 0; byte < 100; byte++) {
            unsigned difference = lan.b->frames[i].bytes[byte] ^ lan.tap.last[byte];
            assert_true(byte >= 14 || !difference);
            bits += (unsigned)__builtin_popcount(difference);
        }
        assert_int_equal(bits, 1); /* and the tap saw what was sent */
    }
    assert_int_equal(strncmp(lan.tap.text, "corrupted\ncorrupted\n", 20), 0);
    lan_free(&lan);
}

static void test_jitter_is_uniform_around_the_delay_and_reorders(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY | SIM_IMPAIR_JITTER,
                                  .delay_ns = 10 * BASE_MS,
                                  .jitter_ns = 3 * BASE_MS};
    struct lan lan = lan_new(1, &base);
    base_ns lowest = BASE_NEVER, highest = 0, sum = 0;
    for (unsigned i = 0; i < 2000; i++) {
        base_ns sent = lan.world->now;
        probe_send(lan.a, lan.b->port.mac, 0, 86);
        sim_world_run_until(lan.world, sent + BASE_S);
        base_ns delay = lan.b->frames[i].at - sent;
        lowest = delay < lowest ? delay : lowest;
        highest = delay > highest ? delay : highest;
        sum += delay;
    }
    assert_in_range(lowest, 7 * BASE_MS, 7 * BASE_MS + 30 * BASE_US);
    assert_in_range(highest, 13 * BASE_MS - 30 * BASE_US, 13 * BASE_MS);
    assert_in_range(sum / 2000, 10 * BASE_MS - 150 * BASE_US, 10 * BASE_MS + 150 * BASE_US);

    probe_clear(lan.b);
    char text[64];
    for (uint8_t i = 0; i < 6; i++)
        probe_send(lan.a, lan.b->port.mac, i, 86);
    sim_world_run_until(lan.world, lan.world->now + BASE_S);
    assert_int_equal(lan.b->count, 6);
    assert_string_not_equal(probe_numbers(lan.b, text, sizeof(text)), "012345");
    lan_free(&lan);
}

static void test_reordered_frames_overtake(void **state)
{
    (void)state;
    struct sim_impairment base = {
        .set = SIM_IMPAIR_DELAY | SIM_IMPAIR_REORDER, .delay_ns = 10 * BASE_MS, .reorder = 1};
    struct lan lan = lan_new(1, &base);
    char text[64];
    sim_link_add_tap(lan.link, &lan.tap.tap);
    base.reorder = 0;
    sim_link_set_base(lan.link, &base);
    probe_send(lan.a, lan.b->port.mac, 1, 86);
    base.reorder = 1;
    sim_link_set_base(lan.link, &base);
    probe_send(lan.a, lan.b->port.mac, 2, 86);
    base.reorder_ns = 7 * BASE_MS;
    sim_link_set_base(lan.link, &base);
    probe_send(lan.a, lan.b->port.mac, 3, 86);
    base.reorder = 0;
    sim_link_set_base(lan.link, &base);
    probe_send(lan.a, lan.b->port.mac, 4, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_string_equal(probe_numbers(lan.b, text, sizeof(text)), "2143");
    assert_int_equal(lan.b->frames[0].at, 0);
    assert_int_equal(lan.b->frames[3].at, 17 * BASE_MS);
    assert_string_equal(lan.tap.text, "-\nreordered (sent ahead)\nreordered (7ms late)\n-\n");
    lan_free(&lan);
}

/* 100 bytes at 8 Mbit/s take 100 us. */
static void test_rate_and_delay(void **state)
{
    (void)state;
    struct sim_impairment base = {
        .set = SIM_IMPAIR_DELAY | SIM_IMPAIR_RATE, .delay_ns = BASE_MS, .rate_bps = 8000000};
    struct lan lan = lan_new(1, &base);
    sim_link_add_tap(lan.link, &lan.tap.tap);
    for (uint8_t i = 0; i < 3; i++)
        probe_send(lan.a, lan.b->port.mac, i, 86);
    sim_world_run_until(lan.world, 10 * BASE_MS);
    probe_send(lan.a, lan.b->port.mac, 3, 86); /* the line is free again */
    sim_world_run_until(lan.world, BASE_S);
    static const base_ns ARRIVALS[4] = {1100 * BASE_US, 1200 * BASE_US, 1300 * BASE_US,
                                        11100 * BASE_US};
    assert_int_equal(lan.b->count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(lan.b->frames[i].at, ARRIVALS[i]);
    assert_string_equal(lan.tap.text, "-\nqueued for 100us\nqueued for 200us\n-\n");
    lan_free(&lan);
}

static void test_queues_drop_their_tail(void **state)
{
    (void)state;
    static const struct {
        uint32_t bytes, packets;
        const char *arrived;
    } CASES[] = {
        {0, 2, "012"},                         /* one is being sent, two wait */
        {250, 0, "012"},                       /* two of 100 bytes fit into 250 */
        {300, 0, "0123"},                      /* exactly three */
        {299, 0, "012"},      {1000, 1, "01"}, /* both limits hold */
        {0, 0, "0123456789"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct sim_impairment base = {.set = SIM_IMPAIR_RATE | SIM_IMPAIR_QUEUE,
                                      .rate_bps = 8000000,
                                      .queue_bytes = CASES[i].bytes,
                                      .queue_packets = CASES[i].packets};
        struct lan lan = lan_new(1, &base);
        char text[64];
        for (uint8_t n = 0; n < 10; n++)
            probe_send(lan.a, lan.b->port.mac, n, 86);
        sim_world_run_until(lan.world, BASE_S);
        assert_string_equal(probe_numbers(lan.b, text, sizeof(text)), CASES[i].arrived);
        assert_int_equal(sim_world_drops(lan.world, 0, SIM_REASON_QUEUE_FULL),
                         10 - strlen(CASES[i].arrived));
        lan_free(&lan);
    }
}

/* A long run over a small queue: the ring of waiting frames wraps and grows. */
static void test_a_loaded_line_is_never_idle(void **state)
{
    (void)state;
    struct sim_impairment base = {
        .set = SIM_IMPAIR_RATE | SIM_IMPAIR_QUEUE, .rate_bps = 8000000, .queue_packets = 30};
    struct lan lan = lan_new(1, &base);
    for (unsigned i = 0; i < 2000; i++) {
        probe_send(lan.a, lan.b->port.mac, (uint8_t)i, 86);
        sim_world_run_until(lan.world, lan.world->now + 60 * BASE_US);
    }
    sim_world_run_until(lan.world, lan.world->now + BASE_S);
    /* 120 ms of arrivals, 100 us a frame, and 30 that waited at the end. */
    assert_in_range(lan.b->count, 1228, 1232);
    for (size_t i = 1; i < lan.b->count; i++)
        assert_int_equal(lan.b->frames[i].at - lan.b->frames[i - 1].at, 100 * BASE_US);
    lan_free(&lan);
}

static void test_without_a_queue_a_thousand_packets_wait(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_RATE, .rate_bps = 8000000};
    struct lan lan = lan_new(1, &base);
    for (unsigned i = 0; i < 1500; i++)
        probe_send(lan.a, lan.b->port.mac, 0, 86);
    sim_world_run_until(lan.world, BASE_S);
    assert_int_equal(lan.b->count, 1001);
    lan_free(&lan);
}

static void test_mtu_of_a_lan_drops_without_a_word(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_MTU, .mtu = 1400};
    struct lan lan = lan_new(1, &base);
    assert_true(lan.a->port.out->plain);
    probe_send(lan.a, lan.b->port.mac, 1, 1404); /* a Linux bridge lets a VLAN tag's bytes pass */
    probe_send(lan.a, lan.b->port.mac, 2, 1405);
    sim_link_add_tap(lan.link, &lan.tap.tap);
    probe_send(lan.a, lan.b->port.mac, 3, 1405);
    sim_world_run_until(lan.world, BASE_S);
    assert_int_equal(lan.b->count, 1);
    assert_int_equal(lan.a->count, 0);
    assert_int_equal(sim_world_drops(lan.world, 0, SIM_REASON_LINK_MTU), 2);
    assert_string_equal(lan.tap.text, "dropped: larger than the link's MTU of 1400\n");
    lan_free(&lan);
}

static void test_down(void **state)
{
    (void)state;
    struct sim_impairment base = {
        .set = SIM_IMPAIR_DOWN | SIM_IMPAIR_DUPLICATE, .down = true, .duplicate = 1};
    struct lan lan = lan_new(1, &base);
    send_many(&lan, 3, BASE_MS);
    assert_int_equal(lan.b->count, 0);
    assert_int_equal(sim_world_drops(lan.world, 0, SIM_REASON_LINK_DOWN), 3);
    lan_free(&lan);
}

static void test_taps_of_ports_see_both_ways(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_LOSS, .loss = 1};
    struct lan lan = lan_new(1, NULL);
    struct probe_tap at_b;
    probe_tap_init(&at_b);
    sim_tap_add(&lan.a->port.taps, &lan.tap.tap);
    sim_tap_add(&lan.b->port.taps, &at_b.tap);
    send_many(&lan, 1, BASE_MS);
    sim_link_set_base(lan.link, &base);
    send_many(&lan, 1, BASE_MS);
    assert_string_equal(lan.tap.text, "-\nlost (100% loss)\n");
    assert_string_equal(at_b.text, "-\n");
    sim_tap_remove(&lan.a->port.taps, &lan.tap.tap);
    sim_tap_remove(&lan.b->port.taps, &at_b.tap);
    lan_free(&lan);
}

static void test_merging(void **state)
{
    (void)state;
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY | SIM_IMPAIR_LOSS | SIM_IMPAIR_QUEUE,
                                  .delay_ns = 5,
                                  .loss = 0.1,
                                  .queue_bytes = 9};
    struct sim_impairment over = {.set = SIM_IMPAIR_LOSS | SIM_IMPAIR_QUEUE,
                                  .delay_ns = 77, /* not named: does not count */
                                  .loss = 0.2,
                                  .queue_packets = 3};
    sim_impairment_merge(&base, &over);
    assert_int_equal(base.set, SIM_IMPAIR_DELAY | SIM_IMPAIR_LOSS | SIM_IMPAIR_QUEUE);
    assert_int_equal(base.delay_ns, 5);
    assert_true(base.loss == 0.2);
    assert_int_equal(base.queue_bytes, 0);
    assert_int_equal(base.queue_packets, 3);
}

/* The same lossy, jittered, rate-limited program twice: the journals agree record by record. */
static struct sim_world *noisy_run(uint64_t seed)
{
    struct sim_impairment base = {
        .set = SIM_IMPAIR_LOSS | SIM_IMPAIR_BURST | SIM_IMPAIR_DUPLICATE | SIM_IMPAIR_REORDER |
               SIM_IMPAIR_CORRUPT | SIM_IMPAIR_DELAY | SIM_IMPAIR_JITTER | SIM_IMPAIR_RATE |
               SIM_IMPAIR_QUEUE,
        .loss = 0.05,
        .duplicate = 0.1,
        .reorder = 0.1,
        .corrupt = 0.1,
        .burst = {.p = 0.05, .r = 0.3, .loss_bad = 0.9, .loss_good = 0.01},
        .delay_ns = 3 * BASE_MS,
        .jitter_ns = BASE_MS,
        .rate_bps = 10000000,
        .queue_packets = 20};
    struct lan lan = lan_new(seed, &base);
    for (unsigned i = 0; i < 1000; i++) {
        probe_send(lan.a, lan.b->port.mac, (uint8_t)i, 60 + i % 900);
        probe_send(lan.b, lan.a->port.mac, (uint8_t)i, 60);
        sim_world_run_until(lan.world, lan.world->now + 300 * BASE_US);
    }
    sim_world_run_until(lan.world, lan.world->now + BASE_S);
    assert_int_equal(lan.world->packets.live, 0);
    sim_switch_free(lan.sw);
    probe_free(lan.a);
    probe_free(lan.b);
    return lan.world;
}

static void test_a_run_repeats(void **state)
{
    (void)state;
    struct sim_world *one = noisy_run(5), *two = noisy_run(5), *other = noisy_run(6);
    size_t count = sim_journal_count(one->journal);
    assert_true(count > 5000);
    assert_int_equal(sim_journal_count(two->journal), count);
    bool differs = sim_journal_count(other->journal) != count;
    for (size_t i = 0; i < count; i++) {
        const struct sim_record *record = sim_journal_at(one->journal, i);
        assert_memory_equal(record, sim_journal_at(two->journal, i), sizeof(*record));
        differs =
            differs || memcmp(record, sim_journal_at(other->journal, i), sizeof(*record)) != 0;
    }
    assert_true(differs);
    sim_world_free(one);
    sim_world_free(two);
    sim_world_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_link_only_delays),
        cmocka_unit_test(test_equal_delays_keep_the_order),
        cmocka_unit_test(test_loss_repeats_for_a_seed_and_hits_its_share),
        cmocka_unit_test(test_loss_of_all_and_of_none),
        cmocka_unit_test(test_one_kind_of_chance_does_not_move_another),
        cmocka_unit_test(test_bursts_lose_neighbours),
        cmocka_unit_test(test_duplicates_are_packets_of_their_own),
        cmocka_unit_test(test_corruption_turns_one_bit_behind_the_ethernet_header),
        cmocka_unit_test(test_jitter_is_uniform_around_the_delay_and_reorders),
        cmocka_unit_test(test_reordered_frames_overtake),
        cmocka_unit_test(test_rate_and_delay),
        cmocka_unit_test(test_queues_drop_their_tail),
        cmocka_unit_test(test_a_loaded_line_is_never_idle),
        cmocka_unit_test(test_without_a_queue_a_thousand_packets_wait),
        cmocka_unit_test(test_mtu_of_a_lan_drops_without_a_word),
        cmocka_unit_test(test_down),
        cmocka_unit_test(test_taps_of_ports_see_both_ways),
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_a_run_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
