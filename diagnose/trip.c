/* A request's way through the journal: its records, those of what it was sealed into or came out as, and those of its
 * answer, in order of time. What it merely set off (ARP, IKE, ICMP errors) is kept apart. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagnose/case.h"
#include "diagnose/index.h"
#include "ipsec/ike/wire.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "sim/node.h"

enum {
    STOPS_MAX = 20000 /* a loop that nobody ends is not followed to its end */
};

uint16_t diag_node_id(const struct diag_case *c, const char *name)
{
    const struct sim_node *node = sim_world_find(topo_world_sim(c->in->world), name);
    return node ? node->id : 0;
}

const char *diag_place(const struct diag_case *c, const struct sim_record *record)
{
    const struct sim_world *world = topo_world_sim(c->in->world);
    if (record->node >= world->nodes_count || !world->nodes[record->node])
        return "?";
    const char **name = &c->names[record->node];
    if (!*name)
        *name = base_arena_strdup(&c->out->arena, world->nodes[record->node]->name);
    return *name;
}

bool diag_is_link(const struct diag_case *c, uint16_t node)
{
    const struct sim_world *world = topo_world_sim(c->in->world);
    struct topo_node found;
    return node < world->nodes_count && world->nodes[node] &&
           !topo_find_node(c->in->model, world->nodes[node]->name, &found) &&
           !topo_find_nat(c->in->model, world->nodes[node]->name);
}

const char *diag_interface(const struct diag_case *c, const struct sim_record *record)
{
    const char *place = diag_place(c, record);
    struct topo_world_node *node = topo_world_node(c->in->world, place);
    uint16_t number = (uint16_t)(record->port + 1);
    if (topo_find_nat(c->in->model, place) && record->port < 2)
        return record->port == 0 ? "inside" : "outside"; /* as sim/nat.c has them */
    if (!node || !node->stack || record->port == UINT16_MAX ||
        number >= sim_stack_interface_count(node->stack))
        return NULL;
    return sim_stack_interface_name(node->stack, number);
}

enum sim_origin diag_origin(const struct diag_case *c, uint64_t packet)
{
    if (!sim_journal_index_count(c->index, packet))
        return SIM_ORIGIN_OTHER;
    const struct sim_record *first = sim_journal_index_at(c->index, packet, 0);
    return first->kind == SIM_KIND_BORN ? (enum sim_origin)first->a : SIM_ORIGIN_OTHER;
}

const struct sim_record *diag_sent_as(const struct diag_case *c, uint64_t packet)
{
    const struct sim_record *first = sim_journal_index_at(c->index, packet, 0);
    for (;;) {
        enum sim_origin origin = diag_origin(c, first->packet);
        bool part = origin == SIM_ORIGIN_FRAGMENT || origin == SIM_ORIGIN_WHOLE ||
                    origin == SIM_ORIGIN_COPY;
        if (!part || first->parent >= first->packet ||
            !sim_journal_index_count(c->index, first->parent))
            return first;
        first = sim_journal_index_at(c->index, first->parent, 0);
    }
}

static void add(struct diag_trip *trip, const struct sim_record *record)
{
    trip->stops = base_grow(trip->stops, trip->count, &trip->capacity, sizeof(*trip->stops));
    trip->stops[trip->count] = (struct diag_stop){record, (uint32_t)trip->count};
    trip->count++;
}

static bool is_end(const struct sim_record *record)
{
    return record->kind == SIM_KIND_DROPPED || record->kind == SIM_KIND_LOST;
}

/* Ends that say less than others: a flooded copy that reached somebody else, an answer too late. */
static bool is_weak(const struct sim_record *record)
{
    return record->reason == SIM_REASON_OTHER_HOST || record->reason == SIM_REASON_SAME_PORT ||
           record->reason == SIM_REASON_REPEATED ||
           record->reason == SIM_REASON_REASSEMBLY_TIMEOUT ||
           record->reason == SIM_REASON_END_OF_RUN;
}

/* A packet and all that came of it, without what it set off: what is still to be looked at. */
struct walk {
    uint64_t *pending;
    size_t count, capacity;
};

static void push(struct walk *walk, uint64_t packet)
{
    walk->pending = base_grow(walk->pending, walk->count, &walk->capacity, sizeof(*walk->pending));
    walk->pending[walk->count++] = packet;
}

/* What became of an ICMP error or a question by ARP: the last thing that stopped it; NULL: nothing. */
static const struct sim_record *fate(const struct diag_case *c, uint64_t packet, uint16_t home,
                                     bool *arrived, const struct sim_record **turned)
{
    struct walk walk = {0};
    const struct sim_record *end = NULL;
    push(&walk, packet);
    while (walk.count) {
        uint64_t id = walk.pending[--walk.count];
        for (size_t i = 0; i < sim_journal_index_count(c->index, id); i++) {
            const struct sim_record *record = sim_journal_index_at(c->index, id, i);
            if (is_end(record) && record->reason != SIM_REASON_OTHER_HOST &&
                (!end || !is_weak(record)))
                end = record;
            if (record->kind == SIM_KIND_ICMP_RECEIVED && record->node == home)
                *arrived = true;
            if (record->kind == SIM_KIND_CORRUPTED)
                *turned = record;
        }
        for (size_t i = 0; i < sim_journal_index_children(c->index, id); i++) {
            uint64_t child = sim_journal_index_child(c->index, id, i);
            enum sim_origin origin = diag_origin(c, child);
            if (origin != SIM_ORIGIN_ICMP_ERROR && origin != SIM_ORIGIN_REDIRECT &&
                origin != SIM_ORIGIN_IKE) /* what it set off */
                push(&walk, child);
        }
    }
    free(walk.pending);
    return end;
}

const struct sim_record *diag_fate(const struct diag_case *c, uint64_t packet)
{
    bool arrived;
    const struct sim_record *turned;
    return fate(c, packet, 0, &arrived, &turned);
}

const struct sim_record *diag_turned(const struct diag_case *c, uint64_t packet)
{
    bool arrived;
    const struct sim_record *turned = NULL;
    (void)fate(c, packet, 0, &arrived, &turned);
    return turned;
}

bool diag_error_arrived(const struct diag_case *c, uint64_t packet, uint16_t sender)
{
    bool arrived = false;
    for (size_t i = 0; i < sim_journal_index_children(c->index, packet); i++) {
        uint64_t child = sim_journal_index_child(c->index, packet, i);
        const struct sim_record *turned;
        if (diag_origin(c, child) == SIM_ORIGIN_ICMP_ERROR)
            (void)fate(c, child, sender, &arrived, &turned);
    }
    return arrived;
}

/* A question by ARP that the packet waited for, with its answer. */
static void follow_arp(const struct diag_case *c, struct diag_trip *trip, uint64_t question,
                       uint16_t home)
{
    const struct sim_record *end, *turned = NULL;
    bool arrived = false;
    for (size_t i = 0; i < trip->arp_count; i++) {
        if (trip->arps[i] == question)
            return;
    }
    if (trip->arp_count < sizeof(trip->arps) / sizeof(trip->arps[0]))
        trip->arps[trip->arp_count++] = question;
    end = fate(c, question, home, &arrived, &turned);
    trip->arp_end = end ? end : trip->arp_end;
    trip->arp_turned = turned ? turned : trip->arp_turned;
}

static void follow_question(const struct diag_case *c, struct diag_trip *trip,
                            const struct sim_record *at, net_ip4 address, uint16_t home)
{
    base_ns until = trip->end ? trip->end->at : BASE_NEVER;
    uint64_t question = diag_index_asked(c->whole, at->node, address, until);
    if (question)
        follow_arp(c, trip, question, home);
}

/* Questions that others had asked already: all who wait for the answer share it, and whoever goes by it later. */
static void follow_waiting(const struct diag_case *c, struct diag_trip *trip, uint16_t home)
{
    const struct sim_record *routed = NULL;
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        if (record->kind == SIM_KIND_RESOLVING)
            follow_question(c, trip, record, (net_ip4)record->a, home);
        if (record->kind == SIM_KIND_ROUTED && record->b >> 32)
            routed = record;
    }
    if (routed && trip->end && trip->end->reason == SIM_REASON_OTHER_HOST)
        follow_question(c, trip, routed, (net_ip4)(routed->b >> 32), home);
}

static void follow_child(const struct diag_case *c, struct diag_trip *trip, struct walk *walk,
                         uint64_t child, uint16_t home)
{
    const struct sim_record *end, *turned;
    bool arrived = false;
    switch ((int)diag_origin(c, child)) {
    case SIM_ORIGIN_ARP:
        follow_arp(c, trip, child, home);
        return;
    case SIM_ORIGIN_ICMP_ERROR:
        end = fate(c, child, home, &arrived, &turned);
        trip->error_arrived = trip->error_arrived || arrived;
        trip->error_end = end ? end : trip->error_end;
        return;
    case SIM_ORIGIN_IKE:
    case SIM_ORIGIN_KEEPALIVE:
    case SIM_ORIGIN_REDIRECT: /* the packet itself went on */
        return;
    default:
        push(walk, child);
        return;
    }
}

static int compare(const void *left, const void *right)
{
    const struct diag_stop *a = left, *b = right;
    if (a->record->at != b->record->at)
        return a->record->at < b->record->at ? -1 : 1;
    if (a->record->packet != b->record->packet)
        return a->record->packet < b->record->packet ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* The end of an ESP packet's copy, where another one was taken: what became of that one counts. */
static bool is_copy(const struct diag_trip *trip, const struct sim_record *end)
{
    if (end->reason != SIM_REASON_REPLAY)
        return false;
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        if (record->kind == SIM_KIND_OPENED && record->node == end->node && record->a == end->a &&
            record->b == end->b)
            return true;
    }
    return false;
}

static bool says_more(const struct diag_trip *trip, const struct sim_record *end)
{
    return !trip->end || is_weak(trip->end) || !(is_weak(end) || is_copy(trip, end));
}

/* At its receiver; what comes when its flow has ended, another one takes perhaps. */
static void take_datagram(struct diag_trip *trip, const struct sim_record *record, bool there)
{
    if (there && record->at <= trip->probe->end)
        trip->good = true;
    else if (there)
        trip->late_at = record->at;
}

static void judge(struct diag_trip *trip, uint16_t home, uint16_t away)
{
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        if (is_end(record) && says_more(trip, record))
            trip->end = record;
        if (record->kind == SIM_KIND_ICMP_SENT)
            trip->error = record;
        if (record->kind != SIM_KIND_DELIVERED)
            continue;
        bool echo = record->a == NET_IPV4_ICMP;
        bool outer = !echo && record->b == IKE_PORT_NATT; /* ESP in UDP, at a gateway */
        bool request = echo ? record->b == NET_ICMP_ECHO : trip->probe->flow && !outer;
        if (request && away && record->node != away)
            trip->elsewhere = record;
        if (trip->probe->flow)
            take_datagram(trip, record, request && record->node == away);
        else if (echo && record->b == NET_ICMP_ECHO && (record->node == away || !away))
            trip->arrived = true;
        else if (echo && record->b == NET_ICMP_ECHO_REPLY && record->node == home)
            trip->good = true;
    }
    if (trip->arrived || (trip->probe->flow && trip->good))
        trip->elsewhere = NULL; /* of several copies one is enough */
    trip->good = trip->good && !trip->elsewhere;
    trip->arrived = trip->arrived || trip->good;
    uint16_t last = trip->probe->flow ? away : home;
    if (trip->end && trip->end->reason == SIM_REASON_NO_SOCKET && trip->end->node == last &&
        trip->end->at >= trip->probe->end)
        trip->late_at = trip->end->at;
    trip->late = !trip->good && trip->late_at;
}

void diag_trip_follow(const struct diag_case *c, struct diag_trip *trip)
{
    uint16_t home = diag_node_id(c, trip->probe->from);
    uint16_t away = trip->probe->to_node ? diag_node_id(c, trip->probe->to_node) : 0;
    struct walk walk = {0};
    if (!trip->packet)
        return;
    push(&walk, trip->packet);
    while (walk.count && trip->count < STOPS_MAX) {
        uint64_t id = walk.pending[--walk.count];
        for (size_t i = 0; i < sim_journal_index_count(c->index, id); i++)
            add(trip, sim_journal_index_at(c->index, id, i));
        for (size_t i = 0; i < sim_journal_index_children(c->index, id); i++)
            follow_child(c, trip, &walk, sim_journal_index_child(c->index, id, i), home);
    }
    free(walk.pending);
    if (trip->count)
        qsort(trip->stops, trip->count, sizeof(*trip->stops), compare);
    judge(trip, home, away);
    if (!trip->good)
        follow_waiting(c, trip, home);
}

void diag_trip_fini(struct diag_trip *trip)
{
    free(trip->stops);
    trip->stops = NULL;
}
