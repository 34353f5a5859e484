/* A NAT router's mappings and filters, by RFC 4787 and RFC 5508, and the router itself between two hosts. */
#include "tests/test.h"

#include "base/bytes.h"
#include "net/ipv4.h"
#include "sim/host.h"
#include "sim/journal.h"
#include "sim/link.h"
#include "sim/nat.h"
#include "sim/nat_table.h"
#include "sim/ping.h"
#include "sim/stack.h"
#include "sim/switch.h"
#include "sim/world.h"

#define INSIDE NET_IP4(10, 0, 0, 10)
#define PUBLIC NET_IP4(203, 0, 113, 30)
#define ANN NET_IP4(203, 0, 113, 1)
#define BOB NET_IP4(203, 0, 113, 2)
#define UDP NET_IPV4_UDP

static const struct nat_endpoint inside = {INSIDE, 4500}, other_inside = {INSIDE, 500};
static const struct nat_endpoint ann = {ANN, 4500}, ann_500 = {ANN, 500}, bob = {BOB, 4500};

/* Who is let in after one datagram from inside to ann, by type. */
static void filtering(void **state)
{
    static const struct {
        enum sim_nat_type type;
        enum nat_verdict ann, ann_500, bob;
    } rows[] = {
        {SIM_NAT_FULL_CONE, NAT_PASS, NAT_PASS, NAT_PASS},
        {SIM_NAT_ADDRESS_RESTRICTED, NAT_PASS, NAT_PASS, NAT_FILTERED},
        {SIM_NAT_PORT_RESTRICTED, NAT_PASS, NAT_FILTERED, NAT_FILTERED},
        {SIM_NAT_SYMMETRIC, NAT_PASS, NAT_FILTERED, NAT_FILTERED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nat_table table;
        const struct nat_mapping *in;
        nat_table_init(&table, rows[i].type, 30 * BASE_S);
        uint16_t port = nat_table_out(&table, 0, UDP, inside, ann)->outside_port;
        assert_int_equal(port, rows[i].type == SIM_NAT_SYMMETRIC ? 40000 : 4500);
        assert_int_equal(nat_table_in(&table, 1, UDP, port, ann, &in), rows[i].ann);
        assert_int_equal(nat_table_in(&table, 1, UDP, port, ann_500, &in), rows[i].ann_500);
        assert_int_equal(nat_table_in(&table, 1, UDP, port, bob, &in), rows[i].bob);
        assert_int_equal(nat_table_in(&table, 1, UDP, 501, ann, &in), NAT_NO_MAPPING);
        assert_int_equal(nat_table_in(&table, 1, NET_IPV4_ICMP, port, ann, &in), NAT_NO_MAPPING);
        assert_true(in->inside.address == INSIDE && in->inside.port == 4500);
        nat_table_fini(&table);
    }
}

/* RFC 4787, 4.1: the same outside port for every destination, but with symmetric. */
static void mapping(void **state)
{
    struct nat_table table;
    (void)state;
    nat_table_init(&table, SIM_NAT_PORT_RESTRICTED, 30 * BASE_S);
    assert_int_equal(nat_table_out(&table, 0, UDP, inside, ann)->outside_port, 4500);
    assert_int_equal(nat_table_out(&table, 0, UDP, inside, bob)->outside_port, 4500);
    assert_int_equal(nat_table_out(&table, 0, UDP, other_inside, bob)->outside_port, 500);
    struct nat_endpoint second = {INSIDE + 1, 4500}; /* its port is taken */
    assert_int_equal(nat_table_out(&table, 0, UDP, second, ann)->outside_port, 40000);
    assert_int_equal(table.count, 3);
    nat_table_fini(&table);

    nat_table_init(&table, SIM_NAT_SYMMETRIC, 30 * BASE_S);
    assert_int_equal(nat_table_out(&table, 0, UDP, inside, ann)->outside_port, 40000);
    assert_int_equal(nat_table_out(&table, 0, UDP, inside, bob)->outside_port, 40001);
    assert_int_equal(nat_table_out(&table, 9, UDP, inside, ann)->outside_port, 40000);
    nat_table_fini(&table);
}

static void expiry_and_refresh(void **state)
{
    struct nat_table table;
    const struct nat_mapping *in;
    (void)state;
    nat_table_init(&table, SIM_NAT_PORT_RESTRICTED, 30 * BASE_S);
    nat_table_out(&table, 0, UDP, inside, ann);
    nat_table_out(&table, 0, UDP, inside, bob);
    assert_int_equal(nat_table_in(&table, 20 * BASE_S, UDP, 4500, ann, &in), NAT_PASS);
    assert_int_equal(nat_table_in(&table, 40 * BASE_S, UDP, 4500, bob, &in), NAT_FILTERED);
    assert_int_equal(nat_table_in(&table, 49 * BASE_S, UDP, 4500, ann, &in), NAT_PASS);
    assert_int_equal(nat_table_in(&table, 79 * BASE_S, UDP, 4500, ann, &in), NAT_EXPIRED);
    assert_null(nat_table_by_port(&table, 79 * BASE_S, UDP, 4500));
    assert_int_equal(nat_table_out(&table, 80 * BASE_S, UDP, inside, bob)->outside_port, 4500);
    assert_int_equal(nat_table_in(&table, 81 * BASE_S, UDP, 4500, ann, &in), NAT_FILTERED);
    assert_int_equal(nat_table_in(&table, 81 * BASE_S, UDP, 4500, bob, &in), NAT_PASS);
    nat_table_fini(&table);
}

static void rebinding(void **state)
{
    struct nat_table table;
    const struct nat_mapping *in;
    (void)state;
    nat_table_init(&table, SIM_NAT_FULL_CONE, 30 * BASE_S);
    nat_table_out(&table, 0, UDP, inside, ann);
    nat_table_rebind(&table);
    assert_int_equal(nat_table_in(&table, 1, UDP, 4500, ann, &in), NAT_NO_MAPPING);
    assert_int_equal(nat_table_out(&table, 1, UDP, inside, ann)->outside_port, 40000);
    nat_table_rebind(&table);
    assert_int_equal(nat_table_out(&table, 2, UDP, inside, ann)->outside_port, 40001);
    nat_table_fini(&table);
}

/* A flood of mappings: bounded, the oldest go first; ports go round. */
static void bounded(void **state)
{
    struct nat_table table;
    const struct nat_mapping *in;
    (void)state;
    nat_table_init(&table, SIM_NAT_SYMMETRIC, 30 * BASE_S);
    for (uint32_t i = 0; i < 70000; i++) {
        struct nat_endpoint to = {ANN + i, 53};
        uint16_t port = nat_table_out(&table, i, UDP, inside, to)->outside_port;
        assert_true(port >= 1024);
    }
    assert_int_equal(table.count, 4096);
    struct nat_endpoint last = {ANN + 69999, 53};
    uint16_t port = nat_table_out(&table, 70000, UDP, inside, last)->outside_port;
    assert_int_equal(nat_table_in(&table, 70001, UDP, port, last, &in), NAT_PASS);
    nat_table_fini(&table);
}

/* ---- The router ---- */

struct net {
    struct sim_world *world;
    struct sim_switch *lan, *wan;
    struct sim_nat *nat;
    struct sim_host *host, *far;
};

static struct net_prefix own(net_ip4 address)
{
    return (struct net_prefix){.addr = net_addr_from_ip4(address), .length = 24};
}

static void net_init(struct net *net, enum sim_nat_type type)
{
    struct sim_impairment delay = {.set = SIM_IMPAIR_DELAY, .delay_ns = BASE_MS};
    net->world = sim_world_new(1, true);
    net->lan = sim_switch_new(net->world, "lan", &delay);
    net->wan = sim_switch_new(net->world, "wan", &delay);
    net->nat = sim_nat_new(net->world, &(struct sim_nat_config){.name = "nat",
                                                                .type = type,
                                                                .inside = own(INSIDE - 9),
                                                                .outside = own(PUBLIC),
                                                                .mtu = 1500,
                                                                .timeout_ns = 30 * BASE_S});
    net->host = sim_host_new(net->world, &(struct sim_host_config){.name = "host",
                                                                   .address = own(INSIDE),
                                                                   .default_gateway = INSIDE - 9});
    net->far =
        sim_host_new(net->world, &(struct sim_host_config){.name = "far", .address = own(ANN)});
    sim_switch_attach(net->lan, sim_nat_inside(net->nat));
    sim_switch_attach(net->lan, sim_host_port(net->host));
    sim_switch_attach(net->wan, sim_nat_outside(net->nat));
    sim_switch_attach(net->wan, sim_host_port(net->far));
}

static void net_fini(struct net *net)
{
    sim_world_drain(net->world);
    sim_host_free(net->host);
    sim_host_free(net->far);
    sim_switch_free(net->lan);
    sim_switch_free(net->wan);
    sim_nat_free(net->nat);
    struct sim_leaks leaks = sim_world_leaks(net->world);
    assert_int_equal(leaks.packets + leaks.flights + leaks.timers, 0);
    sim_world_free(net->world);
}

static uint64_t ping(struct net *net, struct sim_host *from, net_ip4 to, uint32_t size, uint8_t ttl,
                     uint64_t *errors)
{
    struct sim_ping_config config = {.to = to,
                                     .count = 2,
                                     .interval_ns = 100 * BASE_MS,
                                     .timeout_ns = 4 * BASE_S,
                                     .size = size,
                                     .ttl = ttl};
    struct sim_ping *running =
        sim_ping_start(sim_host_stack(from), &config, &(struct sim_ping_listener){0});
    sim_world_run_until(net->world, net->world->now + 5 * BASE_S);
    uint64_t received = sim_ping_statistics(running)->received;
    *errors = sim_ping_statistics(running)->errors;
    sim_ping_free(running);
    return received;
}

/* Echoes go out, large ones in fragments; TTL errors come back; the router answers for itself; nobody else gets in. */
static void echoes(void **state)
{
    struct net net;
    uint64_t errors;
    (void)state;
    net_init(&net, SIM_NAT_PORT_RESTRICTED);
    assert_int_equal(ping(&net, net.host, ANN, 56, 64, &errors), 2);
    assert_int_equal(errors, 0);
    assert_int_equal(sim_nat_mappings(net.nat), 1);
    assert_int_equal(ping(&net, net.host, ANN, 4000, 64, &errors), 2);
    assert_int_equal(ping(&net, net.host, ANN, 56, 1, &errors), 0);
    assert_int_equal(errors, 2);
    assert_int_equal(ping(&net, net.far, PUBLIC, 56, 64, &errors), 2);
    assert_int_equal(ping(&net, net.host, PUBLIC, 56, 64, &errors), 2);
    assert_int_equal(ping(&net, net.host, ANN + 7, 56, 64, &errors), 0); /* nobody: ARP fails */
    assert_int_equal(errors, 2);
    sim_world_run_until(net.world, net.world->now + 61 * BASE_S);
    assert_int_equal(sim_nat_mappings(net.nat), 0);
    net_fini(&net);
}

struct heard {
    unsigned count, errors;
    net_ip4 from;
    uint16_t from_port;
    net_ip4 quoted_source;
};

static void hear(void *context, struct sim_stack *stack, const struct sim_stack_datagram *datagram,
                 struct sim_packet *packet)
{
    struct heard *heard = context;
    heard->count++;
    heard->from = datagram->src;
    heard->from_port = datagram->src_port;
    sim_packet_free(sim_stack_world(stack), packet);
}

static void hear_error(void *context, struct sim_stack *stack,
                       const struct sim_stack_icmp_error *error)
{
    struct heard *heard = context;
    (void)stack;
    heard->errors++;
    heard->quoted_source = error->quoted.src;
}

static void bind_udp(struct sim_host *host, uint16_t port, struct heard *heard)
{
    struct sim_stack_socket socket = {
        .port = port, .input = hear, .error = hear_error, .context = heard};
    assert_int_equal(sim_stack_bind_udp(sim_host_stack(host), &socket), port);
}

static void send_udp(struct net *net, struct sim_host *from, uint16_t from_port, net_ip4 to,
                     uint16_t to_port, uint32_t size)
{
    struct sim_packet *packet = sim_packet_new(net->world, size, 0);
    memset(base_buffer_put(&packet->bytes, size), 0xa5, size);
    struct sim_stack_udp how = {.dst = to, .src_port = from_port, .dst_port = to_port};
    assert_int_equal(sim_stack_udp_send(sim_host_stack(from), packet, &how, NULL), SIM_STACK_OK);
    sim_world_run_until(net->world, net->world->now + BASE_S);
}

/* Datagrams with checksums, whole and in fragments, both ways; errors both ways with what they quote. */
static void datagrams(void **state)
{
    struct net net;
    struct heard host = {0}, far = {0};
    (void)state;
    net_init(&net, SIM_NAT_PORT_RESTRICTED);
    bind_udp(net.host, 4500, &host);
    bind_udp(net.far, 4500, &far);
    bind_udp(net.far, 500, &far);
    send_udp(&net, net.far, 4500, PUBLIC, 4500, 100); /* nobody asked: port unreachable */
    assert_true(host.count == 0 && far.errors == 1);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NAT_NO_MAPPING), 1);
    send_udp(&net, net.host, 4500, ANN, 4500, 101);
    assert_true(far.count == 1 && far.from == PUBLIC && far.from_port == 4500);
    send_udp(&net, net.host, 4500, ANN, 4500, 5001);
    assert_int_equal(far.count, 2);
    send_udp(&net, net.far, 4500, PUBLIC, 4500, 5001);
    assert_true(host.count == 1 && host.from == ANN);
    send_udp(&net, net.far, 500, PUBLIC, 4500, 10); /* another port: not let in */
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NAT_FILTERED), 1);
    assert_true(host.count == 1 && far.errors == 2);
    send_udp(&net, net.host, 4500, ANN, 77, 10); /* the far host's error comes to the inside */
    assert_true(host.errors == 1 && host.quoted_source == INSIDE);
    sim_stack_unbind_udp(sim_host_stack(net.host), 4500); /* the inside host's error goes out */
    send_udp(&net, net.far, 4500, PUBLIC, 4500, 10);
    assert_int_equal(far.errors, 3);
    sim_world_run_until(net.world, net.world->now + 31 * BASE_S);
    send_udp(&net, net.far, 4500, PUBLIC, 4500, 10);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NAT_EXPIRED), 1);
    net_fini(&net);
}

/* Bare ESP does not pass, and what comes from outside the subnet is not translated. */
static void other_protocols(void **state)
{
    struct net net;
    (void)state;
    net_init(&net, SIM_NAT_FULL_CONE);
    struct sim_packet *packet = sim_packet_new(net.world, 40, 0);
    memset(base_buffer_put(&packet->bytes, 40), 0xa5, 40);
    struct sim_stack_send how = {.dst = ANN, .protocol = NET_IPV4_ESP};
    assert_int_equal(sim_stack_send(sim_host_stack(net.host), packet, &how, NULL), SIM_STACK_OK);
    sim_world_run_until(net.world, net.world->now + BASE_S);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NAT_PROTOCOL), 1);
    packet = sim_packet_new(net.world, 40, 0);
    memset(base_buffer_put(&packet->bytes, 40), 0xa5, 40);
    how.src = NET_IP4(192, 168, 1, 11);
    assert_int_equal(sim_stack_send(sim_host_stack(net.host), packet, &how, NULL), SIM_STACK_OK);
    sim_world_run_until(net.world, net.world->now + BASE_S);
    assert_int_equal(sim_world_drops(net.world, 0, SIM_REASON_NAT_PROTOCOL), 1);
    net_fini(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filtering),
        cmocka_unit_test(mapping),
        cmocka_unit_test(expiry_and_refresh),
        cmocka_unit_test(rebinding),
        cmocka_unit_test(bounded),
        cmocka_unit_test(echoes),
        cmocka_unit_test(datagrams),
        cmocka_unit_test(other_protocols),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
