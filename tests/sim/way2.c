#include "tests/sim/way2.h"

#include "sim/link.h"

static uint16_t add_interface(struct sim_stack *stack, struct sim_switch *lan, const char *name,
                              const char *address)
{
    struct net_prefix prefix = lab_prefix(address);
    uint16_t interface = sim_stack_add_ethernet(stack, name, 1500);
    sim_stack_add_address(stack, interface, &prefix);
    sim_switch_attach(lan, sim_stack_port(stack, interface));
    return interface;
}

struct way2 way2_new(void)
{
    struct way2 w;
    struct sim_impairment base = {.set = SIM_IMPAIR_DELAY, .delay_ns = 100 * BASE_US};
    struct sim_stack_config config = {.name = "way2", .ip_forward = true};
    lab_init(&w.lab);
    w.lan3 = sim_switch_new(w.lab.world, "lan3", &base);
    w.stack = sim_stack_new(w.lab.world, &config);
    add_interface(w.stack, w.lab.lan1, "lan1", "192.168.1.6/24");
    add_interface(w.stack, w.lan3, "lan3", "192.168.3.5/24");
    w.d = lab_host(&w.lab, w.lan3, "d", "192.168.3.11/24");
    lab_route(sim_host_stack(w.d), "192.168.1.0/24", NET_IP4(192, 168, 3, 5));
    lab_route(w.lab.router, "192.168.3.0/24", WAY2);
    lab_route(sim_host_stack(w.lab.a), "192.168.3.0/24", LAB_ROUTER1);
    return w;
}

void way2_free(struct way2 *w)
{
    sim_world_drain(w->lab.world);
    sim_host_free(w->d);
    sim_stack_free(w->stack);
    sim_switch_free(w->lan3);
    lab_fini(&w->lab);
}

net_ip4 way2_next_hop(struct sim_host *host, net_ip4 dst)
{
    struct sim_stack_route route;
    assert_int_equal(sim_stack_route_get(sim_host_stack(host), dst, SIM_STACK_ALL_TABLES, &route),
                     SIM_STACK_OK);
    assert_int_equal(route.redirected, route.next_hop == WAY2 || route.next_hop == LAB_B);
    return route.next_hop;
}
