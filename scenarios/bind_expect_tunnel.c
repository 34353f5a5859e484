/* The tables of what tunnels are expected to be. */
#include "scenarios/tables.h"

#include <string.h>

/* --- tunnel ----------------------------------------------------------------------------------- */

static const char *state_word(unsigned n)
{
    return scn_tunnel_state_name((enum scn_tunnel_state)n);
}

const struct scn_type scn_tunnel_state = {
    .kind = SCN_TYPE_WORD, .name = "a state of a tunnel", .word = state_word};

/* "none": the first child SA has no Diffie-Hellman of its own, an AEAD no integrity algorithm. */
static bool read_negotiated_group(struct scn_bind *b, const struct scn_type *type,
                                  const struct scn_key *key, const struct scn_node *node,
                                  void *slot)
{
    struct scn_negotiated *negotiated = slot;
    (void)type;
    if (!strcmp(node->text, "none")) {
        negotiated->group_none = true;
        return true;
    }
    return scn_group.read(b, &scn_group, key, node, &negotiated->group);
}

static bool read_negotiated_integrity(struct scn_bind *b, const struct scn_type *type,
                                      const struct scn_key *key, const struct scn_node *node,
                                      void *slot)
{
    struct scn_negotiated *negotiated = slot;
    (void)type;
    if (!strcmp(node->text, "none")) {
        negotiated->integrity_none = true;
        return true;
    }
    return scn_integrity.read(b, &scn_integrity, key, node, &negotiated->integrity);
}

static const struct scn_type negotiated_group = {
    .kind = SCN_TYPE_VALUE,
    .name = "a Diffie-Hellman group of the product",
    .about = "one of the product's groups, or none",
    .read = read_negotiated_group,
    .schema = "\"type\": \"string\"",
};

static const struct scn_type negotiated_integrity = {
    .kind = SCN_TYPE_VALUE,
    .name = "an integrity algorithm of the product",
    .about = "one of the product's integrity algorithms, or none",
    .read = read_negotiated_integrity,
    .schema = "\"type\": \"string\"",
};

static const struct scn_key negotiated_keys[] = {
    {.name = "diffieHellmanGroup", .type = &negotiated_group, .about = "or none"},
    {.name = "encryptionAlgorithm",
     .type = &scn_encryption,
     .offset = offsetof(struct scn_negotiated, encryption)},
    {.name = "integrityAlgorithm",
     .type = &negotiated_integrity,
     .about = "or none; with GCM or CCM: of ike the PRF, of esp none"},
};

static const struct scn_type negotiated = {
    .kind = SCN_TYPE_MAP,
    .name = "negotiated",
    .about = "{diffieHellmanGroup, encryptionAlgorithm, integrityAlgorithm}",
    .keys = negotiated_keys,
    .key_count = SCN_COUNT(negotiated_keys),
};

static const struct scn_key selector_keys[] = {
    {.name = "local",
     .type = &scn_any_networks,
     .offset = offsetof(struct scn_expect, u.tunnel.local),
     .count_offset = offsetof(struct scn_expect, u.tunnel.local_count)},
    {.name = "remote",
     .type = &scn_any_networks,
     .offset = offsetof(struct scn_expect, u.tunnel.remote),
     .count_offset = offsetof(struct scn_expect, u.tunnel.remote_count)},
};

/* These two are maps of the language alone: their values stand in the expectation. */
static const struct scn_type selectors = {
    .kind = SCN_TYPE_MAP,
    .name = "trafficSelectors",
    .about = "{local: 192.168.1.0/24, remote: 192.168.2.0/24}",
    .keys = selector_keys,
    .key_count = SCN_COUNT(selector_keys),
};

static const struct scn_key rekeys_keys[] = {
    {.name = "ike",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.tunnel.ike_rekeys),
     .has_offset = offsetof(struct scn_expect, u.tunnel.has_ike_rekeys)},
    {.name = "child",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.tunnel.child_rekeys),
     .has_offset = offsetof(struct scn_expect, u.tunnel.has_child_rekeys)},
};

static const struct scn_type rekeys = {
    .kind = SCN_TYPE_MAP,
    .name = "rekeys",
    .about = "{ike: 1, child: \">= 20\"}",
    .keys = rekeys_keys,
    .key_count = SCN_COUNT(rekeys_keys),
};

bool scn_bind_tunnel_of(struct scn_bind *b, const struct scn_node *node, const char *on,
                        const struct scn_node *name, const char **tunnel)
{
    struct topo_node found;
    const char *words[TOPO_TUNNELS_MAX];
    size_t count = 0;
    if (!on || !topo_find_node(&b->scenario->model, on, &found) || !found.gateway)
        return false; /* the name of the gateway was wrong, and has been told */
    for (; count < found.gateway->tunnel_count && count < TOPO_TUNNELS_MAX; count++)
        words[count] = found.gateway->tunnels[count].name;
    if (!name && count == 1) {
        *tunnel = words[0];
        return true;
    }
    if (!name)
        return scn_bind_error(b, "missing-key", node, NULL, scn_bind_suggest(b, "", words, count),
                              "%s has %zu tunnels, and none is named here", on, count);
    if (name->kind != SCN_SCALAR)
        return scn_bind_error(b, "wrong-type", name, NULL, scn_bind_suggest(b, "", words, count),
                              "%s is not the name of a tunnel", scn_node_describe(name, b->tree));
    if (topo_find_tunnel(found.gateway, name->text)) {
        *tunnel = scn_bind_text(b, name->text);
        return true;
    }
    return scn_bind_error(b, "unknown-name", name, NULL,
                          scn_bind_suggest(b, name->text, words, count),
                          "no tunnel of %s is called %s", on, scn_node_describe(name, b->tree));
}

static void tunnel_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    struct scn_expect_tunnel *tunnel = &((struct scn_expect *)object)->u.tunnel;
    static const char *const asks[] = {"state",  "ike",      "esp", "trafficSelectors",
                                       "rekeys", "childSas", NULL};
    bool asked = false;
    scn_bind_tunnel_of(b, node, tunnel->on, scn_node_get(node, "name"), &tunnel->name);
    for (size_t i = 0; asks[i]; i++)
        asked |= scn_node_get(node, asks[i]) != NULL;
    if (!asked)
        scn_bind_error(b, "missing-key", node, NULL,
                       "state, ike, esp, trafficSelectors, rekeys or childSas",
                       "this expectation asks nothing of the tunnel");
}

static const struct scn_key tunnel_keys[] = {
    {.name = "on",
     .type = &scn_gateway_ref,
     .offset = offsetof(struct scn_expect, u.tunnel.on),
     .required = true,
     .about = "the gateway, as <vdc>-gw"},
    {.name = "name",
     .type = &scn_ignored,
     .about = "the tunnel's name; not needed where the gateway has one tunnel"},
    {.name = "state",
     .type = &scn_tunnel_state,
     .offset = offsetof(struct scn_expect, u.tunnel.state),
     .has_offset = offsetof(struct scn_expect, u.tunnel.has_state)},
    {.name = "ike",
     .type = &negotiated,
     .offset = offsetof(struct scn_expect, u.tunnel.ike),
     .about = "the IKE SA's algorithms as negotiated"},
    {.name = "esp",
     .type = &negotiated,
     .offset = offsetof(struct scn_expect, u.tunnel.esp),
     .about = "the child SA's algorithms as negotiated"},
    {.name = "trafficSelectors",
     .type = &selectors,
     .about = "as negotiated: {local, remote}, each a network or a list"},
    {.name = "rekeys", .type = &rekeys, .about = "how often its SAs were rekeyed: {ike, child}"},
    {.name = "childSas",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.tunnel.child_sas),
     .has_offset = offsetof(struct scn_expect, u.tunnel.has_child_sas),
     .about = "how many pairs of child SAs it has"},
};

const struct scn_type scn_expect_tunnel_type = {
    .kind = SCN_TYPE_MAP,
    .schema = "expectTunnel",
    .name = "tunnel",
    .about = "{on: txl-gw, name: lhr-tunnel, state: established}",
    .keys = tunnel_keys,
    .key_count = SCN_COUNT(tunnel_keys),
    .finish = tunnel_finish,
};
