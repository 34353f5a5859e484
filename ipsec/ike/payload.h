/*
 * The payloads of a fixed shape, RFC 7296 3.4 to 3.11: Key Exchange, Authentication, Nonce,
 * Notify, Delete. (Identification is id.h's, Security Association sa_payload.h's, Traffic Selector
 * ts.h's. Vendor ID, Configuration, CERT, CERTREQ and EAP are never looked into.) Readers return
 * SYNTAX for a body that does not fit and then leave *out untouched; what they return points into
 * the body. Reserved fields are ignored.
 */
#ifndef IKE_PAYLOAD_H
#define IKE_PAYLOAD_H

#include "ipsec/ike/builder.h"

struct ike_ke_payload {
    uint16_t group;      /* Diffie-Hellman group number: any 16-bit value */
    const uint8_t *data; /* the public value, of any size: the group's own check is crypto's */
    size_t size;
};

struct ike_auth_payload {
    uint8_t method; /* enum ike_auth_method or any other number */
    const uint8_t *data;
    size_t size;
};

struct ike_nonce_payload {
    const uint8_t *data;
    size_t size; /* 16 to 256 */
};

struct ike_notify_payload {
    uint8_t protocol; /* enum ike_protocol or any other number */
    uint8_t spi_size; /* octets: 0 where no SA is meant, 4 for ESP */
    const uint8_t *spi;
    uint16_t type;
    const uint8_t *data;
    size_t size;
};

struct ike_delete_payload {
    uint8_t protocol; /* IKE, AH or ESP */
    uint8_t spi_size; /* 0 for IKE, 4 for AH and ESP */
    uint16_t count;   /* SPIs, 0 for IKE */
    const uint8_t *spis;
};

enum ike_wire_status ike_ke_read(struct ike_ke_payload *out, const struct ike_payload *payload)
    __attribute__((warn_unused_result));
enum ike_wire_status ike_auth_read(struct ike_auth_payload *out, const struct ike_payload *payload)
    __attribute__((warn_unused_result));
enum ike_wire_status ike_nonce_read(struct ike_nonce_payload *out,
                                    const struct ike_payload *payload)
    __attribute__((warn_unused_result));
enum ike_wire_status ike_notify_read(struct ike_notify_payload *out,
                                     const struct ike_payload *payload)
    __attribute__((warn_unused_result));
enum ike_wire_status ike_delete_read(struct ike_delete_payload *out,
                                     const struct ike_payload *payload)
    __attribute__((warn_unused_result));

/*
 * The SPI of a notify about an ESP or AH SA; false unless the protocol is one of these and the SPI
 * four octets that are not all zero.
 */
bool ike_notify_spi(const struct ike_notify_payload *notify, uint32_t *spi);

/*
 * The 16-bit number that INVALID_KE_PAYLOAD (and the message window's SET_WINDOW_SIZE, in 32 bits)
 * carries; false when the data has another size.
 */
bool ike_notify_u16(const struct ike_notify_payload *notify, uint16_t *value);
bool ike_notify_u32(const struct ike_notify_payload *notify, uint32_t *value);

/* The index-th SPI (of four octets) of a Delete for ESP or AH; index < count. */
uint32_t ike_delete_spi(const struct ike_delete_payload *deletion, size_t index);

/*
 * Finds the first well-formed notify of `type` in a message; false when there is none. Malformed
 * notifies are passed over: read all of them first to refuse them.
 */
bool ike_message_notify(const struct ike_message *m, uint16_t type, struct ike_notify_payload *out);

/* The first notify of an error type (below 16384), or false. */
bool ike_message_error(const struct ike_message *m, struct ike_notify_payload *out);

void ike_write_ke(struct ike_builder *b, uint16_t group, const uint8_t *data, size_t size);
void ike_write_auth(struct ike_builder *b, uint8_t method, const uint8_t *data, size_t size);
void ike_write_nonce(struct ike_builder *b, const uint8_t *data, size_t size);
/* A notify about no SA in particular: protocol 0, no SPI. */
void ike_write_notify(struct ike_builder *b, uint16_t type, const void *data, size_t size);
/*
 * A notify about an ESP SA (REKEY_SA, CHILD_SA_NOT_FOUND, INVALID_SPI within an SA): protocol ESP,
 * the SPI, no data.
 */
void ike_write_notify_esp(struct ike_builder *b, uint16_t type, uint32_t spi);
void ike_write_notify_u16(struct ike_builder *b, uint16_t type, uint16_t value);
/* The same with every field given; `spi_size` octets at `spi`. */
void ike_write_notify_full(struct ike_builder *b, const struct ike_notify_payload *notify);
void ike_write_delete_ike(struct ike_builder *b);
void ike_write_delete_esp(struct ike_builder *b, const uint32_t *spis, size_t count);

#endif
