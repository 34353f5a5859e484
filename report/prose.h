/* Prose on a terminal: lines of at most 78 columns, broken at blanks. */
#ifndef REPORT_PROSE_H
#define REPORT_PROSE_H

#include <stddef.h>
#include <stdio.h>

/* One paragraph, from `column` on, where the line stands already; each line but the first begins with `indent` blanks. */
void report_prose(FILE *out, const char *words, size_t column, size_t indent);

/*
 * A text as it is written in a scenario, its lines joined to paragraphs. A paragraph ends at an empty line, and before
 * what is indented otherwise or begins with "- ", "* " or "1. ", which has its lines indented as far as its words. A line
 * that is indented by four blanks or more stays as it is.
 */
void report_prose_text(FILE *out, const char *text);

#endif
