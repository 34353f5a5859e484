/* Which fault of a step explains what happened to a packet: one that stood then, and does that kind of thing. */
#include <string.h>

#include "diagnose/case.h"
#include "sim/link.h"
#include "sim/node.h"

/* The kinds of fault that come to such a record; 0: none does. */
static uint32_t kinds_for(const struct sim_record *record)
{
    switch ((int)record->reason) {
    case SIM_REASON_LOSS:
        return DIAG_FAULT_LOSS;
    case SIM_REASON_BURST_LOSS:
        return DIAG_FAULT_BURST_LOSS;
    case SIM_REASON_QUEUE_FULL:
        return DIAG_FAULT_RATE;
    case SIM_REASON_LINK_DOWN:
        return DIAG_FAULT_DOWN;
    case SIM_REASON_LINK_MTU:
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
    case SIM_REASON_NONE:
        return record->kind == SIM_KIND_CORRUPTED ? DIAG_FAULT_CORRUPT : 0;
    default:
        return 0;
    }
}

/* Whether a fault of one sender is of the one whose packet it was: on a link a record's port is the pipe's number. */
static bool is_sender(const struct diag_case *c, const struct diag_fault *fault,
                      const struct sim_record *record)
{
    const struct sim_link *link = topo_world_link(c->in->world, fault->link);
    if (!fault->from || !link || record->port >= link->pipes_count)
        return true;
    const struct sim_port *port = link->pipes[record->port]->from;
    return !port || port->node == topo_world_sender(c->in->world, fault->link, fault->from);
}

const struct diag_fault *diag_fault_at(const struct diag_case *c, const struct sim_record *record)
{
    uint32_t kinds = kinds_for(record);
    for (size_t i = c->in->fault_count; i-- > 0;) {
        const struct diag_fault *fault = &c->in->faults[i];
        if (!(fault->kinds & kinds) || fault->start > record->at || record->at > fault->end ||
            strcmp(fault->link, diag_place(c, record)) != 0 || !is_sender(c, fault, record))
            continue;
        if (record->reason != SIM_REASON_FAULT || fault->number == record->a)
            return fault;
    }
    return NULL;
}
