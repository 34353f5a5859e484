/*
 * What the parts of the IPv4 stack share: its state, and the calls from one part to the next. Only
 * sim/stack*.c include this.
 */
#ifndef SIM_STACK_CORE_H
#define SIM_STACK_CORE_H

#include "base/map.h"
#include "base/mem.h"
#include "net/ether.h"
#include "net/frag.h"
#include "net/icmp.h"
#include "sim/stack.h"

enum {
    STACK_ROUTE_CACHE = 16,    /* decisions remembered: a power of two */
    STACK_ROUTE_WAYS = 4,      /* places where one of them may be */
    STACK_NEIGHBOUR_CACHE = 4, /* the same for neighbours */
    STACK_INTERFACES_FEW = 4,  /* a gateway has lo, lan, wan, and perhaps ipsec0 */
    STACK_PROTOCOLS_FEW = 1,   /* ESP */
    STACK_KEY_OUTPUT = 0x8000, /* bit of stack_decision.key; the rest is the set of tables */
    STACK_ERROR_PEERS_MAX = 65536 + 128, /* inet_peer_threshold; then all are forgotten */
    STACK_TTL = 64                       /* net.ipv4.ip_default_ttl */
};

enum stack_interface_kind {
    STACK_LOOPBACK,
    STACK_ETHERNET,
    STACK_VIRTUAL
};

struct stack_interface {
    enum stack_interface_kind kind;
    uint16_t number;
    uint16_t mtu;
    struct sim_port port; /* ETHERNET */
    char *name;
    sim_stack_output_fn *output; /* VIRTUAL */
    void *context;
    struct net_prefix *addresses;
    size_t address_count, address_capacity;
};

/* Linux's NUD states that matter here; CONNECTED ones send without a second thought. */
enum stack_neighbour_state {
    NEIGHBOUR_FAILED,
    NEIGHBOUR_INCOMPLETE,
    NEIGHBOUR_STALE,
    NEIGHBOUR_REACHABLE,
    NEIGHBOUR_DELAY,
    NEIGHBOUR_PROBE
};

struct stack_neighbour {
    uint64_t key; /* interface << 32 | ip */
    net_ip4 ip;
    uint16_t interface;
    uint8_t state; /* enum stack_neighbour_state */
    uint8_t probes;
    uint8_t header[NET_ETHER_SIZE]; /* ready to be put in front of a packet */
    base_ns fresh_until;            /* may be sent to without a look at its state until then */
    base_ns used;
    struct sim_stack *stack;
    base_ns confirmed, updated;
    struct sim_event timer; /* INCOMPLETE, DELAY, PROBE */
    struct sim_packet_list queue;
    uint32_t queue_bytes;
};

/* What is to be done with a packet that came in. */
enum stack_verdict {
    STACK_LOCAL,
    STACK_BROADCAST,
    STACK_FORWARD,
    STACK_NOT_FORWARDING,
    STACK_NO_ROUTE,
    STACK_HOST_UNREACHABLE,
    STACK_SILENT, /* blackhole */
    STACK_MARTIAN,
    STACK_MARTIAN_DESTINATION,
    STACK_RP_FILTER
};

/* A decision, of input (then verdict counts) or of output (then status does): one cache line. */
struct stack_decision {
    _Alignas(BASE_LINE_SIZE) net_ip4 dst;
    net_ip4 src;
    uint32_t generation;
    uint16_t key; /* input: interface << 1 | secpath; output: STACK_KEY_OUTPUT | set of tables */
    uint8_t verdict;
    uint8_t status; /* enum sim_stack_status */
    base_ns until;  /* a path MTU or a redirect in it expires then */
    struct sim_stack_route route;
};

struct stack_path_mtu {
    uint32_t mtu;
    base_ns expires;
};

struct stack_protocol {
    uint8_t protocol;
    sim_stack_protocol_fn *input;
    sim_stack_error_fn *error;
    void *context;
};

/* An address that ICMP errors and redirects were sent to: its token bucket of errors, and how many redirects it
 * was sent and did not heed (struct inet_peer). */
struct stack_error_peer {
    uint32_t redirects;
    base_ns tokens_ns, last;
};

/* A next hop that a redirect gave for one destination, in the place of the route's (fib_nh_exception). */
struct stack_redirect {
    net_ip4 dst, gateway;
    net_ip4 via, source; /* of the route that it stands for, with its interface */
    uint16_t interface;
    base_ns expires;
};

struct sim_stack {
    /* what packets touch, together */
    struct sim_node node;
    struct sim_world *world;
    bool up, forwarding;
    uint16_t ip_id;
    uint32_t generation; /* of all that a decision depends on */
    struct stack_interface **interfaces;
    struct stack_protocol *protocols; /* at first the few ones */
    struct sim_stack_echo *echoes;
    uint16_t protocol_count, interface_count;
    struct stack_protocol protocols_few[STACK_PROTOCOLS_FEW];
    struct sim_stack_hooks hooks;
    struct stack_neighbour *neighbour_cache[STACK_NEIGHBOUR_CACHE];
    struct sim_stack_counters counters; /* the first line of them */

    _Alignas(BASE_LINE_SIZE) uint16_t decision_tags[STACK_ROUTE_CACHE]; /* 0: nothing there yet */
    struct stack_interface *interfaces_few[STACK_INTERFACES_FEW];
    struct stack_decision decisions[STACK_ROUTE_CACHE];

    struct sim_carrier loopback;
    enum sim_stack_rp_filter rp_filter;
    uint16_t echo_id, next_port;
    size_t interface_capacity, protocol_capacity;
    struct net_route_table tables[SIM_STACK_TABLES];
    struct base_map neighbours;        /* by interface and address */
    base_ns reachable_ns;              /* drawn from half to one and a half of 30 s, as Linux */
    struct net_reassembly *reassembly; /* NULL until the first fragment */
    struct sim_event reassembly_timer;
    struct base_map path_mtus;   /* by destination */
    struct base_map redirects;   /* taken, by destination */
    struct base_map sockets;     /* by port */
    struct base_map error_peers; /* by address */
};

static inline struct stack_interface *stack_interface(const struct sim_stack *stack, uint16_t i)
{
    return stack->interfaces[i];
}

/* The index of an interface's port in the journal: the interface's own number less lo. */
static inline uint16_t stack_port_index(uint16_t interface)
{
    return interface ? (uint16_t)(interface - 1) : UINT16_MAX;
}

static inline void stack_note(struct sim_stack *stack, const struct sim_packet *packet,
                              uint16_t interface, enum sim_kind kind, uint64_t a, uint64_t b)
{
    sim_note(stack->world, packet, stack->node.id, stack_port_index(interface), kind,
             SIM_REASON_NONE, a, b);
}

/* Notes a route that was found for a packet from `src` to `dst`. */
static inline void stack_note_route(struct sim_stack *stack, const struct sim_packet *packet,
                                    const struct sim_stack_route *route, net_ip4 src, net_ip4 dst)
{
    stack_note(stack, packet, route->interface, SIM_KIND_ROUTED, (uint64_t)src << 32 | dst,
               sim_route_note_b(route->next_hop, route->table, route->prefix_length) |
                   (route->redirected ? SIM_ROUTE_NOTE_REDIRECTED : 0));
}

static inline void stack_drop(struct sim_stack *stack, struct sim_packet *packet,
                              uint16_t interface, enum sim_reason reason, uint64_t a)
{
    sim_drop(stack->world, packet, stack->node.id, stack_port_index(interface), reason, a, 0);
}

/* ---- stack_interface.c ---- */

struct stack_interface *stack_add_interface(struct sim_stack *stack, enum stack_interface_kind kind,
                                            const char *name, uint16_t mtu);

/* ---- stack_warm.c ---- */

/* The node's list_memory. */
void stack_list_memory(struct sim_node *node, uint16_t port, struct base_warm *set);

/* ---- stack_route.c ---- */

/* The decision for a packet that came in by `interface`; borrowed until the next decision. */
const struct stack_decision *stack_decide_input(struct sim_stack *stack, net_ip4 dst, net_ip4 src,
                                                uint16_t interface, bool secpath);
/* The decision for a packet to be sent by these tables; borrowed until the next decision. */
const struct stack_decision *stack_decide_output(struct sim_stack *stack, net_ip4 dst,
                                                 unsigned tables);
/* The longest match in the first of `tables` that has one which is no throw; NULL: none. */
const struct net_route *stack_lookup(const struct sim_stack *stack, net_ip4 dst, unsigned tables,
                                     uint8_t *table);
/* The address that Linux's inet_select_addr() gives towards `target`; 0: there is none at all. */
net_ip4 stack_select_source(const struct sim_stack *stack, uint16_t interface, net_ip4 target);

/* ---- stack_neighbour.c, stack_arp.c ---- */

/* Sends an IP packet to a next hop on an Ethernet interface, now or when it is resolved. Takes it. */
void stack_neighbour_send(struct sim_stack *stack, uint16_t interface, net_ip4 next_hop,
                          struct sim_packet *packet);
struct stack_neighbour *stack_neighbour_find(const struct sim_stack *stack, uint16_t interface,
                                             net_ip4 ip);
/* What an ARP message says about a neighbour. */
struct stack_hearsay {
    uint16_t interface;
    net_ip4 ip;
    const uint8_t *mac;
    bool reachable; /* a reply to us */
    bool override;  /* also where the last change was less than a second ago */
    bool create;    /* also where nothing is known of it */
    const struct sim_packet *by;
};
/* Whether that neighbour is resolved; where it is not, it is asked for and nothing waits. */
bool stack_neighbour_prompt(struct sim_stack *stack, uint16_t interface, net_ip4 ip);
void stack_neighbour_learn(struct sim_stack *stack, const struct stack_hearsay *heard);
void stack_neighbours_flush(struct sim_stack *stack); /* journals what waits */
void stack_arp_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *frame);
void stack_arp_request(struct sim_stack *stack, const struct stack_neighbour *neighbour,
                       const uint8_t *to);

/* ---- stack_input.c ---- */

/* An IP packet at an interface; group: its frame was not to this host alone. Takes it. */
void stack_ip_input(struct sim_stack *stack, uint16_t interface, struct sim_packet *packet,
                    bool group);
/* For this host, by any way. Takes it. */
void stack_deliver(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                   struct sim_packet *packet, bool broadcast);
void stack_reassembly_reset(struct sim_stack *stack);
sim_event_fn stack_reassembly_expire; /* run by the timer */

/* ---- stack_forward.c, stack_output.c ---- */

void stack_forward(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                   const struct sim_stack_route *route, struct sim_packet *packet);
/* Out of the route's interface, in fragments where it is larger than `mtu`. Takes it. */
void stack_transmit(struct sim_stack *stack, const struct sim_stack_route *route, uint32_t mtu,
                    struct sim_packet *packet);
/* Sends the packet with its header; `route` is the decision's. Takes it. */
void stack_loop(struct sim_stack *stack, struct sim_packet *packet);
uint16_t stack_next_id(struct sim_stack *stack);

/* ---- stack_redirect.c ---- */

/* Whether what came in from src, and leaves by the same interface, could have been sent straight to the
 * next hop: src is on that link. */
bool stack_is_on_link(const struct sim_stack *stack, net_ip4 src, uint16_t interface);
/* Sends the packet's sender a redirect to the route's next hop, where the rate allows. The packet is borrowed, as it
 * is forwarded. */
void stack_redirect_send(struct sim_stack *stack, const struct net_ipv4 *ip,
                         const struct sim_stack_route *route, const struct sim_packet *packet);
/* A redirect about a packet of ours. */
void stack_redirect_take(struct sim_stack *stack, const struct sim_stack_icmp_error *error,
                         const struct sim_packet *packet);
/* What was taken for dst, where `route` is its route; NULL: nothing. */
struct stack_redirect *stack_redirect_find(const struct sim_stack *stack, net_ip4 dst,
                                           const struct net_route *route);
/* Forgets those whose route is gone. */
void stack_redirects_sweep(struct sim_stack *stack);
void stack_redirects_flush(struct sim_stack *stack);

/* ---- stack_icmp.c, stack_icmp_error.c, stack_udp.c ---- */

/* Sends an ICMP error, or a redirect, about `about` where one is allowed (icmp_send). */
void stack_icmp_error_send(struct sim_stack *stack, const struct sim_packet *about,
                           const struct net_icmp *icmp);
/* ip_error(): about a packet from `src` that no route leads on, where its own rate allows. */
void stack_no_route_error(struct sim_stack *stack, const struct sim_packet *about, net_ip4 src,
                          uint8_t code);
/* The time as Linux counts it where it limits rates: Debian's CONFIG_HZ is 250. */
static inline base_ns stack_jiffies(const struct sim_stack *stack)
{
    return stack->world->now - stack->world->now % (4 * BASE_MS);
}

/* The entry of an address that ICMP errors go to: found, or made with a full bucket. Valid until the next call. */
struct stack_error_peer *stack_error_peer(struct sim_stack *stack, net_ip4 ip);
void stack_error_peers_flush(struct sim_stack *stack);

/* An ICMP message or a datagram for this host. They take the packet. */
void stack_icmp_input(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                      struct sim_packet *packet, bool broadcast);
void stack_icmp_error_input(struct sim_stack *stack, const struct net_ipv4 *ip,
                            const struct net_icmp *icmp, struct sim_packet *packet);
void stack_udp_input(struct sim_stack *stack, uint16_t interface, const struct net_ipv4 *ip,
                     struct sim_packet *packet, bool broadcast);
void stack_sockets_free(struct sim_stack *stack);
bool stack_has_socket(const struct sim_stack *stack, uint16_t port);
void stack_udp_error(struct sim_stack *stack, const struct sim_stack_icmp_error *error);
/* The in hook's word on a packet that came in by `interface`; false: it took the packet. */
static inline bool stack_allowed_in(struct sim_stack *stack, uint16_t interface,
                                    struct sim_packet *packet)
{
    return (interface == SIM_STACK_LOOPBACK && !stack->hooks.looped) || !stack->hooks.in ||
           stack->hooks.in(stack->hooks.context, stack, packet);
}

void stack_path_mtus_flush(struct sim_stack *stack);
/* The path MTU to dst and until when it holds; 0: none. */
uint32_t stack_path_mtu(const struct sim_stack *stack, net_ip4 dst, base_ns *until);

#endif
