/*
 * A frame's way through a pipe: everything is decided as it enters, in the order that sim/link.h
 * gives, so that captures of the link can say what became of it.
 */
#include <stdio.h>
#include <string.h>

#include "net/ether.h"
#include "sim/journal.h"
#include "sim/link.h"
#include "sim/link_detail.h"
#include "sim/warm.h"
#include "sim/world.h"

void sim_fate_comment(struct sim_fate *fate, const char *text)
{
    if (!fate->wanted || !text)
        return;
    size_t used = strlen(fate->comment);
    snprintf(fate->comment + used, sizeof(fate->comment) - used, "%s%s", used ? "; " : "", text);
}

/* The words for captures of a record that is written elsewhere. */
static void comment_on(struct sim_fate *fate, enum sim_kind kind, uint64_t a, uint64_t b,
                       const char *name)
{
    if (!fate->wanted)
        return;
    struct sim_record record = {
        .a = a, .b = b, .kind = (uint16_t)kind, .reason = (uint16_t)fate->reason};
    char text[SIM_RECORD_TEXT_MAX];
    sim_record_text_named(&record, name, text);
    sim_fate_comment(fate, text);
}

void sim_fate_note(struct sim_fate *fate, struct sim_pipe *pipe, const struct sim_packet *packet,
                   enum sim_kind kind, uint64_t a, uint64_t b)
{
    sim_note(pipe->world, packet, pipe->link->node, pipe->index, kind, SIM_REASON_NONE, a, b);
    comment_on(fate, kind, a, b, "");
}

static bool chance(struct base_rng *stream, double probability)
{
    return base_rng_unit(stream) < probability;
}

static uint64_t millionths(double probability)
{
    return (uint64_t)(probability * 1e6 + 0.5);
}

static void lose(struct sim_fate *fate, enum sim_reason reason, double probability)
{
    fate->end = SIM_FATE_LOST;
    fate->reason = reason;
    fate->a = millionths(probability);
}

static void drop(struct sim_fate *fate, enum sim_reason reason, uint64_t a)
{
    fate->end = SIM_FATE_DROPPED;
    fate->reason = reason;
    fate->a = a;
}

/* netem's loss_gilb_ell(): the state moves first, and the loss is that of the state left. */
static void decide_burst(struct sim_pipe_detail *detail, struct sim_fate *fate)
{
    const struct sim_burst *burst = &detail->now.burst;
    struct base_rng *stream = &detail->streams[SIM_STREAM_BURST];
    bool was_bad = detail->burst_bad;
    if (chance(stream, was_bad ? burst->r : burst->p))
        detail->burst_bad = !was_bad;
    double loss = was_bad ? burst->loss_bad : burst->loss_good;
    if (chance(stream, loss))
        lose(fate, SIM_REASON_BURST_LOSS, loss);
}

static void decide_loss(struct sim_pipe *pipe, struct sim_fate *fate)
{
    struct sim_pipe_detail *detail = pipe->detail;
    const struct sim_impairment *now = &detail->now;
    if (now->set & SIM_IMPAIR_LOSS && now->loss > 0 &&
        chance(&detail->streams[SIM_STREAM_LOSS], now->loss))
        lose(fate, SIM_REASON_LOSS, now->loss);
    else if (now->set & SIM_IMPAIR_BURST)
        decide_burst(detail, fate);
}

static void decide_mtu(struct sim_pipe *pipe, const struct sim_packet *packet,
                       const struct sim_crossing *crossing, struct sim_fate *fate)
{
    if (crossing->too_big || sim_packet_size(packet) > pipe->size_max)
        drop(fate, SIM_REASON_LINK_MTU, pipe->detail->now.mtu);
}

/* Corruption and copies are drawn here, and made once the frame has been seen by the taps. */
static void decide_copies(struct sim_pipe *pipe, const struct sim_packet *packet,
                          struct sim_fate *fate)
{
    struct sim_pipe_detail *detail = pipe->detail;
    const struct sim_impairment *now = &detail->now;
    fate->corrupt = now->set & SIM_IMPAIR_CORRUPT && now->corrupt > 0 &&
                    chance(&detail->streams[SIM_STREAM_CORRUPT], now->corrupt);
    if (fate->corrupt || fate->fault_bits)
        sim_fate_comment(fate, "corrupted");
    if (now->set & SIM_IMPAIR_DUPLICATE && now->duplicate > 0 &&
        chance(&detail->streams[SIM_STREAM_DUPLICATE], now->duplicate)) {
        fate->copies++;
        sim_fate_note(fate, pipe, packet, SIM_KIND_DUPLICATED, 1, 0);
    }
}

static base_ns part_of(base_ns delay, const struct sim_crossing *crossing)
{
    if (crossing->travel == crossing->whole)
        return delay;
    base_ns whole = crossing->whole;
    return delay / whole * crossing->travel + delay % whole * crossing->travel / whole;
}

/* The link's delay for this frame: jitter and reordering drawn, scaled to where its way ends. */
static base_ns draw_delay(struct sim_pipe *pipe, const struct sim_packet *packet,
                          const struct sim_crossing *crossing, struct sim_fate *fate)
{
    struct sim_pipe_detail *detail = pipe->detail;
    const struct sim_impairment *now = &detail->now;
    base_ns delay = pipe->delay_ns;
    if (now->set & SIM_IMPAIR_JITTER && now->jitter_ns > 0) {
        uint64_t span = 2 * (uint64_t)now->jitter_ns + 1;
        uint64_t draw = base_rng_below(&detail->streams[SIM_STREAM_JITTER], span);
        delay = base_ns_add(delay, (base_ns)draw) - now->jitter_ns;
        delay = delay < 0 ? 0 : delay;
    }
    if (now->set & SIM_IMPAIR_REORDER && now->reorder > 0 &&
        chance(&detail->streams[SIM_STREAM_REORDER], now->reorder)) {
        delay = now->reorder_ns ? base_ns_add(delay, now->reorder_ns) : 0;
        sim_fate_note(fate, pipe, packet, SIM_KIND_REORDERED, (uint64_t)now->reorder_ns, 0);
    }
    return part_of(delay, crossing);
}

/* Rate, queue, delay: when the frame arrives, or that the queue is full. */
static void decide_time(struct sim_pipe *pipe, const struct sim_packet *packet,
                        const struct sim_crossing *crossing, struct sim_fate *fate)
{
    struct sim_pipe_detail *detail = pipe->detail;
    base_ns now = pipe->world->now;
    base_ns sent = now;
    if (detail->now.set & SIM_IMPAIR_RATE) {
        base_ns start = now;
        uint64_t before = detail->waiting_bytes;
        if (!sim_rate_enter(detail, now, sim_packet_size(packet), &start, &sent)) {
            drop(fate, SIM_REASON_QUEUE_FULL, before);
            return;
        }
        if (start > now)
            sim_fate_note(fate, pipe, packet, SIM_KIND_QUEUED, (uint64_t)(start - now), before);
    }
    base_ns delay = draw_delay(pipe, packet, crossing, fate);
    fate->at = base_ns_add(base_ns_add(sent, delay), fate->delay_ns);
    if (crossing->outcome && fate->wanted) {
        char text[SIM_CROSSING_TEXT_MAX];
        pipe->link->describe(pipe, packet, crossing, text);
        sim_fate_comment(fate, text);
    }
}

static struct sim_crossing look_at(struct sim_pipe *pipe, struct sim_packet *packet)
{
    struct sim_crossing crossing = {.travel = 1, .whole = 1};
    if (pipe->link->inspect)
        pipe->link->inspect(pipe, packet, &pipe->detail->now, &crossing);
    return crossing;
}

/* Decides all that is left once exact faults have let the frame through. */
static void decide(struct sim_pipe *pipe, const struct sim_packet *packet,
                   const struct sim_crossing *crossing, bool lossy, struct sim_fate *fate)
{
    const struct sim_impairment *now = &pipe->detail->now;
    if (fate->end != SIM_FATE_CARRIED)
        return;
    if (now->set & SIM_IMPAIR_DOWN && now->down)
        drop(fate, SIM_REASON_LINK_DOWN, 0);
    if (fate->end == SIM_FATE_CARRIED && lossy)
        decide_loss(pipe, fate);
    if (fate->end == SIM_FATE_CARRIED)
        decide_mtu(pipe, packet, crossing, fate);
    if (fate->end != SIM_FATE_CARRIED)
        return;
    decide_copies(pipe, packet, fate);
    decide_time(pipe, packet, crossing, fate);
}

static uint32_t bit_count(const struct sim_packet *packet)
{
    uint32_t size = sim_packet_size(packet);
    return size > NET_ETHER_SIZE ? (size - NET_ETHER_SIZE) * 8 : 0;
}

uint32_t sim_corrupt(struct base_rng *stream, struct sim_packet *packet, uint32_t count)
{
    uint32_t bits = bit_count(packet);
    uint32_t first = 0;
    count = count < bits ? count : bits;
    uint32_t turned[64]; /* so that no bit is turned back */
    count = count < 64 ? count : 64;
    for (uint32_t i = 0; i < count;) {
        uint32_t bit = (uint32_t)base_rng_below(stream, bits);
        uint32_t seen = 0;
        while (seen < i && turned[seen] != bit)
            seen++;
        if (seen < i)
            continue;
        turned[i++] = bit;
        uint32_t byte = NET_ETHER_SIZE + bit / 8;
        sim_packet_data(packet)[byte] ^= (uint8_t)(0x80u >> (bit % 8));
        first = i == 1 ? byte : first;
    }
    return first;
}

static void corrupt(struct sim_pipe *pipe, struct sim_packet *packet, enum sim_stream stream,
                    uint32_t count, uint32_t number)
{
    uint32_t byte = sim_corrupt(&pipe->detail->streams[stream], packet, count);
    packet->damaged = true;
    sim_note(pipe->world, packet, pipe->link->node, pipe->index, SIM_KIND_CORRUPTED,
             SIM_REASON_NONE, count, (uint64_t)number << 32 | byte);
}

static void end(struct sim_pipe *pipe, struct sim_packet *packet, const struct sim_fate *fate)
{
    struct sim_world *world = pipe->world;
    uint16_t node = pipe->link->node;
    if (fate->end == SIM_FATE_DROPPED) {
        sim_drop(world, packet, node, pipe->index, fate->reason, fate->a, 0);
    } else if (fate->end == SIM_FATE_LOST) {
        sim_lose(world, packet, node, pipe->index, fate->reason, fate->a);
    } else if (fate->end == SIM_FATE_HELD) {
        uint64_t name = world->journal ? sim_journal_text(world->journal, fate->hold) : 0;
        sim_note(world, packet, node, pipe->index, SIM_KIND_HELD, SIM_REASON_NONE, name,
                 fate->hold_number);
        sim_link_hold(pipe, packet, fate->hold);
    } else {
        sim_packet_fly(world, packet, &pipe->carrier, fate->at);
    }
}

/* A copy takes its own place in the queue and draws its own delay. */
static void send_copy(struct sim_pipe *pipe, const struct sim_packet *original,
                      const struct sim_fate *of_original)
{
    struct sim_packet *copy = sim_packet_clone(pipe->world, original);
    sim_note(pipe->world, copy, pipe->link->node, pipe->index, SIM_KIND_BORN, SIM_REASON_NONE,
             SIM_ORIGIN_COPY, 0);
    struct sim_crossing crossing = look_at(pipe, copy);
    struct sim_fate fate = {.delay_ns = of_original->delay_ns};
    decide_time(pipe, copy, &crossing, &fate);
    end(pipe, copy, &fate);
}

/* Nothing gets past a link that is down or too narrow: no copies either. */
static bool is_blocked(const struct sim_fate *fate)
{
    return fate->reason == SIM_REASON_LINK_DOWN || fate->reason == SIM_REASON_LINK_MTU;
}

static void act(struct sim_pipe *pipe, struct sim_packet *packet, const struct sim_fate *fate)
{
    if (fate->corrupt)
        corrupt(pipe, packet, SIM_STREAM_CORRUPT_BITS, 1, 0);
    if (fate->fault_bits)
        corrupt(pipe, packet, SIM_STREAM_FAULT_BITS, fate->fault_bits, fate->bits_number);
    for (uint32_t i = 0; i < fate->copies && !is_blocked(fate); i++)
        send_copy(pipe, packet, fate);
    end(pipe, packet, fate);
}

static void comment_on_end(struct sim_fate *fate)
{
    if (fate->end == SIM_FATE_DROPPED)
        comment_on(fate, SIM_KIND_DROPPED, fate->a, 0, "");
    else if (fate->end == SIM_FATE_LOST)
        comment_on(fate, SIM_KIND_LOST, fate->a, 0, "");
    else if (fate->end == SIM_FATE_HELD)
        comment_on(fate, SIM_KIND_HELD, 0, 0, fate->hold);
}

static void show(struct sim_pipe *pipe, const struct sim_packet *packet, struct sim_fate *fate)
{
    if (!fate->wanted)
        return;
    comment_on_end(fate);
    const char *comment = fate->comment[0] ? fate->comment : NULL;
    sim_tap_show(pipe->from->taps, pipe->world->now, packet, SIM_DIRECTION_OUT, comment);
    sim_tap_show(pipe->link->taps, pipe->world->now, packet, SIM_DIRECTION_OUT, comment);
}

static void send_impaired(struct sim_pipe *pipe, struct sim_packet *packet)
{
    struct sim_crossing crossing = look_at(pipe, packet);
    if (crossing.off_path) {
        sim_tap_show(pipe->from->taps, pipe->world->now, packet, SIM_DIRECTION_OUT, NULL);
        sim_packet_fly(pipe->world, packet, &pipe->carrier, pipe->world->now);
        return;
    }
    struct sim_fate fate = {.wanted = pipe->from->taps || pipe->link->taps};
    if (pipe->detail->exact)
        sim_link_apply_faults(pipe, packet, &fate);
    decide(pipe, packet, &crossing, true, &fate);
    show(pipe, packet, &fate);
    act(pipe, packet, &fate);
}

void sim_pipe_send(struct sim_pipe *pipe, struct sim_packet *packet)
{
    if (!pipe->plain || pipe->from->taps || sim_packet_size(packet) > pipe->size_max) {
        send_impaired(pipe, packet);
        return;
    }
    base_ns delay = pipe->delay_ns;
    if (pipe->inspected) {
        struct sim_crossing crossing = look_at(pipe, packet);
        if (crossing.too_big) {
            send_impaired(pipe, packet);
            return;
        }
        delay = crossing.off_path ? 0 : part_of(delay, &crossing);
    }
    if (pipe->world->warmer)
        sim_warmer_expect(pipe->world->warmer, pipe->bound);
    sim_packet_fly(pipe->world, packet, &pipe->carrier, base_ns_add(pipe->world->now, delay));
}

void sim_pipe_resume(struct sim_pipe *pipe, struct sim_packet *packet)
{
    struct sim_fate fate = {0};
    struct sim_crossing crossing = look_at(pipe, packet);
    decide(pipe, packet, &crossing, false, &fate);
    act(pipe, packet, &fate);
}
