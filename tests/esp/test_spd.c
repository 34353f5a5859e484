/* Policies: order, look-up, the check of arrivals, and charon's priorities as a real gateway showed them. */
#include "tests/test.h"

#include "base/rng.h"
#include "ipsec/esp/spd.h"

static struct net_prefix prefix(const char *text)
{
    struct net_prefix out;
    assert_true(net_prefix_parse(text, NET_PREFIX_MASK, &out));
    return out;
}

static struct esp_selector selector(const char *source, const char *destination)
{
    struct net_prefix from = prefix(source);
    struct net_prefix to = prefix(destination);
    return esp_selector_from_prefixes(&from, &to);
}

static struct esp_flow flow(const char *source, const char *destination)
{
    struct esp_flow out = {.protocol = 1, .source_port = 8};
    assert_true(net_addr_parse(source, &out.source));
    assert_true(net_addr_parse(destination, &out.destination));
    return out;
}

static struct esp_policy *add(struct esp_spd *spd, enum esp_direction direction,
                              struct esp_selector s, enum esp_policy_kind kind, uint32_t reqid)
{
    struct esp_policy_config config = {.direction = direction,
                                       .action = kind == ESP_KIND_PASS ? ESP_BYPASS : ESP_PROTECT,
                                       .selector = s,
                                       .priority = esp_priority(&s, kind),
                                       .reqid = reqid,
                                       .owner = reqid};
    return esp_spd_add(spd, &config);
}

/* gateway-reference: priorities that strongSwan 5.9.8 gave its policies. */
static void priorities_of_a_real_gateway(void **state)
{
    (void)state;
    static const struct {
        const char *source, *destination;
        enum esp_policy_kind kind;
        uint32_t expected;
    } cases[] = {
        {"192.168.1.0/24", "192.168.2.0/24", ESP_KIND_TUNNEL, 375423},
        {"0.0.0.0/0", "0.0.0.0/0", ESP_KIND_TUNNEL, 399999},
        {"0.0.0.0/0", "0.0.0.0/0", ESP_KIND_TRAP, 400000},
        {"192.168.1.0/24", "0.0.0.0/0", ESP_KIND_TUNNEL, 387711},
        {"192.168.1.0/24", "0.0.0.0/0", ESP_KIND_TRAP, 387712},
        {"192.168.1.0/24", "192.168.1.0/24", ESP_KIND_PASS, 175423},
        {"203.0.113.0/24", "203.0.113.0/24", ESP_KIND_PASS, 175423},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct esp_selector s = selector(cases[i].source, cases[i].destination);
        assert_int_equal(esp_priority(&s, cases[i].kind), cases[i].expected);
    }
}

static void narrower_selectors_go_first(void **state)
{
    (void)state;
    struct esp_selector wide = selector("10.0.0.0/8", "10.0.0.0/8");
    struct esp_selector tcp = wide;
    tcp.protocol = 6;
    struct esp_selector port = tcp;
    port.destination_port_first = port.destination_port_last = 443;
    struct esp_selector range = wide; /* 10.1.2.3-10.1.2.9 lies in 10.1.2.0/28 */
    range.source.first = net_addr_from_ip4(NET_IP4(10, 1, 2, 3));
    range.source.last = net_addr_from_ip4(NET_IP4(10, 1, 2, 9));
    assert_int_equal(esp_priority(&wide, ESP_KIND_TUNNEL), 400000 - 16 * 512 - 1);
    assert_int_equal(esp_priority(&tcp, ESP_KIND_TUNNEL), 400000 - 16 * 512 - 256 - 1);
    assert_int_equal(esp_priority(&port, ESP_KIND_TUNNEL), 400000 - 16 * 512 - 256 - 64 - 1);
    assert_int_equal(esp_priority(&range, ESP_KIND_TUNNEL), 400000 - (28 + 8) * 512 - 1);
}

static void lowest_priority_then_first_added(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_policy *any =
        add(spd, ESP_OUT, selector("0.0.0.0/0", "0.0.0.0/0"), ESP_KIND_TUNNEL, 1);
    struct esp_policy *net =
        add(spd, ESP_OUT, selector("192.168.1.0/24", "192.168.2.0/24"), ESP_KIND_TUNNEL, 2);
    /* As narrow, and matching the same flow: asked after the one above. */
    struct esp_policy *later =
        add(spd, ESP_OUT, selector("192.168.0.0/16", "192.168.2.11/32"), ESP_KIND_TUNNEL, 3);
    assert_int_equal(net->config.priority, later->config.priority);
    struct esp_flow f = flow("192.168.1.11", "192.168.2.11");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), net);
    assert_ptr_equal(esp_spd_at(spd, ESP_OUT, 0), net);
    assert_ptr_equal(esp_spd_at(spd, ESP_OUT, 1), later);
    assert_ptr_equal(esp_spd_at(spd, ESP_OUT, 2), any);
    assert_null(esp_spd_at(spd, ESP_OUT, 3));
    esp_spd_remove(spd, net);
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), later);
    f = flow("172.16.0.1", "8.8.8.8");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), any);
    assert_null(esp_spd_find(spd, ESP_FWD, &f));
    esp_spd_free(spd);
}

static void tunnel_before_its_trap_and_the_latest_of_equals(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_selector s = selector("192.168.1.0/24", "192.168.2.0/24");
    struct esp_policy *trap = add(spd, ESP_OUT, s, ESP_KIND_TRAP, 1);
    struct esp_policy *first = add(spd, ESP_OUT, s, ESP_KIND_TUNNEL, 2);
    struct esp_policy *second = add(spd, ESP_OUT, s, ESP_KIND_TUNNEL, 3);
    struct esp_flow f = flow("192.168.1.11", "192.168.2.11");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), second);
    assert_int_equal(esp_spd_remove_owner(spd, 3), 1);
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), first);
    esp_spd_remove(spd, first);
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), trap);
    assert_int_equal(esp_spd_count(spd, ESP_OUT), 1);
    esp_spd_free(spd);
}

static void selectors_look_at_protocol_and_ports(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_selector s = selector("10.0.0.0/24", "10.0.1.0/24");
    s.protocol = 17;
    s.source_port_first = 1000;
    s.source_port_last = 2000;
    s.destination_port_first = s.destination_port_last = 53;
    struct esp_policy *dns = add(spd, ESP_OUT, s, ESP_KIND_TUNNEL, 1);
    struct esp_flow f = flow("10.0.0.255", "10.0.1.0");
    f.protocol = 17;
    f.source_port = 1000;
    f.destination_port = 53;
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), dns);
    f.source_port = 2000;
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), dns);
    f.source_port = 2001;
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    f.source_port = 999;
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    f.source_port = 1500;
    f.destination_port = 54;
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    f.destination_port = 53;
    f.protocol = 6;
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    f.protocol = 17;
    assert_true(net_addr_parse("10.0.2.0", &f.destination));
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    esp_spd_free(spd);
}

static void families_do_not_meet(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_policy *any4 =
        add(spd, ESP_OUT, selector("0.0.0.0/0", "0.0.0.0/0"), ESP_KIND_TUNNEL, 4);
    struct esp_policy *net6 =
        add(spd, ESP_OUT, selector("2001:db8:1::/48", "2001:db8:2::/48"), ESP_KIND_TUNNEL, 6);
    struct esp_flow f = flow("2001:db8:1::1", "2001:db8:2:ffff::1");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), net6);
    f = flow("2001:db8:1::1", "2001:db8:3::1");
    assert_null(esp_spd_find(spd, ESP_OUT, &f));
    f = flow("1.2.3.4", "5.6.7.8");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), any4);
    struct esp_policy *any6 = add(spd, ESP_OUT, selector("::/0", "::/0"), ESP_KIND_TUNNEL, 7);
    f = flow("2001:db8:1::1", "2001:db8:3::1");
    assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), any6);
    esp_spd_free(spd);
}

/* What Linux answers for each kind of policy and each way of arriving. */
static void arrivals_as_linux_judges_them(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_policy *protect =
        add(spd, ESP_FWD, selector("192.168.2.0/24", "192.168.1.0/24"), ESP_KIND_TUNNEL, 1);
    struct esp_policy *pass =
        add(spd, ESP_FWD, selector("192.168.1.0/24", "192.168.1.0/24"), ESP_KIND_PASS, 0);
    struct esp_selector blocked = selector("192.168.9.0/24", "192.168.1.0/24");
    struct esp_policy_config config = {
        .direction = ESP_FWD, .action = ESP_DISCARD, .selector = blocked, .priority = 1};
    struct esp_policy *block = esp_spd_add(spd, &config);
    const struct esp_flow to_protect = flow("192.168.2.11", "192.168.1.11");
    const struct esp_flow to_pass = flow("192.168.1.11", "192.168.1.12");
    const struct esp_flow to_block = flow("192.168.9.1", "192.168.1.11");
    const struct esp_flow to_none = flow("172.16.0.1", "192.168.1.11");
    const struct {
        const struct esp_flow *flow;
        uint32_t secpath[2];
        size_t count;
        enum esp_status expected;
        const struct esp_policy *policy;
    } cases[] = {
        {&to_protect, {1}, 1, ESP_OK, protect},
        {&to_protect, {0}, 0, ESP_IN_TEMPLATE_MISMATCH, protect}, /* in clear: spoofed, or a leak */
        {&to_protect, {2}, 1, ESP_IN_TEMPLATE_MISMATCH, protect}, /* through another tunnel */
        {&to_protect, {1, 1}, 2, ESP_IN_TEMPLATE_MISMATCH, protect}, /* through one too many */
        {&to_pass, {0}, 0, ESP_OK, pass},
        {&to_pass, {1}, 1, ESP_IN_TEMPLATE_MISMATCH, pass},
        {&to_block, {0}, 0, ESP_IN_BLOCKED, block},
        {&to_block, {1}, 1, ESP_IN_BLOCKED, block},
        {&to_none, {0}, 0, ESP_OK, NULL},
        {&to_none, {1}, 1, ESP_IN_NO_POLICY, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct esp_policy *policy = (struct esp_policy *)0x1;
        enum esp_status status =
            esp_spd_check(spd, ESP_FWD, cases[i].flow, cases[i].secpath, cases[i].count, &policy);
        if (status != cases[i].expected || policy != cases[i].policy)
            fail_msg("case %zu: %s", i, esp_status_name(status));
    }
    assert_string_equal(esp_status_counter(ESP_IN_TEMPLATE_MISMATCH), "XfrmInTmplMismatch");
    assert_string_equal(esp_status_counter(ESP_IN_NO_POLICY), "XfrmInNoPols");
    esp_spd_free(spd);
}

/* A gateway with hundreds of policies: the cache gives what a walk would, through every change. */
static void many_policies_and_their_cache(void **state)
{
    (void)state;
    struct esp_spd *spd = esp_spd_new();
    struct esp_policy *policies[300];
    for (uint32_t i = 0; i < 300; i++) {
        struct net_prefix to = net_prefix_from_ip4(NET_IP4(10, i >> 8, i, 0), 24);
        struct net_prefix from = prefix("192.168.0.0/16");
        policies[i] =
            add(spd, ESP_OUT, esp_selector_from_prefixes(&from, &to), ESP_KIND_TUNNEL, i + 1);
    }
    struct base_rng rng;
    base_rng_init(&rng, 1, "test spd");
    struct esp_flow f = flow("192.168.1.1", "10.0.0.1");
    for (int round = 0; round < 20000; round++) {
        uint32_t i = (uint32_t)base_rng_below(&rng, 310);
        f.destination = net_addr_from_ip4(NET_IP4(10, i >> 8, i, base_rng_below(&rng, 3)));
        f.source_port = (uint16_t)base_rng_below(&rng, 2);
        struct esp_policy *expected = i < 300 ? policies[i] : NULL;
        assert_ptr_equal(esp_spd_find(spd, ESP_OUT, &f), expected);
        if (round % 1000 == 999 && i < 300 && policies[i]) {
            esp_spd_remove(spd, policies[i]);
            policies[i] = NULL;
            assert_null(esp_spd_find(spd, ESP_OUT, &f));
        }
    }
    esp_spd_free(spd);
}

static void flows_of_packets(void **state)
{
    (void)state;
    uint8_t packet[60] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0,   0,    10,
                          0,    0, 1, 10, 0, 0, 2, 0, 53, 1,  187, 0xff, 0xff};
    struct esp_flow f;
    assert_true(esp_flow_read(packet, 28, &f));
    assert_int_equal(net_addr_ip4(&f.source), NET_IP4(10, 0, 0, 1));
    assert_int_equal(net_addr_ip4(&f.destination), NET_IP4(10, 0, 0, 2));
    assert_int_equal(f.protocol, 17);
    assert_int_equal(f.source_port, 53);
    assert_int_equal(f.destination_port, 443);
    packet[9] = 1; /* ICMP: type and code */
    assert_true(esp_flow_read(packet, 28, &f));
    assert_int_equal(f.source_port, 0);
    assert_int_equal(f.destination_port, 53);
    packet[9] = 17;
    packet[6] = 0x20; /* a first fragment has no ports for policies */
    assert_true(esp_flow_read(packet, 28, &f));
    assert_int_equal(f.source_port, 0);
    packet[6] = 0;
    assert_true(esp_flow_read(packet, 23, &f)); /* ports cut off */
    assert_int_equal(f.source_port, 0);
    for (size_t size = 0; size < 20; size++)
        assert_false(esp_flow_read(packet, size, &f));
    packet[0] = 0x55;
    assert_false(esp_flow_read(packet, 28, &f));
}

static void flows_of_ipv6_packets(void **state)
{
    (void)state;
    uint8_t packet[80] = {0x60, 0, 0, 0, 0, 24, 0 /* hop by hop */, 64};
    packet[8] = 0x20;
    packet[24] = 0xfd;
    packet[40] = 43; /* then routing, 16 octets */
    packet[48] = 6;
    packet[49] = 1;
    packet[64] = 0x1f;
    packet[65] = 0x90;
    packet[67] = 22;
    struct esp_flow f;
    assert_true(esp_flow_read(packet, sizeof(packet), &f));
    assert_int_equal(f.source.family, NET_ADDR_IP6);
    assert_int_equal(f.source.bytes[0], 0x20);
    assert_int_equal(f.destination.bytes[0], 0xfd);
    assert_int_equal(f.protocol, 6);
    assert_int_equal(f.source_port, 8080);
    assert_int_equal(f.destination_port, 22);
    packet[40] = 44; /* then a fragment header */
    packet[48] = 6;
    memset(packet + 56, 0x11, 4);
    assert_true(esp_flow_read(packet, sizeof(packet), &f));
    assert_int_equal(f.protocol, 6);
    assert_int_equal(f.source_port, 0);
    for (size_t size = 0; size < 40; size++)
        assert_false(esp_flow_read(packet, size, &f));
    for (size_t size = 40; size < sizeof(packet); size++)
        assert_true(esp_flow_read(packet, size, &f));
}

static void every_status_has_its_own_word(void **state)
{
    (void)state;
    for (int i = 0; i < ESP_STATUS_COUNT; i++) {
        assert_true(strlen(esp_status_name((enum esp_status)i)) > 1);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(esp_status_name((enum esp_status)i),
                                    esp_status_name((enum esp_status)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(priorities_of_a_real_gateway),
        cmocka_unit_test(narrower_selectors_go_first),
        cmocka_unit_test(lowest_priority_then_first_added),
        cmocka_unit_test(tunnel_before_its_trap_and_the_latest_of_equals),
        cmocka_unit_test(selectors_look_at_protocol_and_ports),
        cmocka_unit_test(families_do_not_meet),
        cmocka_unit_test(arrivals_as_linux_judges_them),
        cmocka_unit_test(many_policies_and_their_cache),
        cmocka_unit_test(flows_of_packets),
        cmocka_unit_test(flows_of_ipv6_packets),
        cmocka_unit_test(every_status_has_its_own_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
