/* Interfaces, their addresses, and the routes that an address brings with it (fib_add_ifaddr). */
#include <assert.h>

#include "base/mem.h"
#include "sim/stack_core.h"

struct stack_interface *stack_add_interface(struct sim_stack *stack, enum stack_interface_kind kind,
                                            const char *name, uint16_t mtu)
{
    struct stack_interface *interface = base_alloc_lines(sizeof(*interface));
    assert(stack->interface_count < SIM_STACK_INTERFACES_MAX);
    interface->kind = kind;
    interface->number = stack->interface_count;
    interface->mtu = mtu;
    interface->name = base_strdup(name);
    stack->interfaces =
        base_grow_few(stack->interfaces, stack->interfaces_few, stack->interface_count,
                      &stack->interface_capacity, sizeof(struct stack_interface *));
    stack->interfaces[stack->interface_count++] = interface;
    return interface;
}

uint16_t sim_stack_add_ethernet(struct sim_stack *stack, const char *name, uint16_t mtu)
{
    struct stack_interface *interface = stack_add_interface(stack, STACK_ETHERNET, name, mtu);
    sim_port_init(&interface->port, &stack->node, name, stack_port_index(interface->number), mtu);
    return interface->number;
}

uint16_t sim_stack_add_virtual(struct sim_stack *stack, const char *name, uint16_t mtu,
                               sim_stack_output_fn *output, void *context)
{
    struct stack_interface *interface = stack_add_interface(stack, STACK_VIRTUAL, name, mtu);
    interface->output = output;
    interface->context = context;
    return interface->number;
}

struct sim_port *sim_stack_port(struct sim_stack *stack, uint16_t interface)
{
    struct stack_interface *found = stack_interface(stack, interface);
    return found->kind == STACK_ETHERNET ? &found->port : NULL;
}

bool sim_stack_find_interface(const struct sim_stack *stack, const char *name, uint16_t *interface)
{
    for (uint16_t i = 0; i < stack->interface_count; i++) {
        if (!strcmp(stack->interfaces[i]->name, name)) {
            *interface = i;
            return true;
        }
    }
    return false;
}

const char *sim_stack_interface_name(const struct sim_stack *stack, uint16_t interface)
{
    return stack_interface(stack, interface)->name;
}

uint16_t sim_stack_interface_count(const struct sim_stack *stack)
{
    return stack->interface_count;
}

void sim_stack_set_mtu(struct sim_stack *stack, uint16_t interface, uint16_t mtu)
{
    stack_interface(stack, interface)->mtu = mtu;
    stack_interface(stack, interface)->port.mtu = mtu;
    stack->generation++;
}

static void add_route(struct sim_stack *stack, enum sim_stack_table table, uint16_t interface,
                      const struct net_prefix *to, enum net_route_kind kind, net_ip4 source)
{
    struct net_route route = {
        .to = net_prefix_mask(to),
        .source = source,
        .interface = interface,
        .kind = (uint8_t)kind,
        .tag = SIM_STACK_TAG_KERNEL,
    };
    /* Two interfaces in one network: the first one's route stands, as in Linux the first is found. */
    (void)sim_stack_route_add(stack, table, &route);
}

/* The routes of one address; those that are there already stay. */
static void add_routes(struct sim_stack *stack, uint16_t interface,
                       const struct net_prefix *address)
{
    net_ip4 ip = net_addr_ip4(&address->addr);
    struct net_prefix own = net_prefix_from_ip4(ip, 32);
    add_route(stack, SIM_STACK_TABLE_LOCAL, interface, &own, NET_ROUTE_LOCAL, ip);
    if (interface == SIM_STACK_LOOPBACK)
        add_route(stack, SIM_STACK_TABLE_LOCAL, interface, address, NET_ROUTE_LOCAL, ip);
    else if (address->length < 32)
        add_route(stack, SIM_STACK_TABLE_MAIN, interface, address, NET_ROUTE_UNICAST, ip);
    if (interface != SIM_STACK_LOOPBACK && address->length < 31) {
        struct net_addr last = net_prefix_last(address);
        struct net_prefix broadcast = net_prefix_from_addr(&last);
        add_route(stack, SIM_STACK_TABLE_LOCAL, interface, &broadcast, NET_ROUTE_BROADCAST, ip);
    }
}

void sim_stack_add_address(struct sim_stack *stack, uint16_t interface,
                           const struct net_prefix *address)
{
    struct stack_interface *to = stack_interface(stack, interface);
    to->addresses =
        base_grow(to->addresses, to->address_count, &to->address_capacity, sizeof(*to->addresses));
    to->addresses[to->address_count++] = *address;
    add_routes(stack, interface, address);
    stack->generation++;
}

/* Takes out what depends on the address: routes from it, and all of an interface left without one. */
static void remove_routes(struct sim_stack *stack, uint16_t interface, net_ip4 ip)
{
    bool last = stack_interface(stack, interface)->address_count == 0;
    for (unsigned t = 0; t < SIM_STACK_TABLES; t++) {
        struct net_route_table *table = &stack->tables[t];
        for (size_t i = table->count; i > 0; i--) {
            const struct net_route *route = net_route_at(table, i - 1);
            bool own = route->kind == NET_ROUTE_LOCAL && net_addr_ip4(&route->to.addr) == ip;
            struct net_prefix to = route->to;
            if (own || route->source == ip || (last && route->interface == interface))
                net_route_remove(table, &to);
        }
    }
}

bool sim_stack_remove_address(struct sim_stack *stack, uint16_t interface, net_ip4 address)
{
    struct stack_interface *from = stack_interface(stack, interface);
    size_t at = 0;
    while (at < from->address_count && net_addr_ip4(&from->addresses[at].addr) != address)
        at++;
    if (at == from->address_count)
        return false;
    from->address_count--;
    memmove(from->addresses + at, from->addresses + at + 1,
            (from->address_count - at) * sizeof(*from->addresses));
    remove_routes(stack, interface, address);
    /* What another address has in common with it comes back. */
    for (uint16_t i = 0; i < stack->interface_count; i++)
        for (size_t j = 0; j < stack->interfaces[i]->address_count; j++)
            add_routes(stack, i, &stack->interfaces[i]->addresses[j]);
    stack_redirects_sweep(stack);
    stack->generation++;
    return true;
}

const struct net_prefix *sim_stack_address(const struct sim_stack *stack, uint16_t interface,
                                           size_t i)
{
    const struct stack_interface *of = stack_interface(stack, interface);
    return i < of->address_count ? &of->addresses[i] : NULL;
}

bool sim_stack_is_own(const struct sim_stack *stack, net_ip4 address)
{
    const struct net_route *route =
        net_route_lookup(&stack->tables[SIM_STACK_TABLE_LOCAL], address);
    return route && route->kind == NET_ROUTE_LOCAL;
}

net_ip4 stack_select_source(const struct sim_stack *stack, uint16_t interface, net_ip4 target)
{
    const struct stack_interface *out = stack_interface(stack, interface);
    for (size_t i = 0; i < out->address_count; i++) {
        const struct net_prefix *address = &out->addresses[i];
        if (net_ip4_in(target, net_addr_ip4(&address->addr), address->length))
            return net_addr_ip4(&address->addr);
    }
    if (out->address_count)
        return net_addr_ip4(&out->addresses[0].addr);
    for (uint16_t i = 1; i < stack->interface_count; i++)
        if (stack->interfaces[i]->address_count)
            return net_addr_ip4(&stack->interfaces[i]->addresses[0].addr);
    return 0;
}
