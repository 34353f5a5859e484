/* Writes the structs that the reader would make of a file. */
#include "bench/model.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "ipsec/crypto/algorithm.h"

struct bench_model {
    struct topo_model model;
    struct base_arena arena;
};

/* What differs between the two sides of a pair. */
struct side {
    const char *name;
    net_ip4 lan, public_ip;
};

static const char *address_text(struct base_arena *arena, net_ip4 ip)
{
    return base_arena_printf(arena, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
                             ip & 255);
}

static struct topo_proposal proposal(const char *encryption, uint32_t lifetime_s)
{
    struct topo_proposal p = {.group = crypto_group_named("15-MODP3072"),
                              .encryption = crypto_encr_named(encryption),
                              .integrity = crypto_integ_named("SHA256"),
                              .lifetime_s = lifetime_s};
    assert(p.group && p.encryption && p.integrity);
    return p;
}

static struct topo_cidr *cidr(struct base_arena *arena, net_ip4 lan)
{
    struct topo_cidr *one = base_arena_alloc(arena, sizeof(*one));
    one->prefix = net_prefix_from_ip4(lan, 24);
    return one;
}

static void fill_tunnel(struct base_arena *arena, struct topo_tunnel *tunnel,
                        const struct side *mine, const struct side *theirs, const char *encryption)
{
    tunnel->name = "tunnel";
    tunnel->remote_host = address_text(arena, theirs->public_ip);
    tunnel->remote_address = net_addr_from_ip4(theirs->public_ip);
    tunnel->psk = "a key of at least 32 characters, please";
    tunnel->ike = proposal(encryption, TOPO_IKE_LIFETIME_DEFAULT_S);
    tunnel->esp = proposal(encryption, TOPO_ESP_LIFETIME_DEFAULT_S);
    tunnel->cloud = cidr(arena, mine->lan);
    tunnel->peer = cidr(arena, theirs->lan);
    tunnel->cloud_count = 1;
    tunnel->peer_count = 1;
    tunnel->local_id = address_text(arena, mine->public_ip);
    tunnel->remote_id = tunnel->remote_host;
}

static void fill_host(struct base_arena *arena, struct topo_host *host, const struct side *mine,
                      const struct side *theirs)
{
    host->name = base_arena_printf(arena, "%s-host", mine->name);
    host->lan = 1;
    host->address = net_addr_from_ip4(mine->lan + 11);
    host->routes = base_arena_alloc(arena, sizeof(*host->routes));
    host->routes[0].to = net_prefix_from_ip4(theirs->lan, 24);
    host->routes[0].via = net_addr_from_ip4(mine->lan + 5);
    host->route_count = 1;
}

static void fill_vdc(struct base_arena *arena, struct topo_vdc *vdc, const struct side *mine,
                     const struct side *theirs, const char *encryption)
{
    struct topo_gateway *gateway = &vdc->gateway;
    vdc->name = mine->name;
    vdc->lans = base_arena_alloc(arena, sizeof(*vdc->lans));
    vdc->lan_count = 1;
    vdc->lans[0].id = 1;
    vdc->lans[0].subnet = net_prefix_from_ip4(mine->lan, 24);
    vdc->lans[0].link = (struct topo_impairment){.set = TOPO_DELAY | TOPO_MTU,
                                                 .delay_ns = TOPO_LAN_DELAY_DEFAULT,
                                                 .mtu_bytes = TOPO_MTU_DEFAULT};
    vdc->hosts = base_arena_alloc(arena, sizeof(*vdc->hosts));
    vdc->host_count = 1;
    fill_host(arena, vdc->hosts, mine, theirs);
    gateway->node = base_arena_printf(arena, "%s-gw", mine->name);
    gateway->name = gateway->node;
    gateway->public_ip = net_addr_from_ip4(mine->public_ip);
    gateway->connections = base_arena_alloc(arena, sizeof(*gateway->connections));
    gateway->connection_count = 1;
    gateway->connections[0].lan = 1;
    gateway->connections[0].ipv4 = net_prefix_from_ip4(mine->lan + 5, 24);
    gateway->behaviour = TOPO_BEHAVIOUR_DEFAULT;
    gateway->tunnels = base_arena_alloc(arena, sizeof(*gateway->tunnels));
    gateway->tunnel_count = 1;
    fill_tunnel(arena, gateway->tunnels, mine, theirs, encryption);
}

struct bench_model *bench_model_new(size_t pairs, const char *encryption)
{
    struct bench_model *bench = calloc(1, sizeof(*bench));
    assert(bench && pairs < 30000);
    struct base_arena *arena = &bench->arena;
    base_arena_init(arena);
    bench->model.vdc_count = 2 * pairs;
    bench->model.vdcs = base_arena_array(arena, 2 * pairs, sizeof(*bench->model.vdcs));
    bench->model.internet = (struct topo_internet){
        .kind = TOPO_INTERNET_ROUTED,
        .hops = TOPO_HOPS_DEFAULT,
        .link = {.set = TOPO_DELAY | TOPO_MTU, .delay_ns = BASE_MS, .mtu_bytes = TOPO_MTU_DEFAULT}};
    for (size_t i = 0; i < pairs; i++) {
        struct side a = {base_arena_printf(arena, "a%zu", i), 0x0a000000u + (net_ip4)(2 * i << 8),
                         0xc6120000u + (net_ip4)(2 * i)};
        struct side b = {base_arena_printf(arena, "b%zu", i), a.lan + 256, a.public_ip + 1};
        fill_vdc(arena, &bench->model.vdcs[2 * i], &a, &b, encryption);
        fill_vdc(arena, &bench->model.vdcs[2 * i + 1], &b, &a, encryption);
    }
    return bench;
}

void bench_model_free(struct bench_model *bench)
{
    base_arena_fini(&bench->arena);
    free(bench);
}

const struct topo_model *bench_model_of(const struct bench_model *bench)
{
    return &bench->model;
}
