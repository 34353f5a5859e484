/* See vici_message.h. */
#include "strongswan/vici_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum element {
    SECTION_START = 1,
    SECTION_END = 2,
    KEY_VALUE = 3,
    LIST_START = 4,
    LIST_ITEM = 5,
    LIST_END = 6,
};

/* ---- To bytes ---- */

static void write_name(struct base_writer *w, const char *name)
{
    size_t size = strlen(name);
    w->failed |= size > UINT8_MAX;
    base_write_u8(w, (uint8_t)size);
    base_write_bytes(w, name, size);
}

static void write_value(struct base_writer *w, const struct swan_element *value)
{
    w->failed |= value->size > UINT16_MAX;
    base_write_u16(w, (uint16_t)value->size);
    base_write_bytes(w, value->text, value->size);
}

static void write_list(struct base_writer *w, const struct swan_element *list)
{
    base_write_u8(w, LIST_START);
    write_name(w, list->name);
    for (const struct swan_element *item = list->first; item; item = item->next) {
        base_write_u8(w, LIST_ITEM);
        write_value(w, item);
    }
    base_write_u8(w, LIST_END);
}

static void write_section(struct base_writer *w, const struct swan_element *section)
{
    for (const struct swan_element *e = section->first; e; e = e->next) {
        if (e->kind == SWAN_VALUE) {
            base_write_u8(w, KEY_VALUE);
            write_name(w, e->name);
            write_value(w, e);
        } else if (e->kind == SWAN_LIST) {
            write_list(w, e);
        } else {
            base_write_u8(w, SECTION_START);
            write_name(w, e->name);
            write_section(w, e);
            base_write_u8(w, SECTION_END);
        }
    }
}

uint8_t *swan_packet_write(enum swan_packet type, const char *name, const struct swan_tree *message,
                           size_t *size)
{
    uint8_t *bytes = base_alloc(SWAN_VICI_PACKET_MAX);
    struct base_writer w = base_writer_of(bytes, SWAN_VICI_PACKET_MAX);
    base_write_u32(&w, 0);
    base_write_u8(&w, (uint8_t)type);
    if (name)
        write_name(&w, name);
    if (message)
        write_section(&w, &message->root);
    base_write_patch(&w, 0, w.size - 4, 4);
    if (w.failed) {
        free(bytes);
        return NULL;
    }
    *size = w.size;
    return bytes;
}

/* ---- From bytes ---- */

static const char *read_name(struct base_reader *r, struct swan_tree *tree)
{
    size_t size = base_read_u8(r);
    const uint8_t *bytes = base_read_bytes(r, size);
    return bytes ? base_arena_strndup(&tree->arena, (const char *)bytes, size) : "";
}

static void read_value(struct base_reader *r, struct swan_tree *tree, struct swan_element *parent,
                       const char *name)
{
    size_t size = base_read_u16(r);
    const uint8_t *bytes = base_read_bytes(r, size);
    if (bytes)
        swan_tree_bytes(tree, parent, name, bytes, size);
}

static void read_list(struct base_reader *r, struct swan_tree *tree, struct swan_element *parent)
{
    struct swan_element *list = swan_tree_list(tree, parent, read_name(r, tree));
    for (;;) {
        uint8_t element = base_read_u8(r);
        if (r->failed || element == LIST_END)
            return;
        if (element == LIST_ITEM)
            read_value(r, tree, list, "");
        else
            r->failed = true;
    }
}

static void read_sections(struct base_reader *r, struct swan_tree *tree)
{
    struct swan_element *open[SWAN_VICI_DEPTH_MAX] = {&tree->root};
    size_t depth = 1;
    while (!r->failed && base_reader_left(r)) {
        struct swan_element *parent = open[depth - 1];
        uint8_t element = base_read_u8(r);
        if (element == SECTION_START && depth < SWAN_VICI_DEPTH_MAX) {
            const char *name = read_name(r, tree);
            open[depth++] = swan_tree_section(tree, parent, name);
        } else if (element == SECTION_END && depth > 1) {
            depth--;
        } else if (element == KEY_VALUE) {
            const char *name = read_name(r, tree);
            read_value(r, tree, parent, name);
        } else if (element == LIST_START) {
            read_list(r, tree, parent);
        } else {
            r->failed = true;
        }
    }
    r->failed |= depth != 1;
}

bool swan_packet_read(const uint8_t *bytes, size_t size, enum swan_packet *type, const char **name,
                      struct swan_tree *message)
{
    struct base_reader r = base_reader_of(bytes, size);
    uint8_t number = base_read_u8(&r);
    if (r.failed || number > SWAN_EVENT)
        return false;
    *type = (enum swan_packet)number;
    bool named = number == SWAN_CMD_REQUEST || number == SWAN_EVENT_REGISTER ||
                 number == SWAN_EVENT_UNREGISTER || number == SWAN_EVENT;
    *name = named ? read_name(&r, message) : "";
    read_sections(&r, message);
    return !r.failed;
}
