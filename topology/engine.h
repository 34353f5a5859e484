/*
 * What does IKE and ESP in a gateway: our own engine in its simulated node, or a program in a namespace
 * (strongswan/). Steps, expectations and results ask a gateway through this, and do not know which it is.
 *
 * Each kind embeds struct topo_engine as its first member and fills in `ops`. All texts and infos that are
 * handed out are good until the engine is asked or told anything else.
 */
#ifndef TOPOLOGY_ENGINE_H
#define TOPOLOGY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipsec/ike/endpoint.h"
#include "topology/model.h"

struct netns;
struct netns_loop;
struct netns_session;
struct sim_tap;
struct sim_world;
struct topo_engine;

/* The keys of an SA: of an IKE SA, or of one direction of a child SA. */
struct topo_engine_keys {
    bool is_ike;
    struct ike_keys_info ike; /* where is_ike; else what follows */
    uint32_t spi;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
    const uint8_t *key;               /* with the salt behind it */
    const uint8_t *integ_key;
    struct net_addr source, destination;
    bool encapsulated, esn;
};

/* Every op but those that say so must be there. `tunnel` is a tunnel's name in the model. */
struct topo_engine_ops {
    const char *name; /* "builtin", "strongswan", "external" */
    void (*free)(struct topo_engine *engine);

    /*
     * Whether it is ready to play its part, after it was made: building the world waits for all. False with *error set
     * (to be freed): it never will be. NULL: it is from the beginning.
     */
    bool (*ready)(struct topo_engine *engine, char **error);

    /* The node's power: off at once and without a word to anybody; on, as it was set up. */
    void (*power)(struct topo_engine *engine, bool on);
    /* The daemon alone: dies as by kill -9 (`dead`), or starts anew. Returns whether SAs, policies
     * and routes live on without it. NULL: it cannot. */
    bool (*daemon)(struct topo_engine *engine, bool dead);
    bool (*running)(const struct topo_engine *engine);

    /*
     * What an administrator asks; the end is told by IKE_EVENT_TASK_DONE or IKE_EVENT_TASK_FAILED with the task and the
     * peer's number. False where there is no such tunnel, nothing to do it to, or the node is off.
     */
    bool (*initiate)(struct topo_engine *engine, const char *tunnel);
    bool (*terminate)(struct topo_engine *engine, const char *tunnel, bool child_only);
    bool (*rekey)(struct topo_engine *engine, const char *tunnel, bool child);

    /* A tunnel's number in events and below; -1 where there is none or the node is off. */
    int (*peer_number)(struct topo_engine *engine, const char *tunnel);
    /* What the engine knows of it: ike_endpoint_peer() says what. Pointers to keys may be NULL. */
    bool (*peer)(struct topo_engine *engine, int peer, struct ike_peer_info *out);
    /* Its child SAs, index 0, 1, ... until false. */
    bool (*child)(struct topo_engine *engine, int peer, size_t index, struct ike_child_info *out);
    /* True when no exchange is under way. */
    bool (*quiet)(struct topo_engine *engine);

    /* Tunnels and behaviour as they are from now on; topo_world_cannot_change() found nothing against it. */
    void (*change)(struct topo_engine *engine, const struct topo_gateway *before,
                   const struct topo_gateway *after);

    /* A capture point on the inside of a tunnel; false where packets cannot be seen there. */
    bool (*tap)(struct topo_engine *engine, const char *tunnel, struct sim_tap *tap);

    /* All keys that were agreed on so far, index 0, 1, ... until false; NULL: its events tell them. */
    bool (*keys)(struct topo_engine *engine, size_t index, struct topo_engine_keys *out);

    /* Writes what it leaves for reading (its log, its configuration) into a folder of results;
     * false where that cannot be written. NULL: it leaves nothing. */
    bool (*save)(struct topo_engine *engine, const char *folder);
};

/* Gets each event at its moment; may ask and must not tell the engine anything. `gateway` is the node's name. */
typedef void topo_engine_event_fn(void *context, const char *gateway,
                                  const struct ike_event *event);

struct topo_engine {
    const struct topo_engine_ops *ops;
    const char *gateway;            /* the node's name; the model's */
    const char *data_plane;         /* who seals and opens ESP, in a word: "xfrm"; NULL: itself */
    topo_engine_event_fn *on_event; /* who listens; NULL: nobody. The engine calls it */
    void *context;
};

/* ---- Engines that are programs in namespaces ---- */

/*
 * Where one is to run. Its namespace has the interfaces lan<id> and wan, up, with their addresses,
 * routes and forwarding as the gateway's properties have them. All of it is borrowed and outlives
 * the engine.
 */
struct topo_engine_place {
    struct netns_session *session;
    struct netns_loop *loop; /* for processes and sockets: it runs while the world does */
    struct netns *netns;
    struct sim_world *
        sim; /* its `now` is the time of events; its queue and seed are the engine's to use as well */
    const struct topo_model *model;
    const struct topo_gateway *gateway;
};

/* Makes one and returns at once, see `ready`. NULL with *error set (to be freed) where it cannot. */
typedef struct topo_engine *topo_engine_start_fn(const struct topo_engine_place *place,
                                                 char **error);

#endif
