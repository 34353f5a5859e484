/* What charon tells, as the engine's events: SAs from vici, messages from the log. */
#include <string.h>

#include "ipsec/ike/wire.h"
#include "sim/world.h"
#include "strongswan/internal.h"

void swan_emit(struct swan_engine *engine, int peer, struct ike_event *event)
{
    event->at = engine->place.sim->now;
    event->peer = peer;
    event->tunnel = peer >= 0 ? engine->tunnels[peer]->model->name : NULL;
    if (engine->base.on_event)
        engine->base.on_event(engine->base.context, engine->base.gateway, event);
}

struct swan_tunnel *swan_tunnel_of(struct swan_engine *engine, const char *connection, size_t size)
{
    for (size_t i = 0; i < engine->tunnel_count; i++) {
        const char *name = engine->tunnels[i]->connection;
        if (strlen(name) == size && !memcmp(name, connection, size))
            return engine->tunnels[i];
    }
    return NULL;
}

int swan_tunnel_number(const struct swan_tunnel *tunnel)
{
    for (size_t i = 0; tunnel && i < tunnel->engine->tunnel_count; i++)
        if (tunnel->engine->tunnels[i] == tunnel)
            return (int)i;
    return -1;
}

/* ---- The log ---- */

static void note_errors(struct swan_tunnel *tunnel, const struct swan_log_message *message)
{
    for (size_t i = 0; tunnel && i < message->notify_count; i++) {
        if (message->notifies[i] < IKE_NOTIFY_STATUS_FIRST)
            tunnel->task.notify = message->notifies[i];
    }
}

/* The log names a retransmission by its number and message ID alone. */
static void send_again(struct swan_tunnel *tunnel, const struct swan_log_message *message)
{
    if (!tunnel || !tunnel->has_request || tunnel->request.message_id != message->message_id)
        return;
    struct ike_event event = tunnel->request;
    event.retransmission = true;
    event.tries = message->tries;
    swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
}

void swan_on_line(struct swan_engine *engine, const char *text)
{
    struct swan_log_line line;
    struct swan_log_message message;
    if (!swan_log_split(text, &line))
        return;
    swan_log_read(line.text, &message);
    struct swan_tunnel *tunnel =
        line.name ? swan_tunnel_of(engine, line.name, line.name_size) : NULL;
    if (message.kind == SWAN_LOG_SENT || message.kind == SWAN_LOG_RECEIVED) {
        struct ike_event event = {
            .kind =
                message.kind == SWAN_LOG_SENT ? IKE_EVENT_MESSAGE_SENT : IKE_EVENT_MESSAGE_RECEIVED,
            .exchange = message.exchange,
            .response = message.response,
            .message_id = message.message_id,
            .notify_count = message.notify_count,
        };
        memcpy(event.notifies, message.notifies, sizeof(event.notifies));
        if (message.kind == SWAN_LOG_RECEIVED)
            note_errors(tunnel, &message);
        swan_emit(engine, swan_tunnel_number(tunnel), &event);
        if (tunnel && message.kind == SWAN_LOG_SENT && !message.response) {
            tunnel->request = event;
            tunnel->has_request = true;
        }
    } else if (message.kind == SWAN_LOG_RETRANSMIT) {
        send_again(tunnel, &message);
    } else if (message.kind == SWAN_LOG_GAVE_UP && tunnel) {
        swan_at_once_again(tunnel);
    } else if (message.kind == SWAN_LOG_TRY_ENDED && tunnel &&
               (tunnel->task.kind == IKE_TASK_CHILD_REKEY ||
                tunnel->task.kind == IKE_TASK_IKE_REKEY)) {
        swan_task_end(tunnel, false);
    }
}

/* ---- vici: sections that are named as a connection ---- */

static void fill_in(struct ike_event *event, const struct swan_ike *ike)
{
    event->spi_i = ike->keys.spi_i;
    event->spi_r = ike->keys.spi_r;
    event->initiator = ike->initiator;
    event->path = ike->path;
}

/* Infos with algorithms that the product has not are not told: who listens takes them for there. */
static const struct ike_keys_info *known_keys(const struct swan_ike *ike)
{
    return ike->keys.encr && ike->keys.prf && ike->keys.group ? &ike->keys : NULL;
}

static void on_ike(struct swan_tunnel *tunnel, const struct swan_element *section, bool up)
{
    struct swan_ike ike;
    swan_ike_read(section, &ike);
    swan_keys_ike(tunnel->engine->keys, &ike);
    struct ike_event event = {.kind = up ? IKE_EVENT_IKE_UP : IKE_EVENT_IKE_DOWN,
                              .keys = up ? known_keys(&ike) : NULL};
    fill_in(&event, &ike);
    if (!up || event.keys)
        swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
    if (!up)
        swan_at_once_again(tunnel);
}

static void on_ike_rekeyed(struct swan_tunnel *tunnel, const struct swan_element *section)
{
    const struct swan_element *older = swan_tree_find(section, "old");
    const struct swan_element *newer = swan_tree_find(section, "new");
    struct swan_ike before, after;
    if (!older || !newer)
        return;
    swan_ike_read(older, &before);
    swan_ike_read(newer, &after);
    swan_keys_ike(tunnel->engine->keys, &after);
    tunnel->ike_rekeys++;
    struct ike_event event = {
        .kind = IKE_EVENT_IKE_REKEYED,
        .keys = known_keys(&after),
        .old_spi = before.initiator ? before.keys.spi_i : before.keys.spi_r,
    };
    fill_in(&event, &after);
    if (event.keys)
        swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
    if (tunnel->task.kind == IKE_TASK_IKE_REKEY)
        swan_task_end(tunnel, true);
}

static void on_child(struct swan_tunnel *tunnel, const struct swan_ike *ike,
                     const struct swan_element *section, bool up)
{
    struct swan_child child;
    swan_child_read(section, ike, &child);
    swan_keys_child(tunnel->engine->keys, &child);
    struct ike_event event = {.kind = up ? IKE_EVENT_CHILD_UP : IKE_EVENT_CHILD_DOWN,
                              .child = &child.info};
    fill_in(&event, ike);
    if (child.info.encr)
        swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
}

static void on_child_rekeyed(struct swan_tunnel *tunnel, const struct swan_ike *ike,
                             const struct swan_element *section)
{
    const struct swan_element *older = swan_tree_find(section, "old");
    const struct swan_element *newer = swan_tree_find(section, "new");
    struct swan_child before, after;
    if (!older || !newer)
        return;
    swan_child_read(older, ike, &before);
    swan_child_read(newer, ike, &after);
    swan_keys_child(tunnel->engine->keys, &after);
    tunnel->child_rekeys++;
    struct ike_event event = {
        .kind = IKE_EVENT_CHILD_REKEYED, .child = &after.info, .old_child_spi = before.info.spi_in};
    fill_in(&event, ike);
    if (after.info.encr)
        swan_emit(tunnel->engine, swan_tunnel_number(tunnel), &event);
    if (tunnel->task.kind == IKE_TASK_CHILD_REKEY)
        swan_task_end(tunnel, true);
}

static void on_children(struct swan_tunnel *tunnel, const struct swan_element *section,
                        bool rekeyed, bool up)
{
    struct swan_ike ike;
    swan_ike_read(section, &ike);
    const struct swan_element *children = swan_tree_find(section, "child-sas");
    for (const struct swan_element *child = children ? children->first : NULL; child;
         child = child->next) {
        if (child->kind == SWAN_SECTION && rekeyed)
            on_child_rekeyed(tunnel, &ike, child);
        else if (child->kind == SWAN_SECTION)
            on_child(tunnel, &ike, child, up);
    }
}

void swan_on_event(struct swan_engine *engine, const char *name, const struct swan_element *message)
{
    bool up = swan_tree_yes(message, "up");
    for (const struct swan_element *section = message->first; section; section = section->next) {
        struct swan_tunnel *tunnel =
            section->kind == SWAN_SECTION
                ? swan_tunnel_of(engine, section->name, strlen(section->name))
                : NULL;
        if (!tunnel)
            continue;
        if (!strcmp(name, "ike-updown"))
            on_ike(tunnel, section, up);
        else if (!strcmp(name, "ike-rekey"))
            on_ike_rekeyed(tunnel, section);
        else
            on_children(tunnel, section, !strcmp(name, "child-rekey"), up);
    }
}
