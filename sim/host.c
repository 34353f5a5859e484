/* A host: a stack with eth0, an address and perhaps a default route. */
#include "sim/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    MTU_DEFAULT = 1500
};

struct sim_host {
    struct sim_stack *stack;
};

struct sim_host *sim_host_new(struct sim_world *world, const struct sim_host_config *config)
{
    struct sim_host *host = base_alloc(sizeof(*host));
    host->stack = sim_stack_new(world, &(struct sim_stack_config){.name = config->name});
    uint16_t mtu = config->mtu ? config->mtu : MTU_DEFAULT;
    uint16_t eth0 = sim_stack_add_ethernet(host->stack, "eth0", mtu);
    if (config->mac)
        memcpy(sim_stack_port(host->stack, eth0)->mac, config->mac, 6);
    sim_stack_add_address(host->stack, eth0, &config->address);
    if (config->default_gateway) {
        struct net_prefix all = net_prefix_from_ip4(0, 0);
        (void)sim_stack_route_add_via(host->stack, SIM_STACK_TABLE_MAIN, &all,
                                      config->default_gateway, 0, 0);
    }
    return host;
}

void sim_host_free(struct sim_host *host)
{
    if (!host)
        return;
    sim_stack_free(host->stack);
    free(host);
}

struct sim_stack *sim_host_stack(struct sim_host *host)
{
    return host->stack;
}

struct sim_port *sim_host_port(struct sim_host *host)
{
    return sim_stack_port(host->stack, SIM_HOST_ETH0);
}
