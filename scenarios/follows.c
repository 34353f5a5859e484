/*
 * Names that are unknown for no fault of their own: what bears them stands in the file, and could not be read. That is
 * told at its place, so there is nothing to say where it is named.
 */
#include "scenarios/tables.h"

#include <string.h>

/* Whether `name` stands below a key of `map` that its type does not have: `host: {a1: ...}` for `hosts`. */
static bool is_misplaced(const struct scn_type *type, const struct scn_node *map, const char *name)
{
    for (size_t i = 0; map && map->kind == SCN_MAP && i < map->count; i++)
        if (!scn_bind_known_key(type, map->entries[i].key) &&
            scn_node_entry(map->entries[i].value, name))
            return true;
    return false;
}

/* Whether the file connects the gateway to this LAN ("lan1"), or does not say what to. */
static bool is_connected(const struct scn_node *gateway, const char *lan)
{
    const struct scn_node *connections = scn_node_get(gateway, "connections");
    if (strncmp(lan, "lan", 3) != 0)
        return false;
    for (size_t i = 0; connections && connections->kind == SCN_LIST && i < connections->count;
         i++) {
        const struct scn_node *id = scn_node_get(connections->items[i], "lanId");
        if (id && !strcmp(id->text, lan + 3))
            return true;
    }
    return !connections || connections->kind != SCN_LIST;
}

static bool follows_from(const struct scn_bind *b, const struct scn_entry *vdc, const char *name)
{
    const struct scn_node *gateway = scn_node_get(vdc->value, "gateway");
    const char *colon = strrchr(name, ':');
    const char *node =
        base_arena_strndup(b->tree, name, colon ? (size_t)(colon - name) : strlen(name));
    if (is_misplaced(scn_type_vdcs.of, vdc->value, node) ||
        is_misplaced(&scn_type_gateway, gateway, name))
        return true;
    if (!colon || strcmp(node, base_arena_printf(b->tree, "%s-gw", vdc->key)) != 0)
        return false;
    return is_connected(gateway, colon + 1) || is_misplaced(&scn_type_gateway, gateway, colon + 1);
}

/* Whether the name is that of a NAT router, and one stands before a gateway that there is not. */
static bool is_router(const struct scn_bind *b, const char *name)
{
    const struct scn_node *nat = scn_node_get(scn_node_get(b->root, "internet"), "nat");
    size_t length = strlen(name);
    struct topo_node node;
    if (length < 4 || strcmp(name + length - 4, "-nat") != 0 || !nat)
        return false;
    for (size_t i = 0; nat->kind == SCN_MAP && i < nat->count; i++)
        if (!topo_find_node(&b->scenario->model, nat->entries[i].key, &node) || !node.gateway)
            return true;
    return nat->kind != SCN_MAP;
}

bool scn_bind_name_follows(const struct scn_bind *b, const char *name)
{
    const struct scn_node *vdcs = scn_node_get(b->root, "vdcs");
    if (!b->root || !b->model_finished || !b->model_errors || !name || !*name)
        return false;
    if (!vdcs || vdcs->kind != SCN_MAP || is_router(b, name))
        return true;
    for (size_t i = 0; i < vdcs->count; i++)
        if (follows_from(b, &vdcs->entries[i], name))
            return true;
    return false;
}
