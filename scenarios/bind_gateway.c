/* The tables of a VPN gateway: the API's own properties, and how its implementation behaves. */
#include "scenarios/tables.h"

#include <ctype.h>
#include <string.h>

/* --- Connections ------------------------------------------------------------------------------ */

static void connection_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_connection *connection = object;
    (void)b;
    connection->lan = TOPO_LAN_NONE;
    connection->lan_where = node->where;
    connection->ipv4_where = node->where;
}

static void connection_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct topo_connection *connection = object;
    const struct scn_node *ipv6 = scn_node_get(node, "ipv6CIDR");
    if (connection->ipv6.addr.family)
        base_diagnostics_add(b->problems, BASE_WARNING, "not-simulated", ipv6->where,
                             "hosts and LANs have IPv4 alone",
                             "ipv6CIDR %s is accepted, but not simulated yet", ipv6->text);
}

static const struct scn_key connection_keys[] = {
    {.name = "datacenterId",
     .type = &scn_ignored,
     .about = "the API's, one for all connections; here a gateway is connected to its own VDC's "
              "LANs"},
    {.name = "lanId",
     .type = &scn_u32,
     .offset = offsetof(struct topo_connection, lan),
     .where_offset = offsetof(struct topo_connection, lan_where),
     .max = TOPO_LAN_NONE - 1,
     .required = true,
     .about = "the number of one of the VDC's lans"},
    {.name = "ipv4CIDR",
     .type = &scn_own_address,
     .offset = offsetof(struct topo_connection, ipv4),
     .where_offset = offsetof(struct topo_connection, ipv4_where),
     .required = true,
     .about = "the gateway's own address in that LAN with its prefix length: 192.168.1.5/24"},
    {.name = "ipv6CIDR",
     .type = &scn_own_address6,
     .offset = offsetof(struct topo_connection, ipv6),
     .about = "accepted, not simulated yet"},
};

static const struct scn_type connection = {
    .kind = SCN_TYPE_MAP,
    .name = "connection",
    .about = "{lanId: \"1\", ipv4CIDR: 192.168.1.5/24}",
    .keys = connection_keys,
    .key_count = SCN_COUNT(connection_keys),
    .size = sizeof(struct topo_connection),
    .where_offset = offsetof(struct topo_connection, where),
    .begin = connection_begin,
    .finish = connection_finish,
};

static const struct scn_type connections = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of connections",
    .about = "a list of 1 to 10 maps {lanId, ipv4CIDR}",
    .of = &connection,
    .size = sizeof(struct topo_connection),
    .count_min = 1,
    .count_max = TOPO_CONNECTIONS_MAX,
};

/* --- The maintenance window ------------------------------------------------------------------- */

static bool read_day(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                     const struct scn_node *node, void *slot)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    for (uint8_t day = 0; topo_day_name(day); day++)
        if (!strcmp(topo_day_name(day), node->text)) {
            *(uint8_t *)slot = day;
            return true;
        }
    return scn_bind_bad_value(b, type, key, node);
}

static const struct scn_type day = {
    .kind = SCN_TYPE_VALUE, .name = "a day of the week", .read = read_day, .word = topo_day_name};

static bool read_day_time(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_maintenance *window = slot;
    const char *at = node->text;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    bool shape = strlen(at) == 8 && at[2] == ':' && at[5] == ':';
    for (size_t i = 0; shape && i < 8; i++)
        shape = i % 3 == 2 || isdigit((unsigned char)at[i]);
    if (!shape)
        return scn_bind_bad_value(b, type, key, node);
    window->hour = (uint8_t)((at[0] - '0') * 10 + at[1] - '0');
    window->minute = (uint8_t)((at[3] - '0') * 10 + at[4] - '0');
    window->second = (uint8_t)((at[6] - '0') * 10 + at[7] - '0');
    if (window->hour > 23 || window->minute > 59 || window->second > 59)
        return scn_bind_bad_value(b, type, key, node);
    return true;
}

static const struct scn_type day_time = {
    .kind = SCN_TYPE_VALUE,
    .name = "a time of the day",
    .about = "write \"hh:mm:ss\", UTC: \"01:40:00\"",
    .read = read_day_time,
    .schema = "\"type\": \"string\", \"pattern\": \"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$\"",
};

static const struct scn_key maintenance_keys[] = {
    {.name = "dayOfTheWeek",
     .type = &day,
     .offset = offsetof(struct topo_maintenance, day),
     .required = true,
     .about = "Sunday to Saturday"},
    {.name = "time",
     .type = &day_time,
     .required = true,
     .about = "\"hh:mm:ss\", UTC; the window lasts 4 hours"},
};

static const struct scn_type maintenance = {
    .kind = SCN_TYPE_MAP,
    .name = "maintenanceWindow",
    .about = "{dayOfTheWeek: Sunday, time: \"01:40:00\"}",
    .keys = maintenance_keys,
    .key_count = SCN_COUNT(maintenance_keys),
    .size = sizeof(struct topo_maintenance),
};

/* --- Behaviour -------------------------------------------------------------------------------- */

#define WORDS(name, type)                                                                          \
    static const char *name##_word(unsigned n)                                                     \
    {                                                                                              \
        return topo_##name##_name((enum type)n);                                                   \
    }

WORDS(vpn, topo_vpn)
WORDS(start, topo_start)
WORDS(negotiation, topo_negotiation)
WORDS(rp_filter, topo_rp_filter)
WORDS(engine, topo_engine_kind)
WORDS(tier, topo_tier)

static const struct scn_type vpn = {
    .kind = SCN_TYPE_WORD, .name = "a kind of VPN", .word = vpn_word};
static const struct scn_type start = {
    .kind = SCN_TYPE_WORD, .name = "a way to start", .word = start_word};
static const struct scn_type negotiation = {
    .kind = SCN_TYPE_WORD, .name = "a way to negotiate", .word = negotiation_word};
static const struct scn_type rp_filter = {
    .kind = SCN_TYPE_WORD, .name = "a reverse path filter", .word = rp_filter_word};
static const struct scn_type tier = {
    .kind = SCN_TYPE_WORD, .name = "a tier of the product", .word = tier_word};

static const struct scn_type engine = {
    .kind = SCN_TYPE_WORD, .name = "an engine", .word = engine_word};

/* Its values stand in the behaviour's own struct. */
static const struct scn_key retransmit_keys[] = {
    {.name = "timeout",
     .type = &scn_span,
     .offset = offsetof(struct topo_behaviour, retransmit_timeout_ns),
     .about = "from a request to its first retransmission",
     .standard = "\"4s\""},
    {.name = "base",
     .type = &scn_factor,
     .offset = offsetof(struct topo_behaviour, retransmit_base),
     .min = 1,
     .max = 10,
     .about = "each further wait is so many times as long",
     .standard = "1.8"},
    {.name = "tries",
     .type = &scn_u32,
     .offset = offsetof(struct topo_behaviour, retransmit_tries),
     .max = 20,
     .about = "retransmissions before the peer is given up",
     .standard = "5"},
};

static const struct scn_type retransmit = {
    .kind = SCN_TYPE_MAP,
    .name = "retransmit",
    .about = "{timeout: 4s, base: 1.8, tries: 5}",
    .keys = retransmit_keys,
    .key_count = SCN_COUNT(retransmit_keys),
};

#define BEHAVIOUR(key_name, key_type, member, text, def)                                           \
    {                                                                                              \
        .name = key_name, .type = &(key_type), .offset = offsetof(struct topo_behaviour, member),  \
        .about = text, .standard = def                                                             \
    }

static const struct scn_key behaviour_keys[] = {
    BEHAVIOUR("vpn", vpn, vpn,
              "policy-based: Linux XFRM with in, fwd and out policies. route-based: a tunnel "
              "interface and routes into it",
              "\"policy-based\""),
    BEHAVIOUR("start", start, start,
              "at-once: initiates in its first second. on-traffic: when a packet needs the tunnel. "
              "by-hand: only by a step, or the peer",
              "\"at-once\""),
    BEHAVIOUR("negotiation", negotiation, negotiation,
              "most-secure: offers its set, then all that the product has. strict: only its set",
              "\"most-secure\""),
    BEHAVIOUR("dpdDelay", scn_duration, dpd_delay_ns,
              "idle time before the peer is asked whether it lives; 0s: never", "\"30s\""),
    {.name = "retransmit", .type = &retransmit, .about = "how requests are repeated"},
    BEHAVIOUR("natKeepalive", scn_duration, nat_keepalive_ns,
              "between two keepalives behind a NAT; 0s: never", "\"20s\""),
    {.name = "replayWindow",
     .type = &scn_u32,
     .offset = offsetof(struct topo_behaviour, replay_window_packets),
     .max = 65536,
     .about = "packets; 0: no replay protection",
     .standard = "64"},
    BEHAVIOUR("esn", scn_bool, esn, "extended sequence numbers", "false"),
    BEHAVIOUR("forceUdpEncapsulation", scn_bool, force_udp_encapsulation,
              "ESP in UDP even without a NAT", "false"),
    BEHAVIOUR("ikeFragmentation", scn_bool, ike_fragmentation, "RFC 7383", "true"),
    BEHAVIOUR("mobike", scn_bool, mobike,
              "RFC 4555; IKE_AUTH then goes to UDP 4500 even without a NAT", "true"),
    BEHAVIOUR("rekeyMargin", scn_duration, rekey_margin_ns,
              "a lifetime's rekey starts this much before its end, less a random part of it",
              "\"9m\""),
    {.name = "bypassLan",
     .type = &scn_bool,
     .offset = offsetof(struct topo_behaviour, bypass_lan),
     .where_offset = offsetof(struct topo_behaviour, bypass_lan_where),
     .about = "policy-based: pass policies for directly attached subnets",
     .standard = "false"},
    {.name = "ipForward",
     .type = &scn_bool,
     .offset = offsetof(struct topo_behaviour, ip_forward),
     .where_offset = offsetof(struct topo_behaviour, ip_forward_where),
     .about = "whether it forwards packets at all",
     .standard = "true"},
    {.name = "rpFilter",
     .type = &rp_filter,
     .offset = offsetof(struct topo_behaviour, rp_filter),
     .where_offset = offsetof(struct topo_behaviour, rp_filter_where),
     .about = "reverse path filter",
     .standard = "\"off\""},
    {.name = "engine",
     .type = &engine,
     .offset = offsetof(struct topo_behaviour, engine),
     .where_offset = offsetof(struct topo_behaviour, engine_where),
     .about = "builtin; with --world namespaces also strongswan (charon in a network namespace) "
              "and external "
              "(a namespace for whatever you start in it)",
     .standard = "\"builtin\""},
};

static void behaviour_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    *(struct topo_behaviour *)object = TOPO_BEHAVIOUR_DEFAULT;
}

const struct scn_type scn_type_behaviour = {
    .kind = SCN_TYPE_MAP,
    .name = "behaviour",
    .about = "how this gateway's implementation behaves; no part of the product's API",
    .keys = behaviour_keys,
    .key_count = SCN_COUNT(behaviour_keys),
    .size = sizeof(struct topo_behaviour),
    .begin = behaviour_begin,
};

/* --- The gateway ------------------------------------------------------------------------------ */

static const char *version_word(unsigned n)
{
    return n == 0 ? "IKEv2" : NULL;
}

static bool read_version(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    (void)slot;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    return !strcmp(node->text, "IKEv2") || scn_bind_bad_value(b, type, key, node);
}

static const struct scn_type version = {
    .kind = SCN_TYPE_VALUE, .name = "a version", .read = read_version, .word = version_word};

static void name_tunnel(struct scn_bind *b, const struct scn_entry *entry, void *object)
{
    struct topo_tunnel *tunnel = object;
    const struct scn_node name = {.where = entry->where, .text = entry->key};
    const struct scn_key key = {.name = "name of a tunnel", .min = 1, .max = TOPO_NAME_MAX};
    tunnel->where = entry->where;
    tunnel->name = scn_bind_text(b, entry->key);
    scn_text.read(b, &scn_text, &key, &name, &tunnel->name);
}

static const struct scn_type tunnels = {
    .kind = SCN_TYPE_NAMED,
    .name = "tunnels",
    .about = "a map of at most 20 tunnels by name",
    .of = &scn_type_tunnel,
    .size = sizeof(struct topo_tunnel),
    .count_max = TOPO_TUNNELS_MAX,
    .named = name_tunnel,
};

static void gateway_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_gateway *gateway = object;
    (void)b;
    gateway->behaviour = TOPO_BEHAVIOUR_DEFAULT;
    gateway->public_ip_where = node->where;
}

static void check_margin(struct scn_bind *b, const struct scn_node *node,
                         const struct topo_gateway *gateway, uint32_t lifetime_s)
{
    const struct scn_node *margin = scn_node_get(scn_node_get(node, "behaviour"), "rekeyMargin");
    if (margin && gateway->behaviour.rekey_margin_ns >= lifetime_s * BASE_S)
        base_diagnostics_add(b->problems, BASE_ERROR, "out-of-range", margin->where,
                             "an SA has to live for a while before it is rekeyed",
                             "rekeyMargin: %s is no less than the lifetime of %u s", margin->text,
                             lifetime_s);
}

/* The product connects a gateway within one data center. */
static void check_datacenters(struct scn_bind *b, const struct scn_node *list)
{
    const struct scn_node *first = NULL;
    for (size_t i = 0; list && list->kind == SCN_LIST && i < list->count; i++) {
        const struct scn_node *id = scn_node_get(list->items[i], "datacenterId");
        if (!id || id->kind != SCN_SCALAR)
            continue;
        if (first && strcmp(first->text, id->text) != 0)
            scn_bind_error(b, "several-datacenters", id, NULL,
                           "all connections of a gateway are in one data center",
                           "datacenterId: '%s' is not that of line %d", id->text,
                           first->where.line);
        if (!first)
            first = id;
    }
}

static void gateway_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct topo_gateway *gateway = object;
    uint32_t shortest = TOPO_LIFETIME_MAX_S;
    gateway->maintenance.set = scn_node_get(node, "maintenanceWindow") != NULL;
    for (size_t i = 0; i < gateway->tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &gateway->tunnels[i];
        if (tunnel->ike.lifetime_s && tunnel->ike.lifetime_s < shortest)
            shortest = tunnel->ike.lifetime_s;
        if (tunnel->esp.lifetime_s && tunnel->esp.lifetime_s < shortest)
            shortest = tunnel->esp.lifetime_s;
    }
    check_margin(b, node, gateway, shortest);
    check_datacenters(b, scn_node_get(node, "connections"));
}

static const struct scn_key gateway_keys[] = {
    {.name = "name",
     .type = &scn_text,
     .offset = offsetof(struct topo_gateway, name),
     .min = 1,
     .max = TOPO_NAME_MAX,
     .required = true,
     .about = "the API's name of the gateway; it need not be unique"},
    {.name = "description",
     .type = &scn_long_text,
     .offset = offsetof(struct topo_gateway, description),
     .max = TOPO_DESCRIPTION_MAX},
    {.name = "gatewayIP",
     .type = &scn_address,
     .offset = offsetof(struct topo_gateway, public_ip),
     .where_offset = offsetof(struct topo_gateway, public_ip_where),
     .required = true,
     .about = "its public IPv4 address"},
    {.name = "connections",
     .type = &connections,
     .offset = offsetof(struct topo_gateway, connections),
     .count_offset = offsetof(struct topo_gateway, connection_count),
     .required = true,
     .about = "1 to 10 LANs that it is connected to: {lanId, ipv4CIDR}"},
    {.name = "version", .type = &version, .about = "IKEv2 alone", .standard = "\"IKEv2\""},
    {.name = "tier",
     .type = &tier,
     .offset = offsetof(struct topo_gateway, tier),
     .about = "of no effect on what is simulated",
     .standard = "\"STANDARD\""},
    {.name = "maintenanceWindow",
     .type = &maintenance,
     .offset = offsetof(struct topo_gateway, maintenance),
     .about = "weekly, four hours, UTC; of no effect on what is simulated"},
    {.name = "tunnels",
     .type = &tunnels,
     .offset = offsetof(struct topo_gateway, tunnels),
     .count_offset = offsetof(struct topo_gateway, tunnel_count),
     .about = "its tunnels by name, each with the API's own properties"},
    {.name = "behaviour",
     .type = &scn_type_behaviour,
     .offset = offsetof(struct topo_gateway, behaviour),
     .about = "how its implementation behaves; every key has a default"},
};

const struct scn_type scn_type_gateway = {
    .kind = SCN_TYPE_MAP,
    .name = "gateway",
    .about = "the VPN gateway's properties, as the API has them",
    .keys = gateway_keys,
    .key_count = SCN_COUNT(gateway_keys),
    .size = sizeof(struct topo_gateway),
    .begin = gateway_begin,
    .finish = gateway_finish,
};
