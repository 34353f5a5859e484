/* The account of a trip: one line for each thing that happened, in a traveller's words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "diagnose/case.h"
#include "ipsec/esp/spd.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "sim/gateway/gateway.h"
#include "sim/node.h"

/* What the account has come to know of the packet that it follows. */
struct telling {
    const struct diag_case *c;
    const struct diag_trip *trip;
    struct diag_account *out;
    size_t capacity;
    net_ip4 src, dst;             /* of the packet as it is now, inner or outer */
    uint64_t covered;             /* the packet that an out policy covered last */
    net_ip4 inner_src, inner_dst; /* of what was sealed last */
};

static void line(struct telling *t, const struct sim_record *record, bool bad, const char *text)
{
    struct diag_account *out = t->out;
    out->lines = base_grow(out->lines, out->line_count, &t->capacity, sizeof(*out->lines));
    out->lines[out->line_count++] = (struct diag_line){
        .at = record->at, .node = diag_place(t->c, record), .text = text, .bad = bad};
}

#define SAY(t, ...) base_arena_printf(&(t)->c->out->arena, __VA_ARGS__)

static const char *net_of(const struct telling *t, net_ip4 address, unsigned length)
{
    struct net_prefix prefix =
        net_prefix_from_ip4(length ? address & net_ip4_mask((uint8_t)length) : 0, (uint8_t)length);
    return diag_net(t->c, &prefix);
}

static void tell_route(struct telling *t, const struct sim_record *record)
{
    static const char *const TABLES[SIM_STACK_TABLES] = {"local", "220", "main"};
    unsigned length = record->b & 0xff, table = (unsigned)(record->b >> 8 & 0xff);
    net_ip4 next = (net_ip4)(record->b >> 32);
    const char *exit = diag_interface(t->c, record), *via = "";
    t->src = (net_ip4)(record->a >> 32);
    t->dst = (net_ip4)(record->a & UINT32_MAX);
    bool redirected = record->b & SIM_ROUTE_NOTE_REDIRECTED;
    if (next && (next != t->dst || redirected))
        via = SAY(t, " via %s", diag_ip(t->c, next));
    line(t, record, false,
         SAY(t, "route to %s: %s%s%s%s (table %s%s)", diag_ip(t->c, t->dst),
             net_of(t, t->dst, length), via, exit ? " dev " : "", exit ? exit : "",
             table < SIM_STACK_TABLES ? TABLES[table] : "?", redirected ? ", redirected" : ""));
}

static void tell_policy(struct telling *t, const struct sim_record *record)
{
    static const char *const DIRECTIONS[] = {[ESP_OUT] = "out", [ESP_IN] = "in", [ESP_FWD] = "fwd"};
    static const char *const ACTIONS[] = {[ESP_PROTECT] = "demands ESP",
                                          [ESP_BYPASS] = "lets it pass in clear",
                                          [ESP_DISCARD] = "forbids it"};
    unsigned direction = (unsigned)(record->a >> 32 & 0xff);
    unsigned action = (unsigned)(record->a >> 40 & 0xff);
    if (direction == ESP_OUT)
        t->covered = record->packet;
    line(t, record, false,
         SAY(t, "policy %s: %s === %s %s", direction < ESP_DIRECTIONS ? DIRECTIONS[direction] : "?",
             net_of(t, t->src, (unsigned)(record->a >> 48 & 0xff)),
             net_of(t, t->dst, (unsigned)(record->a >> 56)),
             action <= ESP_DISCARD ? ACTIONS[action] : "?"));
}

static const char *error_text(const struct telling *t, const struct sim_record *record)
{
    char words[NET_ICMP_TEXT_MAX];
    net_icmp_error_text((uint8_t)(record->a >> 8), (uint8_t)record->a, (uint16_t)(record->a >> 32),
                        words);
    return SAY(t, "%s", words);
}

static void tell_born(struct telling *t, const struct sim_record *record)
{
    switch ((int)record->a) {
    case SIM_ORIGIN_ECHO_REQUEST:
        line(t, record, false, SAY(t, "echo request to %s", diag_ip(t->c, t->trip->probe->to)));
        return;
    case SIM_ORIGIN_UDP:
        line(t, record, false, SAY(t, "datagram to %s", diag_ip(t->c, t->trip->probe->to)));
        return;
    case SIM_ORIGIN_ECHO_REPLY:
        line(t, record, false, "answers with an echo reply");
        return;
    case SIM_ORIGIN_COPY:
        line(t, record, false, "a copy goes its own way");
        return;
    case SIM_ORIGIN_FRAGMENT:
        line(t, record, false, "a fragment of it");
        return;
    default:
        return;
    }
}

static void tell_delivered(struct telling *t, const struct sim_record *record)
{
    if (record->a != NET_IPV4_ICMP)
        line(t, record, false, SAY(t, "delivered to UDP port %" PRIu64, record->b));
    else if (record->b == NET_ICMP_ECHO)
        line(t, record, false, "arrived");
    else if (record->b == NET_ICMP_ECHO_REPLY)
        line(t, record, false, "the echo reply has arrived");
}

/* A record of what a link or a stack did: the journal's own words. */
static void tell_words(struct telling *t, const struct sim_record *record)
{
    char words[SIM_RECORD_TEXT_MAX];
    sim_record_text(t->c->journal, record, words);
    line(t, record, false, SAY(t, "%s", words));
}

static void tell_drop(struct telling *t, const struct sim_record *record)
{
    const char *more = "";
    char words[SIM_RECORD_TEXT_MAX];
    if (record->reason == SIM_REASON_OTHER_HOST && record != t->trip->end)
        return; /* a flooded frame that is for somebody else */
    sim_record_text(t->c->journal, record, words);
    if (record->reason == SIM_REASON_HOST_UNREACHABLE)
        more = SAY(t, ": nobody has %s", diag_ip(t->c, (net_ip4)record->a));
    else if (record->reason == SIM_REASON_NO_INBOUND_SA)
        more = SAY(t, ": 0x%08" PRIx64, record->a);
    else if (record->reason == SIM_REASON_NO_ROUTE && record->a &&
             !diag_is_link(t->c, record->node))
        more = SAY(t, ": %s", diag_ip(t->c, (net_ip4)record->a));
    line(t, record, true, SAY(t, "%s%s", words, more));
}

static void tell_received(struct telling *t, const struct sim_record *record)
{
    const char *interface = diag_interface(t->c, record);
    if (interface)
        line(t, record, false, SAY(t, "in by %s", interface));
}

/* A policy-based gateway that no policy stopped lets a packet out as it is. */
static void tell_in_clear(struct telling *t, const struct sim_record *record)
{
    struct topo_node node;
    const char *exit = diag_interface(t->c, record);
    if (t->covered == record->packet || !exit || strcmp(exit, "wan") != 0 ||
        !topo_find_node(t->c->in->model, diag_place(t->c, record), &node) || !node.gateway)
        return;
    line(t, record, true, "no policy covers it: it leaves in clear");
}

/* Which addresses the packet has from here on: outer ones until a route names them, or inner ones again. */
static void tell_esp(struct telling *t, const struct sim_record *record)
{
    bool sealed = record->kind == SIM_KIND_SEALED;
    if (sealed) {
        t->inner_src = t->src;
        t->inner_dst = t->dst;
    } else {
        t->src = t->inner_src;
        t->dst = t->inner_dst;
    }
    line(t, record, false,
         SAY(t, "%s: ESP with SPI 0x%08" PRIx64 ", sequence number %" PRIu64,
             sealed ? "sealed" : "opened", record->a, record->b));
}

static void tell_icmp(struct telling *t, const struct sim_record *record)
{
    const char *from = diag_ip(t->c, (net_ip4)record->b);
    line(t, record, true, SAY(t, "ICMP error from %s: %s", from, error_text(t, record)));
}

static void tell_resolving(struct telling *t, const struct sim_record *record)
{
    line(t, record, false, SAY(t, "waits for ARP: who has %s?", diag_ip(t->c, (net_ip4)record->a)));
}

static void tell_forwarded(struct telling *t, const struct sim_record *record)
{
    bool link = diag_is_link(t->c, record->node);
    tell_in_clear(t, record);
    line(t, record, false, link ? "carried across" : SAY(t, "forwarded: TTL %" PRIu64, record->a));
}

/* How each kind is told. The others (a frame sent, an answer by ARP) show in what comes of them. */
static void (*const TELLERS[SIM_KIND_COUNT])(struct telling *, const struct sim_record *) = {
    [SIM_KIND_BORN] = tell_born,           [SIM_KIND_RECEIVED] = tell_received,
    [SIM_KIND_ROUTED] = tell_route,        [SIM_KIND_POLICY] = tell_policy,
    [SIM_KIND_RESOLVING] = tell_resolving, [SIM_KIND_SEALED] = tell_esp,
    [SIM_KIND_OPENED] = tell_esp,          [SIM_KIND_FORWARDED] = tell_forwarded,
    [SIM_KIND_DELIVERED] = tell_delivered, [SIM_KIND_ICMP_SENT] = tell_icmp,
    [SIM_KIND_LOST] = tell_drop,           [SIM_KIND_DROPPED] = tell_drop,
    [SIM_KIND_QUEUED] = tell_words,        [SIM_KIND_DUPLICATED] = tell_words,
    [SIM_KIND_CORRUPTED] = tell_words,     [SIM_KIND_DELAYED] = tell_words,
    [SIM_KIND_REORDERED] = tell_words,     [SIM_KIND_HELD] = tell_words,
    [SIM_KIND_RELEASED] = tell_words,      [SIM_KIND_FRAGMENTED] = tell_words,
    [SIM_KIND_REASSEMBLED] = tell_words,   [SIM_KIND_TRANSLATED] = tell_words,
    [SIM_KIND_REDIRECT_SENT] = tell_words,
};

/* A trip that nothing stopped and that did not end: in a namespace, the kernel or a daemon has it and tells nothing. */
static const char *unended(const struct telling *t, const char *who)
{
    const struct diag_trip *trip = t->trip;
    const struct sim_record *last = trip->count ? trip->stops[trip->count - 1].record : NULL;
    const char *place = last ? diag_place(t->c, last) : NULL;
    const struct topo_world_node *node = place ? topo_world_node(t->c->in->world, place) : NULL;
    if (!last || !node || node->stack)
        return SAY(t, "%s was still under way at the end", who);
    if (last->kind == SIM_KIND_DELIVERED && trip->arrived)
        who = "the request"; /* its answer is what did not come out */
    return SAY(t, "%s went into %s, and nothing of it came out", who, place);
}

static const char *outcome(struct telling *t)
{
    const struct diag_trip *trip = t->trip;
    char words[SIM_RECORD_TEXT_MAX];
    if (trip->good)
        return trip->probe->flow ? "delivered" : "answered";
    if (!trip->packet)
        return "never sent: the sender has no route to it";
    if (trip->elsewhere)
        return SAY(t, "it went to %s, which has the address as well",
                   diag_place(t->c, trip->elsewhere));
    if (trip->late)
        return trip->probe->flow ? "delivered too late" : "answered too late";
    const char *who = trip->probe->flow ? "the datagram"
                      : trip->arrived   ? "the reply"
                                        : "the request";
    if (!trip->end)
        return unended(t, who);
    sim_record_text(t->c->journal, trip->end, words);
    return SAY(t, "%s was %s at %s", who, words, diag_place(t->c, trip->end));
}

/* The last line of a trip that an ICMP error was sent about: whether its sender heard of it. */
static void tell_error(struct telling *t)
{
    const struct diag_trip *trip = t->trip;
    if (!trip->error)
        return;
    if (trip->error_arrived)
        line(t, trip->error, false, SAY(t, "the ICMP error reached %s", trip->probe->from));
    else if (trip->error_end) {
        char words[SIM_RECORD_TEXT_MAX];
        sim_record_text(t->c->journal, trip->error_end, words);
        line(t, trip->error_end, true, SAY(t, "the ICMP error was %s", words));
    }
}

void diag_account_tell(const struct diag_case *c, const struct diag_trip *trip,
                       struct diag_account *account)
{
    struct telling t = {.c = c, .trip = trip, .out = account};
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        if (TELLERS[record->kind])
            TELLERS[record->kind](&t, record);
    }
    account->line_count = diag_fold(&c->out->arena, account->lines, account->line_count);
    tell_error(&t);
    account->good = trip->good;
    account->outcome = outcome(&t);
}
