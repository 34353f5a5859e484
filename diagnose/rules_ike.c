/*
 * Causes of a tunnel that is not up: what the two ends say of each other is compared, in the order in which
 * a negotiation meets it; where all of that fits, what became of the IKE messages on their way.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "diagnose/case.h"
#include "diagnose/remedy.h"
#include "ipsec/crypto/algorithm.h"

struct ends {
    struct diag_case *c;
    const struct diag_leg *leg;
    const struct topo_vdc *vdc, *peer;
    const struct topo_tunnel *here, *there;
    base_ns at;
};

static const char *gateway(const struct ends *e)
{
    return e->vdc->gateway.node;
}

static const char *peer(const struct ends *e)
{
    return e->peer->gateway.node;
}

static bool both_strict(const struct ends *e)
{
    return e->vdc->gateway.behaviour.negotiation == TOPO_NEGOTIATION_STRICT &&
           e->peer->gateway.behaviour.negotiation == TOPO_NEGOTIATION_STRICT;
}

/* ---- What they say to each other ---- */

static const char *proposal_text(const struct diag_case *c, const struct topo_proposal *p)
{
    return base_arena_printf(&c->out->arena, "%s/%s/%s", p->group->product_name,
                             p->encryption->product_name, p->integrity->product_name);
}

/* Gives `here` what `there` has, for each field that differs. */
static const char *set_proposal(const struct ends *e, const char *what,
                                const struct topo_proposal *a, const struct topo_proposal *b,
                                const char **fields)
{
    const struct {
        const char *field, *value;
        bool differs;
    } rows[] = {
        {"diffieHellmanGroup", b->group->product_name, a->group != b->group},
        {"encryptionAlgorithm", b->encryption->product_name, a->encryption != b->encryption},
        {"integrityAlgorithm", b->integrity->product_name, a->integrity != b->integrity},
    };
    const char *sets = "";
    *fields = "";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].differs)
            continue;
        *fields = diag_join(e->c, *fields, ", ", rows[i].field);
        const char *field = base_arena_printf(&e->c->out->arena, "%s.%s", what, rows[i].field);
        diag_remedy_add(e->c, &sets, diag_set_tunnel(e->c, e->vdc, e->here, field, rows[i].value));
    }
    return sets;
}

static struct base_where proposal_place(const struct topo_proposal *a,
                                        const struct topo_proposal *b)
{
    if (a->group != b->group)
        return a->group_where;
    return a->encryption != b->encryption ? a->encryption_where : a->integrity_where;
}

/* Written in the latest change, else in the scenario's own file and not in its base. */
static unsigned nearness(const struct ends *e, struct base_where where)
{
    const char *own = e->leg->trip->probe->where.file;
    if (diag_in_change(e->c, where))
        return 2;
    return where.file && own && strcmp(where.file, own) == 0;
}

static struct ends turned(const struct ends *e)
{
    struct ends out = *e;
    out.vdc = e->peer;
    out.peer = e->vdc;
    out.here = e->there;
    out.there = e->here;
    return out;
}

/*
 * The ends with that one first whose value was written last, else the one that stands first: it is the one to
 * be repaired, whichever way the packet went, since both repaired would differ again.
 */
static struct ends blamed(const struct ends *e, struct base_where here, struct base_where there)
{
    unsigned near = nearness(e, here), far = nearness(e, there);
    bool first = near > far || (near == far && diag_is_first(e->c, e->vdc, e->peer));
    return first ? *e : turned(e);
}

static void say_proposal(const struct ends *ends, enum diag_code code, unsigned stage,
                         const char *what, const struct topo_proposal *a,
                         const struct topo_proposal *b)
{
    struct ends e = blamed(ends, proposal_place(a, b), proposal_place(b, a));
    if (e.here != ends->here) {
        const struct topo_proposal *other = a;
        a = b;
        b = other;
    }
    const char *fields, *sets = set_proposal(&e, what, a, b, &fields);
    diag_say(e.c, e.leg, code, stage, proposal_place(a, b), sets,
             DIAG_WORDS({"tunnel", e.here->name}, {"gateway", gateway(&e)},
                        {"here", proposal_text(e.c, a)}, {"peer_tunnel", e.there->name},
                        {"peer", peer(&e)}, {"there", proposal_text(e.c, b)}, {"fields", fields}));
}

static void check_ike(const struct ends *e)
{
    const struct topo_proposal *a = &e->here->ike, *b = &e->there->ike;
    if (both_strict(e) &&
        (a->group != b->group || a->encryption != b->encryption || a->integrity != b->integrity))
        say_proposal(e, DIAG_IKE_PROPOSAL_MISMATCH, DIAG_STAGE_IKE + 2, "ike", a, b);
}

/* Whether most of the other tunnels' ends have that key: it is one for all of them then. */
static bool is_common(const struct ends *e, const char *key)
{
    size_t with = 0, all = 0;
    for (size_t i = 0; i < e->c->in->model->vdc_count; i++) {
        const struct topo_gateway *one = &e->c->in->model->vdcs[i].gateway;
        for (size_t j = 0; j < one->tunnel_count; j++) {
            const struct topo_tunnel *tunnel = &one->tunnels[j];
            if (tunnel == e->here || tunnel == e->there || !tunnel->psk)
                continue;
            with += strcmp(tunnel->psk, key) == 0;
            all++;
        }
    }
    return 2 * with > all;
}

/* Of two keys the one that most others have is right, unless it was changed to that in the scenario. */
static struct ends blamed_for_key(const struct ends *e)
{
    bool changed =
        diag_in_change(e->c, e->here->psk_where) || diag_in_change(e->c, e->there->psk_where);
    if (!changed && is_common(e, e->there->psk))
        return *e;
    if (!changed && is_common(e, e->here->psk))
        return turned(e);
    return blamed(e, e->here->psk_where, e->there->psk_where);
}

static void check_key(const struct ends *ends)
{
    if (!ends->here->psk || !ends->there->psk || strcmp(ends->here->psk, ends->there->psk) == 0)
        return;
    struct ends e = blamed_for_key(ends);
    diag_say(e.c, e.leg, DIAG_PSK_MISMATCH, DIAG_STAGE_IKE + 3, e.here->psk_where,
             diag_remedy_key(e.c, e.vdc, e.here, e.peer, e.there),
             DIAG_WORDS({"tunnel", e.here->name}, {"gateway", gateway(&e)},
                        {"peer_tunnel", e.there->name}, {"peer", peer(&e)}));
}

static void check_identity(const struct ends *e)
{
    const char *expected = e->here->remote_id, *sent = e->there->local_id;
    bool follows =
        strcmp(expected, e->here->remote_host) == 0; /* a wrong remoteHost, which is told */
    if (!strcasecmp(expected, sent) || (follows && !diag_leads_to(e->here, e->peer)))
        return;
    diag_say(e->c, e->leg, DIAG_IDENTITY_MISMATCH, DIAG_STAGE_IKE + 4, e->here->remote_id_where,
             diag_set_tunnel(e->c, e->vdc, e->here, "remoteId", diag_scalar(e->c, sent)),
             DIAG_WORDS({"gateway", gateway(e)}, {"tunnel", e->here->name}, {"expected", expected},
                        {"peer", peer(e)}, {"peer_tunnel", e->there->name}, {"sent", sent}));
}

static bool was_up(const struct ends *e)
{
    return diag_history_find(e->c->in->history, DIAG_CHILD_UP, gateway(e), e->here->name, 0, e->at,
                             true) != NULL;
}

/* Whether a gateway offers extended sequence numbers and nothing else. */
static bool insists(const struct topo_vdc *vdc)
{
    const struct topo_behaviour *behaviour = &vdc->gateway.behaviour;
    return behaviour->esn && behaviour->negotiation == TOPO_NEGOTIATION_STRICT;
}

static void say_esn(const struct ends *e, const struct topo_vdc *with,
                    const struct topo_vdc *without)
{
    diag_say(e->c, e->leg, DIAG_ESN_MISMATCH, DIAG_STAGE_IKE + 5, with->gateway.where,
             diag_set_gateway(e->c, without, "behaviour.esn", "true"),
             DIAG_WORDS({"gateway", with->gateway.node}, {"peer", without->gateway.node},
                        {"tunnel", with == e->vdc ? e->here->name : e->there->name}));
}

static void check_esp(const struct ends *e)
{
    const struct topo_proposal *a = &e->here->esp, *b = &e->there->esp;
    bool integrity = a->integrity == b->integrity || (a->encryption->aead && b->encryption->aead);
    if (insists(e->vdc) && !e->peer->gateway.behaviour.esn)
        say_esn(e, e->vdc, e->peer);
    else if (insists(e->peer) && !e->vdc->gateway.behaviour.esn)
        say_esn(e, e->peer, e->vdc);
    if (!both_strict(e))
        return;
    if (a->encryption != b->encryption || !integrity)
        say_proposal(e, DIAG_ESP_PROPOSAL_MISMATCH, DIAG_STAGE_IKE + 5, "esp", a, b);
    else if (a->group != b->group && was_up(e))
        say_proposal(e, DIAG_PFS_MISMATCH, DIAG_STAGE_IKE + 6, "esp", a, b);
}

/* When the tunnel was needed: just before a drop for want of an SA, since one may have come up in the same moment. */
static base_ns time_of(const struct diag_leg *leg)
{
    const struct sim_record *end = leg->trip->end;
    if (!end)
        return leg->trip->sent_at;
    return end->reason == SIM_REASON_NO_OUTBOUND_SA && end->at ? end->at - 1 : end->at;
}

/* ---- Time ---- */

/* Whether one of the two initiates without being asked. */
static bool by_itself(const struct ends *e)
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
static const struct diag_row *last_up(const struct ends *e)
{
    return diag_history_find(e->c->in->history, DIAG_CHILD_UP, gateway(e), e->here->name, 0, e->at,
                             false);
}

/* The tunnel was given up since the daemon at one end had died: true where that is so. */
static bool check_daemon(const struct ends *e)
{
    const struct diag_row *up = last_up(e), *died = NULL;
    if (up)
        died = diag_history_find(e->c->in->history, DIAG_DAEMON_OFF, peer(e), NULL, up->at, e->at,
                                 false);
    if (!died)
        return false;
    diag_say_daemon(e->c, e->leg, DIAG_STAGE_IKE + 8, died,
                    base_arena_printf(&e->c->out->arena,
                                      "nobody answered the liveness checks and rekeys of %s, which "
                                      "gave the tunnel up",
                                      gateway(e)));
    return true;
}

/* No daemon runs at that end: true where that is so. */
static bool check_dead(const struct ends *e)
{
    const struct diag_history *history = e->c->in->history;
    const struct diag_row *off =
        diag_history_find(history, DIAG_DAEMON_OFF, gateway(e), NULL, 0, e->at, false);
    if (!off || diag_history_find(history, DIAG_DAEMON_ON, gateway(e), NULL, off->at, e->at, true))
        return false;
    diag_say_daemon(e->c, e->leg, DIAG_STAGE_IKE, off, "nobody there initiates or answers IKE");
    return true;
}

/* What took the SAs of either end since the tunnel was up last; NULL: nothing. */
static const struct diag_row *loss_since(const struct ends *e, const struct diag_row *up)
{
    const struct diag_row *lost = NULL;
    const char *const nodes[] = {gateway(e), peer(e)};
    for (int i = 0; i < 2; i++) {
        const struct diag_row *row = diag_history_find(e->c->in->history, DIAG_SAS_LOST, nodes[i],
                                                       NULL, up->at, e->at, false);
        lost = row && (!lost || row->at > lost->at) ? row : lost;
    }
    return lost;
}

/* An administrator's terminate at either end since then. */
static const struct diag_row *close_since(const struct ends *e, const struct diag_row *up)
{
    const char *const nodes[] = {gateway(e), peer(e)};
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
static bool check_end(const struct ends *e)
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
                         strcmp(lost->node, gateway(e)) == 0 ? peer(e) : gateway(e),
                         "the tunnel was down until it was negotiated anew");
    if (closed)
        diag_say(e->c, e->leg, DIAG_TUNNEL_CLOSED, DIAG_STAGE_IKE + 8, e->here->where, NULL,
                 DIAG_WORDS({"tunnel", closed->tunnel}, {"node", closed->node},
                            {"at", diag_clock(e->c, closed->at)}));
    return lost || closed;
}

/* Nothing that is known kept a rekey from replacing the SA in time. */
static void check_expiry(const struct ends *e)
{
    struct diag_case *c = e->c;
    const struct diag_fault *fault = diag_fault_of(c, DIAG_FAULT_CLOCK, gateway(e), e->at);
    const char *margin = diag_time(c, e->vdc->gateway.behaviour.rekey_margin_ns);
    const char *detail =
        base_arena_printf(&c->out->arena, "no rekey replaced it (rekeyMargin is %s)", margin);
    const char *cure = base_arena_printf(
        &c->out->arena, "have rekeys begin earlier: a longer rekeyMargin on %s", gateway(e));
    if (fault) {
        detail =
            base_arena_printf(&c->out->arena, "the clock of %s jumped %s ahead at %s", gateway(e),
                              diag_time(c, fault->clock_jump_ns), diag_clock(c, fault->start));
        cure = base_arena_printf(&c->out->arena,
                                 "initiate '%s' again, and have the clock of %s right before its "
                                 "tunnels come up",
                                 e->here->name, gateway(e));
    }
    diag_say(c, e->leg, DIAG_SA_EXPIRED, DIAG_STAGE_IKE + 8, fault ? fault->where : e->here->where,
             NULL,
             DIAG_WORDS({"tunnel", e->here->name}, {"gateway", gateway(e)}, {"detail", detail},
                        {"cure", cure}));
}

static void say_not_up(const struct ends *e, const char *when)
{
    diag_say(e->c, e->leg, DIAG_TUNNEL_NOT_UP_YET, DIAG_STAGE_IKE + 8, e->here->where,
             by_itself(e) ? NULL : diag_set_gateway(e->c, e->vdc, "behaviour.start", "at-once"),
             DIAG_WORDS({"tunnel", e->here->name}, {"gateway", gateway(e)}, {"when", when}));
}

enum {
    UNDER_WAY_S = 12 /* a negotiation that is younger may well succeed: two retransmissions */
};

void diag_check_under_way(struct diag_case *c, const struct diag_leg *leg)
{
    if (!leg->apart || !leg->tunnel || !leg->back || !leg->peer)
        return;
    const struct ends ends = {c,           leg,       leg->from.vdc, leg->peer,
                              leg->tunnel, leg->back, time_of(leg)};
    const struct diag_history *history = c->in->history;
    base_ns now = topo_world_sim(c->in->world)->now;
    base_ns from = now > UNDER_WAY_S * BASE_S ? now - UNDER_WAY_S * BASE_S : 0;
    const struct diag_row *here =
        diag_history_find(history, DIAG_TASK_STARTED, gateway(&ends), NULL, from, now, true);
    const struct diag_row *there =
        diag_history_find(history, DIAG_TASK_STARTED, peer(&ends), NULL, from, now, true);
    const struct diag_row *began = here && (!there || here->at < there->at) ? here : there;
    if (began && !was_up(&ends))
        say_not_up(&ends, base_arena_printf(&c->out->arena,
                                            "its negotiation, which began at %s, was still under "
                                            "way when the run ended",
                                            diag_clock(c, began->at)));
}

/* The tunnel is down since its child SA expired at that end: true where that is so. */
static bool check_expired(const struct ends *e)
{
    const struct diag_row *down = diag_history_find(e->c->in->history, DIAG_CHILD_DOWN, gateway(e),
                                                    e->here->name, 0, e->at, false);
    if (!down || down->reason != IKE_REASON_EXPIRED)
        return false;
    check_expiry(e);
    return true;
}

static void check_time(const struct ends *e)
{
    const struct ends back = turned(e);
    const struct diag_history *history = e->c->in->history;
    const struct diag_row *up = diag_history_find(history, DIAG_CHILD_UP, gateway(e), e->here->name,
                                                  e->at, BASE_NEVER, true);
    if (check_end(e) || check_expired(e) || check_expired(&back))
        return;
    if (up && !was_up(e))
        say_not_up(
            e, base_arena_printf(&e->c->out->arena, "it came up at %s", diag_clock(e->c, up->at)));
}

/* Known whatever else is wrong with the tunnel: nobody has even tried. */
static void check_initiated(const struct ends *ends)
{
    const struct ends first = diag_is_first(ends->c, ends->vdc, ends->peer) ? *ends : turned(ends);
    const struct ends *e = &first;         /* whichever way the packet went */
    base_ns until = base_ns_add(e->at, 1); /* by the packet itself, too */
    const struct diag_history *history = e->c->in->history;
    bool later = diag_history_find(history, DIAG_CHILD_UP, gateway(e), e->here->name, e->at,
                                   BASE_NEVER, true) != NULL;
    if (!later && !was_up(e) && !by_itself(e) &&
        !diag_history_find(history, DIAG_TASK_STARTED, gateway(e), NULL, 0, until, true) &&
        !diag_history_find(history, DIAG_TASK_STARTED, peer(e), NULL, 0, until, true))
        diag_say(e->c, e->leg, DIAG_NOT_INITIATED, DIAG_STAGE_IKE, e->here->where,
                 diag_set_gateway(e->c, e->vdc, "behaviour.start", "at-once"),
                 DIAG_WORDS({"tunnel", e->here->name}, {"gateway", gateway(e)}, {"peer", peer(e)},
                            {"how", start_of(e->vdc)}, {"peer_how", start_of(e->peer)}));
}

static bool end_is_here(const struct ends *e)
{
    return e->leg->trip->end->node == diag_node_id(e->c, gateway(e));
}

/* Between the public addresses of two gateways, which no tunnel carries. */
static void check_outside(struct diag_case *c, const struct diag_leg *leg)
{
    if (!leg->from.vdc || !leg->to.vdc || leg->from.vdc == leg->to.vdc)
        return;
    diag_check_segment(c, leg, leg->from.vdc);
    diag_check_segment(c, leg, leg->to.vdc);
}

void diag_rules_ike(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    base_ns at = time_of(leg);
    if (!leg->apart) {
        check_outside(c, leg);
        return;
    }
    bool expired = trip->end && trip->end->reason == SIM_REASON_SA_EXPIRED;
    bool up =
        leg->tunnel && !expired && /* expired: nobody rekeyed it in time */
        diag_history_child(c->in->history, leg->from.vdc->gateway.node, leg->tunnel->name, at);
    if (up && (!leg->peer || diag_leads_to(leg->tunnel, leg->peer))) {
        if (leg->back) /* its child SA is given up, and the peer has not heard of that */
            (void)diag_check_unroutable(c, leg, leg->from.vdc, leg->tunnel, leg->back, at);
        return;
    }
    bool ends =
        diag_check_ends(c, leg); /* up, and with somebody else: by its own address with itself */
    if (up || !leg->tunnel || !leg->back)
        return; /* else whoever is meant is known all the same */
    struct ends there = {c, leg, leg->from.vdc, leg->peer, leg->tunnel, leg->back, at};
    struct ends back = {c, leg, leg->peer, leg->from.vdc, leg->back, leg->tunnel, at};
    size_t before = c->said;
    check_ike(&there);
    check_key(&there);
    check_identity(&there);
    check_identity(&back);
    check_esp(&there);
    if (!check_dead(&there) && !check_dead(&back))
        check_initiated(&there);
    if (!ends)
        return;
    bool messages = diag_rule_messages(c, leg, there.vdc, there.peer, there.here, at);
    if (messages || c->said > before || check_daemon(&there))
        return;
    if (expired && end_is_here(&there))
        check_expiry(&there);
    else if (expired && end_is_here(&back))
        check_expiry(&back);
    else
        check_time(&there);
    if (c->said == before) /* what the packet set off was stopped, too */
        (void)diag_rule_messages(c, leg, there.vdc, there.peer, there.here,
                                 topo_world_sim(c->in->world)->now);
}
