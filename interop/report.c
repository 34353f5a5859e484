/* The matrix as a person, a program and docs/interop.md read it. */
#include <jansson.h>
#include <string.h>

#include "interop/matrix.h"

enum {
    NAME_WIDTH = 62
};

static const char *const side_names[] = {[INTEROP_OURS] = "ours", [INTEROP_CHARON] = "charon"};
static const char *const verdict_names[] = {
    [INTEROP_PASS] = "pass", [INTEROP_FAIL] = "FAIL", [INTEROP_NOT_HERE] = "-"};

static bool begins_group(const struct interop_matrix *matrix, size_t row)
{
    return row == 0 || strcmp(matrix->rows[row].group, matrix->rows[row - 1].group) != 0;
}

/* ---- Text ---- */

static void print_cell(enum interop_verdict verdict, bool colour, FILE *out)
{
    const char *paint = !colour                   ? ""
                        : verdict == INTEROP_PASS ? "\033[32m"
                        : verdict == INTEROP_FAIL ? "\033[31m"
                                                  : "\033[2m";
    fprintf(out, "%s%-8s%s", paint, verdict_names[verdict], colour ? "\033[0m" : "");
}

static void print_log(const char *title, const char *log, FILE *out)
{
    fprintf(out, "    %s\n", title);
    for (const char *line = log; line && *line;) {
        size_t size = strcspn(line, "\n");
        fprintf(out, "      %.*s\n", (int)size, line);
        line += size + (line[size] == '\n');
    }
}

static void print_failure(const struct interop_row *row, enum interop_side side, FILE *out)
{
    const struct interop_cell *cell = &row->cells[side];
    fprintf(out, "\n%s: %s, begun by %s\n  %s\n  %s: %s\n", row->group, row->name, side_names[side],
            cell->reason, row->rfc, row->rule);
    print_log("ours", cell->logs[INTEROP_OURS], out);
    print_log("charon", cell->logs[INTEROP_CHARON], out);
}

static void print_totals(const struct interop_matrix *matrix, FILE *out)
{
    fprintf(out, "%zu pass, %zu fail, %zu not to be had here; %s with %s, %.1f s\n",
            interop_count(matrix, INTEROP_PASS), interop_count(matrix, INTEROP_FAIL),
            interop_count(matrix, INTEROP_NOT_HERE), matrix->charon ? matrix->charon : "strongSwan",
            matrix->data_plane ? matrix->data_plane : "no data plane", matrix->wall_s);
}

void interop_print_text(const struct interop_matrix *matrix, bool colour, FILE *out)
{
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct interop_row *row = &matrix->rows[i];
        if (begins_group(matrix, i))
            fprintf(out, "%s%s%-*s%-8s%-8s%s\n", i ? "\n" : "", colour ? "\033[1m" : "",
                    NAME_WIDTH + 2, row->group, "ours", "charon", colour ? "\033[0m" : "");
        fprintf(out, "  %-*s", NAME_WIDTH, row->name);
        for (int side = 0; side < INTEROP_SIDES; side++)
            print_cell(row->cells[side].verdict, colour, out);
        fputc('\n', out);
    }
    for (size_t i = 0; i < matrix->row_count; i++) {
        for (int side = 0; side < INTEROP_SIDES; side++) {
            if (matrix->rows[i].cells[side].verdict == INTEROP_FAIL)
                print_failure(&matrix->rows[i], (enum interop_side)side, out);
        }
    }
    fputc('\n', out);
    print_totals(matrix, out);
}

/* ---- JSON ---- */

static json_t *cell_tree(const struct interop_cell *cell)
{
    static const char *const words[] = {
        [INTEROP_PASS] = "pass", [INTEROP_FAIL] = "fail", [INTEROP_NOT_HERE] = "not-here"};
    json_t *object = json_object();
    json_object_set_new(object, "verdict", json_string(words[cell->verdict]));
    if (cell->reason)
        json_object_set_new(object, "reason", json_string(cell->reason));
    if (cell->verdict != INTEROP_NOT_HERE)
        json_object_set_new(object, "time", json_real((double)cell->time / (double)BASE_S));
    for (int side = 0; side < INTEROP_SIDES; side++) {
        char key[16];
        snprintf(key, sizeof(key), "%sLog", side_names[side]);
        if (cell->logs[side])
            json_object_set_new(object, key, json_string(cell->logs[side]));
    }
    return object;
}

void interop_print_json(const struct interop_matrix *matrix, FILE *out)
{
    json_t *tree = json_object(), *rows = json_array();
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct interop_row *row = &matrix->rows[i];
        json_t *object = json_object();
        json_object_set_new(object, "group", json_string(row->group));
        json_object_set_new(object, "name", json_string(row->name));
        json_object_set_new(object, "rfc", json_string(row->rfc));
        json_object_set_new(object, "rule", json_string(row->rule));
        for (int side = 0; side < INTEROP_SIDES; side++)
            json_object_set_new(object, side_names[side], cell_tree(&row->cells[side]));
        json_array_append_new(rows, object);
    }
    json_object_set_new(tree, "peer", json_string(matrix->charon ? matrix->charon : "strongSwan"));
    json_object_set_new(tree, "dataPlane",
                        matrix->data_plane ? json_string(matrix->data_plane) : json_null());
    json_object_set_new(tree, "wallTime", json_real(matrix->wall_s));
    json_object_set_new(tree, "rows", rows);
    json_dumpf(tree, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    fputc('\n', out);
    json_decref(tree);
}

/* ---- Markdown ---- */

static void mark_down_cell(const struct interop_row *row, enum interop_side side, size_t *notes,
                           FILE *out)
{
    const struct interop_cell *cell = &row->cells[side];
    if (cell->verdict == INTEROP_PASS)
        fputs(" yes |", out);
    else
        fprintf(out, " %s [%zu] |", cell->verdict == INTEROP_FAIL ? "**no**" : "-", ++*notes);
}

static void mark_down_notes(const struct interop_matrix *matrix, FILE *out)
{
    size_t notes = 0;
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct interop_row *row = &matrix->rows[i];
        for (int side = 0; side < INTEROP_SIDES; side++) {
            const struct interop_cell *cell = &row->cells[side];
            if (cell->verdict == INTEROP_PASS)
                continue;
            fprintf(out, "\n[%zu] %s, begun by %s: %s.", ++notes, row->name, side_names[side],
                    cell->reason);
            if (cell->verdict == INTEROP_FAIL)
                fprintf(out, " %s: %s", row->rfc, row->rule);
            fputc('\n', out);
        }
    }
}

void interop_print_markdown(const struct interop_matrix *matrix, FILE *out)
{
    size_t notes = 0;
    fprintf(out,
            "# Interoperability\n"
            "Our engine against %s (data plane: %s). Written by `tunnelbed interop --format "
            "markdown`; \"ours\" and \"charon\" say which side began. In\n"
            "each case both sides' SPIs, algorithms and states are compared, and pings go through "
            "the tunnel. A ctest plays it where root and strongSwan are there.\n",
            matrix->charon ? matrix->charon : "strongSwan",
            matrix->data_plane ? matrix->data_plane : "none");
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct interop_row *row = &matrix->rows[i];
        if (begins_group(matrix, i))
            fprintf(out, "\n## %s\n| case | ours | charon | by |\n|---|---|---|---|\n", row->group);
        fprintf(out, "| %s |", row->name);
        for (int side = 0; side < INTEROP_SIDES; side++)
            mark_down_cell(row, (enum interop_side)side, &notes, out);
        fprintf(out, " %s |\n", row->rfc);
    }
    if (notes)
        fputs("\n## Notes\n", out);
    mark_down_notes(matrix, out);
}
