/* Wall-clock times: RFC 3339, UTC. */
#ifndef SCENARIOS_TIMESTAMP_H
#define SCENARIOS_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * "2026-01-01T00:00:00Z", with a blank for the T, with a fraction of up to nine digits, or a date alone; without Z it
 * is UTC as well, other zones are refused. From 1970 to 2199, as nanoseconds since 1970.
 */
bool scn_timestamp_parse(const char *text, int64_t *unix_ns);

#endif
