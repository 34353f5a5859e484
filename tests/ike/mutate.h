/*
 * Every truncation and every one-bit flip of a valid input, each in a heap block of exactly its
 * size so that AddressSanitizer sees one octet read too far.
 */
#ifndef TESTS_IKE_MUTATE_H
#define TESTS_IKE_MUTATE_H

#include <stdlib.h>
#include <string.h>

typedef void (*mutate_take)(uint8_t *bytes, size_t size, void *context);

static inline void mutate_one(const uint8_t *bytes, size_t size, size_t flip_bit, mutate_take take,
                              void *context)
{
    // NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): a block of no octets is meant
    uint8_t *copy = malloc(size);
    if (size) /* there is nothing to copy from or to otherwise */
        memcpy(copy, bytes, size);
    if (flip_bit < 8 * size)
        copy[flip_bit / 8] ^= (uint8_t)(0x80 >> flip_bit % 8);
    take(copy, size, context);
    free(copy);
}

static inline void mutate_all(const uint8_t *bytes, size_t size, mutate_take take, void *context)
{
    for (size_t cut = 0; cut <= size; cut++)
        mutate_one(bytes, cut, SIZE_MAX, take, context);
    for (size_t bit = 0; bit < 8 * size; bit++)
        mutate_one(bytes, size, bit, take, context);
}

#endif
