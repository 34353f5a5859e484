/* Field by field; a queue is told in bytes or in packets, and one of the two then has no limit. */
#include "topology/impair.h"

static const struct {
    uint32_t topo;
    uint32_t sim;
} BITS[] = {
    {TOPO_LOSS, SIM_IMPAIR_LOSS},
    {TOPO_BURST_LOSS, SIM_IMPAIR_BURST},
    {TOPO_DUPLICATE, SIM_IMPAIR_DUPLICATE},
    {TOPO_REORDER, SIM_IMPAIR_REORDER},
    {TOPO_CORRUPT, SIM_IMPAIR_CORRUPT},
    {TOPO_DELAY, SIM_IMPAIR_DELAY},
    {TOPO_JITTER, SIM_IMPAIR_JITTER},
    {TOPO_RATE, SIM_IMPAIR_RATE},
    {TOPO_QUEUE, SIM_IMPAIR_QUEUE},
    {TOPO_MTU, SIM_IMPAIR_MTU},
    {TOPO_MTU_SILENT, SIM_IMPAIR_MTU_SILENT},
    {TOPO_DOWN, SIM_IMPAIR_DOWN},
};

static uint32_t clamp_u32(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

struct sim_impairment topo_impairment_of(const struct topo_impairment *words)
{
    struct sim_impairment out = {
        .loss = words->loss,
        .duplicate = words->duplicate,
        .reorder = words->reorder,
        .corrupt = words->corrupt,
        .burst = {.p = words->burst_loss.to_bad,
                  .r = words->burst_loss.to_good,
                  .loss_bad = words->burst_loss.loss_in_bad,
                  .loss_good = words->burst_loss.loss_in_good},
        .delay_ns = words->delay_ns,
        .jitter_ns = words->jitter_ns,
        .rate_bps = words->rate_bps,
        .mtu = words->mtu_bytes,
        .mtu_silent = words->mtu_silent,
        .down = words->down,
    };
    if (words->queue_is_packets)
        out.queue_packets = clamp_u32(words->queue);
    else
        out.queue_bytes = clamp_u32(words->queue);
    for (size_t i = 0; i < sizeof(BITS) / sizeof(BITS[0]); i++) {
        if (words->set & BITS[i].topo)
            out.set |= BITS[i].sim;
    }
    return out;
}
