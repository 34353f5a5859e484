/* Values that name something which stands in the model. */
#include "scenarios/values.h"

#include <stdlib.h>

#define WORDS_MAX 512

size_t scn_node_names(const struct topo_model *model, const char **words, size_t max,
                      bool gateways_only)
{
    size_t count = 0;
    for (size_t i = 0; i < model->vdc_count; i++) {
        const struct topo_vdc *vdc = &model->vdcs[i];
        for (size_t j = 0; j < vdc->host_count && !gateways_only && count < max; j++)
            words[count++] = vdc->hosts[j].name;
        if (vdc->gateway.node && count < max)
            words[count++] = vdc->gateway.node;
    }
    return count;
}

static bool unknown(struct scn_bind *b, const struct scn_key *key, const struct scn_node *node,
                    const char *what, const char *const *words, size_t count)
{
    return scn_bind_error(b, "unknown-name", node, key,
                          scn_bind_suggest(b, node->text, words, count), "%s is called '%s'", what,
                          node->text);
}

static size_t link_names(struct scn_bind *b, const char **words, size_t max)
{
    const struct topo_model *model = &b->scenario->model;
    size_t count = 0;
    words[count++] = "internet";
    for (size_t i = 0; i < model->vdc_count; i++)
        for (size_t j = 0; j < model->vdcs[i].lan_count && count < max; j++)
            words[count++] =
                base_arena_printf(b->tree, "%s/%u", model->vdcs[i].name, model->vdcs[i].lans[j].id);
    return count;
}

static bool read_node_ref(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_node found;
    const char *words[WORDS_MAX];
    bool gateway = type == &scn_gateway_ref;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!topo_find_node(&b->scenario->model, node->text, &found) || (gateway && !found.gateway))
        return unknown(b, key, node, gateway ? "no gateway" : "no node", words,
                       scn_node_names(&b->scenario->model, words, WORDS_MAX, gateway));
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

static bool read_link_ref(struct scn_bind *b, const struct scn_type *type,
                          const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_link link;
    struct topo_node found;
    const char *words[WORDS_MAX];
    size_t count = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    bool ok = topo_find_link(&b->scenario->model, node->text, &link);
    if (type == &scn_place_ref) {
        ok = ok || topo_find_node(&b->scenario->model, node->text, &found) ||
             topo_find_nat(&b->scenario->model, node->text);
        count = scn_node_names(&b->scenario->model, words, WORDS_MAX / 2, false);
    }
    if (!ok)
        return unknown(b, key, node, type == &scn_place_ref ? "no node and no link" : "no link",
                       words, count + link_names(b, words + count, WORDS_MAX - count));
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

static bool read_point_ref(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct topo_point point;
    const struct topo_model *model = &b->scenario->model;
    const char *words[WORDS_MAX];
    size_t count = 0;
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!topo_find_point(model, node->text, &point)) {
        for (size_t n = topo_point_count(model); n-- > 0 && count < 64;) {
            char *name = topo_point_name(model, n);
            words[count++] = base_arena_strdup(b->tree, name);
            free(name);
        }
        return unknown(b, key, node, "no capture point", words, count);
    }
    *(const char **)slot = scn_bind_text(b, node->text);
    return true;
}

#define NAME_SCHEMA "\"type\": \"string\""

const struct scn_type scn_node_ref = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a node",
    .about = "name a host, or a gateway as <vdc>-gw",
    .read = read_node_ref,
    .schema = NAME_SCHEMA,
};

const struct scn_type scn_gateway_ref = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a gateway",
    .about = "name a gateway as <vdc>-gw",
    .read = read_node_ref,
    .schema = NAME_SCHEMA,
};

const struct scn_type scn_node_refs = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of nodes",
    .about = "a node's name, or a list of them",
    .of = &scn_node_ref,
    .size = sizeof(const char *),
    .count_min = 1,
    .or_one = true,
};

const struct scn_type scn_link_ref = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a link",
    .about = "name `internet`, or a LAN as <vdc>/<lan>",
    .read = read_link_ref,
    .schema = NAME_SCHEMA,
};

const struct scn_type scn_place_ref = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a node or link",
    .about = "name a host, a gateway as <vdc>-gw, `internet`, or a LAN as <vdc>/<lan>",
    .read = read_link_ref,
    .schema = NAME_SCHEMA,
};

static const struct scn_type point_ref = {
    .kind = SCN_TYPE_VALUE,
    .name = "the name of a capture point",
    .about = "<host>:eth0, <vdc>-gw:lan<id>, <vdc>-gw:wan, <vdc>-gw:<tunnel> or internet",
    .read = read_point_ref,
    .schema = NAME_SCHEMA,
};

const struct scn_type scn_point_refs = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of capture points",
    .about = "a capture point, or a list of them",
    .of = &point_ref,
    .size = sizeof(const char *),
    .count_min = 1,
    .or_one = true,
};
