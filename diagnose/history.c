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

/* The number of rows before that time: they are in its order. */
static size_t rows_before(const struct diag_history *history, base_ns at)
{
    size_t low = 0, high = history->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history->rows[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same with those at that time. */
static size_t rows_until(const struct diag_history *history, base_ns at)
{
    return at == BASE_NEVER ? history->count : rows_before(history, at + 1);
}

const struct diag_row *diag_history_child(const struct diag_history *history, const char *gateway,
                                          const char *tunnel, base_ns at)
{
    size_t count = rows_until(history, at), i = count;
    const struct diag_row *current = NULL;
    while (!current && i-- > 0) { /* the last one that came up, unless it went since */
        const struct diag_row *row = &history->rows[i];
        if (row->what == DIAG_SAS_LOST && is_of(row, gateway, NULL))
            return NULL;
        if (row->what == DIAG_CHILD_UP && is_of(row, gateway, tunnel))
            current = row;
    }
    for (i++; current && i < count; i++) {
        const struct diag_row *row = &history->rows[i];
        if (row->what == DIAG_CHILD_DOWN && row->spi_in == current->spi_in &&
            is_of(row, gateway, tunnel))
            return NULL;
    }
    return current;
}

const struct diag_row *diag_history_find(const struct diag_history *history,
                                         enum diag_happened what, const char *node,
                                         const char *tunnel, base_ns from, base_ns to, bool first)
{
    size_t begin = rows_before(history, from), end = rows_until(history, to);
    for (size_t i = begin; i < end; i++) {
        const struct diag_row *row = &history->rows[first ? i : begin + (end - 1 - i)];
        if (row->what == what && is_of(row, node, tunnel))
            return row;
    }
    return NULL;
}

const struct diag_row *diag_history_off(const struct diag_history *history, const char *node,
                                        base_ns at)
{
    const struct diag_row *off =
        diag_history_find(history, DIAG_POWER_OFF, node, NULL, 0, at, false);
    return off && !diag_history_find(history, DIAG_POWER_ON, node, NULL, off->at, at, true) ? off
                                                                                            : NULL;
}
