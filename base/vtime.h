/*
 * Virtual time: integer nanoseconds since the start of a run. Durations have the same type.
 */
#ifndef BASE_VTIME_H
#define BASE_VTIME_H

#include <stdint.h>

typedef int64_t base_ns;

#define BASE_US ((base_ns)1000)
#define BASE_MS ((base_ns)1000000)
#define BASE_S ((base_ns)1000000000)
#define BASE_NEVER INT64_MAX /* a deadline that does not come */

static inline base_ns base_ns_min(base_ns a, base_ns b)
{
    return a < b ? a : b;
}

/* The sum, or BASE_NEVER where it would pass the end of time. Neither may be negative. */
static inline base_ns base_ns_add(base_ns a, base_ns b)
{
    return a > BASE_NEVER - b ? BASE_NEVER : a + b;
}

#endif
