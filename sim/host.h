/*
 * A host of a LAN: an IPv4 stack with one Ethernet interface `eth0` that does not forward.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "sim/stack.h"

struct sim_host;

struct sim_host_config {
    const char *name;          /* copied */
    struct net_prefix address; /* with its subnet's length */
    net_ip4
        default_gateway; /* 0: none; nor where it is in no network of the host's: as Linux refuses it */
    uint16_t mtu;        /* 0: 1500 */
    const uint8_t *mac; /* 6 bytes; NULL: the port's own */
};

struct sim_host *sim_host_new(struct sim_world *world, const struct sim_host_config *config);
void sim_host_free(struct sim_host *host); /* its pings and flows end before */

struct sim_stack *sim_host_stack(struct sim_host *host);
struct sim_port *sim_host_port(struct sim_host *host); /* to be attached to a switch */
/* eth0's number in the stack. */
#define SIM_HOST_ETH0 1

#endif
