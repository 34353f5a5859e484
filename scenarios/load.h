/*
 * A scenario's tree: the file, merged over its `base` and that one's base, with the command line's
 * overrides laid on top. Every value keeps the place that it came from.
 */
#ifndef SCENARIOS_LOAD_H
#define SCENARIOS_LOAD_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "scenarios/node.h"

struct scn_loader {
    struct base_arena *tree;  /* values */
    struct base_arena *names; /* file names: they outlive the tree, since places point to them */
    struct base_diagnostics *problems;
};

/* The tree of a file, with its bases; NULL, with errors added, where it has none. The root is a map. */
struct scn_node *scn_load_file(const struct scn_loader *, const char *path);

/* The same of a text in memory. `base` is relative to the folder of `name`. */
struct scn_node *scn_load_text(const struct scn_loader *, const char *name, const void *bytes,
                               size_t size);

/*
 * `over` laid over `base`, both maps: maps merge key by key, lists and scalars replace, null removes. Order: the
 * base's keys, then the new ones. Neither is changed.
 */
struct scn_node *scn_merge(struct base_arena *, struct scn_node *base, struct scn_node *over);

/*
 * Applies "a.b.0.c=VALUE" to the tree: keys are separated by dots (one that holds dots is found when it exists, or
 * stands in double quotes), numbers count in lists from 0, VALUE is YAML, null removes. Maps on the way are made. A VALUE "@x.y" is the
 * single value that stands at x.y by then (YAML has no plain text that begins with @).
 */
void scn_override(const struct scn_loader *, struct scn_node *root, const char *assignment);

#endif
