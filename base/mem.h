/*
 * Heap memory for a program that cannot go on without it: these never return NULL but end the
 * program with a message (see docs/decisions/out-of-memory.md). What they return is zeroed, and freed with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define BASE_LINE_SIZE 64 /* bytes of a cache line */

void *base_alloc(size_t size);
void *base_alloc_array(size_t count, size_t size);
/*
 * For data that is written once and is large: as malloc, not zeroed; from BASE_BULK_SIZE on in huge pages where
 * the kernel has them, since a page fault every 4 KiB costs more than what is written there. Freed with free().
 */
#define BASE_BULK_SIZE ((size_t)2 << 20)
void *base_alloc_bulk(size_t size);
/* At the start of a cache line: for what packets touch, so that it spreads over no more lines than its size. */
void *base_alloc_lines(size_t size);
char *base_strdup(const char *text);
char *base_strndup(const char *text, size_t size_max);
char *base_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *base_vprintf(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/*
 * Makes room for one more element behind `count` in a growing array: returns `array`, perhaps moved,
 * with *capacity at least count + 1. New room is zeroed.
 *     list = base_grow(list, count, &capacity, sizeof(*list)); list[count++] = x;
 */
void *base_grow(void *array, size_t count, size_t *capacity, size_t size);
/*
 * The same for an array that begins as `few`, room inside its owner that spares the mostly short ones a line of memory
 * of their own: *capacity is at first what fits there. Freed with base_grow_free.
 */
void *base_grow_few(void *array, const void *few, size_t count, size_t *capacity, size_t size);
void base_grow_free(void *array, const void *few);

#endif
