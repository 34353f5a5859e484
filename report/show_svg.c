/*
 * Two columns of VDCs, the internet between them. Each VDC is a box with its LANs and hosts; its gateway
 * stands at the edge towards the internet. A tunnel is a line from gateway to gateway, drawn once where both
 * ends have it, dashed where only one has. Each end has its own place at the gateway and its name beside it;
 * a gateway's tunnels are in the order of their peers from top to bottom, so that few lines cross. A NAT router
 * stands between its gateway and that edge, and the tunnels run through it.
 */
#include "report/show.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/xml.h"

enum {
    BOX_WIDTH = 380,
    GAP_WIDTH = 380, /* the internet's column */
    MARGIN = 24,
    TITLE_HEIGHT = 44,
    HEAD_HEIGHT = 34, /* a VDC's name */
    LAN_HEIGHT = 26,
    LINE_HEIGHT = 20, /* a host */
    BOX_GAP = 28,
    GATEWAY_WIDTH = 176,
    GATEWAY_HEIGHT = 44, /* at least */
    PORT_HEIGHT = 20,    /* a tunnel's end at its gateway */
    NAT_WIDTH = 144,
    NAT_HEIGHT = 58, /* at least: three lines */
    NAT_GAP = 22,    /* between the router and its gateway */
    NAT_NAME_SIZE = 16,
    STUB_WIDTH = 84, /* of a line that is straight */
    NAME_SIZE = 22,  /* characters of a tunnel's name that have room */
    TEXT_SIZE = 30,  /* the same of a host's or a VDC's */
};

struct place {
    int x, y, height;
    int gate_x, gate_y; /* the middle of the edge at which tunnels leave the gateway */
    bool left;
};

struct drawing {
    FILE *out;
    const struct topo_model *model;
    struct place *places;
    int width, height;
};

static void text(FILE *out, int x, int y, const char *class, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void text(FILE *out, int x, int y, const char *class, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *words = base_vprintf(format, arguments);
    va_end(arguments);
    fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    report_xml_text(out, words);
    fputs("</text>\n", out);
    free(words);
}

/* As much of a name as has room, cut between characters (UTF-8), as printf's precision and what follows. */
struct cut {
    int size;
    const char *rest;
};

static struct cut cut(const char *name, int characters_max)
{
    int size = 0;
    for (int count = 0; name[size]; count++) {
        if (count == characters_max)
            return (struct cut){size, "\u2026"};
        do
            size++;
        while (((unsigned char)name[size] & 0xc0) == 0x80);
    }
    return (struct cut){size, ""};
}

static int gateway_height(const struct topo_gateway *gateway)
{
    int ports = (int)gateway->tunnel_count * PORT_HEIGHT + 8;
    int least = gateway->nat ? NAT_HEIGHT : GATEWAY_HEIGHT;
    return ports > least ? ports : least;
}

/* The edge of the gateway itself: behind its NAT router, where it has one. */
static int gateway_edge(const struct topo_gateway *gateway, const struct place *place)
{
    int inside = gateway->nat ? NAT_WIDTH + NAT_GAP : 0;
    return place->left ? place->gate_x - inside : place->gate_x + inside;
}

static int box_height(const struct topo_vdc *vdc)
{
    return HEAD_HEIGHT + (int)vdc->lan_count * LAN_HEIGHT + (int)vdc->host_count * LINE_HEIGHT +
           gateway_height(&vdc->gateway) + 24;
}

/* Each VDC goes to the column that is shorter so far. */
static void lay_out(struct drawing *drawing)
{
    int ends[2] = {TITLE_HEIGHT + MARGIN, TITLE_HEIGHT + MARGIN};
    for (size_t i = 0; i < drawing->model->vdc_count; i++) {
        struct place *place = &drawing->places[i];
        int column = ends[0] <= ends[1] ? 0 : 1;
        place->left = column == 0;
        place->x = MARGIN + (place->left ? 0 : BOX_WIDTH + GAP_WIDTH);
        place->y = ends[column];
        place->height = box_height(&drawing->model->vdcs[i]);
        place->gate_x = place->left ? place->x + BOX_WIDTH + 12 : place->x - 12;
        place->gate_y =
            place->y + place->height - gateway_height(&drawing->model->vdcs[i].gateway) / 2 - 12;
        ends[column] += place->height + BOX_GAP;
    }
    drawing->width = 2 * MARGIN + 2 * BOX_WIDTH + GAP_WIDTH;
    drawing->height = (ends[0] > ends[1] ? ends[0] : ends[1]) - BOX_GAP + MARGIN;
}

static void draw_lan(FILE *out, const struct topo_vdc *vdc, const struct topo_lan *lan, int x,
                     int *y)
{
    char prefix[NET_PREFIX_TEXT_MAX];
    char address[NET_ADDR_TEXT_MAX];
    const struct topo_connection *connection = topo_find_connection(&vdc->gateway, lan->id);
    *y += LAN_HEIGHT;
    text(out, x + 16, *y, "lan", "LAN %u  %s", lan->id, net_prefix_format(&lan->subnet, prefix));
    if (connection)
        text(out, x + BOX_WIDTH - 16, *y, "end", "gateway %s",
             net_addr_format(&connection->ipv4.addr, address));
    for (size_t i = 0; i < vdc->host_count; i++) {
        const struct topo_host *host = &vdc->hosts[i];
        if (host->lan != lan->id)
            continue;
        *y += LINE_HEIGHT;
        fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" class=\"host\"/>\n", x + 30, *y - 4);
        struct cut name = cut(host->name, TEXT_SIZE);
        text(out, x + 44, *y, "name", "%.*s%s", name.size, host->name, name.rest);
        const struct net_prefix own = {host->address, host->prefix_length};
        text(out, x + BOX_WIDTH - 16, *y, "end", "%s",
             own.length ? net_prefix_format(&own, prefix) : net_addr_format(&own.addr, address));
    }
}

static void draw_gateway(FILE *out, const struct topo_gateway *gateway, const struct place *place)
{
    char address[NET_ADDR_TEXT_MAX];
    int edge = gateway_edge(gateway, place);
    int x = place->left ? edge - GATEWAY_WIDTH : edge;
    int height = gateway_height(gateway);
    struct cut name = cut(gateway->node, NAME_SIZE);
    fprintf(out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" class=\"gateway\"/>\n", x,
            place->gate_y - height / 2, GATEWAY_WIDTH, height);
    text(out, x + 12, place->gate_y - 4, "gate", "%.*s%s", name.size, gateway->node, name.rest);
    text(out, x + 12, place->gate_y + 13, "gate-small", "%s, %s",
         net_addr_format(topo_gateway_wan(gateway), address),
         topo_vpn_name(gateway->behaviour.vpn));
}

static void draw_nat(FILE *out, const struct topo_gateway *gateway, const struct place *place)
{
    const struct topo_nat *nat = gateway->nat;
    char address[NET_ADDR_TEXT_MAX];
    int x = place->left ? place->gate_x - NAT_WIDTH : place->gate_x;
    int height = gateway_height(gateway);
    struct cut name = cut(nat->node, NAT_NAME_SIZE);
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" class=\"nat\"/>\n", x,
            place->gate_y - height / 2, NAT_WIDTH, height);
    text(out, x + 10, place->gate_y - 10, "gate", "%.*s%s", name.size, nat->node, name.rest);
    text(out, x + 10, place->gate_y + 6, "gate-small", "%s",
         net_addr_format(&nat->public_ip, address));
    text(out, x + 10, place->gate_y + 20, "gate-small", "NAT, %s", topo_nat_type_name(nat->type));
}

static void draw_vdc(const struct drawing *drawing, size_t index)
{
    const struct topo_vdc *vdc = &drawing->model->vdcs[index];
    const struct place *place = &drawing->places[index];
    FILE *out = drawing->out;
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\" class=\"vdc\"/>\n",
            place->x, place->y, BOX_WIDTH, place->height);
    struct cut name = cut(vdc->name, TEXT_SIZE);
    text(out, place->x + 16, place->y + 24, "vdc-name", "%.*s%s", name.size, vdc->name, name.rest);
    if (vdc->location)
        text(out, place->x + BOX_WIDTH - 16, place->y + 24, "end", "%s", vdc->location);
    int y = place->y + HEAD_HEIGHT - 8;
    for (size_t i = 0; i < vdc->lan_count; i++)
        draw_lan(out, vdc, &vdc->lans[i], place->x, &y);
    draw_gateway(out, &vdc->gateway, place);
}

/* One end of a line. */
struct end {
    int x, y;
    bool left;
};

/* The VDC whose gateway the tunnel leads to, or the model's count of them where nobody has the address. */
static size_t peer_of(const struct topo_model *model, const struct topo_tunnel *tunnel)
{
    struct topo_node peer;
    if (!topo_find_public(model, &tunnel->remote_address, &peer))
        return model->vdc_count;
    return (size_t)(peer.vdc - model->vdcs);
}

/*
 * What orders a gateway's tunnels: how high their peers stand. Peers in the same column come first or last, the
 * nearest outermost, so that their arcs lie one in another; those that nobody has are last.
 */
static int peer_height(const struct drawing *drawing, size_t vdc, const struct topo_tunnel *tunnel)
{
    size_t peer = peer_of(drawing->model, tunnel);
    if (peer == drawing->model->vdc_count)
        return 3 * drawing->height;
    const struct place *here = &drawing->places[vdc];
    const struct place *there = &drawing->places[peer];
    if (here->left != there->left)
        return there->gate_y;
    int distance = there->gate_y - here->gate_y;
    return distance < 0 ? -drawing->height - distance : 2 * drawing->height - distance;
}

static struct end end_of(const struct drawing *drawing, size_t vdc, size_t index)
{
    const struct topo_gateway *gateway = &drawing->model->vdcs[vdc].gateway;
    const struct place *place = &drawing->places[vdc];
    int height = peer_height(drawing, vdc, &gateway->tunnels[index]);
    int rank = 0;
    for (size_t i = 0; i < gateway->tunnel_count; i++) {
        int other = peer_height(drawing, vdc, &gateway->tunnels[i]);
        rank += other < height || (other == height && i < index);
    }
    int offset = (2 * rank - (int)gateway->tunnel_count + 1) * PORT_HEIGHT / 2;
    return (struct end){place->gate_x, place->gate_y + offset, place->left};
}

/* The peer's tunnel that leads back: where several join the two gateways, the n-th to the n-th. */
static const struct topo_tunnel *way_back(const struct topo_model *model, size_t vdc, size_t index)
{
    const struct topo_gateway *gateway = &model->vdcs[vdc].gateway;
    const struct topo_gateway *peer =
        &model->vdcs[peer_of(model, &gateway->tunnels[index])].gateway;
    size_t before = 0;
    for (size_t i = 0; i < index; i++)
        before += net_addr_equal(&gateway->tunnels[i].remote_address, topo_gateway_outside(peer));
    for (size_t i = 0; i < peer->tunnel_count; i++) {
        if (net_addr_equal(&peer->tunnels[i].remote_address, topo_gateway_outside(gateway)) &&
            before-- == 0)
            return &peer->tunnels[i];
    }
    return NULL;
}

/* Straight below its names, bent between. */
static void draw_line(FILE *out, const struct end *a, const struct end *b, bool both)
{
    int middle = MARGIN + BOX_WIDTH + GAP_WIDTH / 2;
    int pull = a->left == b->left ? middle + (a->left ? 60 : -60) : middle;
    int bend_a = a->x + (a->left ? STUB_WIDTH : -STUB_WIDTH);
    int bend_b = b->x + (b->left ? STUB_WIDTH : -STUB_WIDTH);
    fprintf(out, "<path d=\"M%d %d H%d C%d %d %d %d %d %d H%d\" class=\"tunnel%s\"/>\n", a->x, a->y,
            bend_a, pull, a->y, pull, b->y, bend_b, b->y, b->x, both ? "" : " one-sided");
}

static void draw_label(FILE *out, const struct end *end, const struct topo_tunnel *tunnel)
{
    struct cut name = cut(tunnel->name, NAME_SIZE);
    text(out, end->x + (end->left ? 6 : -6), end->y - 5, end->left ? "label" : "label end",
         "%.*s%s", name.size, tunnel->name, name.rest);
}

/* To nobody: it ends on the internet, at the address that was meant. */
static void draw_loose_end(FILE *out, const struct end *end, const struct topo_tunnel *tunnel)
{
    int middle = MARGIN + BOX_WIDTH + GAP_WIDTH / 2;
    char address[NET_ADDR_TEXT_MAX];
    fprintf(out, "<path d=\"M%d %d L%d %d\" class=\"tunnel one-sided\"/>\n", end->x, end->y, middle,
            end->y);
    text(out, middle + (end->left ? 6 : -6), end->y + 4, end->left ? "label" : "label end",
         "%s: nobody", net_addr_format(&tunnel->remote_address, address));
}

static void draw_tunnel(const struct drawing *drawing, size_t vdc, size_t index)
{
    const struct topo_model *model = drawing->model;
    const struct topo_tunnel *tunnel = &model->vdcs[vdc].gateway.tunnels[index];
    struct end here = end_of(drawing, vdc, index);
    size_t peer = peer_of(model, tunnel);
    if (peer == model->vdc_count) {
        draw_loose_end(drawing->out, &here, tunnel);
        return;
    }
    const struct place *place = &drawing->places[peer];
    const struct topo_tunnel *back = way_back(model, vdc, index);
    /* Without a tunnel there: at the lower corner, where no other ends. */
    struct end there = {place->gate_x,
                        place->gate_y + gateway_height(&model->vdcs[peer].gateway) / 2 - 3,
                        place->left};
    if (back)
        there = end_of(drawing, peer, (size_t)(back - model->vdcs[peer].gateway.tunnels));
    if (peer != vdc && (!back || vdc < peer))
        draw_line(drawing->out, &here, &there, back != NULL);
}

/* From the gateway through its NAT router, which is drawn over them. */
static void draw_behind_nat(const struct drawing *drawing, size_t vdc)
{
    const struct topo_gateway *gateway = &drawing->model->vdcs[vdc].gateway;
    const struct place *place = &drawing->places[vdc];
    for (size_t i = 0; i < gateway->tunnel_count; i++) {
        struct end end = end_of(drawing, vdc, i);
        size_t peer = peer_of(drawing->model, &gateway->tunnels[i]);
        bool both = peer < drawing->model->vdc_count && way_back(drawing->model, vdc, i);
        fprintf(drawing->out, "<path d=\"M%d %d H%d\" class=\"tunnel%s\"/>\n",
                gateway_edge(gateway, place), end.y, end.x, both ? "" : " one-sided");
    }
    draw_nat(drawing->out, gateway, place);
}

/* Lines first, so that none runs through a name. */
static void draw_tunnels(const struct drawing *drawing)
{
    const struct topo_model *model = drawing->model;
    for (size_t i = 0; i < model->vdc_count; i++)
        for (size_t j = 0; j < model->vdcs[i].gateway.tunnel_count; j++)
            draw_tunnel(drawing, i, j);
    for (size_t i = 0; i < model->vdc_count; i++) {
        if (model->vdcs[i].gateway.nat)
            draw_behind_nat(drawing, i);
    }
    for (size_t i = 0; i < model->vdc_count; i++) {
        for (size_t j = 0; j < model->vdcs[i].gateway.tunnel_count; j++) {
            struct end end = end_of(drawing, i, j);
            draw_label(drawing->out, &end, &model->vdcs[i].gateway.tunnels[j]);
        }
    }
}

static void draw_internet(const struct drawing *drawing)
{
    const struct topo_internet *internet = &drawing->model->internet;
    int x = MARGIN + BOX_WIDTH + GAP_WIDTH / 2;
    char delay[BASE_TEXT_MAX];
    fprintf(drawing->out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"40\" class=\"internet\"/>\n",
            x - 70, TITLE_HEIGHT + MARGIN, 140, drawing->height - TITLE_HEIGHT - 2 * MARGIN);
    text(drawing->out, x, TITLE_HEIGHT + MARGIN + 26, "middle", "internet");
    text(drawing->out, x, TITLE_HEIGHT + MARGIN + 44, "middle small", "%s, %s",
         topo_internet_kind_name(internet->kind),
         base_format_duration(internet->link.delay_ns, delay));
}

static const char STYLE[] =
    "<style>"
    "text{font:13px system-ui,sans-serif;fill:#1c2733}"
    ".title{font-size:18px;font-weight:600}"
    ".vdc{fill:#f4f7fa;stroke:#9fb1c3}.vdc-name{font-size:15px;font-weight:600}"
    ".lan{font-weight:600;fill:#33506d}.name{fill:#1c2733}"
    ".end{text-anchor:end;fill:#51657a}.middle{text-anchor:middle;fill:#51657a}.small{font-size:"
    "11px}"
    ".host{fill:#5b8db8}.gateway{fill:#1f4e79}.gate{fill:#fff;font-weight:600}"
    ".gate-small{fill:#d6e4f0;font-size:11px}"
    ".nat{fill:#6a4c93}"
    ".internet{fill:#eef1e8;stroke:#bcc7a8}"
    ".tunnel{fill:none;stroke:#2e8b57;stroke-width:3}.one-sided{stroke:#b5651d;stroke-dasharray:7 "
    "6}"
    ".label{font-size:12px;fill:#1c2733;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    "</style>\n";

void report_show_svg(FILE *out, const char *title, const struct topo_model *model)
{
    struct drawing drawing = {.out = out, .model = model};
    drawing.places = base_alloc_array(model->vdc_count, sizeof(*drawing.places));
    lay_out(&drawing);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\">\n",
            drawing.width, drawing.height, drawing.width, drawing.height);
    fputs(STYLE, out);
    fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", drawing.width,
            drawing.height);
    if (title)
        text(out, MARGIN, 38, "title", "%s", title);
    draw_internet(&drawing);
    for (size_t i = 0; i < model->vdc_count; i++)
        draw_vdc(&drawing, i);
    draw_tunnels(&drawing);
    fputs("</svg>\n", out);
    free(drawing.places);
}
