/* The lab of lab.h. */
#include "tests/test.h"

#include "tests/gateway/lab.h"

#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/ts.h"
#include "ipsec/ike/wire.h"
#include "net/icmp.h"
#include "net/udp.h"

static const char *const lan_of[] = {"192.168.1.0/24", "192.168.2.0/24"};
static const char *const address_of[2][2] = {{"192.168.1.11", "192.168.1.12"},
                                             {"192.168.2.11", "192.168.2.12"}};
static const char *const host_of[2][2] = {{"txl1", "txl2"}, {"lhr1", "lhr2"}};
static const char *const gateway_of[] = {"192.168.1.5/24", "192.168.2.5/24"};
static const char *const public_of[] = {"203.0.113.10", "203.0.113.20"};
static const char *const vdc_of[] = {"txl", "lhr"};
static const char psk[] = "a key of at least 32 characters, please";

struct net_addr lab_addr(const char *text)
{
    struct net_addr addr;
    assert_true(net_addr_parse(text, &addr));
    return addr;
}

static struct net_prefix prefix(const char *text, enum net_prefix_host_bits host_bits)
{
    struct net_prefix out;
    assert_true(net_prefix_parse(text, host_bits, &out));
    return out;
}

const char *lab_gateway_name(enum lab_side side)
{
    return side == LAB_TXL ? "txl-gw" : "lhr-gw";
}

struct topo_behaviour *lab_behaviour(struct lab *lab, enum lab_side side)
{
    return &lab->vdcs[side].gateway.behaviour;
}

void lab_route_based(struct lab *lab)
{
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++)
        lab_behaviour(lab, side)->vpn = TOPO_VPN_ROUTE_BASED;
}

void lab_set_networks(struct lab *lab, enum lab_side side, const char *local, const char *remote)
{
    lab->cloud[side].prefix = prefix(local, NET_PREFIX_MASK);
    lab->peer[side].prefix = prefix(remote, NET_PREFIX_MASK);
}

static void init_hosts(struct lab *lab, enum lab_side side)
{
    for (size_t i = 0; i < 2; i++) {
        lab->routes[side][i] = (struct topo_route){
            .to = prefix(lan_of[!side], NET_PREFIX_MASK),
            .via = prefix(gateway_of[side], NET_PREFIX_KEEP).addr,
        };
        lab->hosts[side][i] = (struct topo_host){
            .name = host_of[side][i],
            .lan = side + 1u,
            .address = lab_addr(address_of[side][i]),
            .routes = &lab->routes[side][i],
            .route_count = 1,
        };
    }
}

static void init_tunnel(struct lab *lab, enum lab_side side)
{
    struct topo_proposal proposal = {
        .group = crypto_group_named("15-MODP3072"),
        .encryption = crypto_encr_named("AES128-CTR"),
        .integrity = crypto_integ_named("SHA256"),
        .lifetime_s = 86400,
    };
    lab->tunnels[side] = (struct topo_tunnel){
        .name = "net",
        .remote_host = public_of[!side],
        .remote_address = lab_addr(public_of[!side]),
        .psk = psk,
        .ike = proposal,
        .esp = proposal,
        .cloud = &lab->cloud[side],
        .cloud_count = 1,
        .peer = &lab->peer[side],
        .peer_count = 1,
        .local_id = public_of[side],
        .remote_id = public_of[!side],
    };
    lab->tunnels[side].esp.lifetime_s = 3600;
    lab_set_networks(lab, side, lan_of[side], lan_of[!side]);
}

static void init_side(struct lab *lab, enum lab_side side)
{
    lab->lans[side] = (struct topo_lan){
        .id = side + 1u,
        .subnet = prefix(lan_of[side], NET_PREFIX_MASK),
        .link = {.set = TOPO_DELAY | TOPO_MTU, .delay_ns = 100 * BASE_US, .mtu_bytes = 1500},
    };
    lab->connections[side] = (struct topo_connection){
        .lan = side + 1u, .ipv4 = prefix(gateway_of[side], NET_PREFIX_KEEP)};
    init_hosts(lab, side);
    init_tunnel(lab, side);
    lab->vdcs[side] = (struct topo_vdc){
        .name = vdc_of[side],
        .lans = &lab->lans[side],
        .lan_count = 1,
        .hosts = lab->hosts[side],
        .host_count = 2,
        .gateway = {.node = lab_gateway_name(side),
                    .name = lab_gateway_name(side),
                    .public_ip = lab_addr(public_of[side]),
                    .connections = &lab->connections[side],
                    .connection_count = 1,
                    .tunnels = &lab->tunnels[side],
                    .tunnel_count = 1,
                    .behaviour = TOPO_BEHAVIOUR_DEFAULT},
    };
    lab_behaviour(lab, side)->start = TOPO_START_BY_HAND;
    lab_behaviour(lab, side)->negotiation = TOPO_NEGOTIATION_STRICT;
}

void lab_init(struct lab *lab)
{
    memset(lab, 0, sizeof(*lab));
    init_side(lab, LAB_TXL);
    init_side(lab, LAB_LHR);
    lab->model = (struct topo_model){
        .vdcs = lab->vdcs,
        .vdc_count = 2,
        .internet = {.kind = TOPO_INTERNET_SEGMENT,
                     .hops = TOPO_HOPS_DEFAULT,
                     .subnet = prefix("203.0.113.0/24", NET_PREFIX_MASK),
                     .link = {.set = TOPO_DELAY | TOPO_MTU,
                              .delay_ns = BASE_MS,
                              .mtu_bytes = TOPO_MTU_DEFAULT}},
    };
}

void lab_nat(struct lab *lab)
{
    lab->nat = (struct topo_nat){
        .gateway = "txl-gw",
        .node = "txl-gw-nat",
        .public_ip = lab_addr(public_of[LAB_TXL]),
        .subnet = prefix("10.0.0.0/24", NET_PREFIX_MASK),
        .mapping_timeout_ns = 30 * BASE_S,
        .type = TOPO_NAT_PORT_RESTRICTED,
    };
    assert_true(topo_nat_attach(&lab->nat, &lab->vdcs[LAB_TXL].gateway));
    lab->model.internet.nats = &lab->nat;
    lab->model.internet.nat_count = 1;
}

static void on_event(void *context, struct sim_gateway *gateway, const struct ike_event *event)
{
    struct lab *lab = context;
    bool failed = event->kind == IKE_EVENT_TASK_FAILED || event->kind == IKE_EVENT_CHILD_FAILED;
    if (failed && event->notify && event->initiator)
        lab->refused[gateway != lab_gateway(lab, LAB_TXL)] = ike_notify_name(event->notify);
}

void lab_start(struct lab *lab)
{
    lab->world = topo_world_new(&lab->model, &(struct topo_world_options){.seed = 1});
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++)
        sim_gateway_listen(lab_gateway(lab, side), on_event, lab);
}

void lab_wait(struct lab *lab, base_ns duration)
{
    topo_world_run_until(lab->world, topo_world_now(lab->world) + duration);
}

void lab_end(struct lab *lab)
{
    struct topo_leaks leaks = topo_world_free(lab->world);
    lab->world = NULL;
    assert_int_equal(leaks.packets, 0);
    assert_int_equal(leaks.timers, 0);
}

struct sim_gateway *lab_gateway(struct lab *lab, enum lab_side side)
{
    return topo_world_gateway(lab->world, lab_gateway_name(side));
}

struct ike_peer_info lab_info(struct lab *lab, enum lab_side side)
{
    struct ike_peer_info info;
    assert_true(sim_gateway_tunnel_info(lab_gateway(lab, side), "net", &info));
    return info;
}

void lab_initiate(struct lab *lab, enum lab_side side)
{
    base_ns end = topo_world_now(lab->world) + 20 * BASE_S;
    assert_true(sim_gateway_initiate(lab_gateway(lab, side), "net"));
    while (lab_info(lab, side).state == IKE_PEER_CONNECTING)
        if (!topo_world_step(lab->world, end))
            break;
    lab_wait(lab, BASE_S);
}

void lab_start_tunnel(struct lab *lab)
{
    lab_start(lab);
    lab_initiate(lab, LAB_TXL);
}

void lab_up(struct lab *lab)
{
    lab_init(lab);
    lab_start_tunnel(lab);
}

const char *lab_state(struct lab *lab, enum lab_side side, char out[static 128])
{
    static const char *const names[] = {"down", "connecting", "IKE only", "up"};
    struct sim_gateway *gateway = lab_gateway(lab, side);
    struct ike_child_info child;
    char local[48], remote[48];
    enum ike_peer_state state = lab_info(lab, side).state;
    if (state != IKE_PEER_ESTABLISHED) {
        const char *refused = lab->refused[side];
        snprintf(out, 128, "%s%s%s", names[state], refused ? ", " : "", refused ? refused : "");
        return out;
    }
    assert_true(ike_endpoint_child(sim_gateway_engine(gateway),
                                   sim_gateway_tunnel_peer(gateway, "net"), 0, &child));
    snprintf(local, sizeof(local), "%s", ike_ts_format(child.local_ts, (char[IKE_TS_TEXT_MAX]){0}));
    snprintf(remote, sizeof(remote), "%s",
             ike_ts_format(child.remote_ts, (char[IKE_TS_TEXT_MAX]){0}));
    snprintf(out, 128, "up %s=%s", local, remote);
    return out;
}

/* ---- Pings ---- */

static void on_line(void *context, struct sim_ping *ping, const struct sim_ping_line *line)
{
    struct lab_ping *result = context;
    char text[NET_ICMP_TEXT_MAX], from[NET_IP4_TEXT_MAX];
    (void)ping;
    if (line->kind == SIM_PING_ERROR)
        snprintf(result->text, sizeof(result->text), "From %s %s", net_ip4_format(line->from, from),
                 net_icmp_error_text(line->icmp_type, line->icmp_code, (uint16_t)line->mtu, text));
    else if (line->kind == SIM_PING_NO_CONNECT)
        snprintf(result->text, sizeof(result->text), "connect: %s",
                 sim_stack_status_text(line->status));
    else if (line->kind == SIM_PING_LOCAL_ERROR && line->mtu)
        snprintf(result->text, sizeof(result->text), "local error: message too long, mtu=%u",
                 line->mtu);
    else if (line->kind == SIM_PING_LOCAL_ERROR)
        snprintf(result->text, sizeof(result->text), "local error: %s",
                 sim_stack_status_text(line->status));
}

static struct lab_ping run_ping(struct lab *lab, const char *from, const char *to,
                                struct sim_ping_config *config)
{
    struct lab_ping result = {0};
    struct sim_ping_listener listener = {.context = &result, .line = on_line};
    assert_true(topo_world_address(lab->world, from, to, &config->to));
    struct sim_ping *ping =
        sim_ping_start(topo_world_node(lab->world, from)->stack, config, &listener);
    while (!sim_ping_statistics(ping)->done)
        assert_true(topo_world_step(lab->world, BASE_NEVER));
    result.statistics = *sim_ping_statistics(ping);
    result.sent = result.statistics.transmitted;
    result.received = result.statistics.received;
    result.errors = result.statistics.errors;
    sim_ping_free(ping);
    return result;
}

struct lab_ping lab_ping(struct lab *lab, const char *from, const char *to, uint64_t count)
{
    return lab_ping_every(lab, from, to, count, 300 * BASE_MS);
}

struct lab_ping lab_ping_every(struct lab *lab, const char *from, const char *to, uint64_t count,
                               base_ns interval)
{
    struct sim_ping_config config = {.count = count,
                                     .interval_ns = interval,
                                     .timeout_ns = BASE_S,
                                     .size = SIM_PING_SIZE_DEFAULT,
                                     .df = SIM_STACK_DF_WANT};
    return run_ping(lab, from, to, &config);
}

struct lab_ping lab_ping_size(struct lab *lab, const char *from, const char *to, uint64_t count,
                              uint32_t size, bool df)
{
    struct sim_ping_config config = {.count = count,
                                     .interval_ns = 300 * BASE_MS,
                                     .timeout_ns = BASE_S,
                                     .size = size,
                                     .df = df ? SIM_STACK_DF_DO : SIM_STACK_DF_DONT};
    return run_ping(lab, from, to, &config);
}

/* ---- The internet ---- */

static void count_frame(struct sim_tap *tap, const struct sim_tap_frame *frame)
{
    struct lab_count *count = SIM_OWNER(tap, struct lab_count, tap);
    size_t header = frame->bytes[0] == 0x45 ? 0 : 14; /* raw IP, or Ethernet */
    const uint8_t *ip = frame->bytes + header;
    if (frame->size >= header + 20 && ip[0] >> 4 == 4 &&
        (!count->match || count->match(ip, frame->size - header)))
        count->frames++;
}

void lab_count(struct lab *lab, const char *point, struct lab_count *count,
               bool (*match)(const uint8_t *ip, size_t size))
{
    *count = (struct lab_count){.tap = {.frame = count_frame}, .match = match};
    assert_true(topo_world_tap(lab->world, point, &count->tap));
}

void lab_drop(struct lab *lab, const char *from,
              bool (*match)(void *context, const struct sim_packet *frame))
{
    struct sim_fault_config config = {.action = SIM_FAULT_DROP, .match = match};
    if (from)
        config.from = sim_stack_node(topo_world_node(lab->world, from)->stack);
    sim_link_add_fault(topo_world_link(lab->world, "internet"), &config);
}

static const uint8_t *ip_of(const struct sim_packet *frame)
{
    const uint8_t *ip = sim_packet_data(frame) + 14;
    return sim_packet_size(frame) >= 42 && ip[0] == 0x45 ? ip : NULL;
}

static uint16_t udp_port(const struct sim_packet *frame)
{
    const uint8_t *ip = ip_of(frame);
    if (!ip || ip[9] != NET_IPV4_UDP)
        return 0;
    return (uint16_t)(ip[22] << 8 | ip[23]);
}

bool lab_is_ike_or_natt(void *context, const struct sim_packet *frame)
{
    (void)context;
    return udp_port(frame) == NET_UDP_PORT_IKE || udp_port(frame) == NET_UDP_PORT_NATT;
}

bool lab_is_natt(void *context, const struct sim_packet *frame)
{
    (void)context;
    return udp_port(frame) == NET_UDP_PORT_NATT;
}

bool lab_is_esp(void *context, const struct sim_packet *frame)
{
    (void)context;
    const uint8_t *ip = ip_of(frame);
    return ip && ip[9] == NET_IPV4_ESP;
}

uint64_t lab_dropped(struct lab *lab, enum lab_side side, enum esp_status status)
{
    return sim_gateway_counters(lab_gateway(lab, side))->status[status];
}
