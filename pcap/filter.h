/*
 * Filters in tcpdump's language, compiled by libpcap and run on bytes in memory. libpcap looks names up
 * where a filter has them (`port http` in the services file, `host example` in DNS): write addresses.
 */
#ifndef PCAP_FILTER_H
#define PCAP_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap/capture.h"
#include "pcap/output.h"

struct cap_filter;

/* NULL with libpcap's words in *error where it refuses the text. An empty text matches everything. */
struct cap_filter *cap_filter_new(const char *text, enum cap_link link, struct cap_error *error);
void cap_filter_free(struct cap_filter *filter); /* NULL is fine */

bool cap_filter_match(const struct cap_filter *filter, const uint8_t *bytes, size_t size);

/* How many frames of the point match, of those with from <= at < to. */
size_t cap_filter_count(const struct cap_filter *filter, const struct cap_point *point,
                        base_ns from, base_ns to);

#endif
