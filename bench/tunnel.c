/* One world for all rounds: the tunnel is up before the clock starts. */
#include "bench/tunnel.h"

#include <assert.h>

#include "sim/ping.h"

static void note_done(void *context, struct sim_ping *ping)
{
    (void)ping;
    *(bool *)context = true;
}

/* Some ten requests are under way at any time, as on a busy path. */
void bench_round_trips(void *user, size_t count)
{
    struct bench_tunnel *tunnel = user;
    bool done = false;
    struct sim_ping_config config = {.to = tunnel->target,
                                     .count = count,
                                     .interval_ns = 200 * BASE_US,
                                     .timeout_ns = BASE_S,
                                     .size = BENCH_ECHO_BYTES,
                                     .df = SIM_STACK_DF_DONT};
    struct sim_ping_listener listener = {&done, NULL, note_done};
    struct sim_ping *ping =
        sim_ping_start(topo_world_node(tunnel->world, "a0-host")->stack, &config, &listener);
    while (!done)
        topo_world_step(tunnel->world, BASE_NEVER);
    assert(sim_ping_statistics(ping)->received == count);
    sim_ping_free(ping);
}

struct bench_tunnel bench_tunnel_new(struct crypto_context *crypto, const char *encryption,
                                     bool journal)
{
    struct bench_tunnel tunnel = {.model = bench_model_new(1, encryption)};
    struct topo_world_options options = {.seed = 1, .crypto = crypto, .journal = journal};
    tunnel.world = topo_world_new(bench_model_of(tunnel.model), &options);
    topo_world_address(tunnel.world, "a0-host", "b0-host", &tunnel.target);
    topo_world_run_until(tunnel.world, 5 * BASE_S);
    return tunnel;
}

void bench_tunnel_free(struct bench_tunnel *tunnel)
{
    topo_world_free(tunnel->world);
    bench_model_free(tunnel->model);
}
