/*
 * A NAT router in front of one gateway, as a home or office router is: translates UDP and ICMP echo from its inside
 * subnet to its one public address. RFC 4787 (UDP), RFC 5508 (ICMP); the four types are those of RFC 3489, section 5,
 * told by how they map and filter (RFC 4787, sections 4.1 and 5):
 *
 *   full-cone           one mapping for an inside endpoint   lets everybody in
 *   address-restricted  the same                             lets in whom an address was sent to
 *   port-restricted     the same                             lets in whom an address and port was sent to
 *   symmetric           one mapping for each destination     lets in that destination alone
 *
 * A mapping keeps its inside port outside where that is free (symmetric: never), and lives for the
 * time-out after the last packet in either direction, 60 s for echoes (RFC 5508, REQ-2). What comes
 * in without a mapping, or is not let in, is dropped; a UDP datagram is answered with port
 * unreachable, as a Linux router does. ICMP errors are translated both ways with what they quote
 * (RFC 5508, section 4), without being asked for. Packets that are larger than the link are
 * fragmented by the router; fragments from inside need not come in order, those from outside are
 * put together first.
 *
 * Where it stops: every other protocol from inside is dropped, ESP too (no IPsec pass-through);
 * sources outside the inside subnet are forwarded as they are; no hairpinning; no port forwarding;
 * mappings are remembered, no more than 4,096.
 */
#ifndef SIM_NAT_H
#define SIM_NAT_H

#include "base/vtime.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "sim/node.h"

enum sim_nat_type {
    SIM_NAT_FULL_CONE,
    SIM_NAT_ADDRESS_RESTRICTED,
    SIM_NAT_PORT_RESTRICTED,
    SIM_NAT_SYMMETRIC,
};

struct sim_nat_config {
    const char *name; /* copied */
    enum sim_nat_type type;
    struct net_prefix inside;  /* the router's own address in the inside subnet */
    struct net_prefix outside; /* the public address; a /32 is point to point */
    net_ip4 default_gateway;   /* outside, need not be in the subnet; 0: none */
    uint16_t mtu;              /* of both sides */
    base_ns timeout_ns;        /* of a UDP mapping */
};

struct sim_nat;

struct sim_nat *sim_nat_new(struct sim_world *world, const struct sim_nat_config *config);
void sim_nat_free(struct sim_nat *nat);

/* Its two ports, to be plugged in by the caller. */
struct sim_port *sim_nat_inside(struct sim_nat *nat);
struct sim_port *sim_nat_outside(struct sim_nat *nat);
struct sim_node *sim_nat_node(struct sim_nat *nat);

/* Forgets all mappings, and gives out other ports from here on: as after a restart that comes at a bad time. */
void sim_nat_rebind(struct sim_nat *nat);

/* Mappings that live now. */
size_t sim_nat_mappings(const struct sim_nat *nat);

#endif
