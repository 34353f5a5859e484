/*
 * Sections, values and lists: the shape that swanctl.conf, strongswan.conf and the messages of vici share.
 * Everything lives in the tree's arena. Names and texts are copied.
 */
#ifndef STRONGSWAN_TREE_H
#define STRONGSWAN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum swan_kind {
    SWAN_SECTION,
    SWAN_VALUE,
    SWAN_LIST, /* its items are values without a name */
};

struct swan_element {
    enum swan_kind kind;
    const char *name; /* "" in the root and in a list's items */
    const char *text; /* SWAN_VALUE: `size` bytes, and a zero behind them */
    size_t size;
    struct swan_element *first, *last; /* what is in a section or a list, in its order */
    struct swan_element *next;
};

struct swan_tree {
    struct base_arena arena;
    struct swan_element root; /* a section */
};

void swan_tree_init(struct swan_tree *tree);
void swan_tree_fini(struct swan_tree *tree);

/* Each adds at the end of `parent` (a section, for items a list) and returns what it added. */
struct swan_element *swan_tree_section(struct swan_tree *tree, struct swan_element *parent,
                                       const char *name);
struct swan_element *swan_tree_list(struct swan_tree *tree, struct swan_element *parent,
                                    const char *name);
struct swan_element *swan_tree_value(struct swan_tree *tree, struct swan_element *parent,
                                     const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct swan_element *swan_tree_bytes(struct swan_tree *tree, struct swan_element *parent,
                                     const char *name, const void *bytes, size_t size);
struct swan_element *swan_tree_item(struct swan_tree *tree, struct swan_element *list,
                                    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The first of that name in a section, or NULL; NULL in a NULL one. */
const struct swan_element *swan_tree_find(const struct swan_element *section, const char *name);
/* The text of a value, "" where there is none. */
const char *swan_tree_text(const struct swan_element *section, const char *name);
/* A value that is a decimal number; 0 where there is none. */
uint64_t swan_tree_number(const struct swan_element *section, const char *name);
/* A value that is `yes`. */
bool swan_tree_yes(const struct swan_element *section, const char *name);

/*
 * The tree as a file that strongSwan reads (swanctl.conf(5)): four blanks a level, texts that need it quoted and
 * escaped, lists joined by commas. A value named `secret` that is no printable text, or that would be taken for a
 * number in another notation, is written as 0x and hexadecimal digits. To be freed.
 */
char *swan_tree_write(const struct swan_tree *tree);

#endif
