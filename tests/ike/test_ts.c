/* Traffic selectors: RFC 7296 2.9, 3.13. */
#include "tests/test.h"

#include "ipsec/ike/ts.h"
#include "tests/ike/mutate.h"
#include "tests/ike/samples.h"

/* The number after `before`; *at moves behind it. */
static uint16_t number_after(char before, char **at)
{
    assert_int_equal(**at, before);
    unsigned long number = strtoul(*at + 1, at, 10);
    assert_in_range(number, 0, UINT16_MAX);
    return (uint16_t)number;
}

/* "192.168.1.0/24", "10.0.0.5-10.0.0.9", each with an optional "!protocol:low:high". */
static struct ike_ts ts_of(const char *text)
{
    char copy[128];
    uint16_t protocol = 0, low = 0, high = UINT16_MAX;
    struct ike_ts ts;
    struct net_prefix prefix;
    snprintf(copy, sizeof(copy), "%s", text);
    char *rest = strchr(copy, '!');
    if (rest) {
        char *end = rest;
        protocol = number_after('!', &rest);
        low = number_after(':', &rest);
        high = number_after(':', &rest);
        assert_int_equal(*rest, '\0');
        *end = '\0';
    }
    char *dash = strchr(copy, '-');
    if (dash) {
        *dash = '\0';
        memset(&ts, 0, sizeof(ts));
        assert_true(net_addr_parse(copy, &ts.low));
        assert_true(net_addr_parse(dash + 1, &ts.high));
    } else {
        assert_true(net_prefix_parse(copy, NET_PREFIX_MASK, &prefix));
        ts = ike_ts_from_prefix(&prefix);
    }
    ts.protocol = (uint8_t)protocol;
    ts.port_low = low;
    ts.port_high = high;
    return ts;
}

/* A list from texts with a blank between them. */
static void list_of(const char *text, struct ike_ts_list *out)
{
    char copy[512];
    char *save = NULL;
    snprintf(copy, sizeof(copy), "%s", text);
    out->count = 0;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
        out->items[out->count++] = ts_of(word);
}

static void formats(void **state)
{
    (void)state;
    static const struct {
        const char *ts;
        const char *expected;
    } CASES[] = {
        {"192.168.1.0/24", "192.168.1.0/24"},
        {"192.168.1.100/24", "192.168.1.0/24"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"::/0", "::/0"},
        {"10.0.0.1/32", "10.0.0.1/32"},
        {"2001:db8::/64", "2001:db8::/64"},
        {"10.0.0.5-10.0.0.9", "10.0.0.5..10.0.0.9"},
        {"10.0.0.0-10.0.0.255", "10.0.0.0/24"},
        {"10.0.0.1/32!6:80:80", "10.0.0.1/32[tcp/80]"},
        {"10.0.0.1/32!17:1000:2000", "10.0.0.1/32[udp/1000-2000]"},
        {"10.0.0.0/8!6:0:65535", "10.0.0.0/8[tcp]"},
        {"10.0.0.0/8!1:2048:2048", "10.0.0.0/8[icmp/8]"},
        {"10.0.0.0/8!1:768:769", "10.0.0.0/8[icmp/3-3(1)]"},
        {"10.0.0.0/8!200:65535:0", "10.0.0.0/8[200/OPAQUE]"},
        {"10.0.0.0/8!0:53:53", "10.0.0.0/8[53]"},
    };
    char text[IKE_TS_TEXT_MAX];
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_ts ts = ts_of(CASES[i].ts);
        assert_string_equal(ike_ts_format(&ts, text), CASES[i].expected);
    }
}

static void list_format_is_cut(void **state)
{
    (void)state;
    struct ike_ts_list list;
    char text[64];
    list_of("192.168.1.0/24 10.0.0.0/8 172.16.0.0/12", &list);
    assert_string_equal(ike_ts_list_format(&list, text, sizeof(text)),
                        "192.168.1.0/24 10.0.0.0/8 172.16.0.0/12");
    for (size_t size = 5; size < 40; size++) {
        char *exact = malloc(size);
        ike_ts_list_format(&list, exact, size);
        assert_true(strlen(exact) < size);
        assert_string_equal(exact + strlen(exact) - 3, "...");
        free(exact);
    }
    assert_string_equal(ike_ts_list_format(&list, text, 20), "192.168.1.0/24 ...");
}

static void intersections(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        const char *expected; /* NULL: nothing in common */
    } CASES[] = {
        {"192.168.1.0/24", "192.168.1.0/24", "192.168.1.0/24"},
        {"192.168.0.0/16", "192.168.1.0/24", "192.168.1.0/24"},
        {"192.168.1.0/24", "192.168.2.0/24", NULL},
        {"0.0.0.0/0", "::/0", NULL},
        {"10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.20", "10.0.0.5-10.0.0.9"},
        {"10.0.0.0-10.0.0.9", "10.0.0.9-10.0.0.20", "10.0.0.9/32"},
        {"10.0.0.0-10.0.0.9", "10.0.0.10-10.0.0.20", NULL},
        {"10.0.0.0/8!6:0:65535", "10.0.0.0/8", "10.0.0.0/8!6:0:65535"},
        {"10.0.0.0/8!6:0:65535", "10.0.0.0/8!17:0:65535", NULL},
        {"10.0.0.0/8!6:80:100", "10.0.0.0/8!6:90:200", "10.0.0.0/8!6:90:100"},
        {"10.0.0.0/8!6:80:100", "10.0.0.0/8!6:101:200", NULL},
        {"10.0.0.0/8!6:65535:0", "10.0.0.0/8", "10.0.0.0/8!6:65535:0"},
        {"10.0.0.0/8!6:65535:0", "10.0.0.0/8!6:65535:0", "10.0.0.0/8!6:65535:0"},
        {"10.0.0.0/8!6:65535:0", "10.0.0.0/8!6:80:80", NULL},
        {"10.0.0.0/8!6:65535:0", "10.0.0.0/8!6:0:65534", NULL},
        {"::/0", "2001:db8::/32", "2001:db8::/32"},
        {"0.0.0.0-255.255.255.255", "255.255.255.255/32", "255.255.255.255/32"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_ts a = ts_of(CASES[i].a);
        struct ike_ts b = ts_of(CASES[i].b);
        for (int swapped = 0; swapped < 2; swapped++) {
            struct ike_ts out;
            bool found = ike_ts_intersect(swapped ? &b : &a, swapped ? &a : &b, &out);
            if (found != (CASES[i].expected != NULL))
                fail_msg("%s and %s", CASES[i].a, CASES[i].b);
            if (!found)
                continue;
            struct ike_ts expected = ts_of(CASES[i].expected);
            assert_true(ike_ts_equal(&out, &expected));
            assert_true(ike_ts_contains(&a, &out) && ike_ts_contains(&b, &out));
        }
    }
}

static void containment(void **state)
{
    (void)state;
    struct ike_ts whole = ts_of("192.168.0.0/16");
    struct ike_ts part = ts_of("192.168.1.0/24!6:80:80");
    struct net_addr inside = net_addr_from_ip4(NET_IP4(192, 168, 255, 255));
    struct net_addr outside = net_addr_from_ip4(NET_IP4(192, 169, 0, 0));
    assert_true(ike_ts_contains(&whole, &part));
    assert_false(ike_ts_contains(&part, &whole));
    assert_true(ike_ts_contains_addr(&whole, &inside));
    assert_false(ike_ts_contains_addr(&whole, &outside));
    struct ike_ts_list outer;
    struct ike_ts_list inner;
    list_of("10.0.0.0/8 192.168.0.0/16", &outer);
    list_of("192.168.1.0/24 10.1.0.0/16", &inner);
    assert_true(ike_ts_list_contains(&outer, &inner));
    assert_false(ike_ts_list_contains(&inner, &outer));
    list_of("192.168.1.0/24 11.1.0.0/16", &inner);
    assert_false(ike_ts_list_contains(&outer, &inner));
}

static void narrowing(void **state)
{
    (void)state;
    static const struct {
        const char *configured, *proposed, *expected;
    } CASES[] = {
        {"192.168.1.0/24", "192.168.1.0/24", "192.168.1.0/24"},
        {"192.168.1.0/24", "0.0.0.0/0", "192.168.1.0/24"},
        {"0.0.0.0/0", "192.168.1.0/24 10.0.0.0/8", "192.168.1.0/24 10.0.0.0/8"},
        {"10.0.0.0/8 192.168.0.0/16", "192.168.1.0/24 10.1.0.0/16", "10.1.0.0/16 192.168.1.0/24"},
        /* the packet's own selector first, inside the wider one: one remains */
        {"10.0.0.0/8", "10.0.0.7/32!1:0:65535 10.0.0.0/8", "10.0.0.0/8"},
        {"10.0.0.0/8 10.1.0.0/16", "0.0.0.0/0", "10.0.0.0/8"},
        {"192.168.1.0/24", "192.168.2.0/24", ""},
        {"192.168.1.0/24", "::/0", ""},
        {"0.0.0.0/0 ::/0", "2001:db8::/64 10.0.0.0/8", "10.0.0.0/8 2001:db8::/64"},
        {"10.0.0.0-10.0.0.100", "10.0.0.50-10.0.0.200", "10.0.0.50-10.0.0.100"},
        {"10.0.0.0/8!6:0:65535", "10.0.0.0/8!6:80:80 10.0.0.0/8!17:53:53", "10.0.0.0/8!6:80:80"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct ike_ts_list configured;
        struct ike_ts_list proposed;
        struct ike_ts_list expected;
        struct ike_ts_list out;
        char text[256];
        list_of(CASES[i].configured, &configured);
        list_of(CASES[i].proposed, &proposed);
        list_of(CASES[i].expected, &expected);
        enum ike_wire_status status = ike_ts_narrow(&configured, &proposed, &out);
        assert_int_equal(status, expected.count ? IKE_WIRE_OK : IKE_WIRE_TS_UNACCEPTABLE);
        if (!ike_ts_list_equal(&out, &expected))
            fail_msg("case %zu: %s", i, ike_ts_list_format(&out, text, sizeof(text)));
    }
}

/* The product's 20 CIDRs on either side, and lists that would give more than fit. */
static void narrowing_of_full_lists(void **state)
{
    (void)state;
    static struct ike_ts_list a;
    static struct ike_ts_list b;
    static struct ike_ts_list out;
    a.count = b.count = 0;
    for (unsigned i = 0; i < IKE_TS_MAX; i++) {
        struct net_addr low = net_addr_from_ip4(NET_IP4(10, 0, 0, 0) + i * 100);
        struct net_addr high = net_addr_from_ip4(NET_IP4(10, 0, 0, 0) + i * 100 + 99);
        struct ike_ts ts = {.low = low, .high = high, .port_high = 65535};
        a.items[a.count++] = ts;
        ts.low = net_addr_from_ip4(NET_IP4(10, 0, 0, 0) + i * 100 + 50);
        ts.high = net_addr_from_ip4(NET_IP4(10, 0, 0, 0) + i * 100 + 149);
        b.items[b.count++] = ts;
    }
    assert_int_equal(ike_ts_narrow(&a, &b, &out), IKE_WIRE_OK);
    assert_int_equal(out.count, IKE_TS_MAX);
    assert_true(ike_ts_list_contains(&a, &out) && ike_ts_list_contains(&b, &out));
    a.count = b.count = 20;
    assert_int_equal(ike_ts_narrow(&a, &b, &out), IKE_WIRE_OK);
    assert_int_equal(out.count, 39);
}

static void list_add(void **state)
{
    (void)state;
    struct ike_ts_list list = {.count = 0};
    struct ike_ts_list expected;
    static const char *const ADDED[] = {"10.1.0.0/16", "10.2.0.0/16", "10.1.1.0/24",
                                        "192.168.0.0/16", "10.0.0.0/8"};
    for (size_t i = 0; i < 5; i++) {
        struct ike_ts ts = ts_of(ADDED[i]);
        assert_true(ike_ts_list_add(&list, &ts));
    }
    list_of("192.168.0.0/16 10.0.0.0/8", &expected);
    assert_true(ike_ts_list_equal(&list, &expected));
    assert_true(ike_ts_list_add(&list, &list.items[1]));
    assert_int_equal(list.count, 2);
}

static void flows_and_prefixes(void **state)
{
    (void)state;
    struct net_addr addr = net_addr_from_ip4(NET_IP4(10, 0, 0, 7));
    struct ike_ts expected = ts_of("10.0.0.7/32!17:53:53");
    struct ike_ts ts = ike_ts_from_flow(&addr, 17, 53);
    struct net_prefix prefix;
    assert_true(ike_ts_equal(&ts, &expected));
    ts = ike_ts_from_flow(&addr, 1, 0);
    expected = ts_of("10.0.0.7/32!1:0:65535");
    assert_true(ike_ts_equal(&ts, &expected));
    assert_true(ike_ts_to_prefix(&ts, &prefix));
    assert_int_equal(prefix.length, 32);
    ts = ts_of("10.0.0.1-10.0.0.2");
    assert_false(ike_ts_to_prefix(&ts, &prefix));
    ts = ts_of("0.0.0.0-255.255.255.255");
    assert_true(ike_ts_to_prefix(&ts, &prefix));
    assert_int_equal(prefix.length, 0);
}

static void payload_cases(void **state)
{
    (void)state;
#define V4 "07000010 0000ffff c0a80100 c0a801ff"
#define V6 "08000028 0000ffff 20010db8000000000000000000000000 20010db80000000000000000000000ff"
    static const struct {
        const char *name;
        const char *hex;
        enum ike_wire_status expected;
        size_t count;
    } CASES[] = {
        {"IPv4", "01000000" V4, IKE_WIRE_OK, 1},
        {"IPv6", "01000000" V6, IKE_WIRE_OK, 1},
        {"both", "02ffffff" V4 V6, IKE_WIRE_OK, 2},
        {"none", "00000000", IKE_WIRE_SYNTAX, 0},
        {"empty", "", IKE_WIRE_SYNTAX, 0},
        {"header cut", "010000", IKE_WIRE_SYNTAX, 0},
        {"one fewer than said", "02000000" V4, IKE_WIRE_SYNTAX, 0},
        {"one more than said", "01000000" V4 V4, IKE_WIRE_SYNTAX, 0},
        {"start behind end", "01000000 07000010 0000ffff c0a80101 c0a80100", IKE_WIRE_SYNTAX, 0},
        {"one address", "01000000 07000010 0000ffff c0a80101 c0a80101", IKE_WIRE_OK, 1},
        {"ports reversed", "01000000 07060010 00510050 c0a80100 c0a801ff", IKE_WIRE_SYNTAX, 0},
        {"ports OPAQUE", "01000000 07060010 ffff0000 c0a80100 c0a801ff", IKE_WIRE_OK, 1},
        {"IPv4 of length 40",
         "01000000 07000028"
         "0000ffff 20010db8000000000000000000000000"
         "20010db80000000000000000000000ff",
         IKE_WIRE_SYNTAX, 0},
        {"IPv6 of length 16", "01000000 08000010 0000ffff c0a80100 c0a801ff", IKE_WIRE_SYNTAX, 0},
        {"length 15", "01000000 0700000f 0000ffff c0a80100 c0a801", IKE_WIRE_SYNTAX, 0},
        {"length 17", "01000000 07000011 0000ffff c0a80100 c0a801ff 00", IKE_WIRE_SYNTAX, 0},
        {"length 3", "01000000 07000003", IKE_WIRE_SYNTAX, 0},
        {"length 0", "01000000 07000000", IKE_WIRE_SYNTAX, 0},
        {"length 65535", "01000000 0700ffff 0000ffff c0a80100 c0a801ff", IKE_WIRE_SYNTAX, 0},
        {"unknown type alone", "01000000 0900000c 0000000000000000", IKE_WIRE_OK, 0},
        {"unknown type between", "03000000" V4 "09000004" V6, IKE_WIRE_OK, 2},
        {"unknown type too long", "01000000 0900000d 0000000000000000", IKE_WIRE_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        uint8_t bytes[256];
        struct ike_ts_list list;
        size_t size = sample_unhex(CASES[i].hex, bytes, sizeof(bytes));
        struct ike_payload payload = {
            .type = IKE_PAYLOAD_TSI, .size = (uint16_t)size, .body = bytes};
        enum ike_wire_status status = ike_ts_read(&list, &payload);
        if (status != CASES[i].expected || (status == IKE_WIRE_OK && list.count != CASES[i].count))
            fail_msg("%s: %s, %zu", CASES[i].name, ike_wire_status_text(status), list.count);
    }
}

static void written_is_read_again(void **state)
{
    (void)state;
    static uint8_t bytes[8192];
    static struct ike_ts_list list;
    static struct ike_ts_list again;
    struct ike_builder b;
    struct ike_message m;
    struct ike_header header = {.spi_i = 1, .exchange = IKE_EXCHANGE_IKE_AUTH};
    list_of("192.168.1.0/24 2001:db8::/64!17:53:53 10.0.0.5-10.0.0.9!1:2048:2048", &list);
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_write_ts(&b, IKE_PAYLOAD_TSI, &list);
    assert_int_equal(ike_message_parse(&m, bytes, ike_builder_finish(&b)), IKE_WIRE_OK);
    assert_int_equal(ike_ts_read(&again, &m.payloads[0]), IKE_WIRE_OK);
    assert_true(ike_ts_list_equal(&list, &again));
    for (list.count = 0; list.count < IKE_TS_MAX; list.count++)
        list.items[list.count] = ts_of("10.0.0.0/8");
    ike_builder_init(&b, bytes, sizeof(bytes), &header);
    ike_write_ts(&b, IKE_PAYLOAD_TSR, &list);
    assert_int_equal(ike_message_parse(&m, bytes, ike_builder_finish(&b)), IKE_WIRE_OK);
    assert_int_equal(ike_ts_read(&again, &m.payloads[0]), IKE_WIRE_OK);
    assert_int_equal(again.count, IKE_TS_MAX);
}

static void more_than_the_limit(void **state)
{
    (void)state;
    static uint8_t body[4 + 255 * 16] = {IKE_TS_MAX + 1};
    struct ike_ts_list list;
    for (size_t i = 0; i < IKE_TS_MAX + 1; i++) {
        body[4 + 16 * i] = IKE_TS_IPV4_ADDR_RANGE;
        body[4 + 16 * i + 3] = 16;
    }
    struct ike_payload payload = {
        .type = IKE_PAYLOAD_TSI, .size = 4 + 16 * (IKE_TS_MAX + 1), .body = body};
    assert_int_equal(ike_ts_read(&list, &payload), IKE_WIRE_LIMIT);
}

static void take_mutant(uint8_t *bytes, size_t size, void *context)
{
    const struct ike_ts_list *configured = context;
    struct ike_payload payload = {.type = IKE_PAYLOAD_TSI, .size = (uint16_t)size, .body = bytes};
    struct ike_ts_list list;
    struct ike_ts_list out;
    char text[128];
    if (ike_ts_read(&list, &payload) != IKE_WIRE_OK)
        return;
    ike_ts_list_format(&list, text, sizeof(text));
    if (ike_ts_narrow(configured, &list, &out) == IKE_WIRE_OK) {
        assert_true(ike_ts_list_contains(configured, &out));
        assert_true(ike_ts_list_contains(&list, &out));
    }
}

static void mutants(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct ike_ts_list configured;
    list_of("192.168.0.0/16 2001:db8::/32", &configured);
    size_t size = sample_unhex("02000000" V4 V6, bytes, sizeof(bytes));
    mutate_all(bytes, size, take_mutant, &configured);
}

/* traffic_selector_cmp() of strongSwan. */
static void order(void **state)
{
    static const char *const sorted[] = {
        "0.0.0.0/0",           "10.1.0.0/24",         "10.1.0.0/24!6:0:65535",
        "10.1.0.0/24!6:80:90", "10.1.0.0/24!6:80:80", "10.1.0.0-10.1.0.9",
        "192.168.1.0/24",      "192.168.1.128/25",    "2001:db8::/32"};
    (void)state;
    size_t count = sizeof(sorted) / sizeof(sorted[0]);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            struct ike_ts a = ts_of(sorted[i]), b = ts_of(sorted[k]);
            int found = ike_ts_compare(&a, &b);
            assert_int_equal(found < 0 ? -1 : found > 0, i < k ? -1 : i > k);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(list_format_is_cut),
        cmocka_unit_test(order),
        cmocka_unit_test(intersections),
        cmocka_unit_test(containment),
        cmocka_unit_test(narrowing),
        cmocka_unit_test(narrowing_of_full_lists),
        cmocka_unit_test(list_add),
        cmocka_unit_test(flows_and_prefixes),
        cmocka_unit_test(payload_cases),
        cmocka_unit_test(written_is_read_again),
        cmocka_unit_test(more_than_the_limit),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
