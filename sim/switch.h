/*
 * A LAN: a learning Ethernet switch (IEEE 802.1D without spanning tree and VLANs) with a pipe from
 * each member's port. A frame crosses it as one event: the pipe carries the delay and the
 * impairments, then it is in the members' ports. Addresses are forgotten after 300 s, and move with
 * the last frame seen.
 */
#ifndef SIM_SWITCH_H
#define SIM_SWITCH_H

#include "sim/link.h"

struct sim_switch;

/* Its node and link have this name (`txl/1`). `base`: delay, mtu and so on; NULL: nothing, no
 * delay. */
struct sim_switch *sim_switch_new(struct sim_world *world, const char *name,
                                  const struct sim_impairment *base);
void sim_switch_free(struct sim_switch *sw); /* unplugs its members */

/* Plugs a port in; the port must outlive the switch or be unplugged by sim_switch_detach. */
void sim_switch_attach(struct sim_switch *sw, struct sim_port *member);
void sim_switch_detach(struct sim_switch *sw, struct sim_port *member);

struct sim_link *sim_switch_link(struct sim_switch *sw);
uint16_t sim_switch_id(const struct sim_switch *sw); /* node id */

#define SIM_SWITCH_AGE_NS (300 * BASE_S)
#define SIM_SWITCH_ADDRESSES_MAX 4096 /* more are not learned, as a Linux bridge */

#endif
