/*
 * YAML text to a tree. libyaml's document is a graph (an alias is the anchor's node again); it is unfolded
 * here, and the limits on nodes and depth keep that finite. Merge keys (<<) and tags of YAML 1.1 are not given a
 * meaning.
 */
#include "scenarios/parse.h"

#include "scenarios/read.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct parse {
    struct base_arena *arena;
    const char *file;
    bool line_zero;
    struct base_diagnostics *problems;
    yaml_document_t *document;
    size_t nodes;
    bool failed; /* a limit was passed: one error is enough */
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

static bool acceptable(const struct parse *p, const unsigned char *bytes, size_t size)
{
    struct base_where whole = {p->file, 0, 0};
    if (size > SCN_FILE_SIZE_MAX) {
        base_diagnostics_add(p->problems, BASE_ERROR, "too-large", whole, "split it up with `base`",
                             "%zu bytes are too many (at most %d)", size, SCN_FILE_SIZE_MAX);
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

static void report(const struct parse *p, const yaml_parser_t *parser, const unsigned char *bytes,
                   size_t size)
{
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    yaml_mark_t mark = parser->problem_mark;
    const char *hint = NULL;
    if (parser->error == YAML_MEMORY_ERROR)
        problem = "libyaml ran out of memory";
    if (parser->error == YAML_READER_ERROR) {
        mark = mark_at(bytes, size, parser->problem_offset);
        hint = "a scenario is a YAML text in UTF-8";
    }
    if (mark.index < size && bytes[mark.index] == '\t')
        hint = "YAML is indented with blanks, never with tabs";
    base_diagnostics_add(p->problems, BASE_ERROR, "not-yaml", where_of(p, mark), hint,
                         "not YAML: %s%s%s", problem, parser->context ? " " : "",
                         parser->context ? parser->context : "");
}

/* --- The document as a tree ------------------------------------------------------------------ */

static void fail(struct parse *p, const char *code, yaml_mark_t mark, const char *hint,
                 const char *text)
{
    if (!p->failed)
        base_diagnostics_add(p->problems, BASE_ERROR, code, where_of(p, mark), hint, "%s", text);
    p->failed = true;
}

static bool is_null(const yaml_node_t *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (!strcmp((const char *)node->data.scalar.value, words[i]))
            return true;
    return false;
}

static struct scn_node *unfold(struct parse *p, int index, int depth);

static void unfold_scalar(struct parse *p, const yaml_node_t *from, struct scn_node *to)
{
    const char *text = (const char *)from->data.scalar.value;
    size_t size = from->data.scalar.length;
    if (memchr(text, 0, size))
        fail(p, "bad-text", from->start_mark, "leave \\0 out", "a text holds a NUL character");
    to->null = is_null(from);
    if (!to->null)
        to->text = base_arena_strndup(p->arena, text, size);
}

static void unfold_list(struct parse *p, const yaml_node_t *from, struct scn_node *to, int depth)
{
    const yaml_node_item_t *first = from->data.sequence.items.start;
    size_t count = (size_t)(from->data.sequence.items.top - first);
    to->items = base_arena_array(p->arena, count, sizeof(struct scn_node *));
    for (size_t i = 0; i < count && !p->failed; i++) {
        to->items[i] = unfold(p, first[i], depth + 1);
        to->count = p->failed ? i : i + 1;
    }
}

struct sorted_key {
    const struct scn_entry *entry;
};

static int compare_keys(const void *left, const void *right)
{
    const struct scn_entry *a = ((const struct sorted_key *)left)->entry;
    const struct scn_entry *b = ((const struct sorted_key *)right)->entry;
    int order = strcmp(a->key, b->key);
    return order ? order : a < b ? -1 : a > b; /* of one array: the order of the file */
}

static void check_duplicates(struct parse *p, const struct scn_node *map)
{
    struct sorted_key *keys = base_arena_array(p->arena, map->count, sizeof(*keys));
    for (size_t i = 0; i < map->count; i++)
        keys[i].entry = &map->entries[i];
    if (map->count)
        qsort(keys, map->count, sizeof(*keys), compare_keys);
    for (size_t i = 1; i < map->count; i++)
        if (!strcmp(keys[i - 1].entry->key, keys[i].entry->key))
            base_diagnostics_add(p->problems, BASE_ERROR, "duplicate-key", keys[i].entry->where,
                                 "a key stands once in a map",
                                 "the key '%s' is here again (first on line %d)",
                                 keys[i].entry->key, keys[i - 1].entry->where.line);
}

static void unfold_map(struct parse *p, const yaml_node_t *from, struct scn_node *to, int depth)
{
    const yaml_node_pair_t *pairs = from->data.mapping.pairs.start;
    size_t count = (size_t)(from->data.mapping.pairs.top - pairs);
    to->entries = base_arena_array(p->arena, count, sizeof(*to->entries));
    for (size_t i = 0; i < count && !p->failed; i++) {
        const yaml_node_t *key = yaml_document_get_node(p->document, pairs[i].key);
        if (key->type != YAML_SCALAR_NODE) {
            fail(p, "bad-key", key->start_mark, "a key is a word", "a key is a list or a map");
            return;
        }
        struct scn_node text = {0};
        unfold_scalar(p, key, &text);
        to->entries[i] = (struct scn_entry){
            .key = text.text ? text.text : "",
            .where = where_of(p, key->start_mark),
            .value = unfold(p, pairs[i].value, depth + 1),
        };
        to->count = p->failed ? i : i + 1;
    }
    if (!p->failed)
        check_duplicates(p, to);
}

static struct scn_node *unfold(struct parse *p, int index, int depth)
{
    const yaml_node_t *from = yaml_document_get_node(p->document, index);
    if (depth > SCN_DEPTH_MAX)
        fail(p, "too-deep", from->start_mark, "a scenario needs far fewer levels",
             "lists and maps are nested too deep");
    if (++p->nodes > SCN_NODES_MAX)
        fail(p, "too-many-values", from->start_mark, "aliases unfold to copies of their anchors",
             "the file has too many values");
    if (p->failed)
        return NULL;
    struct scn_node *to = scn_node_new(p->arena, SCN_SCALAR, where_of(p, from->start_mark));
    if (from->type == YAML_SEQUENCE_NODE) {
        to->kind = SCN_LIST;
        unfold_list(p, from, to, depth);
    } else if (from->type == YAML_MAPPING_NODE) {
        to->kind = SCN_MAP;
        unfold_map(p, from, to, depth);
    } else {
        unfold_scalar(p, from, to);
    }
    return to;
}

/* --- The whole ------------------------------------------------------------------------------- */

/* Whether nothing but the end follows the first document. */
static bool at_end(const struct parse *p, yaml_parser_t *parser, const unsigned char *bytes,
                   size_t size)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second)) {
        report(p, parser, bytes, size);
        return false;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root)
        base_diagnostics_add(p->problems, BASE_ERROR, "several-documents",
                             where_of(p, root->start_mark), "one file is one scenario",
                             "a second YAML document begins here");
    bool end = !root;
    yaml_document_delete(&second);
    return end;
}

static struct scn_node *parse_document(struct parse *p, yaml_parser_t *parser,
                                       const unsigned char *bytes, size_t size)
{
    yaml_document_t document;
    struct scn_node *root = NULL;
    if (!yaml_parser_load(parser, &document)) {
        report(p, parser, bytes, size);
        return NULL;
    }
    p->document = &document;
    if (!yaml_document_get_root_node(&document)) {
        root = scn_node_new(p->arena, SCN_SCALAR, (struct base_where){p->file, 0, 0});
        root->null = true;
    } else if (at_end(p, parser, bytes, size)) {
        root = unfold(p, 1, 0);
    }
    yaml_document_delete(&document);
    return p->failed ? NULL : root;
}

struct scn_node *scn_parse(struct base_arena *arena, const char *file, bool line_zero,
                           const void *bytes, size_t size, struct base_diagnostics *problems)
{
    struct parse p = {.arena = arena, .file = file, .line_zero = line_zero, .problems = problems};
    size_t errors = problems->error_count;
    yaml_parser_t parser;
    if (!acceptable(&p, bytes, size))
        return NULL;
    if (!yaml_parser_initialize(&parser)) {
        base_diagnostics_add(problems, BASE_ERROR, "not-yaml", (struct base_where){file, 0, 0},
                             NULL, "libyaml ran out of memory");
        return NULL;
    }
    yaml_parser_set_input_string(&parser, size ? bytes : (const unsigned char *)"", size);
    struct scn_node *root = parse_document(&p, &parser, bytes, size);
    yaml_parser_delete(&parser);
    return problems->error_count == errors ? root : NULL;
}
