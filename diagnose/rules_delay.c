/*
 * Causes in time: a packet that came when nobody waited for it any more, or that a link still had at the end. What a link
 * did to it (held it, delayed it, had it wait in a queue) goes before the mere time that it took.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/case.h"

/* A packet's time on one link. */
struct spell {
    const char *link;
    base_ns from, time;
    uint16_t sender;
    bool waited;                     /* for an answer by ARP */
    const struct sim_record *record; /* what the link did to it; NULL: nothing that it says */
};

struct spells {
    const struct diag_case *c;
    struct spell *items;
    size_t count, capacity;
    uint64_t *pending; /* packets to be looked at */
    size_t pending_count, pending_capacity;
    base_ns until, arrived;
};

/* ---- Where a packet was ---- */

/* The link at an interface of a node; NULL: it is not known. */
static const char *link_at(const struct diag_case *c, const struct sim_record *record)
{
    const char *interface = diag_interface(c, record);
    struct topo_node node = {0};
    if (!interface || !topo_find_node(c->in->model, diag_place(c, record), &node))
        return NULL;
    if (strcmp(interface, "wan") == 0)
        return "internet";
    if (node.host)
        return base_arena_printf(&c->out->arena, "%s/%u", node.vdc->name, node.host->lan);
    return strncmp(interface, "lan", 3) == 0
               ? base_arena_printf(&c->out->arena, "%s/%s", node.vdc->name, interface + 3)
               : NULL;
}

/* Something that a link did to it as it entered. */
static bool is_doing(const struct sim_record *record)
{
    return record->kind == SIM_KIND_HELD || record->kind == SIM_KIND_DELAYED ||
           record->kind == SIM_KIND_QUEUED || record->kind == SIM_KIND_REORDERED;
}

/* It has left the node, or is on a link: nothing has become of it yet. */
static bool is_under_way(const struct sim_record *record)
{
    return is_doing(record) || record->kind == SIM_KIND_ROUTED || record->kind == SIM_KIND_SENT ||
           record->kind == SIM_KIND_FORWARDED || record->kind == SIM_KIND_RELEASED ||
           record->kind == SIM_KIND_CORRUPTED || record->kind == SIM_KIND_DUPLICATED;
}

/* Between two records of a packet, or (`to` NULL) behind its last one. */
static void add_spell(struct spells *s, const struct sim_record *first,
                      const struct sim_record *from, const struct sim_record *to,
                      const struct sim_record *doing, base_ns time)
{
    const char *link = NULL;
    if (diag_is_link(s->c, from->node))
        link = diag_place(s->c, from);
    else if (to && diag_is_link(s->c, to->node))
        link = diag_place(s->c, to);
    else
        link = link_at(s->c, to && to->kind == SIM_KIND_RECEIVED ? to : from);
    if (!link)
        return;
    s->items = base_grow(s->items, s->count, &s->capacity, sizeof(*s->items));
    s->items[s->count++] =
        (struct spell){link, from->at, time, first->node, from->kind == SIM_KIND_RESOLVING, doing};
}

/* The records of one packet: each gap between two of them was spent on a link. */
static void take(struct spells *s, uint64_t packet)
{
    const struct sim_journal_index *index = s->c->index;
    size_t count = sim_journal_index_count(index, packet);
    const struct sim_record *node = NULL, *doing = NULL, *last = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct sim_record *record = sim_journal_index_at(index, packet, i);
        if (last && record->at > s->until)
            break;
        if (last && record->at > last->at)
            add_spell(s, node, last, record, doing, record->at - last->at);
        doing = is_doing(record) ? record : NULL;
        node = node && diag_is_link(s->c, record->node) ? node : record;
        last = record;
    }
    if (!last || last->at > s->until)
        return;
    bool goes_on = last != sim_journal_index_at(index, packet, count - 1);
    if (is_under_way(last) && (goes_on || !sim_journal_index_children(index, packet))) {
        add_spell(s, node, last, NULL, doing, s->until - last->at);
        s->arrived = BASE_NEVER;
    }
    if (s->arrived < last->at)
        s->arrived = last->at;
}

static void push(struct spells *s, uint64_t packet)
{
    s->pending = base_grow(s->pending, s->pending_count, &s->pending_capacity, sizeof(*s->pending));
    s->pending[s->pending_count++] = packet;
}

/* Not what it merely set off; what answers a question by ARP is no less. */
static bool is_part(const struct diag_case *c, uint64_t packet, uint64_t of)
{
    enum sim_origin origin = diag_origin(c, packet);
    if (origin == SIM_ORIGIN_ARP && diag_origin(c, of) == SIM_ORIGIN_ARP)
        return true;
    return origin != SIM_ORIGIN_ARP && origin != SIM_ORIGIN_ICMP_ERROR &&
           origin != SIM_ORIGIN_IKE && origin != SIM_ORIGIN_KEEPALIVE;
}

static int compare(const void *left, const void *right)
{
    const struct spell *a = left, *b = right;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->time < b->time ? -1 : a->time > b->time;
}

/* Fragments are on a link at one time: that time counts once. The spells are in order. */
static base_ns spent_on(const struct spells *s, const char *link)
{
    base_ns sum = 0, counted = 0; /* until then */
    for (size_t i = 0; i < s->count; i++) {
        const struct spell *one = &s->items[i];
        base_ns end = one->from + one->time, from = one->from > counted ? one->from : counted;
        if (strcmp(one->link, link) != 0 || end <= from)
            continue;
        sum += end - from;
        counted = end;
    }
    return sum;
}

/* The link with the most time, and the longest spell on it. */
static void choose(struct spells *s, struct diag_slow *slow)
{
    base_ns longest = 0;
    if (s->count)
        qsort(s->items, s->count, sizeof(*s->items), compare);
    for (size_t i = 0; i < s->count; i++) {
        base_ns spent = spent_on(s, s->items[i].link);
        if (slow->link && spent <= slow->spent)
            continue;
        slow->link = s->items[i].link;
        slow->spent = spent;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct spell *one = &s->items[i];
        if (strcmp(one->link, slow->link) != 0 || one->time <= longest)
            continue;
        longest = one->time;
        slow->record = one->record;
        slow->sender = one->sender;
        slow->entered = one->from;
        slow->waited = one->waited;
    }
}

void diag_slow_measure(const struct diag_case *c, uint64_t packet, base_ns until,
                       struct diag_slow *slow)
{
    struct spells s = {.c = c, .until = until};
    push(&s, packet);
    while (s.pending_count) {
        uint64_t id = s.pending[--s.pending_count];
        take(&s, id);
        for (size_t i = 0; i < sim_journal_index_children(c->index, id); i++) {
            uint64_t child = sim_journal_index_child(c->index, id, i);
            if (is_part(c, child, id))
                push(&s, child);
        }
    }
    *slow = (struct diag_slow){.arrived = s.arrived};
    choose(&s, slow);
    free(s.items);
    free(s.pending);
}

/* ---- What is said ---- */

static struct base_where place_of(const struct diag_case *c, const struct diag_slow *slow)
{
    const struct diag_fault *fault =
        slow->record ? diag_fault_at(c, slow->record)
                     : diag_fault_slowing(c, slow->link, slow->sender, slow->entered);
    struct topo_link link;
    if (fault)
        return fault->where;
    if (topo_find_link(c->in->model, slow->link, &link) && link.lan)
        return link.lan->where;
    return c->in->model->internet.where;
}

void diag_say_delay(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                    const struct diag_slow *slow, const char *detail)
{
    const struct sim_record *record = slow->record;
    struct base_where where = place_of(c, slow);
    bool held = record && record->kind == SIM_KIND_HELD;
    bool queued = record && record->kind == SIM_KIND_QUEUED;
    if (diag_is_said(c, leg, queued ? DIAG_CONGESTION : DIAG_DELAY, where))
        return; /* of another packet, at another time */
    if (queued)
        diag_say(
            c, leg, DIAG_CONGESTION, stage, where, NULL,
            DIAG_WORDS({"link", slow->link}, {"rate", diag_rate_of(c, record)},
                       {"detail", base_arena_printf(&c->out->arena,
                                                    "packets wait in its queue, and %s", detail)}));
    else
        diag_say(c, leg, DIAG_DELAY, stage, where, NULL,
                 DIAG_WORDS({"link", slow->link}, {"how", held ? "holds" : "delays"},
                            {"detail", detail}));
}

static const char *what_of(const struct diag_trip *trip)
{
    return trip->probe->flow ? "the datagram" : trip->arrived ? "the echo reply" : "the request";
}

bool diag_is_slow(const struct diag_slow *slow)
{
    bool held = slow->record && slow->record->kind == SIM_KIND_HELD;
    return slow->link && (held || slow->spent >= BASE_S);
}

bool diag_rule_arp_delay(struct diag_case *c, const struct diag_leg *leg, base_ns until)
{
    struct diag_slow slow = {0};
    for (size_t i = 0; i < leg->trip->arp_count && !slow.link; i++) {
        diag_slow_measure(c, leg->trip->arps[i], until, &slow);
        if (slow.arrived <= until || !diag_is_slow(&slow))
            slow.link = NULL;
    }
    if (!slow.link)
        return false;
    diag_say_delay(c, leg, DIAG_STAGE_LINK, &slow,
                   base_arena_printf(&c->out->arena,
                                     "an ARP request, or the reply to it, was still under way "
                                     "there at %s",
                                     diag_clock(c, until)));
    return true;
}

void diag_rule_delay(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    struct base_arena *arena = &c->out->arena;
    base_ns now = topo_world_sim(c->in->world)->now;
    struct diag_slow slow;
    const char *detail;
    if (!trip->packet)
        return;
    diag_slow_measure(c, trip->packet, now, &slow);
    if (!trip->late && slow.arrived != BASE_NEVER) {
        (void)diag_rule_arp_delay(c, leg, now);
        return;
    }
    if (!slow.link || (slow.waited && diag_rule_arp_lost(c, leg)))
        return;
    const char *spent = diag_clock(c, slow.spent);
    if (!trip->late)
        detail = base_arena_printf(arena, "%s was still under way there when the run ended at %s",
                                   what_of(trip), diag_clock(c, now));
    else if (trip->probe->flow)
        detail = base_arena_printf(
            arena,
            "the datagram came %s after it was sent, %s of which went by on %s, and nobody "
            "waited for it any more",
            diag_clock(c, trip->late_at - trip->sent_at), spent, slow.link);
    else
        detail = base_arena_printf(arena,
                                   "the echo reply came %s after its request, %s of which went "
                                   "by on %s, and ping had ended by then",
                                   diag_clock(c, trip->late_at - trip->sent_at), spent, slow.link);
    diag_say_delay(c, leg, DIAG_STAGE_LINK, &slow, detail);
}
