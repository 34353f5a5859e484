/* Which tunnel is to carry a packet, who is meant to be at its other end, and which tunnel there leads back. */
#include <string.h>

#include "diagnose/case.h"

bool diag_leads_to(const struct topo_tunnel *tunnel, const struct topo_vdc *vdc)
{
    return net_addr_equal(&tunnel->remote_address, topo_gateway_outside(&vdc->gateway));
}

const struct topo_tunnel *diag_tunnel_to(const struct topo_vdc *vdc, const struct topo_vdc *to)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        if (diag_leads_to(&vdc->gateway.tunnels[i], to))
            return &vdc->gateway.tunnels[i];
    }
    return NULL;
}

bool diag_is_first(const struct diag_case *c, const struct topo_vdc *one,
                   const struct topo_vdc *other)
{
    for (size_t i = 0; i < c->in->model->vdc_count; i++) {
        if (&c->in->model->vdcs[i] == one || &c->in->model->vdcs[i] == other)
            return &c->in->model->vdcs[i] == one;
    }
    return false;
}

/* Whether the LANs of a VDC's gateway have to do with that network. */
static bool is_at_home(const struct topo_vdc *vdc, const struct net_prefix *prefix)
{
    for (size_t i = 0; i < vdc->lan_count; i++) {
        if (net_prefix_overlaps(&vdc->lans[i].subnet, prefix))
            return true;
    }
    return false;
}

/* Whether the network lies in one of its LANs. */
static bool lies_in(const struct topo_vdc *vdc, const struct net_prefix *prefix)
{
    for (size_t i = 0; i < vdc->lan_count; i++) {
        if (net_prefix_covers(&vdc->lans[i].subnet, prefix))
            return true;
    }
    return false;
}

/* Whether a VDC has a tunnel of its own with whose LANs that network is, but for `past`. */
static bool is_reached(const struct diag_case *c, const struct topo_vdc *vdc,
                       const struct topo_vdc *past, const struct net_prefix *prefix)
{
    for (size_t i = 0; i < c->in->model->vdc_count; i++) {
        const struct topo_vdc *third = &c->in->model->vdcs[i];
        if (third != vdc && third != past && is_at_home(third, prefix) &&
            diag_tunnel_to(vdc, third) && diag_tunnel_to(third, vdc))
            return true;
    }
    return false;
}

const char *diag_networks_of(const struct diag_case *c, const struct topo_cidr *list, size_t count,
                             const struct topo_vdc *owner, const struct topo_vdc *other)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        if (!lies_in(other, &list[i].prefix) || lies_in(owner, &list[i].prefix))
            text = diag_join(c, text, ", ", diag_net(c, &list[i].prefix));
    }
    return diag_any(list, count) || !*text ? diag_networks_behind(c, owner, other) : text;
}

bool diag_is_behind(const struct diag_case *c, const struct topo_vdc *vdc,
                    const struct topo_vdc *other, const struct net_prefix *prefix)
{
    if (is_at_home(other, prefix) || is_reached(c, other, vdc, prefix))
        return false;
    for (size_t i = 0; i < c->in->model->vdc_count; i++) {
        if (is_at_home(&c->in->model->vdcs[i], prefix))
            return true;
    }
    return false;
}

const char *diag_networks_behind(const struct diag_case *c, const struct topo_vdc *vdc,
                                 const struct topo_vdc *other)
{
    const char *text = diag_networks(c, vdc);
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        if (diag_leads_to(tunnel, other))
            continue;
        for (size_t j = 0; j < tunnel->peer_count; j++) {
            const struct net_prefix *one = &tunnel->peer[j].prefix;
            if (one->addr.family == NET_ADDR_IP4 && !is_at_home(other, one) &&
                !is_at_home(vdc, one) && !is_reached(c, other, vdc, one))
                text = diag_join(c, text, ", ", diag_net(c, one));
        }
    }
    return text;
}

/* Whether the other gateway has a tunnel with the same key. */
static bool shares_key(const struct topo_tunnel *tunnel, const struct topo_vdc *peer)
{
    for (size_t i = 0; tunnel->psk && i < peer->gateway.tunnel_count; i++) {
        const char *key = peer->gateway.tunnels[i].psk;
        if (key && strcmp(key, tunnel->psk) == 0)
            return true;
    }
    return false;
}

/* How well a tunnel fits a packet from src to dst, to the gateway at `peer` (none: 0); of equals, who has its key. */
static int fit(const struct topo_tunnel *tunnel, net_ip4 src, net_ip4 dst,
               const struct topo_vdc *peer)
{
    bool leads = peer && diag_leads_to(tunnel, peer);
    bool to = diag_covers(tunnel->peer, tunnel->peer_count, dst);
    bool from = diag_covers(tunnel->cloud, tunnel->cloud_count, src);
    int fits = (to && from ? 4 : 0) + (leads ? 3 : 0) + (to ? 2 : 0) + (from ? 1 : 0);
    return 2 * fits + (fits && peer && shares_key(tunnel, peer) ? 1 : 0);
}

/* The tunnel that fits best; with `only`, of those that lead to the gateway at `peer`. */
static const struct topo_tunnel *choose(const struct topo_vdc *vdc, net_ip4 src, net_ip4 dst,
                                        const struct topo_vdc *peer, bool only)
{
    const struct topo_tunnel *best = NULL;
    int most = 0;
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        if (only && !diag_leads_to(tunnel, peer))
            continue;
        int now = fit(tunnel, src, dst, peer);
        if (now > most || (!best && vdc->gateway.tunnel_count == 1)) {
            best = tunnel;
            most = now;
        }
    }
    return best;
}

/* Whether a tunnel that leads to nobody can have been meant for them: its networks may be wrong as well, but then not all of
 * them, or it is the only one there. */
static bool is_near(const struct topo_vdc *vdc, const struct topo_tunnel *tunnel, net_ip4 own,
                    net_ip4 other)
{
    return vdc->gateway.tunnel_count == 1 || diag_covers(tunnel->cloud, tunnel->cloud_count, own) ||
           diag_covers(tunnel->peer, tunnel->peer_count, other);
}

/* Whether a tunnel of another gateway leads back, and is for the same networks. */
static bool mirrors(const struct topo_vdc *other, const struct topo_vdc *vdc,
                    const struct topo_tunnel *tunnel)
{
    for (size_t i = 0; i < other->gateway.tunnel_count; i++) {
        const struct topo_tunnel *back = &other->gateway.tunnels[i];
        if (diag_leads_to(back, vdc) &&
            diag_meet(back->cloud, back->cloud_count, tunnel->peer, tunnel->peer_count) &&
            diag_meet(back->peer, back->peer_count, tunnel->cloud, tunnel->cloud_count))
            return true;
    }
    return false;
}

/* At whose gateway a tunnel ends by its remoteHost: another one's; NULL: at nobody's. */
static const struct topo_vdc *named_by(const struct diag_case *c, const struct topo_vdc *vdc,
                                       const struct topo_tunnel *tunnel)
{
    struct topo_node peer = {0};
    bool found = topo_find_public(c->in->model, &tunnel->remote_address, &peer) && peer.vdc != vdc;
    return found ? peer.vdc : NULL;
}

/* Who has a tunnel back for the same networks, `named` before others. With `key` who has its key, too; without it
 * none of the others to whom another tunnel leads. NULL: nobody. */
static const struct topo_vdc *mirroring(const struct diag_case *c, const struct topo_vdc *vdc,
                                        const struct topo_tunnel *tunnel,
                                        const struct topo_vdc *named, bool key)
{
    if (named && mirrors(named, vdc, tunnel) && (!key || shares_key(tunnel, named)))
        return named;
    for (size_t i = 0; i < c->in->model->vdc_count; i++) {
        const struct topo_vdc *other = &c->in->model->vdcs[i];
        if (other != vdc && mirrors(other, vdc, tunnel) &&
            (key ? shares_key(tunnel, other) : !diag_tunnel_to(vdc, other)))
            return other;
    }
    return NULL;
}

/* Whether the gateway at its remoteHost has a tunnel back with the same key: the two belong together, whatever networks they name. */
static bool is_paired(const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                      const struct topo_vdc *named)
{
    const struct topo_tunnel *back = named ? diag_tunnel_to(named, vdc) : NULL;
    return back && back->psk && tunnel->psk && strcmp(back->psk, tunnel->psk) == 0;
}

/* The gateway that a tunnel is meant for: who has one back for the same networks, else who its remoteHost is; NULL: nobody. */
static const struct topo_vdc *meant_for(const struct diag_case *c, const struct topo_vdc *vdc,
                                        const struct topo_tunnel *tunnel)
{
    const struct topo_vdc *named = named_by(c, vdc, tunnel);
    const struct topo_vdc *found = mirroring(c, vdc, tunnel, named, true);
    if (!found && is_paired(vdc, tunnel, named))
        return named;
    found = found ? found : mirroring(c, vdc, tunnel, named, false);
    return found ? found : named;
}

/* Whether a tunnel of `vdc` leads to `to`, and one of those leads back: then it is meant for them, whatever its networks are. */
static bool lead_to_each_other(const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                               const struct topo_vdc *to)
{
    return to && diag_leads_to(tunnel, to) && diag_tunnel_to(to, vdc);
}

/* The tunnel of a gateway for what it sends to `peer`, or (`back`) for what it gets from there. Where one leads there and
 * another one fits better, either the networks are wrong or remoteHost is: the key tells which, from both sides alike. */
static const struct topo_tunnel *pick(const struct diag_case *c, const struct topo_vdc *vdc,
                                      net_ip4 src, net_ip4 dst, const struct topo_vdc *peer,
                                      bool back)
{
    const struct topo_tunnel *best = choose(vdc, src, dst, peer, false);
    const struct topo_tunnel *leading =
        peer && diag_tunnel_to(vdc, peer) ? choose(vdc, src, dst, peer, true) : NULL;
    if (!leading || leading == best)
        return best;
    const struct topo_vdc *named = named_by(c, vdc, best);
    bool hub = named && !diag_lan_of(named, dst); /* else both have the subnet */
    if (hub && mirrors(named, vdc, best)) /* there is nothing wrong with it: by way of a hub */
        return back ? leading : best;
    return shares_key(best, peer) && !shares_key(leading, peer) ? best : leading;
}

/* Whether a gateway has a tunnel by which a packet goes on, and not back. */
static bool goes_on(const struct topo_vdc *vdc, const struct topo_vdc *from,
                    const struct topo_vdc *to, net_ip4 dst)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        if (!diag_leads_to(tunnel, from) &&
            (diag_leads_to(tunnel, to) || diag_covers(tunnel->peer, tunnel->peer_count, dst)))
            return true;
    }
    return diag_tunnel_to(to, vdc) != NULL;
}

/* Whether a tunnel has nothing to do with the way to the receiver: it ends elsewhere, and the receiver's gateway has one that
 * leads here, or nothing leads on from there. */
static bool is_unrelated(const struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_vdc *named = named_by(c, leg->from.vdc, leg->tunnel);
    if (!leg->to.vdc || !named || named == leg->to.vdc)
        return false;
    bool wanted = diag_tunnel_to(leg->to.vdc, leg->from.vdc) != NULL;
    if (diag_covers(leg->tunnel->peer, leg->tunnel->peer_count, leg->dst)) /* by mistake */
        return wanted && !mirrors(named, leg->from.vdc, leg->tunnel) &&
               is_paired(leg->from.vdc, leg->tunnel, named);
    return wanted || !goes_on(named, leg->from.vdc, leg->to.vdc, leg->dst);
}

/* The tunnel that is to carry it, who is at its other end, and the tunnel there that leads back. */
void diag_find_tunnels(const struct diag_case *c, struct diag_leg *leg)
{
    const struct topo_vdc *vdc = leg->from.vdc;
    if (!leg->apart)
        return;
    leg->tunnel = pick(c, vdc, leg->src, leg->dst, leg->to.vdc, false);
    if (leg->tunnel && is_unrelated(c, leg))
        leg->tunnel = NULL;
    if (leg->tunnel && !lead_to_each_other(vdc, leg->tunnel, leg->to.vdc))
        leg->peer = meant_for(c, vdc, leg->tunnel);
    leg->peer = leg->peer ? leg->peer : leg->to.vdc;
    if (!leg->peer)
        return;
    leg->back = pick(c, leg->peer, leg->dst, leg->src, vdc, true);
    if (!leg->back || diag_leads_to(leg->back, vdc))
        return;
    const struct topo_vdc *meant = meant_for(c, leg->peer, leg->back);
    bool ours = meant == vdc || (!meant && is_near(leg->peer, leg->back, leg->dst, leg->src));
    leg->stray = leg->back;
    if (!leg->tunnel || !ours)
        leg->back = NULL;
}
