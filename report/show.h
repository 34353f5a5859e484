/* The topology of a scenario, drawn as text and as SVG. */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include "report/paint.h"
#include "topology/model.h"

void report_show_text(const struct report_paper *paper, const struct topo_model *model);

/* A whole document, that scales with its frame; `title` may be NULL. */
void report_show_svg(FILE *out, const char *title, const struct topo_model *model);

#endif
