/* ping: starts sim/ping.h's client and keeps what it says. */
#include "scenarios/play_state.h"

#include <stdio.h>
#include <string.h>

#include "net/icmp.h"
#include "topology/ping.h"

static void error_words(const struct sim_ping_line *line, char out[NET_ICMP_TEXT_MAX])
{
    if (line->kind == SIM_PING_ERROR)
        net_icmp_error_text(line->icmp_type, line->icmp_code, (uint16_t)line->mtu, out);
    else if (line->kind == SIM_PING_NO_CONNECT)
        snprintf(out, NET_ICMP_TEXT_MAX, "%s",
                 line->status == SIM_STACK_DENIED ? "Do you want to ping broadcast? Then -b."
                                                  : "Network is unreachable");
    else
        snprintf(out, NET_ICMP_TEXT_MAX, "%s", sim_stack_status_text(line->status));
}

static void count_error(struct scn_ping_result *result, const struct sim_ping_line *line)
{
    struct scn_ping_error error = {.count = 1};
    error_words(line, error.what);
    if (line->kind == SIM_PING_ERROR)
        error.from = net_addr_from_ip4(line->from);
    for (size_t i = 0; i < result->error_count; i++) {
        struct scn_ping_error *known = &result->error_list[i];
        bool same =
            strcmp(known->what, error.what) == 0 && net_addr_equal(&known->from, &error.from);
        if (same || i + 1 == SCN_PING_ERRORS_MAX) {
            known->count++;
            return;
        }
    }
    result->error_list[result->error_count++] = error;
}

static void on_line(void *context, const struct sim_ping_line *line)
{
    struct scn_running *running = context;
    const struct scn_observer *observer = running->play->options->observer;
    if (line->kind >= SIM_PING_ERROR)
        count_error(&running->row->ping, line);
    if (observer && observer->ping)
        observer->ping(observer->context, running->step, line);
}

static void take_statistics(struct scn_running *running)
{
    struct scn_ping_result *result = &running->row->ping;
    const struct sim_ping_statistics *s = topo_ping_statistics(running->ping);
    result->sent = s->transmitted;
    result->received = s->received;
    result->duplicates = s->duplicates;
    result->errors = s->errors;
    result->unreachable = s->no_connect;
    result->rtt_min_ns = s->rtt_min_ns;
    result->rtt_avg_ns = s->rtt_avg_ns;
    result->rtt_max_ns = s->rtt_max_ns;
    result->rtt_mdev_ns = s->rtt_mdev_ns;
    result->pipe = s->pipe;
    result->time_ns = s->last_at - s->started_at;
}

static void on_done(void *context)
{
    struct scn_running *running = context;
    take_statistics(running);
    scn_step_finish(running);
}

static enum sim_stack_df df_of(const struct scn_ping *ping)
{
    if (ping->dont_fragment)
        return SIM_STACK_DF_DO;
    return ping->set & SCN_PING_DF ? SIM_STACK_DF_DONT : SIM_STACK_DF_WANT;
}

void scn_start_ping(struct scn_running *running)
{
    const struct scn_ping *ping = &running->step->u.ping;
    struct scn_play *play = running->play;
    struct topo_world_node *from = topo_world_node(play->world, ping->from);
    if (!from->running) {
        scn_step_fail(running, "%s is stopped", ping->from);
        return;
    }
    struct sim_ping_config config = {
        .to = net_addr_ip4(&ping->to_address),
        .count = ping->count,
        .interval_ns = ping->interval_ns,
        .timeout_ns = ping->timeout_ns,
        .size = ping->size_bytes,
        .ttl = ping->ttl,
        .df = df_of(ping),
        .epoch_ns = play->scenario->start_unix_ns,
    };
    struct topo_ping_listener listener = {running, on_line, on_done};
    running->ping = topo_ping_start(from, &config, &listener);
    if (!running->ping)
        scn_step_fail(running, "ping cannot be run on %s", ping->from);
}

void scn_stop_ping(struct scn_running *running)
{
    if (!running->ping)
        return;
    if (!running->row->ended)
        take_statistics(running);
    topo_ping_free(running->ping);
    running->ping = NULL;
}
