/*
 * Links and what they do to frames. A pipe is one direction: from a port into a switch or into the
 * internet, where the frame's way ends in further ports at once. A link is the pipes that a user
 * calls by one name: a LAN (`txl/1`), the internet. Impairments and exact faults are put on a link,
 * for all its pipes or for the one from a node.
 *
 * The order in which a frame meets them as it enters a pipe:
 *   1. exact faults, in the order in which they were added: each counts the frames that it matches,
 * whether or not another fault or the link loses them afterwards, so numbers are those that a
 * capture of the link shows; drop and hold end the frame's way here;
 *   2. down; 3. loss, burstLoss; 4. mtu; 5. corrupt; 6. duplicate (each copy goes on by itself);
 *   7. rate and queue; 8. delay, jitter, reorder.
 * Semantics are netem's (tc-netem(8)) wherever it has the same thing: jitter is uniform in delay ±
 * jitter and reorders frames by itself; `reorder` sends the chosen frame at once, ahead of those
 * that the delay still holds; burstLoss is `loss gemodel`; corrupt turns one bit. Here rate comes
 * before delay, as a bottleneck with a queue does, and jitter reorders with a rate as well.
 *
 * Each kind of chance draws from its own stream, named "<pipe>/<kind>" under the world's seed. A
 * kind that is not set draws nothing.
 */
#ifndef SIM_LINK_H
#define SIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "sim/node.h"
#include "sim/packet.h"
#include "sim/tap.h"
#include "sim/warm.h"
#include "sim/world.h"

/* Which fields of an impairment are named: one bit each. */
enum sim_impair {
    SIM_IMPAIR_LOSS = 1 << 0,
    SIM_IMPAIR_BURST = 1 << 1,
    SIM_IMPAIR_DUPLICATE = 1 << 2,
    SIM_IMPAIR_REORDER = 1 << 3,
    SIM_IMPAIR_CORRUPT = 1 << 4,
    SIM_IMPAIR_DELAY = 1 << 5,
    SIM_IMPAIR_JITTER = 1 << 6,
    SIM_IMPAIR_RATE = 1 << 7,
    SIM_IMPAIR_QUEUE = 1 << 8,
    SIM_IMPAIR_MTU = 1 << 9,
    SIM_IMPAIR_MTU_SILENT = 1 << 10,
    SIM_IMPAIR_DOWN = 1 << 11,
};

/* Gilbert-Elliott, as netem's `loss gemodel p r 1-h 1-k`: probabilities in [0, 1]. */
struct sim_burst {
    double p;         /* good to bad, a frame */
    double r;         /* bad to good */
    double loss_bad;  /* 1-h: of a frame in the bad state; usually 1 */
    double loss_good; /* 1-k; usually 0 */
};

/* Probabilities are in [0, 1]. Only the fields named in `set` count. */
struct sim_impairment {
    uint32_t set; /* enum sim_impair */
    uint32_t mtu; /* largest IP packet */
    double loss, duplicate, reorder, corrupt;
    struct sim_burst burst;
    base_ns delay_ns, jitter_ns;
    base_ns reorder_ns;   /* 0: a reordered frame is sent at once; else it comes so much later than
                             its turn */
    uint64_t rate_bps;    /* bits a second, of whole frames; not 0 */
    uint32_t queue_bytes; /* what may wait behind the frame being sent; 0: no limit in bytes */
    uint32_t queue_packets; /* the same in packets; 0: no limit in packets */
    bool mtu_silent;        /* a router drops what is too big without an ICMP error */
    bool down;
};

/* `over` laid upon `base`: the fields that it names replace base's (QUEUE is one field, MTU
 * another). */
void sim_impairment_merge(struct sim_impairment *base, const struct sim_impairment *over);

enum sim_fault_action {
    SIM_FAULT_IMPAIR,    /* the impairment applies while the fault is there */
    SIM_FAULT_DROP,      /* from here on: to the frames matched */
    SIM_FAULT_DUPLICATE, /* `amount` more copies */
    SIM_FAULT_DELAY,     /* delay_ns more */
    SIM_FAULT_CORRUPT,   /* `amount` different bits turned, behind the Ethernet header */
    SIM_FAULT_HOLD,      /* kept until sim_link_release(hold) */
};

struct sim_fault_config {
    const struct sim_node *from; /* only frames from this node; NULL: all */
    enum sim_fault_action action;
    struct sim_impairment impairment;

    /* Which frames; NULL: each one. Sees the Ethernet frame as it enters the link. */
    bool (*match)(void *context, const struct sim_packet *frame);
    void *context;                       /* borrowed, or freed by: */
    void (*context_free)(void *context); /* NULL: borrowed */
    uint64_t first, last; /* of the frames matched, from 1; 0 and 0: all; last 0: no end */

    /* Of a drop: a number for its records' `a` (a firewall's rule: its own, from 1). */
    uint32_t amount;
    uint32_t number; /* of what else is done: for `b` of its records */
    base_ns delay_ns;
    const char *hold; /* copied */
    bool firewall;    /* a drop is a middlebox's doing, and journaled as such */
};

struct sim_fault; /* the handle */
struct sim_link;

struct sim_pipe_detail;

/* One direction (and one cache line): from a port into a link, which owns it until its own end: frames in flight hold on
 * to it even when the port is gone. */
struct sim_pipe {
    struct sim_carrier carrier; /* `arrive` is the switch's or internet's */
    struct sim_world *world;
    struct sim_link *link;
    struct sim_port *from;          /* NULL: unplugged */
    base_ns delay_ns;               /* the merged delay: all that a plain pipe needs */
    uint32_t size_max;              /* largest frame that an Ethernet segment takes */
    bool plain;                     /* nothing but a delay, and nobody listens: the short path */
    bool inspected;                 /* the link has an `inspect` */
    uint16_t index;                 /* in its link */
    struct sim_warm_list *bound;    /* of the port that the last frame went to; NULL: none yet */
    struct sim_pipe_detail *detail; /* streams, queue, the merged impairment */
};

/* Takes the packet. The port's node sent it: use sim_port_send. */
void sim_pipe_send(struct sim_pipe *pipe, struct sim_packet *packet);

/* Parts the pipe from its port, which then has nothing plugged in. Frames in flight still arrive.
 */
void sim_pipe_unplug(struct sim_pipe *pipe);

/* What a routed internet finds out about a frame as it enters: set by struct sim_link's `inspect`.
 */
struct sim_crossing {
    uint32_t travel, whole; /* it travels travel/whole of the delay; 1, 1 to its far end */
    uint32_t outcome; /* 0: it is carried; else the link's own number for what becomes of it */
    bool too_big;     /* larger than the MTU, and dropped for it without a word */
    bool off_path; /* not on the path at all (ARP with the access router): no tap, fault or delay */
};

#define SIM_CROSSING_TEXT_MAX 96

#define SIM_LINK_PIPES_FEW 2 /* a LAN's gateway and its only host */

struct sim_link {
    struct sim_world *world;
    struct sim_pipe **pipes; /* at first the few ones */
    struct sim_pipe *pipes_few[SIM_LINK_PIPES_FEW];
    uint16_t node;   /* id of the switch or internet, for the journal */
    bool vlan_slack; /* an Ethernet switch lets frames pass that are 4 bytes over its MTU, as a
                        Linux bridge does */
    void (*inspect)(struct sim_pipe *pipe, struct sim_packet *packet,
                    const struct sim_impairment *now,
                    struct sim_crossing *crossing); /* NULL: an Ethernet segment */
    char *name;
    /* Adds what a frame on its way through touches behind the link; NULL: nothing. */
    void (*list_memory)(struct sim_link *link, struct base_warm *set);
    /* An outcome but 0 in words, for captures. */
    void (*describe)(const struct sim_pipe *pipe, const struct sim_packet *packet,
                     const struct sim_crossing *crossing, char out[static SIM_CROSSING_TEXT_MAX]);
    size_t pipes_count, pipes_capacity;
    struct sim_impairment base;
    struct sim_fault *faults; /* in the order in which they were added */
    struct sim_hold *holds;
    struct sim_tap *taps; /* see each frame as it enters the link */
};

void sim_link_init(struct sim_link *link, struct sim_world *world, const char *name, uint16_t node,
                   const struct sim_impairment *base);
/* Frees the pipes (unplugging their ports), faults and held frames. */
void sim_link_fini(struct sim_link *link);

/*
 * Adds the way from `from` into the link and plugs it in there; it is the link's until the link's
 * end. `arrive` gets what comes through.
 */
struct sim_pipe *sim_link_add_pipe(struct sim_link *link, struct sim_port *from,
                                   void (*arrive)(struct sim_carrier *carrier,
                                                  struct sim_packet *packet));

/* The base impairment, replaced while the world runs (a `change` of the topology). */
void sim_link_set_base(struct sim_link *link, const struct sim_impairment *base);

/* Puts a fault on the link; the handle is the link's and good until healed or the link's end. */
struct sim_fault *sim_link_add_fault(struct sim_link *link, const struct sim_fault_config *config);

/* Ends it. Frames that it holds stay held. */
void sim_link_heal(struct sim_link *link, struct sim_fault *fault);
void sim_link_heal_all(struct sim_link *link);

/* The number of the first firewall's rule without a `from` that drops this frame, which comes from no port
 * of the link's (the internet's own routers); 0: none. It counts as matched. */
uint32_t sim_link_firewall(const struct sim_link *link, const struct sim_packet *frame);

/* Frames that the fault matched, and those of them that its numbers chose. 0 for impairments. */
uint64_t sim_fault_matched(const struct sim_fault *fault);
uint64_t sim_fault_applied(const struct sim_fault *fault);

/*
 * Lets the frames held under this name go, in the order in which they came, at once: they go on as
 * if they entered now, but meet no exact fault and no chance of loss any more. Returns how many.
 */
size_t sim_link_release(struct sim_link *link, const char *name);
size_t sim_link_held(const struct sim_link *link, const char *name); /* NULL: under any name */

/* Taps that see every frame as it enters the link, with what the link then does as the comment. */
void sim_link_add_tap(struct sim_link *link, struct sim_tap *tap);
void sim_link_remove_tap(struct sim_link *link, struct sim_tap *tap);

/* A frame of this pipe came out at that port: likely the next one will too. For warming. */
static inline void sim_pipe_learn(struct sim_pipe *pipe, struct sim_port *to)
{
    if (pipe->world->warmer)
        pipe->bound = sim_warmer_list(pipe->world->warmer, to);
}

/* For struct sim_node's list_memory: adds what a frame touches that leaves by this pipe, and what one
 * does that comes out of this link. */
void sim_pipe_list_memory(const struct sim_pipe *pipe, struct base_warm *set);
void sim_link_list_memory(struct sim_link *link, struct base_warm *set);

/* The impairment that holds for frames from this port now, base and faults merged. */
const struct sim_impairment *sim_pipe_impairment(const struct sim_pipe *pipe);

#endif
