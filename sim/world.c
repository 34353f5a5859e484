/* The world's clock and registry. */
#include "sim/world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/journal.h"
#include "sim/node.h"
#include "sim/warm.h"

struct sim_world *sim_world_new(uint64_t seed, bool journal)
{
    struct sim_world *world = base_alloc(sizeof(*world));
    sim_queue_init(&world->queue);
    world->seed = seed;
    world->journal = journal ? sim_journal_new() : NULL;
    return world;
}

void sim_world_free(struct sim_world *world)
{
    if (!world)
        return;
    assert(world->packets.live == 0);
    sim_packet_pool_fini(&world->packets);
    sim_journal_free(world->journal);
    sim_warmer_free(world->warmer);
    free(world->nodes);
    free(world);
}

bool sim_world_step(struct sim_world *world, base_ns limit)
{
    struct sim_event *event = sim_queue_take(&world->queue, limit);
    if (!event)
        return false;
    if (world->warmer)
        sim_warmer_turn(world->warmer);
    world->now = event->at;
    world->events++;
    event->run(world, event);
    return true;
}

void sim_world_run_until(struct sim_world *world, base_ns time)
{
    assert(time >= world->now);
    while (sim_world_step(world, time)) {
    }
    world->now = time;
}

void sim_world_rng(const struct sim_world *world, struct base_rng *rng, const char *format, ...)
{
    char name[256];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(name, sizeof(name), format, arguments);
    va_end(arguments);
    assert(size > 0 && (size_t)size < sizeof(name));
    base_rng_init(rng, world->seed, name);
}

struct sim_node *sim_world_find(const struct sim_world *world, const char *name)
{
    for (size_t i = 1; i < world->nodes_count; i++) {
        if (world->nodes[i] && !strcmp(world->nodes[i]->name, name))
            return world->nodes[i];
    }
    return NULL;
}

static void count_event(struct sim_event *event, void *context)
{
    struct sim_leaks *leaks = context;
    if (sim_packet_is_flight(event))
        leaks->flights++;
    else
        leaks->timers++;
}

struct sim_leaks sim_world_leaks(struct sim_world *world)
{
    struct sim_leaks leaks = {0};
    sim_queue_each(&world->queue, count_event, &leaks);
    leaks.packets = world->packets.live - leaks.flights;
    return leaks;
}

static void end_flight(struct sim_event *event, void *context)
{
    struct sim_world *world = context;
    if (!sim_packet_is_flight(event))
        return;
    sim_queue_cancel(&world->queue, event);
    struct sim_packet *packet = SIM_OWNER(event, struct sim_packet, flight);
    sim_drop(world, packet, 0, 0, SIM_REASON_END_OF_RUN, 0, 0);
}

void sim_world_drain(struct sim_world *world)
{
    sim_queue_each(&world->queue, end_flight, world);
}
