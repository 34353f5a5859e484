/* The remedy for one subnet that two LANs have: one of them gets another, with all that depends on it. */
#include <string.h>

#include "diagnose/remedy.h"

/* A LAN that gets another subnet. */
struct move {
    const struct diag_case *c;
    const struct topo_vdc *vdc;
    const struct topo_lan *lan;
    const struct topo_vdc *other; /* whose packets were meant for it */
    struct net_prefix fresh;
    bool keep; /* the old subnet stays, with another LAN of the VDC */
    const char *sets;
};

static bool in_use(const struct topo_model *model, const struct net_prefix *prefix)
{
    if (net_prefix_overlaps(&model->internet.subnet, prefix))
        return true;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        if (vdc->gateway.nat && net_prefix_overlaps(&vdc->gateway.nat->subnet, prefix))
            return true;
        for (size_t j = 0; j < vdc->lan_count; j++) {
            if (net_prefix_overlaps(&vdc->lans[j].subnet, prefix))
                return true;
        }
        for (size_t j = 0; j < vdc->gateway.tunnel_count; j++) {
            const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[j];
            for (size_t k = 0; k < tunnel->peer_count; k++) {
                if (tunnel->peer[k].prefix.length &&
                    net_prefix_overlaps(&tunnel->peer[k].prefix, prefix))
                    return true;
            }
        }
    }
    return false;
}

/* A private network of that length which the model does not use; false: none was found. */
static bool find_fresh(const struct topo_model *model, uint8_t length, struct net_prefix *out)
{
    bool small = length >= 24;
    if (length < 16)
        return false; /* wider than what is numbered here */
    for (unsigned i = 1; i < 255; i++) {
        *out = net_prefix_from_ip4(small ? NET_IP4(192, 168, i, 0) : NET_IP4(10, i, 0, 0), length);
        if (!in_use(model, out))
            return true;
    }
    return false;
}

static net_ip4 moved(const struct move *m, const struct net_addr *address)
{
    net_ip4 host = net_addr_ip4(address) & ~net_ip4_mask(m->lan->subnet.length);
    return net_addr_ip4(&m->fresh.addr) | host;
}

/* A list of networks with the old subnet, or what lies in it, moved. */
static const char *moved_list(const struct move *m, const struct topo_cidr *list, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        struct net_prefix now = list[i].prefix;
        bool whole = now.length && net_prefix_covers(&now, &m->lan->subnet);
        if (whole && m->keep)
            text = diag_join(m->c, text, ", ", diag_net(m->c, &now));
        if (whole)
            now = m->fresh;
        else if (net_prefix_covers(&m->lan->subnet, &now))
            now = net_prefix_from_ip4(moved(m, &now.addr), now.length);
        text = diag_join(m->c, text, ", ", diag_net(m->c, &now));
    }
    return text;
}

/* Whether a list has to do with the LAN: it names the subnet, or a part of it. */
static bool names(const struct topo_cidr *list, size_t count, const struct net_prefix *subnet)
{
    for (size_t i = 0; i < count; i++) {
        if (net_prefix_overlaps(&list[i].prefix, subnet))
            return true;
    }
    return false;
}

/* The networks of a tunnel, on the LAN's side or (`remote`) on its peer's. */
static void move_list(struct move *m, const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                      bool remote)
{
    const struct topo_cidr *list = remote ? tunnel->peer : tunnel->cloud;
    size_t count = remote ? tunnel->peer_count : tunnel->cloud_count;
    const char *before = diag_list(m->c, list, count), *after = moved_list(m, list, count);
    /* The tunnel that was to carry it names it from now on. */
    if ((remote ? vdc == m->other : diag_leads_to(tunnel, m->other)) &&
        !names(list, count, &m->lan->subnet))
        after = diag_join(m->c, after, ", ", diag_net(m->c, &m->fresh));
    if (strcmp(before, after) != 0)
        diag_remedy_add(m->c, &m->sets,
                        diag_set_tunnel(m->c, vdc, tunnel,
                                        remote ? "peerNetworkCIDRs" : "cloudNetworkCIDRs",
                                        base_arena_printf(&m->c->out->arena, "[%s]", after)));
}

static void move_lan(struct move *m)
{
    struct base_arena *arena = &m->c->out->arena;
    const char *lan =
        base_arena_printf(arena, "vdcs.%s.lans.%u", diag_key(m->c, m->vdc->name), m->lan->id);
    diag_remedy_add(m->c, &m->sets,
                    base_arena_printf(arena, "%s.subnet=%s", lan, diag_net(m->c, &m->fresh)));
    if (m->lan->has_pool)
        diag_remedy_add(m->c, &m->sets,
                        base_arena_printf(arena, "%s.dhcpPool=%s-%s", lan,
                                          diag_ip(m->c, moved(m, &m->lan->pool_first)),
                                          diag_ip(m->c, moved(m, &m->lan->pool_last))));
}

static void move_gateway(struct move *m)
{
    const struct topo_gateway *gateway = &m->vdc->gateway;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        const struct topo_connection *one = &gateway->connections[i];
        if (one->lan == m->lan->id)
            diag_remedy_add(m->c, &m->sets,
                            base_arena_printf(
                                &m->c->out->arena, "vdcs.%s.gateway.connections.%zu.ipv4CIDR=%s/%u",
                                diag_key(m->c, m->vdc->name), i,
                                diag_ip(m->c, moved(m, &one->ipv4.addr)), m->fresh.length));
    }
    for (size_t i = 0; i < gateway->tunnel_count; i++)
        move_list(m, m->vdc, &gateway->tunnels[i], false);
}

/* The route that a host has to have for a network of the other side. */
static void route(struct move *m, const struct topo_vdc *vdc, const struct topo_host *host,
                  const struct net_prefix *to)
{
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, host->lan);
    if (!connection)
        return;
    net_ip4 via = net_addr_ip4(&connection->ipv4.addr);
    if (vdc == m->vdc && host->lan == m->lan->id)
        via = moved(m, &connection->ipv4.addr);
    diag_remedy_add(m->c, &m->sets,
                    diag_set_host(m->c, vdc, host, diag_net(m->c, to), diag_ip(m->c, via)));
}

/* The hosts of the LAN: their addresses, what their routes lead to, and a route to the other side. */
static void move_hosts(struct move *m, const struct net_prefix *other)
{
    for (size_t i = 0; i < m->vdc->host_count; i++) {
        const struct topo_host *host = &m->vdc->hosts[i];
        if (host->lan != m->lan->id)
            continue;
        diag_remedy_add(m->c, &m->sets,
                        diag_remedy_address(m->c, m->vdc, host, moved(m, &host->address)));
        for (size_t j = 0; j < host->route_count; j++) {
            const struct topo_route *row = &host->routes[j];
            if (!net_prefix_equal(&row->to, other) &&
                net_prefix_contains(&m->lan->subnet, &row->via))
                diag_remedy_add(m->c, &m->sets,
                                diag_set_host(m->c, m->vdc, host, diag_net(m->c, &row->to),
                                              diag_ip(m->c, moved(m, &row->via))));
        }
        if (net_prefix_contains(&m->lan->subnet, &host->default_gateway))
            diag_remedy_add(
                m->c, &m->sets,
                base_arena_printf(&m->c->out->arena, "vdcs.%s.hosts.%s.defaultGateway=%s",
                                  diag_key(m->c, m->vdc->name), diag_key(m->c, host->name),
                                  diag_ip(m->c, moved(m, &host->default_gateway))));
        route(m, m->vdc, host, other);
    }
}

/* Whether the VDC that keeps the old subnet is at the tunnel's other end, or at this one. */
static bool is_others(const struct move *m, const struct topo_vdc *vdc,
                      const struct topo_tunnel *tunnel, bool remote)
{
    return remote ? vdc == m->other : diag_leads_to(tunnel, m->other);
}

/* A list of a tunnel that does not lead to the VDC, and names the old subnet since packets go on to it from there: those
 * that it is not for any more have the new one alone, all others both. */
static void extend_list(struct move *m, const struct topo_vdc *vdc,
                        const struct topo_tunnel *tunnel, bool remote)
{
    const struct topo_cidr *list = remote ? tunnel->peer : tunnel->cloud;
    size_t count = remote ? tunnel->peer_count : tunnel->cloud_count;
    const char *text = "";
    bool named = false;
    for (size_t i = 0; i < count; i++) {
        bool old = net_prefix_equal(&list[i].prefix, &m->lan->subnet);
        named = named || old;
        if (!old || !is_others(m, vdc, tunnel, remote))
            text = diag_join(m->c, text, ", ", diag_net(m->c, &list[i].prefix));
    }
    if (!named)
        return;
    text = diag_join(m->c, text, ", ", diag_net(m->c, &m->fresh));
    diag_remedy_add(m->c, &m->sets,
                    diag_set_tunnel(m->c, vdc, tunnel,
                                    remote ? "peerNetworkCIDRs" : "cloudNetworkCIDRs",
                                    base_arena_printf(&m->c->out->arena, "[%s]", text)));
}

/* Whether a VDC between sends on what is for the old subnet, without having it: its tunnels to others name it as local. */
static bool is_hub(const struct move *m, const struct topo_vdc *vdc)
{
    return vdc != m->other && !diag_lan_of(vdc, net_addr_ip4(&m->lan->subnet.addr));
}

/* Whether a list of the gateway's tunnels has an end of the old subnet, besides its own LAN. */
static bool names_old(const struct move *m, const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        for (size_t j = 0; j < tunnel->peer_count; j++) {
            if (net_prefix_equal(&tunnel->peer[j].prefix, &m->lan->subnet))
                return true;
        }
    }
    return false;
}

/* Those who have a tunnel to the VDC, or one to where its networks are behind: what stands there, and their hosts' routes. */
static void move_peer(struct move *m, const struct topo_vdc *peer)
{
    bool leads = names_old(m, peer);
    for (size_t j = 0; j < peer->gateway.tunnel_count; j++) {
        const struct topo_tunnel *tunnel = &peer->gateway.tunnels[j];
        if (diag_leads_to(tunnel, m->vdc)) {
            leads = true;
            move_list(m, peer, tunnel, true);
            continue;
        }
        bool direct = diag_tunnel_to(peer, m->vdc) != NULL;
        if (is_hub(m, peer))
            extend_list(m, peer, tunnel, false);
        if (!direct)
            extend_list(m, peer, tunnel, true);
    }
    for (size_t j = 0; leads && j < peer->host_count; j++)
        route(m, peer, &peer->hosts[j], &m->fresh);
}

static void move_peers(struct move *m)
{
    const struct topo_model *model = m->c->in->model;
    for (size_t i = 0; i < model->vdc_count; i++) {
        if (&model->vdcs[i] != m->vdc)
            move_peer(m, &model->vdcs[i]);
    }
}

const char *diag_remedy_renumber(const struct diag_case *c, const struct diag_site *site,
                                 const struct diag_site *other, struct net_prefix *fresh)
{
    struct move m = {.c = c, .vdc = site->vdc, .lan = site->lan, .other = other->vdc, .sets = ""};
    for (size_t i = 0; i < m.vdc->lan_count; i++)
        m.keep = m.keep || (&m.vdc->lans[i] != m.lan &&
                            net_prefix_overlaps(&m.vdc->lans[i].subnet, &m.lan->subnet));
    if (!find_fresh(c->in->model, m.lan->subnet.length, &m.fresh))
        return NULL;
    *fresh = m.fresh;
    move_lan(&m);
    move_hosts(&m, &other->lan->subnet);
    move_gateway(&m);
    move_peers(&m);
    return m.sets;
}
