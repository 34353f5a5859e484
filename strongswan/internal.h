/* The insides of the engine, for its files alone. */
#ifndef STRONGSWAN_INTERNAL_H
#define STRONGSWAN_INTERNAL_H

#include <stdio.h>
#include <sys/types.h>

#include "base/rng.h"
#include "netns/loop.h"
#include "sim/queue.h"
#include "sim/tap.h"
#include "strongswan/engine.h"
#include "strongswan/keys.h"
#include "strongswan/log.h"
#include "strongswan/vici.h"

enum {
    SWAN_ANSWER_MS = 5000, /* how long a command may take that does not wait for the peer */
};

/* Of a tunnel that starts at once, after a failure or a loss. */
#define SWAN_RETRY_DELAY (30 * BASE_S)

enum swan_daemon_state {
    SWAN_OFF,
    SWAN_STARTING,
    SWAN_READY,    /* configured */
    SWAN_QUITTING, /* was asked to end */
};

struct swan_task {
    enum ike_task_kind kind; /* IKE_TASK_NONE: nothing is under way */
    struct swan_vici *vici;  /* the command that waits for its answer; NULL: an event ends it */
    uint16_t notify;         /* the last error notify of the peer meanwhile */
};

struct swan_tunnel {
    struct swan_engine *engine;
    const struct topo_tunnel *model; /* NULL: taken out */
    char connection[SWAN_NAME_SIZE];
    struct swan_task task;
    struct sim_event
        start;            /* at-once: looks whether the tunnel is up, and initiates it where not */
    struct sim_tap *taps; /* on its inside */
    bool terminated;      /* by an administrator: not started again by itself */
    bool
        anew; /* its first start is to come: the end of what was before, or of the peer's attempt, does not postpone it */
    unsigned ike_rekeys, child_rekeys;
    struct ike_event
        request; /* the last that was sent, for its retransmissions; kind MESSAGE_SENT */
    bool has_request;
};

struct swan_engine {
    struct topo_engine base;
    struct topo_engine_place place;
    struct topo_gateway model; /* as it stands now; its pointers are the model's */
    struct swan_daemon_options options;
    enum swan_daemon_state state;
    char *folder; /* what charon sees as /run */
    char *socket;
    struct netns_process *process;
    struct swan_vici *events;
    struct swan_keys *keys;
    struct netns_watch device; /* captures at ipsec0; fd -1: nobody does */
    unsigned recursed;         /* packets of its own that it has seen there */
    /* Those of the model in its order, then those that were taken out, whose commands may be under way. */
    struct swan_tunnel **tunnels;
    size_t tunnel_count, known_count, tunnel_capacity;
    struct base_rng rng; /* for at-once starts; anew at each start of the daemon */
    unsigned boots;
    char *error; /* why it never will be ready */
    FILE *log;
    char *log_text;
    size_t log_size;
    /* The SAs as last asked for; empty where `looked` is false. */
    struct swan_tree sas;
    bool looked;
    struct swan_child child; /* lent out */
};

static inline struct swan_engine *swan_of(struct topo_engine *engine)
{
    return (struct swan_engine *)(void *)engine;
}

/* daemon.c */
bool swan_daemon_start(struct swan_engine *engine, char **error);
void swan_daemon_kill(struct swan_engine *engine); /* and what it put into the kernel goes */
void swan_daemon_die(struct swan_engine *engine);  /* that stays */
void swan_tunnel_load(struct swan_engine *engine, size_t tunnel);
void swan_tunnel_unload(struct swan_engine *engine, const char *connection);

/* events.c */
void swan_on_line(struct swan_engine *engine, const char *text);
void swan_on_event(struct swan_engine *engine, const char *name,
                   const struct swan_element *message);
void swan_emit(struct swan_engine *engine, int peer, struct ike_event *event);
/* Its place in the model; -1: it has none. */
int swan_tunnel_number(const struct swan_tunnel *tunnel);
/* The tunnel of that connection; NULL where there is none. */
struct swan_tunnel *swan_tunnel_of(struct swan_engine *engine, const char *connection, size_t size);

/* tasks.c */
bool swan_initiate(struct topo_engine *engine, const char *tunnel);
bool swan_terminate(struct topo_engine *engine, const char *tunnel, bool child_only);
bool swan_rekey(struct topo_engine *engine, const char *tunnel, bool child);
void swan_task_end(struct swan_tunnel *tunnel, bool good);
/* Nothing is said of what was under way. */
void swan_task_forget(struct swan_tunnel *tunnel);
void swan_at_once(struct swan_tunnel *tunnel, base_ns after);
/* After a failure or a loss; nothing where the tunnel is not at-once. */
void swan_at_once_again(struct swan_tunnel *tunnel);
void swan_start_due(struct sim_world *world, struct sim_event *event);

/* tap.c: while the daemon has a device. */
void swan_tap_open(struct swan_engine *engine);
void swan_tap_close(struct swan_engine *engine);
bool swan_tap(struct topo_engine *engine, const char *tunnel, struct sim_tap *tap);

/* engine.c: asks for the SAs of a tunnel (NULL: of all); they stand in `sas` until they are asked for again. */
bool swan_look(struct swan_engine *engine, const struct swan_tunnel *tunnel);

#endif
