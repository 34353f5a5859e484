/* The routed internet: carrying, TTL, ICMP errors byte by byte, fragments, ARP; and the segment. */
#include "tests/test.h"

#include "net/arp.h"
#include "net/checksum.h"
#include "net/ether.h"
#include "net/frag.h"
#include "net/icmp.h"
#include "sim/internet.h"
#include "sim/journal.h"
#include "tests/sim/probe.h"

#define TXL NET_IP4(203, 0, 113, 10)
#define LHR NET_IP4(203, 0, 113, 20)
#define NOBODY NET_IP4(192, 168, 2, 11)
#define DELAY (14 * BASE_MS) /* 6 routers: 2 ms from one to the next */

static const uint8_t ACCESS[6] = {0x02, 0x74, 0x63, 0, 0, 0};
static const uint8_t ELSEWHERE[6] = {0x02, 0x74, 0x63, 0, 0, 1};

struct net {
    struct sim_world *world;
    struct sim_internet *internet;
    struct sim_link *link;
    struct probe *txl, *lhr;
    struct probe_tap tap;
};

static struct net net_with_routers(const struct sim_impairment *more, net_ip4 routers)
{
    struct net net = {.world = sim_world_new(1, true)};
    struct sim_internet_config config = {
        .kind = SIM_INTERNET_ROUTED,
        .hops = 6,
        .routers = routers,
        .base = {.set = SIM_IMPAIR_DELAY, .delay_ns = DELAY},
    };
    if (more)
        sim_impairment_merge(&config.base, more);
    net.internet = sim_internet_new(net.world, "internet", &config);
    net.link = sim_internet_link(net.internet);
    net.txl = probe_new(net.world, "txl-gw");
    net.lhr = probe_new(net.world, "lhr-gw");
    sim_internet_attach(net.internet, &net.txl->port);
    sim_internet_attach(net.internet, &net.lhr->port);
    sim_internet_add_address(net.internet, &net.txl->port, TXL);
    sim_internet_add_address(net.internet, &net.lhr->port, LHR);
    probe_tap_init(&net.tap);
    return net;
}

static struct net net_new(const struct sim_impairment *more)
{
    return net_with_routers(more, 0);
}

static struct net net_narrow(uint32_t mtu)
{
    struct sim_impairment narrow = {.set = SIM_IMPAIR_MTU, .mtu = mtu};
    return net_new(&narrow);
}

static void net_free(struct net *net)
{
    sim_world_drain(net->world);
    sim_internet_free(net->internet);
    probe_free(net->txl);
    probe_free(net->lhr);
    assert_int_equal(net->world->packets.live, 0);
    sim_world_free(net->world);
}

static void run(struct net *net)
{
    sim_world_run_until(net->world, net->world->now + 10 * BASE_S);
}

static const struct probe_ip PLAIN = {.src = TXL, .dst = LHR};

/* From txl by the access router; returns its id. */
static uint64_t send_ip(struct net *net, const struct probe_ip *ip)
{
    return probe_send_ip(net->txl, ACCESS, ip);
}

/* The same, and waits for all that comes of it. */
static uint64_t carry(struct net *net, const struct probe_ip *ip)
{
    uint64_t id = send_ip(net, ip);
    run(net);
    return id;
}

static struct net_ipv4 header_of(const struct probe_frame *frame)
{
    struct net_ipv4 ip = {0};
    assert_int_equal(net_ether_type(frame->bytes), NET_ETHER_IPV4);
    assert_int_equal(net_ipv4_read(&ip, frame->bytes + 14, frame->size - 14), NET_IPV4_OK);
    return ip;
}

static void test_carrying(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    assert_true(net.txl->port.out->plain);
    uint64_t id = carry(&net, &PLAIN);
    assert_int_equal(net.lhr->count, 1);
    assert_int_equal(net.world->events, 1); /* one event a crossing */
    const struct probe_frame *frame = &net.lhr->frames[0];
    assert_int_equal(frame->id, id);
    assert_int_equal(frame->at, DELAY);
    assert_memory_equal(frame->bytes, net.lhr->port.mac, 6);
    assert_memory_equal(frame->bytes + 6, ACCESS, 6);
    struct net_ipv4 ip = header_of(frame); /* with a right checksum */
    assert_int_equal(ip.ttl, 64 - 6);
    assert_int_equal(ip.src, TXL);
    for (unsigned i = 20; i < 128; i++)
        assert_int_equal(frame->bytes[14 + i], (uint8_t)(i * 7));
    net_free(&net);
}

/* For each TTL: the router that says so, when, and what is quoted. */
static void test_time_exceeded(void **state)
{
    (void)state;
    for (unsigned ttl = 0; ttl <= 7; ttl++) {
        struct net net = net_new(NULL);
        struct probe_ip sent = {
            .src = TXL, .dst = LHR, .ttl = (uint8_t)ttl, .ttl_zero = ttl == 0, .tos = 0xb9};
        uint64_t id = carry(&net, &sent);
        if (ttl == 7) {
            assert_int_equal(net.lhr->count, 1);
            assert_int_equal(header_of(&net.lhr->frames[0]).ttl, 1);
            assert_int_equal(net.txl->count, 0);
            net_free(&net);
            continue;
        }
        unsigned hop = ttl ? ttl : 1;
        assert_int_equal(net.lhr->count, 0);
        assert_int_equal(net.txl->count, 1);
        const struct probe_frame *frame = &net.txl->frames[0];
        struct net_ipv4 ip = header_of(frame);
        struct net_icmp icmp = {0};
        assert_int_equal(frame->at, (base_ns)(2 * hop) * 2 * BASE_MS);
        assert_int_equal(frame->parent, id);
        assert_int_equal(ip.src, SIM_INTERNET_ROUTERS + (net_ip4)hop);
        assert_int_equal(ip.dst, TXL);
        assert_int_equal(ip.ttl, 64 - (hop - 1));
        assert_int_equal(ip.tos, 0xc0 | 0x18); /* precedence internetwork control */
        assert_false(ip.dont_fragment);
        assert_true(net_icmp_read(&icmp, frame->bytes + 34, (size_t)ip.total_size - 20));
        assert_int_equal(icmp.type, NET_ICMP_TIME_EXCEEDED);
        assert_int_equal(icmp.code, 0);
        /* Quoted whole, as the router got it: TTL 1, checksum right. */
        const uint8_t *quoted = frame->bytes + 42;
        assert_int_equal(ip.total_size, 28 + 128);
        assert_int_equal(quoted[8], ttl ? 1 : 0);
        assert_int_equal(net_checksum(quoted, 20), 0);
        assert_int_equal(net_ipv4_dst(quoted), LHR);
        for (unsigned i = 20; i < 128; i++)
            assert_int_equal(quoted[i], (uint8_t)(i * 7));
        assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_TTL), 1);
        net_free(&net);
    }
}

static void test_quotes_end_at_576_bytes(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    send_ip(&net, &(struct probe_ip){.src = TXL, .dst = LHR, .ttl = 1, .size = 1400});
    carry(&net, &(struct probe_ip){.src = TXL, .dst = LHR, .ttl = 1, .size = 548});
    assert_int_equal(net.txl->count, 2);
    assert_int_equal(header_of(&net.txl->frames[0]).total_size, 576);
    assert_int_equal(net_ipv4_total_size(net.txl->frames[0].bytes + 42), 1400);
    assert_int_equal(header_of(&net.txl->frames[1]).total_size, 576);
    net_free(&net);
}

static void test_unknown_destinations(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    sim_link_add_tap(net.link, &net.tap.tap);
    carry(&net, &(struct probe_ip){.src = TXL, .dst = NOBODY});
    assert_int_equal(net.txl->count, 1);
    const struct probe_frame *frame = &net.txl->frames[0];
    assert_int_equal(frame->at, 2 * 2 * BASE_MS);
    assert_int_equal(header_of(frame).src, SIM_INTERNET_ROUTERS + 1);
    static const uint8_t NET_UNREACHABLE[2] = {3, 0};
    assert_memory_equal(frame->bytes + 34, NET_UNREACHABLE, 2);
    assert_string_equal(net.tap.text, "net unreachable at router 1 (198.51.100.1)\n");

    /* Nobody is told where the source is not known either: a private one never hears. */
    carry(&net, &(struct probe_ip){.src = NET_IP4(192, 168, 1, 11), .dst = NOBODY});
    assert_int_equal(net.txl->count, 1);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NO_ROUTE), 2);

    /* An address that went away is unknown; one that moved is somewhere else. */
    sim_internet_remove_address(net.internet, LHR);
    carry(&net, &PLAIN);
    assert_int_equal(net.txl->count, 2);
    sim_internet_add_address(net.internet, &net.txl->port, LHR);
    carry(&net, &PLAIN);
    assert_int_equal(net.txl->count, 3);
    assert_int_equal(header_of(&net.txl->frames[2]).dst, LHR);
    net_free(&net);
}

/* What must not be answered with an error (RFC 1812, 4.3.2.7). */
static void test_no_errors_about(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct probe_ip ip;
        unsigned answers;
    } CASES[] = {
        {"UDP", {.src = TXL, .dst = NOBODY}, 1},
        {"an echo request", {.src = TXL, .dst = NOBODY, .protocol = 1, .icmp_type = 8}, 1},
        {"an echo reply", {.src = TXL, .dst = NOBODY, .protocol = 1, .icmp_type = 0}, 1},
        {"an unreachable", {.src = TXL, .dst = NOBODY, .protocol = 1, .icmp_type = 3}, 0},
        {"a time exceeded", {.src = TXL, .dst = NOBODY, .protocol = 1, .icmp_type = 11}, 0},
        {"a redirect", {.src = TXL, .dst = NOBODY, .protocol = 1, .icmp_type = 5}, 0},
        {"a later fragment", {.src = TXL, .dst = NOBODY, .fragment_offset = 1480}, 0},
        {"multicast", {.src = TXL, .dst = NET_IP4(224, 0, 0, 5)}, 0},
        {"broadcast", {.src = TXL, .dst = NET_IP4_BROADCAST}, 0},
        {"no source", {.src = NET_IP4(0, 0, 0, 1), .dst = LHR}, 0},
        {"loopback source", {.src = NET_IP4(127, 0, 0, 1), .dst = LHR}, 0},
        {"a bad header", {.src = TXL, .dst = NOBODY, .bad_checksum = true}, 0},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct net net = net_new(NULL);
        carry(&net, &CASES[i].ip);
        if (net.txl->count != CASES[i].answers || net.lhr->count)
            fail_msg("%s: %zu answers", CASES[i].what, net.txl->count);
        net_free(&net);
    }
}

static void test_fragmentation_needed(void **state)
{
    (void)state;
    struct net net = net_narrow(1400);
    sim_link_add_tap(net.link, &net.tap.tap);
    struct probe_ip big = {.src = TXL, .dst = LHR, .dont_fragment = true, .size = 1401};
    send_ip(&net, &big);
    big.size = 1400;
    carry(&net, &big);
    assert_int_equal(net.lhr->count, 1);
    assert_int_equal(net.txl->count, 1);
    const struct probe_frame *frame = &net.txl->frames[0];
    assert_int_equal(header_of(frame).src, SIM_INTERNET_ROUTERS + 3); /* the one in the middle */
    assert_int_equal(header_of(frame).ttl, 62);
    struct net_icmp icmp = {0};
    assert_true(net_icmp_read(&icmp, frame->bytes + 34, frame->size - 34));
    assert_int_equal(icmp.type, 3);
    assert_int_equal(icmp.code, 4);
    assert_int_equal(icmp.mtu, 1400);
    assert_int_equal(frame->bytes[42 + 8], 64 - 2);
    assert_string_equal(net.tap.text,
                        "fragmentation needed (MTU 1400) at router 3 (198.51.100.3)\n-\n");

    /* A packet that dies before the narrow place never gets to it. */
    probe_clear(net.txl);
    big.size = 1401;
    big.ttl = 3;
    carry(&net, &big);
    assert_int_equal(net.txl->count, 1);
    assert_int_equal(net.txl->frames[0].bytes[34], NET_ICMP_TIME_EXCEEDED);
    net_free(&net);
}

static bool is_icmp(void *context, const struct sim_packet *frame)
{
    (void)context;
    const uint8_t *bytes = sim_packet_data(frame);
    return net_ether_type(bytes) == NET_ETHER_IPV4 && bytes[NET_ETHER_SIZE + 9] == NET_IPV4_ICMP;
}

/* A firewall's rule for whatever sender meets the routers' errors; one for a sender does not. */
static void test_a_firewall_drops_the_routers_errors(void **state)
{
    (void)state;
    struct net net = net_narrow(1400);
    struct sim_fault_config rule = {
        .action = SIM_FAULT_DROP, .firewall = true, .amount = 7, .match = is_icmp};
    struct probe_ip big = {.src = TXL, .dst = LHR, .dont_fragment = true, .size = 1401};
    struct sim_fault *fault = sim_link_add_fault(net.link, &rule);
    carry(&net, &big);
    assert_int_equal(net.txl->count, 0);
    assert_int_equal(sim_fault_applied(fault), 1);
    assert_int_equal(sim_world_drops(net.world, sim_internet_id(net.internet), SIM_REASON_FIREWALL),
                     1);
    sim_link_heal(net.link, fault);
    rule.from = &net.lhr->node;
    sim_link_add_fault(net.link, &rule);
    carry(&net, &big);
    assert_int_equal(net.txl->count, 1);
    net_free(&net);
}

static void test_a_silent_mtu_is_a_black_hole(void **state)
{
    (void)state;
    struct sim_impairment narrow = {
        .set = SIM_IMPAIR_MTU | SIM_IMPAIR_MTU_SILENT, .mtu = 1400, .mtu_silent = true};
    struct net net = net_new(&narrow);
    struct probe_ip big = {.src = TXL, .dst = LHR, .dont_fragment = true, .size = 1401};
    send_ip(&net, &big); /* on the short path too */
    sim_link_add_tap(net.link, &net.tap.tap);
    send_ip(&net, &big);
    big.dont_fragment = false;
    carry(&net, &big);
    assert_int_equal(net.txl->count, 0);
    assert_int_equal(net.lhr->count, 2); /* two fragments */
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_LINK_MTU), 2);
    assert_string_equal(net.tap.text, "dropped: larger than the link's MTU of 1400\n"
                                      "fragmented for MTU 1400\n");
    net_free(&net);
}

static void test_fragments(void **state)
{
    (void)state;
    struct net net = net_narrow(600);
    uint64_t id = carry(&net, &(struct probe_ip){.src = TXL, .dst = LHR, .size = 1500});
    assert_int_equal(net.lhr->count, 3);
    struct net_reassembly *reassembly = net_reassembly_new();
    for (unsigned i = 0; i < 3; i++) {
        const struct probe_frame *frame = &net.lhr->frames[i];
        struct net_ipv4 ip = header_of(frame);
        assert_int_equal(frame->at, DELAY);
        assert_int_equal(frame->parent, id);
        assert_int_equal(ip.ttl, 58);
        assert_int_equal(ip.id, 0x1234);
        assert_true(ip.total_size <= 600);
        assert_int_equal(ip.fragment_offset, i * 576);
        struct net_reassembly_packet whole = {0};
        enum net_reassembly_status status =
            net_reassembly_add(reassembly, 0, frame->bytes + 14, frame->id, &whole);
        assert_int_equal(status, i == 2 ? NET_REASSEMBLY_DONE : NET_REASSEMBLY_HELD);
        for (unsigned n = 20; i == 2 && n < 1500; n++)
            assert_int_equal(whole.data[n], (uint8_t)(n * 7));
    }
    net_reassembly_free(reassembly);
    net_free(&net);
}

static void test_routers_answer(void **state)
{
    (void)state;
    static const struct {
        net_ip4 address;
        uint8_t ttl;
        unsigned hop;
    } CASES[] = {
        {SIM_INTERNET_ACCESS, 1, 1},
        {SIM_INTERNET_ROUTERS + 1, 1, 1},
        {SIM_INTERNET_ROUTERS + 4, 4, 4},
        {SIM_INTERNET_ROUTERS + 6, 64, 6},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct net net = net_new(NULL);
        struct probe_ip echo = {.src = TXL,
                                .dst = CASES[i].address,
                                .ttl = CASES[i].ttl,
                                .protocol = NET_IPV4_ICMP,
                                .icmp_type = NET_ICMP_ECHO,
                                .size = 84};
        uint64_t id = carry(&net, &echo);
        assert_int_equal(net.txl->count, 1);
        const struct probe_frame *frame = &net.txl->frames[0];
        struct net_ipv4 ip = header_of(frame);
        struct net_icmp icmp = {0};
        assert_int_equal(ip.src, CASES[i].address);
        assert_int_equal(ip.dst, TXL);
        assert_int_equal(ip.ttl, 64 - (CASES[i].hop - 1));
        assert_int_equal(frame->at, (base_ns)CASES[i].hop * 4 * BASE_MS);
        assert_int_equal(frame->parent, id);
        assert_true(net_icmp_read(&icmp, frame->bytes + 34, (size_t)ip.total_size - 20));
        assert_int_equal(icmp.type, NET_ICMP_ECHO_REPLY);
        assert_int_equal(icmp.sequence, 2);
        net_free(&net);
    }
    struct net net = net_new(NULL);
    send_ip(&net, &(struct probe_ip){.src = TXL, .dst = SIM_INTERNET_ACCESS});
    carry(&net,
          &(struct probe_ip){.src = TXL, .dst = SIM_INTERNET_ROUTERS + 7}); /* there is none */
    static const uint8_t PORT_UNREACHABLE[2] = {3, 3}, NET_UNREACHABLE[2] = {3, 0};
    assert_int_equal(net.txl->count, 2);
    assert_memory_equal(net.txl->frames[0].bytes + 34, PORT_UNREACHABLE, 2);
    assert_int_equal(header_of(&net.txl->frames[0]).src, SIM_INTERNET_ACCESS);
    assert_memory_equal(net.txl->frames[1].bytes + 34, NET_UNREACHABLE, 2);
    net_free(&net);
}

/* In another network than the usual one: all that they say comes from there, and the usual one is nobody's. */
static void test_other_routers(void **state)
{
    (void)state;
    const net_ip4 routers = NET_IP4(192, 0, 2, 0);
    const struct probe_ip packets[] = {{.src = TXL, .dst = LHR, .ttl = 2},
                                       {.src = TXL, .dst = routers + 4},
                                       {.src = TXL, .dst = SIM_INTERNET_ROUTERS + 4}};
    const net_ip4 from[] = {routers + 2, routers + 4, routers + 1};
    struct net net = net_with_routers(NULL, routers);
    sim_link_add_tap(net.link, &net.tap.tap);
    for (size_t i = 0; i < 3; i++) {
        carry(&net, &packets[i]);
        assert_int_equal(net.txl->count, i + 1);
        assert_int_equal(header_of(&net.txl->frames[i]).src, from[i]);
    }
    assert_non_null(strstr(net.tap.text, "time to live exceeded at router 2 (192.0.2.2)\n"));
    net_free(&net);
}

static void send_arp(struct probe *probe, net_ip4 sender, net_ip4 target)
{
    struct sim_packet *packet = sim_packet_new(probe->node.world, 42, 0);
    uint8_t *frame = base_buffer_put(&packet->bytes, 42);
    struct net_ether ether = {.type = NET_ETHER_ARP};
    memcpy(ether.dst, NET_MAC_BROADCAST, 6);
    memcpy(ether.src, probe->port.mac, 6);
    struct net_arp arp = {.operation = NET_ARP_REQUEST, .sender = sender, .target = target};
    memcpy(arp.sender_mac, probe->port.mac, 6);
    net_ether_write(&ether, frame);
    net_arp_write(&arp, frame + 14);
    sim_port_send(&probe->port, packet);
}

static void test_arp_with_the_access_router(void **state)
{
    (void)state;
    struct sim_impairment dead = {.set = SIM_IMPAIR_LOSS, .loss = 1};
    struct net net = net_new(&dead);
    sim_link_add_tap(net.link, &net.tap.tap);
    send_arp(net.lhr, LHR, SIM_INTERNET_ACCESS);
    send_arp(net.lhr, LHR, TXL); /* not on this wire */
    run(&net);
    assert_int_equal(net.lhr->count, 1);
    assert_int_equal(net.txl->count, 0);
    const struct probe_frame *frame = &net.lhr->frames[0];
    struct net_arp arp = {0};
    assert_int_equal(frame->at, 0); /* the neighbour is not on the path */
    assert_int_equal(net.tap.count, 0);
    assert_true(net_arp_read(&arp, frame->bytes + 14, frame->size - 14));
    assert_int_equal(arp.operation, NET_ARP_REPLY);
    assert_int_equal(arp.sender, SIM_INTERNET_ACCESS);
    assert_int_equal(arp.target, LHR);
    assert_memory_equal(arp.sender_mac, ACCESS, 6);
    assert_memory_equal(arp.target_mac, net.lhr->port.mac, 6);
    net_free(&net);
}

static void test_frames_to_other_addresses_or_of_other_protocols(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    probe_send_ip(net.txl, ELSEWHERE, &PLAIN);
    probe_send(net.txl, ACCESS, 1, 50);
    run(&net);
    assert_int_equal(net.lhr->count, 0);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_OTHER_HOST), 1);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_UNSUPPORTED), 1);
    net_free(&net);
}

static void test_faults_on_the_path(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    sim_link_add_tap(net.link, &net.tap.tap);
    sim_link_add_fault(net.link, &(struct sim_fault_config){.action = SIM_FAULT_DELAY,
                                                            .from = &net.txl->node,
                                                            .delay_ns = 3 * BASE_S,
                                                            .first = 1,
                                                            .last = 1});
    sim_link_add_fault(net.link, &(struct sim_fault_config){
                                     .action = SIM_FAULT_HOLD, .hold = "x", .first = 2, .last = 2});
    struct probe_ip ip = {.src = TXL, .dst = LHR, .ttl = 2};
    send_ip(&net, &ip);
    ip.ttl = 64;
    carry(&net, &ip);
    assert_int_equal(net.lhr->count, 0);
    assert_int_equal(net.txl->count, 1);
    assert_int_equal(net.txl->frames[0].at, 3 * BASE_S + 8 * BASE_MS);
    base_ns now = net.world->now;
    assert_int_equal(sim_link_release(net.link, "x"), 1);
    run(&net);
    assert_int_equal(net.lhr->count, 1);
    assert_int_equal(net.lhr->frames[0].at, now + DELAY);
    assert_string_equal(net.tap.text,
                        "delayed 3s; time to live exceeded at router 2 (198.51.100.2)\n"
                        "held as x\n");
    net_free(&net);
}

/* A turned bit in the IP header is found by a router, one behind it by the receiver. */
static void test_corrupted_headers_do_not_get_through(void **state)
{
    (void)state;
    struct sim_impairment bad = {.set = SIM_IMPAIR_CORRUPT, .corrupt = 1};
    struct net net = net_new(&bad);
    for (unsigned i = 0; i < 500; i++)
        send_ip(&net, &(struct probe_ip){.src = TXL, .dst = LHR, .size = 40});
    run(&net);
    uint64_t dropped = sim_world_drops(net.world, 0, SIM_REASON_BAD_CHECKSUM);
    assert_int_equal(dropped + net.lhr->count, 500);
    assert_in_range(dropped, 200, 300);
    for (size_t i = 0; i < net.lhr->count; i++)
        header_of(&net.lhr->frames[i]);
    net_free(&net);
}

static void test_an_unplugged_receiver(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    send_ip(&net, &PLAIN);
    probe_free(net.lhr);
    run(&net);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NOT_PLUGGED), 1);
    net.lhr = probe_new(net.world, "lhr-gw");
    sim_internet_attach(net.internet, &net.lhr->port);
    sim_internet_add_address(net.internet, &net.lhr->port, LHR);
    carry(&net, &PLAIN);
    assert_int_equal(net.lhr->count, 1);
    net_free(&net);
}

static void test_many_addresses(void **state)
{
    (void)state;
    struct net net = net_new(NULL);
    for (net_ip4 i = 0; i < 3000; i++)
        sim_internet_add_address(net.internet, i % 2 ? &net.txl->port : &net.lhr->port,
                                 NET_IP4(10, 0, 0, 0) + i);
    for (net_ip4 i = 0; i < 3000; i += 2)
        send_ip(&net, &(struct probe_ip){.src = TXL, .dst = NET_IP4(10, 0, 0, 0) + i});
    run(&net);
    assert_int_equal(net.lhr->count, 1500);
    assert_int_equal(net.txl->count, 0);
    net_free(&net);
}

static void test_a_segment_is_a_switch(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, true);
    struct sim_internet_config config = {
        .kind = SIM_INTERNET_SEGMENT,
        .base = {.set = SIM_IMPAIR_DELAY, .delay_ns = BASE_MS},
    };
    struct sim_internet *internet = sim_internet_new(world, "internet", &config);
    struct probe *a = probe_new(world, "a"), *b = probe_new(world, "b");
    sim_internet_attach(internet, &a->port);
    sim_internet_attach(internet, &b->port);
    sim_internet_add_address(internet, &a->port, TXL);
    sim_internet_remove_address(internet, TXL);
    probe_send_ip(a, b->port.mac, &(struct probe_ip){.src = TXL, .dst = NOBODY});
    send_arp(b, LHR, TXL);
    sim_world_run_until(world, BASE_S);
    assert_int_equal(b->count, 1);
    assert_int_equal(header_of(&b->frames[0]).ttl, 64);
    assert_int_equal(a->count, 1);
    assert_ptr_equal(world->nodes[sim_internet_id(internet)], sim_world_find(world, "internet"));
    assert_string_equal(sim_internet_link(internet)->name, "internet");
    sim_internet_free(internet);
    probe_free(a);
    probe_free(b);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_carrying),
        cmocka_unit_test(test_time_exceeded),
        cmocka_unit_test(test_quotes_end_at_576_bytes),
        cmocka_unit_test(test_unknown_destinations),
        cmocka_unit_test(test_no_errors_about),
        cmocka_unit_test(test_fragmentation_needed),
        cmocka_unit_test(test_a_firewall_drops_the_routers_errors),
        cmocka_unit_test(test_a_silent_mtu_is_a_black_hole),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_routers_answer),
        cmocka_unit_test(test_other_routers),
        cmocka_unit_test(test_arp_with_the_access_router),
        cmocka_unit_test(test_frames_to_other_addresses_or_of_other_protocols),
        cmocka_unit_test(test_faults_on_the_path),
        cmocka_unit_test(test_corrupted_headers_do_not_get_through),
        cmocka_unit_test(test_an_unplugged_receiver),
        cmocka_unit_test(test_many_addresses),
        cmocka_unit_test(test_a_segment_is_a_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
