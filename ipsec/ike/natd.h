/*
 * NAT detection, RFC 7296 2.23: the data of NAT_DETECTION_SOURCE_IP and
 * NAT_DETECTION_DESTINATION_IP.
 */
#ifndef IKE_NATD_H
#define IKE_NATD_H

#include "ipsec/ike/message.h"
#include "net/addr.h"

#define IKE_NATD_SIZE 20

struct crypto_context;

/*
 * SHA-1(SPIi | SPIr | address | port): spi_r is 0 in an IKE_SA_INIT request, the port in host
 * order.
 */
void ike_natd_hash(struct crypto_context *context, uint64_t spi_i, uint64_t spi_r,
                   const struct net_addr *addr, uint16_t port, uint8_t out[IKE_NATD_SIZE]);

enum ike_natd {
    IKE_NATD_ABSENT, /* the message has no such notify: the peer does no NAT traversal */
    IKE_NATD_SAME,   /* one of them is the hash of the address: no NAT on that side */
    IKE_NATD_NAT,
};

/*
 * Compares the notifies of `type` (a sender with several addresses sends several
 * NAT_DETECTION_SOURCE_IP) with the hash of the address that the message's IP header had, under
 * the SPIs of the message's own header.
 */
enum ike_natd ike_natd_check(struct crypto_context *context, const struct ike_message *m,
                             uint16_t type, const struct net_addr *addr, uint16_t port);

#endif
