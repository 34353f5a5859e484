/*
 * Causes of a tunnel that is not up in what became of its IKE messages on their way: dropped, lost, or a
 * router was down. What keeps all messages of a kind away is a block, what takes one of them is loss.
 */
#include "diagnose/case.h"

struct messages {
    struct diag_case *c;
    const struct diag_leg *leg;
    const struct topo_vdc *vdc, *peer;
    const struct sim_record *born,
        *end; /* the last message that was stopped, and what stopped it */
};

static const char *sender(const struct messages *m)
{
    return diag_place(m->c, m->born);
}

static const char *receiver(const struct messages *m)
{
    bool ours = m->born->node == diag_node_id(m->c, m->vdc->gateway.node);
    return ours ? m->peer->gateway.node : m->vdc->gateway.node;
}

/* The last message of the two, since the tunnel was up last, that something stopped; false: none was. */
static bool find_stopped(struct messages *m, const struct topo_tunnel *tunnel, base_ns at)
{
    const struct diag_case *c = m->c;
    const char *gateway = m->vdc->gateway.node;
    uint16_t ours = diag_node_id(c, gateway), theirs = diag_node_id(c, m->peer->gateway.node);
    const struct diag_row *up =
        diag_history_find(c->in->history, DIAG_CHILD_UP, gateway, tunnel->name, 0, at, false);
    for (size_t i = 0; i < sim_journal_count(c->journal); i++) {
        const struct sim_record *record = sim_journal_at(c->journal, i);
        if (record->at > at)
            break;
        if (record->kind != SIM_KIND_BORN || record->a != SIM_ORIGIN_IKE ||
            (up && record->at < up->at) || (record->node != ours && record->node != theirs))
            continue;
        const struct sim_record *end = diag_fate(c, record->packet);
        if (end && end->reason != SIM_REASON_END_OF_RUN) {
            m->born = record;
            m->end = end;
        }
    }
    return m->end != NULL;
}

/* Whether a message of the same sender, on the same UDP ports or (`other`) on other ones, arrived then, or
 * (`stopped`) was stopped by the same thing. */
static bool any_message(const struct messages *m, base_ns from, base_ns to, bool other,
                        bool stopped)
{
    const struct diag_case *c = m->c;
    for (size_t i = 0; i < sim_journal_count(c->journal); i++) {
        const struct sim_record *record = sim_journal_at(c->journal, i);
        if (record->kind != SIM_KIND_BORN || record->a != SIM_ORIGIN_IKE || record->at < from ||
            record->at > to || record->node != m->born->node || (record->b != m->born->b) != other)
            continue;
        const struct sim_record *end = diag_fate(c, record->packet);
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
    const char *set = base_arena_printf(
        &c->out->arena, "%s\n%s", diag_set_gateway(c, m->vdc, "behaviour.ikeFragmentation", "true"),
        diag_set_gateway(c, m->peer, "behaviour.ikeFragmentation", "true"));
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
    if (!needed || m->vdc->gateway.nat || m->peer->gateway.nat ||
        !m->vdc->gateway.behaviour.mobike || !m->peer->gateway.behaviour.mobike)
        return NULL;
    return base_arena_printf(&c->out->arena, "%s\n%s",
                             diag_set_gateway(c, m->vdc, "behaviour.mobike", "false"),
                             diag_set_gateway(c, m->peer, "behaviour.mobike", "false"));
}

static void say_blocked(const struct messages *m, base_ns to)
{
    struct diag_case *c = m->c;
    unsigned port = (unsigned)(m->born->b & UINT16_MAX);
    bool others = any_message(m, 0, to, true, false) && !any_message(m, 0, to, true, true);
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
        say_blocked(m, to);
}

bool diag_rule_messages(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                        const struct topo_vdc *peer, const struct topo_tunnel *tunnel, base_ns at)
{
    struct messages m = {.c = c, .leg = leg, .vdc = vdc, .peer = peer};
    if (!find_stopped(&m, tunnel, at))
        return false;
    if (diag_rule_nat(c, leg, DIAG_STAGE_IKE, m.end))
        return true;
    if (m.end->reason == SIM_REASON_FAULT || m.end->reason == SIM_REASON_FIREWALL)
        say_dropped(&m);
    else if (m.end->reason == SIM_REASON_LINK_DOWN || m.end->reason == SIM_REASON_NODE_DOWN)
        diag_say_outage(c, leg, DIAG_STAGE_IKE, m.end);
    else if (m.end->kind == SIM_KIND_LOST || m.end->reason == SIM_REASON_QUEUE_FULL)
        say_lost(&m);
    else
        return false;
    return true;
}
