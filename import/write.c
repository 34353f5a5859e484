/* The model as a scenario file, with comments on what the API did not say and was assumed. */
#include "import/internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PINGS_MAX 200 /* of a mesh of many LANs the first ones */

static void comment(FILE *out, int indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void comment(FILE *out, int indent, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = base_vprintf(format, args);
    va_end(args);
    import_put_comment(out, indent, text);
    free(text);
}

/* --- The head ---------------------------------------------------------------------------------- */

static void write_head(FILE *out, const struct import *import)
{
    const struct topo_model *model = &import->model;
    comment(out, 0, "Written by `tunnelbed import` from answers of the VPN Gateway's API:");
    for (size_t i = 0; i < import->source_count; i++)
        comment(out, 0, "  %s", import->sources[i].name);
    comment(
        out, 0,
        "Assumed, since the API does not say it: the subnet of each LAN (that of the gateway's");
    comment(out, 0,
            "address in it), the hosts, their routes, the internet between, and each gateway's "
            "behaviour.");
    fputs("title: ", out);
    char *title = base_strdup("Import of");
    for (size_t i = 0; i < model->vdc_count && i < 3; i++) {
        bool last = i + 1 == model->vdc_count;
        char *longer = base_printf("%s%s %s", title,
                                   !i     ? ""
                                   : last ? " and"
                                          : ",",
                                   i == 2 && !last ? "others" : model->vdcs[i].name);
        free(title);
        title = longer;
    }
    import_put_text(out, title);
    free(title);
    fputs("\ndescription: Both sides of the tunnels as the API has them; hosts of joined networks "
          "ping each "
          "other.\ntags: [import]\n\nvdcs:\n",
          out);
}

/* --- VDCs -------------------------------------------------------------------------------------- */

static void write_hosts(FILE *out, const struct topo_vdc *vdc)
{
    char text[NET_PREFIX_TEXT_MAX], via[NET_ADDR_TEXT_MAX];
    if (vdc->host_count) {
        comment(out, 4,
                "Stub hosts with the routes that nobody pushes. Write your own hosts' addresses "
                "and routes here.");
        fputs("    hosts:\n", out);
    }
    for (size_t i = 0; i < vdc->host_count; i++) {
        const struct topo_host *host = &vdc->hosts[i];
        fprintf(out, "      %s: {lan: %u, address: %s", host->name, host->lan,
                net_addr_format(&host->address, text));
        for (size_t j = 0; j < host->route_count; j++)
            fprintf(out, "%s%s: %s", j ? ", " : ", routes: {",
                    net_prefix_format(&host->routes[j].to, text),
                    net_addr_format(&host->routes[j].via, via));
        fputs(host->route_count ? "}}\n" : "}\n", out);
    }
}

static void write_properties(FILE *out, int indent, const struct scn_node *properties,
                             const char *const *without)
{
    for (size_t i = 0; i < properties->count; i++) {
        const struct scn_entry *entry = &properties->entries[i];
        bool skip = false;
        for (size_t j = 0; without[j]; j++)
            skip |= !strcmp(without[j], entry->key);
        if (skip)
            continue;
        fprintf(out, "%*s%s: ", indent, "", entry->key);
        import_put_node(out, entry->value);
        fputc('\n', out);
    }
}

static void write_status(FILE *out, int indent, const struct import_answer *answer)
{
    if (answer->status && strcmp(answer->status->text, "AVAILABLE") != 0)
        comment(out, indent, "Its status is %s%s%s: simulated as if it were AVAILABLE.",
                answer->status->text, answer->status_message ? ", " : "",
                answer->status_message ? answer->status_message : "");
}

static void write_auth(FILE *out, const struct import *import, const struct import_tunnel *tunnel)
{
    if (!tunnel->key_missing) {
        fputs("          auth: ", out);
        import_put_node(out, scn_node_get(tunnel->answer.properties, "auth"));
        fputc('\n', out);
        return;
    }
    comment(out, 10, "The API answered without the key, and none was given: write it here,");
    comment(out, 10, "  auth: {method: PSK, psk: {key: \"...\"}}");
    comment(out, 10, "or import again with --psk '%s/%s=KEY'.",
            import->gateways[tunnel->gateway].model->name, tunnel->name);
    fputs("          auth: {method: PSK}\n", out);
}

static void write_tunnel(FILE *out, const struct import *import, const struct import_tunnel *tunnel)
{
    static const char *const WITHOUT[] = {"name", "remoteHost", "auth", NULL};
    const struct topo_tunnel *model = tunnel->model;
    struct topo_node peer;
    char text[NET_ADDR_TEXT_MAX];
    write_status(out, 8, &tunnel->answer);
    if (!topo_find_public(&import->model, &model->remote_address, &peer))
        comment(out, 8, "Its peer %s is not among the answers, so nobody will answer it.",
                net_addr_format(&model->remote_address, text));
    fputs("        ", out);
    import_put_text(out, tunnel->name);
    fputs(":\n          remoteHost: ", out);
    if (tunnel->resolved)
        net_addr_format(&model->remote_address, text);
    import_put_text(out, tunnel->resolved ? text : model->remote_host);
    fputc('\n', out);
    if (tunnel->resolved) {
        comment(out, 10,
                "remoteHost is a name, which --resolve gave an address; the peer has to call "
                "itself by it.");
        fputs("          remoteId: ", out);
        import_put_text(out, model->remote_host);
        fputc('\n', out);
    }
    write_auth(out, import, tunnel);
    write_properties(out, 10, tunnel->answer.properties, WITHOUT);
}

static void write_vdc(FILE *out, const struct import *import, size_t index)
{
    static const char *const WITHOUT[] = {NULL};
    const struct import_gateway *gateway = &import->gateways[index];
    const struct topo_vdc *vdc = gateway->model;
    char text[NET_PREFIX_TEXT_MAX];
    fprintf(out, "  %s:\n", vdc->name);
    if (gateway->location)
        fprintf(out, "    location: %s\n", gateway->location);
    fputs("    lans:\n", out);
    for (size_t i = 0; i < vdc->lan_count; i++)
        fprintf(out, "      %u: {subnet: %s}\n", vdc->lans[i].id,
                net_prefix_format(&vdc->lans[i].subnet, text));
    write_hosts(out, vdc);
    write_status(out, 4, &gateway->answer);
    fputs("    gateway:\n", out);
    write_properties(out, 6, gateway->answer.properties, WITHOUT);
    if (vdc->gateway.tunnel_count)
        fputs("      tunnels:\n", out);
    for (size_t i = 0; i < import->tunnel_count; i++)
        if (import->tunnels[i].gateway == index)
            write_tunnel(out, import, &import->tunnels[i]);
}

/* --- Steps and expectations -------------------------------------------------------------------- */

static void write_ping(FILE *out, const struct topo_host *from, const struct topo_host *to)
{
    fprintf(out, "  - ping: {from: %s, to: %s, count: 3}\n    expect: {received: 3}\n", from->name,
            to->name);
}

/* The first hosts of two LANs with each other, and the second ones. */
static bool are_partners(const struct topo_vdc *a, size_t i, const struct topo_vdc *b, size_t j)
{
    bool first = !i || a->hosts[i - 1].lan != a->hosts[i].lan;
    bool other_first = !j || b->hosts[j - 1].lan != b->hosts[j].lan;
    return first == other_first && import_joined(a, &a->hosts[i], b, &b->hosts[j]);
}

static size_t write_pings_between(FILE *out, const struct topo_vdc *a, const struct topo_vdc *b,
                                  size_t written)
{
    for (size_t i = 0; i < a->host_count; i++)
        for (size_t j = 0; j < b->host_count; j++) {
            if (written + 2 > PINGS_MAX || !are_partners(a, i, b, j))
                continue;
            if (!written)
                fputs("\nsteps:\n  # Time for the gateways to find each other.\n  - wait: 5s\n",
                      out);
            write_ping(out, &a->hosts[i], &b->hosts[j]);
            write_ping(out, &b->hosts[j], &a->hosts[i]);
            written += 2;
        }
    return written;
}

static void write_steps(FILE *out, const struct topo_model *model)
{
    size_t written = 0;
    for (size_t i = 0; i < model->vdc_count; i++)
        for (size_t j = i + 1; j < model->vdc_count; j++)
            written = write_pings_between(out, &model->vdcs[i], &model->vdcs[j], written);
    if (written)
        return;
    fputc('\n', out);
    comment(out, 0, "No two hosts are joined by a tunnel, so there is nothing to ping.");
    fputs("steps:\n  - wait: 60s\n", out);
}

static void write_expectations(FILE *out, const struct import *import)
{
    if (import->tunnel_count)
        fputs("\nexpect:\n", out);
    for (size_t i = 0; i < import->tunnel_count; i++) {
        const struct import_tunnel *tunnel = &import->tunnels[i];
        fprintf(out, "  - tunnel: {on: %s, name: ",
                import->gateways[tunnel->gateway].model->gateway.node);
        import_put_text(out, tunnel->name);
        fputs(", state: established}\n", out);
    }
}

char *import_write(const struct import *import)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write_head(out, import);
    for (size_t i = 0; i < import->gateway_count; i++) {
        fputs(i ? "\n" : "", out);
        write_vdc(out, import, i);
    }
    fputs("\ninternet: {kind: routed, hops: 6, delay: 12ms}\n", out);
    write_steps(out, &import->model);
    write_expectations(out, import);
    fclose(out);
    return text;
}
