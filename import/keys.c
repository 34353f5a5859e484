/* Pre-shared keys: out of an answer, or as given by --psk. None is ever made up, nor taken from the other side. */
#include "import/internal.h"

#include <string.h>

/* Long enough to be read; never written. */
#define PLACE_HOLDER "........................................"

static struct scn_node *map_in(struct import *import, struct scn_node *map, const char *key)
{
    struct scn_entry *entry = scn_node_entry(map, key);
    if (entry)
        return entry->value->kind == SCN_MAP ? entry->value : NULL;
    struct scn_entry *entries = base_arena_array(&import->arena, map->count + 1, sizeof(*entries));
    if (map->count)
        memcpy(entries, map->entries, map->count * sizeof(*entries));
    entries[map->count] =
        (struct scn_entry){key, map->where, scn_node_new(&import->arena, SCN_MAP, map->where)};
    map->entries = entries;
    return entries[map->count++].value;
}

/* The `psk` of the tunnel's `auth`; NULL where that has another shape, which binding refuses, or is not there. */
static struct scn_node *psk_of(struct import *import, const struct import_tunnel *tunnel)
{
    struct scn_entry *auth = scn_node_entry(tunnel->answer.properties, "auth");
    return auth && auth->value->kind == SCN_MAP ? map_in(import, auth->value, "psk") : NULL;
}

static const struct scn_node *key_of(const struct scn_node *psk)
{
    const struct scn_node *key = scn_node_get(psk, "key");
    return key && (key->kind != SCN_SCALAR || *key->text) ? key : NULL;
}

static void set_key(struct import *import, struct scn_node *psk, const char *text,
                    struct base_where where)
{
    struct scn_node *key = scn_node_new(&import->arena, SCN_SCALAR, where);
    key->text = text;
    psk->entries = base_arena_array(&import->arena, 1, sizeof(*psk->entries));
    psk->entries[0] = (struct scn_entry){"key", where, key};
    psk->count = 1;
}

static bool is_called(const struct import *import, const struct import_tunnel *tunnel,
                      const char *name, size_t size)
{
    const char *vdc = import->gateways[tunnel->gateway].model->name;
    size_t vdc_size = strlen(vdc);
    if (strlen(tunnel->name) == size && !memcmp(tunnel->name, name, size))
        return true;
    return size > vdc_size && !memcmp(name, vdc, vdc_size) && name[vdc_size] == '/' &&
           strlen(tunnel->name) == size - vdc_size - 1 &&
           !memcmp(tunnel->name, name + vdc_size + 1, size - vdc_size - 1);
}

static bool names_any(const struct import *import, const char *name, size_t size)
{
    for (size_t i = 0; i < import->tunnel_count; i++)
        if (import->tunnels[i].model && is_called(import, &import->tunnels[i], name, size))
            return true;
    return false;
}

/* A key may end in =s, as base64 does; one in its midst stands between a tunnel's name and its key. */
static void apply(struct import *import, const char *option)
{
    const char *equal = strchr(option, '=');
    size_t size = equal ? (size_t)(equal - option) : 0;
    bool named = size && names_any(import, option, size);
    const char *key = named || equal == option ? equal + 1 : option;
    if (size && !named && equal[strspn(equal, "=")]) {
        import_error(import, "bad-option", (struct base_where){"--psk", 0, 0},
                     "write --psk TUNNEL=KEY, --psk VDC/TUNNEL=KEY, or --psk KEY for all that have "
                     "none",
                     "no tunnel is called '%.*s'", (int)size, option);
        return;
    }
    for (size_t i = 0; i < import->tunnel_count; i++) {
        struct import_tunnel *tunnel = &import->tunnels[i];
        struct scn_node *psk = tunnel->model ? psk_of(import, tunnel) : NULL;
        bool meant =
            named ? tunnel->model && is_called(import, tunnel, option, size) : psk && !key_of(psk);
        if (psk && meant)
            set_key(import, psk, base_arena_strdup(&import->arena, key),
                    (struct base_where){"--psk", 0, 0});
    }
}

/* Those with a name first, so that a bare key fills only what is left. */
void import_give_keys(struct import *import)
{
    const struct import_options *options = import->options;
    for (int bare = 0; bare < 2; bare++)
        for (size_t i = 0; i < options->psk_count; i++) {
            const char *equal = strchr(options->psks[i], '=');
            bool named = equal && equal != options->psks[i] && equal[strspn(equal, "=")];
            if (named != bare)
                apply(import, options->psks[i]);
        }
    for (size_t i = 0; i < import->tunnel_count; i++) {
        struct import_tunnel *tunnel = &import->tunnels[i];
        struct scn_node *psk = tunnel->model ? psk_of(import, tunnel) : NULL;
        if (!psk || key_of(psk))
            continue;
        tunnel->key_missing = true;
        set_key(import, psk, PLACE_HOLDER, psk->where);
        import_warn(import, "psk-missing", psk->where,
                    "give it with --psk TUNNEL=KEY, or write it into the scenario",
                    "tunnel '%s' of %s came without its key", tunnel->name,
                    import->gateways[tunnel->gateway].model->gateway.node);
    }
}
