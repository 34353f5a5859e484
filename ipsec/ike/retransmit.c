/* The schedule of retransmissions; see retransmit.h. */
#include "ipsec/ike/retransmit.h"

base_ns ike_retransmit_wait(const struct ike_retransmit_config *config, unsigned n)
{
    double wait = (double)config->timeout;
    for (unsigned i = 0; i < n && wait < 1e17; i++)
        wait *= config->base;
    return wait < 1e17 ? (base_ns)wait : (base_ns)1e17;
}

base_ns ike_retransmit_total(const struct ike_retransmit_config *config)
{
    base_ns total = 0;
    for (unsigned n = 0; n <= config->tries; n++)
        total = base_ns_add(total, ike_retransmit_wait(config, n));
    return total;
}

void ike_retransmit_start(struct ike_retransmit *r, const struct ike_retransmit_config *config,
                          base_ns now, struct ike_datagrams *request)
{
    ike_retransmit_stop(r);
    r->request = request;
    r->tries = 0;
    r->at = base_ns_add(now, ike_retransmit_wait(config, 0));
}

bool ike_retransmit_again(struct ike_retransmit *r, const struct ike_retransmit_config *config,
                          base_ns now)
{
    if (r->tries >= config->tries)
        return false;
    r->tries++;
    r->at = base_ns_add(now, ike_retransmit_wait(config, r->tries));
    return true;
}

void ike_retransmit_stop(struct ike_retransmit *r)
{
    ike_datagrams_free(r->request);
    r->request = NULL;
}
