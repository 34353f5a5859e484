/*
 * An IPv4 stack that behaves as Linux 6.1's does: what hosts and gateways have in common. Interfaces
 * and addresses, ARP, ordered routing tables, input, forwarding, output, fragments, ICMP, UDP ports,
 * and the hooks at which a gateway's policies and tunnels take part.
 *
 * A packet's way, with the hooks in capitals:
 *   in       frame -> header checks -> route (with source validation) -> delivery or forwarding
 *   deliver  reassembly -> IN (unless the receiver is a bypass) -> ICMP, UDP port, protocol
 *   forward  FORWARD -> TTL -> OUT -> size against the exit's or the path's MTU -> TTL - 1 -> transmit
 *   send     route and source address -> header -> OUT (unless NO_POLICY) -> size -> transmit
 *   transmit fragments -> neighbour -> port, or the virtual interface's own output
 *
 * Not modelled: TCP, IGMP, multicast routing, options acted upon, source routing, policy
 * rules beyond the order of tables, proxy ARP, IPv6. Sections: RFC 791, 792, 826, 1122, 1191, 1812.
 *
 * Inside a stack the bytes of a packet begin with its IPv4 header and end with its last byte. Every
 * function that is given a packet takes it, and drops are journaled with their reason.
 */
#ifndef SIM_STACK_H
#define SIM_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/ipv4.h"
#include "net/route.h"
#include "sim/journal.h"
#include "sim/node.h"

struct base_warm;
struct sim_stack;

/* Interfaces are numbered from 1 in the order in which they were added; 0 is `lo`, always there. */
#define SIM_STACK_LOOPBACK 0
#define SIM_STACK_INTERFACES_MAX 64

enum sim_stack_rp_filter {
    SIM_STACK_RP_OFF,
    SIM_STACK_RP_STRICT,
    SIM_STACK_RP_LOOSE
};

/* Tables in the order in which they are asked; `throw` and no match go on to the next. */
enum sim_stack_table {
    SIM_STACK_TABLE_LOCAL, /* own and broadcast addresses: filled by the stack */
    SIM_STACK_TABLE_VPN,   /* 220, charon's */
    SIM_STACK_TABLE_MAIN,
    SIM_STACK_TABLES
};
/* Sets of tables for look-ups. */
#define SIM_STACK_ALL_TABLES ((1u << SIM_STACK_TABLES) - 1)
#define SIM_STACK_WITHOUT_VPN (SIM_STACK_ALL_TABLES & ~(1u << SIM_STACK_TABLE_VPN))

/* net_route.tag of the routes that the stack makes itself for an address. */
#define SIM_STACK_TAG_KERNEL 1

#define SIM_STACK_STATUS_LIST(X)                                                                   \
    X(OK, "ok")                                                                                    \
    X(NET_UNREACHABLE, "Network is unreachable")  /* no route: ENETUNREACH */                      \
    X(HOST_UNREACHABLE, "No route to host")       /* an unreachable route: EHOSTUNREACH */         \
    X(BLACKHOLE, "Invalid argument")              /* a blackhole route: EINVAL */                  \
    X(MESSAGE_TOO_LONG, "Message too long")       /* DF, or more than 65,535: EMSGSIZE */          \
    X(EXISTS, "File exists")                      /* a route or port is there already */           \
    X(NO_SUCH, "No such process")                 /* no such route */                              \
    X(BAD_GATEWAY, "Nexthop has invalid gateway") /* the next hop is not on a network of ours */   \
    X(DOWN, "Network is down")                    /* the stack or the interface is down */         \
    X(DENIED, "Permission denied")                /* a broadcast without SO_BROADCAST: EACCES */

enum sim_stack_status {
#define X(name, text) SIM_STACK_##name,
    SIM_STACK_STATUS_LIST(X)
#undef X
};

const char *sim_stack_status_text(enum sim_stack_status status);

struct sim_stack_config {
    const char *name; /* the node's; copied */
    bool ip_forward;
    enum sim_stack_rp_filter rp_filter;
};

/* A stack is a node of the world. It is up from the start, with `lo` alone. */
struct sim_stack *sim_stack_new(struct sim_world *world, const struct sim_stack_config *config);
void sim_stack_free(struct sim_stack *stack);

struct sim_node *sim_stack_node(struct sim_stack *stack);
struct sim_world *sim_stack_world(struct sim_stack *stack);

/*
 * Power: down drops what waits (journaled), forgets neighbours, fragments and path MTUs, cancels all
 * timers and drops whatever arrives. Addresses and routes stay. Pings and flows are not its own:
 * end them first.
 */
void sim_stack_set_up(struct sim_stack *stack, bool up);
/* Gratuitous ARP for each own address on its Ethernet interface (RFC 5227 section 3): who knows it learns its MAC. */
void sim_stack_announce(struct sim_stack *stack);
bool sim_stack_is_up(const struct sim_stack *stack);
void sim_stack_set_forwarding(struct sim_stack *stack, bool forwarding);
void sim_stack_set_rp_filter(struct sim_stack *stack, enum sim_stack_rp_filter rp_filter);

/* ---- Interfaces and addresses ---- */

/* An Ethernet interface; its port is the stack's and is to be plugged in by the caller. The MAC
 * address may be written into the port before anything is sent. Returns the interface's number. */
uint16_t sim_stack_add_ethernet(struct sim_stack *stack, const char *name, uint16_t mtu);
struct sim_port *sim_stack_port(struct sim_stack *stack,
                                uint16_t interface); /* NULL: not Ethernet */

/* What a timer that sends gives to sim_warmer_wake (sim/warm.h); NULL: the world has no warmer. */
struct sim_warm_list *sim_stack_warm_list(struct sim_stack *stack);

/* A point-to-point interface without ARP: what is routed to it is given to `output`, which takes
 * it; what comes out of it is given to sim_stack_input(). */
typedef void sim_stack_output_fn(void *context, struct sim_stack *stack, struct sim_packet *packet);
uint16_t sim_stack_add_virtual(struct sim_stack *stack, const char *name, uint16_t mtu,
                               sim_stack_output_fn *output, void *context);

/* The interface of that name; false where there is none. Linear: not for packets. */
bool sim_stack_find_interface(const struct sim_stack *stack, const char *name, uint16_t *interface);
const char *sim_stack_interface_name(const struct sim_stack *stack, uint16_t interface);
uint16_t sim_stack_interface_count(const struct sim_stack *stack); /* with lo */
void sim_stack_set_mtu(struct sim_stack *stack, uint16_t interface, uint16_t mtu);

/*
 * Gives an interface an address within its subnet ("192.168.1.5/24"): also makes the local, broadcast
 * and connected routes, as `ip address add` does. The first one is the interface's primary address.
 */
void sim_stack_add_address(struct sim_stack *stack, uint16_t interface,
                           const struct net_prefix *address);
/* Takes it away with its routes, and the routes whose source it is; false: it was not there. */
bool sim_stack_remove_address(struct sim_stack *stack, uint16_t interface, net_ip4 address);
/* The i-th address of an interface; NULL past the end. Borrowed until addresses change. */
const struct net_prefix *sim_stack_address(const struct sim_stack *stack, uint16_t interface,
                                           size_t i);
/* Whether the address is one of the stack's own, on any interface. */
bool sim_stack_is_own(const struct sim_stack *stack, net_ip4 address);

/* ---- Routes ---- */

/* `ip route add <to> via <via> [src <source>]`: the interface is found as Linux finds it, by the
 * next hop, which must be on a connected network. An own address is one as well: the route is then one
 * without a gateway, on that address's link. via 0 is not allowed. OK, EXISTS, BAD_GATEWAY. */
enum sim_stack_status sim_stack_route_add_via(struct sim_stack *stack, enum sim_stack_table table,
                                              const struct net_prefix *to, net_ip4 via,
                                              net_ip4 source, uint32_t tag);
/* The same with everything given ("dev wan"; throw, blackhole). OK, EXISTS. */
enum sim_stack_status sim_stack_route_add(struct sim_stack *stack, enum sim_stack_table table,
                                          const struct net_route *route);
/* OK, NO_SUCH. */
enum sim_stack_status sim_stack_route_remove(struct sim_stack *stack, enum sim_stack_table table,
                                             const struct net_prefix *to);
/* For reading; changes go through the functions above. */
const struct net_route_table *sim_stack_table(const struct sim_stack *stack,
                                              enum sim_stack_table table);

/* What `ip route get <dst> [from <src>]` says, by the given set of tables. */
struct sim_stack_route {
    uint8_t kind;  /* enum net_route_kind: UNICAST, LOCAL, BROADCAST, UNREACHABLE, BLACKHOLE */
    uint8_t table; /* enum sim_stack_table where it was found */
    uint8_t prefix_length;
    bool redirect; /* of what comes in: its sender is to hear of next_hop (RFC 1812, 5.2.7.2) */
    uint16_t interface; /* LOCAL: lo */
    bool redirected;    /* of what is sent: next_hop is what a redirect said */
    net_ip4 next_hop;   /* the destination itself where it is on link; 0 on a virtual interface */
    net_ip4 source;     /* what a packet without one would be sent from */
    uint32_t tag;
    uint32_t mtu; /* the interface's, or the path's where one was learned for dst */
};

/* OK, NET_UNREACHABLE (no match in any), HOST_UNREACHABLE, BLACKHOLE; *out set for OK alone. */
enum sim_stack_status sim_stack_route_get(struct sim_stack *stack, net_ip4 dst, unsigned tables,
                                          struct sim_stack_route *out)
    __attribute__((warn_unused_result));

/* ---- Sending ---- */

enum sim_stack_df {
    SIM_STACK_DF_DONT, /* never set; larger packets are fragmented */
    SIM_STACK_DF_WANT, /* Linux's default: set where the packet fits the path, else fragmented */
    SIM_STACK_DF_DO    /* always set; larger ones are refused with MESSAGE_TOO_LONG */
};

enum sim_stack_flag {
    SIM_STACK_NO_POLICY = 1 << 0, /* passes the out hook by: IKE's own sockets, sealed packets */
    SIM_STACK_NO_VPN = 1 << 1     /* routes without table VPN (a socket with charon's fwmark) */
};

struct sim_stack_send {
    net_ip4 src; /* 0: the route's */
    net_ip4 dst;
    uint8_t protocol;
    uint8_t ttl; /* 0: 64 */
    uint8_t tos;
    enum sim_stack_df df;
    unsigned flags; /* enum sim_stack_flag */
};

/*
 * Sends `packet`, which holds the payload alone (from ICMP's or UDP's header on), at least
 * NET_IPV4_SIZE bytes of headroom before it. *mtu (may be NULL) is what it would have had to fit where
 * the status is MESSAGE_TOO_LONG. OK says no more than that it was sent, waits for a neighbour, or was
 * taken by the out hook.
 */
enum sim_stack_status sim_stack_send(struct sim_stack *stack, struct sim_packet *packet,
                                     const struct sim_stack_send *how, uint32_t *mtu);

/* Sends a packet whose IPv4 header is there already (ESP). Fragmented where it is too big and
 * without DF; dropped where DF is set. `flags` as above. */
enum sim_stack_status sim_stack_send_packet(struct sim_stack *stack, struct sim_packet *packet,
                                            unsigned flags);

struct sim_stack_udp {
    net_ip4 src, dst; /* src 0: the route's */
    uint16_t src_port, dst_port;
    uint8_t ttl, tos;
    enum sim_stack_df df;
    bool no_checksum; /* ESP in UDP */
    unsigned flags;
};

/* Sends the payload in `packet` as a datagram: as sim_stack_send, with 8 bytes more of headroom. */
enum sim_stack_status sim_stack_udp_send(struct sim_stack *stack, struct sim_packet *packet,
                                         const struct sim_stack_udp *how, uint32_t *mtu);

/* ---- Receiving ---- */

/*
 * A packet enters as if it came in at `interface`: out of a virtual interface, or opened (its secpath
 * then says by which SA: source validation is then skipped as in Linux, and the hooks see it).
 */
void sim_stack_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *packet);

/* A whole packet for a protocol other than ICMP and UDP. The in hook is not asked: ESP has no policy.
 * `ip` is the packet's header. The handler takes the packet. */
typedef void sim_stack_protocol_fn(void *context, struct sim_stack *stack, uint16_t interface,
                                   const struct net_ipv4 *ip, struct sim_packet *packet);
/*
 * An ICMP error about a packet of ours: borrowed, valid during the call. Where a handler for errors is
 * bound, learning a path MTU from fragmentation needed is its matter (sim_stack_learn_path_mtu), as
 * Linux leaves it to each protocol; else the stack learns.
 */
struct sim_stack_icmp_error {
    net_ip4 from;
    uint8_t type, code;
    uint16_t mtu;                  /* fragmentation needed: next hop's, as guessed where it was 0 */
    net_ip4 gateway;               /* redirect: the better next hop */
    struct net_ipv4 quoted;        /* header of our packet */
    const uint8_t *quoted_payload; /* what was quoted behind it */
    size_t quoted_payload_size;
    uint64_t packet; /* id of the error's packet */
    base_ns at;
};
typedef void sim_stack_error_fn(void *context, struct sim_stack *stack,
                                const struct sim_stack_icmp_error *error);

/* One handler a protocol; `error` may be NULL. EXISTS when there is one. */
enum sim_stack_status sim_stack_bind_protocol(struct sim_stack *stack, uint8_t protocol,
                                              sim_stack_protocol_fn *input,
                                              sim_stack_error_fn *error, void *context);

/* A datagram for a bound port: whole, checksum right. The handler takes the packet, whose bytes begin
 * with the IPv4 header; `data` points into it. */
struct sim_stack_datagram {
    uint16_t interface;
    net_ip4 src, dst;
    uint16_t src_port, dst_port;
    uint8_t tos, ttl;
    const uint8_t *data; /* UDP payload */
    size_t size;
};
typedef void sim_stack_udp_fn(void *context, struct sim_stack *stack,
                              const struct sim_stack_datagram *datagram, struct sim_packet *packet);

struct sim_stack_socket {
    uint16_t port; /* 0: the stack chooses a free one from 32,768 on */
    bool bypass;   /* the in hook is not asked (charon's sockets have bypass policies) */
    sim_stack_udp_fn *input;
    sim_stack_error_fn *error; /* may be NULL */
    void *context;
};

/* Binds a port on all addresses; `socket` is copied. Returns the port, 0 where it is taken. */
uint16_t sim_stack_bind_udp(struct sim_stack *stack, const struct sim_stack_socket *socket);
void sim_stack_unbind_udp(struct sim_stack *stack, uint16_t port);

/* A client of ICMP echo (sim/ping.h); embedded in its owner, found by its identifier. */
struct sim_stack_echo {
    uint16_t id;           /* set by sim_stack_bind_echo */
    uint16_t touched_size; /* bytes from here on that a reply touches, for warming; may be 0 */
    /* A reply with this identifier; `icmp` is the ICMP message. The packet is borrowed. */
    void (*reply)(struct sim_stack_echo *echo, const struct net_ipv4 *ip, const uint8_t *icmp,
                  size_t icmp_size, const struct sim_packet *packet);
    /* An ICMP error, or a redirect, that quotes a request with this identifier. */
    void (*error)(struct sim_stack_echo *echo, const struct sim_stack_icmp_error *error,
                  uint16_t sequence);
    struct sim_stack_echo *next; /* the stack's */
};

void sim_stack_bind_echo(struct sim_stack *stack, struct sim_stack_echo *echo);
void sim_stack_unbind_echo(struct sim_stack *stack, struct sim_stack_echo *echo);

/* ---- Hooks ---- */

/* Where an out hook wants a packet to go instead of its route: an SA (Linux: the bundle of an xfrm
 * policy). It outlives the packets that are sent through it, or the packet's handling at least. */
struct sim_stack_exit {
    uint32_t mtu; /* largest IP packet that fits: larger ones with DF get fragmentation needed */
    /* Takes the packet (TTL already lowered). Larger ones without DF come whole, as in Linux. */
    void (*output)(struct sim_stack_exit *exit, struct sim_stack *stack, struct sim_packet *packet);
};

/*
 * Each gets the packet and returns true to let it go on. On false the hook has taken the packet: it
 * dropped it (with sim_drop and its reason) or keeps it. NULL hooks let everything pass. Packets with
 * secpath_reqid came out of an SA.
 */
struct sim_stack_hooks {
    void *context;
    bool looped; /* the in hook is asked about what came by lo too */
    /* Before delivery to ICMP, to a UDP port without bypass, or to nobody. */
    bool (*in)(void *context, struct sim_stack *stack, struct sim_packet *packet);
    /* Before anything else happens to a packet to be forwarded. */
    bool (*forward)(void *context, struct sim_stack *stack, struct sim_packet *packet);
    /* For what is forwarded or sent, once its route is known; may set *exit (NULL on entry). */
    bool (*out)(void *context, struct sim_stack *stack, struct sim_packet *packet,
                const struct sim_stack_route *route, struct sim_stack_exit **exit);
    /* Adds what the other hooks touch for packets that come in there, as struct sim_node's. */
    void (*list_memory)(void *context, uint16_t interface, struct base_warm *set);
};

void sim_stack_set_hooks(struct sim_stack *stack, const struct sim_stack_hooks *hooks); /* copied */

/* ---- ICMP errors, path MTU, neighbours ---- */

/*
 * Sends an ICMP error about `about` (borrowed, bytes from its IPv4 header on) where RFC 1122 3.2.2 and
 * Linux allow one: not about ICMP errors, fragments but the first, broadcasts or packets from no
 * single host; at most a burst of 6 and then one a second to one destination, fragmentation needed
 * excepted. Redirects are the stack's own matter. Its source is where `about` went when that was to an own address, else what the route to
 * its sender says (so with table VPN in the way not always the interface that it came in by); it
 * quotes as much as fits in 576 bytes and meets the out hook like any other packet.
 */
void sim_stack_send_icmp_error(struct sim_stack *stack, const struct sim_packet *about,
                               uint8_t type, uint8_t code, uint16_t mtu);

/* The path MTU learned for this destination, or 0. */
uint32_t sim_stack_path_mtu(const struct sim_stack *stack, net_ip4 dst);
/* Learns one, as from fragmentation needed: 552 at least, kept for 600 s. */
void sim_stack_learn_path_mtu(struct sim_stack *stack, net_ip4 dst, uint32_t mtu);

/* The MAC address known for a neighbour; false where it is not resolved (`ip neigh`). */
bool sim_stack_neighbour(const struct sim_stack *stack, uint16_t interface, net_ip4 address,
                         uint8_t mac[static 6]);

/* Counters, as `nstat` has them. */
struct sim_stack_counters {
    uint64_t in_receives, in_delivers, forwarded, out_requests; /* of what goes well */
    uint64_t in_header_errors, in_address_errors, in_no_routes;
    uint64_t out_no_routes, out_discards;
    uint64_t fragments_made, fragment_fails, reassembled, reassembly_fails;
    uint64_t icmp_errors_sent, icmp_errors_limited, icmp_errors_received;
    uint64_t redirects_sent, redirects_taken;
    uint64_t arp_requests_sent, arp_replies_sent, neighbour_failures;
};
const struct sim_stack_counters *sim_stack_counters(const struct sim_stack *stack);

#endif
