/* See tree.h. */
#include "strongswan/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void swan_tree_init(struct swan_tree *tree)
{
    base_arena_init(&tree->arena);
    tree->root = (struct swan_element){.kind = SWAN_SECTION, .name = ""};
}

void swan_tree_fini(struct swan_tree *tree)
{
    base_arena_fini(&tree->arena);
}

static struct swan_element *add(struct swan_tree *tree, struct swan_element *parent,
                                enum swan_kind kind, const char *name)
{
    struct swan_element *element = base_arena_alloc(&tree->arena, sizeof(*element));
    element->kind = kind;
    element->name = base_arena_strdup(&tree->arena, name);
    element->text = "";
    if (parent->last)
        parent->last->next = element;
    else
        parent->first = element;
    parent->last = element;
    return element;
}

struct swan_element *swan_tree_section(struct swan_tree *tree, struct swan_element *parent,
                                       const char *name)
{
    return add(tree, parent, SWAN_SECTION, name);
}

struct swan_element *swan_tree_list(struct swan_tree *tree, struct swan_element *parent,
                                    const char *name)
{
    return add(tree, parent, SWAN_LIST, name);
}

static struct swan_element *add_text(struct swan_tree *tree, struct swan_element *parent,
                                     const char *name, const char *format, va_list args)
{
    struct swan_element *element = add(tree, parent, SWAN_VALUE, name);
    element->text = base_arena_vprintf(&tree->arena, format, args);
    element->size = strlen(element->text);
    return element;
}

struct swan_element *swan_tree_value(struct swan_tree *tree, struct swan_element *parent,
                                     const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct swan_element *element = add_text(tree, parent, name, format, args);
    va_end(args);
    return element;
}

struct swan_element *swan_tree_item(struct swan_tree *tree, struct swan_element *list,
                                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct swan_element *element = add_text(tree, list, "", format, args);
    va_end(args);
    return element;
}

struct swan_element *swan_tree_bytes(struct swan_tree *tree, struct swan_element *parent,
                                     const char *name, const void *bytes, size_t size)
{
    struct swan_element *element = add(tree, parent, SWAN_VALUE, name);
    char *text = base_arena_alloc(&tree->arena, size + 1);
    if (size)
        memcpy(text, bytes, size);
    element->text = text;
    element->size = size;
    return element;
}

const struct swan_element *swan_tree_find(const struct swan_element *section, const char *name)
{
    const struct swan_element *element = section ? section->first : NULL;
    while (element && strcmp(element->name, name) != 0)
        element = element->next;
    return element;
}

const char *swan_tree_text(const struct swan_element *section, const char *name)
{
    const struct swan_element *element = swan_tree_find(section, name);
    return element && element->kind == SWAN_VALUE ? element->text : "";
}

uint64_t swan_tree_number(const struct swan_element *section, const char *name)
{
    return strtoull(swan_tree_text(section, name), NULL, 10);
}

bool swan_tree_yes(const struct swan_element *section, const char *name)
{
    return !strcmp(swan_tree_text(section, name), "yes");
}

/* ---- As a file ---- */

static bool is_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./:%_-*!+@",
                    text[i]) ||
            !text[i])
            return false;
    }
    return size > 0;
}

/* strongSwan reads "include" at the start of a line as its own word, so a bare one is quoted too. */
static void write_quoted(FILE *out, const char *text, size_t size)
{
    fputc('"', out);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' || text[i] == '\\')
            fputc('\\', out);
        fputc(text[i], out);
    }
    fputc('"', out);
}

static bool is_printable(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    }
    return true;
}

static bool is_notation(const char *text, size_t size)
{
    return size >= 2 && text[0] == '0' && strchr("xXsS", text[1]);
}

static void write_text(FILE *out, const char *name, const char *text, size_t size)
{
    bool secret = !strcmp(name, "secret");
    if (secret && (!is_printable(text, size) || is_notation(text, size))) {
        fputs("0x", out);
        for (size_t i = 0; i < size; i++)
            fprintf(out, "%02x", (unsigned char)text[i]);
        return;
    }
    if (!secret && is_plain(text, size))
        fwrite(text, 1, size, out);
    else
        write_quoted(out, text, size);
}

static void write_section(FILE *out, const struct swan_element *section, int level)
{
    for (const struct swan_element *e = section->first; e; e = e->next) {
        fprintf(out, "%*s%s", 4 * level, "", e->name);
        if (e->kind == SWAN_SECTION) {
            fputs(" {\n", out);
            write_section(out, e, level + 1);
            fprintf(out, "%*s}\n", 4 * level, "");
            continue;
        }
        fputs(" = ", out);
        if (e->kind == SWAN_VALUE)
            write_text(out, e->name, e->text, e->size);
        for (const struct swan_element *item = e->kind == SWAN_LIST ? e->first : NULL; item;
             item = item->next) {
            fputs(item == e->first ? "" : ", ", out);
            fwrite(item->text, 1, item->size, out);
        }
        fputc('\n', out);
    }
}

char *swan_tree_write(const struct swan_tree *tree)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    write_section(out, &tree->root, 0);
    fclose(out);
    return text;
}
