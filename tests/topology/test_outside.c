/* A node that is a namespace: what the kernel refuses is told. Needs root. */
#include "tests/test.h"

#include <stdlib.h>

#include "netns/loop.h"
#include "netns/session.h"
#include "sim/world.h"
#include "tests/netns/root.h"
#include "topology/outside.h"

static void a_default_route_that_is_refused_is_told(void **state)
{
    (void)state;
    char *error = NULL;
    struct net_prefix address;
    struct netns_session *session = netns_session_open(&error);
    assert_non_null(session);
    struct netns_loop *loop = netns_loop_new(session);
    struct sim_world *world = sim_world_new(1, false);
    struct topo_outside_config config = {.name = "txl-gw", .session = session, .loop = loop};
    struct topo_outside *outside = topo_outside_new(world, &config, &error);
    assert_non_null(outside);
    assert_true(net_prefix_parse("203.0.113.10/32", NET_PREFIX_KEEP, &address));
    assert_non_null(topo_outside_add(outside, "wan", &address, 1500, &error));
    assert_true(topo_outside_set_default_route(outside, "wan", NET_IP4(100, 64, 0, 1), &error));
    assert_null(error);
    assert_false(topo_outside_set_default_route(outside, "wan", NET_IP4(100, 64, 0, 1), &error));
    assert_string_equal(error, "no default route by wan of txl-gw: File exists");
    free(error);
    assert_false(topo_outside_set_default_route(outside, "eth0", NET_IP4(100, 64, 0, 1), &error));
    assert_string_equal(error, "no default route by eth0 of txl-gw: No such device");
    free(error);
    topo_outside_free(outside);
    sim_world_free(world);
    netns_loop_free(loop);
    netns_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_default_route_that_is_refused_is_told),
    };
    if (lacks_root("test_outside"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
