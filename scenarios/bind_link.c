/* The tables of what links do to packets, and of the internet. */
#include "scenarios/tables.h"

#include <string.h>

/* --- queue ------------------------------------------------------------------------------------ */

/* "100" or "100 packets", "64KiB" */
static bool read_queue(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    struct topo_impairment *link = slot;
    char number[32];
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    size_t size = strcspn(node->text, "p");
    uint64_t value;
    bool packets = !strcmp(node->text + size, "packets") || !node->text[size];
    if (packets && size < sizeof(number)) {
        memcpy(number, node->text, size);
        number[size] = '\0';
        if (base_text_unsigned(number, UINT32_MAX, &value) && value) {
            link->queue = value;
            link->queue_is_packets = true;
            return true;
        }
    }
    if (!base_text_bytes(node->text, &value) || !value || value > UINT32_MAX)
        return scn_bind_bad_value(b, type, key, node);
    link->queue = value;
    link->queue_is_packets = false;
    return true;
}

const struct scn_type scn_queue = {
    .kind = SCN_TYPE_VALUE,
    .name = "a length of a queue",
    .about = "write packets (100, \"100 packets\") or bytes (64KiB, 100kB)",
    .read = read_queue,
    .schema = "\"$ref\": \"#/definitions/queue\"",
};

/* --- burstLoss -------------------------------------------------------------------------------- */

#define BURST_TO_GOOD 0.25 /* bursts of four packets on average */

static void burst_begin(struct scn_bind *b, const struct scn_node *node, void *object)
{
    (void)b;
    (void)node;
    *(struct topo_burst_loss *)object =
        (struct topo_burst_loss){.to_good = BURST_TO_GOOD, .loss_in_bad = 1};
}

static const struct scn_key burst_keys[] = {
    {.name = "toBad",
     .type = &scn_percent,
     .offset = offsetof(struct topo_burst_loss, to_bad),
     .required = true,
     .about = "chance, at each packet, to go from the good state to the bad one (netem's p)"},
    {.name = "toGood",
     .type = &scn_percent,
     .offset = offsetof(struct topo_burst_loss, to_good),
     .about = "chance to go back (netem's r)",
     .standard = "\"25%\""},
    {.name = "lossInBad",
     .type = &scn_percent,
     .offset = offsetof(struct topo_burst_loss, loss_in_bad),
     .about = "share that is lost in the bad state (netem's 1-h)",
     .standard = "\"100%\""},
    {.name = "lossInGood",
     .type = &scn_percent,
     .offset = offsetof(struct topo_burst_loss, loss_in_good),
     .about = "share that is lost in the good state (netem's 1-k)",
     .standard = "\"0%\""},
};

static const struct scn_type burst_map = {
    .kind = SCN_TYPE_MAP,
    .name = "burstLoss",
    .about = "write a percentage, or {toBad, toGood, lossInBad, lossInGood}",
    .keys = burst_keys,
    .key_count = SCN_COUNT(burst_keys),
    .size = sizeof(struct topo_burst_loss),
    .begin = burst_begin,
};

/*
 * A percentage alone is the mean loss L with bursts of four packets: in the long run the bad state, in
 * which all is lost, has the share toBad / (toBad + toGood).
 */
static bool read_burst(struct scn_bind *b, const struct scn_type *type, const struct scn_key *key,
                       const struct scn_node *node, void *slot)
{
    struct topo_burst_loss *burst = slot;
    double mean;
    if (node->kind == SCN_MAP)
        return scn_bind_map(b, &burst_map, node, slot);
    if (!scn_bind_is_scalar(b, type, key, node))
        return false;
    if (!base_text_percent(node->text, &mean))
        return scn_bind_bad_value(b, type, key, node);
    if (mean > 0.8)
        return scn_bind_error(b, "out-of-range", node, key, "give the four probabilities instead",
                              "a mean loss of %s does not come in bursts of four", node->text);
    burst_begin(b, node, slot);
    burst->to_bad = mean * BURST_TO_GOOD / (1 - mean);
    return true;
}

const struct scn_type scn_burst_loss = {
    .kind = SCN_TYPE_VALUE,
    .name = "a loss in bursts",
    .about = "write a percentage, or {toBad, toGood, lossInBad, lossInGood}",
    .read = read_burst,
    .schema = "\"anyOf\": [{\"$ref\": \"#/definitions/percent\"}, {\"$ref\": "
              "\"#/definitions/burstLoss\"}]",
    .of = &burst_map,
};

/* --- internet --------------------------------------------------------------------------------- */

static const char *kind_word(unsigned n)
{
    return topo_internet_kind_name((enum topo_internet_kind)n);
}

static const struct scn_type internet_kind = {
    .kind = SCN_TYPE_WORD, .name = "a kind of internet", .word = kind_word};

void scn_internet_defaults(struct topo_internet *internet)
{
    internet->hops = TOPO_HOPS_DEFAULT;
    internet->link.set = TOPO_DELAY | TOPO_MTU;
    internet->link.delay_ns = TOPO_INTERNET_DELAY_DEFAULT;
    internet->link.mtu_bytes = TOPO_MTU_DEFAULT;
}

static const struct scn_key firewall_keys[] = {
    {.name = "drop",
     .type = &scn_filter_text,
     .offset = offsetof(struct topo_firewall, drop),
     .required = true,
     .about = "which packets: a tcpdump filter"},
    {.name = "from",
     .type = &scn_gateway_ref,
     .offset = offsetof(struct topo_firewall, from),
     .about = "only what this gateway sends onto the internet; default both directions"},
};

static const struct scn_type firewall_rule = {
    .kind = SCN_TYPE_MAP,
    .name = "firewall rule",
    .about = "{drop: \"udp port 4500\", from: txl-gw}",
    .keys = firewall_keys,
    .key_count = SCN_COUNT(firewall_keys),
    .size = sizeof(struct topo_firewall),
    .where_offset = offsetof(struct topo_firewall, where),
};

static const struct scn_type firewall = {
    .kind = SCN_TYPE_LIST,
    .name = "a list of firewall rules",
    .about = "a list of {drop: \"udp port 4500\", from: txl-gw}",
    .of = &firewall_rule,
    .size = sizeof(struct topo_firewall),
};

static void internet_finish(struct scn_bind *b, const struct scn_node *node, void *object)
{
    const struct topo_internet *internet = object;
    if (internet->kind == TOPO_INTERNET_SEGMENT && !scn_node_get(node, "subnet"))
        base_diagnostics_add(b->problems, BASE_ERROR, "missing-key", node->where,
                             "write the network of the gateways' public addresses: 203.0.113.0/24",
                             "an internet of kind segment needs 'subnet'");
}

static const struct scn_key internet_keys[] = {
    {.name = "kind",
     .type = &internet_kind,
     .offset = offsetof(struct topo_internet, kind),
     .about =
         "routed: a cloud of routers. segment: one Ethernet segment with `subnet`, as in a lab",
     .standard = "\"routed\""},
    {.name = "hops",
     .type = &scn_u32,
     .offset = offsetof(struct topo_internet, hops),
     .min = 1,
     .max = 64,
     .about = "routed: how many routers are on the way",
     .standard = "6"},
    {.name = "subnet",
     .type = &scn_network,
     .offset = offsetof(struct topo_internet, subnet),
     .where_offset = offsetof(struct topo_internet, subnet_where),
     .about = "segment: the network of the gateways' public addresses"},
    SCN_IMPAIRMENT_KEYS(struct topo_internet, link),
    {.name = "nat",
     .type = &scn_nats,
     .offset = offsetof(struct topo_internet, nats),
     .count_offset = offsetof(struct topo_internet, nat_count),
     .about = "NAT routers in front of gateways, by the gateway's name"},
    {.name = "firewall",
     .type = &firewall,
     .offset = offsetof(struct topo_internet, firewall),
     .count_offset = offsetof(struct topo_internet, firewall_count),
     .about = "what a middlebox on the path drops"},
};

const struct scn_type scn_type_internet = {
    .kind = SCN_TYPE_MAP,
    .name = "internet",
    .about = "what lies between the gateways' public addresses",
    .keys = internet_keys,
    .key_count = SCN_COUNT(internet_keys),
    .size = sizeof(struct topo_internet),
    .where_offset = offsetof(struct topo_internet, where),
    .set_offset = offsetof(struct topo_internet, link.set),
    .finish = internet_finish,
};
