/* Lists of taps: short, so a linked list, kept in the order in which they were added. */
#include "sim/tap.h"

#include <assert.h>

#include "sim/packet.h"

void sim_tap_add(struct sim_tap **taps, struct sim_tap *tap)
{
    while (*taps) {
        assert(*taps != tap);
        taps = &(*taps)->next;
    }
    tap->next = NULL;
    *taps = tap;
}

void sim_tap_remove(struct sim_tap **taps, struct sim_tap *tap)
{
    while (*taps && *taps != tap)
        taps = &(*taps)->next;
    if (*taps)
        *taps = tap->next;
    tap->next = NULL;
}

void sim_tap_show(struct sim_tap *taps, base_ns at, const struct sim_packet *packet,
                  enum sim_direction direction, const char *comment)
{
    sim_tap_show_bytes(taps, at, packet, sim_packet_data(packet), sim_packet_size(packet),
                       direction, comment);
}

void sim_tap_show_bytes(struct sim_tap *taps, base_ns at, const struct sim_packet *packet,
                        const uint8_t *bytes, size_t size, enum sim_direction direction,
                        const char *comment)
{
    struct sim_tap_frame frame = {
        .at = at,
        .bytes = bytes,
        .size = size,
        .packet = packet->id,
        .parent = packet->parent,
        .direction = direction,
        .injected = packet->injected,
        .comment = comment,
    };
    for (struct sim_tap *tap = taps; tap; tap = tap->next)
        tap->frame(tap, &frame);
}
