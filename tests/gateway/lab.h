/*
 * The two-site lab in which real kernels and strongSwan were measured, as a model: hosts txl1, txl2
 * (192.168.1.11, .12) behind txl-gw (192.168.1.5, 203.0.113.10), lhr1, lhr2 likewise in 192.168.2.0/24
 * behind lhr-gw (203.0.113.20), the public addresses on one Ethernet segment. Each test changes
 * what its case says and asks what the lab's scripts asked.
 */
#ifndef TESTS_GATEWAY_LAB_H
#define TESTS_GATEWAY_LAB_H

#include "sim/gateway/gateway.h"
#include "sim/link.h"
#include "sim/ping.h"
#include "topology/world.h"

enum lab_side {
    LAB_TXL,
    LAB_LHR
};

struct lab {
    struct topo_vdc vdcs[2];
    struct topo_lan lans[2];
    struct topo_host hosts[2][2];
    struct topo_route routes[2][2]; /* of hosts[side][n] */
    struct topo_connection connections[2];
    struct topo_tunnel tunnels[2];
    struct topo_cidr cloud[2], peer[2];
    struct topo_nat nat; /* by lab_nat() */
    struct topo_model model;
    struct topo_world *world; /* NULL until lab_start() */
    const char *refused[2];   /* error notify with which the peer last refused; NULL: none */
};

/* The tutorial's settings; both gateways wait to be asked (`by-hand`, `strict`). */
void lab_init(struct lab *lab);
struct topo_behaviour *lab_behaviour(struct lab *lab, enum lab_side side);
void lab_set_networks(struct lab *lab, enum lab_side side, const char *local, const char *remote);
/* Case 11: a Linux NAT router with txl's public address in front of txl, whose wan is 10.0.0.10. */
void lab_nat(struct lab *lab);
struct net_addr lab_addr(const char *text);

/* Both gateways carry what they protect through a tunnel device, as with kernel-libipsec. */
void lab_route_based(struct lab *lab);

void lab_start(struct lab *lab);
/* Runs on for so long. */
void lab_wait(struct lab *lab, base_ns duration);
/* Frees the world, and fails the test where a packet or a timer was left over. */
void lab_end(struct lab *lab);

const char *lab_gateway_name(enum lab_side side);
struct sim_gateway *lab_gateway(struct lab *lab, enum lab_side side);
struct ike_peer_info lab_info(struct lab *lab, enum lab_side side); /* of its tunnel */

/* Initiates and runs on until the tunnel is up or has failed, 20 s at most, as swanctl does. */
void lab_initiate(struct lab *lab, enum lab_side side);
/* Starts the laboratory, and txl initiates. */
void lab_start_tunnel(struct lab *lab);
/* The laboratory as it is, with a tunnel that txl initiated. */
void lab_up(struct lab *lab);
/*
 * As the side sees it: "up 192.168.1.0/24=192.168.2.0/24", "IKE only", "connecting", "down"; where the peer refused
 * something, its notify behind that: "IKE only, TS_UNACCEPTABLE".
 */
const char *lab_state(struct lab *lab, enum lab_side side, char out[static 128]);

struct lab_ping {
    uint64_t sent, received, errors;
    char text
        [96]; /* of the last error, as ping prints it: "From 192.168.1.5 Time to live exceeded" */
    struct sim_ping_statistics statistics;
};

/* `ping -c <count> -i 0.3 -W 1 <to>`, to its end. */
struct lab_ping lab_ping(struct lab *lab, const char *from, const char *to, uint64_t count);
/* The same at another interval. */
struct lab_ping lab_ping_every(struct lab *lab, const char *from, const char *to, uint64_t count,
                               base_ns interval);
/* With a payload size (-s) and -M do or -M dont. */
struct lab_ping lab_ping_size(struct lab *lab, const char *from, const char *to, uint64_t count,
                              uint32_t size, bool df);

/* Frames on the internet from here on that `match` (NULL: all) counts. */
struct lab_count {
    struct sim_tap tap;
    bool (*match)(const uint8_t *ip, size_t size);
    uint64_t frames;
};
void lab_count(struct lab *lab, const char *point, struct lab_count *count,
               bool (*match)(const uint8_t *ip, size_t size));

/* Drops what `match` says (an Ethernet frame) on the internet, sent by `from` (NULL: by anybody). */
void lab_drop(struct lab *lab, const char *from,
              bool (*match)(void *context, const struct sim_packet *frame));
bool lab_is_ike_or_natt(void *context, const struct sim_packet *frame);
bool lab_is_natt(void *context, const struct sim_packet *frame);
bool lab_is_esp(void *context, const struct sim_packet *frame);

/* Sum of a drop reason's counter over the gateway. */
uint64_t lab_dropped(struct lab *lab, enum lab_side side, enum esp_status status);

#endif
