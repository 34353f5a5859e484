/* The table of faults on gateways: each is one thing that befalls the gateway itself. */
#include "scenarios/tables.h"

#include <stdlib.h>
#include <string.h>

#define TAKE_OVER_NS (3 * BASE_S) /* three advertisements of VRRP missed: RFC 9568, 6.1 */
#define SPI_MIN 256               /* RFC 4303, 2.1: what lies below is reserved */

/* Bits of scn_gateway_fault.said. */
enum {
    CRASH = 1 << 0,
    CLOCK_JUMP = 1 << 1,
    REJECT_SPI = 1 << 2,
    REBIND = 1 << 3,
    SEQUENCE = 1 << 4,
    MESSAGE_ID = 1 << 5,
    FAILOVER = 1 << 6,
    COUNTERS = SEQUENCE | MESSAGE_ID,
};

static bool does_nothing(struct scn_bind *b, const struct scn_key *key, const struct scn_node *node)
{
    return scn_bind_error(b, "bad-value", node, key, "write true, or leave it out",
                          "'%s' does nothing", node->text);
}

/* rebind: it is said, or left out. */
static bool read_true(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    bool *said = slot;
    (void)type;
    if (!scn_bool.read(b, &scn_bool, key, node, said))
        return false;
    return *said || does_nothing(b, key, node);
}

static const struct scn_type only_true = {
    .kind = SCN_TYPE_VALUE,
    .name = "true",
    .about = "write true",
    .read = read_true,
    .schema = "\"type\": \"boolean\"",
};

static bool read_crash(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    enum scn_crash *crash = slot;
    bool daemon = node->kind == SCN_SCALAR && !strcmp(node->text, "daemon");
    bool power = node->kind == SCN_SCALAR && !strcmp(node->text, "power");
    if (!daemon && !power && !scn_bool.read(b, type, key, node, &power))
        return false;
    if (!daemon && !power)
        return does_nothing(b, key, node);
    *crash = daemon ? SCN_CRASH_DAEMON : SCN_CRASH_POWER;
    return true;
}

static const struct scn_type crash = {
    .kind = SCN_TYPE_VALUE,
    .name = "something that crashes",
    .about = "write power (or true) or daemon",
    .read = read_crash,
    .schema = "\"enum\": [true, \"true\", \"power\", \"daemon\"]",
};

static const char *failover_word(unsigned n)
{
    static const char *const words[] = {"cold", "warm"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

static const struct scn_type failover = {.kind = SCN_TYPE_VALUE,
                                         .name = "a failover",
                                         .about = "write cold (the standby has no SA) or warm (it "
                                                  "has them all)",
                                         .read = scn_bind_choice,
                                         .word = failover_word};

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

/* A gateway, or the NAT router in front of one. */
static bool read_fault_gateway(struct scn_bind *b, const struct scn_type *type,
                               const struct scn_key *key, const struct scn_node *node, void *slot)
{
    (void)type;
    if (node->kind != SCN_SCALAR || !topo_find_nat(&b->scenario->model, node->text))
        return scn_gateway_ref.read(b, &scn_gateway_ref, key, node, slot);
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

static const struct scn_type fault_gateway = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a gateway",
    .about = "name a gateway as <vdc>-gw, or its NAT router as <vdc>-gw-nat",
    .read = read_fault_gateway,
    .schema = "\"type\": \"string\"",
};

static void gateway_fault_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_fault *fault = object;
    (void)b;
    (void)node;
    fault->has_gateway = true;
}

/* A counter is one of a tunnel: of the one that is named, or the gateway's only one. */
static void find_tunnel(struct scn_bind *b, const struct scn_node *node, struct scn_fault *fault)
{
    const struct scn_node *name = scn_node_get(node, "tunnel");
    const struct scn_key key = {.name = "tunnel"};
    if (fault->gateway.said & COUNTERS)
        scn_bind_tunnel_of(b, node, fault->on, name, &fault->gateway.tunnel);
    else if (name)
        scn_bind_error(b, "bad-fault", name, &key, "leave it out, or say `sequence` or `messageId`",
                       "this befalls no tunnel, but the whole gateway");
}

/* Two units are what an HA tier has; without `for` it takes the standby its time to notice. */
static void check_failover(struct scn_bind *b, const struct scn_node *node, struct scn_fault *fault)
{
    struct topo_node found;
    const struct scn_key key = {.name = "failover"};
    if (!(fault->gateway.said & FAILOVER))
        return;
    if (!fault->for_ns)
        fault->for_ns = TAKE_OVER_NS;
    if (fault->on && topo_find_node(&b->scenario->model, fault->on, &found) && found.gateway &&
        !topo_tier_is_pair(found.gateway->tier))
        scn_bind_error(b, "bad-fault", scn_node_get(node, "failover"), &key,
                       "set its tier to STANDARD_HA, ENHANCED_HA or PREMIUM_HA",
                       "%s is of tier %s and has no standby", fault->on,
                       topo_tier_name(found.gateway->tier));
}

static void gateway_fault_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_gateway_fault *fault = &((struct scn_fault *)object)->gateway;
    const char *on = ((struct scn_fault *)object)->on;
    find_tunnel(b, node, object);
    check_failover(b, node, object);
    const struct scn_node *lasts = scn_node_get(node, "for");
    const struct scn_key key = {.name = "for"};
    if (fault->said & (fault->said - 1))
        scn_bind_error(b, "bad-fault", node, NULL, "write each as a fault of its own",
                       "a fault does one thing to a gateway");
    if (lasts && fault->said & CLOCK_JUMP)
        scn_bind_error(b, "bad-fault", lasts, &key, "a clock that has jumped stays ahead",
                       "a jump of a clock takes no time");
    if (lasts && fault->said & REBIND)
        scn_bind_error(b, "bad-fault", lasts, &key, "what was forgotten does not come back",
                       "a rebinding takes no time");
    if (lasts && fault->said & COUNTERS)
        scn_bind_error(b, "bad-fault", lasts, &key, "a counter never goes back",
                       "setting a counter takes no time");
    if (on && fault->said && !(fault->said & REBIND) != !topo_find_nat(&b->scenario->model, on))
        scn_bind_error(b, "bad-fault", node, NULL,
                       "a NAT router takes `rebind`, a gateway all else", "this does not befall %s",
                       on);
}

static const struct scn_key gateway_fault_keys[] = {
    {.name = "on",
     .type = &fault_gateway,
     .offset = offsetof(struct scn_fault, on),
     .where_offset = offsetof(struct scn_fault, on_where),
     .required = true,
     .about = "the gateway, as <vdc>-gw; with rebind the NAT router, as <vdc>-gw-nat"},
    {.name = "for",
     .type = &scn_span,
     .offset = offsetof(struct scn_fault, for_ns),
     .about = "how long; default until healed"},
    {.name = "crash",
     .type = &crash,
     .offset = offsetof(struct scn_fault, gateway.crash),
     .set_bit = CRASH,
     .about = "power (or true): engine, SAs and policies are gone without a word; daemon: the IKE "
              "daemon alone, its kernel's SAs live on; it starts anew when the fault ends"},
    {.name = "failover",
     .type = &failover,
     .offset = offsetof(struct scn_fault, gateway.failover),
     .set_bit = FAILOVER,
     .about =
         "of an HA tier: the active unit dies, and when the fault ends (default 3s) the standby "
         "takes over: cold without SAs, warm with them"},
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
    {.name = "rebind",
     .type = &only_true,
     .offset = offsetof(struct scn_fault, gateway.rebind),
     .set_bit = REBIND,
     .about = "on <vdc>-gw-nat: the NAT router forgets its mappings and gives out other ports"},
    {.name = "tunnel",
     .type = &scn_ignored,
     .about = "the tunnel whose counter is meant; default its only one"},
    {.name = "sequence",
     .type = &scn_u64,
     .offset = offsetof(struct scn_fault, gateway.sequence),
     .set_bit = SEQUENCE,
     .min = 1,
     .max = INT64_MAX,
     .about = "its next ESP packet has this sequence number, as if all before had been sent"},
    {.name = "messageId",
     .type = &scn_u32,
     .offset = offsetof(struct scn_fault, gateway.message_id),
     .set_bit = MESSAGE_ID,
     .min = 1,
     .max = UINT32_MAX,
     .about = "its next IKE request has this message ID, and its peer expects it"},
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
