/* A UDP flow: its sender's clock, and the receiver's count. */
#include "sim/traffic.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
    PORT_DEFAULT = 5001, /* iperf's */
    WINDOW_WORDS = SIM_TRAFFIC_WINDOW / 64
};

struct sim_traffic {
    struct sim_stack *sender, *receiver;
    struct sim_traffic_config config;
    struct sim_traffic_statistics statistics;
    void (*done)(void *context, struct sim_traffic *traffic);
    void *context;
    struct sim_event timer; /* the next datagram, or the end */
    uint16_t from_port, to_port;
    uint64_t next;                     /* number of the next datagram, from 0 */
    uint64_t step_ns, step_rest, rest; /* from one to the next; fractions of a ns by the rate */
    base_ns next_at;                   /* since the start */
    uint64_t expected;                 /* one more than the largest number received */
    uint64_t latency_sum_ns;
    uint64_t seen[WINDOW_WORDS]; /* bit number % WINDOW: received */
    bool ended;
};

/* ---- The end ---- */

static struct sim_world *world_of(const struct sim_traffic *traffic)
{
    return sim_stack_world(traffic->sender);
}

static void unbind(struct sim_traffic *traffic)
{
    if (traffic->from_port)
        sim_stack_unbind_udp(traffic->sender, traffic->from_port);
    if (traffic->receiver && traffic->to_port)
        sim_stack_unbind_udp(traffic->receiver, traffic->to_port);
    traffic->from_port = traffic->to_port = 0;
}

static void finish(struct sim_traffic *traffic)
{
    struct sim_traffic_statistics *s = &traffic->statistics;
    unbind(traffic);
    sim_world_cancel(world_of(traffic), &traffic->timer);
    s->lost = s->sent - s->delivered;
    s->ended_at = world_of(traffic)->now;
    s->done = true;
    if (traffic->done)
        traffic->done(traffic->context, traffic);
}

/* ---- Receiving ---- */

static bool was_seen(const struct sim_traffic *traffic, uint64_t number)
{
    uint64_t bit = number % SIM_TRAFFIC_WINDOW;
    return traffic->seen[bit / 64] >> bit % 64 & 1;
}

static void set_seen(struct sim_traffic *traffic, uint64_t number, bool seen)
{
    uint64_t bit = number % SIM_TRAFFIC_WINDOW;
    uint64_t mask = UINT64_C(1) << bit % 64;
    traffic->seen[bit / 64] =
        seen ? traffic->seen[bit / 64] | mask : traffic->seen[bit / 64] & ~mask;
}

/* Moves the window up to this number, the largest so far. */
static void advance(struct sim_traffic *traffic, uint64_t number)
{
    uint64_t first = traffic->expected;
    if (number - first >= SIM_TRAFFIC_WINDOW)
        first = number - SIM_TRAFFIC_WINDOW + 1;
    for (uint64_t skipped = first; skipped < number; skipped++)
        set_seen(traffic, skipped, false);
    traffic->expected = number + 1;
}

/* Notes the number; false where it came before. */
static bool count_number(struct sim_traffic *traffic, uint64_t number)
{
    if (number >= traffic->expected) {
        advance(traffic, number);
    } else {
        bool in_window = traffic->expected - number <= SIM_TRAFFIC_WINDOW;
        if (in_window && was_seen(traffic, number))
            return false;
        traffic->statistics.reordered++;
        if (!in_window)
            return true;
    }
    set_seen(traffic, number, true);
    return true;
}

static void count_latency(struct sim_traffic *traffic, base_ns latency)
{
    struct sim_traffic_statistics *s = &traffic->statistics;
    traffic->latency_sum_ns += (uint64_t)latency;
    if (s->delivered == 1 || latency < s->latency_min_ns)
        s->latency_min_ns = latency;
    if (latency > s->latency_max_ns)
        s->latency_max_ns = latency;
    s->latency_avg_ns = (base_ns)(traffic->latency_sum_ns / s->delivered);
}

static bool all_sent(const struct sim_traffic *traffic)
{
    return traffic->next_at >= traffic->config.duration_ns;
}

static void on_datagram(void *context, struct sim_stack *stack,
                        const struct sim_stack_datagram *datagram, struct sim_packet *packet)
{
    struct sim_traffic *traffic = context;
    struct sim_traffic_statistics *s = &traffic->statistics;
    struct base_reader r = base_reader_of(datagram->data, datagram->size);
    bool ours = base_read_u64(&r) == traffic->from_port && datagram->src_port == traffic->from_port;
    uint64_t number = base_read_u64(&r);
    base_ns sent_at = (base_ns)base_read_u64(&r);
    base_ns now = sim_stack_world(stack)->now;
    sim_packet_free(sim_stack_world(stack), packet);
    if (r.failed || !ours || number >= traffic->next || sent_at < 0 || sent_at > now)
        return;
    if (!count_number(traffic, number)) {
        s->duplicates++;
        return;
    }
    s->delivered++;
    count_latency(traffic, now - sent_at);
    if (all_sent(traffic) && s->delivered == s->sent) {
        traffic->ended = true;
        sim_world_after(world_of(traffic), &traffic->timer, 0);
    }
}

/* ---- Sending ---- */

static void on_strange_datagram(void *context, struct sim_stack *stack,
                                const struct sim_stack_datagram *datagram,
                                struct sim_packet *packet)
{
    (void)context;
    (void)datagram;
    sim_packet_free(sim_stack_world(stack), packet);
}

static void send_datagram(struct sim_traffic *traffic)
{
    struct sim_world *world = world_of(traffic);
    struct sim_traffic_statistics *s = &traffic->statistics;
    uint32_t size = traffic->config.size;
    struct sim_packet *packet = sim_packet_new(world, size, 0);
    struct base_writer w = base_writer_of(base_buffer_put(&packet->bytes, size), size);
    base_write_u64(&w, traffic->from_port);
    base_write_u64(&w, traffic->next++);
    base_write_u64(&w, (uint64_t)world->now);
    base_write_zeros(&w, size - w.size);
    sim_note(world, packet, sim_stack_node(traffic->sender)->id, UINT16_MAX, SIM_KIND_BORN,
             SIM_REASON_NONE, SIM_ORIGIN_UDP,
             (uint64_t)traffic->from_port << 32 | (uint32_t)s->sent);
    s->first_packet = s->first_packet ? s->first_packet : packet->id;
    s->last_packet = packet->id;
    s->sent++;
    struct sim_stack_udp how = {
        .src = traffic->config.from,
        .dst = traffic->config.to,
        .src_port = traffic->from_port,
        .dst_port = traffic->to_port,
        .tos = traffic->config.tos,
        .df = traffic->config.df,
    };
    s->refused += sim_stack_udp_send(traffic->sender, packet, &how, NULL) != SIM_STACK_OK;
}

/* When the next one is due: no rounding adds up over a long flow. */
static void step(struct sim_traffic *traffic)
{
    traffic->next_at += (base_ns)traffic->step_ns;
    traffic->rest += traffic->step_rest;
    if (traffic->rest >= traffic->config.rate_bps) {
        traffic->rest -= traffic->config.rate_bps;
        traffic->next_at++;
    }
}

static void on_timer(struct sim_world *world, struct sim_event *event)
{
    struct sim_traffic *traffic = SIM_OWNER(event, struct sim_traffic, timer);
    if (traffic->ended || all_sent(traffic)) {
        finish(traffic);
        return;
    }
    step(traffic);
    base_ns due = traffic->statistics.started_at + traffic->next_at;
    sim_world_at(world, event,
                 all_sent(traffic) ? base_ns_add(world->now, traffic->config.timeout_ns) : due);
    send_datagram(traffic);
}

/* The receiver's port, the next free one where another flow has it. */
static void bind_receiver(struct sim_traffic *traffic)
{
    struct sim_stack_socket socket = {
        .port = traffic->config.port ? traffic->config.port : PORT_DEFAULT,
        .input = on_datagram,
        .context = traffic,
    };
    traffic->to_port = socket.port;
    if (!traffic->receiver)
        return;
    while (!sim_stack_bind_udp(traffic->receiver, &socket))
        socket.port = (uint16_t)(socket.port == UINT16_MAX ? 1024 : socket.port + 1);
    traffic->to_port = socket.port;
}

struct sim_traffic *sim_traffic_start(struct sim_stack *sender, struct sim_stack *receiver,
                                      const struct sim_traffic_config *config,
                                      void (*done)(void *context, struct sim_traffic *traffic),
                                      void *context)
{
    assert(config->rate_bps && config->size >= SIM_TRAFFIC_SIZE_MIN);
    struct sim_traffic *traffic = base_alloc(sizeof(*traffic));
    uint64_t bits_ns = (uint64_t)config->size * 8 * (uint64_t)BASE_S;
    traffic->sender = sender;
    traffic->receiver = receiver;
    traffic->config = *config;
    traffic->done = done;
    traffic->context = context;
    traffic->step_ns = bits_ns / config->rate_bps;
    traffic->step_rest = bits_ns % config->rate_bps;
    struct sim_stack_socket socket = {.input = on_strange_datagram};
    traffic->from_port = sim_stack_bind_udp(sender, &socket);
    bind_receiver(traffic);
    traffic->statistics.started_at = sim_stack_world(sender)->now;
    sim_event_init(&traffic->timer, on_timer);
    sim_world_after(sim_stack_world(sender), &traffic->timer, 0);
    return traffic;
}

void sim_traffic_stop(struct sim_traffic *traffic)
{
    if (!traffic->statistics.done)
        finish(traffic);
}

void sim_traffic_free(struct sim_traffic *traffic)
{
    if (!traffic)
        return;
    unbind(traffic);
    sim_world_cancel(world_of(traffic), &traffic->timer);
    free(traffic);
}

const struct sim_traffic_statistics *sim_traffic_statistics(const struct sim_traffic *traffic)
{
    return &traffic->statistics;
}
