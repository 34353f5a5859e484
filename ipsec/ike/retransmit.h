/*
 * The one request under way of an IKE SA, and when it is sent again: RFC 7296 section 2.1, with charon's
 * times: 4 s, then 1.8 times as long each time, five times; some 165 s in all.
 */
#ifndef IKE_RETRANSMIT_H
#define IKE_RETRANSMIT_H

#include "ipsec/ike/config.h"
#include "ipsec/ike/datagrams.h"

struct ike_retransmit {
    struct ike_datagrams *request; /* owned; NULL: none under way */
    base_ns at;                    /* of the next retransmission or of giving up */
    unsigned tries;                /* retransmissions so far */
};

/* How long to wait after sending for the n-th time (from 0). */
base_ns ike_retransmit_wait(const struct ike_retransmit_config *config, unsigned n);
/* From the first sending to giving up. */
base_ns ike_retransmit_total(const struct ike_retransmit_config *config);

/* A request was sent; the set is owned from now on. */
void ike_retransmit_start(struct ike_retransmit *r, const struct ike_retransmit_config *config,
                          base_ns now, struct ike_datagrams *request);

/* At r->at: true to send r->request again, false when it is time to give up. */
bool ike_retransmit_again(struct ike_retransmit *r, const struct ike_retransmit_config *config,
                          base_ns now);

/* It was answered, or is given up. */
void ike_retransmit_stop(struct ike_retransmit *r);

static inline base_ns ike_retransmit_deadline(const struct ike_retransmit *r)
{
    return r->request ? r->at : BASE_NEVER;
}

#endif
