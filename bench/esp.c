/*
 * Echo round trips of 1,400 bytes, host - gateway - internet - gateway - host, sealed and opened twice
 * each, beside what libcrypto alone does for the four seal-or-open operations. One world for all rounds: the
 * tunnel is up before the clock starts.
 */
#include <assert.h>
#include <stdio.h>

#include "bench/limits.h"
#include "bench/measure.h"
#include "bench/model.h"
#include "ipsec/crypto/context.h"
#include "sim/ping.h"
#include "topology/world.h"

enum {
    ECHO_BYTES = 1400,
    ROUND_TRIPS = 40000,
    INNER_BYTES = ECHO_BYTES + 28,
};

struct tunnel {
    struct bench_model *model;
    struct topo_world *world;
    net_ip4 target;
};

static void note_done(void *context, struct sim_ping *ping)
{
    (void)ping;
    *(bool *)context = true;
}

/* Some ten requests are under way at any time, as on a busy path. */
static void round_trips(void *user, size_t count)
{
    struct tunnel *tunnel = user;
    bool done = false;
    struct sim_ping_config config = {.to = tunnel->target,
                                     .count = count,
                                     .interval_ns = 200 * BASE_US,
                                     .timeout_ns = BASE_S,
                                     .size = ECHO_BYTES,
                                     .df = SIM_STACK_DF_DONT};
    struct sim_ping_listener listener = {&done, NULL, note_done};
    struct sim_ping *ping =
        sim_ping_start(topo_world_node(tunnel->world, "a0-host")->stack, &config, &listener);
    while (!done)
        topo_world_step(tunnel->world, BASE_NEVER);
    assert(sim_ping_statistics(ping)->received == count);
    sim_ping_free(ping);
}

static struct tunnel tunnel_new(struct crypto_context *crypto, const char *encryption)
{
    struct tunnel tunnel = {.model = bench_model_new(1, encryption)};
    struct topo_world_options options = {.seed = 1, .crypto = crypto};
    tunnel.world = topo_world_new(bench_model_of(tunnel.model), &options);
    topo_world_address(tunnel.world, "a0-host", "b0-host", &tunnel.target);
    topo_world_run_until(tunnel.world, 5 * BASE_S);
    return tunnel;
}

static void tunnel_free(struct tunnel *tunnel)
{
    topo_world_free(tunnel->world);
    bench_model_free(tunnel->model);
}

static void measure(struct crypto_context *crypto, const char *encryption, enum bench_suite suite,
                    double bound)
{
    struct tunnel tunnel = tunnel_new(crypto, encryption);
    struct bench_esp_limit *limit = bench_esp_limit_new(suite, INNER_BYTES);
    struct bench_task tasks[] = {{.work = round_trips, .user = &tunnel, .count = ROUND_TRIPS},
                                 {.work = bench_limit_esp, .user = limit, .count = ROUND_TRIPS}};
    char what[64];
    bench_run(tasks, 2);
    double ours = bench_unit_seconds(&tasks[0]);
    double theirs = bench_unit_seconds(&tasks[1]);
    printf("%s: %.0f round trips a second, libcrypto alone %.0f\n", encryption, 1 / ours,
           1 / theirs);
    snprintf(what, sizeof(what), "esp: %s, share of libcrypto's rate", encryption);
    bench_report(what, theirs / ours, BENCH_AT_LEAST, bound, "");
    bench_esp_limit_free(limit);
    tunnel_free(&tunnel);
}

int main(void)
{
    struct crypto_context *crypto = crypto_context_new();
    measure(crypto, "AES128-CTR", BENCH_AES128_CTR_SHA256, 0.55);
    measure(crypto, "AES128-GCM-16", BENCH_AES128_GCM_16, 0.35);
    crypto_context_free(crypto);
    return 0;
}
