/*
 * NAT traversal of an IKE SA: RFC 7296 section 2.23, RFC 3948. Which end is behind a NAT, when the ports float
 * to 4500, when ESP goes in UDP.
 */
#ifndef IKE_NAT_H
#define IKE_NAT_H

#include "ipsec/ike/builder.h"
#include "ipsec/ike/sa.h"

/* Writes both NAT_DETECTION notifies for a message along sa->path under these SPIs. */
void ike_nat_write(struct ike_sa *sa, struct ike_builder *b, uint64_t spi_i, uint64_t spi_r);

/* Reads the peer's notifies, of a message that came along `path`, into sa->nat. */
void ike_nat_read(struct ike_sa *sa, const struct ike_message *message,
                  const struct ike_path *path);

/* Initiator, before IKE_AUTH: to port 4500 with a NAT, and always where MOBIKE is on, as charon does. */
void ike_nat_float(struct ike_sa *sa);

/*
 * An authenticated message of the peer came along `path`: where the peer alone is behind a NAT and
 * MOBIKE does not see to it, the SA follows (section 2.23).
 */
void ike_nat_follow(struct ike_sa *sa, const struct ike_path *path);

#endif
