/* IKE messages in Ethernet frames, as far as their header tells: what exact faults look for. */
#ifndef SCENARIOS_IKE_FRAME_H
#define SCENARIOS_IKE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/scenario.h"

/*
 * True where the frame is (the first IP fragment of) an IKE message on UDP 500, or on 4500 behind a
 * non-ESP marker, that matches. RFC 7296 section 3.1, RFC 3948 section 2.2.
 */
bool scn_ike_frame_matches(const uint8_t *frame, size_t size, const struct scn_ike_match *match);

#endif
