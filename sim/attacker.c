/* A node that only sends. */
#include "sim/attacker.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/ether.h"
#include "sim/internet.h"
#include "sim/journal.h"
#include "sim/link.h"

enum {
    MTU = 65535 /* the path and the nodes have theirs */
};

struct sim_attacker {
    struct sim_node node;
    struct sim_port port;
};

/* What strays to his port on a segment: nothing of it is answered. */
static void receive(struct sim_node *node, struct sim_port *port, struct sim_packet *packet)
{
    (void)port;
    sim_packet_free(node->world, packet);
}

struct sim_attacker *sim_attacker_new(struct sim_world *world, struct sim_internet *internet)
{
    struct sim_attacker *attacker = base_alloc(sizeof(*attacker));
    sim_node_init(&attacker->node, world, "attacker");
    attacker->node.receive = receive;
    sim_port_init(&attacker->port, &attacker->node, "eth0", 0, MTU);
    attacker->port.promiscuous = true;
    sim_internet_attach(internet, &attacker->port);
    return attacker;
}

void sim_attacker_free(struct sim_attacker *attacker)
{
    if (!attacker)
        return;
    sim_port_fini(&attacker->port);
    sim_node_fini(&attacker->node);
    free(attacker);
}

static struct sim_packet *make(struct sim_attacker *attacker, const struct sim_injection *injection,
                               const uint8_t *to)
{
    struct sim_world *world = attacker->node.world;
    uint32_t size = NET_ETHER_SIZE + injection->size;
    struct sim_packet *packet = sim_packet_new(world, size, 0);
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.dst, to, NET_MAC_SIZE);
    memcpy(ether.src, injection->from ? injection->from : attacker->port.mac, NET_MAC_SIZE);
    uint8_t *frame = base_buffer_put(&packet->bytes, size);
    net_ether_write(&ether, frame);
    memcpy(frame + NET_ETHER_SIZE, injection->bytes, injection->size);
    packet->injected = true;
    sim_note(world, packet, attacker->node.id, attacker->port.index, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_INJECTED, injection->number);
    return packet;
}

void sim_attacker_send(struct sim_attacker *attacker, const struct sim_injection *injection)
{
    const uint8_t *to = injection->to ? injection->to : NET_MAC_BROADCAST;
    sim_pipe_send(attacker->port.out, make(attacker, injection, to));
}

void sim_attacker_put(struct sim_attacker *attacker, const struct sim_injection *injection,
                      struct sim_port *port)
{
    sim_port_deliver(port, make(attacker, injection, port->mac));
}
