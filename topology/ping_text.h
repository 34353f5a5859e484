/*
 * What iputils' ping prints (20221126, LC_ALL=C, -n), line by line, as values. Lines that say
 * nothing of these are no error: other versions print other things as well.
 */
#ifndef TOPOLOGY_PING_TEXT_H
#define TOPOLOGY_PING_TEXT_H

#include "sim/ping.h"

enum topo_ping_text {
    TOPO_PING_TEXT_OTHER, /* headings, blank lines */
    TOPO_PING_TEXT_LINE,  /* a reply or an error: *line is filled in, but for `at` and `packet` */
    TOPO_PING_TEXT_SUMMARY, /* "3 packets transmitted, ...": *statistics has the counts, and the end by the start */
    TOPO_PING_TEXT_TIMES, /* "rtt min/avg/max/mdev = ..., pipe 3": *statistics has them */
};

enum topo_ping_text topo_ping_text_read(const char *text, struct sim_ping_line *line,
                                        struct sim_ping_statistics *statistics);

#endif
