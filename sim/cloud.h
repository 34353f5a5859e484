/* What the files of the routed internet share: internet.c, cloud.c, cloud_icmp.c. */
#ifndef SIM_CLOUD_H
#define SIM_CLOUD_H

#include "net/icmp.h"
#include "net/ipv4.h"
#include "sim/internet.h"

/* What becomes of a packet on its way; 0 as in struct sim_crossing: carried. */
enum sim_outcome {
    SIM_OUTCOME_CARRIED,
    SIM_OUTCOME_FRAGMENTED,
    SIM_OUTCOME_EXPIRED,
    SIM_OUTCOME_NO_ROUTE,
    SIM_OUTCOME_TOO_BIG, /* with DF */
    SIM_OUTCOME_ROUTER,  /* addressed to a router */
    SIM_OUTCOME_MALFORMED,
    SIM_OUTCOME_MARTIAN,
    SIM_OUTCOME_ACCESS, /* a frame that is not for the path: ARP, other protocols */
};

/* An address that the cloud carries packets for. address 0 is an empty place. */
struct sim_cloud_place {
    net_ip4 address;
    uint16_t port; /* pipe index; GONE where the address was taken away */
};

#define SIM_CLOUD_GONE UINT16_MAX

struct sim_internet {
    struct sim_node node;
    enum sim_internet_kind kind;
    uint8_t hops;
    uint16_t next_ip_id;            /* of what the routers send */
    struct sim_link link;           /* routed: a pipe for each port */
    struct sim_carrier back;        /* what routers send, on its way to a port */
    struct sim_cloud_place *places; /* open addressing: a power of two, at most half full */
    size_t places_size, places_count;
    struct sim_switch *segment; /* the other kind */
    net_ip4 routers;            /* the network of their addresses */
};

/* The port that has the address, or NULL. */
struct sim_pipe *sim_cloud_locate(const struct sim_internet *internet, net_ip4 address);
/* The same as its number, without a look at the port; NULL: none. */
const struct sim_cloud_place *sim_cloud_place(const struct sim_internet *internet, net_ip4 address);

/*
 * The MAC address of the access router, one for all ports: each port has a router of its own with the same
 * address, and where captures of several ports lie in one file, two MAC addresses for it would look like an
 * address conflict.
 */
extern const uint8_t SIM_CLOUD_ACCESS_MAC[NET_MAC_SIZE];

/* The link's callbacks. */
void sim_cloud_inspect(struct sim_pipe *pipe, struct sim_packet *packet,
                       const struct sim_impairment *now, struct sim_crossing *crossing);
void sim_cloud_describe(const struct sim_pipe *pipe, const struct sim_packet *packet,
                        const struct sim_crossing *crossing,
                        char out[static SIM_CROSSING_TEXT_MAX]);
void sim_cloud_arrive(struct sim_carrier *carrier, struct sim_packet *packet);
void sim_cloud_arrive_back(struct sim_carrier *carrier, struct sim_packet *packet);

/* Gives the frame to the port that `out` starts from, from its access router. Takes the packet. */
void sim_cloud_give(struct sim_internet *internet, struct sim_pipe *out, struct sim_packet *packet);

/*
 * Router `hop` (from 1, seen from `in`) tells the packet's sender from its address `source` of an
 * error (type, code and MTU): it flies back, unless RFC 1812 section 4.3.2.7 forbids it or the
 * sender is nobody the cloud knows. The packet is as the router got it, and stays the caller's.
 */
void sim_cloud_send_error(struct sim_internet *internet, const struct sim_pipe *in,
                          const struct sim_packet *packet, uint8_t hop, net_ip4 source,
                          const struct net_icmp *icmp);

/* A packet for router `hop` itself: echo requests are answered. Takes the packet. */
void sim_cloud_answer(struct sim_internet *internet, const struct sim_pipe *in,
                      struct sim_packet *packet, uint8_t hop);

/* Takes `count` off the TTL, which is at least that, and keeps the checksum right. */
void sim_cloud_lower_ttl(uint8_t *ip, uint8_t count);

#endif
