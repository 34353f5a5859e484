/* iputils 20221126's formats (ping_common.c tells what is printed where; the words are its users'). */
#include "report/ping_text.h"

#include <inttypes.h>

#include "net/icmp.h"

enum {
    ICMP_HEADER = 8,
    IP_HEADER = 20,
    TIMED_MIN = 16, /* bytes of data below which ping cannot print a time */
};

#define WAIT_DEFAULT                                                                               \
    (10 * BASE_S) /* without -W, where nothing comes; a scenario's own default is less */

static const char *target(const struct scn_ping *ping, char out[NET_ADDR_TEXT_MAX])
{
    return net_addr_format(&ping->to_address, out);
}

void report_ping_head(FILE *out, const struct scn_ping *ping)
{
    char to[NET_ADDR_TEXT_MAX];
    target(ping, to);
    fprintf(out, "PING %s (%s) %" PRIu32 "(%" PRIu32 ") bytes of data.\n", to, to, ping->size_bytes,
            ping->size_bytes + ICMP_HEADER + IP_HEADER);
}

/* Three digits, rounded to them, as ping has them: 0.456, 2.35, 24.3, 105. It counts in microseconds. */
static void print_time(FILE *out, base_ns rtt_ns)
{
    int64_t us = rtt_ns / BASE_US;
    if (us < 1000)
        fprintf(out, " time=0.%03" PRId64 " ms", us);
    else if (us < 9995)
        fprintf(out, " time=%" PRId64 ".%02" PRId64 " ms", (us + 5) / 1000, (us + 5) % 1000 / 10);
    else if (us < 99950)
        fprintf(out, " time=%" PRId64 ".%" PRId64 " ms", (us + 50) / 1000, (us + 50) % 1000 / 100);
    else
        fprintf(out, " time=%" PRId64 " ms", (us + 500) / 1000);
}

static void print_reply(FILE *out, const struct scn_ping *ping, const struct sim_ping_line *line,
                        const char *from)
{
    fprintf(out, "%" PRIu32 " bytes from %s: icmp_seq=%" PRIu64 " ttl=%u", line->bytes, from,
            line->sequence & 0xffff, line->ttl);
    if (ping->size_bytes >= TIMED_MIN)
        print_time(out, line->rtt_ns);
    fputs(line->kind == SIM_PING_DUPLICATE ? " (DUP!)\n" : "\n", out);
}

static void print_local_error(FILE *out, const struct sim_ping_line *line)
{
    if (line->status == SIM_STACK_MESSAGE_TOO_LONG)
        fprintf(out, "ping: local error: message too long, mtu=%" PRIu32 "\n", line->mtu);
    else
        fprintf(out, "ping: sendmsg: %s\n", sim_stack_status_text(line->status));
}

void report_ping_line(FILE *out, const struct scn_ping *ping, const struct sim_ping_line *line)
{
    char from[NET_ADDR_TEXT_MAX];
    char words[NET_ICMP_TEXT_MAX];
    struct net_addr address = net_addr_from_ip4(line->from);
    net_addr_format(&address, from);
    switch (line->kind) {
    case SIM_PING_REPLY:
    case SIM_PING_DUPLICATE:
        print_reply(out, ping, line, from);
        return;
    case SIM_PING_REDIRECT:
        fprintf(out, "From %s: icmp_seq=%" PRIu64 " %s\n", from, line->sequence & 0xffff,
                net_icmp_redirect_text(line->icmp_code, line->gateway, words));
        return;
    case SIM_PING_ERROR:
        fprintf(out, "From %s icmp_seq=%" PRIu64 " %s\n", from, line->sequence & 0xffff,
                net_icmp_error_text(line->icmp_type, line->icmp_code, (uint16_t)line->mtu, words));
        return;
    case SIM_PING_LOCAL_ERROR:
        print_local_error(out, line);
        return;
    case SIM_PING_NO_CONNECT:
        fputs(line->status == SIM_STACK_DENIED
                  ? "ping: Do you want to ping broadcast? Then -b. If not, check your local "
                    "firewall rules\n"
                  : "ping: connect: Network is unreachable\n",
              out);
        return;
    }
}

/* Whole microseconds, the rest cut off. */
static void print_ms(FILE *out, const char *before, base_ns time_ns)
{
    int64_t us = time_ns / BASE_US;
    fprintf(out, "%s%" PRId64 ".%03" PRId64, before, us / 1000, us % 1000);
}

/* The last line, empty where ping knows neither times nor that several requests were on their way. */
static void print_times(FILE *out, const struct scn_ping *ping,
                        const struct scn_ping_result *result)
{
    bool timed = result->received && ping->size_bytes >= TIMED_MIN;
    if (timed) {
        print_ms(out, "rtt min/avg/max/mdev = ", result->rtt_min_ns);
        print_ms(out, "/", result->rtt_avg_ns);
        print_ms(out, "/", result->rtt_max_ns);
        print_ms(out, "/", result->rtt_mdev_ns);
        fputs(" ms", out);
    }
    if (result->pipe > 1)
        fprintf(out, "%spipe %" PRIu64, timed ? ", " : "", result->pipe);
    fputc('\n', out);
}

void report_ping_tail(FILE *out, const struct scn_ping *ping, const struct scn_ping_result *result)
{
    char to[NET_ADDR_TEXT_MAX];
    if (result->unreachable)
        return;
    fprintf(out,
            "\n--- %s ping statistics ---\n%" PRIu64 " packets transmitted, %" PRIu64 " received",
            target(ping, to), result->sent, result->received);
    if (result->duplicates)
        fprintf(out, ", +%" PRIu64 " duplicates", result->duplicates);
    if (result->errors)
        fprintf(out, ", +%" PRIu64 " errors", result->errors);
    if (result->sent)
        fprintf(out, ", %.6g%% packet loss",
                (double)(result->sent - result->received) * 100.0 / (double)result->sent);
    fprintf(out, ", time %" PRId64 "ms\n", (result->time_ns + BASE_MS / 2) / BASE_MS);
    print_times(out, ping, result);
}

/* Seconds in full, as people type them: no exponent, no digit lost. */
static void print_seconds(FILE *out, const char *option, base_ns time_ns)
{
    int digits = 9;
    int64_t rest = time_ns % BASE_S;
    fprintf(out, " %s %" PRId64, option, time_ns / BASE_S);
    if (!rest)
        return;
    for (; rest % 10 == 0; rest /= 10)
        digits--;
    fprintf(out, ".%0*" PRId64, digits, rest);
}

void report_ping_command(FILE *out, const struct scn_ping *ping)
{
    char to[NET_ADDR_TEXT_MAX];
    fprintf(out, "ping -c %" PRIu64, ping->count);
    if (ping->interval_ns != BASE_S)
        print_seconds(out, "-i", ping->interval_ns);
    if (ping->timeout_ns != WAIT_DEFAULT)
        print_seconds(out, "-W", ping->timeout_ns);
    if (ping->size_bytes != SIM_PING_SIZE_DEFAULT)
        fprintf(out, " -s %" PRIu32, ping->size_bytes);
    if (ping->ttl != 64)
        fprintf(out, " -t %u", ping->ttl);
    if (ping->dont_fragment)
        fputs(" -M do", out);
    else if (ping->set & SCN_PING_DF)
        fputs(" -M dont", out);
    fprintf(out, " %s", target(ping, to));
}
