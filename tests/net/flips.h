/* What every parser meets: each truncation, and each single bit turned round. */
#ifndef TESTS_NET_FLIPS_H
#define TESTS_NET_FLIPS_H

#include <stdlib.h>

#include "tests/test.h"

typedef bool parses(const uint8_t *data, size_t size);

/* How many of the truncations to 0 .. size - 1 bytes still parse. Each lies at the end of its own heap
 * block, so that a sanitizer sees a read past it. */
static inline size_t count_truncations(parses *parse, const uint8_t *data, size_t size)
{
    size_t good = 0;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, data, cut);
        good += parse(copy, cut);
        free(copy);
    }
    return good;
}

/* How many of the 8 * size one-bit flips still parse. */
static inline size_t count_flips(parses *parse, const uint8_t *data, size_t size)
{
    size_t good = 0;
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(copy, data, size);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        good += parse(copy, size);
    }
    free(copy);
    return good;
}

#endif
