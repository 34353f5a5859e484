/*
 * What an administrator asks for: each command goes over a connection of its own, and its answer or an event ends
 * the task. vici's `rekey` answers at once, so a rekey ends with its event or with what the log says of its failure.
 */
#include <string.h>

#include "ipsec/ike/wire.h"
#include "sim/world.h"
#include "strongswan/internal.h"

static struct swan_tunnel *find(struct topo_engine *engine, const char *name)
{
    struct swan_engine *self = swan_of(engine);
    for (size_t i = 0; self->state == SWAN_READY && i < self->tunnel_count; i++) {
        if (!strcmp(self->tunnels[i]->model->name, name))
            return self->tunnels[i];
    }
    return NULL;
}

static enum ike_reason reason_of(uint16_t notify)
{
    return notify == 0                                  ? IKE_REASON_TIMEOUT
           : notify == IKE_NOTIFY_AUTHENTICATION_FAILED ? IKE_REASON_AUTHENTICATION
           : notify == IKE_NOTIFY_NO_PROPOSAL_CHOSEN    ? IKE_REASON_PROPOSAL
           : notify == IKE_NOTIFY_TS_UNACCEPTABLE       ? IKE_REASON_SELECTORS
                                                        : IKE_REASON_REFUSED;
}

void swan_task_end(struct swan_tunnel *tunnel, bool good)
{
    struct swan_task task = tunnel->task;
    if (task.kind == IKE_TASK_NONE)
        return;
    swan_task_forget(tunnel);
    struct ike_event event = {
        .kind = good ? IKE_EVENT_TASK_DONE : IKE_EVENT_TASK_FAILED,
        .task = task.kind,
        .reason = good ? IKE_REASON_OK : reason_of(task.notify),
        .notify = good ? 0 : task.notify,
    };
    swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
}

void swan_task_forget(struct swan_tunnel *tunnel)
{
    swan_vici_free(tunnel->task.vici);
    tunnel->task = (struct swan_task){.kind = IKE_TASK_NONE};
}

static void begin(struct swan_tunnel *tunnel, enum ike_task_kind kind)
{
    swan_task_forget(tunnel);
    tunnel->task.kind = kind;
    struct ike_event event = {.kind = IKE_EVENT_TASK_STARTED, .task = kind};
    swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
}

static void on_answer(void *context, const struct swan_element *message)
{
    swan_task_end(context, swan_tree_yes(message, "success"));
}

/* Sends the command; its answer ends the task. */
static bool send_and_wait(struct swan_tunnel *tunnel, const char *command,
                          struct swan_tree *message)
{
    struct swan_vici_handler handler = {.context = tunnel, .answer = on_answer};
    tunnel->task.vici = swan_vici_open(tunnel->engine->place.loop, tunnel->engine->socket, NULL,
                                       command, message, &handler);
    swan_tree_fini(message);
    if (!tunnel->task.vici)
        swan_task_end(tunnel, false);
    return true;
}

/* After the last retransmission and its wait: when charon gives a peer up. */
static double give_up_s(const struct topo_behaviour *behaviour)
{
    double wait = (double)behaviour->retransmit_timeout_ns / (double)BASE_S, sum = wait;
    for (unsigned i = 0; i < behaviour->retransmit_tries; i++)
        sum += wait *= behaviour->retransmit_base;
    return sum;
}

/* ---- Up ---- */

static bool has_child(struct swan_tunnel *tunnel, bool *has_ike)
{
    struct ike_peer_info info;
    if (!tunnel->engine->base.ops->peer(&tunnel->engine->base, swan_tunnel_number(tunnel), &info))
        return false;
    *has_ike = info.has_ike;
    return info.state == IKE_PEER_ESTABLISHED;
}

bool swan_initiate(struct topo_engine *engine, const char *name)
{
    struct swan_tunnel *tunnel = find(engine, name);
    bool has_ike = false;
    if (!tunnel)
        return false;
    tunnel->terminated = false;
    bool up = has_child(tunnel, &has_ike);
    begin(tunnel, has_ike ? IKE_TASK_CHILD_CREATE : IKE_TASK_CONNECT);
    if (up) { /* charon would make a second child with the same selectors */
        swan_task_end(tunnel, true);
        return true;
    }
    struct swan_tree message;
    swan_tree_init(&message);
    swan_tree_value(&message, &message.root, "ike", "%s", tunnel->connection);
    swan_tree_value(&message, &message.root, "child", "%s", tunnel->connection);
    swan_tree_value(&message, &message.root, "timeout", "%.0f",
                    1000 * give_up_s(&tunnel->engine->model.behaviour) + 2000);
    return send_and_wait(tunnel, "initiate", &message);
}

void swan_at_once(struct swan_tunnel *tunnel, base_ns after)
{
    sim_world_after(tunnel->engine->place.sim, &tunnel->start, after);
}

void swan_at_once_again(struct swan_tunnel *tunnel)
{
    bool at_once = tunnel->engine->model.behaviour.start == TOPO_START_AT_ONCE;
    if (at_once && !tunnel->anew && tunnel->model)
        swan_at_once(tunnel, SWAN_RETRY_DELAY);
}

/* Also what the peer has begun counts, before charon knows which connection it is for; what ends
 * does not, nor an IKE SA that has got no child. */
static bool is_begun(struct swan_tunnel *tunnel)
{
    struct swan_engine *engine = tunnel->engine;
    swan_look(engine, NULL);
    for (const struct swan_element *e = engine->looked ? engine->sas.root.first : NULL; e;
         e = e->next) {
        struct swan_ike ike;
        if (e->kind != SWAN_SECTION)
            continue;
        swan_ike_read(e, &ike);
        const struct swan_element *children = swan_tree_find(e, "child-sas");
        if (ike.rekeyed || (ike.established && (!children || !children->first)))
            continue;
        bool unnamed = !swan_tunnel_of(engine, e->name, strlen(e->name));
        if (!strcmp(e->name, tunnel->connection) ||
            (unnamed && net_addr_equal(&ike.path.remote, &tunnel->model->remote_address)))
            return true;
    }
    return false;
}

/* The tunnel is begun unless it is up or coming up, and looked after again later. */
void swan_start_due(struct sim_world *world, struct sim_event *event)
{
    struct swan_tunnel *tunnel = SIM_OWNER(event, struct swan_tunnel, start);
    struct swan_engine *engine = tunnel->engine;
    (void)world;
    tunnel->anew = false;
    if (engine->state != SWAN_READY || engine->model.behaviour.start != TOPO_START_AT_ONCE)
        return;
    if (!tunnel->terminated && tunnel->task.kind == IKE_TASK_NONE && !is_begun(tunnel)) {
        struct swan_tree message, answer;
        swan_tree_init(&message);
        swan_tree_value(&message, &message.root, "ike", "%s", tunnel->connection);
        swan_tree_value(&message, &message.root, "child", "%s", tunnel->connection);
        swan_tree_value(&message, &message.root, "timeout", "-1"); /* do not wait */
        if (swan_vici_ask(engine->socket, "initiate", &message, NULL, SWAN_ANSWER_MS, &answer))
            swan_tree_fini(&answer);
        swan_tree_fini(&message);
    }
    swan_at_once(tunnel, SWAN_RETRY_DELAY);
}

/* ---- Down, and anew ---- */

bool swan_terminate(struct topo_engine *engine, const char *name, bool child_only)
{
    struct swan_tunnel *tunnel = find(engine, name);
    struct ike_peer_info info;
    if (!tunnel || !engine->ops->peer(engine, swan_tunnel_number(tunnel), &info) ||
        info.state == IKE_PEER_DOWN || (child_only && !info.children))
        return false;
    tunnel->terminated = true;
    begin(tunnel, child_only ? IKE_TASK_CHILD_DELETE : IKE_TASK_IKE_DELETE);
    struct swan_tree message;
    swan_tree_init(&message);
    swan_tree_value(&message, &message.root, "ike", "%s", tunnel->connection);
    if (child_only)
        swan_tree_value(&message, &message.root, "child", "%s", tunnel->connection);
    if (info.state == IKE_PEER_CONNECTING)
        swan_tree_value(&message, &message.root, "force", "yes");
    swan_tree_value(&message, &message.root, "timeout", "%.0f",
                    1000 * give_up_s(&tunnel->engine->model.behaviour) + 2000);
    return send_and_wait(tunnel, "terminate", &message);
}

bool swan_rekey(struct topo_engine *engine, const char *name, bool child)
{
    struct swan_tunnel *tunnel = find(engine, name);
    struct ike_peer_info info;
    struct swan_tree message, answer;
    if (!tunnel || !engine->ops->peer(engine, swan_tunnel_number(tunnel), &info) || !info.has_ike ||
        (child && !info.children))
        return false;
    begin(tunnel, child ? IKE_TASK_CHILD_REKEY : IKE_TASK_IKE_REKEY);
    swan_tree_init(&message);
    swan_tree_value(&message, &message.root, child ? "child" : "ike", "%s", tunnel->connection);
    bool told =
        swan_vici_ask(tunnel->engine->socket, "rekey", &message, NULL, SWAN_ANSWER_MS, &answer);
    bool good = told && swan_tree_yes(&answer.root, "success");
    if (told)
        swan_tree_fini(&answer);
    swan_tree_fini(&message);
    if (!good)
        swan_task_end(tunnel, false);
    return true;
}
