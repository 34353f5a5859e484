/*
 * SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.19 (driver), 3.27 (result), 3.29 and 3.30
 * (places), 3.49 (rules). Fixes, code flows and graphs are not written.
 */
#include "report/sarif.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scenarios/codes.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct report_sarif {
    char *version;
    char *folder;
    json_t *results;
    json_t *seen; /* an object with each result's text as a key */
};

struct report_sarif *report_sarif_new(const char *version, const char *folder)
{
    struct report_sarif *sarif = base_alloc(sizeof(*sarif));
    sarif->version = base_strdup(version);
    sarif->folder = folder ? base_strdup(folder) : NULL;
    sarif->results = json_array();
    sarif->seen = json_object();
    return sarif;
}

void report_sarif_free(struct report_sarif *sarif)
{
    if (!sarif)
        return;
    free(sarif->version);
    free(sarif->folder);
    json_decref(sarif->results);
    json_decref(sarif->seen);
    free(sarif);
}

static json_t *text_object(const char *text)
{
    return json_pack("{s:s}", "text", text);
}

/* --- Places ---------------------------------------------------------------------------------- */

/* "a/../b/./c" is "b/c": code hosts compare texts. In place; a leading slash stays. */
static void normalise(char *path)
{
    bool rooted = path[0] == '/';
    char *copy = base_strdup(path), *rest = copy, *part;
    size_t size = 0, floor = 0; /* behind leading ..s nothing can be taken away */
    while ((part = strsep(&rest, "/"))) {
        bool up = !strcmp(part, "..");
        if (!*part || !strcmp(part, "."))
            continue;
        if (up && size > floor) {
            while (size > floor && path[--size] != '/') {
            }
            continue;
        }
        if (up && rooted)
            continue;
        if (size || rooted)
            path[size++] = '/';
        memmove(path + size, part, strlen(part));
        size += strlen(part);
        if (up)
            floor = size;
    }
    path[size] = '\0';
    free(copy);
}

/* RFC 3986: what is no unreserved character of a path is written as %XX. */
static char *uri_of(const struct report_sarif *sarif, const char *file)
{
    static const char HEX[] = "0123456789ABCDEF";
    char *path = base_strdup(file);
    normalise(path);
    size_t size = sarif->folder ? strlen(sarif->folder) : 0;
    const char *at = path;
    if (size && !strncmp(path, sarif->folder, size) && path[size] == '/')
        at = path + size + 1;
    char *uri = base_alloc(strlen("file://") + 3 * strlen(at) + 1), *to = uri;
    if (*at == '/')
        to = stpcpy(uri, "file://");
    for (; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (isalnum(c) || strchr("-._~/", c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = HEX[c >> 4];
        *to++ = HEX[c & 15];
    }
    free(path);
    return uri;
}

/* A code host shows a result at a line, so what is wrong with a file as a whole is told at its first. */
static json_t *location(const struct report_sarif *sarif, const char *file,
                        const struct base_where *where)
{
    bool known = where->file && where->line > 0;
    char *uri = uri_of(sarif, known ? where->file : file);
    json_t *region = json_object();
    json_object_set_new(region, "startLine", json_integer(known ? where->line : 1));
    json_object_set_new(region, "startColumn",
                        json_integer(known && where->column > 0 ? where->column : 1));
    json_t *place = json_pack("{s:{s:s, s:s}, s:o}", "artifactLocation", "uri", uri, "uriBaseId",
                              "%SRCROOT%", "region", region);
    if (uri[0] == 'f' && !strncmp(uri, "file://", 7))
        json_object_del(json_object_get(place, "artifactLocation"), "uriBaseId");
    free(uri);
    return json_pack("{s:o}", "physicalLocation", place);
}

/* --- Results --------------------------------------------------------------------------------- */

static const char *level(enum base_severity severity)
{
    return severity == BASE_ERROR ? "error" : "warning";
}

void report_sarif_add(struct report_sarif *sarif, const char *file,
                      const struct base_diagnostic *problem)
{
    size_t index;
    bool elsewhere =
        problem->where.file && !problem->where.line && strcmp(problem->where.file, file) != 0;
    char *text =
        base_printf("%s%s%s%s%s", elsewhere ? problem->where.file : "", elsewhere ? ": " : "",
                    problem->text, problem->hint ? "; " : "", problem->hint ? problem->hint : "");
    json_t *result = json_object();
    json_object_set_new(result, "ruleId", json_string(problem->code));
    if (scn_code_find(problem->code, &index))
        json_object_set_new(result, "ruleIndex", json_integer((json_int_t)index));
    json_object_set_new(result, "level", json_string(level(problem->severity)));
    json_object_set_new(result, "message", text_object(text));
    json_object_set_new(result, "locations",
                        json_pack("[o]", location(sarif, file, &problem->where)));
    free(text);
    char *key = json_dumps(result, JSON_COMPACT);
    if (!json_object_get(sarif->seen, key)) {
        json_object_set_new(sarif->seen, key, json_true());
        json_array_append(sarif->results, result);
    }
    free(key);
    json_decref(result);
}

/* --- Rules ----------------------------------------------------------------------------------- */

/* "missing-key" as "MissingKey": the stable name that a reader sees beside the id. */
static char *pascal_case(const char *code)
{
    char *name = base_alloc(strlen(code) + 1), *to = name;
    for (const char *at = code; *at; at++) {
        bool first = at == code || at[-1] == '-';
        if (*at != '-')
            *to++ = (char)(first ? toupper((unsigned char)*at) : *at);
    }
    return name;
}

static json_t *rule(const struct scn_code *code)
{
    char *name = pascal_case(code->code);
    char *help = base_printf("%s Remedy: %s", code->meaning, code->remedy);
    char *markdown = base_printf("%s\n\n**Remedy:** %s", code->meaning, code->remedy);
    json_t *object = json_object();
    json_object_set_new(object, "id", json_string(code->code));
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "shortDescription", text_object(code->brief));
    json_object_set_new(object, "fullDescription", text_object(code->meaning));
    json_object_set_new(object, "help",
                        json_pack("{s:s, s:s}", "text", help, "markdown", markdown));
    json_object_set_new(object, "defaultConfiguration",
                        json_pack("{s:s}", "level", level(code->severity)));
    free(name);
    free(help);
    free(markdown);
    return object;
}

bool report_sarif_write(const struct report_sarif *sarif, FILE *out)
{
    json_t *rules = json_array();
    for (size_t i = 0; scn_code_at(i); i++)
        json_array_append_new(rules, rule(scn_code_at(i)));
    json_t *driver = json_pack("{s:s, s:s, s:s, s:o}", "name", "tunnelbed", "version",
                               sarif->version, "semanticVersion", sarif->version, "rules", rules);
    json_t *run = json_pack("{s:{s:o}, s:s, s:O}", "tool", "driver", driver, "columnKind",
                            "unicodeCodePoints", "results", sarif->results);
    json_t *log =
        json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs", run);
    bool written = json_dumpf(log, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
    json_decref(log);
    return written;
}
