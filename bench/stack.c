/*
 * What the IPv4 stack costs: echoes of 1,400 bytes between two hosts, on one LAN and through eight
 * routers; what a router adds to one crossing of a packet is the difference, its LAN included.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/measure.h"
#include "sim/host.h"
#include "sim/ping.h"
#include "sim/switch.h"

enum {
    ROUTERS_MAX = 8,
    ECHO_SIZE = 1400
};

struct chain {
    struct sim_world *world;
    struct sim_switch *lans[ROUTERS_MAX + 1];
    struct sim_stack *routers[ROUTERS_MAX];
    struct sim_host *hosts[2];
    unsigned router_count;
};

/* Network i is 10.0.i.0/24; the router before it is .1 there, the one behind it .2. */
static struct net_prefix network(unsigned i, uint8_t host)
{
    return net_prefix_from_ip4(NET_IP4(10, 0, i, host), 24);
}

static void add_router(struct chain *chain, unsigned number)
{
    char name[16];
    snprintf(name, sizeof(name), "router%u", number);
    struct sim_stack_config config = {.name = name, .ip_forward = true};
    struct sim_stack *router = chain->routers[number] = sim_stack_new(chain->world, &config);
    for (unsigned side = 0; side < 2; side++) {
        uint16_t interface = sim_stack_add_ethernet(router, side ? "right" : "left", 1500);
        struct net_prefix address = network(number + side, side ? 1 : 2);
        sim_stack_add_address(router, interface, &address);
        sim_switch_attach(chain->lans[number + side], sim_stack_port(router, interface));
    }
    for (unsigned i = 0; i <= chain->router_count; i++) {
        struct net_prefix to = network(i, 0);
        net_ip4 via = i < number ? NET_IP4(10, 0, number, 1) : NET_IP4(10, 0, number + 1, 2);
        if (i != number && i != number + 1 &&
            sim_stack_route_add_via(router, SIM_STACK_TABLE_MAIN, &to, via, 0, 0) != SIM_STACK_OK)
            abort();
    }
}

static void add_host(struct chain *chain, unsigned which)
{
    unsigned lan = which ? chain->router_count : 0;
    struct sim_host_config config = {.name = which ? "b" : "a", .address = network(lan, 11)};
    if (which)
        config.address = network(lan, 12);
    if (chain->router_count)
        config.default_gateway = NET_IP4(10, 0, lan, which ? 1 : 2);
    chain->hosts[which] = sim_host_new(chain->world, &config);
    sim_switch_attach(chain->lans[lan], sim_host_port(chain->hosts[which]));
}

static void chain_init(struct chain *chain, unsigned router_count)
{
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = 10 * BASE_US};
    *chain = (struct chain){.world = sim_world_new(1, false), .router_count = router_count};
    for (unsigned i = 0; i <= router_count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "lan%u", i);
        chain->lans[i] = sim_switch_new(chain->world, name, &base);
    }
    for (unsigned i = 0; i < router_count; i++)
        add_router(chain, i);
    add_host(chain, 0);
    add_host(chain, 1);
}

static void chain_fini(struct chain *chain)
{
    sim_world_drain(chain->world);
    for (unsigned i = 0; i < 2; i++)
        sim_host_free(chain->hosts[i]);
    for (unsigned i = 0; i < chain->router_count; i++)
        sim_stack_free(chain->routers[i]);
    for (unsigned i = 0; i <= chain->router_count; i++)
        sim_switch_free(chain->lans[i]);
    sim_world_free(chain->world);
}

static void echoes(void *user, size_t count)
{
    struct chain *chain = user;
    struct sim_ping_config config = {
        .to = sim_host_address(chain->hosts[1]),
        .count = count,
        .interval_ns = BASE_MS,
        .timeout_ns = BASE_S,
        .size = ECHO_SIZE,
        .df = SIM_STACK_DF_WANT,
    };
    struct sim_ping *ping =
        sim_ping_start(sim_host_stack(chain->hosts[0]), &config, &(struct sim_ping_listener){0});
    while (!sim_ping_statistics(ping)->done)
        sim_world_step(chain->world, BASE_NEVER);
    if (sim_ping_statistics(ping)->received != count)
        abort();
    sim_ping_free(ping);
}

int main(void)
{
    struct chain near, far;
    chain_init(&near, 0);
    chain_init(&far, ROUTERS_MAX);
    struct bench_task tasks[] = {
        {.work = echoes, .user = &near, .count = 100000},
        {.work = echoes, .user = &far, .count = 30000},
    };
    bench_run(tasks, 2);
    double direct = bench_unit_seconds(&tasks[0]) * 1e9;
    double routed = bench_unit_seconds(&tasks[1]) * 1e9;
    bench_report("an echo of 1,400 bytes on one LAN", direct, BENCH_AT_MOST, 1000, "ns");
    bench_report("a packet through one more router and LAN", (routed - direct) / (2 * ROUTERS_MAX),
                 BENCH_AT_MOST, 300, "ns");
    chain_fini(&near);
    chain_fini(&far);
    return 0;
}
