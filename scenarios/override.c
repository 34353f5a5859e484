/* `--set PATH=VALUE`: one value of the tree, replaced from the command line. */
#include "base/text.h"
#include "scenarios/load.h"
#include "scenarios/parse.h"
#include "scenarios/read.h"

#include <string.h>

struct override {
    const struct scn_loader *loader;
    struct base_where where; /* "--set internet.loss=5%", no line */
    const char *path;        /* what is left of it */
    const char *end;         /* the = */
    struct scn_node *grown;  /* the first map that got a new key as its last; NULL: none yet */
};

static void refuse(const struct override *o, const char *hint, const char *text, const char *what)
{
    base_diagnostics_add(o->loader->problems, BASE_ERROR, "bad-override", o->where, hint, "%s%s%s",
                         text, *what ? ": " : "", what);
}

/* The key that the path begins with: the longest one of the map that fits, else up to the next dot. */
static const char *take_key(struct override *o, const struct scn_node *map)
{
    size_t left = (size_t)(o->end - o->path), best = 0;
    const char *dot = memchr(o->path, '.', left);
    size_t size = dot ? (size_t)(dot - o->path) : left;
    if (left && o->path[0] == '"' && memchr(o->path + 1, '"', left - 1)) {
        const char *close = memchr(o->path + 1, '"', left - 1);
        const char *key =
            base_arena_strndup(o->loader->tree, o->path + 1, (size_t)(close - o->path - 1));
        o->path = close + 1;
        return key;
    }
    for (size_t i = 0; map->kind == SCN_MAP && i < map->count; i++) {
        size_t length = strlen(map->entries[i].key);
        if (length <= left && length > best && !memcmp(map->entries[i].key, o->path, length) &&
            (length == left || o->path[length] == '.'))
            best = length;
    }
    size = best ? best : size;
    const char *key = base_arena_strndup(o->loader->tree, o->path, size);
    o->path += size;
    return key;
}

static struct scn_entry *add_entry(struct override *o, struct scn_node *map, const char *key)
{
    struct scn_entry *entries = base_arena_array(o->loader->tree, map->count + 1, sizeof(*entries));
    if (map->count)
        memcpy(entries, map->entries, map->count * sizeof(*entries));
    if (!o->grown)
        o->grown = map;
    entries[map->count] = (struct scn_entry){
        .key = key,
        .where = o->where,
        .value = scn_node_new(o->loader->tree, SCN_MAP, o->where),
    };
    map->entries = entries;
    return &entries[map->count++];
}

/* Where the value that `key` names hangs in `node`; NULL, with an error, where there can be none. */
static struct scn_node **step_into(struct override *o, struct scn_node *node, const char *key)
{
    uint64_t index;
    if (!*key) {
        refuse(o, "write PATH=VALUE, for example internet.loss=5%", "a part of the path is empty",
               "");
        return NULL;
    }
    if (node->kind == SCN_LIST) {
        if (base_text_unsigned(key, UINT32_MAX, &index) && index < node->count)
            return &node->items[index];
        refuse(o, "entries of a list are counted from 0", "the list has no such entry", key);
        return NULL;
    }
    if (node->kind == SCN_SCALAR) {
        refuse(o, "the path goes on behind a value that has no parts", "there is nothing below",
               key);
        return NULL;
    }
    struct scn_entry *entry = scn_node_entry(node, key);
    if (!entry)
        entry = add_entry(o, node, key);
    if (entry->value->null)
        entry->value = scn_node_new(o->loader->tree, SCN_MAP, o->where);
    return &entry->value;
}

/* Null removes a key, as it does in a file that has a base. A key that is not there gets it, and is judged. */
static bool remove_entry(const struct override *o, struct scn_node *map, const char *key)
{
    struct scn_entry *gone = scn_node_entry(map, key);
    if (!gone)
        return false;
    struct scn_entry *entries = base_arena_array(o->loader->tree, map->count, sizeof(*entries));
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++)
        if (&map->entries[i] != gone)
            entries[kept++] = map->entries[i];
    map->entries = entries;
    map->count = kept;
    return true;
}

/* What a refused path has made on its way is no key of the file's, to be complained about as well. */
static void take_back(const struct override *o)
{
    if (o->grown)
        o->grown->count--;
}

static void assign(struct override *o, struct scn_node *root, struct scn_node *value)
{
    struct scn_node *node = root;
    for (;;) {
        const char *key = take_key(o, node);
        bool last = o->path == o->end;
        if (last && value->null && remove_entry(o, node, key))
            return;
        struct scn_node **slot = step_into(o, node, key);
        if (!slot) {
            take_back(o);
            return;
        }
        if (last) {
            *slot = value;
            return;
        }
        if (*o->path != '.') {
            refuse(o, "a dot stands between keys", "the path cannot be read", o->path);
            take_back(o);
            return;
        }
        o->path++;
        node = *slot;
    }
}

/* The single value that the path names, as it stands now; NULL, with an error, where there is none. */
static struct scn_node *value_at(const struct override *o, const struct scn_node *root,
                                 const char *path)
{
    struct override other = {.loader = o->loader, .path = path, .end = path + strlen(path)};
    const struct scn_node *node = root;
    for (bool more = true; node && more; other.path += more) {
        const char *key = take_key(&other, node);
        const struct scn_entry *entry = scn_node_entry(node, key);
        uint64_t index;
        if (node->kind == SCN_LIST)
            node = base_text_unsigned(key, UINT32_MAX, &index) && index < node->count
                       ? node->items[index]
                       : NULL;
        else
            node = entry ? entry->value : NULL;
        more = *other.path == '.';
    }
    if (!node || *other.path || node->kind != SCN_SCALAR) {
        refuse(o, "write PATH=@OTHER for the value that stands at OTHER",
               "there is no single value at", path);
        return NULL;
    }
    struct scn_node *value = scn_node_new(o->loader->tree, SCN_SCALAR, o->where);
    struct base_where where = value->where;
    *value = *node;
    value->where = where;
    return value;
}

void scn_override(const struct scn_loader *loader, struct scn_node *root, const char *assignment)
{
    const char *name = base_arena_printf(loader->names, "--set %s", assignment);
    struct override o = {
        .loader = loader,
        .where = {name, 0, 0},
        .path = assignment,
        .end = strchr(assignment, '='),
    };
    if (!o.end) {
        refuse(&o, "write PATH=VALUE, for example internet.loss=5%", "there is no =", "");
        return;
    }
    const char *first = assignment + (*assignment == '"');
    if (!strncmp(first, "base", 4) && strchr("=.\"", first[4])) {
        refuse(&o, "write it into a file of its own", "the file lies over its base already", "");
        return;
    }
    struct scn_node *value = o.end[1] == '@' ? value_at(&o, root, o.end + 2)
                                             : scn_parse(loader->tree, name, true, o.end + 1,
                                                         strlen(o.end + 1), loader->problems);
    if (value)
        assign(&o, root, value);
}
