/*
 * Memory that is freed all at once: what is read from one file lives in one arena. Zeroed, aligned for any
 * type, never NULL (running out of memory ends the program).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct base_arena_block;

struct base_arena {
    struct base_arena_block *blocks; /* newest first */
};

static inline void base_arena_init(struct base_arena *arena)
{
    arena->blocks = NULL;
}

void base_arena_fini(struct base_arena *arena);

void *base_arena_alloc(struct base_arena *arena, size_t size);
void *base_arena_array(struct base_arena *arena, size_t count, size_t size);
char *base_arena_strndup(struct base_arena *arena, const char *text, size_t size);
char *base_arena_strdup(struct base_arena *arena, const char *text);
char *base_arena_printf(struct base_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *base_arena_vprintf(struct base_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
