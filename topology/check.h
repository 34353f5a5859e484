/*
 * What does not fit together in a model: errors for what the product would refuse or what cannot be built,
 * warnings for what can be set up although it will not work, or not as meant. Each with a stable code:
 *
 * Errors: duplicate-name (two nodes of one name), duplicate-public-address, unknown-lan, duplicate-lan (one LAN
 * connected twice), unresolved-remote-host, address-not-simulated.
 * Warnings: gateway-address-outside-2-9, gateway-address-in-dhcp-pool, duplicate-address, host-outside-subnet,
 * gateway-outside-subnet, gateway-outside-segment, overlapping-lans, selectors-do-not-mirror, both-sides-any, keys-differ,
 * algorithms-differ, identities-differ, missing-host-route, no-tunnel-back, no-such-peer, cloud-network-not-here.
 */
#ifndef TOPOLOGY_CHECK_H
#define TOPOLOGY_CHECK_H

#include "base/diagnostic.h"
#include "topology/model.h"

/*
 * Adds what is wrong with `model`. `routes_later`, where it is not NULL, tells whether a host that has no route to `to`
 * gets one in the course of the scenario, so that no warning is due.
 */
struct topo_check_options {
    bool (*routes_later)(void *context, const struct topo_host *, const struct net_prefix *to);
    void *context;
};

void topo_check(const struct topo_model *, const struct topo_check_options *,
                struct base_diagnostics *);

#endif
