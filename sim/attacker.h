/*
 * Somebody on the way who puts packets of his own among those of others: he sees what passes and sends whatever he
 * likes, from whatever address, and can stop or change nothing that others send. His packets are born INJECTED, of no
 * other packet, with the number that the caller gives them (a scenario's line), and carry the flag `injected` until
 * a node passes them on: what a gateway makes of them is the gateway's doing.
 *
 * What is sent to the internet enters the path as any gateway's packet does, with its delay, its faults and the
 * captures of it. What is put into a port comes in there at once, as if it had just crossed the last link.
 */
#ifndef SIM_ATTACKER_H
#define SIM_ATTACKER_H

#include "net/addr.h"
#include "sim/node.h"

struct sim_attacker;
struct sim_internet;

/* A node `attacker` with a port of its own on the internet. */
struct sim_attacker *sim_attacker_new(struct sim_world *world, struct sim_internet *internet);
/* NULL is fine. */
void sim_attacker_free(struct sim_attacker *attacker);

/* An IPv4 packet as it is to be injected. */
struct sim_injection {
    const uint8_t *bytes; /* from the IPv4 header on */
    uint32_t size;
    uint32_t number;     /* for the journal */
    const uint8_t *from; /* MAC address of its frame; NULL: the attacker's own */
    const uint8_t *to;   /* NULL: broadcast */
};

/* Into the internet's path. */
void sim_attacker_send(struct sim_attacker *attacker, const struct sim_injection *injection);
/* Into `port`, whose address is the frame's destination, whatever `to` says. */
void sim_attacker_put(struct sim_attacker *attacker, const struct sim_injection *injection,
                      struct sim_port *port);

#endif
