/* The table of faults on gateways: each is one thing that befalls the gateway itself. */
#include "scenarios/tables.h"

#include <stdlib.h>
#include <string.h>

#define SPI_MIN 256 /* RFC 4303, 2.1: what lies below is reserved */

/* Bits of scn_gateway_fault.said. */
enum {
    CRASH = 1 << 0,
    CLOCK_JUMP = 1 << 1,
    REJECT_SPI = 1 << 2,
};

static bool read_crash(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    struct scn_gateway_fault *fault = slot;
    (void)type;
    if (!scn_bool.read(b, &scn_bool, key, node, &fault->crash))
        return false;
    return fault->crash || scn_bind_error(b, "bad-value", node, key, "write crash: true",
                                          "'%s' does nothing", node->text);
}

static const struct scn_type crash = {
    .kind = SCN_TYPE_VALUE,
    .name = "a crash",
    .about = "write true",
    .read = read_crash,
    .schema = "\"type\": \"boolean\"",
};

static bool read_spi(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    struct scn_gateway_fault *fault = slot;
    char *end;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    fault->reject_spi = true;
    if (!strcmp(node->text, "true"))
        return true;
    unsigned long long spi = strtoull(node->text, &end, 16);
    if (strncmp(node->text, "0x", 2) != 0 || *end || strlen(node->text) > 10 || spi < SPI_MIN)
        return scn_bind_bad_value(b, type, key, node);
    fault->spi = (uint32_t)spi;
    return true;
}

static const struct scn_type rejected_spi = {
    .kind = SCN_TYPE_VALUE,
    .name = "an SPI",
    .about = "write true for any, or an inbound SPI of the gateway as Wireshark shows it: "
             "0xc974e0dd",
    .read = read_spi,
    .schema = "\"type\": [\"boolean\", \"string\", \"integer\"]",
};

static void gateway_fault_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_fault *fault = object;
    (void)b;
    (void)node;
    fault->has_gateway = true;
}

static void gateway_fault_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_gateway_fault *fault = &((struct scn_fault *)object)->gateway;
    const struct scn_node *lasts = scn_node_get(node, "for");
    const struct scn_key key = {.name = "for"};
    if (fault->said & (fault->said - 1))
        scn_bind_error(b, "bad-fault", node, NULL, "write each as a fault of its own",
                       "a fault does one thing to a gateway");
    if (lasts && fault->said & CLOCK_JUMP)
        scn_bind_error(b, "bad-fault", lasts, &key, "a clock that has jumped stays ahead",
                       "a jump of a clock takes no time");
}

static const struct scn_key gateway_fault_keys[] = {
    {.name = "on",
     .type = &scn_gateway_ref,
     .offset = offsetof(struct scn_fault, on),
     .where_offset = offsetof(struct scn_fault, on_where),
     .required = true,
     .about = "the gateway, as <vdc>-gw"},
    {.name = "for",
     .type = &scn_span,
     .offset = offsetof(struct scn_fault, for_ns),
     .about = "how long; default until healed"},
    {.name = "crash",
     .type = &crash,
     .offset = offsetof(struct scn_fault, gateway),
     .set_bit = CRASH,
     .about = "its power is lost: engine, SAs and policies are gone without a word; it starts anew "
              "when the fault ends"},
    {.name = "clockJump",
     .type = &scn_span,
     .offset = offsetof(struct scn_fault, gateway.clock_jump_ns),
     .set_bit = CLOCK_JUMP,
     .about = "its own clock, by which IKE's timers and lifetimes run, jumps ahead by so much"},
    {.name = "rejectSpi",
     .type = &rejected_spi,
     .offset = offsetof(struct scn_fault, gateway),
     .set_bit = REJECT_SPI,
     .about = "ESP that comes in under this SPI (true: any) is dropped as unknown"},
};

const struct scn_type scn_gateway_fault = {
    .kind = SCN_TYPE_MAP,
    .name = "fault on a gateway",
    .schema = "gatewayFault",
    .about = "{on: txl-gw, crash: true, for: 30s}",
    .keys = gateway_fault_keys,
    .key_count = SCN_COUNT(gateway_fault_keys),
    .set_offset = offsetof(struct scn_fault, gateway.said),
    .begin = gateway_fault_begin,
    .finish = gateway_fault_finish,
};

/* --- heal ------------------------------------------------------------------------------------- */

static bool read_heal_place(struct scn_bind *b, const struct scn_type *type,
                            const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_node found;
    (void)type;
    if (node->kind == SCN_SCALAR && topo_find_node(&b->scenario->model, node->text, &found) &&
        found.gateway) {
        *(const char **)slot = scn_bind_text(b, node->text);
        return true;
    }
    return scn_link_ref.read(b, &scn_link_ref, key, node, slot);
}

const struct scn_type scn_heal_place = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a link or gateway",
    .about = "name `internet`, a LAN as <vdc>/<lan>, or a gateway as <vdc>-gw",
    .read = read_heal_place,
    .schema = "\"type\": \"string\"",
};
