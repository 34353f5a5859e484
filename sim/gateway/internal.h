/*
 * The gateway's insides, for the files of this folder alone.
 *
 * gateway.c  building, power, queries     ike.c     the engine's datagrams, deadline and events
 * charon.c   policies, routes and traps   xfrm.c    policy-based: the hooks of the stack
 * tun.c      route-based: ipsec0          esp.c     sealing and opening, for both
 * daemon.c   the daemon's death alone         failover.c  from one unit of a pair to the other
 */
#ifndef SIM_GATEWAY_INTERNAL_H
#define SIM_GATEWAY_INTERNAL_H

#include "sim/gateway/gateway.h"
#include "sim/world.h"

/* net_route.tag of what charon installs. */
#define GATEWAY_ROUTE_TAG 220

struct gateway_tunnel {
    /* what packets touch, together */
    struct gateway_tunnel *next;
    struct sim_gateway *gateway;
    uint32_t reqid;             /* as in config */
    uint32_t mtu_spi;           /* what exit.mtu was computed for: the SA, */
    uint32_t mtu_outer;         /* and the MTU of the way to the peer */
    struct sim_stack_exit exit; /* where packets that meet its policies go */
    struct esp_sa *sealing;     /* the SA of the packet that `exit` was handed out for */
    struct sim_tap *taps;

    int peer;                      /* the engine's number; -1: off */
    uint32_t trap_owner;           /* of the trap's policies; 0: none are installed */
    struct ike_peer_config config; /* its pointers are owned: */
    char *name, *local_id, *remote_id;
    uint8_t *psk;
    struct net_prefix *networks; /* local ones, then remote ones */
};

/* What charon installed for a child SA or a trap. */
struct gateway_install {
    struct gateway_install *next;
    uint32_t owner;  /* tag of its policies, unique */
    uint32_t spi_in; /* names the child; 0: a trap or a bypass */
    struct net_route *routes;
    size_t route_count;
};

struct gateway_route {
    struct net_prefix to;
    unsigned users;
};

struct sim_gateway {
    /* what packets touch, together */
    struct sim_world *world;
    struct sim_stack *stack;
    struct esp_sad *sad;
    struct esp_spd *spd;
    struct gateway_tunnel *tunnels; /* few: a list */
    uint16_t node;
    uint16_t wan;      /* interface number; 0: none yet */
    uint16_t wan_port; /* the same as the journal has it, as `port` of a record */
    uint16_t ipsec0;   /* route-based */
    uint16_t ipsec0_port;
    bool running, polling, bypass_lan, without_routes;
    bool replicated;       /* off, and the standby has its SAs: see failover.c */
    unsigned socket_flags; /* of what charon's sockets send: enum sim_stack_flag */
    bool rejects;          /* an SPI is treated as unknown */
    enum sim_gateway_vpn vpn;
    net_ip4 wan_address;
    base_ns clock_ahead; /* of its own clock before the world's */
    struct sim_gateway_counters counters;

    struct ike_endpoint *engine; /* NULL while off */
    struct sim_event deadline;
    base_ns deadline_met;    /* when the engine's deadline last came */
    uint64_t cause;          /* id of the packet that the engine is acting upon */
    enum sim_reason refused; /* why it drops that packet; NONE: it does not */

    struct sim_packet_list tun_queue;
    struct sim_event tun_turn;
    unsigned tun_laps;

    char *name;
    struct crypto_context *crypto;
    unsigned boots;
    uint32_t *rejected; /* SPIs; 0: any */
    size_t rejected_count, rejected_capacity;
    uint32_t last_reqid, last_owner;
    uint32_t orphans; /* policies of owners up to this one were left behind by a daemon that died */
    struct gateway_install *installs;
    struct gateway_route *routes;
    size_t route_count, route_capacity;
    sim_gateway_event_fn *on_event;
    void *event_context;
};

/* The gateway's own clock: what its engine and its SAs live by. */
static inline base_ns gateway_now(const struct sim_gateway *gw)
{
    return gw->world->now + gw->clock_ahead;
}

struct gateway_tunnel *gateway_find_tunnel(const struct sim_gateway *gw, const char *name);
struct gateway_tunnel *gateway_tunnel_of_reqid(const struct sim_gateway *gw, uint32_t reqid);

/* Bypasses, engine, tunnels, traps: of a gateway that is up. */
void gateway_daemon_start(struct sim_gateway *gw);
/* Each tunnel is as one that no engine knows. */
void gateway_forget_tunnels(struct sim_gateway *gw);

/* The stack's hook: adds what packets through a tunnel touch. */
void gateway_list_memory(void *context, uint16_t interface, struct base_warm *set);

/* ---- ike.c ---- */

void gateway_ike_init(struct sim_gateway *gw); /* binds the ports */
void gateway_ike_start(struct sim_gateway *gw);
void gateway_ike_stop(struct sim_gateway *gw);
void gateway_ike_die(struct sim_gateway *gw); /* what it put into the kernel stays */
bool gateway_ike_add(struct sim_gateway *gw, struct gateway_tunnel *tunnel);
/* Sends and acts upon all that the engine has put out, and waits for its next deadline. */
void gateway_ike_pump(struct sim_gateway *gw);

/* ---- charon.c ---- */

void gateway_charon_start(struct sim_gateway *gw); /* bypass-lan */
void gateway_charon_stop(struct sim_gateway *gw);  /* all policies and routes go */
void gateway_charon_die(struct sim_gateway *gw);   /* all stay, and are nobody's */
void gateway_charon_trap(struct sim_gateway *gw, struct gateway_tunnel *tunnel);
void gateway_charon_untrap(struct sim_gateway *gw, struct gateway_tunnel *tunnel);
bool gateway_charon_event(struct sim_gateway *gw, const struct ike_event *event);

/* ---- xfrm.c ---- */

void gateway_xfrm_init(struct sim_gateway *gw);
/* An opened packet goes in again. */
void gateway_xfrm_input(struct sim_gateway *gw, const struct esp_sa *sa, struct sim_packet *packet);
void gateway_xfrm_init_exit(struct gateway_tunnel *tunnel);

/* ---- tun.c ---- */

void gateway_tun_init(struct sim_gateway *gw);
void gateway_tun_stop(struct sim_gateway *gw);
void gateway_tun_input(struct sim_gateway *gw, const struct esp_sa *sa, struct sim_packet *packet);

/* ---- esp.c ---- */

void gateway_esp_init(struct sim_gateway *gw);
/* Counts the policy's use, and journals that it decided about the packet. */
void gateway_note_policy(struct sim_gateway *gw, const struct sim_packet *packet,
                         struct esp_policy *policy, uint16_t port);
/* Counts and journals the drop. */
void gateway_esp_drop(struct sim_gateway *gw, struct sim_packet *packet, enum esp_status status);
/*
 * Shows the inner packet to the tunnel's taps and seals it. NULL where that failed and it is
 * dropped; else the packet, perhaps another one, with its outer headers.
 */
struct sim_packet *gateway_esp_seal(struct sim_gateway *gw, struct gateway_tunnel *tunnel,
                                    struct esp_sa *sa, struct sim_packet *packet);
/* An ESP packet for this gateway, bytes from the outer IPv4 header on: opened and handed on. */
void gateway_esp_input(struct sim_gateway *gw, struct sim_packet *packet);

#endif
