/* A link's pipes, its impairments merged for each of them, and its taps. */
#include "sim/link.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/ether.h"
#include "sim/link_detail.h"
#include "sim/warm.h"
#include "sim/world.h"

#define MERGE(bit, field)                                                                          \
    if (over->set & (bit))                                                                         \
    base->field = over->field

void sim_impairment_merge(struct sim_impairment *base, const struct sim_impairment *over)
{
    MERGE(SIM_IMPAIR_LOSS, loss);
    MERGE(SIM_IMPAIR_BURST, burst);
    MERGE(SIM_IMPAIR_DUPLICATE, duplicate);
    MERGE(SIM_IMPAIR_REORDER, reorder);
    MERGE(SIM_IMPAIR_REORDER, reorder_ns);
    MERGE(SIM_IMPAIR_CORRUPT, corrupt);
    MERGE(SIM_IMPAIR_DELAY, delay_ns);
    MERGE(SIM_IMPAIR_JITTER, jitter_ns);
    MERGE(SIM_IMPAIR_RATE, rate_bps);
    MERGE(SIM_IMPAIR_QUEUE, queue_bytes);
    MERGE(SIM_IMPAIR_QUEUE, queue_packets);
    MERGE(SIM_IMPAIR_MTU, mtu);
    MERGE(SIM_IMPAIR_MTU_SILENT, mtu_silent);
    MERGE(SIM_IMPAIR_DOWN, down);
    base->set |= over->set;
}

/* Whether frames can be other than merely delayed. */
static bool does_nothing(const struct sim_impairment *i)
{
    uint32_t set = i->set;
    return !(set & SIM_IMPAIR_LOSS && i->loss > 0) && !(set & SIM_IMPAIR_BURST) &&
           !(set & SIM_IMPAIR_DUPLICATE && i->duplicate > 0) &&
           !(set & SIM_IMPAIR_REORDER && i->reorder > 0) &&
           !(set & SIM_IMPAIR_CORRUPT && i->corrupt > 0) &&
           !(set & SIM_IMPAIR_JITTER && i->jitter_ns > 0) && !(set & SIM_IMPAIR_RATE) &&
           !(set & SIM_IMPAIR_DOWN && i->down);
}

static bool covers(const struct sim_fault *fault, const struct sim_pipe *pipe)
{
    return !fault->config.from || (pipe->from && pipe->from->node == fault->config.from);
}

static void refresh_pipe(struct sim_link *link, struct sim_pipe *pipe)
{
    struct sim_pipe_detail *detail = pipe->detail;
    detail->now = link->base;
    detail->exact = false;
    for (const struct sim_fault *fault = link->faults; fault; fault = fault->next) {
        if (!covers(fault, pipe))
            continue;
        if (fault->config.action == SIM_FAULT_IMPAIR)
            sim_impairment_merge(&detail->now, &fault->config.impairment);
        else
            detail->exact = true;
    }
    pipe->delay_ns = detail->now.set & SIM_IMPAIR_DELAY ? detail->now.delay_ns : 0;
    pipe->size_max = UINT32_MAX; /* a routed link looks at the MTU in `inspect` */
    if (detail->now.set & SIM_IMPAIR_MTU && !link->inspect)
        pipe->size_max = detail->now.mtu + NET_ETHER_SIZE + (link->vlan_slack ? SIM_VLAN_SLACK : 0);
    pipe->inspected = link->inspect != NULL;
    pipe->plain = does_nothing(&detail->now) && !detail->exact && !link->taps;
}

void sim_link_refresh(struct sim_link *link)
{
    for (size_t i = 0; i < link->pipes_count; i++)
        refresh_pipe(link, link->pipes[i]);
}

void sim_link_init(struct sim_link *link, struct sim_world *world, const char *name, uint16_t node,
                   const struct sim_impairment *base)
{
    *link = (struct sim_link){.world = world, .name = base_strdup(name), .node = node};
    link->pipes = link->pipes_few;
    link->pipes_capacity = SIM_LINK_PIPES_FEW;
    if (base)
        link->base = *base;
}

void sim_link_fini(struct sim_link *link)
{
    sim_link_free_faults(link);
    for (size_t i = 0; i < link->pipes_count; i++) {
        sim_pipe_unplug(link->pipes[i]);
        free(link->pipes[i]->detail->waiting);
        free(link->pipes[i]->detail);
        free(link->pipes[i]);
    }
    base_grow_free(link->pipes, link->pipes_few);
    free(link->name);
    *link = (struct sim_link){0};
}

/* The pipe's streams are named after the link and the sending port: "internet/txl-gw:wan/loss". */
static void init_streams(struct sim_pipe *pipe)
{
    static const char *const NAMES[] = {
#define X(name, text) [SIM_STREAM_##name] = (text),
        SIM_STREAM_LIST(X)
#undef X
    };
    const struct sim_port *from = pipe->from;
    for (unsigned i = 0; i < SIM_STREAM_COUNT; i++)
        sim_world_rng(pipe->world, &pipe->detail->streams[i], "%s/%s:%s/%s", pipe->link->name,
                      from->node->name, from->name, NAMES[i]);
}

struct sim_pipe *sim_link_add_pipe(struct sim_link *link, struct sim_port *from,
                                   void (*arrive)(struct sim_carrier *carrier,
                                                  struct sim_packet *packet))
{
    assert(!from->out);
    struct sim_pipe *pipe = base_alloc_lines(sizeof(*pipe));
    *pipe = (struct sim_pipe){
        .carrier.arrive = arrive,
        .world = link->world,
        .link = link,
        .from = from,
        .index = (uint16_t)link->pipes_count,
        .detail = base_alloc_lines(sizeof(*pipe->detail)),
    };
    link->pipes = base_grow_few(link->pipes, link->pipes_few, link->pipes_count,
                                &link->pipes_capacity, sizeof(struct sim_pipe *));
    link->pipes[link->pipes_count++] = pipe;
    from->out = pipe;
    init_streams(pipe);
    refresh_pipe(link, pipe);
    return pipe;
}

void sim_pipe_unplug(struct sim_pipe *pipe)
{
    if (!pipe->from)
        return;
    pipe->from->out = NULL;
    pipe->from = NULL;
}

void sim_link_set_base(struct sim_link *link, const struct sim_impairment *base)
{
    link->base = *base;
    sim_link_refresh(link);
}

void sim_link_add_tap(struct sim_link *link, struct sim_tap *tap)
{
    sim_tap_add(&link->taps, tap);
    sim_link_refresh(link);
}

void sim_link_remove_tap(struct sim_link *link, struct sim_tap *tap)
{
    sim_tap_remove(&link->taps, tap);
    sim_link_refresh(link);
}

void sim_pipe_list_memory(const struct sim_pipe *pipe, struct base_warm *set)
{
    base_warm_add(set, pipe, sizeof(*pipe));
    if (pipe->inspected) {
        base_warm_add(set, pipe->detail, offsetof(struct sim_pipe_detail, now.loss));
        base_warm_add(set, pipe->detail->looked_at, 1);
    }
}

void sim_link_list_memory(struct sim_link *link, struct base_warm *set)
{
    if (link->list_memory)
        link->list_memory(link, set);
}

const struct sim_impairment *sim_pipe_impairment(const struct sim_pipe *pipe)
{
    return &pipe->detail->now;
}
