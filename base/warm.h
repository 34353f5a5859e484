/*
 * Sets of memory that will be touched soon and is likely not in the cache. Code that walks from struct to struct
 * waits for each of them in turn; asked for beforehand all at once, they come side by side. A set is only ever a hint:
 * it changes no result, and what it names may be freed (the processor ignores a fetch that leads nowhere).
 */
#ifndef BASE_WARM_H
#define BASE_WARM_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#ifdef BASE_WARM_LOADS
#define BASE_WARM_LINE(line) ((void)*(const volatile char *)(line))
#else
#define BASE_WARM_LINE(line) __builtin_prefetch((const void *)(line))
#endif

enum {
    BASE_WARM_SPANS = 40, /* more are left out */
    BASE_WARM_LINES = 64, /* of one span */
};

/* All zero is empty. */
struct base_warm {
    uint32_t count;
    int32_t spans
        [BASE_WARM_SPANS]; /* the first line, counted from the set's own, times 64, plus lines less 1 */
};

/* Adds `size` bytes from `start`, cut to 64 lines. NULL, nothing, and what is 2 GiB away from the set are left out. */
static inline void base_warm_add(struct base_warm *set, const void *start, size_t size)
{
    if (!start || !size || set->count == BASE_WARM_SPANS)
        return;
    intptr_t first = (intptr_t)((uintptr_t)start / BASE_LINE_SIZE);
    intptr_t from = first - (intptr_t)((uintptr_t)set / BASE_LINE_SIZE);
    intptr_t more = (intptr_t)(((uintptr_t)start + size - 1) / BASE_LINE_SIZE) - first;
    if (from < INT32_MIN / BASE_WARM_LINES || from > INT32_MAX / BASE_WARM_LINES)
        return;
    more = more < BASE_WARM_LINES ? more : BASE_WARM_LINES - 1;
    set->spans[set->count++] = (int32_t)(from * BASE_WARM_LINES + more);
}

/* Asks for `size` bytes from `start`. Returns at once. */
static inline void base_warm_now(const void *start, size_t size)
{
    for (size_t at = 0; at < size + (uintptr_t)start % BASE_LINE_SIZE; at += BASE_LINE_SIZE)
        BASE_WARM_LINE((const char *)start + at);
}

/* Asks for all of the set, which has not been moved since. */
static inline void base_warm_fetch(const struct base_warm *set)
{
    uintptr_t own = (uintptr_t)set & ~(uintptr_t)(BASE_LINE_SIZE - 1);
    for (uint32_t i = 0; i < set->count; i++) {
        intptr_t more = set->spans[i] & (BASE_WARM_LINES - 1);
        uintptr_t line = own + (uintptr_t)(intptr_t)(set->spans[i] - more);
        for (; more >= 0; more--, line += BASE_LINE_SIZE)
            BASE_WARM_LINE(line);
    }
}

#endif
