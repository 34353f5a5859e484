/*
 * No engine of ours: whatever does IKE in the gateway's namespace, somebody else starts it there. Nobody can ask it
 * anything; its tunnels are seen from the other end and on the links.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "topology/world_internal.h"

static void engine_free(struct topo_engine *engine)
{
    free(engine);
}

/* The node's cables are out while it is off; what runs in it goes on. */
static void power(struct topo_engine *engine, bool on)
{
    (void)engine;
    (void)on;
}

static bool running(const struct topo_engine *engine)
{
    (void)engine;
    return true;
}

static bool refuse(struct topo_engine *engine, const char *tunnel)
{
    (void)engine;
    (void)tunnel;
    return false;
}

static bool refuse_part(struct topo_engine *engine, const char *tunnel, bool child)
{
    (void)child;
    return refuse(engine, tunnel);
}

static int peer_number(struct topo_engine *engine, const char *tunnel)
{
    (void)engine;
    (void)tunnel;
    return -1;
}

static bool peer(struct topo_engine *engine, int number, struct ike_peer_info *out)
{
    (void)engine;
    (void)number;
    (void)out;
    return false;
}

static bool child(struct topo_engine *engine, int number, size_t index, struct ike_child_info *out)
{
    (void)index;
    (void)out;
    return peer(engine, number, NULL);
}

static bool quiet(struct topo_engine *engine)
{
    (void)engine;
    return true;
}

static void change(struct topo_engine *engine, const struct topo_gateway *before,
                   const struct topo_gateway *after)
{
    (void)engine;
    (void)before;
    (void)after;
}

static bool tap(struct topo_engine *engine, const char *tunnel, struct sim_tap *taken)
{
    (void)taken;
    return refuse(engine, tunnel);
}

struct topo_engine *topo_engine_external_new(const struct topo_world_node *node)
{
    static const struct topo_engine_ops OPS = {
        .name = "external",
        .free = engine_free,
        .power = power,
        .running = running,
        .initiate = refuse,
        .terminate = refuse_part,
        .rekey = refuse_part,
        .peer_number = peer_number,
        .peer = peer,
        .child = child,
        .quiet = quiet,
        .change = change,
        .tap = tap,
    };
    struct topo_engine *engine = base_alloc(sizeof(*engine));
    *engine = (struct topo_engine){.ops = &OPS, .gateway = node->name};
    return engine;
}
