/* The internet's ports and addresses; a segment is a switch and nothing else. */
#include "sim/internet.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sim/cloud.h"
#include "sim/switch.h"
#include "sim/world.h"

#define PLACES_SIZE_FIRST 16

/* The address's place, or the empty one where it would be. */
static struct sim_cloud_place *find_place(struct sim_cloud_place *places, size_t size,
                                          net_ip4 address)
{
    size_t i = (address * 0x9e3779b1u >> 8) & (size - 1);
    while (places[i].address && places[i].address != address)
        i = (i + 1) & (size - 1);
    return &places[i];
}

const struct sim_cloud_place *sim_cloud_place(const struct sim_internet *internet, net_ip4 address)
{
    const struct sim_cloud_place *place =
        find_place(internet->places, internet->places_size, address);
    return address && place->address && place->port != SIM_CLOUD_GONE ? place : NULL;
}

struct sim_pipe *sim_cloud_locate(const struct sim_internet *internet, net_ip4 address)
{
    const struct sim_cloud_place *place = sim_cloud_place(internet, address);
    return place ? internet->link.pipes[place->port] : NULL;
}

static void grow_places(struct sim_internet *internet)
{
    size_t size = internet->places_size * 2;
    struct sim_cloud_place *places = base_alloc_array(size, sizeof(*places));
    for (size_t i = 0; i < internet->places_size; i++) {
        const struct sim_cloud_place *place = &internet->places[i];
        if (place->address)
            *find_place(places, size, place->address) = *place;
    }
    free(internet->places);
    internet->places = places;
    internet->places_size = size;
}

void sim_internet_add_address(struct sim_internet *internet, struct sim_port *port, net_ip4 address)
{
    if (internet->kind == SIM_INTERNET_SEGMENT)
        return;
    assert(address && port->out && port->out->link == &internet->link);
    struct sim_cloud_place *place = find_place(internet->places, internet->places_size, address);
    internet->places_count += place->address == 0;
    *place = (struct sim_cloud_place){.address = address, .port = port->out->index};
    if (internet->places_count * 2 > internet->places_size)
        grow_places(internet);
}

void sim_internet_remove_address(struct sim_internet *internet, net_ip4 address)
{
    if (internet->kind == SIM_INTERNET_SEGMENT)
        return;
    struct sim_cloud_place *place = find_place(internet->places, internet->places_size, address);
    if (place->address)
        place->port = SIM_CLOUD_GONE;
}

const uint8_t SIM_CLOUD_ACCESS_MAC[NET_MAC_SIZE] = {0x02, 0x74, 0x63, 0, 0, 0};

struct sim_internet *sim_internet_new(struct sim_world *world, const char *name,
                                      const struct sim_internet_config *config)
{
    struct sim_internet *internet = base_alloc(sizeof(*internet));
    internet->kind = config->kind;
    if (config->kind == SIM_INTERNET_SEGMENT) {
        internet->segment = sim_switch_new(world, name, &config->base);
        return internet;
    }
    assert(config->hops >= 1 && config->hops <= SIM_INTERNET_HOPS_MAX);
    sim_node_init(&internet->node, world, name);
    sim_link_init(&internet->link, world, name, internet->node.id, &config->base);
    internet->link.inspect = sim_cloud_inspect;
    internet->link.describe = sim_cloud_describe;
    internet->back.arrive = sim_cloud_arrive_back;
    internet->hops = config->hops;
    internet->routers = config->routers ? config->routers : SIM_INTERNET_ROUTERS;
    internet->next_ip_id = 1;
    internet->places_size = PLACES_SIZE_FIRST;
    internet->places = base_alloc_array(internet->places_size, sizeof(*internet->places));
    return internet;
}

void sim_internet_free(struct sim_internet *internet)
{
    if (!internet)
        return;
    if (internet->kind == SIM_INTERNET_SEGMENT) {
        sim_switch_free(internet->segment);
    } else {
        sim_link_fini(&internet->link);
        free(internet->places);
        sim_node_fini(&internet->node);
    }
    free(internet);
}

void sim_internet_attach(struct sim_internet *internet, struct sim_port *port)
{
    if (internet->kind == SIM_INTERNET_SEGMENT)
        sim_switch_attach(internet->segment, port);
    else
        sim_link_add_pipe(&internet->link, port, sim_cloud_arrive);
}

const uint8_t *sim_internet_router_mac(const struct sim_internet *internet)
{
    return internet->segment ? NULL : SIM_CLOUD_ACCESS_MAC;
}

struct sim_link *sim_internet_link(struct sim_internet *internet)
{
    return internet->segment ? sim_switch_link(internet->segment) : &internet->link;
}

uint16_t sim_internet_id(const struct sim_internet *internet)
{
    return internet->segment ? sim_switch_id(internet->segment) : internet->node.id;
}
