/* The tree of docs/results.md. Times are seconds with nanosecond digits. */
#include "report/json.h"

#include <jansson.h>
#include <string.h>

#include "report/causes_json.h"

enum {
    DIGITS = 15 /* of a real: 11 days to the nanosecond */
};

static json_t *seconds(base_ns time_ns)
{
    return json_real((double)time_ns / 1e9);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static void set_count(json_t *object, const char *key, uint64_t value)
{
    set(object, key, json_integer((json_int_t)value));
}

static json_t *times(base_ns min, base_ns avg, base_ns max)
{
    json_t *object = json_object();
    set(object, "min", seconds(min));
    set(object, "avg", seconds(avg));
    set(object, "max", seconds(max));
    return object;
}

static json_t *ping_errors(const struct scn_ping_result *ping)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ping->error_count; i++) {
        const struct scn_ping_error *error = &ping->error_list[i];
        char from[NET_ADDR_TEXT_MAX];
        json_t *object = json_object();
        if (error->from.family)
            set(object, "from", json_string(net_addr_format(&error->from, from)));
        set(object, "what", json_string(error->what));
        set_count(object, "count", error->count);
        json_array_append_new(list, object);
    }
    return list;
}

static void add_ping(json_t *object, const struct scn_step_result *row)
{
    const struct scn_ping_result *ping = &row->ping;
    set(object, "from", json_string(row->step->u.ping.from));
    set(object, "to", json_string(row->step->u.ping.to));
    set_count(object, "sent", ping->sent);
    set_count(object, "received", ping->received);
    set_count(object, "duplicates", ping->duplicates);
    if (ping->received > 0) {
        json_t *rtt = times(ping->rtt_min_ns, ping->rtt_avg_ns, ping->rtt_max_ns);
        set(rtt, "mdev", seconds(ping->rtt_mdev_ns));
        set(object, "rtt", rtt);
    }
    set(object, "errors", ping_errors(ping));
}

static void add_traffic(json_t *object, const struct scn_step_result *row)
{
    const struct scn_traffic_result *flow = &row->traffic;
    set(object, "from", json_string(row->step->u.traffic.from));
    set(object, "to", json_string(row->step->u.traffic.to));
    set_count(object, "sent", flow->sent);
    set_count(object, "delivered", flow->delivered);
    set_count(object, "lost", flow->lost);
    set_count(object, "duplicates", flow->duplicates);
    set_count(object, "reordered", flow->reordered);
    if (flow->delivered > 0)
        set(object, "latency",
            times(flow->latency_min_ns, flow->latency_avg_ns, flow->latency_max_ns));
}

static void add_sa(json_t *object, const struct scn_step_result *row)
{
    set(object, "on", json_string(row->step->u.sa.on));
    set(object, "tunnel", json_string(row->step->u.sa.tunnel));
    set(object, "state", json_string(scn_tunnel_state_name(row->sa_state)));
}

static json_t *checks(const struct scn_step_result *row)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->step->check_count; i++) {
        const struct scn_check_result *check = &row->checks[i];
        json_t *object = json_object();
        set(object, "what", json_string(scn_measure_name(check->check->measure)));
        set(object, "line", json_integer(check->check->where.line));
        set(object, "expected", json_string(check->check->text));
        set(object, "found", text_or_null(check->found));
        set(object, "verdict", json_string(scn_verdict_name(check->verdict)));
        if (check->proves_nothing)
            set(object, "provesNothing", json_true());
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *step(const struct scn_step_result *row)
{
    json_t *object = json_object();
    enum scn_verb verb = row->step->verb;
    set(object, "verb", json_string(scn_verb_name(verb)));
    set(object, "line", json_integer(row->step->where.line));
    if (row->step->name)
        set(object, "name", json_string(row->step->name));
    if (row->started)
        set(object, "start", seconds(row->start_ns));
    if (row->ended)
        set(object, "end", seconds(row->end_ns));
    if (verb == SCN_VERB_PING)
        add_ping(object, row);
    else if (verb == SCN_VERB_TRAFFIC)
        add_traffic(object, row);
    else if (verb == SCN_VERB_INITIATE || verb == SCN_VERB_TERMINATE || verb == SCN_VERB_REKEY)
        add_sa(object, row);
    else if (verb == SCN_VERB_INJECT)
        set(object, "sent", json_integer((json_int_t)row->injected));
    if (row->step->check_count > 0)
        set(object, "expectations", checks(row));
    if (row->problem)
        set(object, "problem", json_string(row->problem));
    set(object, "verdict", json_string(scn_verdict_name(row->verdict)));
    return object;
}

static json_t *expectation(const struct scn_expect_result *row)
{
    json_t *object = json_object();
    set(object, "kind", json_string(row->kind));
    if (row->where.line)
        set(object, "line", json_integer(row->where.line));
    set(object, "text", json_string(row->text));
    set(object, "verdict", json_string(scn_verdict_name(row->verdict)));
    set(object, "found", text_or_null(row->found));
    if (row->proves_nothing)
        set(object, "provesNothing", json_true());
    return object;
}

static json_t *selectors(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t size = strcspn(text, ",");
        json_array_append_new(list, json_stringn(text, size));
        text += size;
        text += strspn(text, ", ");
    }
    return list;
}

static json_t *ike_of(const struct scn_tunnel_result *tunnel)
{
    json_t *object = json_object();
    if (!tunnel->has_ike)
        return object;
    set(object, "encryption", json_string(tunnel->ike_encryption));
    set(object, "integrity", text_or_null(tunnel->ike_integrity));
    set(object, "prf", json_string(tunnel->ike_prf));
    set(object, "group", json_string(tunnel->ike_group));
    return object;
}

static json_t *esp_of(const struct scn_tunnel_result *tunnel)
{
    json_t *object = json_object();
    if (!tunnel->has_child)
        return object;
    set(object, "encryption", json_string(tunnel->esp_encryption));
    set(object, "integrity", text_or_null(tunnel->esp_integrity));
    set(object, "group", text_or_null(tunnel->esp_group));
    set(object, "esn", json_boolean(tunnel->esn));
    set(object, "udpEncapsulation", json_boolean(tunnel->encapsulated));
    return object;
}

static json_t *tunnel_of(const struct scn_tunnel_result *tunnel)
{
    json_t *object = json_object();
    json_t *both = json_object();
    json_t *rekeys = json_object();
    if (tunnel->has_child) {
        set(both, "local", selectors(tunnel->local_selectors));
        set(both, "remote", selectors(tunnel->remote_selectors));
    }
    set_count(rekeys, "ike", tunnel->ike_rekeys);
    set_count(rekeys, "child", tunnel->child_rekeys);
    set(object, "gateway", json_string(tunnel->gateway));
    set(object, "name", json_string(tunnel->name));
    if (tunnel->engine) {
        set(object, "engine", json_string(tunnel->engine));
        set(object, "dataPlane", text_or_null(tunnel->data_plane));
    }
    set(object, "state", json_string(scn_tunnel_state_name(tunnel->state)));
    set(object, "ike", ike_of(tunnel));
    set(object, "esp", esp_of(tunnel));
    set(object, "trafficSelectors", both);
    set(object, "rekeys", rekeys);
    set_count(object, "childSas", tunnel->child_sas);
    return object;
}

static json_t *capture(const struct scn_capture_result *row)
{
    json_t *object = json_object();
    set(object, "point", json_string(row->point));
    set(object, "file", text_or_null(row->file));
    set_count(object, "packets", row->packets);
    return object;
}

static json_t *tree(const struct scn_result *result)
{
    json_t *root = json_object();
    json_t *steps = json_array();
    json_t *expectations = json_array();
    json_t *tunnels = json_array();
    json_t *captures = json_array();
    for (size_t i = 0; i < result->step_count; i++)
        json_array_append_new(steps, step(&result->steps[i]));
    for (size_t i = 0; i < result->expectation_count; i++)
        json_array_append_new(expectations, expectation(&result->expectations[i]));
    for (size_t i = 0; i < result->tunnel_count; i++)
        json_array_append_new(tunnels, tunnel_of(&result->tunnels[i]));
    for (size_t i = 0; i < result->capture_count; i++)
        json_array_append_new(captures, capture(&result->captures[i]));
    set(root, "scenario", json_string(result->scenario->name));
    set(root, "file", json_string(result->scenario->file));
    set_count(root, "seed", result->seed);
    set(root, "verdict", json_string(scn_verdict_name(result->verdict)));
    if (result->error)
        set(root, "error", json_string(result->error));
    set(root, "world", json_string(result->real ? "namespaces" : "simulated"));
    set(root, "virtualTime", seconds(result->virtual_ns));
    set(root, "wallTime", json_real(result->wall_s));
    set(root, "steps", steps);
    set(root, "expectations", expectations);
    set(root, "tunnels", tunnels);
    set(root, "captures", captures);
    set(root, "causes", report_causes_json(result));
    return root;
}

bool report_json_write(const struct scn_result *result, enum report_json_style style, FILE *out)
{
    json_t *root = tree(result);
    size_t flags = JSON_REAL_PRECISION(DIGITS);
    flags |= style == REPORT_JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT;
    bool written = json_dumpf(root, out, flags) == 0 && fputc('\n', out) != EOF;
    json_decref(root);
    return written;
}
