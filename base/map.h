/*
 * A map from a 64-bit number to a pointer: open addressing, 16 bytes a slot, nothing while empty. Its
 * order depends on the keys alone, so that going through it repeats from run to run.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct base_map_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

/* All zero is empty. The values are their owner's. */
struct base_map {
    struct base_map_slot *slots;
    size_t count, capacity; /* capacity: 0 or a power of two, at least twice the count */
};

void base_map_fini(struct base_map *map);

/* The value of a key, or NULL. */
void *base_map_get(const struct base_map *map, uint64_t key);

/* Sets the value of a key; value is not NULL. */
void base_map_put(struct base_map *map, uint64_t key, void *value);

/* Takes a key out; returns its value, or NULL where there was none. */
void *base_map_remove(struct base_map *map, uint64_t key);

/*
 * Goes through the values: *at begins at 0; NULL at the end. Nothing is put or removed meanwhile.
 *     for (size_t at = 0; (thing = base_map_next(&map, &at));)
 */
void *base_map_next(const struct base_map *map, size_t *at);

#endif
