/*
 * What libcrypto alone can do, contexts kept: the limits that our own figures stand beside. Raw EVP
 * calls, nothing of ours in between.
 */
#ifndef BENCH_LIMITS_H
#define BENCH_LIMITS_H

#include <stddef.h>

/* The four MODP-3072 operations that an IKE_SA_INIT cannot avoid: two key pairs, two shared secrets. */
void bench_limit_modp3072(void *user, size_t count);

enum bench_suite {
    BENCH_AES128_CTR_SHA256,
    BENCH_AES128_GCM_16,
};

/* Four directions of ESP, keyed once. */
struct bench_esp_limit;
struct bench_esp_limit *bench_esp_limit_new(enum bench_suite suite, size_t inner_size);
void bench_esp_limit_free(struct bench_esp_limit *limit);

/* The four seal-or-open operations of one round trip, `count` times; `user` is a bench_esp_limit. */
void bench_limit_esp(void *user, size_t count);

#endif
