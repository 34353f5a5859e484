/*
 * Reading an IKE message: the header (RFC 7296 3.1) and the chain of payloads (3.2, 2.5) as a list
 * whose bodies point into the datagram. Nothing is copied, nothing is decrypted (sk.h), bodies are
 * not looked into (payload.h, sa_payload.h, ts.h). Stateless: whether a message fits an SA is the
 * endpoint's business.
 */
#ifndef IKE_MESSAGE_H
#define IKE_MESSAGE_H

#include "ipsec/ike/wire_status.h"
#include "ipsec/ike/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IKE_MESSAGE_PAYLOADS_MAX                                                                   \
    64 /* known and unknown, the outer and the encrypted ones together */

struct ike_header {
    uint64_t spi_i; /* the eight octets read as one big-endian number */
    uint64_t spi_r;
    uint8_t next_payload;
    uint8_t version; /* major in the high four bits */
    uint8_t exchange;
    uint8_t flags; /* IKE_FLAG_… */
    uint32_t message_id;
    uint32_t length; /* octets, this header included; the builder fills it in */
};

struct ike_payload {
    uint8_t type;
    uint8_t next;        /* its Next Payload field: of SK and SKF the first inner type */
    uint16_t size;       /* of the body, without the generic header */
    const uint8_t *body; /* into the datagram (or the reassembled chain); never NULL */
};

struct ike_message {
    struct ike_header header;
    const uint8_t *datagram; /* borrowed */
    size_t size;
    struct ike_payload
        payloads[IKE_MESSAGE_PAYLOADS_MAX]; /* known types alone, in the order received */
    size_t count;
    size_t seen;              /* payloads met, skipped unknown ones included */
    uint8_t unknown_critical; /* the type, when the status was IKE_WIRE_UNKNOWN_CRITICAL */
};

static inline bool ike_header_is_response(const struct ike_header *h)
{
    return (h->flags & IKE_FLAG_RESPONSE) != 0;
}

/* Sent by the original initiator of the IKE SA, in requests and responses alike. */
static inline bool ike_header_from_initiator(const struct ike_header *h)
{
    return (h->flags & IKE_FLAG_INITIATOR) != 0;
}

/*
 * Reads and checks the header alone. SHORT leaves *out untouched; after every other status *out
 * holds what the datagram says, so that a notify can be addressed: LENGTH, SPI (the initiator's is
 * zero), MAJOR_VERSION (not 2; any minor version is taken), EXCHANGE (not one of wire.h's).
 * MAJOR_VERSION is reported before everything that a later version may have changed. Reserved
 * flags are ignored.
 */
enum ike_wire_status ike_header_read(struct ike_header *out, const uint8_t *datagram, size_t size)
    __attribute__((warn_unused_result));

/*
 * Parses a whole datagram, which has to outlive *out. Statuses: those of ike_header_read(), SYNTAX
 * (a payload shorter than its header or longer than what is left; octets behind the last payload;
 * an SK or SKF payload that is not the last), LIMIT, UNKNOWN_CRITICAL (a type that wire.h lacks,
 * IKEv1's 1 to 32 among them, with the critical bit; the rest of the chain is still parsed and
 * SYNTAX goes before). Unknown payloads without the bit are skipped; the bit is ignored in known
 * types (RFC 7296 2.5, 3.2). The order is free. The chain ends with SK or SKF: what these hold is
 * parsed by ike_message_parse_inner(). On every status the header and the payloads up to there are
 * filled in, but with SHORT.
 */
enum ike_wire_status ike_message_parse(struct ike_message *out, const uint8_t *datagram,
                                       size_t size) __attribute__((warn_unused_result));

/*
 * Parses a decrypted chain, whose first payload has type `first`, and appends it to the list
 * behind what stands outside (SK or SKF itself stays in the list). `chain` has to outlive *m.
 * SYNTAX also for an SK or SKF inside.
 */
enum ike_wire_status ike_message_parse_inner(struct ike_message *m, uint8_t first,
                                             const uint8_t *chain, size_t size)
    __attribute__((warn_unused_result));

/* The first payload of `type`, or NULL. */
const struct ike_payload *ike_message_find(const struct ike_message *m, uint8_t type);

/* The next of the same type behind `payload` (one of the list), or NULL. */
const struct ike_payload *ike_message_find_next(const struct ike_message *m,
                                                const struct ike_payload *payload);

size_t ike_message_count(const struct ike_message *m, uint8_t type);

/* How often a payload may come in a message. */
struct ike_payload_rule {
    uint8_t type;
    uint8_t min;
    uint8_t max;
};

/*
 * MISSING or REPEATED when a rule is broken, with the payload's type in *type; types without a
 * rule are free.
 */
enum ike_wire_status ike_message_check(const struct ike_message *m,
                                       const struct ike_payload_rule *rules, size_t count,
                                       uint8_t *type) __attribute__((warn_unused_result));

#endif
