/* Models of any size, see mesh.h. */
#include "tests/topology/mesh.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"

static net_ip4 lan_of(size_t vdc)
{
    return NET_IP4(10, 0, 0, 0) | (net_ip4)vdc << 8;
}

static net_ip4 public_of(size_t vdc)
{
    return NET_IP4(203, 0, 0, 1) + (net_ip4)vdc;
}

static char *public_text(size_t vdc)
{
    char text[NET_IP4_TEXT_MAX];
    return base_strdup(net_ip4_format(public_of(vdc), text));
}

static struct topo_cidr *cidr_of(size_t vdc)
{
    struct topo_cidr *cidr = base_alloc(sizeof(*cidr));
    cidr->prefix = net_prefix_from_ip4(lan_of(vdc), 24);
    return cidr;
}

static struct topo_tunnel tunnel_of(const struct mesh_options *options, size_t from, size_t to)
{
    struct topo_proposal proposal = {
        .group = crypto_group_named(options->group),
        .encryption = crypto_encr_named(options->encryption),
        .integrity = crypto_integ_named(options->integrity),
        .lifetime_s = TOPO_IKE_LIFETIME_DEFAULT_S,
    };
    struct topo_tunnel tunnel = {
        .name = base_printf("to-v%zu", to),
        .remote_host = public_text(to),
        .remote_address = net_addr_from_ip4(public_of(to)),
        .psk = "a key of at least 32 characters, please",
        .ike = proposal,
        .esp = proposal,
        .cloud = cidr_of(from),
        .cloud_count = 1,
        .peer = cidr_of(to),
        .peer_count = 1,
        .local_id = public_text(from),
    };
    tunnel.remote_id = tunnel.remote_host;
    tunnel.esp.lifetime_s = TOPO_ESP_LIFETIME_DEFAULT_S;
    return tunnel;
}

static bool is_peer(const struct mesh_options *options, size_t a, size_t b)
{
    return a != b && (!options->pairs || a / 2 == b / 2);
}

static void add_host(const struct mesh_options *options, struct topo_vdc *vdc, size_t number,
                     size_t host)
{
    struct topo_host *out = &vdc->hosts[host];
    out->name = base_printf("v%zu-host%zu", number, host + 1);
    out->lan = 1;
    out->address = net_addr_from_ip4(lan_of(number) + 11 + (net_ip4)host);
    out->routes = base_alloc_array(vdc->gateway.tunnel_count + 1, sizeof(*out->routes));
    for (size_t peer = 0; peer < options->vdcs; peer++)
        if (is_peer(options, number, peer))
            out->routes[out->route_count++] =
                (struct topo_route){.to = net_prefix_from_ip4(lan_of(peer), 24),
                                    .via = net_addr_from_ip4(lan_of(number) + 5)};
}

static void add_gateway(const struct mesh_options *options, struct topo_gateway *gateway,
                        size_t number)
{
    gateway->node = base_printf("v%zu-gw", number);
    gateway->name = gateway->node;
    gateway->public_ip = net_addr_from_ip4(public_of(number));
    gateway->connections = base_alloc(sizeof(*gateway->connections));
    gateway->connection_count = 1;
    *gateway->connections =
        (struct topo_connection){.lan = 1, .ipv4 = net_prefix_from_ip4(lan_of(number) + 5, 24)};
    gateway->behaviour = options->behaviour;
    gateway->tunnels =
        base_alloc_array(options->pairs ? 1 : options->vdcs, sizeof(*gateway->tunnels));
    for (size_t peer = 0; peer < options->vdcs; peer++)
        if (is_peer(options, number, peer))
            gateway->tunnels[gateway->tunnel_count++] = tunnel_of(options, number, peer);
}

static void add_vdc(const struct mesh_options *options, struct topo_vdc *vdc, size_t number)
{
    vdc->name = base_printf("v%zu", number);
    vdc->lans = base_alloc(sizeof(*vdc->lans));
    vdc->lan_count = 1;
    *vdc->lans = (struct topo_lan){
        .id = 1,
        .subnet = net_prefix_from_ip4(lan_of(number), 24),
        .link = {.set = TOPO_DELAY | TOPO_MTU,
                 .delay_ns = TOPO_LAN_DELAY_DEFAULT,
                 .mtu_bytes = TOPO_MTU_DEFAULT},
    };
    add_gateway(options, &vdc->gateway, number);
    vdc->hosts = base_alloc_array(options->hosts + 1, sizeof(*vdc->hosts));
    vdc->host_count = options->hosts;
    for (size_t host = 0; host < options->hosts; host++)
        add_host(options, vdc, number, host);
}

struct topo_model *mesh_new(const struct mesh_options *options)
{
    struct topo_model *model = base_alloc(sizeof(*model));
    model->vdcs = base_alloc_array(options->vdcs, sizeof(*model->vdcs));
    model->vdc_count = options->vdcs;
    model->internet = (struct topo_internet){
        .kind = TOPO_INTERNET_ROUTED,
        .hops = TOPO_HOPS_DEFAULT,
        .link = {.set = TOPO_DELAY | TOPO_MTU,
                 .delay_ns = TOPO_INTERNET_DELAY_DEFAULT,
                 .mtu_bytes = TOPO_MTU_DEFAULT},
    };
    for (size_t i = 0; i < options->vdcs; i++)
        add_vdc(options, &model->vdcs[i], i);
    return model;
}

static void free_text(const char *text)
{
    free((void *)text); /* the model borrows, here it owns */
}

static void free_vdc(struct topo_vdc *vdc)
{
    for (size_t i = 0; i < vdc->host_count; i++) {
        free_text(vdc->hosts[i].name);
        free(vdc->hosts[i].routes);
    }
    for (size_t i = 0; i < vdc->gateway.tunnel_count; i++) {
        struct topo_tunnel *tunnel = &vdc->gateway.tunnels[i];
        free_text(tunnel->name);
        free_text(tunnel->remote_host);
        free_text(tunnel->local_id);
        free(tunnel->cloud);
        free(tunnel->peer);
    }
    free_text(vdc->name);
    free_text(vdc->gateway.node);
    free(vdc->gateway.tunnels);
    free(vdc->gateway.connections);
    free(vdc->hosts);
    free(vdc->lans);
}

void mesh_free(struct topo_model *model)
{
    for (size_t i = 0; i < model->vdc_count; i++)
        free_vdc(&model->vdcs[i]);
    free(model->vdcs);
    free(model);
}
