/*
 * The queue of what an endpoint wants done: datagrams and events, oldest first. Each entry owns copies
 * of all it points at, so that it outlives the SA it speaks of.
 */
#ifndef IKE_OUTPUT_H
#define IKE_OUTPUT_H

#include "ipsec/ike/event.h"

struct ike_output_item;

struct ike_outputs {
    struct ike_output_item *head, *tail;
    struct ike_output_item *polled; /* what the last poll returned */
    uint64_t datagrams;             /* that were ever put in */
};

void ike_outputs_init(struct ike_outputs *outputs);
void ike_outputs_fini(struct ike_outputs *outputs);

void ike_outputs_datagram(struct ike_outputs *outputs, const struct ike_path *path, bool marker,
                          const uint8_t *bytes, size_t size);
void ike_outputs_event(struct ike_outputs *outputs, const struct ike_event *event);

/* NULL when empty; what it returns lives until the next poll. */
const struct ike_output *ike_outputs_poll(struct ike_outputs *outputs);

#endif
