/* The laboratory with a second router on lan1, for tests of ICMP redirects. */
#ifndef TESTS_SIM_WAY2_H
#define TESTS_SIM_WAY2_H

#include "tests/sim/lab.h"

#define WAY2 NET_IP4(192, 168, 1, 6) /* a second router on lan1 */
#define STRANGER NET_IP4(192, 168, 1, 99)

#define D NET_IP4(192, 168, 3, 11)

/* A second way to lan2 for the hosts of lan1, and the first router sends all that goes there by it. */
struct way2 {
    struct lab lab;
    struct sim_stack *stack;
    struct sim_switch *lan3;
    struct sim_host *d; /* 192.168.3.11 */
};

/* 192.168.3.0/24 behind WAY2; the hosts of lan1 go there by the first router. */
struct way2 way2_new(void);
void way2_free(struct way2 *w);
/* Of the host's route; it is WAY2 or LAB_B where a redirect said so. */
net_ip4 way2_next_hop(struct sim_host *host, net_ip4 dst);

#endif
