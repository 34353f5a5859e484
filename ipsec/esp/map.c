/* Linear probing, at most three quarters full; removal closes the gap instead of leaving a mark. */
#include "ipsec/esp/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
    SHIFT_FIRST = 32 - 2 /* four slots */
};

void esp_map_fini(struct esp_map *map)
{
    free(map->slots);
    *map = (struct esp_map){0};
}

static uint32_t mask_of(const struct esp_map *map)
{
    return UINT32_MAX >> map->shift;
}

/* The slot of a key, or the free one where it belongs. */
static struct esp_map_slot *slot_of(const struct esp_map *map, uint32_t key)
{
    uint32_t at = esp_map_home(map, key);
    while (map->slots[at].value && map->slots[at].key != key)
        at = (at + 1) & mask_of(map);
    return &map->slots[at];
}

static void resize(struct esp_map *map, uint32_t shift)
{
    struct esp_map old = *map;
    map->shift = shift;
    map->slots = base_alloc_lines(((size_t)mask_of(map) + 1) * sizeof(*map->slots));
    for (uint32_t i = 0; old.slots && i <= mask_of(&old); i++) {
        if (old.slots[i].value)
            *slot_of(map, old.slots[i].key) = old.slots[i];
    }
    free(old.slots);
}

void esp_map_put(struct esp_map *map, uint32_t key, void *value)
{
    assert(value);
    if (!map->slots)
        resize(map, SHIFT_FIRST);
    else if (map->count + 1 > mask_of(map) / 4 * 3 + 2)
        resize(map, map->shift - 1);
    struct esp_map_slot *slot = slot_of(map, key);
    map->count += !slot->value;
    *slot = (struct esp_map_slot){.key = key, .value = value};
    map->last_key = key;
    map->last = value;
}

void esp_map_remove(struct esp_map *map, uint32_t key)
{
    if (!esp_map_get(map, key))
        return;
    if (map->last_key == key)
        map->last = NULL;
    uint32_t mask = mask_of(map);
    uint32_t hole = (uint32_t)(slot_of(map, key) - map->slots);
    map->count--;
    for (uint32_t at = (hole + 1) & mask; map->slots[at].value; at = (at + 1) & mask) {
        uint32_t home = esp_map_home(map, map->slots[at].key);
        /* It may move into the hole unless its home lies between the two. */
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct esp_map_slot){0};
}
