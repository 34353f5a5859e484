#include "tests/test.h"

#include "sim/journal.h"
#include "sim/switch.h"
#include "sim/tap.h"
#include "tests/sim/probe.h"

struct timer {
    struct sim_event event;
    unsigned runs;
    base_ns every;
};

static void tick(struct sim_world *world, struct sim_event *event)
{
    struct timer *timer = SIM_OWNER(event, struct timer, event);
    timer->runs++;
    if (timer->every)
        sim_world_after(world, event, timer->every);
}

static void test_the_clock(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false);
    struct timer timer = {.event.run = tick, .every = 10 * BASE_MS};
    sim_world_after(world, &timer.event, 0);
    sim_world_run_until(world, BASE_S);
    assert_int_equal(timer.runs, 101); /* at 0 and at 1 s both */
    assert_int_equal(world->now, BASE_S);
    assert_int_equal(world->events, 101);
    assert_false(sim_world_step(world, BASE_S + 9 * BASE_MS));
    assert_int_equal(world->now, BASE_S);
    assert_true(sim_world_step(world, BASE_S + 10 * BASE_MS));
    assert_int_equal(world->now, BASE_S + 10 * BASE_MS);
    assert_int_equal(sim_world_leaks(world).timers, 1);
    assert_true(sim_world_cancel(world, &timer.event));
    assert_false(sim_world_cancel(world, &timer.event));
    assert_int_equal(sim_world_leaks(world).timers, 0);
    sim_world_free(world);
}

static void test_streams_belong_to_seed_and_name(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false), *other = sim_world_new(2, false);
    struct base_rng a, again, b, c;
    sim_world_rng(world, &a, "%s/loss", "internet");
    sim_world_rng(world, &again, "internet/%s", "loss");
    sim_world_rng(world, &b, "internet/jitter");
    sim_world_rng(other, &c, "internet/loss");
    uint64_t draw = base_rng_u64(&a);
    assert_int_equal(draw, base_rng_u64(&again));
    assert_int_not_equal(draw, base_rng_u64(&b));
    assert_int_not_equal(draw, base_rng_u64(&c));
    sim_world_free(world);
    sim_world_free(other);
}

static void test_nodes_and_ports_have_stable_names(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false);
    struct probe *a = probe_new(world, "txl-host1"), *b = probe_new(world, "txl-gw");
    static const uint8_t MAC_B[6] = {0x02, 0x74, 0x62, 0, 2, 0};
    assert_int_equal(a->node.id, 1);
    assert_int_equal(b->node.id, 2);
    assert_memory_equal(b->port.mac, MAC_B, 6);
    assert_ptr_equal(sim_world_find(world, "txl-gw"), &b->node);
    assert_null(sim_world_find(world, "lhr-gw"));
    probe_free(b);
    assert_null(sim_world_find(world, "txl-gw"));
    b = probe_new(world, "txl-gw"); /* ids are not used again: the journal names them */
    assert_int_equal(b->node.id, 3);
    probe_free(a);
    probe_free(b);
    sim_world_free(world);
}

static void test_an_unplugged_port_drops(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    struct probe *a = probe_new(world, "a");
    struct probe_tap tap;
    probe_tap_init(&tap);
    sim_tap_add(&a->port.taps, &tap.tap);
    probe_send(a, a->port.mac, 1, 50);
    assert_int_equal(tap.count, 1);
    assert_int_equal(sim_world_drops(world, a->node.id, SIM_REASON_NOT_PLUGGED), 1);
    assert_int_equal(world->packets.live, 0);
    sim_tap_remove(&a->port.taps, &tap.tap);
    assert_null(a->port.taps);
    probe_free(a);
    sim_world_free(world);
}

static void test_what_flies_at_the_end_is_told_and_freed(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    struct probe *a = probe_new(world, "a"), *b = probe_new(world, "b");
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = BASE_S};
    struct sim_switch *sw = sim_switch_new(world, "lan", &base);
    sim_switch_attach(sw, &a->port);
    sim_switch_attach(sw, &b->port);
    for (uint8_t i = 0; i < 3; i++)
        probe_send(a, b->port.mac, i, 50);
    struct timer timer = {.event.run = tick};
    sim_world_after(world, &timer.event, BASE_S);
    struct sim_packet *kept = sim_packet_new(world, 10, 0);
    struct sim_leaks leaks = sim_world_leaks(world);
    assert_int_equal(leaks.flights, 3);
    assert_int_equal(leaks.packets, 1);
    assert_int_equal(leaks.timers, 1);
    sim_packet_free(world, kept);
    sim_world_drain(world);
    leaks = sim_world_leaks(world);
    assert_int_equal(leaks.flights + leaks.packets, 0);
    assert_int_equal(leaks.timers, 1);
    sim_world_cancel(world, &timer.event);
    size_t last = sim_journal_count(world->journal) - 1;
    assert_int_equal(sim_journal_at(world->journal, last)->reason, SIM_REASON_END_OF_RUN);
    /* Ports may go before or after what they are plugged into. */
    probe_free(a);
    sim_switch_free(sw);
    assert_null(b->port.out);
    probe_free(b);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clock),
        cmocka_unit_test(test_streams_belong_to_seed_and_name),
        cmocka_unit_test(test_nodes_and_ports_have_stable_names),
        cmocka_unit_test(test_an_unplugged_port_drops),
        cmocka_unit_test(test_what_flies_at_the_end_is_told_and_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
