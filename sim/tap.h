/*
 * Taps: what a capture point hangs on ports, links and tunnels. A tap sees every packet that
 * passes, at its moment, and changes nothing. Where nobody listens it costs one branch.
 */
#ifndef SIM_TAP_H
#define SIM_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"

struct sim_packet;

enum sim_direction {
    SIM_DIRECTION_IN,  /* into the node that the tap hangs on */
    SIM_DIRECTION_OUT, /* out of it; on a link: into the path */
};

struct sim_tap_frame {
    base_ns at;
    const uint8_t *bytes; /* valid during the call */
    size_t size;
    uint64_t packet, parent; /* ids as in sim/packet.h */
    enum sim_direction direction;
    bool injected;       /* an attacker's, and nobody has passed it on yet */
    const char *comment; /* what befell the packet from here on, or NULL; valid during the call */
};

struct sim_tap {
    struct sim_tap *next; /* the list's */
    void (*frame)(struct sim_tap *tap, const struct sim_tap_frame *frame);
};

/* Adds a tap, last; it is its owner's and must outlive its place in the list. */
void sim_tap_add(struct sim_tap **taps, struct sim_tap *tap);
void sim_tap_remove(struct sim_tap **taps, struct sim_tap *tap);

/* Shows the packet as it stands to all taps of the list. */
void sim_tap_show(struct sim_tap *taps, base_ns at, const struct sim_packet *packet,
                  enum sim_direction direction, const char *comment);

/* The same for bytes that are a part of the packet (the inner packet of a tunnel). */
void sim_tap_show_bytes(struct sim_tap *taps, base_ns at, const struct sim_packet *packet,
                        const uint8_t *bytes, size_t size, enum sim_direction direction,
                        const char *comment);

#endif
