/*
 * The numbers of IKEv2 as they stand on the wire, each list once: it makes the constants and their
 * printable names. Sources: RFC 7296 section 3, RFC 7383, RFC 4555 and the IANA registry "IKEv2
 * Parameters". Identifiers of single algorithms are ipsec/crypto/algorithm.h's.
 */
#ifndef IKE_WIRE_H
#define IKE_WIRE_H

#include <stdint.h>

#define IKE_PORT 500
#define IKE_PORT_NATT 4500
#define IKE_NON_ESP_MARKER_SIZE 4 /* four zero octets before IKE on port 4500, RFC 3948 2.2 */
#define IKE_HEADER_SIZE 28
#define IKE_PAYLOAD_HEADER_SIZE 4
#define IKE_SPI_SIZE 8
#define IKE_VERSION 0x20            /* 2.0 */
#define IKE_DATAGRAM_SIZE_MAX 65507 /* what UDP over IPv4 carries */
#define IKE_NONCE_SIZE_MIN 16       /* RFC 7296 3.9 */
#define IKE_NONCE_SIZE_MAX 256
#define IKE_COOKIE_SIZE_MAX 64 /* RFC 7296 2.6 */

/* Flags of the header, RFC 7296 3.1. All other bits are reserved: sent as 0, ignored. */
#define IKE_FLAG_INITIATOR 0x08 /* sent by the original initiator of the IKE SA */
#define IKE_FLAG_VERSION 0x10   /* "I could speak a higher major version": sent as 0, ignored */
#define IKE_FLAG_RESPONSE 0x20

#define IKE_EXCHANGES(X)                                                                           \
    X(IKE_SA_INIT, 34)                                                                             \
    X(IKE_AUTH, 35)                                                                                \
    X(CREATE_CHILD_SA, 36)                                                                         \
    X(INFORMATIONAL, 37)

#define IKE_PAYLOADS(X)                                                                            \
    X(NONE, 0, "No Next Payload", "-")                                                             \
    X(SA, 33, "Security Association", "SA")                                                        \
    X(KE, 34, "Key Exchange", "KE")                                                                \
    X(IDI, 35, "Identification - Initiator", "IDi")                                                \
    X(IDR, 36, "Identification - Responder", "IDr")                                                \
    X(CERT, 37, "Certificate", "CERT")                                                             \
    X(CERTREQ, 38, "Certificate Request", "CERTREQ")                                               \
    X(AUTH, 39, "Authentication", "AUTH")                                                          \
    X(NONCE, 40, "Nonce", "No")                                                                    \
    X(NOTIFY, 41, "Notify", "N")                                                                   \
    X(DELETE, 42, "Delete", "D")                                                                   \
    X(VENDOR, 43, "Vendor ID", "V")                                                                \
    X(TSI, 44, "Traffic Selector - Initiator", "TSi")                                              \
    X(TSR, 45, "Traffic Selector - Responder", "TSr")                                              \
    X(SK, 46, "Encrypted and Authenticated", "SK")                                                 \
    X(CP, 47, "Configuration", "CP")                                                               \
    X(EAP, 48, "Extensible Authentication", "EAP")                                                 \
    X(SKF, 53, "Encrypted and Authenticated Fragment", "SKF")

/* Types below 16384 are errors, the others report status (RFC 7296 3.10.1). */
#define IKE_NOTIFIES(X)                                                                            \
    X(UNSUPPORTED_CRITICAL_PAYLOAD, 1)                                                             \
    X(INVALID_IKE_SPI, 4)                                                                          \
    X(INVALID_MAJOR_VERSION, 5)                                                                    \
    X(INVALID_SYNTAX, 7)                                                                           \
    X(INVALID_MESSAGE_ID, 9)                                                                       \
    X(INVALID_SPI, 11)                                                                             \
    X(NO_PROPOSAL_CHOSEN, 14)                                                                      \
    X(INVALID_KE_PAYLOAD, 17)                                                                      \
    X(AUTHENTICATION_FAILED, 24)                                                                   \
    X(SINGLE_PAIR_REQUIRED, 34)                                                                    \
    X(NO_ADDITIONAL_SAS, 35)                                                                       \
    X(INTERNAL_ADDRESS_FAILURE, 36)                                                                \
    X(FAILED_CP_REQUIRED, 37)                                                                      \
    X(TS_UNACCEPTABLE, 38)                                                                         \
    X(INVALID_SELECTORS, 39)                                                                       \
    X(UNACCEPTABLE_ADDRESSES, 40)                                                                  \
    X(UNEXPECTED_NAT_DETECTED, 41)                                                                 \
    X(TEMPORARY_FAILURE, 43)                                                                       \
    X(CHILD_SA_NOT_FOUND, 44)                                                                      \
    X(INITIAL_CONTACT, 16384)                                                                      \
    X(SET_WINDOW_SIZE, 16385)                                                                      \
    X(ADDITIONAL_TS_POSSIBLE, 16386)                                                               \
    X(IPCOMP_SUPPORTED, 16387)                                                                     \
    X(NAT_DETECTION_SOURCE_IP, 16388)                                                              \
    X(NAT_DETECTION_DESTINATION_IP, 16389)                                                         \
    X(COOKIE, 16390)                                                                               \
    X(USE_TRANSPORT_MODE, 16391)                                                                   \
    X(HTTP_CERT_LOOKUP_SUPPORTED, 16392)                                                           \
    X(REKEY_SA, 16393)                                                                             \
    X(ESP_TFC_PADDING_NOT_SUPPORTED, 16394)                                                        \
    X(NON_FIRST_FRAGMENTS_ALSO, 16395)                                                             \
    X(MOBIKE_SUPPORTED, 16396)                                                                     \
    X(ADDITIONAL_IP4_ADDRESS, 16397)                                                               \
    X(ADDITIONAL_IP6_ADDRESS, 16398)                                                               \
    X(NO_ADDITIONAL_ADDRESSES, 16399)                                                              \
    X(UPDATE_SA_ADDRESSES, 16400)                                                                  \
    X(COOKIE2, 16401)                                                                              \
    X(NO_NATS_ALLOWED, 16402)                                                                      \
    X(AUTH_LIFETIME, 16403)                                                                        \
    X(MULTIPLE_AUTH_SUPPORTED, 16404)                                                              \
    X(ANOTHER_AUTH_FOLLOWS, 16405)                                                                 \
    X(REDIRECT_SUPPORTED, 16406)                                                                   \
    X(EAP_ONLY_AUTHENTICATION, 16417)                                                              \
    X(CHILDLESS_IKEV2_SUPPORTED, 16418)                                                            \
    X(QUICK_CRASH_DETECTION, 16419)                                                                \
    X(IKEV2_MESSAGE_ID_SYNC_SUPPORTED, 16420)                                                      \
    X(IKEV2_FRAGMENTATION_SUPPORTED, 16430)                                                        \
    X(SIGNATURE_HASH_ALGORITHMS, 16431)

#define IKE_PROTOCOLS(X)                                                                           \
    X(NONE, 0)                                                                                     \
    X(IKE, 1)                                                                                      \
    X(AH, 2)                                                                                       \
    X(ESP, 3)

#define IKE_TRANSFORM_TYPES(X)                                                                     \
    X(ENCR, 1)                                                                                     \
    X(PRF, 2)                                                                                      \
    X(INTEG, 3)                                                                                    \
    X(DH, 4)                                                                                       \
    X(ESN, 5)

#define IKE_ID_TYPES(X)                                                                            \
    X(IPV4_ADDR, 1)                                                                                \
    X(FQDN, 2)                                                                                     \
    X(RFC822_ADDR, 3)                                                                              \
    X(IPV6_ADDR, 5)                                                                                \
    X(DER_ASN1_DN, 9)                                                                              \
    X(DER_ASN1_GN, 10)                                                                             \
    X(KEY_ID, 11)

#define IKE_AUTH_METHODS(X)                                                                        \
    X(RSA, 1)                                                                                      \
    X(PSK, 2)                                                                                      \
    X(DSS, 3)                                                                                      \
    X(SIGNATURE, 14)

enum ike_exchange {
#define X(name, value) IKE_EXCHANGE_##name = (value),
    IKE_EXCHANGES(X)
#undef X
};

enum ike_payload_type {
#define X(name, value, text, notation) IKE_PAYLOAD_##name = (value),
    IKE_PAYLOADS(X)
#undef X
};

enum ike_notify_type {
#define X(name, value) IKE_NOTIFY_##name = (value),
    IKE_NOTIFIES(X)
#undef X
    IKE_NOTIFY_STATUS_FIRST = 16384, /* below: errors */
};

enum ike_protocol {
#define X(name, value) IKE_PROTOCOL_##name = (value),
    IKE_PROTOCOLS(X)
#undef X
};

enum ike_transform_type {
#define X(name, value) IKE_TRANSFORM_##name = (value),
    IKE_TRANSFORM_TYPES(X)
#undef X
};

enum ike_id_type {
#define X(name, value) IKE_ID_##name = (value),
    IKE_ID_TYPES(X)
#undef X
};

enum ike_auth_method {
#define X(name, value) IKE_AUTH_##name = (value),
    IKE_AUTH_METHODS(X)
#undef X
};

enum ike_esn {
    IKE_ESN_NONE = 0, /* 32-bit sequence numbers */
    IKE_ESN_ESN = 1,  /* extended: 64-bit */
};

enum ike_ts_type {
    IKE_TS_IPV4_ADDR_RANGE = 7,
    IKE_TS_IPV6_ADDR_RANGE = 8,
};

/*
 * The name in the RFCs ("IKE_SA_INIT", "NO_PROPOSAL_CHOSEN", "ENCR"), or NULL for a number that
 * the lists above lack.
 */
const char *ike_exchange_name(uint8_t exchange);
const char *ike_notify_name(uint16_t type);
const char *ike_protocol_name(uint8_t protocol);
const char *ike_transform_type_name(uint8_t type);
const char *ike_id_type_name(uint8_t type);
const char *ike_auth_method_name(uint8_t method);
/* As IANA words it ("Key Exchange"), or NULL. */
const char *ike_payload_name(uint8_t type);
/* The RFC's short notation ("SA", "KE", "IDi", "TSr", "SK"), or NULL. */
const char *ike_payload_notation(uint8_t type);

#endif
