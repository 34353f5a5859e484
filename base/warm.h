/*
 * Sets of memory that will be touched soon and is likely not in the cache. Code that walks from struct to struct
 * waits for each of them in turn; asked for beforehand all at once, they come side by side. A set is only ever a hint:
 * it changes no result, and what it names may be freed (the processor ignores a fetch that leads nowhere).
 */
#ifndef BASE_WARM_H
#define BASE_WARM_H

#include <stddef.h>
#include <stdint.h>

enum {
    BASE_WARM_LINE = 64,  /* bytes of a cache line */
    BASE_WARM_SPANS = 39, /* more are left out */
};

/* All zero is empty. */
struct base_warm {
    uint32_t count;
    uintptr_t spans[BASE_WARM_SPANS]; /* address of the first line, plus lines less 1 */
};

/* Adds `size` bytes from `start`, cut to 64 lines. NULL and nothing are left out. */
static inline void base_warm_add(struct base_warm *set, const void *start, size_t size)
{
    if (!start || !size || set->count == BASE_WARM_SPANS)
        return;
    uintptr_t first = (uintptr_t)start & ~(uintptr_t)(BASE_WARM_LINE - 1);
    uintptr_t more = ((uintptr_t)start + size - 1 - first) / BASE_WARM_LINE;
    set->spans[set->count++] = first + (more < BASE_WARM_LINE ? more : BASE_WARM_LINE - 1);
}

/* Asks for `size` bytes from `start`. Returns at once. */
static inline void base_warm_now(const void *start, size_t size)
{
    for (size_t at = 0; at < size + (uintptr_t)start % BASE_WARM_LINE; at += BASE_WARM_LINE)
        __builtin_prefetch((const char *)start + at);
}

/* Asks for all of the set. */
static inline void base_warm_fetch(const struct base_warm *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const char *line = (const char *)(set->spans[i] & ~(uintptr_t)(BASE_WARM_LINE - 1));
        for (uintptr_t more = set->spans[i] % BASE_WARM_LINE + 1; more--; line += BASE_WARM_LINE)
            __builtin_prefetch(line);
    }
}

#endif
