/*
 * Echo round trips of 1,400 bytes, host - gateway - internet - gateway - host, sealed and opened twice
 * each, beside what libcrypto alone does for the four seal-or-open operations. One world for all rounds: the
 * tunnel is up before the clock starts.
 */
#include <stdio.h>

#include "bench/limits.h"
#include "bench/measure.h"
#include "bench/tunnel.h"
#include "ipsec/crypto/context.h"

enum {
    ROUND_TRIPS = 40000,
};

static void measure(struct crypto_context *crypto, const char *encryption, enum bench_suite suite,
                    double bound)
{
    struct bench_tunnel tunnel = bench_tunnel_new(crypto, encryption, false);
    struct bench_esp_limit *limit = bench_esp_limit_new(suite, BENCH_INNER_BYTES);
    struct bench_task tasks[] = {{.work = bench_round_trips, .user = &tunnel, .count = ROUND_TRIPS},
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
    bench_tunnel_free(&tunnel);
}

int main(void)
{
    struct crypto_context *crypto = crypto_context_new();
    measure(crypto, "AES128-CTR", BENCH_AES128_CTR_SHA256, 0.55);
    measure(crypto, "AES128-GCM-16", BENCH_AES128_GCM_16, 0.35);
    crypto_context_free(crypto);
    return 0;
}
