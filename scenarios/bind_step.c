/* The table of steps: each verb with its own map, and what stands beside a verb. */
#include "scenarios/tables.h"
#include "scenarios/verbs.h"

#include <string.h>

/* --- What is expected of a step ---------------------------------------------------------------- */

struct measure {
    enum scn_measure id;
    enum base_unit unit;
    unsigned verbs; /* bits */
    const char *about;
};

#define BIT(verb) (1u << SCN_VERB_##verb)
#define SA_VERBS (BIT(INITIATE) | BIT(TERMINATE) | BIT(REKEY))

static const struct measure measures[] = {
    {SCN_MEASURE_SENT, BASE_UNIT_COUNT, BIT(PING) | BIT(TRAFFIC) | BIT(INJECT), "packets sent"},
    {SCN_MEASURE_RECEIVED, BASE_UNIT_COUNT, BIT(PING), "ping: requests that were answered"},
    {SCN_MEASURE_DUPLICATES, BASE_UNIT_COUNT, BIT(PING), "ping: further answers"},
    {SCN_MEASURE_ERRORS, BASE_UNIT_COUNT, BIT(PING), "ping: ICMP errors and failed sends"},
    {SCN_MEASURE_RTT, BASE_UNIT_DURATION, BIT(PING), "ping: each round trip"},
    {SCN_MEASURE_DELIVERED, BASE_UNIT_COUNT, BIT(TRAFFIC), "traffic: datagrams that arrived"},
    {SCN_MEASURE_LOST, BASE_UNIT_COUNT, BIT(TRAFFIC), "traffic: datagrams that did not"},
    {SCN_MEASURE_REORDERED, BASE_UNIT_COUNT, BIT(TRAFFIC), "traffic: datagrams overtaken"},
    {SCN_MEASURE_LATENCY, BASE_UNIT_DURATION, BIT(TRAFFIC), "traffic: each datagram's way"},
    {SCN_MEASURE_STATE, BASE_UNIT_COUNT, SA_VERBS, "the tunnel's state when the exchange is over"},
};

static const struct measure *find_measure(const char *name, enum scn_verb verb)
{
    for (size_t i = 0; i < SCN_COUNT(measures); i++)
        if (measures[i].verbs & 1u << verb && !strcmp(scn_measure_name(measures[i].id), name))
            return &measures[i];
    return NULL;
}

static const char *measure_hint(struct scn_bind *b, const char *word, enum scn_verb verb)
{
    const char *words[SCN_COUNT(measures)];
    size_t count = 0;
    for (size_t i = 0; i < SCN_COUNT(measures); i++)
        if (measures[i].verbs & 1u << verb)
            words[count++] = scn_measure_name(measures[i].id);
    return scn_bind_suggest(b, word, words, count);
}

static bool read_check(struct scn_bind *b, const struct scn_entry *entry, enum scn_verb verb,
                       struct scn_check *check)
{
    const struct measure *measure = find_measure(entry->key, verb);
    const struct scn_key key = {.name = entry->key};
    const struct scn_node at = {.where = entry->where};
    if (!measure)
        return scn_bind_error(b, "unknown-key", &at, NULL, measure_hint(b, entry->key, verb),
                              "unknown key '%s' in what is expected of a %s", entry->key,
                              scn_verb_name(verb));
    check->measure = measure->id;
    check->where = entry->value->where;
    check->text = scn_bind_text(b, entry->value->text);
    if (measure->id == SCN_MEASURE_STATE)
        return scn_bind_value(b, &scn_tunnel_state, &key, entry->value, &check->state, NULL);
    return scn_bind_value(b,
                          measure->unit == BASE_UNIT_DURATION ? &scn_duration_cmp : &scn_count_cmp,
                          &key, entry->value, &check->value, NULL);
}

static void read_checks(struct scn_bind *b, const struct scn_node *node, struct scn_step *step)
{
    if (!measure_hint(b, "", step->verb)) {
        scn_bind_error(b, "bad-expectation", node, NULL,
                       "write it as a step of its own: - expect: [...]",
                       "of a %s nothing can be expected", scn_verb_name(step->verb));
        return;
    }
    if (node->kind != SCN_MAP) {
        scn_bind_error(b, "wrong-type", node, NULL, "beside a ping: expect: {received: 3}",
                       "what is expected of a step is a map, not %s",
                       scn_node_describe(node, b->tree));
        return;
    }
    step->checks = base_arena_array(b->arena, node->count, sizeof(*step->checks));
    for (size_t i = 0; i < node->count; i++)
        if (!node->entries[i].value->null &&
            read_check(b, &node->entries[i], step->verb, &step->checks[step->check_count]))
            step->check_count++;
}

/* For the schema: every measure of every verb. */
static const struct scn_key check_keys[] = {
    {.name = "sent", .type = &scn_count_cmp, .about = "packets sent"},
    {.name = "received", .type = &scn_count_cmp, .about = "ping: requests that were answered"},
    {.name = "duplicates", .type = &scn_count_cmp, .about = "ping: further answers"},
    {.name = "errors", .type = &scn_count_cmp, .about = "ping: ICMP errors and failed sends"},
    {.name = "rtt", .type = &scn_duration_cmp, .about = "ping: each round trip"},
    {.name = "delivered", .type = &scn_count_cmp, .about = "traffic: datagrams that arrived"},
    {.name = "lost", .type = &scn_count_cmp, .about = "traffic: datagrams that did not"},
    {.name = "reordered", .type = &scn_count_cmp, .about = "traffic: datagrams overtaken"},
    {.name = "latency", .type = &scn_duration_cmp, .about = "traffic: each datagram's way"},
    {.name = "state",
     .type = &scn_tunnel_state,
     .about = "initiate, terminate, rekey: the tunnel's state when the exchange is over"},
};

static const struct scn_type checks = {
    .kind = SCN_TYPE_MAP,
    .schema = "stepExpect",
    .name = "what is expected of a step",
    .about = "what is expected of the step beside it: {received: 3}",
    .keys = check_keys,
    .key_count = SCN_COUNT(check_keys),
};

/* --- The step ---------------------------------------------------------------------------------- */

static const struct scn_type *const expect_kinds[] = {&checks, &scn_expectation,
                                                      &scn_type_expectations, NULL};

/* Beside a verb what is expected of it; alone expectations that are judged now. */
static const struct scn_type step_expect = {
    .kind = SCN_TYPE_VALUE,
    .name = "what is expected",
    .about = "beside a verb: {received: 3}; alone: a list of expectations",
    .any_of = expect_kinds,
};

#define VERB(id, verb_type, member, text)                                                          \
    {                                                                                              \
        .name = (id), .type = &(verb_type), .offset = offsetof(struct scn_step, u.member),         \
        .about = text                                                                              \
    }

/* The verbs in the order of enum scn_verb, then the rest. */
static const struct scn_key step_keys[] = {
    VERB("ping", scn_verb_ping, ping, "echo requests, as ping sends them"),
    VERB("traffic", scn_verb_traffic, traffic, "UDP datagrams at a steady rate"),
    VERB("wait", scn_duration, wait_ns, "lets time pass"),
    VERB("route", scn_verb_route, route, "adds or removes routes, as `ip route` does"),
    VERB("fault", scn_type_fault, fault, "what goes wrong on a link or a gateway"),
    VERB("heal", scn_verb_heal, heal, "ends faults: {on: <link or gateway>} or {all: true}"),
    VERB("initiate", scn_verb_initiate, sa, "brings a tunnel up"),
    VERB("terminate", scn_verb_terminate, sa, "closes a tunnel's SAs"),
    VERB("rekey", scn_verb_rekey, sa, "rekeys a tunnel's SAs"),
    VERB("restart", scn_verb_node, node, "switches a node off and on again"),
    VERB("stop", scn_verb_node, node, "switches a node off"),
    VERB("start", scn_verb_node, node, "switches a node on"),
    VERB("release", scn_verb_release, release, "lets go what a fault holds under this name"),
    VERB("change", scn_verb_change, change, "changes what stands, as saves in the console do"),
    VERB("inject", scn_verb_inject, inject, "an attacker's packets: replayed, altered or forged"),
    {.name = "expect",
     .type = &step_expect,
     .offset = offsetof(struct scn_step, u.expect.items),
     .about = "beside a verb what is expected of it; alone expectations that are judged now"},
    {.name = "at",
     .type = &scn_duration,
     .offset = offsetof(struct scn_step, at_ns),
     .where_offset = offsetof(struct scn_step, at_where),
     .has_offset = offsetof(struct scn_step, has_at),
     .about = "the virtual time at which the step starts"},
    {.name = "background",
     .type = &scn_bool,
     .offset = offsetof(struct scn_step, background),
     .about = "the next step starts at once",
     .standard = "false"},
    {.name = "name",
     .type = &scn_text,
     .offset = offsetof(struct scn_step, name),
     .where_offset = offsetof(struct scn_step, name_where),
     .min = 1,
     .max = TOPO_NAME_MAX,
     .about = "by which `during` refers to the step"},
};

#define EXPECT SCN_VERB_EXPECT

/* The one verb of the step; false, with an error, where there is none or more than one. An unknown key was told
   already, and was meant for it. */
static bool find_verb(struct scn_bind *b, const struct scn_type *type, const struct scn_node *node,
                      enum scn_verb *verb)
{
    size_t count = 0;
    for (unsigned i = 0; i < EXPECT; i++)
        if (scn_node_entry(node, step_keys[i].name)) {
            *verb = (enum scn_verb)i;
            count++;
        }
    if (count == 0 && scn_node_get(node, "expect")) {
        *verb = EXPECT;
        count = 1;
    }
    for (size_t i = 0; count == 0 && i < node->count; i++)
        if (!scn_bind_known_key(type, node->entries[i].key))
            return false;
    if (count == 1)
        return true;
    return scn_bind_error(b, "bad-step", node, NULL,
                          "one of ping, traffic, wait, route, fault, heal, initiate, terminate, "
                          "rekey, restart, stop, start, release, change, inject, expect",
                          count ? "a step has one verb, and this one has several"
                                : "a step has a verb, and this one has none");
}

static void read_common(struct scn_bind *b, const struct scn_node *node, struct scn_step *step)
{
    char *object = (char *)step;
    for (size_t i = EXPECT + 1; i < SCN_COUNT(step_keys); i++) {
        const struct scn_key *key = &step_keys[i];
        const struct scn_node *value = scn_node_get(node, key->name);
        if (!value || !scn_bind_value(b, key->type, key, value, object + key->offset, NULL))
            continue;
        if (key->has_offset)
            *(bool *)(object + key->has_offset) = true;
        if (key->where_offset)
            *(struct base_where *)(object + key->where_offset) = value->where;
    }
}

static void read_verb(struct scn_bind *b, const struct scn_node *node, struct scn_step *step)
{
    const struct scn_key *key = &step_keys[step->verb];
    const struct scn_node *expect = scn_node_get(node, "expect");
    const struct scn_node *value = scn_node_entry(node, key->name)->value;
    step->value_where = value->where;
    step->text = base_arena_printf(b->arena, "%s %s", key->name, scn_node_told(value, b->tree));
    if (step->verb == EXPECT) {
        void *items = NULL;
        scn_bind_value(b, &scn_type_expectations, key, expect, &items, &step->u.expect.count);
        step->u.expect.items = items;
        return;
    }
    scn_bind_value(b, key->type, key, value, (char *)step + key->offset, NULL);
    if (expect)
        read_checks(b, expect, step);
}

/* True after errors too: what was read of a step may be named by others. */
static bool read_step(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    struct scn_step *step = slot;
    scn_finish_model(b);
    if (node->kind != SCN_MAP)
        return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not a step",
                              scn_node_describe(node, b->tree));
    step->where = node->where;
    scn_bind_unknown_keys(b, type, node, NULL);
    if (!find_verb(b, type, node, &step->verb))
        return false;
    read_common(b, node, step);
    read_verb(b, node, step);
    return true;
}

static const struct scn_type step_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "step",
    .about = "a map with one verb: - ping: {from: txl-host1, to: txl-gw}",
    .read = read_step,
    .keys = step_keys,
    .key_count = SCN_COUNT(step_keys),
};

const struct scn_type scn_type_steps = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of steps",
    .about = "what happens, one step after the other",
    .of = &step_type,
    .size = sizeof(struct scn_step),
};
