/*
 * The model's names and look-ups. Linear searches: a scenario is bound once, and a world keeps its own
 * tables for what it asks at every packet.
 */
#include "topology/model.h"

#include "base/mem.h"
#include "base/text.h"
#include "sim/internet.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool topo_find_node(const struct topo_model *model, const char *name, struct topo_node *out)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++)
            if (!strcmp(vdc->hosts[j].name, name)) {
                *out = (struct topo_node){.vdc = vdc, .host = &vdc->hosts[j]};
                return true;
            }
        if (vdc->gateway.node && !strcmp(vdc->gateway.node, name)) {
            *out = (struct topo_node){.vdc = vdc, .gateway = &vdc->gateway};
            return true;
        }
    }
    return false;
}

const struct topo_nat *topo_find_nat(const struct topo_model *model, const char *name)
{
    for (size_t i = 0; i < model->internet.nat_count; i++)
        if (model->internet.nats[i].node && !strcmp(model->internet.nats[i].node, name))
            return &model->internet.nats[i];
    return NULL;
}

bool topo_nat_attach(struct topo_nat *nat, struct topo_gateway *gateway)
{
    net_ip4 mask = net_ip4_mask(nat->subnet.length);
    net_ip4 network = net_addr_ip4(&nat->subnet.addr) & mask;
    net_ip4 wan = network | (net_addr_ip4(&gateway->public_ip) & ~mask);
    net_ip4 router = network + 1;
    if (nat->subnet.length < TOPO_NAT_LENGTH_MIN || nat->subnet.length > TOPO_NAT_LENGTH_MAX ||
        wan == network || wan == (network | ~mask))
        return false;
    nat->wan = net_addr_from_ip4(wan);
    nat->router = net_addr_from_ip4(router == wan ? router + 1 : router);
    gateway->nat = nat;
    return true;
}

struct net_prefix topo_host_prefix(const struct topo_host *host, const struct topo_lan *lan)
{
    uint8_t length = host->prefix_length ? host->prefix_length : lan->subnet.length;
    return (struct net_prefix){.addr = host->address, .length = length};
}

const struct topo_lan *topo_find_lan(const struct topo_vdc *vdc, uint32_t id)
{
    for (size_t i = 0; i < vdc->lan_count; i++)
        if (vdc->lans[i].id == id)
            return &vdc->lans[i];
    return NULL;
}

const struct topo_tunnel *topo_find_tunnel(const struct topo_gateway *gateway, const char *name)
{
    for (size_t i = 0; i < gateway->tunnel_count; i++)
        if (!strcmp(gateway->tunnels[i].name, name))
            return &gateway->tunnels[i];
    return NULL;
}

const struct topo_connection *topo_find_connection(const struct topo_gateway *gateway, uint32_t lan)
{
    for (size_t i = 0; i < gateway->connection_count; i++)
        if (gateway->connections[i].lan == lan)
            return &gateway->connections[i];
    return NULL;
}

struct net_addr topo_node_address(const struct topo_node *node, const struct topo_node *from)
{
    if (node->host)
        return node->host->address;
    const struct topo_gateway *gateway = node->gateway;
    const struct topo_connection *connection = NULL;
    if (from && from->vdc == node->vdc && from->host)
        connection = topo_find_connection(gateway, from->host->lan);
    if (!connection && gateway->connection_count)
        connection = &gateway->connections[0];
    return connection ? connection->ipv4.addr : *topo_gateway_outside(gateway);
}

static bool gateway_has(const struct topo_gateway *gateway, const struct net_addr *address)
{
    if (net_addr_equal(topo_gateway_outside(gateway), address) ||
        net_addr_equal(topo_gateway_wan(gateway), address))
        return true;
    for (size_t i = 0; i < gateway->connection_count; i++)
        if (net_addr_equal(&gateway->connections[i].ipv4.addr, address))
            return true;
    return false;
}

bool topo_find_address(const struct topo_model *model, const struct net_addr *address,
                       struct topo_node *out)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count; j++)
            if (net_addr_equal(&vdc->hosts[j].address, address)) {
                *out = (struct topo_node){.vdc = vdc, .host = &vdc->hosts[j]};
                return true;
            }
        if (gateway_has(&vdc->gateway, address)) {
            *out = (struct topo_node){.vdc = vdc, .gateway = &vdc->gateway};
            return true;
        }
    }
    return false;
}

bool topo_find_public(const struct topo_model *model, const struct net_addr *address,
                      struct topo_node *out)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        if (net_addr_equal(topo_gateway_outside(&vdc->gateway), address)) {
            *out = (struct topo_node){.vdc = vdc, .gateway = &vdc->gateway};
            return true;
        }
    }
    return false;
}

bool topo_resolve(const struct topo_model *model, const char *host, struct net_addr *out)
{
    struct topo_node node;
    const struct topo_gateway *named = NULL;
    size_t count = 0;
    if (net_addr_parse(host, out))
        return true;
    if (topo_find_node(model, host, &node) && node.gateway) {
        *out = *topo_gateway_outside(node.gateway);
        return true;
    }
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_gateway *gateway = &model->vdcs[i].gateway;
        if (gateway->name && !strcasecmp(gateway->name, host)) {
            named = gateway;
            count++;
        }
    }
    if (count != 1)
        return false;
    *out = *topo_gateway_outside(named);
    return true;
}

static bool overlaps(const struct net_prefix *network, net_ip4 first, net_ip4 last)
{
    net_ip4 lowest = net_addr_ip4(&network->addr);
    return lowest <= last && (lowest | ~net_ip4_mask(network->length)) >= first;
}

/* Whether somebody else has one of the addresses from first to last. */
static bool is_used(const struct topo_model *model, net_ip4 first, net_ip4 last)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        net_ip4 outside = net_addr_ip4(topo_gateway_outside(&vdc->gateway));
        if (outside >= first && outside <= last)
            return true;
        if (vdc->gateway.nat && overlaps(&vdc->gateway.nat->subnet, first, last))
            return true;
        for (size_t j = 0; j < vdc->lan_count; j++)
            if (overlaps(&vdc->lans[j].subnet, first, last))
                return true;
    }
    return false;
}

net_ip4 topo_internet_routers(const struct topo_model *model)
{
    enum {
        BENCHMARK = 512 /* networks of 198.18.0.0/15 */
    };
    static const net_ip4 FIRST[] = {SIM_INTERNET_ROUTERS, NET_IP4(192, 0, 2, 0),
                                    NET_IP4(203, 0, 113, 0)};
    size_t count = sizeof(FIRST) / sizeof(FIRST[0]);
    for (size_t i = 0; i < count + BENCHMARK; i++) {
        net_ip4 network =
            i < count ? FIRST[i] : NET_IP4(198, 18, 0, 0) + ((net_ip4)(i - count) << 8);
        if (!is_used(model, network + 1, network + model->internet.hops))
            return network;
    }
    return SIM_INTERNET_ROUTERS;
}

static const struct topo_vdc *find_vdc(const struct topo_model *model, const char *name,
                                       size_t size)
{
    for (size_t i = 0; i < model->vdc_count; i++)
        if (strlen(model->vdcs[i].name) == size && !memcmp(model->vdcs[i].name, name, size))
            return &model->vdcs[i];
    return NULL;
}

bool topo_find_link(const struct topo_model *model, const char *name, struct topo_link *out)
{
    if (!strcmp(name, "internet")) {
        *out = (struct topo_link){0};
        return true;
    }
    const char *slash = strrchr(name, '/');
    uint64_t id;
    if (!slash || !base_text_unsigned(slash + 1, UINT32_MAX, &id))
        return false;
    const struct topo_vdc *vdc = find_vdc(model, name, (size_t)(slash - name));
    const struct topo_lan *lan = vdc ? topo_find_lan(vdc, (uint32_t)id) : NULL;
    if (lan)
        *out = (struct topo_link){vdc, lan};
    return lan != NULL;
}

/* What stands behind the colon of a gateway's point. */
static bool find_gateway_point(const struct topo_gateway *gateway, const char *part,
                               struct topo_point *out)
{
    uint64_t lan;
    if (!strcmp(part, "wan")) {
        out->kind = TOPO_POINT_GATEWAY_WAN;
        return true;
    }
    if (!strncmp(part, "lan", 3) && base_text_unsigned(part + 3, UINT32_MAX, &lan)) {
        out->kind = TOPO_POINT_GATEWAY_LAN;
        out->connection = topo_find_connection(gateway, (uint32_t)lan);
        if (out->connection)
            return true;
    }
    out->kind = TOPO_POINT_TUNNEL;
    out->tunnel = topo_find_tunnel(gateway, part);
    return out->tunnel != NULL;
}

bool topo_find_point(const struct topo_model *model, const char *name, struct topo_point *out)
{
    struct topo_point point = {.kind = TOPO_POINT_INTERNET};
    if (!strcmp(name, "internet")) {
        *out = point;
        return true;
    }
    /* A node's name may hold a colon, and so may a tunnel's: every colon is tried. */
    for (const char *colon = strchr(name, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *node = base_strndup(name, (size_t)(colon - name));
        bool found = topo_find_node(model, node, &point.node);
        free(node);
        if (!found)
            continue;
        point.kind = TOPO_POINT_HOST;
        found = point.node.host ? !strcmp(colon + 1, "eth0")
                                : find_gateway_point(point.node.gateway, colon + 1, &point);
        if (found) {
            *out = point;
            return true;
        }
    }
    return false;
}

static size_t gateway_points(const struct topo_gateway *gateway)
{
    return gateway->connection_count + 1 + gateway->tunnel_count;
}

size_t topo_point_count(const struct topo_model *model)
{
    size_t count = 1;
    for (size_t i = 0; i < model->vdc_count; i++)
        count += model->vdcs[i].host_count + gateway_points(&model->vdcs[i].gateway);
    return count;
}

static char *gateway_point_name(const struct topo_gateway *gateway, size_t n)
{
    if (n < gateway->connection_count)
        return base_printf("%s:lan%u", gateway->node, gateway->connections[n].lan);
    n -= gateway->connection_count;
    if (n == 0)
        return base_printf("%s:wan", gateway->node);
    return base_printf("%s:%s", gateway->node, gateway->tunnels[n - 1].name);
}

char *topo_point_name(const struct topo_model *model, size_t n)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        if (n < vdc->host_count)
            return base_printf("%s:eth0", vdc->hosts[n].name);
        n -= vdc->host_count;
        if (n < gateway_points(&vdc->gateway))
            return gateway_point_name(&vdc->gateway, n);
        n -= gateway_points(&vdc->gateway);
    }
    assert(n == 0);
    return base_strdup("internet");
}

static const char *name_at(const char *const *names, size_t count, size_t value)
{
    return value < count ? names[value] : NULL;
}

const char *topo_vpn_name(enum topo_vpn value)
{
    static const char *const names[] = {"policy-based", "route-based"};
    return name_at(names, COUNT(names), value);
}

const char *topo_start_name(enum topo_start value)
{
    static const char *const names[] = {"at-once", "on-traffic", "by-hand"};
    return name_at(names, COUNT(names), value);
}

const char *topo_negotiation_name(enum topo_negotiation value)
{
    static const char *const names[] = {"most-secure", "strict"};
    return name_at(names, COUNT(names), value);
}

const char *topo_rp_filter_name(enum topo_rp_filter value)
{
    static const char *const names[] = {"off", "strict", "loose"};
    return name_at(names, COUNT(names), value);
}

const char *topo_engine_name(enum topo_engine_kind value)
{
    static const char *const names[] = {"builtin", "strongswan", "external"};
    return name_at(names, COUNT(names), value);
}

bool topo_tier_is_pair(enum topo_tier tier)
{
    return tier == TOPO_TIER_STANDARD_HA || tier == TOPO_TIER_ENHANCED_HA ||
           tier == TOPO_TIER_PREMIUM_HA;
}

const char *topo_tier_name(enum topo_tier value)
{
    static const char *const names[] = {"STANDARD",    "STANDARD_HA", "ENHANCED",
                                        "ENHANCED_HA", "PREMIUM",     "PREMIUM_HA"};
    return name_at(names, COUNT(names), value);
}

const char *topo_internet_kind_name(enum topo_internet_kind value)
{
    static const char *const names[] = {"routed", "segment"};
    return name_at(names, COUNT(names), value);
}

const char *topo_nat_type_name(enum topo_nat_type value)
{
    static const char *const names[] = {"full-cone", "address-restricted", "port-restricted",
                                        "symmetric"};
    return name_at(names, COUNT(names), value);
}

const char *topo_day_name(unsigned day)
{
    static const char *const names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};
    return name_at(names, COUNT(names), day);
}
