/*
 * The echo client. Times are kept apart from the payload, to the nanosecond, for the requests in the
 * window; the payload is as iputils fills it (struct timeval, then a counting pattern), so that
 * Wireshark shows its timestamp.
 */
#include "sim/ping.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "net/checksum.h"
#include "net/icmp.h"
#include "sim/warm.h"

enum {
    TIME_SIZE = 16, /* struct timeval of a 64-bit machine */
    PATTERN_SIZE = 256
};

struct sim_ping {
    struct sim_event timer; /* the next request, or the end */
    struct sim_stack *stack;
    struct sim_warm_list *list; /* of the host; NULL: no warming */
    bool bound, ended;
    struct sim_stack_echo echo;
    struct sim_ping_config config;
    struct sim_ping_listener listener;
    struct sim_ping_statistics statistics;
    uint64_t last;    /* sequence of the last request, from 1; 0: none yet */
    base_ns *sent_at; /* by sequence & mask: when; its complement once answered */
    uint64_t mask;
    struct sim_ping_times times;
    uint64_t pattern_sum; /* checksum of all that is the same in every request */
};

#define ROW(n)                                                                                     \
    (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7, (n) + 8, (n) + 9,          \
        (n) + 10, (n) + 11, (n) + 12, (n) + 13, (n) + 14, (n) + 15

static const uint8_t PATTERN[PATTERN_SIZE] = {
    ROW(0x00), ROW(0x10), ROW(0x20), ROW(0x30), ROW(0x40), ROW(0x50), ROW(0x60), ROW(0x70),
    ROW(0x80), ROW(0x90), ROW(0xa0), ROW(0xb0), ROW(0xc0), ROW(0xd0), ROW(0xe0), ROW(0xf0)};

/* ---- The end ---- */

static void unbind(struct sim_ping *ping)
{
    if (ping->bound)
        sim_stack_unbind_echo(ping->stack, &ping->echo);
    ping->bound = false;
}

static uint64_t square_root(uint64_t value)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= value)
            root += bit;
    return root;
}

static void finish(struct sim_ping *ping)
{
    struct sim_ping_statistics *s = &ping->statistics;
    unbind(ping);
    sim_world_cancel(sim_stack_world(ping->stack), &ping->timer);
    s->done = true;
    if (ping->listener.done)
        ping->listener.done(ping->listener.context, ping);
}

/* Ends in an event of its own, since this may be within another's. */
static void end_soon(struct sim_ping *ping)
{
    unbind(ping);
    ping->ended = true;
    sim_world_after(sim_stack_world(ping->stack), &ping->timer, 0);
}

static void end_if_all_came(struct sim_ping *ping)
{
    const struct sim_ping_statistics *s = &ping->statistics;
    if (ping->config.count && s->received + s->errors >= ping->config.count)
        end_soon(ping);
}

/* ---- What comes back ---- */

/* As ping counts: from the request that this is about to the last one sent, errors of its own system left out. */
static void count_pipe(struct sim_ping_statistics *s, const struct sim_ping_line *line)
{
    bool came = line->kind != SIM_PING_LOCAL_ERROR && line->kind != SIM_PING_NO_CONNECT &&
                line->kind != SIM_PING_REDIRECT;
    if (came && s->transmitted >= line->sequence && s->transmitted - line->sequence + 1 > s->pipe)
        s->pipe = s->transmitted - line->sequence + 1;
}

static void tell(struct sim_ping *ping, const struct sim_ping_line *line)
{
    count_pipe(&ping->statistics, line);
    if (ping->listener.line)
        ping->listener.line(ping->listener.context, ping, line);
}

/* The latest request with these low 16 bits; 0 where none was sent. */
static uint64_t full_sequence(const struct sim_ping *ping, uint16_t low)
{
    uint64_t back = (ping->last - low) & 0xffff;
    return back < ping->last ? ping->last - back : 0;
}

static bool in_window(const struct sim_ping *ping, uint64_t sequence)
{
    return ping->last - sequence <= ping->mask;
}

static uint64_t read_le(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static void write_le(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

/* The time of a request that the window has forgotten, from its own payload. */
static base_ns time_in_payload(const struct sim_ping *ping, const uint8_t *icmp, size_t size)
{
    base_ns now = sim_stack_world(ping->stack)->now;
    if (size < NET_ICMP_SIZE + TIME_SIZE)
        return now;
    base_ns seconds = (base_ns)(read_le(icmp + NET_ICMP_SIZE) & INT32_MAX);
    base_ns micros = (base_ns)(read_le(icmp + NET_ICMP_SIZE + 8) % 1000000);
    base_ns sent = seconds * BASE_S + micros * BASE_US - ping->config.epoch_ns;
    return sent >= 0 && sent < now ? sent : now;
}

void sim_ping_count_time(struct sim_ping_times *times, struct sim_ping_statistics *s, base_ns rtt)
{
    times->replies++;
    times->sum_ns += (uint64_t)rtt;
    double step = (double)rtt - times->mean_ns;
    times->mean_ns += step / (double)times->replies;
    times->square += step * ((double)rtt - times->mean_ns);
    if (times->replies == 1 || rtt < s->rtt_min_ns)
        s->rtt_min_ns = rtt;
    if (rtt > s->rtt_max_ns)
        s->rtt_max_ns = rtt;
    s->rtt_avg_ns = (base_ns)(times->sum_ns / times->replies);
    s->rtt_mdev_ns = (base_ns)square_root((uint64_t)(times->square / (double)times->replies));
}

static void on_reply(struct sim_stack_echo *echo, const struct net_ipv4 *ip, const uint8_t *icmp,
                     size_t icmp_size, const struct sim_packet *packet)
{
    struct sim_ping *ping = SIM_OWNER(echo, struct sim_ping, echo);
    base_ns now = sim_stack_world(ping->stack)->now;
    uint64_t sequence = full_sequence(ping, (uint16_t)(icmp[6] << 8 | icmp[7]));
    if (!sequence)
        return;
    base_ns *sent = in_window(ping, sequence) ? &ping->sent_at[sequence & ping->mask] : NULL;
    bool duplicate = sent && *sent < 0;
    struct sim_ping_line line = {
        .kind = duplicate ? SIM_PING_DUPLICATE : SIM_PING_REPLY,
        .at = now,
        .sequence = sequence,
        .from = ip->src,
        .ttl = ip->ttl,
        .bytes = (uint32_t)icmp_size,
        .packet = packet->id,
    };
    base_ns sent_at = sent ? (duplicate ? ~*sent : *sent) : time_in_payload(ping, icmp, icmp_size);
    line.rtt_ns = now - sent_at;
    if (sent)
        *sent = ~sent_at;
    if (duplicate)
        ping->statistics.duplicates++;
    else
        ping->statistics.received++;
    sim_ping_count_time(&ping->times, &ping->statistics, line.rtt_ns);
    tell(ping, &line);
    end_if_all_came(ping);
}

static void on_error(struct sim_stack_echo *echo, const struct sim_stack_icmp_error *error,
                     uint16_t low)
{
    struct sim_ping *ping = SIM_OWNER(echo, struct sim_ping, echo);
    uint64_t sequence = full_sequence(ping, low);
    if (!sequence)
        return;
    /* To a raw socket, such as ping has without net.ipv4.ping_group_range, a redirect is no error but a message. */
    bool redirect = error->type == NET_ICMP_REDIRECT;
    ping->statistics.errors += !redirect;
    tell(ping, &(struct sim_ping_line){
                   .kind = redirect ? SIM_PING_REDIRECT : SIM_PING_ERROR,
                   .at = error->at,
                   .sequence = sequence,
                   .from = error->from,
                   .icmp_type = error->type,
                   .icmp_code = error->code,
                   .mtu = error->mtu,
                   .gateway = error->gateway,
                   .packet = error->packet,
               });
    end_if_all_came(ping);
}

/* ---- What is sent ---- */

/* Everything but identifier, sequence and time stays the same: its sum is taken once. */
static void prepare_pattern(struct sim_ping *ping)
{
    uint32_t size = ping->config.size, start = size < TIME_SIZE ? 0 : TIME_SIZE;
    for (uint32_t at = start; at < size;) {
        uint32_t part = PATTERN_SIZE - at % PATTERN_SIZE;
        part = part < size - at ? part : size - at;
        ping->pattern_sum = net_checksum_add(ping->pattern_sum, PATTERN + at % PATTERN_SIZE, part);
        at += part;
    }
}

static void fill_payload(const struct sim_ping *ping, uint8_t *payload)
{
    uint32_t size = ping->config.size, at = 0;
    if (size >= TIME_SIZE) {
        base_ns wall = ping->config.epoch_ns + sim_stack_world(ping->stack)->now;
        write_le(payload, (uint64_t)(wall / BASE_S));
        write_le(payload + 8, (uint64_t)(wall % BASE_S / BASE_US));
        at = TIME_SIZE;
    }
    while (at < size) {
        uint32_t part = PATTERN_SIZE - at % PATTERN_SIZE;
        part = part < size - at ? part : size - at;
        memcpy(payload + at, PATTERN + at % PATTERN_SIZE, part);
        at += part;
    }
}

static struct sim_packet *make_request(const struct sim_ping *ping)
{
    uint32_t size = NET_ICMP_SIZE + ping->config.size;
    struct sim_packet *packet = sim_packet_new(sim_stack_world(ping->stack), size, 0);
    uint8_t *icmp = base_buffer_put(&packet->bytes, size);
    icmp[0] = NET_ICMP_ECHO;
    icmp[1] = 0;
    base_put_be(icmp + 2, 0, 2);
    base_put_be(icmp + 4, ping->echo.id, 2);
    base_put_be(icmp + 6, ping->last & 0xffff, 2);
    fill_payload(ping, icmp + NET_ICMP_SIZE);
    size_t changing = NET_ICMP_SIZE + (ping->config.size < TIME_SIZE ? 0u : TIME_SIZE);
    uint64_t sum = net_checksum_add(ping->pattern_sum, icmp, changing);
    base_put_be(icmp + 2, net_checksum_finish(sum), 2);
    return packet;
}

static void send_request(struct sim_ping *ping)
{
    struct sim_world *world = sim_stack_world(ping->stack);
    struct sim_ping_statistics *s = &ping->statistics;
    uint32_t mtu = 0;
    ping->last++;
    struct sim_packet *packet = make_request(ping);
    sim_note(world, packet, sim_stack_node(ping->stack)->id, UINT16_MAX, SIM_KIND_BORN,
             SIM_REASON_NONE, SIM_ORIGIN_ECHO_REQUEST,
             (uint64_t)ping->echo.id << 32 | (uint32_t)ping->last);
    s->first_packet = s->first_packet ? s->first_packet : packet->id;
    s->last_packet = packet->id;
    s->transmitted++;
    s->last_at = world->now;
    struct sim_stack_send how = {
        .src = ping->config.from,
        .dst = ping->config.to,
        .protocol = NET_IPV4_ICMP,
        .ttl = ping->config.ttl,
        .tos = ping->config.tos,
        .df = ping->config.df,
    };
    enum sim_stack_status status = sim_stack_send(ping->stack, packet, &how, &mtu);
    /* No reply comes inside the call. Last, as in a large world its memory is still on its way: all that is written
     * behind it would wait. */
    ping->sent_at[ping->last & ping->mask] = world->now;
    if (status == SIM_STACK_OK)
        return;
    s->errors++;
    tell(ping, &(struct sim_ping_line){
                   .kind = SIM_PING_LOCAL_ERROR,
                   .at = world->now,
                   .sequence = ping->last,
                   .mtu = mtu,
                   .status = status,
               });
}

/* What the request and its way out of the host touch: no frame that comes in has told of it. */
static void warm(const struct sim_ping *ping, struct sim_warmer *warmer)
{
    base_warm_now(ping, sizeof(*ping));
    base_warm_now(&ping->sent_at[(ping->last + 1) & ping->mask], sizeof(*ping->sent_at));
    sim_warmer_wake(warmer, ping->list);
}

static void on_timer(struct sim_world *world, struct sim_event *event)
{
    struct sim_ping *ping = SIM_OWNER(event, struct sim_ping, timer);
    const struct sim_ping_config *config = &ping->config;
    if (ping->list)
        warm(ping, world->warmer);
    bool all_sent = config->count && ping->last >= config->count;
    if (ping->ended || all_sent) {
        finish(ping);
        return;
    }
    send_request(ping);
    /* Behind what this request itself has set off: a neighbour's third second is over before the
     * fourth request, as it is in reality. */
    all_sent = config->count && ping->last >= config->count;
    sim_world_after(world, event, all_sent ? config->timeout_ns : config->interval_ns);
    end_if_all_came(ping);
}

/* ping connects a UDP socket to the destination before anything else, to find its source address. */
static bool connects(struct sim_ping *ping)
{
    struct sim_stack_route route;
    enum sim_stack_status status = SIM_STACK_DOWN;
    if (!ping->config.to) /* "this host": Linux connects it to itself */
        ping->config.to = NET_IP4(127, 0, 0, 1);
    if (sim_stack_is_up(ping->stack))
        status = sim_stack_route_get(ping->stack, ping->config.to, SIM_STACK_ALL_TABLES, &route);
    if (status == SIM_STACK_OK &&
        (route.kind == NET_ROUTE_BROADCAST || ping->config.to == NET_IP4_BROADCAST))
        status = SIM_STACK_DENIED;
    if (status == SIM_STACK_OK)
        return true;
    ping->statistics.no_connect = true;
    ping->statistics.errors++;
    tell(ping, &(struct sim_ping_line){
                   .kind = SIM_PING_NO_CONNECT,
                   .at = sim_stack_world(ping->stack)->now,
                   .status = status,
               });
    return false;
}

static void on_start(struct sim_world *world, struct sim_event *event)
{
    struct sim_ping *ping = SIM_OWNER(event, struct sim_ping, timer);
    event->run = on_timer;
    ping->statistics.started_at = ping->statistics.last_at = world->now;
    if (connects(ping))
        on_timer(world, event);
    else
        finish(ping);
}

/* Requests remembered: a power of two, no more than there will be. */
static uint64_t window_size(uint64_t count)
{
    uint64_t size = 1;
    while (size < SIM_PING_WINDOW_MAX && (!count || size < count))
        size *= 2;
    return size;
}

struct sim_ping *sim_ping_start(struct sim_stack *stack, const struct sim_ping_config *config,
                                const struct sim_ping_listener *listener)
{
    assert(config->interval_ns >= BASE_US && config->timeout_ns >= 0);
    assert(config->size <= SIM_PING_SIZE_MAX);
    struct sim_ping *ping = base_alloc_lines(sizeof(*ping));
    ping->stack = stack;
    ping->config = *config;
    ping->listener = *listener;
    ping->echo.reply = on_reply;
    ping->echo.error = on_error;
    ping->echo.touched_size = sizeof(*ping) - offsetof(struct sim_ping, echo);
    ping->mask = window_size(config->count) - 1;
    ping->sent_at = base_alloc_array(ping->mask + 1, sizeof(*ping->sent_at));
    prepare_pattern(ping);
    sim_stack_bind_echo(stack, &ping->echo);
    ping->bound = true;
    ping->list = sim_stack_warm_list(stack);
    sim_event_init(&ping->timer, on_start);
    sim_world_after(sim_stack_world(stack), &ping->timer, 0);
    return ping;
}

void sim_ping_stop(struct sim_ping *ping)
{
    if (!ping->statistics.done)
        finish(ping);
}

void sim_ping_free(struct sim_ping *ping)
{
    if (!ping)
        return;
    unbind(ping);
    sim_world_cancel(sim_stack_world(ping->stack), &ping->timer);
    free(ping->sent_at);
    free(ping);
}

const struct sim_ping_statistics *sim_ping_statistics(const struct sim_ping *ping)
{
    return &ping->statistics;
}
