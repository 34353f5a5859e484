/* Captures in memory and in files, as libpcap, capinfos and tshark read them; filters. */
#include "tests/pcap/tool.h"

#include <fcntl.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "pcap/filter.h"
#include "pcap/pcapng.h"

/* Ethernet, IPv4, ICMP echo request from 192.168.1.11 to 192.168.2.11. */
static const uint8_t echo[] = {
    2,    0, 0,    0,    0, 2, 2, 0, 0,  0, 0,    1,    8,   0, /* Ethernet */
    0x45, 0, 0,    28,   0, 1, 0, 0, 64, 1, 0xf5, 0x80, 192, 168, 1, 11, 192, 168, 2, 11, /* IPv4 */
    8,    0, 0xf7, 0xfd, 0, 1, 0, 1};                                                     /* ICMP */

static struct cap_set *sample(void)
{
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *wan =
        cap_point_new(set, "txl-gw:wan", "the gateway's public interface", CAP_LINK_ETHERNET);
    struct cap_point *tunnel = cap_point_new(set, "txl-gw:lhr-tunnel", NULL, CAP_LINK_RAW);
    cap_point_new(set, "txl-host1:eth0", NULL, CAP_LINK_ETHERNET);
    tool_add(wan, 1, 7, SIM_DIRECTION_IN, echo, sizeof(echo), NULL);
    tool_add(tunnel, 1, 8, SIM_DIRECTION_OUT, echo + 14, sizeof(echo) - 14, "sealed as packet 9");
    tool_add(wan, 12 * BASE_S + 3514123, 9, SIM_DIRECTION_OUT, echo, sizeof(echo),
             "lost: queue full");
    return set;
}

static struct cap_write_options options_for(const char *folder)
{
    return (struct cap_write_options){
        .folder = folder, .start_ns = TOOL_START_NS, .application = "tunnelbed test"};
}

static void write_sample(const char *folder)
{
    struct cap_set *set = sample();
    struct cap_write_options options = options_for(folder);
    struct cap_error error;
    assert_true(cap_write(set, &options, &error));
    cap_set_free(set);
}

static void frames_stand_in_order(void **state)
{
    (void)state;
    struct cap_set *set = sample();
    const struct cap_point *wan = cap_set_point(set, "txl-gw:wan");
    const struct cap_point *tunnel = cap_set_point(set, "txl-gw:lhr-tunnel");
    assert_non_null(wan);
    assert_non_null(tunnel);
    assert_int_equal(cap_set_frame_count(set), 3);
    assert_int_equal(cap_point_frame_count(wan), 2);
    assert_null(cap_set_point(set, "txl-gw"));
    uint32_t i = 0;
    for (const struct cap_frame *f = cap_set_first(set); f; f = f->next, i++) {
        assert_int_equal(f->packet, 7 + i);
        assert_int_equal(f->number, i + 1);
    }
    assert_int_equal(i, 3);
    const struct cap_frame *f = cap_point_first(wan);
    assert_int_equal(f->packet, 7);
    assert_null(f->comment);
    assert_int_equal(f->next_at_point->packet, 9);
    assert_string_equal(f->next_at_point->comment, "lost: queue full");
    assert_null(f->next_at_point->next_at_point);
    assert_int_equal(cap_point_first(tunnel)->size, sizeof(echo) - 14);
    assert_memory_equal(cap_point_first(tunnel)->bytes, echo + 14, sizeof(echo) - 14);
    cap_set_free(set);
}

/* Through a tap as a world feeds it, with frames of all sizes: every octet is kept. */
static void taps_feed_points(void **state)
{
    (void)state;
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *point = cap_point_new(set, "p", NULL, CAP_LINK_ETHERNET);
    struct sim_tap *tap = cap_point_tap(point);
    static uint8_t bytes[3000];
    for (uint32_t i = 0; i < 3000; i++) {
        memset(bytes, (int)(i & 0xff), i);
        char comment[16];
        snprintf(comment, sizeof(comment), "%u", i);
        tap->frame(tap, &(struct sim_tap_frame){.at = i,
                                                .bytes = bytes,
                                                .size = i,
                                                .packet = i,
                                                .comment = i % 3 ? comment : NULL});
    }
    uint32_t i = 0;
    for (const struct cap_frame *f = cap_point_first(point); f; f = f->next_at_point, i++) {
        memset(bytes, (int)(i & 0xff), i);
        assert_int_equal(f->size, i);
        assert_memory_equal(f->bytes, bytes, i);
        if (i % 3)
            assert_int_equal(strtoul(f->comment, NULL, 10), i);
        else
            assert_null(f->comment);
    }
    assert_int_equal(i, 3000);
    cap_set_free(set);
}

static void a_full_set_says_so(void **state)
{
    (void)state;
    struct cap_set *set = cap_set_new(1 << 20);
    struct cap_point *point = cap_point_new(set, "p", NULL, CAP_LINK_ETHERNET);
    static const uint8_t bytes[1500];
    for (int i = 0; i < 2000; i++)
        tool_add(point, i, 1, SIM_DIRECTION_IN, bytes, sizeof(bytes), NULL);
    assert_true(cap_set_is_full(set));
    assert_true(cap_set_frame_count(set) > 100 && cap_set_frame_count(set) < 700);
    struct cap_error error;
    char *folder = tool_folder_new();
    struct cap_write_options options = options_for(folder);
    assert_false(cap_write(set, &options, &error));
    assert_non_null(strstr(error.text, "memory"));
    assert_int_equal(rmdir(folder), 0); /* nothing was written */
    free(folder);
    cap_set_free(set);
}

static void classic_files_by_libpcap(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    write_sample(folder);
    char *path = base_printf("%s/txl-gw-wan.pcap", folder);
    char words[PCAP_ERRBUF_SIZE];
    pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, words);
    assert_non_null(file);
    assert_int_equal(pcap_datalink(file), DLT_EN10MB);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    assert_int_equal(pcap_next_ex(file, &header, &bytes), 1);
    assert_int_equal(header->ts.tv_sec, 1767225600);
    assert_int_equal(header->ts.tv_usec, 1);
    assert_int_equal(header->caplen, sizeof(echo));
    assert_memory_equal(bytes, echo, sizeof(echo));
    assert_int_equal(pcap_next_ex(file, &header, &bytes), 1);
    assert_int_equal(header->ts.tv_sec, 1767225612);
    assert_int_equal(header->ts.tv_usec, 3514123);
    assert_int_equal(pcap_next_ex(file, &header, &bytes), PCAP_ERROR_BREAK);
    pcap_close(file);
    free(path);
    path = base_printf("%s/txl-gw-lhr-tunnel.pcap", folder);
    file = pcap_open_offline(path, words);
    assert_non_null(file);
    assert_int_equal(pcap_datalink(file), DLT_RAW);
    pcap_close(file);
    free(path);
    tool_folder_remove(folder);
}

static void tshark_reads_the_pcapng(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    write_sample(folder);
    char *command = base_printf(
        "tshark -r %s/capture.pcapng -T fields -E separator='|' -e frame.number -e "
        "frame.interface_name -e frame.interface_description -e frame.time_epoch -e frame.comment "
        "-e frame.packet_id -e frame.packet_flags_direction -e ip.src -e icmp.type 2>%s/errors",
        folder, folder);
    int status;
    char *text = tool_run(command, &status);
    assert_int_equal(status, 0);
    assert_string_equal(
        text, "1|txl-gw:wan|the gateway's public "
              "interface|1767225600.000000001||7|0x00000001|192.168.1.11|8\n"
              "2|txl-gw:lhr-tunnel||1767225600.000000001|sealed as packet "
              "9|8|0x00000002|192.168.1.11|8\n"
              "3|txl-gw:wan|the gateway's public interface|1767225612.003514123|lost: queue "
              "full|9|0x00000002|192.168.1.11|8\n");
    free(text);
    free(command);
    tool_folder_remove(folder);
}

static void capinfos_reads_the_head(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    write_sample(folder);
    char *command = base_printf("capinfos %s/capture.pcapng 2>&1", folder);
    int status;
    char *text = tool_run(command, &status);
    assert_int_equal(status, 0);
    static const char *const expected[] = {"pcapng",
                                           "nanoseconds",
                                           "Number of packets:   3",
                                           "Capture hardware:    simulated",
                                           "Capture oper-sys:    virtual time",
                                           "Capture application: tunnelbed test",
                                           "Number of interfaces in file: 3",
                                           "Name = txl-host1:eth0",
                                           "Encapsulation = Raw IP",
                                           "Time precision = nanoseconds (9)"};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        if (!strstr(text, expected[i]))
            fail_msg("no \"%s\" in:\n%s", expected[i], text);
    }
    free(text);
    free(command);
    command = base_printf("capinfos -t %s/txl-host1-eth0.pcap 2>&1",
                          folder); /* no packet: still a file */
    text = tool_run(command, &status);
    assert_int_equal(status, 0);
    assert_non_null(strstr(text, "nanosecond pcap"));
    free(text);
    free(command);
    tool_folder_remove(folder);
}

static const char *words_for(void *context, const struct cap_frame *frame)
{
    char *text = context;
    if (frame->number == 1)
        return NULL;
    snprintf(text, 64, "number %u – ß", frame->number);
    return text;
}

static void comments_by_a_callback(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    struct cap_set *set = sample();
    char context[64];
    struct cap_write_options options = options_for(folder);
    options.comment = words_for;
    options.context = context;
    struct cap_error error;
    assert_true(cap_write(set, &options, &error));
    char *command =
        base_printf("tshark -r %s/capture.pcapng -T fields -e frame.comment 2>/dev/null", folder);
    int status;
    char *text = tool_run(command, &status);
    assert_string_equal(text, "\nnumber 2 – ß\nnumber 3 – ß\n");
    free(text);
    free(command);
    cap_set_free(set);
    tool_folder_remove(folder);
}

static void equal_runs_give_equal_files(void **state)
{
    (void)state;
    char *first = tool_folder_new();
    char *second = tool_folder_new();
    write_sample(first);
    write_sample(second);
    char *command = base_printf("diff -r %s %s", first, second);
    assert_int_equal(system(command), 0);
    free(command);
    tool_folder_remove(first);
    tool_folder_remove(second);
}

/* Whatever is too long for an option is cut between two characters. */
static void long_comments_are_cut(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    char *path = base_printf("%s/long.pcapng", folder);
    char *comment = base_alloc(70001);
    for (size_t i = 0; i < 70000; i += 2) { /* é in UTF-8 */
        comment[i] = (char)0xc3;
        comment[i + 1] = (char)0xa9;
    }
    FILE *out = fopen(path, "wb");
    cap_pcapng_section(out, &(struct cap_pcapng_section){"h", "o", "a"});
    cap_pcapng_interface(out, &(struct cap_pcapng_interface){"i", NULL, CAP_LINK_ETHERNET});
    cap_pcapng_packet(
        out, &(struct cap_pcapng_packet){.bytes = echo, .size = sizeof(echo), .comment = comment});
    assert_int_equal(fclose(out), 0);
    char *command =
        base_printf("tshark -r %s -T fields -e frame.comment 2>/dev/null | wc -m", path);
    int status;
    char *text = tool_run(command, &status);
    assert_true(strtol(text, NULL, 10) > 30000);
    free(text);
    free(command);
    free(comment);
    free(path);
    tool_folder_remove(folder);
}

static size_t entries_of(const char *folder)
{
    char *command = base_printf("ls -A %s | wc -l", folder);
    int status;
    char *text = tool_run(command, &status);
    size_t count = strtoul(text, NULL, 10);
    free(text);
    free(command);
    return count;
}

static void a_missing_folder_is_an_error(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    char *missing = base_printf("%s/nothing/here", folder);
    struct cap_set *set = sample();
    struct cap_write_options options = options_for(missing);
    struct cap_error error;
    assert_false(cap_write(set, &options, &error));
    assert_non_null(strstr(error.text, "/nothing/here/capture.pcapng: No such file or directory"));
    assert_true(cap_folder_make(missing, &error));
    assert_true(cap_folder_make(missing, &error));
    assert_true(cap_write(set, &options, &error));
    char *file = base_printf("%s/nothing/here/capture.pcapng/below", folder);
    assert_false(cap_folder_make(file, &error));
    assert_non_null(strstr(error.text, "capture.pcapng: Not a directory"));
    free(file);
    free(missing);
    cap_set_free(set);
    tool_folder_remove(folder);
}

/* A limit on file sizes stands for a full disk: some write fails, and no file gets its name. */
static void a_write_that_fails_leaves_nothing(void **state)
{
    (void)state;
    char *folder = tool_folder_new();
    struct cap_set *set = cap_set_new(CAP_BYTES_MAX_DEFAULT);
    struct cap_point *point = cap_point_new(set, "p", NULL, CAP_LINK_ETHERNET);
    for (int i = 0; i < 10000; i++)
        tool_add(point, i, 1, SIM_DIRECTION_IN, echo, sizeof(echo), NULL);
    struct cap_write_options options = options_for(folder);
    struct cap_error error;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < 1200000; limit += 150000) {
        struct rlimit small = {limit, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        memset(&error, 0, sizeof(error));
        bool done = cap_write(set, &options, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        size_t entries = entries_of(folder);
        if (done) {
            assert_true(limit > 800000);
            assert_int_equal(entries, 2);
            break;
        }
        assert_non_null(strstr(error.text, "cannot write "));
        assert_non_null(strstr(error.text, "File too large"));
        assert_int_equal(entries, 0);
    }
    assert_int_equal(entries_of(folder), 2);
    cap_set_free(set);
    tool_folder_remove(folder);
}

static void filters_match_frames(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cap_link link;
        bool matches;
    } cases[] = {
        {"", CAP_LINK_ETHERNET, true},
        {"icmp", CAP_LINK_ETHERNET, true},
        {"icmp", CAP_LINK_RAW, true},
        {"icmp and src 192.168.1.11 and dst net 192.168.2.0/24", CAP_LINK_ETHERNET, true},
        {"icmp[icmptype] == icmp-echo", CAP_LINK_RAW, true},
        {"icmp[icmptype] == icmp-echoreply", CAP_LINK_RAW, false},
        {"udp port 4500", CAP_LINK_ETHERNET, false},
        {"esp", CAP_LINK_RAW, false},
        {"ip proto 50", CAP_LINK_ETHERNET, false},
        {"arp", CAP_LINK_ETHERNET, false},
        {"ether src 02:00:00:00:00:01", CAP_LINK_ETHERNET, true},
        {"greater 43", CAP_LINK_ETHERNET, false},
        {"ip[8] == 64", CAP_LINK_RAW, true},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct cap_error error;
        struct cap_filter *filter = cap_filter_new(cases[c].text, cases[c].link, &error);
        assert_non_null(filter);
        size_t skip = cases[c].link == CAP_LINK_RAW ? 14 : 0;
        if (cap_filter_match(filter, echo + skip, sizeof(echo) - skip) != cases[c].matches)
            fail_msg("\"%s\"", cases[c].text);
        for (size_t size = 0; size < sizeof(echo) - skip; size++)
            (void)cap_filter_match(filter, echo + skip, size); /* short frames are no crash */
        cap_filter_free(filter);
    }
}

static void filters_that_libpcap_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cap_link link;
        const char *words;
    } cases[] = {
        {"icmp and", CAP_LINK_ETHERNET, "syntax error"},
        {"port 99999", CAP_LINK_ETHERNET, "99999"},
        {"ether src 02:00:00:00:00:01", CAP_LINK_RAW, "ethernet addresses"},
        {"net 300.0.0.0/8", CAP_LINK_ETHERNET, "300"},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct cap_error error = {""};
        assert_null(cap_filter_new(cases[c].text, cases[c].link, &error));
        if (!strstr(error.text, cases[c].words))
            fail_msg("\"%s\": %s", cases[c].text, error.text);
    }
}

static void counting_in_a_span_of_time(void **state)
{
    (void)state;
    struct cap_set *set = sample();
    const struct cap_point *wan = cap_set_point(set, "txl-gw:wan");
    struct cap_error error;
    struct cap_filter *filter = cap_filter_new("icmp", CAP_LINK_ETHERNET, &error);
    assert_int_equal(cap_filter_count(filter, wan, 0, BASE_NEVER), 2);
    assert_int_equal(cap_filter_count(filter, wan, 1, 2), 1);
    assert_int_equal(cap_filter_count(filter, wan, 2, 12 * BASE_S + 3514123), 0);
    assert_int_equal(cap_filter_count(filter, wan, 2, 12 * BASE_S + 3514124), 1);
    cap_filter_free(filter);
    cap_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_stand_in_order),
        cmocka_unit_test(taps_feed_points),
        cmocka_unit_test(a_full_set_says_so),
        cmocka_unit_test(classic_files_by_libpcap),
        cmocka_unit_test(tshark_reads_the_pcapng),
        cmocka_unit_test(capinfos_reads_the_head),
        cmocka_unit_test(comments_by_a_callback),
        cmocka_unit_test(equal_runs_give_equal_files),
        cmocka_unit_test(long_comments_are_cut),
        cmocka_unit_test(a_missing_folder_is_an_error),
        cmocka_unit_test(a_write_that_fails_leaves_nothing),
        cmocka_unit_test(filters_match_frames),
        cmocka_unit_test(filters_that_libpcap_refuses),
        cmocka_unit_test(counting_in_a_span_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
