/* The two ways of a trip against the model, and what the rules say with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "diagnose/case.h"
#include "diagnose/remedy.h"
#include "sim/node.h"

const char *diag_ip(const struct diag_case *c, net_ip4 address)
{
    char text[NET_IP4_TEXT_MAX];
    return base_arena_strdup(&c->out->arena, net_ip4_format(address, text));
}

const char *diag_net(const struct diag_case *c, const struct net_prefix *prefix)
{
    char text[NET_PREFIX_TEXT_MAX];
    return base_arena_strdup(&c->out->arena, net_prefix_format(prefix, text));
}

const char *diag_time(const struct diag_case *c, base_ns length)
{
    char text[BASE_TEXT_MAX];
    return base_arena_strdup(&c->out->arena, base_format_duration(length, text));
}

const char *diag_clock(const struct diag_case *c, base_ns at)
{
    char text[32];
    int size = snprintf(text, sizeof(text), "%.3f", (double)at / (double)BASE_S);
    while (size > 1 && text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    return base_arena_printf(&c->out->arena, "%.*s s", size, text);
}

bool diag_covers(const struct topo_cidr *list, size_t count, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    for (size_t i = 0; i < count; i++) {
        if (net_prefix_contains(&list[i].prefix, &addr))
            return true;
    }
    return false;
}

bool diag_meet(const struct topo_cidr *a, size_t a_count, const struct topo_cidr *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++) {
            if (net_prefix_overlaps(&a[i].prefix, &b[j].prefix))
                return true;
        }
    }
    return false;
}

const struct topo_cidr *diag_any(const struct topo_cidr *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].prefix.length == 0 && list[i].prefix.addr.family == NET_ADDR_IP4)
            return &list[i];
    }
    return NULL;
}

const char *diag_join(const struct diag_case *c, const char *list, const char *separator,
                      const char *item)
{
    return base_arena_printf(&c->out->arena, "%s%s%s", list, *list ? separator : "", item);
}

const char *diag_list(const struct diag_case *c, const struct topo_cidr *list, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = diag_join(c, text, ", ", diag_net(c, &list[i].prefix));
    return text;
}

const char *diag_networks(const struct diag_case *c, const struct topo_vdc *vdc)
{
    const char *text = "";
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        const struct topo_lan *lan = topo_find_lan(vdc, vdc->gateway.connections[i].lan);
        if (lan)
            text = diag_join(c, text, ", ", diag_net(c, &lan->subnet));
    }
    return text;
}

const struct topo_lan *diag_lan_of(const struct topo_vdc *vdc, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    for (size_t i = 0; vdc && i < vdc->lan_count; i++) {
        if (net_prefix_contains(&vdc->lans[i].subnet, &addr))
            return &vdc->lans[i];
    }
    return NULL;
}

/* A key of a path for `--set`. */
const char *diag_key(const struct diag_case *c, const char *name)
{
    return strchr(name, '.') ? base_arena_printf(&c->out->arena, "\"%s\"", name) : name;
}

char *diag_set_tunnel(const struct diag_case *c, const struct topo_vdc *vdc,
                      const struct topo_tunnel *tunnel, const char *field, const char *value)
{
    return base_arena_printf(&c->out->arena, "vdcs.%s.gateway.tunnels.%s.%s=%s",
                             diag_key(c, vdc->name), diag_key(c, tunnel->name), field, value);
}

char *diag_set_gateway(const struct diag_case *c, const struct topo_vdc *vdc, const char *field,
                       const char *value)
{
    return base_arena_printf(&c->out->arena, "vdcs.%s.gateway.%s=%s", diag_key(c, vdc->name), field,
                             value);
}

char *diag_set_host(const struct diag_case *c, const struct topo_vdc *vdc,
                    const struct topo_host *host, const char *network, const char *via)
{
    return base_arena_printf(&c->out->arena, "vdcs.%s.hosts.%s.routes.\"%s\"=%s",
                             diag_key(c, vdc->name), diag_key(c, host->name), network, via);
}

/* ---- Legs ---- */

static const char *name_of(const struct topo_node *node)
{
    return node->host ? node->host->name : node->gateway ? node->gateway->node : NULL;
}

/* The address that the request was sent from. */
static net_ip4 source_of(const struct diag_trip *trip, const struct topo_node *from)
{
    for (size_t i = 0; i < trip->count; i++) {
        if (trip->stops[i].record->kind == SIM_KIND_ROUTED)
            return (net_ip4)(trip->stops[i].record->a >> 32);
    }
    return net_addr_ip4(from->host ? &from->host->address : topo_gateway_wan(from->gateway));
}

static bool is_public(const struct diag_case *c, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    struct topo_node node;
    return topo_find_public(c->in->model, &addr, &node);
}

void diag_leg_init(const struct diag_case *c, struct diag_leg *leg, const struct diag_trip *trip,
                   bool reply)
{
    const struct diag_probe *probe = trip->probe;
    struct topo_node here = {0}, there = {0};
    struct net_addr to = net_addr_from_ip4(probe->to);
    topo_find_node(c->in->model, probe->from, &here);
    if (!probe->to_node || !topo_find_node(c->in->model, probe->to_node, &there))
        topo_find_address(c->in->model, &to, &there);
    net_ip4 source = source_of(trip, &here);
    *leg = (struct diag_leg){
        .trip = trip,
        .reply = reply,
        .src = reply ? probe->to : source,
        .dst = reply ? source : probe->to,
        .from = reply ? there : here,
        .to = reply ? here : there,
        .look = reply ? &probe->back : &probe->there,
        .stage = reply ? DIAG_STAGE_REPLY : 0,
    };
    leg->from_name = name_of(&leg->from);
    leg->to_name = name_of(&leg->to);
    leg->origin = leg->from;
    leg->origin_name = leg->from_name;
    leg->from_id = leg->from_name ? diag_node_id(c, leg->from_name) : 0;
    leg->apart = leg->from.vdc && leg->from.vdc != leg->to.vdc &&
                 !(is_public(c, leg->src) && is_public(c, leg->dst)); /* no tunnel is for that */
    diag_find_tunnels(c, leg);
}

bool diag_leg_next(const struct diag_case *c, const struct diag_leg *leg, struct diag_leg *next)
{
    if (!leg->apart || !leg->tunnel || !leg->peer || !leg->to.vdc || leg->peer == leg->to.vdc)
        return false;
    *next = *leg;
    next->from = (struct topo_node){.vdc = leg->peer, .gateway = &leg->peer->gateway};
    next->from_name = leg->peer->gateway.node;
    next->from_id = diag_node_id(c, next->from_name);
    next->tunnel = next->back = next->stray = NULL;
    next->peer = NULL;
    next->stage = leg->stage + DIAG_STAGE_HUB;
    diag_find_tunnels(c, next);
    return next->tunnel != leg->back;
}

static bool is_same_place(struct base_where a, struct base_where b)
{
    return a.file == b.file && a.line == b.line && a.column == b.column;
}

/* Whether a known cause is that one, told by what became of another packet perhaps. */
static bool is_known(const struct diag_cause *known, enum diag_code code, const char *text,
                     struct base_where where, const char *set)
{
    bool same_cure = set && known->set && strcmp(known->set, set) == 0;
    return known->code == code &&
           (strcmp(known->text, text) == 0 || (same_cure && is_same_place(known->where, where)));
}

void diag_say(struct diag_case *c, const struct diag_leg *leg, enum diag_code code, unsigned stage,
              struct base_where where, const char *set, const struct diag_word *words)
{
    struct diag_report *out = c->out;
    set = diag_remedy_in_change(c, set);
    char *text = diag_fill(diag_code_row(code)->text, words);
    c->said++;
    for (size_t i = 0; i < out->cause_count; i++) {
        struct diag_cause *known = &out->causes[i];
        if (!is_known(known, code, text, where, set))
            continue;
        if (known->probe == leg->trip->probe_index && known->stage > leg->stage + stage)
            known->stage = leg->stage + stage;
        out->unexplained[leg->trip->probe_index] = false;
        free(text);
        return;
    }
    char *remedy = diag_fill(diag_code_row(code)->remedy, words);
    out->causes =
        base_grow(out->causes, out->cause_count, &out->cause_capacity, sizeof(*out->causes));
    size_t number = out->cause_count++;
    out->causes[number] = (struct diag_cause){
        .code = code,
        .text = base_arena_strdup(&out->arena, text),
        .remedy = base_arena_strdup(&out->arena, remedy),
        .set = set,
        .where = where,
        .stage = leg->stage + stage,
        .probe = leg->trip->probe_index,
        .number = number,
    };
    out->unexplained[leg->trip->probe_index] = false;
    free(text);
    free(remedy);
}

bool diag_is_said(struct diag_case *c, const struct diag_leg *leg, enum diag_code code,
                  struct base_where where)
{
    for (size_t i = 0; i < c->out->cause_count; i++) {
        const struct diag_cause *known = &c->out->causes[i];
        if (known->code != code || !is_same_place(known->where, where))
            continue;
        c->said++;
        c->out->unexplained[leg->trip->probe_index] = false;
        return true;
    }
    return false;
}
