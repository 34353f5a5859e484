/*
 * What a journal costs: the echo round trips of the ESP benchmark with a journal and without, in turn, in two
 * worlds that are equal but for it. Memory for the records is part of it; that a hypervisor below has to find some
 * first is not, so the least of a few attempts counts.
 */
#include <stdio.h>

#include "bench/measure.h"
#include "bench/tunnel.h"
#include "sim/journal.h"

enum {
    ROUND_TRIPS = 5000, /* a round: a journal keeps all of them */
    ATTEMPTS = 3,
};

/* The time of a round trip with a journal, for one without. */
static double compare(struct crypto_context *crypto, const char *encryption)
{
    struct bench_tunnel off = bench_tunnel_new(crypto, encryption, false);
    struct bench_tunnel on = bench_tunnel_new(crypto, encryption, true);
    struct bench_task tasks[] = {
        {.work = bench_round_trips, .user = &off, .count = ROUND_TRIPS},
        {.work = bench_round_trips, .user = &on, .count = ROUND_TRIPS},
    };
    bench_run(tasks, 2);
    double without = bench_unit_seconds(&tasks[0]), with = bench_unit_seconds(&tasks[1]);
    size_t records = sim_journal_count(topo_world_sim(on.world)->journal);
    printf("%s: a round trip %.2f us without a journal, %.2f us with one; %zu records each\n",
           encryption, without * 1e6, with * 1e6, records / (ROUND_TRIPS * (BENCH_ROUNDS + 1)));
    bench_tunnel_free(&off);
    bench_tunnel_free(&on);
    return with / without;
}

static void measure(struct crypto_context *crypto, const char *encryption, double bound)
{
    char what[64];
    double least = compare(crypto, encryption);
    for (int i = 1; i < ATTEMPTS; i++) {
        double ratio = compare(crypto, encryption);
        least = ratio < least ? ratio : least;
    }
    snprintf(what, sizeof(what), "journal: %s, time with one to without", encryption);
    bench_report(what, least, BENCH_AT_MOST, bound, "");
}

int main(void)
{
    struct crypto_context *crypto = crypto_context_new();
    measure(crypto, "AES128-CTR", 1.15);
    measure(crypto, "AES128-GCM-16", 1.15);
    crypto_context_free(crypto);
    return 0;
}
