/*
 * When an SA is rekeyed and when it ends: the rule of config.h, for IKE SAs and children alike. And the
 * deadlines of an endpoint: all timers of an IKE SA are named here, in one place.
 *
 *   retransmission      the request under way (retransmit.h)
 *   task                one that was put off (task.h)
 *   rekey, expiry       of the IKE SA and of each child
 *   give-up             half-open, held, replaced and closed IKE SAs
 *   redundancy          one of two that came up at once (redundant.h)
 *   liveness            nothing inbound for dpdDelay, ESP included, in whole seconds
 *   keepalive           behind a NAT, nothing sent for natKeepalive
 *   start               of a tunnel that starts at once, or again after a loss
 *   lingering           inbound SAs of children that are gone
 */
#ifndef IKE_LIFETIME_H
#define IKE_LIFETIME_H

#include "base/vtime.h"

struct ike_endpoint;
struct ike_sa;

/* lifetime - margin + r, r in [0, margin / 2], and lifetime, from now; a margin no shorter than
 * the lifetime counts as half of it. */
void ike_lifetime_begin(struct ike_endpoint *endpoint, base_ns lifetime, base_ns margin,
                        base_ns *rekey_at, base_ns *expires_at);

/* The peer is heard from now: its silence counts from here on. */
void ike_lifetime_watch(struct ike_sa *sa);

/* A rekey or another task that the peer put off is tried again after 5 to 15 s. */
base_ns ike_lifetime_retry_at(struct ike_endpoint *endpoint);

/* The next message ID of this end has risen: near the end of the numbers the SA is due (RFC 7296 2.2). */
void ike_lifetime_counted(struct ike_sa *sa);

/* Does what is due of one SA; it may be over afterwards. */
void ike_lifetime_expire(struct ike_sa *sa);
base_ns ike_lifetime_deadline(const struct ike_sa *sa);

#endif
