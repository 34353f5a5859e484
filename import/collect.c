/*
 * Finds gateways and tunnels in answers: single envelopes, collections with their items, arrays of
 * either. Of the properties only what the API is known to say is kept; anything else is warned of,
 * since an import must survive a new field.
 */
#include "import/internal.h"

#include <string.h>

/* The keys of a map of the API, NULL-ended, and for those that are maps or lists of maps, the keys in them. */
struct known {
    const char *key;
    const struct known *below;
};

static const struct known PROPOSAL[] = {{"diffieHellmanGroup", NULL},
                                        {"encryptionAlgorithm", NULL},
                                        {"integrityAlgorithm", NULL},
                                        {"lifetime", NULL},
                                        {NULL, NULL}};
static const struct known PSK[] = {{"key", NULL}, {NULL, NULL}};
static const struct known AUTH[] = {{"method", NULL}, {"psk", PSK}, {NULL, NULL}};
static const struct known TUNNEL[] = {{"name", NULL},
                                      {"description", NULL},
                                      {"remoteHost", NULL},
                                      {"auth", AUTH},
                                      {"ike", PROPOSAL},
                                      {"esp", PROPOSAL},
                                      {"cloudNetworkCIDRs", NULL},
                                      {"peerNetworkCIDRs", NULL},
                                      {NULL, NULL}};
static const struct known CONNECTION[] = {
    {"datacenterId", NULL}, {"lanId", NULL}, {"ipv4CIDR", NULL}, {"ipv6CIDR", NULL}, {NULL, NULL}};
static const struct known WINDOW[] = {{"dayOfTheWeek", NULL}, {"time", NULL}, {NULL, NULL}};
static const struct known GATEWAY[] = {{"name", NULL},
                                       {"description", NULL},
                                       {"gatewayIP", NULL},
                                       {"connections", CONNECTION},
                                       {"version", NULL},
                                       {"tier", NULL},
                                       {"maintenanceWindow", WINDOW},
                                       {NULL, NULL}};

static struct scn_node *keep_known(struct import *, const struct scn_node *, const struct known *);

static void keep_entry(struct import *import, struct scn_node *to, const struct scn_entry *entry,
                       const struct known *known)
{
    while (known->key && strcmp(known->key, entry->key) != 0)
        known++;
    if (!known->key) {
        import_warn(import, "unknown-property", entry->where, NULL,
                    "'%s' is no property that is known of the API; it is left out", entry->key);
        return;
    }
    if (entry->value->null)
        return;
    to->entries[to->count] = *entry;
    if (known->below)
        to->entries[to->count].value = keep_known(import, entry->value, known->below);
    to->count++;
}

/* A copy without nulls and unknown keys. */
static struct scn_node *keep_known(struct import *import, const struct scn_node *from,
                                   const struct known *known)
{
    struct scn_node *to = scn_node_new(&import->arena, from->kind, from->where);
    *to = *from;
    if (from->kind == SCN_LIST) {
        to->items = base_arena_array(&import->arena, from->count, sizeof(*to->items));
        for (size_t i = 0; i < from->count; i++)
            to->items[i] = keep_known(import, from->items[i], known);
    } else if (from->kind == SCN_MAP) {
        to->entries = base_arena_array(&import->arena, from->count, sizeof(*to->entries));
        to->count = 0;
        for (size_t i = 0; i < from->count; i++)
            keep_entry(import, to, &from->entries[i], known);
    }
    return to;
}

static const char *text_of(const struct scn_node *map, const char *key)
{
    const struct scn_node *node = scn_node_get(map, key);
    return node && node->kind == SCN_SCALAR && *node->text ? node->text : NULL;
}

static void warn_status(struct import *import, const struct import_answer *answer, const char *what)
{
    if (!answer->status || !strcmp(answer->status->text, "AVAILABLE"))
        return;
    import_warn(import, "not-available", answer->status->where,
                "it is simulated as if it were; what is not AVAILABLE in truth carries nothing",
                "the status of this %s is %s%s%s", what, answer->status->text,
                answer->status_message ? ": " : "",
                answer->status_message ? answer->status_message : "");
}

/* False where the same answer was seen already. */
static bool is_new(struct import *import, const struct import_answer *answer,
                   const struct import_answer *other)
{
    if (!answer->id || !other->id || strcmp(answer->id, other->id) != 0)
        return true;
    if (strcmp(scn_node_flow(answer->properties, &import->arena),
               scn_node_flow(other->properties, &import->arena)) != 0)
        import_error(import, "duplicate-answer", answer->where, "leave the older one out",
                     "%s was answered differently in %s, line %d", answer->id, other->where.file,
                     other->where.line);
    return false;
}

static bool keep_answer(struct import *import, struct import_answer *answer,
                        const struct scn_node *envelope, const char *href,
                        const struct known *known)
{
    const struct scn_node *properties = scn_node_get(envelope, "properties");
    const struct scn_node *metadata = scn_node_get(envelope, "metadata");
    const struct scn_node *status = scn_node_get(metadata, "status");
    if (!properties || properties->kind != SCN_MAP) {
        import_error(import, "missing-key", properties ? properties->where : envelope->where,
                     "an answer is {\"id\", \"type\", \"metadata\", \"properties\": {...}}",
                     "the answer needs 'properties', a map");
        return false;
    }
    *answer = (struct import_answer){
        .where = envelope->where,
        .id = text_of(envelope, "id"),
        .href = text_of(envelope, "href") ? text_of(envelope, "href") : href,
        .status = status && status->kind == SCN_SCALAR ? status : NULL,
        .status_message = text_of(metadata, "statusMessage"),
        .properties = keep_known(import, properties, known),
    };
    return true;
}

static void add_gateway(struct import *import, const struct scn_node *envelope, const char *href)
{
    struct import_answer answer;
    if (!keep_answer(import, &answer, envelope, href, GATEWAY))
        return;
    for (size_t i = 0; i < import->gateway_count; i++)
        if (!is_new(import, &answer, &import->gateways[i].answer))
            return;
    if (import->gateway_count == IMPORT_GATEWAYS_MAX) {
        import_error(import, "too-many", envelope->where, NULL,
                     "more than %d gateways are too many for one scenario", IMPORT_GATEWAYS_MAX);
        return;
    }
    warn_status(import, &answer, "gateway");
    import->gateways[import->gateway_count++].answer = answer;
}

static void add_tunnel(struct import *import, const struct scn_node *envelope, const char *href)
{
    struct import_answer answer;
    if (!keep_answer(import, &answer, envelope, href, TUNNEL))
        return;
    for (size_t i = 0; i < import->tunnel_count; i++)
        if (!is_new(import, &answer, &import->tunnels[i].answer))
            return;
    if (import->tunnel_count == IMPORT_TUNNELS_MAX) {
        import_error(import, "too-many", envelope->where, NULL,
                     "more than %d tunnels are too many for one scenario", IMPORT_TUNNELS_MAX);
        return;
    }
    warn_status(import, &answer, "tunnel");
    import->tunnels[import->tunnel_count++].answer = answer;
}

static void collect(struct import *, const struct scn_node *, const char *href);

static void collect_items(struct import *import, const struct scn_node *collection)
{
    const struct scn_node *items = scn_node_get(collection, "items");
    const struct scn_node *next = scn_node_get(scn_node_get(collection, "_links"), "next");
    if (!items || items->kind != SCN_LIST) {
        import_error(import, "missing-key", items ? items->where : collection->where,
                     "a collection is {\"type\": \"collection\", \"items\": [...]}",
                     "the collection needs 'items', a list");
        return;
    }
    if (next)
        import_warn(import, "collection-incomplete", next->where,
                    "ask for the rest with offset and limit, and give it too",
                    "the collection goes on behind these %zu items", items->count);
    for (size_t i = 0; i < items->count; i++)
        collect(import, items->items[i], text_of(collection, "href"));
}

static void refuse(struct import *import, const struct scn_node *node)
{
    const struct scn_node *type = scn_node_get(node, "type");
    const struct scn_node *error = scn_node_get(node, "httpStatus");
    const char *hint = "the answers of GET /ipsecgateways/{id} and /ipsecgateways/{id}/tunnels";
    if (error)
        import_error(import, "wrong-resource", error->where, hint,
                     "the API answered with an error (httpStatus %s)",
                     scn_node_describe(error, &import->arena));
    else if (type)
        import_error(import, "wrong-resource", type->where, hint,
                     "the type %s is none of ipsecgateway, ipsectunnel and collection",
                     scn_node_describe(type, &import->arena));
    else
        import_error(import, "wrong-resource", node->where, hint,
                     "%s that is no answer of the API: it has no type",
                     scn_node_describe(node, &import->arena));
}

static void collect(struct import *import, const struct scn_node *node, const char *href)
{
    const char *type = text_of(node, "type");
    if (node->kind == SCN_LIST) {
        for (size_t i = 0; i < node->count; i++)
            collect(import, node->items[i], NULL);
        return;
    }
    if (type && !strcmp(type, "ipsecgateway"))
        add_gateway(import, node, href);
    else if (type && !strcmp(type, "ipsectunnel"))
        add_tunnel(import, node, href);
    else if (type && !strcmp(type, "collection"))
        collect_items(import, node);
    else
        refuse(import, node);
}

void import_collect(struct import *import, const struct scn_node *root)
{
    collect(import, root, NULL);
}
