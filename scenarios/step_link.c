/*
 * fault, heal, release: what a scenario does to links; to gateways see step_gateway_fault.c. A
 * fault is put on the link by sim/link.h; here its words are turned into that, and a clock heals it
 * after `for`.
 */
#include "scenarios/play_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pcap/filter.h"
#include "scenarios/diagnosis.h"
#include "scenarios/ike_frame.h"
#include "sim/link.h"
#include "sim/stack.h"
#include "sim/world.h"
#include "topology/impair.h"

/* What an exact fault looks for in a frame: a filter, or an IKE message. */
struct matcher {
    struct cap_filter *filter;
    struct scn_ike_match ike;
};

static bool frame_matches(void *context, const struct sim_packet *frame)
{
    const struct matcher *matcher = context;
    const uint8_t *bytes = base_buffer_data(&frame->bytes);
    if (matcher->filter)
        return cap_filter_match(matcher->filter, bytes, frame->bytes.size);
    return scn_ike_frame_matches(bytes, frame->bytes.size, &matcher->ike);
}

static void matcher_free(void *context)
{
    struct matcher *matcher = context;
    cap_filter_free(matcher->filter);
    free(matcher);
}

static struct matcher *matcher_new(const struct scn_exact_fault *exact)
{
    struct matcher *matcher = base_alloc(sizeof(*matcher));
    struct cap_error error;
    matcher->ike = exact->ike;
    /* The reader has compiled it once: libpcap accepts it. */
    if (!exact->has_ike)
        matcher->filter =
            cap_filter_new(exact->filter.text ? exact->filter.text : "", CAP_LINK_ETHERNET, &error);
    return matcher;
}

static enum sim_fault_action action_of(enum scn_fault_action action)
{
    switch (action) {
    case SCN_FAULT_DROP:
        return SIM_FAULT_DROP;
    case SCN_FAULT_DUPLICATE:
        return SIM_FAULT_DUPLICATE;
    case SCN_FAULT_DELAY:
        return SIM_FAULT_DELAY;
    case SCN_FAULT_CORRUPT:
        return SIM_FAULT_CORRUPT;
    case SCN_FAULT_HOLD:
        return SIM_FAULT_HOLD;
    }
    abort();
}

static void add_fault(struct scn_running *running, struct sim_link *link,
                      struct sim_fault_config *config)
{
    running->faults = base_grow(running->faults, running->fault_count, &running->fault_capacity,
                                sizeof(*running->faults));
    running->faults[running->fault_count++] =
        (struct scn_fault_handle){link, sim_link_add_fault(link, config)};
}

static void add_exact(struct scn_running *running, struct sim_link *link,
                      const struct sim_node *from)
{
    const struct scn_exact_fault *exact = &running->step->u.fault.exact;
    struct sim_fault_config config = {
        .from = from,
        .action = action_of(exact->action),
        .match = frame_matches,
        .context = matcher_new(exact),
        .context_free = matcher_free,
        .first = exact->first,
        .last = exact->last == UINT64_MAX ? 0 : exact->last,
        .amount = exact->action == SCN_FAULT_DROP ? scn_fault_number(running->play, running->step)
                                                  : exact->number,
        .number = scn_fault_number(running->play, running->step),
        .delay_ns = exact->delay_ns,
        .hold = exact->hold,
    };
    add_fault(running, link, &config);
}

static void heal(struct scn_running *running)
{
    for (size_t i = 0; i < running->fault_count; i++)
        sim_link_heal(running->faults[i].link, running->faults[i].fault);
    running->fault_count = 0;
    scn_heal_gateway_fault(running);
}

static void time_is_over(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    heal(SIM_OWNER(event, struct scn_running, timer));
}

static void befall_link(struct scn_running *running, const struct scn_fault *fault)
{
    struct sim_link *link = topo_world_link(running->play->world, fault->on);
    struct sim_node *from = NULL;
    if (fault->from)
        from = topo_world_sender(running->play->world, fault->on, fault->from);
    if (fault->impairment.set) {
        struct sim_fault_config config = {.from = from, .action = SIM_FAULT_IMPAIR};
        config.impairment = topo_impairment_of(&fault->impairment);
        add_fault(running, link, &config);
    }
    if (fault->has_exact)
        add_exact(running, link, from);
}

void scn_start_fault(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    if (fault->has_gateway)
        scn_start_gateway_fault(running);
    else
        befall_link(running, fault);
    if (fault->for_ns > 0) {
        sim_event_init(&running->timer, time_is_over);
        sim_world_after(running->play->sim, &running->timer, fault->for_ns);
    }
    scn_step_finish(running);
}

void scn_stop_fault(struct scn_running *running)
{
    free(running->faults);
    running->faults = NULL;
    running->fault_count = 0;
}

static bool heal_means(const struct scn_heal *words, const struct scn_fault *fault)
{
    if (words->all)
        return true;
    if (strcmp(words->on, fault->on) != 0)
        return false;
    return !words->from || (fault->from && strcmp(words->from, fault->from) == 0);
}

void scn_start_heal(struct scn_running *running)
{
    struct scn_play *play = running->play;
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        struct scn_running *other = &play->running[i];
        bool stands = other->fault_count > 0 || other->befalls_gateway;
        if (!stands || !heal_means(&running->step->u.heal, &other->step->u.fault))
            continue;
        sim_world_cancel(play->sim, &other->timer);
        heal(other);
    }
    scn_step_finish(running);
}

static size_t release_on(struct scn_running *running, const char *link)
{
    return sim_link_release(topo_world_link(running->play->world, link), running->step->u.release);
}

/* A name may hold packets on several links: all of them go. */
void scn_start_release(struct scn_running *running)
{
    const struct topo_model *model = &running->play->scenario->model;
    size_t released = release_on(running, "internet");
    for (size_t i = 0; i < model->vdc_count; i++) {
        for (size_t j = 0; j < model->vdcs[i].lan_count; j++) {
            char *link = base_printf("%s/%u", model->vdcs[i].name, model->vdcs[i].lans[j].id);
            released += release_on(running, link);
            free(link);
        }
    }
    if (released == 0)
        scn_step_fail(running, "nothing is held under the name '%s'", running->step->u.release);
    else
        scn_step_finish(running);
}
