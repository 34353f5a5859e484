/* What is checked when all steps are known: their names, what they hold and release, their times. */
#include "scenarios/tables.h"

#include <string.h>

#define WORDS_MAX 64

/* --- Names ------------------------------------------------------------------------------------- */

static void check_step_name(struct scn_bind *b, size_t index)
{
    const struct scn_step *steps = b->scenario->steps;
    const struct scn_node at = {.where = steps[index].name_where};
    for (size_t i = 0; steps[index].name && i < index; i++)
        if (steps[i].name && !strcmp(steps[i].name, steps[index].name)) {
            scn_bind_error(b, "duplicate-name", &at, NULL, "give it another name",
                           "a second step is called '%s' (the first is on line %d)", steps[i].name,
                           steps[i].where.line);
            return;
        }
}

/* Whether a fault of the first `count` steps holds packets under this name. */
static void check_release(struct scn_bind *b, size_t index)
{
    const struct scn_step *steps = b->scenario->steps;
    const char *name = steps[index].u.release, *words[WORDS_MAX];
    const struct scn_node at = {.where = steps[index].value_where};
    size_t count = 0;
    for (size_t i = 0; name && i < index; i++) {
        const char *hold = steps[i].verb == SCN_VERB_FAULT ? steps[i].u.fault.exact.hold : NULL;
        if (hold && !strcmp(hold, name))
            return;
        if (hold && count < WORDS_MAX)
            words[count++] = hold;
    }
    if (name)
        scn_bind_error(b, "unknown-name", &at, NULL, scn_bind_suggest(b, name, words, count),
                       "release: no fault before this step holds anything as '%s'", name);
}

static void check_during(struct scn_bind *b, const struct scn_expect *expect)
{
    const struct scn_scenario *scenario = b->scenario;
    const char *name = expect->during.step, *words[WORDS_MAX];
    const struct scn_node at = {.where = expect->during.where};
    size_t count = 0;
    for (size_t i = 0; name && i < scenario->step_count; i++) {
        const char *other = scenario->steps[i].name;
        if (other && !strcmp(other, name))
            return;
        if (other && count < WORDS_MAX)
            words[count++] = other;
    }
    if (name)
        scn_bind_error(b, "unknown-name", &at, NULL, scn_bind_suggest(b, name, words, count),
                       "during: no step is called '%s'", name);
}

/* --- Times ------------------------------------------------------------------------------------- */

/* From the first of so many to the last. */
static base_ns times(base_ns interval, uint64_t count)
{
    if (count < 2)
        return 0;
    return (uint64_t)interval > (uint64_t)BASE_NEVER / count ? BASE_NEVER
                                                             : interval * (base_ns)(count - 1);
}

/* The least time that a step takes. */
static base_ns least_duration(const struct scn_step *step)
{
    const struct scn_ping *ping = &step->u.ping;
    if (step->background)
        return 0;
    if (step->verb == SCN_VERB_WAIT)
        return step->u.wait_ns;
    if (step->verb == SCN_VERB_TRAFFIC)
        return step->u.traffic.for_ns;
    if (step->verb == SCN_VERB_INJECT)
        return times(step->u.inject->interval_ns, step->u.inject->count);
    return step->verb == SCN_VERB_PING ? times(ping->interval_ns, ping->count) : 0;
}

static void check_times(struct scn_bind *b)
{
    base_ns now = 0;
    for (size_t i = 0; i < b->scenario->step_count; i++) {
        const struct scn_step *step = &b->scenario->steps[i];
        const struct scn_node at = {.where = step->at_where};
        char given[BASE_TEXT_MAX], earliest[BASE_TEXT_MAX];
        if (step->has_at && step->at_ns < now)
            scn_bind_error(b, "at-in-the-past", &at, NULL,
                           "steps stand in the order of their times; background: true lets the "
                           "next one start at once",
                           "at: %s lies in the past: the steps before last until %s at least",
                           base_format_duration(step->at_ns, given),
                           base_format_duration(now, earliest));
        else if (step->has_at)
            now = step->at_ns;
        now = base_ns_add(now, least_duration(step));
    }
}

/* --- Routes ------------------------------------------------------------------------------------ */

/* Linux refuses a next hop that no interface is on the same network with. */
static void check_next_hops(struct scn_bind *b, const struct scn_route *route)
{
    for (size_t i = 0; i < route->on_count; i++) {
        struct topo_node node;
        char via[NET_ADDR_TEXT_MAX], subnet[NET_PREFIX_TEXT_MAX];
        if (!topo_find_node(&b->scenario->model, route->on[i], &node) || !node.host)
            continue;
        const struct topo_lan *lan = topo_find_lan(node.vdc, node.host->lan);
        for (size_t j = 0; lan && j < route->add_count; j++) {
            const struct topo_route *add = &route->add[j];
            if (!add->via.family || !lan->subnet.addr.family ||
                net_prefix_contains(&lan->subnet, &add->via))
                continue;
            base_diagnostics_add(b->problems, BASE_WARNING, "next-hop-not-on-link", add->where,
                                 "the host refuses such a route",
                                 "the next hop %s is not in the subnet %s of %s",
                                 net_addr_format(&add->via, via),
                                 net_prefix_format(&lan->subnet, subnet), node.host->name);
        }
    }
}

void scn_check_steps(struct scn_bind *b)
{
    const struct scn_scenario *scenario = b->scenario;
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scn_step *step = &scenario->steps[i];
        check_step_name(b, i);
        if (step->verb == SCN_VERB_RELEASE)
            check_release(b, i);
        if (step->verb == SCN_VERB_ROUTE)
            check_next_hops(b, &step->u.route);
        for (size_t j = 0; step->verb == SCN_VERB_EXPECT && j < step->u.expect.count; j++)
            check_during(b, &step->u.expect.items[j]);
    }
    for (size_t i = 0; i < scenario->expectation_count; i++)
        check_during(b, &scenario->expectations[i]);
    check_times(b);
}
