/* Finding things of a model by name, and its capture points. */
#include "tests/test.h"

#include "topology/model.h"

#include <stdlib.h>

#define IP(a, b, c, d)                                                                             \
    {                                                                                              \
        .family = NET_ADDR_IP4, .bytes = { a, b, c, d }                                            \
    }

static struct topo_lan lans[] = {{.id = 1}, {.id = 20}};
static struct topo_host hosts[] = {
    {.name = "h1", .lan = 1, .address = IP(10, 0, 1, 11)},
    {.name = "h:2", .lan = 20, .address = IP(10, 0, 2, 11)},
};
static struct topo_connection connections[] = {
    {.lan = 1, .ipv4 = {IP(10, 0, 1, 5), 24}},
    {.lan = 20, .ipv4 = {IP(10, 0, 2, 5), 24}},
};
static struct topo_tunnel tunnels[] = {
    {.name = "t"}, {.name = "wan"}, {.name = "lan7"}, {.name = "x:y"}};
static struct topo_vdc vdcs[] = {
    {
        .name = "a",
        .lans = lans,
        .lan_count = 2,
        .hosts = hosts,
        .host_count = 2,
        .gateway = {.node = "a-gw",
                    .name = "first",
                    .public_ip = IP(203, 0, 113, 1),
                    .connections = connections,
                    .connection_count = 2,
                    .tunnels = tunnels,
                    .tunnel_count = 4},
    },
    {.name = "b", .gateway = {.node = "b-gw", .name = "same", .public_ip = IP(203, 0, 113, 2)}},
    {.name = "c", .gateway = {.node = "c-gw", .name = "same", .public_ip = IP(203, 0, 113, 3)}},
};
static const struct topo_model model = {.vdcs = vdcs, .vdc_count = 3};

static void test_nodes(void **state)
{
    struct topo_node node;
    struct net_addr address = IP(10, 0, 2, 5);
    (void)state;
    assert_true(topo_find_node(&model, "h1", &node));
    assert_ptr_equal(node.host, &hosts[0]);
    assert_null(node.gateway);
    assert_true(topo_find_node(&model, "b-gw", &node));
    assert_ptr_equal(node.gateway, &vdcs[1].gateway);
    assert_false(topo_find_node(&model, "b", &node));
    assert_true(topo_find_address(&model, &address, &node));
    assert_ptr_equal(node.gateway, &vdcs[0].gateway);
    assert_true(topo_find_public(&model, &vdcs[2].gateway.public_ip, &node));
    assert_ptr_equal(node.vdc, &vdcs[2]);
    assert_false(topo_find_public(&model, &address, &node));
}

/* A gateway is pinged at its address in the LAN of the host that pings. */
static void test_addresses(void **state)
{
    struct topo_node gateway, one, two, other;
    (void)state;
    assert_true(topo_find_node(&model, "a-gw", &gateway));
    assert_true(topo_find_node(&model, "h1", &one));
    assert_true(topo_find_node(&model, "h:2", &two));
    assert_true(topo_find_node(&model, "b-gw", &other));
    struct net_addr from_one = topo_node_address(&gateway, &one);
    struct net_addr from_two = topo_node_address(&gateway, &two);
    struct net_addr from_afar = topo_node_address(&gateway, &other);
    struct net_addr bare = topo_node_address(&other, NULL);
    assert_true(net_addr_equal(&from_one, &connections[0].ipv4.addr));
    assert_true(net_addr_equal(&from_two, &connections[1].ipv4.addr));
    assert_true(net_addr_equal(&from_afar, &connections[0].ipv4.addr));
    assert_true(net_addr_equal(&bare, &vdcs[1].gateway.public_ip)); /* it has no LAN */
}

static void test_resolve(void **state)
{
    struct net_addr address = {0};
    (void)state;
    assert_true(topo_resolve(&model, "198.51.100.7", &address));
    assert_int_equal(net_addr_ip4(&address), NET_IP4(198, 51, 100, 7));
    assert_true(topo_resolve(&model, "c-gw", &address));
    assert_true(net_addr_equal(&address, &vdcs[2].gateway.public_ip));
    assert_true(topo_resolve(&model, "FIRST", &address));
    assert_true(net_addr_equal(&address, &vdcs[0].gateway.public_ip));
    assert_false(topo_resolve(&model, "same", &address)); /* two have that name */
    assert_false(topo_resolve(&model, "h1", &address));
}

/* Nobody else has an address of the internet's routers: 1 to the number of hops of a network. */
static void test_routers(void **state)
{
    static const struct {
        const char *public_ip, *lan, *routers;
    } CASES[] = {
        {"203.0.113.10", "192.168.1.0/24", "198.51.100.0"},
        {"198.51.100.7", "192.168.1.0/24", "198.51.100.0"}, /* there are six */
        {"198.51.100.6", "192.168.1.0/24", "192.0.2.0"},
        {"198.51.100.1", "192.168.1.0/24", "192.0.2.0"},
        {"198.51.100.1", "192.0.2.0/26", "203.0.113.0"},
        {"198.51.100.2", "192.0.0.0/6", "203.0.113.0"},
        {"203.0.113.1", "192.0.2.0/23", "198.51.100.0"},
        {"203.0.113.1", "198.51.0.0/16", "192.0.2.0"},
        {"203.0.113.1", "192.0.0.0/4", "198.51.100.0"}, /* every one is taken */
        {"203.0.113.10", "198.51.100.8/29", "198.51.100.0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct topo_lan lan = {.id = 1};
        struct topo_vdc vdc = {.name = "a", .lans = &lan, .lan_count = 1};
        struct topo_model one = {.vdcs = &vdc, .vdc_count = 1, .internet = {.hops = 6}};
        net_ip4 routers;
        assert_true(net_prefix_parse(CASES[i].lan, NET_PREFIX_MASK, &lan.subnet));
        assert_true(net_addr_parse(CASES[i].public_ip, &vdc.gateway.public_ip));
        assert_true(net_ip4_parse(CASES[i].routers, &routers));
        assert_int_equal(topo_internet_routers(&one), routers);
    }
    struct topo_nat nat = {.public_ip = net_addr_from_ip4(NET_IP4(198, 51, 100, 3)),
                           .subnet = net_prefix_from_ip4(NET_IP4(10, 0, 0, 0), 24)};
    struct topo_vdc vdc = {.name = "a", .gateway = {.nat = &nat}};
    struct topo_model one = {.vdcs = &vdc, .vdc_count = 1, .internet = {.hops = 6}};
    assert_int_equal(topo_internet_routers(&one), NET_IP4(192, 0, 2, 0));
    nat.public_ip = net_addr_from_ip4(NET_IP4(203, 0, 113, 3));
    assert_int_equal(topo_internet_routers(&one), NET_IP4(198, 51, 100, 0));
    nat.subnet =
        net_prefix_from_ip4(NET_IP4(198, 51, 100, 0), 28); /* the gateway would be router 3 */
    assert_int_equal(topo_internet_routers(&one), NET_IP4(192, 0, 2, 0));
}

static void test_links(void **state)
{
    struct topo_link link = {0};
    (void)state;
    assert_true(topo_find_link(&model, "a/20", &link));
    assert_ptr_equal(link.lan, &lans[1]);
    assert_true(topo_find_link(&model, "internet", &link));
    assert_null(link.lan);
    static const char *const bad[] = {"a", "a/", "a/2", "b/1", "/1", "a/1/1", "Internet", ""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (topo_find_link(&model, bad[i], &link))
            fail_msg("found: '%s'", bad[i]);
}

struct point_case {
    const char *name;
    enum topo_point_kind kind;
};

static const struct point_case points[] = {
    {"h1:eth0", TOPO_POINT_HOST},          {"h:2:eth0", TOPO_POINT_HOST},
    {"a-gw:lan1", TOPO_POINT_GATEWAY_LAN}, {"a-gw:lan20", TOPO_POINT_GATEWAY_LAN},
    {"a-gw:wan", TOPO_POINT_GATEWAY_WAN},  {"a-gw:t", TOPO_POINT_TUNNEL},
    {"a-gw:lan7", TOPO_POINT_TUNNEL},      {"a-gw:x:y", TOPO_POINT_TUNNEL},
    {"b-gw:wan", TOPO_POINT_GATEWAY_WAN},  {"internet", TOPO_POINT_INTERNET},
};

static void test_points(void **state)
{
    static const char *const bad[] = {"h1",    "h1:eth1", "h1:",    "a-gw:lan2",
                                      "a-gw:", ":wan",    "b-gw:t", ""};
    struct topo_point point;
    (void)state;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        if (!topo_find_point(&model, points[i].name, &point))
            fail_msg("not found: '%s'", points[i].name);
        assert_int_equal(point.kind, points[i].kind);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (topo_find_point(&model, bad[i], &point))
            fail_msg("found: '%s'", bad[i]);
}

/* Every name that is listed is found. */
static void test_point_names(void **state)
{
    static const char *const expected[] = {"h1:eth0",  "h:2:eth0", "a-gw:lan1", "a-gw:lan20",
                                           "a-gw:wan", "a-gw:t",   "a-gw:wan",  "a-gw:lan7",
                                           "a-gw:x:y", "b-gw:wan", "c-gw:wan",  "internet"};
    struct topo_point point;
    (void)state;
    assert_int_equal(topo_point_count(&model), 12);
    for (size_t i = 0; i < 12; i++) {
        char *name = topo_point_name(&model, i);
        assert_string_equal(name, expected[i]);
        assert_true(topo_find_point(&model, name, &point));
        free(name);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(topo_tier_name(TOPO_TIER_ENHANCED_HA), "ENHANCED_HA");
    assert_string_equal(topo_vpn_name(TOPO_VPN_ROUTE_BASED), "route-based");
    assert_string_equal(topo_day_name(6), "Saturday");
    assert_null(topo_day_name(7));
    assert_null(topo_start_name((enum topo_start)3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),   cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_resolve), cmocka_unit_test(test_links),
        cmocka_unit_test(test_points),  cmocka_unit_test(test_point_names),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_routers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
