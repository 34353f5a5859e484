/*
 * What rules ask of the whole journal, gathered in one pass the first time that a rule asks, so that a run with many failures
 * is explained in time proportional to its journal. Private to diagnose/.
 */
#ifndef DIAGNOSE_INDEX_H
#define DIAGNOSE_INDEX_H

#include "diagnose/case.h"

/* An IKE message as it left its engine. */
struct diag_message {
    const struct sim_record *born; /* b: own UDP port << 16 | the peer's */
    net_ip4 to;                    /* its destination; 0: not known */
    const struct sim_record *end;  /* what stopped it; NULL: it arrived */
    base_ns arrived;               /* when, where nothing stopped it; BASE_NEVER: it is under way */
};

/* Of the journal of `c`, which it keeps a pointer to. */
struct diag_index *diag_index_new(const struct diag_case *c);
void diag_index_free(struct diag_index *index); /* NULL is fine */

/* The IKE messages of all gateways in order of time. */
const struct diag_message *diag_index_messages(struct diag_index *index, size_t *count);
/* How many of them were sent at that time or before. */
size_t diag_index_messages_until(struct diag_index *index, base_ns at);

/* Where a packet was sent: by its first route, or by the want of one; 0: not known. */
net_ip4 diag_index_destination(const struct diag_case *c, uint64_t packet);

/* Whether any ESP packet that a node sent there between two times, both included, was opened. */
bool diag_index_esp_passed(struct diag_index *index, uint16_t node, net_ip4 to, base_ns from,
                           base_ns until);

/* The first and the last time at which that rule of a firewall dropped anything on the link; false: it never did. */
bool diag_index_rule_times(struct diag_index *index, uint16_t link, uint64_t rule, base_ns *first,
                           base_ns *last);

/* Whether a NAT router had, at that time or before, let something in or out by that address and port (ip4 << 16 | port). */
bool diag_index_was_translated(struct diag_index *index, uint16_t router, uint64_t from,
                               base_ns at);

/* Whether a gateway had opened that sequence number of an SA, at that time or before. */
bool diag_index_was_opened(struct diag_index *index, uint16_t gateway, uint64_t spi,
                           uint64_t sequence, base_ns at);

/* What a gateway sent into a tunnel's interface, from and to these addresses (source << 32 | destination): the first such
 * ROUTED record; NULL: nothing. */
const struct sim_record *diag_index_into_tunnel(struct diag_index *index, uint16_t gateway,
                                                uint64_t addresses);

/* The last question by ARP for that address that a node asked at that time or before; 0: none. */
uint64_t diag_index_asked(struct diag_index *index, uint16_t node, net_ip4 address, base_ns at);

/* Which router told a node, at that time or before, of a path MTU to that destination; 0: none is known. */
net_ip4 diag_index_told_mtu(struct diag_index *index, uint16_t node, net_ip4 to, base_ns at);

#endif
