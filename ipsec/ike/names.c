/* Printable names of what events speak of, from the lists in event.h. */
#include "ipsec/ike/event.h"

#define X(name, text) text,
static const char *const kinds[] = {IKE_EVENT_KINDS(X)};
static const char *const tasks[] = {IKE_TASKS(X)};
static const char *const reasons[] = {IKE_REASONS(X)};
#undef X

const char *ike_event_kind_name(enum ike_event_kind kind)
{
    return kinds[kind];
}

const char *ike_task_name(enum ike_task_kind kind)
{
    return tasks[kind];
}

const char *ike_reason_name(enum ike_reason reason)
{
    return reasons[reason];
}
