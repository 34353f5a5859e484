/*
 * The datagrams of one message, kept to be sent again: one, or the fragments of RFC 7383. Sized to
 * fit; a NULL pointer is the empty set.
 */
#ifndef IKE_DATAGRAMS_H
#define IKE_DATAGRAMS_H

#include <stddef.h>
#include <stdint.h>

struct ike_datagrams;

/* Adds a copy of `bytes`; returns the set, perhaps moved. */
struct ike_datagrams *ike_datagrams_add(struct ike_datagrams *set, const uint8_t *bytes,
                                        size_t size) __attribute__((warn_unused_result));
void ike_datagrams_free(struct ike_datagrams *set);

/* The next datagram behind *at (0 to begin with), which moves on; NULL past the last. */
const uint8_t *ike_datagrams_next(const struct ike_datagrams *set, size_t *at, size_t *size);

size_t ike_datagrams_bytes(const struct ike_datagrams *set); /* of all together */

#endif
