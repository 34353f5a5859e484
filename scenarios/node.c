/* Trees of YAML values: looking into them and writing them out again. */
#include "scenarios/node.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define DESCRIBED_MAX 60

struct scn_node *scn_node_new(struct base_arena *arena, enum scn_node_kind kind,
                              struct base_where where)
{
    struct scn_node *node = base_arena_alloc(arena, sizeof(*node));
    node->kind = kind;
    node->where = where;
    node->text = "";
    return node;
}

struct scn_entry *scn_node_entry(const struct scn_node *map, const char *key)
{
    if (!map || map->kind != SCN_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (!strcmp(map->entries[i].key, key))
            return &map->entries[i];
    return NULL;
}

const struct scn_node *scn_node_get(const struct scn_node *map, const char *key)
{
    const struct scn_entry *entry = scn_node_entry(map, key);
    return entry && !entry->value->null ? entry->value : NULL;
}

/* Cut at a whole character, with line ends as blanks. */
static char *shorten(struct base_arena *arena, const char *text)
{
    size_t size = strlen(text);
    bool cut = size > DESCRIBED_MAX;
    if (cut)
        size = DESCRIBED_MAX;
    while (cut && size && (text[size] & 0xc0) == 0x80)
        size--;
    char *copy = base_arena_printf(arena, "%.*s%s", (int)size, text, cut ? "..." : "");
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
    return copy;
}

const char *scn_node_describe(const struct scn_node *node, struct base_arena *arena)
{
    if (node->kind == SCN_MAP)
        return "a map";
    if (node->kind == SCN_LIST)
        return "a list";
    if (node->null)
        return "nothing";
    return base_arena_printf(arena, "'%s'", shorten(arena, node->text));
}

struct flow {
    bool told; /* to people: without keys */
    char *text;
    size_t size;
    size_t capacity;
};

static void put(struct flow *flow, const char *text)
{
    for (; *text; text++) {
        flow->text = base_grow(flow->text, flow->size, &flow->capacity, 1);
        flow->text[flow->size++] = *text;
    }
}

/* Whether a plain scalar in flow style would not come back as it was. */
static bool needs_quotes(const char *text)
{
    return !*text || text[strcspn(text, ",[]{}#\"'\n")] || strstr(text, ": ") ||
           strchr("&*!|>%@`?- ", text[0]) || text[strlen(text) - 1] == ' ' ||
           text[strlen(text) - 1] == ':';
}

static void put_quoted(struct flow *flow, const char *text)
{
    char one[2] = "";
    put(flow, "\"");
    for (; *text; text++) {
        one[0] = *text;
        if (*text == '"' || *text == '\\')
            put(flow, "\\");
        put(flow, *text == '\n' ? "\\n" : one);
    }
    put(flow, "\"");
}

static void put_text(struct flow *flow, const char *text)
{
    if (needs_quotes(text))
        put_quoted(flow, text);
    else
        put(flow, text);
}

static void put_node(struct flow *flow, const struct scn_node *node)
{
    if (node->kind == SCN_SCALAR) {
        if (node->null)
            put(flow, "null");
        else
            put_text(flow, node->text);
        return;
    }
    put(flow, node->kind == SCN_LIST ? "[" : "{");
    for (size_t i = 0; i < node->count; i++) {
        put(flow, i ? ", " : "");
        if (node->kind == SCN_MAP) {
            put_text(flow, node->entries[i].key);
            put(flow, ": ");
        }
        if (flow->told && node->kind == SCN_MAP && !strcmp(node->entries[i].key, "psk"))
            put(flow, "...");
        else
            put_node(flow, node->kind == SCN_LIST ? node->items[i] : node->entries[i].value);
    }
    put(flow, node->kind == SCN_LIST ? "]" : "}");
}

static const char *flow_of(const struct scn_node *node, bool told, struct base_arena *arena)
{
    struct flow flow = {.told = told};
    put_node(&flow, node);
    const char *text = base_arena_strndup(arena, flow.text ? flow.text : "", flow.size);
    free(flow.text);
    return text;
}

const char *scn_node_flow(const struct scn_node *node, struct base_arena *arena)
{
    return flow_of(node, false, arena);
}

const char *scn_node_told(const struct scn_node *node, struct base_arena *arena)
{
    return flow_of(node, true, arena);
}
