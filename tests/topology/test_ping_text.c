/* What iputils' ping prints, line by line, as values. The lines are those of 20221126. */
#include "tests/test.h"

#include "net/icmp.h"
#include "topology/ping_text.h"

static struct sim_ping_line read_line(const char *text)
{
    struct sim_ping_line line;
    struct sim_ping_statistics statistics = {0};
    memset(&line, 0xa5, sizeof(line));
    if (topo_ping_text_read(text, &line, &statistics) != TOPO_PING_TEXT_LINE)
        fail_msg("no line: %s", text);
    return line;
}

static void replies(void **state)
{
    static const struct {
        const char *text;
        enum sim_ping_kind kind;
        uint32_t bytes;
        net_ip4 from;
        uint64_t sequence;
        uint8_t ttl;
        base_ns rtt_ns;
    } CASES[] = {
        {"64 bytes from 192.168.2.11: icmp_seq=1 ttl=62 time=24.3 ms", SIM_PING_REPLY, 64,
         NET_IP4(192, 168, 2, 11), 1, 62, 24300 * BASE_US},
        {"64 bytes from 10.0.0.1: icmp_seq=7 ttl=64 time=0.042 ms", SIM_PING_REPLY, 64,
         NET_IP4(10, 0, 0, 1), 7, 64, 42 * BASE_US},
        {"64 bytes from 10.0.0.1: icmp_seq=65535 ttl=255 time=1234 ms (DUP!)", SIM_PING_DUPLICATE,
         64, NET_IP4(10, 0, 0, 1), 65535, 255, 1234 * BASE_MS},
        {"12 bytes from 10.0.0.1: icmp_seq=2 ttl=64", SIM_PING_REPLY, 12, NET_IP4(10, 0, 0, 1), 2,
         64, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct sim_ping_line line = read_line(CASES[i].text);
        assert_int_equal(line.kind, CASES[i].kind);
        assert_int_equal(line.bytes, CASES[i].bytes);
        assert_int_equal(line.from, CASES[i].from);
        assert_int_equal(line.sequence, CASES[i].sequence);
        assert_int_equal(line.ttl, CASES[i].ttl);
        assert_int_equal(line.rtt_ns, CASES[i].rtt_ns);
    }
}

static void errors(void **state)
{
    static const struct {
        const char *words;
        uint8_t type, code;
        uint32_t mtu;
    } CASES[] = {
        {"Destination Net Unreachable", NET_ICMP_UNREACHABLE, NET_ICMP_NET_UNREACHABLE, 0},
        {"Destination Host Unreachable", NET_ICMP_UNREACHABLE, NET_ICMP_HOST_UNREACHABLE, 0},
        {"Frag needed and DF set (mtu = 1346)", NET_ICMP_UNREACHABLE, NET_ICMP_FRAGMENTATION_NEEDED,
         1346},
        {"Time to live exceeded", NET_ICMP_TIME_EXCEEDED, NET_ICMP_TTL_EXCEEDED, 0},
        {"Packet filtered", NET_ICMP_UNREACHABLE, NET_ICMP_PROHIBITED, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "From 192.168.1.5 icmp_seq=3 %s", CASES[i].words);
        struct sim_ping_line line = read_line(text);
        assert_int_equal(line.kind, SIM_PING_ERROR);
        assert_int_equal(line.from, NET_IP4(192, 168, 1, 5));
        assert_int_equal(line.sequence, 3);
        assert_int_equal(line.icmp_type, CASES[i].type);
        assert_int_equal(line.icmp_code, CASES[i].code);
        assert_int_equal(line.mtu, CASES[i].mtu);
    }
}

/* As a raw socket has it, and as a ping socket does, which counts it. */
static void redirects(void **state)
{
    (void)state;
    struct sim_ping_line line =
        read_line("From 192.168.1.1: icmp_seq=2 Redirect Host(New nexthop: 192.168.1.2)");
    assert_int_equal(line.kind, SIM_PING_REDIRECT);
    assert_int_equal(line.from, NET_IP4(192, 168, 1, 1));
    assert_int_equal(line.sequence, 2);
    assert_int_equal(line.icmp_code, NET_ICMP_REDIRECT_HOST);
    assert_int_equal(line.gateway, NET_IP4(192, 168, 1, 2));
    line = read_line("From 192.168.1.1 icmp_seq=2 Redirect Host(New nexthop: 192.168.1.2)");
    assert_int_equal(line.kind, SIM_PING_ERROR);
    line = read_line("From 192.168.1.1: icmp_seq=2 Redirect Host");
    assert_int_equal(line.kind, SIM_PING_ERROR);
    line = read_line("From 192.168.1.1: icmp_seq=2 Redirect Host(New nexthop: 192.168.1.2), twice");
    assert_int_equal(line.kind, SIM_PING_ERROR);
}

static void local_errors(void **state)
{
    (void)state;
    struct sim_ping_line line = read_line("ping: local error: message too long, mtu=1346");
    assert_int_equal(line.kind, SIM_PING_LOCAL_ERROR);
    assert_int_equal(line.status, SIM_STACK_MESSAGE_TOO_LONG);
    assert_int_equal(line.mtu, 1346);
    line = read_line("ping: sendmsg: Network is unreachable");
    assert_int_equal(line.kind, SIM_PING_LOCAL_ERROR);
    assert_int_equal(line.status, SIM_STACK_NET_UNREACHABLE);
    line = read_line("ping: connect: Network is unreachable");
    assert_int_equal(line.kind, SIM_PING_NO_CONNECT);
    assert_int_equal(line.status, SIM_STACK_NET_UNREACHABLE);
    line = read_line("ping: Do you want to ping broadcast? Then -b. If not, check your local "
                     "firewall rules");
    assert_int_equal(line.kind, SIM_PING_NO_CONNECT);
    assert_int_equal(line.status, SIM_STACK_DENIED);
}

static void last_lines(void **state)
{
    (void)state;
    struct sim_ping_line line;
    struct sim_ping_statistics s = {.started_at = 7 * BASE_MS};
    const char *text =
        "5 packets transmitted, 3 received, +1 duplicates, +2 errors, 40% packet loss, "
        "time 4005ms";
    assert_int_equal(topo_ping_text_read(text, &line, &s), TOPO_PING_TEXT_SUMMARY);
    assert_int_equal(s.transmitted, 5);
    assert_int_equal(s.received, 3);
    assert_int_equal(s.duplicates, 1);
    assert_int_equal(s.errors, 2);
    assert_int_equal(s.last_at, 4012 * BASE_MS);
    text = "rtt min/avg/max/mdev = 0.041/0.079/1234.567/0.053 ms, pipe 3";
    assert_int_equal(topo_ping_text_read(text, &line, &s), TOPO_PING_TEXT_TIMES);
    assert_int_equal(s.rtt_min_ns, 41 * BASE_US);
    assert_int_equal(s.rtt_avg_ns, 79 * BASE_US);
    assert_int_equal(s.rtt_max_ns, 1234567 * BASE_US);
    assert_int_equal(s.rtt_mdev_ns, 53 * BASE_US);
    assert_int_equal(s.pipe, 3);
    assert_int_equal(s.received, 3);
    assert_int_equal(topo_ping_text_read("pipe 4", &line, &s), TOPO_PING_TEXT_TIMES);
    assert_int_equal(s.pipe, 4);
}

/* What is no line of ping's leaves everything as it was, each truncation too. */
static void other_lines(void **state)
{
    static const char *const LINES[] = {
        "",
        "PING 192.168.2.11 (192.168.2.11) 56(84) bytes of data.",
        "--- 192.168.2.11 ping statistics ---",
        "64 bytes from somewhere: icmp_seq=1 ttl=62 time=24.3 ms",
        "64 bytes from 999.1.1.1: icmp_seq=1",
        "From 10.0.0.1 nothing",
        "ping: something else",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
        struct sim_ping_line line;
        struct sim_ping_line before;
        struct sim_ping_statistics s = {0};
        memset(&line, 0xa5, sizeof(line));
        memset(&before, 0xa5, sizeof(before));
        assert_int_equal(topo_ping_text_read(LINES[i], &line, &s), TOPO_PING_TEXT_OTHER);
        assert_memory_equal(&line, &before, sizeof(line));
        assert_int_equal(s.transmitted, 0);
    }
    const char *whole = "rtt min/avg/max/mdev = 0.041/0.079/0.154/0.053 ms";
    for (size_t size = 0; size < strlen(whole) - 9; size++) {
        char cut[128] = "";
        struct sim_ping_line line;
        struct sim_ping_statistics s = {0};
        memcpy(cut, whole, size);
        assert_int_equal(topo_ping_text_read(cut, &line, &s), TOPO_PING_TEXT_OTHER);
        assert_int_equal(s.rtt_min_ns, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies),      cmocka_unit_test(errors),     cmocka_unit_test(redirects),
        cmocka_unit_test(local_errors), cmocka_unit_test(last_lines), cmocka_unit_test(other_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
