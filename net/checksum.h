/*
 * The internet checksum (RFC 1071), and how it changes with a field (RFC 1624).
 *
 * A partial sum is any uint64_t that is congruent, modulo 0xffff, to the sum of the 16-bit words in
 * network order as seen by this machine; only net_checksum_finish gives bytes. Each stretch but the
 * last has an even size.
 */
#ifndef NET_CHECKSUM_H
#define NET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "net/addr.h"

/* `sum` with `size` more bytes; an odd last byte is padded with a zero. */
uint64_t net_checksum_add(uint64_t sum, const void *data, size_t size);

/* The IPv4 pseudo header of UDP and its like (RFC 768). */
uint64_t net_checksum_pseudo_ip4(net_ip4 src, net_ip4 dst, uint8_t protocol, uint16_t size);

/* Folds and complements: the checksum as a number (0x1c46 is the bytes 1c 46). Over data that holds
 * a right checksum it is 0. */
uint16_t net_checksum_finish(uint64_t sum);

/* The checksum of one stretch. */
static inline uint16_t net_checksum(const void *data, size_t size)
{
    return net_checksum_finish(net_checksum_add(0, data, size));
}

/* The checksum after a 16-bit field at an even offset went from `old` to `new` (RFC 1624, eqn. 3). */
static inline uint16_t net_checksum_update(uint16_t checksum, uint16_t old, uint16_t new)
{
    uint32_t sum = (uint32_t)(uint16_t)~checksum + (uint16_t)~old + new;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

#endif
