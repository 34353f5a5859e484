/*
 * The packet pool. A packet and its memory are one allocation; freed ones wait on a freelist of
 * their class. Under AddressSanitizer nothing is reused, so that it sees every use after the end.
 */
#include "sim/packet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/world.h"

#if defined(__SANITIZE_ADDRESS__)
#define REUSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REUSE 0
#endif
#endif
#ifndef REUSE
#define REUSE 1
#endif

#define MARGINS (SIM_PACKET_HEADROOM + SIM_PACKET_TAILROOM)

static const uint32_t CAPACITY[SIM_PACKET_CLASSES] = {
    [SIM_PACKET_TINY] = 512,
    [SIM_PACKET_SMALL] = 2048,
    [SIM_PACKET_LARGE] = SIM_PACKET_SIZE_MAX + MARGINS,
};

static enum sim_packet_class class_for(uint32_t size_max)
{
    assert(size_max <= SIM_PACKET_SIZE_MAX);
    uint32_t needed = size_max + MARGINS;
    return needed <= CAPACITY[SIM_PACKET_TINY]    ? SIM_PACKET_TINY
           : needed <= CAPACITY[SIM_PACKET_SMALL] ? SIM_PACKET_SMALL
                                                  : SIM_PACKET_LARGE;
}

/* Where memory is not reused it is filled, so that bytes nobody wrote are not zeros by chance. */
static struct sim_packet *allocate(enum sim_packet_class size_class)
{
    size_t size = sizeof(struct sim_packet) + CAPACITY[size_class];
    struct sim_packet *packet = base_alloc(size);
    if (!REUSE)
        memset(packet, 0xa5, size);
    return packet;
}

static void run_flight(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    struct sim_packet *packet = SIM_OWNER(event, struct sim_packet, flight);
    packet->carrier->arrive(packet->carrier, packet);
}

struct sim_packet *sim_packet_new(struct sim_world *world, uint32_t size_max, uint64_t parent)
{
    struct sim_packet_pool *pool = &world->packets;
    enum sim_packet_class size_class = class_for(size_max);
    struct sim_packet *packet = pool->free[size_class];
    if (packet)
        pool->free[size_class] = packet->next;
    else
        packet = allocate(size_class);
    *packet = (struct sim_packet){
        .flight.run = run_flight,
        .id = ++pool->last_id,
        .parent = parent,
        .bytes =
            {
                .memory = (uint8_t *)(packet + 1),
                .capacity = CAPACITY[size_class],
                .start = SIM_PACKET_HEADROOM,
            },
        .world = world,
        .size_class = (uint8_t)size_class,
        .live = true,
    };
    if (++pool->live > pool->live_max)
        pool->live_max = pool->live;
    return packet;
}

struct sim_packet *sim_packet_clone(struct sim_world *world, const struct sim_packet *original)
{
    uint32_t size = sim_packet_size(original);
    struct sim_packet *copy = sim_packet_new(world, size, original->id);
    memcpy(base_buffer_put(&copy->bytes, size), sim_packet_data(original), size);
    copy->secpath_reqid = original->secpath_reqid;
    copy->secpath_spi = original->secpath_spi;
    copy->damaged = original->damaged;
    return copy;
}

void sim_packet_free(struct sim_world *world, struct sim_packet *packet)
{
    assert(packet->world == world && packet->live);
    assert(!sim_event_pending(&packet->flight));
    packet->live = false;
    world->packets.live--;
    if (!REUSE) {
        free(packet);
        return;
    }
    packet->next = world->packets.free[packet->size_class];
    world->packets.free[packet->size_class] = packet;
}

void sim_packet_rebirth(struct sim_world *world, struct sim_packet *packet)
{
    packet->parent = packet->id;
    packet->id = ++world->packets.last_id;
}

void sim_packet_fly(struct sim_world *world, struct sim_packet *packet, struct sim_carrier *carrier,
                    base_ns at)
{
    packet->carrier = carrier;
    sim_queue_schedule(&world->queue, &packet->flight, at);
}

bool sim_packet_is_flight(const struct sim_event *event)
{
    return event->run == run_flight;
}

void sim_packet_list_push(struct sim_packet_list *list, struct sim_packet *packet)
{
    packet->next = NULL;
    if (list->last)
        list->last->next = packet;
    else
        list->first = packet;
    list->last = packet;
    list->count++;
}

struct sim_packet *sim_packet_list_pop(struct sim_packet_list *list)
{
    struct sim_packet *packet = list->first;
    if (!packet)
        return NULL;
    list->first = packet->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    packet->next = NULL;
    return packet;
}

void sim_packet_list_free(struct sim_world *world, struct sim_packet_list *list)
{
    for (struct sim_packet *packet; (packet = sim_packet_list_pop(list));)
        sim_packet_free(world, packet);
}

void sim_packet_pool_fini(struct sim_packet_pool *pool)
{
    for (unsigned i = 0; i < SIM_PACKET_CLASSES; i++) {
        while (pool->free[i]) {
            struct sim_packet *packet = pool->free[i];
            pool->free[i] = packet->next;
            free(packet);
        }
    }
}
