/* Building a world from the model, and taking it down. */
#include "topology/world_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/context.h"
#include "topology/impair.h"

static uint16_t mtu_of(const struct topo_impairment *link)
{
    return (uint16_t)(link->set & TOPO_MTU ? link->mtu_bytes : TOPO_MTU_DEFAULT);
}

/* ---- LANs and hosts ---- */

static void add_lan(struct topo_world *world, const struct topo_vdc *vdc,
                    const struct topo_lan *model)
{
    struct world_lan *lan = &world->lans[world->lan_count++];
    struct sim_impairment base = topo_impairment_of(&model->link);
    lan->name = base_printf("%s/%u", vdc->name, model->id);
    lan->lan_switch = sim_switch_new(world->sim, lan->name, &base);
    base_names_put(&world->lans_by_name, lan->name, lan);
}

static struct sim_switch *switch_of(struct topo_world *world, const struct topo_vdc *vdc,
                                    uint32_t id)
{
    char *name = base_printf("%s/%u", vdc->name, id);
    const struct world_lan *lan = base_names_get(&world->lans_by_name, name);
    assert(lan); /* the model was checked */
    free(name);
    return lan->lan_switch;
}

static struct topo_world_node *add_node(struct topo_world *world, const char *name)
{
    struct topo_world_node *node = &world->nodes[world->node_count++];
    node->name = name;
    node->running = true;
    base_names_put(&world->by_name, name, node);
    return node;
}

static void add_host(struct topo_world *world, const struct topo_vdc *vdc,
                     const struct topo_host *model)
{
    const struct topo_lan *lan = topo_find_lan(vdc, model->lan);
    struct topo_world_node *node = add_node(world, model->name);
    struct sim_host_config config = {
        .name = model->name,
        .address = topo_host_prefix(model, lan),
        .default_gateway = net_addr_ip4(&model->default_gateway),
        .mtu = mtu_of(&lan->link),
    };
    node->host = sim_host_new(world->sim, &config);
    node->stack = sim_host_stack(node->host);
    sim_switch_attach(switch_of(world, vdc, model->lan), sim_host_port(node->host));
    for (size_t i = 0; i < model->route_count; i++) /* one that Linux refuses is not there */
        topo_world_route_add(world, model->name, &model->routes[i].to,
                             net_addr_ip4(&model->routes[i].via));
}

/* ---- Gateways ---- */

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
    return internet->kind == TOPO_INTERNET_SEGMENT ? mtu_of(&internet->link) : TOPO_MTU_DEFAULT;
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
                            struct sim_gateway *gateway)
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
    sim_switch_attach(nat->cable, sim_gateway_add_wan(gateway, &wan, config.mtu));
    sim_switch_attach(nat->cable, sim_nat_inside(nat->router));
    sim_internet_attach(world->internet, sim_nat_outside(nat->router));
    sim_internet_add_address(world->internet, sim_nat_outside(nat->router),
                             net_addr_ip4(&model->public_ip));
    sim_gateway_set_default_route(gateway, net_addr_ip4(&model->router));
}

static void plug_wan(struct topo_world *world, const struct topo_gateway *model,
                     struct sim_gateway *gateway)
{
    const struct topo_internet *internet = &world->model->internet;
    struct net_prefix address = on_internet(internet, &model->public_ip);
    if (model->nat) {
        plug_behind_nat(world, model->nat, gateway);
        return;
    }
    struct sim_port *port = sim_gateway_add_wan(gateway, &address, wan_mtu(internet));
    sim_internet_attach(world->internet, port);
    sim_internet_add_address(world->internet, port, net_addr_ip4(&model->public_ip));
    if (internet->kind == TOPO_INTERNET_ROUTED)
        sim_gateway_set_default_route(gateway, SIM_INTERNET_ACCESS);
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

static void add_gateway(struct topo_world *world, const struct topo_vdc *vdc)
{
    const struct topo_gateway *model = &vdc->gateway;
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
    struct topo_world_node *node = add_node(world, model->node);
    struct sim_gateway *gateway = sim_gateway_new(world->sim, &config);
    node->gateway = gateway;
    node->stack = sim_gateway_stack(gateway);
    for (size_t i = 0; i < model->connection_count; i++) {
        const struct topo_connection *connection = &model->connections[i];
        const struct topo_lan *lan = topo_find_lan(vdc, connection->lan);
        char *name = base_printf("lan%u", connection->lan);
        sim_switch_attach(
            switch_of(world, vdc, connection->lan),
            sim_gateway_add_lan(gateway, name, &connection->ipv4, mtu_of(&lan->link)));
        free(name);
    }
    plug_wan(world, model, gateway);
    add_public(world, node, net_addr_ip4(topo_gateway_outside(model)));
    for (size_t i = 0; i < model->tunnel_count; i++)
        add_tunnel(gateway, model, &model->tunnels[i]);
    sim_gateway_start(gateway);
}

/* ---- The whole ---- */

static void count(const struct topo_model *model, size_t *nodes, size_t *lans)
{
    *nodes = *lans = 0;
    for (size_t i = 0; i < model->vdc_count; i++) {
        *nodes += model->vdcs[i].host_count + 1;
        *lans += model->vdcs[i].lan_count;
    }
}

static void add_internet(struct topo_world *world)
{
    const struct topo_internet *model = &world->model->internet;
    struct sim_internet_config config = {
        .kind = model->kind == TOPO_INTERNET_SEGMENT ? SIM_INTERNET_SEGMENT : SIM_INTERNET_ROUTED,
        .hops = (uint8_t)model->hops,
        .base = topo_impairment_of(&model->link),
    };
    world->internet = sim_internet_new(world->sim, "internet", &config);
}

void topo_world_set_model(struct topo_world *world, const struct topo_model *model)
{
    struct topo_world_node *node = world->nodes;
    world->model = model;
    for (size_t i = 0; i < world->nat_count; i++)
        world->nats[i].model = topo_find_nat(model, world->nats[i].model->node);
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++)
            (node++)->model = (struct topo_node){.vdc = vdc, .host = &vdc->hosts[j]};
        (node++)->model = (struct topo_node){.vdc = vdc, .gateway = &vdc->gateway};
    }
}

struct topo_world *topo_world_new(const struct topo_model *model,
                                  const struct topo_world_options *options)
{
    size_t nodes, lans;
    struct topo_world *world = base_alloc(sizeof(*world));
    world->model = model;
    world->sim = sim_world_new(options->seed, options->journal);
    world->own_crypto = options->crypto ? NULL : crypto_context_new();
    world->crypto = options->crypto ? options->crypto : world->own_crypto;
    count(model, &nodes, &lans);
    world->nodes = base_alloc_array(nodes + 1, sizeof(*world->nodes));
    world->lans = base_alloc_array(lans + 1, sizeof(*world->lans));
    world->nats = base_alloc_array(model->internet.nat_count + 1, sizeof(*world->nats));
    add_internet(world);
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->lan_count; j++)
            add_lan(world, vdc, &vdc->lans[j]);
        for (size_t j = 0; j < vdc->host_count; j++)
            add_host(world, vdc, &vdc->hosts[j]);
        add_gateway(world, vdc);
    }
    topo_firewall_set(world, &model->internet);
    topo_world_set_model(world, model);
    return world;
}

static void free_nodes(struct topo_world *world)
{
    base_names_fini(&world->by_name);
    base_map_fini(&world->publics);
    for (size_t i = 0; i < world->node_count; i++) {
        struct topo_world_node *node = &world->nodes[i];
        if (node->gateway)
            sim_gateway_free(node->gateway);
        else
            sim_host_free(node->host);
    }
}

struct topo_leaks topo_world_free(struct topo_world *world)
{
    sim_world_drain(world->sim);
    free_nodes(world);
    base_names_fini(&world->lans_by_name);
    for (size_t i = 0; i < world->lan_count; i++) {
        sim_switch_free(world->lans[i].lan_switch);
        free(world->lans[i].name);
    }
    for (size_t i = 0; i < world->nat_count; i++) {
        sim_switch_free(world->nats[i].cable);
        sim_nat_free(world->nats[i].router);
    }
    sim_internet_free(world->internet);
    free(world->nats);
    free(world->firewall);
    struct sim_leaks left = sim_world_leaks(world->sim);
    struct topo_leaks leaks = {.packets = left.packets + left.flights, .timers = left.timers};
    if (!leaks.packets && !leaks.timers)
        sim_world_free(world->sim); /* else it stays: what points into it is unknown */
    crypto_context_free(world->own_crypto);
    free(world->nodes);
    free(world->lans);
    free(world);
    return leaks;
}
