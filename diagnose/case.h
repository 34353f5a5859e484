/* What the rules work on. Private to diagnose/. */
#ifndef DIAGNOSE_CASE_H
#define DIAGNOSE_CASE_H

#include "diagnose/diagnose.h"
#include "sim/journal.h"

/* A record in its place in the order of a trip. */
struct diag_stop {
    const struct sim_record *record;
    uint32_t order;
};

/* What became of one request: it, what it was sealed into, its answer. */
struct diag_trip {
    const struct diag_probe *probe;
    size_t probe_index;
    uint64_t packet, number; /* number from 1; packet 0: none was sent */
    base_ns sent_at;
    struct diag_stop *stops; /* in order of time */
    size_t count, capacity;
    const struct sim_record *end;     /* what stopped it, or NULL */
    const struct sim_record *arp_end; /* what stopped a question by ARP that it had to wait for */
    const struct sim_record *arp_turned; /* and which link corrupted it, or its answer */
    uint64_t arps[8];                    /* questions by ARP that it waited for: the first ones */
    size_t arp_count;
    const struct sim_record *error;     /* an ICMP error that was sent about it */
    const struct sim_record *error_end; /* what stopped that error, or NULL */
    const struct sim_record *elsewhere; /* it was delivered to another node than was meant, alone */
    bool error_arrived;
    bool arrived;    /* the request, at its destination */
    bool good;       /* and its answer in time, or the datagram */
    bool late;       /* the answer, or the datagram, after its probe had ended */
    base_ns late_at; /* when */
};

struct diag_case {
    const struct diag_input *given;
    struct diag_input now;                /* with the model that stood when the request was sent */
    const struct diag_input *in;          /* that */
    const struct diag_standing *standing; /* the change that made it so; NULL: none */
    const struct sim_journal *journal;
    struct sim_journal_index *index;
    struct diag_index *whole; /* of the journal: see diagnose/index.h */
    struct diag_report *out;
    const char **names; /* of nodes and links by their number: copies that outlive the world */
    size_t said;        /* how often a rule named a cause, known ones too */
};

/* One of the two ways of a trip: the request's, or the answer's. */
struct diag_leg {
    const struct diag_trip *trip;
    bool reply;
    net_ip4 src, dst;
    struct topo_node from, to; /* `to` is unset (vdc NULL) where no node has the address */
    const char *from_name, *to_name;
    struct topo_node origin; /* who sent it: `from`, or behind a hub whoever was before it */
    const char *origin_name;
    uint16_t from_id;                 /* in the journal */
    const struct diag_look *look;     /* the sender's route to dst */
    bool apart;                       /* in different VDCs, and not both public addresses */
    const struct topo_tunnel *tunnel; /* of the sender's gateway, which is to carry it; or NULL */
    const struct topo_vdc *peer;      /* whose gateway is at its other end; else the receiver's */
    const struct topo_tunnel *back;   /* of that gateway, leading back (or to nobody); or NULL */
    const struct topo_tunnel *stray;  /* of that gateway, where none leads back: the nearest one */
    unsigned stage;                   /* the first one of this leg */
};

/* Stages of a packet's way, to be added to a leg's. */
enum diag_stage {
    DIAG_STAGE_HOST = 10,
    DIAG_STAGE_NEAR = 20,
    DIAG_STAGE_IKE = 30,
    DIAG_STAGE_LINK = 50,
    DIAG_STAGE_FAR = 60,
    DIAG_STAGE_HUB =
        30, /* of the next tunnel, where a gateway between sends it on: added once more */
    DIAG_STAGE_REPLY = 100, /* of the way back */
};

/* ---- trip.c ---- */

/* Follows a request through the journal; to be ended with diag_trip_fini. */
void diag_trip_follow(const struct diag_case *c, struct diag_trip *trip);
/* Which link corrupted a packet or what came of it; NULL: none did. */
const struct sim_record *diag_turned(const struct diag_case *c, uint64_t packet);
/* Whether an ICMP error about a packet has arrived at the node that sent it. */
bool diag_error_arrived(const struct diag_case *c, uint64_t packet, uint16_t sender);
/* What stopped a packet and all that came of it: the last such record; NULL: nothing did. */
const struct sim_record *diag_fate(const struct diag_case *c, uint64_t packet);
void diag_trip_fini(struct diag_trip *trip);
/* The name of a record's node or link. */
const char *diag_place(const struct diag_case *c, const struct sim_record *record);
/* The name of the interface that a record's port is; NULL where the node has none of it. */
const char *diag_interface(const struct diag_case *c, const struct sim_record *record);
/* Whether that is a link. */
bool diag_is_link(const struct diag_case *c, uint16_t node);
uint16_t diag_node_id(const struct diag_case *c, const char *name);
enum sim_origin diag_origin(const struct diag_case *c, uint64_t packet);
/* The first record of a packet that has records; of a fragment, a whole packet or a copy, that of what it was made from. */
const struct sim_record *diag_sent_as(const struct diag_case *c, uint64_t packet);

/* ---- account.c, fold.c ---- */

/* The account of a trip, in the report's arena. */
void diag_account_tell(const struct diag_case *c, const struct diag_trip *trip,
                       struct diag_account *account);
/* Folds laps that repeat; lines in place, the new count is returned. */
size_t diag_fold(struct base_arena *arena, struct diag_line *lines, size_t count);

/* ---- leg.c ---- */

void diag_leg_init(const struct diag_case *c, struct diag_leg *leg, const struct diag_trip *trip,
                   bool reply);
/* The way on from the tunnel's other end, where that is a hub on the way to somebody else; false: it is not. */
bool diag_leg_next(const struct diag_case *c, const struct diag_leg *leg, struct diag_leg *next);
bool diag_covers(const struct topo_cidr *list, size_t count, net_ip4 address);
bool diag_meet(const struct topo_cidr *a, size_t a_count, const struct topo_cidr *b,
               size_t b_count);
const struct topo_cidr *diag_any(const struct topo_cidr *list, size_t count);
/* The list with one more item; "" is the empty one. */
const char *diag_join(const struct diag_case *c, const char *list, const char *separator,
                      const char *item);
const char *diag_list(const struct diag_case *c, const struct topo_cidr *list, size_t count);
/* The LANs that a VDC's gateway is connected to, as a list. */
const char *diag_networks(const struct diag_case *c, const struct topo_vdc *vdc);
/* The LAN of a VDC that the address is in, or NULL. */
const struct topo_lan *diag_lan_of(const struct topo_vdc *vdc, net_ip4 address);
const char *diag_ip(const struct diag_case *c, net_ip4 address);
const char *diag_net(const struct diag_case *c, const struct net_prefix *prefix);
/* A length of time, exactly, as a scenario has it: "165s". */
const char *diag_time(const struct diag_case *c, base_ns length);
/* A moment, as an account has it but rounded: "8.012 s". */
const char *diag_clock(const struct diag_case *c, base_ns at);
/* A name as a key of a path for `--set`: in quotes where it holds dots. */
const char *diag_key(const struct diag_case *c, const char *name);
/* "vdcs.txl.gateway.tunnels.lhr-tunnel.<field>=<value>" */
char *diag_set_tunnel(const struct diag_case *c, const struct topo_vdc *vdc,
                      const struct topo_tunnel *tunnel, const char *field, const char *value);
char *diag_set_gateway(const struct diag_case *c, const struct topo_vdc *vdc, const char *field,
                       const char *value);
char *diag_set_host(const struct diag_case *c, const struct topo_vdc *vdc,
                    const struct topo_host *host, const char *network, const char *via);

/* ---- peers.c ---- */

/* Whether its remoteHost is the address of that VDC's gateway. */
bool diag_leads_to(const struct topo_tunnel *tunnel, const struct topo_vdc *vdc);
/* A tunnel of `vdc` that leads to the gateway of `to`, or NULL. */
const struct topo_tunnel *diag_tunnel_to(const struct topo_vdc *vdc, const struct topo_vdc *to);
/* Whether, of two VDCs, that one stands first in the file. */
bool diag_is_first(const struct diag_case *c, const struct topo_vdc *one,
                   const struct topo_vdc *other);
/* What `other` can have to do with behind the gateway of `vdc`: its LANs, and what its other tunnels lead to. */
const char *diag_networks_behind(const struct diag_case *c, const struct topo_vdc *vdc,
                                 const struct topo_vdc *other);
/* A list of networks behind the gateway of `owner`, without those that are at `other`'s; all of them, where the list is
 * "any", or none is left. */
const char *diag_networks_of(const struct diag_case *c, const struct topo_cidr *list, size_t count,
                             const struct topo_vdc *owner, const struct topo_vdc *other);
/* Whether a network is somebody's whom `other` can have to do with behind the gateway of `vdc`. */
bool diag_is_behind(const struct diag_case *c, const struct topo_vdc *vdc,
                    const struct topo_vdc *other, const struct net_prefix *prefix);
/* The tunnels and the peer of a leg whose ends are known. */
void diag_find_tunnels(const struct diag_case *c, struct diag_leg *leg);

/* ---- faults.c ---- */

/* The fault of a step that explains the record: the one that it names, else it stood there then, and does that kind of
 * thing; NULL: none. */
const struct diag_fault *diag_fault_at(const struct diag_case *c, const struct sim_record *record);
/* The fault of these kinds that counted on the record's link then; NULL: none. */
const struct diag_fault *diag_fault_setting(const struct diag_case *c, uint32_t kinds,
                                            const struct sim_record *record);
/* The fault of these kinds that a node had then; NULL: none. */
const struct diag_fault *diag_fault_of(const struct diag_case *c, uint32_t kinds, const char *node,
                                       base_ns at);
/* The fault that made a link slow for what a node sent there at that time; NULL: none. */
const struct diag_fault *diag_fault_slowing(const struct diag_case *c, const char *link,
                                            uint16_t sender, base_ns at);

/* ---- rules ---- */

/* Adds a cause, unless it is there already: then the place on the way that comes first counts. */
void diag_say(struct diag_case *c, const struct diag_leg *leg, enum diag_code code, unsigned stage,
              struct base_where where, const char *set, const struct diag_word *words);

/* Whether a cause of that code and place is there: then it is that of this leg too. */
bool diag_is_said(struct diag_case *c, const struct diag_leg *leg, enum diag_code code,
                  struct base_where where);

/* That a gateway restarted and lost its SAs, and what that did; `other` is its peer. */
void diag_say_restart(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                      const struct diag_row *lost, const char *other, const char *detail);
/* That a gateway's IKE daemon died, and what that did. */
void diag_say_daemon(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                     const struct diag_row *off, const char *detail);
/* That a node was off, since that row and then. */
void diag_say_off(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                  const struct diag_row *off, base_ns at);
/* That the link or node that the record is of was down, and from when to when. */
void diag_say_outage(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                     const struct sim_record *end);

/* That a packet was too large for a link: `detail` says what became of the ICMP error. */
void diag_say_black_hole(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                         const struct sim_record *end, const char *detail);
/* What a link corrupted, `turned`, was refused at `end`. */
void diag_say_corruption(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                         const struct sim_record *turned, const struct sim_record *end);
/* Which link corrupted the packet that ended there since somebody found that out, or what it was made of; NULL: none did. */
const struct sim_record *diag_corruption(const struct diag_case *c, const struct sim_record *end);

/* The place in the file: of the fault or the firewall's rule that stopped it, else of the link itself. */
struct base_where diag_fault_place(const struct diag_case *c, const struct sim_record *record);

/* The time in which what dropped it stood: of a fault, or from the first to the last drop of a firewall's rule. */
void diag_drop_window(const struct diag_case *c, const struct sim_record *end, base_ns *from,
                      base_ns *to);

/* ---- rules_delay.c ---- */

/* Where a packet and what came of it spent its time on links. */
struct diag_slow {
    const char *link; /* on which it was longest; NULL: on none */
    base_ns spent;    /* there, in all; what several parts spent at one time counts once */
    const struct sim_record
        *record;     /* of what a link did to it then that took longest; NULL: none */
    uint16_t sender; /* the node that sent it there, and when: the longest time */
    base_ns entered;
    bool waited;     /* it was not there then itself: it waited for an answer by ARP */
    base_ns arrived; /* the last record of them all; BASE_NEVER: it is on a link still, or held */
};

/* Of an ARP packet with its answer, of others without what they set off. Up to `until`, as which counts what has not arrived by then. */
void diag_slow_measure(const struct diag_case *c, uint64_t packet, base_ns until,
                       struct diag_slow *slow);
/* Whether it was held, or on its way for longer than a path takes by itself. */
bool diag_is_slow(const struct diag_slow *slow);
/* Says so where a question by ARP, or its answer, was under way for too long; true where that is said. */
bool diag_rule_arp_delay(struct diag_case *c, const struct diag_leg *leg, base_ns until);
/* Says so where the packet came too late, or was under way on a link at the end of the run. */
void diag_rule_delay(struct diag_case *c, const struct diag_leg *leg);
/* That a link keeps packets back; `detail` says what comes of it. */
void diag_say_delay(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                    const struct diag_slow *slow, const char *detail);

/* What a packet that was refused there would have had to fit. */
uint64_t diag_mtu_of(const struct diag_case *c, const struct sim_record *end);
/* The rate of the link that a record is of, then. */
const char *diag_rate_of(const struct diag_case *c, const struct sim_record *record);

/* Says what kept a question by ARP that the packet waited for, or its answer, from arriving; true where that is known. */
bool diag_rule_arp_lost(struct diag_case *c, const struct diag_leg *leg);

/* Whether it is a fragment, and all fragments of its packet were dropped there. */
bool diag_fragments_dropped(const struct diag_case *c, const struct sim_record *end);

/* Whether ESP between two gateways is put into UDP. */
bool diag_is_encapsulated(const struct topo_gateway *a, const struct topo_gateway *b);

/* Whether a NAT router refused it since nobody inside has ever sent anything there. */
bool diag_nat_never_open(const struct diag_case *c, const struct sim_record *end);
/* What a NAT router refused. True where it names a cause. */
bool diag_rule_nat(struct diag_case *c, const struct diag_leg *leg, unsigned stage,
                   const struct sim_record *end);

/* The IKE messages of a tunnel of `vdc` that has not been up since: true where their way explains it. */
bool diag_rule_messages(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                        const struct topo_vdc *peer, const struct topo_tunnel *tunnel, base_ns at);

/* A LAN of a VDC. */
struct diag_site {
    const struct topo_vdc *vdc;
    const struct topo_lan *lan;
};

/* Both have the same subnet, or parts of it; `detail` says what comes of it. */
void diag_say_overlap(struct diag_case *c, const struct diag_leg *leg, const struct diag_site *one,
                      const struct diag_site *other, const char *detail);
/* Says so where the sender's LAN has no gateway: known before what it sends goes wrong. */
void diag_check_connected(struct diag_case *c, const struct diag_leg *leg);
/* The receiver's gateway: where it has two LANs of one subnet, or a prefix that leaves the receiver out. */
void diag_check_lans(struct diag_case *c, const struct diag_leg *leg);
void diag_check_gateway_mask(struct diag_case *c, const struct diag_leg *leg);
/* Says so where no node has the destination; true where nothing on the way there matters then. */
bool diag_rule_nobody(struct diag_case *c, const struct diag_leg *leg);
/* Says so where a host and a gateway's public address have no tunnel between them; true where that is said. */
bool diag_rule_private(struct diag_case *c, const struct diag_leg *leg);
/* Says so where another node with the destination's address took what was for it; true where that is said. */
bool diag_rule_elsewhere(struct diag_case *c, const struct diag_leg *leg);
/* Says so where its TTL was used up, which is a cause where no other one is found. */
void diag_check_ttl(struct diag_case *c, const struct diag_leg *leg);
/* Says so where two nodes of a LAN of the VDC (NULL is fine) have the address. */
void diag_check_twice(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                      net_ip4 address);

/* The sender's gateway has none in its tunnel's local selectors, so that it has no route for the packet. */
void diag_check_own_address(struct diag_case *c, const struct diag_leg *leg);
/* A route-based gateway that has no address for some of a tunnel's local selectors, and gives its child SA up: true where
 * that is said. */
bool diag_check_unroutable(struct diag_case *c, const struct diag_leg *leg,
                           const struct topo_vdc *vdc, const struct topo_tunnel *tunnel,
                           const struct topo_tunnel *back, base_ns at);
/* Whether a host's or a gateway's own address is none of its LAN, and they do not get along all the same. */
bool diag_is_outside_lan(const struct topo_node *node);

/* Says so where the internet is a segment, and the address of that VDC's gateway is not in its subnet. */
void diag_check_segment(struct diag_case *c, const struct diag_leg *leg,
                        const struct topo_vdc *vdc);
/* Whether the two tunnels lead to each other; says so where they do not. */
bool diag_check_ends(struct diag_case *c, const struct diag_leg *leg);

/* Where nothing else is known: says so where the run ended before a negotiation that had just begun, or nobody began one. */
void diag_check_under_way(struct diag_case *c, const struct diag_leg *leg);

void diag_rules_host(struct diag_case *c, const struct diag_leg *leg);
void diag_rules_policy(struct diag_case *c, const struct diag_leg *leg);
void diag_rules_selectors(struct diag_case *c, const struct diag_leg *leg);
void diag_rules_ike(struct diag_case *c, const struct diag_leg *leg);
void diag_rules_path(struct diag_case *c, const struct diag_leg *leg);
void diag_rules_sa(struct diag_case *c, const struct diag_leg *leg);

#define DIAG_WORDS(...) ((const struct diag_word[]){__VA_ARGS__, {NULL, NULL}})

#endif
