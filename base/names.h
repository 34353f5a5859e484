/*
 * A map from a name to a pointer: open addressing, nothing while empty. Nothing is taken out of it but all
 * at once. Nobody goes through it, so its order shows nowhere.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct base_name {
    uint64_t hash;
    const char *name; /* NULL: free */
    void *value;
};

/* All zero is empty. Names and values are their owners', and outlive the map. */
struct base_names {
    struct base_name *slots;
    size_t count, capacity; /* capacity: 0 or a power of two, at least twice the count */
};

void base_names_fini(struct base_names *names);

/* The value of a name, or NULL. */
void *base_names_get(const struct base_names *names, const char *name);

/* Sets the value of a name, in place of an earlier one; value is not NULL. */
void base_names_put(struct base_names *names, const char *name, void *value);

#endif
