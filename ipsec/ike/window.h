/*
 * Message IDs of one IKE SA, window size 1 (RFC 7296 sections 2.2 and 2.3): which ID the next request
 * of either end has, and the last response, kept to answer a request that comes again.
 */
#ifndef IKE_WINDOW_H
#define IKE_WINDOW_H

#include <stdbool.h>

#include "ipsec/ike/datagrams.h"

/* Past this many requests the IKE SA is rekeyed, and closed before the numbers run out. */
#define IKE_WINDOW_REKEY_AT UINT32_C(0xfffff000)
#define IKE_WINDOW_LAST UINT32_C(0xfffffff0)

struct ike_window {
    uint32_t send_next;             /* ID of the next request from here */
    uint32_t receive_next;          /* ID that the peer's next request must have */
    struct ike_datagrams *response; /* to request receive_next - 1; owned */
};

enum ike_window_verdict {
    IKE_WINDOW_FRESH,
    IKE_WINDOW_DUPLICATE, /* answered already: send the response again */
    IKE_WINDOW_OUTSIDE,   /* of the past, or too far ahead */
};

enum ike_window_verdict ike_window_check(const struct ike_window *window, uint32_t message_id);

/* Request receive_next was answered with `response`, which the window owns from now on. */
void ike_window_answered(struct ike_window *window, struct ike_datagrams *response);

/* The next request of this end (`own`) or of the peer has this ID. Never back: false, and nothing happens. */
bool ike_window_advance(struct ike_window *window, bool own, uint32_t next);

void ike_window_fini(struct ike_window *window);

#endif
