/*
 * In which order the memory of nodes is fetched. That it is fetched cannot be seen; that a list is made anew can, and that
 * happens at its first, second and fourth use.
 */
#include "tests/test.h"

#include "sim/node.h"
#include "sim/warm.h"
#include "sim/world.h"

enum {
    STOPS = 4,
    LONG = 10000 /* events after which nothing is in the cache any more */
};

struct stop {
    struct sim_node node;
    struct sim_port port;
    struct sim_warm_list *list;
    unsigned made;
};

struct street {
    struct sim_world *world;
    struct sim_warmer *warmer;
    struct stop stops[STOPS];
};

static void count(struct sim_node *node, uint16_t port, struct base_warm *set)
{
    (void)port;
    (void)set;
    SIM_OWNER(node, struct stop, node)->made++;
}

static void setup(struct street *street)
{
    static const char *const names[STOPS] = {"a", "b", "c", "d"};
    *street = (struct street){.world = sim_world_new(1, false)};
    street->warmer = sim_warmer_new(street->world);
    for (size_t i = 0; i < STOPS; i++) {
        struct stop *stop = &street->stops[i];
        sim_node_init(&stop->node, street->world, names[i]);
        stop->node.list_memory = count;
        sim_port_init(&stop->port, &stop->node, "eth0", 0, 1500);
        stop->list = sim_warmer_list(street->warmer, &stop->port);
    }
}

static void teardown(struct street *street)
{
    sim_warmer_free(street->warmer);
    for (size_t i = 0; i < STOPS; i++) {
        sim_port_fini(&street->stops[i].port);
        sim_node_fini(&street->stops[i].node);
    }
    sim_world_free(street->world);
}

/* The next event, `passed` events later. */
static void turn(struct street *street, uint64_t passed)
{
    street->world->events += passed;
    sim_warmer_turn(street->warmer);
}

static void assert_made(const struct street *street, unsigned a, unsigned b, unsigned c, unsigned d)
{
    assert_int_equal(street->stops[0].made, a);
    assert_int_equal(street->stops[1].made, b);
    assert_int_equal(street->stops[2].made, c);
    assert_int_equal(street->stops[3].made, d);
}

/* A frame from the first stop to the last, with an event at each. */
static void walk(struct street *street)
{
    for (size_t i = 0; i + 1 < STOPS; i++) {
        sim_warmer_arrive(street->warmer, street->stops[i].list);
        sim_warmer_expect(street->warmer, street->stops[i + 1].list);
        turn(street, 1);
    }
}

static void a_departure_fetches_the_next_stop(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    sim_warmer_expect(street.warmer, NULL);
    turn(&street, 1);
    assert_made(&street, 0, 0, 0, 0);
    walk(&street);
    assert_made(&street, 0, 1, 1, 1);
    teardown(&street);
}

static void a_known_way_is_fetched_stop_by_stop(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    walk(&street);
    turn(&street, LONG);
    sim_warmer_expect(street.warmer, street.stops[1].list);
    turn(&street, 1);
    assert_made(&street, 0, 2, 1, 1);
    turn(&street, 1);
    assert_made(&street, 0, 2, 2, 1);
    turn(&street, 1);
    assert_made(&street, 0, 2, 2, 2);
    turn(&street, 1);
    assert_made(&street, 0, 2, 2, 2);
    teardown(&street);
}

static void what_is_there_is_not_fetched_again(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    for (unsigned i = 0; i < 4; i++) {
        sim_warmer_expect(street.warmer, street.stops[1].list);
        turn(&street, 1);
    }
    assert_made(&street, 0, 1, 0, 0);
    sim_warmer_expect(street.warmer, street.stops[1].list);
    turn(&street, LONG);
    assert_made(&street, 0, 2, 0, 0);
    teardown(&street);
}

/* Two stops that send to one another would go on for ever. */
static void a_circle_ends(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    sim_warmer_arrive(street.warmer, street.stops[0].list);
    sim_warmer_expect(street.warmer, street.stops[1].list);
    turn(&street, 1);
    sim_warmer_arrive(street.warmer, street.stops[1].list);
    sim_warmer_expect(street.warmer, street.stops[0].list);
    turn(&street, 1);
    for (unsigned i = 0; i < 100; i++)
        turn(&street, LONG);
    sim_warmer_expect(street.warmer, street.stops[2].list);
    turn(&street, 1);
    /* Of the eight stops ahead, every other one is the same: uses 0, 1, 2, 4 of five. */
    assert_true(street.stops[0].made <= 4 && street.stops[1].made <= 4);
    assert_int_equal(street.stops[2].made, 1);
    teardown(&street);
}

static void the_next_timer_is_fetched_at_the_one_before(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    sim_warmer_wake(street.warmer, street.stops[0].list);
    turn(&street, LONG);
    sim_warmer_wake(street.warmer, street.stops[3].list);
    turn(&street, LONG);
    assert_made(&street, 1, 0, 0, 1);
    sim_warmer_wake(street.warmer, street.stops[0].list);
    assert_made(&street, 2, 0, 0, 1);
    turn(&street, 1);
    assert_made(&street, 2, 0, 0, 2);
    teardown(&street);
}

/* More than one event can ever send: what is too much is left out. */
static void too_many_at_once_are_left_out(void **state)
{
    struct street street;
    (void)state;
    setup(&street);
    for (unsigned i = 0; i < 100; i++)
        sim_warmer_expect(street.warmer, street.stops[i % 2].list);
    sim_warmer_expect(street.warmer, street.stops[2].list);
    turn(&street, 1);
    assert_made(&street, 1, 1, 0, 0);
    teardown(&street);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_departure_fetches_the_next_stop),
        cmocka_unit_test(a_known_way_is_fetched_stop_by_stop),
        cmocka_unit_test(what_is_there_is_not_fetched_again),
        cmocka_unit_test(a_circle_ends),
        cmocka_unit_test(the_next_timer_is_fetched_at_the_one_before),
        cmocka_unit_test(too_many_at_once_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
