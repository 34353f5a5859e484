/*
 * What charon makes of the engine's events through its kernel interface: policies, and routes in table
 * 220 (strongSwan's kernel-netlink and kernel-libipsec, as measured).
 *
 * For each pair of a local and a remote selector three policies (out, in, fwd), whose priority says
 * how narrow they are, and for each remote selector a route
 *     policy-based  <remote> via <next hop to the peer> dev wan src <own address inside local>
 *     route-based   <remote> dev ipsec0 src <own address inside local>
 * A local selector of all addresses needs no own address (`src %any`). Where no own address lies inside
 * the local selector, kernel-netlink leaves the route out and goes on; kernel-libipsec refuses the child: the engine
 * does it where it answers (own_addresses of ipsec/ike/config.h), here it is taken down where this end asked for it.
 *
 * Traps (on-traffic) are the same with the configured selectors, from the start and for ever. bypass-lan:
 * pass policies for each attached subnet to itself, with `throw` routes; route-based it makes routes into
 * ipsec0 without policies, which cuts the subnets off.
 */
#include "sim/gateway/internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/ike/ts.h"

/* ---- Routes of table 220, one for all its users ---- */

static bool route_equal(const struct net_route *a, const struct net_route *b)
{
    return net_prefix_equal(&a->to, &b->to) && a->via == b->via && a->source == b->source &&
           a->interface == b->interface && a->kind == b->kind;
}

/* NLM_F_REPLACE: a table has one route for a destination, and the last one that was asked for stands. */
static void put_route(struct sim_gateway *gw, const struct net_route *route)
{
    (void)sim_stack_route_remove(gw->stack, SIM_STACK_TABLE_VPN, &route->to);
    (void)sim_stack_route_add(gw->stack, SIM_STACK_TABLE_VPN, route);
}

/* The newest install's last route for a destination; NULL: nobody wants one. */
static const struct net_route *wanted_route(const struct sim_gateway *gw,
                                            const struct net_prefix *to)
{
    for (const struct gateway_install *install = gw->installs; install; install = install->next)
        for (size_t i = install->route_count; i > 0; i--)
            if (net_prefix_equal(&install->routes[i - 1].to, to))
                return &install->routes[i - 1];
    return NULL;
}

static void add_route(struct sim_gateway *gw, struct gateway_install *install,
                      const struct net_route *route)
{
    size_t i = 0;
    while (i < gw->route_count && !net_prefix_equal(&gw->routes[i].to, &route->to))
        i++;
    if (i == gw->route_count) {
        gw->routes = base_grow(gw->routes, i, &gw->route_capacity, sizeof(*gw->routes));
        gw->routes[gw->route_count++] = (struct gateway_route){.to = route->to};
    }
    const struct net_route *before = wanted_route(gw, &route->to);
    if (!before || !route_equal(before, route))
        put_route(gw, route);
    gw->routes[i].users++;
    install->routes[install->route_count++] = *route;
}

/* Where another one wants a route for the destination, that is put back (kernel-netlink's del_route). */
static void remove_route(struct sim_gateway *gw, const struct net_route *route)
{
    for (size_t i = 0; i < gw->route_count; i++) {
        if (!net_prefix_equal(&gw->routes[i].to, &route->to))
            continue;
        if (--gw->routes[i].users) {
            const struct net_route *wanted = wanted_route(gw, &route->to);
            if (wanted && !route_equal(wanted, route))
                put_route(gw, wanted);
            return;
        }
        (void)sim_stack_route_remove(gw->stack, SIM_STACK_TABLE_VPN, &route->to);
        gw->routes[i] = gw->routes[--gw->route_count];
        return;
    }
}

/* ---- What one child or trap has installed ---- */

static struct gateway_install *new_install(struct sim_gateway *gw, uint32_t spi_in,
                                           size_t routes_max)
{
    struct gateway_install *install = base_alloc(sizeof(*install));
    install->owner = ++gw->last_owner;
    install->spi_in = spi_in;
    install->routes = base_alloc_array(routes_max + 1, sizeof(*install->routes));
    install->next = gw->installs;
    gw->installs = install;
    return install;
}

static void free_install(struct gateway_install *install)
{
    free(install->routes);
    free(install);
}

static void uninstall(struct sim_gateway *gw, struct gateway_install **place)
{
    struct gateway_install *install = *place;
    *place = install->next;
    esp_spd_remove_owner(gw->spd, install->owner);
    for (size_t i = 0; i < install->route_count; i++)
        remove_route(gw, &install->routes[i]);
    free_install(install);
}

static struct gateway_install **find_child(struct sim_gateway *gw, uint32_t spi_in)
{
    struct gateway_install **place = &gw->installs;
    while (*place && (*place)->spi_in != spi_in)
        place = &(*place)->next;
    return place;
}

static struct gateway_install **find_owner(struct sim_gateway *gw, uint32_t owner)
{
    struct gateway_install **place = &gw->installs;
    while (*place && (*place)->owner != owner)
        place = &(*place)->next;
    return place;
}

/* ---- Selectors ---- */

static void set_ports(const struct ike_ts *ts, uint16_t *first, uint16_t *last)
{
    *first = ts->port_low;
    *last = ts->port_high;
}

static struct esp_selector selector_of(const struct ike_ts *source,
                                       const struct ike_ts *destination)
{
    struct esp_selector selector = {
        .source = {source->low, source->high},
        .destination = {destination->low, destination->high},
        .protocol = source->protocol ? source->protocol : destination->protocol,
    };
    set_ports(source, &selector.source_port_first, &selector.source_port_last);
    set_ports(destination, &selector.destination_port_first, &selector.destination_port_last);
    if (selector.protocol ==
        NET_IPV4_ICMP) { /* RFC 7296 3.13.1 packs type and code into one port */
        const struct ike_ts *both = source->port_high == UINT16_MAX ? destination : source;
        selector.source_port_first = both->port_low >> 8;
        selector.source_port_last = both->port_high >> 8;
        selector.destination_port_first = 0;
        selector.destination_port_last = UINT16_MAX;
    }
    return selector;
}

/* The smallest network around a selector's addresses: what charon makes routes and masks of. */
static struct net_prefix network_around(const struct ike_ts *ts)
{
    net_ip4 low = net_addr_ip4(&ts->low), high = net_addr_ip4(&ts->high);
    uint8_t length = low == high ? 32 : (uint8_t)__builtin_clz(low ^ high);
    return net_prefix_from_ip4(low & net_ip4_mask(length), length);
}

/* The first own address inside the selector; 0 and true: it takes any. */
static bool own_address_in(struct sim_gateway *gw, const struct ike_ts *local, net_ip4 *own)
{
    net_ip4 low = net_addr_ip4(&local->low), high = net_addr_ip4(&local->high);
    *own = 0;
    if (low == 0 && high == NET_IP4_BROADCAST)
        return true;
    uint16_t count = sim_stack_interface_count(gw->stack);
    for (uint16_t interface = 1; interface < count; interface++) {
        const struct net_prefix *address;
        for (size_t i = 0; (address = sim_stack_address(gw->stack, interface, i)); i++) {
            *own = net_addr_ip4(&address->addr);
            if (low <= *own && *own <= high)
                return true;
        }
    }
    *own = 0;
    return false;
}

/* ---- Installing ---- */

/* A policy of the kernel is its selector: a daemon's own takes the place of one that was left behind. */
static void replace_orphans(struct sim_gateway *gw, enum esp_direction direction,
                            const struct esp_selector *selector)
{
    for (size_t i = esp_spd_count(gw->spd, direction); gw->orphans && i > 0; i--) {
        struct esp_policy *policy = esp_spd_at(gw->spd, direction, i - 1);
        if (policy->config.owner <= gw->orphans &&
            esp_selector_equal(&policy->config.selector, selector))
            esp_spd_remove(gw->spd, policy);
    }
}

static void add_policy(struct sim_gateway *gw, const struct gateway_install *install,
                       uint32_t reqid, enum esp_direction direction,
                       const struct esp_selector *selector, enum esp_policy_kind kind)
{
    struct esp_policy_config config = {
        .direction = direction,
        .action = kind == ESP_KIND_PASS ? ESP_BYPASS : ESP_PROTECT,
        .selector = *selector,
        .priority = esp_priority(selector, kind),
        .reqid = reqid,
        .owner = install->owner,
    };
    replace_orphans(gw, direction, selector);
    esp_spd_add(gw->spd, &config);
}

static void add_policies(struct sim_gateway *gw, const struct gateway_install *install,
                         uint32_t reqid, const struct ike_ts *local, const struct ike_ts *remote,
                         enum esp_policy_kind kind)
{
    struct esp_selector out = selector_of(local, remote), in = selector_of(remote, local);
    add_policy(gw, install, reqid, ESP_OUT, &out, kind);
    add_policy(gw, install, reqid, ESP_IN, &in, kind);
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED) /* kernel-libipsec has no fwd policies */
        add_policy(gw, install, reqid, ESP_FWD, &in, kind);
}

/* The route for one pair of selectors; false where there is no own address for it. */
static bool install_route(struct sim_gateway *gw, struct gateway_install *install, net_ip4 peer,
                          const struct ike_ts *local, const struct ike_ts *remote)
{
    struct net_route route = {.kind = NET_ROUTE_UNICAST,
                              .to = network_around(remote),
                              .interface = gw->wan,
                              .tag = GATEWAY_ROUTE_TAG};
    if (gw->without_routes)
        return true;
    if (!own_address_in(gw, local, &route.source))
        return false;
    struct sim_stack_route to_peer;
    if (gw->vpn == SIM_GATEWAY_ROUTE_BASED) {
        route.interface = gw->ipsec0;
    } else if (sim_stack_route_get(gw->stack, peer, SIM_STACK_WITHOUT_VPN, &to_peer) ==
               SIM_STACK_OK) {
        route.via = to_peer.next_hop;
        route.interface = to_peer.interface;
    }
    add_route(gw, install, &route);
    return true;
}

/*
 * False where a route could not be installed and that counts. charon stops there, and what a child has got by then
 * stays until its DELETE is answered (delete_failed_sa() of its child_create): where 0.0.0.0/0 leads into the tunnel
 * device, the DELETE does as well, and what is installed stays until charon gives the peer up.
 */
static bool install(struct sim_gateway *gw, uint32_t spi_in, uint32_t reqid, net_ip4 peer,
                    const struct ike_ts *local, size_t local_count, const struct ike_ts *remote,
                    size_t remote_count, enum esp_policy_kind kind, uint32_t *owner)
{
    struct gateway_install *made = new_install(gw, spi_in, local_count * remote_count);
    bool routed = true, needed = gw->vpn == SIM_GATEWAY_ROUTE_BASED;
    for (size_t i = 0; i < local_count; i++) {
        for (size_t j = 0; j < remote_count && (routed || !needed); j++) {
            if (local[i].low.family != remote[j].low.family)
                continue;
            add_policies(gw, made, reqid, &local[i], &remote[j], kind);
            if (local[i].low.family == NET_ADDR_IP4)
                routed &= install_route(gw, made, peer, &local[i], &remote[j]);
            else
                routed = false; /* no gateway here has an IPv6 address */
        }
    }
    *owner = made->owner;
    if (routed || !needed)
        return true;
    if (!spi_in) {
        uninstall(gw, find_owner(gw, made->owner));
        *owner = 0;
    }
    return false;
}

/* ---- Children ---- */

static bool install_child(struct sim_gateway *gw, const struct ike_child_info *child)
{
    uint32_t owner;
    if (*find_child(gw, child->spi_in))
        return true;
    return install(gw, child->spi_in, child->reqid, net_addr_ip4(&child->path.remote),
                   child->local_ts, child->local_ts_count, child->remote_ts, child->remote_ts_count,
                   ESP_KIND_TUNNEL, &owner);
}

static void uninstall_child(struct sim_gateway *gw, uint32_t spi_in)
{
    struct gateway_install **place = find_child(gw, spi_in);
    if (spi_in && *place)
        uninstall(gw, place);
}

/* False where the child cannot be used and is to be deleted. */
bool gateway_charon_event(struct sim_gateway *gw, const struct ike_event *event)
{
    if (!event->child)
        return true;
    if (event->kind == IKE_EVENT_CHILD_UP)
        return install_child(gw, event->child);
    if (event->kind == IKE_EVENT_CHILD_REKEYED) {
        bool installed = install_child(gw, event->child);
        uninstall_child(gw, event->old_child_spi);
        return installed;
    }
    if (event->kind == IKE_EVENT_CHILD_DOWN)
        uninstall_child(gw, event->child->spi_in);
    return true;
}

/* ---- Traps and bypasses ---- */

void gateway_charon_trap(struct sim_gateway *gw, struct gateway_tunnel *tunnel)
{
    const struct ike_peer_config *config = &tunnel->config;
    size_t local_count = config->local_network_count, remote_count = config->remote_network_count;
    struct ike_ts *ts = base_alloc_array(local_count + remote_count + 1, sizeof(*ts));
    for (size_t i = 0; i < local_count + remote_count; i++)
        ts[i] = ike_ts_from_prefix(&tunnel->networks[i]);
    qsort(ts, local_count, sizeof(*ts), ike_ts_compare); /* as those of a child */
    qsort(ts + local_count, remote_count, sizeof(*ts), ike_ts_compare);
    install(gw, 0, config->reqid, net_addr_ip4(&config->remote), ts, local_count, ts + local_count,
            remote_count, ESP_KIND_TRAP, &tunnel->trap_owner);
    free(ts);
}

void gateway_charon_untrap(struct sim_gateway *gw, struct gateway_tunnel *tunnel)
{
    struct gateway_install **place = find_owner(gw, tunnel->trap_owner);
    if (tunnel->trap_owner && *place)
        uninstall(gw, place);
    tunnel->trap_owner = 0;
}

static void bypass_subnet(struct sim_gateway *gw, uint16_t interface,
                          const struct net_prefix *address)
{
    struct gateway_install *made = new_install(gw, 0, 1);
    struct net_prefix subnet = net_prefix_mask(address);
    struct net_route route = {.to = subnet, .kind = NET_ROUTE_THROW, .tag = GATEWAY_ROUTE_TAG};
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED) {
        struct ike_ts ts = ike_ts_from_prefix(&subnet);
        add_policies(gw, made, 0, &ts, &ts, ESP_KIND_PASS);
        route.interface = interface;
    } else {
        route.kind = NET_ROUTE_UNICAST;
        route.interface = gw->ipsec0;
        route.source = net_addr_ip4(&address->addr);
    }
    add_route(gw, made, &route);
}

void gateway_charon_start(struct sim_gateway *gw)
{
    if (!gw->bypass_lan)
        return;
    for (uint16_t interface = 1; interface < sim_stack_interface_count(gw->stack); interface++) {
        const struct net_prefix *address;
        for (size_t i = 0; (address = sim_stack_address(gw->stack, interface, i)); i++)
            if (address->length < 32) /* a point-to-point address has no subnet */
                bypass_subnet(gw, interface, address);
    }
}

void gateway_charon_die(struct sim_gateway *gw)
{
    while (gw->installs) {
        struct gateway_install *install = gw->installs;
        gw->installs = install->next;
        free_install(install);
    }
    for (size_t i = 0; i < gw->route_count; i++)
        gw->routes[i].users = 0;
    gw->orphans = gw->last_owner;
}

/* What a daemon that died before has left behind. */
static void remove_orphans(struct sim_gateway *gw)
{
    for (int direction = 0; direction < ESP_DIRECTIONS; direction++)
        for (size_t i = esp_spd_count(gw->spd, (enum esp_direction)direction); i > 0; i--)
            esp_spd_remove(gw->spd, esp_spd_at(gw->spd, (enum esp_direction)direction, i - 1));
    for (size_t i = 0; i < gw->route_count; i++)
        (void)sim_stack_route_remove(gw->stack, SIM_STACK_TABLE_VPN, &gw->routes[i].to);
    gw->route_count = 0;
    gw->orphans = 0;
}

void gateway_charon_stop(struct sim_gateway *gw)
{
    while (gw->installs)
        uninstall(gw, &gw->installs);
    if (gw->orphans)
        remove_orphans(gw);
}
