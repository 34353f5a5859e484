/* What steps do to a simulated node; and its ping. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "topology/world_internal.h"

static int route_add(struct topo_world_node *node, const struct net_prefix *to, net_ip4 via)
{
    enum sim_stack_status status =
        sim_stack_route_add_via(node->stack, SIM_STACK_TABLE_MAIN, to, via, 0, 0);
    return status == SIM_STACK_OK ? 0 : status == SIM_STACK_EXISTS ? -EEXIST : -ENETUNREACH;
}

static bool route_remove(struct topo_world_node *node, const struct net_prefix *to)
{
    return sim_stack_route_remove(node->stack, SIM_STACK_TABLE_MAIN, to) == SIM_STACK_OK;
}

static bool route_get(struct topo_world_node *node, net_ip4 to, struct sim_stack_route *out)
{
    return sim_stack_route_get(node->stack, to, SIM_STACK_ALL_TABLES, out) == SIM_STACK_OK;
}

static void power(struct topo_world_node *node, bool on)
{
    if (node->engine)
        node->engine->ops->power(node->engine, on);
    else
        sim_stack_set_up(node->stack, on);
}

static void set_forwarding(struct topo_world_node *node, bool ip_forward,
                           enum topo_rp_filter rp_filter)
{
    sim_stack_set_forwarding(node->stack, ip_forward);
    sim_stack_set_rp_filter(node->stack, topo_rp_filter_of(rp_filter));
}

static struct sim_port *port(struct topo_world_node *node, const char *interface)
{
    uint16_t number;
    return sim_stack_find_interface(node->stack, interface, &number)
               ? sim_stack_port(node->stack, number)
               : NULL;
}

static void node_free(struct topo_world_node *node)
{
    if (node->gateway)
        sim_gateway_free(node->gateway);
    else
        sim_host_free(node->host);
}

/* ---- ping ---- */

struct simulated_ping {
    struct topo_ping base;
    struct sim_ping *ping;
};

static void on_line(void *context, struct sim_ping *ping, const struct sim_ping_line *line)
{
    const struct topo_ping_listener *listener = &((struct topo_ping *)context)->listener;
    (void)ping;
    if (listener->line)
        listener->line(listener->context, line);
}

static void on_done(void *context, struct sim_ping *ping)
{
    const struct topo_ping_listener *listener = &((struct topo_ping *)context)->listener;
    (void)ping;
    if (listener->done)
        listener->done(listener->context);
}

static void stop_ping(struct topo_ping *base)
{
    sim_ping_stop(((struct simulated_ping *)base)->ping);
}

static void free_ping(struct topo_ping *base)
{
    sim_ping_free(((struct simulated_ping *)base)->ping);
    free(base);
}

static const struct sim_ping_statistics *ping_statistics(const struct topo_ping *base)
{
    return sim_ping_statistics(((const struct simulated_ping *)base)->ping);
}

static struct topo_ping *ping(struct topo_world_node *node, const struct sim_ping_config *config,
                              const struct topo_ping_listener *listener)
{
    static const struct topo_ping_ops OPS = {stop_ping, free_ping, ping_statistics};
    struct simulated_ping *made = base_alloc(sizeof(*made));
    struct sim_ping_listener inner = {made, on_line, on_done};
    made->base = (struct topo_ping){.ops = &OPS, .listener = *listener};
    made->ping = sim_ping_start(node->stack, config, &inner);
    return &made->base;
}

const struct topo_node_ops topo_node_simulated = {
    .route_add = route_add,
    .route_remove = route_remove,
    .route_get = route_get,
    .power = power,
    .set_forwarding = set_forwarding,
    .port = port,
    .ping = ping,
    .free = node_free,
};
