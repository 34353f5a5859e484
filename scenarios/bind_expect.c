/* The tables of expectations: drops, what is always checked, and the list of all. */
#include "diagnose/codes.h"
#include "scenarios/tables.h"
#include "sim/journal.h"

#include <string.h>

/* --- drops ------------------------------------------------------------------------------------ */

static const char *reason_word(unsigned n)
{
    return n + 1 < SIM_REASON_COUNT ? sim_reason_word((enum sim_reason)(n + 1)) : NULL;
}

/* All of them, where none is near: nobody knows them by heart. */
static const char *right_reasons(struct scn_bind *b, const char *given)
{
    const char *words[SIM_REASON_COUNT];
    size_t count = 0;
    while ((words[count] = reason_word((unsigned)count)))
        count++;
    const char *nearest = base_text_nearest(given, words, count);
    if (nearest)
        return base_arena_printf(b->tree, "did you mean '%s'?", nearest);
    const char *list = words[0];
    for (size_t i = 1; i < count; i++)
        list = base_arena_printf(b->tree, "%s, %s", list, words[i]);
    return base_arena_printf(b->tree, "one of %s", list);
}

static bool read_reason(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    enum sim_reason reason;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (sim_reason_find(node->text, &reason) && reason != SIM_REASON_NONE) {
        *(const char **)slot = scn_bind_text(b, sim_reason_word(reason));
        return true;
    }
    return scn_bind_error(b, "bad-value", node, key, right_reasons(b, node->text),
                          "%s is not a reason for a drop", scn_node_describe(node, b->tree));
}

static const struct scn_type reason = {
    .kind = SCN_TYPE_VALUE,
    .name = "a reason for a drop",
    .about = "a word of `tunnelbed`'s own, or the name of the Linux counter",
    .read = read_reason,
    .schema = "\"type\": \"string\"",
};

static void drops_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_expect *)object)->u.drops.count = (struct base_comparison){1, INT64_MAX};
}

static const struct scn_key drops_keys[] = {
    {.name = "on",
     .type = &scn_place_ref,
     .offset = offsetof(struct scn_expect, u.drops.on),
     .about = "a node or a link; default anywhere"},
    {.name = "reason",
     .type = &reason,
     .offset = offsetof(struct scn_expect, u.drops.reason),
     .about = "why they were dropped; default any reason"},
    {.name = "count",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.drops.count),
     .about = "how many packets",
     .standard = "\">= 1\""},
    SCN_DURING_KEY,
};

const struct scn_type scn_expect_drops_type = {
    .kind = SCN_TYPE_MAP,
    .schema = "expectDrops",
    .name = "drops",
    .about = "{on: lhr-gw, reason: no-inbound-sa, count: \">= 1\"}",
    .keys = drops_keys,
    .key_count = SCN_COUNT(drops_keys),
    .begin = drops_begin,
};

/* --- cause ------------------------------------------------------------------------------------ */

static const char *cause_word(unsigned n)
{
    return n < DIAG_CODE_COUNT ? diag_code_row((enum diag_code)n)->code : NULL;
}

static bool read_cause(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    enum diag_code code;
    const char *words[DIAG_CODE_COUNT];
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (diag_code_find(node->text, &code)) {
        ((struct scn_expect *)slot)->u.cause.code = diag_code_row(code)->code;
        return true;
    }
    for (unsigned n = 0; n < DIAG_CODE_COUNT; n++)
        words[n] = cause_word(n);
    return scn_bind_error(b, "bad-value", node, key,
                          scn_bind_suggest(b, node->text, words, DIAG_CODE_COUNT),
                          "%s is not the code of a cause", scn_node_describe(node, b->tree));
}

static const struct scn_type cause_type = {.kind = SCN_TYPE_VALUE,
                                           .name = "the code of a cause",
                                           .about = "a code of docs/causes.md",
                                           .read = read_cause,
                                           .word = cause_word};

/* --- The list --------------------------------------------------------------------------------- */

static const char *cleartext_word(unsigned n)
{
    static const char *const words[] = {"forbidden", "allowed"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

static const char *pairing_word(unsigned n)
{
    static const char *const words[] = {"whole", "broken"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

/* The second word is what differs from what is always checked. */
static bool read_always(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (unsigned n = 0; n < 2; n++)
        if (!strcmp(type->word(n), node->text)) {
            *(bool *)slot = n == 1;
            return true;
        }
    return scn_bind_bad_value(b, type, key, node);
}

const struct scn_type scn_cleartext = {.kind = SCN_TYPE_VALUE,
                                       .name = "a word for cleartext",
                                       .read = read_always,
                                       .word = cleartext_word};
const struct scn_type scn_pairing = {.kind = SCN_TYPE_VALUE,
                                     .name = "a word for pairing",
                                     .read = read_always,
                                     .word = pairing_word};

enum {
    EXPECTATION_KINDS = 5 /* the keys below that are expectations of their own */
};

static const struct scn_key expectation_keys[] = {
    {.name = "capture", .type = &scn_expect_capture_type, .about = "what a capture point saw"},
    {.name = "tunnel",
     .type = &scn_expect_tunnel_type,
     .about = "what a tunnel is, and what was negotiated"},
    {.name = "ike",
     .type = &scn_expect_ike_type,
     .about = "IKE messages that a gateway sent or received"},
    {.name = "drops",
     .type = &scn_expect_drops_type,
     .about = "packets that were dropped, and why"},
    {.name = "cause", .type = &cause_type, .about = "why a ping or a flow did not get through"},
    {.name = "cleartext",
     .type = &scn_cleartext,
     .about = "allowed: private packets may be seen in clear on the internet",
     .standard = "\"forbidden\""},
    {.name = "pairing",
     .type = &scn_pairing,
     .about = "broken: SAs that do not pair up at the end are what is expected",
     .standard = "\"whole\""},
};

/* The first five, in the order of enum scn_expect_kind. */
static bool read_kind(struct scn_bind *b, const struct scn_node *node, struct scn_expect *expect,
                      unsigned kind)
{
    const struct scn_key *key = &expectation_keys[kind];
    const struct scn_node *value = scn_node_get(node, key->name);
    expect->kind = (enum scn_expect_kind)kind;
    expect->where = node->where;
    expect->text = base_arena_printf(b->arena, "%s %s", key->name, scn_node_told(value, b->tree));
    return scn_bind_value(b, key->type, key, value, expect, NULL);
}

static bool read_expectation(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    size_t kinds = 0, found = SCN_COUNT(expectation_keys);
    scn_finish_model(b);
    if (node->kind != SCN_MAP)
        return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not an expectation",
                              scn_node_describe(node, b->tree));
    scn_bind_unknown_keys(b, type, node, NULL);
    for (size_t i = SCN_COUNT(expectation_keys); i-- > 0;)
        if (scn_node_get(node, expectation_keys[i].name)) {
            kinds++;
            found = i;
        }
    if (kinds != 1) {
        if (kinds || !node->count)
            scn_bind_error(b, "bad-expectation", node, NULL, "write each as an entry of its own",
                           "an entry of `expect` is one expectation, not %zu", kinds);
        return false;
    }
    if (found < EXPECTATION_KINDS)
        return read_kind(b, node, slot, (unsigned)found);
    /* These two change what is always checked, and are no expectations of their own. */
    const struct scn_node *value = scn_node_get(node, expectation_keys[found].name);
    bool *flag = expectation_keys[found].type == &scn_cleartext ? &b->scenario->cleartext_allowed
                                                                : &b->scenario->pairing_broken;
    scn_bind_value(b, expectation_keys[found].type, &expectation_keys[found], value, flag, NULL);
    return false;
}

const struct scn_type scn_expectation = {
    .kind = SCN_TYPE_VALUE,
    .name = "expectation",
    .about = "one of {capture: ...}, {tunnel: ...}, {ike: ...}, {drops: ...}, {cause: ...}",
    .read = read_expectation,
    .keys = expectation_keys,
    .key_count = SCN_COUNT(expectation_keys),
};

const struct scn_type scn_type_expectations = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of expectations",
    .about = "a list of {capture: ...}, {tunnel: ...}, {ike: ...}, {drops: ...}",
    .of = &scn_expectation,
    .size = sizeof(struct scn_expect),
    .or_one = true,
};
