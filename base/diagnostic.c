/* The list of what is wrong with a file. */
#include "base/diagnostic.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void base_diagnostics_init(struct base_diagnostics *list)
{
    *list = (struct base_diagnostics){0};
    base_arena_init(&list->arena);
}

void base_diagnostics_fini(struct base_diagnostics *list)
{
    free(list->items);
    base_arena_fini(&list->arena);
    *list = (struct base_diagnostics){0};
}

static const char *keep_file(struct base_diagnostics *list, const char *file)
{
    if (!file)
        return NULL;
    for (size_t i = list->count; i-- > 0;)
        if (list->items[i].where.file && !strcmp(list->items[i].where.file, file))
            return list->items[i].where.file;
    return base_arena_strdup(&list->arena, file);
}

static void append(struct base_diagnostics *list, const struct base_diagnostic *item)
{
    list->items = base_grow(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = *item;
}

void base_diagnostics_add(struct base_diagnostics *list, enum base_severity severity,
                          const char *code, struct base_where where, const char *hint,
                          const char *format, ...)
{
    struct base_diagnostic item = {.severity = severity, .code = code};
    va_list args;
    size_t *count = severity == BASE_ERROR ? &list->error_count : &list->warning_count;
    size_t before = (*count)++;
    if (before > BASE_DIAGNOSTICS_MAX)
        return;
    item.where = (struct base_where){keep_file(list, where.file), where.line, where.column};
    if (before == BASE_DIAGNOSTICS_MAX) {
        item.code = severity == BASE_ERROR ? "too-many-problems" : "too-many-warnings";
        item.text = severity == BASE_ERROR
                        ? "there are too many errors, and the rest is left out"
                        : "there are too many warnings, and the rest is left out";
        append(list, &item);
        return;
    }
    va_start(args, format);
    item.text = base_arena_vprintf(&list->arena, format, args);
    va_end(args);
    item.hint = hint ? base_arena_strdup(&list->arena, hint) : NULL;
    append(list, &item);
}

/* A file's rank is the place of its first mention. */
static size_t file_rank(const struct base_diagnostics *list, const char *file)
{
    size_t i = 0;
    while (i < list->count && list->items[i].where.file != file)
        i++;
    return i;
}

struct ranked {
    struct base_diagnostic item;
    size_t file;
    size_t place;
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->item.where.line != b->item.where.line)
        return a->item.where.line < b->item.where.line ? -1 : 1;
    if (a->item.where.column != b->item.where.column)
        return a->item.where.column < b->item.where.column ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

void base_diagnostics_sort(struct base_diagnostics *list)
{
    if (list->count < 2)
        return;
    struct ranked *ranked = base_alloc_array(list->count, sizeof(*ranked));
    for (size_t i = 0; i < list->count; i++)
        ranked[i] = (struct ranked){list->items[i], file_rank(list, list->items[i].where.file), i};
    qsort(ranked, list->count, sizeof(*ranked), compare);
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = ranked[i].item;
    free(ranked);
}

static char *format_place(const struct base_where *where)
{
    if (!where->file)
        return base_strdup("");
    if (!where->line)
        return base_printf("%s: ", where->file);
    return base_printf("%s:%d:%d: ", where->file, where->line, where->column);
}

char *base_diagnostic_format(const struct base_diagnostic *item)
{
    char *place = format_place(&item->where);
    char *text =
        base_printf("%s%s: %s%s%s [%s]", place, item->severity == BASE_ERROR ? "error" : "warning",
                    item->text, item->hint ? "; " : "", item->hint ? item->hint : "", item->code);
    free(place);
    return text;
}
