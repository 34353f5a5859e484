/*
 * ICMP errors, sent (icmp_send) and received (icmp_unreach and its like), with the rules of RFC 1122
 * 3.2.2 and RFC 1812 4.3.2 as Linux keeps them; and the path MTUs that they teach (RFC 1191).
 *
 * The rate limit is that of icmp_ratelimit: a burst of six, then one a second to one destination. ip_error() takes
 * one more from the same bucket for a missing route, sent or not. The limit of 1,000 a second for all is not modelled.
 */
#include <stdlib.h>

#include <utlist.h>

#include "base/mem.h"
#include "sim/stack_core.h"

enum {
    QUOTE_MAX = 576 - NET_IPV4_SIZE - NET_ICMP_SIZE, /* RFC 1812 4.3.2.3 */
    PRECEDENCE_INTERNET_CONTROL = 0xc0,              /* RFC 1812 4.3.2.5 */
    TOS_MASK = 0x1e,
    BURST = 6,
    NO_ROUTE_BURST = 5,   /* ip_rt_error_burst */
    UNKNOWN_S = 60,       /* a new entry counts as idle for so long: a full bucket */
    PATH_MTU_MIN = 552,   /* net.ipv4.route.min_pmtu */
    PATH_MTU_KEPT_S = 600 /* net.ipv4.route.mtu_expires */
};

/* ---- Sending ---- */

struct stack_error_peer *stack_error_peer(struct sim_stack *stack, net_ip4 ip)
{
    struct stack_error_peer *peer = base_map_get(&stack->error_peers, ip);
    if (peer)
        return peer;
    if (stack->error_peers.count >= STACK_ERROR_PEERS_MAX)
        stack_error_peers_flush(stack);
    peer = base_alloc(sizeof(*peer));
    peer->last = stack_jiffies(stack) - UNKNOWN_S * BASE_S;
    base_map_put(&stack->error_peers, ip, peer);
    return peer;
}

void stack_error_peers_flush(struct sim_stack *stack)
{
    struct stack_error_peer *peer;
    for (size_t at = 0; (peer = base_map_next(&stack->error_peers, &at));)
        free(peer);
    base_map_fini(&stack->error_peers);
}

/* inet_peer_xrlim_allow(). It counts jiffies: what comes each second does so however long ARP took the first time. */
static bool within_rate(struct sim_stack *stack, net_ip4 dst, int burst)
{
    base_ns now = stack_jiffies(stack);
    struct stack_error_peer *peer = stack_error_peer(stack, dst);
    peer->tokens_ns = base_ns_min(peer->tokens_ns + (now - peer->last), burst * BASE_S);
    peer->last = now;
    if (peer->tokens_ns < BASE_S)
        return false;
    peer->tokens_ns -= BASE_S;
    return true;
}

void stack_no_route_error(struct sim_stack *stack, const struct sim_packet *about, net_ip4 src,
                          uint8_t code)
{
    if (within_rate(stack, src, NO_ROUTE_BURST))
        sim_stack_send_icmp_error(stack, about, NET_ICMP_UNREACHABLE, code, 0);
    else
        stack->counters.icmp_errors_limited++;
}

static bool is_icmp_error(const struct net_ipv4 *ip, const uint8_t *payload, size_t size)
{
    /* Linux answers no ICMP whose type it cannot see, nor one that it does not know. */
    return ip->protocol == NET_IPV4_ICMP && (!size || net_icmp_type_is_error(payload[0]));
}

/* Whether there may be an error about this packet at all. */
static bool may_be_answered(const struct sim_stack *stack, const struct net_ipv4 *ip,
                            const uint8_t *payload, size_t size)
{
    uint8_t table;
    if (ip->fragment_offset || is_icmp_error(ip, payload, size))
        return false;
    if (!ip->src || ip->src == NET_IP4_BROADCAST || net_ip4_is_multicast(ip->src) ||
        ip->dst == NET_IP4_BROADCAST || net_ip4_is_multicast(ip->dst))
        return false;
    const struct net_route *to = stack_lookup(stack, ip->dst, SIM_STACK_ALL_TABLES, &table);
    return !to || to->kind != NET_ROUTE_BROADCAST;
}

/* icmp_ratemask, 6168: neither fragmentation needed nor redirects, which have a limit of their own. */
static bool is_limited(const struct net_icmp *icmp)
{
    return icmp->type != NET_ICMP_REDIRECT &&
           !(icmp->type == NET_ICMP_UNREACHABLE && icmp->code == NET_ICMP_FRAGMENTATION_NEEDED);
}

static void note_sent(struct sim_stack *stack, const struct sim_packet *packet,
                      const struct sim_packet *about, const struct net_icmp *icmp, net_ip4 from)
{
    bool redirect = icmp->type == NET_ICMP_REDIRECT;
    stack->counters.icmp_errors_sent += !redirect;
    stack->counters.redirects_sent += redirect;
    stack_note(stack, packet, SIM_STACK_LOOPBACK, SIM_KIND_BORN,
               redirect ? SIM_ORIGIN_REDIRECT : SIM_ORIGIN_ICMP_ERROR, 0);
    if (redirect)
        stack_note(stack, about, SIM_STACK_LOOPBACK, SIM_KIND_REDIRECT_SENT, icmp->gateway, from);
    else
        stack_note(stack, about, SIM_STACK_LOOPBACK, SIM_KIND_ICMP_SENT,
                   (uint64_t)icmp->mtu << 32 | (uint64_t)icmp->type << 8 | icmp->code, from);
}

void sim_stack_send_icmp_error(struct sim_stack *stack, const struct sim_packet *about,
                               uint8_t type, uint8_t code, uint16_t mtu)
{
    stack_icmp_error_send(stack, about, &(struct net_icmp){.type = type, .code = code, .mtu = mtu});
}

void stack_icmp_error_send(struct sim_stack *stack, const struct sim_packet *about,
                           const struct net_icmp *icmp)
{
    struct net_ipv4 ip;
    struct sim_stack_route route;
    const uint8_t *quoted = sim_packet_data(about);
    size_t quoted_size = sim_packet_size(about);
    if (net_ipv4_read_quoted(&ip, quoted, quoted_size) != NET_IPV4_OK ||
        !may_be_answered(stack, &ip, quoted + ip.header_size, quoted_size - ip.header_size))
        return;
    if (sim_stack_route_get(stack, ip.src, SIM_STACK_ALL_TABLES, &route) != SIM_STACK_OK ||
        route.kind == NET_ROUTE_BROADCAST)
        return;
    if (is_limited(icmp) && !sim_stack_is_own(stack, ip.src) &&
        !within_rate(stack, ip.src, BURST)) {
        stack->counters.icmp_errors_limited++;
        return;
    }
    quoted_size = quoted_size < QUOTE_MAX ? quoted_size : QUOTE_MAX;
    struct sim_packet *packet =
        sim_packet_new(stack->world, (uint32_t)(NET_ICMP_SIZE + quoted_size), about->id);
    uint8_t *data = base_buffer_put(&packet->bytes, (uint32_t)(NET_ICMP_SIZE + quoted_size));
    memcpy(data + NET_ICMP_SIZE, quoted, quoted_size);
    net_icmp_write(icmp, data, quoted_size);
    struct sim_stack_send how = {
        .src = sim_stack_is_own(stack, ip.dst) ? ip.dst : route.source,
        .dst = ip.src,
        .protocol = NET_IPV4_ICMP,
        .tos = (uint8_t)((ip.tos & TOS_MASK) | PRECEDENCE_INTERNET_CONTROL),
        .df = SIM_STACK_DF_DONT,
    };
    note_sent(stack, packet, about, icmp, how.src);
    (void)sim_stack_send(stack, packet, &how, NULL);
}

/* ---- Receiving ---- */

/* An error about an echo of ours: to its client. */
static void tell_echo(struct sim_stack *stack, const struct sim_stack_icmp_error *error)
{
    if (error->quoted_payload_size < NET_ICMP_SIZE || error->quoted_payload[0] != NET_ICMP_ECHO)
        return;
    const uint8_t *icmp = error->quoted_payload;
    uint16_t id = (uint16_t)(icmp[4] << 8 | icmp[5]);
    struct sim_stack_echo *echo;
    LL_FOREACH(stack->echoes, echo)
    {
        if (echo->id == id)
            break;
    }
    if (error->type == NET_ICMP_UNREACHABLE && error->code == NET_ICMP_FRAGMENTATION_NEEDED)
        sim_stack_learn_path_mtu(stack, error->quoted.dst, error->mtu);
    if (echo)
        echo->error(echo, error, (uint16_t)(icmp[6] << 8 | icmp[7]));
}

static void tell_protocol(struct sim_stack *stack, const struct sim_stack_icmp_error *error)
{
    for (size_t i = 0; i < stack->protocol_count; i++) {
        const struct stack_protocol *protocol = &stack->protocols[i];
        if (protocol->protocol == error->quoted.protocol && protocol->error)
            protocol->error(protocol->context, stack, error);
    }
}

void stack_icmp_error_input(struct sim_stack *stack, const struct net_ipv4 *ip,
                            const struct net_icmp *icmp, struct sim_packet *packet)
{
    const uint8_t *quoted = sim_packet_data(packet) + ip->header_size + NET_ICMP_SIZE;
    size_t size = (size_t)(ip->total_size - ip->header_size - NET_ICMP_SIZE);
    struct sim_stack_icmp_error error = {
        .from = ip->src,
        .type = icmp->type,
        .code = icmp->code,
        .mtu = icmp->mtu,
        .gateway = icmp->gateway,
        .packet = packet->id,
        .at = stack->world->now,
    };
    if (net_ipv4_read_quoted(&error.quoted, quoted, size) != NET_IPV4_OK ||
        !sim_stack_is_own(stack, error.quoted.src) || error.quoted.fragment_offset) {
        stack_drop(stack, packet, SIM_STACK_LOOPBACK, SIM_REASON_BAD_HEADER, NET_IPV4_ICMP);
        return;
    }
    error.quoted_payload = quoted + error.quoted.header_size;
    error.quoted_payload_size = size - error.quoted.header_size;
    if (icmp->type == NET_ICMP_REDIRECT) {
        stack_redirect_take(stack, &error, packet);
    } else {
        stack->counters.icmp_errors_received++;
        stack_note(stack, packet, SIM_STACK_LOOPBACK, SIM_KIND_ICMP_RECEIVED,
                   (uint64_t)icmp->type << 8 | icmp->code, ip->src);
    }
    if (error.quoted.protocol == NET_IPV4_ICMP)
        tell_echo(stack, &error);
    else if (error.quoted.protocol == NET_IPV4_UDP)
        stack_udp_error(stack, &error);
    else
        tell_protocol(stack, &error);
    sim_packet_free(stack->world, packet);
}

/* ---- Path MTUs ---- */

uint32_t stack_path_mtu(const struct sim_stack *stack, net_ip4 dst, base_ns *until)
{
    const struct stack_path_mtu *found = base_map_get(&stack->path_mtus, dst);
    if (!found || found->expires <= stack->world->now)
        return 0;
    *until = found->expires;
    return found->mtu;
}

uint32_t sim_stack_path_mtu(const struct sim_stack *stack, net_ip4 dst)
{
    base_ns until;
    return stack_path_mtu(stack, dst, &until);
}

void sim_stack_learn_path_mtu(struct sim_stack *stack, net_ip4 dst, uint32_t mtu)
{
    struct sim_stack_route route;
    if (sim_stack_route_get(stack, dst, SIM_STACK_ALL_TABLES, &route) != SIM_STACK_OK)
        return;
    if (mtu < PATH_MTU_MIN)
        mtu = PATH_MTU_MIN;
    if (mtu > route.mtu) /* never larger than what is known */
        return;
    struct stack_path_mtu *entry = base_map_get(&stack->path_mtus, dst);
    if (!entry) {
        entry = base_alloc(sizeof(*entry));
        base_map_put(&stack->path_mtus, dst, entry);
    }
    entry->mtu = mtu;
    entry->expires = stack->world->now + PATH_MTU_KEPT_S * BASE_S;
    stack->generation++;
    stack_note(stack, NULL, SIM_STACK_LOOPBACK, SIM_KIND_PATH_MTU, mtu, dst);
}

void stack_path_mtus_flush(struct sim_stack *stack)
{
    struct stack_path_mtu *entry;
    for (size_t at = 0; (entry = base_map_next(&stack->path_mtus, &at));)
        free(entry);
    base_map_fini(&stack->path_mtus);
    stack->generation++;
}
