/*
 * Causes of a tunnel that is not up: what the two ends say of each other is compared, in the order in which
 * a negotiation meets it; where all of that fits, what became of the IKE messages on their way.
 */
#include <string.h>
#include <strings.h>

#include "diagnose/case.h"
#include "diagnose/ends.h"
#include "diagnose/remedy.h"
#include "ipsec/crypto/algorithm.h"

static bool both_strict(const struct diag_ends *e)
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
static const char *set_proposal(const struct diag_ends *e, const char *what,
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
static unsigned nearness(const struct diag_ends *e, struct base_where where)
{
    const char *own = e->leg->trip->probe->where.file;
    if (diag_in_change(e->c, where))
        return 2;
    return where.file && own && strcmp(where.file, own) == 0;
}

/*
 * The ends with that one first whose value was written last, else the one that stands first: it is the one to
 * be repaired, whichever way the packet went, since both repaired would differ again.
 */
static struct diag_ends blamed(const struct diag_ends *e, struct base_where here,
                               struct base_where there)
{
    unsigned near = nearness(e, here), far = nearness(e, there);
    bool first = near > far || (near == far && diag_is_first(e->c, e->vdc, e->peer));
    return first ? *e : diag_ends_turned(e);
}

static void say_proposal(const struct diag_ends *ends, enum diag_code code, unsigned stage,
                         const char *what, const struct topo_proposal *a,
                         const struct topo_proposal *b)
{
    struct diag_ends e = blamed(ends, proposal_place(a, b), proposal_place(b, a));
    if (e.here != ends->here) {
        const struct topo_proposal *other = a;
        a = b;
        b = other;
    }
    const char *fields, *sets = set_proposal(&e, what, a, b, &fields);
    diag_say(e.c, e.leg, code, stage, proposal_place(a, b), sets,
             DIAG_WORDS({"tunnel", e.here->name}, {"gateway", diag_ends_gateway(&e)},
                        {"here", proposal_text(e.c, a)}, {"peer_tunnel", e.there->name},
                        {"peer", diag_ends_peer(&e)}, {"there", proposal_text(e.c, b)},
                        {"fields", fields}));
}

static void check_ike(const struct diag_ends *e)
{
    const struct topo_proposal *a = &e->here->ike, *b = &e->there->ike;
    if (both_strict(e) &&
        (a->group != b->group || a->encryption != b->encryption || a->integrity != b->integrity))
        say_proposal(e, DIAG_IKE_PROPOSAL_MISMATCH, DIAG_STAGE_IKE + 2, "ike", a, b);
}

/* Whether most of the other tunnels' ends have that key: it is one for all of them then. */
static bool is_common(const struct diag_ends *e, const char *key)
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
static struct diag_ends blamed_for_key(const struct diag_ends *e)
{
    bool changed =
        diag_in_change(e->c, e->here->psk_where) || diag_in_change(e->c, e->there->psk_where);
    if (!changed && is_common(e, e->there->psk))
        return *e;
    if (!changed && is_common(e, e->here->psk))
        return diag_ends_turned(e);
    return blamed(e, e->here->psk_where, e->there->psk_where);
}

static void check_key(const struct diag_ends *ends)
{
    if (!ends->here->psk || !ends->there->psk || strcmp(ends->here->psk, ends->there->psk) == 0)
        return;
    struct diag_ends e = blamed_for_key(ends);
    diag_say(e.c, e.leg, DIAG_PSK_MISMATCH, DIAG_STAGE_IKE + 3, e.here->psk_where,
             diag_remedy_key(e.c, e.vdc, e.here, e.peer, e.there),
             DIAG_WORDS({"tunnel", e.here->name}, {"gateway", diag_ends_gateway(&e)},
                        {"peer_tunnel", e.there->name}, {"peer", diag_ends_peer(&e)}));
}

static void check_identity(const struct diag_ends *e)
{
    const char *expected = e->here->remote_id, *sent = e->there->local_id;
    bool follows =
        strcmp(expected, e->here->remote_host) == 0; /* a wrong remoteHost, which is told */
    if (!strcasecmp(expected, sent) || (follows && !diag_leads_to(e->here, e->peer)))
        return;
    diag_say(e->c, e->leg, DIAG_IDENTITY_MISMATCH, DIAG_STAGE_IKE + 4, e->here->remote_id_where,
             diag_set_tunnel(e->c, e->vdc, e->here, "remoteId", diag_scalar(e->c, sent)),
             DIAG_WORDS({"gateway", diag_ends_gateway(e)}, {"tunnel", e->here->name},
                        {"expected", expected}, {"peer", diag_ends_peer(e)},
                        {"peer_tunnel", e->there->name}, {"sent", sent}));
}

/* Whether a gateway offers extended sequence numbers and nothing else. */
static bool insists(const struct topo_vdc *vdc)
{
    const struct topo_behaviour *behaviour = &vdc->gateway.behaviour;
    return behaviour->esn && behaviour->negotiation == TOPO_NEGOTIATION_STRICT;
}

static void say_esn(const struct diag_ends *e, const struct topo_vdc *with,
                    const struct topo_vdc *without)
{
    diag_say(e->c, e->leg, DIAG_ESN_MISMATCH, DIAG_STAGE_IKE + 5, with->gateway.where,
             diag_set_gateway(e->c, without, "behaviour.esn", "true"),
             DIAG_WORDS({"gateway", with->gateway.node}, {"peer", without->gateway.node},
                        {"tunnel", with == e->vdc ? e->here->name : e->there->name}));
}

static void check_esp(const struct diag_ends *e)
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
    else if (a->group != b->group && diag_ends_were_up(e))
        say_proposal(e, DIAG_PFS_MISMATCH, DIAG_STAGE_IKE + 6, "esp", a, b);
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
    base_ns at = diag_needed_at(leg);
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
    struct diag_ends there = {c, leg, leg->from.vdc, leg->peer, leg->tunnel, leg->back, at};
    struct diag_ends back = diag_ends_turned(&there);
    size_t before = c->said;
    check_ike(&there);
    check_key(&there);
    check_identity(&there);
    check_identity(&back);
    check_esp(&there);
    diag_check_initiated(&there);
    if (!ends)
        return;
    bool messages = diag_rule_messages(c, leg, there.vdc, there.peer, there.here, at);
    if (messages || c->said > before)
        return;
    diag_rules_time(&there);
    if (c->said == before) /* what the packet set off was stopped, too */
        (void)diag_rule_messages(c, leg, there.vdc, there.peer, there.here,
                                 topo_world_sim(c->in->world)->now);
}
