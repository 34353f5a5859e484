/*
 * Messages on their way in: which IKE SA, whether the message ID is due, the integrity check, fragments, and
 * which exchange takes it. Nothing of an SA changes before a message has passed all of them.
 */
#ifndef IKE_RECEIVE_H
#define IKE_RECEIVE_H

#include "ipsec/ike/event.h"

struct ike_endpoint;

/* `datagram` is decrypted in place. */
void ike_receive(struct ike_endpoint *endpoint, const struct ike_path *path, uint8_t *datagram,
                 size_t size);

#endif
