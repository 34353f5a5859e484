/* ping's lines, against those of iputils 20221126: how it rounds, what it leaves out. */
#include "tests/test.h"

#include "report/ping_text.h"

static const struct scn_ping PING = {.size_bytes = 56};

static char *reply(base_ns rtt_ns)
{
    static char text[256];
    struct sim_ping_line line = {.kind = SIM_PING_REPLY, .bytes = 64, .sequence = 1, .ttl = 62};
    FILE *out = fmemopen(text, sizeof(text), "w");
    assert_non_null(out);
    line.rtt_ns = rtt_ns;
    report_ping_line(out, &PING, &line);
    fclose(out);
    return strstr(text, " time=");
}

static void times_of_replies(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } CASES[] = {
        {0, " time=0.000 ms\n"},    {42, " time=0.042 ms\n"},     {999, " time=0.999 ms\n"},
        {1000, " time=1.00 ms\n"},  {1234, " time=1.23 ms\n"},    {1235, " time=1.24 ms\n"},
        {9994, " time=9.99 ms\n"},  {9995, " time=10.0 ms\n"},    {24350, " time=24.4 ms\n"},
        {99949, " time=99.9 ms\n"}, {99950, " time=100 ms\n"},    {100499, " time=100 ms\n"},
        {100500, " time=101 ms\n"}, {1234567, " time=1235 ms\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_string_equal(reply(CASES[i].us * BASE_US), CASES[i].text);
        assert_string_equal(reply(CASES[i].us * BASE_US + 999), CASES[i].text);
    }
}

/* As ping prints it to a raw socket's owner, without a space before the bracket. */
static void redirects(void **state)
{
    char text[256];
    struct sim_ping_line line = {.kind = SIM_PING_REDIRECT,
                                 .sequence = 65537,
                                 .from = NET_IP4(192, 168, 1, 1),
                                 .icmp_code = 1,
                                 .gateway = NET_IP4(192, 168, 1, 2)};
    FILE *out = fmemopen(text, sizeof(text), "w");
    (void)state;
    assert_non_null(out);
    report_ping_line(out, &PING, &line);
    fclose(out);
    assert_string_equal(text,
                        "From 192.168.1.1: icmp_seq=1 Redirect Host(New nexthop: 192.168.1.2)\n");
}

/* What stands below the heading. */
static const char *tail(const struct scn_ping *ping, const struct scn_ping_result *result)
{
    static char text[512];
    FILE *out = fmemopen(text, sizeof(text), "w");
    assert_non_null(out);
    report_ping_tail(out, ping, result);
    fclose(out);
    return strstr(text, "statistics ---\n") + strlen("statistics ---\n");
}

static void statistics(void **state)
{
    struct scn_ping_result result = {.sent = 3, .received = 3, .time_ns = 2000 * BASE_MS};
    (void)state;
    result.rtt_min_ns = 200 * BASE_US;
    result.rtt_avg_ns = 266666; /* ping divides whole microseconds, and drops what is left */
    result.rtt_max_ns = 400 * BASE_US;
    result.rtt_mdev_ns = 94999;
    result.pipe = 1;
    assert_string_equal(tail(&PING, &result),
                        "3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n"
                        "rtt min/avg/max/mdev = 0.200/0.266/0.400/0.094 ms\n");
    result.duplicates = 1;
    result.pipe = 2;
    result.time_ns = 2035500 * BASE_US;
    assert_string_equal(
        tail(&PING, &result),
        "3 packets transmitted, 3 received, +1 duplicates, 0% packet loss, time 2036ms\n"
        "rtt min/avg/max/mdev = 0.200/0.266/0.400/0.094 ms, pipe 2\n");
    struct scn_ping small = {.size_bytes = 15};
    result.pipe = 0;
    assert_string_equal(
        tail(&small, &result),
        "3 packets transmitted, 3 received, +1 duplicates, 0% packet loss, time 2036ms\n\n");
}

static void statistics_of_what_is_lost(void **state)
{
    struct scn_ping_result result = {.sent = 3, .errors = 3, .time_ns = 2035 * BASE_MS, .pipe = 3};
    (void)state;
    assert_string_equal(
        tail(&PING, &result),
        "3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2035ms\npipe 3\n");
    result.errors = 0;
    result.pipe = 0;
    assert_string_equal(tail(&PING, &result),
                        "3 packets transmitted, 0 received, 100% packet loss, time 2035ms\n\n");
}

/* What is typed to have the same ping: iputils waits for 10 s without -W, a scenario for 2 s. */
static void command_lines(void **state)
{
    static const struct {
        const char *text;
        base_ns interval_ns, timeout_ns;
        uint32_t size_bytes;
        uint8_t ttl;
        bool dont_fragment;
        uint32_t set;
    } CASES[] = {
        {"ping -c 3 -W 2 10.0.0.1", BASE_S, 2 * BASE_S, 56, 64, false, 0},
        {"ping -c 3 10.0.0.1", BASE_S, 10 * BASE_S, 56, 64, false, 0},
        {"ping -c 3 -i 0.000001 -W 0.5 10.0.0.1", BASE_US, 500 * BASE_MS, 56, 64, false, 0},
        {"ping -c 3 -i 0.2 -W 1 10.0.0.1", 200 * BASE_MS, BASE_S, 56, 64, false, 0},
        {"ping -c 3 -i 1000000.25 -W 2 10.0.0.1", 1000000 * BASE_S + 250 * BASE_MS, 2 * BASE_S, 56,
         64, false, 0},
        {"ping -c 3 -W 2 -s 1400 -t 5 -M do 10.0.0.1", BASE_S, 2 * BASE_S, 1400, 5, true,
         SCN_PING_DF},
        {"ping -c 3 -W 2 -s 0 -M dont 10.0.0.1", BASE_S, 2 * BASE_S, 0, 64, false, SCN_PING_DF},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char text[128];
        FILE *out = fmemopen(text, sizeof(text), "w");
        struct scn_ping ping = {
            .count = 3,
            .to_address = net_addr_from_ip4(NET_IP4(10, 0, 0, 1)),
            .interval_ns = CASES[i].interval_ns,
            .timeout_ns = CASES[i].timeout_ns,
            .size_bytes = CASES[i].size_bytes,
            .ttl = CASES[i].ttl,
            .dont_fragment = CASES[i].dont_fragment,
            .set = CASES[i].set,
        };
        assert_non_null(out);
        report_ping_command(out, &ping);
        fclose(out);
        assert_string_equal(text, CASES[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_replies), cmocka_unit_test(redirects),
        cmocka_unit_test(statistics),       cmocka_unit_test(statistics_of_what_is_lost),
        cmocka_unit_test(command_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
