/* The import from beginning to end; nothing is written where anything is wrong. */
#include "import/internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/read.h"
#include "topology/check.h"

static void add(struct import *import, enum base_severity severity, const char *code,
                struct base_where where, const char *hint, const char *format, va_list args)
{
    const char *text = base_arena_vprintf(&import->arena, format, args);
    base_diagnostics_add(import->problems, severity, code, where, hint, "%s", text);
}

void import_error(struct import *import, const char *code, struct base_where where,
                  const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(import, BASE_ERROR, code, where, hint, format, args);
    va_end(args);
}

void import_warn(struct import *import, const char *code, struct base_where where, const char *hint,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(import, BASE_WARNING, code, where, hint, format, args);
    va_end(args);
}

static void read_all(struct import *import)
{
    import->gateways =
        base_arena_array(&import->arena, IMPORT_GATEWAYS_MAX, sizeof(*import->gateways));
    import->tunnels =
        base_arena_array(&import->arena, IMPORT_TUNNELS_MAX, sizeof(*import->tunnels));
    for (size_t i = 0; i < import->source_count; i++)
        import_json_read(import, &import->sources[i], import_collect);
}

/*
 * What was written is read again: were there anything in the answers that a scenario refuses and
 * the import let pass, it is said here and nothing is written. Only keys may be missing.
 */
static bool reads_back(struct import *import, const char *text, size_t keys_missing)
{
    struct base_diagnostics found;
    base_diagnostics_init(&found);
    scn_scenario_free(scn_read_text("imported.yaml", text, strlen(text), NULL, &found));
    bool ok = true;
    for (size_t i = 0; i < found.count; i++) {
        const struct base_diagnostic *item = &found.items[i];
        bool key = keys_missing && !strcmp(item->code, "missing-key");
        if (item->severity != BASE_ERROR || key)
            continue;
        ok = false;
        base_diagnostics_add(import->problems, BASE_ERROR, item->code, item->where, item->hint,
                             "of the scenario that would be written: %s", item->text);
    }
    base_diagnostics_fini(&found);
    return ok;
}

static char *convert(struct import *import, size_t *keys_missing)
{
    read_all(import);
    import->incomplete = import->problems->error_count > 0;
    import_bind(import);
    if (import->problems->error_count)
        return NULL;
    import_add_hosts(import);
    topo_check(&import->model, NULL, import->problems);
    for (size_t i = 0; i < import->tunnel_count; i++)
        *keys_missing += import->tunnels[i].key_missing;
    if (import->problems->error_count)
        return NULL;
    char *text = import_write(import);
    if (reads_back(import, text, *keys_missing))
        return text;
    free(text);
    return NULL;
}

char *import_scenario(const struct import_source *sources, size_t count,
                      const struct import_options *options, struct base_diagnostics *problems,
                      size_t *keys_missing)
{
    struct import import = {
        .problems = problems, .sources = sources, .source_count = count, .options = options};
    base_arena_init(&import.arena);
    *keys_missing = 0;
    char *text = convert(&import, keys_missing);
    base_arena_fini(&import.arena);
    base_diagnostics_sort(problems);
    return text;
}
