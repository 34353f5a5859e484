/*
 * What a frame costs a hop, the nodes aside: a port, a pipe, an event, a switch or the routed
 * internet and a port, with 1,000 frames under way; with a journal and without.
 */
#include <math.h>
#include <string.h>

#include "bench/measure.h"
#include "net/ether.h"
#include "net/ipv4.h"
#include "sim/internet.h"
#include "sim/switch.h"
#include "sim/world.h"

#define FRAMES 1000
#define HOP_NS_MAX 300
#define ROUNDS 3

/* Sends back what it gets. */
struct mirror {
    struct sim_node node;
    struct sim_port port;
    size_t received;
};

struct course {
    struct sim_world *world;
    struct sim_switch *lan;
    struct sim_internet *internet;
    struct mirror mirrors[2];
};

static void reflect(struct sim_node *node, struct sim_port *port, struct sim_packet *packet)
{
    struct mirror *mirror = SIM_OWNER(node, struct mirror, node);
    uint8_t *frame = sim_packet_data(packet);
    uint8_t destination[NET_MAC_SIZE];
    memcpy(destination, frame, NET_MAC_SIZE);
    memcpy(frame, frame + NET_MAC_SIZE, NET_MAC_SIZE);
    memcpy(frame + NET_MAC_SIZE, destination, NET_MAC_SIZE);
    if (net_ether_type(frame) == NET_ETHER_IPV4) { /* for the internet: to the sender, TTL anew */
        uint8_t *ip = frame + NET_ETHER_SIZE;
        net_ip4 source = net_ipv4_src(ip);
        net_ip4_write(ip + 12, net_ipv4_dst(ip));
        net_ip4_write(ip + 16, source);
        ip[8] = 64;
        net_ipv4_seal(ip);
    }
    mirror->received++;
    sim_port_send(port, packet);
}

static void send_first(struct course *course, const uint8_t *to, size_t number)
{
    struct mirror *mirror = &course->mirrors[0];
    struct sim_packet *packet = sim_packet_new(course->world, 1514, 0);
    uint8_t *frame = base_buffer_put(&packet->bytes, 1442);
    memset(frame, 0, 1442);
    struct net_ether ether = {.type = course->internet ? NET_ETHER_IPV4 : 0x88b5};
    memcpy(ether.dst, to, NET_MAC_SIZE);
    memcpy(ether.src, mirror->port.mac, NET_MAC_SIZE);
    net_ether_write(&ether, frame);
    struct net_ipv4 ip = {.ttl = 64,
                          .protocol = NET_IPV4_UDP,
                          .total_size = 1428,
                          .id = (uint16_t)number,
                          .src = NET_IP4(203, 0, 113, 10),
                          .dst = NET_IP4(203, 0, 113, 20)};
    net_ipv4_write(&ip, frame + NET_ETHER_SIZE);
    sim_port_send(&mirror->port, packet);
}

static void course_init(struct course *course, bool routed, bool journal)
{
    static const uint8_t ACCESS[NET_MAC_SIZE] = {0x02, 0x74, 0x63, 0, 0, 0};
    struct sim_impairment base = {
        .set = SIM_IMPAIR_DELAY | SIM_IMPAIR_MTU, .delay_ns = BASE_MS, .mtu = 1500};
    *course = (struct course){.world = sim_world_new(1, journal)};
    if (routed)
        course->internet = sim_internet_new(
            course->world, "internet",
            &(struct sim_internet_config){.kind = SIM_INTERNET_ROUTED, .hops = 6, .base = base});
    else
        course->lan = sim_switch_new(course->world, "lan", &base);
    for (unsigned i = 0; i < 2; i++) {
        struct mirror *mirror = &course->mirrors[i];
        sim_node_init(&mirror->node, course->world, i ? "b" : "a");
        mirror->node.receive = reflect;
        sim_port_init(&mirror->port, &mirror->node, "eth0", 0, 1500);
        if (routed) {
            sim_internet_attach(course->internet, &mirror->port);
            sim_internet_add_address(course->internet, &mirror->port,
                                     NET_IP4(203, 0, 113, i ? 20 : 10));
        } else {
            sim_switch_attach(course->lan, &mirror->port);
        }
    }
    for (size_t i = 0; i < FRAMES; i++) {
        send_first(course, routed ? ACCESS : course->mirrors[1].port.mac, i);
        sim_world_run_until(course->world, course->world->now + 997);
    }
}

static void course_fini(struct course *course)
{
    sim_world_drain(course->world);
    sim_switch_free(course->lan);
    sim_internet_free(course->internet);
    for (unsigned i = 0; i < 2; i++) {
        sim_port_fini(&course->mirrors[i].port);
        sim_node_fini(&course->mirrors[i].node);
    }
    sim_world_free(course->world);
}

static void hop(void *user, size_t count)
{
    struct course *course = user;
    for (size_t i = 0; i < count; i++)
        sim_world_step(course->world, BASE_NEVER);
}

static double once(bool routed, bool journal)
{
    struct course course;
    course_init(&course, routed, journal);
    struct bench_task task = {.work = hop, .user = &course, .count = 200000};
    bench_run(&task, 1);
    course_fini(&course);
    return bench_unit_seconds(&task) * 1e9;
}

/* The best of a few: memory that a virtual machine touches for the first time can cost it more than the hops do. */
static void measure(const char *what, bool routed, bool journal)
{
    double best = once(routed, journal);
    for (int round = 1; round < ROUNDS; round++)
        best = fmin(best, once(routed, journal));
    bench_report(what, best, BENCH_AT_MOST, HOP_NS_MAX, "ns");
}

int main(void)
{
    measure("a hop over a LAN", false, false);
    measure("a hop over a LAN, with a journal", false, true);
    measure("a hop over the internet", true, false);
    measure("a hop over the internet, with a journal", true, true);
    return 0;
}
