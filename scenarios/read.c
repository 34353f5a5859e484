/* Reading a scenario from beginning to end: load, override, bind, check. */
#include "scenarios/read.h"

#include "base/mem.h"
#include "scenarios/load.h"
#include "scenarios/tables.h"

#include <string.h>

#define START_DEFAULT_S 1767225600 /* 2026-01-01T00:00:00Z */

/* --- The model's end --------------------------------------------------------------------------- */

static void resolve_peer(struct scn_bind *b, struct topo_tunnel *tunnel)
{
    const struct topo_model *model = &b->scenario->model;
    const struct scn_node at = {.where = tunnel->remote_host_where};
    const char *words[256];
    if (!tunnel->remote_host || topo_resolve(model, tunnel->remote_host, &tunnel->remote_address))
        return;
    scn_bind_error(b, "unknown-name", &at, NULL,
                   scn_bind_suggest(b, tunnel->remote_host, words,
                                    scn_node_names(model, words, SCN_COUNT(words), true)),
                   "remoteHost: no gateway is called '%s', and a scenario has no other DNS",
                   tunnel->remote_host);
}

static void fill_identities(struct scn_bind *b, const struct topo_gateway *gateway,
                            struct topo_tunnel *tunnel)
{
    char text[NET_ADDR_TEXT_MAX];
    if (!tunnel->local_id && gateway->public_ip.family) {
        tunnel->local_id = scn_bind_text(b, net_addr_format(topo_gateway_wan(gateway), text));
        tunnel->local_id_where = gateway->public_ip_where;
    }
    if (!tunnel->remote_id) {
        tunnel->remote_id = tunnel->remote_host;
        tunnel->remote_id_where = tunnel->remote_host_where;
    }
}

/* Private (RFC 1918), shared (RFC 6598: the access routers here have such) or link-local: none that others reach. */
static bool is_not_public(net_ip4 ip)
{
    return net_ip4_is_private(ip) || ip >> 22 == (100u << 2 | 1) || ip >> 16 == (169u << 8 | 254);
}

/* No host has such an address, in a lab neither. */
static bool is_never(net_ip4 ip)
{
    return net_ip4_is_loopback(ip) || net_ip4_is_multicast(ip) || ip >> 24 == 0 || ip >> 28 == 15;
}

/* The product reserves public addresses; a lab's segment may have any. */
static void check_public(struct scn_bind *b, const struct topo_gateway *gateway)
{
    net_ip4 ip = net_addr_ip4(&gateway->public_ip);
    const struct scn_node at = {.where = gateway->public_ip_where};
    bool lab = b->scenario->model.internet.kind == TOPO_INTERNET_SEGMENT;
    char text[NET_ADDR_TEXT_MAX];
    if (gateway->nat && net_prefix_contains(&gateway->nat->subnet, &gateway->public_ip))
        lab = true; /* the private one behind its NAT router */
    if (gateway->public_ip.family && (is_never(ip) || (!lab && is_not_public(ip))))
        scn_bind_error(
            b, "bad-value", &at, NULL, "write a public IPv4 address, such as one of 203.0.113.0/24",
            "gatewayIP: %s is not a public address", net_addr_format(&gateway->public_ip, text));
}

/* Puts a NAT router in front of its gateway, which reading found. */
static void attach_nat(struct scn_bind *b, struct topo_nat *nat)
{
    struct topo_model *model = &b->scenario->model;
    const struct scn_node at = {.where = nat->subnet_where};
    net_ip4 ip = net_addr_ip4(&nat->public_ip);
    const struct scn_node public_at = {.where = nat->public_ip_where};
    char text[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
    bool segment = model->internet.kind == TOPO_INTERNET_SEGMENT;
    if (nat->public_ip.family && (is_never(ip) || (!segment && is_not_public(ip))))
        scn_bind_error(b, "bad-value", &public_at, NULL,
                       "write a public IPv4 address, such as one of 203.0.113.0/24",
                       "publicIP: %s is not a public address",
                       net_addr_format(&nat->public_ip, text));
    for (size_t i = 0; nat->gateway && i < model->vdc_count; i++) {
        struct topo_gateway *gateway = &model->vdcs[i].gateway;
        if (!gateway->node || strcmp(gateway->node, nat->gateway) != 0 ||
            !gateway->public_ip.family || !nat->subnet.addr.family)
            continue;
        if (!topo_nat_attach(nat, gateway))
            scn_bind_error(b, "bad-value", &at, NULL,
                           "the gateway gets the address there with the host part of its "
                           "gatewayIP; write a network from /8 to /30 that has it",
                           "privateSubnet: %s has no address for %s (%s)",
                           net_prefix_format(&nat->subnet, subnet), gateway->node,
                           net_addr_format(&gateway->public_ip, text));
    }
}

static bool covered_later(void *context, const struct topo_host *host, const struct net_prefix *to)
{
    const struct scn_scenario *scenario = context;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_route *route = &scenario->steps[i].u.route;
        bool on = false;
        if (scenario->steps[i].verb != SCN_VERB_ROUTE)
            continue;
        for (size_t j = 0; j < route->on_count; j++)
            on |= !strcmp(route->on[j], host->name);
        for (size_t j = 0; on && j < route->add_count; j++)
            if (net_prefix_covers(&route->add[j].to, to))
                return true;
    }
    return false;
}

void scn_finish_model(struct scn_bind *b)
{
    struct topo_model *model = &b->scenario->model;
    if (b->model_finished)
        return;
    b->model_finished = true;
    for (size_t i = 0; i < model->internet.nat_count; i++)
        attach_nat(b, &model->internet.nats[i]);
    for (size_t i = 0; i < model->vdc_count; i++) {
        struct topo_gateway *gateway = &model->vdcs[i].gateway;
        check_public(b, gateway);
        for (size_t j = 0; j < gateway->tunnel_count; j++) {
            resolve_peer(b, &gateway->tunnels[j]);
            fill_identities(b, gateway, &gateway->tunnels[j]);
        }
    }
    b->model_errors = b->problems->error_count;
}

/* Warnings of a model that was not read whole would be about what is missing, so errors alone are kept of it. */
static void check_model(struct scn_bind *b)
{
    const struct topo_check_options options = {covered_later, b->scenario};
    struct base_diagnostics found;
    base_diagnostics_init(&found);
    topo_check(&b->scenario->model, &options, &found);
    for (size_t i = 0; i < found.count; i++) {
        const struct base_diagnostic *item = &found.items[i];
        if (item->severity == BASE_ERROR || (!b->model_errors && !found.error_count))
            base_diagnostics_add(b->problems, item->severity, item->code, item->where, item->hint,
                                 "%s", item->text);
    }
    base_diagnostics_fini(&found);
}

/* --- The table --------------------------------------------------------------------------------- */

static void scenario_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_scenario *scenario = object;
    (void)b;
    (void)node;
    scenario->seed = 1;
    scenario->start_unix_ns = START_DEFAULT_S * BASE_S;
    scn_internet_defaults(&scenario->model.internet);
}

static void scenario_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_scenario *scenario = object;
    (void)node;
    if (b->standing) /* expectations were read by what stands at the end */
        scenario->model = b->first;
    if (!scenario->title)
        scenario->title = scenario->name;
    scn_finish_model(b);
    scn_check_steps(b);
    check_model(b);
}

static const struct scn_key scenario_keys[] = {
    {.name = "title",
     .type = &scn_text,
     .offset = offsetof(struct scn_scenario, title),
     .max = TOPO_NAME_MAX,
     .about = "what the scenario is called; default its file's name"},
    {.name = "description",
     .type = &scn_long_text,
     .offset = offsetof(struct scn_scenario, description),
     .about = "what it shows, in a sentence or two"},
    {.name = "lesson",
     .type = &scn_long_text,
     .offset = offsetof(struct scn_scenario, lesson),
     .about = "what a reader should look for in the capture"},
    {.name = "tags",
     .type = &scn_texts,
     .offset = offsetof(struct scn_scenario, tags),
     .count_offset = offsetof(struct scn_scenario, tag_count),
     .about = "words to find it by"},
    {.name = "base",
     .type = &scn_ignored,
     .about =
         "another scenario, relative to this file, over which this one is laid: maps merge key "
         "by key, lists and scalars replace, null removes"},
    {.name = "seed",
     .type = &scn_u64,
     .offset = offsetof(struct scn_scenario, seed),
     .about = "every random choice derives from it; --seed wins",
     .standard = "1"},
    {.name = "start",
     .type = &scn_time,
     .offset = offsetof(struct scn_scenario, start_unix_ns),
     .about = "the wall clock at virtual time 0, UTC: the captures' timestamps",
     .standard = "\"2026-01-01T00:00:00Z\""},
    {.name = "duration",
     .type = &scn_duration,
     .offset = offsetof(struct scn_scenario, duration_ns),
     .about = "the run lasts at least until then"},
    {.name = "vdcs",
     .type = &scn_type_vdcs,
     .offset = offsetof(struct scn_scenario, model.vdcs),
     .count_offset = offsetof(struct scn_scenario, model.vdc_count),
     .required = true,
     .about = "the virtual data centers by name, each with one gateway"},
    {.name = "internet",
     .type = &scn_type_internet,
     .offset = offsetof(struct scn_scenario, model.internet),
     .about = "what lies between the gateways' public addresses"},
    {.name = "steps",
     .type = &scn_type_steps,
     .offset = offsetof(struct scn_scenario, steps),
     .count_offset = offsetof(struct scn_scenario, step_count),
     .about = "what happens, one step after the other in virtual time"},
    {.name = "expect",
     .type = &scn_type_expectations,
     .offset = offsetof(struct scn_scenario, expectations),
     .count_offset = offsetof(struct scn_scenario, expectation_count),
     .about = "what must hold at the end"},
    {.name = "cleartext",
     .type = &scn_cleartext,
     .offset = offsetof(struct scn_scenario, cleartext_allowed),
     .about = "allowed: private packets may be seen in clear on the internet",
     .standard = "\"forbidden\""},
    {.name = "pairing",
     .type = &scn_pairing,
     .offset = offsetof(struct scn_scenario, pairing_broken),
     .about = "broken: SAs that do not pair up at the end are what is expected",
     .standard = "\"whole\""},
};

const struct scn_type scn_type_scenario = {
    .kind = SCN_TYPE_MAP,
    .name = "the scenario",
    .about = "a map with keys such as vdcs, steps and expect",
    .keys = scenario_keys,
    .key_count = SCN_COUNT(scenario_keys),
    .size = sizeof(struct scn_scenario),
    .begin = scenario_begin,
    .finish = scenario_finish,
};

/* --- Reading ----------------------------------------------------------------------------------- */

/* "folder/vdc-to-vdc.yaml" -> "vdc-to-vdc" */
static const char *name_of(struct base_arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    const char *dot = strrchr(name, '.');
    size_t size = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    return size ? base_arena_strndup(arena, name, size) : "scenario";
}

static struct scn_scenario *bind(struct scn_scenario *scenario, struct base_arena *tree,
                                 struct scn_node *root, const struct scn_read_options *options,
                                 struct base_diagnostics *problems)
{
    struct scn_loader loader = {tree, &scenario->arena, problems};
    struct scn_bind b = {.arena = &scenario->arena,
                         .tree = tree,
                         .problems = problems,
                         .scenario = scenario,
                         .root = root};
    for (size_t i = 0; root && options && i < options->override_count; i++)
        scn_override(&loader, root, options->overrides[i]);
    if (root)
        scn_bind_map(&b, &scn_type_scenario, root, scenario);
    base_arena_fini(tree);
    base_diagnostics_sort(problems);
    if (root && !problems->error_count)
        return scenario;
    scn_scenario_free(scenario);
    return NULL;
}

static struct scn_scenario *scenario_new(const char *file)
{
    struct scn_scenario *scenario = base_alloc(sizeof(*scenario));
    base_arena_init(&scenario->arena);
    scenario->file = base_arena_strdup(&scenario->arena, file);
    scenario->name = name_of(&scenario->arena, file);
    return scenario;
}

struct scn_scenario *scn_read_file(const char *path, const struct scn_read_options *options,
                                   struct base_diagnostics *problems)
{
    struct scn_scenario *scenario = scenario_new(path);
    scenario->has_path = true;
    struct base_arena tree;
    base_arena_init(&tree);
    struct scn_loader loader = {&tree, &scenario->arena, problems};
    return bind(scenario, &tree, scn_load_file(&loader, path), options, problems);
}

struct scn_scenario *scn_read_text(const char *name, const void *bytes, size_t size,
                                   const struct scn_read_options *options,
                                   struct base_diagnostics *problems)
{
    struct scn_scenario *scenario = scenario_new(name);
    struct base_arena tree;
    base_arena_init(&tree);
    struct scn_loader loader = {&tree, &scenario->arena, problems};
    return bind(scenario, &tree, scn_load_text(&loader, name, bytes, size), options, problems);
}
