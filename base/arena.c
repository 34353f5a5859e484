/*
 * An arena is a list of blocks; each piece is cut off the newest one, and a piece too large for
 * what is left there opens another block. Block sizes double up to 64 KiB.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE_MIN 4096
#define BLOCK_SIZE_MAX 65536

struct base_arena_block {
    struct base_arena_block *next;
    size_t capacity;
    size_t used;
    max_align_t data[];
};

void base_arena_fini(struct base_arena *arena)
{
    while (arena->blocks) {
        struct base_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static struct base_arena_block *block_new(const struct base_arena *arena, size_t size)
{
    size_t capacity = arena->blocks ? arena->blocks->capacity * 2 : BLOCK_SIZE_MIN;
    if (capacity > BLOCK_SIZE_MAX)
        capacity = BLOCK_SIZE_MAX;
    if (capacity < size)
        capacity = size;
    struct base_arena_block *block = base_alloc(sizeof(*block) + capacity);
    block->capacity = capacity;
    return block;
}

void *base_arena_alloc(struct base_arena *arena, size_t size)
{
    size_t align = sizeof(max_align_t);
    assert(size <= SIZE_MAX / 2);
    size = (size + align - 1) / align * align;
    struct base_arena_block *block = arena->blocks;
    if (!block || size > block->capacity - block->used) {
        block = block_new(arena, size);
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *piece = (char *)block->data + block->used;
    block->used += size;
    return piece;
}

void *base_arena_array(struct base_arena *arena, size_t count, size_t size)
{
    assert(!size || count <= SIZE_MAX / 2 / size);
    return base_arena_alloc(arena, count * size);
}

char *base_arena_strndup(struct base_arena *arena, const char *text, size_t size)
{
    char *copy = base_arena_alloc(arena, size + 1);
    if (size)
        memcpy(copy, text, size);
    return copy;
}

char *base_arena_strdup(struct base_arena *arena, const char *text)
{
    return base_arena_strndup(arena, text, strlen(text));
}

char *base_arena_vprintf(struct base_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    assert(size >= 0);
    char *text = base_arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

char *base_arena_printf(struct base_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = base_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}
