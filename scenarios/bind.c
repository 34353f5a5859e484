/* The reading of a tree by tables. Goes on after an error, so that all of a file's are told. */
#include "scenarios/bind.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#define LISTED_MAX 24

static void *member(void *object, size_t offset)
{
    return (char *)object + offset;
}

const char *scn_bind_text(struct scn_bind *b, const char *text)
{
    return base_arena_strdup(b->arena, text);
}

/* --- Messages -------------------------------------------------------------------------------- */

bool scn_bind_error(struct scn_bind *b, const char *code, const struct scn_node *node,
                    const struct scn_key *key, const char *hint, const char *format, ...)
{
    va_list args;
    if (!strcmp(code, "unknown-name") && scn_bind_name_follows(b, node->text))
        return false;
    va_start(args, format);
    const char *text = base_arena_vprintf(b->tree, format, args);
    va_end(args);
    base_diagnostics_add(b->problems, BASE_ERROR, code, node->where, hint, "%s%s%s",
                         key ? key->name : "", key ? ": " : "", text);
    return false;
}

/* The words of a type that has some: "one of a, b, c", else what the type says of itself. */
static const char *what_is_right(struct scn_bind *b, const struct scn_type *type, const char *given)
{
    const char *words[LISTED_MAX];
    size_t count = 0;
    if (!type->word)
        return type->about;
    while (count < LISTED_MAX && (words[count] = type->word((unsigned)count)))
        count++;
    return scn_bind_suggest(b, given, words, count);
}

bool scn_bind_bad_value(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node)
{
    return scn_bind_error(b, "bad-value", node, key, what_is_right(b, type, node->text),
                          "%s is not %s", scn_node_describe(node, b->tree), type->name);
}

const char *scn_bind_suggest(struct scn_bind *b, const char *word, const char *const *words,
                             size_t count)
{
    const char *nearest = base_text_nearest(word, words, count);
    const char *list = "";
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!words[i])
            continue;
        if (i >= LISTED_MAX) {
            list = base_arena_printf(b->tree, "%s, ...", list);
            break;
        }
        list = base_arena_printf(b->tree, "%s%s%s", list, any ? ", " : "", words[i]);
        any = true;
    }
    if (count == 1 && words[0])
        return base_arena_printf(b->tree, "write '%s'", words[0]);
    if (nearest && count > LISTED_MAX)
        return base_arena_printf(b->tree, "did you mean '%s'?", nearest);
    if (nearest)
        return base_arena_printf(b->tree, "did you mean '%s'? (one of %s)", nearest, list);
    return any ? base_arena_printf(b->tree, "one of %s", list) : NULL;
}

bool scn_bind_is_scalar(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node)
{
    if (node->kind == SCN_SCALAR && !node->null)
        return true;
    return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not %s",
                          scn_node_describe(node, b->tree), type->name);
}

bool scn_bind_known_key(const struct scn_type *type, const char *key)
{
    for (size_t i = 0; i < type->key_count; i++)
        if (!strcmp(type->keys[i].name, key))
            return true;
    return false;
}

static bool known_key(const struct scn_type *type, const char *key, const char *const *also)
{
    for (; also && *also; also++)
        if (!strcmp(*also, key))
            return true;
    return scn_bind_known_key(type, key);
}

#define KEYS_MAX 64

static size_t key_names(const struct scn_type *type, const char *const *also,
                        const char *words[KEYS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < type->key_count && count < KEYS_MAX; i++)
        words[count++] = type->keys[i].name;
    for (; also && *also && count < KEYS_MAX; also++)
        words[count++] = *also;
    return count;
}

/* Whether an unknown key of the map looks like this one: then that is told, and not that this one is missing. */
static bool is_misspelt(const struct scn_type *type, const struct scn_node *map, const char *key)
{
    const char *words[KEYS_MAX];
    size_t count = key_names(type, NULL, words);
    for (size_t i = 0; i < map->count; i++) {
        const char *nearest = scn_bind_known_key(type, map->entries[i].key)
                                  ? NULL
                                  : base_text_nearest(map->entries[i].key, words, count);
        if (nearest && !strcmp(nearest, key))
            return true;
    }
    return false;
}

static void unknown_key(struct scn_bind *b, const struct scn_type *type,
                        const struct scn_entry *entry, const char *const *also)
{
    const char *words[KEYS_MAX];
    size_t count = key_names(type, also, words);
    const char *nearest = base_text_nearest(entry->key, words, count);
    const char *hint = nearest ? base_arena_printf(b->tree, "did you mean '%s'?", nearest)
                               : scn_bind_suggest(b, entry->key, words, count);
    if (!strcmp(entry->key, "properties"))
        hint = "of an API answer, paste what stands in `properties`, not what is around it";
    if (!strcmp(entry->key, "<<"))
        hint = "merge keys have no meaning here: write the keys out, or lay the file over a `base`";
    const struct scn_node at = {.where = entry->where};
    scn_bind_error(b, "unknown-key", &at, NULL, hint, "unknown key '%s' in %s", entry->key,
                   type->name);
}

void scn_bind_unknown_keys(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_node *node, const char *const *also)
{
    for (size_t i = 0; i < node->count && b->problems->error_count <= BASE_DIAGNOSTICS_MAX; i++)
        if (!known_key(type, node->entries[i].key, also))
            unknown_key(b, type, &node->entries[i], also);
}

/* --- Values ---------------------------------------------------------------------------------- */

static bool bind_word(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, unsigned *slot)
{
    const char *word;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (unsigned i = 0; (word = type->word(i)); i++)
        if (!strcmp(word, node->text)) {
            *slot = i;
            return true;
        }
    return scn_bind_bad_value(b, type, key, node);
}

bool scn_bind_choice(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    unsigned word;
    if (!bind_word(b, type, key, node, &word))
        return false;
    *(unsigned *)slot = word + 1;
    return true;
}

static bool check_count(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, size_t count)
{
    if (count < type->count_min)
        return scn_bind_error(b, "too-few", node, key, NULL,
                              "%zu entries are too few (at least %zu)", count, type->count_min);
    if (type->count_max && count > type->count_max)
        return scn_bind_error(b, "too-many", node, key, "the product allows no more",
                              "%zu entries are too many (at most %zu)", count, type->count_max);
    return true;
}

static bool bind_list(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void **slot, size_t *count)
{
    assert(count); /* no type is a list of lists: where the number would go */
    bool one = type->or_one && node->kind != SCN_LIST && !node->null;
    if (!one && node->kind != SCN_LIST)
        return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not a list",
                              scn_node_describe(node, b->tree));
    size_t n = one ? 1 : node->count;
    bool ok = check_count(b, type, key, node, n);
    char *items = base_arena_array(b->arena, n, type->size);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        const struct scn_node *item = one ? node : node->items[i];
        const struct scn_key *its_key = type->of->kind == SCN_TYPE_VALUE ? key : NULL;
        char *place = items + *count * type->size;
        if (scn_bind_value(b, type->of, its_key, item, place, NULL)) {
            (*count)++;
        } else {
            memset(place, 0, type->size); /* what was read of it must not show in the next */
            ok = false;
        }
    }
    *slot = items;
    return ok;
}

static bool bind_named(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void **slot, size_t *count)
{
    assert(count);
    if (node->kind != SCN_MAP)
        return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not a map of names",
                              scn_node_describe(node, b->tree));
    bool ok = check_count(b, type, key, node, node->count);
    char *items = base_arena_array(b->arena, node->count, type->size);
    *slot = items;
    *count = 0;
    for (size_t i = 0; i < node->count; i++) {
        const struct scn_entry *entry = &node->entries[i];
        if (entry->value->null && type->of->kind != SCN_TYPE_MAP)
            continue;
        void *item = items + (*count)++ * type->size;
        type->named(b, entry, item);
        ok &= scn_bind_value(b, type->of, NULL, entry->value, item, NULL);
    }
    return ok;
}

bool scn_bind_value(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                    const struct scn_node *node, void *slot, size_t *count)
{
    switch (type->kind) {
    case SCN_TYPE_VALUE:
        return type->read(b, type, key, node, slot);
    case SCN_TYPE_WORD:
        return bind_word(b, type, key, node, slot);
    case SCN_TYPE_MAP:
        return scn_bind_map(b, type, node, slot);
    case SCN_TYPE_LIST:
        return bind_list(b, type, key, node, slot, count);
    case SCN_TYPE_NAMED:
        return bind_named(b, type, key, node, slot, count);
    case SCN_TYPE_IGNORED:
        return true;
    }
    return false;
}

/* --- Maps ------------------------------------------------------------------------------------ */

static void bind_key(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *map, void *object)
{
    const struct scn_node *node = scn_node_get(map, key->name);
    size_t *count = key->count_offset ? member(object, key->count_offset) : NULL;
    if (!node) {
        if (key->required && !is_misspelt(type, map, key->name))
            base_diagnostics_add(b->problems, BASE_ERROR, "missing-key", map->where, key->about,
                                 "%s needs '%s'", type->name, key->name);
        return;
    }
    if (key->where_offset)
        *(struct base_where *)member(object, key->where_offset) = node->where;
    if (!scn_bind_value(b, key->type, key, node, member(object, key->offset), count))
        return;
    if (key->has_offset)
        *(bool *)member(object, key->has_offset) = true;
    if (key->set_bit)
        *(uint32_t *)member(object, type->set_offset) |= key->set_bit;
}

bool scn_bind_map(struct scn_bind *b, const struct scn_type *type, const struct scn_node *node,
                  void *object)
{
    size_t errors = b->problems->error_count;
    if (type->where_offset)
        *(struct base_where *)member(object, type->where_offset) = node->where;
    if (type->begin)
        type->begin(b, node, object);
    if (node->kind != SCN_MAP)
        return scn_bind_error(b, "wrong-type", node, NULL, type->about,
                              "%s is %s, not a map of keys", type->name,
                              type->secret && node->kind == SCN_SCALAR && !node->null
                                  ? "a text"
                                  : scn_node_describe(node, b->tree));
    scn_bind_unknown_keys(b, type, node, NULL);
    for (size_t i = 0; i < type->key_count; i++)
        bind_key(b, type, &type->keys[i], node, object);
    if (type->finish)
        type->finish(b, node, object);
    return b->problems->error_count == errors;
}
