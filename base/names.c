/* Linear probing. The hash is kept, so that of two different names the characters are hardly ever compared. */
#include "base/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    CAPACITY_MIN = 8
};

/* FNV-1a. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash;
}

/* The slot of the name, or the free one where it would go. */
static struct base_name *find(const struct base_names *names, uint64_t hash, const char *name)
{
    size_t mask = names->capacity - 1;
    size_t at = (size_t)(hash ^ hash >> 32) & mask;
    while (names->slots[at].name &&
           (names->slots[at].hash != hash || strcmp(names->slots[at].name, name) != 0))
        at = (at + 1) & mask;
    return &names->slots[at];
}

void base_names_fini(struct base_names *names)
{
    free(names->slots);
    *names = (struct base_names){0};
}

void *base_names_get(const struct base_names *names, const char *name)
{
    return names->count ? find(names, hash_of(name), name)->value : NULL;
}

static void grow(struct base_names *names)
{
    struct base_names larger = {.capacity = names->capacity ? names->capacity * 2 : CAPACITY_MIN};
    larger.slots = base_alloc_array(larger.capacity, sizeof(*larger.slots));
    larger.count = names->count;
    for (size_t i = 0; i < names->capacity; i++) {
        const struct base_name *slot = &names->slots[i];
        if (slot->name)
            *find(&larger, slot->hash, slot->name) = *slot;
    }
    free(names->slots);
    *names = larger;
}

void base_names_put(struct base_names *names, const char *name, void *value)
{
    assert(value);
    if (names->count * 2 >= names->capacity)
        grow(names);
    uint64_t hash = hash_of(name);
    struct base_name *slot = find(names, hash, name);
    names->count += !slot->name;
    *slot = (struct base_name){.hash = hash, .name = name, .value = value};
}
