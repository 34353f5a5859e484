/*
 * What can be told of a kernel's doings by its frames: what was delivered to it, what it answers (a
 * child of what it answers, as everywhere in the journal), what it asks on its own.
 */
#include "base/bytes.h"
#include "net/arp.h"
#include "net/ether.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/udp.h"
#include "sim/journal.h"
#include "topology/outside_internal.h"

/* An IPv4 packet in a frame, read as far as this file needs it. */
struct seen {
    struct net_ipv4 ip;
    const uint8_t *payload;
    size_t size; /* of the payload, as far as it is there */
    bool icmp;   /* a whole header of ICMP is there */
    uint8_t type, code;
    uint16_t echo_id, sequence;
};

static uint16_t read_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void read_payload(struct seen *out)
{
    out->icmp = out->ip.protocol == NET_IPV4_ICMP && out->ip.fragment_offset == 0 &&
                out->size >= NET_ICMP_SIZE;
    if (!out->icmp)
        return;
    out->type = out->payload[0];
    out->code = out->payload[1];
    out->echo_id = read_u16(out->payload + 4);
    out->sequence = read_u16(out->payload + 6);
}

static bool read_packet(struct seen *out, const uint8_t *bytes, size_t size)
{
    *out = (struct seen){0};
    if (net_ipv4_read_quoted(&out->ip, bytes, size) != NET_IPV4_OK)
        return false;
    if (size > out->ip.total_size)
        size = out->ip.total_size; /* Ethernet padding */
    out->payload = bytes + out->ip.header_size;
    out->size = size - out->ip.header_size;
    read_payload(out);
    return true;
}

static bool read_frame(struct seen *out, const struct sim_packet *packet)
{
    const uint8_t *frame = sim_packet_data(packet);
    return sim_packet_size(packet) > NET_ETHER_SIZE && net_ether_type(frame) == NET_ETHER_IPV4 &&
           read_packet(out, frame + NET_ETHER_SIZE, sim_packet_size(packet) - NET_ETHER_SIZE);
}

static bool is_own(const struct topo_outside *outside, net_ip4 address)
{
    for (size_t i = 0; i < outside->port_count; i++)
        if (outside->ports[i]->address == address)
            return true;
    return false;
}

static void note(const struct topo_outside *outside, const struct outside_port *port,
                 const struct sim_packet *packet, enum sim_kind kind, uint64_t a, uint64_t b)
{
    sim_note(outside->node.world, packet, outside->node.id, port->port.index, kind, SIM_REASON_NONE,
             a, b);
}

/* ---- In ---- */

static void remember(struct topo_outside *outside, const struct seen *seen, uint64_t packet)
{
    struct outside_kin *kin = &outside->kin[outside->kin_next++ % OUTSIDE_KIN_MAX];
    *kin = (struct outside_kin){
        .packet = packet,
        .src = seen->ip.src,
        .dst = seen->ip.dst,
        .ip_id = seen->ip.id,
        .echo_id = seen->echo_id,
        .sequence = seen->sequence,
        .is_echo = seen->icmp && seen->type == NET_ICMP_ECHO,
    };
}

/*
 * A kernel that has no way back to who asks drops its answer without a word: Linux makes the reply and finds no route
 * (icmp_reply). Nothing of it is seen, so the kernel is asked for the route at that moment.
 */
static void note_unsent(struct topo_outside *outside, const struct outside_port *port,
                        const struct sim_packet *request, net_ip4 asker)
{
    struct sim_world *world = outside->node.world;
    if (netns_route_exists(outside->netns, asker))
        return;
    struct sim_packet *reply = sim_packet_new(world, 0, request->id);
    note(outside, port, reply, SIM_KIND_BORN, SIM_ORIGIN_ECHO_REPLY, 0);
    sim_drop(world, reply, outside->node.id, port->port.index, SIM_REASON_NO_ROUTE, asker, 0);
}

/* What a link has turned in it, where the kernel looks before anything else. */
static enum sim_reason damage_of(const struct seen *seen)
{
    struct net_icmp icmp;
    struct net_udp udp;
    if (seen->ip.fragment_offset || seen->ip.more_fragments)
        return SIM_REASON_NONE;
    if (seen->ip.protocol == NET_IPV4_ICMP)
        return net_icmp_read(&icmp, seen->payload, seen->size) ? SIM_REASON_NONE
                                                               : SIM_REASON_BAD_CHECKSUM;
    if (seen->ip.protocol != NET_IPV4_UDP)
        return SIM_REASON_NONE;
    if (!net_udp_read(&udp, seen->payload, seen->size))
        return SIM_REASON_BAD_HEADER;
    return net_udp_checksum_ok(&udp, seen->payload, seen->ip.src, seen->ip.dst)
               ? SIM_REASON_NONE
               : SIM_REASON_BAD_CHECKSUM;
}

/* Why the kernel drops the frame without a word that could be seen; `seen` is filled in where `read` says so. */
static enum sim_reason refusal_of(const struct topo_outside *outside,
                                  const struct sim_packet *packet, struct seen *seen, bool *read)
{
    const uint8_t *frame = sim_packet_data(packet);
    const size_t size = sim_packet_size(packet);
    struct net_ipv4 ip;
    *read = false;
    if (size <= NET_ETHER_SIZE || net_ether_type(frame) != NET_ETHER_IPV4)
        return SIM_REASON_NONE;
    if (packet->damaged) {
        enum net_ipv4_status status =
            net_ipv4_read(&ip, frame + NET_ETHER_SIZE, size - NET_ETHER_SIZE);
        if (status != NET_IPV4_OK)
            return status == NET_IPV4_BAD_CHECKSUM ? SIM_REASON_BAD_CHECKSUM
                                                   : SIM_REASON_BAD_HEADER;
    }
    *read = read_frame(seen, packet);
    if (!*read)
        return SIM_REASON_NONE;
    if (!is_own(outside, seen->ip.dst))
        return outside->forwards || net_mac_is_group(frame) ? SIM_REASON_NONE
                                                            : SIM_REASON_NOT_FORWARDING;
    return packet->damaged ? damage_of(seen) : SIM_REASON_NONE;
}

enum sim_reason outside_note_in(struct topo_outside *outside, const struct outside_port *port,
                                const struct sim_packet *packet)
{
    struct seen seen;
    bool read;
    enum sim_reason refusal = refusal_of(outside, packet, &seen, &read);
    if (refusal || !read || !outside->node.world->journal)
        return refusal;
    remember(outside, &seen, packet->id);
    if (!is_own(outside, seen.ip.dst) || seen.ip.fragment_offset != 0)
        return refusal;
    uint64_t detail = seen.icmp ? seen.type : seen.size >= 4 ? read_u16(seen.payload + 2) : 0;
    note(outside, port, packet, SIM_KIND_DELIVERED, seen.ip.protocol, detail);
    if (seen.icmp && seen.type == NET_ICMP_ECHO)
        note_unsent(outside, port, packet, seen.ip.src);
    if (seen.icmp && net_icmp_type_is_error(seen.type) && seen.type != NET_ICMP_REDIRECT)
        note(outside, port, packet, SIM_KIND_ICMP_RECEIVED, (uint64_t)seen.type << 8 | seen.code,
             seen.ip.src);
    return refusal;
}

/* ---- Out ---- */

static uint64_t request_of(const struct topo_outside *outside, const struct seen *reply)
{
    for (size_t i = 0; i < OUTSIDE_KIN_MAX; i++) {
        const struct outside_kin *kin = &outside->kin[i];
        if (kin->packet && kin->is_echo && kin->src == reply->ip.dst && kin->dst == reply->ip.src &&
            kin->echo_id == reply->echo_id && kin->sequence == reply->sequence)
            return kin->packet;
    }
    return 0;
}

/* What an ICMP error is about: by the header that it quotes. */
static uint64_t offender_of(const struct topo_outside *outside, const struct seen *error)
{
    struct seen quoted;
    if (!read_packet(&quoted, error->payload + NET_ICMP_SIZE, error->size - NET_ICMP_SIZE))
        return 0;
    for (size_t i = 0; i < OUTSIDE_KIN_MAX; i++) {
        const struct outside_kin *kin = &outside->kin[i];
        if (kin->packet && kin->src == quoted.ip.src && kin->dst == quoted.ip.dst &&
            kin->ip_id == quoted.ip.id)
            return kin->packet;
    }
    return 0;
}

static void count_request(struct topo_outside *outside, net_ip4 to, uint64_t packet)
{
    for (size_t i = 0; i < OUTSIDE_COUNTS_MAX; i++) {
        struct outside_count *count = &outside->counts[i];
        if (count->to != to)
            continue;
        count->first = count->first ? count->first : packet;
        count->last = packet;
        count->last_at = outside->node.world->now;
        count->number++;
    }
}

static void born(struct topo_outside *outside, const struct outside_port *port,
                 const struct sim_packet *packet, enum sim_origin origin, uint64_t b)
{
    note(outside, port, packet, SIM_KIND_BORN, origin, b);
}

static void note_icmp(struct topo_outside *outside, const struct outside_port *port,
                      struct sim_packet *packet, const struct seen *seen)
{
    if (seen->type == NET_ICMP_ECHO && is_own(outside, seen->ip.src)) {
        born(outside, port, packet, SIM_ORIGIN_ECHO_REQUEST,
             (uint64_t)seen->echo_id << 32 | seen->sequence);
        count_request(outside, seen->ip.dst, packet->id);
    } else if (seen->type == NET_ICMP_ECHO_REPLY) {
        packet->parent = request_of(outside, seen);
        born(outside, port, packet, SIM_ORIGIN_ECHO_REPLY, 0);
    } else if (net_icmp_type_is_error(seen->type)) {
        packet->parent = offender_of(outside, seen);
        born(outside, port, packet,
             seen->type == NET_ICMP_REDIRECT ? SIM_ORIGIN_REDIRECT : SIM_ORIGIN_ICMP_ERROR, 0);
    }
}

/* One of sim/traffic.h's flows begins with its port and its number. */
static void note_datagram(struct topo_outside *outside, const struct outside_port *port,
                          const struct sim_packet *packet, const struct seen *seen)
{
    struct base_reader r = base_reader_of(seen->payload, seen->size);
    uint64_t from_port = base_read_u16(&r);
    base_read_bytes(&r, 6); /* the rest of UDP's header */
    bool ours = base_read_u64(&r) == from_port;
    uint64_t number = base_read_u64(&r);
    ours = ours && !r.failed;
    born(outside, port, packet, SIM_ORIGIN_UDP, ours ? from_port << 32 | (uint32_t)number : 0);
    if (ours)
        count_request(outside, seen->ip.dst, packet->id);
}

void outside_note_out(struct topo_outside *outside, const struct outside_port *port,
                      struct sim_packet *packet)
{
    struct seen seen;
    if (!outside->node.world->journal)
        return;
    if (net_ether_type(sim_packet_data(packet)) == NET_ETHER_ARP)
        born(outside, port, packet, SIM_ORIGIN_ARP, 0);
    if (!read_frame(&seen, packet))
        return;
    if (seen.icmp)
        note_icmp(outside, port, packet, &seen);
    else if (seen.ip.protocol == NET_IPV4_UDP && is_own(outside, seen.ip.src) &&
             !seen.ip.fragment_offset)
        note_datagram(outside, port, packet, &seen);
}

/* ---- Requests ---- */

void topo_outside_count_requests(struct topo_outside *outside, net_ip4 to)
{
    for (size_t i = 0; i < OUTSIDE_COUNTS_MAX; i++)
        if (outside->counts[i].to == to)
            outside->counts[i] = (struct outside_count){0};
    outside->counts[outside->count_next++ % OUTSIDE_COUNTS_MAX] = (struct outside_count){.to = to};
}

const struct outside_count *outside_counted(const struct topo_outside *outside, net_ip4 to)
{
    for (size_t i = 0; i < OUTSIDE_COUNTS_MAX; i++)
        if (outside->counts[i].to == to)
            return &outside->counts[i];
    return NULL;
}

void topo_outside_requests(const struct topo_outside *outside, net_ip4 to, uint64_t *first,
                           uint64_t *last)
{
    const struct outside_count *count = outside_counted(outside, to);
    *first = count ? count->first : 0;
    *last = count ? count->last : 0;
}
