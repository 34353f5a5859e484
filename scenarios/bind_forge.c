/* The table of packets that are made field by field: `forge` in the step `inject`. */
#include "scenarios/tables.h"

#include <stdlib.h>
#include <string.h>

#include "ipsec/ike/wire.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/udp.h"

#define DATA_MAX 65000
#define PAYLOADS_MAX 200
#define ESP_REST_MIN 4

/* --- Bytes ------------------------------------------------------------------------------------- */

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) % 16 : -1;
}

/* Hexadecimal digits in pairs, with or without 0x, spaces and colons between pairs. */
static bool parse_hex(const char *text, uint8_t *out, size_t *size)
{
    *size = 0;
    text += strncmp(text, "0x", 2) ? 0 : 2;
    while (*text) {
        if (*text == ' ' || *text == ':') {
            text++;
            continue;
        }
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0)
            return false;
        out[(*size)++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return true;
}

static bool read_hex(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    struct scn_forge_data *data = slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    uint8_t *bytes = base_arena_array(b->arena, strlen(node->text) / 2 + 1, 1);
    size_t size;
    if (!parse_hex(node->text, bytes, &size))
        return scn_bind_bad_value(b, type, key, node);
    data->given = bytes;
    data->given_size = size;
    return true;
}

static const struct scn_type hex = {
    .kind = SCN_TYPE_VALUE,
    .name = "bytes",
    .about = "write hexadecimal digits in pairs: \"000e\" or \"00 0e\"",
    .read = read_hex,
    .schema = "\"type\": [\"string\", \"integer\"]",
};

/* `size` counts all bytes; those that `data` does not give are random. */
static void finish_data(struct scn_bind *b, const struct scn_node *node,
                        struct scn_forge_data *data, uint32_t standard)
{
    const struct scn_node *size = scn_node_get(node, "size");
    if (!size)
        data->size = data->given_size ? (uint32_t)data->given_size : standard;
    if (data->size >= data->given_size && data->size <= DATA_MAX)
        return;
    scn_bind_error(b, "out-of-range", size ? size : node, NULL,
                   "size counts all bytes, those of `data` among them",
                   "%u bytes are too few or too many: `data` gives %zu, and %u are the most",
                   data->size, data->given_size, (unsigned)DATA_MAX);
    data->size = (uint32_t)data->given_size;
}

#define DATA_KEYS(S, M, its_standard)                                                              \
    {.name = "data",                                                                               \
     .type = &hex,                                                                                 \
     .offset = offsetof(S, M),                                                                     \
     .about = "the first bytes, in hexadecimal digits"},                                           \
    {                                                                                              \
        .name = "size", .type = &scn_u32, .offset = offsetof(S, M.size), .max = DATA_MAX,          \
        .about = "how many bytes in all; random ones behind `data`", .standard = its_standard      \
    }

#define FIELD(called, what, member, most, is_required, text)                                       \
    {                                                                                              \
        .name = (called), .type = &(what), .offset = offsetof(struct scn_forge, set.member),       \
        .max = (most), .required = (is_required), .about = text                                    \
    }

static void set_number(struct scn_field *field, uint64_t number)
{
    if (!field->set)
        *field = (struct scn_field){.set = true, .number = number};
}

/* --- esp --------------------------------------------------------------------------------------- */

static void esp_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    forge->kind = SCN_FORGE_ESP;
    set_number(&forge->set.sequence, 1);
    set_number(&forge->set.source_port, NET_UDP_PORT_NATT);
    set_number(&forge->set.destination_port, NET_UDP_PORT_NATT);
    finish_data(b, node, &forge->data, 100);
    if (forge->data.size < ESP_REST_MIN)
        scn_bind_error(b, "out-of-range", node, NULL, NULL,
                       "behind ESP's header there are %u bytes at least", ESP_REST_MIN);
}

static const struct scn_key esp_keys[] = {
    FIELD("spi", scn_inject_spi, spi, UINT32_MAX, true, "the SPI"),
    FIELD("sequence", scn_inject_sequence, sequence, UINT32_MAX, false, "the sequence number"),
    DATA_KEYS(struct scn_forge, data, "100"),
    {.name = "encapsulated",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge, encapsulated),
     .about = "in UDP (RFC 3948)",
     .standard = "false"},
    FIELD("sourcePort", scn_inject_number, source_port, UINT16_MAX, false, "in UDP; default 4500"),
    FIELD("destinationPort", scn_inject_number, destination_port, UINT16_MAX, false,
          "in UDP; default 4500"),
};

static const struct scn_type esp = {
    .kind = SCN_TYPE_MAP,
    .name = "esp",
    .schema = "forgeEsp",
    .about = "{spi: current, sequence: next, size: 100}",
    .keys = esp_keys,
    .key_count = SCN_COUNT(esp_keys),
    .finish = esp_finish,
};

/* --- ike --------------------------------------------------------------------------------------- */

struct payload_name {
    const char *name;
    uint8_t type;
};

static const struct payload_name payload_names[] = {
#define X(name, value, text, notation) {#name, (value)},
    IKE_PAYLOADS(X)
#undef X
};

static bool read_payload_type(struct scn_bind *b, const struct scn_type *type,
                              const struct scn_key *key, const struct scn_node *node, void *slot)
{
    const char *words[SCN_COUNT(payload_names)];
    uint64_t number = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    bool is_number = base_text_unsigned(node->text, UINT8_MAX, &number);
    for (size_t i = 0; i < SCN_COUNT(payload_names) && !is_number; i++) {
        words[i] = payload_names[i].name;
        if (!strcmp(words[i], node->text)) {
            number = payload_names[i].type;
            is_number = true;
        }
    }
    if (!is_number)
        return scn_bind_error(b, "bad-value", node, key,
                              scn_bind_suggest(b, node->text, words, SCN_COUNT(payload_names)),
                              "%s is not a payload of IKEv2", scn_node_describe(node, b->tree));
    *(uint8_t *)slot = (uint8_t)number;
    return true;
}

static const struct scn_type payload_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a payload's type",
    .about = "write its name (SA, KE, NOTIFY, SKF, ...) or its number",
    .read = read_payload_type,
    .schema = "\"type\": [\"string\", \"integer\"]",
};

static void payload_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    finish_data(b, node, &((struct scn_forge_payload *)object)->data, 0);
}

static const struct scn_key payload_keys[] = {
    {.name = "type",
     .type = &payload_type,
     .offset = offsetof(struct scn_forge_payload, type),
     .required = true,
     .about = "the payload's type: its name in the RFC, or its number"},
    {.name = "critical",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge_payload, critical),
     .about = "the critical bit",
     .standard = "false"},
    DATA_KEYS(struct scn_forge_payload, data, "0"),
};

static const struct scn_type payload = {
    .kind = SCN_TYPE_MAP,
    .name = "payload",
    .schema = "forgePayload",
    .about = "{type: NONCE, size: 32}",
    .keys = payload_keys,
    .key_count = SCN_COUNT(payload_keys),
    .size = sizeof(struct scn_forge_payload),
    .finish = payload_finish,
};

static const struct scn_type payloads = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of payloads",
    .about = "a list of payloads: [{type: NONCE, size: 32}]",
    .of = &payload,
    .size = sizeof(struct scn_forge_payload),
    .count_max = PAYLOADS_MAX,
};

/* A notify about nothing in particular: no protocol, no SPI, the type, the data (RFC 7296, 3.10). */
static void add_notify(struct scn_bind *b, struct scn_forge *forge)
{
    const struct scn_forge_data *extra = &forge->notify_data;
    size_t size = 4 + extra->given_size;
    uint8_t *body = base_arena_array(b->arena, size, 1);
    body[2] = (uint8_t)(forge->notify >> 8);
    body[3] = (uint8_t)forge->notify;
    if (extra->given_size)
        memcpy(body + 4, extra->given, extra->given_size);
    struct scn_forge_payload *list =
        base_arena_array(b->arena, forge->payload_count + 1, sizeof(*list));
    if (forge->payload_count)
        memcpy(list, forge->payloads, forge->payload_count * sizeof(*list));
    list[forge->payload_count++] = (struct scn_forge_payload){
        .type = IKE_PAYLOAD_NOTIFY,
        .data = {.given = body, .given_size = size, .size = (uint32_t)size}};
    forge->payloads = list;
}

static void ike_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    uint16_t port = forge->encapsulated ? NET_UDP_PORT_NATT : NET_UDP_PORT_IKE;
    forge->kind = SCN_FORGE_IKE;
    forge->response = forge->message_kind == SCN_MESSAGE_RESPONSE;
    set_number(&forge->set.spi_responder, 0);
    set_number(&forge->set.message_id, 0);
    set_number(&forge->set.source_port, port);
    set_number(&forge->set.destination_port, port);
    finish_data(b, node, &forge->notify_data, 0);
    if (forge->has_notify)
        add_notify(b, forge);
    else if (scn_node_get(node, "notifyData"))
        scn_bind_error(b, "missing-key", node, NULL, "notify: INVALID_KE_PAYLOAD",
                       "'notifyData' needs 'notify'");
}

static const struct scn_key ike_keys[] = {
    {.name = "exchange",
     .type = &scn_exchange,
     .offset = offsetof(struct scn_forge, exchange),
     .required = true,
     .about = "IKE_SA_INIT, IKE_AUTH, CREATE_CHILD_SA or INFORMATIONAL"},
    {.name = "kind",
     .type = &scn_message_kind,
     .offset = offsetof(struct scn_forge, message_kind),
     .about = "request or response",
     .standard = "\"request\""},
    {.name = "fromInitiator",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge, from_initiator),
     .has_offset = offsetof(struct scn_forge, has_from_initiator),
     .about = "the flag; default: set in requests"},
    FIELD("spiInitiator", scn_inject_spi, spi_initiator, 0, true, "the initiator's SPI"),
    FIELD("spiResponder", scn_inject_spi, spi_responder, 0, false,
          "the responder's SPI; default 0"),
    FIELD("messageId", scn_inject_number, message_id, UINT32_MAX, false,
          "the message ID; default 0"),
    {.name = "notify",
     .type = &scn_notify_type,
     .offset = offsetof(struct scn_forge, notify),
     .has_offset = offsetof(struct scn_forge, has_notify),
     .about = "a notify that the message carries, by its name in the RFCs"},
    {.name = "notifyData",
     .type = &hex,
     .offset = offsetof(struct scn_forge, notify_data),
     .about = "the notify's data"},
    {.name = "payloads",
     .type = &payloads,
     .offset = offsetof(struct scn_forge, payloads),
     .count_offset = offsetof(struct scn_forge, payload_count),
     .about = "payloads one behind the other, in clear; a notify comes after them"},
    {.name = "encapsulated",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge, encapsulated),
     .about = "on port 4500, behind four zero bytes (RFC 3948)",
     .standard = "false"},
    FIELD("sourcePort", scn_inject_number, source_port, UINT16_MAX, false, "default 500 or 4500"),
    FIELD("destinationPort", scn_inject_number, destination_port, UINT16_MAX, false,
          "default 500 or 4500"),
};

static const struct scn_type ike = {
    .kind = SCN_TYPE_MAP,
    .name = "ike",
    .schema = "forgeIke",
    .about = "{exchange: IKE_SA_INIT, kind: response, spiInitiator: current, notify: "
             "NO_PROPOSAL_CHOSEN}",
    .keys = ike_keys,
    .key_count = SCN_COUNT(ike_keys),
    .finish = ike_finish,
};

/* --- icmp, udp, raw ---------------------------------------------------------------------------- */

static bool read_icmp_type(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_key *key, const struct scn_node *node, void *slot)
{
    uint64_t number = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!strcmp(node->text, "echo-request"))
        number = NET_ICMP_ECHO;
    else if (!strcmp(node->text, "echo-reply"))
        number = NET_ICMP_ECHO_REPLY;
    else if (!base_text_unsigned(node->text, UINT8_MAX, &number))
        return scn_bind_bad_value(b, type, key, node);
    *(uint8_t *)slot = (uint8_t)number;
    return true;
}

static const struct scn_type icmp_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a type of ICMP",
    .about = "write echo-request, echo-reply, or a number",
    .read = read_icmp_type,
    .schema = "\"type\": [\"string\", \"integer\"]",
};

static void icmp_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_forge *)object)->icmp_type = NET_ICMP_ECHO;
}

static void icmp_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    forge->kind = SCN_FORGE_ICMP;
    finish_data(b, node, &forge->data, 56);
}

static const struct scn_key icmp_keys[] = {
    {.name = "type",
     .type = &icmp_type,
     .offset = offsetof(struct scn_forge, icmp_type),
     .about = "echo-request, echo-reply, or a number",
     .standard = "\"echo-request\""},
    {.name = "code",
     .type = &scn_u8,
     .offset = offsetof(struct scn_forge, icmp_code),
     .about = "the code",
     .standard = "0"},
    {.name = "identifier",
     .type = &scn_u32,
     .offset = offsetof(struct scn_forge, icmp_identifier),
     .max = UINT16_MAX,
     .about = "an echo's identifier",
     .standard = "0"},
    {.name = "sequence",
     .type = &scn_u32,
     .offset = offsetof(struct scn_forge, icmp_sequence),
     .max = UINT16_MAX,
     .about = "an echo's sequence number",
     .standard = "0"},
    DATA_KEYS(struct scn_forge, data, "56"),
};

static const struct scn_type icmp = {
    .kind = SCN_TYPE_MAP,
    .name = "icmp",
    .schema = "forgeIcmp",
    .about = "{type: echo-request, sequence: 1}",
    .keys = icmp_keys,
    .key_count = SCN_COUNT(icmp_keys),
    .begin = icmp_begin,
    .finish = icmp_finish,
};

static void udp_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    forge->kind = SCN_FORGE_UDP;
    if (!forge->set.source_port.set)
        forge->set.source_port = (struct scn_field){.set = true, .pick = SCN_PICK_RANDOM};
    finish_data(b, node, &forge->data, 100);
}

static const struct scn_key udp_keys[] = {
    FIELD("sourcePort", scn_inject_number, source_port, UINT16_MAX, false, "default random"),
    FIELD("destinationPort", scn_inject_number, destination_port, UINT16_MAX, true,
          "the destination port"),
    DATA_KEYS(struct scn_forge, data, "100"),
};

static const struct scn_type udp = {
    .kind = SCN_TYPE_MAP,
    .name = "udp",
    .schema = "forgeUdp",
    .about = "{destinationPort: 53, size: 100}",
    .keys = udp_keys,
    .key_count = SCN_COUNT(udp_keys),
    .finish = udp_finish,
};

static void raw_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    forge->kind = SCN_FORGE_RAW;
    finish_data(b, node, &forge->data, 100);
    if (forge->offset % 8)
        scn_bind_error(b, "bad-value", scn_node_get(node, "offset"), NULL, NULL,
                       "a fragment's offset is a multiple of 8, and %u is none", forge->offset);
}

static const struct scn_key raw_keys[] = {
    {.name = "protocol",
     .type = &scn_u8,
     .offset = offsetof(struct scn_forge, protocol),
     .required = true,
     .about = "IPv4's protocol number"},
    DATA_KEYS(struct scn_forge, data, "100"),
    {.name = "offset",
     .type = &scn_u32,
     .offset = offsetof(struct scn_forge, offset),
     .max = NET_IPV4_OFFSET_MASK * 8,
     .about = "a fragment's offset in bytes",
     .standard = "0"},
    {.name = "moreFragments",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge, more_fragments),
     .about = "a fragment that is not the last",
     .standard = "false"},
};

static const struct scn_type raw = {
    .kind = SCN_TYPE_MAP,
    .name = "raw",
    .schema = "forgeRaw",
    .about = "{protocol: 17, size: 1400, moreFragments: true}",
    .keys = raw_keys,
    .key_count = SCN_COUNT(raw_keys),
    .finish = raw_finish,
};

/* --- forge ------------------------------------------------------------------------------------- */

static const char *const kinds[] = {"esp", "ike", "icmp", "udp", "raw"};

static void forge_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_forge *forge = object;
    (void)b;
    (void)node;
    set_number(&forge->set.ttl, 64);
    forge->set.identification = (struct scn_field){.set = true, .pick = SCN_PICK_RANDOM};
}

static void forge_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    size_t count = 0;
    (void)object;
    for (size_t i = 0; i < SCN_COUNT(kinds); i++)
        count += scn_node_get(node, kinds[i]) != NULL;
    if (count != 1)
        scn_bind_error(b, "missing-key", node, NULL, "one of esp, ike, icmp, udp, raw",
                       count ? "a forged packet is of one kind, not several"
                             : "forge does not say what is forged");
}

static const struct scn_key forge_keys[] = {
    FIELD("from", scn_inject_source, source, 0, true,
          "the source address: anybody's, a node's (of a gateway the public one), or random"),
    FIELD("to", scn_inject_address, destination, 0, true,
          "the destination address, or a node (of a gateway the public one)"),
    FIELD("ttl", scn_inject_number, ttl, UINT8_MAX, false, "the time to live; default 64"),
    FIELD("identification", scn_inject_number, identification, UINT16_MAX, false,
          "IPv4's identification; default random"),
    {.name = "dontFragment",
     .type = &scn_bool,
     .offset = offsetof(struct scn_forge, dont_fragment),
     .about = "the DF bit",
     .standard = "false"},
    {.name = "esp", .type = &esp, .about = "an ESP packet: {spi: current, sequence: next}"},
    {.name = "ike", .type = &ike, .about = "an IKE message in clear"},
    {.name = "icmp", .type = &icmp, .about = "an echo, or another ICMP message of its layout"},
    {.name = "udp", .type = &udp, .about = "a UDP datagram"},
    {.name = "raw", .type = &raw, .about = "anything over IPv4, a fragment too"},
};

const struct scn_type scn_forge_type = {
    .kind = SCN_TYPE_MAP,
    .name = "forge",
    .about = "{from: 203.0.113.20, to: txl-gw, esp: {spi: current, sequence: next}}",
    .keys = forge_keys,
    .key_count = SCN_COUNT(forge_keys),
    .begin = forge_begin,
    .finish = forge_finish,
};
