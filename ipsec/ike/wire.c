/* Printable names of IKEv2's numbers. */
#include "ipsec/ike/wire.h"

#include <stddef.h>

#define NAME(name, value)                                                                          \
    case value:                                                                                    \
        return #name;

const char *ike_exchange_name(uint8_t exchange)
{
    switch (exchange) {
        IKE_EXCHANGES(NAME)
    default:
        return NULL;
    }
}

const char *ike_notify_name(uint16_t type)
{
    switch (type) {
        IKE_NOTIFIES(NAME)
    default:
        return NULL;
    }
}

const char *ike_protocol_name(uint8_t protocol)
{
    switch (protocol) {
        IKE_PROTOCOLS(NAME)
    default:
        return NULL;
    }
}

const char *ike_transform_type_name(uint8_t type)
{
    switch (type) {
        IKE_TRANSFORM_TYPES(NAME)
    default:
        return NULL;
    }
}

const char *ike_id_type_name(uint8_t type)
{
    switch (type) {
        IKE_ID_TYPES(NAME)
    default:
        return NULL;
    }
}

const char *ike_auth_method_name(uint8_t method)
{
    switch (method) {
        IKE_AUTH_METHODS(NAME)
    default:
        return NULL;
    }
}

const char *ike_payload_name(uint8_t type)
{
    switch (type) {
#define TEXT(name, value, text, notation)                                                          \
    case value:                                                                                    \
        return text;
        IKE_PAYLOADS(TEXT)
#undef TEXT
    default:
        return NULL;
    }
}

const char *ike_payload_notation(uint8_t type)
{
    switch (type) {
#define NOTATION(name, value, text, notation)                                                      \
    case value:                                                                                    \
        return notation;
        IKE_PAYLOADS(NOTATION)
#undef NOTATION
    default:
        return NULL;
    }
}
