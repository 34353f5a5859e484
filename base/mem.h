/*
 * Heap memory for a program that cannot go on without it: these never return NULL but end the
 * program with a message (see docs/decisions/out-of-memory.md). What they return is zeroed, and freed with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *base_alloc(size_t size);
void *base_alloc_array(size_t count, size_t size);
char *base_strdup(const char *text);
char *base_strndup(const char *text, size_t size_max);
char *base_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Makes room for one more element behind `count` in a growing array: returns `array`, perhaps moved,
 * with *capacity at least count + 1. New room is zeroed.
 *     list = base_grow(list, count, &capacity, sizeof(*list)); list[count++] = x;
 */
void *base_grow(void *array, size_t count, size_t *capacity, size_t size);

#endif
