/*
 * The files that a run leaves of its captures: capture.pcapng with every point as an interface, and a
 * classic nanosecond file <point>.pcap for each point.
 */
#ifndef PCAP_WRITE_H
#define PCAP_WRITE_H

#include "pcap/capture.h"
#include "pcap/output.h"

struct cap_keys;

struct cap_write_options {
    const char *folder;          /* must exist */
    int64_t start_ns;            /* virtual time 0 as nanoseconds since 1970 UTC; not negative */
    const char *application;     /* "tunnelbed 0.1.0": stands in the file's head */
    const struct cap_keys *keys; /* its ESP keys go into the file; NULL: none */
    /*
     * What to say about a frame, or NULL for its own comment; borrowed until the next call. NULL: each frame's
     * own comment alone.
     */
    const char *(*comment)(void *context, const struct cap_frame *frame);
    void *context;
};

/*
 * Writes all files, then renames them into place; false with *error set, and no file of these names is new,
 * when one cannot be written. A set that is full is an error.
 */
bool cap_write(const struct cap_set *set, const struct cap_write_options *options,
               struct cap_error *error) __attribute__((warn_unused_result));

enum {
    CAP_FILE_NAME_MAX = 256
};

/* "txl-gw-wan.pcap" of the point "txl-gw:wan": `:` and `/` become `-`. */
void cap_point_file_name(const struct cap_point *point, char out[CAP_FILE_NAME_MAX]);

#endif
