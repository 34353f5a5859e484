/*
 * Cursors over bytes in network order, with sticky failure: a read past the end gives zero and marks
 * the reader, a write past the end writes nothing and marks the writer; one question at the end
 * tells whether all went well. Sizes are compared, never pointers.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct base_reader {
    const uint8_t *data; /* borrowed */
    size_t size;
    size_t at;
    bool failed;
};

struct base_writer {
    uint8_t *data; /* borrowed */
    size_t capacity;
    size_t size; /* written so far */
    bool failed;
};

static inline struct base_reader base_reader_of(const void *data, size_t size)
{
    return (struct base_reader){.data = data, .size = size};
}

static inline size_t base_reader_left(const struct base_reader *r)
{
    return r->failed ? 0 : r->size - r->at;
}

/* True when nothing was read past the end and nothing is left over. */
static inline bool base_reader_done(const struct base_reader *r)
{
    return !r->failed && r->at == r->size;
}

/* The next `size` bytes, or NULL (and the reader fails) where there are fewer. */
static inline const uint8_t *base_read_bytes(struct base_reader *r, size_t size)
{
    if (r->failed || size > r->size - r->at) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *bytes = r->data + r->at;
    r->at += size;
    return bytes;
}

static inline void base_read_copy(struct base_reader *r, void *out, size_t size)
{
    const uint8_t *bytes = base_read_bytes(r, size);
    if (bytes && size)
        memcpy(out, bytes, size);
    else if (size)
        memset(out, 0, size);
}

static inline uint64_t base_read_be(struct base_reader *r, size_t size)
{
    const uint8_t *bytes = base_read_bytes(r, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static inline uint8_t base_read_u8(struct base_reader *r)
{
    return (uint8_t)base_read_be(r, 1);
}

static inline uint16_t base_read_u16(struct base_reader *r)
{
    return (uint16_t)base_read_be(r, 2);
}

static inline uint32_t base_read_u32(struct base_reader *r)
{
    return (uint32_t)base_read_be(r, 4);
}

static inline uint64_t base_read_u64(struct base_reader *r)
{
    return base_read_be(r, 8);
}

/* A reader over the next `size` bytes alone, which the parent skips; failed where there are fewer. */
static inline struct base_reader base_read_sub(struct base_reader *r, size_t size)
{
    const uint8_t *bytes = base_read_bytes(r, size);
    return (struct base_reader){.data = bytes, .size = bytes ? size : 0, .failed = !bytes};
}

static inline struct base_writer base_writer_of(void *data, size_t capacity)
{
    return (struct base_writer){.data = data, .capacity = capacity};
}

/* Room for `size` bytes to be filled in by the caller, or NULL (and the writer fails). */
static inline uint8_t *base_write_room(struct base_writer *w, size_t size)
{
    if (w->failed || size > w->capacity - w->size) {
        w->failed = true;
        return NULL;
    }
    uint8_t *room = w->data + w->size;
    w->size += size;
    return room;
}

static inline void base_write_bytes(struct base_writer *w, const void *bytes, size_t size)
{
    uint8_t *room = base_write_room(w, size);
    if (room && size)
        memcpy(room, bytes, size);
}

static inline void base_write_zeros(struct base_writer *w, size_t size)
{
    uint8_t *room = base_write_room(w, size);
    if (room && size)
        memset(room, 0, size);
}

static inline void base_put_be(uint8_t *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static inline void base_write_be(struct base_writer *w, uint64_t value, size_t size)
{
    uint8_t *room = base_write_room(w, size);
    if (room)
        base_put_be(room, value, size);
}

static inline void base_write_u8(struct base_writer *w, uint8_t value)
{
    base_write_be(w, value, 1);
}

static inline void base_write_u16(struct base_writer *w, uint16_t value)
{
    base_write_be(w, value, 2);
}

static inline void base_write_u32(struct base_writer *w, uint32_t value)
{
    base_write_be(w, value, 4);
}

static inline void base_write_u64(struct base_writer *w, uint64_t value)
{
    base_write_be(w, value, 8);
}

/* Writes `value` over `size` bytes that were already written at offset `at`: for lengths. */
static inline void base_write_patch(struct base_writer *w, size_t at, uint64_t value, size_t size)
{
    if (w->failed || at > w->size || size > w->size - at)
        w->failed = true;
    else
        base_put_be(w->data + at, value, size);
}

#endif
