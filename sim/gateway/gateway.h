/*
 * A VPN gateway: an IPv4 stack, the security policy and association databases, and the IKEv2 engine,
 * put together the way a real one is. Two kinds:
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
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/addr.h"
#include "net/prefix.h"

struct crypto_context;
struct esp_sad;
struct esp_spd;
struct ike_endpoint;
struct ike_peer_config;
struct sim_gateway;
struct sim_port;
struct sim_stack;
struct sim_tap;
struct sim_world;

enum sim_gateway_vpn {
    SIM_GATEWAY_POLICY_BASED,
    SIM_GATEWAY_ROUTE_BASED,
};

enum sim_gateway_start {
    SIM_GATEWAY_START_AT_ONCE,    /* initiates in its first second, unless the peer was quicker */
    SIM_GATEWAY_START_ON_TRAFFIC, /* trap policies and routes from the configured selectors */
    SIM_GATEWAY_START_BY_HAND,    /* only sim_gateway_initiate() or the peer */
};

/* How the gateway itself behaves; how each of its tunnels does stands in ike_peer_config. */
struct sim_gateway_config {
    const char *name; /* copied */
    enum sim_gateway_vpn vpn;
    bool bypass_lan; /* charon's bypass-lan plugin: pass policies for attached subnets */
    bool ip_forward;
    int rp_filter;                 /* 0 off, 1 strict, 2 loose: Linux's numbers */
    uint16_t node_id;              /* unique in the world */
    size_t lan_count;              /* LAN interfaces; the wan one comes on top */
    struct crypto_context *crypto; /* borrowed, outlives the gateway */
};

/*
 * A gateway without interfaces: add the LANs and the wan, then the tunnels, then start it.
 * The caller frees it before the world.
 */
struct sim_gateway *sim_gateway_new(struct sim_world *world,
                                    const struct sim_gateway_config *config);
void sim_gateway_free(struct sim_gateway *gateway);

/*
 * Adds an interface with its own address and subnet. `name` ("lan1", "wan") is copied. The port that
 * is returned belongs to the gateway and is to be attached to a switch or to the internet.
 */
struct sim_port *sim_gateway_add_lan(struct sim_gateway *gateway, const char *name,
                                     const struct net_prefix *address, const uint8_t mac[6],
                                     uint16_t mtu);
struct sim_port *sim_gateway_add_wan(struct sim_gateway *gateway, const struct net_prefix *address,
                                     const uint8_t mac[6], uint16_t mtu);

/* Adds a tunnel; `config` is copied. False where the engine refuses it (a name used twice). */
bool sim_gateway_add_tunnel(struct sim_gateway *gateway, const struct ike_peer_config *config,
                            enum sim_gateway_start start);
/* Deletes a tunnel as an administrator does: the peer is told, its SAs, policies and routes go. */
bool sim_gateway_remove_tunnel(struct sim_gateway *gateway, const char *tunnel);

/* Power on: static policies and routes, traps, and the engine's start. At most once until a stop. */
void sim_gateway_start(struct sim_gateway *gateway);
/* Power off, at once and without a word to anybody: SAs, policies, tunnel routes, ARP entries go. */
void sim_gateway_stop(struct sim_gateway *gateway);
bool sim_gateway_running(const struct sim_gateway *gateway);

/* What an administrator asks for. False where there is no such tunnel or the gateway is off. */
bool sim_gateway_initiate(struct sim_gateway *gateway, const char *tunnel);
bool sim_gateway_terminate(struct sim_gateway *gateway, const char *tunnel, bool child_only);
bool sim_gateway_rekey(struct sim_gateway *gateway, const char *tunnel, bool child);

const char *sim_gateway_name(const struct sim_gateway *gateway);
struct sim_stack *sim_gateway_stack(struct sim_gateway *gateway);
struct ike_endpoint *sim_gateway_engine(struct sim_gateway *gateway); /* for state queries */
const struct esp_sad *sim_gateway_sad(const struct sim_gateway *gateway);
const struct esp_spd *sim_gateway_spd(const struct sim_gateway *gateway);
size_t sim_gateway_tunnel_count(const struct sim_gateway *gateway);
const char *sim_gateway_tunnel_name(const struct sim_gateway *gateway, size_t index);
/* The engine's number of a tunnel, as ike_endpoint's queries take it; -1 where there is none. */
int sim_gateway_tunnel_peer(const struct sim_gateway *gateway, const char *tunnel);

/*
 * The capture point of a tunnel: inner packets (link type RAW), before sealing and after opening.
 * The address of the list of taps, to be added to; NULL where there is no such tunnel.
 */
struct sim_tap **sim_gateway_tunnel_taps(struct sim_gateway *gateway, const char *tunnel);

/*
 * Calls `on_event` with each event of the engine (struct ike_event) in the order in which they
 * happen. One listener at most.
 */
struct ike_event;
typedef void sim_gateway_on_event(void *context, struct sim_gateway *gateway,
                                  const struct ike_event *event);
void sim_gateway_listen(struct sim_gateway *gateway, sim_gateway_on_event *on_event, void *context);

/* Counters, as /proc/net/xfrm_stat and `ip -s link show ipsec0` have them. */
struct sim_gateway_counters {
    uint64_t in_no_states; /* XfrmInNoStates: ESP with an SPI that nobody knows */
    uint64_t
        in_tmpl_mismatch; /* XfrmInTmplMismatch: a PROTECT policy, and it did not come by its SA */
    uint64_t in_no_pols;  /* XfrmInNoPols: came by an SA, and no policy allows it */
    uint64_t in_state_errors; /* XfrmInStateProtoError, XfrmInStateSeqError */
    uint64_t out_no_states;   /* XfrmOutNoStates: a policy wants ESP, and there is no SA yet */
    uint64_t out_pol_block;   /* XfrmOutPolBlock */
    uint64_t sealed, opened;  /* packets */
    uint64_t tunnel_dropped;  /* route-based: the tunnel interface's queue was full */
};
const struct sim_gateway_counters *sim_gateway_counters(const struct sim_gateway *gateway);

#endif
