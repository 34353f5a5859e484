/* The learning switch: an address table with open addressing, and fan-out without an event. */
#include "sim/switch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/ether.h"
#include "sim/journal.h"
#include "sim/warm.h"
#include "sim/world.h"

/* Where an address was last seen. 0 is an empty place: no frame comes from that address. */
struct place {
    uint64_t mac_port; /* the port's number in the low 16 bits */
    base_ns seen;
};

struct sim_switch {
    /* what frames touch, with the front of the link */
    struct place *places; /* a power of two, at most half full */
    uint32_t places_size, places_count;
    struct sim_link link; /* a pipe's index is its port number, its `from` the member */

    struct sim_node node;
};

enum {
    PLACES_SIZE_FIRST = 4, /* a line: host and gateway, as in most LANs */
    PLACES_SIZE_WARM = 8
};

static uint64_t mac_number(const uint8_t *mac)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < NET_MAC_SIZE; i++)
        number = number << 8 | mac[i];
    return number;
}

/* The address's place, or the empty one where it would be. */
static struct place *find_place(struct place *places, size_t size, uint64_t mac)
{
    size_t i = (size_t)((mac * 0x9e3779b97f4a7c15u) >> 32) & (size - 1);
    while (places[i].mac_port && places[i].mac_port >> 16 != mac)
        i = (i + 1) & (size - 1);
    return &places[i];
}

static void grow_places(struct sim_switch *sw)
{
    uint32_t size = sw->places_size * 2;
    struct place *places = base_alloc_lines(size * sizeof(*places));
    for (size_t i = 0; i < sw->places_size; i++) {
        if (sw->places[i].mac_port)
            *find_place(places, size, sw->places[i].mac_port >> 16) = sw->places[i];
    }
    free(sw->places);
    sw->places = places;
    sw->places_size = size;
}

static void learn(struct sim_switch *sw, const uint8_t *source, uint16_t port)
{
    uint64_t mac = mac_number(source);
    if (net_mac_is_group(source) || !mac)
        return;
    struct place *place = find_place(sw->places, sw->places_size, mac);
    if (!place->mac_port) {
        if (sw->places_count >= SIM_SWITCH_ADDRESSES_MAX)
            return;
        sw->places_count++;
    }
    *place = (struct place){.mac_port = mac << 16 | port, .seen = sw->link.world->now};
    if (sw->places_count * 2 > sw->places_size)
        grow_places(sw);
}

/* The port behind which the address was seen lately, or NULL. */
static struct sim_pipe *locate(const struct sim_switch *sw, const uint8_t *destination)
{
    const struct place *place = find_place(sw->places, sw->places_size, mac_number(destination));
    if (!place->mac_port || sw->link.world->now - place->seen >= SIM_SWITCH_AGE_NS)
        return NULL;
    struct sim_pipe *pipe = sw->link.pipes[place->mac_port & UINT16_MAX];
    return pipe->from ? pipe : NULL;
}

/* Whether anything at the member would take notice of the frame: spares copies nobody sees. */
static bool would_see(const struct sim_port *member, const uint8_t *frame)
{
    return member->taps || member->promiscuous || net_mac_is_group(frame) ||
           net_mac_equal(frame, member->mac);
}

static struct sim_packet *copy_for(struct sim_world *world, const struct sim_switch *sw,
                                   const struct sim_packet *packet, uint16_t port)
{
    struct sim_packet *copy = sim_packet_clone(world, packet);
    sim_note(world, copy, sw->node.id, port, SIM_KIND_BORN, SIM_REASON_NONE, SIM_ORIGIN_COPY, 0);
    return copy;
}

/* To all members but the sender: copies to the earlier ones, the frame itself to the last. */
static void flood(struct sim_switch *sw, struct sim_pipe *in, struct sim_packet *packet)
{
    struct sim_world *world = sw->node.world;
    struct sim_port *last = NULL;
    uint16_t last_port = 0;
    for (size_t i = 0; i < sw->link.pipes_count; i++) {
        struct sim_port *member = sw->link.pipes[i]->from;
        if (!member || sw->link.pipes[i] == in || !would_see(member, sim_packet_data(packet)))
            continue;
        if (last)
            sim_port_deliver(last, copy_for(world, sw, packet, last_port));
        last = member;
        last_port = (uint16_t)i;
    }
    if (last)
        sim_port_deliver(last, packet);
    else
        sim_drop(world, packet, sw->node.id, in->index, SIM_REASON_OTHER_HOST, 0, 0);
}

/* 01-80-C2-00-00-0X: bridges keep these to themselves (IEEE 802.1D, 7.12.6). */
static bool is_link_local(const uint8_t *mac)
{
    static const uint8_t PREFIX[5] = {0x01, 0x80, 0xc2, 0, 0};
    return !memcmp(mac, PREFIX, sizeof(PREFIX)) && mac[5] < 16;
}

static void arrive(struct sim_carrier *carrier, struct sim_packet *packet)
{
    struct sim_pipe *in = SIM_OWNER(carrier, struct sim_pipe, carrier);
    struct sim_switch *sw = SIM_OWNER(in->link, struct sim_switch, link);
    const uint8_t *frame = sim_packet_data(packet);
    if (sim_packet_size(packet) < NET_ETHER_SIZE || is_link_local(frame)) {
        sim_drop(sw->node.world, packet, sw->node.id, in->index, SIM_REASON_BAD_FRAME, 0, 0);
        return;
    }
    if (in->from)
        learn(sw, frame + NET_MAC_SIZE, in->index);
    struct sim_pipe *out = net_mac_is_group(frame) ? NULL : locate(sw, frame);
    if (!out)
        flood(sw, in, packet);
    else if (out == in)
        sim_drop(sw->node.world, packet, sw->node.id, in->index, SIM_REASON_SAME_PORT, 0, 0);
    else {
        sim_pipe_learn(in, out->from);
        sim_port_deliver(out->from, packet);
    }
}

/* Of a small LAN all; of a large one's tables, what an address needs is anybody's guess. */
static void list_memory(struct sim_link *link, struct base_warm *set)
{
    struct sim_switch *sw = SIM_OWNER(link, struct sim_switch, link);
    base_warm_add(set, sw, offsetof(struct sim_switch, link) + offsetof(struct sim_link, name));
    if (link->pipes != link->pipes_few)
        base_warm_add(set, link->pipes, sizeof(struct sim_pipe *));
    if (sw->places_size <= PLACES_SIZE_WARM)
        base_warm_add(set, sw->places, sw->places_size * sizeof(*sw->places));
}

struct sim_switch *sim_switch_new(struct sim_world *world, const char *name,
                                  const struct sim_impairment *base)
{
    struct sim_switch *sw = base_alloc_lines(sizeof(*sw));
    sim_node_init(&sw->node, world, name);
    sim_link_init(&sw->link, world, name, sw->node.id, base);
    sw->link.vlan_slack = true;
    sw->link.list_memory = list_memory;
    sw->places_size = PLACES_SIZE_FIRST;
    sw->places = base_alloc_lines(sw->places_size * sizeof(*sw->places));
    return sw;
}

void sim_switch_free(struct sim_switch *sw)
{
    if (!sw)
        return;
    sim_link_fini(&sw->link);
    free(sw->places);
    sim_node_fini(&sw->node);
    free(sw);
}

void sim_switch_attach(struct sim_switch *sw, struct sim_port *member)
{
    sim_link_add_pipe(&sw->link, member, arrive);
}

void sim_switch_detach(struct sim_switch *sw, struct sim_port *member)
{
    assert(member->out && member->out->link == &sw->link);
    sim_pipe_unplug(member->out);
}

struct sim_link *sim_switch_link(struct sim_switch *sw)
{
    return &sw->link;
}

uint16_t sim_switch_id(const struct sim_switch *sw)
{
    return sw->node.id;
}
