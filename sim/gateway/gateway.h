/*
 * A VPN gateway: an IPv4 stack, the databases of policies and of security associations, and the IKEv2
 * engine, put together the way a real one is. Two kinds:
 *
 * policy-based  Linux XFRM with charon's kernel-netlink: a packet is routed first (tables local, 220,
 *               main), then the policies are asked: `in` for what is delivered, `fwd` for what is
 *               forwarded, `out` for what leaves, by whatever interface.
 * route-based   charon's kernel-libipsec: a tunnel interface `ipsec0` of MTU 1400, routes into it in
 *               table 220, ESP always inside UDP; selectors are checked by the tunnel's own policies.
 *
 * What happens to a packet comes out of these mechanisms alone; no failure is written down anywhere.
 * IPv4 outside and inside. RFC 4301 (policies, path MTU), RFC 3948 (UDP encapsulation).
 */
#ifndef SIM_GATEWAY_GATEWAY_H
#define SIM_GATEWAY_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "ipsec/esp/sad.h"
#include "ipsec/esp/spd.h"
#include "ipsec/ike/endpoint.h"
#include "net/addr.h"
#include "net/prefix.h"
#include "sim/stack.h"
#include "sim/tap.h"

struct sim_gateway;

enum sim_gateway_vpn {
    SIM_GATEWAY_POLICY_BASED,
    SIM_GATEWAY_ROUTE_BASED,
};

/* How the gateway itself behaves; how each of its tunnels does stands in its ike_peer_config. */
struct sim_gateway_config {
    const char *name; /* copied */
    enum sim_gateway_vpn vpn;
    bool bypass_lan;     /* charon's bypass-lan plugin: lets attached subnets pass */
    bool without_routes; /* charon.install_routes = no: nothing is put into table 220 */
    bool own_by_main;    /* the fwmark of charon's sockets: what they send passes table 220 by */
    bool ip_forward;
    enum sim_stack_rp_filter rp_filter;
    struct crypto_context *crypto; /* borrowed, outlives the gateway */
};

/* A gateway that is off and has no interface: add the LANs, the wan and the tunnels, then start it. */
struct sim_gateway *sim_gateway_new(struct sim_world *world,
                                    const struct sim_gateway_config *config);
/* Its pings and flows end before. */
void sim_gateway_free(struct sim_gateway *gw);

/*
 * Adds an interface with its own address in its subnet (a /32: point to point). The port belongs to
 * the gateway and is to be plugged in by the caller. One wan, any number of LANs, before the start.
 */
struct sim_port *sim_gateway_add_lan(struct sim_gateway *gw, const char *name,
                                     const struct net_prefix *address, uint16_t mtu);
struct sim_port *sim_gateway_add_wan(struct sim_gateway *gw, const struct net_prefix *address,
                                     uint16_t mtu);
/* A default route by wan, to a next hop that need not be in wan's subnet. */
bool sim_gateway_set_default_route(struct sim_gateway *gw, net_ip4 via);

/*
 * Adds a tunnel; all of `config` is copied but its `reqid`, which the gateway gives out from 1 on.
 * False where the name is taken. On a running gateway it takes effect at once.
 */
bool sim_gateway_add_tunnel(struct sim_gateway *gw, const struct ike_peer_config *config);
/* Gives the tunnel of that name another configuration: it is taken down, and set up anew. Its taps stay. */
bool sim_gateway_change_tunnel(struct sim_gateway *gw, const struct ike_peer_config *config);
/* Deletes a tunnel as an administrator does: the peer is told; SAs, policies, traps and routes go. */
bool sim_gateway_remove_tunnel(struct sim_gateway *gw, const char *tunnel);

/* Power on: bypasses and traps are installed and the engine starts. No effect when it is on. */
void sim_gateway_start(struct sim_gateway *gw);
/* Power off, at once and without a word to anybody: SAs, policies, table 220, ARP entries go. */
void sim_gateway_stop(struct sim_gateway *gw);
bool sim_gateway_running(const struct sim_gateway *gw);

/*
 * The IKE daemon dies alone and without a word, and starts again: what it put into the kernel lives on (policy-based),
 * or dies with it (route-based). No effect where it is dead, or alive, already, or the power is off.
 */
void sim_gateway_kill_daemon(struct sim_gateway *gw);
void sim_gateway_start_daemon(struct sim_gateway *gw);

/*
 * A pair of units: the active one dies, at once and without a word; the standby takes its addresses over, with
 * other MAC addresses, and says so by gratuitous ARP. `warm`: with all SAs (see failover.c), else with none. In
 * between it is off. No effect where it is off, or on, already.
 */
void sim_gateway_fail(struct sim_gateway *gw, bool warm);
void sim_gateway_take_over(struct sim_gateway *gw);

/*
 * Its own clock, by which IKE's timers and the lifetimes of SAs run, jumps ahead by so much (not negative); it stays
 * ahead for ever, a restart too. The stack's timers do not hear of it.
 */
void sim_gateway_jump_clock(struct sim_gateway *gw, base_ns by);
/* ESP that comes in under this SPI (0: any) is dropped as if there were no such SA, until that is
 * called off as often. */
void sim_gateway_reject_spi(struct sim_gateway *gw, uint32_t spi, bool reject);

/*
 * Counters of a tunnel's SAs go ahead, as if so much had been sent: see ike_endpoint_advance_sequence() and its
 * neighbour. False where the tunnel has no such SA, or the counter would go back.
 */
bool sim_gateway_advance_sequence(struct sim_gateway *gw, const char *tunnel, uint64_t next);
bool sim_gateway_advance_message_id(struct sim_gateway *gw, const char *tunnel, bool own,
                                    uint32_t next);

/*
 * What an administrator asks of a tunnel (see ike_endpoint_initiate() and its neighbours); the end is
 * told by an event TASK_DONE or TASK_FAILED. False where there is no such tunnel, nothing to do it to,
 * or the gateway is off.
 */
bool sim_gateway_initiate(struct sim_gateway *gw, const char *tunnel);
bool sim_gateway_terminate(struct sim_gateway *gw, const char *tunnel, bool child_only);
bool sim_gateway_rekey_ike(struct sim_gateway *gw, const char *tunnel);
bool sim_gateway_rekey_child(struct sim_gateway *gw, const char *tunnel);

const char *sim_gateway_name(const struct sim_gateway *gw);
enum sim_gateway_vpn sim_gateway_vpn(const struct sim_gateway *gw);
struct sim_stack *sim_gateway_stack(struct sim_gateway *gw);
/* For queries only: whoever calls it otherwise leaves its outputs unsent. NULL while it is off (but for a
 * standby that has the SAs: sim_gateway_fail), or its daemon dead. */
const struct ike_endpoint *sim_gateway_engine(const struct sim_gateway *gw);
const struct esp_sad *sim_gateway_sad(const struct sim_gateway *gw);
const struct esp_spd *sim_gateway_spd(const struct sim_gateway *gw);

/* The engine's number of a tunnel, for its queries; -1 where there is none or the gateway is off. */
int sim_gateway_tunnel_peer(const struct sim_gateway *gw, const char *name);
/* ike_endpoint_peer() by name; false where there is no such tunnel. An engine that is off: DOWN. */
bool sim_gateway_tunnel_info(const struct sim_gateway *gw, const char *tunnel,
                             struct ike_peer_info *out);

/*
 * Hangs a tap (borrowed) on a tunnel's capture point: inner packets (link type RAW), before sealing
 * and after opening. False where there is no such tunnel.
 */
bool sim_gateway_tap_tunnel(struct sim_gateway *gw, const char *tunnel, struct sim_tap *tap);

/*
 * `on_event` gets each event of the engine at its moment, after the gateway acted upon it. It may
 * query, and must not change anything in the gateway. One listener; NULL: none.
 */
typedef void sim_gateway_event_fn(void *context, struct sim_gateway *gw,
                                  const struct ike_event *event);
void sim_gateway_listen(struct sim_gateway *gw, sim_gateway_event_fn *on_event, void *context);

/* Counters, as /proc/net/xfrm_stat and `ip -s link show ipsec0` have them. */
struct sim_gateway_counters {
    uint64_t sealed, opened;           /* packets */
    uint64_t tunnel_packets;           /* route-based: routed into ipsec0 */
    uint64_t tunnel_dropped;           /* route-based: ipsec0's queue was full */
    uint64_t status[ESP_STATUS_COUNT]; /* drops by reason; esp_status_counter() names Linux's */
};
const struct sim_gateway_counters *sim_gateway_counters(const struct sim_gateway *gw);

#endif
