/* Exact faults: which frames they choose, what they hold, and the handles of all faults. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "base/mem.h"
#include "sim/journal.h"
#include "sim/link.h"
#include "sim/link_detail.h"
#include "sim/world.h"

struct sim_fault *sim_link_add_fault(struct sim_link *link, const struct sim_fault_config *config)
{
    struct sim_fault *fault = base_alloc(sizeof(*fault));
    fault->config = *config;
    assert(config->action != SIM_FAULT_HOLD || config->hold);
    if (config->hold)
        fault->config.hold = base_strdup(config->hold);
    DL_APPEND(link->faults, fault);
    sim_link_refresh(link);
    return fault;
}

static void free_fault(struct sim_fault *fault)
{
    if (fault->config.context_free)
        fault->config.context_free(fault->config.context);
    free((char *)fault->config.hold); /* a copy of ours */
    free(fault);
}

void sim_link_heal(struct sim_link *link, struct sim_fault *fault)
{
    DL_DELETE(link->faults, fault);
    free_fault(fault);
    sim_link_refresh(link);
}

void sim_link_heal_all(struct sim_link *link)
{
    while (link->faults)
        sim_link_heal(link, link->faults);
}

uint64_t sim_fault_matched(const struct sim_fault *fault)
{
    return fault->matched;
}

uint64_t sim_fault_applied(const struct sim_fault *fault)
{
    return fault->applied;
}

/* Counts the frame where the fault matches it; true where its number is one of the chosen. */
static bool chooses(struct sim_fault *fault, const struct sim_pipe *pipe,
                    const struct sim_packet *packet)
{
    const struct sim_fault_config *config = &fault->config;
    if (config->action == SIM_FAULT_IMPAIR || (config->from && pipe->from->node != config->from))
        return false;
    if (config->match && !config->match(config->context, packet))
        return false;
    uint64_t number = ++fault->matched;
    if (number < config->first || (config->last && number > config->last))
        return false;
    fault->applied++;
    return true;
}

static void apply(struct sim_fault *fault, struct sim_pipe *pipe, const struct sim_packet *packet,
                  struct sim_fate *fate)
{
    const struct sim_fault_config *config = &fault->config;
    switch (config->action) {
    case SIM_FAULT_DROP:
        fate->end = SIM_FATE_DROPPED;
        fate->reason = config->firewall ? SIM_REASON_FIREWALL : SIM_REASON_FAULT;
        fate->a = config->amount;
        break;
    case SIM_FAULT_DUPLICATE:
        fate->copies += config->amount;
        sim_fate_note(fate, pipe, packet, SIM_KIND_DUPLICATED, config->amount, 0);
        break;
    case SIM_FAULT_DELAY:
        fate->delay_ns = base_ns_add(fate->delay_ns, config->delay_ns);
        sim_fate_note(fate, pipe, packet, SIM_KIND_DELAYED, (uint64_t)config->delay_ns,
                      config->number);
        break;
    case SIM_FAULT_CORRUPT:
        fate->fault_bits += config->amount;
        fate->bits_number = config->number;
        break;
    case SIM_FAULT_HOLD:
        fate->end = SIM_FATE_HELD;
        fate->hold = config->hold;
        fate->hold_number = config->number;
        break;
    case SIM_FAULT_IMPAIR:
        break;
    }
}

void sim_link_apply_faults(struct sim_pipe *pipe, const struct sim_packet *packet,
                           struct sim_fate *fate)
{
    for (struct sim_fault *fault = pipe->link->faults; fault; fault = fault->next) {
        if (chooses(fault, pipe, packet) && fate->end == SIM_FATE_CARRIED)
            apply(fault, pipe, packet, fate);
    }
}

uint32_t sim_link_firewall(const struct sim_link *link, const struct sim_packet *frame)
{
    for (struct sim_fault *fault = link->faults; fault; fault = fault->next) {
        const struct sim_fault_config *config = &fault->config;
        if (!config->firewall || config->from ||
            (config->match && !config->match(config->context, frame)))
            continue;
        fault->matched++;
        fault->applied++;
        return config->amount;
    }
    return 0;
}

static struct sim_hold *find_hold(const struct sim_link *link, const char *name)
{
    struct sim_hold *hold = link->holds;
    while (hold && strcmp(hold->name, name) != 0)
        hold = hold->next;
    return hold;
}

void sim_link_hold(struct sim_pipe *pipe, struct sim_packet *packet, const char *name)
{
    struct sim_link *link = pipe->link;
    struct sim_hold *hold = find_hold(link, name);
    if (!hold) {
        hold = base_alloc(sizeof(*hold));
        hold->name = base_strdup(name);
        DL_APPEND(link->holds, hold);
    }
    packet->carrier = &pipe->carrier;
    packet->flight.at = link->world->now;
    sim_packet_list_push(&hold->packets, packet);
}

static void note_release(struct sim_pipe *pipe, const struct sim_packet *packet, const char *name)
{
    struct sim_world *world = pipe->world;
    if (!world->journal)
        return;
    sim_note(world, packet, pipe->link->node, pipe->index, SIM_KIND_RELEASED, SIM_REASON_NONE,
             sim_journal_text(world->journal, name), (uint64_t)(world->now - packet->flight.at));
}

size_t sim_link_release(struct sim_link *link, const char *name)
{
    struct sim_hold *hold = find_hold(link, name);
    if (!hold)
        return 0;
    size_t count = hold->packets.count;
    for (struct sim_packet *packet; (packet = sim_packet_list_pop(&hold->packets));) {
        struct sim_pipe *pipe = SIM_OWNER(packet->carrier, struct sim_pipe, carrier);
        note_release(pipe, packet, name);
        sim_pipe_resume(pipe, packet);
    }
    return count;
}

size_t sim_link_held(const struct sim_link *link, const char *name)
{
    size_t count = 0;
    for (const struct sim_hold *hold = link->holds; hold; hold = hold->next) {
        if (!name || !strcmp(hold->name, name))
            count += hold->packets.count;
    }
    return count;
}

void sim_link_free_faults(struct sim_link *link)
{
    struct sim_fault *fault, *next_fault;
    DL_FOREACH_SAFE(link->faults, fault, next_fault)
    {
        free_fault(fault);
    }
    link->faults = NULL;
    struct sim_hold *hold, *next_hold;
    DL_FOREACH_SAFE(link->holds, hold, next_hold)
    {
        sim_packet_list_free(link->world, &hold->packets);
        free(hold->name);
        free(hold);
    }
    link->holds = NULL;
}
