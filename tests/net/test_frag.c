/* Fragments: cut and put together in every order, damaged, overlapping, timed out; and tshark's view. */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/rng.h"
#include "net/checksum.h"
#include "net/frag.h"
#include "net/icmp.h"

enum {
    PARTS_MAX = 64
};

struct parts {
    uint8_t bytes[PARTS_MAX][1504]; /* and a few behind, to see that they stay */
    size_t size[PARTS_MAX];
    size_t count;
};

static uint8_t whole[NET_IPV4_TOTAL_MAX];

/* A packet of `payload` random bytes behind `options` bytes of options. */
static size_t make_packet(size_t payload, size_t options)
{
    struct base_rng rng;
    base_rng_init(&rng, payload, "test/frag");
    size_t header = NET_IPV4_SIZE + options;
    base_rng_fill(&rng, whole + header, payload);
    net_ipv4_write(&(struct net_ipv4){.total_size = (uint16_t)(header + payload),
                                      .id = 77,
                                      .ttl = 9,
                                      .tos = 0xb8,
                                      .protocol = NET_IPV4_UDP,
                                      .src = NET_IP4(192, 168, 1, 11),
                                      .dst = NET_IP4(192, 168, 2, 11)},
                   whole);
    whole[0] = (uint8_t)(0x40 | header / 4);
    memset(whole + NET_IPV4_SIZE, 0, options);
    net_ipv4_seal(whole);
    return header + payload;
}

static void cut(struct parts *parts, size_t mtu)
{
    struct net_fragmenter f;
    net_fragmenter_init(&f, whole, mtu);
    memset(parts, 0xa5, sizeof(*parts));
    for (parts->count = 0; parts->count < PARTS_MAX; parts->count++) {
        size_t size = net_fragmenter_next(&f, parts->bytes[parts->count]);
        if (!size)
            return;
        assert_true(size <= mtu);
        assert_int_equal(parts->bytes[parts->count][size], 0xa5);
        parts->size[parts->count] = size;
    }
    fail();
}

static void test_sizes_and_offsets(void **state)
{
    (void)state;
    static struct parts parts;
    make_packet(4008, 0);
    cut(&parts, 1500);
    /* 1480 = 185 * 8: the textbook case of ping -s 4000. */
    static const uint16_t words[] = {0x2000, 0x20b9, 0x0172};
    static const size_t sizes[] = {1500, 1500, 1068};
    assert_int_equal(parts.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(net_ipv4_fragment_word(parts.bytes[i]), words[i]);
        assert_int_equal(parts.size[i], sizes[i]);
        assert_int_equal(net_checksum(parts.bytes[i], 20), 0);
    }
}

static void test_exact_fit_is_not_cut(void **state)
{
    (void)state;
    static struct parts parts;
    make_packet(1473 - 20, 0);
    cut(&parts, 1473); /* not a multiple of 8, but the last one may be as long as it is */
    assert_int_equal(parts.count, 1);
    assert_false(net_ipv4_is_fragment(parts.bytes[0]));
    cut(&parts, 1472);
    assert_int_equal(parts.count, 2);
    make_packet(96 + 100, 0); /* the second one is 100 long, which is all the room there is */
    cut(&parts, 120);
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.size[1], 120);
}

static void test_options_not_copied_are_blanked(void **state)
{
    (void)state;
    static struct parts parts;
    make_packet(200, 12);
    static const uint8_t options[] = {7, 7, 4, 1, 2, 3, 4, 0x88, 4, 9, 9, 0};
    memcpy(whole + NET_IPV4_SIZE, options, sizeof(options));
    net_ipv4_seal(whole);
    cut(&parts, 132);
    assert_int_equal(parts.count, 3);
    assert_memory_equal(parts.bytes[0] + 20, options, sizeof(options));
    static const uint8_t blanked[] = {1, 1, 1, 1, 1, 1, 1, 0x88, 4, 9, 9, 0};
    assert_memory_equal(parts.bytes[1] + 20, blanked, sizeof(blanked));
}

static void test_a_fragment_is_cut_again(void **state)
{
    (void)state;
    static struct parts parts;
    static uint8_t middle[1504];
    size_t size = make_packet(3000, 0);
    cut(&parts, 1500);
    memcpy(middle, parts.bytes[1], parts.size[1]);
    memcpy(whole, middle, sizeof(middle));
    cut(&parts, 600);
    assert_int_equal(net_ipv4_fragment_word(parts.bytes[0]), 0x2000 | 185);
    assert_true(net_ipv4_fragment_word(parts.bytes[parts.count - 1]) & NET_IPV4_MF);
    (void)size;
}

/* Adds all parts in this order; the last one must give the packet back as it was. */
static void join(const struct parts *parts, const size_t *order, size_t size)
{
    struct net_reassembly *r = net_reassembly_new();
    for (size_t i = 0; i < parts->count; i++) {
        struct net_reassembly_packet out = {0};
        enum net_reassembly_status status =
            net_reassembly_add(r, 0, parts->bytes[order[i]], order[i] + 1, &out);
        if (i + 1 < parts->count) {
            assert_int_equal(status, NET_REASSEMBLY_HELD);
            continue;
        }
        assert_int_equal(status, NET_REASSEMBLY_DONE);
        assert_int_equal(out.size, size);
        assert_memory_equal(out.data, whole, size);
        assert_int_equal(out.first_id, 1);
    }
    assert_true(net_reassembly_deadline(r) == BASE_NEVER);
    net_reassembly_free(r);
}

static void test_joined_in_any_order(void **state)
{
    (void)state;
    static struct parts parts;
    struct base_rng rng;
    base_rng_init(&rng, 1, "test/order");
    for (size_t payload = 100; payload < 8000; payload += 613) {
        size_t size = make_packet(payload, payload % 3 * 4);
        cut(&parts, 300);
        size_t order[PARTS_MAX];
        for (size_t i = 0; i < parts.count; i++)
            order[i] = i;
        for (int shuffle = 0; shuffle < 5; shuffle++) {
            join(&parts, order, size);
            for (size_t i = parts.count; i > 1; i--) {
                size_t j = base_rng_below(&rng, i), kept = order[i - 1];
                order[i - 1] = order[j];
                order[j] = kept;
            }
        }
    }
}

static void test_largest_packet(void **state)
{
    (void)state;
    static struct parts parts;
    size_t size = make_packet(NET_IPV4_TOTAL_MAX - NET_IPV4_SIZE, 0);
    cut(&parts, 1500);
    size_t order[PARTS_MAX];
    for (size_t i = 0; i < parts.count; i++)
        order[i] = parts.count - 1 - i;
    join(&parts, order, size);
}

static enum net_reassembly_status add_piece(struct net_reassembly *r, uint16_t offset, size_t size,
                                            bool more, uint8_t ecn)
{
    static uint8_t fragment[70000];
    struct net_reassembly_packet out;
    net_ipv4_write(&(struct net_ipv4){.total_size = (uint16_t)(20 + size),
                                      .fragment_offset = offset,
                                      .more_fragments = more,
                                      .tos = ecn,
                                      .protocol = NET_IPV4_UDP,
                                      .src = 1,
                                      .dst = 2},
                   fragment);
    return net_reassembly_add(r, 0, fragment, 1, &out);
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct {
            uint16_t offset;
            uint16_t size;
            bool more;
            uint8_t ecn;
        } pieces[3];
        enum net_reassembly_status last;
    } cases[] = {
        {"the same again",
         {{0, 80, 1, 0}, {80, 80, 1, 0}, {80, 80, 1, 0}},
         NET_REASSEMBLY_REPEATED},
        {"inside two", {{0, 80, 1, 0}, {80, 80, 1, 0}, {40, 80, 1, 0}}, NET_REASSEMBLY_REPEATED},
        {"overlap before",
         {{0, 80, 1, 0}, {200, 80, 1, 0}, {160, 80, 1, 0}},
         NET_REASSEMBLY_OVERLAP},
        {"overlap behind",
         {{0, 80, 1, 0}, {200, 80, 1, 0}, {40, 80, 1, 0}},
         NET_REASSEMBLY_OVERLAP},
        {"covers one", {{0, 80, 1, 0}, {200, 80, 1, 0}, {192, 96, 1, 0}}, NET_REASSEMBLY_OVERLAP},
        {"two ends", {{0, 80, 1, 0}, {160, 40, 0, 0}, {240, 40, 0, 0}}, NET_REASSEMBLY_BAD},
        {"past the end", {{0, 80, 1, 0}, {160, 40, 0, 0}, {240, 40, 1, 0}}, NET_REASSEMBLY_BAD},
        {"end before what came",
         {{0, 80, 1, 0}, {200, 80, 1, 0}, {160, 40, 0, 0}},
         NET_REASSEMBLY_BAD},
        {"empty", {{0, 80, 1, 0}, {80, 80, 1, 0}, {160, 4, 1, 0}}, NET_REASSEMBLY_BAD},
        {"more than 65,535",
         {{0, 80, 1, 0}, {80, 65440, 1, 0}, {65520, 80, 0, 0}},
         NET_REASSEMBLY_BAD},
        {"not-ECT with CE", {{0, 80, 1, 0}, {80, 80, 1, 3}, {160, 8, 0, 3}}, NET_REASSEMBLY_BAD},
        {"ECT(0) with CE", {{0, 80, 1, 2}, {80, 80, 1, 3}, {160, 8, 0, 2}}, NET_REASSEMBLY_DONE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct net_reassembly *r = net_reassembly_new();
        enum net_reassembly_status status = NET_REASSEMBLY_HELD;
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(status, NET_REASSEMBLY_HELD);
            status = add_piece(r, cases[i].pieces[j].offset, cases[i].pieces[j].size,
                               cases[i].pieces[j].more, cases[i].pieces[j].ecn);
        }
        if (status != cases[i].last)
            fail_msg("%s: status %d, expected %d", cases[i].what, status, cases[i].last);
        bool kept = net_reassembly_deadline(r) != BASE_NEVER;
        assert_int_equal(kept, status == NET_REASSEMBLY_REPEATED);
        net_reassembly_free(r);
    }
}

static void test_timeout_gives_the_first_fragment(void **state)
{
    (void)state;
    static struct parts parts;
    struct net_reassembly_packet out;
    make_packet(3000, 0);
    cut(&parts, 1500);
    struct net_reassembly *r = net_reassembly_new();
    net_reassembly_add(r, 5 * BASE_S, parts.bytes[0], 41, &out);
    net_reassembly_add(r, 20 * BASE_S, parts.bytes[1], 42, &out);
    assert_true(net_reassembly_deadline(r) == 35 * BASE_S); /* from the first that came */
    assert_false(net_reassembly_expire(r, 35 * BASE_S - 1, &out));
    assert_true(net_reassembly_expire(r, 35 * BASE_S, &out));
    assert_int_equal(out.first_id, 41);
    assert_memory_equal(out.data, parts.bytes[0], parts.size[0]);
    assert_false(net_reassembly_expire(r, 99 * BASE_S, &out));
    net_reassembly_add(r, 0, parts.bytes[1], 42, &out);
    assert_true(net_reassembly_expire(r, 30 * BASE_S, &out));
    assert_int_equal(out.size, 0);
    net_reassembly_free(r);
}

/* Two packets that the table of partial ones gives one number to. */
static void test_packets_of_one_number_stay_apart(void **state)
{
    (void)state;
    static struct parts parts[2];
    struct net_reassembly_packet out;
    struct net_reassembly *r = net_reassembly_new();
    for (unsigned i = 0; i < 2; i++) {
        make_packet(2000, 0);
        whole[9] = i ? NET_IPV4_UDP : NET_IPV4_ICMP;
        whole[12] ^= whole[9];
        whole[100] = (uint8_t)i;
        net_ipv4_seal(whole);
        cut(&parts[i], 1500);
    }
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(net_reassembly_add(r, 0, parts[i].bytes[0], 1, &out), NET_REASSEMBLY_HELD);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(net_reassembly_add(r, 0, parts[i].bytes[1], 1, &out), NET_REASSEMBLY_DONE);
        assert_int_equal(out.data[9], i ? NET_IPV4_UDP : NET_IPV4_ICMP);
        assert_int_equal(out.data[100], i);
    }
    assert_true(net_reassembly_deadline(r) == BASE_NEVER);
    net_reassembly_free(r);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    static struct parts parts;
    struct net_reassembly_packet out;
    struct net_reassembly *r = net_reassembly_new();
    make_packet(2000, 0);
    cut(&parts, 1500);
    size_t held = 0;
    for (uint32_t id = 0; id < 5000; id++) {
        base_put_be(parts.bytes[0] + 4, id, 2);
        net_ipv4_seal(parts.bytes[0]);
        held += net_reassembly_add(r, 0, parts.bytes[0], 1, &out) == NET_REASSEMBLY_HELD;
    }
    assert_in_range(held * 1500, NET_REASSEMBLY_MEMORY_MAX * 9 / 10, NET_REASSEMBLY_MEMORY_MAX);
    net_reassembly_free(r);
}

/* Fragments of a ping as tshark reads them: it must find the whole and its ICMP checksum right. */
static void test_tshark_puts_them_together(void **state)
{
    (void)state;
    static struct parts parts;
    if (system("command -v tshark >/dev/null 2>&1"))
        skip();
    size_t size = make_packet(4008, 0);
    whole[9] = NET_IPV4_ICMP;
    net_ipv4_seal(whole);
    net_icmp_write(&(struct net_icmp){.type = NET_ICMP_ECHO, .id = 1, .sequence = 1}, whole + 20,
                   size - 20 - NET_ICMP_SIZE);
    cut(&parts, 1500);
    char path[] = "/tmp/test_net_frag_XXXXXX", command[256], line[128] = "";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 101}; /* LINKTYPE_RAW */
    fwrite(header, sizeof(header), 1, file);
    for (size_t i = parts.count; i > 0; i--) {
        uint32_t length = (uint32_t)parts.size[i - 1];
        const uint32_t record[] = {0, 0, length, length};
        fwrite(record, sizeof(record), 1, file);
        fwrite(parts.bytes[i - 1], length, 1, file);
    }
    fclose(file);
    snprintf(command, sizeof(command),
             "tshark -r %s -Y icmp -T fields -e ip.reassembled.length -e ip.fragment.count "
             "-e icmp.checksum.status 2>/dev/null",
             path);
    FILE *answer = popen(command, "r");
    assert_non_null(answer);
    assert_non_null(fgets(line, sizeof(line), answer));
    pclose(answer);
    unlink(path);
    assert_string_equal(line, "4008\t3\t1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_and_offsets),
        cmocka_unit_test(test_exact_fit_is_not_cut),
        cmocka_unit_test(test_options_not_copied_are_blanked),
        cmocka_unit_test(test_a_fragment_is_cut_again),
        cmocka_unit_test(test_joined_in_any_order),
        cmocka_unit_test(test_largest_packet),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_timeout_gives_the_first_fragment),
        cmocka_unit_test(test_packets_of_one_number_stay_apart),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_tshark_puts_them_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
