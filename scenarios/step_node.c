/* change, route, stop, start, restart; initiate, terminate, rekey: what an administrator does to nodes. */
#include "scenarios/diagnosis.h"
#include "scenarios/play_state.h"
#include "scenarios/recording.h"
#include "scenarios/tunnels.h"

#include <errno.h>
#include <string.h>

#include "ipsec/ike/endpoint.h"
#include "sim/traffic.h"
#include "topology/ping.h"

void scn_start_change(struct scn_running *running)
{
    struct scn_play *play = running->play;
    const struct topo_model *before = play->model;
    const char *what = topo_world_change(play->world, running->step->u.change);
    if (what) {
        scn_step_fail(running, "%s cannot change while the world runs", what);
        return;
    }
    play->model = running->step->u.change;
    scn_recording_change(play->recording, before, play->model);
    scn_step_finish(running);
}

void scn_start_route(struct scn_running *running)
{
    const struct scn_route *route = &running->step->u.route;
    struct topo_world *world = running->play->world;
    char to[NET_PREFIX_TEXT_MAX];
    for (size_t i = 0; i < route->on_count; i++) {
        for (size_t j = 0; j < route->remove_count; j++) {
            const struct topo_route *old = &route->remove[j];
            if (!topo_world_route_remove(world, route->on[i], &old->to))
                scn_step_fail(running, "%s has no route to %s", route->on[i],
                              net_prefix_format(&old->to, to));
        }
        for (size_t j = 0; j < route->add_count; j++) {
            const struct topo_route *add = &route->add[j];
            int status =
                topo_world_route_add(world, route->on[i], &add->to, net_addr_ip4(&add->via));
            if (status)
                scn_step_fail(running, "%s cannot take the route to %s: %s", route->on[i],
                              net_prefix_format(&add->to, to),
                              status == -EEXIST ? "it has one already"
                                                : "its next hop is not on link");
        }
    }
    scn_step_finish(running);
}

static bool is_under_way(const struct scn_running *running)
{
    return running->row && !running->row->ended;
}

void scn_end_exchanges(struct scn_play *play, const char *node)
{
    const struct topo_engine *engine = topo_world_engine(play->world, node);
    for (size_t i = 0; engine && i < play->scenario->step_count; i++) {
        struct scn_running *other = &play->running[i];
        if (!is_under_way(other) || other->engine != engine)
            continue;
        other->row->sa_state = SCN_TUNNEL_DOWN;
        scn_step_finish(other);
    }
}

void scn_end_doings(struct scn_play *play, const char *node)
{
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        struct scn_running *other = &play->running[i];
        if (!is_under_way(other))
            continue;
        if (other->ping && strcmp(other->step->u.ping.from, node) == 0)
            topo_ping_stop(other->ping);
        if (other->traffic && strcmp(other->step->u.traffic.from, node) == 0)
            sim_traffic_stop(other->traffic);
    }
    scn_end_exchanges(play, node);
}

void scn_start_power(struct scn_running *running)
{
    struct topo_world *world = running->play->world;
    const char *node = running->step->u.node;
    if (running->step->verb != SCN_VERB_START)
        scn_end_doings(running->play, node);
    bool done = running->step->verb == SCN_VERB_STOP    ? topo_world_stop(world, node)
                : running->step->verb == SCN_VERB_START ? topo_world_start(world, node)
                                                        : topo_world_restart(world, node);
    if (done && running->step->verb != SCN_VERB_START)
        scn_diagnosis_power(running, node, false);
    if (done && running->step->verb != SCN_VERB_STOP)
        scn_diagnosis_power(running, node, true);
    if (done)
        scn_step_finish(running);
    else
        scn_step_fail(running, "%s is %s already", node,
                      running->step->verb == SCN_VERB_START ? "running" : "stopped");
}

static bool ask_engine(struct scn_running *running)
{
    const struct scn_sa *sa = &running->step->u.sa;
    bool child = sa->what == SCN_WHAT_CHILD;
    struct topo_engine *engine = running->engine;
    switch ((int)running->step->verb) {
    case SCN_VERB_INITIATE:
        return engine->ops->initiate(engine, sa->tunnel);
    case SCN_VERB_TERMINATE:
        return engine->ops->terminate(engine, sa->tunnel, child);
    default:
        return engine->ops->rekey(engine, sa->tunnel, child);
    }
}

static enum scn_tunnel_state state_now(const struct scn_running *running)
{
    struct ike_peer_info info;
    if (!running->engine->ops->peer(running->engine, running->peer, &info))
        return SCN_TUNNEL_DOWN;
    return scn_tunnel_state_of(&info);
}

static void finish_sa(struct scn_running *running)
{
    running->row->sa_state = state_now(running);
    scn_step_finish(running);
}

void scn_start_sa(struct scn_running *running)
{
    const struct scn_sa *sa = &running->step->u.sa;
    running->engine = topo_world_engine(running->play->world, sa->on);
    running->peer = running->engine->ops->peer_number(running->engine, sa->tunnel);
    if (ask_engine(running) || running->row->ended)
        return;
    running->row->sa_state = state_now(running);
    if (!running->engine->ops->running(running->engine))
        scn_step_fail(running, "%s is stopped", sa->on);
    else
        scn_step_fail(running, "%s has no SA of %s to %s", sa->on, sa->tunnel,
                      scn_verb_name(running->step->verb));
}

/* Which of the engine's tasks a verb waits for. */
static bool task_belongs(enum scn_verb verb, enum scn_what what, enum ike_task_kind task)
{
    bool child = what == SCN_WHAT_CHILD;
    switch ((int)verb) {
    case SCN_VERB_INITIATE:
        return task == IKE_TASK_CONNECT || task == IKE_TASK_CHILD_CREATE;
    case SCN_VERB_TERMINATE:
        return child ? task == IKE_TASK_CHILD_DELETE : task == IKE_TASK_IKE_DELETE;
    case SCN_VERB_REKEY:
        return child ? task == IKE_TASK_CHILD_REKEY : task == IKE_TASK_IKE_REKEY;
    default:
        return false;
    }
}

void scn_sa_event(struct scn_play *play, const char *gateway, const struct ike_event *event)
{
    if (event->kind != IKE_EVENT_TASK_DONE && event->kind != IKE_EVENT_TASK_FAILED)
        return;
    for (size_t i = 0; play->under_way > 0 && i < play->scenario->step_count; i++) {
        struct scn_running *running = &play->running[i];
        if (!running->engine || !running->row || running->row->ended ||
            strcmp(running->engine->gateway, gateway) != 0 || running->peer != event->peer)
            continue;
        if (task_belongs(running->step->verb, running->step->u.sa.what, event->task))
            finish_sa(running);
    }
}
