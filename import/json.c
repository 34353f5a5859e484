/*
 * JSON with places. jansson says whether it is JSON (strictly, RFC 8259; names once in an object)
 * and where a text ends, so that several may stand in one file; libyaml reads the same bytes with a
 * mark at every value, since JSON is YAML's flow style.
 */
#include "import/internal.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scenarios/parse.h"
#include "scenarios/read.h"

struct place {
    int line;   /* lines before */
    int column; /* characters before on its line */
};

static void advance(struct place *place, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\n') {
            place->line++;
            place->column = 0;
        } else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
            place->column++;
        }
    }
}

static void move_where(struct base_where *where, const struct place *by)
{
    if (where->line == 1)
        where->column += by->column;
    where->line += by->line;
}

/* The tree was read as if it were alone in its file. */
static void move_tree(struct scn_node *node, const struct place *by)
{
    move_where(&node->where, by);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == SCN_MAP)
            move_where(&node->entries[i].where, by);
        move_tree(node->kind == SCN_MAP ? node->entries[i].value : node->items[i], by);
    }
}

static unsigned hex4(const char *at)
{
    char text[5] = {at[0], at[1], at[2], at[3], 0};
    return (unsigned)strtoul(text, NULL, 16);
}

/* libyaml refuses a surrogate pair, JSON's way to write what lies beyond U+FFFF: such escapes
 * become UTF-8. In place. */
static size_t join_surrogates(char *bytes, size_t size)
{
    size_t out = 0, at = 0;
    while (at < size) {
        bool escape = bytes[at] == '\\' && at + 1 < size;
        bool pair = escape && bytes[at + 1] == 'u' && at + 12 <= size &&
                    (hex4(bytes + at + 2) & 0xfc00) == 0xd800;
        if (pair) {
            unsigned code =
                0x10000 + ((hex4(bytes + at + 2) & 0x3ff) << 10) + (hex4(bytes + at + 8) & 0x3ff);
            bytes[out++] = (char)(0xf0 | code >> 18);
            bytes[out++] = (char)(0x80 | (code >> 12 & 0x3f));
            bytes[out++] = (char)(0x80 | (code >> 6 & 0x3f));
            bytes[out++] = (char)(0x80 | (code & 0x3f));
            at += 12;
            continue;
        }
        if (escape)
            bytes[out++] = bytes[at++];
        bytes[out++] = bytes[at++];
    }
    return out;
}

/* Problems that libyaml has with what is JSON have their places moved likewise. */
static const struct scn_node *parse(struct import *import, const char *file, const char *bytes,
                                    size_t size, const struct place *by)
{
    size_t known = import->problems->count;
    char *copy = base_strndup(bytes, size);
    struct scn_node *root =
        scn_parse(&import->arena, file, false, copy, join_surrogates(copy, size), import->problems);
    free(copy);
    if (root)
        move_tree(root, by);
    for (size_t i = known; i < import->problems->count; i++)
        if (import->problems->items[i].where.line)
            move_where(&import->problems->items[i].where, by);
    return root;
}

static size_t skip_blank(const char *bytes, size_t size, size_t at)
{
    while (at < size && strchr(" \t\r\n", bytes[at]) && bytes[at])
        at++;
    return at;
}

static void refuse(struct import *import, const char *file, const struct place *by,
                   const json_error_t *error)
{
    struct base_where where = {file, error->line > 0 ? error->line : 1,
                               error->column > 0 ? error->column : 1};
    move_where(&where, by);
    import_error(import, "not-json", where,
                 "import reads the answers of the API as they came: GET /ipsecgateways/{id} and "
                 "/ipsecgateways/{id}/tunnels",
                 "not JSON: %s", error->text);
}

void import_json_read(struct import *import, const struct import_source *source,
                      void (*take)(struct import *, const struct scn_node *))
{
    const char *bytes = source->bytes;
    const char *file = base_arena_strdup(&import->arena, source->name);
    size_t size = source->size, at = 0;
    struct place place = {0};
    if (size > SCN_FILE_SIZE_MAX) {
        import_error(import, "too-large", (struct base_where){file, 0, 0}, NULL,
                     "the file has more than %d bytes", SCN_FILE_SIZE_MAX);
        return;
    }
    if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
        at = 3; /* a byte order mark, as some editors leave it */
    size_t next = skip_blank(bytes, size, at);
    do {
        json_error_t error;
        advance(&place, bytes + at, next - at);
        at = next;
        json_t *json = json_loadb(bytes + at, size - at,
                                  JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
        if (!json) {
            refuse(import, file, &place, &error);
            return;
        }
        json_decref(json);
        size_t length = (size_t)error.position;
        const struct scn_node *root = parse(import, file, bytes + at, length, &place);
        if (!root)
            return;
        take(import, root);
        advance(&place, bytes + at, length);
        at += length;
        next = skip_blank(bytes, size, at);
    } while (next < size);
}
