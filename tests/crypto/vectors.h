/*
 * Files of published test vectors: records of "name = value" lines, a blank line between records, # before a remark.
 * Whatever is wrong with a file fails the running test.
 */
#ifndef TESTS_CRYPTO_VECTORS_H
#define TESTS_CRYPTO_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VECTORS_FIELDS_MAX = 16
};

struct vectors {
    char *text; /* the whole file */
    char *next; /* where the next record is looked for */
    const char *path;
    struct {
        const char *name;
        const char *value;
    } fields[VECTORS_FIELDS_MAX]; /* of the current record */
    size_t field_count;
    size_t record_count; /* so far */
};

/* Paths are from the source root, where ctest runs the tests. */
struct vectors vectors_open(const char *path);
bool vectors_next(struct vectors *v);
void vectors_close(struct vectors *v); /* fails where there was no record at all */

/* NULL where the record has no such field. */
const char *vectors_text(const struct vectors *v, const char *name);

/* The hex value of a field that must be there, and its size. */
size_t vectors_bytes(const struct vectors *v, const char *name, uint8_t *out, size_t size_max);

/* Compares with the field's hex value, naming file, case and field where it differs. */
void vectors_expect(const struct vectors *v, const char *name, const uint8_t *actual, size_t size);

#endif
