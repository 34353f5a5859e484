/* The registry of nodes, and ports. */
#include "sim/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/ether.h"
#include "sim/journal.h"
#include "sim/link.h"
#include "sim/tap.h"
#include "sim/warm.h"
#include "sim/world.h"

#define NODES_MAX 65535 /* ids are 16 bits, and 0 is none */

/* Takes the next id: nodes[0] stays empty. */
static uint16_t take_id(struct sim_world *world)
{
    if (world->nodes_count == 0) {
        world->nodes = base_grow(world->nodes, 0, &world->nodes_capacity, sizeof(*world->nodes));
        world->nodes_count = 1;
    }
    assert(world->nodes_count < NODES_MAX);
    world->nodes =
        base_grow(world->nodes, world->nodes_count, &world->nodes_capacity, sizeof(*world->nodes));
    return (uint16_t)world->nodes_count++;
}

void sim_node_init(struct sim_node *node, struct sim_world *world, const char *name)
{
    *node = (struct sim_node){.world = world, .name = base_strdup(name), .id = take_id(world)};
    world->nodes[node->id] = node;
    if (!world->warmer && world->nodes_count > SIM_WARM_NODES_MIN)
        world->warmer = sim_warmer_new(world);
}

void sim_node_fini(struct sim_node *node)
{
    node->world->nodes[node->id] = NULL;
    free(node->name);
    free(node->drops);
    *node = (struct sim_node){0};
}

void sim_port_init(struct sim_port *port, struct sim_node *node, const char *name, uint16_t index,
                   uint16_t mtu)
{
    assert(index < 256);
    *port = (struct sim_port){
        .node = node,
        .name = base_strdup(name),
        .index = index,
        .mtu = mtu,
        .mac = {0x02, 0x74, 0x62, (uint8_t)(node->id >> 8), (uint8_t)node->id, (uint8_t)index},
    };
}

void sim_port_fini(struct sim_port *port)
{
    if (port->out)
        sim_pipe_unplug(port->out);
    free(port->name);
    *port = (struct sim_port){0};
}

void sim_port_send(struct sim_port *port, struct sim_packet *packet)
{
    struct sim_node *node = port->node;
    struct sim_world *world = node->world;
    packet->secpath_reqid = 0;
    packet->secpath_spi = 0;
    packet->injected = false;
    sim_note(world, packet, node->id, port->index, SIM_KIND_SENT, SIM_REASON_NONE,
             sim_packet_size(packet), 0);
    if (port->out) {
        sim_pipe_send(port->out, packet);
        return;
    }
    sim_tap_show(port->taps, world->now, packet, SIM_DIRECTION_OUT, NULL);
    sim_drop(world, packet, node->id, port->index, SIM_REASON_NOT_PLUGGED, 0, 0);
}

void sim_port_deliver(struct sim_port *port, struct sim_packet *packet)
{
    struct sim_node *node = port->node;
    struct sim_world *world = node->world;
    if (port->taps)
        sim_tap_show(port->taps, world->now, packet, SIM_DIRECTION_IN, NULL);
    const uint8_t *frame = sim_packet_data(packet);
    if (!port->promiscuous && sim_packet_size(packet) >= NET_MAC_SIZE && !net_mac_is_group(frame) &&
        !net_mac_equal(frame, port->mac)) {
        sim_drop(world, packet, node->id, port->index, SIM_REASON_OTHER_HOST, 0, 0);
        return;
    }
    sim_note(world, packet, node->id, port->index, SIM_KIND_RECEIVED, SIM_REASON_NONE,
             sim_packet_size(packet), 0);
    if (world->warmer)
        sim_warmer_arrive(world->warmer, port->list);
    node->receive(node, port, packet);
}
