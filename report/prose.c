/* Breaking lines, and joining those that somebody broke for a file. */
#include "report/prose.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 78,
    KEPT = 4, /* blanks before a line that is not joined */
};

/* Columns of UTF-8: continuation bytes take none. */
static size_t columns(const char *words, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)words[i] & 0xc0) != 0x80;
    return count;
}

void report_prose(FILE *out, const char *words, size_t column, size_t indent)
{
    bool first = true;
    while (*(words += strspn(words, " \n"))) {
        size_t size = strcspn(words, " \n"), width = columns(words, size);
        if (!first && column + 1 + width > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fwrite(words, 1, size, out);
        column += width;
        words += size;
        first = false;
    }
    fputc('\n', out);
}

/* ---- Texts ---- */

/* The length of "- ", "* " or "12. " that the words begin with; 0: none. */
static size_t mark_size(const char *words)
{
    size_t size = *words == '-' || *words == '*' ? 1 : strspn(words, "0123456789");
    if (isdigit((unsigned char)*words))
        size = words[size] == '.' ? size + 1 : 0;
    return size && words[size] == ' ' ? size + 1 : 0;
}

struct paragraph {
    FILE *out;
    FILE *words; /* into bytes; NULL: none is begun */
    char *bytes;
    size_t size;
    size_t indent, hang; /* of its first line, of the others */
};

static void end(struct paragraph *p)
{
    if (!p->words)
        return;
    fclose(p->words);
    fprintf(p->out, "%*s", (int)p->indent, "");
    report_prose(p->out, p->bytes, p->indent, p->hang);
    free(p->bytes);
    *p = (struct paragraph){.out = p->out};
}

static void add_line(struct paragraph *p, const char *line, size_t size)
{
    size_t blanks = strspn(line, " ");
    size_t mark = mark_size(line + blanks);
    bool kept = blanks >= KEPT && !(p->words && blanks == p->hang);
    bool empty = blanks >= size;
    if (kept || empty || mark || (p->words && blanks != p->hang))
        end(p);
    if (kept || empty) {
        fprintf(p->out, "%.*s\n", empty ? 0 : (int)size, line);
        return;
    }
    if (!p->words) {
        p->words = open_memstream(&p->bytes, &p->size);
        p->indent = blanks;
        p->hang = blanks + mark;
    }
    fprintf(p->words, "%.*s\n", (int)(size - blanks), line + blanks);
}

void report_prose_text(FILE *out, const char *text)
{
    struct paragraph paragraph = {.out = out};
    while (*text) {
        size_t size = strcspn(text, "\n");
        add_line(&paragraph, text, size);
        text += size;
        text += *text == '\n';
    }
    end(&paragraph);
}
