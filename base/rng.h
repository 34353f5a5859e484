/*
 * Streams of reproducible randomness. Each consumer (a link's loss, a gateway's nonces) has its own
 * stream, derived from (seed, its name), so that one more draw in one place moves nothing elsewhere.
 * Not for secrets that matter: a run repeats exactly for its seed, keys included.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct base_rng {
    uint64_t state[4]; /* xoshiro256** (Blackman, Vigna) */
};

/* The stream of `name` under `seed`. Names are never reused for two purposes. */
void base_rng_init(struct base_rng *rng, uint64_t seed, const char *name);

uint64_t base_rng_u64(struct base_rng *rng);
uint32_t base_rng_u32(struct base_rng *rng);

/* Uniform in [0, bound), without bias; bound is not 0. */
uint64_t base_rng_below(struct base_rng *rng, uint64_t bound);

/* Uniform in [0, 1), 53 bits. */
double base_rng_unit(struct base_rng *rng);

void base_rng_fill(struct base_rng *rng, void *bytes, size_t size);

#endif
