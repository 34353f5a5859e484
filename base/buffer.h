/*
 * A stretch of memory that holds a packet with room before and behind it, so that headers and
 * trailers are added and taken off in place. Owns nothing: the memory is its holder's.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <assert.h>
#include <stdint.h>

struct base_buffer {
    uint8_t *memory;
    uint32_t capacity; /* bytes of memory */
    uint32_t start;    /* offset of the first byte in use */
    uint32_t size;     /* bytes in use */
};

static inline uint8_t *base_buffer_data(const struct base_buffer *b)
{
    return b->memory + b->start;
}

static inline uint32_t base_buffer_headroom(const struct base_buffer *b)
{
    return b->start;
}

static inline uint32_t base_buffer_tailroom(const struct base_buffer *b)
{
    return b->capacity - b->start - b->size;
}

/* Adds `size` bytes in front and returns them, not cleared. The headroom must be there. */
static inline uint8_t *base_buffer_push(struct base_buffer *b, uint32_t size)
{
    assert(size <= b->start);
    b->start -= size;
    b->size += size;
    return base_buffer_data(b);
}

/* Takes `size` bytes off the front. */
static inline void base_buffer_pull(struct base_buffer *b, uint32_t size)
{
    assert(size <= b->size);
    b->start += size;
    b->size -= size;
}

/* Adds `size` bytes behind and returns them, not cleared. The tailroom must be there. */
static inline uint8_t *base_buffer_put(struct base_buffer *b, uint32_t size)
{
    assert(size <= base_buffer_tailroom(b));
    uint8_t *tail = base_buffer_data(b) + b->size;
    b->size += size;
    return tail;
}

/* Cuts the bytes in use to `size`, which is no more than they are. */
static inline void base_buffer_trim(struct base_buffer *b, uint32_t size)
{
    assert(size <= b->size);
    b->size = size;
}

#endif
