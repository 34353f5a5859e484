/*
 * A policy-based gateway's part in the way of a packet: the three hooks of the stack, as Linux 6.1's
 * XFRM fills them.
 *
 *   in, fwd  xfrm_policy_check(): what a PROTECT policy covers must have come through its SA, and what
 *            came through an SA must be covered by a policy.
 *   out      xfrm_lookup(), after routing: no policy, out it goes as it is, whatever the interface; a
 *            policy without an SA: dropped, not queued, and the engine is asked for one (acquire).
 *   exit     xfrm_output(): sealed whole, then sent by the route to the peer. The inner packet may be
 *            as large as the SA makes fit into the path to the peer; with DF a larger one is answered
 *            with fragmentation needed before it is sealed, without DF its ESP packet is fragmented.
 */
#include "sim/gateway/internal.h"

/* ---- in, fwd ---- */

static bool check(struct sim_gateway *gw, struct sim_packet *packet, enum esp_direction direction)
{
    if (!packet->secpath_reqid && !esp_spd_count(gw->spd, direction))
        return true;
    struct esp_flow flow;
    if (!esp_flow_read(sim_packet_data(packet), sim_packet_size(packet), &flow))
        return true; /* the stack has read its header: this is for nobody */
    struct esp_policy *policy;
    enum esp_status status = esp_spd_check(gw->spd, direction, &flow, &packet->secpath_reqid,
                                           packet->secpath_reqid ? 1 : 0, &policy);
    if (policy)
        gateway_note_policy(gw, packet, policy, 0);
    if (status == ESP_OK)
        return true;
    gateway_esp_drop(gw, packet, status);
    return false;
}

static bool hook_in(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    (void)stack;
    return check(context, packet, ESP_IN);
}

static bool hook_forward(void *context, struct sim_stack *stack, struct sim_packet *packet)
{
    (void)stack;
    return check(context, packet, ESP_FWD);
}

/* ---- out ---- */

/* A trap was met: the packet is lost, and the engine is to make an SA for the next one. */
static void acquire(struct sim_gateway *gw, struct gateway_tunnel *tunnel,
                    const struct esp_flow *flow, struct sim_packet *packet)
{
    struct ike_flow wanted = {
        .source = flow->source,
        .destination = flow->destination,
        .protocol = flow->protocol,
        .source_port = flow->source_port,
        .destination_port = flow->destination_port,
    };
    uint64_t outer_cause = gw->cause;
    gw->cause = packet->id;
    gateway_esp_drop(gw, packet, ESP_OUT_NO_SA);
    if (tunnel && tunnel->trap_owner && gw->engine) {
        ike_endpoint_acquire(gw->engine, gateway_now(gw), tunnel->peer, &wanted);
        gateway_ike_pump(gw);
    }
    gw->cause = outer_cause;
}

/* The MTU of the way to the peer, learned ones counted; 0 where there is none. */
static uint32_t outer_mtu(struct sim_gateway *gw, net_ip4 peer)
{
    struct sim_stack_route route;
    bool found = sim_stack_route_get(gw->stack, peer, SIM_STACK_ALL_TABLES, &route) == SIM_STACK_OK;
    return found ? route.mtu : 0;
}

static bool protect(struct sim_gateway *gw, const struct esp_policy *policy,
                    const struct esp_flow *flow, struct sim_packet *packet,
                    struct sim_stack_exit **exit)
{
    struct gateway_tunnel *tunnel = gateway_tunnel_of_reqid(gw, policy->config.reqid);
    struct esp_sa *sa = esp_sad_outbound(gw->sad, policy->config.reqid);
    if (!tunnel || !sa) {
        acquire(gw, tunnel, flow, packet);
        return false;
    }
    uint32_t outer = outer_mtu(gw, sa->path.destination);
    if (!outer) { /* no bundle without a route: XfrmOutBundleGenError */
        sim_drop(gw->world, packet, gw->node, gw->wan_port, SIM_REASON_NO_ROUTE,
                 sa->path.destination, 0);
        return false;
    }
    if (tunnel->mtu_spi != sa->spi || tunnel->mtu_outer != outer) {
        tunnel->exit.mtu = esp_sa_inner_mtu(sa, outer);
        tunnel->mtu_spi = sa->spi;
        tunnel->mtu_outer = outer;
    }
    tunnel->sealing = sa;
    *exit = &tunnel->exit;
    return true;
}

static bool hook_out(void *context, struct sim_stack *stack, struct sim_packet *packet,
                     const struct sim_stack_route *route, struct sim_stack_exit **exit)
{
    struct sim_gateway *gw = context;
    struct esp_flow flow;
    (void)stack;
    if (!esp_spd_count(gw->spd, ESP_OUT) || route->kind == NET_ROUTE_LOCAL)
        return true; /* Linux sets disable_xfrm on lo */
    if (!esp_flow_read(sim_packet_data(packet), sim_packet_size(packet), &flow))
        return true;
    struct esp_policy *policy = esp_spd_find(gw->spd, ESP_OUT, &flow);
    if (!policy)
        return true;
    gateway_note_policy(gw, packet, policy, 0);
    if (policy->config.action == ESP_BYPASS)
        return true;
    if (policy->config.action == ESP_PROTECT)
        return protect(gw, policy, &flow, packet, exit);
    gateway_esp_drop(gw, packet, ESP_OUT_BLOCKED);
    return false;
}

static void exit_output(struct sim_stack_exit *exit, struct sim_stack *stack,
                        struct sim_packet *packet)
{
    struct gateway_tunnel *tunnel = SIM_OWNER(exit, struct gateway_tunnel, exit);
    packet = gateway_esp_seal(tunnel->gateway, tunnel, tunnel->sealing, packet);
    if (packet)
        (void)sim_stack_send_packet(stack, packet, SIM_STACK_NO_POLICY);
}

void gateway_xfrm_init_exit(struct gateway_tunnel *tunnel)
{
    tunnel->exit.output = exit_output;
}

void gateway_xfrm_input(struct sim_gateway *gw, const struct esp_sa *sa, struct sim_packet *packet)
{
    packet->secpath_reqid = sa->reqid;
    packet->secpath_spi = sa->spi;
    sim_stack_input(gw->stack, gw->wan, packet);
}

void gateway_xfrm_init(struct sim_gateway *gw)
{
    struct sim_stack_hooks hooks = {
        .context = gw,
        .in = hook_in,
        .forward = hook_forward,
        .out = hook_out,
        .list_memory = gateway_list_memory,
    };
    sim_stack_set_hooks(gw->stack, &hooks);
}
