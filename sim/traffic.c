/* A UDP flow: its sender's clock, and the receiver's count. */
#include "sim/traffic.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "sim/warm.h"

enum {
    PORT_DEFAULT = 5001, /* iperf's */
    WINDOW_WORDS = SIM_TRAFFIC_WINDOW / 64
};

struct sim_traffic {
    struct sim_world *world;
    struct sim_stack *sender, *receiver; /* NULL: outside, or nobody */
    struct sim_traffic_outside outside_sender, outside_receiver;
    struct sim_traffic_config config;
    struct sim_traffic_statistics statistics;
    void (*done)(void *context, struct sim_traffic *traffic);
    void *context;
    struct sim_event timer;     /* the next datagram, or the end */
    struct sim_warm_list *list; /* of the sender; NULL: no warming */
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

static void unbind_end(struct sim_stack *stack, const struct sim_traffic_outside *outside,
                       uint16_t port)
{
    if (!port)
        return;
    if (stack)
        sim_stack_unbind_udp(stack, port);
    else if (outside->unbind)
        outside->unbind(outside->context);
}

static void unbind(struct sim_traffic *traffic)
{
    unbind_end(traffic->sender, &traffic->outside_sender, traffic->from_port);
    unbind_end(traffic->receiver, &traffic->outside_receiver, traffic->to_port);
    traffic->from_port = traffic->to_port = 0;
}

static void finish(struct sim_traffic *traffic)
{
    struct sim_traffic_statistics *s = &traffic->statistics;
    const struct sim_traffic_outside *sender = &traffic->outside_sender;
    if (sender->packets)
        sender->packets(sender->context, &s->first_packet, &s->last_packet);
    unbind(traffic);
    sim_world_cancel(traffic->world, &traffic->timer);
    s->lost = s->sent - s->delivered;
    s->ended_at = traffic->world->now;
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

void sim_traffic_take(struct sim_traffic *traffic, uint16_t from_port, const uint8_t *data,
                      size_t size)
{
    struct sim_traffic_statistics *s = &traffic->statistics;
    struct base_reader r = base_reader_of(data, size);
    bool ours = base_read_u64(&r) == traffic->from_port && from_port == traffic->from_port;
    uint64_t number = base_read_u64(&r);
    base_ns sent_at = (base_ns)base_read_u64(&r);
    base_ns now = traffic->world->now;
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
        sim_world_after(traffic->world, &traffic->timer, 0);
    }
}

static void on_datagram(void *context, struct sim_stack *stack,
                        const struct sim_stack_datagram *datagram, struct sim_packet *packet)
{
    sim_traffic_take(context, datagram->src_port, datagram->data, datagram->size);
    sim_packet_free(sim_stack_world(stack), packet);
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

/* What the receiver knows it by. */
static void fill(struct sim_traffic *traffic, uint8_t *data)
{
    uint32_t size = traffic->config.size;
    struct base_writer w = base_writer_of(data, size);
    base_write_u64(&w, traffic->from_port);
    base_write_u64(&w, traffic->next++);
    base_write_u64(&w, (uint64_t)traffic->world->now);
    base_write_zeros(&w, size - w.size);
}

static bool send_from_stack(struct sim_traffic *traffic, const struct sim_stack_udp *how)
{
    struct sim_world *world = traffic->world;
    struct sim_traffic_statistics *s = &traffic->statistics;
    if (traffic->list)
        sim_warmer_wake(world->warmer, traffic->list);
    struct sim_packet *packet = sim_packet_new(world, traffic->config.size, 0);
    fill(traffic, base_buffer_put(&packet->bytes, traffic->config.size));
    sim_note(world, packet, sim_stack_node(traffic->sender)->id, UINT16_MAX, SIM_KIND_BORN,
             SIM_REASON_NONE, SIM_ORIGIN_UDP,
             (uint64_t)traffic->from_port << 32 | (uint32_t)s->sent);
    s->first_packet = s->first_packet ? s->first_packet : packet->id;
    s->last_packet = packet->id;
    return sim_stack_udp_send(traffic->sender, packet, how, NULL) == SIM_STACK_OK;
}

static bool send_from_outside(struct sim_traffic *traffic, const struct sim_stack_udp *how)
{
    const struct sim_traffic_outside *outside = &traffic->outside_sender;
    uint8_t *data = base_alloc(traffic->config.size);
    fill(traffic, data);
    bool sent = outside->send(outside->context, how, data, traffic->config.size);
    free(data);
    return sent;
}

static void send_datagram(struct sim_traffic *traffic)
{
    struct sim_stack_udp how = {
        .src = traffic->config.from,
        .dst = traffic->config.to,
        .src_port = traffic->from_port,
        .dst_port = traffic->to_port,
        .tos = traffic->config.tos,
        .df = traffic->config.df,
    };
    bool sent = traffic->sender ? send_from_stack(traffic, &how) : send_from_outside(traffic, &how);
    traffic->statistics.sent++;
    traffic->statistics.refused += !sent;
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
    const struct sim_traffic_outside *outside = &traffic->outside_receiver;
    traffic->to_port = socket.port;
    if (!traffic->receiver && outside->bind)
        traffic->to_port = outside->bind(outside->context, traffic, socket.port);
    if (!traffic->receiver)
        return;
    while (!sim_stack_bind_udp(traffic->receiver, &socket))
        socket.port = (uint16_t)(socket.port == UINT16_MAX ? 1024 : socket.port + 1);
    traffic->to_port = socket.port;
}

static void bind_sender(struct sim_traffic *traffic)
{
    struct sim_stack_socket socket = {.input = on_strange_datagram};
    const struct sim_traffic_outside *outside = &traffic->outside_sender;
    traffic->from_port = traffic->sender ? sim_stack_bind_udp(traffic->sender, &socket)
                                         : outside->bind(outside->context, traffic, 0);
}

static struct sim_traffic *make(struct sim_world *world, const struct sim_traffic_end *sender,
                                const struct sim_traffic_end *receiver,
                                const struct sim_traffic_config *config)
{
    struct sim_traffic *traffic = base_alloc(sizeof(*traffic));
    uint64_t bits_ns = (uint64_t)config->size * 8 * (uint64_t)BASE_S;
    traffic->world = world;
    traffic->sender = sender->stack;
    traffic->list = sender->stack ? sim_stack_warm_list(sender->stack) : NULL;
    traffic->receiver = receiver->stack;
    if (sender->outside)
        traffic->outside_sender = *sender->outside;
    if (receiver->outside)
        traffic->outside_receiver = *receiver->outside;
    traffic->config = *config;
    traffic->step_ns = bits_ns / config->rate_bps;
    traffic->step_rest = bits_ns % config->rate_bps;
    return traffic;
}

struct sim_traffic *
sim_traffic_start_between(struct sim_world *world, const struct sim_traffic_end *sender,
                          const struct sim_traffic_end *receiver,
                          const struct sim_traffic_config *config,
                          void (*done)(void *context, struct sim_traffic *traffic), void *context)
{
    assert(config->rate_bps && config->size >= SIM_TRAFFIC_SIZE_MIN);
    struct sim_traffic *traffic = make(world, sender, receiver, config);
    traffic->done = done;
    traffic->context = context;
    bind_sender(traffic);
    bind_receiver(traffic);
    if (!traffic->from_port || !traffic->to_port) {
        sim_traffic_free(traffic);
        return NULL;
    }
    traffic->statistics.started_at = world->now;
    sim_event_init(&traffic->timer, on_timer);
    sim_world_after(world, &traffic->timer, 0);
    return traffic;
}

struct sim_traffic *sim_traffic_start(struct sim_stack *sender, struct sim_stack *receiver,
                                      const struct sim_traffic_config *config,
                                      void (*done)(void *context, struct sim_traffic *traffic),
                                      void *context)
{
    const struct sim_traffic_end from = {.stack = sender};
    const struct sim_traffic_end to = {.stack = receiver};
    return sim_traffic_start_between(sim_stack_world(sender), &from, &to, config, done, context);
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
    sim_world_cancel(traffic->world, &traffic->timer);
    free(traffic);
}

const struct sim_traffic_statistics *sim_traffic_statistics(const struct sim_traffic *traffic)
{
    return &traffic->statistics;
}
