/*
 * The routers on the way, as one: what they would do to a packet one after the other is found out
 * when it enters, and done when it gets there. Order of a Linux router's checks (ip_rcv,
 * ip_forward): header, route, TTL, size against the next link's MTU.
 */
#include "sim/cloud.h"

#include <stdio.h>

#include "net/arp.h"
#include "net/checksum.h"
#include "net/ether.h"
#include "net/frag.h"
#include "net/icmp.h"
#include "sim/journal.h"
#include "sim/link_detail.h"
#include "sim/world.h"

/* Between inspecting and arriving, packet->hop has the outcome, where its way ends and the exit. */
static uint32_t pack(enum sim_outcome outcome, uint8_t hop, uint16_t port)
{
    return (uint32_t)outcome << 24 | (uint32_t)hop << 16 | port;
}

static enum sim_outcome outcome_of(const struct sim_packet *packet)
{
    return (enum sim_outcome)(packet->hop >> 24);
}

static uint8_t hop_of(const struct sim_packet *packet)
{
    return (uint8_t)(packet->hop >> 16);
}

static uint16_t exit_of(const struct sim_packet *packet)
{
    return (uint16_t)packet->hop;
}

static struct sim_internet *internet_of(const struct sim_pipe *pipe)
{
    return SIM_OWNER(pipe->link, struct sim_internet, link);
}

static uint8_t *ip_of(const struct sim_packet *packet)
{
    return sim_packet_data(packet) + NET_ETHER_SIZE;
}

static size_t ip_size(const struct sim_packet *packet)
{
    return sim_packet_size(packet) - NET_ETHER_SIZE;
}

static void conclude(struct sim_internet *internet, struct sim_packet *packet,
                     struct sim_crossing *crossing, enum sim_outcome outcome, uint8_t hop)
{
    packet->hop = pack(outcome, hop, 0);
    crossing->outcome = outcome;
    crossing->travel = hop;
    crossing->whole = internet->hops + 1u;
}

/* The router that has the address, counted from the sender; 0: none. */
static uint8_t router_of(const struct sim_internet *internet, net_ip4 address)
{
    if (address == SIM_INTERNET_ACCESS)
        return 1;
    net_ip4 number = address - internet->routers;
    return number >= 1 && number <= internet->hops ? (uint8_t)number : 0;
}

/* No single host's address (RFC 1812, 5.3.7): 0/8, 127/8, multicast, class E and broadcast. */
static bool is_martian(net_ip4 address)
{
    return address >> 24 == 0 || net_ip4_is_loopback(address) || address >> 28 >= 14;
}

static uint8_t middle(const struct sim_internet *internet)
{
    return (uint8_t)((internet->hops + 1) / 2);
}

/* A packet with a way to its destination: does it get there whole? `last` is the router that it is
 * for, or 0 where it passes all. */
static void inspect_way(struct sim_internet *internet, struct sim_packet *packet,
                        const struct net_ipv4 *ip, uint8_t last, const struct sim_impairment *now,
                        struct sim_crossing *crossing)
{
    uint8_t hop = middle(internet);
    bool narrow = now->set & SIM_IMPAIR_MTU && ip->total_size > now->mtu && (!last || last > hop) &&
                  ip->ttl > hop;
    if (narrow && ip->dont_fragment) {
        crossing->too_big = now->set & SIM_IMPAIR_MTU_SILENT && now->mtu_silent;
        conclude(internet, packet, crossing, SIM_OUTCOME_TOO_BIG, hop);
        packet->path_mtu = now->mtu;
    } else if (last ? ip->ttl < last : ip->ttl <= internet->hops) {
        conclude(internet, packet, crossing, SIM_OUTCOME_EXPIRED, ip->ttl ? ip->ttl : 1);
    } else if (last) {
        conclude(internet, packet, crossing, SIM_OUTCOME_ROUTER, last);
    } else if (narrow) {
        crossing->outcome = SIM_OUTCOME_FRAGMENTED;
        packet->hop |= pack(SIM_OUTCOME_FRAGMENTED, 0, 0);
        packet->path_mtu = now->mtu;
    }
}

static void inspect_ip(struct sim_internet *internet, struct sim_pipe *pipe,
                       struct sim_packet *packet, const struct sim_impairment *now,
                       struct sim_crossing *crossing)
{
    struct net_ipv4 ip;
    if (net_ipv4_read(&ip, ip_of(packet), ip_size(packet)) != NET_IPV4_OK) {
        conclude(internet, packet, crossing, SIM_OUTCOME_MALFORMED, 1);
        return;
    }
    const struct sim_cloud_place *out = sim_cloud_place(internet, ip.dst);
    pipe->detail->looked_at = out;
    packet->hop = out ? out->port : 0;
    uint8_t router = out ? 0 : router_of(internet, ip.dst);
    if (is_martian(ip.src) || is_martian(ip.dst))
        conclude(internet, packet, crossing, SIM_OUTCOME_MARTIAN, 1);
    else if (out || router)
        inspect_way(internet, packet, &ip, router, now, crossing);
    else
        conclude(internet, packet, crossing, SIM_OUTCOME_NO_ROUTE, 1);
}

void sim_cloud_inspect(struct sim_pipe *pipe, struct sim_packet *packet,
                       const struct sim_impairment *now, struct sim_crossing *crossing)
{
    struct sim_internet *internet = internet_of(pipe);
    const uint8_t *frame = sim_packet_data(packet);
    if (sim_packet_size(packet) >= NET_ETHER_SIZE && net_ether_type(frame) == NET_ETHER_IPV4 &&
        net_mac_equal(frame, SIM_CLOUD_ACCESS_MAC)) {
        inspect_ip(internet, pipe, packet, now, crossing);
        return;
    }
    packet->hop = pack(SIM_OUTCOME_ACCESS, 0, 0);
    crossing->off_path = true;
}

void sim_cloud_describe(const struct sim_pipe *pipe, const struct sim_packet *packet,
                        const struct sim_crossing *crossing, char out[static SIM_CROSSING_TEXT_MAX])
{
    static const char *const TEXTS[] = {
        [SIM_OUTCOME_EXPIRED] = "time to live exceeded",
        [SIM_OUTCOME_NO_ROUTE] = "net unreachable",
        [SIM_OUTCOME_ROUTER] = "for the router",
        [SIM_OUTCOME_MALFORMED] = "malformed IP header, dropped",
        [SIM_OUTCOME_MARTIAN] = "impossible address, dropped",
    };
    if (crossing->outcome == SIM_OUTCOME_FRAGMENTED) {
        snprintf(out, SIM_CROSSING_TEXT_MAX, "fragmented for MTU %u", packet->path_mtu);
        return;
    }
    char router[NET_IP4_TEXT_MAX];
    net_ip4_format(internet_of(pipe)->routers + crossing->travel, router);
    if (crossing->outcome == SIM_OUTCOME_TOO_BIG)
        snprintf(out, SIM_CROSSING_TEXT_MAX, "fragmentation needed (MTU %u) at router %u (%s)",
                 packet->path_mtu, crossing->travel, router);
    else
        snprintf(out, SIM_CROSSING_TEXT_MAX, "%s at router %u (%s)", TEXTS[crossing->outcome],
                 crossing->travel, router);
}

void sim_cloud_lower_ttl(uint8_t *ip, uint8_t count)
{
    uint16_t old = (uint16_t)(ip[8] << 8 | ip[9]);
    ip[8] = (uint8_t)(ip[8] - count);
    uint16_t checksum =
        net_checksum_update((uint16_t)(ip[10] << 8 | ip[11]), old, (uint16_t)(ip[8] << 8 | ip[9]));
    ip[10] = (uint8_t)(checksum >> 8);
    ip[11] = (uint8_t)checksum;
}

void sim_cloud_give(struct sim_internet *internet, struct sim_pipe *out, struct sim_packet *packet)
{
    struct sim_world *world = internet->node.world;
    if (!out->from) {
        sim_drop(world, packet, internet->node.id, out->index, SIM_REASON_NOT_PLUGGED, 0, 0);
        return;
    }
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.dst, out->from->mac, NET_MAC_SIZE);
    memcpy(ether.src, SIM_CLOUD_ACCESS_MAC, NET_MAC_SIZE);
    net_ether_write(&ether, sim_packet_data(packet));
    sim_port_deliver(out->from, packet);
}

void sim_cloud_arrive_back(struct sim_carrier *carrier, struct sim_packet *packet)
{
    struct sim_internet *internet = SIM_OWNER(carrier, struct sim_internet, back);
    sim_cloud_give(internet, internet->link.pipes[packet->hop], packet);
}

/* Each fragment is a packet of its own, born of the whole. */
static void give_fragments(struct sim_internet *internet, struct sim_pipe *out,
                           struct sim_packet *packet)
{
    struct sim_world *world = internet->node.world;
    struct net_fragmenter fragmenter;
    uint32_t mtu = packet->path_mtu < NET_IPV4_MTU_MIN ? NET_IPV4_MTU_MIN : packet->path_mtu;
    net_fragmenter_init(&fragmenter, ip_of(packet), mtu);
    struct sim_packet_list parts = {0};
    for (;;) {
        struct sim_packet *part = sim_packet_new(world, NET_ETHER_SIZE + mtu, packet->id);
        uint8_t *frame = base_buffer_put(&part->bytes, NET_ETHER_SIZE + mtu);
        size_t size = net_fragmenter_next(&fragmenter, frame + NET_ETHER_SIZE);
        if (!size) {
            sim_packet_free(world, part);
            break;
        }
        base_buffer_trim(&part->bytes, (uint32_t)(NET_ETHER_SIZE + size));
        sim_note(world, part, internet->node.id, out->index, SIM_KIND_BORN, SIM_REASON_NONE,
                 SIM_ORIGIN_FRAGMENT, 0);
        sim_packet_list_push(&parts, part);
    }
    sim_note(world, packet, internet->node.id, out->index, SIM_KIND_FRAGMENTED, SIM_REASON_NONE,
             mtu, parts.count);
    sim_packet_free(world, packet);
    for (struct sim_packet *part; (part = sim_packet_list_pop(&parts));)
        sim_cloud_give(internet, out, part);
}

static void carry(struct sim_internet *internet, struct sim_pipe *in, struct sim_packet *packet)
{
    struct sim_pipe *out = internet->link.pipes[exit_of(packet)];
    if (out->from)
        sim_pipe_learn(in, out->from);
    uint8_t *ip = ip_of(packet);
    sim_cloud_lower_ttl(ip, internet->hops);
    sim_note(internet->node.world, packet, internet->node.id, out->index, SIM_KIND_FORWARDED,
             SIM_REASON_NONE, ip[8], net_ipv4_dst(ip));
    if (outcome_of(packet) == SIM_OUTCOME_FRAGMENTED)
        give_fragments(internet, out, packet);
    else
        sim_cloud_give(internet, out, packet);
}

/* The access router answers for its own address. */
static void answer_arp(struct sim_internet *internet, struct sim_pipe *in,
                       struct sim_packet *packet)
{
    struct sim_world *world = internet->node.world;
    struct net_arp arp;
    if (!net_arp_read(&arp, ip_of(packet), ip_size(packet)) || arp.operation != NET_ARP_REQUEST ||
        arp.target != SIM_INTERNET_ACCESS || !in->from) {
        sim_drop(world, packet, internet->node.id, in->index, SIM_REASON_NOT_MINE, 0, 0);
        return;
    }
    struct sim_packet *reply = sim_packet_new(world, NET_ETHER_SIZE + NET_ARP_SIZE, packet->id);
    uint8_t *frame = base_buffer_put(&reply->bytes, NET_ETHER_SIZE + NET_ARP_SIZE);
    struct net_arp answer = {
        .operation = NET_ARP_REPLY, .sender = SIM_INTERNET_ACCESS, .target = arp.sender};
    struct net_ether ether = {.type = NET_ETHER_ARP};
    memcpy(answer.sender_mac, SIM_CLOUD_ACCESS_MAC, NET_MAC_SIZE);
    memcpy(answer.target_mac, arp.sender_mac, NET_MAC_SIZE);
    memcpy(ether.src, answer.sender_mac, NET_MAC_SIZE);
    memcpy(ether.dst, arp.sender_mac, NET_MAC_SIZE);
    net_ether_write(&ether, frame);
    net_arp_write(&answer, frame + NET_ETHER_SIZE);
    sim_note(world, reply, internet->node.id, in->index, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_ARP, 0);
    sim_packet_free(world, packet);
    sim_port_deliver(in->from, reply);
}

static void arrive_at_access(struct sim_internet *internet, struct sim_pipe *in,
                             struct sim_packet *packet)
{
    const uint8_t *frame = sim_packet_data(packet);
    enum sim_reason reason = SIM_REASON_UNSUPPORTED;
    if (sim_packet_size(packet) < NET_ETHER_SIZE)
        reason = SIM_REASON_BAD_FRAME;
    else if (net_ether_type(frame) == NET_ETHER_ARP) {
        answer_arp(internet, in, packet);
        return;
    } else if (net_ether_type(frame) == NET_ETHER_IPV4)
        reason = SIM_REASON_OTHER_HOST;
    sim_drop(internet->node.world, packet, internet->node.id, in->index, reason, 0, 0);
}

struct ending {
    enum sim_reason reason;
    struct net_icmp icmp; /* type 0: nobody is told */
};

static struct ending ending_of(const struct sim_packet *packet)
{
    static const struct ending ENDINGS[] = {
        [SIM_OUTCOME_EXPIRED] = {SIM_REASON_TTL,
                                 {.type = NET_ICMP_TIME_EXCEEDED, .code = NET_ICMP_TTL_EXCEEDED}},
        [SIM_OUTCOME_NO_ROUTE] = {SIM_REASON_NO_ROUTE,
                                  {.type = NET_ICMP_UNREACHABLE, .code = NET_ICMP_NET_UNREACHABLE}},
        [SIM_OUTCOME_TOO_BIG] = {SIM_REASON_FRAGMENTATION_NEEDED,
                                 {.type = NET_ICMP_UNREACHABLE,
                                  .code = NET_ICMP_FRAGMENTATION_NEEDED}},
        [SIM_OUTCOME_MALFORMED] = {SIM_REASON_BAD_HEADER, {0}},
        [SIM_OUTCOME_MARTIAN] = {SIM_REASON_MARTIAN, {0}},
    };
    struct ending ending = ENDINGS[outcome_of(packet)];
    if (outcome_of(packet) == SIM_OUTCOME_TOO_BIG)
        ending.icmp.mtu = (uint16_t)packet->path_mtu;
    return ending;
}

/* The packet's way ends at a router: its sender may be told, then it is gone. */
static void stop(struct sim_internet *internet, struct sim_pipe *in, struct sim_packet *packet)
{
    uint8_t hop = hop_of(packet);
    uint8_t *ip = ip_of(packet);
    struct ending ending = ending_of(packet);
    if (ending.icmp.type) {
        uint8_t passed = (uint8_t)(hop - 1);
        sim_cloud_lower_ttl(ip, passed < ip[8] ? passed : 0);
        sim_cloud_send_error(internet, in, packet, hop, internet->routers + hop, &ending.icmp);
    }
    sim_drop(internet->node.world, packet, internet->node.id, in->index, ending.reason, hop, 0);
}

/* Bits turned in the header are found by the next router's checksum. */
static bool is_ruined(const struct sim_packet *packet)
{
    struct net_ipv4 ip;
    return packet->damaged && outcome_of(packet) != SIM_OUTCOME_ACCESS &&
           outcome_of(packet) != SIM_OUTCOME_MALFORMED &&
           net_ipv4_read(&ip, ip_of(packet), ip_size(packet)) != NET_IPV4_OK;
}

void sim_cloud_arrive(struct sim_carrier *carrier, struct sim_packet *packet)
{
    struct sim_pipe *in = SIM_OWNER(carrier, struct sim_pipe, carrier);
    struct sim_internet *internet = internet_of(in);
    enum sim_outcome outcome = outcome_of(packet);
    if (is_ruined(packet)) {
        sim_drop(internet->node.world, packet, internet->node.id, in->index,
                 SIM_REASON_BAD_CHECKSUM, 0, 0);
        return;
    }
    if (outcome == SIM_OUTCOME_CARRIED || outcome == SIM_OUTCOME_FRAGMENTED)
        carry(internet, in, packet);
    else if (outcome == SIM_OUTCOME_ACCESS)
        arrive_at_access(internet, in, packet);
    else if (outcome == SIM_OUTCOME_ROUTER)
        sim_cloud_answer(internet, in, packet, hop_of(packet));
    else
        stop(internet, in, packet);
}
