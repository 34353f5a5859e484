/* Longest prefix match: by hand, and thousands of routes against the naive search. */
#include "tests/test.h"

#include "base/rng.h"
#include "net/route.h"

static struct net_route route_to(net_ip4 network, uint8_t length, uint32_t tag)
{
    return (struct net_route){.to = net_prefix_from_ip4(network, length), .tag = tag};
}

static void add(struct net_route_table *table, net_ip4 network, uint8_t length, uint32_t tag)
{
    struct net_route route = route_to(network, length, tag);
    assert_true(net_route_add(table, &route));
}

static void test_longest_wins(void **state)
{
    (void)state;
    struct net_route_table table;
    net_route_table_init(&table);
    assert_null(net_route_lookup(&table, NET_IP4(10, 0, 0, 1)));
    add(&table, 0, 0, 1);
    add(&table, NET_IP4(192, 168, 1, 99), 24, 2); /* host bits go */
    add(&table, NET_IP4(192, 168, 1, 5), 32, 3);
    add(&table, NET_IP4(192, 168, 0, 0), 16, 4);
    assert_int_equal(net_route_lookup(&table, NET_IP4(192, 168, 1, 5))->tag, 3);
    assert_int_equal(net_route_lookup(&table, NET_IP4(192, 168, 1, 6))->tag, 2);
    assert_int_equal(net_route_lookup(&table, NET_IP4(192, 168, 2, 6))->tag, 4);
    assert_int_equal(net_route_lookup(&table, NET_IP4(8, 8, 8, 8))->tag, 1);
    assert_int_equal(net_route_at(&table, 0)->tag, 3);
    assert_int_equal(net_route_at(&table, 3)->tag, 1);
    assert_null(net_route_at(&table, 4));
    net_route_table_fini(&table);
}

static void test_one_route_a_prefix(void **state)
{
    (void)state;
    struct net_route_table table;
    net_route_table_init(&table);
    add(&table, NET_IP4(10, 0, 0, 0), 8, 1);
    struct net_route again = route_to(NET_IP4(10, 9, 9, 9), 8, 2);
    struct net_prefix to = net_prefix_from_ip4(NET_IP4(10, 1, 2, 3), 8);
    uint32_t generation = table.generation;
    assert_false(net_route_add(&table, &again));
    assert_int_equal(table.generation, generation);
    assert_int_equal(net_route_find(&table, &to)->tag, 1);
    assert_true(net_route_remove(&table, &to));
    assert_false(net_route_remove(&table, &to));
    assert_true(table.generation != generation);
    assert_null(net_route_find(&table, &to));
    net_route_table_fini(&table);
}

static const struct net_route *naive(const struct net_route *routes, size_t count, net_ip4 ip)
{
    const struct net_route *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct net_prefix *to = &routes[i].to;
        if (net_ip4_in(ip, net_addr_ip4(&to->addr), to->length) &&
            (!best || to->length > best->to.length))
            best = &routes[i];
    }
    return best;
}

static void agree(const struct net_route_table *table, const struct net_route *routes, size_t count,
                  struct base_rng *rng)
{
    for (int i = 0; i < 2000; i++) {
        net_ip4 ip = base_rng_u32(rng);
        if (count && i % 2) /* near a route, where it matters */
            ip = net_addr_ip4(&routes[base_rng_below(rng, count)].to.addr) ^
                 (1u << base_rng_below(rng, 32));
        const struct net_route *expected = naive(routes, count, ip);
        const struct net_route *found = net_route_lookup(table, ip);
        assert_int_equal(!expected, !found);
        if (expected && found)
            assert_int_equal(found->tag, expected->tag);
    }
}

static void test_against_naive(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 7, 48, 49, 300, 3000};
    static struct net_route routes[3000];
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        struct base_rng rng;
        base_rng_init(&rng, s, "test/route");
        struct net_route_table table;
        net_route_table_init(&table);
        size_t count = 0;
        while (count < sizes[s]) {
            uint8_t length = (uint8_t)(base_rng_below(&rng, 25) + 8);
            routes[count] =
                route_to(base_rng_u32(&rng) & net_ip4_mask(length), length, (uint32_t)count + 1);
            count += net_route_add(&table, &routes[count]);
        }
        agree(&table, routes, count, &rng);
        while (count > sizes[s] / 2) {
            count--;
            assert_true(net_route_remove(&table, &routes[count].to));
        }
        agree(&table, routes, count, &rng);
        net_route_table_fini(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_wins),
        cmocka_unit_test(test_one_route_a_prefix),
        cmocka_unit_test(test_against_naive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
