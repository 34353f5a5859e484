/*
 * A hash map from 32-bit numbers to pointers for the packet path: open addressing, some ten octets an
 * entry, no allocation a key. For SPIs and reqids; internal to this folder.
 */
#ifndef ESP_MAP_H
#define ESP_MAP_H

#include <stddef.h>
#include <stdint.h>

struct esp_map_slot {
    uint32_t key;
    void *value; /* NULL: the slot is free */
};

struct esp_map {
    struct esp_map_slot *slots; /* NULL: nothing was put yet */
    uint32_t shift;             /* 32 less the binary logarithm of the number of slots */
    uint32_t count;
    /* The entry that was put last, once more: with one tunnel it is the one that is asked for. NULL: it is gone. */
    void *last;
    uint32_t last_key;
};

void esp_map_fini(struct esp_map *map);
/* `value` is not NULL; it replaces what the key had. */
void esp_map_put(struct esp_map *map, uint32_t key, void *value);
void esp_map_remove(struct esp_map *map, uint32_t key);

/* Fibonacci hashing: reqids are small numbers in a row, SPIs are random. */
static inline uint32_t esp_map_home(const struct esp_map *map, uint32_t key)
{
    return (key * 0x9e3779b1u) >> map->shift;
}

/* NULL: not there. */
static inline void *esp_map_get(const struct esp_map *map, uint32_t key)
{
    if (map->last && map->last_key == key)
        return map->last;
    if (!map->slots)
        return NULL;
    uint32_t mask = UINT32_MAX >> map->shift;
    uint32_t at = esp_map_home(map, key);
    while (map->slots[at].value && map->slots[at].key != key)
        at = (at + 1) & mask;
    return map->slots[at].value;
}

#endif
