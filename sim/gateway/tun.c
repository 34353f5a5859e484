/*
 * A route-based gateway's tunnel interface, as charon's kernel-libipsec has it: a TUN device whose other
 * end is the daemon. What is routed into it is matched against the daemon's own policies, sealed, and
 * sent from the daemon's UDP socket on port 4500, which is routed like any other datagram: a route that
 * covers the peer itself sends it into the device again. The MTU is fixed at 1400.
 *
 * Where the model stops: what the daemon sent and gets again waits in the device's queue (500 packets,
 * as a TUN device's) and is taken one a turn. The real one turns in 13 us and loops as fast as its
 * processor goes (2.1 million packets in 27 s). Here a turn takes 10 ms, and twice as long after each
 * 1,000 laps that the queue was never empty, up to 1 s: a loop that nobody ends costs bounded work.
 * Packets that come while it waits queue behind it, or are dropped where it is full, as there.
 *
 * On-traffic traps make routes here, but no packet starts a negotiation: kernel-libipsec has no acquire.
 */
#include "sim/gateway/internal.h"

#include "net/udp.h"

enum {
    TUN_MTU = 1400,
    QUEUE_PACKETS_MAX = 500, /* txqueuelen of a TUN device */
    LAPS_BEFORE_SLOWER = 1000,
    OUTER_SIZE = NET_IPV4_SIZE + NET_UDP_SIZE
};

#define TURN_NS (10 * BASE_MS)
#define TURN_MAX_NS BASE_S

/* Sends what was sealed as the socket does: its UDP header, with a checksum, and its IP header. */
static void send_from_socket(struct sim_gateway *gw, const struct esp_sa *sa,
                             struct sim_packet *packet)
{
    if (!sa->encapsulated) { /* a peer that refused UDP: there is no socket for this */
        sim_drop(gw->world, packet, gw->node, gw->ipsec0_port, SIM_REASON_UNSUPPORTED, 0, 0);
        return;
    }
    base_buffer_pull(&packet->bytes, OUTER_SIZE);
    struct sim_stack_udp how = {
        .src = sa->path.source,
        .dst = sa->path.destination,
        .src_port = sa->path.source_port,
        .dst_port = sa->path.destination_port,
        .df = SIM_STACK_DF_WANT,
        .flags = gw->socket_flags,
    };
    (void)sim_stack_udp_send(gw->stack, packet, &how, NULL);
}

static void take(struct sim_gateway *gw, struct sim_packet *packet)
{
    struct esp_flow flow;
    struct esp_policy *policy = NULL;
    if (esp_flow_read(sim_packet_data(packet), sim_packet_size(packet), &flow))
        policy = esp_spd_find(gw->spd, ESP_OUT, &flow);
    if (!policy) {
        sim_drop(gw->world, packet, gw->node, gw->ipsec0_port, SIM_REASON_NO_TUNNEL_ROUTE, 0, 0);
        return;
    }
    gateway_note_policy(gw, packet, policy, gw->ipsec0_port);
    struct gateway_tunnel *tunnel = gateway_tunnel_of_reqid(gw, policy->config.reqid);
    struct esp_sa *sa = esp_sad_outbound(gw->sad, policy->config.reqid);
    if (!tunnel || !sa) {
        gateway_esp_drop(gw, packet, ESP_OUT_NO_SA);
        return;
    }
    packet = gateway_esp_seal(gw, tunnel, sa, packet);
    if (packet)
        send_from_socket(gw, sa, packet);
}

static void schedule_turn(struct sim_gateway *gw)
{
    base_ns turn = TURN_NS;
    for (unsigned laps = gw->tun_laps; laps >= LAPS_BEFORE_SLOWER && turn < TURN_MAX_NS;
         laps -= LAPS_BEFORE_SLOWER)
        turn *= 2;
    sim_world_after(gw->world, &gw->tun_turn, base_ns_min(turn, TURN_MAX_NS));
}

static void on_turn(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    struct sim_gateway *gw = SIM_OWNER(event, struct sim_gateway, tun_turn);
    struct sim_packet *packet = sim_packet_list_pop(&gw->tun_queue);
    gw->tun_laps++;
    take(gw, packet); /* perhaps back into the queue */
    if (gw->tun_queue.count)
        schedule_turn(gw);
    else
        gw->tun_laps = 0;
}

/* ipsec0's output: what the routing table sends into the tunnel. */
static void tun_output(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    struct sim_gateway *gw = context;
    (void)stack;
    gw->counters.tunnel_packets++;
    bool recursed = net_ipv4_src(sim_packet_data(packet)) == gw->wan_address;
    if (!recursed && !gw->tun_queue.count) {
        take(gw, packet);
    } else if (gw->tun_queue.count >= QUEUE_PACKETS_MAX) {
        gw->counters.tunnel_dropped++;
        sim_drop(gw->world, packet, gw->node, gw->ipsec0_port, SIM_REASON_QUEUE_FULL, 0, 0);
    } else {
        sim_packet_list_push(&gw->tun_queue, packet);
        if (!sim_event_pending(&gw->tun_turn))
            schedule_turn(gw);
    }
}

/* An opened packet comes out of ipsec0, where its SA's policy allows it. */
void gateway_tun_input(struct sim_gateway *gw, const struct esp_sa *sa, struct sim_packet *packet)
{
    struct esp_flow flow;
    struct esp_policy *policy = NULL;
    if (esp_flow_read(sim_packet_data(packet), sim_packet_size(packet), &flow))
        policy = esp_spd_find(gw->spd, ESP_IN, &flow);
    if (!policy || policy->config.reqid != sa->reqid) {
        sim_drop(gw->world, packet, gw->node, gw->ipsec0_port, SIM_REASON_SELECTOR, 0, 0);
        return;
    }
    sim_stack_input(gw->stack, gw->ipsec0, packet);
}

void gateway_tun_init(struct sim_gateway *gw)
{
    sim_event_init(&gw->tun_turn, on_turn);
    gw->ipsec0 = sim_stack_add_virtual(gw->stack, "ipsec0", TUN_MTU, tun_output, gw);
    gw->ipsec0_port = (uint16_t)(gw->ipsec0 - 1);
}

void gateway_tun_stop(struct sim_gateway *gw)
{
    sim_world_cancel(gw->world, &gw->tun_turn);
    sim_packet_list_free(gw->world, &gw->tun_queue);
    gw->tun_laps = 0;
}
