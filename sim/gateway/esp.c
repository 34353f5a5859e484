/*
 * Sealing and opening as both kinds of gateways do it: the tunnel's capture point, counters, journal
 * and the identity of packets around ipsec/esp. An ESP packet is born of what it seals, an inner one
 * of the ESP packet that it came out of.
 */
#include "sim/gateway/internal.h"

#include "ipsec/esp/packet.h"
#include "net/ether.h"
#include "net/icmp.h"

/* The journal's word for a status. */
static enum sim_reason reason_of(enum esp_status status)
{
    static const uint8_t reasons[ESP_STATUS_COUNT] = {
        [ESP_OUT_NO_SA] = SIM_REASON_NO_OUTBOUND_SA,
        [ESP_OUT_BLOCKED] = SIM_REASON_POLICY_BLOCK,
        [ESP_OUT_SEQUENCE_OVERFLOW] = SIM_REASON_SEQUENCE_OVERFLOW,
        [ESP_OUT_EXPIRED] = SIM_REASON_SA_EXPIRED,
        [ESP_OUT_NOT_IP] = SIM_REASON_BAD_HEADER,
        [ESP_OUT_TOO_LONG] = SIM_REASON_LINK_MTU,
        [ESP_IN_MALFORMED] = SIM_REASON_BAD_ESP,
        [ESP_IN_NO_SA] = SIM_REASON_NO_INBOUND_SA,
        [ESP_IN_EXPIRED] = SIM_REASON_SA_EXPIRED,
        [ESP_IN_ENCAP_MISMATCH] = SIM_REASON_BAD_ESP,
        [ESP_IN_REPLAYED] = SIM_REASON_REPLAY,
        [ESP_IN_BEHIND_WINDOW] = SIM_REASON_REPLAY,
        [ESP_IN_INTEGRITY] = SIM_REASON_BAD_ICV,
        [ESP_IN_PADDING] = SIM_REASON_BAD_ESP,
        [ESP_IN_NEXT_HEADER] = SIM_REASON_BAD_INNER,
        [ESP_IN_INNER_MALFORMED] = SIM_REASON_BAD_INNER,
        [ESP_IN_DUMMY] = SIM_REASON_BAD_INNER,
        [ESP_IN_ECN] = SIM_REASON_BAD_INNER,
        [ESP_IN_NO_POLICY] = SIM_REASON_NO_POLICY,
        [ESP_IN_TEMPLATE_MISMATCH] = SIM_REASON_NO_TEMPLATE,
        [ESP_IN_BLOCKED] = SIM_REASON_POLICY_BLOCK,
    };
    return (enum sim_reason)reasons[status];
}

/* The length of the smallest network around a range. */
static uint8_t length_around(const struct esp_range *range)
{
    net_ip4 first = net_addr_ip4(&range->first), last = net_addr_ip4(&range->last);
    return first == last ? 32 : (uint8_t)__builtin_clz(first ^ last);
}

void gateway_note_policy(struct sim_gateway *gw, const struct sim_packet *packet,
                         struct esp_policy *policy, uint16_t port)
{
    const struct esp_policy_config *config = &policy->config;
    policy->hits++;
    policy->last_used = gw->world->now;
    if (!gw->world->journal)
        return;
    sim_note(gw->world, packet, gw->node, port, SIM_KIND_POLICY, SIM_REASON_NONE,
             sim_policy_note_a(config->reqid, config->direction, config->action,
                               length_around(&config->selector.source),
                               length_around(&config->selector.destination)),
             config->priority);
}

void gateway_esp_drop(struct sim_gateway *gw, struct sim_packet *packet, enum esp_status status)
{
    gw->counters.status[status]++;
    sim_drop(gw->world, packet, gw->node, gw->wan_port, reason_of(status), 0, 0);
}

static void drop_unsealed(struct sim_gateway *gw, const struct esp_sa *sa,
                          struct sim_packet *packet, enum esp_status status)
{
    gw->counters.status[status]++;
    sim_drop(gw->world, packet, gw->node, gw->wan_port, reason_of(status), sa->spi, sa->sequence);
}

/* The packet, or a copy of it that has room for all headers still to come. */
static struct sim_packet *with_room(struct sim_gateway *gw, struct sim_packet *packet)
{
    const struct base_buffer *bytes = &packet->bytes;
    if (base_buffer_headroom(bytes) >= ESP_HEADROOM + NET_ETHER_SIZE &&
        base_buffer_tailroom(bytes) >= ESP_TAILROOM)
        return packet;
    struct sim_packet *copy = sim_packet_clone(gw->world, packet);
    sim_packet_free(gw->world, packet);
    return copy;
}

struct sim_packet *gateway_esp_seal(struct sim_gateway *gw, struct gateway_tunnel *tunnel,
                                    struct esp_sa *sa, struct sim_packet *packet)
{
    packet = with_room(gw, packet);
    if (tunnel->taps)
        sim_tap_show(tunnel->taps, gw->world->now, packet, SIM_DIRECTION_OUT, NULL);
    enum esp_status status = esp_seal(sa, gateway_now(gw), &packet->bytes);
    if (status != ESP_OK) {
        drop_unsealed(gw, sa, packet, status);
        return NULL;
    }
    gw->counters.sealed++;
    sim_note(gw->world, packet, gw->node, gw->wan_port, SIM_KIND_SEALED, SIM_REASON_NONE, sa->spi,
             sa->sequence);
    sim_packet_rebirth(gw->world, packet);
    sim_note(gw->world, packet, gw->node, gw->wan_port, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_ESP, 0);
    return packet;
}

/* A peer behind a NAT may come from another address or port: RFC 7296 section 2.23. */
static void tell_moved(struct sim_gateway *gw, const struct esp_sa *sa, const struct esp_seen *seen)
{
    struct ike_path path = {
        .local = net_addr_from_ip4(seen->destination),
        .remote = net_addr_from_ip4(seen->source),
        .local_port = seen->destination_port,
        .remote_port = seen->source_port,
    };
    ike_endpoint_esp_moved(gw->engine, gateway_now(gw), sa->spi, &path);
    gateway_ike_pump(gw);
}

static bool is_rejected(const struct sim_gateway *gw, uint32_t spi)
{
    for (size_t i = 0; i < gw->rejected_count; i++)
        if (gw->rejected[i] == spi || gw->rejected[i] == 0)
            return true;
    return false;
}

void gateway_esp_input(struct sim_gateway *gw, struct sim_packet *packet)
{
    struct esp_seen seen = {0};
    enum esp_status status = esp_seen_read(sim_packet_data(packet), sim_packet_size(packet), &seen);
    struct esp_sa *sa = status == ESP_OK ? esp_sad_inbound(gw->sad, seen.spi) : NULL;
    if (gw->rejects && sa && is_rejected(gw, sa->spi))
        sa = NULL;
    if (status == ESP_OK)
        status = sa ? esp_open(sa, gateway_now(gw), &seen, &packet->bytes) : ESP_IN_NO_SA;
    if (status != ESP_OK) {
        gw->counters.status[status]++;
        sim_drop(gw->world, packet, gw->node, gw->wan_port, reason_of(status), seen.spi,
                 seen.sequence);
        return;
    }
    gw->counters.opened++;
    if (sa->counters.packets == 1 && gw->engine)
        ike_endpoint_esp_used(gw->engine, sa->spi);
    sim_packet_rebirth(gw->world, packet);
    sim_note(gw->world, packet, gw->node, gw->wan_port, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_INNER, 0);
    sim_note(gw->world, packet, gw->node, gw->wan_port, SIM_KIND_OPENED, SIM_REASON_NONE, sa->spi,
             seen.sequence);
    struct gateway_tunnel *tunnel = gateway_tunnel_of_reqid(gw, sa->reqid);
    if (tunnel && tunnel->taps)
        sim_tap_show(tunnel->taps, gw->world->now, packet, SIM_DIRECTION_IN, NULL);
    bool moved = seen.source_port && gw->engine &&
                 (seen.source != sa->path.source || seen.source_port != sa->path.source_port);
    uint32_t spi = sa->spi;
    if (moved) {
        tell_moved(gw, sa, &seen);
        sa = esp_sad_inbound(gw->sad, spi);
        assert(sa); /* the engine moves an SA, and deletes none for it */
    }
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED)
        gateway_xfrm_input(gw, sa, packet);
    else
        gateway_tun_input(gw, sa, packet);
}

static void protocol_input(void *context, struct sim_stack *stack, uint16_t interface,
                           const struct net_ipv4 *ip, struct sim_packet *packet)
{
    (void)stack;
    (void)interface;
    (void)ip;
    gateway_esp_input(context, packet);
}

/* A router could not carry an ESP packet of ours: Linux's esp4_err(). What does not quote an SA of
 * ours is nobody's word. */
static void protocol_error(void *context, struct sim_stack *stack,
                           const struct sim_stack_icmp_error *error)
{
    struct sim_gateway *gw = context;
    if (error->type != NET_ICMP_UNREACHABLE || error->code != NET_ICMP_FRAGMENTATION_NEEDED ||
        error->quoted_payload_size < 4)
        return;
    uint32_t spi = net_ip4_read(error->quoted_payload);
    if (esp_sad_outbound_spi(gw->sad, error->quoted.dst, spi))
        sim_stack_learn_path_mtu(stack, error->quoted.dst, error->mtu);
}

void gateway_esp_init(struct sim_gateway *gw)
{
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED) /* kernel-libipsec hears UDP alone */
        sim_stack_bind_protocol(gw->stack, NET_IPV4_ESP, protocol_input, protocol_error, gw);
}
