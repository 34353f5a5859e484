/*
 * A tree a VDC, its tunnels below, the internet in one line:
 *
 *   txl  ionos-cloud-txl
 *   ├─ LAN 1  192.168.1.0/24
 *   │  ├─ txl-host1  192.168.1.11
 *   │  └─ txl-gw     192.168.1.5
 *   └─ txl-gw  203.0.113.10  vdc-to-vdc
 *      └─ lhr-tunnel  192.168.1.0/24 ═══ 192.168.2.0/24  to lhr-gw 203.0.113.20
 *
 * Where the paper is ASCII, the lines are those of lsblk there.
 */
#include "report/show.h"

#include <string.h>

#include "base/text.h"
#include "ipsec/crypto/algorithm.h"

struct lines {
    const char *branch, *last, *passes, *tunnel;
};

static const struct lines *lines_of(const struct report_paper *paper)
{
    static const struct lines BOXES = {"├─", "└─", "│ ", "═══"}, ASCII = {"|-", "`-", "| ", "==="};
    return paper->ascii ? &ASCII : &BOXES;
}

static void print_address(FILE *out, const struct net_addr *address)
{
    char text[NET_ADDR_TEXT_MAX];
    fputs(net_addr_format(address, text), out);
}

static void print_host(FILE *out, const struct topo_host *host)
{
    char to[NET_PREFIX_TEXT_MAX];
    char via[NET_ADDR_TEXT_MAX];
    fprintf(out, "%-12s ", host->name);
    print_address(out, &host->address);
    if (host->prefix_length) /* one of its own, which may be a mistake */
        fprintf(out, "/%u", host->prefix_length);
    for (size_t i = 0; i < host->route_count; i++)
        fprintf(out, "%s%s via %s", i ? ", " : "  routes ",
                net_prefix_format(&host->routes[i].to, to),
                net_addr_format(&host->routes[i].via, via));
    if (host->default_gateway.family)
        fprintf(out, "  default via %s", net_addr_format(&host->default_gateway, via));
    fputc('\n', out);
}

static void print_lan(const struct report_paper *paper, const struct topo_vdc *vdc,
                      const struct topo_lan *lan)
{
    FILE *out = paper->out;
    char text[NET_PREFIX_TEXT_MAX];
    const struct lines *lines = lines_of(paper);
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, lan->id);
    fprintf(out, "%s LAN %u  %s\n", lines->branch, lan->id, net_prefix_format(&lan->subnet, text));
    size_t left = connection ? 1 : 0;
    for (size_t i = 0; i < vdc->host_count; i++)
        left += vdc->hosts[i].lan == lan->id;
    for (size_t i = 0; i < vdc->host_count; i++) {
        if (vdc->hosts[i].lan != lan->id)
            continue;
        fprintf(out, "%s %s ", lines->passes, --left ? lines->branch : lines->last);
        print_host(out, &vdc->hosts[i]);
    }
    if (connection) {
        fprintf(out, "%s %s %-12s ", lines->passes, lines->last, vdc->gateway.node);
        print_address(out, &connection->ipv4.addr);
        fputc('\n', out);
    }
}

static void print_cidrs(FILE *out, const struct topo_cidr *cidrs, size_t count)
{
    char text[NET_PREFIX_TEXT_MAX];
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i ? ", " : "", net_prefix_format(&cidrs[i].prefix, text));
}

/* Whom remoteHost leads to and where that is; the word that it says, where it is neither. */
static void print_peer(FILE *out, const struct topo_model *model, const struct topo_tunnel *tunnel)
{
    char address[NET_ADDR_TEXT_MAX];
    struct topo_node peer;
    const char *node =
        topo_find_public(model, &tunnel->remote_address, &peer) ? peer.gateway->node : NULL;
    net_addr_format(&tunnel->remote_address, address);
    fprintf(out, "  to %s%s%s", node ? node : "", node ? " " : "", address);
    if (strcmp(tunnel->remote_host, address) != 0 &&
        (!node || strcmp(tunnel->remote_host, node) != 0))
        fprintf(out, " as '%s'", tunnel->remote_host);
    fputc('\n', out);
}

static void print_proposal(FILE *out, const char *before, const char *protocol,
                           const struct topo_proposal *proposal)
{
    fprintf(out, "   %s %s %s %s %s %us\n", before, protocol, proposal->encryption->product_name,
            proposal->integrity->product_name, proposal->group->product_name, proposal->lifetime_s);
}

static void print_tunnel(const struct report_paper *paper, const struct topo_model *model,
                         const struct topo_tunnel *tunnel, bool last)
{
    FILE *out = paper->out;
    const struct lines *lines = lines_of(paper);
    fprintf(out, "   %s ", last ? lines->last : lines->branch);
    report_paint(paper, REPORT_CYAN, "%s  ", tunnel->name);
    print_cidrs(out, tunnel->cloud, tunnel->cloud_count);
    report_paint(paper, REPORT_CYAN, " %s ", lines->tunnel);
    print_cidrs(out, tunnel->peer, tunnel->peer_count);
    print_peer(out, model, tunnel);
    print_proposal(out, last ? "  " : lines->passes, "IKE", &tunnel->ike);
    print_proposal(out, last ? "  " : lines->passes, "ESP", &tunnel->esp);
}

static void print_vdc(const struct report_paper *paper, const struct topo_model *model,
                      const struct topo_vdc *vdc)
{
    const struct topo_gateway *gateway = &vdc->gateway;
    report_paint(paper, REPORT_BOLD, "%s", vdc->name);
    fprintf(paper->out, "%s%s\n", vdc->location ? "  " : "", vdc->location ? vdc->location : "");
    for (size_t i = 0; i < vdc->lan_count; i++)
        print_lan(paper, vdc, &vdc->lans[i]);
    fprintf(paper->out, "%s %s  ", lines_of(paper)->last, gateway->node);
    print_address(paper->out, topo_gateway_wan(gateway));
    if (gateway->nat) {
        fputs(" behind NAT ", paper->out);
        print_address(paper->out, topo_gateway_outside(gateway));
    }
    fprintf(paper->out, "  %s, %s\n", gateway->name, topo_vpn_name(gateway->behaviour.vpn));
    for (size_t i = 0; i < gateway->tunnel_count; i++)
        print_tunnel(paper, model, &gateway->tunnels[i], i + 1 == gateway->tunnel_count);
}

static void print_internet(FILE *out, const struct topo_internet *internet)
{
    const struct topo_impairment *link = &internet->link;
    char text[BASE_TEXT_MAX];
    fprintf(out, "internet  %s, ", topo_internet_kind_name(internet->kind));
    if (internet->kind == TOPO_INTERNET_ROUTED)
        fprintf(out, "%u hops, ", internet->hops);
    fprintf(out, "delay %s", base_format_duration(link->delay_ns, text));
    if (link->set & TOPO_JITTER)
        fprintf(out, ", jitter %s", base_format_duration(link->jitter_ns, text));
    if (link->set & TOPO_LOSS)
        fprintf(out, ", loss %s", base_format_percent(link->loss, text));
    if (link->set & TOPO_DUPLICATE)
        fprintf(out, ", duplicate %s", base_format_percent(link->duplicate, text));
    if (link->set & TOPO_REORDER)
        fprintf(out, ", reorder %s", base_format_percent(link->reorder, text));
    if (link->set & TOPO_CORRUPT)
        fprintf(out, ", corrupt %s", base_format_percent(link->corrupt, text));
    if (link->set & TOPO_RATE)
        fprintf(out, ", rate %s", base_format_rate(link->rate_bps, text));
    fprintf(out, ", mtu %u\n", link->mtu_bytes);
}

void report_show_text(const struct report_paper *paper, const struct topo_model *model)
{
    for (size_t i = 0; i < model->vdc_count; i++)
        print_vdc(paper, model, &model->vdcs[i]);
    print_internet(paper->out, &model->internet);
}
