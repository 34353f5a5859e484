/* Our own engine as topology/engine.h asks for it: the simulated gateway does all of it. */
#include <stdlib.h>

#include "base/mem.h"
#include "topology/world_internal.h"

struct builtin {
    struct topo_engine base;
    struct sim_gateway *gateway;
};

static struct sim_gateway *gateway_of(const struct topo_engine *engine)
{
    return ((const struct builtin *)engine)->gateway;
}

static void engine_free(struct topo_engine *engine)
{
    free(engine);
}

static void power(struct topo_engine *engine, bool on)
{
    if (on)
        sim_gateway_start(gateway_of(engine));
    else
        sim_gateway_stop(gateway_of(engine));
}

static bool running(const struct topo_engine *engine)
{
    return sim_gateway_running(gateway_of(engine));
}

static bool initiate(struct topo_engine *engine, const char *tunnel)
{
    return sim_gateway_initiate(gateway_of(engine), tunnel);
}

static bool terminate(struct topo_engine *engine, const char *tunnel, bool child_only)
{
    return sim_gateway_terminate(gateway_of(engine), tunnel, child_only);
}

static bool rekey(struct topo_engine *engine, const char *tunnel, bool child)
{
    return child ? sim_gateway_rekey_child(gateway_of(engine), tunnel)
                 : sim_gateway_rekey_ike(gateway_of(engine), tunnel);
}

static int peer_number(struct topo_engine *engine, const char *tunnel)
{
    return sim_gateway_tunnel_peer(gateway_of(engine), tunnel);
}

/* NULL while it is off. */
static const struct ike_endpoint *endpoint_of(const struct topo_engine *engine)
{
    const struct sim_gateway *gateway = gateway_of(engine);
    return sim_gateway_running(gateway) ? sim_gateway_engine(gateway) : NULL;
}

static bool peer(struct topo_engine *engine, int number, struct ike_peer_info *out)
{
    const struct ike_endpoint *endpoint = endpoint_of(engine);
    return endpoint && ike_endpoint_peer(endpoint, number, out);
}

static bool child(struct topo_engine *engine, int number, size_t index, struct ike_child_info *out)
{
    const struct ike_endpoint *endpoint = endpoint_of(engine);
    return endpoint && ike_endpoint_child(endpoint, number, index, out);
}

static bool quiet(struct topo_engine *engine)
{
    const struct ike_endpoint *endpoint = endpoint_of(engine);
    return !endpoint || ike_endpoint_quiet(endpoint);
}

static bool tap(struct topo_engine *engine, const char *tunnel, struct sim_tap *taken)
{
    return sim_gateway_tap_tunnel(gateway_of(engine), tunnel, taken);
}

static void on_event(void *context, struct sim_gateway *gateway, const struct ike_event *event)
{
    const struct topo_engine *engine = context;
    (void)gateway;
    if (engine->on_event)
        engine->on_event(engine->context, engine->gateway, event);
}

static void change(struct topo_engine *engine, const struct topo_gateway *before,
                   const struct topo_gateway *after)
{
    topo_change_tunnels(gateway_of(engine), before, after);
}

struct topo_engine *topo_engine_builtin_new(struct topo_world_node *node)
{
    static const struct topo_engine_ops OPS = {
        .name = "builtin",
        .free = engine_free,
        .power = power,
        .running = running,
        .initiate = initiate,
        .terminate = terminate,
        .rekey = rekey,
        .peer_number = peer_number,
        .peer = peer,
        .child = child,
        .quiet = quiet,
        .change = change,
        .tap = tap,
    };
    struct builtin *engine = base_alloc(sizeof(*engine));
    engine->base = (struct topo_engine){.ops = &OPS, .gateway = node->name};
    engine->gateway = node->gateway;
    sim_gateway_listen(node->gateway, on_event, engine);
    return &engine->base;
}
