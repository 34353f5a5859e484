/* The tables of VDCs: LANs, hosts and their routes. */
#include "base/mem.h"
#include "scenarios/tables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- Names ------------------------------------------------------------------------------------ */

/* Names of VDCs and hosts are parts of file names, of links and of capture points. */
static void check_name(struct scn_bind *b, const struct scn_entry *entry, const char *what)
{
    const struct scn_node at = {.where = entry->where};
    const char *name = entry->key;
    bool ok = isalnum((unsigned char)name[0]) != 0;
    for (const char *c = name; ok && *c; c++)
        ok = isalnum((unsigned char)*c) || strchr("._-", *c);
    if (!ok)
        scn_bind_error(b, "bad-name", &at, NULL,
                       "letters, digits, '.', '_' and '-', a letter or digit first",
                       "'%s' cannot be the name of %s", name, what);
    else if (strlen(name) > 63)
        scn_bind_error(b, "too-long", &at, NULL, "at most 63 characters",
                       "the name '%s' of %s is too long", name, what);
    else if (!strcmp(name, "internet"))
        scn_bind_error(b, "bad-name", &at, NULL, "give it another name",
                       "'internet' is what lies between the gateways, not the name of %s", what);
}

/* --- LANs ------------------------------------------------------------------------------------- */

static bool read_pool(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    struct topo_lan *lan = slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    const char *dash = strchr(node->text, '-');
    if (!dash)
        return scn_bind_bad_value(b, type, key, node);
    char *first = base_strndup(node->text, (size_t)(dash - node->text));
    for (char *end = first + strlen(first); end > first && end[-1] == ' ';)
        *--end = '\0';
    bool ok = net_addr_parse(first, &lan->pool_first) &&
              net_addr_parse(dash + 1 + strspn(dash + 1, " "), &lan->pool_last) &&
              lan->pool_first.family == NET_ADDR_IP4 && lan->pool_last.family == NET_ADDR_IP4 &&
              net_addr_compare(&lan->pool_first, &lan->pool_last) <= 0;
    free(first);
    return ok || scn_bind_bad_value(b, type, key, node);
}

static const struct scn_type pool = {
    .kind = SCN_TYPE_VALUE,
    .name = "a DHCP pool",
    .about = "write its first and last address: 192.168.1.10-192.168.1.254",
    .read = read_pool,
    .schema = "\"type\": \"string\"",
};

static void lan_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_lan *lan = object;
    (void)b;
    lan->subnet_where = node->where;
    lan->link.set = TOPO_DELAY | TOPO_MTU;
    lan->link.delay_ns = TOPO_LAN_DELAY_DEFAULT;
    lan->link.mtu_bytes = TOPO_MTU_DEFAULT;
}

static const struct scn_key lan_keys[] = {
    {.name = "subnet",
     .type = &scn_network,
     .offset = offsetof(struct topo_lan, subnet),
     .where_offset = offsetof(struct topo_lan, subnet_where),
     .required = true,
     .about = "the LAN's IPv4 network: 192.168.1.0/24"},
    {.name = "dhcpPool",
     .type = &pool,
     .where_offset = offsetof(struct topo_lan, pool_where),
     .has_offset = offsetof(struct topo_lan, has_pool),
     .about = "what DHCP gives out: 192.168.1.10-192.168.1.254; hosts keep their addresses all the "
              "same"},
    SCN_IMPAIRMENT_KEYS(struct topo_lan, link),
};

static const struct scn_type lan_type = {
    .kind = SCN_TYPE_MAP,
    .name = "LAN",
    .about = "{subnet: 192.168.1.0/24}",
    .keys = lan_keys,
    .key_count = SCN_COUNT(lan_keys),
    .size = sizeof(struct topo_lan),
    .set_offset = offsetof(struct topo_lan, link.set),
    .begin = lan_begin,
};

static void name_lan(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_lan *lan = object;
    const struct scn_node at = {.where = entry->where};
    uint64_t id = TOPO_LAN_NONE;
    bool padded = entry->key[0] == '0' && entry->key[1]; /* 01 beside 1 would be one LAN twice */
    if (padded || !base_text_unsigned(entry->key, TOPO_LAN_NONE - 1, &id))
        scn_bind_error(b, "bad-name", &at, NULL, "LANs are numbered: 1, 2, ...",
                       "'%s' is not the number of a LAN", entry->key);
    lan->id = (uint32_t)id;
    lan->where = entry->where;
}

static const struct scn_type lans_type = {
    .kind = SCN_TYPE_NAMED,
    .name = "lans",
    .about = "a map of LANs by number",
    .of = &lan_type,
    .size = sizeof(struct topo_lan),
    .count_min = 1,
    .named = name_lan,
};

/* --- Routes ----------------------------------------------------------------------------------- */

bool scn_bind_route_target(struct scn_bind *b, const char *text, struct base_where where,
                           struct net_prefix *out)
{
    const struct scn_node node = {.where = where,
                                  .text = strcmp(text, "default") ? text : "0.0.0.0/0"};
    return scn_network.read(b, &scn_network, NULL, &node, out);
}

static void name_route(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_route *route = object;
    route->where = entry->where;
    scn_bind_route_target(b, entry->key, entry->where, &route->to);
}

static bool read_next_hop(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_route *route = slot;
    (void)type;
    return scn_address.read(b, &scn_address, key, node, &route->via);
}

static const struct scn_type next_hop = {
    .kind = SCN_TYPE_VALUE,
    .name = "a next hop",
    .about = "write the gateway's address in the host's LAN: 192.168.1.5",
    .read = read_next_hop,
    .schema = "\"$ref\": \"#/definitions/ipv4\"",
};

const struct scn_type scn_type_routes = {
    .kind = SCN_TYPE_NAMED,
    .name = "routes",
    .about = "a map of networks to next hops: {192.168.2.0/24: 192.168.1.5}",
    .of = &next_hop,
    .size = sizeof(struct topo_route),
    .named = name_route,
};

/* --- Hosts ------------------------------------------------------------------------------------ */

static void host_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_host *host = object;
    (void)b;
    host->lan = TOPO_LAN_NONE;
    host->lan_where = node->where;
    host->address_where = node->where;
}

static bool read_host_address(struct scn_bind *b, const struct scn_type *type,
                              const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_host *host = slot;
    struct net_prefix prefix;
    if (node->kind != SCN_SCALAR || !strchr(node->text, '/'))
        return scn_address.read(b, &scn_address, key, node, &host->address);
    if (!net_prefix_parse(node->text, NET_PREFIX_KEEP, &prefix) ||
        prefix.addr.family != NET_ADDR_IP4 || prefix.length == 0)
        return scn_bind_bad_value(b, type, key, node);
    host->address = prefix.addr;
    host->prefix_length = prefix.length;
    return true;
}

static const struct scn_type host_address = {
    .kind = SCN_TYPE_VALUE,
    .name = "an IPv4 address",
    .about = "write 192.168.1.11, or with a prefix length of its own 192.168.1.11/16",
    .read = read_host_address,
    .schema = "\"anyOf\": [{\"$ref\": \"#/definitions/ipv4\"}, {\"$ref\": "
              "\"#/definitions/ipv4Network\"}]",
};

static const struct scn_key host_keys[] = {
    {.name = "lan",
     .type = &scn_u32,
     .offset = offsetof(struct topo_host, lan),
     .where_offset = offsetof(struct topo_host, lan_where),
     .max = TOPO_LAN_NONE - 1,
     .required = true,
     .about = "the number of one of the VDC's lans"},
    {.name = "address",
     .type = &host_address,
     .where_offset = offsetof(struct topo_host, address_where),
     .required = true,
     .about = "its IPv4 address; the prefix length is the LAN's unless it has one of its own: "
              "192.168.1.11/16"},
    {.name = "routes",
     .type = &scn_type_routes,
     .offset = offsetof(struct topo_host, routes),
     .count_offset = offsetof(struct topo_host, route_count),
     .about = "what `ip route add` was told: {192.168.2.0/24: 192.168.1.5}"},
    {.name = "defaultGateway",
     .type = &scn_address,
     .offset = offsetof(struct topo_host, default_gateway),
     .where_offset = offsetof(struct topo_host, default_gateway_where),
     .about = "next hop of the default route"},
};

static const struct scn_type host_type = {
    .kind = SCN_TYPE_MAP,
    .name = "host",
    .about = "{lan: 1, address: 192.168.1.11}",
    .keys = host_keys,
    .key_count = SCN_COUNT(host_keys),
    .size = sizeof(struct topo_host),
    .begin = host_begin,
};

static void name_host(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_host *host = object;
    check_name(b, entry, "a host");
    host->name = scn_bind_text(b, entry->key);
    host->where = entry->where;
}

static const struct scn_type hosts_type = {
    .kind = SCN_TYPE_NAMED,
    .name = "hosts",
    .about = "a map of hosts by name",
    .of = &host_type,
    .size = sizeof(struct topo_host),
    .named = name_host,
};

/* --- VDCs ------------------------------------------------------------------------------------- */

static const struct scn_key vdc_keys[] = {
    {.name = "location",
     .type = &scn_text,
     .offset = offsetof(struct topo_vdc, location),
     .max = TOPO_NAME_MAX,
     .about = "where it is: ionos-cloud-txl; shown, of no effect"},
    {.name = "lans",
     .type = &lans_type,
     .offset = offsetof(struct topo_vdc, lans),
     .count_offset = offsetof(struct topo_vdc, lan_count),
     .required = true,
     .about = "its private LANs by number: {1: {subnet: 192.168.1.0/24}}"},
    {.name = "hosts",
     .type = &hosts_type,
     .offset = offsetof(struct topo_vdc, hosts),
     .count_offset = offsetof(struct topo_vdc, host_count),
     .about = "its servers by name; names are unique over all VDCs"},
    {.name = "gateway",
     .type = &scn_type_gateway,
     .offset = offsetof(struct topo_vdc, gateway),
     .required = true,
     .about = "its VPN gateway, a node called <vdc>-gw"},
};

static const struct scn_type vdc_type = {
    .kind = SCN_TYPE_MAP,
    .name = "VDC",
    .about = "a virtual data center: {location, lans, hosts, gateway}",
    .keys = vdc_keys,
    .key_count = SCN_COUNT(vdc_keys),
    .size = sizeof(struct topo_vdc),
};

static void name_vdc(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_vdc *vdc = object;
    const struct scn_entry *gateway = scn_node_entry(entry->value, "gateway");
    check_name(b, entry, "a VDC");
    vdc->name = scn_bind_text(b, entry->key);
    vdc->where = entry->where;
    vdc->gateway.node = base_arena_printf(b->arena, "%s-gw", entry->key);
    vdc->gateway.where = gateway ? gateway->where : entry->where;
}

const struct scn_type scn_type_vdcs = {
    .kind = SCN_TYPE_NAMED,
    .name = "vdcs",
    .about = "a map of virtual data centers by name",
    .of = &vdc_type,
    .size = sizeof(struct topo_vdc),
    .count_min = 1,
    .named = name_vdc,
};
