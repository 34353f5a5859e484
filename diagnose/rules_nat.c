/*
 * Causes at a NAT router: what comes from outside and finds no way in. It never had one (nobody inside has
 * sent anything there), had one that expired, or one that the router forgot (RFC 4787, sections 4 and 5).
 */
#include "diagnose/case.h"
#include "diagnose/index.h"

struct refusal {
    struct diag_case *c;
    const struct diag_leg *leg;
    unsigned stage;
    const struct sim_record *end;
    const struct topo_nat *nat;
    const struct topo_vdc *vdc; /* of the gateway behind it */
    const char *sender;
};

static const struct topo_behaviour *behaviour(const struct refusal *r)
{
    return &r->vdc->gateway.behaviour;
}

static void say_expired(const struct refusal *r)
{
    struct diag_case *c = r->c;
    base_ns keepalive = behaviour(r)->nat_keepalive_ns;
    const char *says = keepalive ? base_arena_printf(&c->out->arena, "keeps it alive every %s only",
                                                     diag_time(c, keepalive))
                                 : "sends no keepalives";
    diag_say(c, r->leg, DIAG_NAT_MAPPING_EXPIRED, r->stage, r->nat->where,
             diag_set_gateway(c, r->vdc, "behaviour.natKeepalive",
                              diag_time(c, r->nat->mapping_timeout_ns / 3)),
             DIAG_WORDS({"nat", r->nat->node}, {"gateway", r->nat->gateway},
                        {"timeout", diag_time(c, r->nat->mapping_timeout_ns)},
                        {"keepalive", says}));
}

/* Whether the router had let something in or out by the address and port that the packet came to. */
static bool had_mapping(const struct diag_case *c, const struct sim_record *end)
{
    return diag_index_was_translated(c->whole, end->node, end->a, end->at);
}

bool diag_nat_never_open(const struct diag_case *c, const struct sim_record *end)
{
    return end->reason == SIM_REASON_NAT_FILTERED ||
           (end->reason == SIM_REASON_NAT_NO_MAPPING && !had_mapping(c, end));
}

/* Whether an IKE message of the gateway behind it has got through between two times: by another mapping then. */
static bool has_sent(const struct refusal *r, base_ns from, base_ns to)
{
    size_t count;
    const struct diag_message *rows = diag_index_messages(r->c->whole, &count);
    uint16_t inside = diag_node_id(r->c, r->nat->gateway);
    for (size_t i = diag_index_messages_until(r->c->whole, to);
         i-- > 0 && rows[i].born->at > from;) {
        if (rows[i].born->node == inside && !rows[i].end)
            return true;
    }
    return false;
}

static void say_lost(const struct refusal *r)
{
    struct diag_case *c = r->c;
    struct base_arena *arena = &c->out->arena;
    const struct diag_fault *fault = diag_fault_at(c, r->end);
    const char *gateway = r->nat->gateway;
    const char *when = fault ? base_arena_printf(arena, "since %s", diag_clock(c, fault->start))
                             : "without a fault that is known";
    bool sent = fault && has_sent(r, fault->start, r->end->at);
    const char *detail =
        sent ? base_arena_printf(arena, ", and %s does not follow %s to its new one", r->sender,
                                 gateway)
             : base_arena_printf(arena, ", and %s behind it has not sent anything since", gateway);
    const char *cure =
        sent ? base_arena_printf(arena,
                                 "terminate and initiate the tunnel on %s: it is negotiated "
                                 "anew by the new mapping",
                                 gateway)
             : base_arena_printf(arena,
                                 "send something from behind %s, or %s dpdDelay (now %s), so "
                                 "that it finds out sooner",
                                 gateway, behaviour(r)->dpd_delay_ns ? "shorten its" : "give it a",
                                 behaviour(r)->dpd_delay_ns
                                     ? diag_time(c, behaviour(r)->dpd_delay_ns)
                                     : "0s, which is never");
    diag_say(c, r->leg, DIAG_NAT_MAPPING_LOST, r->stage, fault ? fault->where : r->nat->where, NULL,
             DIAG_WORDS({"nat", r->nat->node}, {"peer", r->sender}, {"when", when},
                        {"detail", detail}, {"cure", cure}));
}

static void say_inbound(const struct refusal *r)
{
    struct diag_case *c = r->c;
    struct topo_node peer = {0};
    bool filtered = r->end->reason == SIM_REASON_NAT_FILTERED;
    topo_find_node(c->in->model, r->sender, &peer);
    /* What the gateway inside sends gets to the peer, or opens its own router for it (RFC 5128, section 3.3). */
    bool open =
        peer.gateway && (!peer.gateway->nat || (r->nat->type != TOPO_NAT_SYMMETRIC &&
                                                peer.gateway->nat->type != TOPO_NAT_SYMMETRIC));
    bool waits = behaviour(r)->start == TOPO_START_BY_HAND;
    const char *cure = base_arena_printf(&c->out->arena, ", or let %s initiate", r->nat->gateway);
    diag_say(c, r->leg, DIAG_NAT_INBOUND_BLOCKED, r->stage, r->nat->where,
             open && waits ? diag_set_gateway(c, r->vdc, "behaviour.start", "at-once") : NULL,
             DIAG_WORDS({"nat", r->nat->node}, {"gateway", r->nat->gateway}, {"peer", r->sender},
                        {"detail", filtered ? "it lets in only whom something was sent to"
                                            : "nobody inside has sent anything from that port"},
                        {"cure", open && waits ? cure : ""}));
}

static void say_protocol(const struct refusal *r)
{
    struct topo_node sender = {0};
    if (diag_origin(r->c, r->end->packet) != SIM_ORIGIN_ESP ||
        !topo_find_node(r->c->in->model, r->sender, &sender) || !sender.gateway)
        return;
    diag_say(r->c, r->leg, DIAG_ESP_BLOCKED, r->stage, r->nat->where,
             diag_set_gateway(r->c, sender.vdc, "behaviour.forceUdpEncapsulation", "true"),
             DIAG_WORDS({"gateway", r->sender}, {"peer", r->nat->gateway}, {"link", r->nat->node}));
}

bool diag_rule_nat(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                   const struct sim_record *end)
{
    struct topo_node inside = {0};
    const struct topo_nat *nat = topo_find_nat(c->in->model, diag_place(c, end));
    if (!nat || !topo_find_node(c->in->model, nat->gateway, &inside) || !inside.gateway ||
        !sim_journal_index_count(c->index, end->packet))
        return false;
    struct refusal r = {c, leg, stage, end, nat, inside.vdc, NULL};
    r.sender = diag_place(c, diag_sent_as(c, end->packet));
    size_t before = c->said;
    if (end->reason == SIM_REASON_NAT_EXPIRED)
        say_expired(&r);
    else if (end->reason == SIM_REASON_NAT_NO_MAPPING && had_mapping(c, end))
        say_lost(&r);
    else if (diag_nat_never_open(c, end))
        say_inbound(&r);
    else if (end->reason == SIM_REASON_NAT_PROTOCOL)
        say_protocol(&r);
    return c->said > before;
}
