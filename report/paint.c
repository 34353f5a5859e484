/* ANSI escapes (ECMA-48 SGR). */
#include "report/paint.h"

#include <stdarg.h>
#include <string.h>

void report_paint(const struct report_paper *paper, enum report_color color, const char *format,
                  ...)
{
    static const char *const CODES[] = {"", "1", "2", "31", "32", "33", "36"};
    bool painted = paper->color && color != REPORT_PLAIN;
    va_list arguments;
    if (painted)
        fprintf(paper->out, "\x1b[%sm", CODES[color]);
    va_start(arguments, format);
    vfprintf(paper->out, format, arguments);
    va_end(arguments);
    if (painted)
        fputs("\x1b[0m", paper->out);
}

void report_paint_verdict(const struct report_paper *paper, enum scn_verdict verdict)
{
    static const struct {
        const char *word;
        enum report_color color;
    } WORDS[] = {
        [SCN_PASS] = {"pass", REPORT_GREEN},
        [SCN_FAIL] = {"FAIL", REPORT_RED},
        [SCN_INCONCLUSIVE] = {"INCONCLUSIVE", REPORT_YELLOW},
        [SCN_ERROR] = {"ERROR", REPORT_RED},
    };
    report_paint(paper, WORDS[verdict].color, "%-12s", WORDS[verdict].word);
}

void report_shell_word(FILE *out, const char *word)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+,:@%=";
    if (*word && !word[strspn(word, PLAIN)]) {
        fputs(word, out);
        return;
    }
    if (strchr(word, '\'') && !strpbrk(word, "\"$`\\!")) { /* easier to read */
        fprintf(out, "\"%s\"", word);
        return;
    }
    fputc('\'', out);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}
