/* What a status means: the list of wire_status.h as a table. */
#include "ipsec/ike/wire_status.h"

#include <assert.h>
#include <stddef.h>

static const struct {
    enum ike_wire_class class;
    uint16_t notify;
    const char *text;
} STATUSES[] = {
#define X(name, class, notify, text) [IKE_WIRE_##name] = {IKE_WIRE_CLASS_##class, notify, text},
    IKE_WIRE_STATUSES(X)
#undef X
};

#define COUNT (sizeof(STATUSES) / sizeof(STATUSES[0]))

const char *ike_wire_status_text(enum ike_wire_status status)
{
    assert((size_t)status < COUNT);
    return STATUSES[status].text;
}

enum ike_wire_class ike_wire_status_class(enum ike_wire_status status)
{
    assert((size_t)status < COUNT);
    return STATUSES[status].class;
}

uint16_t ike_wire_status_notify(enum ike_wire_status status)
{
    assert((size_t)status < COUNT);
    return STATUSES[status].notify;
}
