/*
 * JSON Schema, draft 7, since that is what the YAML language servers know. It says what the tables say: keys, types,
 * limits. A key is only demanded in lists, since what a map lacks may stand in the file's `base`; where it is not
 * demanded it may be null, which takes out what the base has. What takes more than one place to tell (names that must
 * exist, filters, times) is left to the reader.
 */
#include "scenarios/schema.h"

#include "base/mem.h"
#include "scenarios/tables.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct schema {
    json_t *definitions;
    bool in_list; /* what stands in a list comes from one file: then keys can be demanded */
};

static json_t *schema_of(struct schema *s, const struct scn_type *type);

static json_t *fragment(const char *members)
{
    json_error_t error;
    json_t *inner = NULL;
    char *text = base_printf("{%s}", members);
    inner = json_loads(text, 0, &error);
    if (!inner)
        fprintf(stderr, "schema: %s in %s\n", error.text, text);
    assert(inner);
    free(text);
    return inner;
}

static void set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);
    assert(!failed);
    (void)failed;
}

static json_t *reference(const char *name)
{
    char *path = base_printf("#/definitions/%s", name);
    json_t *ref = json_pack("{s:s}", "$ref", path);
    free(path);
    return ref;
}

/* --- Keys -------------------------------------------------------------------------------------- */

/* Keys of a map are told once, among the definitions, and nothing is as good as it there: what is wrong with a key
 * is then told at that key. */
static bool is_defined_map(const struct scn_type *type)
{
    return type->kind == SCN_TYPE_MAP || (type->kind == SCN_TYPE_VALUE && type->keys);
}

/* Where null will not do. Draft 7 looks at nothing beside a $ref. */
static json_t *not_null(json_t *schema, const struct scn_type *type)
{
    if (!json_object_get(schema, "$ref"))
        return schema;
    schema = json_pack("{s:[o]}", "allOf", schema);
    if (is_defined_map(type))
        set(schema, "type", json_string("object"));
    return schema;
}

static json_t *or_null(json_t *schema, const struct scn_type *key_type)
{
    json_t *type = json_object_get(schema, "type"), *words = json_object_get(schema, "enum");
    json_t *choices = json_object_get(schema, "anyOf");
    if (is_defined_map(key_type))
        return json_pack("{s:[o]}", "allOf", schema);
    if (choices)
        json_array_append_new(choices, json_pack("{s:s}", "type", "null"));
    else if (!type && !words)
        return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
    if (words)
        json_array_append_new(words, json_null());
    if (json_is_string(type))
        set(schema, "type", json_pack("[O, s]", type, "null"));
    else if (json_is_array(type))
        json_array_append_new(type, json_string("null"));
    return schema;
}

static bool is_text(const struct scn_type *type)
{
    return type == &scn_text || type == &scn_long_text;
}

/* A duration is a text in the schema, and its least one is left to the program. */
static bool is_number(const struct scn_type *type)
{
    return type != &scn_duration && type != &scn_span;
}

static json_t *property(struct schema *s, const struct scn_key *key)
{
    json_t *schema = schema_of(s, key->type);
    const char *about = key->about ? key->about : key->type->about;
    schema = key->required && s->in_list ? not_null(schema, key->type) : or_null(schema, key->type);
    if (about)
        set(schema, "description", json_string(about));
    if (key->standard)
        set(schema, "default", json_loads(key->standard, JSON_DECODE_ANY, NULL));
    if (key->min && is_number(key->type))
        set(schema, is_text(key->type) ? "minLength" : "minimum",
            json_integer((json_int_t)key->min));
    if (key->max)
        set(schema, is_text(key->type) ? "maxLength" : "maximum",
            json_integer((json_int_t)key->max));
    return schema;
}

static json_t *object_of(struct schema *s, const struct scn_type *type)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < type->key_count; i++) {
        const struct scn_key *key = &type->keys[i];
        set(properties, key->name, property(s, key));
        if (key->required && s->in_list)
            json_array_append_new(required, json_string(key->name));
    }
    json_t *object = json_object();
    set(object, "type", json_pack("[s, s]", "object", "null"));
    if (type->about)
        set(object, "description", json_string(type->about));
    set(object, "properties", properties);
    if (json_array_size(required))
        set(object, "required", required);
    else
        json_decref(required);
    set(object, "additionalProperties", json_false());
    return object;
}

/* A map is told once, among the definitions. */
static json_t *defined(struct schema *s, const struct scn_type *type)
{
    const char *name = type->kind == SCN_TYPE_MAP && type->schema ? type->schema : type->name;
    if (!json_object_get(s->definitions, name)) {
        set(s->definitions, name, json_true()); /* so that it ends, were one to hold itself */
        set(s->definitions, name, object_of(s, type));
    }
    return reference(name);
}

/* --- Types ------------------------------------------------------------------------------------- */

static json_t *words_of(const struct scn_type *type)
{
    json_t *words = json_array();
    const char *word;
    for (unsigned n = 0; (word = type->word(n)); n++)
        json_array_append_new(words, json_string(word));
    return json_pack("{s:o}", "enum", words);
}

static json_t *value_of(struct schema *s, const struct scn_type *type)
{
    if (type->of)
        json_decref(defined(s, type->of));
    if (type->any_of) {
        json_t *choices = json_array();
        for (size_t i = 0; type->any_of[i]; i++)
            json_array_append_new(choices, schema_of(s, type->any_of[i]));
        return json_pack("{s:o}", "anyOf", choices);
    }
    if (type->keys)
        return defined(s, type);
    if (type->word)
        return words_of(type);
    return fragment(type->schema);
}

static json_t *list_of(struct schema *s, const struct scn_type *type)
{
    bool outer = s->in_list;
    s->in_list = true;
    json_t *item = not_null(schema_of(s, type->of), type->of);
    s->in_list = outer;
    json_t *list = json_pack("{s:s, s:O}", "type", "array", "items", item);
    if (type->count_min)
        set(list, "minItems", json_integer((json_int_t)type->count_min));
    if (type->count_max)
        set(list, "maxItems", json_integer((json_int_t)type->count_max));
    if (type->or_one)
        return json_pack("{s:[o, o]}", "anyOf", item, list);
    json_decref(item);
    return list;
}

static json_t *named_of(struct schema *s, const struct scn_type *type)
{
    json_t *value = schema_of(s, type->of);
    if (!s->in_list)
        value = or_null(value, type->of);
    json_t *map = json_pack("{s:s, s:o}", "type", "object", "additionalProperties", value);
    if (type->count_min)
        set(map, "minProperties", json_integer((json_int_t)type->count_min));
    if (type->count_max)
        set(map, "maxProperties", json_integer((json_int_t)type->count_max));
    return map;
}

static json_t *schema_of(struct schema *s, const struct scn_type *type)
{
    switch (type->kind) {
    case SCN_TYPE_VALUE:
        return value_of(s, type);
    case SCN_TYPE_WORD:
        return words_of(type);
    case SCN_TYPE_MAP:
        return defined(s, type);
    case SCN_TYPE_LIST:
        return list_of(s, type);
    case SCN_TYPE_NAMED:
        return named_of(s, type);
    case SCN_TYPE_IGNORED:
        break;
    }
    return fragment("\"type\": [\"string\", \"number\"]");
}

/* --- The whole --------------------------------------------------------------------------------- */

#define NUMBER "[0-9]+([.][0-9]+)?"
#define DURATION "(" NUMBER " ?(ns|us|ms|s|min|m|h|d) ?)+"
#define SIGN "(<|<=|>|>=|=|==)"
#define IPV4 "([0-9]{1,3}[.]){3}[0-9]{1,3}"

struct definition {
    const char *name;
    const char *members;
};

static const struct definition basics[] = {
    {"duration", "\"description\": \"250us, 12ms, 4s, 3m, 1h, 2d\", \"anyOf\": [{\"type\": "
                 "\"string\", \"pattern\": \"^" DURATION "$\"}, {\"enum\": [0, \"0\"]}]"},
    {"durationComparison",
     "\"description\": \"< 40ms, >= 1s, 10ms..40ms\", \"type\": \"string\", \"pattern\": \"^(" SIGN
     " ?)?" DURATION "$|^" DURATION "[.][.]" DURATION "$\""},
    {"rate",
     "\"description\": \"10kbit, 10Mbit, 1Gbit\", \"type\": \"string\", \"pattern\": \"^" NUMBER
     " ?[kMG]?(bit|bit/s|bps)$\""},
    {"percent",
     "\"description\": \"0.5%\", \"anyOf\": [{\"type\": \"string\", \"pattern\": \"^" NUMBER
     " ?%$\"}, {\"enum\": [0, \"0\"]}]"},
    {"count",
     "\"description\": \"3, >= 3, 2..5\", \"anyOf\": [{\"type\": \"integer\", \"minimum\": 0}, "
     "{\"type\": \"string\", \"pattern\": \"^(" SIGN " ?)?[0-9]+$|^[0-9]+[.][.][0-9]+$\"}]"},
    {"queue", "\"description\": \"100, 100 packets, 64KiB\", \"anyOf\": [{\"type\": \"integer\", "
              "\"minimum\": 1}, {\"type\": \"string\", \"pattern\": \"^[0-9]+ ?(packets)?$|^" NUMBER
              " ?(B|byte|bytes|kB|KB|KiB|MB|MiB)$\"}]"},
    {"ipv4", "\"description\": \"192.168.1.5\", \"type\": \"string\", \"pattern\": \"^" IPV4 "$\""},
    {"ipv4Network",
     "\"description\": \"192.168.1.0/24\", \"type\": \"string\", \"pattern\": \"^" IPV4
     "/[0-9]{1,2}$\""},
    {"network", "\"description\": \"192.168.1.0/24 or 2001:db8::/32\", \"type\": \"string\", "
                "\"pattern\": \"^[0-9a-fA-F:.]+/[0-9]{1,3}$\""},
};

char *scn_schema_json(void)
{
    struct schema s = {.definitions = json_object()};
    for (size_t i = 0; i < SCN_COUNT(basics); i++)
        set(s.definitions, basics[i].name, fragment(basics[i].members));
    json_t *root = json_object();
    set(root, "$schema", json_string("http://json-schema.org/draft-07/schema#"));
    set(root, "title", json_string("tunnelbed scenario"));
    json_t *whole = object_of(&s, &scn_type_scenario);
    set(whole, "type", json_string("object"));
    json_object_update(root, whole);
    json_decref(whole);
    set(root, "definitions", s.definitions);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    json_decref(root);
    char *lines = base_printf("%s\n", text);
    free(text);
    return lines;
}
