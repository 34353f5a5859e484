/*
 * Identities, RFC 7296 3.5: the Identification payloads and their texts as strongSwan writes them.
 */
#ifndef IKE_ID_H
#define IKE_ID_H

#include "ipsec/ike/builder.h"

#define IKE_ID_SIZE_MAX 255 /* longer identities are refused */
#define IKE_ID_TEXT_MAX (4 * IKE_ID_SIZE_MAX + 16)

struct ike_id {
    uint8_t type; /* enum ike_id_type or any other number */
    uint8_t size; /* octets of data */
    uint8_t data[IKE_ID_SIZE_MAX];
};

/*
 * SYNTAX when the body is shorter than its header, an address has not 4 or 16 octets, or a name is
 * empty; LIMIT past IKE_ID_SIZE_MAX.
 */
enum ike_wire_status ike_id_read(struct ike_id *out, const struct ike_payload *payload)
    __attribute__((warn_unused_result));

/* `type` is IKE_PAYLOAD_IDI or IKE_PAYLOAD_IDR. */
void ike_write_id(struct ike_builder *b, uint8_t type, const struct ike_id *id);

/*
 * The payload's body as AUTH covers it (RFC 7296 2.15, "RestOfInitIDPayload"): type, three
 * reserved octets, data. Returns the size, at most 4 + IKE_ID_SIZE_MAX; `out` has that room. When
 * the peer's was received, sign its payload's own body instead: its reserved octets count as they
 * came.
 */
size_t ike_id_body(const struct ike_id *id, uint8_t *out);

bool ike_id_equal(const struct ike_id *a, const struct ike_id *b);

/*
 * "203.0.113.10" and "2001:db8::1" are addresses, "a@b.example" an RFC822 address, "@#hex" a key
 * ID, "@name" and every other text an FQDN, as strongSwan reads identities. False when empty or
 * too long.
 */
bool ike_id_parse(struct ike_id *out, const char *text);

/*
 * Text of an identity into `out` of IKE_ID_TEXT_MAX octets, unprintable octets as \xHH, key IDs as
 * hex; returns `out`.
 */
const char *ike_id_format(const struct ike_id *id, char *out);

#endif
