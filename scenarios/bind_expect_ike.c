/* The tables of IKE messages: which are meant, and what is expected of them. */
#include "ipsec/ike/wire.h"
#include "scenarios/tables.h"

#include <string.h>

/* --- ike -------------------------------------------------------------------------------------- */

static const char *direction_word(unsigned n)
{
    static const char *const words[] = {"sent", "received"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

static const struct scn_type direction = {
    .kind = SCN_TYPE_VALUE, .name = "a direction", .read = scn_bind_choice, .word = direction_word};

static const char *kind_word(unsigned n)
{
    static const char *const words[] = {"request", "response"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

const struct scn_type scn_message_kind = {.kind = SCN_TYPE_VALUE,
                                          .name = "a kind of message",
                                          .read = scn_bind_choice,
                                          .word = kind_word};

static const char *exchange_word(unsigned n)
{
    return n < 4 ? ike_exchange_name((uint8_t)(IKE_EXCHANGE_IKE_SA_INIT + n)) : NULL;
}

static bool read_exchange(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    const char *word;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (unsigned n = 0; (word = exchange_word(n)); n++)
        if (!strcmp(word, node->text)) {
            *(uint8_t *)slot = (uint8_t)(IKE_EXCHANGE_IKE_SA_INIT + n);
            return true;
        }
    return scn_bind_bad_value(b, type, key, node);
}

const struct scn_type scn_exchange = {.kind = SCN_TYPE_VALUE,
                                      .name = "an IKEv2 exchange",
                                      .read = read_exchange,
                                      .word = exchange_word};

struct notify {
    const char *name;
    uint16_t type;
};

static const struct notify notifies[] = {
#define X(name, value) {#name, (value)},
    IKE_NOTIFIES(X)
#undef X
};

/* NULL, with an error, where no notify has this name. */
static const struct notify *find_notify(struct scn_bind *b, const struct scn_type *type,
                                        const struct scn_key *key, const struct scn_node *node)
{
    const char *words[SCN_COUNT(notifies)];
    if (!scn_bind_is_scalar(b, type, key, node))
        return NULL;
    for (size_t i = 0; i < SCN_COUNT(notifies); i++) {
        words[i] = notifies[i].name;
        if (!strcmp(notifies[i].name, node->text))
            return &notifies[i];
    }
    scn_bind_error(b, "bad-value", node, key,
                   scn_bind_suggest(b, node->text, words, SCN_COUNT(notifies)),
                   "%s is not a notify message of IKEv2", scn_node_describe(node, b->tree));
    return NULL;
}

static bool read_notify(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_expect_ike *ike = slot;
    const struct notify *found = find_notify(b, type, key, node);
    if (!found)
        return false;
    ike->notify = found->type;
    ike->notify_name = found->name;
    return true;
}

static bool read_notify_type(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    const struct notify *found = find_notify(b, type, key, node);
    if (found)
        *(uint16_t *)slot = found->type;
    return found != NULL;
}

static const char *notify_word(unsigned n)
{
    return n < SCN_COUNT(notifies) ? notifies[n].name : NULL;
}

const struct scn_type scn_notify_type = {.kind = SCN_TYPE_VALUE,
                                         .name = "a notify message",
                                         .read = read_notify_type,
                                         .word = notify_word};

static const struct scn_type notify = {
    .kind = SCN_TYPE_VALUE, .name = "a notify message", .read = read_notify, .word = notify_word};

#define MATCH_KEYS(S, M)                                                                           \
    {.name = "exchange", .type = &scn_exchange, .offset = offsetof(S, M.exchange)},                \
        {.name = "kind", .type = &scn_message_kind, .offset = offsetof(S, M.kind)},                \
    {                                                                                              \
        .name = "messageId", .type = &scn_u32, .offset = offsetof(S, M.message_id),                \
        .has_offset = offsetof(S, M.has_message_id)                                                \
    }

struct match_only {
    struct scn_ike_match match;
};

static const struct scn_key match_keys[] = {MATCH_KEYS(struct match_only, match)};

const struct scn_type scn_type_ike_match = {
    .kind = SCN_TYPE_MAP,
    .name = "match",
    .about = "{exchange: CREATE_CHILD_SA, kind: request, messageId: 2}, or a tcpdump filter",
    .keys = match_keys,
    .key_count = SCN_COUNT(match_keys),
};

static void ike_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_expect *)object)->u.ike.count = (struct base_comparison){1, INT64_MAX};
}

static const struct scn_key ike_keys[] = {
    {.name = "on",
     .type = &scn_gateway_ref,
     .offset = offsetof(struct scn_expect, u.ike.on),
     .required = true,
     .about = "the gateway, as <vdc>-gw"},
    {.name = "direction",
     .type = &direction,
     .offset = offsetof(struct scn_expect, u.ike.direction),
     .about = "of the message, as the gateway sees it; default both"},
    MATCH_KEYS(struct scn_expect, u.ike.match),
    {.name = "notify",
     .type = &notify,
     .offset = offsetof(struct scn_expect, u.ike),
     .has_offset = offsetof(struct scn_expect, u.ike.has_notify),
     .about = "a notify that the message carries, by its name in the RFCs"},
    {.name = "count",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.ike.count),
     .about = "how many such messages",
     .standard = "\">= 1\""},
    SCN_DURING_KEY,
};

const struct scn_type scn_expect_ike_type = {
    .kind = SCN_TYPE_MAP,
    .schema = "expectIke",
    .name = "ike",
    .about = "{on: txl-gw, exchange: IKE_AUTH, notify: AUTHENTICATION_FAILED, count: 1}",
    .keys = ike_keys,
    .key_count = SCN_COUNT(ike_keys),
    .begin = ike_begin,
};
