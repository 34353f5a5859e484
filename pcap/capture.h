/*
 * What the capture points of a run have seen. Frames are copied into an arena as they pass, in the order
 * in which they pass, and are read by filters, written to files (write.h), and freed together.
 */
#ifndef PCAP_CAPTURE_H
#define PCAP_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "sim/tap.h"

struct cap_set;
struct cap_point;

enum {
    CAP_BYTES_MAX_DEFAULT = 1 << 30 /* of memory: 1 GiB */
};

/* Numbers of tcpdump.org's list of link types. */
enum cap_link {
    CAP_LINK_ETHERNET = 1,
    CAP_LINK_RAW = 101, /* begins with the IPv4 or IPv6 header */
};

/* One frame at one point. */
struct cap_frame {
    const struct cap_frame *next;          /* in the order of capture, over all points */
    const struct cap_frame *next_at_point; /* the same for its point alone */
    const struct cap_point *point;
    const char *comment; /* what befell it, or NULL */
    base_ns at;
    uint64_t packet; /* ids as in sim/packet.h */
    uint64_t parent;
    uint32_t number; /* from 1: its frame number in capture.pcapng */
    uint32_t size;
    enum sim_direction direction;
    uint8_t bytes[]; /* `size` of them */
};

/*
 * A set that takes up to `bytes_max` octets of memory (frames and what is kept about them). Past that no more
 * frames are kept, and cap_set_is_full says so: the caller ends the run with an error.
 */
struct cap_set *cap_set_new(size_t bytes_max);
/* Frees its points and frames. NULL is fine. */
void cap_set_free(struct cap_set *set);
bool cap_set_is_full(const struct cap_set *set);

/*
 * Adds a point; names are unique. `name` and `description` (NULL: none) are copied. At most 65,535 points.
 */
struct cap_point *cap_point_new(struct cap_set *set, const char *name, const char *description,
                                enum cap_link link);
/* The tap that feeds the point; it is the point's and lives as long. */
struct sim_tap *cap_point_tap(struct cap_point *point);
/* Takes a frame that no tap brings. */
void cap_point_add(struct cap_point *point, const struct sim_tap_frame *frame);

const char *cap_point_name(const struct cap_point *point);
const char *cap_point_description(const struct cap_point *point); /* NULL: none */
enum cap_link cap_point_link(const struct cap_point *point);
uint16_t cap_point_index(const struct cap_point *point); /* from 0, in the order of adding */
size_t cap_point_frame_count(const struct cap_point *point);
const struct cap_frame *cap_point_first(const struct cap_point *point);

size_t cap_set_point_count(const struct cap_set *set);
struct cap_point *cap_set_point_at(const struct cap_set *set, size_t index);
struct cap_point *cap_set_point(const struct cap_set *set, const char *name); /* NULL: none */
size_t cap_set_frame_count(const struct cap_set *set);
const struct cap_frame *cap_set_first(const struct cap_set *set);

#endif
