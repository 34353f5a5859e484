/* xoshiro256** seeded by splitmix64 over the seed and an FNV-1a hash of the stream's name. */
#include "base/rng.h"

#include <assert.h>
#include <string.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void base_rng_init(struct base_rng *rng, uint64_t seed, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = name; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    uint64_t state = splitmix64(&seed) ^ hash;
    for (size_t i = 0; i < 4; i++)
        rng->state[i] = splitmix64(&state);
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

uint64_t base_rng_u64(struct base_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t base_rng_u32(struct base_rng *rng)
{
    return (uint32_t)(base_rng_u64(rng) >> 32);
}

uint64_t base_rng_below(struct base_rng *rng, uint64_t bound)
{
    assert(bound > 0);
    uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        uint64_t draw = base_rng_u64(rng);
        if (draw >= threshold)
            return draw % bound;
    }
}

double base_rng_unit(struct base_rng *rng)
{
    return (double)(base_rng_u64(rng) >> 11) * 0x1.0p-53;
}

void base_rng_fill(struct base_rng *rng, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    while (size > 0) {
        uint64_t draw = base_rng_u64(rng);
        uint8_t octets[8];
        for (unsigned i = 0; i < 8; i++)
            octets[i] = (uint8_t)(draw >> (8 * i)); /* the same bytes on every machine */
        size_t part = size < 8 ? size : 8;
        memcpy(out, octets, part);
        out += part;
        size -= part;
    }
}
