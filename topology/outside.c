/* Frames between links and TAP devices; and what steps do to such a node. */
#include "topology/outside_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/ether.h"
#include "net/route.h"
#include "sim/journal.h"

enum {
    FRAMES_A_TURN = 64, /* from one device, before others have theirs */
    FRAME_SIZE_MAX = 65535 + NET_ETHER_SIZE,
};

/* ---- Frames ---- */

static struct topo_outside *outside_of(struct sim_node *node)
{
    return SIM_OWNER(node, struct topo_outside, node);
}

static struct outside_port *port_of(struct sim_port *port)
{
    return SIM_OWNER(port, struct outside_port, port);
}

static void receive(struct sim_node *node, struct sim_port *port, struct sim_packet *packet)
{
    struct topo_outside *outside = outside_of(node);
    struct outside_port *in = port_of(port);
    if (!outside->on) {
        sim_drop(node->world, packet, node->id, port->index, SIM_REASON_NODE_DOWN, 0, 0);
        return;
    }
    if (write(in->watch.fd, sim_packet_data(packet), sim_packet_size(packet)) < 0) {
        sim_drop(node->world, packet, node->id, port->index, SIM_REASON_QUEUE_FULL, 0, 0);
        return;
    }
    enum sim_reason refusal = outside_note_in(outside, in, packet);
    if (refusal) /* the kernel has it, and drops it */
        sim_drop(node->world, packet, node->id, port->index, refusal, 0, 0);
    else
        sim_packet_free(node->world, packet);
}

static void send_frame(struct outside_port *port, size_t size)
{
    struct topo_outside *outside = port->owner;
    struct sim_packet *packet = sim_packet_new(outside->node.world, (uint32_t)size, 0);
    memcpy(base_buffer_put(&packet->bytes, (uint32_t)size), outside->frame, size);
    outside_note_out(outside, port, packet);
    sim_port_send(&port->port, packet);
}

static void on_device(struct netns_watch *watch)
{
    struct outside_port *port = SIM_OWNER(watch, struct outside_port, watch);
    struct topo_outside *outside = port->owner;
    for (int i = 0; i < FRAMES_A_TURN; i++) {
        ssize_t size = read(watch->fd, outside->frame, FRAME_SIZE_MAX);
        if (size < 0)
            return;
        if (outside->on && size >= NET_ETHER_SIZE)
            send_frame(port, (size_t)size);
    }
}

/* ---- Making ---- */

struct topo_outside *topo_outside_new(struct sim_world *world,
                                      const struct topo_outside_config *config, char **error)
{
    struct netns *netns = netns_new(config->session, config->name, error);
    if (!netns)
        return NULL;
    struct topo_outside *outside = base_alloc(sizeof(*outside));
    sim_node_init(&outside->node, world, config->name);
    outside->node.receive = receive;
    outside->netns = netns;
    outside->loop = config->loop;
    outside->frame = base_alloc(FRAME_SIZE_MAX);
    outside->on = true;
    return outside;
}

static void port_free(struct outside_port *port)
{
    netns_loop_remove(port->owner->loop, &port->watch);
    netns_tap_close(port->watch.fd);
    sim_port_fini(&port->port);
    free(port);
}

void topo_outside_free(struct topo_outside *outside)
{
    if (!outside)
        return;
    for (size_t i = 0; i < outside->port_count; i++)
        port_free(outside->ports[i]);
    netns_free(outside->netns);
    sim_node_fini(&outside->node);
    free(outside->frame);
    free(outside);
}

/* The device, with its address, up; -errno where something of it fails. */
static int make_device(struct topo_outside *outside, const struct sim_port *port,
                       const struct net_prefix *address)
{
    int tap = netns_tap(outside->netns, port->name, port->mac, port->mtu);
    if (tap < 0)
        return tap;
    int status = netns_address_add(outside->netns, port->name, address);
    if (status == 0)
        status = netns_link_up(outside->netns, port->name, true);
    if (status == 0)
        return tap;
    close(tap);
    return status;
}

struct sim_port *topo_outside_add(struct topo_outside *outside, const char *name,
                                  const struct net_prefix *address, uint16_t mtu, char **error)
{
    if (outside->port_count == OUTSIDE_PORTS_MAX) {
        *error = base_printf("%s has too many interfaces", outside->node.name);
        return NULL;
    }
    struct outside_port *port = base_alloc(sizeof(*port));
    sim_port_init(&port->port, &outside->node, name, (uint16_t)outside->port_count, mtu);
    int tap = make_device(outside, &port->port, address);
    if (tap < 0) {
        *error = base_printf("cannot make %s of %s: %s", name, outside->node.name, strerror(-tap));
        sim_port_fini(&port->port);
        free(port);
        return NULL;
    }
    port->owner = outside;
    port->address = net_addr_ip4(&address->addr);
    port->watch = (struct netns_watch){.fd = tap, .ready = on_device};
    outside->ports[outside->port_count++] = port;
    netns_loop_add(outside->loop, &port->watch);
    return &port->port;
}

bool topo_outside_set_default_route(struct topo_outside *outside, const char *interface,
                                    net_ip4 via, char **error)
{
    struct net_prefix all = net_prefix_from_ip4(0, 0);
    int status = netns_route_add(outside->netns, &all, via, interface);
    if (status != 0)
        *error = base_printf("no default route by %s of %s: %s", interface, outside->node.name,
                             strerror(-status));
    return status == 0;
}

struct sim_node *topo_outside_node(struct topo_outside *outside)
{
    return &outside->node;
}

struct netns *topo_outside_netns(struct topo_outside *outside)
{
    return outside->netns;
}

struct netns_loop *topo_outside_loop(struct topo_outside *outside)
{
    return outside->loop;
}

struct sim_port *topo_outside_port(struct topo_outside *outside, const char *name)
{
    for (size_t i = 0; i < outside->port_count; i++)
        if (!strcmp(outside->ports[i]->port.name, name))
            return &outside->ports[i]->port;
    return NULL;
}

void topo_outside_power(struct topo_outside *outside, bool on)
{
    outside->on = on;
    for (size_t i = 0; i < outside->port_count; i++)
        (void)netns_tap_carrier(outside->ports[i]->watch.fd, on);
}

/* ---- What steps do to it ---- */

static int route_add(struct topo_world_node *node, const struct net_prefix *to, net_ip4 via)
{
    return netns_route_add(node->outside->netns, to, via, NULL);
}

static bool route_remove(struct topo_world_node *node, const struct net_prefix *to)
{
    return netns_route_remove(node->outside->netns, to) == 0;
}

static bool route_get(struct topo_world_node *node, net_ip4 to, struct sim_stack_route *out)
{
    struct netns_route route;
    if (netns_route_get(node->outside->netns, to, &route) != 0)
        return false;
    *out = (struct sim_stack_route){
        .kind = route.local ? NET_ROUTE_LOCAL : NET_ROUTE_UNICAST,
        .next_hop = route.via ? route.via : to,
        .source = route.source,
        .prefix_length = route.length,
    };
    return true;
}

static void power(struct topo_world_node *node, bool on)
{
    if (!on && node->engine)
        node->engine->ops->power(node->engine, false);
    topo_outside_power(node->outside, on);
    if (on && node->engine)
        node->engine->ops->power(node->engine, true);
}

static void set_forwarding(struct topo_world_node *node, bool ip_forward,
                           enum topo_rp_filter rp_filter)
{
    static const char *const WORDS[] = {
        [TOPO_RP_FILTER_OFF] = "0", [TOPO_RP_FILTER_STRICT] = "1", [TOPO_RP_FILTER_LOOSE] = "2"};
    struct netns *netns = node->outside->netns;
    node->outside->forwards = ip_forward;
    (void)netns_sysctl(netns, "net/ipv4/ip_forward", ip_forward ? "1" : "0");
    (void)netns_sysctl(netns, "net/ipv4/conf/all/rp_filter", WORDS[rp_filter]);
}

static struct sim_port *port(struct topo_world_node *node, const char *interface)
{
    return topo_outside_port(node->outside, interface);
}

static void node_free(struct topo_world_node *node)
{
    topo_outside_free(node->outside);
}

const struct topo_node_ops topo_node_outside = {
    .route_add = route_add,
    .route_remove = route_remove,
    .route_get = route_get,
    .power = power,
    .set_forwarding = set_forwarding,
    .port = port,
    .ping = outside_ping,
    .free = node_free,
};
