/*
 * What does not fit together in a model: errors for what the product would refuse or what cannot be built,
 * warnings for what can be set up although it will not work, or not as meant. Each has a stable code:
 *
 * Errors: duplicate-name, duplicate-public-address, unknown-lan, duplicate-connection,
 * too-many-gateways.
 *
 * Warnings, nodes: gateway-address-outside-2-9, gateway-address-in-dhcp-pool, gateway-outside-subnet,
 * gateway-outside-segment, host-outside-subnet, duplicate-address, overlapping-lans, next-hop-not-on-link.
 * Warnings, tunnels: no-such-peer, tunnel-to-itself, no-tunnel-back, keys-differ, identities-differ,
 * algorithms-differ, both-sides-any, selectors-do-not-mirror, overlapping-peer-networks,
 * gateway-outside-cloud-networks. Warnings, hosts: missing-host-route.
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
