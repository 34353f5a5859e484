/* Reads files of test vectors. */
#include "tests/crypto/vectors.h"

#include <ctype.h>
#include <stdlib.h>

#include "tests/test.h"

#include "base/mem.h"

enum {
    FILE_SIZE_MAX = 1 << 20,
    VALUE_SIZE_MAX = 1 << 12
};

struct vectors vectors_open(const char *path)
{
    struct vectors v = {.path = path, .text = base_alloc(FILE_SIZE_MAX)};
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    size_t size = fread(v.text, 1, FILE_SIZE_MAX - 1, file);
    fclose(file);
    assert_in_range(size, 1, FILE_SIZE_MAX - 2);
    v.next = v.text;
    return v;
}

void vectors_close(struct vectors *v)
{
    if (v->record_count == 0)
        fail_msg("%s has no record", v->path);
    free(v->text);
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return text;
}

static void add_field(struct vectors *v, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals || v->field_count == VECTORS_FIELDS_MAX)
        fail_msg("%s: bad line: %s", v->path, line);
    else {
        *equals = '\0';
        v->fields[v->field_count].name = trim(line);
        v->fields[v->field_count].value = trim(equals + 1);
        v->field_count++;
    }
}

bool vectors_next(struct vectors *v)
{
    v->field_count = 0;
    while (*v->next) {
        char *line = v->next;
        size_t size = strcspn(line, "\n");
        v->next = line + size + (line[size] == '\n');
        line[size] = '\0';
        line = trim(line);
        if (*line == '#')
            continue;
        if (*line)
            add_field(v, line);
        else if (v->field_count > 0)
            break;
    }
    v->record_count += v->field_count > 0;
    return v->field_count > 0;
}

const char *vectors_text(const struct vectors *v, const char *name)
{
    for (size_t i = 0; i < v->field_count; i++)
        if (strcmp(v->fields[i].name, name) == 0)
            return v->fields[i].value;
    return NULL;
}

static uint8_t digit(const struct vectors *v, char c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *at = strchr(DIGITS, c);
    if (!c || !at)
        fail_msg("%s: not a hex digit: %c", v->path, c);
    return (uint8_t)(at - DIGITS);
}

size_t vectors_bytes(const struct vectors *v, const char *name, uint8_t *out, size_t size_max)
{
    const char *text = vectors_text(v, name);
    if (!text) {
        fail_msg("%s: %s: no %s", v->path, vectors_text(v, "case"), name);
        return 0;
    }
    size_t size = strlen(text) / 2;
    if (strlen(text) % 2 != 0 || size > size_max)
        fail_msg("%s: %s: bad size of %s", v->path, vectors_text(v, "case"), name);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(digit(v, text[2 * i]) << 4 | digit(v, text[2 * i + 1]));
    return size;
}

void vectors_expect(const struct vectors *v, const char *name, const uint8_t *actual, size_t size)
{
    uint8_t expected[VALUE_SIZE_MAX];
    size_t expected_size = vectors_bytes(v, name, expected, sizeof(expected));
    if (expected_size != size || memcmp(expected, actual, size) != 0)
        print_error("%s: %s: %s differs\n", v->path, vectors_text(v, "case"), name);
    assert_int_equal(size, expected_size);
    assert_memory_equal(actual, expected, size);
}
