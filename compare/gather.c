/* See gather.h. */
#include "compare/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pcap/capture.h"

/* An IKE message that was on the internet, by its content. */
struct message {
    uint64_t hash;
    size_t size;
};

struct cmp_gather {
    struct cmp_facts *facts;
    struct scn_observer observer;
    struct message *messages;
    size_t message_count, message_capacity;
    base_ns *moments; /* when tunnels came or went, and when steps began */
    size_t moment_count, moment_capacity;
};

/* ---- While it plays ---- */

static void add_moment(struct cmp_gather *gather, base_ns at)
{
    gather->moments = base_grow(gather->moments, gather->moment_count, &gather->moment_capacity,
                                sizeof(*gather->moments));
    gather->moments[gather->moment_count++] = at;
}

static void on_step(void *context, const struct scn_step *step, base_ns now)
{
    /* A ping moves no other ping, and waiting nothing. */
    if (step->verb != SCN_VERB_PING && step->verb != SCN_VERB_WAIT && step->verb != SCN_VERB_EXPECT)
        add_moment(context, now);
}

static void on_engine(void *context, const char *gateway, const struct ike_event *event)
{
    struct cmp_gather *gather = context;
    bool sent = event->kind == IKE_EVENT_MESSAGE_SENT;
    if (event->kind == IKE_EVENT_CHILD_UP || event->kind == IKE_EVENT_CHILD_DOWN ||
        event->kind == IKE_EVENT_IKE_UP || event->kind == IKE_EVENT_IKE_DOWN)
        add_moment(gather, event->at);
    if ((!sent && event->kind != IKE_EVENT_MESSAGE_RECEIVED) || event->retransmission)
        return;
    for (size_t i = 0; i < event->notify_count; i++)
        cmp_facts_notify(gather->facts, gateway, sent, event->notifies[i]);
}

/* FNV-1a: equal messages have equal SPIs and, but for one in 2^64, nobody else has. */
static uint64_t hash(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        value = (value ^ bytes[i]) * 0x100000001b3u;
    return value;
}

static bool is_copy(struct cmp_gather *gather, const uint8_t *bytes, size_t size)
{
    struct message message = {hash(bytes, size), size};
    for (size_t i = 0; i < gather->message_count; i++)
        if (gather->messages[i].hash == message.hash && gather->messages[i].size == size)
            return true;
    gather->messages = base_grow(gather->messages, gather->message_count, &gather->message_capacity,
                                 sizeof(*gather->messages));
    gather->messages[gather->message_count++] = message;
    return false;
}

static void on_captured(void *context, const struct cap_set *frames)
{
    struct cmp_gather *gather = context;
    const struct cap_point *internet = cap_set_point(frames, "internet");
    for (const struct cap_frame *frame = internet ? cap_point_first(internet) : NULL; frame;
         frame = frame->next_at_point) {
        enum cmp_kind kind;
        const uint8_t *message;
        size_t size;
        if (!cmp_frame_kind(frame->bytes, frame->size, &kind, &message, &size))
            continue;
        if (message && is_copy(gather, message, size))
            gather->facts->packets[kind].copies++;
        else
            gather->facts->packets[kind].distinct++;
    }
}

struct cmp_gather *cmp_gather_new(struct cmp_facts *facts)
{
    struct cmp_gather *gather = base_alloc(sizeof(*gather));
    gather->facts = facts;
    gather->observer = (struct scn_observer){
        .context = gather,
        .step_start = on_step,
        .engine = on_engine,
        .captured = on_captured,
    };
    return gather;
}

void cmp_gather_free(struct cmp_gather *gather)
{
    if (!gather)
        return;
    free(gather->messages);
    free(gather->moments);
    free(gather);
}

const struct scn_observer *cmp_gather_observer(struct cmp_gather *gather)
{
    return &gather->observer;
}

/* ---- What the result says ---- */

static bool has_moved(const struct cmp_gather *gather, const struct scn_step_result *row)
{
    for (size_t i = 0; i < gather->moment_count; i++)
        if (gather->moments[i] >= row->start_ns && gather->moments[i] <= row->end_ns)
            return true;
    return false;
}

static void read_ping(struct cmp_gather *gather, const struct scn_step_result *row,
                      struct cmp_ping *out)
{
    struct base_arena *arena = &gather->facts->arena;
    const struct scn_ping_result *ping = &row->ping;
    *out = (struct cmp_ping){
        .line = row->step->where.line,
        .text = row->step->text,
        .sent = ping->sent,
        .received = ping->received,
        .duplicates = ping->duplicates,
        .unreachable = ping->unreachable,
        .errors = base_arena_array(arena, ping->error_count + 1, sizeof(*out->errors)),
        .error_count = ping->error_count,
        .interval_ns = row->step->u.ping.interval_ns,
        .moved = has_moved(gather, row),
    };
    for (size_t i = 0; i < ping->error_count; i++) {
        const struct scn_ping_error *error = &ping->error_list[i];
        char from[NET_ADDR_TEXT_MAX];
        out->errors[i] = (struct cmp_error){
            .from = error->from.family
                        ? base_arena_strdup(arena, net_addr_format(&error->from, from))
                        : NULL,
            .what = base_arena_strdup(arena, error->what),
            .count = error->count,
        };
    }
}

static void read_flow(const struct cmp_gather *gather, const struct scn_step_result *row,
                      struct cmp_flow *out)
{
    const struct scn_traffic *asked = &row->step->u.traffic;
    uint64_t sent = row->traffic.sent ? row->traffic.sent : 1;
    *out = (struct cmp_flow){
        .line = row->step->where.line,
        .text = row->step->text,
        .sent = row->traffic.sent,
        .delivered = row->traffic.delivered,
        .duplicates = row->traffic.duplicates,
        .interval_ns = asked->for_ns / (base_ns)sent,
        .moved = has_moved(gather, row),
    };
}

static void read_steps(struct cmp_gather *gather, const struct scn_result *result)
{
    struct cmp_facts *facts = gather->facts;
    facts->pings = base_arena_array(&facts->arena, result->step_count + 1, sizeof(*facts->pings));
    facts->flows = base_arena_array(&facts->arena, result->step_count + 1, sizeof(*facts->flows));
    facts->outcomes =
        base_arena_array(&facts->arena, result->step_count + 1, sizeof(*facts->outcomes));
    for (size_t i = 0; i < result->step_count; i++) {
        const struct scn_step_result *row = &result->steps[i];
        enum scn_verb verb = row->step->verb;
        if (verb == SCN_VERB_PING)
            read_ping(gather, row, &facts->pings[facts->ping_count++]);
        else if (verb == SCN_VERB_TRAFFIC)
            read_flow(gather, row, &facts->flows[facts->flow_count++]);
        else if (verb == SCN_VERB_INITIATE || verb == SCN_VERB_TERMINATE || verb == SCN_VERB_REKEY)
            facts->outcomes[facts->outcome_count++] = (struct cmp_outcome){
                row->step->where.line, row->step->text, scn_tunnel_state_name(row->sa_state)};
    }
}

static void read_tunnel(struct cmp_facts *facts, const struct scn_tunnel_result *from,
                        struct cmp_tunnel *out)
{
    struct base_arena *arena = &facts->arena;
    *out = (struct cmp_tunnel){
        .gateway = from->gateway,
        .name = from->name,
        .state = scn_tunnel_state_name(from->state),
        .ike_rekeys = from->ike_rekeys,
        .child_rekeys = from->child_rekeys,
        .children = from->child_sas,
        .encapsulated = from->has_child && from->encapsulated,
    };
    if (from->has_ike)
        out->ike =
            base_arena_printf(arena, "%s/%s%s%s/%s", from->ike_encryption,
                              from->ike_integrity ? from->ike_integrity : "",
                              from->ike_integrity ? "/" : "", from->ike_prf, from->ike_group);
    if (!from->has_child)
        return;
    out->esp = base_arena_printf(
        arena, "%s%s%s%s%s%s", from->esp_encryption, from->esp_integrity ? "/" : "",
        from->esp_integrity ? from->esp_integrity : "", from->esp_group ? "/" : "",
        from->esp_group ? from->esp_group : "", from->esn ? "/EXT_SEQ" : "");
    out->selectors =
        base_arena_printf(arena, "%s === %s", from->local_selectors, from->remote_selectors);
}

void cmp_gather_result(struct cmp_gather *gather, const struct scn_result *result)
{
    struct cmp_facts *facts = gather->facts;
    read_steps(gather, result);
    facts->tunnels =
        base_arena_array(&facts->arena, result->tunnel_count + 1, sizeof(*facts->tunnels));
    facts->tunnel_count = result->tunnel_count;
    for (size_t i = 0; i < result->tunnel_count; i++)
        read_tunnel(facts, &result->tunnels[i], &facts->tunnels[i]);
}
