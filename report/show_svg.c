/*
 * Two columns of VDCs, the internet between them. Each VDC is a box with its LANs and hosts; its gateway
 * stands at the edge towards the internet. A tunnel is a line from gateway to gateway, drawn once where both
 * ends have it, dashed where only one has.
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
    GAP_WIDTH = 300, /* the internet's column */
    MARGIN = 24,
    TITLE_HEIGHT = 44,
    HEAD_HEIGHT = 34, /* a VDC's name */
    LAN_HEIGHT = 26,
    LINE_HEIGHT = 20, /* a host */
    BOX_GAP = 28,
    GATEWAY_WIDTH = 176,
    GATEWAY_HEIGHT = 44,
};

struct place {
    int x, y, height;
    int gate_x, gate_y; /* where tunnels leave the gateway */
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
    char *words = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&words, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    report_xml_text(out, words);
    fputs("</text>\n", out);
    free(words);
}

static int box_height(const struct topo_vdc *vdc)
{
    return HEAD_HEIGHT + (int)vdc->lan_count * LAN_HEIGHT + (int)vdc->host_count * LINE_HEIGHT +
           GATEWAY_HEIGHT + 24;
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
        place->gate_y = place->y + place->height - GATEWAY_HEIGHT / 2 - 12;
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
        text(out, x + 44, *y, "name", "%s", host->name);
        text(out, x + BOX_WIDTH - 16, *y, "end", "%s", net_addr_format(&host->address, address));
    }
}

static void draw_gateway(FILE *out, const struct topo_gateway *gateway, const struct place *place)
{
    char address[NET_ADDR_TEXT_MAX];
    int x = place->left ? place->gate_x - GATEWAY_WIDTH : place->gate_x;
    int y = place->gate_y - GATEWAY_HEIGHT / 2;
    fprintf(out,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" class=\"gateway\"/>\n", x,
            y, GATEWAY_WIDTH, GATEWAY_HEIGHT);
    text(out, x + 12, y + 18, "gate", "%s", gateway->node);
    text(out, x + 12, y + 35, "gate-small", "%s, %s", net_addr_format(&gateway->public_ip, address),
         topo_vpn_name(gateway->behaviour.vpn));
}

static void draw_vdc(const struct drawing *drawing, size_t index)
{
    const struct topo_vdc *vdc = &drawing->model->vdcs[index];
    const struct place *place = &drawing->places[index];
    FILE *out = drawing->out;
    fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"10\" class=\"vdc\"/>\n",
            place->x, place->y, BOX_WIDTH, place->height);
    text(out, place->x + 16, place->y + 24, "vdc-name", "%s", vdc->name);
    if (vdc->location)
        text(out, place->x + BOX_WIDTH - 16, place->y + 24, "end", "%s", vdc->location);
    int y = place->y + HEAD_HEIGHT - 8;
    for (size_t i = 0; i < vdc->lan_count; i++)
        draw_lan(out, vdc, &vdc->lans[i], place->x, &y);
    draw_gateway(out, &vdc->gateway, place);
}

/* The peer's tunnel that leads back, or NULL. */
static const struct topo_tunnel *way_back(const struct topo_gateway *peer,
                                          const struct topo_gateway *gateway)
{
    for (size_t i = 0; i < peer->tunnel_count; i++) {
        if (net_addr_equal(&peer->tunnels[i].remote_address, topo_gateway_outside(gateway)))
            return &peer->tunnels[i];
    }
    return NULL;
}

static void draw_line(const struct drawing *drawing, const struct place *a, const struct place *b,
                      const char *name, bool both)
{
    int middle = MARGIN + BOX_WIDTH + GAP_WIDTH / 2;
    int pull_a = a->left == b->left ? middle + (a->left ? 60 : -60) : middle;
    fprintf(drawing->out, "<path d=\"M%d %d C%d %d %d %d %d %d\" class=\"tunnel%s\"/>\n", a->gate_x,
            a->gate_y, pull_a, a->gate_y, pull_a, b->gate_y, b->gate_x, b->gate_y,
            both ? "" : " one-sided");
    text(drawing->out,
         (a->gate_x + b->gate_x) / 2 + (a->left == b->left ? (a->left ? 60 : -60) : 0),
         (a->gate_y + b->gate_y) / 2 - 10, "label", "%s", name);
}

static void draw_tunnels(const struct drawing *drawing, size_t index)
{
    const struct topo_model *model = drawing->model;
    const struct topo_gateway *gateway = &model->vdcs[index].gateway;
    for (size_t i = 0; i < gateway->tunnel_count; i++) {
        struct topo_node peer;
        if (!topo_find_public(model, &gateway->tunnels[i].remote_address, &peer) ||
            peer.gateway == gateway)
            continue;
        const struct topo_tunnel *back = way_back(peer.gateway, gateway);
        size_t other = (size_t)(peer.vdc - model->vdcs);
        if (back && other < index)
            continue; /* drawn from the other end */
        char *name = back ? base_printf("%s / %s", gateway->tunnels[i].name, back->name)
                          : base_strdup(gateway->tunnels[i].name);
        draw_line(drawing, &drawing->places[index], &drawing->places[other], name, back != NULL);
        free(name);
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
    ".internet{fill:#eef1e8;stroke:#bcc7a8}"
    ".tunnel{fill:none;stroke:#2e8b57;stroke-width:3}.one-sided{stroke:#b5651d;stroke-dasharray:7 "
    "6}"
    ".label{text-anchor:middle;font-size:12px;paint-order:stroke;stroke:#fff;stroke-width:4px}"
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
    for (size_t i = 0; i < model->vdc_count; i++)
        draw_tunnels(&drawing, i);
    fputs("</svg>\n", out);
    free(drawing.places);
}
