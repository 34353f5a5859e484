/*
 * Causes in the addresses of LANs: one address that two nodes have, one subnet that two sites have. By the
 * model, where something did not get through.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose/case.h"
#include "diagnose/remedy.h"
#include "sim/internet.h"

/* ---- One subnet twice ---- */

void diag_say_overlap(struct diag_case *c, const struct diag_leg *leg, const struct diag_site *one,
                      const struct diag_site *other, const char *detail)
{
    /* In the order of the file, whichever way the packet went: whoever comes second is renumbered. */
    bool turned = !diag_is_first(c, one->vdc, other->vdc);
    const struct diag_site *here = turned ? other : one, *there = turned ? one : other;
    char number[16], other_number[16];
    struct net_prefix fresh = {0};
    const char *sets = diag_remedy_renumber(c, there, here, &fresh);
    const char *fix = "one of the two LANs";
    if (sets)
        fix = base_arena_printf(
            &c->out->arena,
            "LAN %u of %s, to %s for example: the LAN with its hosts and %s, in "
            "the tunnels' networks, and in the hosts' routes",
            there->lan->id, there->vdc->name, diag_net(c, &fresh), there->vdc->gateway.node);
    snprintf(number, sizeof(number), "%u", here->lan->id);
    snprintf(other_number, sizeof(other_number), "%u", there->lan->id);
    diag_say(
        c, leg, DIAG_OVERLAPPING_SUBNETS, DIAG_STAGE_HOST, there->lan->subnet_where, sets,
        DIAG_WORDS({"lan", number}, {"subnet", diag_net(c, &here->lan->subnet)},
                   {"vdc", here->vdc->name}, {"other_lan", other_number},
                   {"other_subnet", diag_net(c, &there->lan->subnet)},
                   {"other_vdc", there->vdc->name}, {"detail", detail}, {"fix", fix},
                   {"why", here->vdc == there->vdc
                               ? "a gateway reaches one LAN of a subnet, and no second one"
                               : "two sites of one tunnel cannot share addresses without NAT"}));
}

/* A gateway that has two LANs of one subnet looks for all of its hosts in the one that it was connected to first. */
void diag_check_lans(struct diag_case *c, const struct diag_leg *leg)
{
    const struct topo_vdc *vdc = leg->to.vdc;
    const struct topo_lan *lan = leg->to.host ? topo_find_lan(vdc, leg->to.host->lan) : NULL;
    const struct sim_record *end = leg->trip->end;
    if (!lan || !end || end->reason != SIM_REASON_HOST_UNREACHABLE ||
        end->node != diag_node_id(c, vdc->gateway.node))
        return;
    for (size_t i = 0; i < vdc->gateway.connection_count; i++) {
        const struct topo_lan *other = topo_find_lan(vdc, vdc->gateway.connections[i].lan);
        const struct diag_site here = {vdc, other}, there = {vdc, lan};
        if (!other || other == lan || !net_prefix_overlaps(&other->subnet, &lan->subnet))
            continue;
        diag_say_overlap(c, leg, &here, &there,
                         base_arena_printf(&c->out->arena, "%s looks for %s in LAN %u",
                                           vdc->gateway.node, diag_ip(c, leg->dst), other->id));
        return;
    }
}

/* ---- A gateway that takes its LAN for smaller than it is ---- */

void diag_check_gateway_mask(struct diag_case *c, const struct diag_leg *leg)
{
    struct base_arena *arena = &c->out->arena;
    const struct topo_host *host = leg->to.host;
    const struct topo_lan *lan = host ? topo_find_lan(leg->to.vdc, host->lan) : NULL;
    const struct topo_connection *connection =
        host ? topo_find_connection(&leg->to.vdc->gateway, host->lan) : NULL;
    if (!leg->apart || !lan || !connection || !net_prefix_contains(&lan->subnet, &host->address) ||
        !net_prefix_contains(&lan->subnet, &connection->ipv4.addr) ||
        net_prefix_contains(&connection->ipv4, &host->address))
        return;
    net_ip4 own = net_addr_ip4(&connection->ipv4.addr);
    const char *gateway = leg->to.vdc->gateway.node;
    diag_say(c, leg, DIAG_WRONG_GATEWAY_MASK, DIAG_STAGE_FAR + 1, connection->ipv4_where,
             diag_remedy_connect(c, leg->to.vdc, lan, own),
             DIAG_WORDS(
                 {"gateway", gateway}, {"lan", base_arena_printf(arena, "%u", lan->id)},
                 {"prefix", diag_net(c, &connection->ipv4)}, {"subnet", diag_net(c, &lan->subnet)},
                 {"host", host->name}, {"address", diag_ip(c, leg->dst)},
                 {"fix", base_arena_printf(arena, "%s/%u", diag_ip(c, own), lan->subnet.length)}));
}

/* ---- An address that nobody has ---- */

/* The LAN that the address would be in, with its VDC; false: none. */
static bool find_site(const struct topo_model *model, net_ip4 address, struct diag_site *out)
{
    for (size_t i = 0; i < model->vdc_count; i++) {
        *out = (struct diag_site){&model->vdcs[i], diag_lan_of(&model->vdcs[i], address)};
        if (out->lan)
            return true;
    }
    return false;
}

/* Routers have addresses, too: the internet's own, and those of NAT. */
static bool is_router(const struct topo_model *model, net_ip4 address)
{
    struct net_addr addr = net_addr_from_ip4(address);
    for (size_t i = 0; i < model->internet.nat_count; i++) {
        const struct topo_nat *nat = &model->internet.nats[i];
        if (net_addr_equal(&nat->public_ip, &addr) || net_prefix_contains(&nat->subnet, &addr))
            return true;
    }
    return address == SIM_INTERNET_ACCESS ||
           (address & net_ip4_mask(24)) == topo_internet_routers(model);
}

/* Who stands in that LAN: "lhr-host1 (192.168.2.11), lhr-host2 (192.168.2.12)". */
static const char *hosts_of(const struct diag_case *c, const struct diag_site *site)
{
    const char *text = "";
    for (size_t i = 0; i < site->vdc->host_count; i++) {
        const struct topo_host *host = &site->vdc->hosts[i];
        if (host->lan == site->lan->id)
            text = diag_join(c, text, ", ",
                             base_arena_printf(&c->out->arena, "%s (%s)", host->name,
                                               diag_ip(c, net_addr_ip4(&host->address))));
    }
    return text;
}

bool diag_rule_nobody(struct diag_case *c, const struct diag_leg *leg)
{
    struct base_arena *arena = &c->out->arena;
    struct net_addr to = net_addr_from_ip4(leg->dst);
    struct diag_site site = {0};
    struct topo_node node;
    if (leg->to_name || topo_find_address(c->in->model, &to, &node) ||
        is_router(c->in->model, leg->dst))
        return false;
    bool found = find_site(c->in->model, leg->dst, &site);
    const char *where = ": it is in no LAN, and no gateway's", *instead = "";
    if (found) {
        where = base_arena_printf(arena, " in LAN %u (%s) of %s", site.lan->id,
                                  diag_net(c, &site.lan->subnet), site.vdc->name);
        instead = hosts_of(c, &site);
    }
    if (*instead)
        instead = base_arena_printf(arena, ": there are %s", instead);
    diag_say(c, leg, DIAG_NOBODY_THERE, DIAG_STAGE_FAR + 9, leg->trip->probe->where, NULL,
             DIAG_WORDS({"address", diag_ip(c, leg->dst)}, {"where", where}, {"hosts", instead}));
    return !found || site.vdc == leg->from.vdc;
}

/* Whether a tunnel of the VDC's gateway is for packets from and to these. */
static bool is_carried(const struct topo_vdc *vdc, net_ip4 src, net_ip4 dst)
{
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        const struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        if (diag_covers(tunnel->cloud, tunnel->cloud_count, src) &&
            diag_covers(tunnel->peer, tunnel->peer_count, dst))
            return true;
    }
    return false;
}

/* The addresses in LANs of a gateway that a tunnel of `vdc` is for. */
static const char *addresses_of(const struct diag_case *c, const struct topo_vdc *vdc, net_ip4 src,
                                const struct topo_gateway *peer)
{
    const char *text = "";
    for (size_t i = 0; i < peer->connection_count; i++) {
        net_ip4 address = net_addr_ip4(&peer->connections[i].ipv4.addr);
        if (is_carried(vdc, src, address))
            text = diag_join(c, text, ", ", diag_ip(c, address));
    }
    return text;
}

bool diag_rule_private(struct diag_case *c, const struct diag_leg *leg)
{
    const struct diag_probe *probe = leg->trip->probe;
    const struct topo_node *own = leg->reply ? &leg->to : &leg->from;
    struct net_addr to = net_addr_from_ip4(probe->to);
    struct topo_node peer = {0};
    if (!own->host || !topo_find_public(c->in->model, &to, &peer) || peer.vdc == own->vdc)
        return false;
    net_ip4 src = net_addr_ip4(&own->host->address);
    if (is_carried(own->vdc, src, probe->to))
        return false;
    const char *instead = addresses_of(c, own->vdc, src, peer.gateway);
    const char *host = own->host->name, *detail = "";
    if (*instead)
        instead = base_arena_printf(&c->out->arena, ": %s has %s", peer.gateway->node, instead);
    if (probe->unreachable)
        detail = base_arena_printf(&c->out->arena, "; %s itself has no route to %s", host,
                                   diag_ip(c, probe->to));
    diag_say(c, leg, DIAG_PRIVATE_TO_PUBLIC, DIAG_STAGE_HOST, probe->where, NULL,
             DIAG_WORDS({"host", host}, {"source", diag_ip(c, src)},
                        {"address", diag_ip(c, probe->to)}, {"peer", peer.gateway->node},
                        {"gateway", own->vdc->gateway.node}, {"detail", detail},
                        {"instead", instead}));
    return true;
}

bool diag_rule_elsewhere(struct diag_case *c, const struct diag_leg *leg)
{
    const struct sim_record *record = leg->trip->elsewhere;
    struct topo_node other = {0};
    if (!record || leg->reply || !topo_find_node(c->in->model, diag_place(c, record), &other) ||
        other.vdc == leg->to.vdc)
        return false;
    const struct diag_site meant = {leg->to.vdc, diag_lan_of(leg->to.vdc, leg->dst)};
    const struct diag_site taken = {other.vdc, diag_lan_of(other.vdc, leg->dst)};
    if (!meant.lan || !taken.lan)
        return false;
    diag_say_overlap(c, leg, &meant, &taken,
                     base_arena_printf(&c->out->arena,
                                       "%s has the address %s as well, and takes what is for %s",
                                       diag_place(c, record), diag_ip(c, leg->dst), leg->to_name));
    return true;
}

/* ---- One address twice ---- */

struct holder {
    const char *name;
    struct base_where where;
    const struct topo_host *host; /* NULL: the gateway */
};

/* Nodes of a LAN with this address, the gateway first, at most two; how many. */
static size_t holders(const struct topo_vdc *vdc, const struct topo_lan *lan, net_ip4 address,
                      struct holder *found)
{
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, lan->id);
    size_t count = 0;
    if (connection && net_addr_ip4(&connection->ipv4.addr) == address)
        found[count++] = (struct holder){vdc->gateway.node, connection->ipv4_where, NULL};
    for (size_t i = 0; i < vdc->host_count && count < 2; i++) {
        const struct topo_host *host = &vdc->hosts[i];
        if (host->lan == lan->id && net_addr_ip4(&host->address) == address)
            found[count++] = (struct holder){host->name, host->address_where, host};
    }
    return count;
}

static bool in_pool(const struct topo_lan *lan, net_ip4 address)
{
    return lan->has_pool && net_addr_ip4(&lan->pool_first) <= address &&
           address <= net_addr_ip4(&lan->pool_last);
}

void diag_check_twice(struct diag_case *c, const struct diag_leg *leg, const struct topo_vdc *vdc,
                      net_ip4 address)
{
    const struct topo_lan *lan = vdc ? diag_lan_of(vdc, address) : NULL;
    struct holder found[2];
    char number[16];
    if (!lan || holders(vdc, lan, address, found) < 2)
        return;
    net_ip4 instead = diag_remedy_free_address(vdc, lan);
    const char *fix = "an address of its own";
    if (instead)
        fix = base_arena_printf(&c->out->arena, "an address of its own, %s for example",
                                diag_ip(c, instead));
    if (!found[0].host && in_pool(lan, address))
        fix = base_arena_printf(&c->out->arena,
                                "%s, and take %s, which is the gateway's, out of the DHCP pool",
                                fix, diag_ip(c, address));
    snprintf(number, sizeof(number), "%u", lan->id);
    diag_say(c, leg, DIAG_DUPLICATE_ADDRESS, DIAG_STAGE_HOST - 1, found[1].where,
             instead ? diag_remedy_address(c, vdc, found[1].host, instead) : NULL,
             DIAG_WORDS({"node", found[0].name}, {"other", found[1].name},
                        {"address", diag_ip(c, address)}, {"lan", number}, {"fix", fix}));
}
