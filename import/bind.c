/*
 * From answers to the model. Properties are read by the tables of the scenario language, so the
 * product's limits and the words about them are the same; which tunnel is whose is told by href, as
 * the API nests them.
 */
#include "import/internal.h"

#include <string.h>

#include "scenarios/tables.h"
#include "topology/check.h"

static struct scn_bind binder(struct import *import)
{
    return (struct scn_bind){
        .arena = &import->arena, .tree = &import->arena, .problems = import->problems};
}

static struct base_where where_of(const struct import_answer *answer, const char *key)
{
    const struct scn_node *node = scn_node_get(answer->properties, key);
    return node ? node->where : answer->properties->where;
}

/* --- Gateways ---------------------------------------------------------------------------------- */

static void check_public(struct import *import, const struct import_gateway *gateway)
{
    const struct net_addr *address = &gateway->model->gateway.public_ip;
    net_ip4 ip = net_addr_ip4(address);
    char text[NET_ADDR_TEXT_MAX];
    if (address->family && (net_ip4_is_private(ip) || net_ip4_is_loopback(ip) ||
                            net_ip4_is_multicast(ip) || ip >> 24 == 0 || ip >> 28 == 15))
        import_error(import, "bad-value", where_of(&gateway->answer, "gatewayIP"), NULL,
                     "gatewayIP: %s is not a public address", net_addr_format(address, text));
}

/* Each connection is a LAN of the VDC: all that the API knows of it is the gateway's address in it. */
static void add_lans(struct import *import, struct topo_vdc *vdc)
{
    vdc->lans = base_arena_array(&import->arena, vdc->gateway.connection_count, sizeof(*vdc->lans));
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        const struct topo_connection *connection = &vdc->gateway.connections[i];
        if (topo_find_lan(vdc, connection->lan))
            continue; /* the check refuses it */
        vdc->lans[vdc->lan_count++] = (struct topo_lan){
            .id = connection->lan,
            .where = connection->where,
            .subnet = net_prefix_mask(&connection->ipv4),
            .subnet_where = connection->ipv4_where,
        };
    }
}

static void bind_gateway(struct import *import, struct import_gateway *gateway)
{
    struct scn_bind b = binder(import);
    struct topo_gateway *model = &gateway->model->gateway;
    if (!scn_bind_map(&b, &scn_type_gateway, gateway->answer.properties, model))
        return;
    model->where = gateway->answer.where;
    check_public(import, gateway);
    add_lans(import, gateway->model);
}

/* --- Whose tunnel ------------------------------------------------------------------------------ */

/* The id in ".../ipsecgateways/{id}/tunnels..."; NULL where there is none. */
static const char *gateway_id_of(struct import *import, const char *href)
{
    static const char MARK[] = "/ipsecgateways/";
    const char *at = href ? strstr(href, MARK) : NULL;
    if (!at)
        return NULL;
    at += strlen(MARK);
    size_t size = strcspn(at, "/?#");
    if (!size || strncmp(at + size, "/tunnels", 8) != 0)
        return NULL;
    return base_arena_strndup(&import->arena, at, size);
}

static bool holds_network_of(const struct import_gateway *gateway, const struct scn_node *cidrs)
{
    const struct topo_gateway *model = &gateway->model->gateway;
    struct net_prefix prefix;
    for (size_t i = 0; cidrs && cidrs->kind == SCN_LIST && i < cidrs->count; i++)
        for (size_t j = 0; j < model->connection_count; j++)
            if (net_prefix_parse(cidrs->items[i]->text, NET_PREFIX_MASK, &prefix) &&
                net_prefix_contains(&prefix, &model->connections[j].ipv4.addr))
                return true;
    return false;
}

/* Without an href: the gateway that is not the remote one and, where several are left, has a LAN
 * that the tunnel carries. */
static bool guess_gateway(const struct import *import, const struct import_tunnel *tunnel,
                          size_t *out)
{
    const struct scn_node *remote = scn_node_get(tunnel->answer.properties, "remoteHost");
    const struct scn_node *cloud = scn_node_get(tunnel->answer.properties, "cloudNetworkCIDRs");
    struct net_addr address = {0};
    size_t count = 0, fit_count = 0, last = 0, fit = 0;
    if (!remote || !net_addr_parse(remote->text, &address))
        address.family = 0;
    for (size_t i = 0; i < import->gateway_count; i++) {
        const struct import_gateway *gateway = &import->gateways[i];
        if (net_addr_equal(&gateway->model->gateway.public_ip, &address))
            continue;
        count++;
        last = i;
        if (holds_network_of(gateway, cloud)) {
            fit_count++;
            fit = i;
        }
    }
    *out = count == 1 ? last : fit;
    return count == 1 || fit_count == 1;
}

static bool find_gateway(struct import *import, struct import_tunnel *tunnel)
{
    const char *id = gateway_id_of(import, tunnel->answer.href);
    const struct scn_node *name = scn_node_get(tunnel->answer.properties, "name");
    const char *called = name ? scn_node_describe(name, &import->arena) : "a tunnel";
    for (size_t i = 0; id && i < import->gateway_count; i++)
        if (import->gateways[i].answer.id && !strcmp(import->gateways[i].answer.id, id)) {
            tunnel->gateway = i;
            return true;
        }
    if (import->incomplete)
        return false;
    if (id) {
        import_error(
            import, "gateway-missing", tunnel->answer.where,
            base_arena_printf(&import->arena, "add the answer of GET /ipsecgateways/%s", id),
            "%s belongs to the gateway %s, which is not among the answers", called, id);
        return false;
    }
    if (!guess_gateway(import, tunnel, &tunnel->gateway)) {
        import_error(import, "gateway-unknown", tunnel->answer.where,
                     "leave the href in the answer: it names the gateway",
                     "%s does not say to which gateway it belongs", called);
        return false;
    }
    import_warn(import, "gateway-assumed", tunnel->answer.where,
                "with its href the answer would say so itself",
                "%s is taken for a tunnel of %s: no other gateway fits", called,
                import->gateways[tunnel->gateway].model->gateway.node);
    return true;
}

/* --- Tunnels ----------------------------------------------------------------------------------- */

/* The tunnel's name as a key: the API does not ask for unique ones, so the second "x" of a gateway is "x-2". */
static bool name_tunnel(struct import *import, struct import_tunnel *tunnel)
{
    static const struct scn_key key = {.name = "name", .min = 1, .max = TOPO_NAME_MAX - 5};
    struct scn_bind b = binder(import);
    const struct topo_gateway *gateway = &import->gateways[tunnel->gateway].model->gateway;
    const struct scn_node *node = scn_node_get(tunnel->answer.properties, "name");
    const char *name = NULL;
    if (!node) {
        import_error(import, "missing-key", tunnel->answer.properties->where, NULL,
                     "tunnel needs 'name'");
        return false;
    }
    if (!scn_text.read(&b, &scn_text, &key, node, &name))
        return false;
    tunnel->name = name;
    for (unsigned n = 2; topo_find_tunnel(gateway, tunnel->name); n++)
        tunnel->name = base_arena_printf(&import->arena, "%s-%u", name, n);
    return true;
}

/* The same properties with the name that the tunnel has here. */
static void rename_in_answer(struct import *import, struct import_tunnel *tunnel)
{
    struct scn_entry *entry = scn_node_entry(tunnel->answer.properties, "name");
    struct scn_node *name = scn_node_new(&import->arena, SCN_SCALAR, entry->value->where);
    name->text = tunnel->name;
    entry->value = name;
}

static void place_tunnel(struct import *import, struct import_tunnel *tunnel)
{
    if (!find_gateway(import, tunnel) || !name_tunnel(import, tunnel))
        return;
    struct topo_gateway *gateway = &import->gateways[tunnel->gateway].model->gateway;
    if (gateway->tunnel_count == TOPO_TUNNELS_MAX) {
        import_error(import, "too-many", tunnel->answer.where, "the product allows no more",
                     "%s has more than %d tunnels", gateway->node, TOPO_TUNNELS_MAX);
        return;
    }
    if (!gateway->tunnels)
        gateway->tunnels =
            base_arena_array(&import->arena, TOPO_TUNNELS_MAX, sizeof(*gateway->tunnels));
    tunnel->model = &gateway->tunnels[gateway->tunnel_count++];
    tunnel->model->name = tunnel->name;
    tunnel->model->where = tunnel->answer.where;
    rename_in_answer(import, tunnel);
}

static void bind_tunnel(struct import *import, struct import_tunnel *tunnel)
{
    struct scn_bind b = binder(import);
    if (tunnel->model)
        scn_bind_map(&b, &scn_type_tunnel, tunnel->answer.properties, tunnel->model);
    if (tunnel->model && tunnel->key_missing)
        tunnel->model->psk = NULL; /* the place-holder is no key to be compared */
}

/* --- Peers ------------------------------------------------------------------------------------- */

static bool resolve_by_option(struct import *import, struct topo_tunnel *tunnel)
{
    for (size_t i = 0; i < import->options->resolve_count; i++) {
        const char *text = import->options->resolves[i];
        const char *equal = strchr(text, '=');
        size_t size = equal ? (size_t)(equal - text) : 0;
        if (equal && strlen(tunnel->remote_host) == size &&
            !strncasecmp(text, tunnel->remote_host, size))
            return net_addr_parse(equal + 1, &tunnel->remote_address);
    }
    return false;
}

static void find_peer(struct import *import, struct import_tunnel *tunnel)
{
    struct topo_tunnel *model = tunnel->model;
    const struct topo_gateway *gateway = &import->gateways[tunnel->gateway].model->gateway;
    char text[NET_ADDR_TEXT_MAX];
    if (!model || !model->remote_host)
        return;
    model->local_id = base_arena_strdup(&import->arena, net_addr_format(&gateway->public_ip, text));
    model->remote_id = model->remote_host;
    model->remote_id_where = model->remote_host_where;
    if (resolve_by_option(import, model))
        tunnel->resolved = true;
    else if (!topo_resolve(&import->model, model->remote_host, &model->remote_address))
        import_error(import, "unresolved-remote-host", model->remote_host_where,
                     base_arena_printf(&import->arena,
                                       "say what it stands for: --resolve %s=ADDRESS",
                                       model->remote_host),
                     "remoteHost: no gateway is called '%s', and a scenario has no other DNS",
                     model->remote_host);
}

static void check_resolves(struct import *import)
{
    for (size_t i = 0; i < import->options->resolve_count; i++) {
        const char *text = import->options->resolves[i], *equal = strchr(text, '=');
        struct net_addr address = {0};
        if (!equal || equal == text || !net_addr_parse(equal + 1, &address) ||
            address.family != NET_ADDR_IP4)
            import_error(import, "bad-option", (struct base_where){"--resolve", 0, 0},
                         "write --resolve NAME=ADDRESS with an IPv4 address", "'%s' cannot be read",
                         text);
    }
}

/* Errors of the model alone: its warnings wait until the stub hosts are there. */
void import_bind(struct import *import)
{
    import->model.vdc_count = import->gateway_count;
    import->model.vdcs =
        base_arena_array(&import->arena, import->gateway_count + 1, sizeof(*import->model.vdcs));
    check_resolves(import);
    if (!import->gateway_count && !import->problems->error_count)
        import_error(
            import, "no-gateway", (struct base_where){0},
            "give the answers of GET /ipsecgateways/{id} and of its tunnels, of both sides",
            "there is no gateway among the answers");
    for (size_t i = 0; i < import->gateway_count; i++) {
        import->gateways[i].model = &import->model.vdcs[i];
        bind_gateway(import, &import->gateways[i]);
    }
    import_name_vdcs(import);
    for (size_t i = 0; i < import->tunnel_count; i++)
        place_tunnel(import, &import->tunnels[i]);
    import_give_keys(import);
    for (size_t i = 0; i < import->tunnel_count; i++)
        bind_tunnel(import, &import->tunnels[i]);
    for (size_t i = 0; i < import->tunnel_count; i++)
        find_peer(import, &import->tunnels[i]);
}
