/*
 * The check of names, addresses and LANs. Tunnels and hosts' routes have a file each.
 */
#include "topology/check.h"

#include "base/mem.h"
#include "topology/check_internal.h"

#include <stdlib.h>
#include <string.h>

const char *check_place(const struct check *check, struct base_where of, struct base_where from)
{
    struct base_arena *arena = &check->problems->arena;
    if (!of.file || (from.file && !strcmp(of.file, from.file)))
        return base_arena_printf(arena, "line %d", of.line);
    return base_arena_printf(arena, "%s:%d", of.file, of.line);
}

/* --- Gateways by public address ------------------------------------------------------------- */

static int compare_public(const void *left, const void *right)
{
    const struct topo_vdc *a = *(const struct topo_vdc *const *)left;
    const struct topo_vdc *b = *(const struct topo_vdc *const *)right;
    int order =
        net_addr_compare(topo_gateway_outside(&a->gateway), topo_gateway_outside(&b->gateway));
    return order ? order : a < b ? -1 : a > b; /* of one array: the order of the file */
}

static void index_public(struct check *check)
{
    const struct topo_model *model = check->model;
    check->by_public = base_alloc_array(model->vdc_count, sizeof(*check->by_public));
    for (size_t i = 0; i < model->vdc_count; i++)
        check->by_public[i] = &model->vdcs[i];
    qsort(check->by_public, model->vdc_count, sizeof(*check->by_public), compare_public);
    for (size_t i = 1; i < model->vdc_count; i++) {
        const struct topo_gateway *a = &check->by_public[i - 1]->gateway;
        const struct topo_gateway *b = &check->by_public[i]->gateway;
        char text[NET_ADDR_TEXT_MAX];
        const struct base_where *second = b->nat ? &b->nat->public_ip_where : &b->public_ip_where;
        const struct base_where *first = a->nat ? &a->nat->public_ip_where : &a->public_ip_where;
        if (!topo_gateway_outside(b)->family ||
            !net_addr_equal(topo_gateway_outside(a), topo_gateway_outside(b)))
            continue;
        base_diagnostics_add(check->problems, BASE_ERROR, "duplicate-public-address", *second,
                             "each gateway has a public address of its own",
                             "%s %s of %s is already that of %s (%s)",
                             b->nat ? "publicIP" : "gatewayIP",
                             net_addr_format(topo_gateway_outside(b), text), b->node, a->node,
                             check_place(check, *first, *second));
    }
}

const struct topo_vdc *check_vdc_at(const struct check *check, const struct net_addr *public_ip)
{
    size_t low = 0, high = check->model->vdc_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct topo_vdc *vdc = check->by_public[middle];
        int order = net_addr_compare(topo_gateway_outside(&vdc->gateway), public_ip);
        if (order == 0)
            return vdc;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Whether a tunnel leads from one to the other. */
static bool leads_to(const struct topo_vdc *from, const struct topo_vdc *to)
{
    for (size_t i = 0; i < from->gateway.tunnel_count; i++)
        if (net_addr_equal(&from->gateway.tunnels[i].remote_address,
                           topo_gateway_outside(&to->gateway)))
            return true;
    return false;
}

/* --- Names ----------------------------------------------------------------------------------- */

struct named {
    const char *name;
    struct base_where where;
    size_t place;
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : a->place < b->place ? -1 : a->place > b->place;
}

static size_t node_count(const struct topo_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->vdc_count; i++)
        count += model->vdcs[i].host_count + 1;
    count += model->internet.nat_count;
    return count;
}

static void check_names(const struct check *check)
{
    size_t count = 0;
    struct named *all = base_alloc_array(node_count(check->model), sizeof(*all));
    for (size_t i = 0; i < check->model->vdc_count; i++) {
        const struct topo_vdc *vdc = &check->model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++, count++)
            all[count] = (struct named){vdc->hosts[j].name, vdc->hosts[j].where, count};
        if (vdc->gateway.node) {
            all[count] = (struct named){vdc->gateway.node, vdc->gateway.where, count};
            count++;
        }
    }
    for (size_t i = 0; i < check->model->internet.nat_count; i++) {
        const struct topo_nat *nat = &check->model->internet.nats[i];
        if (nat->node) {
            all[count] = (struct named){nat->node, nat->where, count};
            count++;
        }
    }
    qsort(all, count, sizeof(*all), compare_named);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(all[i - 1].name, all[i].name))
            base_diagnostics_add(check->problems, BASE_ERROR, "duplicate-name", all[i].where,
                                 "nodes are called by name in all VDCs; give it another",
                                 "a second node is called '%s' (the first is at %s)", all[i].name,
                                 check_place(check, all[i - 1].where, all[i].where));
    free(all);
}

/* --- Addresses ------------------------------------------------------------------------------- */

struct addressed {
    struct net_addr address;
    const struct topo_vdc *vdc;
    const char *name;
    struct base_where where;
    size_t place;
};

static int compare_addressed(const void *left, const void *right)
{
    const struct addressed *a = left, *b = right;
    int order = net_addr_compare(&a->address, &b->address);
    return order ? order : a->place < b->place ? -1 : a->place > b->place;
}

static size_t collect_addresses(const struct topo_model *model, struct addressed **out)
{
    struct addressed *all = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        const struct topo_gateway *gateway = &vdc->gateway;
        for (size_t j = 0; j < vdc->host_count; j++) {
            const struct topo_host *host = &vdc->hosts[j];
            all = base_grow(all, count, &capacity, sizeof(*all));
            all[count] =
                (struct addressed){host->address, vdc, host->name, host->address_where, count};
            count++;
        }
        for (size_t j = 0; j < gateway->connection_count; j++) {
            const struct topo_connection *connection = &gateway->connections[j];
            all = base_grow(all, count, &capacity, sizeof(*all));
            all[count] = (struct addressed){connection->ipv4.addr, vdc, gateway->node,
                                            connection->ipv4_where, count};
            count++;
        }
    }
    *out = all;
    return count;
}

/* The same address in two VDCs that no tunnel joins disturbs nobody. */
static void check_duplicate_addresses(const struct check *check)
{
    struct addressed *all;
    size_t count = collect_addresses(check->model, &all);
    if (count)
        qsort(all, count, sizeof(*all), compare_addressed);
    for (size_t i = 1; i < count; i++) {
        const struct addressed *a = &all[i - 1], *b = &all[i];
        char text[NET_ADDR_TEXT_MAX];
        if (!b->address.family || !net_addr_equal(&a->address, &b->address))
            continue;
        if (a->vdc == b->vdc || leads_to(a->vdc, b->vdc) || leads_to(b->vdc, a->vdc))
            base_diagnostics_add(
                check->problems, BASE_WARNING, "duplicate-address", b->where,
                a->vdc == b->vdc ? "ARP answers of the two will contradict each other"
                                 : "a packet to it never leaves its own VDC",
                "%s and %s (%s) have the same address %s", b->name, a->name,
                check_place(check, a->where, b->where), net_addr_format(&b->address, text));
    }
    free(all);
}

static void check_connection(const struct check *check, const struct topo_vdc *vdc,
                             const struct topo_connection *connection)
{
    const struct topo_lan *lan = topo_find_lan(vdc, connection->lan);
    const struct net_addr *address = &connection->ipv4.addr;
    char text[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
    uint8_t last = address->bytes[3];
    net_addr_format(address, text);
    if (address->family == NET_ADDR_IP4 && (last < 2 || last > 9))
        base_diagnostics_add(check->problems, BASE_WARNING, "gateway-address-outside-2-9",
                             connection->ipv4_where, "the product asks for .2 to .9",
                             "the gateway's LAN address %s is not between .2 and .9", text);
    if (!lan)
        return;
    if (lan->has_pool && net_addr_compare(address, &lan->pool_first) >= 0 &&
        net_addr_compare(address, &lan->pool_last) <= 0)
        base_diagnostics_add(
            check->problems, BASE_WARNING, "gateway-address-in-dhcp-pool", connection->ipv4_where,
            "DHCP may give it to a host; take one outside the pool",
            "the gateway's LAN address %s lies in the DHCP pool of LAN %u", text, lan->id);
    if (lan->subnet.addr.family && !net_prefix_equal(&lan->subnet, &connection->ipv4)) {
        char own[NET_PREFIX_TEXT_MAX];
        base_diagnostics_add(check->problems, BASE_WARNING, "gateway-outside-subnet",
                             connection->ipv4_where,
                             "the address and the prefix length have to be those of the LAN",
                             "the gateway's %s is not of LAN %u's subnet %s",
                             net_prefix_format(&connection->ipv4, own), lan->id,
                             net_prefix_format(&lan->subnet, subnet));
    }
}

bool check_knows_lans(const struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->lan_count; i++)
        if (vdc->lans[i].id == TOPO_LAN_NONE)
            return false;
    return vdc->lan_count > 0;
}

static void check_connections(const struct check *check, const struct topo_vdc *vdc)
{
    const struct topo_gateway *gateway = &vdc->gateway;
    for (size_t i = 0; i < gateway->connection_count; i++) {
        const struct topo_connection *connection = &gateway->connections[i];
        if (connection->lan != TOPO_LAN_NONE && check_knows_lans(vdc) &&
            !topo_find_lan(vdc, connection->lan))
            base_diagnostics_add(check->problems, BASE_ERROR, "unknown-lan", connection->lan_where,
                                 "a connection names one of the VDC's lans",
                                 "VDC '%s' has no LAN %u", vdc->name, connection->lan);
        if (connection->lan != TOPO_LAN_NONE &&
            topo_find_connection(gateway, connection->lan) != connection)
            base_diagnostics_add(check->problems, BASE_ERROR, "duplicate-connection",
                                 connection->lan_where, "a gateway has one address in a LAN",
                                 "%s is connected to LAN %u twice", gateway->node, connection->lan);
        check_connection(check, vdc, connection);
    }
}

static void check_segment(const struct check *check, const struct topo_gateway *gateway)
{
    const struct topo_internet *internet = &check->model->internet;
    const struct net_addr *address = topo_gateway_outside(gateway);
    char text[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
    if (internet->kind != TOPO_INTERNET_SEGMENT || !internet->subnet.addr.family ||
        !address->family || net_prefix_contains(&internet->subnet, address))
        return;
    base_diagnostics_add(check->problems, BASE_WARNING, "gateway-outside-segment",
                         gateway->nat ? gateway->nat->public_ip_where : gateway->public_ip_where,
                         "on a segment the gateways reach each other by ARP alone",
                         "%s %s is not in the segment's subnet %s",
                         gateway->nat ? "publicIP" : "gatewayIP", net_addr_format(address, text),
                         net_prefix_format(&internet->subnet, subnet));
}

/* --- LANs ------------------------------------------------------------------------------------ */

static void compare_lans(const struct check *check, const struct topo_vdc *a,
                         const struct topo_lan *first, const struct topo_vdc *b,
                         const struct topo_lan *second)
{
    char one[NET_PREFIX_TEXT_MAX], other[NET_PREFIX_TEXT_MAX];
    if (!first->subnet.addr.family || !second->subnet.addr.family ||
        !net_prefix_overlaps(&first->subnet, &second->subnet))
        return;
    base_diagnostics_add(check->problems, BASE_WARNING, "overlapping-lans", second->subnet_where,
                         a == b
                             ? "the gateway cannot tell them apart"
                             : "hosts take the other side for their own LAN and ask for it by ARP",
                         "LAN %s/%u (%s) overlaps LAN %s/%u (%s, %s)", b->name, second->id,
                         net_prefix_format(&second->subnet, other), a->name, first->id,
                         net_prefix_format(&first->subnet, one),
                         check_place(check, first->subnet_where, second->subnet_where));
}

static void check_lans_between(const struct check *check, const struct topo_vdc *a,
                               const struct topo_vdc *b)
{
    for (size_t i = 0; i < a->lan_count; i++)
        for (size_t j = a == b ? i + 1 : 0; j < b->lan_count; j++)
            compare_lans(check, a, &a->lans[i], b, &b->lans[j]);
}

/* LANs of one VDC, and of VDCs that a tunnel joins: each pair once, told at the later one. */
static void check_lans(const struct check *check, const struct topo_vdc *vdc)
{
    check_lans_between(check, vdc, vdc);
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        const struct topo_vdc *other = check_vdc_at(check, &tunnel->remote_address);
        bool first = true; /* several tunnels may lead to one VDC */
        for (size_t j = 0; j < i && first; j++)
            first =
                !net_addr_equal(&vdc->gateway.tunnels[j].remote_address, &tunnel->remote_address);
        if (!other || other == vdc || !first || (leads_to(other, vdc) && other < vdc))
            continue;
        if (vdc < other)
            check_lans_between(check, vdc, other);
        else
            check_lans_between(check, other, vdc);
    }
}

/* Each gateway past the product's limit, where its VDC says in which location it is. */
static void check_locations(const struct check *check)
{
    for (size_t i = 0; i < check->model->vdc_count; i++) {
        const struct topo_vdc *vdc = &check->model->vdcs[i];
        size_t before = 0;
        for (size_t j = 0; vdc->location && j < i; j++) {
            const char *other = check->model->vdcs[j].location;
            before += other && !strcmp(other, vdc->location);
        }
        if (before >= TOPO_GATEWAYS_MAX)
            base_diagnostics_add(check->problems, BASE_ERROR, "too-many-gateways", vdc->where,
                                 "the product allows no more",
                                 "%s is gateway %zu in the location %s (at most %d)",
                                 vdc->gateway.node, before + 1, vdc->location, TOPO_GATEWAYS_MAX);
    }
}

void topo_check(const struct topo_model *model, const struct topo_check_options *options,
                struct base_diagnostics *problems)
{
    struct check check = {.model = model, .options = options, .problems = problems};
    index_public(&check);
    check_names(&check);
    check_locations(&check);
    check_duplicate_addresses(&check);
    for (size_t i = 0; i < model->vdc_count; i++) {
        check_connections(&check, &model->vdcs[i]);
        check_segment(&check, &model->vdcs[i].gateway);
        check_lans(&check, &model->vdcs[i]);
    }
    check_tunnels(&check);
    check_hosts(&check);
    free(check.by_public);
}
