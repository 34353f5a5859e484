/* Linear probing with backward shifts, so that removing leaves no marks behind. */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    CAPACITY_MIN = 4
};

/* Fibonacci hashing on the upper half, where every bit of the key has had its say. */
static size_t home_of(const struct base_map *map, uint64_t key)
{
    key ^= key >> 32;
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (map->capacity - 1);
}

/* The slot of the key, or the free one where it would go. */
static size_t find(const struct base_map *map, uint64_t key)
{
    size_t at = home_of(map, key);
    while (map->slots[at].value && map->slots[at].key != key)
        at = (at + 1) & (map->capacity - 1);
    return at;
}

void base_map_fini(struct base_map *map)
{
    free(map->slots);
    *map = (struct base_map){0};
}

void *base_map_get(const struct base_map *map, uint64_t key)
{
    return map->count ? map->slots[find(map, key)].value : NULL;
}

static void grow(struct base_map *map)
{
    struct base_map larger = {.capacity = map->capacity ? map->capacity * 2 : CAPACITY_MIN};
    larger.slots = base_alloc_array(larger.capacity, sizeof(*larger.slots));
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].value)
            larger.slots[find(&larger, map->slots[i].key)] = map->slots[i];
    larger.count = map->count;
    free(map->slots);
    *map = larger;
}

void base_map_put(struct base_map *map, uint64_t key, void *value)
{
    assert(value);
    if (map->count * 2 >= map->capacity)
        grow(map);
    struct base_map_slot *slot = &map->slots[find(map, key)];
    map->count += !slot->value;
    *slot = (struct base_map_slot){.key = key, .value = value};
}

void *base_map_remove(struct base_map *map, uint64_t key)
{
    if (!map->count)
        return NULL;
    size_t mask = map->capacity - 1, hole = find(map, key);
    void *value = map->slots[hole].value;
    if (!value)
        return NULL;
    map->count--;
    for (size_t at = (hole + 1) & mask; map->slots[at].value; at = (at + 1) & mask) {
        size_t home = home_of(map, map->slots[at].key);
        /* It may move up only where its home is not between the hole and itself. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole].value = NULL;
    return value;
}

void *base_map_next(const struct base_map *map, size_t *at)
{
    while (*at < map->capacity) {
        void *value = map->slots[(*at)++].value;
        if (value)
            return value;
    }
    return NULL;
}
