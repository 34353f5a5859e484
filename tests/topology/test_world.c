/* Worlds built from models: look-ups, meshes, determinism, power, change. */
#include "tests/test.h"

#include "tests/topology/mesh.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/gateway/gateway.h"
#include "sim/link.h"
#include "sim/ping.h"
#include "sim/traffic.h"
#include "sim/warm.h"
#include "sim/world.h"
#include "topology/world.h"

static struct mesh_options small(size_t vdcs)
{
    return (struct mesh_options){
        .vdcs = vdcs,
        .hosts = 2,
        .encryption = "AES128-GCM-16",
        .integrity = "SHA256",
        .group = "19-ECP256",
        .behaviour = TOPO_BEHAVIOUR_DEFAULT,
    };
}

static void end(struct topo_world *world)
{
    struct topo_leaks leaks = topo_world_free(world);
    assert_int_equal(leaks.packets, 0);
    assert_int_equal(leaks.timers, 0);
}

static uint64_t ping(struct topo_world *world, const char *from, const char *to)
{
    struct sim_ping_config config = {.count = 3,
                                     .interval_ns = 100 * BASE_MS,
                                     .timeout_ns = BASE_S,
                                     .size = SIM_PING_SIZE_DEFAULT,
                                     .df = SIM_STACK_DF_WANT};
    assert_true(topo_world_address(world, from, to, &config.to));
    struct sim_ping *client = sim_ping_start(topo_world_node(world, from)->stack, &config,
                                             &(struct sim_ping_listener){0});
    while (!sim_ping_statistics(client)->done)
        assert_true(topo_world_step(world, BASE_NEVER));
    uint64_t received = sim_ping_statistics(client)->received;
    sim_ping_free(client);
    return received;
}

static void everything_has_a_name(void **state)
{
    static struct sim_tap taps[64];
    struct mesh_options options = small(3);
    struct topo_model *model = mesh_new(&options);
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = 1});
    net_ip4 address;
    (void)state;
    assert_int_equal(topo_world_node_count(world), 9);
    assert_string_equal(topo_world_node_at(world, 2)->name, "v0-gw");
    assert_null(topo_world_node_at(world, 9));
    assert_null(topo_world_node(world, "v0"));
    assert_null(topo_world_gateway(world, "v0-host1"));
    assert_non_null(topo_world_gateway(world, "v2-gw"));
    assert_non_null(topo_world_link(world, "internet"));
    assert_non_null(topo_world_link(world, "v1/1"));
    assert_null(topo_world_link(world, "v1/2"));
    assert_true(topo_world_address(world, "v0-host1", "v1-host2", &address));
    assert_int_equal(address, NET_IP4(10, 0, 1, 12));
    assert_true(topo_world_address(world, NULL, "v1-gw", &address));
    assert_int_equal(address, NET_IP4(10, 0, 1, 5));
    assert_true(topo_world_address(world, NULL, "192.0.2.1", &address));
    assert_false(topo_world_address(world, NULL, "v1-host3", &address));
    size_t points = topo_point_count(model);
    assert_int_equal(points, 3 * (2 + 2 + 2) + 1);
    for (size_t i = 0; i < points; i++) {
        char *name = topo_point_name(model, i);
        assert_true(topo_world_tap(world, name, &taps[i]));
        free(name);
    }
    assert_false(topo_world_tap(world, "v0-gw:lan7", &taps[63]));
    end(world);
    mesh_free(model);
}

static void a_mesh_of_four(void **state)
{
    struct mesh_options options = small(4);
    struct topo_model *model = mesh_new(&options);
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = 1});
    (void)state;
    topo_world_run_until(world, 3 * BASE_S);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            char from[16], to[16];
            snprintf(from, sizeof(from), "v%zu-host1", i);
            snprintf(to, sizeof(to), "v%zu-host2", j);
            assert_int_equal(ping(world, from, to), 3);
        }
    assert_int_equal(topo_world_pairing(world, NULL, NULL), 0);
    end(world);
    mesh_free(model);
}

/* A hash over all frames with their times: FNV-1a. */
struct digest {
    struct sim_tap tap;
    uint64_t value;
};

static void add_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct digest *digest = SIM_OWNER(tap, struct digest, tap);
    for (size_t i = 0; i < sizeof(frame->at); i++)
        digest->value = (digest->value ^ (uint8_t)(frame->at >> (8 * i))) * 0x100000001b3;
    for (size_t i = 0; i < frame->size; i++)
        digest->value = (digest->value ^ frame->bytes[i]) * 0x100000001b3;
}

static uint64_t play_lossy(uint64_t seed)
{
    struct mesh_options options = small(2);
    struct topo_model *model = mesh_new(&options);
    struct digest digest = {.tap = {.frame = add_frame}, .value = 0xcbf29ce484222325};
    model->internet.link.set |= TOPO_LOSS | TOPO_JITTER;
    model->internet.link.loss = 0.1;
    model->internet.link.jitter_ns = 3 * BASE_MS;
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = seed});
    topo_world_tap(world, "internet", &digest.tap);
    topo_world_run_until(world, 10 * BASE_S);
    for (size_t i = 0; i < 5; i++)
        ping(world, "v0-host1", "v1-host1");
    end(world);
    mesh_free(model);
    return digest.value;
}

static void a_seed_repeats_a_run(void **state)
{
    (void)state;
    assert_true(play_lossy(7) == play_lossy(7));
    assert_true(play_lossy(7) != play_lossy(8));
}

/* Datagrams of one flow that came. */
static uint64_t flow(struct topo_world *world, const char *from, const char *to)
{
    struct sim_traffic_config config = {.rate_bps = 1000000,
                                        .size = 500,
                                        .duration_ns = 100 * BASE_MS,
                                        .timeout_ns = BASE_S,
                                        .df = SIM_STACK_DF_WANT};
    assert_true(topo_world_address(world, from, to, &config.to));
    struct sim_traffic *traffic =
        sim_traffic_start(topo_world_node(world, from)->stack, topo_world_node(world, to)->stack,
                          &config, NULL, NULL);
    while (!sim_traffic_statistics(traffic)->done)
        assert_true(topo_world_step(world, BASE_NEVER));
    uint64_t delivered = sim_traffic_statistics(traffic)->delivered;
    sim_traffic_free(traffic);
    return delivered;
}

/* A world large enough to be warmed (sim/warm.h); `warm` false takes that away. */
static uint64_t play_large(bool warm)
{
    struct mesh_options options = small(130);
    options.hosts = 1;
    options.pairs = true;
    struct topo_model *model = mesh_new(&options);
    struct digest digest = {.tap = {.frame = add_frame}, .value = 0xcbf29ce484222325};
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = 3});
    struct sim_world *sim = topo_world_sim(world);
    assert_non_null(sim->warmer);
    if (!warm) {
        sim_warmer_free(sim->warmer);
        sim->warmer = NULL;
    }
    topo_world_tap(world, "v1-host1:eth0", &digest.tap);
    topo_world_run_until(world, 10 * BASE_S);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(ping(world, "v0-host1", "v1-host1"), 3);
        assert_int_equal(ping(world, "v3-host1", "v2-host1"), 3);
    }
    assert_int_equal(flow(world, "v0-host1", "v1-host1"), 25);
    topo_world_restart(world, "v0-gw"); /* SAs, policies and neighbours that lists name are gone */
    topo_world_run_until(world, topo_world_now(world) + 30 * BASE_S);
    for (size_t i = 0; i < 3; i++)
        ping(world, "v0-host1", "v1-host1");
    add_frame(&digest.tap, &(struct sim_tap_frame){.at = (base_ns)sim->events});
    end(world);
    mesh_free(model);
    return digest.value;
}

static void warming_changes_nothing(void **state)
{
    (void)state;
    assert_true(play_large(true) == play_large(false));
}

static void hosts_have_power(void **state)
{
    struct mesh_options options = small(2);
    struct topo_model *model = mesh_new(&options);
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = 1});
    (void)state;
    topo_world_run_until(world, 3 * BASE_S);
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 3);
    assert_true(topo_world_stop(world, "v1-host1"));
    assert_false(topo_world_node(world, "v1-host1")->running);
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 0);
    assert_true(topo_world_restart(world, "v1-host1"));
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 3);
    assert_false(topo_world_stop(world, "nobody"));
    end(world);
    mesh_free(model);
}

static void hosts_have_routes(void **state)
{
    struct mesh_options options = small(2);
    struct topo_model *model = mesh_new(&options);
    struct topo_world *world = topo_world_new(model, &(struct topo_world_options){.seed = 1});
    struct net_prefix to = net_prefix_from_ip4(NET_IP4(10, 0, 1, 0), 24);
    (void)state;
    topo_world_run_until(world, 3 * BASE_S);
    assert_true(topo_world_route_remove(world, "v0-host1", &to));
    assert_false(topo_world_route_remove(world, "v0-host1", &to));
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 0);
    assert_int_equal(topo_world_route_add(world, "v0-host1", &to, NET_IP4(10, 0, 7, 5)),
                     -ENETUNREACH);
    assert_int_equal(topo_world_route_add(world, "v0-host1", &to, NET_IP4(10, 0, 0, 5)), 0);
    assert_int_equal(topo_world_route_add(world, "v0-host1", &to, NET_IP4(10, 0, 0, 5)), -EEXIST);
    assert_int_equal(topo_world_route_add(world, "nobody", &to, NET_IP4(10, 0, 0, 5)), -ENOENT);
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 3);
    end(world);
    mesh_free(model);
}

/* A key on one side and on the other, a route, a slower internet; and what cannot be. */
static void a_running_world_changes(void **state)
{
    static const char other[] = "another key of at least 32 characters";
    struct mesh_options options = small(2), three = small(3);
    struct topo_model *before = mesh_new(&options), *one = mesh_new(&options);
    struct topo_model *both = mesh_new(&options), *more = mesh_new(&three);
    struct topo_world *world = topo_world_new(before, &(struct topo_world_options){.seed = 1});
    struct ike_peer_info info;
    (void)state;
    topo_world_run_until(world, 3 * BASE_S);
    one->vdcs[0].gateway.tunnels[0].psk = other;
    one->vdcs[1].hosts[0].route_count = 0;
    one->internet.link.delay_ns = 20 * BASE_MS;
    assert_null(topo_world_change(world, one));
    topo_world_run_until(world, topo_world_now(world) + 5 * BASE_S);
    assert_true(sim_gateway_tunnel_info(topo_world_gateway(world, "v0-gw"), "to-v1", &info));
    assert_int_not_equal(info.state, IKE_PEER_ESTABLISHED);
    assert_int_equal(ping(world, "v1-host1", "v0-host1"), 0);
    both->vdcs[0].gateway.tunnels[0].psk = other;
    both->vdcs[1].gateway.tunnels[0].psk = other;
    assert_null(topo_world_change(world, both));
    topo_world_run_until(world, topo_world_now(world) + 40 * BASE_S);
    assert_int_equal(ping(world, "v0-host1", "v1-host1"), 3);
    assert_string_equal(topo_world_change(world, more), "the number of VDCs");
    end(world);
    mesh_free(before);
    mesh_free(one);
    mesh_free(both);
    mesh_free(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_has_a_name),   cmocka_unit_test(a_mesh_of_four),
        cmocka_unit_test(a_seed_repeats_a_run),    cmocka_unit_test(hosts_have_power),
        cmocka_unit_test(hosts_have_routes),       cmocka_unit_test(warming_changes_nothing),
        cmocka_unit_test(a_running_world_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
