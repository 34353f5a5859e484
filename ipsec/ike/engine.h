/*
 * The endpoint from inside: what its parts share.
 */
#ifndef IKE_ENGINE_H
#define IKE_ENGINE_H

#include "ipsec/ike/cookie.h"
#include "ipsec/ike/output.h"
#include "ipsec/ike/sa.h"

struct ike_endpoint {
    struct crypto_context *crypto;
    struct esp_sad *sad;
    struct base_rng rng;
    struct ike_endpoint_options options;
    base_ns now; /* of the call being processed */
    base_ns deadline;
    struct ike_outputs outputs;
    struct ike_peer **peers;
    size_t peer_count, peer_capacity;
    struct ike_sa *sas; /* oldest first */
    struct ike_linger *lingering;
    size_t half_open;
    bool has_cookies;
    struct ike_cookie_secrets cookies;
    base_ns cookies_at;
    uint64_t sequence; /* counts births and authentications of SAs */
    bool shut;
    struct ike_endpoint_counts counts;
};

/* Tells an event that belongs to no IKE SA. */
void ike_engine_tell(struct ike_endpoint *endpoint, struct ike_event event);
/* The SA with this SPI of ours; NULL: none. A walk: an endpoint has some twenty, and COOKIEs keep strangers few. */
struct ike_sa *ike_engine_find(const struct ike_endpoint *endpoint, uint64_t own_spi);
/* The peer's newest SA that is up; NULL: none. */
struct ike_sa *ike_engine_sa_of(const struct ike_endpoint *endpoint, const struct ike_peer *peer);

/* A nonce for a request or a response of ours. */
void ike_engine_nonce(struct ike_endpoint *endpoint, bool request, uint8_t *out, size_t size);

/* At the end of each call: begins tasks, starts what is to start, frees what ended, finds the next deadline. */
void ike_engine_settle(struct ike_endpoint *endpoint);

#endif
