/*
 * The internet's firewall: each rule stands on the link like an exact fault, before all that a scenario does
 * to it, and its drops are journaled as a firewall's. A rule without `from` meets what the internet's own
 * routers say, too. It says nothing to the sender (no ICMP), as most do.
 */
#include "topology/world_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pcap/filter.h"

static bool rule_matches(void *context, const struct sim_packet *frame)
{
    return cap_filter_match(context, sim_packet_data(frame), sim_packet_size(frame));
}

static void rule_free(void *context)
{
    cap_filter_free(context);
}

static struct sim_fault *add_rule(struct topo_world *world, const struct topo_firewall *rule,
                                  uint32_t number)
{
    struct cap_error error;
    struct sim_fault_config config = {
        .action = SIM_FAULT_DROP,
        .firewall = true,
        .amount = number,
        .match = rule_matches,
        .context = cap_filter_new(rule->drop, CAP_LINK_ETHERNET, &error),
        .context_free = rule_free,
    };
    assert(config.context); /* whoever made the model has had libpcap accept it */
    if (rule->from)
        config.from = topo_world_sender(world, "internet", rule->from);
    return sim_link_add_fault(sim_internet_link(world->internet), &config);
}

void topo_firewall_set(struct topo_world *world, const struct topo_internet *model)
{
    struct sim_link *link = sim_internet_link(world->internet);
    for (size_t i = 0; i < world->firewall_count; i++)
        sim_link_heal(link, world->firewall[i]);
    free(world->firewall);
    world->firewall_count = model->firewall_count;
    world->firewall = base_alloc_array(model->firewall_count + 1, sizeof(struct sim_fault *));
    for (size_t i = 0; i < model->firewall_count; i++)
        world->firewall[i] = add_rule(world, &model->firewall[i], (uint32_t)i + 1);
}
