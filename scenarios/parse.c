/*
 * YAML text to a tree, from libyaml's events: its document API would read all of a hostile file before any limit
 * could stop it, in time that grows with the square of the depth. Merge keys (<<) of YAML 1.1 have no meaning
 * here; neither have tags, and they are refused, since they would say that a value is something else than it looks.
 */
#include "scenarios/parse.h"

#include "base/mem.h"
#include "base/names.h"
#include "scenarios/read.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct parse {
    struct base_arena *arena;
    const char *file;
    bool line_zero;
    const unsigned char *bytes;
    size_t size;
    struct base_diagnostics *problems;
    yaml_parser_t parser;
    struct base_names anchors; /* the last node of each name, as YAML has it */
    size_t nodes;
    bool failed; /* no YAML, or past a limit: one error is enough */
};

static struct base_where where_of(const struct parse *p, yaml_mark_t mark)
{
    struct base_where where = {p->file, 0, 0};
    if (!p->line_zero) {
        where.line = (int)mark.line + 1;
        where.column = (int)mark.column + 1;
    }
    return where;
}

/* --- Before libyaml -------------------------------------------------------------------------- */

static bool has_prefix(const unsigned char *bytes, size_t size, const char *prefix, size_t length)
{
    return size >= length && !memcmp(bytes, prefix, length);
}

static bool acceptable(const struct parse *p)
{
    const unsigned char *bytes = p->bytes;
    size_t size = p->size;
    struct base_where whole = {p->file, 0, 0};
    if (size > SCN_FILE_SIZE_MAX) {
        base_diagnostics_add(p->problems, BASE_ERROR, "too-large", whole, "split it up with `base`",
                             "the file has more than %d bytes", SCN_FILE_SIZE_MAX);
        return false;
    }
    if (has_prefix(bytes, size, "\xff\xfe", 2) || has_prefix(bytes, size, "\xfe\xff", 2)) {
        base_diagnostics_add(p->problems, BASE_ERROR, "not-utf8", whole, "save it as UTF-8",
                             "this is UTF-16 or UTF-32");
        return false;
    }
    if (size && memchr(bytes, 0, size)) {
        base_diagnostics_add(p->problems, BASE_ERROR, "not-yaml", whole,
                             "a scenario is a YAML text in UTF-8",
                             "this is no text but a binary file");
        return false;
    }
    return true;
}

/* --- libyaml's errors ------------------------------------------------------------------------ */

static yaml_mark_t mark_at(const unsigned char *bytes, size_t size, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < size && i < offset; i++) {
        mark.column = bytes[i] == '\n' ? 0 : mark.column + 1;
        mark.line += bytes[i] == '\n';
    }
    return mark;
}

static void report(const struct parse *p)
{
    const yaml_parser_t *parser = &p->parser;
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    yaml_mark_t mark = parser->problem_mark;
    const char *hint = NULL;
    if (parser->error == YAML_MEMORY_ERROR)
        problem = "libyaml ran out of memory";
    if (parser->error == YAML_READER_ERROR) {
        mark = mark_at(p->bytes, p->size, parser->problem_offset);
        hint = "a scenario is a YAML text in UTF-8";
    }
    if (mark.index < p->size && p->bytes[mark.index] == '\t')
        hint = "YAML is indented with blanks, never with tabs";
    char begun[64] = "";
    if (parser->context && !p->line_zero && parser->context_mark.line < mark.line)
        snprintf(begun, sizeof(begun), " that begins at %zu:%zu", parser->context_mark.line + 1,
                 parser->context_mark.column + 1);
    base_diagnostics_add(p->problems, BASE_ERROR, "not-yaml", where_of(p, mark), hint,
                         "not YAML: %s%s%s%s", problem, parser->context ? " " : "",
                         parser->context ? parser->context : "", begun);
}

/* --- The events as a tree -------------------------------------------------------------------- */

static void fail(struct parse *p, const char *code, struct base_where where, const char *hint,
                 const char *text)
{
    if (!p->failed)
        base_diagnostics_add(p->problems, BASE_ERROR, code, where, hint, "%s", text);
    p->failed = true;
}

/* The next event, which the caller deletes; false, with the error told, where there is none. */
static bool next_event(struct parse *p, yaml_event_t *event)
{
    if (p->failed)
        return false;
    if (yaml_parser_parse(&p->parser, event))
        return true;
    report(p);
    p->failed = true;
    return false;
}

static bool is_null(const yaml_event_t *event)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcmp((const char *)event->data.scalar.value, words[i]))
            return true;
    return false;
}

static void read_scalar(struct parse *p, const yaml_event_t *event, struct scn_node *to)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    if (size && memchr(text, 0, size))
        fail(p, "bad-text", to->where, "leave \\0 out", "a text holds a NUL character");
    to->null = is_null(event);
    to->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!to->null)
        to->text = base_arena_strndup(p->arena, text, size);
}

/* What it is called is not told: it may be a key that begins with '!' and has no quotes. */
static void check_tag(const struct parse *p, const yaml_char_t *tag, struct base_where where)
{
    if (tag)
        base_diagnostics_add(p->problems, BASE_ERROR, "unknown-tag", where,
                             "a value is written as it is; quotes make a text of it",
                             "a tag has no meaning here");
}

#define LIMIT_TEXT(n) #n
#define LIMIT(n) LIMIT_TEXT(n)

static struct scn_node *new_node(struct parse *p, enum scn_node_kind kind, struct base_where where,
                                 int depth)
{
    if (depth > SCN_DEPTH_MAX)
        fail(p, "too-deep", where, "a scenario needs far fewer levels",
             "lists and maps are nested more than " LIMIT(SCN_DEPTH_MAX) " deep");
    if (++p->nodes > SCN_NODES_MAX)
        fail(p, "too-many-values", where, "an alias counts as a copy of its anchor",
             "the file has more than " LIMIT(SCN_NODES_MAX) " values");
    return p->failed ? NULL : scn_node_new(p->arena, kind, where);
}

static struct scn_node *read_node(struct parse *p, const yaml_event_t *event, int depth);

static void read_list(struct parse *p, struct scn_node *to, int depth)
{
    struct scn_node **items = NULL;
    size_t capacity = 0;
    yaml_event_t event;
    while (next_event(p, &event)) {
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        struct scn_node *item = end ? NULL : read_node(p, &event, depth + 1);
        yaml_event_delete(&event);
        if (!item)
            break;
        items = base_grow(items, to->count, &capacity, sizeof(struct scn_node *));
        items[to->count++] = item;
    }
    to->items = base_arena_array(p->arena, to->count, sizeof(struct scn_node *));
    if (items)
        memcpy(to->items, items, to->count * sizeof(struct scn_node *));
    free(items);
}

static int compare_keys(const void *left, const void *right)
{
    const struct scn_entry *a = *(const struct scn_entry *const *)left;
    const struct scn_entry *b = *(const struct scn_entry *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : a < b ? -1 : a > b; /* of one array: the order of the file */
}

static void check_duplicates(struct parse *p, const struct scn_node *map)
{
    const struct scn_entry **keys = base_arena_array(p->arena, map->count, sizeof(*keys));
    for (size_t i = 0; i < map->count; i++)
        keys[i] = &map->entries[i];
    if (map->count)
        qsort(keys, map->count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < map->count; i++)
        if (!strcmp(keys[i - 1]->key, keys[i]->key))
            base_diagnostics_add(p->problems, BASE_ERROR, "duplicate-key", keys[i]->where,
                                 "a key stands once in a map",
                                 "the key '%s' is here again (first on line %d)", keys[i]->key,
                                 keys[i - 1]->where.line);
}

/* One key with its value; false at the map's end and after an error. */
static bool read_entry(struct parse *p, struct scn_entry *entry, int depth)
{
    yaml_event_t event;
    struct scn_node key = {.text = ""};
    if (!next_event(p, &event))
        return false;
    bool end = event.type == YAML_MAPPING_END_EVENT;
    key.where = where_of(p, event.start_mark);
    if (event.type == YAML_SCALAR_EVENT) {
        check_tag(p, event.data.scalar.tag, key.where);
        read_scalar(p, &event, &key);
    } else if (!end) {
        fail(p, "bad-key", key.where, "a key is a word", "a key is a list, a map or an alias");
    }
    yaml_event_delete(&event);
    if (end || !next_event(p, &event))
        return false;
    *entry = (struct scn_entry){key.text, key.where, read_node(p, &event, depth + 1)};
    yaml_event_delete(&event);
    return entry->value != NULL;
}

static void read_map(struct parse *p, struct scn_node *to, int depth)
{
    struct scn_entry *entries = NULL, entry;
    size_t capacity = 0;
    while (read_entry(p, &entry, depth)) {
        entries = base_grow(entries, to->count, &capacity, sizeof(*entries));
        entries[to->count++] = entry;
    }
    to->entries = base_arena_array(p->arena, to->count, sizeof(*entries));
    if (entries)
        memcpy(to->entries, entries, to->count * sizeof(*entries));
    free(entries);
    if (!p->failed)
        check_duplicates(p, to);
}

/* --- Anchors and aliases --------------------------------------------------------------------- */

static void keep_anchor(struct parse *p, const yaml_char_t *name, struct scn_node *node)
{
    if (name && !p->failed)
        base_names_put(&p->anchors, base_arena_strdup(p->arena, (const char *)name), node);
}

/* A copy, so that an override of the one leaves the other alone; it keeps the places of the anchor. */
static struct scn_node *copy(struct parse *p, const struct scn_node *from, int depth)
{
    struct scn_node *to = new_node(p, from->kind, from->where, depth);
    if (!to)
        return NULL;
    *to = *from;
    if (from->kind == SCN_LIST)
        to->items = base_arena_array(p->arena, from->count, sizeof(struct scn_node *));
    if (from->kind == SCN_MAP)
        to->entries = base_arena_array(p->arena, from->count, sizeof(*to->entries));
    for (size_t i = 0; i < from->count && !p->failed; i++)
        if (from->kind == SCN_LIST) {
            to->items[i] = copy(p, from->items[i], depth + 1);
        } else {
            to->entries[i] = from->entries[i];
            to->entries[i].value = copy(p, from->entries[i].value, depth + 1);
        }
    return p->failed ? NULL : to;
}

static struct scn_node *read_alias(struct parse *p, const yaml_event_t *event, int depth)
{
    const struct scn_node *node =
        base_names_get(&p->anchors, (const char *)event->data.alias.anchor);
    if (node)
        return copy(p, node, depth);
    fail(p, "unknown-alias", where_of(p, event->start_mark),
         "an anchor stands before its aliases, and not around them", "the alias has no anchor");
    return NULL;
}

static struct scn_node *read_node(struct parse *p, const yaml_event_t *event, int depth)
{
    struct scn_node *node;
    struct base_where where = where_of(p, event->start_mark);
    switch ((int)event->type) {
    case YAML_ALIAS_EVENT:
        return read_alias(p, event, depth);
    case YAML_SCALAR_EVENT:
        check_tag(p, event->data.scalar.tag, where);
        node = new_node(p, SCN_SCALAR, where, depth);
        if (node)
            read_scalar(p, event, node);
        keep_anchor(p, event->data.scalar.anchor, node);
        break;
    case YAML_SEQUENCE_START_EVENT:
        check_tag(p, event->data.sequence_start.tag, where);
        node = new_node(p, SCN_LIST, where, depth);
        if (node)
            read_list(p, node, depth);
        keep_anchor(p, event->data.sequence_start.anchor, node);
        break;
    default:
        check_tag(p, event->data.mapping_start.tag, where);
        node = new_node(p, SCN_MAP, where, depth);
        if (node)
            read_map(p, node, depth);
        keep_anchor(p, event->data.mapping_start.anchor, node);
        break;
    }
    return p->failed ? NULL : node;
}

/* --- The whole ------------------------------------------------------------------------------- */

/* Events of a stream: its start, documents between their starts and ends, its end. */
static struct scn_node *read_stream(struct parse *p)
{
    struct scn_node *root = NULL;
    yaml_event_t event;
    bool end = false;
    while (!end && next_event(p, &event)) {
        end = event.type == YAML_STREAM_END_EVENT;
        bool outside = end || event.type == YAML_STREAM_START_EVENT ||
                       event.type == YAML_DOCUMENT_START_EVENT ||
                       event.type == YAML_DOCUMENT_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && root)
            fail(p, "several-documents", where_of(p, event.start_mark), "one file is one scenario",
                 "a second YAML document begins here");
        else if (!outside)
            root = read_node(p, &event, 0);
        yaml_event_delete(&event);
    }
    if (!root && !p->failed) {
        root = scn_node_new(p->arena, SCN_SCALAR, (struct base_where){p->file, 0, 0});
        root->null = true;
    }
    return p->failed ? NULL : root;
}

struct scn_node *scn_parse(struct base_arena *arena, const char *file, bool line_zero,
                           const void *bytes, size_t size, struct base_diagnostics *problems)
{
    struct parse p = {
        .arena = arena,
        .file = file,
        .line_zero = line_zero,
        .bytes = size ? bytes : (const unsigned char *)"",
        .size = size,
        .problems = problems,
    };
    size_t errors = problems->error_count;
    if (!acceptable(&p))
        return NULL;
    if (!yaml_parser_initialize(&p.parser)) {
        base_diagnostics_add(problems, BASE_ERROR, "not-yaml", (struct base_where){file, 0, 0},
                             NULL, "libyaml ran out of memory");
        return NULL;
    }
    yaml_parser_set_input_string(&p.parser, p.bytes, p.size);
    struct scn_node *root = read_stream(&p);
    base_names_fini(&p.anchors);
    yaml_parser_delete(&p.parser);
    return problems->error_count == errors ? root : NULL;
}
