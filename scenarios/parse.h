/*
 * YAML text to a tree, by libyaml, within limits: nothing in a file can make it large, deep or slow.
 */
#ifndef SCENARIOS_PARSE_H
#define SCENARIOS_PARSE_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "scenarios/node.h"

/*
 * Reads one document. `file` is what places are called, in the arena. NULL, with errors added,
 * where it is none: not UTF-8, too large, too deep, several documents, a key twice, an alias that
 * unfolds without end. An empty document is a null scalar. With `line_zero` places have no line (a
 * value from the command line).
 */
struct scn_node *scn_parse(struct base_arena *arena, const char *file, bool line_zero,
                           const void *bytes, size_t size, struct base_diagnostics *problems);

#endif
