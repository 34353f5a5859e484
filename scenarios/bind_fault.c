/*
 * The tables of faults. A fault impairs a link, or, where it names packets (match, packets, drop, hold), does one
 * thing to these: the same words (delay, duplicate, corrupt) then take other values.
 */
#include "scenarios/tables.h"

#include <string.h>

/* --- Where ------------------------------------------------------------------------------------ */

static bool read_fault_place(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_node found;
    (void)type;
    if (node->kind == SCN_SCALAR && topo_find_node(&b->scenario->model, node->text, &found))
        return scn_bind_error(
            b, "bad-fault", node, key,
            found.gateway ? "on a gateway: crash, failover, clockJump, rejectSpi, sequence or "
                            "messageId; all else befalls "
                            "links: internet, or a LAN as <vdc>/<lan>"
                          : "faults befall links (internet, or a LAN as <vdc>/<lan>) and "
                            "gateways",
            "'%s' is a node, and this fault is one of links", node->text);
    return scn_link_ref.read(b, &scn_link_ref, key, node, slot);
}

static const struct scn_type fault_place = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a link",
    .about = "name `internet`, or a LAN as <vdc>/<lan>",
    .read = read_fault_place,
    .schema = "\"type\": \"string\"",
};

static bool is_on_link(const struct topo_node *node, const struct topo_link *link)
{
    if (!link->lan)
        return node->gateway != NULL;
    if (node->vdc != link->vdc)
        return false;
    return node->host ? node->host->lan == link->lan->id
                      : topo_find_connection(node->gateway, link->lan->id) != NULL;
}

bool scn_check_direction(struct scn_bind *b, const struct scn_node *node, const char *on,
                         const char *from)
{
    struct topo_node found;
    struct topo_link link;
    const struct scn_node *at = scn_node_get(node, "from");
    if (!on || !from || !topo_find_link(&b->scenario->model, on, &link) ||
        !topo_find_node(&b->scenario->model, from, &found) || is_on_link(&found, &link))
        return true;
    return scn_bind_error(b, "unknown-name", at, NULL,
                          "`from` is a node that sends onto the link itself",
                          "%s is not on the link %s", from, on);
}

#define PLACE_KEYS                                                                                 \
    {.name = "on",                                                                                 \
     .type = &fault_place,                                                                         \
     .offset = offsetof(struct scn_fault, on),                                                     \
     .where_offset = offsetof(struct scn_fault, on_where),                                         \
     .required = true,                                                                             \
     .about = "the link: internet, or a LAN as <vdc>/<lan>"},                                      \
        {.name = "from",                                                                           \
         .type = &scn_node_ref,                                                                    \
         .offset = offsetof(struct scn_fault, from),                                               \
         .about = "only what this node sends onto the link; default both directions"},             \
    {                                                                                              \
        .name = "for", .type = &scn_span, .offset = offsetof(struct scn_fault, for_ns),            \
        .about = "how long; default until healed"                                                  \
    }

/* --- Impairments ------------------------------------------------------------------------------ */

static void impair_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_fault *fault = object;
    size_t about = 0;
    static const char *const words[] = {"on", "from", "for"};
    for (size_t i = 0; i < SCN_COUNT(words); i++)
        about += scn_node_entry(node, words[i]) != NULL;
    scn_check_direction(b, node, fault->on, fault->from);
    if (!fault->impairment.set && node->count == about)
        scn_bind_error(b, "missing-key", node, NULL,
                       "loss, delay, down and others, or match and drop, hold and others",
                       "the fault says nothing of what goes wrong");
}

static const struct scn_key impair_keys[] = {
    PLACE_KEYS,
    SCN_IMPAIRMENT_KEYS(struct scn_fault, impairment),
};

static const struct scn_type impair = {
    .kind = SCN_TYPE_MAP,
    .name = "fault",
    .schema = "impairment",
    .about = "{on: internet, loss: 5%, for: 30s}",
    .keys = impair_keys,
    .key_count = SCN_COUNT(impair_keys),
    .set_offset = offsetof(struct scn_fault, impairment.set),
    .finish = impair_finish,
};

/* --- Exact faults ----------------------------------------------------------------------------- */

static bool read_match(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    (void)type;
    if (node->kind != SCN_MAP)
        return scn_filter.read(b, &scn_filter, key, node, &exact->filter);
    exact->has_ike = true;
    return scn_bind_map(b, &scn_type_ike_match, node, &exact->ike);
}

static const struct scn_type match = {
    .kind = SCN_TYPE_VALUE,
    .name = "a match",
    .about = "write a tcpdump filter, or {exchange, kind, messageId}",
    .read = read_match,
    .schema = "\"anyOf\": [{" SCN_FILTER_SCHEMA "}, {\"$ref\": \"#/definitions/match\"}]",
    .of = &scn_type_ike_match,
};

static bool read_packets(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    struct base_comparison range;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!base_text_comparison(node->text, BASE_UNIT_COUNT, &range) || range.high < 1)
        return scn_bind_bad_value(b, type, key, node);
    exact->first = range.low < 1 ? 1 : (uint64_t)range.low;
    exact->last = range.high == INT64_MAX ? UINT64_MAX : (uint64_t)range.high;
    return true;
}

static const struct scn_type packets = {
    .kind = SCN_TYPE_VALUE,
    .name = "a choice of packets",
    .about = "write which of those that match, counted from 1: 2, or 2..4",
    .read = read_packets,
    .schema = "\"type\": [\"string\", \"integer\"]",
};

/* true, or a filter: short for a match and a drop. */
static bool read_drop(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    exact->action = SCN_FAULT_DROP;
    if (!strcmp(node->text, "true"))
        return true;
    if (!strcmp(node->text, "false"))
        return scn_bind_error(b, "bad-value", node, key, type->about, "'false' does nothing");
    if (exact->filter.text || exact->has_ike)
        return scn_bind_error(b, "bad-value", node, key, "write drop: true beside `match`",
                              "a filter in `drop` and a `match` are too many");
    return scn_filter.read(b, type, key, node, &exact->filter);
}

static const struct scn_type drop = {
    .kind = SCN_TYPE_VALUE,
    .name = "a drop",
    .about = "write true, or a tcpdump filter in place of `match`",
    .read = read_drop,
    .schema = "\"anyOf\": [{\"enum\": [true]}, {" SCN_FILTER_SCHEMA "}]",
};

static bool read_number(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    (void)type;
    exact->action = strcmp(key->name, "corrupt") ? SCN_FAULT_DUPLICATE : SCN_FAULT_CORRUPT;
    return scn_u32.read(b, &scn_u32, key, node, &exact->number);
}

static const struct scn_type number = {
    .kind = SCN_TYPE_VALUE,
    .name = "a whole number",
    .about = "with `match` or `packets` it is a number; without, a percentage",
    .read = read_number,
    .schema = "\"type\": \"integer\"",
};

static bool read_delay(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    (void)type;
    exact->action = SCN_FAULT_DELAY;
    return scn_span.read(b, &scn_span, key, node, &exact->delay_ns);
}

static const struct scn_type delay = {
    .kind = SCN_TYPE_VALUE,
    .name = "a delay",
    .about = "write a duration",
    .read = read_delay,
    .schema = "\"$ref\": \"#/definitions/duration\"",
};

static bool read_hold(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    struct scn_exact_fault *exact = slot;
    (void)type;
    exact->action = SCN_FAULT_HOLD;
    return scn_text.read(b, &scn_text, key, node, &exact->hold);
}

static const struct scn_type hold = {
    .kind = SCN_TYPE_VALUE,
    .name = "a name",
    .about = "the name under which a step `release` lets the packets go",
    .read = read_hold,
    .schema = "\"type\": \"string\"",
};

static const char *const actions[] = {"drop", "duplicate", "delay", "corrupt", "hold"};

static void exact_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_fault *fault = object;
    (void)b;
    (void)node;
    fault->has_exact = true;
    fault->exact.first = 1;
    fault->exact.last = UINT64_MAX;
}

static void exact_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_fault *fault = object;
    size_t count = 0;
    for (size_t i = 0; i < SCN_COUNT(actions); i++)
        count += scn_node_get(node, actions[i]) != NULL;
    scn_check_direction(b, node, fault->on, fault->from);
    if (count != 1)
        scn_bind_error(b, "bad-fault", node, NULL,
                       "say one of drop, duplicate, delay, corrupt, hold; other things are faults "
                       "of their own",
                       "an exact fault does one thing to its packets, not %zu", count);
}

static const struct scn_key exact_keys[] = {
    PLACE_KEYS,
    {.name = "match",
     .type = &match,
     .offset = offsetof(struct scn_fault, exact),
     .about =
         "which packets: a tcpdump filter, or {exchange, kind, messageId} of IKE; default all"},
    {.name = "packets",
     .type = &packets,
     .offset = offsetof(struct scn_fault, exact),
     .about = "which of those that match, from 1: 2, or 2..4; default all"},
    {.name = "drop",
     .type = &drop,
     .offset = offsetof(struct scn_fault, exact),
     .about = "true, or a tcpdump filter in place of `match`"},
    {.name = "duplicate",
     .type = &number,
     .offset = offsetof(struct scn_fault, exact),
     .min = 1,
     .max = 1000,
     .about = "so many further copies"},
    {.name = "delay",
     .type = &delay,
     .offset = offsetof(struct scn_fault, exact),
     .about = "so much later"},
    {.name = "corrupt",
     .type = &number,
     .offset = offsetof(struct scn_fault, exact),
     .min = 1,
     .max = 1000,
     .about = "so many bits flipped"},
    {.name = "hold",
     .type = &hold,
     .offset = offsetof(struct scn_fault, exact),
     .min = 1,
     .max = TOPO_NAME_MAX,
     .about = "kept until a step `release` names this"},
};

static const struct scn_type exact = {
    .kind = SCN_TYPE_MAP,
    .name = "exact fault",
    .schema = "exactFault",
    .about = "{on: internet, match: \"udp port 500\", packets: 2, drop: true}",
    .keys = exact_keys,
    .key_count = SCN_COUNT(exact_keys),
    .begin = exact_begin,
    .finish = exact_finish,
};

/* --- Both ------------------------------------------------------------------------------------- */

static bool read_fault(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    static const char *const words[] = {"match", "packets", "drop", "hold"};
    bool is_exact = false;
    (void)key;
    (void)type;
    for (size_t i = 0; i < scn_gateway_fault.key_count; i++)
        if (scn_gateway_fault.keys[i].set_bit && scn_node_get(node, scn_gateway_fault.keys[i].name))
            return scn_bind_map(b, &scn_gateway_fault, node, slot);
    for (size_t i = 0; i < SCN_COUNT(words); i++)
        is_exact |= scn_node_get(node, words[i]) != NULL;
    return scn_bind_map(b, is_exact ? &exact : &impair, node, slot);
}

static const struct scn_type *const fault_kinds[] = {&impair, &exact, &scn_gateway_fault, NULL};

const struct scn_type scn_type_fault = {
    .kind = SCN_TYPE_VALUE,
    .name = "fault",
    .about = "what goes wrong on a link or a gateway",
    .read = read_fault,
    .any_of = fault_kinds,
};
