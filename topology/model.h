/*
 * What a scenario file says stands: VDCs with LANs, hosts and one gateway each, and the internet between
 * them. Plain data: no behaviour, no ownership (a reader keeps it all in its arena; a test writes it as a
 * constant). Arrays come with their count. Optional texts are NULL when absent. Every value that a
 * message may name has its place in the file beside it.
 *
 * Names, values and limits are those of the VPN Gateway's REST API; see docs/scenario-language.md.
 */
#ifndef TOPOLOGY_MODEL_H
#define TOPOLOGY_MODEL_H

#include "base/vtime.h"
#include "base/where.h"
#include "net/addr.h"
#include "net/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crypto_encr;
struct crypto_integ;
struct crypto_group;

/* Limits of the product. */
#define TOPO_NAME_MAX 255
#define TOPO_DESCRIPTION_MAX 1024
#define TOPO_PSK_MIN 32
#define TOPO_LIFETIME_MIN_S 3600
#define TOPO_LIFETIME_MAX_S 86400
#define TOPO_IKE_LIFETIME_DEFAULT_S 86400
#define TOPO_ESP_LIFETIME_DEFAULT_S 3600
#define TOPO_CONNECTIONS_MAX 10
#define TOPO_TUNNELS_MAX 20
#define TOPO_GATEWAYS_MAX 8 /* in one location */
#define TOPO_CIDRS_MAX 20

#define TOPO_LAN_NONE UINT32_MAX /* a LAN that could not be read; never in a model without errors */

/* --- Links and what they do to packets ------------------------------------------------------- */

/* Bits of topo_impairment.set. */
enum topo_impairment_key {
    TOPO_LOSS = 1 << 0,
    TOPO_BURST_LOSS = 1 << 1,
    TOPO_DUPLICATE = 1 << 2,
    TOPO_REORDER = 1 << 3,
    TOPO_CORRUPT = 1 << 4,
    TOPO_DELAY = 1 << 5,
    TOPO_JITTER = 1 << 6,
    TOPO_RATE = 1 << 7,
    TOPO_QUEUE = 1 << 8,
    TOPO_MTU = 1 << 9,
    TOPO_MTU_SILENT = 1 << 10,
    TOPO_DOWN = 1 << 11,
};

/* Gilbert-Elliott: a link in its good or its bad state, deciding at every packet whether to change. Fractions 0..1. */
struct topo_burst_loss {
    double to_bad;
    double to_good;
    double loss_in_bad;
    double loss_in_good;
};

/* What a link does to packets. Only what `set` names was said; the rest is zero. Fractions are 0..1. */
struct topo_impairment {
    uint32_t set; /* of enum topo_impairment_key */
    double loss;
    struct topo_burst_loss burst_loss;
    double duplicate;
    double reorder;
    double corrupt;
    base_ns delay_ns; /* one way, all of it */
    base_ns jitter_ns;
    uint64_t rate_bps; /* bits a second */
    uint64_t queue;    /* bytes, or packets */
    bool queue_is_packets;
    uint32_t mtu_bytes; /* of an IP packet */
    bool mtu_silent;    /* what is too large is dropped without an ICMP error */
    bool down;
};

/* --- A VDC ----------------------------------------------------------------------------------- */

/* A LAN; `link` holds its mtu (default 1500) and delay (default 100us, host to host or gateway), always set. */
struct topo_lan {
    uint32_t id; /* links and faults call it "<vdc>/<id>" */
    struct base_where where;
    struct net_prefix subnet; /* host bits cleared */
    struct base_where subnet_where;
    bool has_pool;
    struct net_addr pool_first;
    struct net_addr pool_last;
    struct base_where pool_where;
    struct topo_impairment link;
};

struct topo_route {
    struct net_prefix to; /* host bits cleared */
    struct net_addr via;  /* family 0: none given (a route to be removed, whatever its next hop) */
    struct base_where where;
};

struct topo_host {
    const char *name; /* unique among all nodes */
    struct base_where where;
    uint32_t lan; /* id of a LAN of this VDC */
    struct base_where lan_where;
    struct net_addr address;
    uint8_t prefix_length; /* 0: the LAN's */
    struct base_where address_where;
    struct topo_route *routes;
    size_t route_count;
    struct net_addr default_gateway; /* family 0: none */
    struct base_where default_gateway_where;
};

/* A gateway's place in a LAN. */
struct topo_connection {
    struct base_where where;
    uint32_t lan;
    struct base_where lan_where;
    struct net_prefix
        ipv4; /* the gateway's own address, host bits kept, with the LAN's prefix length */
    struct base_where ipv4_where;
    struct net_prefix ipv6; /* family 0: none. Accepted, not simulated yet */
};

/* One set of algorithms, as configured. The pointers are rows of ipsec/crypto/algorithm.h, never NULL after reading. */
struct topo_proposal {
    const struct crypto_group *group;
    const struct crypto_encr *encryption;
    const struct crypto_integ
        *integrity; /* with an AEAD: IKE takes its PRF from it, ESP ignores it */
    uint32_t lifetime_s;
    struct base_where
        where; /* of the map; the keys' own below, equal to it where a default was taken */
    struct base_where group_where;
    struct base_where encryption_where;
    struct base_where integrity_where;
    struct base_where lifetime_where;
};

struct topo_cidr {
    struct net_prefix prefix; /* IPv4 or IPv6, host bits cleared */
    struct base_where where;
};

struct topo_tunnel {
    const char *name; /* unique in its gateway */
    struct base_where where;
    const char *description;
    const char *remote_host; /* as written: an IPv4 address or a name */
    struct base_where remote_host_where;
    struct net_addr remote_address; /* what it stands for */
    const char *psk;                /* UTF-8, without an end mark on the wire */
    struct base_where psk_where;
    struct topo_proposal ike;
    struct topo_proposal esp;
    struct topo_cidr *cloud; /* cloudNetworkCIDRs: the local selectors */
    size_t cloud_count;
    struct base_where cloud_where;
    struct topo_cidr *peer; /* peerNetworkCIDRs: the remote selectors */
    size_t peer_count;
    struct base_where peer_where;
    const char *
        local_id; /* never NULL: the gateway's public address by default; an address means ID_IPV4_ADDR, */
    struct base_where local_id_where;
    const char *
        remote_id; /* text with an @ ID_RFC822_ADDR (a leading @: ID_FQDN), else ID_FQDN. Default: remote_host */
    struct base_where remote_id_where;
};

enum topo_vpn {
    TOPO_VPN_POLICY_BASED,
    TOPO_VPN_ROUTE_BASED,
};

enum topo_start {
    TOPO_START_AT_ONCE,
    TOPO_START_ON_TRAFFIC,
    TOPO_START_BY_HAND,
};

enum topo_negotiation {
    TOPO_NEGOTIATION_MOST_SECURE,
    TOPO_NEGOTIATION_STRICT,
};

enum topo_rp_filter {
    TOPO_RP_FILTER_OFF,
    TOPO_RP_FILTER_STRICT,
    TOPO_RP_FILTER_LOOSE,
};

/* Who does a gateway's IKE and ESP. */
enum topo_engine_kind {
    TOPO_ENGINE_BUILTIN,
    TOPO_ENGINE_STRONGSWAN, /* this and the next in a world of namespaces alone */
    TOPO_ENGINE_EXTERNAL,   /* whatever somebody starts in the gateway's namespace */
};

/* How a gateway's implementation behaves: no part of the product's API. */
struct topo_behaviour {
    enum topo_engine_kind engine;
    enum topo_vpn vpn;
    enum topo_start start;
    enum topo_negotiation negotiation;
    base_ns dpd_delay_ns; /* 0: never */
    base_ns retransmit_timeout_ns;
    double retransmit_base;
    uint32_t retransmit_tries;
    base_ns nat_keepalive_ns;       /* 0: never */
    uint32_t replay_window_packets; /* 0: off */
    bool esn;
    bool force_udp_encapsulation;
    bool ike_fragmentation;
    bool mobike;
    base_ns rekey_margin_ns;
    bool bypass_lan;
    bool ip_forward;
    enum topo_rp_filter rp_filter;
    struct base_where bypass_lan_where, ip_forward_where, rp_filter_where,
        engine_where; /* line 0: taken as they are by default */
    /* No keys of a file: for what was measured with real gateways. See sim/gateway/gateway.h. */
    bool without_routes, own_by_main;
};

#define TOPO_BEHAVIOUR_DEFAULT                                                                     \
    ((struct topo_behaviour){                                                                      \
        .vpn = TOPO_VPN_POLICY_BASED,                                                              \
        .start = TOPO_START_AT_ONCE,                                                               \
        .negotiation = TOPO_NEGOTIATION_MOST_SECURE,                                               \
        .dpd_delay_ns = 30 * BASE_S,                                                               \
        .retransmit_timeout_ns = 4 * BASE_S,                                                       \
        .retransmit_base = 1.8,                                                                    \
        .retransmit_tries = 5,                                                                     \
        .nat_keepalive_ns = 20 * BASE_S,                                                           \
        .replay_window_packets = 64,                                                               \
        .ike_fragmentation = true,                                                                 \
        .mobike = true,                                                                            \
        .rekey_margin_ns = 9 * 60 * BASE_S,                                                        \
        .ip_forward = true,                                                                        \
        .rp_filter = TOPO_RP_FILTER_OFF,                                                           \
    })

enum topo_tier {
    TOPO_TIER_STANDARD,
    TOPO_TIER_STANDARD_HA,
    TOPO_TIER_ENHANCED,
    TOPO_TIER_ENHANCED_HA,
    TOPO_TIER_PREMIUM,
    TOPO_TIER_PREMIUM_HA,
};

/* Weekly, four hours, UTC. */
struct topo_maintenance {
    bool set;
    uint8_t day; /* 0: Sunday */
    uint8_t hour, minute, second;
};

struct topo_nat;

struct topo_gateway {
    const char *node; /* "<vdc>-gw": the node's name in steps, expectations and capture points */
    struct base_where where;
    const char *name; /* the API's */
    const char *description;
    struct net_addr public_ip; /* gatewayIP */
    struct base_where public_ip_where;
    struct topo_connection *connections;
    size_t connection_count;
    enum topo_tier tier;
    struct topo_maintenance maintenance;
    struct topo_tunnel *tunnels;
    size_t tunnel_count;
    struct topo_behaviour behaviour;
    const struct topo_nat *nat; /* the router in front of it; NULL: none */
};

struct topo_vdc {
    const char *name; /* unique */
    struct base_where where;
    const char *location;
    struct topo_lan *lans;
    size_t lan_count;
    struct topo_host *hosts;
    size_t host_count;
    struct topo_gateway gateway;
};

/* --- What lies between ----------------------------------------------------------------------- */

enum topo_internet_kind {
    TOPO_INTERNET_ROUTED,
    TOPO_INTERNET_SEGMENT,
};

#define TOPO_HOPS_DEFAULT 6
#define TOPO_INTERNET_DELAY_DEFAULT (12 * BASE_MS)
#define TOPO_LAN_DELAY_DEFAULT (100 * BASE_US)
#define TOPO_MTU_DEFAULT 1500

enum topo_nat_type {
    TOPO_NAT_FULL_CONE,
    TOPO_NAT_ADDRESS_RESTRICTED,
    TOPO_NAT_PORT_RESTRICTED,
    TOPO_NAT_SYMMETRIC,
};

#define TOPO_NAT_TIMEOUT_DEFAULT (120 * BASE_S) /* RFC 4787, REQ-5 */
#define TOPO_NAT_LENGTH_MIN 8                   /* the largest private network */
#define TOPO_NAT_LENGTH_MAX 30                  /* room for the router and the gateway */

/*
 * A NAT router in front of a gateway. The gateway then has a private address on its wan: its
 * gatewayIP where that lies in the private subnet, else the address there with the same host part.
 * Peers know it by the public address.
 */
struct topo_nat {
    const char *gateway; /* its node */
    const char *node;    /* "<gateway>-nat" */
    struct base_where where;
    struct net_addr public_ip;
    struct base_where public_ip_where;
    struct net_prefix subnet; /* host bits cleared */
    struct base_where subnet_where;
    base_ns mapping_timeout_ns;
    enum topo_nat_type type;
    /* What follows from these (topo_nat_attach): */
    struct net_addr wan;    /* the gateway's address */
    struct net_addr router; /* the router's inside: the gateway's default route */
};

/* Puts the router in front of the gateway; false where the subnet has no address for it. */
bool topo_nat_attach(struct topo_nat *, struct topo_gateway *);

/* The address at which the gateway is reached over the internet, and the one that its wan port has. */
static inline const struct net_addr *topo_gateway_outside(const struct topo_gateway *gateway)
{
    return gateway->nat ? &gateway->nat->public_ip : &gateway->public_ip;
}
static inline const struct net_addr *topo_gateway_wan(const struct topo_gateway *gateway)
{
    return gateway->nat ? &gateway->nat->wan : &gateway->public_ip;
}

/* A middlebox on the path: what it drops, in tcpdump's language over Ethernet frames. */
struct topo_firewall {
    const char *drop;
    const char *from; /* a gateway's node: only what comes from there; NULL: from anywhere */
    struct base_where where;
};

/* `link` always has delay and mtu set; both directions are alike. */
struct topo_internet {
    enum topo_internet_kind kind;
    uint32_t hops;            /* routed: routers on the way, 1..64 */
    struct net_prefix subnet; /* segment: host bits cleared */
    struct base_where where;
    struct base_where subnet_where;
    struct topo_impairment link;
    struct topo_nat *nats;
    size_t nat_count;
    struct topo_firewall *firewall;
    size_t firewall_count;
};

struct topo_model {
    struct topo_vdc *vdcs;
    size_t vdc_count;
    struct topo_internet internet;
};

/* --- Finding things by name ------------------------------------------------------------------ */

/*
 * The network of 24 bits in which the routers of the internet have their addresses, router k number k: 198.51.100.0, or
 * another one for documentation or benchmarks (RFC 5737, 2544) where one of theirs would be a gateway's, of a LAN, or
 * of a network behind a NAT router.
 */
net_ip4 topo_internet_routers(const struct topo_model *);

/* A node: a host or a gateway of a VDC (the other one is NULL). */
struct topo_node {
    const struct topo_vdc *vdc;
    const struct topo_host *host;
    const struct topo_gateway *gateway;
};

bool topo_find_node(const struct topo_model *, const char *name, struct topo_node *out);

/* The NAT router of that node name, "<vdc>-gw-nat"; NULL where there is none. */
const struct topo_nat *topo_find_nat(const struct topo_model *, const char *name);

const struct topo_lan *topo_find_lan(const struct topo_vdc *, uint32_t id);
const struct topo_tunnel *topo_find_tunnel(const struct topo_gateway *, const char *name);
const struct topo_connection *topo_find_connection(const struct topo_gateway *, uint32_t lan);

/* What a host takes for its LAN: its address with its own prefix length, else with that of `lan`. Host bits kept. */
struct net_prefix topo_host_prefix(const struct topo_host *, const struct topo_lan *lan);

/* The address that a node is pinged at when its name is given: a host's own; a gateway's in the first LAN that
 * it shares with `from` (NULL: no matter), else in its first connection. */
struct net_addr topo_node_address(const struct topo_node *, const struct topo_node *from);

/* The node that has `address` (a host's, a gateway's in a LAN, or a public one); the first in the
 * file where several have. */
bool topo_find_address(const struct topo_model *, const struct net_addr *address,
                       struct topo_node *out);

/* The gateway that is reached at this public address (behind a NAT: the router's), with its VDC;
 * false where there is none. */
bool topo_find_public(const struct topo_model *, const struct net_addr *address,
                      struct topo_node *out);

/*
 * What a remoteHost stands for: the address that it is, else the public address of the gateway with that node
 * name, else of the one gateway whose API name it is. That is all that a scenario's DNS knows; false for the rest.
 */
bool topo_resolve(const struct topo_model *, const char *host, struct net_addr *out);

/* A link: "internet" (vdc and lan NULL) or "<vdc>/<lan id>". */
struct topo_link {
    const struct topo_vdc *vdc;
    const struct topo_lan *lan;
};

bool topo_find_link(const struct topo_model *, const char *name, struct topo_link *out);

enum topo_point_kind {
    TOPO_POINT_INTERNET,    /* "internet": packets as they enter the path */
    TOPO_POINT_HOST,        /* "<host>:eth0" */
    TOPO_POINT_GATEWAY_LAN, /* "<vdc>-gw:lan<id>" */
    TOPO_POINT_GATEWAY_WAN, /* "<vdc>-gw:wan" */
    TOPO_POINT_TUNNEL,      /* "<vdc>-gw:<tunnel>": inner packets, raw IP; all else is Ethernet */
};

/* A capture point. A tunnel that is called "wan" or "lan<n>" as an interface is cannot be named
 * here: the interface is meant. */
struct topo_point {
    enum topo_point_kind kind;
    struct topo_node node; /* unset with internet */
    const struct topo_connection *connection;
    const struct topo_tunnel *tunnel;
};

bool topo_find_point(const struct topo_model *, const char *name, struct topo_point *out);

/* How many capture points there are, and the name of the n-th, in the order of the file (internet
 * last): to be freed. */
size_t topo_point_count(const struct topo_model *);
char *topo_point_name(const struct topo_model *, size_t n);

/* The names as they are written in a file, by enum value; NULL past the end. */
const char *topo_vpn_name(enum topo_vpn);
const char *topo_start_name(enum topo_start);
const char *topo_negotiation_name(enum topo_negotiation);
const char *topo_rp_filter_name(enum topo_rp_filter);
const char *topo_engine_name(enum topo_engine_kind);
const char *topo_tier_name(enum topo_tier);
bool topo_tier_is_pair(enum topo_tier); /* active and passive: an HA tier */
const char *topo_nat_type_name(enum topo_nat_type);
const char *topo_internet_kind_name(enum topo_internet_kind);
const char *topo_day_name(unsigned day); /* 0: Sunday */

#endif
