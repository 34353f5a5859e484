/* One compact row a message. */
#include "scenarios/ike_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scenarios/judge.h"

struct row {
    base_ns at;
    const char *gateway;
    uint32_t message_id;
    uint8_t exchange;
    bool sent;
    bool response;
    uint8_t notify_count;
    uint16_t notifies[IKE_EVENT_NOTIFIES_MAX];
};

struct scn_ike_log {
    struct row *rows;
    size_t count, capacity;
};

struct scn_ike_log *scn_ike_log_new(void)
{
    return base_alloc(sizeof(struct scn_ike_log));
}

void scn_ike_log_free(struct scn_ike_log *log)
{
    if (log)
        free(log->rows);
    free(log);
}

void scn_ike_log_add(struct scn_ike_log *log, const char *gateway, const struct ike_event *event)
{
    bool sent = event->kind == IKE_EVENT_MESSAGE_SENT;
    if (!sent && event->kind != IKE_EVENT_MESSAGE_RECEIVED)
        return;
    log->rows = base_grow(log->rows, log->count, &log->capacity, sizeof(*log->rows));
    struct row *row = &log->rows[log->count++];
    *row = (struct row){
        .at = event->at,
        .gateway = gateway,
        .message_id = event->message_id,
        .exchange = event->exchange,
        .sent = sent,
        .response = event->response,
        .notify_count = (uint8_t)event->notify_count,
    };
    memcpy(row->notifies, event->notifies, event->notify_count * sizeof(row->notifies[0]));
}

static bool has_notify(const struct row *row, uint16_t type)
{
    for (size_t i = 0; i < row->notify_count; i++) {
        if (row->notifies[i] == type)
            return true;
    }
    return false;
}

static bool row_matches(const struct row *row, const struct scn_expect_ike *expect)
{
    const struct scn_ike_match *match = &expect->match;
    if (strcmp(row->gateway, expect->on) != 0)
        return false;
    if (expect->direction != SCN_DIRECTION_ANY &&
        row->sent != (expect->direction == SCN_DIRECTION_SENT))
        return false;
    if (match->exchange && row->exchange != match->exchange)
        return false;
    if (match->kind != SCN_MESSAGE_ANY && row->response != (match->kind == SCN_MESSAGE_RESPONSE))
        return false;
    if (match->has_message_id && row->message_id != match->message_id)
        return false;
    return !expect->has_notify || has_notify(row, expect->notify);
}

uint64_t scn_ike_log_count(const struct scn_ike_log *log, const struct scn_expect_ike *expect,
                           const struct scn_window *window)
{
    uint64_t count = 0;
    for (size_t i = window->first.messages; i < window->end.messages; i++) {
        const struct row *row = &log->rows[i];
        if (row->at >= window->from && row->at < window->to && row_matches(row, expect))
            count++;
    }
    return count;
}

size_t scn_ike_log_size(const struct scn_ike_log *log)
{
    return log->count;
}

uint64_t scn_ike_log_total(const struct scn_ike_log *log, const char *gateway)
{
    uint64_t count = 0;
    for (size_t i = 0; i < log->count; i++)
        count += strcmp(log->rows[i].gateway, gateway) == 0;
    return count;
}
