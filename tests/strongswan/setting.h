/* Two gateways of the tutorial, as models: txl-gw (203.0.113.10, 192.168.1.5) and lhr-gw
 * (203.0.113.20, 192.168.2.5). */
#ifndef TESTS_STRONGSWAN_SETTING_H
#define TESTS_STRONGSWAN_SETTING_H

#include "topology/model.h"

struct setting {
    struct topo_gateway gateways[2];
    struct topo_tunnel tunnels[2];
    struct topo_connection connections[2];
    struct topo_cidr
        networks[2]; /* each the local one of its side, the remote one of the other's */
};

/* Strict, by hand, the tutorial's algorithms. */
void setting_init(struct setting *setting);

#endif
