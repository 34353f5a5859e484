/*
 * Nonces of an exchange, and which exchange of a collision had the lowest: RFC 7296 sections 2.8.1, 2.8.2.
 */
#ifndef IKE_NONCE_H
#define IKE_NONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IKE_NONCE_SIZE = 32, /* what this end sends */
    IKE_NONCE_KEPT = 32, /* octets kept for comparing: two random ones never agree in so many */
};

/* The lower nonce of an exchange's two; size 0: none yet. */
struct ike_nonce_low {
    uint8_t size;
    uint8_t bytes[IKE_NONCE_KEPT];
};

struct ike_nonce_low ike_nonce_lower(const uint8_t *nonce_i, size_t size_i, const uint8_t *nonce_r,
                                     size_t size_r);

/* Whether exchange `a` had the lowest of the four: octet by octet, a prefix before what it begins. */
bool ike_nonce_loses(const struct ike_nonce_low *a, const struct ike_nonce_low *b);

#endif
