/* Frames of all points lie one behind the other in chunks that grow; lists run through them. */
#include "pcap/capture.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    CHUNK_FIRST_SIZE = 1 << 16,
    CHUNK_SIZE_MAX = 1 << 22,
    POINT_COUNT_MAX = 65535
};

struct chunk {
    struct chunk *next; /* the one before it in time */
    size_t size;
    size_t used;
    _Alignas(max_align_t) uint8_t bytes[];
};

struct cap_point {
    struct sim_tap tap; /* the first member: see take_frame */
    struct cap_set *set;
    char *name;
    char *description;
    enum cap_link link;
    uint16_t index;
    size_t frame_count;
    struct cap_frame *first;
    struct cap_frame *last;
};

struct cap_set {
    struct chunk *chunks; /* the newest first */
    size_t bytes;         /* of all chunks */
    size_t bytes_max;
    bool full;
    struct cap_point **points;
    size_t point_count;
    size_t point_capacity;
    size_t frame_count;
    struct cap_frame *first;
    struct cap_frame *last;
};

struct cap_set *cap_set_new(size_t bytes_max)
{
    struct cap_set *set = base_alloc(sizeof(*set));
    set->bytes_max = bytes_max;
    return set;
}

void cap_set_free(struct cap_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->point_count; i++) {
        free(set->points[i]->name);
        free(set->points[i]->description);
        free(set->points[i]);
    }
    free(set->points);
    struct chunk *next = NULL;
    for (struct chunk *chunk = set->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(set);
}

bool cap_set_is_full(const struct cap_set *set)
{
    return set->full;
}

/* Room for `size` octets, aligned for a frame; NULL: the set is full. */
static void *take_room(struct cap_set *set, size_t size)
{
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    struct chunk *chunk = set->chunks;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = chunk ? chunk->size * 2 : CHUNK_FIRST_SIZE;
        room = room > CHUNK_SIZE_MAX ? CHUNK_SIZE_MAX : room;
        room = room < size ? size : room;
        if (room > set->bytes_max - set->bytes)
            return NULL;
        chunk = base_alloc(sizeof(*chunk) + room);
        *chunk = (struct chunk){.next = set->chunks, .size = room};
        set->chunks = chunk;
        set->bytes += room;
    }
    void *place = chunk->bytes + chunk->used;
    chunk->used += size;
    return place;
}

static void append(struct cap_point *point, struct cap_frame *frame)
{
    struct cap_set *set = point->set;
    if (set->last)
        set->last->next = frame;
    else
        set->first = frame;
    set->last = frame;
    if (point->last)
        point->last->next_at_point = frame;
    else
        point->first = frame;
    point->last = frame;
    point->frame_count++;
    frame->number = (uint32_t)++set->frame_count;
}

void cap_point_add(struct cap_point *point, const struct sim_tap_frame *frame)
{
    struct cap_set *set = point->set;
    size_t comment_size = frame->comment ? strlen(frame->comment) + 1 : 0;
    struct cap_frame *copy = NULL;
    if (!set->full)
        copy = take_room(set, sizeof(*copy) + frame->size + comment_size);
    if (!copy) {
        set->full = true;
        return;
    }
    *copy = (struct cap_frame){.point = point,
                               .at = frame->at,
                               .packet = frame->packet,
                               .parent = frame->parent,
                               .size = (uint32_t)frame->size,
                               .direction = frame->direction};
    memcpy(copy->bytes, frame->bytes, frame->size);
    if (comment_size)
        copy->comment = memcpy(copy->bytes + frame->size, frame->comment, comment_size);
    append(point, copy);
}

static void take_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    cap_point_add((struct cap_point *)tap, frame);
}

struct cap_point *cap_point_new(struct cap_set *set, const char *name, const char *description,
                                enum cap_link link)
{
    assert(set->point_count < POINT_COUNT_MAX && !cap_set_point(set, name));
    struct cap_point *point = base_alloc(sizeof(*point));
    point->tap.frame = take_frame;
    point->set = set;
    point->name = base_strdup(name);
    point->description = description ? base_strdup(description) : NULL;
    point->link = link;
    point->index = (uint16_t)set->point_count;
    set->points = base_grow(set->points, set->point_count, &set->point_capacity, sizeof(void *));
    set->points[set->point_count++] = point;
    return point;
}

struct sim_tap *cap_point_tap(struct cap_point *point)
{
    return &point->tap;
}

const char *cap_point_name(const struct cap_point *point)
{
    return point->name;
}

const char *cap_point_description(const struct cap_point *point)
{
    return point->description;
}

enum cap_link cap_point_link(const struct cap_point *point)
{
    return point->link;
}

uint16_t cap_point_index(const struct cap_point *point)
{
    return point->index;
}

size_t cap_point_frame_count(const struct cap_point *point)
{
    return point->frame_count;
}

const struct cap_frame *cap_point_first(const struct cap_point *point)
{
    return point->first;
}

size_t cap_set_point_count(const struct cap_set *set)
{
    return set->point_count;
}

struct cap_point *cap_set_point_at(const struct cap_set *set, size_t index)
{
    return index < set->point_count ? set->points[index] : NULL;
}

struct cap_point *cap_set_point(const struct cap_set *set, const char *name)
{
    for (size_t i = 0; i < set->point_count; i++) {
        if (!strcmp(set->points[i]->name, name))
            return set->points[i];
    }
    return NULL;
}

size_t cap_set_frame_count(const struct cap_set *set)
{
    return set->frame_count;
}

const struct cap_frame *cap_set_first(const struct cap_set *set)
{
    return set->first;
}
