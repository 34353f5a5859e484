/*
 * A world in real time: the queue runs up to now, then the loop waits for the next event or for
 * something from outside. An event that is due runs at its own time even where it runs late, so
 * that delays do not add up; what comes from outside comes at the time when it was read, after all
 * that was due by then.
 */
#include "topology/world_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "netns/loop.h"

enum {
    READY_TIMEOUT_S = 20, /* for programs to come up */
};
#define TURN_NS (BASE_S / 4) /* the longest that one step waits */

static base_ns now_until(const struct topo_world *world, base_ns limit)
{
    base_ns now = netns_loop_now(world->loop);
    return now < limit ? now : limit;
}

static void set_clock(struct sim_world *sim, base_ns now)
{
    if (sim->now < now)
        sim->now = now;
}

/* What came in is dealt with after all that was due before it. */
static void take_in(struct topo_world *world, base_ns limit)
{
    base_ns now = now_until(world, limit);
    while (sim_world_step(world->sim, now)) {
    }
    set_clock(world->sim, now);
    netns_loop_dispatch(world->loop);
}

bool topo_realtime_step(struct topo_world *world, base_ns limit)
{
    struct sim_world *sim = world->sim;
    if (world->interrupted)
        return false;
    base_ns now = now_until(world, limit);
    if (sim_world_step(sim, now))
        return true;
    set_clock(sim, now);
    if (now >= limit)
        return false;
    base_ns next = base_ns_min(sim_queue_next(&sim->queue), limit);
    enum netns_wake woken = netns_loop_wait(world->loop, base_ns_min(next, now + TURN_NS));
    world->interrupted = woken == NETNS_WAKE_INTERRUPTED;
    if (woken == NETNS_WAKE_READY)
        take_in(world, limit);
    return !world->interrupted;
}

/* ---- The beginning ---- */

/* NULL: all are ready. */
static struct topo_engine *not_ready(struct topo_world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        struct topo_engine *engine = world->nodes[i].engine;
        char *error = NULL;
        if (!engine || !engine->ops->ready || engine->ops->ready(engine, &error))
            continue;
        if (error)
            topo_world_fail(world, error);
        return engine;
    }
    return NULL;
}

void topo_realtime_begin(struct topo_world *world)
{
    const base_ns until = netns_loop_now(world->loop) + READY_TIMEOUT_S * BASE_S;
    struct topo_engine *late;
    while (!world->error && !world->interrupted && (late = not_ready(world)) && !world->error) {
        if (netns_loop_now(world->loop) >= until)
            topo_world_fail(world, base_printf("%s of %s did not come up within %d s",
                                               late->ops->name, late->gateway, READY_TIMEOUT_S));
        enum netns_wake woken =
            netns_loop_wait(world->loop, netns_loop_now(world->loop) + 10 * BASE_MS);
        world->interrupted = woken == NETNS_WAKE_INTERRUPTED;
        if (woken == NETNS_WAKE_READY)
            netns_loop_dispatch(world->loop);
    }
    netns_loop_hurry(world->loop);
    netns_loop_start(world->loop);
}
