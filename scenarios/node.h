/*
 * A YAML file as a tree of values, each with its place. Lives in an arena; a tree is shared, never
 * copied: merging makes new maps over the same values.
 */
#ifndef SCENARIOS_NODE_H
#define SCENARIOS_NODE_H

#include "base/arena.h"
#include "base/where.h"

#include <stdbool.h>
#include <stddef.h>

enum scn_node_kind {
    SCN_SCALAR,
    SCN_LIST,
    SCN_MAP,
};

struct scn_node;

struct scn_entry {
    const char *key;
    struct base_where where; /* of the key */
    struct scn_node *value;
};

struct scn_node {
    enum scn_node_kind kind;
    struct base_where where;
    bool null;        /* a scalar: nothing, `~` or `null`, written plainly */
    bool plain;       /* a scalar without quotes: may be a number, true or false */
    const char *text; /* a scalar's, "" when null */
    struct scn_node **items;
    struct scn_entry *entries;
    size_t count; /* of items or entries */
};

struct scn_node *scn_node_new(struct base_arena *, enum scn_node_kind, struct base_where);

/* The value of `key` in a map, NULL where there is none or it is null; NULL for what is no map. */
const struct scn_node *scn_node_get(const struct scn_node *map, const char *key);
/* The entry itself, null values too. */
struct scn_entry *scn_node_entry(const struct scn_node *map, const char *key);

/* "a map", "a list", "nothing", "'text'" (cut where it is long): what a message calls a value. In the arena. */
const char *scn_node_describe(const struct scn_node *, struct base_arena *);

/* The value on one line, in YAML's flow style. In the arena. */
const char *scn_node_flow(const struct scn_node *, struct base_arena *);
/* The same to be shown, in a log of CI for one: instead of what stands at a key `psk`, "...". */
const char *scn_node_told(const struct scn_node *, struct base_arena *);

#endif
