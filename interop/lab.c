/*
 * Building the model: charon's gateways first, the shared one at the front, then a gateway for each
 * cell. Public addresses are those for benchmarks (RFC 2544): charon's 198.18.0.x, ours from
 * 198.18.1.1 on; a cell's LAN is 10.a.b.0/24, charon's 192.168.77.0/24.
 */
#include "interop/lab.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "strongswan/conf.h"

#define CHARON_LAN NET_IP4(192, 168, 77, 5)

struct building {
    struct interop_lab *lab;
    struct base_arena *arena;
    struct topo_vdc *charons;
    size_t charon_count;
    struct topo_vdc *ours;
    size_t our_count;
    struct topo_nat *nats;
    size_t nat_count;
};

/* ---- Which rows and cells there are ---- */

static bool is_wanted(const struct interop_case *of, const char *only)
{
    return !only || strcasestr(of->group, only) || strcasestr(of->name, only);
}

static void add_rows(struct interop_lab *lab, const struct interop_case *cases, size_t count)
{
    struct interop_matrix *matrix = lab->matrix;
    matrix->rows = base_alloc_array(count + 1, sizeof(*matrix->rows));
    lab->played = base_alloc_array(2 * count + 1, sizeof(*lab->played));
    for (size_t i = 0; i < count; i++) {
        const struct interop_case *of = &cases[i];
        if (!is_wanted(of, lab->options->only))
            continue;
        struct interop_row *row = &matrix->rows[matrix->row_count++];
        *row = (struct interop_row){
            .group = of->group, .name = of->name, .rfc = of->rfc, .rule = of->rule};
        for (int side = 0; side < INTEROP_SIDES; side++) {
            row->cells[side].verdict = INTEROP_NOT_HERE;
            if (of->sides[side]) {
                lab->played[lab->played_count++] = (struct interop_played){
                    .of = of, .row = row, .starter = (enum interop_side)side};
            } else {
                row->cells[side].reason = base_strdup(of->no_side);
            }
        }
    }
}

/* ---- Gateways ---- */

static struct topo_cidr *network(struct base_arena *arena, net_ip4 ip)
{
    struct topo_cidr *cidr = base_arena_array(arena, 1, sizeof(*cidr));
    cidr->prefix = net_prefix_from_ip4(ip & 0xffffff00, 24);
    return cidr;
}

static void set_vdc(struct base_arena *arena, struct topo_vdc *vdc, const char *name,
                    net_ip4 public_ip, net_ip4 inside)
{
    vdc->name = name;
    vdc->lans = base_arena_array(arena, 1, sizeof(*vdc->lans));
    vdc->lan_count = 1;
    vdc->lans[0] = (struct topo_lan){
        .id = 1,
        .subnet = net_prefix_from_ip4(inside & 0xffffff00, 24),
        .link = {.set = TOPO_MTU | TOPO_DELAY,
                 .mtu_bytes = TOPO_MTU_DEFAULT,
                 .delay_ns = TOPO_LAN_DELAY_DEFAULT},
    };
    struct topo_gateway *gateway = &vdc->gateway;
    gateway->node = base_arena_printf(arena, "%s-gw", name);
    gateway->name = name;
    gateway->public_ip = net_addr_from_ip4(public_ip);
    gateway->connections = base_arena_array(arena, 1, sizeof(*gateway->connections));
    gateway->connection_count = 1;
    gateway->connections[0] =
        (struct topo_connection){.lan = 1, .ipv4 = net_prefix_from_ip4(inside, 24)};
    gateway->behaviour = TOPO_BEHAVIOUR_DEFAULT;
    gateway->behaviour.start = TOPO_START_BY_HAND;
    gateway->behaviour.negotiation = TOPO_NEGOTIATION_STRICT;
    gateway->behaviour.dpd_delay_ns = 0;
    gateway->behaviour.nat_keepalive_ns = 0;
}

static struct topo_proposal proposal_of(const struct crypto_encr *encr,
                                        const struct crypto_integ *integ,
                                        const struct crypto_group *group, uint32_t lifetime_s)
{
    return (struct topo_proposal){
        .encryption = encr ? encr : crypto_encr_named("aes128ctr"),
        .integrity = integ ? integ : crypto_integ_named("sha256"),
        .group = group ? group : crypto_group_named("ecp256"),
        .lifetime_s = lifetime_s,
    };
}

static const char *address_text(struct base_arena *arena, const struct net_addr *address)
{
    char text[NET_ADDR_TEXT_MAX];
    return base_arena_strdup(arena, net_addr_format(address, text));
}

static struct topo_tunnel tunnel_of(struct base_arena *arena, const struct interop_case *of,
                                    const char *name, const struct topo_gateway *own,
                                    const struct topo_gateway *other)
{
    struct topo_tunnel tunnel = {
        .name = name,
        .remote_host = address_text(arena, &other->public_ip),
        .remote_address = other->public_ip,
        .psk = "the key of both sides, 32 characters",
        .ike = proposal_of(of->ike_encr, of->ike_integ, of->ike_group, TOPO_IKE_LIFETIME_DEFAULT_S),
        .esp = proposal_of(of->esp_encr, of->esp_integ, of->esp_group, TOPO_IKE_LIFETIME_DEFAULT_S),
        .cloud = network(arena, net_addr_ip4(&own->connections[0].ipv4.addr)),
        .cloud_count = 1,
        .peer = network(arena, net_addr_ip4(&other->connections[0].ipv4.addr)),
        .peer_count = 1,
        .local_id = address_text(arena, &own->public_ip),
        .remote_id = address_text(arena, &other->public_ip),
    };
    return tunnel;
}

/* The charon that the case wants: the first, or one of its own. */
static struct topo_vdc *charon_for(struct building *b, const struct interop_case *of)
{
    static const char *const kinds[] = {"charon", "own", "cookies", "fragments"};
    for (size_t i = 0; of->daemon == INTEROP_SHARED && i < b->charon_count; i++) {
        if (!strcmp(b->charons[i].name, kinds[0]))
            return &b->charons[i];
    }
    size_t number = b->charon_count++;
    struct topo_vdc *vdc = &b->charons[number];
    const char *name = of->daemon == INTEROP_SHARED
                           ? kinds[0]
                           : base_arena_printf(b->arena, "%s%zu", kinds[of->daemon], number);
    set_vdc(b->arena, vdc, name, NET_IP4(198, 18, 0, 1) + (net_ip4)number, CHARON_LAN);
    vdc->gateway.behaviour.engine = TOPO_ENGINE_STRONGSWAN;
    /* Enough for all cells of the shared one; they may not move once they are in use. */
    vdc->gateway.tunnels =
        base_arena_array(b->arena, of->daemon == INTEROP_SHARED ? b->lab->played_count : 2,
                         sizeof(*vdc->gateway.tunnels));
    return vdc;
}

static struct topo_vdc *add_ours(struct building *b, const char *name)
{
    net_ip4 number = (net_ip4)b->our_count++;
    struct topo_vdc *vdc = &b->ours[number];
    set_vdc(b->arena, vdc, name, NET_IP4(198, 18, 1, 1) + number,
            NET_IP4(10, 0, 0, 5) + (number << 8));
    vdc->gateway.tunnels = base_arena_array(b->arena, 1, sizeof(*vdc->gateway.tunnels));
    vdc->gateway.tunnel_count = 1;
    return vdc;
}

/* A NAT router in front of a side: the peer knows it by the router's address. */
static void add_nat(struct building *b, struct interop_setting *setting, enum interop_side side,
                    struct topo_gateway *gateway)
{
    struct topo_nat *nat = &setting->nats[side];
    if (!nat->public_ip.family)
        return;
    nat->gateway = gateway->node;
    nat->node = base_arena_printf(b->arena, "%s-nat", gateway->node);
    setting->ends[!side].tunnel->remote_address = nat->public_ip;
    b->nats[b->nat_count++] = *nat;
}

static void add_cell(struct building *b, struct interop_played *played, size_t number)
{
    const struct interop_case *of = played->of;
    const char *name = base_arena_printf(b->arena, "c%zu", number);
    struct topo_vdc *charon = charon_for(b, of);
    struct topo_vdc *ours = add_ours(b, name);
    struct topo_tunnel *theirs = &charon->gateway.tunnels[charon->gateway.tunnel_count++];
    *theirs = tunnel_of(b->arena, of, name, &charon->gateway, &ours->gateway);
    ours->gateway.tunnels[0] = tunnel_of(b->arena, of, name, &ours->gateway, &charon->gateway);
    struct interop_setting setting = {
        .arena = b->arena,
        .ends = {[INTEROP_OURS] = {&ours->gateway.tunnels[0], &ours->gateway.behaviour},
                 [INTEROP_CHARON] = {theirs, of->daemon == INTEROP_SHARED
                                                 ? NULL
                                                 : &charon->gateway.behaviour}},
        .starter = played->starter,
    };
    if (of->set)
        of->set(&setting);
    add_nat(b, &setting, INTEROP_OURS, &ours->gateway);
    add_nat(b, &setting, INTEROP_CHARON, &charon->gateway);
    played->players[INTEROP_OURS] =
        (struct interop_player){.gateway = ours->gateway.node, .tunnel = name};
    played->players[INTEROP_CHARON] =
        (struct interop_player){.gateway = charon->gateway.node, .tunnel = name};
    if (of->daemon == INTEROP_COOKIES) {
        struct topo_vdc *decoy = add_ours(b, INTEROP_DECOY);
        decoy->gateway.tunnels[0] =
            tunnel_of(b->arena, of, INTEROP_DECOY, &decoy->gateway, &charon->gateway);
        charon->gateway.tunnels[charon->gateway.tunnel_count++] =
            tunnel_of(b->arena, of, INTEROP_DECOY, &charon->gateway, &decoy->gateway);
    }
}

/* ---- The whole ---- */

static void attach_nats(struct topo_model *model)
{
    for (size_t i = 0; i < model->internet.nat_count; i++) {
        for (size_t k = 0; k < model->vdc_count; k++) {
            struct topo_gateway *gateway = &model->vdcs[k].gateway;
            if (!strcmp(gateway->node, model->internet.nats[i].gateway))
                topo_nat_attach(&model->internet.nats[i], gateway);
        }
    }
}

static void build(struct interop_lab *lab)
{
    struct building b = {.lab = lab, .arena = &lab->arena};
    size_t most = lab->played_count + 2;
    b.charons = base_arena_array(&lab->arena, most, sizeof(*b.charons));
    b.ours = base_arena_array(&lab->arena, most, sizeof(*b.ours));
    b.nats = base_arena_array(&lab->arena, most, sizeof(*b.nats));
    for (size_t i = 0; i < lab->played_count; i++)
        add_cell(&b, &lab->played[i], i);
    struct topo_model *model = &lab->model;
    model->vdcs = base_arena_array(&lab->arena, b.charon_count + b.our_count, sizeof(*b.ours));
    model->vdc_count = b.charon_count + b.our_count;
    memcpy(model->vdcs, b.charons, b.charon_count * sizeof(*b.charons));
    memcpy(model->vdcs + b.charon_count, b.ours, b.our_count * sizeof(*b.ours));
    model->internet = (struct topo_internet){
        .kind = TOPO_INTERNET_SEGMENT,
        .subnet = net_prefix_from_ip4(NET_IP4(198, 18, 0, 0), 15),
        .link = {.set = TOPO_MTU | TOPO_DELAY,
                 .mtu_bytes = TOPO_MTU_DEFAULT,
                 .delay_ns = 1 * BASE_MS},
        .nats = b.nats,
        .nat_count = b.nat_count,
    };
    attach_nats(model);
    model->internet.firewall = base_arena_array(&lab->arena, 1, sizeof(struct topo_firewall));
    model->internet.firewall[0] =
        (struct topo_firewall){.drop = "udp port 4500", .from = INTEROP_DECOY "-gw"};
    for (size_t i = 0; i < lab->played_count; i++)
        model->internet.firewall_count |= lab->played[i].of->daemon == INTEROP_COOKIES;
}

void interop_lab_init(struct interop_lab *lab, const struct interop_options *options,
                      struct interop_matrix *matrix)
{
    struct interop_case *cases;
    *lab = (struct interop_lab){.matrix = matrix, .options = options};
    base_arena_init(&lab->arena);
    size_t count = interop_cases(&lab->arena, &cases);
    add_rows(lab, cases, count);
    build(lab);
}

void interop_lab_fini(struct interop_lab *lab)
{
    for (size_t i = 0; i < lab->played_count; i++) {
        if (lab->played[i].log)
            fclose(lab->played[i].log);
        free(lab->played[i].log_text);
    }
    free(lab->played);
    base_arena_fini(&lab->arena);
}

struct swan_daemon_options interop_charon_options(const char *node)
{
    struct swan_daemon_options options = {.threads = 16};
    if (!strncmp(node, "charon", 6))
        options.threads = 64;
    else if (!strncmp(node, "cookies", 7))
        options.cookie_threshold = 1;
    else if (!strncmp(node, "fragments", 9))
        options.fragment_size = 600;
    return options;
}

struct net_addr interop_moved_address(const struct topo_gateway *charon)
{
    return net_addr_from_ip4(net_addr_ip4(&charon->public_ip) + NET_IP4(0, 0, 250, 0));
}
