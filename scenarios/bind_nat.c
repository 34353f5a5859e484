/* The table of NAT routers. */
#include "scenarios/tables.h"

#include <string.h>

static const char *nat_type_word(unsigned n)
{
    return topo_nat_type_name((enum topo_nat_type)n);
}

static const struct scn_type nat_type = {
    .kind = SCN_TYPE_WORD, .name = "a type of NAT", .word = nat_type_word};

static void nat_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_nat *nat = object;
    (void)b;
    nat->type = TOPO_NAT_PORT_RESTRICTED;
    nat->mapping_timeout_ns = TOPO_NAT_TIMEOUT_DEFAULT;
    nat->subnet = net_prefix_from_ip4(NET_IP4(10, 0, 0, 0), 24);
    nat->subnet_where = node->where;
    nat->public_ip_where = node->where;
}

static const struct scn_key nat_keys[] = {
    {.name = "publicIP",
     .type = &scn_address,
     .offset = offsetof(struct topo_nat, public_ip),
     .where_offset = offsetof(struct topo_nat, public_ip_where),
     .required = true,
     .about = "the router's public address: what the peers' remoteHost has to be"},
    {.name = "privateSubnet",
     .type = &scn_network,
     .offset = offsetof(struct topo_nat, subnet),
     .where_offset = offsetof(struct topo_nat, subnet_where),
     .about = "the network between router and gateway",
     .standard = "\"10.0.0.0/24\""},
    {.name = "mappingTimeout",
     .type = &scn_span,
     .offset = offsetof(struct topo_nat, mapping_timeout_ns),
     .about = "how long a UDP mapping lives without a packet",
     .standard = "\"2m\""},
    {.name = "type",
     .type = &nat_type,
     .offset = offsetof(struct topo_nat, type),
     .about = "how it maps and filters (RFC 3489, section 5)",
     .standard = "\"port-restricted\""},
};

static const struct scn_type nat = {
    .kind = SCN_TYPE_MAP,
    .name = "NAT router",
    .schema = "nat",
    .about = "{publicIP: 203.0.113.30, privateSubnet: 10.0.0.0/24, mappingTimeout: 30s, type: "
             "port-restricted}",
    .keys = nat_keys,
    .key_count = SCN_COUNT(nat_keys),
    .size = sizeof(struct topo_nat),
    .begin = nat_begin,
};

static void name_nat(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_nat *router = object;
    const struct scn_node name = {.where = entry->where, .plain = true, .text = entry->key};
    router->where = entry->where;
    if (scn_gateway_ref.read(b, &scn_gateway_ref, NULL, &name, &router->gateway))
        router->node = base_arena_printf(b->arena, "%s-nat", router->gateway);
}

const struct scn_type scn_nats = {
    .kind = SCN_TYPE_NAMED,
    .name = "NAT routers",
    .about = "a map: {txl-gw: {publicIP: 203.0.113.30}}",
    .of = &nat,
    .size = sizeof(struct topo_nat),
    .named = name_nat,
};
