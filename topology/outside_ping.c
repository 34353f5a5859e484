/* The system's own ping, run in the node's namespace and listened to. */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/addr.h"
#include "netns/process.h"
#include "sim/world.h"
#include "topology/outside_internal.h"
#include "topology/ping_text.h"

struct outside_pinger {
    struct topo_ping base;
    struct topo_outside *outside;
    struct netns_process *process;
    net_ip4 to;
    struct sim_ping_statistics statistics;
    struct sim_ping_times times;
    bool summed; /* it has said itself what came of it, and how long it sent */
};

static base_ns now_of(const struct outside_pinger *ping)
{
    return ping->outside->node.world->now;
}

/* What has happened so far, for a ping that is ended before it says so itself. */
static void count(struct outside_pinger *ping, const struct sim_ping_line *line)
{
    struct sim_ping_statistics *s = &ping->statistics;
    switch (line->kind) {
    case SIM_PING_REPLY:
        s->received++;
        sim_ping_count_time(&ping->times, s, line->rtt_ns);
        break;
    case SIM_PING_DUPLICATE:
        s->duplicates++;
        sim_ping_count_time(&ping->times, s, line->rtt_ns);
        break;
    case SIM_PING_REDIRECT:
        break;
    case SIM_PING_ERROR:
    case SIM_PING_LOCAL_ERROR:
        s->errors++;
        break;
    case SIM_PING_NO_CONNECT:
        s->no_connect = true;
        s->errors++;
        return;
    }
    if (line->sequence > s->transmitted) {
        s->transmitted = line->sequence;
        s->last_at = line->at;
    }
}

/* It was killed: what left its namespace is what it has sent, answered or not. */
static void sum_up(struct outside_pinger *ping)
{
    struct sim_ping_statistics *s = &ping->statistics;
    const struct outside_count *sent = outside_counted(ping->outside, ping->to);
    if (sent && sent->number && sent->last_at > s->last_at)
        s->last_at = sent->last_at;
    if (sent && sent->number > s->transmitted)
        s->transmitted = sent->number;
}

static void on_line(void *context, bool is_error, const char *text)
{
    struct outside_pinger *ping = context;
    struct sim_ping_line line;
    struct sim_ping_statistics told = ping->statistics;
    enum topo_ping_text what = topo_ping_text_read(text, &line, &told);
    (void)is_error;
    if (what == TOPO_PING_TEXT_LINE) {
        line.at = now_of(ping);
        count(ping, &line);
        if (ping->base.listener.line)
            ping->base.listener.line(ping->base.listener.context, &line);
    } else if (what != TOPO_PING_TEXT_OTHER) {
        ping->statistics = told;
        ping->summed = ping->summed || what == TOPO_PING_TEXT_SUMMARY;
    }
}

static void finish(struct outside_pinger *ping)
{
    struct sim_ping_statistics *s = &ping->statistics;
    if (s->done)
        return;
    s->done = true;
    if (!ping->summed)
        sum_up(ping);
    topo_outside_requests(ping->outside, ping->to, &s->first_packet, &s->last_packet);
    if (ping->base.listener.done)
        ping->base.listener.done(ping->base.listener.context);
}

static void on_ended(void *context, int status)
{
    (void)status;
    finish(context);
}

static void stop(struct topo_ping *base)
{
    struct outside_pinger *ping = (struct outside_pinger *)base;
    netns_process_signal(ping->process, SIGKILL);
    finish(ping);
}

static void ping_free(struct topo_ping *base)
{
    netns_process_free(((struct outside_pinger *)base)->process);
    free(base);
}

static const struct sim_ping_statistics *statistics(const struct topo_ping *base)
{
    return &((const struct outside_pinger *)base)->statistics;
}

/* ---- Its command line ---- */

enum {
    WORDS_MAX = 24,
    WORD_SIZE = 32,
    FIRST =
        -20, /* it takes the time of a request itself: what holds it up then is no path's delay */
};

struct words {
    const char *argv[WORDS_MAX];
    char texts[WORDS_MAX][WORD_SIZE];
    size_t count;
};

static void __attribute__((format(printf, 2, 3))) add(struct words *words, const char *format, ...)
{
    va_list arguments;
    char *text = words->texts[words->count];
    va_start(arguments, format);
    vsnprintf(text, WORD_SIZE, format, arguments);
    va_end(arguments);
    words->argv[words->count++] = text;
}

/* Seconds as ping reads them. It keeps milliseconds, and takes 0 for "as fast as it can". */
static void add_seconds(struct words *words, const char *option, base_ns time)
{
    base_ns ms = (time + BASE_MS - 1) / BASE_MS;
    add(words, "%s", option);
    add(words, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
}

static const char *df_word(enum sim_stack_df df)
{
    return df == SIM_STACK_DF_DO ? "do" : df == SIM_STACK_DF_WANT ? "want" : "dont";
}

static void command(struct words *words, const struct sim_ping_config *config)
{
    char text[NET_ADDR_TEXT_MAX];
    struct net_addr to = net_addr_from_ip4(config->to);
    struct net_addr from = net_addr_from_ip4(config->from);
    add(words, "ping");
    add(words, "-n");
    if (config->count) {
        add(words, "-c");
        add(words, "%" PRIu64, config->count);
    }
    add_seconds(words, "-i", config->interval_ns);
    add_seconds(words, "-W", config->timeout_ns);
    add(words, "-s");
    add(words, "%" PRIu32, config->size);
    add(words, "-t");
    add(words, "%d", config->ttl ? config->ttl : 64);
    add(words, "-Q");
    add(words, "%d", config->tos);
    add(words, "-M");
    add(words, "%s", df_word(config->df));
    if (config->from) {
        add(words, "-I");
        add(words, "%s", net_addr_format(&from, text));
    }
    add(words, "%s", net_addr_format(&to, text));
}

struct topo_ping *outside_ping(struct topo_world_node *node, const struct sim_ping_config *config,
                               const struct topo_ping_listener *listener)
{
    static const struct topo_ping_ops OPS = {stop, ping_free, statistics};
    struct words words = {.count = 0};
    struct outside_pinger *ping = base_alloc(sizeof(*ping));
    struct netns_process_config run = {
        .place = node->outside->netns, .argv = words.argv, .nice = FIRST};
    struct netns_process_listener heard = {ping, on_line, on_ended};
    char *error = NULL;
    command(&words, config);
    ping->base = (struct topo_ping){.ops = &OPS, .listener = *listener};
    ping->outside = node->outside;
    ping->to = config->to;
    ping->statistics.started_at = ping->statistics.last_at = now_of(ping);
    topo_outside_count_requests(node->outside, config->to);
    ping->process = netns_process_start(node->outside->loop, &run, &heard, &error);
    if (ping->process)
        return &ping->base;
    free(error);
    free(ping);
    return NULL;
}
