/* Reading ping's output. A reader walks along a line; what does not fit leaves it where it was. */
#include "topology/ping_text.h"

#include <stdlib.h>
#include <string.h>

#include "net/icmp.h"

enum {
    TYPE_MAX = 12, /* of ICMP errors */
    CODE_MAX = 15,
};

/* ---- Pieces ---- */

static bool skip(const char **at, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(*at, word, size) != 0)
        return false;
    *at += size;
    return true;
}

static bool read_number(const char **at, uint64_t *out)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    *out = strtoull(*at, &end, 10);
    *at = end;
    return true;
}

/* "24.3" with `unit` being what one of it is worth: exact, no floating point. */
static bool read_decimal(const char **at, base_ns unit, base_ns *out)
{
    uint64_t whole;
    if (!read_number(at, &whole))
        return false;
    *out = (base_ns)whole * unit;
    if (**at != '.')
        return true;
    for (++*at; **at >= '0' && **at <= '9'; ++*at) {
        unit /= 10;
        *out += (**at - '0') * unit;
    }
    return true;
}

/* An address up to one of the signs in `ends`. */
static bool read_address(const char **at, const char *ends, net_ip4 *out)
{
    char text[NET_ADDR_TEXT_MAX];
    size_t size = strcspn(*at, ends);
    if (size == 0 || size >= sizeof(text))
        return false;
    memcpy(text, *at, size);
    text[size] = '\0';
    *at += size;
    return net_ip4_parse(text, out);
}

/* ---- Lines ---- */

/* "64 bytes from 192.168.2.11: icmp_seq=1 ttl=62 time=24.3 ms (DUP!)" */
static bool read_reply(const char *at, struct sim_ping_line *out)
{
    uint64_t bytes;
    uint64_t ttl;
    struct sim_ping_line line = {.kind = SIM_PING_REPLY};
    if (!read_number(&at, &bytes) || !skip(&at, " bytes from ") ||
        !read_address(&at, ":", &line.from) || !skip(&at, ": icmp_seq=") ||
        !read_number(&at, &line.sequence))
        return false;
    if (skip(&at, " ttl=") && read_number(&at, &ttl))
        line.ttl = (uint8_t)ttl;
    if (skip(&at, " time="))
        (void)read_decimal(&at, BASE_MS, &line.rtt_ns);
    line.bytes = (uint32_t)bytes;
    if (strstr(at, "(DUP!)"))
        line.kind = SIM_PING_DUPLICATE;
    *out = line;
    return true;
}

/* The type and code whose words these are; fragmentation needed has a number in its own. */
static bool find_error(const char *words, struct sim_ping_line *line)
{
    const char *mtu = strstr(words, "(mtu = ");
    uint64_t number = 0;
    if (mtu) {
        mtu += strlen("(mtu = ");
        (void)read_number(&mtu, &number);
    }
    for (int i = 0; i <= TYPE_MAX * (CODE_MAX + 1) + CODE_MAX; i++) {
        uint8_t type = (uint8_t)(i / (CODE_MAX + 1));
        uint8_t code = (uint8_t)(i % (CODE_MAX + 1));
        char text[NET_ICMP_TEXT_MAX];
        if (net_icmp_type_is_error(type) &&
            strcmp(net_icmp_error_text(type, code, (uint16_t)number, text), words) == 0) {
            line->icmp_type = type;
            line->icmp_code = code;
            line->mtu = (uint32_t)number;
            return true;
        }
    }
    return false;
}

/* "Redirect Host(New nexthop: 192.168.1.2)", of a raw socket, which does not count it. */
static bool read_redirect(const char *words, struct sim_ping_line *line)
{
    net_ip4 gateway;
    const char *at = strstr(words, "(New nexthop: ");
    if (!at || !skip(&at, "(New nexthop: ") || !read_address(&at, ")", &gateway))
        return false;
    for (int code = 0; code <= CODE_MAX; code++) {
        char text[NET_ICMP_TEXT_MAX];
        if (strcmp(net_icmp_redirect_text((uint8_t)code, gateway, text), words) != 0)
            continue;
        line->kind = SIM_PING_REDIRECT;
        line->icmp_type = NET_ICMP_REDIRECT;
        line->icmp_code = (uint8_t)code;
        line->gateway = gateway;
        return true;
    }
    return false;
}

/* "From 192.168.1.5 icmp_seq=1 Destination Net Unreachable"; a colon behind the address where it came as a message. */
static bool read_error(const char *at, struct sim_ping_line *out)
{
    struct sim_ping_line line = {.kind = SIM_PING_ERROR};
    if (!(skip(&at, "From ") || skip(&at, "from ")) || !read_address(&at, ": ", &line.from))
        return false;
    bool message = skip(&at, ":");
    if (!skip(&at, " icmp_seq=") || !read_number(&at, &line.sequence) || !skip(&at, " "))
        return false;
    line.icmp_type = NET_ICMP_UNREACHABLE; /* in whatever words: an error it is */
    if (!message || !read_redirect(at, &line))
        (void)find_error(at, &line);
    *out = line;
    return true;
}

static bool status_of(const char *words, enum sim_stack_status *out)
{
    static const enum sim_stack_status KNOWN[] = {
        SIM_STACK_NET_UNREACHABLE,
        SIM_STACK_HOST_UNREACHABLE,
        SIM_STACK_BLACKHOLE,
        SIM_STACK_MESSAGE_TOO_LONG,
        SIM_STACK_DOWN,
    };
    for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++) {
        if (strcmp(sim_stack_status_text(KNOWN[i]), words) != 0)
            continue;
        *out = KNOWN[i];
        return true;
    }
    return false;
}

/* "ping: local error: message too long, mtu=1346", "ping: sendmsg: Network is unreachable", "ping: connect: ...",
 * "ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules" */
static bool read_local_error(const char *at, struct sim_ping_line *out)
{
    struct sim_ping_line line = {.kind = SIM_PING_LOCAL_ERROR};
    uint64_t mtu = 0;
    if (!skip(&at, "ping: "))
        return false;
    if (skip(&at, "local error: ")) {
        const char *said = strstr(at, "mtu=");
        if (said && (said += strlen("mtu=")) && read_number(&said, &mtu))
            line.mtu = (uint32_t)mtu;
        line.status = SIM_STACK_MESSAGE_TOO_LONG;
    } else if (skip(&at, "connect: ")) {
        line.kind = SIM_PING_NO_CONNECT;
        line.status = SIM_STACK_NET_UNREACHABLE;
        (void)status_of(at, &line.status);
    } else if (skip(&at, "Do you want to ping broadcast?")) {
        line.kind = SIM_PING_NO_CONNECT;
        line.status = SIM_STACK_DENIED;
    } else if (!skip(&at, "sendmsg: ") || !status_of(at, &line.status)) {
        return false;
    }
    *out = line;
    return true;
}

/* ---- The end ---- */

/* "3 packets transmitted, 3 received, +1 duplicates, +2 errors, 0% packet loss, time 2003ms" */
static bool read_summary(const char *at, struct sim_ping_statistics *out)
{
    uint64_t sent;
    uint64_t received;
    uint64_t number;
    if (!read_number(&at, &sent) || !skip(&at, " packets transmitted, ") ||
        !read_number(&at, &received) || !skip(&at, " received"))
        return false;
    out->transmitted = sent;
    out->received = received;
    while (skip(&at, ", +") && read_number(&at, &number)) {
        if (skip(&at, " duplicates"))
            out->duplicates = number;
        else if (skip(&at, " errors"))
            out->errors = number;
        else
            at += strcspn(at, ",");
    }
    if ((at = strstr(at, ", time ")) && skip(&at, ", time ") && read_number(&at, &number))
        out->last_at = out->started_at + (base_ns)number * BASE_MS;
    return true;
}

/* "pipe 3" */
static bool read_pipe(const char *at, struct sim_ping_statistics *out)
{
    return skip(&at, "pipe ") && read_number(&at, &out->pipe);
}

/* "rtt min/avg/max/mdev = 0.041/0.079/0.154/0.053 ms" */
static bool read_times(const char *at, struct sim_ping_statistics *out)
{
    base_ns times[4];
    if (!skip(&at, "rtt min/avg/max/mdev = "))
        return false;
    for (int i = 0; i < 4; i++)
        if ((i > 0 && !skip(&at, "/")) || !read_decimal(&at, BASE_MS, &times[i]))
            return false;
    out->rtt_min_ns = times[0];
    out->rtt_avg_ns = times[1];
    out->rtt_max_ns = times[2];
    out->rtt_mdev_ns = times[3];
    if (skip(&at, " ms, "))
        (void)read_pipe(at, out);
    return true;
}

enum topo_ping_text topo_ping_text_read(const char *text, struct sim_ping_line *line,
                                        struct sim_ping_statistics *statistics)
{
    if (read_reply(text, line) || read_error(text, line) || read_local_error(text, line))
        return TOPO_PING_TEXT_LINE;
    if (read_summary(text, statistics))
        return TOPO_PING_TEXT_SUMMARY;
    bool last = read_times(text, statistics) || read_pipe(text, statistics);
    return last ? TOPO_PING_TEXT_TIMES : TOPO_PING_TEXT_OTHER;
}
