/* What the engines of a run said about their tunnels, and when nodes were switched: rows in order of time. */
#ifndef DIAGNOSE_HISTORY_H
#define DIAGNOSE_HISTORY_H

#include "base/where.h"
#include "ipsec/ike/event.h"
#include "net/prefix.h"

enum diag_happened {
    DIAG_CHILD_UP, /* or rekeyed */
    DIAG_CHILD_DOWN,
    DIAG_TASK_STARTED, /* of a connect */
    DIAG_POWER_OFF,    /* a restart is off and on at one time */
    DIAG_POWER_ON,
    DIAG_SAS_LOST,   /* the node's SAs went with its power, or with its daemon */
    DIAG_DAEMON_OFF, /* the IKE daemon died alone */
    DIAG_DAEMON_ON,
};

struct diag_range {
    net_ip4 first, last;
};

struct diag_row {
    enum diag_happened what;
    base_ns at;
    char *node;   /* a gateway, or any node for POWER */
    char *tunnel; /* NULL: not known */
    enum ike_reason reason;
    uint32_t spi_in;                   /* CHILD_UP, CHILD_DOWN */
    struct diag_range *local, *remote; /* CHILD_UP: IPv4 selectors */
    size_t local_count, remote_count;
    struct base_where where; /* POWER, SAS_LOST, DAEMON: the step */
};

struct diag_history {
    struct diag_row *rows;
    size_t count, capacity;
};

struct diag_history *diag_history_new(void);
void diag_history_free(struct diag_history *history); /* NULL is fine */

/* Keeps the event where it is one of the above. */
void diag_history_add(struct diag_history *history, const char *gateway,
                      const struct ike_event *event);
/* Power, daemons and what went with them: of a step. */
void diag_history_note(struct diag_history *history, enum diag_happened what, const char *node,
                       base_ns at, struct base_where where);

/* The child SA that a tunnel has at that time: its row, or NULL. */
const struct diag_row *diag_history_child(const struct diag_history *history, const char *gateway,
                                          const char *tunnel, base_ns at);
/* Since when a node is off at that time: its row, or NULL. */
const struct diag_row *diag_history_off(const struct diag_history *history, const char *node,
                                        base_ns at);
/* The first (`first`) or last row of that kind at a node between two times, both included; NULL: none.
 * `tunnel` NULL: of any. */
const struct diag_row *diag_history_find(const struct diag_history *history,
                                         enum diag_happened what, const char *node,
                                         const char *tunnel, base_ns from, base_ns to, bool first);

#endif
