/* ICMP redirects that come, made by hand: which are believed, and who hears of them. */
#include "tests/sim/way2.h"

#include "net/ether.h"
#include "net/icmp.h"

struct forged {
    const char *what;
    net_ip4 from, gateway, dst; /* dst 0: D */
    uint8_t code;
    uint8_t protocol, icmp_type; /* of the quoted packet */
    net_ip4 quoted_from;         /* 0: a */
    bool waiting;                /* a ping is under way */
    bool header_alone;           /* nothing is quoted behind the header */
    bool taken;
};

static void send_forged(struct lab *lab, const struct forged *row)
{
    struct sim_port *port = sim_host_port(lab->a);
    uint16_t quoted_size = row->header_alone ? 20 : 28;
    struct sim_packet *frame = sim_packet_new(lab->world, 14 + 20 + 8 + 28, 0);
    uint8_t *bytes = base_buffer_put(&frame->bytes, 14 + 20 + 8 + 28), *quoted = bytes + 42;
    struct net_ether ether = {.type = NET_ETHER_IPV4};
    memcpy(ether.dst, port->mac, 6);
    net_ether_write(&ether, bytes);
    struct net_ipv4 outer = {.total_size = (uint16_t)(28 + quoted_size),
                             .ttl = 9,
                             .protocol = 1,
                             .src = row->from,
                             .dst = LAB_A};
    net_ipv4_write(&outer, bytes + 14);
    struct net_ipv4 inner = {.total_size = 84,
                             .ttl = 63,
                             .protocol = row->protocol,
                             .src = row->quoted_from ? row->quoted_from : LAB_A,
                             .dst = row->dst ? row->dst : D};
    net_ipv4_write(&inner, quoted);
    memset(quoted + 20, 0, 8);
    quoted[20] = row->icmp_type;
    struct net_icmp icmp = {.type = NET_ICMP_REDIRECT, .code = row->code, .gateway = row->gateway};
    net_icmp_write(&icmp, bytes + 34, quoted_size);
    sim_port_deliver(port, frame);
}

static void test_forged(void **state)
{
    (void)state;
    static const struct forged CASES[] = {
        {"about an echo reply", LAB_ROUTER1, WAY2, 0, 1, 1, 0, 0, false, false, true},
        {"about an echo", LAB_ROUTER1, WAY2, 0, 1, 1, 8, 0, true, false, true},
        {"about an echo, and nobody waits", LAB_ROUTER1, WAY2, 0, 1, 1, 8, 0, false, false, false},
        {"about ESP", LAB_ROUTER1, WAY2, 0, 1, 50, 0, 0, false, false, false},
        {"about a datagram, and nobody has its port", LAB_ROUTER1, WAY2, 0, 1, 17, 8, 0, false,
         false, false},
        {"about an echo reply, of which nothing is quoted", LAB_ROUTER1, WAY2, 0, 1, 1, 0, 0, false,
         true, false},
        {"for a network", LAB_ROUTER1, WAY2, 0, 0, 1, 0, 0, false, false, true},
        {"for a type of service", LAB_ROUTER1, WAY2, 0, 3, 1, 0, 0, false, false, true},
        {"of a code that is none", LAB_ROUTER1, WAY2, 0, 4, 1, 0, 0, false, false, false},
        {"not from the next hop", LAB_B, WAY2, 0, 1, 1, 0, 0, false, false, false},
        {"to itself", LAB_ROUTER1, LAB_ROUTER1, 0, 1, 1, 0, 0, false, false, false},
        {"to the host's own", LAB_ROUTER1, LAB_A, 0, 1, 1, 0, 0, false, false, false},
        {"to a broadcast address", LAB_ROUTER1, NET_IP4(192, 168, 1, 255), 0, 1, 1, 0, 0, false,
         false, false},
        {"to everybody", LAB_ROUTER1, NET_IP4_BROADCAST, 0, 1, 1, 0, 0, false, false, false},
        {"to a group", LAB_ROUTER1, NET_IP4(224, 0, 0, 1), 0, 1, 1, 0, 0, false, false, false},
        {"to nobody", LAB_ROUTER1, NET_IP4(0, 0, 0, 7), 0, 1, 1, 0, 0, false, false, false},
        {"to one who does not answer", LAB_ROUTER1, STRANGER, 0, 1, 1, 0, 0, false, false, false},
        {"about another's packet", LAB_ROUTER1, WAY2, 0, 1, 1, 0, LAB_B, false, false, false},
        {"for what is on the link", LAB_B, WAY2, LAB_B, 1, 1, 0, 0, false, false, false},
        {"for what has no route", LAB_ROUTER1, WAY2, NET_IP4(10, 0, 0, 1), 1, 1, 0, 0, false, false,
         false},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct way2 w = way2_new();
        struct sim_stack *a = sim_host_stack(w.lab.a);
        lab_ping(&w.lab, a, WAY2);
        lab_ping(&w.lab, a, LAB_B);
        struct sim_ping_config config = lab_config(LAB_ROUTER1);
        config.count = 2;
        struct sim_ping_listener nobody = {.context = NULL};
        struct sim_ping *ping = CASES[i].waiting ? sim_ping_start(a, &config, &nobody) : NULL;
        send_forged(&w.lab, &CASES[i]);
        if ((sim_stack_counters(a)->redirects_taken == 1) != CASES[i].taken)
            fail_msg("%s", CASES[i].what);
        if (!CASES[i].dst)
            assert_int_equal(way2_next_hop(w.lab.a, D), CASES[i].taken ? WAY2 : LAB_ROUTER1);
        sim_ping_free(ping);
        sim_world_run_until(w.lab.world, w.lab.world->now + 10 * BASE_S);
        way2_free(&w);
    }
}

/* Once it is taken the old next hop has no say any more, and the new one has. */
static void test_twice(void **state)
{
    (void)state;
    static const struct forged
        FIRST = {.from = LAB_ROUTER1, .gateway = WAY2, .code = 1, .protocol = 1},
        STALE = {.from = LAB_ROUTER1, .gateway = LAB_B, .code = 1, .protocol = 1},
        NEXT = {.from = WAY2, .gateway = LAB_B, .code = 1, .protocol = 1};
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    lab_ping(&w.lab, sim_host_stack(w.lab.a), LAB_B);
    send_forged(&w.lab, &FIRST);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    send_forged(&w.lab, &STALE);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    send_forged(&w.lab, &NEXT);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_B);
    way2_free(&w);
}

/* A router takes none; one that forwards no more does. */
static void test_forwarding_takes_none(void **state)
{
    (void)state;
    static const struct forged ROW = {
        .from = LAB_ROUTER1, .gateway = WAY2, .code = 1, .protocol = 1};
    struct way2 w = way2_new();
    lab_ping(&w.lab, sim_host_stack(w.lab.a), WAY2);
    sim_stack_set_forwarding(sim_host_stack(w.lab.a), true);
    send_forged(&w.lab, &ROW);
    assert_int_equal(way2_next_hop(w.lab.a, D), LAB_ROUTER1);
    sim_stack_set_forwarding(sim_host_stack(w.lab.a), false);
    send_forged(&w.lab, &ROW);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    way2_free(&w);
}

static void drop(void *context, struct sim_stack *stack, uint16_t interface,
                 const struct net_ipv4 *ip, struct sim_packet *packet)
{
    (void)context;
    (void)interface;
    (void)ip;
    sim_packet_free(sim_stack_world(stack), packet);
}

/* About another protocol's packet: where somebody speaks that. */
static void test_protocol(void **state)
{
    (void)state;
    static const struct forged ROW = {
        .from = LAB_ROUTER1, .gateway = WAY2, .code = 1, .protocol = 50};
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    lab_ping(&w.lab, a, WAY2);
    assert_int_equal(sim_stack_bind_protocol(a, 50, drop, NULL, NULL), SIM_STACK_OK);
    send_forged(&w.lab, &ROW);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    way2_free(&w);
}

static void count_error(void *context, struct sim_stack *stack,
                        const struct sim_stack_icmp_error *error)
{
    unsigned *count = context;
    (void)stack;
    (void)error;
    (*count)++;
}

/* About a datagram: where its socket is still there, which hears nothing of it. */
static void test_datagram(void **state)
{
    (void)state;
    static const struct forged ROW = {
        .from = LAB_ROUTER1, .gateway = WAY2, .code = 1, .protocol = 17, .icmp_type = 8};
    unsigned errors = 0;
    struct sim_stack_socket socket = {
        .port = 0x0800, /* that byte begins its number here */
        .error = count_error,
        .context = &errors,
    };
    struct way2 w = way2_new();
    struct sim_stack *a = sim_host_stack(w.lab.a);
    lab_ping(&w.lab, a, WAY2);
    assert_int_equal(sim_stack_bind_udp(a, &socket), 0x0800);
    send_forged(&w.lab, &ROW);
    assert_int_equal(way2_next_hop(w.lab.a, D), WAY2);
    assert_int_equal(errors, 0);
    sim_stack_unbind_udp(a, 0x0800);
    way2_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_forwarding_takes_none),
        cmocka_unit_test(test_protocol),
        cmocka_unit_test(test_datagram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
