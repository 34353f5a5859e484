/* What ping(8) of iputils prints, word by word: an engineer reads it without looking. */
#ifndef REPORT_PING_TEXT_H
#define REPORT_PING_TEXT_H

#include <stdio.h>

#include "scenarios/result.h"
#include "sim/ping.h"

/* "PING 192.168.1.5 (192.168.1.5) 56(84) bytes of data." */
void report_ping_head(FILE *out, const struct scn_ping *ping);

/* A line about a reply or an error. */
void report_ping_line(FILE *out, const struct scn_ping *ping, const struct sim_ping_line *line);

/* The statistics at the end; nothing where no request could be sent. */
void report_ping_tail(FILE *out, const struct scn_ping *ping, const struct scn_ping_result *result);

/* "ping -c 3 -W 2 192.168.1.5": what a user types to have the same, so with all that is not ping's own default. */
void report_ping_command(FILE *out, const struct scn_ping *ping);

#endif
