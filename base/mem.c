/* Allocation that cannot fail: a test bed without memory has nothing sensible left to say. */
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "tunnelbed: out of memory (asked for %zu bytes)\n", size);
    exit(2);
}

void *base_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

void *base_alloc_array(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        out_of_memory(count);
    return memory;
}

void *base_alloc_bulk(size_t size)
{
    void *block = NULL;
    size_t alignment = size < BASE_BULK_SIZE ? sizeof(max_align_t) : BASE_BULK_SIZE;
    if (posix_memalign(&block, alignment, size))
        out_of_memory(size);
    if (size >= BASE_BULK_SIZE)
        (void)madvise(block, size, MADV_HUGEPAGE); /* a wish */
    return block;
}

void *base_alloc_lines(size_t size)
{
    size_t whole = (size + BASE_LINE_SIZE - 1) / BASE_LINE_SIZE * BASE_LINE_SIZE;
    void *memory =
        size <= whole ? aligned_alloc(BASE_LINE_SIZE, whole ? whole : BASE_LINE_SIZE) : NULL;
    if (!memory)
        out_of_memory(size);
    return memset(memory, 0, whole);
}

char *base_strdup(const char *text)
{
    return base_strndup(text, SIZE_MAX);
}

char *base_strndup(const char *text, size_t size_max)
{
    size_t size = strnlen(text, size_max);
    char *copy = base_alloc(size + 1);
    memcpy(copy, text, size);
    return copy;
}

char *base_vprintf(const char *format, va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0)
        out_of_memory(0);
    return text;
}

char *base_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = base_vprintf(format, arguments);
    va_end(arguments);
    return text;
}

void *base_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    void *grown = reallocarray(array, wanted, size);
    if (!grown)
        out_of_memory(wanted);
    memset((char *)grown + *capacity * size, 0, (wanted - *capacity) * size);
    *capacity = wanted;
    return grown;
}

void *base_grow_few(void *array, const void *few, size_t count, size_t *capacity, size_t size)
{
    if (array != few || count < *capacity)
        return base_grow(array, count, capacity, size);
    void *grown = base_alloc_array(*capacity *= 2, size);
    return memcpy(grown, few, count * size);
}

void base_grow_free(void *array, const void *few)
{
    if (array != few)
        free(array);
}
