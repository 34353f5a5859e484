/* traffic: starts sim/traffic.h's flow and keeps its figures. Sizes and rates here are of IP packets. */
#include "scenarios/play_state.h"

#include "topology/traffic.h"

enum {
    IP_AND_UDP = 28, /* octets of headers */
};

static void take_statistics(struct scn_traffic_result *result, const struct sim_traffic *traffic)
{
    const struct sim_traffic_statistics *s = sim_traffic_statistics(traffic);
    result->sent = s->sent;
    result->delivered = s->delivered;
    result->duplicates = s->duplicates;
    result->reordered = s->reordered;
    result->lost = s->sent - s->delivered;
    result->latency_min_ns = s->latency_min_ns;
    result->latency_avg_ns = s->latency_avg_ns;
    result->latency_max_ns = s->latency_max_ns;
}

static void on_done(void *context, struct sim_traffic *traffic)
{
    struct scn_running *running = context;
    take_statistics(&running->row->traffic, traffic);
    scn_step_finish(running);
}

void scn_start_traffic(struct scn_running *running)
{
    const struct scn_traffic *flow = &running->step->u.traffic;
    struct topo_world *world = running->play->world;
    struct topo_world_node *from = topo_world_node(world, flow->from);
    struct topo_world_node *to = topo_world_node(world, flow->to_node);
    uint32_t payload = flow->size_bytes - IP_AND_UDP;
    if (!from->running) {
        scn_step_fail(running, "%s is stopped", flow->from);
        return;
    }
    struct sim_traffic_config config = {
        .to = net_addr_ip4(&flow->to_address),
        .rate_bps = (uint64_t)((double)flow->rate_bps * payload / flow->size_bytes),
        .size = payload,
        .duration_ns = flow->for_ns,
        .timeout_ns = 2 * BASE_S,
        .df = SIM_STACK_DF_WANT, /* a socket's default: net.ipv4.ip_no_pmtu_disc is 0 */
    };
    if (config.rate_bps == 0)
        config.rate_bps = 1;
    running->traffic = topo_traffic_start(from, to, &config, on_done, running);
    if (!running->traffic)
        scn_step_fail(running, "no socket can be had for it on %s or %s", flow->from, flow->to);
}

void scn_stop_traffic(struct scn_running *running)
{
    if (!running->traffic)
        return;
    if (!running->row->ended)
        take_statistics(&running->row->traffic, running->traffic);
    sim_traffic_free(running->traffic);
    running->traffic = NULL;
}
