/* The table of causes, and its sentences filled in. */
#include "diagnose/codes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct diag_code_row ROWS[] = {
#define X(name, code, meaning, text, remedy) [DIAG_##name] = {code, meaning, text, remedy},
    DIAG_CODE_LIST(X)
#undef X
};

const struct diag_code_row *diag_code_row(enum diag_code code)
{
    assert(code < DIAG_CODE_COUNT);
    return &ROWS[code];
}

bool diag_code_find(const char *text, enum diag_code *out)
{
    for (unsigned i = 0; i < DIAG_CODE_COUNT; i++) {
        if (strcmp(ROWS[i].code, text) == 0) {
            *out = (enum diag_code)i;
            return true;
        }
    }
    return false;
}

static const char *value_of(const char *name, size_t size, const struct diag_word *words)
{
    for (; words->name; words++) {
        if (strlen(words->name) == size && memcmp(words->name, name, size) == 0)
            return words->value;
    }
    return NULL;
}

char *diag_fill(const char *words_template, const struct diag_word *words)
{
    char *filled = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&filled, &size);
    for (const char *c = words_template; *c;) {
        if (*c != '{') {
            fputc(*c++, out);
            continue;
        }
        size_t name_size = strcspn(c + 1, "}");
        const char *value = value_of(c + 1, name_size, words);
        assert(value); /* a sentence that lacks a word is a defect of its rule */
        fputs(value, out);
        c += name_size + 2;
    }
    fclose(out);
    return filled;
}
