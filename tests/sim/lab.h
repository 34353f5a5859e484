/*
 * Two LANs with a router between them, for tests of the IPv4 stack:
 *
 *   a 192.168.1.11 --+-- lan1 --- 192.168.1.5 router 192.168.2.5 --- lan2 -- c 192.168.2.11
 *   b 192.168.1.12 --+
 *
 * Each host has a route to the other LAN; the LANs delay by 100 us; a journal is kept.
 */
#ifndef TESTS_SIM_LAB_H
#define TESTS_SIM_LAB_H

#include "sim/host.h"
#include "sim/ping.h"
#include "sim/switch.h"
#include "tests/test.h"

#define LAB_A NET_IP4(192, 168, 1, 11)
#define LAB_B NET_IP4(192, 168, 1, 12)
#define LAB_C NET_IP4(192, 168, 2, 11)
#define LAB_ROUTER1 NET_IP4(192, 168, 1, 5)
#define LAB_ROUTER2 NET_IP4(192, 168, 2, 5)
#define LAB_LAN1 1 /* the router's interfaces */
#define LAB_LAN2 2

/* A ping run to its end; `lines` in ping's words without times. */
struct lab_ping {
    char lines[8192];
    struct sim_ping_statistics s;
};

struct lab {
    struct sim_world *world;
    struct sim_switch *lan1, *lan2;
    struct sim_stack *router;
    struct sim_host *a, *b, *c;
    struct lab_ping ping; /* the last one that was run */
};

void lab_init(struct lab *lab);
/* Frees all and asserts that nothing is left: no packet, no timer. */
void lab_fini(struct lab *lab);

struct net_prefix lab_prefix(const char *text);
struct sim_host *lab_host(struct lab *lab, struct sim_switch *lan, const char *name,
                          const char *address);
void lab_route(struct sim_stack *stack, const char *to, net_ip4 via);
/* How often the node dropped something for this reason. */
uint64_t lab_drops(struct lab *lab, struct sim_stack *stack, enum sim_reason reason);

/* -c 1 -W 4, size 56, interval 1 s: to be changed as wanted. */
struct sim_ping_config lab_config(net_ip4 to);
/* Runs it to its end and returns its lines, which are lab->ping's. */
const char *lab_run(struct lab *lab, struct sim_stack *from, const struct sim_ping_config *config);
/* One ping with lab_config; returns its line. */
const char *lab_ping(struct lab *lab, struct sim_stack *from, net_ip4 to);
/* The same with -s and -M. */
const char *lab_ping_size(struct lab *lab, struct sim_stack *from, net_ip4 to, uint32_t size,
                          enum sim_stack_df df);

#endif
