/*
 * The step `change`: a piece of the scenario's tree, laid over what stands at that step, as a base
 * is laid under a file. The whole is then read and checked like a file; the steps behind know what
 * stands then.
 */
#include "scenarios/load.h"
#include "scenarios/tables.h"
#include "scenarios/verbs.h"
#include "topology/world.h"

#include <string.h>

static const struct scn_key change_keys[] = {
    {.name = "vdcs",
     .type = &scn_type_vdcs,
     .offset = offsetof(struct scn_scenario, model.vdcs),
     .count_offset = offsetof(struct scn_scenario, model.vdc_count)},
    {.name = "internet",
     .type = &scn_type_internet,
     .offset = offsetof(struct scn_scenario, model.internet)},
};

static const struct scn_type change_map = {
    .kind = SCN_TYPE_MAP,
    .name = "change",
    .about = "{vdcs: {...}, internet: {...}}",
    .keys = change_keys,
    .key_count = SCN_COUNT(change_keys),
};

/* vdcs and internet of the file. */
static struct scn_node *model_of(struct scn_bind *b)
{
    struct scn_node *model = scn_node_new(b->tree, SCN_MAP, b->root->where);
    model->entries = base_arena_array(b->tree, SCN_COUNT(change_keys), sizeof(*model->entries));
    for (size_t i = 0; i < SCN_COUNT(change_keys); i++) {
        const struct scn_entry *entry = scn_node_entry(b->root, change_keys[i].name);
        if (entry)
            model->entries[model->count++] = *entry;
    }
    return model;
}

static bool is_told(const struct base_diagnostics *told, const struct base_diagnostic *item)
{
    for (size_t i = 0; i < told->count; i++)
        if (!strcmp(told->items[i].code, item->code) && !strcmp(told->items[i].text, item->text))
            return true;
    return false;
}

static bool is_told_there(const struct base_diagnostics *told, const struct base_diagnostic *item)
{
    for (size_t i = 0; i < told->count; i++) {
        const struct base_where *where = &told->items[i].where;
        if (where->line == item->where.line && where->column == item->where.column &&
            !strcmp(where->file, item->where.file) && !strcmp(told->items[i].text, item->text))
            return true;
    }
    return false;
}

/* What is wrong with the new whole and was not with the old one. */
static void carry(struct scn_bind *b, const struct base_diagnostics *found,
                  const struct base_diagnostics *before)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct base_diagnostic *item = &found->items[i];
        if (item->severity == BASE_ERROR && is_told_there(b->problems, item))
            continue;
        if (item->severity != BASE_ERROR &&
            (found->error_count || is_told(before, item) || is_told(b->problems, item)))
            continue;
        base_diagnostics_add(b->problems, item->severity, item->code, item->where, item->hint, "%s",
                             item->text);
    }
}

/* Reads and checks the merged tree into `shadow`; false, with errors, where it is not right. */
static bool read_whole(struct scn_bind *b, const struct scn_node *merged,
                       struct scn_scenario *shadow)
{
    struct base_diagnostics found, before;
    struct scn_bind inner = {
        .arena = b->arena, .tree = b->tree, .problems = &found, .scenario = shadow};
    base_diagnostics_init(&found);
    base_diagnostics_init(&before);
    scn_internet_defaults(&shadow->model.internet);
    scn_bind_map(&inner, &change_map, merged, shadow);
    scn_finish_model(&inner);
    if (!found.error_count)
        topo_check(&shadow->model, NULL, &found);
    topo_check(&b->scenario->model, NULL, &before);
    bool right = found.error_count == 0;
    carry(b, &found, &before);
    base_diagnostics_fini(&found);
    base_diagnostics_fini(&before);
    return right;
}

static bool has_vdc(const struct topo_model *model, const char *name)
{
    for (size_t i = 0; i < model->vdc_count; i++)
        if (!strcmp(model->vdcs[i].name, name))
            return true;
    return false;
}

/* A new VDC could not come to stand anyway: one that does not is a misspelt one. */
static void check_vdcs(struct scn_bind *b, const struct scn_node *change)
{
    const struct topo_model *model = &b->scenario->model;
    const struct scn_node *vdcs = scn_node_get(change, "vdcs");
    const char **words = base_arena_array(b->tree, model->vdc_count, sizeof(*words));
    for (size_t i = 0; i < model->vdc_count; i++)
        words[i] = model->vdcs[i].name;
    for (size_t i = 0; vdcs && vdcs->kind == SCN_MAP && i < vdcs->count; i++) {
        const struct scn_node at = {.where = vdcs->entries[i].where, .text = vdcs->entries[i].key};
        if (!has_vdc(model, at.text))
            scn_bind_error(b, "unknown-name", &at, NULL,
                           scn_bind_suggest(b, at.text, words, model->vdc_count),
                           "no VDC is called '%s'", at.text);
    }
}

static bool read_change(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_scenario *shadow = base_arena_array(b->arena, 1, sizeof(*shadow));
    size_t errors = b->problems->error_count;
    if (node->kind != SCN_MAP)
        return scn_bind_error(b, "wrong-type", node, key, type->about, "%s is not a map of keys",
                              scn_node_describe(node, b->tree));
    if (node->count == 0)
        return scn_bind_error(b, "missing-key", node, NULL, type->about, "the change says nothing");
    scn_bind_unknown_keys(b, &change_map, node, NULL);
    check_vdcs(b, node);
    if (b->problems->error_count > errors)
        return false;
    struct scn_node *over = base_arena_array(b->tree, 1, sizeof(*over));
    *over = *node;
    struct scn_node *merged = scn_merge(b->tree, b->standing ? b->standing : model_of(b), over);
    if (!read_whole(b, merged, shadow) || b->model_errors)
        return false;
    const char *what = topo_world_cannot_change(&b->scenario->model, &shadow->model);
    if (what)
        return scn_bind_error(b, "bad-change", node, key,
                              "tunnels, behaviour but for vpn and bypassLan, hosts' routes, links "
                              "and the firewall can be changed",
                              "%s cannot change while the world runs", what);
    if (!b->standing)
        b->first = b->scenario->model;
    b->standing = merged;
    b->scenario->model = shadow->model;
    *(const struct topo_model **)slot = &shadow->model;
    return true;
}

const struct scn_type scn_verb_change = {
    .kind = SCN_TYPE_VALUE,
    .name = "a change",
    .about = "write a piece of the scenario: {vdcs: {...}} or {internet: {...}}",
    .read = read_change,
    .schema = "\"type\": \"object\", \"properties\": {\"vdcs\": {\"type\": \"object\", "
              "\"additionalProperties\": {\"$ref\": \"#/definitions/VDC\"}}, "
              "\"internet\": {\"$ref\": \"#/definitions/internet\"}}, "
              "\"additionalProperties\": false, \"minProperties\": 1",
};
