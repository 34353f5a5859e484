/* A gateway of the model: its engine's configuration, its interfaces, and what they are plugged into. */
#include "topology/world_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "topology/outside.h"

/* ---- Tunnels ---- */

static enum ike_start start_of(enum topo_start start)
{
    return start == TOPO_START_AT_ONCE      ? IKE_START_AT_ONCE
           : start == TOPO_START_ON_TRAFFIC ? IKE_START_ON_TRAFFIC
                                            : IKE_START_BY_HAND;
}

static struct ike_algorithms algorithms_of(const struct topo_proposal *proposal)
{
    return (struct ike_algorithms){
        .encr = proposal->encryption, .integ = proposal->integrity, .group = proposal->group};
}

static size_t copy_networks(const struct topo_cidr *cidrs, size_t count, struct net_prefix *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = cidrs[i].prefix;
    return count;
}

static void set_behaviour(const struct topo_behaviour *from, struct ike_peer_config *out)
{
    out->start = start_of(from->start);
    out->negotiation = from->negotiation == TOPO_NEGOTIATION_STRICT ? IKE_NEGOTIATION_STRICT
                                                                    : IKE_NEGOTIATION_MOST_SECURE;
    out->margin = from->rekey_margin_ns;
    out->dpd_delay = from->dpd_delay_ns;
    out->retransmit = (struct ike_retransmit_config){.timeout = from->retransmit_timeout_ns,
                                                     .base = from->retransmit_base,
                                                     .tries = from->retransmit_tries};
    out->nat_keepalive = from->nat_keepalive_ns;
    out->replay_window = from->replay_window_packets;
    out->esn = from->esn;
    out->force_udp_encapsulation = from->force_udp_encapsulation;
    out->fragmentation = from->ike_fragmentation;
    out->mobike = from->mobike;
}

void topo_peer_config(const struct topo_gateway *gateway, const struct topo_tunnel *tunnel,
                      struct net_prefix *networks, struct ike_peer_config *out)
{
    ike_peer_config_init(out);
    set_behaviour(&gateway->behaviour, out);
    out->name = tunnel->name;
    out->local = *topo_gateway_wan(gateway);
    out->remote = tunnel->remote_address;
    out->local_id = tunnel->local_id;
    out->remote_id = tunnel->remote_id;
    out->psk = (const uint8_t *)tunnel->psk;
    out->psk_size = strlen(tunnel->psk);
    out->ike = algorithms_of(&tunnel->ike);
    out->esp = algorithms_of(&tunnel->esp);
    out->ike_lifetime = tunnel->ike.lifetime_s * BASE_S;
    out->esp_lifetime = tunnel->esp.lifetime_s * BASE_S;
    out->local_network_count = copy_networks(tunnel->cloud, tunnel->cloud_count, networks);
    out->local_networks = networks;
    networks += tunnel->cloud_count;
    out->remote_network_count = copy_networks(tunnel->peer, tunnel->peer_count, networks);
    out->remote_networks = networks;
}

static void add_tunnel(struct sim_gateway *gateway, const struct topo_gateway *model,
                       const struct topo_tunnel *tunnel)
{
    struct net_prefix networks[2 * TOPO_CIDRS_MAX];
    struct ike_peer_config config;
    topo_peer_config(model, tunnel, networks, &config);
    sim_gateway_add_tunnel(gateway, &config);
}

/* An address with the length of the internet's subnet where that is a segment, else point to point. */
static struct net_prefix on_internet(const struct topo_internet *internet,
                                     const struct net_addr *address)
{
    struct net_prefix out = {.addr = *address, .length = 32};
    if (internet->kind == TOPO_INTERNET_SEGMENT && net_prefix_contains(&internet->subnet, address))
        out.length = internet->subnet.length;
    return out;
}

static uint16_t wan_mtu(const struct topo_internet *internet)
{
    return internet->kind == TOPO_INTERNET_SEGMENT ? topo_mtu_of(&internet->link)
                                                   : TOPO_MTU_DEFAULT;
}

/* ---- Interfaces ---- */

/* NULL where it could not be made. */
static struct sim_port *add_lan(struct topo_world *world, struct topo_world_node *node,
                                const char *name, const struct net_prefix *address, uint16_t mtu)
{
    if (node->gateway)
        return sim_gateway_add_lan(node->gateway, name, address, mtu);
    return topo_make_outside(world, node, name, address, mtu);
}

static struct sim_port *add_wan(struct topo_world *world, struct topo_world_node *node,
                                const struct net_prefix *address, uint16_t mtu)
{
    if (node->gateway)
        return sim_gateway_add_wan(node->gateway, address, mtu);
    return topo_make_outside(world, node, "wan", address, mtu);
}

static void set_default_route(struct topo_world *world, struct topo_world_node *node, net_ip4 via)
{
    char *error = NULL;
    if (node->gateway)
        sim_gateway_set_default_route(node->gateway, via);
    else if (!topo_outside_set_default_route(node->outside, "wan", via, &error))
        topo_world_fail(world, error);
}

static enum sim_nat_type nat_type_of(enum topo_nat_type type)
{
    return type == TOPO_NAT_FULL_CONE            ? SIM_NAT_FULL_CONE
           : type == TOPO_NAT_ADDRESS_RESTRICTED ? SIM_NAT_ADDRESS_RESTRICTED
           : type == TOPO_NAT_PORT_RESTRICTED    ? SIM_NAT_PORT_RESTRICTED
                                                 : SIM_NAT_SYMMETRIC;
}

/* The router, and the cable between it and the gateway. */
static void plug_behind_nat(struct topo_world *world, const struct topo_nat *model,
                            struct topo_world_node *node)
{
    const struct topo_internet *internet = &world->model->internet;
    struct world_nat *nat = &world->nats[world->nat_count++];
    struct sim_impairment cable = {.set = SIM_IMPAIR_DELAY, .delay_ns = TOPO_LAN_DELAY_DEFAULT};
    struct sim_nat_config config = {
        .name = model->node,
        .type = nat_type_of(model->type),
        .inside = {.addr = model->router, .length = model->subnet.length},
        .outside = on_internet(internet, &model->public_ip),
        .default_gateway = internet->kind == TOPO_INTERNET_ROUTED ? SIM_INTERNET_ACCESS : 0,
        .mtu = wan_mtu(internet),
        .timeout_ns = model->mapping_timeout_ns,
    };
    struct net_prefix wan = {.addr = model->wan, .length = model->subnet.length};
    char *name = base_printf("%s/inside", model->node);
    nat->model = model;
    nat->router = sim_nat_new(world->sim, &config);
    nat->cable = sim_switch_new(world->sim, name, &cable);
    free(name);
    struct sim_port *port = add_wan(world, node, &wan, config.mtu);
    sim_switch_attach(nat->cable, sim_nat_inside(nat->router));
    sim_internet_attach(world->internet, sim_nat_outside(nat->router));
    sim_internet_add_address(world->internet, sim_nat_outside(nat->router),
                             net_addr_ip4(&model->public_ip));
    if (!port)
        return;
    sim_switch_attach(nat->cable, port);
    set_default_route(world, node, net_addr_ip4(&model->router));
}

static void plug_wan(struct topo_world *world, const struct topo_gateway *model,
                     struct topo_world_node *node)
{
    const struct topo_internet *internet = &world->model->internet;
    struct net_prefix address = on_internet(internet, &model->public_ip);
    if (model->nat) {
        plug_behind_nat(world, model->nat, node);
        return;
    }
    struct sim_port *port = add_wan(world, node, &address, wan_mtu(internet));
    if (!port)
        return;
    sim_internet_attach(world->internet, port);
    sim_internet_add_address(world->internet, port, net_addr_ip4(&model->public_ip));
    if (internet->kind == TOPO_INTERNET_ROUTED)
        set_default_route(world, node, SIM_INTERNET_ACCESS);
}

static void add_public(struct topo_world *world, struct topo_world_node *node, net_ip4 address)
{
    if (!base_map_get(&world->publics, address))
        base_map_put(&world->publics, address, node);
}

enum sim_stack_rp_filter topo_rp_filter_of(enum topo_rp_filter rp_filter)
{
    return rp_filter == TOPO_RP_FILTER_STRICT  ? SIM_STACK_RP_STRICT
           : rp_filter == TOPO_RP_FILTER_LOOSE ? SIM_STACK_RP_LOOSE
                                               : SIM_STACK_RP_OFF;
}

static void plug_lans(struct topo_world *world, const struct topo_vdc *vdc,
                      struct topo_world_node *node)
{
    const struct topo_gateway *model = &vdc->gateway;
    for (size_t i = 0; i < model->connection_count; i++) {
        const struct topo_connection *connection = &model->connections[i];
        const struct topo_lan *lan = topo_find_lan(vdc, connection->lan);
        char *name = base_printf("lan%u", connection->lan);
        struct sim_port *port =
            add_lan(world, node, name, &connection->ipv4, topo_mtu_of(&lan->link));
        if (port)
            sim_switch_attach(topo_switch_of(world, vdc, connection->lan), port);
        free(name);
    }
}

/* ---- The gateway ---- */

static void make_simulated(struct topo_world *world, struct topo_world_node *node,
                           const struct topo_gateway *model)
{
    const struct topo_behaviour *behaviour = &model->behaviour;
    struct sim_gateway_config config = {
        .name = model->node,
        .vpn = behaviour->vpn == TOPO_VPN_ROUTE_BASED ? SIM_GATEWAY_ROUTE_BASED
                                                      : SIM_GATEWAY_POLICY_BASED,
        .bypass_lan = behaviour->bypass_lan,
        .without_routes = behaviour->without_routes,
        .own_by_main = behaviour->own_by_main,
        .ip_forward = behaviour->ip_forward,
        .rp_filter = topo_rp_filter_of(behaviour->rp_filter),
        .crypto = world->crypto,
    };
    node->gateway = sim_gateway_new(world->sim, &config);
    node->stack = sim_gateway_stack(node->gateway);
    node->sim = sim_stack_node(node->stack);
    node->ops = &topo_node_simulated;
    node->engine = topo_engine_builtin_new(node);
}

static void start_simulated(struct topo_world_node *node, const struct topo_gateway *model)
{
    for (size_t i = 0; i < model->tunnel_count; i++)
        add_tunnel(node->gateway, model, &model->tunnels[i]);
    sim_gateway_start(node->gateway);
}

static void start_outside(struct topo_world *world, struct topo_world_node *node,
                          const struct topo_gateway *model)
{
    struct topo_engine_place place = {
        .session = world->session,
        .loop = world->loop,
        .netns = topo_outside_netns(node->outside),
        .sim = world->sim,
        .model = world->model,
        .gateway = model,
    };
    char *error = NULL;
    node->ops->set_forwarding(node, model->behaviour.ip_forward, model->behaviour.rp_filter);
    if (model->behaviour.engine == TOPO_ENGINE_EXTERNAL)
        node->engine = topo_engine_external_new(node);
    else if (world->strongswan)
        node->engine = world->strongswan(&place, &error);
    else
        error = base_strdup("strongSwan gateways are not there");
    if (!node->engine)
        topo_world_fail(world, error);
}

void topo_add_gateway(struct topo_world *world, const struct topo_vdc *vdc)
{
    const struct topo_gateway *model = &vdc->gateway;
    struct topo_world_node *node = topo_add_node(world, model->node);
    bool outside = world->session && model->behaviour.engine != TOPO_ENGINE_BUILTIN;
    if (!outside)
        make_simulated(world, node, model);
    plug_lans(world, vdc, node);
    plug_wan(world, model, node);
    add_public(world, node, net_addr_ip4(topo_gateway_outside(model)));
    if (!outside)
        start_simulated(node, model);
    else if (!world->error)
        start_outside(world, node, model);
}
