/*
 * Causes at gateways: policies and routes that take more than they should, forwarding, the reverse-path
 * filter. They are read off what the gateways did with the packet; that a gateway does not forward is
 * certain by the model alone.
 */
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/index.h"
#include "diagnose/remedy.h"
#include "sim/gateway/gateway.h"

/* The gateway at which the record was made, with its VDC; false: somewhere else. */
static bool at_gateway(const struct diag_case *c, const struct sim_record *record,
                       struct topo_node *node)
{
    return topo_find_node(c->in->model, diag_place(c, record), node) && node->gateway;
}

/* The tunnel of a gateway whose peer networks cover its own LANs or the address; NULL: none does. */
static const struct topo_tunnel *capturing(const struct topo_vdc *vdc,
                                           const struct topo_cidr **cidr)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        for (size_t j = 0; j < tunnel->peer_count; j++) {
            for (size_t k = 0; k < vdc->gateway.connection_count; k++) {
                if (!net_prefix_contains(&tunnel->peer[j].prefix,
                                         &vdc->gateway.connections[k].ipv4.addr))
                    continue;
                *cidr = &tunnel->peer[j];
                return tunnel;
            }
        }
    }
    return NULL;
}

/* The other end of a tunnel in the model: its VDC, and its tunnel back. */
static const struct topo_tunnel *other_end(const struct diag_case *c, const struct topo_vdc *vdc,
                                           const struct topo_tunnel *tunnel, struct topo_node *peer)
{
    if (!topo_find_public(c->in->model, &tunnel->remote_address, peer))
        return NULL;
    return diag_tunnel_to(peer->vdc, vdc);
}

/* Adds to `fields` and `sets` what names the networks where a tunnel says "any". */
static void name_networks(const struct diag_case *c, const struct topo_vdc *vdc,
                          const struct topo_tunnel *tunnel, const struct topo_vdc *peer,
                          const struct topo_cidr *wide, const char **fields, const char **sets)
{
    struct base_arena *arena = &c->out->arena;
    const char *own = diag_networks_behind(c, vdc, peer),
               *theirs = diag_networks_behind(c, peer, vdc);
    for (int remote = 0; remote < 2; remote++) {
        const struct topo_cidr *list = remote ? tunnel->peer : tunnel->cloud;
        size_t count = remote ? tunnel->peer_count : tunnel->cloud_count;
        const char *field = remote ? "peerNetworkCIDRs" : "cloudNetworkCIDRs";
        if (!diag_any(list, count) && !(remote && wide))
            continue;
        const char *value = base_arena_printf(arena, "[%s]", remote ? theirs : own);
        *fields = diag_join(c, *fields, ", ",
                            base_arena_printf(arena, "%s %s of tunnel '%s' on %s", field, value,
                                              tunnel->name, vdc->gateway.node));
        diag_remedy_add(c, sets, diag_set_tunnel(c, vdc, tunnel, field, value));
    }
}

static const struct topo_cidr *any_in(const struct topo_tunnel *tunnel)
{
    const struct topo_cidr *any = diag_any(tunnel->peer, tunnel->peer_count);
    return any ? any : diag_any(tunnel->cloud, tunnel->cloud_count);
}

/* What the gateway did with the packet because of it, in words. */
static const char *consequence(const struct diag_case *c, const struct sim_record *record,
                               const struct topo_vdc *vdc)
{
    const char *gateway = vdc->gateway.node;
    struct base_arena *arena = &c->out->arena;
    if (record->kind == SIM_KIND_DROPPED && record->reason == SIM_REASON_NO_TEMPLATE)
        return base_arena_printf(arena,
                                 "%s's policy now demands ESP of packets from its own LAN as well, "
                                 "and drops them as they come in, without an ICMP error",
                                 gateway);
    if (record->kind == SIM_KIND_DROPPED)
        return base_arena_printf(arena,
                                 "%s looks for its own LAN behind the tunnel, and its reverse-path "
                                 "filter drops what comes from there",
                                 gateway);
    net_ip4 src = (net_ip4)(record->a >> 32);
    if (src != net_addr_ip4(topo_gateway_wan(&vdc->gateway)))
        return base_arena_printf(arena,
                                 "%s routes into the tunnel what is for its own LAN, so that "
                                 "packets are sent back to the peer instead of being delivered",
                                 gateway);
    return base_arena_printf(arena, "%s sends its own packets to the peer into the tunnel",
                             gateway);
}

/* A LAN of another VDC with a subnet that one of `vdc` has, too, within the network. */
static bool find_shared(const struct topo_vdc *vdc, const struct topo_vdc *other,
                        const struct net_prefix *within, struct diag_site *here,
                        struct diag_site *there)
{
    for (size_t i = 0; other != vdc && i < vdc->lan_count; i++) {
        for (size_t j = 0; j < other->lan_count; j++) {
            *here = (struct diag_site){vdc, &vdc->lans[i]};
            *there = (struct diag_site){other, &other->lans[j]};
            if (net_prefix_overlaps(&here->lan->subnet, &there->lan->subnet) &&
                net_prefix_overlaps(&here->lan->subnet, within))
                return true;
        }
    }
    return false;
}

/* Where two sites have the subnet, the network is not too wide: there are two of it, at the peer's or behind it. */
static bool say_shared(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                       const struct topo_vdc *peer, const struct net_prefix *within,
                       const char *detail)
{
    const struct topo_model *model = c->in->model;
    struct diag_site here, there;
    bool found = find_shared(vdc, peer, within, &here, &there);
    for (size_t i = 0; !found && i < model->vdc_count; i++)
        found = find_shared(vdc, &model->vdcs[i], within, &here, &there);
    if (found)
        diag_say_overlap(c, leg, &here, &there, detail);
    return found;
}

/* The two ends of a tunnel that have "any". */
struct any_ends {
    const struct topo_vdc *vdc, *peer;
    const struct topo_tunnel *here, *there;
    const struct topo_cidr *wide; /* of `here`, where it is too wide without being that */
};

/* In the order of the file, whichever of the two did what `detail` says. */
static void say_both(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                     const struct any_ends *e, const char *detail)
{
    bool first = diag_is_first(c, e->vdc, e->peer);
    const struct topo_vdc *vdc = first ? e->vdc : e->peer, *peer = first ? e->peer : e->vdc;
    const struct topo_tunnel *here = first ? e->here : e->there;
    const struct topo_tunnel *there = first ? e->there : e->here;
    const char *fields = "", *sets = "";
    name_networks(c, vdc, here, peer, first ? e->wide : NULL, &fields, &sets);
    name_networks(c, peer, there, vdc, first ? NULL : e->wide, &fields, &sets);
    diag_say(c, leg, DIAG_BOTH_SIDES_ANY, stage, any_in(here)->where, sets,
             DIAG_WORDS({"tunnel", here->name}, {"gateway", vdc->gateway.node},
                        {"peer_tunnel", there->name}, {"peer", peer->gateway.node},
                        {"detail", detail}, {"fields", fields}));
}

static bool say_captured(struct diag_case *c, const struct diag_leg *leg,
                         const struct sim_record *record, const struct topo_vdc *vdc)
{
    const struct topo_cidr *cidr = NULL, *here, *there;
    const struct topo_tunnel *tunnel = capturing(vdc, &cidr), *back;
    const char *fields = "", *sets = "", *gateway = vdc->gateway.node;
    struct topo_node peer = {0};
    if (!tunnel || !(back = other_end(c, vdc, tunnel, &peer)))
        return false;
    const char *detail = consequence(c, record, vdc);
    here = any_in(tunnel);
    there = any_in(back);
    if (!here && !there && say_shared(c, leg, vdc, peer.vdc, &cidr->prefix, detail))
        return true;
    if (here && there) {
        const struct any_ends ends = {vdc, peer.vdc, tunnel, back, cidr};
        say_both(c, leg, DIAG_STAGE_NEAR, &ends, detail);
        return true;
    }
    name_networks(c, vdc, tunnel, peer.vdc, cidr, &fields, &sets);
    diag_say(c, leg, DIAG_ANY_CAPTURES_LAN, DIAG_STAGE_NEAR, cidr->where, sets,
             DIAG_WORDS({"any", diag_net(c, &cidr->prefix)}, {"field", "peerNetworkCIDRs"},
                        {"tunnel", tunnel->name}, {"gateway", gateway}, {"detail", detail},
                        {"fields", fields}));
    return true;
}

/* Whether the gateway did there what it would not have done but for a network that is too wide. */
static bool is_capture(const struct sim_record *record, const struct topo_vdc *vdc)
{
    net_ip4 src = (net_ip4)(record->a >> 32), dst = (net_ip4)(record->a & UINT32_MAX);
    bool by_vpn = record->kind == SIM_KIND_ROUTED && (record->b >> 8 & 0xff) == SIM_STACK_TABLE_VPN;
    if (record->kind == SIM_KIND_DROPPED && record->reason == SIM_REASON_NO_TEMPLATE)
        return true;
    if (record->kind == SIM_KIND_DROPPED && record->reason == SIM_REASON_RP_FILTER)
        return diag_lan_of(vdc, (net_ip4)record->a) != NULL;
    if (!by_vpn)
        return false;
    if (diag_lan_of(vdc, dst))
        return true;
    /* Its own packets to the peer, into the tunnel's interface (a next hop of 0). */
    return src == net_addr_ip4(topo_gateway_wan(&vdc->gateway)) && !(record->b >> 32);
}

static bool check_capture(struct diag_case *c, const struct diag_leg *leg,
                          const struct sim_record *record)
{
    struct topo_node node = {0};
    if ((record->kind != SIM_KIND_DROPPED && record->kind != SIM_KIND_ROUTED) ||
        !at_gateway(c, record, &node) || !is_capture(record, node.vdc))
        return false;
    return say_captured(c, leg, record, node.vdc);
}

/* What stopped it: where it waited for ARP in vain, whatever stopped the question. */
static const struct sim_record *stopped_by(const struct diag_trip *trip)
{
    bool waits = !trip->end || trip->end->reason == SIM_REASON_HOST_UNREACHABLE;
    return waits && trip->arp_end ? trip->arp_end : trip->end;
}

/* True where a network that is too wide explains it. */
static bool check_captures(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    const struct sim_record *end = stopped_by(trip);
    for (size_t i = 0; i < trip->count; i++) {
        if (check_capture(c, leg, trip->stops[i].record))
            return true;
    }
    return end && check_capture(c, leg, end);
}

/* ---- Route-based: own subnets in the tunnel, by bypass-lan ---- */

static void say_bypass(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                       const struct net_prefix *subnet)
{
    diag_say(c, leg, DIAG_BYPASS_INTO_TUNNEL,
             vdc == leg->from.vdc ? DIAG_STAGE_NEAR : DIAG_STAGE_FAR,
             vdc->gateway.behaviour.bypass_lan_where,
             diag_set_gateway(c, vdc, "behaviour.bypassLan", "false"),
             DIAG_WORDS({"gateway", vdc->gateway.node}, {"network", diag_net(c, subnet)}));
}

static bool bypasses_into_tunnel(const struct topo_vdc *vdc)
{
    const struct topo_behaviour *behaviour = &vdc->gateway.behaviour;
    return behaviour->vpn == TOPO_VPN_ROUTE_BASED && behaviour->bypass_lan;
}

static void check_bypass(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_trip *trip = leg->trip;
    for (size_t i = 0; i < trip->count; i++) {
        const struct sim_record *record = trip->stops[i].record;
        struct topo_node node = {0};
        if (record->kind != SIM_KIND_ROUTED || (record->b >> 8 & 0xff) != SIM_STACK_TABLE_VPN ||
            record->b >> 32 || !at_gateway(c, record, &node) || !bypasses_into_tunnel(node.vdc))
            continue;
        const struct topo_lan *lan = diag_lan_of(node.vdc, (net_ip4)(record->a & UINT32_MAX));
        if (lan)
            say_bypass(c, leg, node.vdc, &lan->subnet);
    }
}

/* ---- Route-based: the tunnel's own packets in the tunnel ---- */

static bool goes_into_itself(const struct diag_case *c, const struct topo_vdc *vdc,
                             const struct topo_tunnel *tunnel, unsigned *length)
{
    uint64_t both = (uint64_t)net_addr_ip4(topo_gateway_wan(&vdc->gateway)) << 32 |
                    net_addr_ip4(&tunnel->remote_address);
    const struct sim_record *record =
        diag_index_into_tunnel(c->whole, diag_node_id(c, vdc->gateway.node), both);
    *length = record ? record->b & 0xff : 0;
    return record != NULL;
}

/* The tunnel that a route into the tunnel interface is for: whose peer's network it is, that one before others. */
static const struct topo_tunnel *installing(const struct topo_vdc *vdc,
                                            const struct topo_tunnel *first,
                                            const struct net_prefix *network)
{
    for (size_t i = 0; i <= vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = i ? &vdc->gateway.tunnels[i - 1] : first;
        for (size_t j = 0; j < tunnel->peer_count; j++) {
            if (net_prefix_equal(&tunnel->peer[j].prefix, network))
                return tunnel;
        }
    }
    return first;
}

/* Who is at the tunnel's other end; where its remoteHost is nobody's, `peer`. */
static const struct topo_vdc *find_peer(const struct diag_case *c, const struct topo_vdc *vdc,
                                        const struct topo_tunnel *tunnel,
                                        const struct topo_vdc *peer)
{
    struct topo_node node = {0};
    bool found = topo_find_public(c->in->model, &tunnel->remote_address, &node) && node.vdc != vdc;
    return found ? node.vdc : peer;
}

static void check_itself(struct diag_case *c, const struct diag_leg *leg,
                         const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                         const struct topo_vdc *peer)
{
    unsigned length;
    const char *fields = "", *sets = "";
    if (vdc->gateway.behaviour.vpn != TOPO_VPN_ROUTE_BASED ||
        !goes_into_itself(c, vdc, tunnel, &length))
        return;
    net_ip4 address = net_addr_ip4(&tunnel->remote_address);
    struct net_prefix prefix =
        net_prefix_from_ip4(length ? address & net_ip4_mask((uint8_t)length) : 0, (uint8_t)length);
    if (bypasses_into_tunnel(vdc) && net_prefix_equal(&prefix, &c->in->model->internet.subnet)) {
        say_bypass(c, leg, vdc, &prefix);
        return;
    }
    tunnel = installing(vdc, tunnel, &prefix);
    const struct topo_vdc *end = find_peer(c, vdc, tunnel, peer);
    name_networks(c, vdc, tunnel, end, &tunnel->peer[0], &fields, &sets);
    diag_say(c, leg, DIAG_ROUTE_TO_PEER_IN_TUNNEL, DIAG_STAGE_NEAR + 1, tunnel->peer_where, sets,
             DIAG_WORDS({"gateway", vdc->gateway.node}, {"address", diag_ip(c, address)},
                        {"network", diag_net(c, &prefix)}, {"tunnel", tunnel->name},
                        {"field", "peerNetworkCIDRs"},
                        {"networks", diag_networks_behind(c, end, vdc)}));
}

/* ---- Forwarding, reverse path ---- */

static void check_forwarding(struct diag_case *c, const struct diag_leg *leg,
                             const struct topo_vdc *vdc, unsigned stage)
{
    if (vdc->gateway.behaviour.ip_forward)
        return;
    diag_say(c, leg, DIAG_FORWARDING_OFF, stage, vdc->gateway.behaviour.ip_forward_where,
             diag_set_gateway(c, vdc, "behaviour.ipForward", "true"),
             DIAG_WORDS({"gateway", vdc->gateway.node}));
}

static void check_not_forwarding(struct diag_case *c, const struct diag_leg *leg)
{
    const struct sim_record *end = leg->trip->end;
    struct topo_node node = {0};
    if (end && end->reason == SIM_REASON_NOT_FORWARDING && at_gateway(c, end, &node))
        check_forwarding(c, leg, node.vdc,
                         node.vdc == leg->from.vdc ? DIAG_STAGE_NEAR : DIAG_STAGE_FAR);
}

static void check_rp_filter(struct diag_case *c, const struct diag_leg *leg)
{
    const struct sim_record *end = stopped_by(leg->trip);
    struct topo_node node = {0};
    if (!end || end->reason != SIM_REASON_RP_FILTER || !at_gateway(c, end, &node))
        return;
    const struct topo_behaviour *behaviour = &node.gateway->behaviour;
    const char *interface = diag_interface(c, end);
    diag_say(c, leg, DIAG_REVERSE_PATH_FILTER, DIAG_STAGE_NEAR + 2, behaviour->rp_filter_where,
             diag_set_gateway(c, node.vdc, "behaviour.rpFilter", "off"),
             DIAG_WORDS({"gateway", node.gateway->node}, {"address", diag_ip(c, (net_ip4)end->a)},
                        {"interface", interface ? interface : "?"},
                        {"mode", topo_rp_filter_name(behaviour->rp_filter)}));
}

static bool is_any(const struct topo_tunnel *tunnel)
{
    return diag_any(tunnel->cloud, tunnel->cloud_count) &&
           diag_any(tunnel->peer, tunnel->peer_count);
}

/* Known before the tunnel is up: 0.0.0.0/0 for both ends on both sides is not narrowed. */
static void check_any(struct diag_case *c, const struct diag_leg *leg)
{
    if (!leg->apart || !leg->tunnel || !leg->back || !is_any(leg->tunnel) || !is_any(leg->back) ||
        diag_history_find(c->in->history, DIAG_CHILD_UP, leg->from.vdc->gateway.node,
                          leg->tunnel->name, 0, BASE_NEVER, true))
        return;
    const struct any_ends ends = {leg->from.vdc, leg->peer, leg->tunnel, leg->back, NULL};
    say_both(c, leg, DIAG_STAGE_IKE + 9, &ends,
             "once the tunnel is up each gateway takes its own LAN for the peer's");
}

void diag_rules_policy(struct diag_case *c, const struct diag_leg *leg)
{
    if (!check_captures(c, leg)) {
        check_rp_filter(c, leg);
        check_any(c, leg);
    }
    check_bypass(c, leg);
    check_not_forwarding(c, leg);
    if (!leg->apart || !leg->to.vdc)
        return;
    if (leg->tunnel && leg->peer)
        check_itself(c, leg, leg->from.vdc, leg->tunnel, leg->peer);
    if (leg->peer && leg->back)
        check_itself(c, leg, leg->peer, leg->back, leg->from.vdc);
    if (leg->from.host)
        check_forwarding(c, leg, leg->from.vdc, DIAG_STAGE_NEAR);
    if (leg->peer && leg->peer != leg->to.vdc) /* a hub */
        check_forwarding(c, leg, leg->peer, DIAG_STAGE_FAR);
    if (leg->to.host)
        check_forwarding(c, leg, leg->to.vdc, DIAG_STAGE_FAR);
}
