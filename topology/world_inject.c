/* An attacker's packets on their way into the world: at which port, in which frame. */
#include <string.h>

#include "net/ipv4.h"
#include "sim/stack.h"
#include "topology/world_internal.h"

/* The MAC address that has this public address on a segment; NULL: none has. */
static const uint8_t *segment_mac(struct topo_world *world, net_ip4 destination)
{
    for (size_t i = 0; i < world->nat_count; i++)
        if (net_addr_ip4(&world->nats[i].model->public_ip) == destination)
            return sim_nat_outside(world->nats[i].router)->mac;
    struct topo_world_node *node = base_map_get(&world->publics, destination);
    const struct sim_port *port = node ? node->ops->port(node, "wan") : NULL;
    return port ? port->mac : NULL;
}

enum topo_injected topo_world_inject(struct topo_world *world, const char *point, const uint8_t *ip,
                                     size_t size, uint32_t line)
{
    struct topo_point where;
    struct sim_injection injection = {.bytes = ip, .size = (uint32_t)size, .number = line};
    const uint8_t *router = sim_internet_router_mac(world->internet);
    if (!topo_find_point(world->model, point, &where) || where.kind == TOPO_POINT_TUNNEL)
        return TOPO_INJECT_NO_POINT;
    if (where.kind == TOPO_POINT_INTERNET) {
        injection.to = router ? router : segment_mac(world, net_ipv4_dst(ip));
        if (!injection.to)
            return TOPO_INJECT_NO_TAKER;
        sim_attacker_send(world->attacker, &injection);
        return TOPO_INJECTED;
    }
    struct topo_world_node *node =
        topo_world_node(world, where.node.host ? where.node.host->name : where.node.gateway->node);
    struct sim_port *port = node->ops->port(node, strrchr(point, ':') + 1);
    if (!port)
        return TOPO_INJECT_NO_POINT;
    if (where.kind == TOPO_POINT_GATEWAY_WAN)
        injection.from = router;
    sim_attacker_put(world->attacker, &injection, port);
    return TOPO_INJECTED;
}
