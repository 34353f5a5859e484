/*
 * For the tests of what is generated: `schema` prints the JSON Schema, `codes` docs/diagnostics.md,
 * `json FILE` prints a scenario's tree as JSON, its bases merged, with plain scalars typed as
 * YAML's core schema has them.
 */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "scenarios/codes.h"
#include "scenarios/load.h"
#include "scenarios/schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *scalar(const struct scn_node *node)
{
    char *end;
    long long number = strtoll(node->text, &end, 10);
    if (node->null)
        return json_null();
    if (!node->plain)
        return json_string(node->text);
    if (!strcmp(node->text, "true") || !strcmp(node->text, "false"))
        return json_boolean(node->text[0] == 't');
    if (*node->text && !*end)
        return json_integer(number);
    double real = strtod(node->text, &end);
    return *node->text && !*end ? json_real(real) : json_string(node->text);
}

static json_t *convert(const struct scn_node *node)
{
    if (node->kind == SCN_SCALAR)
        return scalar(node);
    json_t *value = node->kind == SCN_LIST ? json_array() : json_object();
    for (size_t i = 0; i < node->count; i++)
        if (node->kind == SCN_LIST)
            json_array_append_new(value, convert(node->items[i]));
        else
            json_object_set_new(value, node->entries[i].key, convert(node->entries[i].value));
    return value;
}

static int print_json(const char *path)
{
    struct base_arena arena;
    struct base_diagnostics problems;
    base_arena_init(&arena);
    base_diagnostics_init(&problems);
    const struct scn_loader loader = {&arena, &arena, &problems};
    const struct scn_node *root = scn_load_file(&loader, path);
    if (root) {
        json_t *value = convert(root);
        json_dumpf(value, stdout, JSON_INDENT(1));
        json_decref(value);
    }
    base_diagnostics_fini(&problems);
    base_arena_fini(&arena);
    return root ? 0 : 1;
}

int main(int count, char **words)
{
    if (count == 3 && !strcmp(words[1], "json"))
        return print_json(words[2]);
    if (count != 2 || (strcmp(words[1], "schema") != 0 && strcmp(words[1], "codes") != 0))
        return 2;
    char *text = !strcmp(words[1], "schema") ? scn_schema_json() : scn_codes_markdown();
    fputs(text, stdout);
    free(text);
    return 0;
}
