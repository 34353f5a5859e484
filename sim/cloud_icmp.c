/* What the routers of the internet say themselves (RFC 792, RFC 1812 section 4.3). */
#include "net/ether.h"
#include "net/icmp.h"
#include "sim/cloud.h"
#include "sim/journal.h"
#include "sim/world.h"

#define ROUTER_TTL 64
#define ERROR_SIZE_MAX 576       /* whole IP packet, as Linux; RFC 1812 4.3.2.3 */
#define TOS_INTERNETCONTROL 0xc0 /* RFC 1812 4.3.2.5 */
#define TOS_KEPT 0x1e            /* RT_TOS of Linux: all but precedence and the last bit */

/* RFC 1812 4.3.2.7, in the order of Linux's icmp_send(). Sources and destinations of no single host
 * never get so far. */
static bool may_tell(const uint8_t *ip)
{
    uint16_t word = net_ipv4_fragment_word(ip);
    if (word & NET_IPV4_OFFSET_MASK)
        return false;
    size_t header_size = net_ipv4_header_size(ip);
    if (ip[9] != NET_IPV4_ICMP)
        return true;
    return net_ipv4_total_size(ip) > header_size && !net_icmp_type_is_error(ip[header_size]);
}

/* Routers between router `hop` as seen from `in` and the port that it sends to. */
static uint8_t routers_back(const struct sim_internet *internet, const struct sim_pipe *in,
                            uint8_t hop, const struct sim_pipe *to)
{
    return to == in ? (uint8_t)(hop - 1) : (uint8_t)(internet->hops - hop);
}

/* A firewall filters Ethernet frames: it has to see one. */
static bool is_filtered(struct sim_internet *internet, const struct sim_pipe *in,
                        struct sim_packet *packet)
{
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.src, SIM_CLOUD_ACCESS_MAC, NET_MAC_SIZE);
    net_ether_write(&ether, sim_packet_data(packet));
    uint32_t rule = sim_link_firewall(&internet->link, packet);
    if (rule)
        sim_drop(internet->node.world, packet, internet->node.id, in->index, SIM_REASON_FIREWALL,
                 rule, 0);
    return rule != 0;
}

/* Off to the port, through the routers in between: the link's own delay, no impairment. */
static void send_back(struct sim_internet *internet, const struct sim_pipe *in, uint8_t hop,
                      struct sim_pipe *to, struct sim_packet *packet)
{
    struct sim_world *world = internet->node.world;
    const struct sim_impairment *base = &internet->link.base;
    base_ns delay = base->set & SIM_IMPAIR_DELAY ? base->delay_ns : 0;
    base_ns whole = internet->hops + 1;
    if (is_filtered(internet, in, packet))
        return;
    base_ns travel = routers_back(internet, in, hop, to) + 1;
    packet->hop = to->index;
    sim_packet_fly(
        world, packet, &internet->back,
        base_ns_add(world->now, delay / whole * travel + delay % whole * travel / whole));
}

static void write_header(struct sim_internet *internet, uint8_t *ip, size_t size, uint8_t tos,
                         net_ip4 src, net_ip4 dst, uint8_t routers)
{
    struct net_ipv4 header = {
        .tos = tos,
        .ttl = (uint8_t)(ROUTER_TTL - routers),
        .protocol = NET_IPV4_ICMP,
        .total_size = (uint16_t)size,
        .id = internet->next_ip_id++,
        .src = src,
        .dst = dst,
    };
    net_ipv4_write(&header, ip);
}

void sim_cloud_send_error(struct sim_internet *internet, const struct sim_pipe *in,
                          const struct sim_packet *packet, uint8_t hop, net_ip4 source,
                          const struct net_icmp *icmp)
{
    struct sim_world *world = internet->node.world;
    const uint8_t *about = sim_packet_data(packet) + NET_ETHER_SIZE;
    struct sim_pipe *to = sim_cloud_locate(internet, net_ipv4_src(about));
    if (!to || !may_tell(about) || routers_back(internet, in, hop, to) >= ROUTER_TTL)
        return;
    size_t quoted = net_ipv4_total_size(about);
    size_t quoted_max = ERROR_SIZE_MAX - NET_IPV4_SIZE - NET_ICMP_SIZE;
    quoted = quoted < quoted_max ? quoted : quoted_max;
    size_t size = NET_IPV4_SIZE + NET_ICMP_SIZE + quoted;
    struct sim_packet *error = sim_packet_new(world, (uint32_t)(NET_ETHER_SIZE + size), packet->id);
    uint8_t *ip =
        base_buffer_put(&error->bytes, (uint32_t)(NET_ETHER_SIZE + size)) + NET_ETHER_SIZE;
    uint8_t *body = ip + NET_IPV4_SIZE;
    memcpy(body + NET_ICMP_SIZE, about, quoted);
    net_icmp_write(icmp, body, quoted);
    write_header(internet, ip, size, (uint8_t)((about[1] & TOS_KEPT) | TOS_INTERNETCONTROL), source,
                 net_ipv4_src(about), routers_back(internet, in, hop, to));
    sim_note(world, packet, internet->node.id, in->index, SIM_KIND_ICMP_SENT, SIM_REASON_NONE,
             (uint64_t)icmp->mtu << 32 | (uint64_t)(icmp->type << 8 | icmp->code), source);
    sim_note(world, error, internet->node.id, in->index, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_ICMP_ERROR, 0);
    send_back(internet, in, hop, to, error);
}

/* Turns the request into the reply in place. */
static void answer_echo(struct sim_internet *internet, const struct sim_pipe *in,
                        struct sim_packet *packet, uint8_t hop, struct sim_pipe *to)
{
    struct sim_world *world = internet->node.world;
    uint8_t *ip = sim_packet_data(packet) + NET_ETHER_SIZE;
    size_t size = net_ipv4_total_size(ip);
    base_buffer_trim(&packet->bytes, (uint32_t)(NET_ETHER_SIZE + size));
    net_icmp_echo_to_reply(ip + NET_IPV4_SIZE);
    write_header(internet, ip, size, ip[1], net_ipv4_dst(ip), net_ipv4_src(ip),
                 routers_back(internet, in, hop, to));
    sim_packet_rebirth(world, packet);
    sim_note(world, packet, internet->node.id, in->index, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_ECHO_REPLY, 0);
    send_back(internet, in, hop, to, packet);
}

static bool is_echo_request(const uint8_t *ip)
{
    struct net_icmp icmp;
    return ip[9] == NET_IPV4_ICMP && net_ipv4_header_size(ip) == NET_IPV4_SIZE &&
           !net_ipv4_is_fragment(ip) &&
           net_icmp_read(&icmp, ip + NET_IPV4_SIZE, net_ipv4_total_size(ip) - NET_IPV4_SIZE) &&
           icmp.type == NET_ICMP_ECHO;
}

void sim_cloud_answer(struct sim_internet *internet, const struct sim_pipe *in,
                      struct sim_packet *packet, uint8_t hop)
{
    struct sim_world *world = internet->node.world;
    uint8_t *ip = sim_packet_data(packet) + NET_ETHER_SIZE;
    sim_cloud_lower_ttl(ip, (uint8_t)(hop - 1));
    struct sim_pipe *to = sim_cloud_locate(internet, net_ipv4_src(ip));
    bool reachable = to && routers_back(internet, in, hop, to) < ROUTER_TTL;
    if (is_echo_request(ip) && reachable) {
        answer_echo(internet, in, packet, hop, to);
        return;
    }
    struct net_icmp icmp = {.type = NET_ICMP_UNREACHABLE,
                            .code = ip[9] == NET_IPV4_UDP ? NET_ICMP_PORT_UNREACHABLE
                                                          : NET_ICMP_PROTOCOL_UNREACHABLE};
    if (ip[9] != NET_IPV4_ICMP)
        sim_cloud_send_error(internet, in, packet, hop, net_ipv4_dst(ip), &icmp);
    sim_drop(world, packet, internet->node.id, in->index,
             ip[9] == NET_IPV4_UDP ? SIM_REASON_NO_SOCKET : SIM_REASON_NO_PROTOCOL, hop, 0);
}
