/*
 * Causes in what tunnels carry: a packet that is outside the networks of both sides, or of one side alone,
 * since only what both name is carried. By the model alone, which is certain: a packet outside a tunnel's
 * networks is not carried by it, whatever happens.
 */
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/remedy.h"

/* One field of one side against the field of the other that has to be the same. */
struct side {
    const struct topo_vdc *vdc;
    const struct topo_tunnel *tunnel;
    bool remote; /* peerNetworkCIDRs, else cloudNetworkCIDRs */
};

static const struct topo_cidr *cidrs(const struct side *side, size_t *count)
{
    *count = side->remote ? side->tunnel->peer_count : side->tunnel->cloud_count;
    return side->remote ? side->tunnel->peer : side->tunnel->cloud;
}

static bool side_covers(const struct side *side, net_ip4 address)
{
    size_t count;
    const struct topo_cidr *list = cidrs(side, &count);
    return diag_covers(list, count, address);
}

static const char *field(const struct side *side)
{
    return side->remote ? "peerNetworkCIDRs" : "cloudNetworkCIDRs";
}

static struct base_where place(const struct side *side)
{
    return side->remote ? side->tunnel->peer_where : side->tunnel->cloud_where;
}

static const char *text_of(const struct diag_case *c, const struct side *side)
{
    size_t count;
    const struct topo_cidr *list = cidrs(side, &count);
    return diag_list(c, list, count);
}

/* Whether a list has the network, or a wider one. */
static bool has(const struct topo_cidr *list, size_t count, const struct net_prefix *prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (net_prefix_covers(&list[i].prefix, prefix))
            return true;
    }
    return false;
}

/* The value that repairs `narrow`: what the other side says, or the LANs meant where it says any; and what it has beyond
 * that rightly, since the other side's list may lack something as well. */
static const char *repair(const struct diag_case *c, const struct side *narrow,
                          const struct side *wide)
{
    size_t count, own_count;
    const struct topo_cidr *list = cidrs(wide, &count), *own = cidrs(narrow, &own_count);
    const struct topo_vdc *owner = narrow->remote ? wide->vdc : narrow->vdc;
    const struct topo_vdc *other = narrow->remote ? narrow->vdc : wide->vdc;
    const char *value =
        diag_any(list, count) ? diag_networks_behind(c, owner, other) : diag_list(c, list, count);
    for (size_t i = 0; i < own_count; i++) {
        const struct net_prefix *one = &own[i].prefix;
        if (!has(list, count, one) && diag_is_behind(c, owner, other, one))
            value = diag_join(c, value, ", ", diag_net(c, one));
    }
    return value;
}

static void say_mismatch(struct diag_case *c, const struct diag_leg *leg, const struct side *narrow,
                         const struct side *wide, net_ip4 address)
{
    size_t a_count, b_count;
    const struct topo_cidr *a = cidrs(narrow, &a_count), *b = cidrs(wide, &b_count);
    const char *detail =
        diag_meet(a, a_count, b, b_count)
            ? base_arena_printf(&c->out->arena,
                                "the tunnel is narrowed to what both name, and %s is not in it",
                                diag_ip(c, address))
            : "they have nothing in common, so there is no child SA (TS_UNACCEPTABLE)";
    const char *value = repair(c, narrow, wide);
    diag_say(c, leg, DIAG_SELECTOR_MISMATCH, DIAG_STAGE_IKE + 7, place(narrow),
             diag_set_tunnel(c, narrow->vdc, narrow->tunnel, field(narrow),
                             base_arena_printf(&c->out->arena, "[%s]", value)),
             DIAG_WORDS({"gateway", narrow->vdc->gateway.node}, {"tunnel", narrow->tunnel->name},
                        {"value", value}, {"here", text_of(c, narrow)}, {"field", field(narrow)},
                        {"peer", wide->vdc->gateway.node}, {"peer_tunnel", wide->tunnel->name},
                        {"there", text_of(c, wide)}, {"peer_field", field(wide)},
                        {"detail", detail}));
}

/* The network that an address is to be carried for: its LAN, or itself alone. */
static const char *network_around(const struct diag_case *c, const struct topo_vdc *vdc,
                                  net_ip4 address)
{
    const struct topo_lan *lan = diag_lan_of(vdc, address);
    struct net_prefix one = net_prefix_from_ip4(address, 32);
    return diag_net(c, lan ? &lan->subnet : &one);
}

/* Whether a network is an item of a list. */
static bool contains(const char *list, const char *network)
{
    size_t size = strlen(network);
    for (const char *at = list; (at = strstr(at, network)); at += size) {
        if ((at == list || at[-1] == ' ') && (at[size] == '\0' || at[size] == ','))
            return true;
    }
    return false;
}

/* A side's list with the network added: to what it has rightly, or to what a cause that was found before makes of it. */
static const char *widened(const struct diag_case *c, const struct side *side,
                           const struct topo_vdc *other, const char *network)
{
    size_t count;
    const struct topo_cidr *list = cidrs(side, &count);
    const struct topo_vdc *owner = side->remote ? other : side->vdc;
    const char *before =
        diag_remedy_proposed(c, diag_set_tunnel(c, side->vdc, side->tunnel, field(side), ""));
    const char *text;
    if (before && *before == '[')
        text = base_arena_printf(&c->out->arena, "%.*s", (int)strcspn(before + 1, "]"), before + 1);
    else if (other)
        text = diag_networks_of(c, list, count, owner, side->remote ? side->vdc : other);
    else
        text = diag_list(c, list, count);
    if (!contains(text, network))
        text = diag_join(c, text, ", ", network);
    return base_arena_printf(&c->out->arena, "[%s]", text);
}

/* Both ends' fields with the network added. */
static const char *widen(const struct diag_case *c, const struct side *here,
                         const struct side *there, const char *network)
{
    const struct side *const sides[] = {here, there};
    const char *sets = "";
    for (int i = 0; i < 2 && sides[i]->tunnel; i++)
        diag_remedy_add(c, &sets,
                        diag_set_tunnel(c, sides[i]->vdc, sides[i]->tunnel, field(sides[i]),
                                        widened(c, sides[i], sides[1 - i]->vdc, network)));
    return sets;
}

static void say_outside(struct diag_case *c, const struct diag_leg *leg, const struct side *here,
                        const struct side *there, net_ip4 address)
{
    const struct topo_vdc *owner = here->remote ? leg->to.vdc : leg->origin.vdc;
    /* A gateway that sends from its public address has none of its own inside the selectors. */
    bool own = !here->remote && leg->origin.gateway &&
               address == net_addr_ip4(topo_gateway_wan(leg->origin.gateway));
    const char *network = own ? diag_networks(c, owner) : network_around(c, owner, address);
    enum diag_code code = here->remote ? DIAG_OUTSIDE_SELECTORS : DIAG_SOURCE_NOT_IN_SELECTORS;
    diag_say(c, leg, code, DIAG_STAGE_NEAR + 3, place(here), widen(c, here, there, network),
             DIAG_WORDS({"address", diag_ip(c, address)}, {"gateway", here->vdc->gateway.node},
                        {"tunnel", here->tunnel->name}, {"network", network},
                        {"node", leg->origin_name ? leg->origin_name : "?"}));
}

/* A gateway's public address that was pinged itself is for no tunnel to carry. */
static bool is_public(const struct diag_case *c, const struct diag_leg *leg, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    struct topo_node node;
    return address == leg->trip->probe->to && topo_find_public(c->in->model, &addr, &node);
}

/* Whom the packet is to be from: a gateway sends from its public address only for want of the tunnel's route, which would
 * name an address of its own in the tunnel's networks. */
static net_ip4 source_of(const struct diag_leg *leg)
{
    const struct topo_gateway *gateway = leg->origin.gateway;
    if (!gateway || leg->src != net_addr_ip4(topo_gateway_wan(gateway)))
        return leg->src;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        net_ip4 own = net_addr_ip4(&gateway->connections[i].ipv4.addr);
        if (diag_covers(leg->tunnel->cloud, leg->tunnel->cloud_count, own))
            return own;
    }
    return leg->src;
}

/* Both sites have the subnet: a gateway, too, looks for the other one's hosts on its own LAN. */
static void say_both(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_site here = {leg->from.vdc, diag_lan_of(leg->from.vdc, leg->dst)};
    const struct diag_site there = {leg->to.vdc, diag_lan_of(leg->to.vdc, leg->dst)};
    if (here.lan && there.lan)
        diag_say_overlap(c, leg, &here, &there,
                         base_arena_printf(&c->out->arena, "%s looks for %s on its own LAN",
                                           leg->from.vdc->gateway.node, diag_ip(c, leg->dst)));
}

static void check(struct diag_case *c, const struct diag_leg *leg, bool remote)
{
    struct side here = {leg->from.vdc, leg->tunnel, remote};
    struct side there = {leg->peer, leg->back, !remote};
    net_ip4 address = remote ? leg->dst : source_of(leg);
    if (is_public(c, leg, address))
        return;
    bool covered = side_covers(&here, address);
    bool mirrored = there.tunnel ? side_covers(&there, address) : covered;
    if (covered && !mirrored)
        say_mismatch(c, leg, &there, &here, address);
    else if (!covered && mirrored)
        say_mismatch(c, leg, &here, &there, address);
    else if (!covered && !diag_lan_of(remote ? here.vdc : there.vdc, address))
        say_outside(c, leg, &here, &there, address);
    else if (!covered && remote && leg->from.gateway) /* of a host it is told already */
        say_both(c, leg);
}

/* ---- Two tunnels for one network ---- */

/* The longest of the networks that the address is in; NULL: none. */
static const struct topo_cidr *longest(const struct topo_cidr *list, size_t count, net_ip4 address)
{
    const struct topo_cidr *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (diag_covers(&list[i], 1, address) &&
            (!best || list[i].prefix.length > best->prefix.length))
            best = &list[i];
    }
    return best;
}

/* Another tunnel of the gateway that names the address no less exactly, with what it names; NULL: none. */
static const struct topo_tunnel *rival(const struct side *here, net_ip4 own, net_ip4 address,
                                       const struct topo_cidr **cidr)
{
    const struct topo_gateway *gateway = &here->vdc->gateway;
    const struct topo_cidr *mine = longest(here->tunnel->peer, here->tunnel->peer_count, address);
    for (size_t i = 0; mine && i < gateway->tunnel_count; i++) {
        const struct topo_tunnel *other = &gateway->tunnels[i];
        if (other == here->tunnel || !diag_covers(other->cloud, other->cloud_count, own))
            continue;
        *cidr = longest(other->peer, other->peer_count, address);
        if (*cidr && (*cidr)->prefix.length >= mine->prefix.length)
            return other;
    }
    return NULL;
}

/* Whether the packet came out of a tunnel at this gateway; `vdc` NULL: at one where it has no business. */
static const struct sim_record *opened(const struct diag_case *c, const struct diag_leg *leg,
                                       const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < leg->trip->count; i++) {
        const struct sim_record *record = leg->trip->stops[i].record;
        struct topo_node node = {0};
        if (record->kind != SIM_KIND_OPENED ||
            !topo_find_node(c->in->model, diag_place(c, record), &node) || !node.gateway)
            continue;
        if (vdc ? node.vdc == vdc
                : node.vdc != leg->peer && node.vdc != leg->to.vdc && node.vdc != leg->from.vdc)
            return record;
    }
    return NULL;
}

/* Where both sites have the subnet, neither tunnel names too much: true where that is said. `vdc` is who was meant. */
static bool say_shared(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                       const struct topo_tunnel *other, net_ip4 address, const char *detail)
{
    struct topo_node peer = {0};
    const struct diag_site meant = {vdc, diag_lan_of(vdc, address)};
    if (!topo_find_public(c->in->model, &other->remote_address, &peer) || peer.vdc == vdc)
        return false;
    const struct diag_site too = {peer.vdc, diag_lan_of(peer.vdc, address)};
    if (meant.lan && too.lan)
        diag_say_overlap(c, leg, &meant, &too, detail);
    return meant.lan && too.lan;
}

static void say_rival(struct diag_case *c, const struct diag_leg *leg, const struct side *here,
                      const struct topo_tunnel *other, const struct topo_cidr *cidr,
                      net_ip4 address, const char *detail)
{
    struct topo_node peer = {0};
    const char *left = "";
    const struct topo_vdc *owner = address == leg->dst ? leg->to.vdc : leg->origin.vdc;
    if (say_shared(c, leg, owner, other, address, detail))
        return;
    for (size_t i = 0; i < other->peer_count; i++) {
        if (&other->peer[i] != cidr)
            left = diag_join(c, left, ", ", diag_net(c, &other->peer[i].prefix));
    }
    if (!*left && topo_find_public(c->in->model, &other->remote_address, &peer))
        left = diag_networks(c, peer.vdc);
    const char *set = NULL; /* what is behind a tunnel that leads to nobody is not known */
    if (*left)
        set = diag_set_tunnel(c, here->vdc, other, "peerNetworkCIDRs",
                              base_arena_printf(&c->out->arena, "[%s]", left));
    diag_say(c, leg, DIAG_OVERLAPPING_PEER_NETWORKS, DIAG_STAGE_NEAR + 3, cidr->where, set,
             DIAG_WORDS({"network", diag_net(c, &cidr->prefix)}, {"other", other->name},
                        {"gateway", here->vdc->gateway.node}, {"address", diag_ip(c, address)},
                        {"tunnel", here->tunnel->name}, {"detail", detail},
                        {"left", *left ? left : "what is behind it"}));
}

/* What the packet met tells: it came out somewhere else, or of a tunnel that its policy does not want it from. */
static void check_rivals(struct diag_case *c, const struct diag_leg *leg)
{
    const struct side near = {leg->from.vdc, leg->tunnel, true};
    const struct side far = {leg->peer, leg->back, true};
    const struct topo_cidr *cidr = NULL;
    const struct topo_tunnel *other = rival(&near, leg->src, leg->dst, &cidr);
    const struct sim_record *end = leg->trip->end, *astray = opened(c, leg, NULL);
    if (other && astray)
        say_rival(c, leg, &near, other, cidr, leg->dst,
                  base_arena_printf(&c->out->arena,
                                    "what is for %s went into '%s', and came out at %s",
                                    diag_ip(c, leg->dst), other->name, diag_place(c, astray)));
    bool refused = end && (end->reason == SIM_REASON_NO_TEMPLATE ||
                           end->reason == SIM_REASON_SELECTOR); /* route-based */
    if (!far.tunnel || !refused || !opened(c, leg, leg->peer))
        return;
    other = rival(&far, leg->dst, leg->src, &cidr);
    if (other)
        say_rival(c, leg, &far, other, cidr, leg->src,
                  base_arena_printf(&c->out->arena,
                                    "what comes from %s is expected out of '%s', and dropped",
                                    diag_ip(c, leg->src), other->name));
}

void diag_rules_selectors(struct diag_case *c, const struct diag_leg *leg)
{
    if (!leg->apart || !leg->tunnel || diag_is_outside_lan(&leg->origin) ||
        diag_is_outside_lan(&leg->to)) /* else its address is at fault, and told already */
        return;
    check(c, leg, true);
    check(c, leg, false);
    diag_check_own_address(c, leg);
    check_rivals(c, leg);
}
