#include "tests/sim/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/ether.h"
#include "net/icmp.h"
#include "sim/journal.h"

static void receive(struct sim_node *node, struct sim_port *port, struct sim_packet *packet)
{
    struct probe *probe = SIM_OWNER(node, struct probe, node);
    if (port == &probe->port && probe->count < PROBE_FRAMES_MAX) {
        struct probe_frame *frame = &probe->frames[probe->count++];
        uint32_t size = sim_packet_size(packet);
        *frame = (struct probe_frame){
            .at = node->world->now, .id = packet->id, .parent = packet->parent, .size = size};
        memcpy(frame->bytes, sim_packet_data(packet),
               size < PROBE_BYTES_MAX ? size : PROBE_BYTES_MAX);
    }
    sim_packet_free(node->world, packet);
}

struct probe *probe_new(struct sim_world *world, const char *name)
{
    struct probe *probe = base_alloc(sizeof(*probe));
    probe->frames = base_alloc_array(PROBE_FRAMES_MAX, sizeof(*probe->frames));
    sim_node_init(&probe->node, world, name);
    probe->node.receive = receive;
    sim_port_init(&probe->port, &probe->node, "eth0", 0, 1500);
    return probe;
}

void probe_free(struct probe *probe)
{
    sim_port_fini(&probe->port);
    sim_node_fini(&probe->node);
    free(probe->frames);
    free(probe);
}

void probe_clear(struct probe *probe)
{
    probe->count = 0;
}

static uint64_t send(struct probe *probe, const uint8_t *to_mac, uint16_t type,
                     const uint8_t *payload, uint32_t size)
{
    struct sim_packet *packet = sim_packet_new(probe->node.world, NET_ETHER_SIZE + size, 0);
    uint64_t id = packet->id;
    struct net_ether ether = {.type = type};
    memcpy(ether.dst, to_mac, NET_MAC_SIZE);
    memcpy(ether.src, probe->port.mac, NET_MAC_SIZE);
    uint8_t *frame = base_buffer_put(&packet->bytes, NET_ETHER_SIZE + size);
    net_ether_write(&ether, frame);
    memcpy(frame + NET_ETHER_SIZE, payload, size);
    sim_port_send(&probe->port, packet);
    return id;
}

uint64_t probe_send(struct probe *probe, const uint8_t *to_mac, uint8_t number,
                    uint32_t payload_size)
{
    uint8_t payload[PROBE_BYTES_MAX] = {0};
    payload[payload_size - 1] = number;
    return send(probe, to_mac, 0x88b5, payload, payload_size); /* IEEE's type for experiments */
}

const char *probe_numbers(const struct probe *probe, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < probe->count && used + 4 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%u",
                                 probe->frames[i].bytes[probe->frames[i].size - 1]);
    return out;
}

uint64_t probe_send_ip(struct probe *probe, const uint8_t *to_mac, const struct probe_ip *ip)
{
    uint8_t packet[PROBE_BYTES_MAX];
    uint32_t size = ip->size ? ip->size : 128;
    for (uint32_t i = 0; i < size; i++)
        packet[i] = (uint8_t)(i * 7);
    struct net_ipv4 header = {
        .header_size = NET_IPV4_SIZE,
        .tos = ip->tos,
        .ttl = ip->ttl_zero ? 0
               : ip->ttl    ? ip->ttl
                            : 64,
        .protocol = ip->protocol ? ip->protocol : NET_IPV4_UDP,
        .total_size = (uint16_t)size,
        .id = 0x1234,
        .fragment_offset = ip->fragment_offset,
        .dont_fragment = ip->dont_fragment,
        .src = ip->src,
        .dst = ip->dst,
    };
    net_ipv4_write(&header, packet);
    if (header.protocol == NET_IPV4_ICMP) {
        struct net_icmp icmp = {.type = ip->icmp_type, .id = 1, .sequence = 2};
        net_icmp_write(&icmp, packet + NET_IPV4_SIZE, size - NET_IPV4_SIZE - NET_ICMP_SIZE);
    }
    if (ip->bad_checksum)
        packet[10] ^= 0x55;
    return send(probe, to_mac, NET_ETHER_IPV4, packet, size);
}

static void keep_comment(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct probe_tap *probe = SIM_OWNER(tap, struct probe_tap, tap);
    size_t used = strlen(probe->text);
    snprintf(probe->text + used, sizeof(probe->text) - used, "%s\n",
             frame->comment ? frame->comment : "-");
    probe->count++;
    probe->last_size = frame->size < PROBE_BYTES_MAX ? frame->size : PROBE_BYTES_MAX;
    memcpy(probe->last, frame->bytes, probe->last_size);
}

void probe_tap_init(struct probe_tap *tap)
{
    *tap = (struct probe_tap){.tap.frame = keep_comment};
}
