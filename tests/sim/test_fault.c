/* Exact faults: which packets they choose, and what is held and released. */
#include "tests/test.h"

#include "sim/journal.h"
#include "sim/link.h"
#include "sim/switch.h"
#include "tests/sim/probe.h"
#include "tests/sim/two.h"

static void lan_init(struct lan *lan)
{
    *lan = lan_new(1, NULL);
    sim_link_add_tap(lan->link, &lan->tap.tap);
}

static void run(struct lan *lan)
{
    sim_world_run_until(lan->world, lan->world->now + 10 * BASE_S);
}

/* Sends numbers from..to from a to b and returns which of them b got since the last time. */
static const char *cross(struct lan *lan, uint8_t from, uint8_t to)
{
    static char text[128];
    probe_clear(lan->b);
    for (unsigned i = from; i <= to; i++)
        probe_send(lan->a, lan->b->port.mac, (uint8_t)i, 86);
    run(lan);
    return probe_numbers(lan->b, text, sizeof(text));
}

static bool is_even(void *context, const struct sim_packet *frame)
{
    (void)context;
    return sim_packet_data(frame)[sim_packet_size(frame) - 1] % 2 == 0;
}

static void test_drops_by_number(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, last;
        bool even;
        const char *arrived;
        unsigned matched, applied;
    } CASES[] = {
        {2, 2, false, "134567", 7, 1}, {2, 4, false, "1567", 7, 3},    {0, 0, false, "", 7, 7},
        {5, 0, false, "1234", 7, 3},   {2, 2, true, "123567", 3, 1}, /* the second even one */
        {0, 0, true, "1357", 3, 3},    {8, 9, false, "1234567", 7, 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct lan lan;
        lan_init(&lan);
        struct sim_fault *fault = sim_link_add_fault(
            lan.link, &(struct sim_fault_config){.action = SIM_FAULT_DROP,
                                                 .match = CASES[i].even ? is_even : NULL,
                                                 .first = CASES[i].first,
                                                 .last = CASES[i].last});
        assert_string_equal(cross(&lan, 1, 7), CASES[i].arrived);
        assert_int_equal(sim_fault_matched(fault), CASES[i].matched);
        assert_int_equal(sim_fault_applied(fault), CASES[i].applied);
        assert_int_equal(sim_world_drops(lan.world, 0, SIM_REASON_FAULT), CASES[i].applied);
        lan_free(&lan);
    }
}

/* `b` of the first record of that kind; what is not there has none. */
static uint64_t second_number(const struct sim_world *world, enum sim_kind kind)
{
    for (size_t i = 0; i < sim_journal_count(world->journal); i++)
        if (sim_journal_at(world->journal, i)->kind == kind)
            return sim_journal_at(world->journal, i)->b;
    fail();
    return 0;
}

/* What a fault does is journaled with its number. */
static void test_numbers(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    const struct sim_fault_config faults[] = {
        {.action = SIM_FAULT_DELAY, .delay_ns = BASE_MS, .first = 1, .last = 1, .number = 7},
        {.action = SIM_FAULT_CORRUPT, .amount = 1, .first = 2, .last = 2, .number = 8},
        {.action = SIM_FAULT_HOLD, .hold = "x", .first = 3, .last = 3, .number = 9},
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sim_link_add_fault(lan.link, &faults[i]);
    (void)cross(&lan, 1, 3);
    assert_int_equal(second_number(lan.world, SIM_KIND_DELAYED), 7);
    assert_int_equal(second_number(lan.world, SIM_KIND_CORRUPTED) >> 32, 8);
    assert_int_equal(second_number(lan.world, SIM_KIND_HELD), 9);
    sim_link_release(lan.link, "x");
    run(&lan);
    lan_free(&lan);
}

static void test_a_healed_fault_does_nothing(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    struct sim_fault_config drop = {.action = SIM_FAULT_DROP, .first = 1, .last = 1};
    struct sim_fault *fault = sim_link_add_fault(lan.link, &drop);
    assert_string_equal(cross(&lan, 1, 3), "23");
    sim_link_heal(lan.link, fault);
    assert_string_equal(cross(&lan, 1, 3), "123");
    sim_link_add_fault(lan.link, &drop); /* counts from one again */
    sim_link_add_fault(lan.link, &drop);
    assert_string_equal(cross(&lan, 1, 3), "23"); /* both count the same frame */
    sim_link_heal_all(lan.link);
    assert_string_equal(cross(&lan, 1, 3), "123");
    assert_string_equal(lan.tap.text, "dropped by a fault\n-\n-\n-\n-\n-\n"
                                      "dropped by a fault\n-\n-\n-\n-\n-\n");
    lan_free(&lan);
}

static void test_from_a_node_and_over_all(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    struct sim_fault *both = sim_link_add_fault(
        lan.link, &(struct sim_fault_config){.action = SIM_FAULT_DROP, .first = 2, .last = 2});
    struct sim_fault *from_b = sim_link_add_fault(
        lan.link, &(struct sim_fault_config){
                      .action = SIM_FAULT_DROP, .from = &lan.b->node, .first = 1, .last = 1});
    probe_send(lan.a, lan.b->port.mac, 1, 86);
    probe_send(lan.b, lan.a->port.mac, 2, 86); /* the link's second, b's first */
    probe_send(lan.a, lan.b->port.mac, 3, 86);
    probe_send(lan.b, lan.a->port.mac, 4, 86);
    run(&lan);
    assert_int_equal(lan.b->count, 2);
    assert_int_equal(lan.a->count, 1);
    assert_int_equal(lan.a->frames[0].bytes[99], 4);
    assert_int_equal(sim_fault_matched(both), 4); /* one count over both directions */
    assert_int_equal(sim_fault_matched(from_b), 2);
    assert_int_equal(sim_fault_applied(from_b), 1); /* even though it was dropped before */
    lan_free(&lan);
}

static void test_impairments_stack_and_the_later_wins(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    struct sim_fault_config slow = {
        .action = SIM_FAULT_IMPAIR,
        .impairment = {.set = SIM_IMPAIR_DELAY | SIM_IMPAIR_MTU, .delay_ns = 5, .mtu = 1000}};
    struct sim_fault_config slower = {.action = SIM_FAULT_IMPAIR,
                                      .from = &lan.a->node,
                                      .impairment = {.set = SIM_IMPAIR_DELAY, .delay_ns = 9}};
    struct sim_fault *first = sim_link_add_fault(lan.link, &slow);
    struct sim_fault *second = sim_link_add_fault(lan.link, &slower);
    const struct sim_impairment *at_a = sim_pipe_impairment(lan.a->port.out);
    const struct sim_impairment *at_b = sim_pipe_impairment(lan.b->port.out);
    assert_int_equal(at_a->delay_ns, 9);
    assert_int_equal(at_a->mtu, 1000);
    assert_int_equal(at_b->delay_ns, 5);
    sim_link_heal(lan.link, second);
    assert_int_equal(at_a->delay_ns, 5);
    sim_link_heal(lan.link, first);
    assert_int_equal(at_a->set, 0);
    sim_link_remove_tap(lan.link, &lan.tap.tap);
    assert_true(lan.a->port.out->plain);
    lan_free(&lan);
}

static void test_duplicate_delay_and_corrupt(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    sim_link_add_fault(lan.link,
                       &(struct sim_fault_config){
                           .action = SIM_FAULT_DUPLICATE, .amount = 2, .first = 1, .last = 1});
    sim_link_add_fault(
        lan.link, &(struct sim_fault_config){
                      .action = SIM_FAULT_DELAY, .delay_ns = 3 * BASE_S, .first = 2, .last = 2});
    sim_link_add_fault(lan.link,
                       &(struct sim_fault_config){
                           .action = SIM_FAULT_CORRUPT, .amount = 3, .first = 3, .last = 3});
    cross(&lan, 1, 4);
    static const struct {
        uint8_t number;
        base_ns at;
    } ARRIVALS[] = {{1, 0}, {1, 0}, {1, 0}, {3, 0}, {4, 0}, {2, 3 * BASE_S}};
    assert_int_equal(lan.b->count, 6);
    unsigned bits = 0;
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(lan.b->frames[i].at, ARRIVALS[i].at);
        if (i != 3) {
            assert_int_equal(lan.b->frames[i].bytes[99], ARRIVALS[i].number);
            continue;
        }
        for (unsigned byte = 14; byte < 100; byte++) /* zeros but for the number */
            bits +=
                (unsigned)__builtin_popcount(lan.b->frames[i].bytes[byte] ^ (byte == 99 ? 3u : 0u));
    }
    assert_int_equal(bits, 3);
    assert_string_equal(lan.tap.text, "duplicated (2 copies)\ndelayed 3s\ncorrupted\n-\n");
    lan_free(&lan);
}

static void test_hold_and_release_in_another_order(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    char text[64];
    sim_link_add_fault(lan.link, &(struct sim_fault_config){
                                     .action = SIM_FAULT_HOLD, .hold = "x", .first = 1, .last = 1});
    sim_link_add_fault(lan.link, &(struct sim_fault_config){
                                     .action = SIM_FAULT_HOLD, .hold = "y", .first = 2, .last = 3});
    assert_string_equal(cross(&lan, 1, 4), "4");
    assert_int_equal(sim_link_held(lan.link, NULL), 3);
    assert_int_equal(sim_link_held(lan.link, "y"), 2);
    assert_int_equal(sim_link_held(lan.link, "z"), 0);
    assert_string_equal(lan.tap.text, "held as x\nheld as y\nheld as y\n-\n");
    assert_int_equal(sim_link_release(lan.link, "y"), 2);
    run(&lan);
    assert_int_equal(sim_link_release(lan.link, "x"), 1);
    assert_int_equal(sim_link_release(lan.link, "x"), 0);
    assert_int_equal(sim_link_release(lan.link, "z"), 0);
    run(&lan);
    assert_string_equal(probe_numbers(lan.b, text, sizeof(text)), "4231");
    assert_int_equal(lan.tap.count, 4); /* a released frame does not enter twice */
    lan_free(&lan);
}

static void test_what_is_held_survives_healing_and_is_freed_at_the_end(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    struct sim_fault_config hold = {.action = SIM_FAULT_HOLD, .hold = "x"};
    struct sim_fault *fault = sim_link_add_fault(lan.link, &hold);
    assert_string_equal(cross(&lan, 1, 3), "");
    sim_link_heal(lan.link, fault);
    assert_int_equal(sim_link_held(lan.link, "x"), 3);
    assert_int_equal(sim_link_release(lan.link, "x"), 3);
    run(&lan);
    assert_int_equal(lan.b->count, 3);
    sim_link_add_fault(lan.link, &hold);
    assert_string_equal(cross(&lan, 4, 5), "");
    assert_int_equal(lan.world->packets.live, 2);
    lan_free(&lan); /* asserts that nothing is left */
}

static void test_released_frames_meet_no_exact_fault_and_no_loss(void **state)
{
    (void)state;
    struct lan lan;
    lan_init(&lan);
    struct sim_impairment lossy = {
        .set = SIM_IMPAIR_LOSS | SIM_IMPAIR_DELAY, .loss = 1, .delay_ns = BASE_MS};
    sim_link_set_base(lan.link, &lossy);
    sim_link_add_fault(lan.link, &(struct sim_fault_config){.action = SIM_FAULT_HOLD, .hold = "x"});
    assert_string_equal(cross(&lan, 1, 2), "");
    base_ns now = lan.world->now;
    assert_int_equal(sim_link_release(lan.link, "x"), 2);
    run(&lan);
    assert_int_equal(lan.b->count, 2);
    assert_int_equal(lan.b->frames[0].at, now + BASE_MS);
    lan_free(&lan);
}

static void count_free(void *context)
{
    ++*(unsigned *)context;
}

static void test_contexts_are_freed_once(void **state)
{
    (void)state;
    unsigned freed = 0;
    struct lan lan;
    lan_init(&lan);
    struct sim_fault_config config = {
        .action = SIM_FAULT_DROP, .match = is_even, .context = &freed, .context_free = count_free};
    struct sim_fault *fault = sim_link_add_fault(lan.link, &config);
    sim_link_add_fault(lan.link, &config);
    sim_link_heal(lan.link, fault);
    assert_int_equal(freed, 1);
    lan_free(&lan);
    assert_int_equal(freed, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drops_by_number),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_a_healed_fault_does_nothing),
        cmocka_unit_test(test_from_a_node_and_over_all),
        cmocka_unit_test(test_impairments_stack_and_the_later_wins),
        cmocka_unit_test(test_duplicate_delay_and_corrupt),
        cmocka_unit_test(test_hold_and_release_in_another_order),
        cmocka_unit_test(test_what_is_held_survives_healing_and_is_freed_at_the_end),
        cmocka_unit_test(test_released_frames_meet_no_exact_fault_and_no_loss),
        cmocka_unit_test(test_contexts_are_freed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
