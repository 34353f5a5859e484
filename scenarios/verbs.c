/* The tables of the steps' verbs. */
#include "scenarios/verbs.h"

#include "scenarios/tables.h"

#include <string.h>

#include "sim/traffic.h"

#define ECHO_SIZE_MAX (65535 - 20 - 8) /* an IPv4 packet less its header and the echo's */
/* An IPv4 packet with a UDP datagram that is numbered and dated. */
#define TRAFFIC_SIZE_MIN (20 + 8 + SIM_TRAFFIC_SIZE_MIN)
#define TRAFFIC_SIZE_MAX 65535
#define PACKETS_MAX 1000000000

/* --- ping -------------------------------------------------------------------------------------- */

/* An address, or a node's name: then the address at which `from` knows it. */
static bool read_target(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, const char *from, struct net_addr *out)
{
    const struct topo_model *model = &b->scenario->model;
    struct topo_node source, target;
    const char *words[256];
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (topo_find_node(model, node->text, &target)) {
        bool known = from && topo_find_node(model, from, &source);
        *out = topo_node_address(&target, known ? &source : NULL);
        return true;
    }
    struct net_addr address;
    if (net_addr_parse(node->text, &address))
        return scn_address.read(b, &scn_address, key, node, out);
    return scn_bind_error(b, "unknown-name", node, key,
                          scn_bind_suggest(b, node->text, words,
                                           scn_node_names(model, words, SCN_COUNT(words), false)),
                          "%s is neither a node's name nor an address",
                          scn_node_describe(node, b->tree));
}

static bool read_ping_target(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct scn_ping *ping = slot;
    ping->to = scn_bind_text(b, node->text);
    return read_target(b, type, key, node, ping->from, &ping->to_address);
}

static const struct scn_type ping_target = {
    .kind = SCN_TYPE_VALUE,
    .name = "a node or an address",
    .about = "name a host, a gateway as <vdc>-gw (its LAN address is meant), or write an address",
    .read = read_ping_target,
    .schema = "\"type\": \"string\"",
};

static void ping_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    *(struct scn_ping *)object = (struct scn_ping){
        .count = 3,
        .interval_ns = BASE_S,
        .timeout_ns = 2 * BASE_S,
        .size_bytes = 56,
        .ttl = 64,
    };
}

static const struct scn_key ping_keys[] = {
    {.name = "from",
     .type = &scn_node_ref,
     .offset = offsetof(struct scn_ping, from),
     .where_offset = offsetof(struct scn_ping, from_where),
     .required = true,
     .about = "the node that pings"},
    {.name = "to",
     .type = &ping_target,
     .where_offset = offsetof(struct scn_ping, to_where),
     .required = true,
     .about = "a node (a gateway's LAN address is meant) or an address"},
    {.name = "count",
     .type = &scn_u64,
     .offset = offsetof(struct scn_ping, count),
     .min = 1,
     .max = PACKETS_MAX,
     .about = "ping -c",
     .standard = "3"},
    {.name = "interval",
     .type = &scn_span,
     .offset = offsetof(struct scn_ping, interval_ns),
     .min = BASE_US,
     .about = "ping -i",
     .standard = "\"1s\""},
    {.name = "timeout",
     .type = &scn_span,
     .offset = offsetof(struct scn_ping, timeout_ns),
     .about = "how long each answer is waited for: ping -W",
     .standard = "\"2s\""},
    {.name = "size",
     .type = &scn_u32,
     .offset = offsetof(struct scn_ping, size_bytes),
     .max = ECHO_SIZE_MAX,
     .about = "bytes of data: ping -s",
     .standard = "56"},
    {.name = "ttl",
     .type = &scn_u8,
     .offset = offsetof(struct scn_ping, ttl),
     .min = 1,
     .max = 255,
     .about = "ping -t",
     .standard = "64"},
    {.name = "dontFragment",
     .type = &scn_bool,
     .offset = offsetof(struct scn_ping, dont_fragment),
     .set_bit = SCN_PING_DF,
     .about = "true: ping -M do, false: ping -M dont; default as ping without -M: DF, but what is "
              "larger than the path MTU it knows goes in fragments without"},
};

const struct scn_type scn_verb_ping = {
    .kind = SCN_TYPE_MAP,
    .name = "ping",
    .about = "{from: txl-host1, to: lhr-host1, count: 3}",
    .keys = ping_keys,
    .key_count = SCN_COUNT(ping_keys),
    .set_offset = offsetof(struct scn_ping, set),
    .begin = ping_begin,
};

/* --- traffic ----------------------------------------------------------------------------------- */

static bool read_receiver(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct scn_traffic *traffic = slot;
    struct topo_node found;
    traffic->to = scn_bind_text(b, node->text);
    if (!read_target(b, type, key, node, traffic->from, &traffic->to_address))
        return false;
    if (!topo_find_node(&b->scenario->model, node->text, &found) &&
        !topo_find_address(&b->scenario->model, &traffic->to_address, &found))
        return scn_bind_error(b, "unknown-name", node, key,
                              "what arrives is counted at the receiver, so there has to be one",
                              "no node has the address %s", node->text);
    traffic->to_node = found.host ? found.host->name : found.gateway->node;
    return true;
}

static const struct scn_type receiver = {
    .kind = SCN_TYPE_VALUE,
    .name = "a node or its address",
    .about = "name a host, a gateway as <vdc>-gw, or write an address of one",
    .read = read_receiver,
    .schema = "\"type\": \"string\"",
};

static void traffic_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    *(struct scn_traffic *)object =
        (struct scn_traffic){.rate_bps = 1000000, .size_bytes = 1400, .for_ns = BASE_S};
}

static const struct scn_key traffic_keys[] = {
    {.name = "from",
     .type = &scn_node_ref,
     .offset = offsetof(struct scn_traffic, from),
     .where_offset = offsetof(struct scn_traffic, from_where),
     .required = true,
     .about = "the node that sends"},
    {.name = "to",
     .type = &receiver,
     .where_offset = offsetof(struct scn_traffic, to_where),
     .required = true,
     .about = "the node that receives, or an address of one"},
    {.name = "rate",
     .type = &scn_rate,
     .offset = offsetof(struct scn_traffic, rate_bps),
     .about = "of IP packets",
     .standard = "\"1Mbit\""},
    {.name = "size",
     .type = &scn_u32,
     .offset = offsetof(struct scn_traffic, size_bytes),
     .min = TRAFFIC_SIZE_MIN,
     .max = TRAFFIC_SIZE_MAX,
     .about = "of an IP packet in bytes",
     .standard = "1400"},
    {.name = "for",
     .type = &scn_span,
     .offset = offsetof(struct scn_traffic, for_ns),
     .about = "how long",
     .standard = "\"1s\""},
};

const struct scn_type scn_verb_traffic = {
    .kind = SCN_TYPE_MAP,
    .name = "traffic",
    .about = "{from: txl-host1, to: lhr-host1, rate: 10Mbit, size: 1400, for: 5s}",
    .keys = traffic_keys,
    .key_count = SCN_COUNT(traffic_keys),
    .begin = traffic_begin,
};

/* --- route ------------------------------------------------------------------------------------- */

/* A network, a list of networks, or networks with the next hop that their routes have. */
static bool read_removed(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    struct scn_route *route = slot;
    size_t count = node->kind == SCN_LIST ? node->count : 1;
    void *routes = NULL;
    (void)type;
    if (node->kind == SCN_MAP) {
        bool ok = scn_bind_value(b, &scn_type_routes, key, node, &routes, &route->remove_count);
        route->remove = routes;
        return ok;
    }
    route->remove = base_arena_array(b->arena, count, sizeof(*route->remove));
    for (size_t i = 0; i < count; i++) {
        const struct scn_node *item = node->kind == SCN_LIST ? node->items[i] : node;
        struct topo_route *removed = &route->remove[route->remove_count];
        removed->where = item->where;
        if (!scn_bind_is_scalar(b, &scn_network, key, item) ||
            !scn_bind_route_target(b, item->text, item->where, &removed->to))
            return false;
        route->remove_count++;
    }
    return true;
}

static const struct scn_type removed = {
    .kind = SCN_TYPE_VALUE,
    .name = "routes to remove",
    .about = "write a network, a list of networks, or {network: next hop}",
    .read = read_removed,
    .schema = "\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": "
              "\"string\"}}, {\"type\": \"object\", \"additionalProperties\": {\"$ref\": "
              "\"#/definitions/ipv4\"}}]",
};

/* In a file that is a base null takes a route out; nothing is laid over a step, so there it would do nothing. */
static void refuse_nothing(struct scn_bind *b, const struct scn_node *routes)
{
    for (size_t i = 0; routes && routes->kind == SCN_MAP && i < routes->count; i++) {
        const struct scn_entry *entry = &routes->entries[i];
        if (entry->value->null)
            scn_bind_error(b, "wrong-type", entry->value, NULL,
                           "write the next hop: 192.168.2.0/24: 192.168.1.5",
                           "the route to %s has no next hop", entry->key);
    }
}

static void route_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)object;
    refuse_nothing(b, scn_node_get(node, "add"));
    refuse_nothing(b, scn_node_get(node, "remove"));
    if (!scn_node_get(node, "add") && !scn_node_get(node, "remove"))
        scn_bind_error(b, "missing-key", node, NULL, "add: {192.168.2.0/24: 192.168.1.5}",
                       "route needs 'add' or 'remove'");
}

static const struct scn_key route_keys[] = {
    {.name = "on",
     .type = &scn_node_refs,
     .offset = offsetof(struct scn_route, on),
     .count_offset = offsetof(struct scn_route, on_count),
     .required = true,
     .about = "the node, or a list of nodes"},
    {.name = "add",
     .type = &scn_type_routes,
     .offset = offsetof(struct scn_route, add),
     .count_offset = offsetof(struct scn_route, add_count),
     .about = "networks with their next hops: {192.168.2.0/24: 192.168.1.5}"},
    {.name = "remove", .type = &removed, .about = "networks whose routes go: [192.168.2.0/24]"},
};

const struct scn_type scn_verb_route = {
    .kind = SCN_TYPE_MAP,
    .name = "route",
    .about = "{on: txl-host1, add: {192.168.2.0/24: 192.168.1.5}}",
    .keys = route_keys,
    .key_count = SCN_COUNT(route_keys),
    .finish = route_finish,
};

/* --- heal -------------------------------------------------------------------------------------- */

static void heal_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_heal *heal = object;
    scn_check_direction(b, node, heal->on, heal->from);
    if ((scn_node_get(node, "on") != NULL) == heal->all)
        scn_bind_error(b, "missing-key", node, NULL, "{on: internet}, or {all: true}",
                       "heal needs either 'on' or 'all'");
}

static const struct scn_key heal_keys[] = {
    {.name = "on",
     .type = &scn_heal_place,
     .offset = offsetof(struct scn_heal, on),
     .about = "the link or gateway whose faults end"},
    {.name = "from",
     .type = &scn_node_ref,
     .offset = offsetof(struct scn_heal, from),
     .about = "only faults on what this node sends"},
    {.name = "all",
     .type = &scn_bool,
     .offset = offsetof(struct scn_heal, all),
     .about = "all faults end"},
};

const struct scn_type scn_verb_heal = {
    .kind = SCN_TYPE_MAP,
    .name = "heal",
    .about = "{on: internet}, or {all: true}",
    .keys = heal_keys,
    .key_count = SCN_COUNT(heal_keys),
    .finish = heal_finish,
};

/* --- initiate, terminate, rekey ---------------------------------------------------------------- */

static const char *what_word(unsigned n)
{
    static const char *const words[] = {"ike", "child"};
    return n < SCN_COUNT(words) ? words[n] : NULL;
}

static const struct scn_type what = {
    .kind = SCN_TYPE_WORD, .name = "a kind of SA", .word = what_word};

static void sa_begin_child(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_sa *)object)->what = SCN_WHAT_CHILD;
}

static void sa_begin_ike(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    ((struct scn_sa *)object)->what = SCN_WHAT_IKE;
}

static void sa_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_sa *sa = object;
    scn_bind_tunnel_of(b, node, sa->on, scn_node_get(node, "tunnel"), &sa->tunnel);
}

#define SA_KEYS(what_default)                                                                      \
    {.name = "on",                                                                                 \
     .type = &scn_gateway_ref,                                                                     \
     .offset = offsetof(struct scn_sa, on),                                                        \
     .required = true,                                                                             \
     .about = "the gateway, as <vdc>-gw"},                                                         \
        {.name = "tunnel",                                                                         \
         .type = &scn_ignored,                                                                     \
         .about = "the tunnel's name; not needed where the gateway has one tunnel"},               \
    {                                                                                              \
        .name = "what", .type = &what, .offset = offsetof(struct scn_sa, what),                    \
        .about = "ike: the IKE SA. child: a child SA", .standard = what_default                    \
    }

static const struct scn_key sa_child_keys[] = {SA_KEYS("\"child\"")};
static const struct scn_key sa_ike_keys[] = {SA_KEYS("\"ike\"")};

#define SA_TYPE(id, called, its_keys, its_begin)                                                   \
    const struct scn_type id = {                                                                   \
        .kind = SCN_TYPE_MAP,                                                                      \
        .name = called,                                                                            \
        .about = "{on: txl-gw, tunnel: lhr-tunnel}",                                               \
        .keys = its_keys,                                                                          \
        .key_count = SCN_COUNT(its_keys),                                                          \
        .begin = its_begin,                                                                        \
        .finish = sa_finish,                                                                       \
    }

SA_TYPE(scn_verb_initiate, "initiate", sa_child_keys, sa_begin_child);
SA_TYPE(scn_verb_terminate, "terminate", sa_ike_keys, sa_begin_ike);
SA_TYPE(scn_verb_rekey, "rekey", sa_child_keys, sa_begin_child);

/* --- restart, stop, start, release ------------------------------------------------------------- */

struct named_node {
    const char *node;
};

static const struct scn_key node_keys[] = {
    {.name = "node",
     .type = &scn_node_ref,
     .offset = offsetof(struct named_node, node),
     .required = true,
     .about = "a host, or a gateway as <vdc>-gw"},
};

static const struct scn_type node_map = {
    .kind = SCN_TYPE_MAP,
    .name = "node",
    .about = "{node: txl-gw}",
    .keys = node_keys,
    .key_count = SCN_COUNT(node_keys),
};

/* {node: txl-gw}, or the name alone */
static bool read_node(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                      const struct scn_node *node, void *slot)
{
    (void)type;
    if (node->kind == SCN_MAP)
        return scn_bind_map(b, &node_map, node, slot);
    return scn_node_ref.read(b, &scn_node_ref, key, node, slot);
}

static const struct scn_type *const node_kinds[] = {&scn_node_ref, &node_map, NULL};

const struct scn_type scn_verb_node = {
    .kind = SCN_TYPE_VALUE,
    .name = "a node",
    .about = "{node: txl-gw}",
    .read = read_node,
    .any_of = node_kinds,
};

static bool read_release(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                         const struct scn_node *node, void *slot)
{
    (void)type;
    return scn_text.read(b, &scn_text, key, node, slot);
}

const struct scn_type scn_verb_release = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a hold",
    .about = "what an earlier fault said as `hold: <name>`",
    .read = read_release,
    .schema = "\"type\": \"string\"",
};
