/* Two probes on a LAN, and a tap for its link. */
#ifndef TESTS_SIM_TWO_H
#define TESTS_SIM_TWO_H

#include "sim/link.h"
#include "sim/switch.h"
#include "tests/sim/probe.h"

struct lan {
    struct sim_world *world;
    struct sim_switch *sw;
    struct sim_link *link;
    struct probe *a, *b;
    struct probe_tap tap; /* hangs nowhere yet */
};

/* `base` may be NULL: no impairment. */
struct lan lan_new(uint64_t seed, const struct sim_impairment *base);

/* Fails the test where a packet is left. */
void lan_free(struct lan *lan);

#endif
