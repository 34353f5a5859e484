/*
 * inject: an attacker who sees what passes at a capture point, remembers what the step will need, and sends his packets
 * when its turn comes. Each step remembers one packet at most, and the numbers of the last one that mattered.
 */
#include "scenarios/play_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/ether.h"
#include "pcap/craft.h"
#include "pcap/filter.h"
#include "scenarios/inject.h"
#include "sim/tap.h"
#include "sim/world.h"

struct scn_injection {
    struct sim_tap tap;
    const struct scn_inject *inject;
    size_t link_header;        /* bytes before the IP header at the point that is watched */
    struct cap_filter *filter; /* NULL: all packets */
    uint64_t matched;
    uint8_t *packet; /* the one to be replayed; NULL: not seen yet */
    size_t packet_size;
    bool chosen; /* the step has begun: what comes now, its own packets too, is not the last one */
    struct scn_sight sight;
    bool has_pair_esp, has_pair_ike; /* `sight` is of the forged packet's own two addresses */
    struct base_rng rng;
    uint64_t sent;
};

static const char *watched_point(const struct scn_inject *inject)
{
    return inject->is_replay && inject->replay.seen_at ? inject->replay.seen_at : inject->at;
}

/* --- Watching -------------------------------------------------------------------------------------- */

static void remember_packet(struct scn_injection *injection, const struct sim_tap_frame *frame)
{
    const struct scn_replay *replay = &injection->inject->replay;
    struct scn_packet_view view;
    if (injection->filter && !cap_filter_match(injection->filter, frame->bytes, frame->size))
        return;
    injection->matched++;
    const uint8_t *ip = frame->bytes + injection->link_header;
    size_t size = frame->size < injection->link_header ? 0 : frame->size - injection->link_header;
    if (!frame->injected && scn_packet_view(ip, size, &view) && view.carried == SCN_CARRIED_ESP)
        injection->sight = view.numbers;
    if ((replay->nth && injection->matched != replay->nth) || injection->chosen)
        return;
    free(injection->packet);
    injection->packet = base_alloc(size + 1);
    injection->packet_size = size;
    memcpy(injection->packet, ip, size);
}

/*
 * The last ESP packet to the one that the forged ones go to, and the last IKE message of his: of those with the very
 * address that they are to come from, where there are any.
 */
static void remember_numbers(struct scn_injection *injection, const struct sim_tap_frame *frame)
{
    const struct scn_fields *set = &injection->inject->forge.set;
    struct scn_packet_view view;
    if (frame->injected || frame->size < injection->link_header ||
        !scn_packet_view(frame->bytes + injection->link_header,
                         frame->size - injection->link_header, &view))
        return;
    net_ip4 from = (net_ip4)set->source.number, to = (net_ip4)set->destination.number;
    bool comes = view.destination == to, goes = view.source == to;
    bool same_pair = (comes && view.source == from) || (goes && view.destination == from);
    struct scn_sight *sight = &injection->sight;
    if (view.carried == SCN_CARRIED_ESP && comes && (same_pair || !injection->has_pair_esp)) {
        sight->has_esp = true;
        sight->spi = view.numbers.spi;
        sight->sequence = view.numbers.sequence;
        injection->has_pair_esp = same_pair;
    } else if (view.carried == SCN_CARRIED_IKE && (comes || goes) &&
               (same_pair || !injection->has_pair_ike)) {
        sight->has_ike = true;
        sight->spi_initiator = view.numbers.spi_initiator;
        sight->spi_responder = view.numbers.spi_responder;
        injection->has_pair_ike = same_pair;
    }
}

static void on_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct scn_injection *injection = SIM_OWNER(tap, struct scn_injection, tap);
    if (injection->inject->is_replay)
        remember_packet(injection, frame);
    else
        remember_numbers(injection, frame);
}

static struct scn_injection *injection_new(struct scn_play *play, const struct scn_step *step)
{
    struct scn_injection *injection = base_alloc(sizeof(*injection));
    const struct scn_inject *inject = step->u.inject;
    const char *name = watched_point(inject);
    struct topo_point point;
    struct cap_error error;
    injection->inject = inject;
    injection->tap.frame = on_frame;
    bool raw = topo_find_point(play->model, name, &point) && point.kind == TOPO_POINT_TUNNEL;
    injection->link_header = raw ? 0 : NET_ETHER_SIZE;
    /* The reader has compiled it once: libpcap accepts it. */
    if (inject->is_replay && inject->replay.filter)
        injection->filter =
            cap_filter_new(inject->replay.filter, raw ? CAP_LINK_RAW : CAP_LINK_ETHERNET, &error);
    sim_world_rng(play->sim, &injection->rng, "inject/%zu", (size_t)(step - play->scenario->steps));
    topo_world_tap(play->world, name, &injection->tap);
    return injection;
}

bool scn_inject_is_wanted(const struct scn_scenario *scenario)
{
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].verb == SCN_VERB_INJECT)
            return true;
    return false;
}

void scn_inject_begin(struct scn_play *play)
{
    for (size_t i = 0; i < play->scenario->step_count; i++)
        if (play->scenario->steps[i].verb == SCN_VERB_INJECT)
            play->running[i].injection = injection_new(play, &play->scenario->steps[i]);
}

void scn_inject_end(struct scn_play *play)
{
    for (size_t i = 0; i < play->scenario->step_count; i++) {
        struct scn_injection *injection = play->running[i].injection;
        if (!injection)
            continue;
        cap_filter_free(injection->filter);
        free(injection->packet);
        free(injection);
    }
    cap_craft_free(play->craft);
}

/* --- Sending --------------------------------------------------------------------------------------- */

static bool has_seen(struct scn_running *running)
{
    const struct scn_injection *injection = running->injection;
    const struct scn_replay *replay = &injection->inject->replay;
    if (!injection->inject->is_replay || injection->packet)
        return true;
    uint64_t seen = injection->matched;
    const char *at = watched_point(injection->inject);
    char *filter = replay->filter
                       ? base_printf(" that match%s '%s'", seen > 1 ? "" : "es", replay->filter)
                       : base_strdup("");
    if (!seen)
        scn_step_fail(running, "%s has seen no packet%s", at, filter);
    else
        scn_step_fail(running,
                      "%s has seen %" PRIu64 " packet%s%s, and number %" PRIu64 " is asked for", at,
                      seen, seen > 1 ? "s" : "", filter, replay->nth);
    free(filter);
    return false;
}

/* One packet; false, and the step has failed, where it cannot be made or nobody takes it. */
static bool send_one(struct scn_running *running)
{
    struct scn_play *play = running->play;
    struct scn_injection *injection = running->injection;
    const struct scn_inject *inject = injection->inject;
    uint8_t packet[CAP_CRAFT_SIZE_MAX];
    struct scn_maker maker = {.craft = play->craft,
                              .rng = &injection->rng,
                              .sight = &injection->sight,
                              .problem = "it would be too large for IPv4",
                              .out = packet};
    size_t size = inject->is_replay ? scn_replay_make(&maker, &inject->replay, injection->packet,
                                                      injection->packet_size)
                                    : scn_forge_make(&maker, &inject->forge);
    if (!size) {
        scn_step_fail(running, "the packet cannot be made: %s", maker.problem);
        return false;
    }
    enum topo_injected done = topo_world_inject(play->world, inject->at, packet, size,
                                                (uint32_t)running->step->where.line);
    if (done != TOPO_INJECTED) {
        scn_step_fail(running, done == TOPO_INJECT_NO_TAKER
                                   ? "nobody on the segment has the packet's destination address"
                                   : "there is no such interface");
        return false;
    }
    running->row->injected = ++injection->sent;
    return true;
}

/* Sends what is due now, and waits for the next. */
static void go_on(struct scn_running *running)
{
    const struct scn_injection *injection = running->injection;
    const struct scn_inject *inject = injection->inject;
    do {
        if (!send_one(running))
            return;
    } while (injection->sent < inject->count && inject->interval_ns == 0);
    if (injection->sent < inject->count)
        sim_world_after(running->play->sim, &running->timer, inject->interval_ns);
    else
        scn_step_finish(running);
}

static void next_is_due(struct sim_world *world, struct sim_event *event)
{
    (void)world;
    go_on(SIM_OWNER(event, struct scn_running, timer));
}

void scn_start_inject(struct scn_running *running)
{
    if (!running->play->craft)
        running->play->craft = cap_craft_new();
    sim_event_init(&running->timer, next_is_due);
    running->injection->chosen = true;
    if (has_seen(running))
        go_on(running);
}
