/* One line a scenario: what is in the table. */
#include <jansson.h>

#include "compare/report.h"

static json_t *row_of(const struct cmp_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "topic", json_string(cmp_topic_name(row->topic)));
    if (row->line)
        json_object_set_new(object, "line", json_integer(row->line));
    json_object_set_new(object, "what", json_string(row->what));
    json_object_set_new(object, "simulated", json_string(row->simulated));
    json_object_set_new(object, "strongswan", json_string(row->real));
    json_object_set_new(object, "verdict", json_string(cmp_verdict_name(row->verdict)));
    if (row->verdict == CMP_KNOWN) {
        json_object_set_new(object, "code", json_string(row->known->code));
        json_object_set_new(object, "reason", json_string(row->known->reason));
    }
    return object;
}

static void add_lineup(json_t *root, const struct cmp_report *report)
{
    json_t *rows = json_array();
    bool differs = cmp_lineup_verdict(report->lineup) == CMP_DIFFERS;
    for (size_t i = 0; i < report->lineup->count; i++)
        json_array_append_new(rows, row_of(&report->lineup->rows[i]));
    json_object_set_new(root, "verdict", json_string(differs ? "differs" : "alike"));
    json_object_set_new(root, "virtualTime", json_real(report->virtual_s));
    json_object_set_new(root, "realTime", json_real(report->real_s));
    json_object_set_new(root, "rows", rows);
}

bool cmp_report_json(const struct cmp_report *report, const char *plane, FILE *out)
{
    json_t *root = json_object();
    json_object_set_new(root, "scenario", json_string(report->scenario->name));
    json_object_set_new(root, "file", json_string(report->scenario->file));
    json_object_set_new(root, "dataPlane", json_string(plane));
    if (report->error) {
        json_object_set_new(root, "verdict", json_string("error"));
        json_object_set_new(root, "error", json_string(report->error));
    } else if (report->skipped) {
        json_object_set_new(root, "verdict", json_string("skipped"));
        json_object_set_new(root, "skipped", json_string(report->skipped));
    } else {
        add_lineup(root, report);
    }
    bool written = json_dumpf(root, out, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0 &&
                   fputc('\n', out) != EOF;
    json_decref(root);
    return written;
}
