/*
 * Many tunnels in one world: memory and time a pair, each pinging once a second for ten virtual minutes, of 10
 * and of 1,000. With `--play PAIRS PINGS` it plays one world and reports nothing: for profilers, as in
 *     valgrind --tool=cachegrind --cache-sim=yes --LL=1048576,16,64 bench_pairs --play 100 60
 * whose last-level misses (less those with PINGS 0) count the memory that a round trip touches.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "bench/measure.h"
#include "bench/model.h"
#include "ipsec/crypto/context.h"
#include "sim/ping.h"
#include "topology/world.h"

enum {
    PINGS = 600, /* one a second for ten minutes */
    FEW = 10,
    MANY = 1000,
    WORLDS_FEW =
        50, /* worlds of FEW pairs, so that both sides of the ratio are long enough to measure */
    ROUNDS = 3, /* of both in turn; of each the best counts: what else the machine does only adds */
};

/* The peak of this process, in KiB (Linux's ru_maxrss). */
static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void play(struct crypto_context *crypto, size_t pairs, uint32_t count)
{
    struct bench_model *model = bench_model_new(pairs, "AES128-CTR");
    struct topo_world_options options = {.seed = 1, .crypto = crypto};
    struct topo_world *world = topo_world_new(bench_model_of(model), &options);
    struct sim_ping **pings = base_alloc_array(pairs, sizeof(struct sim_ping *));
    topo_world_run_until(world, 2 * BASE_S);
    for (size_t i = 0; i < pairs; i++) {
        topo_world_run_until(world, 2 * BASE_S + (base_ns)i * BASE_S / (base_ns)pairs);
        struct topo_world_node *from = topo_world_node_at(world, 4 * i);
        struct topo_world_node *to = topo_world_node_at(world, 4 * i + 2);
        struct sim_ping_config config = {.to = net_addr_ip4(&to->model.host->address),
                                         .count = count,
                                         .interval_ns = BASE_S,
                                         .timeout_ns = 2 * BASE_S,
                                         .size = 56,
                                         .df = SIM_STACK_DF_DONT};
        struct sim_ping_listener nobody = {0};
        pings[i] = sim_ping_start(from->stack, &config, &nobody);
    }
    topo_world_run_until(world, (base_ns)(count + 5) * BASE_S);
    for (size_t i = 0; i < pairs; i++) {
        assert(sim_ping_statistics(pings[i])->received == count);
        sim_ping_free(pings[i]);
    }
    struct topo_leaks leaks = topo_world_free(world);
    assert(leaks.packets == 0 && leaks.timers == 0);
    free(pings);
    bench_model_free(model);
}

struct sample {
    long peak_kib;
    double seconds; /* a pair */
};

/* In a process of its own, so that peaks do not mix. */
static struct sample sample(size_t pairs, size_t worlds)
{
    struct sample result = {0};
    int ends[2];
    int made = pipe(ends);
    assert(made == 0);
    fflush(stdout);
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        struct crypto_context *crypto = crypto_context_new();
        play(crypto, 1, PINGS); /* what every process pays once */
        double start = bench_cpu_seconds();
        for (size_t i = 0; i < worlds; i++)
            play(crypto, pairs, PINGS);
        result.seconds = pairs ? (bench_cpu_seconds() - start) / (double)(pairs * worlds) : 0;
        result.peak_kib = peak_kib();
        ssize_t written = write(ends[1], &result, sizeof(result));
        _exit(written == (ssize_t)sizeof(result) ? 0 : 1);
    }
    close(ends[1]); /* so that the end of the child is the end of the pipe */
    ssize_t got = read(ends[0], &result, sizeof(result));
    assert(got == (ssize_t)sizeof(result));
    waitpid(child, NULL, 0);
    close(ends[0]);
    return result;
}

static void keep_better(struct sample *best, struct sample other)
{
    if (other.seconds < best->seconds)
        best->seconds = other.seconds;
    if (other.peak_kib > best->peak_kib)
        best->peak_kib = other.peak_kib;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "--play")) {
        struct crypto_context *crypto = crypto_context_new();
        play(crypto, strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
        crypto_context_free(crypto);
        return 0;
    }
    struct sample none = sample(0, 0);
    struct sample few = sample(FEW, WORLDS_FEW);
    struct sample many = sample(MANY, 1);
    for (int round = 1; round < ROUNDS; round++) {
        keep_better(&few, sample(FEW, WORLDS_FEW));
        keep_better(&many, sample(MANY, 1));
    }
    printf("%d pairs: %.2f ms of processor time a pair; %d pairs: %.2f ms\n", MANY,
           many.seconds * 1e3, FEW, few.seconds * 1e3);
    bench_report("pairs: memory of a pair", (double)(many.peak_kib - none.peak_kib) / MANY,
                 BENCH_AT_MOST, 64, "KiB");
    bench_report("pairs: time of a pair among 1,000, against among 10", many.seconds / few.seconds,
                 BENCH_AT_MOST, 1.3, "");
    return 0;
}
