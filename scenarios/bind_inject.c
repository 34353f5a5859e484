/* The tables of the step `inject`: where, the fields of packets, and what is replayed. What is forged: bind_forge.c. */
#include "pcap/filter.h"
#include "scenarios/tables.h"
#include "scenarios/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "ipsec/ike/wire.h"

#define COUNT_MAX 1000000
#define BITS_MAX ((65535 - 20) * 8)

/* --- Fields ------------------------------------------------------------------------------------ */

/* An address, or the name of a node: a gateway's public address, a host's own. */
static bool read_address(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    struct scn_field *field = slot;
    struct topo_node found;
    struct net_addr address;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    *field = (struct scn_field){.set = true};
    if (type == &scn_inject_source && !strcmp(node->text, "random")) {
        field->pick = SCN_PICK_RANDOM;
        return true;
    }
    if (topo_find_node(&b->scenario->model, node->text, &found))
        address = found.host ? found.host->address : *topo_gateway_outside(found.gateway);
    else if (!net_addr_parse(node->text, &address))
        return scn_bind_bad_value(b, type, key, node);
    else if (!scn_address.read(b, &scn_address, key, node, &address))
        return false;
    field->number = net_addr_ip4(&address);
    return true;
}

const struct scn_type scn_inject_source = {
    .kind = SCN_TYPE_VALUE,
    .name = "a source address",
    .about = "write an IPv4 address, a node (of a gateway its public address is meant), or random",
    .read = read_address,
    .schema = "\"type\": \"string\"",
};

const struct scn_type scn_inject_address = {
    .kind = SCN_TYPE_VALUE,
    .name = "an address",
    .about = "write an IPv4 address, or a node (of a gateway its public address is meant)",
    .read = read_address,
    .schema = "\"type\": \"string\"",
};

static bool read_word(const struct scn_type *type, const char *text, enum scn_pick *pick)
{
    if (!strcmp(text, "random"))
        *pick = SCN_PICK_RANDOM;
    else if (type == &scn_inject_spi && !strcmp(text, "current"))
        *pick = SCN_PICK_CURRENT;
    else if (type == &scn_inject_sequence && !strcmp(text, "next"))
        *pick = SCN_PICK_NEXT;
    else
        return false;
    return true;
}

/* Decimal digits, or 0x and hexadecimal ones. */
static bool parse_number(const char *text, uint64_t *out)
{
    if (strncmp(text, "0x", 2) != 0)
        return base_text_unsigned(text, UINT64_MAX, out);
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (!digits || digits > 16 || text[2 + digits])
        return false;
    *out = strtoull(text + 2, NULL, 16);
    return true;
}

static bool read_number(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_field *field = slot;
    enum scn_pick pick = SCN_PICK_NUMBER;
    uint64_t number = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!read_word(type, node->text, &pick) && !parse_number(node->text, &number))
        return scn_bind_bad_value(b, type, key, node);
    if (key->max && number > key->max)
        return scn_bind_error(b, "out-of-range", node, key, NULL, "%s is larger than %llu (0x%llx)",
                              node->text, (unsigned long long)key->max,
                              (unsigned long long)key->max);
    *field = (struct scn_field){.set = true, .pick = pick, .number = number};
    return true;
}

#define FIELD(id, called, words)                                                                   \
    const struct scn_type id = {                                                                   \
        .kind = SCN_TYPE_VALUE,                                                                    \
        .name = called,                                                                            \
        .about = "write a number, decimal or as 0x..., or " words,                                 \
        .read = read_number,                                                                       \
        .schema = "\"type\": [\"integer\", \"string\"]",                                           \
    }

FIELD(scn_inject_number, "a field of a packet", "random");
FIELD(scn_inject_spi, "an SPI", "random, or current: as it was last seen on the way");
FIELD(scn_inject_sequence, "a sequence number",
      "random, or next: one more than was last seen on the way");

/* --- replay ------------------------------------------------------------------------------------ */

#define SET(called, what, member, most, text)                                                      \
    {                                                                                              \
        .name = (called), .type = &(what), .offset = offsetof(struct scn_fields, member),          \
        .max = (most), .about = text                                                               \
    }

static const struct scn_key set_keys[] = {
    SET("source", scn_inject_source, source, 0, "the source address"),
    SET("destination", scn_inject_address, destination, 0, "the destination address"),
    SET("ttl", scn_inject_number, ttl, UINT8_MAX, "the time to live"),
    SET("identification", scn_inject_number, identification, UINT16_MAX, "IPv4's identification"),
    SET("sourcePort", scn_inject_number, source_port, UINT16_MAX, "UDP: the source port"),
    SET("destinationPort", scn_inject_number, destination_port, UINT16_MAX,
        "UDP: the destination port"),
    SET("spi", scn_inject_number, spi, UINT32_MAX, "ESP: the SPI"),
    SET("sequence", scn_inject_sequence, sequence, UINT32_MAX, "ESP: the sequence number"),
    SET("spiInitiator", scn_inject_number, spi_initiator, 0, "IKE: the initiator's SPI"),
    SET("spiResponder", scn_inject_number, spi_responder, 0, "IKE: the responder's SPI"),
    SET("messageId", scn_inject_number, message_id, UINT32_MAX, "IKE: the message ID"),
};

static const struct scn_type set_type = {
    .kind = SCN_TYPE_MAP,
    .name = "set",
    .schema = "injectSet",
    .about = "fields made others; lengths and checksums follow: {source: 203.0.113.99}",
    .keys = set_keys,
    .key_count = SCN_COUNT(set_keys),
};

static bool read_nth(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    uint64_t *nth = slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    *nth = 0;
    if (!strcmp(node->text, "last"))
        return true;
    return (base_text_unsigned(node->text, UINT64_MAX, nth) && *nth > 0) ||
           scn_bind_bad_value(b, type, key, node);
}

static const struct scn_type nth_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a packet's number",
    .about = "write which of those that match, counted from 1, or last",
    .read = read_nth,
    .schema = "\"type\": [\"integer\", \"string\"]",
};

static bool read_bit(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    uint64_t bit = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    *(uint32_t *)slot = SCN_FLIP_LAST;
    if (!strcmp(node->text, "last"))
        return true;
    if (!base_text_unsigned(node->text, BITS_MAX - 1, &bit))
        return scn_bind_bad_value(b, type, key, node);
    *(uint32_t *)slot = (uint32_t)bit;
    return true;
}

static const struct scn_type bit_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a bit",
    .about =
        "write a bit's place behind the IPv4 header, from 0 (the first byte's highest), or last",
    .read = read_bit,
    .schema = "\"type\": [\"integer\", \"string\"]",
};

static const struct scn_type bits_type = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of bits",
    .about = "one bit's place, or a list of them",
    .of = &bit_type,
    .size = sizeof(uint32_t),
    .count_min = 1,
    .or_one = true,
};

/* It is compiled when its capture point is known. */
static bool read_filter(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

static const struct scn_type filter_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a filter",
    .about = "write a filter as tcpdump takes it: \"esp and dst host 203.0.113.10\"",
    .read = read_filter,
    .schema = "\"type\": \"string\"",
};

static bool read_point(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    void *points = NULL;
    size_t count = 0;
    if (!scn_bind_is_scalar(b, type, key, node) ||
        !scn_bind_value(b, &scn_point_refs, key, node, &points, &count))
        return false;
    *(const char **)slot = *(const char **)points;
    return true;
}

static const struct scn_type point_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a capture point",
    .about = "name one: internet, <host>:eth0, <vdc>-gw:lan<id>, <vdc>-gw:wan, <vdc>-gw:<tunnel>",
    .read = read_point,
    .schema = "\"type\": \"string\"",
};

static void replay_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_replay *)object)->nth = 1;
}

static const struct scn_key replay_keys[] = {
    {.name = "seenAt",
     .type = &point_type,
     .offset = offsetof(struct scn_replay, seen_at),
     .about = "the capture point that saw it; default the one where it is injected"},
    {.name = "filter",
     .type = &filter_type,
     .offset = offsetof(struct scn_replay, filter),
     .about = "which packets are meant, in tcpdump's syntax; default all"},
    {.name = "nth",
     .type = &nth_type,
     .offset = offsetof(struct scn_replay, nth),
     .about = "which of those that match since the run began, or last",
     .standard = "1"},
    {.name = "set",
     .type = &set_type,
     .offset = offsetof(struct scn_replay, set),
     .about = "fields made others; lengths and checksums follow: {source: 203.0.113.99}"},
    {.name = "flip",
     .type = &bits_type,
     .offset = offsetof(struct scn_replay, flip),
     .count_offset = offsetof(struct scn_replay, flip_count),
     .about = "bits flipped, counted behind the IPv4 header from 0, or last; checksums follow, but "
              "for their own bits"},
};

static const struct scn_type replay_type = {
    .kind = SCN_TYPE_MAP,
    .name = "replay",
    .about = "{filter: esp, nth: 3}",
    .keys = replay_keys,
    .key_count = SCN_COUNT(replay_keys),
    .begin = replay_begin,
};

/* --- inject ------------------------------------------------------------------------------------ */

static void inject_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    struct scn_inject *inject = object;
    inject->count = 1;
    inject->interval_ns = 10 * BASE_MS;
    inject->is_replay = scn_node_get(node, "replay") != NULL;
}

/* libpcap compiles for the link type of the point whose packets are looked at. */
static void check_filter(struct scn_bind *b, const struct scn_node *node,
                         const struct scn_inject *inject)
{
    const struct scn_replay *replay = &inject->replay;
    const char *name = replay->seen_at ? replay->seen_at : inject->at;
    struct topo_point point;
    struct cap_error error;
    if (!replay->filter || !name || !topo_find_point(&b->scenario->model, name, &point))
        return;
    bool raw = point.kind == TOPO_POINT_TUNNEL;
    struct cap_filter *filter =
        cap_filter_new(replay->filter, raw ? CAP_LINK_RAW : CAP_LINK_ETHERNET, &error);
    if (!filter)
        scn_bind_error(b, "bad-filter", scn_node_get(node, "replay"), NULL, "see pcap-filter(7)",
                       "libpcap refuses the filter '%s': %s", replay->filter, error.text);
    cap_filter_free(filter);
}

static void inject_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_inject *inject = object;
    struct topo_point point;
    if ((scn_node_get(node, "replay") != NULL) == (scn_node_get(node, "forge") != NULL))
        scn_bind_error(
            b, "missing-key", node, NULL,
            "{at: internet, replay: {filter: esp, nth: 3}}, or forge: {from, to, esp: {...}}",
            "inject needs either 'replay' or 'forge'");
    if (inject->at && topo_find_point(&b->scenario->model, inject->at, &point) &&
        point.kind == TOPO_POINT_TUNNEL)
        scn_bind_error(b, "bad-value", scn_node_get(node, "at"), NULL,
                       "internet, <host>:eth0, <vdc>-gw:lan<id> or <vdc>-gw:wan",
                       "into %s nobody can inject: a tunnel's packets are inside its gateway",
                       inject->at);
    if (inject->is_replay)
        check_filter(b, node, inject);
}

static const struct scn_key inject_keys[] = {
    {.name = "at",
     .type = &point_type,
     .offset = offsetof(struct scn_inject, at),
     .required = true,
     .about =
         "where the packets enter: internet (towards their destination), or the interface that "
         "they come in at"},
    {.name = "replay",
     .type = &replay_type,
     .offset = offsetof(struct scn_inject, replay),
     .about = "a packet that a capture point saw: {filter: esp, nth: 3}"},
    {.name = "forge",
     .type = &scn_forge_type,
     .offset = offsetof(struct scn_inject, forge),
     .about = "a packet made field by field: {from, to, esp | ike | icmp | udp | raw}"},
    {.name = "count",
     .type = &scn_u64,
     .offset = offsetof(struct scn_inject, count),
     .min = 1,
     .max = COUNT_MAX,
     .about = "how many packets",
     .standard = "1"},
    {.name = "interval",
     .type = &scn_duration,
     .offset = offsetof(struct scn_inject, interval_ns),
     .about = "from one to the next",
     .standard = "\"10ms\""},
};

static const struct scn_type inject_type = {
    .kind = SCN_TYPE_MAP,
    .name = "inject",
    .about = "{at: internet, replay: {filter: esp, nth: 3}}",
    .keys = inject_keys,
    .key_count = SCN_COUNT(inject_keys),
    .begin = inject_begin,
    .finish = inject_finish,
};

/* It is large: steps hold a pointer to it. */
static bool read_inject(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_inject *inject = base_arena_array(b->arena, 1, sizeof(*inject));
    (void)type;
    (void)key;
    *(struct scn_inject **)slot = inject;
    return scn_bind_map(b, &inject_type, node, inject);
}

const struct scn_type scn_verb_inject = {
    .kind = SCN_TYPE_VALUE,
    .name = "inject",
    .about = "{at: internet, replay: {filter: esp, nth: 3}}",
    .read = read_inject,
    .of = &inject_type,
    .schema = "\"$ref\": \"#/definitions/inject\"",
};
