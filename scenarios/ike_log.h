/* The IKE messages that gateways sent and took, for `ike` expectations. */
#ifndef SCENARIOS_IKE_LOG_H
#define SCENARIOS_IKE_LOG_H

#include "ipsec/ike/event.h"
#include "scenarios/scenario.h"

struct scn_ike_log;

struct scn_ike_log *scn_ike_log_new(void);
void scn_ike_log_free(struct scn_ike_log *log); /* NULL is fine */

/* Keeps the event where it is a message; `gateway` is borrowed until the log's end. */
void scn_ike_log_add(struct scn_ike_log *log, const char *gateway, const struct ike_event *event);

/* Messages that match in the window; retransmissions count as messages. */
struct scn_window;
uint64_t scn_ike_log_count(const struct scn_ike_log *log, const struct scn_expect_ike *expect,
                           const struct scn_window *window);

/* How many messages are logged, of all gateways. */
size_t scn_ike_log_size(const struct scn_ike_log *log);

/* How many messages of this gateway there are at all: 0 leaves nothing to judge. */
uint64_t scn_ike_log_total(const struct scn_ike_log *log, const char *gateway);

#endif
