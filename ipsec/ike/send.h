/*
 * Messages on their way out: sealed, split into fragments where both ends can and the message is large,
 * kept to be sent again, put into the queue of outputs with an event.
 */
#ifndef IKE_SEND_H
#define IKE_SEND_H

#include "ipsec/ike/builder.h"
#include "ipsec/ike/sa.h"

enum {
    IKE_SEND_BUFFER = 8192, /* no message of this engine is larger: 40 selectors are 1.6 KiB */
};

/* Where a message is built, on the stack. */
struct ike_draft {
    struct ike_builder b;
    uint8_t buffer[IKE_SEND_BUFFER];
};

/* Starts a protected message of the SA. */
void ike_send_draft(struct ike_sa *sa, struct ike_draft *draft, uint8_t exchange, bool response,
                    uint32_t message_id);
/* Starts one in clear (IKE_SA_INIT). */
void ike_send_draft_plain(const struct ike_header *header, struct ike_draft *draft);

/* Sends the draft as the SA's next request; its ID is window.send_next, which moves on. */
void ike_send_request(struct ike_sa *sa, struct ike_draft *draft);
/* Sends the draft as response to request receive_next, to where that came from. */
void ike_send_response(struct ike_sa *sa, struct ike_draft *draft, const struct ike_path *path);

/* Sends again what was kept. */
void ike_send_again(struct ike_sa *sa, const struct ike_datagrams *set,
                    const struct ike_path *path);
/* One datagram in clear, of no SA or of one (for the event); returns what is to be kept. */
void ike_send_plain(struct ike_endpoint *endpoint, struct ike_sa *sa, const struct ike_path *path,
                    const uint8_t *bytes, size_t size, bool retransmission);
/* The byte 0xff that keeps a NAT's mapping (RFC 3948 section 4). */
void ike_send_keepalive(struct ike_sa *sa);

/* Puts the types of the message's notifies into the event. */
void ike_event_notifies(struct ike_event *event, const struct ike_message *message);

#endif
