/*
 * What was measured in the kernel when a case was over: table 220 as `ip route` prints it, and the counters of
 * /proc/net/xfrm_stat that were not zero. And the same of a gateway here, in the same words.
 */
#ifndef TESTS_GATEWAY_KERNEL_H
#define TESTS_GATEWAY_KERNEL_H

#include "tests/gateway/lab.h"

struct lab_kernel {
    const char *name;
    enum topo_vpn vpn;
    const char *routes[2];   /* by enum lab_side */
    const char *counters[2]; /* NULL: after other pings than those of test_lab.c */
};

/* The case's, or NULL: the tutorial's routes where the tunnel is up, else none; all counters zero. */
const struct lab_kernel *lab_kernel_of(const char *name, enum topo_vpn vpn);
/* What that means for a case without a row. */
const char *lab_kernel_usual_routes(enum topo_vpn vpn, enum lab_side side, bool up);

/* "default via 203.0.113.20 dev wan ; throw 192.168.1.0/24" */
void lab_kernel_routes(struct lab *lab, enum lab_side side, char out[static 256]);
/* "XfrmInTmplMismatch=7 XfrmOutNoStates=5" */
void lab_kernel_counters(struct lab *lab, enum lab_side side, char out[static 128]);

#endif
