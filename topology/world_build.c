/* Building a world from the model, and taking it down. */
#include "topology/world_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/context.h"
#include "netns/loop.h"
#include "topology/impair.h"
#include "topology/outside.h"

uint16_t topo_mtu_of(const struct topo_impairment *link)
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

struct sim_switch *topo_switch_of(struct topo_world *world, const struct topo_vdc *vdc, uint32_t id)
{
    char *name = base_printf("%s/%u", vdc->name, id);
    const struct world_lan *lan = base_names_get(&world->lans_by_name, name);
    assert(lan); /* the model was checked */
    free(name);
    return lan->lan_switch;
}

struct topo_world_node *topo_add_node(struct topo_world *world, const char *name)
{
    struct topo_world_node *node = &world->nodes[world->node_count++];
    node->name = name;
    node->running = true;
    base_names_put(&world->by_name, name, node);
    return node;
}

/* Its interface, plugged in by the caller; NULL where it could not be made. */
static struct sim_port *make_simulated(struct topo_world *world, struct topo_world_node *node,
                                       const struct topo_host *model, const struct topo_lan *lan)
{
    struct sim_host_config config = {
        .name = model->name,
        .address = topo_host_prefix(model, lan),
        .default_gateway = net_addr_ip4(&model->default_gateway),
        .mtu = topo_mtu_of(&lan->link),
    };
    node->host = sim_host_new(world->sim, &config);
    node->stack = sim_host_stack(node->host);
    node->sim = sim_stack_node(node->stack);
    node->ops = &topo_node_simulated;
    return sim_host_port(node->host);
}

struct sim_port *topo_make_outside(struct topo_world *world, struct topo_world_node *node,
                                   const char *interface, const struct net_prefix *address,
                                   uint16_t mtu)
{
    struct topo_outside_config config = {
        .name = node->name, .session = world->session, .loop = world->loop};
    char *error = NULL;
    if (!node->outside)
        node->outside = topo_outside_new(world->sim, &config, &error);
    struct sim_port *port =
        node->outside ? topo_outside_add(node->outside, interface, address, mtu, &error) : NULL;
    if (!port)
        topo_world_fail(world, error);
    if (!node->outside)
        return NULL;
    node->sim = topo_outside_node(node->outside);
    node->ops = &topo_node_outside;
    return port;
}

static struct sim_port *make_real(struct topo_world *world, struct topo_world_node *node,
                                  const struct topo_host *model, const struct topo_lan *lan)
{
    const struct net_prefix address = topo_host_prefix(model, lan);
    const struct net_prefix all = net_prefix_from_ip4(0, 0);
    struct sim_port *port =
        topo_make_outside(world, node, "eth0", &address, topo_mtu_of(&lan->link));
    if (port && model->default_gateway.family)
        topo_world_route_add(world, model->name, &all, net_addr_ip4(&model->default_gateway));
    return port;
}

static void add_host(struct topo_world *world, const struct topo_vdc *vdc,
                     const struct topo_host *model)
{
    const struct topo_lan *lan = topo_find_lan(vdc, model->lan);
    struct topo_world_node *node = topo_add_node(world, model->name);
    struct sim_port *port = world->session ? make_real(world, node, model, lan)
                                           : make_simulated(world, node, model, lan);
    if (!port)
        return;
    sim_switch_attach(topo_switch_of(world, vdc, model->lan), port);
    for (size_t i = 0; i < model->route_count; i++) /* one that Linux refuses is not there */
        topo_world_route_add(world, model->name, &model->routes[i].to,
                             net_addr_ip4(&model->routes[i].via));
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
        .routers = topo_internet_routers(world->model),
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

void topo_world_fail(struct topo_world *world, char *error)
{
    if (world->error)
        free(error);
    else
        world->error = error ? error : base_strdup("it cannot be built");
}

/* Stops at the first thing that cannot be made. */
static void add_vdc(struct topo_world *world, const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->lan_count; i++)
        add_lan(world, vdc, &vdc->lans[i]);
    for (size_t i = 0; i < vdc->host_count && !world->error; i++)
        add_host(world, vdc, &vdc->hosts[i]);
    if (!world->error)
        topo_add_gateway(world, vdc);
}

static struct topo_world *new_world(const struct topo_model *model,
                                    const struct topo_world_options *options)
{
    size_t nodes, lans;
    struct topo_world *world = base_alloc(sizeof(*world));
    world->model = model;
    world->sim = sim_world_new(options->seed, options->journal);
    world->own_crypto = options->crypto ? NULL : crypto_context_new();
    world->crypto = options->crypto ? options->crypto : world->own_crypto;
    world->session = options->session;
    world->loop = options->session ? netns_loop_new(options->session) : NULL;
    world->strongswan = options->strongswan;
    count(model, &nodes, &lans);
    world->nodes = base_alloc_array(nodes + 1, sizeof(*world->nodes));
    world->lans = base_alloc_array(lans + 1, sizeof(*world->lans));
    world->nats = base_alloc_array(model->internet.nat_count + 1, sizeof(*world->nats));
    add_internet(world);
    for (size_t i = 0; i < model->vdc_count && !world->error; i++)
        add_vdc(world, &model->vdcs[i]);
    return world;
}

struct topo_world *topo_world_try_new(const struct topo_model *model,
                                      const struct topo_world_options *options, char **error)
{
    struct topo_world *world = new_world(model, options);
    if (!world->error) {
        if (options->attacker)
            world->attacker = sim_attacker_new(world->sim, world->internet);
        topo_firewall_set(world, &model->internet);
        topo_world_set_model(world, model);
    }
    if (world->loop)
        topo_realtime_begin(world);
    if (!world->error)
        return world;
    *error = world->error;
    world->error = NULL;
    topo_world_free(world);
    return NULL;
}

struct topo_world *topo_world_new(const struct topo_model *model,
                                  const struct topo_world_options *options)
{
    char *error = NULL;
    struct topo_world *world = topo_world_try_new(model, options, &error);
    assert(world); /* a simulated one always can be */
    return world;
}

static void free_nodes(struct topo_world *world)
{
    base_names_fini(&world->by_name);
    base_map_fini(&world->publics);
    for (size_t i = 0; i < world->node_count; i++)
        if (world->nodes[i].engine)
            world->nodes[i].engine->ops->free(world->nodes[i].engine);
    for (size_t i = 0; i < world->node_count; i++)
        if (world->nodes[i].ops)
            world->nodes[i].ops->free(&world->nodes[i]);
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
    sim_attacker_free(world->attacker);
    sim_internet_free(world->internet);
    free(world->nats);
    free(world->firewall);
    struct sim_leaks left = sim_world_leaks(world->sim);
    struct topo_leaks leaks = {.packets = left.packets + left.flights, .timers = left.timers};
    if (!leaks.packets && !leaks.timers)
        sim_world_free(world->sim); /* else it stays: what points into it is unknown */
    crypto_context_free(world->own_crypto);
    netns_loop_free(world->loop);
    free(world->nodes);
    free(world->lans);
    free(world);
    return leaks;
}
