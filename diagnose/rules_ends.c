/*
 * Causes in who is at a tunnel's ends: whether each of the two gateways has a tunnel, and whether its remoteHost is the
 * other one. By the model alone. Which gateway a tunnel is meant for is told by its networks where its remoteHost is wrong.
 */
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/remedy.h"

static const char *who_is(const struct diag_case *c, const struct net_addr *address)
{
    struct topo_node node;
    if (!topo_find_public(c->in->model, address, &node))
        return ", where there is no gateway";
    return base_arena_printf(&c->out->arena, " (%s)", node.gateway->node);
}

static const char *address_of(const struct diag_case *c, const struct topo_vdc *vdc)
{
    return diag_ip(c, net_addr_ip4(topo_gateway_outside(&vdc->gateway)));
}

/* remoteId is remoteHost where it is not given: what the peer calls itself, where it would not be that any more; NULL. */
static const char *new_id(const struct diag_case *c, const struct topo_tunnel *tunnel,
                          const struct topo_tunnel *there, const char *address)
{
    bool follows = strcmp(tunnel->remote_id, tunnel->remote_host) == 0;
    return follows && there && strcmp(there->local_id, address) != 0
               ? diag_scalar(c, there->local_id)
               : NULL;
}

/* `there`: the tunnel of `meant` that is its other half, or NULL. */
static void say_wrong_remote(struct diag_case *c, const struct diag_leg *leg,
                             const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                             const struct topo_vdc *meant, const struct topo_tunnel *there)
{
    const char *address = address_of(c, meant), *id = new_id(c, tunnel, there, address);
    const char *more = "", *sets = diag_set_tunnel(c, vdc, tunnel, "remoteHost", address);
    if (id) {
        more = base_arena_printf(&c->out->arena, ", and its remoteId to %s", id);
        diag_remedy_add(c, &sets, diag_set_tunnel(c, vdc, tunnel, "remoteId", id));
    }
    diag_say(c, leg, DIAG_WRONG_REMOTE_HOST, DIAG_STAGE_IKE + 1, tunnel->remote_host_where, sets,
             DIAG_WORDS({"tunnel", tunnel->name}, {"gateway", vdc->gateway.node},
                        {"wrong", tunnel->remote_host}, {"who", who_is(c, &tunnel->remote_address)},
                        {"peer", meant->gateway.node}, {"address", address}, {"id", more}));
}

static void say_no_tunnel(struct diag_case *c, const struct diag_leg *leg,
                          const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                          const struct topo_vdc *without)
{
    diag_say(c, leg, DIAG_NO_TUNNEL_AT_PEER, DIAG_STAGE_IKE + 1, without->gateway.where,
             diag_remedy_tunnel(c, without, vdc, tunnel),
             DIAG_WORDS({"peer", without->gateway.node}, {"address", address_of(c, vdc)},
                        {"gateway", vdc->gateway.node}, {"tunnel", tunnel->name}));
}

/* The two in the order of the file, whichever way the packet went. No settings: nobody knows the key. */
static void say_none(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *one,
                     const struct topo_vdc *other)
{
    bool first = diag_is_first(c, one, other);
    const struct topo_vdc *here = first ? one : other, *there = first ? other : one;
    diag_say(c, leg, DIAG_NO_TUNNEL, DIAG_STAGE_IKE + 1, here->gateway.where, NULL,
             DIAG_WORDS({"gateway", here->gateway.node}, {"address", address_of(c, here)},
                        {"networks", diag_networks(c, here)}, {"peer", there->gateway.node},
                        {"peer_address", address_of(c, there)},
                        {"peer_networks", diag_networks(c, there)}));
}

/* Whether a tunnel's networks on the receiver's side and on the sender's are for the packet. A gateway that sends may do
 * so from its public address for want of the tunnel. */
static bool is_meant(const struct diag_leg *leg, const struct topo_cidr *far, size_t far_count,
                     const struct topo_cidr *near, size_t near_count)
{
    return diag_covers(far, far_count, leg->dst) &&
           (leg->origin.gateway || diag_covers(near, near_count, leg->src));
}

/* The sender's gateway has no tunnel for the packet: what the receiver's has tells who should be at its other end. */
static void say_none_here(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_vdc *vdc = leg->from.vdc, *to = leg->to.vdc;
    struct topo_node between = {0};
    if (!to)
        return;
    if (leg->back) {
        say_no_tunnel(c, leg, to, leg->back, vdc);
        return;
    }
    const struct topo_tunnel *stray =
        leg->stray; /* leads elsewhere, and is meant for this packet */
    if (!stray ||
        !is_meant(leg, stray->cloud, stray->cloud_count, stray->peer, stray->peer_count)) {
        say_none(c, leg, vdc, to);
    } else if (!topo_find_public(c->in->model, &stray->remote_address, &between) ||
               between.vdc == to) {
        say_wrong_remote(c, leg, to, stray, vdc, NULL);
        say_no_tunnel(c, leg, to, stray, vdc);
    } else { /* a hub between the two */
        const struct topo_tunnel *theirs = diag_tunnel_to(between.vdc, vdc);
        if (theirs)
            say_no_tunnel(c, leg, between.vdc, theirs, vdc);
        else
            say_none(c, leg, between.vdc, vdc);
    }
}

/* The tunnel is meant for nobody who has one back. */
static void say_none_there(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_vdc *vdc = leg->from.vdc;
    struct topo_node found = {0};
    bool somebody =
        topo_find_public(c->in->model, &leg->tunnel->remote_address, &found) && found.vdc != vdc;
    if (somebody) {
        say_no_tunnel(c, leg, vdc, leg->tunnel, found.vdc);
    } else if (leg->to.vdc && is_meant(leg, leg->tunnel->peer, leg->tunnel->peer_count,
                                       leg->tunnel->cloud, leg->tunnel->cloud_count)) {
        say_wrong_remote(c, leg, vdc, leg->tunnel, leg->to.vdc, NULL);
        say_no_tunnel(c, leg, vdc, leg->tunnel, leg->to.vdc);
    }
}

/* The smallest network that the public addresses of all gateways are in. */
static struct net_prefix around_all(const struct topo_model *model)
{
    struct net_prefix wide = model->internet.subnet;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct net_addr *address = topo_gateway_outside(&model->vdcs[i].gateway);
        while (wide.length && !net_prefix_contains(&wide, address)) {
            wide.length--;
            wide = net_prefix_mask(&wide);
        }
    }
    return wide;
}

void diag_check_segment(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc)
{
    const struct topo_internet *internet = &c->in->model->internet;
    const struct topo_gateway *gateway = &vdc->gateway;
    if (internet->kind != TOPO_INTERNET_SEGMENT ||
        net_prefix_contains(&internet->subnet, topo_gateway_outside(gateway)))
        return;
    struct net_prefix wide = around_all(c->in->model);
    const char *subnet = diag_net(c, &wide);
    diag_say(c, leg, DIAG_GATEWAY_OUTSIDE_SEGMENT, DIAG_STAGE_IKE, gateway->public_ip_where,
             base_arena_printf(&c->out->arena, "internet.subnet=%s", subnet),
             DIAG_WORDS({"gateway", gateway->node}, {"address", address_of(c, vdc)},
                        {"subnet", diag_net(c, &internet->subnet)}, {"wide", subnet}));
}

bool diag_check_ends(struct diag_case *c, const struct diag_leg *leg)
{
    diag_check_segment(c, leg, leg->from.vdc);
    if (leg->peer)
        diag_check_segment(c, leg, leg->peer);
    if (!leg->tunnel) {
        say_none_here(c, leg);
        return false;
    }
    if (!leg->back || !leg->peer) { /* without the one there is no other */
        say_none_there(c, leg);
        return false;
    }
    bool here = diag_leads_to(leg->tunnel, leg->peer);
    bool there = diag_leads_to(leg->back, leg->from.vdc);
    if (!here)
        say_wrong_remote(c, leg, leg->from.vdc, leg->tunnel, leg->peer, leg->back);
    if (!there)
        say_wrong_remote(c, leg, leg->peer, leg->back, leg->from.vdc, leg->tunnel);
    return here && there;
}
