/* Colours of a terminal, or none; and whether it has lines to draw with. */
#ifndef REPORT_PAINT_H
#define REPORT_PAINT_H

#include <stdbool.h>
#include <stdio.h>

#include "scenarios/result.h"

enum report_color {
    REPORT_PLAIN,
    REPORT_BOLD,
    REPORT_DIM,
    REPORT_RED,
    REPORT_GREEN,
    REPORT_YELLOW,
    REPORT_CYAN,
};

/* Where and how: passed to everything that writes for a person. */
struct report_paper {
    FILE *out;
    bool color;
    bool ascii; /* lines are drawn with ASCII alone; names and titles stay as they are written */
};

/* Printf in a colour; plain where the paper takes none. */
void report_paint(const struct report_paper *paper, enum report_color color, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/* "pass" in green, "FAIL" in red and the like, padded to 12 columns. */
void report_paint_verdict(const struct report_paper *paper, enum scn_verdict verdict);

/* As one word of a shell's command line: in quotes where it needs them. */
void report_shell_word(FILE *out, const char *word);

#endif
