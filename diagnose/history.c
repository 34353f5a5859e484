/* Rows of a run's history. */
#include "diagnose/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/ts.h"

struct diag_history *diag_history_new(void)
{
    return base_alloc(sizeof(struct diag_history));
}

void diag_history_free(struct diag_history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < history->count; i++) {
        free(history->rows[i].node);
        free(history->rows[i].tunnel);
        free(history->rows[i].local);
        free(history->rows[i].remote);
    }
    free(history->rows);
    free(history);
}

static struct diag_row *add_row(struct diag_history *history, enum diag_happened what, base_ns at,
                                const char *node)
{
    history->rows =
        base_grow(history->rows, history->count, &history->capacity, sizeof(*history->rows));
    struct diag_row *row = &history->rows[history->count++];
    *row = (struct diag_row){.what = what, .at = at, .node = base_strdup(node)};
    return row;
}

static bool kind_of(const struct ike_event *event, enum diag_happened *what)
{
    switch ((int)event->kind) {
    case IKE_EVENT_CHILD_UP:
    case IKE_EVENT_CHILD_REKEYED:
        *what = DIAG_CHILD_UP;
        return true;
    case IKE_EVENT_CHILD_DOWN:
        *what = DIAG_CHILD_DOWN;
        return true;
    case IKE_EVENT_TASK_STARTED:
        *what = DIAG_TASK_STARTED;
        return event->task == IKE_TASK_CONNECT;
    default:
        return false;
    }
}

static struct diag_range *ranges_of(const struct ike_ts *list, size_t count, size_t *taken)
{
    struct diag_range *ranges = base_alloc_array(count + 1, sizeof(*ranges));
    *taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].low.family == NET_ADDR_IP4)
            ranges[(*taken)++] =
                (struct diag_range){net_addr_ip4(&list[i].low), net_addr_ip4(&list[i].high)};
    }
    return ranges;
}

void diag_history_add(struct diag_history *history, const char *gateway,
                      const struct ike_event *event)
{
    enum diag_happened what;
    if (!kind_of(event, &what))
        return;
    struct diag_row *row = add_row(history, what, event->at, gateway);
    row->tunnel = event->tunnel ? base_strdup(event->tunnel) : NULL;
    row->reason = event->reason;
    if (!event->child)
        return;
    row->spi_in = event->child->spi_in;
    if (what != DIAG_CHILD_UP)
        return;
    row->local = ranges_of(event->child->local_ts, event->child->local_ts_count, &row->local_count);
    row->remote =
        ranges_of(event->child->remote_ts, event->child->remote_ts_count, &row->remote_count);
}

void diag_history_note(struct diag_history *history, enum diag_happened what, const char *node,
                       base_ns at, struct base_where where)
{
    add_row(history, what, at, node)->where = where;
}

static bool is_of(const struct diag_row *row, const char *node, const char *tunnel)
{
    return strcmp(row->node, node) == 0 &&
           (!tunnel || (row->tunnel && strcmp(row->tunnel, tunnel) == 0));
}

const struct diag_row *diag_history_child(const struct diag_history *history, const char *gateway,
                                          const char *tunnel, base_ns at)
{
    const struct diag_row *current = NULL;
    for (size_t i = 0; i < history->count && history->rows[i].at <= at; i++) {
        const struct diag_row *row = &history->rows[i];
        bool off = row->what == DIAG_SAS_LOST && is_of(row, gateway, NULL);
        bool own = is_of(row, gateway, tunnel);
        if (row->what == DIAG_CHILD_UP && own)
            current = row;
        else if (off ||
                 (row->what == DIAG_CHILD_DOWN && current && own && row->spi_in == current->spi_in))
            current = NULL;
    }
    return current;
}

const struct diag_row *diag_history_find(const struct diag_history *history,
                                         enum diag_happened what, const char *node,
                                         const char *tunnel, base_ns from, base_ns to, bool first)
{
    const struct diag_row *found = NULL;
    for (size_t i = 0; i < history->count && history->rows[i].at <= to; i++) {
        const struct diag_row *row = &history->rows[i];
        if (row->what != what || row->at < from || !is_of(row, node, tunnel))
            continue;
        found = row;
        if (first)
            break;
    }
    return found;
}

const struct diag_row *diag_history_off(const struct diag_history *history, const char *node,
                                        base_ns at)
{
    const struct diag_row *off =
        diag_history_find(history, DIAG_POWER_OFF, node, NULL, 0, at, false);
    return off && !diag_history_find(history, DIAG_POWER_ON, node, NULL, off->at, at, true) ? off
                                                                                            : NULL;
}
