/*
 * Policies in the order of look-up, one list a direction. A look-up walks the list; where it is long, a
 * small cache of recent flows answers first, and any change of the policies empties it.
 */
#include "ipsec/esp/spd.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/warm.h"

enum {
    CACHE_FROM = 16, /* policies: shorter lists are walked faster than a cache is asked */
    CACHE_SIZE = 64, /* flows; a power of two */
    RULES_FEW = 1,
    WARM_RULES_MAX = 2
};

/* A policy's selector, flat for IPv4; IPv6 ranges are read in the policy itself. */
struct rule {
    net_ip4 source_first, source_last;
    net_ip4 destination_first, destination_last;
    uint16_t source_port_first, source_port_last;
    uint16_t destination_port_first, destination_port_last;
    uint8_t family;
    uint8_t protocol;
    struct esp_policy *policy;
};

struct cached {
    struct esp_flow flow;      /* family 0: the place is empty */
    struct esp_policy *policy; /* NULL: no policy matches the flow */
};

/* One cache line where there is one policy, as with one tunnel. */
struct list {
    struct rule *rules; /* at first the few ones */
    uint32_t count;
    uint32_t capacity;
    struct cached *cache; /* CACHE_SIZE places, or NULL */
    struct rule few[RULES_FEW];
};
_Static_assert(sizeof(struct list) == BASE_LINE_SIZE, "see above");

struct esp_spd {
    struct list lists[ESP_DIRECTIONS];
};

struct esp_spd *esp_spd_new(void)
{
    struct esp_spd *spd = base_alloc_lines(sizeof(*spd));
    for (size_t d = 0; d < ESP_DIRECTIONS; d++) {
        spd->lists[d].rules = spd->lists[d].few;
        spd->lists[d].capacity = RULES_FEW;
    }
    return spd;
}

void esp_spd_free(struct esp_spd *spd)
{
    if (!spd)
        return;
    for (size_t d = 0; d < ESP_DIRECTIONS; d++) {
        struct list *list = &spd->lists[d];
        for (size_t i = 0; i < list->count; i++)
            free(list->rules[i].policy);
        base_grow_free(list->rules, list->few);
        free(list->cache);
    }
    free(spd);
}

static void cache_reset(struct list *list)
{
    free(list->cache);
    list->cache =
        list->count > CACHE_FROM ? base_alloc_array(CACHE_SIZE, sizeof(*list->cache)) : NULL;
}

static struct rule rule_of(struct esp_policy *policy)
{
    const struct esp_selector *s = &policy->config.selector;
    return (struct rule){.source_first = net_addr_ip4(&s->source.first),
                         .source_last = net_addr_ip4(&s->source.last),
                         .destination_first = net_addr_ip4(&s->destination.first),
                         .destination_last = net_addr_ip4(&s->destination.last),
                         .source_port_first = s->source_port_first,
                         .source_port_last = s->source_port_last,
                         .destination_port_first = s->destination_port_first,
                         .destination_port_last = s->destination_port_last,
                         .family = s->source.first.family,
                         .protocol = s->protocol,
                         .policy = policy};
}

/* Where a new policy goes: see esp_spd_add. */
static size_t place_for(const struct list *list, const struct esp_policy_config *config)
{
    size_t at = 0;
    for (; at < list->count; at++) {
        const struct esp_policy_config *other = &list->rules[at].policy->config;
        if (other->priority > config->priority)
            break;
        if (other->priority == config->priority &&
            esp_selector_equal(&other->selector, &config->selector))
            break;
    }
    return at;
}

static void make_room(struct list *list)
{
    size_t capacity = list->capacity;
    list->rules =
        base_grow_few(list->rules, list->few, list->count, &capacity, sizeof(*list->rules));
    list->capacity = (uint32_t)capacity;
}

struct esp_policy *esp_spd_add(struct esp_spd *spd, const struct esp_policy_config *config)
{
    assert(config->direction < ESP_DIRECTIONS);
    assert(config->selector.source.first.family == config->selector.destination.first.family);
    struct list *list = &spd->lists[config->direction];
    struct esp_policy *policy = base_alloc_lines(sizeof(*policy));
    *policy = (struct esp_policy){.config = *config, .last_used = -1};
    make_room(list);
    size_t at = place_for(list, config);
    for (size_t i = list->count; i > at; i--)
        list->rules[i] = list->rules[i - 1];
    list->rules[at] = rule_of(policy);
    list->count++;
    cache_reset(list);
    return policy;
}

static void remove_at(struct list *list, size_t at)
{
    free(list->rules[at].policy);
    list->count--;
    for (size_t i = at; i < list->count; i++)
        list->rules[i] = list->rules[i + 1];
}

void esp_spd_remove(struct esp_spd *spd, struct esp_policy *policy)
{
    struct list *list = &spd->lists[policy->config.direction];
    size_t at = 0;
    while (at < list->count && list->rules[at].policy != policy)
        at++;
    assert(at < list->count);
    remove_at(list, at);
    cache_reset(list);
}

size_t esp_spd_remove_owner(struct esp_spd *spd, uint32_t owner)
{
    size_t removed = 0;
    for (size_t d = 0; d < ESP_DIRECTIONS; d++) {
        struct list *list = &spd->lists[d];
        size_t before = list->count;
        for (size_t i = list->count; i-- > 0;) {
            if (list->rules[i].policy->config.owner == owner)
                remove_at(list, i);
        }
        removed += before - list->count;
        if (before != list->count)
            cache_reset(list);
    }
    return removed;
}

size_t esp_spd_count(const struct esp_spd *spd, enum esp_direction direction)
{
    return spd->lists[direction].count;
}

struct esp_policy *esp_spd_at(const struct esp_spd *spd, enum esp_direction direction, size_t index)
{
    const struct list *list = &spd->lists[direction];
    return index < list->count ? list->rules[index].policy : NULL;
}

static bool ports_match(const struct rule *rule, const struct esp_flow *flow)
{
    return flow->source_port >= rule->source_port_first &&
           flow->source_port <= rule->source_port_last &&
           flow->destination_port >= rule->destination_port_first &&
           flow->destination_port <= rule->destination_port_last &&
           (!rule->protocol || rule->protocol == flow->protocol);
}

static struct esp_policy *walk_ip4(const struct list *list, const struct esp_flow *flow)
{
    net_ip4 source = net_addr_ip4(&flow->source);
    net_ip4 destination = net_addr_ip4(&flow->destination);
    for (size_t i = 0; i < list->count; i++) {
        const struct rule *rule = &list->rules[i];
        if (source >= rule->source_first && source <= rule->source_last &&
            destination >= rule->destination_first && destination <= rule->destination_last &&
            rule->family == NET_ADDR_IP4 && ports_match(rule, flow))
            return rule->policy;
    }
    return NULL;
}

static bool range_holds(const struct esp_range *range, const struct net_addr *addr)
{
    return net_addr_compare(&range->first, addr) <= 0 && net_addr_compare(addr, &range->last) <= 0;
}

static struct esp_policy *walk_ip6(const struct list *list, const struct esp_flow *flow)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct rule *rule = &list->rules[i];
        const struct esp_selector *selector = &rule->policy->config.selector;
        if (rule->family == NET_ADDR_IP6 && ports_match(rule, flow) &&
            range_holds(&selector->source, &flow->source) &&
            range_holds(&selector->destination, &flow->destination))
            return rule->policy;
    }
    return NULL;
}

static struct esp_policy *walk(const struct list *list, const struct esp_flow *flow)
{
    return flow->source.family == NET_ADDR_IP4 ? walk_ip4(list, flow) : walk_ip6(list, flow);
}

static bool flow_equal(const struct esp_flow *a, const struct esp_flow *b)
{
    return net_addr_equal(&a->source, &b->source) &&
           net_addr_equal(&a->destination, &b->destination) && a->protocol == b->protocol &&
           a->source_port == b->source_port && a->destination_port == b->destination_port;
}

/* Any spread will do: the place only decides who is forgotten, never what is answered. */
static size_t flow_place(const struct esp_flow *flow)
{
    uint64_t hash =
        (uint64_t)flow->source_port << 32 | (uint64_t)flow->destination_port << 16 | flow->protocol;
    for (size_t i = 0; i < sizeof(flow->source.bytes); i++) {
        hash ^= flow->source.bytes[i] | (uint64_t)flow->destination.bytes[i] << 8;
        hash *= 0x9e3779b97f4a7c15u;
    }
    return (size_t)(hash >> 32) % CACHE_SIZE;
}

struct esp_policy *esp_spd_find(const struct esp_spd *spd, enum esp_direction direction,
                                const struct esp_flow *flow)
{
    const struct list *list = &spd->lists[direction];
    if (!list->cache)
        return walk(list, flow);
    struct cached *place = &list->cache[flow_place(flow)];
    if (!place->flow.source.family || !flow_equal(&place->flow, flow))
        *place = (struct cached){*flow, walk(list, flow)};
    return place->policy;
}

void esp_spd_list_memory(const struct esp_spd *spd, enum esp_direction direction,
                         struct base_warm *set)
{
    base_warm_add(set, spd, sizeof(*spd));
    for (size_t d = 0; d < ESP_DIRECTIONS; d++) {
        const struct list *list = &spd->lists[d];
        size_t count = list->count < WARM_RULES_MAX ? list->count : WARM_RULES_MAX;
        if (list->rules != list->few)
            base_warm_add(set, list->rules, count * sizeof(*list->rules));
        for (size_t i = 0; i < count && d == direction; i++)
            base_warm_add(set, list->rules[i].policy, offsetof(struct esp_policy, config.selector));
    }
}

enum esp_status esp_spd_check(const struct esp_spd *spd, enum esp_direction direction,
                              const struct esp_flow *flow, const uint32_t *secpath,
                              size_t secpath_count, struct esp_policy **policy)
{
    assert(direction == ESP_IN || direction == ESP_FWD);
    struct esp_policy *found = esp_spd_find(spd, direction, flow);
    *policy = found;
    if (!found)
        return secpath_count ? ESP_IN_NO_POLICY : ESP_OK;
    if (found->config.action == ESP_DISCARD)
        return ESP_IN_BLOCKED;
    /* One template for one SA: more of the one or the other is a mismatch. */
    size_t templates = found->config.action == ESP_PROTECT;
    if (secpath_count != templates)
        return ESP_IN_TEMPLATE_MISMATCH;
    if (templates && secpath[0] != found->config.reqid)
        return ESP_IN_TEMPLATE_MISMATCH;
    return ESP_OK;
}
