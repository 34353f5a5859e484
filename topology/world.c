/* The world's look-ups, power, routes and taps. Building it is world_build.c's matter. */
#include <errno.h>

#include "netns/netns.h"
#include "topology/outside.h"
#include "topology/world_internal.h"

struct sim_world *topo_world_sim(struct topo_world *world)
{
    return world->sim;
}

base_ns topo_world_now(const struct topo_world *world)
{
    return world->sim->now;
}

void topo_world_run_until(struct topo_world *world, base_ns until)
{
    if (!world->loop) {
        sim_world_run_until(world->sim, until);
        return;
    }
    while (topo_realtime_step(world, until)) {
    }
}

bool topo_world_step(struct topo_world *world, base_ns limit)
{
    if (world->loop)
        return topo_realtime_step(world, limit);
    return sim_world_step(world->sim, limit);
}

const char *topo_world_namespace(const struct topo_world_node *node)
{
    return node->outside ? netns_name(topo_outside_netns(node->outside)) : NULL;
}

bool topo_world_is_real(const struct topo_world *world)
{
    return world->loop != NULL;
}

bool topo_world_interrupted(const struct topo_world *world)
{
    return world->interrupted;
}

/* ---- Nodes ---- */

size_t topo_world_node_count(const struct topo_world *world)
{
    return world->node_count;
}

struct topo_world_node *topo_world_node_at(struct topo_world *world, size_t index)
{
    return index < world->node_count ? &world->nodes[index] : NULL;
}

struct topo_world_node *topo_world_node(struct topo_world *world, const char *name)
{
    return base_names_get(&world->by_name, name);
}

struct sim_gateway *topo_world_gateway(struct topo_world *world, const char *name)
{
    struct topo_world_node *node = topo_world_node(world, name);
    return node ? node->gateway : NULL;
}

struct topo_engine *topo_world_engine(struct topo_world *world, const char *name)
{
    struct topo_world_node *node = topo_world_node(world, name);
    return node ? node->engine : NULL;
}

bool topo_world_address(struct topo_world *world, const char *from, const char *to,
                        net_ip4 *address)
{
    struct topo_world_node *target = topo_world_node(world, to);
    if (!target)
        return net_ip4_parse(to, address);
    struct topo_world_node *source = from ? topo_world_node(world, from) : NULL;
    struct net_addr found = topo_node_address(&target->model, source ? &source->model : NULL);
    *address = net_addr_ip4(&found);
    return true;
}

/* ---- Routes and power ---- */

bool topo_world_route_get(struct topo_world *world, const char *name, net_ip4 to,
                          struct sim_stack_route *out)
{
    struct topo_world_node *node = topo_world_node(world, name);
    return node && node->ops->route_get(node, to, out);
}

int topo_world_route_add(struct topo_world *world, const char *name, const struct net_prefix *to,
                         net_ip4 via)
{
    struct topo_world_node *node = topo_world_node(world, name);
    return node ? node->ops->route_add(node, to, via) : -ENOENT;
}

bool topo_world_route_remove(struct topo_world *world, const char *name,
                             const struct net_prefix *to)
{
    struct topo_world_node *node = topo_world_node(world, name);
    return node && node->ops->route_remove(node, to);
}

static bool set_power(struct topo_world *world, const char *name, bool on)
{
    struct topo_world_node *node = topo_world_node(world, name);
    if (!node)
        return false;
    node->running = on;
    node->ops->power(node, on);
    return true;
}

bool topo_world_stop(struct topo_world *world, const char *name)
{
    return set_power(world, name, false);
}

bool topo_world_start(struct topo_world *world, const char *name)
{
    return set_power(world, name, true);
}

bool topo_world_lose_unit(struct topo_world *world, const char *name, bool warm)
{
    struct topo_world_node *node = topo_world_node(world, name);
    if (!node || !node->gateway)
        return false;
    node->running = false;
    sim_gateway_fail(node->gateway, warm);
    return true;
}

bool topo_world_take_over(struct topo_world *world, const char *name)
{
    struct topo_world_node *node = topo_world_node(world, name);
    if (!node || !node->gateway)
        return false;
    node->running = true;
    sim_gateway_take_over(node->gateway);
    return true;
}

bool topo_world_restart(struct topo_world *world, const char *name)
{
    return topo_world_stop(world, name) && topo_world_start(world, name);
}

/* ---- Links and taps ---- */

struct sim_link *topo_world_link(struct topo_world *world, const char *name)
{
    if (!strcmp(name, "internet"))
        return sim_internet_link(world->internet);
    const struct world_lan *lan = base_names_get(&world->lans_by_name, name);
    return lan ? sim_switch_link(lan->lan_switch) : NULL;
}

struct sim_node *topo_world_sender(struct topo_world *world, const char *link, const char *name)
{
    struct topo_world_node *node = topo_world_node(world, name);
    for (size_t i = 0; i < world->nat_count && !strcmp(link, "internet"); i++)
        if (!strcmp(world->nats[i].model->gateway, name))
            return sim_nat_node(world->nats[i].router);
    return node ? node->sim : NULL;
}

struct sim_nat *topo_world_nat(struct topo_world *world, const char *name)
{
    for (size_t i = 0; i < world->nat_count; i++)
        if (!strcmp(world->nats[i].model->node, name))
            return world->nats[i].router;
    return NULL;
}

bool topo_world_tap(struct topo_world *world, const char *name, struct sim_tap *tap)
{
    struct topo_point point;
    if (!topo_find_point(world->model, name, &point))
        return false;
    if (point.kind == TOPO_POINT_INTERNET) {
        sim_link_add_tap(sim_internet_link(world->internet), tap);
        return true;
    }
    const char *node_name = point.node.host ? point.node.host->name : point.node.gateway->node;
    struct topo_world_node *node = topo_world_node(world, node_name);
    if (point.kind == TOPO_POINT_TUNNEL)
        return node->engine->ops->tap(node->engine, point.tunnel->name, tap);
    struct sim_port *port = node->ops->port(node, strrchr(name, ':') + 1);
    if (port)
        sim_tap_add(&port->taps, tap);
    return port != NULL;
}

/* ---- Security associations ---- */

/* The node whose gateway has this public address. */
static struct topo_world_node *gateway_at(struct topo_world *world, net_ip4 address)
{
    return base_map_get(&world->publics, address);
}

static bool is_twin(const struct esp_sa *out, const struct esp_sa *in)
{
    return in && in->encr == out->encr && in->integ == out->integ && in->esn == out->esn &&
           !memcmp(in->key, out->key, sizeof(in->key)) &&
           !memcmp(in->integ_key, out->integ_key, sizeof(in->integ_key));
}

size_t topo_world_pairing(struct topo_world *world, topo_unpaired_fn *unpaired, void *context)
{
    size_t count = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        struct topo_world_node *node = &world->nodes[i];
        const struct esp_sa *sa =
            node->gateway ? esp_sad_first(sim_gateway_sad(node->gateway)) : NULL;
        for (; sa; sa = sa->next) {
            if (sa->direction != ESP_SA_OUTBOUND)
                continue;
            struct topo_world_node *peer = gateway_at(world, sa->path.destination);
            if (peer && !peer->gateway) /* outside: nobody can look into it */
                continue;
            if (peer && is_twin(sa, esp_sad_inbound(sim_gateway_sad(peer->gateway), sa->spi)))
                continue;
            count++;
            if (unpaired)
                unpaired(context, node, sa);
        }
    }
    return count;
}

bool topo_world_quiet(struct topo_world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        struct topo_engine *engine = world->nodes[i].engine;
        if (engine && !engine->ops->quiet(engine))
            return false;
    }
    return true;
}
