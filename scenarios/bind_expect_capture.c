/* The tables of what captures are expected to hold. */
#include "pcap/filter.h"
#include "scenarios/tables.h"

#include <string.h>

/* --- Filters ---------------------------------------------------------------------------------- */

/* For libpcap, what is empty is all that there is; whoever means that leaves the filter out. */
static bool says_something(struct scn_bind *b, const struct scn_type *type,
                           const struct scn_key *key, const struct scn_node *node)
{
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (node->text[strspn(node->text, " \t\n\r")])
        return true;
    return scn_bind_error(b, "bad-filter", node, key, type->about, "the filter is empty");
}

static bool compile(struct scn_bind *b, const struct scn_key *key, const struct scn_node *node,
                    enum cap_link link)
{
    struct cap_error error;
    struct cap_filter *filter = cap_filter_new(node->text, link, &error);
    if (!filter)
        return scn_bind_error(b, "bad-filter", node, key, "see pcap-filter(7)",
                              "libpcap refuses the filter '%s': %s", node->text, error.text);
    cap_filter_free(filter);
    return true;
}

static bool read_filter(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_filter *filter = slot;
    if (!says_something(b, type, key, node) || !compile(b, key, node, CAP_LINK_ETHERNET))
        return false;
    filter->text = scn_bind_text(b, node->text);
    filter->where = node->where;
    return true;
}

const struct scn_type scn_filter = {
    .kind = SCN_TYPE_VALUE,
    .name = "a filter",
    .about = "write a filter as tcpdump takes it: \"icmp and src host 192.168.1.11\"",
    .read = read_filter,
    .schema = SCN_FILTER_SCHEMA,
};

static bool read_filter_text(struct scn_bind *b, const struct scn_type *type,
                             const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct scn_filter filter;
    bool ok = read_filter(b, type, key, node, &filter);
    if (ok)
        *(const char **)slot = filter.text;
    return ok;
}

const struct scn_type scn_filter_text = {
    .kind = SCN_TYPE_VALUE,
    .name = "a filter",
    .about = "write a filter as tcpdump takes it: \"udp port 4500\"",
    .read = read_filter_text,
    .schema = SCN_FILTER_SCHEMA,
};

/* With capture points it is compiled for each of them, when they are known. */
static bool read_point_filter(struct scn_bind *b, const struct scn_type *type,
                              const struct scn_key *key, const struct scn_node *node, void *slot)
{
    struct scn_filter *filter = slot;
    if (!says_something(b, type, key, node))
        return false;
    filter->text = scn_bind_text(b, node->text);
    filter->where = node->where;
    return true;
}

static const struct scn_type point_filter = {
    .kind = SCN_TYPE_VALUE,
    .name = "a filter",
    .about = "write a filter as tcpdump takes it: \"icmp and src host 192.168.1.11\"",
    .read = read_point_filter,
    .schema = SCN_FILTER_SCHEMA,
};

static const struct scn_type point_filters = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of filters",
    .about = "a list of filters as tcpdump takes them",
    .of = &point_filter,
    .size = sizeof(struct scn_filter),
    .count_min = 1,
};

/* --- during ----------------------------------------------------------------------------------- */

/* [10s, 20s], or the name of a step, which is looked up when all steps were read. */
static bool read_during(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                        const struct scn_node *node, void *slot)
{
    struct scn_during *during = slot;
    during->set = true;
    during->where = node->where;
    if (node->kind == SCN_SCALAR && !node->null) {
        during->step = scn_bind_text(b, node->text);
        return true;
    }
    if (node->kind != SCN_LIST || node->count != 2)
        return scn_bind_bad_value(b, type, key, node);
    if (!scn_duration.read(b, &scn_duration, key, node->items[0], &during->start_ns) ||
        !scn_duration.read(b, &scn_duration, key, node->items[1], &during->end_ns))
        return false;
    if (during->start_ns >= during->end_ns)
        return scn_bind_error(b, "bad-value", node, key, "the start comes first",
                              "the window %s ends before it starts", scn_node_flow(node, b->tree));
    return true;
}

const struct scn_type scn_during_type = {
    .kind = SCN_TYPE_VALUE,
    .name = "a window of time",
    .about = "write [10s, 20s], or the name of a step",
    .read = read_during,
    .schema = "\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"minItems\": 2, "
              "\"maxItems\": 2, \"items\": {\"$ref\": \"#/definitions/duration\"}}]",
};

/* --- capture ---------------------------------------------------------------------------------- */

static enum cap_link link_of(struct scn_bind *b, const char *name)
{
    struct topo_point point;
    bool tunnel =
        topo_find_point(&b->scenario->model, name, &point) && point.kind == TOPO_POINT_TUNNEL;
    return tunnel ? CAP_LINK_RAW : CAP_LINK_ETHERNET;
}

/* Compiles the filter for each kind of link among the points, Ethernet where there is no point. */
static void compile_for_points(struct scn_bind *b, const struct scn_expect_capture *capture,
                               const char *name, const struct scn_filter *filter)
{
    const struct scn_key key = {.name = name};
    const struct scn_node node = {.where = filter->where, .text = filter->text};
    bool raw = false, ethernet = capture->point_count == 0;
    for (size_t i = 0; i < capture->point_count; i++) {
        bool is_raw = link_of(b, capture->points[i]) == CAP_LINK_RAW;
        raw |= is_raw;
        ethernet |= !is_raw;
    }
    if (!filter->text)
        return;
    if (!ethernet || compile(b, &key, &node, CAP_LINK_ETHERNET))
        if (raw)
            compile(b, &key, &node, CAP_LINK_RAW);
}

static void capture_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct scn_expect_capture *capture = &((struct scn_expect *)object)->u.capture;
    compile_for_points(b, capture, "filter", &capture->filter);
    compile_for_points(b, capture, "only", &capture->only);
    for (size_t i = 0; i < capture->sequence_count; i++)
        compile_for_points(b, capture, "sequence", &capture->sequence[i]);
    if (!scn_node_get(node, "count") && !scn_node_get(node, "only") &&
        !scn_node_get(node, "sequence"))
        scn_bind_error(b, "missing-key", node, NULL,
                       "say how many match the filter (count), that all match one (only), or in "
                       "which order some come (sequence)",
                       "capture needs 'count', 'only' or 'sequence'");
}

static const struct scn_key capture_keys[] = {
    {.name = "at",
     .type = &scn_point_refs,
     .offset = offsetof(struct scn_expect, u.capture.points),
     .count_offset = offsetof(struct scn_expect, u.capture.point_count),
     .required = true,
     .about = "a capture point or a list: <host>:eth0, <vdc>-gw:lan<id>, <vdc>-gw:wan, "
              "<vdc>-gw:<tunnel>, internet"},
    {.name = "filter",
     .type = &point_filter,
     .offset = offsetof(struct scn_expect, u.capture.filter),
     .about = "which packets are looked at, in tcpdump's syntax; default all"},
    {.name = "count",
     .type = &scn_count_cmp,
     .offset = offsetof(struct scn_expect, u.capture.count),
     .has_offset = offsetof(struct scn_expect, u.capture.has_count),
     .about = "how many packets match the filter, at all the points together"},
    {.name = "only",
     .type = &point_filter,
     .offset = offsetof(struct scn_expect, u.capture.only),
     .about = "every packet looked at matches this filter"},
    {.name = "sequence",
     .type = &point_filters,
     .offset = offsetof(struct scn_expect, u.capture.sequence),
     .count_offset = offsetof(struct scn_expect, u.capture.sequence_count),
     .about = "packets that match these filters come in this order; others may come between"},
    SCN_DURING_KEY,
};

const struct scn_type scn_expect_capture_type = {
    .kind = SCN_TYPE_MAP,
    .schema = "expectCapture",
    .name = "capture",
    .about = "{at: internet, filter: icmp, count: 0}",
    .keys = capture_keys,
    .key_count = SCN_COUNT(capture_keys),
    .finish = capture_finish,
};
