/*
 * Warming of nodes: in a world of hundreds of nodes the memory of the one whose turn it is has been pushed out of the
 * processor's caches by the others. A frame's departure tells at which port the next one comes in, so that what it will
 * touch there is fetched while other events run: first the list of it, an event later all that is on the list.
 *
 * The hops of a LAN leave no time for that. So a list remembers where frames go on to from its port, and whose timer
 * runs next after its own: while a frame is still on its long way, its next stops are fetched one after the other.
 *
 * A node lists its memory when asked (struct sim_node, `list_memory`), and again after some uses, so that changes need
 * no word to anybody. Small worlds stay in the cache by themselves: there nothing of this happens.
 */
#ifndef SIM_WARM_H
#define SIM_WARM_H

#include <stdint.h>

#include "base/warm.h"
#include "sim/node.h"

#define SIM_WARM_NODES_MIN 256 /* worlds from this size on have a warmer */

struct sim_warmer;
struct sim_warm_list;

struct sim_warmer *sim_warmer_new(struct sim_world *world);
void sim_warmer_free(struct sim_warmer *warmer); /* and its lists; NULL is fine */

/* The list of a port; the warmer's, good until its end even if the port goes before. */
struct sim_warm_list *sim_warmer_list(struct sim_warmer *warmer, struct sim_port *port);

/* A frame has come in at the port of this list (NULL: it has none): what leaves in this event goes on from there. */
void sim_warmer_arrive(struct sim_warmer *warmer, struct sim_warm_list *list);
/* A frame has left for the port of this list (NULL: nobody knows where to). */
void sim_warmer_expect(struct sim_warmer *warmer, struct sim_warm_list *list);
/* A timer has woken the node of this list: frames leave without one that came in. */
void sim_warmer_wake(struct sim_warmer *warmer, struct sim_warm_list *list);
/* Before each event: fetches what was expected at the one before. */
void sim_warmer_turn(struct sim_warmer *warmer);

#endif
