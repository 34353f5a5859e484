/* Causes and accounts as JSON. */
#include "report/causes_json.h"

#include <string.h>

#include "report/causes.h"

enum {
    DIGITS = 15 /* of a real: 11 days to the nanosecond */
};

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *place(struct base_where where)
{
    if (!where.line)
        return json_null();
    const char *name = strrchr(where.file, '/'); /* results are the same wherever they are made */
    return json_sprintf("%s:%d", name ? name + 1 : where.file, where.line);
}

/* The values of `--set` that apply the remedy. */
static json_t *sets(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t size = strcspn(text, "\n");
        json_array_append_new(list, json_stringn(text, size));
        text += size;
        text += *text == '\n';
    }
    return list;
}

json_t *report_causes_json(const struct scn_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; result->diagnosed && i < result->diagnosis.cause_count; i++) {
        const struct diag_cause *cause = &result->diagnosis.causes[i];
        json_t *object = json_object();
        set(object, "code", json_string(diag_code_row(cause->code)->code));
        set(object, "text", json_string(cause->text));
        set(object, "where", place(cause->where));
        set(object, "remedy", json_string(cause->remedy));
        set(object, "set", sets(cause->set));
        set(object, "step", json_integer(result->probes[cause->probe].where.line));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *line(const struct diag_line *row)
{
    json_t *object = json_object();
    set(object, "time", json_real((double)row->at / 1e9));
    set(object, "node", row->node ? json_string(row->node) : json_null());
    set(object, "text", json_string(row->text));
    set(object, "bad", json_boolean(row->bad));
    return object;
}

static json_t *account(const struct scn_result *result, const struct diag_account *row)
{
    const struct diag_probe *probe = &result->probes[row->probe];
    json_t *object = json_object(), *lines = json_array();
    for (size_t i = 0; i < row->line_count; i++)
        json_array_append_new(lines, line(&row->lines[i]));
    set(object, "step", json_string(probe->text));
    set(object, "where", place(probe->where));
    set(object, "request", json_integer((json_int_t)row->number));
    set(object, "alike", json_integer((json_int_t)row->alike));
    set(object, "gotThrough", json_boolean(row->good));
    set(object, "outcome", json_string(row->outcome));
    set(object, "lines", lines);
    return object;
}

static json_t *unexplained(const struct scn_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; result->diagnosed && i < result->probe_count; i++) {
        if (result->diagnosis.unexplained[i])
            json_array_append_new(list, place(result->probes[i].where));
    }
    return list;
}

bool report_explain_json(const struct scn_result *result, FILE *out)
{
    json_t *root = json_object(), *accounts = json_array();
    for (size_t i = 0; result->diagnosed && i < result->diagnosis.account_count; i++)
        json_array_append_new(accounts, account(result, &result->diagnosis.accounts[i]));
    set(root, "scenario", json_string(result->scenario->name));
    set(root, "file", json_string(result->scenario->file));
    set(root, "seed", json_integer((json_int_t)result->seed));
    set(root, "verdict", json_string(scn_verdict_name(result->verdict)));
    set(root, "causes", report_causes_json(result));
    set(root, "withoutCause", unexplained(result));
    set(root, "accounts", accounts);
    bool written = json_dumpf(root, out, JSON_REAL_PRECISION(DIGITS) | JSON_INDENT(2)) == 0 &&
                   fputc('\n', out) != EOF;
    json_decref(root);
    return written;
}
