/*
 * Causes on the way: what links did to the packet, and what was too large for them. Where a step put a
 * fault on the link, its line is the place at fault.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "diagnose/case.h"
#include "diagnose/index.h"
#include "net/icmp.h"
#include "sim/gateway/gateway.h"
#include "sim/internet.h"
#include "sim/node.h"

struct base_where diag_fault_place(const struct diag_case *c, const struct sim_record *record)
{
    const struct diag_fault *fault = diag_fault_at(c, record);
    const struct topo_internet *internet = &c->in->model->internet;
    bool rule = record->a && record->a <= internet->firewall_count; /* it may be gone by now */
    struct topo_link link;
    if (record->reason == SIM_REASON_FIREWALL)
        return rule ? internet->firewall[record->a - 1].where : internet->where;
    if (fault)
        return fault->where;
    if (topo_find_link(c->in->model, diag_place(c, record), &link) && link.lan)
        return link.lan->where;
    return c->in->model->internet.where;
}

static const char *number(const struct diag_case *c, uint64_t value)
{
    return base_arena_printf(&c->out->arena, "%llu", (unsigned long long)value);
}

/* ---- ESP ---- */

/* Where fragments are dropped as such, each of them is: a filter for ports would let the later ones pass. */
bool diag_fragments_dropped(const struct diag_case *c, const struct sim_record *end)
{
    size_t parts = 0, dropped = 0;
    if (diag_origin(c, end->packet) != SIM_ORIGIN_FRAGMENT)
        return false;
    for (size_t i = 0; i < sim_journal_index_children(c->index, end->parent); i++) {
        uint64_t part = sim_journal_index_child(c->index, end->parent, i);
        if (diag_origin(c, part) != SIM_ORIGIN_FRAGMENT)
            continue;
        const struct sim_record *fate = diag_fate(c, part);
        parts++;
        dropped += fate && fate->reason == end->reason && fate->node == end->node;
    }
    return parts > 1 && parts == dropped;
}

void diag_drop_window(const struct diag_case *c, const struct sim_record *end, base_ns *from,
                      base_ns *to)
{
    const struct diag_fault *fault = diag_fault_at(c, end);
    *from = fault ? fault->start : end->at;
    *to = fault ? fault->end : end->at;
    if (end->reason == SIM_REASON_FIREWALL)
        (void)diag_index_rule_times(c->whole, end->node, end->a, from, to);
}

bool diag_is_encapsulated(const struct topo_gateway *a, const struct topo_gateway *b)
{
    return a->nat || b->nat || a->behaviour.force_udp_encapsulation ||
           b->behaviour.force_udp_encapsulation || a->behaviour.vpn == TOPO_VPN_ROUTE_BASED ||
           b->behaviour.vpn == TOPO_VPN_ROUTE_BASED;
}

/* All ESP of a gateway to that peer. */
static void say_esp(struct diag_case *c, const struct diag_leg *leg, const struct sim_record *end,
                    const struct sim_record *born, const struct topo_node *peer)
{
    struct topo_node node = {0};
    const char *sender = diag_place(c, born), *link = diag_place(c, end);
    const char *receiver = peer->gateway ? peer->gateway->node : "its peer";
    struct base_where where = diag_fault_place(c, end);
    bool found = topo_find_node(c->in->model, sender, &node) && node.gateway;
    if (found && peer->gateway && diag_is_encapsulated(node.gateway, peer->gateway))
        diag_say(c, leg, DIAG_UDP_BLOCKED, DIAG_STAGE_LINK, where, NULL,
                 DIAG_WORDS({"what", "ESP packets"}, {"gateway", sender}, {"peer", receiver},
                            {"ports", "UDP 4500"}, {"link", link}, {"cure", ""}));
    else
        diag_say(c, leg, DIAG_ESP_BLOCKED, DIAG_STAGE_LINK, where,
                 found ? diag_set_gateway(c, node.vdc, "behaviour.forceUdpEncapsulation", "true")
                       : NULL,
                 DIAG_WORDS({"gateway", sender}, {"peer", receiver}, {"link", link}));
}

static void say_firewall(struct diag_case *c, const struct diag_leg *leg,
                         const struct sim_record *end, const struct sim_record *born)
{
    const struct topo_internet *internet = &c->in->model->internet;
    bool known = end->a && end->a <= internet->firewall_count; /* a change may have taken it out */
    const char *rule = known ? internet->firewall[end->a - 1].drop : "a rule that is gone by now";
    diag_say(
        c, leg, DIAG_FIREWALL, DIAG_STAGE_LINK, diag_fault_place(c, end), NULL,
        DIAG_WORDS({"link", diag_place(c, end)}, {"node", diag_place(c, born)}, {"rule", rule}));
}

/* Which packets an exact fault drops, in words. */
static const char *dropped_of(const struct diag_case *c, const struct sim_record *end)
{
    const struct diag_fault *fault = diag_fault_at(c, end);
    if (!fault || !fault->match)
        return "a fault drops some of them";
    return base_arena_printf(&c->out->arena, "a fault drops those that match '%s'", fault->match);
}

static void say_fault(struct diag_case *c, const struct diag_leg *leg, const struct sim_record *end)
{
    const struct sim_record *born = sim_journal_index_at(c->index, end->packet, 0);
    const char *link = diag_place(c, end);
    bool esp = born->kind == SIM_KIND_BORN && born->a == SIM_ORIGIN_ESP;
    net_ip4 outer = diag_index_destination(c, born->packet);
    struct net_addr to = net_addr_from_ip4(outer);
    struct topo_node peer = {0};
    base_ns from, until;
    diag_drop_window(c, end, &from, &until);
    (void)topo_find_public(c->in->model, &to, &peer);
    if (diag_fragments_dropped(c, end))
        diag_say(c, leg, DIAG_FRAGMENTS_BLOCKED, DIAG_STAGE_LINK, diag_fault_place(c, end), NULL,
                 DIAG_WORDS({"link", link}, {"detail", "packets that do not fit into one are lost"},
                            {"cure", "have the hosts send what fits into one packet"}));
    else if (esp && !diag_index_esp_passed(c->whole, born->node, outer, from, until))
        say_esp(c, leg, end, born, &peer);
    else if (end->reason == SIM_REASON_FIREWALL)
        say_firewall(c, leg, end, born);
    else
        diag_say(c, leg, DIAG_PACKET_LOSS, DIAG_STAGE_LINK, diag_fault_place(c, end), NULL,
                 DIAG_WORDS({"link", link}, {"detail", dropped_of(c, end)}));
}

/* ---- Loss, outage, corruption ---- */

/* What a record says, without what a sentence says already. */
static const char *words_of(const struct diag_case *c, const struct sim_record *end)
{
    static const char DROPPED[] = "dropped: ", LOST[] = "lost (";
    char words[SIM_RECORD_TEXT_MAX];
    sim_record_text(c->journal, end, words);
    size_t size = strlen(words);
    if (strncmp(words, DROPPED, strlen(DROPPED)) == 0)
        return base_arena_strdup(&c->out->arena, words + strlen(DROPPED));
    if (strncmp(words, LOST, strlen(LOST)) != 0)
        return base_arena_strdup(&c->out->arena, words);
    words[size - 1] = '\0'; /* ")" */
    return base_arena_strdup(&c->out->arena, words + strlen(LOST));
}

/* The rate of the link then. */
const char *diag_rate_of(const struct diag_case *c, const struct sim_record *record)
{
    const struct diag_fault *fault = diag_fault_setting(c, DIAG_FAULT_RATE, record);
    struct topo_link link;
    char text[BASE_TEXT_MAX];
    if (fault)
        return base_arena_strdup(&c->out->arena, base_format_rate(fault->rate_bps, text));
    bool found = topo_find_link(c->in->model, diag_place(c, record), &link);
    const struct topo_impairment *now =
        found && link.lan ? &link.lan->link : &c->in->model->internet.link;
    return now->set & TOPO_RATE
               ? base_arena_strdup(&c->out->arena, base_format_rate(now->rate_bps, text))
               : "rate";
}

static void say_congestion(struct diag_case *c, const struct diag_leg *leg,
                           const struct sim_record *end)
{
    diag_say(c, leg, DIAG_CONGESTION, DIAG_STAGE_LINK, diag_fault_place(c, end), NULL,
             DIAG_WORDS({"link", diag_place(c, end)}, {"rate", diag_rate_of(c, end)},
                        {"detail", "its queue was full"}));
}

static void say_loss(struct diag_case *c, const struct diag_leg *leg, const struct sim_record *end)
{
    diag_say(c, leg, DIAG_PACKET_LOSS, DIAG_STAGE_LINK, diag_fault_place(c, end), NULL,
             DIAG_WORDS({"link", diag_place(c, end)}, {"detail", words_of(c, end)}));
}

/* "from 8 s to 28 s"; an end that is not known yet: "from 8 s on". */
static const char *span(const struct diag_case *c, base_ns start, base_ns end)
{
    const char *from = diag_clock(c, start);
    return end == BASE_NEVER
               ? base_arena_printf(&c->out->arena, "from %s on", from)
               : base_arena_printf(&c->out->arena, "from %s to %s", from, diag_clock(c, end));
}

void diag_say_off(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                  const struct diag_row *off, base_ns at)
{
    const struct diag_row *on =
        diag_history_find(c->in->history, DIAG_POWER_ON, off->node, NULL, at, BASE_NEVER, true);
    diag_say(c, leg, DIAG_OUTAGE, stage, off->where, NULL,
             DIAG_WORDS({"what", off->node}, {"when", span(c, off->at, on ? on->at : BASE_NEVER)}));
}

void diag_say_outage(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                     const struct sim_record *end)
{
    const char *what = diag_place(c, end);
    const struct diag_row *off =
        diag_history_find(c->in->history, DIAG_POWER_OFF, what, NULL, 0, end->at, false);
    const struct diag_fault *fault = diag_fault_at(c, end);
    if (end->reason == SIM_REASON_NODE_DOWN && off)
        diag_say_off(c, leg, stage, off, end->at);
    else
        diag_say(c, leg, DIAG_OUTAGE, stage, diag_fault_place(c, end), NULL,
                 DIAG_WORDS({"what", what},
                            {"when", fault ? span(c, fault->start, fault->end) : "all the time"}));
}

static const struct sim_record *corrupted(const struct diag_case *c, uint64_t packet)
{
    for (size_t i = sim_journal_index_count(c->index, packet); i-- > 0;) {
        const struct sim_record *record = sim_journal_index_at(c->index, packet, i);
        if (record->kind == SIM_KIND_CORRUPTED)
            return record;
    }
    return NULL;
}

/* What a whole packet was put together from. */
static const struct sim_record *fragment_corrupted(const struct diag_case *c, uint64_t packet)
{
    const struct sim_record *found = NULL;
    for (size_t i = 0; !found && i < sim_journal_index_children(c->index, packet); i++) {
        uint64_t part = sim_journal_index_child(c->index, packet, i);
        if (diag_origin(c, part) == SIM_ORIGIN_FRAGMENT)
            found = diag_turned(c, part);
    }
    return found;
}

/* Whether a packet was made of its parent, which else has merely set it off. */
static bool is_made(enum sim_origin origin)
{
    return origin == SIM_ORIGIN_ESP || origin == SIM_ORIGIN_INNER || origin == SIM_ORIGIN_COPY ||
           origin == SIM_ORIGIN_FRAGMENT || origin == SIM_ORIGIN_WHOLE;
}

/* Whether a drop can come of bits that were flipped: a checksum, an ICV or a field of no sense; IP's header has its checksum, so
 * that no packet is routed by a wrong one. */
static bool is_found_out(const struct sim_record *end)
{
    switch ((int)end->reason) {
    case SIM_REASON_BAD_FRAME:
    case SIM_REASON_BAD_HEADER:
    case SIM_REASON_BAD_CHECKSUM:
    case SIM_REASON_NO_SOCKET: /* UDP may do without a checksum, as ESP in UDP does */
    case SIM_REASON_REASSEMBLY_TIMEOUT:
    case SIM_REASON_REASSEMBLY_BAD:
    case SIM_REASON_NO_INBOUND_SA:
    case SIM_REASON_BAD_ICV:
    case SIM_REASON_REPLAY:
    case SIM_REASON_BAD_ESP:
    case SIM_REASON_BAD_INNER:
        return true;
    default:
        return end->reason >= SIM_REASON_IKE_MALFORMED && end->reason <= SIM_REASON_IKE_INVALID;
    }
}

const struct sim_record *diag_corruption(const struct diag_case *c, const struct sim_record *end)
{
    if (!is_found_out(end))
        return NULL;
    const struct sim_record *found = NULL;
    uint64_t packet = end->packet;
    while (!found && packet && sim_journal_index_count(c->index, packet)) {
        const struct sim_record *first = sim_journal_index_at(c->index, packet, 0);
        enum sim_origin origin = diag_origin(c, packet);
        found = corrupted(c, packet);
        if (!found && origin == SIM_ORIGIN_FRAGMENT)
            found = fragment_corrupted(c, first->parent);
        packet = is_made(origin) && first->parent < packet ? first->parent : 0;
    }
    return found;
}

void diag_say_corruption(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                         const struct sim_record *turned, const struct sim_record *end)
{
    struct base_where where = diag_fault_place(c, turned);
    const char *finder = diag_is_link(c, end->node) ? "one of its routers" : diag_place(c, end);
    if (!diag_is_said(c, leg, DIAG_CORRUPTION, where))
        diag_say(c, leg, DIAG_CORRUPTION, stage, where, NULL,
                 DIAG_WORDS({"link", diag_place(c, turned)}, {"node", finder},
                            {"detail", words_of(c, end)}));
}

/* A checksum or an ICV found it out, on a router of the internet too; or it went astray by a wrong answer to ARP. */
static bool check_corruption(struct diag_case *c, const struct diag_leg *leg,
                             const struct sim_record *end)
{
    bool astray = end->reason == SIM_REASON_OTHER_HOST;
    bool router = end->reason == SIM_REASON_BAD_CHECKSUM || end->reason == SIM_REASON_BAD_HEADER;
    const struct sim_record *turned = astray ? leg->trip->arp_turned : diag_corruption(c, end);
    if (!turned || (diag_is_link(c, end->node) && !router && !astray))
        return false;
    diag_say_corruption(c, leg, DIAG_STAGE_LINK, turned, end);
    return true;
}

/* ---- Too large ---- */

/* What it would have had to fit: the internet's record of its own refusal tells the router instead. */
uint64_t diag_mtu_of(const struct diag_case *c, const struct sim_record *end)
{
    const struct diag_fault *fault = diag_fault_at(c, end);
    if (end->reason != SIM_REASON_FRAGMENTATION_NEEDED || !diag_is_link(c, end->node))
        return end->a;
    return fault ? fault->mtu_bytes : c->in->model->internet.link.mtu_bytes;
}

/* Who is to send or to pass the ICMP error: on a LAN or a segment there are no routers. */
static const char *about_icmp(const struct diag_case *c, const struct sim_record *end)
{
    if (end->reason != SIM_REASON_LINK_MTU)
        return "do not filter ICMP fragmentation needed (type 3, code 4), or ";
    bool routed = strcmp(diag_place(c, end), "internet") == 0 &&
                  c->in->model->internet.kind == TOPO_INTERNET_ROUTED;
    return routed ? "have the routers send ICMP fragmentation needed (type 3, code 4), or " : "";
}

void diag_say_black_hole(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                         const struct sim_record *end, const char *detail)
{
    const char *icmp = about_icmp(c, end), *link = diag_place(c, end);
    const char *fit = base_arena_printf(
        &c->out->arena, "raise the MTU of %s%s", link,
        stage == DIAG_STAGE_IKE ? "" : ", or lower that of the hosts to what fits");
    if (*icmp && stage != DIAG_STAGE_IKE) /* a gateway's own messages know no host's MTU */
        fit = "lower the MTU of the hosts to what fits";
    diag_say(c, leg, DIAG_PATH_MTU_BLACK_HOLE, stage, diag_fault_place(c, end), NULL,
             DIAG_WORDS({"mtu", number(c, diag_mtu_of(c, end))}, {"link", link}, {"detail", detail},
                        {"icmp", icmp}, {"fit", fit}));
}

/* Who cannot send it on: a sender that refuses by itself has been told by somebody before. */
static const char *who_said(const struct diag_case *c, const struct diag_leg *leg,
                            const struct sim_record *end)
{
    net_ip4 router = diag_index_told_mtu(c->whole, end->node, leg->dst, end->at);
    struct net_addr address = net_addr_from_ip4(router);
    struct topo_node node;
    if (!router || end->node != leg->from_id)
        return diag_place(c, end);
    if (!topo_find_address(c->in->model, &address, &node))
        return diag_ip(c, router);
    return node.host ? node.host->name : node.gateway->node;
}

/* What was sealed into the ESP packet that ended there; NULL: that is no ESP packet. */
static const struct sim_record *sealed_from(const struct diag_case *c, const struct diag_trip *trip,
                                            const struct sim_record *end)
{
    if (diag_origin(c, end->packet) != SIM_ORIGIN_ESP)
        return NULL;
    for (size_t i = trip->count; i-- > 0;) {
        const struct sim_record *record = trip->stops[i].record;
        if (record->kind == SIM_KIND_SEALED && record->packet == end->parent)
            return record;
    }
    return NULL;
}

/* The largest packet that fits when sealed, by the SA or by another one of the same peer; 0: there is none any more. */
static uint32_t inner_mtu(const struct diag_case *c, const struct sim_record *sealed,
                          const struct sim_record *end)
{
    const struct topo_world_node *node = topo_world_node(c->in->world, diag_place(c, sealed));
    net_ip4 peer = diag_index_destination(c, end->packet);
    if (!node || !node->gateway)
        return 0;
    const struct esp_sad *sad = sim_gateway_sad(node->gateway);
    const struct esp_sa *sa = esp_sad_outbound_spi(sad, peer, (uint32_t)sealed->a);
    for (const struct esp_sa *one = esp_sad_first(sad); one && !sa; one = one->next)
        sa = one->direction == ESP_SA_OUTBOUND && one->path.destination == peer ? one : NULL;
    return sa ? esp_sa_inner_mtu(sa, (uint32_t)diag_mtu_of(c, end)) : 0;
}

/* Fragmentation needed was sent: whether whom it was meant for got it. */
static void say_too_big(struct diag_case *c, const struct diag_leg *leg,
                        const struct sim_record *end)
{
    const struct diag_trip *trip = leg->trip;
    if (trip->error && !trip->error_arrived && trip->error_end &&
        trip->error_end->reason != SIM_REASON_NO_SOCKET) {
        diag_say_black_hole(c, leg, DIAG_STAGE_LINK, end,
                            "the ICMP error that says so is dropped on its way back");
        return;
    }
    const struct sim_record *sealed = sealed_from(c, trip, end);
    uint32_t inner = sealed ? inner_mtu(c, sealed, end) : 0;
    diag_say(c, leg, DIAG_PACKET_TOO_BIG, DIAG_STAGE_LINK, trip->probe->where, NULL,
             DIAG_WORDS({"mtu", number(c, inner ? inner : diag_mtu_of(c, end))},
                        {"node", inner ? diag_place(c, sealed) : who_said(c, leg, end)}));
}

/* Which router on the packet's own way that is, from 1: what it is sealed into does not count. */
static uint64_t hop_of(const struct diag_case *c, const struct diag_trip *trip, net_ip4 router)
{
    uint64_t hop = router ? router & ~net_ip4_mask(24) : 1;
    for (size_t i = 0; i < trip->count && trip->stops[i].record != trip->end; i++) {
        const struct sim_record *record = trip->stops[i].record;
        hop += record->kind == SIM_KIND_FORWARDED && !diag_is_link(c, record->node);
    }
    return hop;
}

void diag_check_ttl(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    const struct sim_record *end = trip->end;
    if (!end || end->reason != SIM_REASON_TTL || !leg->from_name)
        return;
    /* A router of the internet is known by what it answers from. */
    net_ip4 router = diag_is_link(c, end->node) && trip->error ? (net_ip4)trip->error->b : 0;
    diag_say(c, leg, DIAG_TTL_EXCEEDED, DIAG_STAGE_LINK, trip->probe->where, NULL,
             DIAG_WORDS({"node", leg->from_name},
                        {"place", router ? diag_ip(c, router) : diag_place(c, end)},
                        {"hop", number(c, hop_of(c, trip, router))}));
}

static void judge(struct diag_case *c, const struct diag_leg *leg, const struct sim_record *end)
{
    bool link = diag_is_link(c, end->node);
    switch ((int)end->reason) {
    case SIM_REASON_FAULT:
    case SIM_REASON_FIREWALL:
        say_fault(c, leg, end);
        return;
    case SIM_REASON_LOSS:
    case SIM_REASON_BURST_LOSS:
        if (link)
            say_loss(c, leg, end);
        return;
    case SIM_REASON_QUEUE_FULL:
        if (link)
            say_congestion(c, leg, end);
        return;
    case SIM_REASON_LINK_DOWN:
    case SIM_REASON_NODE_DOWN:
        diag_say_outage(c, leg, DIAG_STAGE_LINK, end);
        return;
    case SIM_REASON_NAT_EXPIRED:
    case SIM_REASON_NAT_NO_MAPPING:
    case SIM_REASON_NAT_FILTERED:
    case SIM_REASON_NAT_PROTOCOL:
        (void)diag_rule_nat(c, leg, DIAG_STAGE_LINK, end);
        return;
    case SIM_REASON_LINK_MTU:
        if (end->a)
            diag_say_black_hole(c, leg, DIAG_STAGE_LINK, end, "no ICMP error is sent");
        return;
    case SIM_REASON_FRAGMENTATION_NEEDED:
    case SIM_REASON_TUNNEL_MTU:
        say_too_big(c, leg, end);
        return;
    default:
        return;
    }
}

bool diag_rule_arp_lost(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    if (trip->arp_turned)
        diag_say_corruption(c, leg, DIAG_STAGE_LINK, trip->arp_turned,
                            trip->end ? trip->end : trip->arp_turned);
    else if (trip->arp_end)
        judge(c, leg, trip->arp_end);
    return trip->arp_turned || trip->arp_end;
}

void diag_rules_path(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    const struct sim_record *end = trip->end;
    bool waits = !end || end->reason == SIM_REASON_HOST_UNREACHABLE ||
                 end->reason == SIM_REASON_NEIGHBOUR_QUEUE;
    if (waits && end && diag_rule_arp_delay(c, leg, end->at))
        return;
    if (waits && diag_rule_arp_lost(c, leg))
        return;
    if (end && !check_corruption(c, leg, end))
        judge(c, leg, end);
}
