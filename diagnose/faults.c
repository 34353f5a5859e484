/* Which fault of a step explains what happened to a packet: the very one where the journal says its number, else the latest
 * that stood then and does that kind of thing, as the later one wins on the link. */
#include <string.h>

#include "diagnose/case.h"
#include "sim/link.h"
#include "sim/node.h"

/* The kinds of fault that come to a drop; 0: none does. */
static uint32_t kinds_for_drop(const struct sim_record *record)
{
    switch ((int)record->reason) {
    case SIM_REASON_LOSS:
        return DIAG_FAULT_LOSS;
    case SIM_REASON_BURST_LOSS:
        return DIAG_FAULT_BURST_LOSS;
    case SIM_REASON_QUEUE_FULL:
        return DIAG_FAULT_RATE | DIAG_FAULT_QUEUE;
    case SIM_REASON_LINK_DOWN:
        return DIAG_FAULT_DOWN;
    case SIM_REASON_LINK_MTU:
        return DIAG_FAULT_MTU | DIAG_FAULT_SILENT;
    case SIM_REASON_FRAGMENTATION_NEEDED:
        return DIAG_FAULT_MTU;
    case SIM_REASON_FAULT:
        return DIAG_FAULT_DROP;
    case SIM_REASON_NODE_DOWN:
        return DIAG_FAULT_POWER;
    case SIM_REASON_NO_INBOUND_SA:
        return DIAG_FAULT_REJECT_SPI;
    case SIM_REASON_SA_EXPIRED:
        return DIAG_FAULT_CLOCK;
    case SIM_REASON_NAT_NO_MAPPING:
        return DIAG_FAULT_REBIND;
    default:
        return 0;
    }
}

/* The kinds that come to a record, and the number of the step where it says one (0: it does not). */
static uint32_t kinds_for(const struct sim_record *record, uint64_t *number)
{
    *number = 0;
    switch ((int)record->kind) {
    case SIM_KIND_CORRUPTED:
        *number = record->b >> 32;
        return *number ? DIAG_FAULT_FLIP : DIAG_FAULT_CORRUPT;
    case SIM_KIND_DELAYED:
        *number = record->b;
        return DIAG_FAULT_LATE;
    case SIM_KIND_HELD:
        *number = record->b;
        return DIAG_FAULT_HOLD;
    case SIM_KIND_QUEUED:
        return DIAG_FAULT_RATE;
    case SIM_KIND_REORDERED:
        return DIAG_FAULT_REORDER;
    default:
        *number = record->reason == SIM_REASON_FAULT ? record->a : 0;
        return kinds_for_drop(record);
    }
}

/* Whether a fault of one sender is of that one; `sender` NULL: not known. */
static bool is_sender(const struct diag_case *c, const struct diag_fault *fault,
                      const struct sim_node *sender)
{
    return !fault->from || !sender ||
           sender == topo_world_sender(c->in->world, fault->link, fault->from);
}

/* The latest fault of these kinds that stood on a link then, for what that node sends; NULL: none. */
static const struct diag_fault *latest(const struct diag_case *c, uint32_t kinds, const char *link,
                                       const struct sim_node *sender, base_ns at)
{
    for (size_t i = c->in->fault_count; i-- > 0;) {
        const struct diag_fault *fault = &c->in->faults[i];
        if (fault->kinds & kinds && fault->start <= at && at <= fault->end &&
            strcmp(fault->link, link) == 0 && is_sender(c, fault, sender))
            return fault;
    }
    return NULL;
}

static const struct diag_fault *numbered(const struct diag_case *c, uint64_t number)
{
    for (size_t i = 0; i < c->in->fault_count; i++) {
        if (c->in->faults[i].number == number)
            return &c->in->faults[i];
    }
    return NULL;
}

/* Who sent a packet onto the link that the record is of, where its port is the pipe's number; NULL: not known. */
static const struct sim_node *sender_of(const struct diag_case *c, const struct sim_record *record)
{
    const struct sim_link *link = topo_world_link(c->in->world, diag_place(c, record));
    const struct sim_port *port =
        link && record->port < link->pipes_count ? link->pipes[record->port]->from : NULL;
    return port ? port->node : NULL;
}

const struct diag_fault *diag_fault_at(const struct diag_case *c, const struct sim_record *record)
{
    uint64_t number;
    uint32_t kinds = kinds_for(record, &number);
    if (number)
        return numbered(c, number);
    return latest(c, kinds, diag_place(c, record), sender_of(c, record), record->at);
}

const struct diag_fault *diag_fault_setting(const struct diag_case *c, uint32_t kinds,
                                            const struct sim_record *record)
{
    return latest(c, kinds, diag_place(c, record), sender_of(c, record), record->at);
}

const struct diag_fault *diag_fault_of(const struct diag_case *c, uint32_t kinds, const char *node,
                                       base_ns at)
{
    return latest(c, kinds, node, NULL, at);
}

const struct diag_fault *diag_fault_slowing(const struct diag_case *c, const char *link,
                                            uint16_t sender, base_ns at)
{
    const struct sim_world *world = topo_world_sim(c->in->world);
    const struct sim_node *node = sender < world->nodes_count ? world->nodes[sender] : NULL;
    return latest(c, DIAG_FAULT_DELAY, link, node, at);
}
