/*
 * Causes of a tunnel that is not up at that time, whatever its ends say of each other: nobody began, a daemon is dead,
 * SAs were lost with their gateway, closed or expired, or the negotiation was not over.
 */
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/ends.h"
#include "diagnose/remedy.h"

base_ns diag_needed_at(const struct diag_leg *leg)
{
    const struct sim_record *end = leg->trip->end;
    if (!end)
        return leg->trip->sent_at;
    return end->reason == SIM_REASON_NO_OUTBOUND_SA && end->at ? end->at - 1 : end->at;
}

bool diag_ends_were_up(const struct diag_ends *e)
{
    return diag_history_find(e->c->in->history, DIAG_CHILD_UP, diag_ends_gateway(e), e->here->name,
                             0, e->at, true) != NULL;
}

/* ---- Time ---- */

/* Whether one of the two initiates without being asked. */
static bool by_itself(const struct diag_ends *e)
{
    return e->vdc->gateway.behaviour.start == TOPO_START_AT_ONCE ||
           e->peer->gateway.behaviour.start == TOPO_START_AT_ONCE;
}

static const char *start_of(const struct topo_vdc *vdc)
{
    if (vdc->gateway.behaviour.start == TOPO_START_ON_TRAFFIC &&
        vdc->gateway.behaviour.vpn == TOPO_VPN_ROUTE_BASED)
        return "on traffic, of which a route-based gateway knows nothing (it has no trap policy)";
    return vdc->gateway.behaviour.start == TOPO_START_BY_HAND
               ? "by hand only"
               : "when a packet meets its trap policy (none did)";
}

/* The tunnel's last child SA before the packet; NULL: it was never up. */
static const struct diag_row *last_up(const struct diag_ends *e)
{
    return diag_history_find(e->c->in->history, DIAG_CHILD_UP, diag_ends_gateway(e), e->here->name,
                             0, e->at, false);
}

/* The tunnel was given up since the daemon at one end had died: true where that is so. */
static bool check_daemon(const struct diag_ends *e)
{
    const struct diag_row *up = last_up(e), *died = NULL;
    if (up)
        died = diag_history_find(e->c->in->history, DIAG_DAEMON_OFF, diag_ends_peer(e), NULL,
                                 up->at, e->at, false);
    if (!died)
        return false;
    diag_say_daemon(e->c, e->leg, DIAG_STAGE_IKE + 8, died,
                    base_arena_printf(&e->c->out->arena,
                                      "nobody answered the liveness checks and rekeys of %s, which "
                                      "gave the tunnel up",
                                      diag_ends_gateway(e)));
    return true;
}

/* No daemon runs at that end: true where that is so. */
static bool check_dead(const struct diag_ends *e)
{
    const struct diag_history *history = e->c->in->history;
    const struct diag_row *off =
        diag_history_find(history, DIAG_DAEMON_OFF, diag_ends_gateway(e), NULL, 0, e->at, false);
    if (!off || diag_history_find(history, DIAG_DAEMON_ON, diag_ends_gateway(e), NULL, off->at,
                                  e->at, true))
        return false;
    diag_say_daemon(e->c, e->leg, DIAG_STAGE_IKE, off, "nobody there initiates or answers IKE");
    return true;
}

/* What took the SAs of either end since the tunnel was up last; NULL: nothing. */
static const struct diag_row *loss_since(const struct diag_ends *e, const struct diag_row *up)
{
    const struct diag_row *lost = NULL;
    const char *const nodes[] = {diag_ends_gateway(e), diag_ends_peer(e)};
    for (int i = 0; i < 2; i++) {
        const struct diag_row *row = diag_history_find(e->c->in->history, DIAG_SAS_LOST, nodes[i],
                                                       NULL, up->at, e->at, false);
        lost = row && (!lost || row->at > lost->at) ? row : lost;
    }
    return lost;
}

/* An administrator's terminate at either end since then. */
static const struct diag_row *close_since(const struct diag_ends *e, const struct diag_row *up)
{
    const char *const nodes[] = {diag_ends_gateway(e), diag_ends_peer(e)};
    const char *const tunnels[] = {e->here->name, e->there->name};
    for (int i = 0; i < 2; i++) {
        const struct diag_row *row = diag_history_find(e->c->in->history, DIAG_CHILD_DOWN, nodes[i],
                                                       tunnels[i], up->at, e->at, false);
        if (row && row->reason == IKE_REASON_DELETED)
            return row;
    }
    return NULL;
}

/* The tunnel was up once: true where what happened to it since explains it. */
static bool check_end(const struct diag_ends *e)
{
    const struct diag_row *up = last_up(e), *lost = up ? loss_since(e, up) : NULL;
    const struct diag_row *closed = up && !lost ? close_since(e, up) : NULL;
    const struct diag_row *off =
        lost ? diag_history_off(e->c->in->history, lost->node, e->at) : NULL;
    const struct diag_row *died =
        lost ? diag_history_find(e->c->in->history, DIAG_DAEMON_OFF, lost->node, NULL, lost->at,
                                 lost->at, true)
             : NULL;
    if (diag_check_unroutable(e->c, e->leg, e->vdc, e->here, e->there, e->at) ||
        diag_check_unroutable(e->c, e->leg, e->peer, e->there, e->here, e->at))
        return true;
    if (off)
        diag_say_off(e->c, e->leg, DIAG_STAGE_IKE + 8, off, e->at);
    else if (lost && died)
        diag_say_daemon(e->c, e->leg, DIAG_STAGE_IKE + 8, died,
                        "its SAs went with it, and the tunnel was down until it was negotiated "
                        "anew");
    else if (lost)
        diag_say_restart(e->c, e->leg, DIAG_STAGE_IKE + 8, lost,
                         strcmp(lost->node, diag_ends_gateway(e)) == 0 ? diag_ends_peer(e)
                                                                       : diag_ends_gateway(e),
                         "the tunnel was down until it was negotiated anew");
    if (closed)
        diag_say(e->c, e->leg, DIAG_TUNNEL_CLOSED, DIAG_STAGE_IKE + 8, e->here->where, NULL,
                 DIAG_WORDS({"tunnel", closed->tunnel}, {"node", closed->node},
                            {"at", diag_clock(e->c, closed->at)}));
    return lost || closed;
}

/* Nothing that is known kept a rekey from replacing the SA in time. */
static void check_expiry(const struct diag_ends *e)
{
    struct diag_case *c = e->c;
    const struct diag_fault *fault =
        diag_fault_of(c, DIAG_FAULT_CLOCK, diag_ends_gateway(e), e->at);
    const char *margin = diag_time(c, e->vdc->gateway.behaviour.rekey_margin_ns);
    const char *detail =
        base_arena_printf(&c->out->arena, "no rekey replaced it (rekeyMargin is %s)", margin);
    const char *cure =
        base_arena_printf(&c->out->arena, "have rekeys begin earlier: a longer rekeyMargin on %s",
                          diag_ends_gateway(e));
    if (fault) {
        detail = base_arena_printf(&c->out->arena, "the clock of %s jumped %s ahead at %s",
                                   diag_ends_gateway(e), diag_time(c, fault->clock_jump_ns),
                                   diag_clock(c, fault->start));
        cure = base_arena_printf(&c->out->arena,
                                 "initiate '%s' again, and have the clock of %s right before its "
                                 "tunnels come up",
                                 e->here->name, diag_ends_gateway(e));
    }
    diag_say(c, e->leg, DIAG_SA_EXPIRED, DIAG_STAGE_IKE + 8, fault ? fault->where : e->here->where,
             NULL,
             DIAG_WORDS({"tunnel", e->here->name}, {"gateway", diag_ends_gateway(e)},
                        {"detail", detail}, {"cure", cure}));
}

/* When one of the two first began to negotiate the very tunnel between two times; NULL: neither did. */
static const struct diag_row *begun(const struct diag_ends *e, base_ns from, base_ns to)
{
    const struct diag_history *history = e->c->in->history;
    const struct diag_row *here = diag_history_find(
        history, DIAG_TASK_STARTED, diag_ends_gateway(e), e->here->name, from, to, true);
    const struct diag_row *there = diag_history_find(history, DIAG_TASK_STARTED, diag_ends_peer(e),
                                                     e->there->name, from, to, true);
    return here && (!there || here->at < there->at) ? here : there;
}

static void say_not_up(const struct diag_ends *e, const char *when)
{
    diag_say(
        e->c, e->leg, DIAG_TUNNEL_NOT_UP_YET, DIAG_STAGE_IKE + 8, e->here->where,
        by_itself(e) ? NULL : diag_set_gateway(e->c, e->vdc, "behaviour.start", "at-once"),
        DIAG_WORDS({"tunnel", e->here->name}, {"gateway", diag_ends_gateway(e)}, {"when", when}));
}

/* Whether a packet that reaches the gateway begins the negotiation: where it did not, something else is wrong. */
static bool has_trap(const struct topo_vdc *vdc)
{
    return vdc->gateway.behaviour.start == TOPO_START_ON_TRAFFIC &&
           vdc->gateway.behaviour.vpn != TOPO_VPN_ROUTE_BASED;
}

/* Nobody has even tried. */
static void check_untried(const struct diag_ends *ends)
{
    const struct diag_ends first =
        diag_is_first(ends->c, ends->vdc, ends->peer) ? *ends : diag_ends_turned(ends);
    const struct diag_ends *e = &first;    /* whichever way the packet went */
    base_ns until = base_ns_add(e->at, 1); /* by the packet itself, too */
    bool later = diag_history_find(e->c->in->history, DIAG_CHILD_UP, diag_ends_gateway(e),
                                   e->here->name, e->at, BASE_NEVER, true) != NULL;
    if (!later && !diag_ends_were_up(e) && !by_itself(e) && !begun(e, 0, until))
        diag_say(e->c, e->leg, DIAG_NOT_INITIATED, DIAG_STAGE_IKE, e->here->where,
                 diag_set_gateway(e->c, e->vdc, "behaviour.start", "at-once"),
                 DIAG_WORDS({"tunnel", e->here->name}, {"gateway", diag_ends_gateway(e)},
                            {"peer", diag_ends_peer(e)}, {"how", start_of(e->vdc)},
                            {"peer_how", start_of(e->peer)}));
}

enum {
    UNDER_WAY_S = 12 /* a negotiation that is younger may well succeed: two retransmissions */
};

void diag_check_under_way(struct diag_case *c, const struct diag_leg *leg)
{
    if (!leg->apart || !leg->tunnel || !leg->back || !leg->peer)
        return;
    const struct diag_ends ends = {c,           leg,       leg->from.vdc,      leg->peer,
                                   leg->tunnel, leg->back, diag_needed_at(leg)};
    base_ns now = topo_world_sim(c->in->world)->now;
    base_ns from = now > UNDER_WAY_S * BASE_S ? now - UNDER_WAY_S * BASE_S : 0;
    const struct diag_row *began = begun(&ends, from, now);
    if (began && !diag_ends_were_up(&ends))
        say_not_up(&ends, base_arena_printf(&c->out->arena,
                                            "its negotiation, which began at %s, was still under "
                                            "way when the run ended",
                                            diag_clock(c, began->at)));
    else
        check_untried(&ends);
}

/* The tunnel is down since its child SA expired at that end: true where that is so. */
static bool check_expired(const struct diag_ends *e)
{
    const struct diag_row *down = diag_history_find(
        e->c->in->history, DIAG_CHILD_DOWN, diag_ends_gateway(e), e->here->name, 0, e->at, false);
    if (!down || down->reason != IKE_REASON_EXPIRED)
        return false;
    check_expiry(e);
    return true;
}

static void check_time(const struct diag_ends *e)
{
    const struct diag_ends back = diag_ends_turned(e);
    const struct diag_history *history = e->c->in->history;
    const struct diag_row *up = diag_history_find(history, DIAG_CHILD_UP, diag_ends_gateway(e),
                                                  e->here->name, e->at, BASE_NEVER, true);
    if (check_end(e) || check_expired(e) || check_expired(&back))
        return;
    if (up && !diag_ends_were_up(e))
        say_not_up(
            e, base_arena_printf(&e->c->out->arena, "it came up at %s", diag_clock(e->c, up->at)));
}

void diag_check_initiated(const struct diag_ends *e)
{
    const struct diag_ends back = diag_ends_turned(e);
    if (!check_dead(e) && !check_dead(&back) && !has_trap(e->vdc))
        check_untried(e);
}

static bool end_is_here(const struct diag_ends *e)
{
    return e->leg->trip->end->node == diag_node_id(e->c, diag_ends_gateway(e));
}

void diag_rules_time(const struct diag_ends *e)
{
    const struct diag_ends back = diag_ends_turned(e);
    const struct sim_record *end = e->leg->trip->end;
    bool expired = end && end->reason == SIM_REASON_SA_EXPIRED;
    if (check_daemon(e))
        return;
    if (expired && end_is_here(e))
        check_expiry(e);
    else if (expired && end_is_here(&back))
        check_expiry(&back);
    else
        check_time(e);
}
