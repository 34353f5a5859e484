/*
 * What lies between the gateways' public addresses.
 *
 * Routed: a cloud of `hops` routers on the way between any two ports. Each port is point to point
 * with its access router, which has the address SIM_INTERNET_ACCESS (100.64.0.1, RFC 6598) and
 * answers ARP for it at once; a frame to the access router's MAC address enters the path. As a
 * Linux router (RFC 1812): checks the header, answers a destination that the cloud does not know
 * with net unreachable (from the first router), takes `hops` off the TTL or answers time exceeded
 * from the router where it reached zero, fragments at the path's MTU (`mtu` of the impairment) or
 * answers fragmentation needed, both at the router in the middle, number (hops + 1) / 2. Router k
 * counted from the sender has the address 198.51.100.k, or k of the network that the configuration
 * names instead; these and the access router answer echo requests. A packet that ends at router k has travelled k / (hops + 1) of the delay; its ICMP
 * error comes back through the same routers and is neither impaired nor captured at the link; a
 * firewall's rule for whatever sender drops it. An
 * ICMP error goes to its destination only where the cloud knows it: none ever reaches a private
 * address. No ICMP error answers an ICMP error, a fragment but the first, or a packet from or to an
 * address of no single host (RFC 1812 section 4.3.2.7). Errors quote up to 576 bytes in all, as
 * Linux does. No rate limit. The cloud carries IPv4 only.
 *
 * Segment: one Ethernet segment with all ports, a switch.
 */
#ifndef SIM_INTERNET_H
#define SIM_INTERNET_H

#include "net/addr.h"
#include "sim/link.h"

#define SIM_INTERNET_ACCESS NET_IP4(100, 64, 0, 1)
#define SIM_INTERNET_ROUTERS NET_IP4(198, 51, 100, 0) /* a network of 24 bits, for RFC 5737 */
#define SIM_INTERNET_HOPS_MAX 254

enum sim_internet_kind {
    SIM_INTERNET_ROUTED,
    SIM_INTERNET_SEGMENT,
};

struct sim_internet_config {
    enum sim_internet_kind kind;
    uint8_t hops;               /* routed: 1 to SIM_INTERNET_HOPS_MAX */
    net_ip4 routers;            /* routed: router k has this and k; 0: SIM_INTERNET_ROUTERS */
    struct sim_impairment base; /* delay: one way, whole */
};

struct sim_internet;

/* Its node and link have this name: `internet`. */
struct sim_internet *sim_internet_new(struct sim_world *world, const char *name,
                                      const struct sim_internet_config *config);
void sim_internet_free(struct sim_internet *internet); /* unplugs its ports */

/*
 * Plugs a gateway's (or NAT router's) wan port in. Routed: frames for its addresses come out of it,
 * sent to the port's MAC address.
 */
void sim_internet_attach(struct sim_internet *internet, struct sim_port *port);

/*
 * Routed: the cloud carries packets for `address` to this port, which is attached; an address that
 * was another port's moves. Segment: nothing to know. */
void sim_internet_add_address(struct sim_internet *internet, struct sim_port *port,
                              net_ip4 address);
void sim_internet_remove_address(struct sim_internet *internet, net_ip4 address);

/* The MAC address of the router that takes frames into the path; NULL on a segment: each port has its own. */
const uint8_t *sim_internet_router_mac(const struct sim_internet *internet);

struct sim_link *sim_internet_link(struct sim_internet *internet);
uint16_t sim_internet_id(const struct sim_internet *internet); /* node id */

#endif
