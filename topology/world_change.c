/*
 * Changing a running world to another model, as saves in the console and commands on hosts do. What
 * stands may not change (VDCs, LANs, hosts, addresses, the kind of internet or of gateway); how it is set up
 * may: tunnels, behaviour, routes, links.
 */
#include "topology/world_internal.h"

#include "topology/impair.h"

/* ---- What may not change ---- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_prefix(const struct net_prefix *a, const struct net_prefix *b)
{
    return a->length == b->length && net_addr_equal(&a->addr, &b->addr);
}

static const char *lans_differ(const struct topo_vdc *a, const struct topo_vdc *b)
{
    if (a->lan_count != b->lan_count)
        return "the number of LANs";
    for (size_t i = 0; i < a->lan_count; i++) {
        if (a->lans[i].id != b->lans[i].id)
            return "the number of a LAN";
        if (!same_prefix(&a->lans[i].subnet, &b->lans[i].subnet))
            return "the subnet of a LAN";
        if (a->lans[i].link.mtu_bytes != b->lans[i].link.mtu_bytes)
            return "the MTU of a LAN";
    }
    return NULL;
}

static const char *hosts_differ(const struct topo_vdc *a, const struct topo_vdc *b)
{
    if (a->host_count != b->host_count)
        return "the number of hosts";
    for (size_t i = 0; i < a->host_count; i++) {
        if (!same_text(a->hosts[i].name, b->hosts[i].name))
            return "the name of a host";
        if (a->hosts[i].lan != b->hosts[i].lan ||
            !net_addr_equal(&a->hosts[i].address, &b->hosts[i].address) ||
            a->hosts[i].prefix_length != b->hosts[i].prefix_length)
            return "the address of a host";
    }
    return NULL;
}

static const char *gateways_differ(const struct topo_gateway *a, const struct topo_gateway *b)
{
    if (!net_addr_equal(&a->public_ip, &b->public_ip))
        return "the public address of a gateway";
    if (a->connection_count != b->connection_count)
        return "the number of a gateway's LANs";
    for (size_t i = 0; i < a->connection_count; i++)
        if (a->connections[i].lan != b->connections[i].lan ||
            !same_prefix(&a->connections[i].ipv4, &b->connections[i].ipv4))
            return "the LAN address of a gateway";
    if (a->behaviour.vpn != b->behaviour.vpn)
        return "vpn";
    if (a->behaviour.engine != b->behaviour.engine)
        return "the engine of a gateway";
    if (a->behaviour.bypass_lan != b->behaviour.bypass_lan)
        return "bypassLan";
    return NULL;
}

static bool nats_differ(const struct topo_internet *a, const struct topo_internet *b)
{
    if (a->nat_count != b->nat_count)
        return true;
    for (size_t i = 0; i < a->nat_count; i++) {
        const struct topo_nat *x = &a->nats[i], *y = &b->nats[i];
        if (!same_text(x->gateway, y->gateway) || !net_addr_equal(&x->public_ip, &y->public_ip) ||
            !same_prefix(&x->subnet, &y->subnet) || x->type != y->type ||
            x->mapping_timeout_ns != y->mapping_timeout_ns)
            return true;
    }
    return false;
}

const char *topo_world_cannot_change(const struct topo_model *before,
                                     const struct topo_model *after)
{
    const char *what = NULL;
    if (before->vdc_count != after->vdc_count)
        return "the number of VDCs";
    for (size_t i = 0; i < before->vdc_count && !what; i++) {
        what = same_text(before->vdcs[i].name, after->vdcs[i].name) ? NULL : "the name of a VDC";
        what = what ? what : lans_differ(&before->vdcs[i], &after->vdcs[i]);
        what = what ? what : hosts_differ(&before->vdcs[i], &after->vdcs[i]);
        what = what ? what : gateways_differ(&before->vdcs[i].gateway, &after->vdcs[i].gateway);
    }
    if (!what && (before->internet.kind != after->internet.kind ||
                  before->internet.hops != after->internet.hops ||
                  !same_prefix(&before->internet.subnet, &after->internet.subnet)))
        what = "the kind of internet";
    if (!what && nats_differ(&before->internet, &after->internet))
        what = "a NAT router";
    return what;
}

/* ---- Links and routes ---- */

static bool same_impairment(const struct topo_impairment *a, const struct topo_impairment *b)
{
    return a->set == b->set && a->loss == b->loss && a->duplicate == b->duplicate &&
           a->reorder == b->reorder && a->corrupt == b->corrupt && a->delay_ns == b->delay_ns &&
           a->jitter_ns == b->jitter_ns && a->rate_bps == b->rate_bps && a->queue == b->queue &&
           a->queue_is_packets == b->queue_is_packets && a->mtu_bytes == b->mtu_bytes &&
           a->mtu_silent == b->mtu_silent && a->down == b->down &&
           a->burst_loss.to_bad == b->burst_loss.to_bad &&
           a->burst_loss.to_good == b->burst_loss.to_good &&
           a->burst_loss.loss_in_bad == b->burst_loss.loss_in_bad &&
           a->burst_loss.loss_in_good == b->burst_loss.loss_in_good;
}

static bool same_firewall(const struct topo_internet *a, const struct topo_internet *b)
{
    if (a->firewall_count != b->firewall_count)
        return false;
    for (size_t i = 0; i < a->firewall_count; i++)
        if (!same_text(a->firewall[i].drop, b->firewall[i].drop) ||
            !same_text(a->firewall[i].from, b->firewall[i].from))
            return false;
    return true;
}

static void change_link(struct sim_link *link, const struct topo_impairment *before,
                        const struct topo_impairment *after)
{
    struct sim_impairment base = topo_impairment_of(after);
    if (!same_impairment(before, after))
        sim_link_set_base(link, &base);
}

static bool has_route(const struct topo_host *host, const struct topo_route *route)
{
    for (size_t i = 0; i < host->route_count; i++)
        if (net_prefix_equal(&host->routes[i].to, &route->to) &&
            net_addr_equal(&host->routes[i].via, &route->via))
            return true;
    return false;
}

static void change_host(struct topo_world *world, const struct topo_host *before,
                        const struct topo_host *after)
{
    const struct net_prefix all = net_prefix_from_ip4(0, 0);
    for (size_t i = 0; i < before->route_count; i++)
        if (!has_route(after, &before->routes[i]))
            topo_world_route_remove(world, before->name, &before->routes[i].to);
    for (size_t i = 0; i < after->route_count; i++)
        if (!has_route(before, &after->routes[i]))
            topo_world_route_add(world, after->name, &after->routes[i].to,
                                 net_addr_ip4(&after->routes[i].via));
    if (net_addr_equal(&before->default_gateway, &after->default_gateway))
        return;
    topo_world_route_remove(world, before->name, &all);
    if (after->default_gateway.family)
        topo_world_route_add(world, after->name, &all, net_addr_ip4(&after->default_gateway));
}

/* ---- Gateways ---- */

static bool same_networks(const struct topo_cidr *a, size_t a_count, const struct topo_cidr *b,
                          size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!same_prefix(&a[i].prefix, &b[i].prefix))
            return false;
    return true;
}

static bool same_proposal(const struct topo_proposal *a, const struct topo_proposal *b)
{
    return a->group == b->group && a->encryption == b->encryption && a->integrity == b->integrity &&
           a->lifetime_s == b->lifetime_s;
}

static bool same_tunnel(const struct topo_tunnel *a, const struct topo_tunnel *b)
{
    return net_addr_equal(&a->remote_address, &b->remote_address) && same_text(a->psk, b->psk) &&
           same_text(a->local_id, b->local_id) && same_text(a->remote_id, b->remote_id) &&
           same_proposal(&a->ike, &b->ike) && same_proposal(&a->esp, &b->esp) &&
           same_networks(a->cloud, a->cloud_count, b->cloud, b->cloud_count) &&
           same_networks(a->peer, a->peer_count, b->peer, b->peer_count);
}

/* Of what the tunnels are told. */
static bool same_behaviour(const struct topo_behaviour *a, const struct topo_behaviour *b)
{
    return a->start == b->start && a->negotiation == b->negotiation &&
           a->dpd_delay_ns == b->dpd_delay_ns &&
           a->retransmit_timeout_ns == b->retransmit_timeout_ns &&
           a->retransmit_base == b->retransmit_base && a->retransmit_tries == b->retransmit_tries &&
           a->nat_keepalive_ns == b->nat_keepalive_ns &&
           a->replay_window_packets == b->replay_window_packets && a->esn == b->esn &&
           a->force_udp_encapsulation == b->force_udp_encapsulation &&
           a->ike_fragmentation == b->ike_fragmentation && a->mobike == b->mobike &&
           a->rekey_margin_ns == b->rekey_margin_ns;
}

void topo_change_tunnels(struct sim_gateway *gateway, const struct topo_gateway *before,
                         const struct topo_gateway *after)
{
    bool all = !same_behaviour(&before->behaviour, &after->behaviour);
    for (size_t i = 0; i < before->tunnel_count; i++)
        if (!topo_find_tunnel(after, before->tunnels[i].name))
            sim_gateway_remove_tunnel(gateway, before->tunnels[i].name);
    for (size_t i = 0; i < after->tunnel_count; i++) {
        const struct topo_tunnel *old = topo_find_tunnel(before, after->tunnels[i].name);
        struct net_prefix networks[2 * TOPO_CIDRS_MAX];
        struct ike_peer_config config;
        topo_peer_config(after, &after->tunnels[i], networks, &config);
        if (!old)
            sim_gateway_add_tunnel(gateway, &config);
        else if (all || !same_tunnel(old, &after->tunnels[i]))
            sim_gateway_change_tunnel(gateway, &config);
    }
}

static void change_gateway(struct topo_world *world, const struct topo_gateway *before,
                           const struct topo_gateway *after)
{
    struct topo_world_node *node = topo_world_node(world, before->node);
    node->ops->set_forwarding(node, after->behaviour.ip_forward, after->behaviour.rp_filter);
    node->engine->ops->change(node->engine, before, after);
}

const char *topo_world_change(struct topo_world *world, const struct topo_model *after)
{
    const struct topo_model *before = world->model;
    const char *what = topo_world_cannot_change(before, after);
    if (what)
        return what;
    change_link(sim_internet_link(world->internet), &before->internet.link, &after->internet.link);
    size_t lan = 0;
    for (size_t i = 0; i < after->vdc_count; i++) {
        const struct topo_vdc *old = &before->vdcs[i], *new = &after->vdcs[i];
        for (size_t j = 0; j < new->lan_count; j++)
            change_link(sim_switch_link(world->lans[lan++].lan_switch), &old->lans[j].link,
                        &new->lans[j].link);
        for (size_t j = 0; j < new->host_count; j++)
            change_host(world, &old->hosts[j], &new->hosts[j]);
        change_gateway(world, &old->gateway, &new->gateway);
    }
    if (!same_firewall(&before->internet, &after->internet))
        topo_firewall_set(world, &after->internet);
    topo_world_set_model(world, after);
    return NULL;
}
