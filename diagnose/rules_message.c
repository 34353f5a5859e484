/*
 * Causes of a tunnel that is not up in what became of its IKE messages on their way: dropped, lost, or a
 * router was down. What keeps all messages of a kind away is a block, what takes one of them is loss.
 */
#include "diagnose/case.h"
#include "diagnose/index.h"
#include "diagnose/remedy.h"

enum {
    TRIES_MAX = 4 /* of what was stopped the last ones, until one explains it */
};

/* The messages of one tunnel's two gateways. */
struct messages {
    struct diag_case *c;
    const struct diag_leg *leg;
    const struct topo_vdc *vdc, *peer;
    uint16_t ours, theirs;               /* in the journal */
    base_ns since, at;                   /* since the tunnel was up last, until the packet */
    const struct sim_record *born, *end; /* the last one that was stopped, and what stopped it */
    size_t next;                         /* how many messages are still to be looked at */
    struct diag_slow slow; /* where that is nothing (NULL), and it was under way for too long */
};

static const char *sender(const struct messages *m)
{
    return diag_place(m->c, m->born);
}

static const char *receiver(const struct messages *m)
{
    return m->born->node == m->ours ? m->peer->gateway.node : m->vdc->gateway.node;
}

static bool is_to(const struct topo_vdc *vdc, net_ip4 address)
{
    return !address || address == net_addr_ip4(topo_gateway_outside(&vdc->gateway)) ||
           address == net_addr_ip4(topo_gateway_wan(&vdc->gateway));
}

/* Whether one of the two sent it to the other. */
static bool is_between(const struct messages *m, const struct diag_message *row)
{
    return (row->born->node == m->ours && is_to(m->peer, row->to)) ||
           (row->born->node == m->theirs && is_to(m->vdc, row->to));
}

/* Whether a message of that gateway has arrived at the other one. */
static bool was_heard(const struct messages *m, uint16_t node)
{
    size_t count;
    const struct diag_message *rows = diag_index_messages(m->c->whole, &count);
    for (size_t i = diag_index_messages_until(m->c->whole, m->at); i-- > 0;) {
        if (rows[i].born->at < m->since)
            return false;
        if (rows[i].born->node == node && !rows[i].end && rows[i].arrived <= m->at &&
            is_between(m, &rows[i]))
            return true;
    }
    return false;
}

/* Refused by a NAT router whose gateway gets through by itself: that the way in is closed keeps no tunnel away. */
static bool is_harmless(const struct messages *m, const struct diag_message *row)
{
    return diag_nat_never_open(m->c, row->end) &&
           was_heard(m, row->born->node == m->ours ? m->theirs : m->ours);
}

/* Whether it was held then, or had been on its way for longer than a path takes. */
static bool is_late(struct messages *m, const struct diag_message *row)
{
    if (row->arrived <= m->at)
        return false;
    diag_slow_measure(m->c, row->born->packet, m->at, &m->slow);
    return diag_is_slow(&m->slow);
}

/* The last message of the two that something stopped, or kept back; false: none was. */
static bool find_stopped(struct messages *m)
{
    size_t count;
    const struct diag_message *rows = diag_index_messages(m->c->whole, &count);
    while (m->next-- > 0) {
        const struct diag_message *row = &rows[m->next];
        if (row->born->at < m->since)
            return false;
        bool stopped = row->end && row->end->at <= m->at;
        if (!is_between(m, row) || (!stopped && !is_late(m, row)) ||
            (stopped && is_harmless(m, row)))
            continue;
        m->born = row->born;
        m->end = stopped ? row->end : NULL;
        return true;
    }
    return false;
}

/* Whether a message of the same sender, on the same UDP ports or (`other`) on other ones, arrived then, or
 * (`stopped`) was stopped by the same thing. */
static bool any_message(const struct messages *m, base_ns from, base_ns to, bool other,
                        bool stopped)
{
    size_t count;
    const struct diag_message *rows = diag_index_messages(m->c->whole, &count);
    for (size_t i = from > 0 ? diag_index_messages_until(m->c->whole, from - 1) : 0;
         i < count && rows[i].born->at <= to; i++) {
        const struct sim_record *born = rows[i].born, *end = rows[i].end;
        if (born->node != m->born->node || (born->b != m->born->b) != other ||
            !is_between(m, &rows[i]))
            continue;
        if (stopped ? end && end->reason == m->end->reason && end->node == m->end->node : !end)
            return true;
    }
    return false;
}

static void say_fragments(const struct messages *m)
{
    struct diag_case *c = m->c;
    bool on =
        m->vdc->gateway.behaviour.ike_fragmentation && m->peer->gateway.behaviour.ike_fragmentation;
    const char *set = diag_remedy_both(c, m->vdc, m->peer, "behaviour.ikeFragmentation", "true");
    const char *detail = base_arena_printf(
        &c->out->arena, "IKE messages of %s that do not fit into one packet are lost", sender(m));
    diag_say(c, m->leg, DIAG_FRAGMENTS_BLOCKED, DIAG_STAGE_IKE, diag_fault_place(c, m->end),
             on ? NULL : set,
             DIAG_WORDS({"link", diag_place(c, m->end)}, {"detail", detail},
                        {"cure", on ? "name fewer networks and algorithms in the tunnel"
                                    : "set ikeFragmentation: true on both gateways (RFC 7383)"}));
}

/* MOBIKE alone moves IKE to UDP 4500: without it the tunnel needs UDP 500 only. */
static const char *mobike_off(const struct messages *m, bool needed)
{
    struct diag_case *c = m->c;
    if (!needed || diag_is_encapsulated(&m->vdc->gateway, &m->peer->gateway) ||
        !m->vdc->gateway.behaviour.mobike || !m->peer->gateway.behaviour.mobike)
        return NULL;
    return diag_remedy_both(c, m->vdc, m->peer, "behaviour.mobike", "false");
}

static void say_blocked(const struct messages *m, base_ns from, base_ns to)
{
    struct diag_case *c = m->c;
    unsigned port = (unsigned)(m->born->b & UINT16_MAX);
    /* A rule of a firewall stood before it dropped anything; what passed before a fault came tells nothing. */
    base_ns since = m->end->reason == SIM_REASON_FIREWALL ? 0 : from;
    bool others = any_message(m, since, to, true, false) && !any_message(m, since, to, true, true);
    const char *pass = others ? base_arena_printf(&c->out->arena, " (those on UDP %d pass)",
                                                  port == 4500 ? 500 : 4500)
                              : "";
    const char *ports = base_arena_printf(&c->out->arena, "UDP %u%s", port, pass);
    const char *set = mobike_off(m, others && port == 4500);
    diag_say(c, m->leg, DIAG_UDP_BLOCKED, DIAG_STAGE_IKE, diag_fault_place(c, m->end), set,
             DIAG_WORDS({"what", "IKE messages"}, {"gateway", sender(m)}, {"peer", receiver(m)},
                        {"ports", ports}, {"link", diag_place(c, m->end)},
                        {"cure", set ? "; or, since there is no NAT, set mobike: false, and IKE "
                                       "stays on UDP 500"
                                     : ""}));
}

static void say_lost(const struct messages *m)
{
    diag_say(m->c, m->leg, DIAG_PACKET_LOSS, DIAG_STAGE_IKE, diag_fault_place(m->c, m->end), NULL,
             DIAG_WORDS({"link", diag_place(m->c, m->end)},
                        {"detail", "an IKE message was lost, so that no tunnel was up yet"}));
}

/* A firewall or an exact fault: all of them, or this one. */
static void say_dropped(const struct messages *m)
{
    base_ns from, to;
    diag_drop_window(m->c, m->end, &from, &to);
    if (diag_fragments_dropped(m->c, m->end))
        say_fragments(m);
    else if (any_message(m, from, to, false, false))
        say_lost(m);
    else
        say_blocked(m, from, to);
}

/* Turned on the way, so that its receiver refused it. */
static bool check_corruption(const struct messages *m)
{
    const struct sim_record *turned =
        diag_is_link(m->c, m->end->node) ? NULL : diag_corruption(m->c, m->end);
    if (turned)
        diag_say_corruption(m->c, m->leg, DIAG_STAGE_IKE, turned, m->end);
    return turned != NULL;
}

static void say_late(const struct messages *m)
{
    struct base_arena *arena = &m->c->out->arena;
    diag_say_delay(m->c, m->leg, DIAG_STAGE_IKE, &m->slow,
                   base_arena_printf(arena,
                                     "an IKE message that %s sent to %s at %s was still there at "
                                     "%s, when the tunnel was needed",
                                     sender(m), receiver(m), diag_clock(m->c, m->born->at),
                                     diag_clock(m->c, m->at)));
}

/* What stopped that message: true where it explains it. */
static bool say_stopped(const struct messages *m)
{
    struct diag_case *c = m->c;
    if (!m->end) {
        say_late(m);
        return true;
    }
    if (diag_rule_nat(c, m->leg, DIAG_STAGE_IKE, m->end) || check_corruption(m))
        return true;
    if (m->end->reason == SIM_REASON_FAULT || m->end->reason == SIM_REASON_FIREWALL)
        say_dropped(m);
    else if (m->end->reason == SIM_REASON_LINK_DOWN || m->end->reason == SIM_REASON_NODE_DOWN)
        diag_say_outage(c, m->leg, DIAG_STAGE_IKE, m->end);
    else if (m->end->reason == SIM_REASON_LINK_MTU && m->end->a)
        diag_say_black_hole(c, m->leg, DIAG_STAGE_IKE, m->end, "no ICMP error is sent");
    else if (m->end->reason == SIM_REASON_FRAGMENTATION_NEEDED && diag_is_link(c, m->end->node) &&
             !diag_error_arrived(c, m->end->packet, m->born->node))
        diag_say_black_hole(c, m->leg, DIAG_STAGE_IKE, m->end,
                            "the ICMP error that says so has not arrived");
    else if (m->end->kind == SIM_KIND_LOST || m->end->reason == SIM_REASON_QUEUE_FULL)
        say_lost(m);
    else
        return false;
    return true;
}

bool diag_rule_messages(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                        const struct topo_vdc *peer, const struct topo_tunnel *tunnel, base_ns at)
{
    const char *gateway = vdc->gateway.node;
    const struct diag_row *up =
        diag_history_find(c->in->history, DIAG_CHILD_UP, gateway, tunnel->name, 0, at, false);
    struct messages m = {.c = c,
                         .leg = leg,
                         .vdc = vdc,
                         .peer = peer,
                         .ours = diag_node_id(c, gateway),
                         .theirs = diag_node_id(c, peer->gateway.node),
                         .since = up ? up->at : 0,
                         .at = at,
                         .next = diag_index_messages_until(c->whole, at)};
    for (int tries = 0; tries < TRIES_MAX && find_stopped(&m); tries++) {
        if (say_stopped(&m))
            return true;
    }
    return false;
}
