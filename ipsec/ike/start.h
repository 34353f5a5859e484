/*
 * When a tunnel comes up: by its `start`, by an administrator, by a packet.
 */
#ifndef IKE_START_H
#define IKE_START_H

#include "ipsec/ike/engine.h"

/* A tunnel was added: at-once means a random moment of the next second. */
void ike_start_plan(struct ike_endpoint *endpoint, struct ike_peer *peer);
/* Looks at what the peer has and plans what is missing; acts when it is time. */
void ike_start_supervise(struct ike_endpoint *endpoint, struct ike_peer *peer);

bool ike_start_initiate(struct ike_endpoint *endpoint, struct ike_peer *peer, bool asked,
                        const struct ike_flow *flow);
bool ike_start_terminate(struct ike_endpoint *endpoint, struct ike_peer *peer, bool child_only);

#endif
