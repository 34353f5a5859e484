/* Building a gateway, its power, its tunnels, and what can be asked of it. */
#include "sim/gateway/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/warm.h"

struct sim_gateway *sim_gateway_new(struct sim_world *world,
                                    const struct sim_gateway_config *config)
{
    struct sim_gateway *gw = base_alloc_lines(sizeof(*gw));
    gw->world = world;
    gw->name = base_strdup(config->name);
    gw->vpn = config->vpn;
    gw->bypass_lan = config->bypass_lan;
    gw->without_routes = config->without_routes;
    gw->socket_flags = config->own_by_main ? SIM_STACK_NO_VPN : 0;
    gw->crypto = config->crypto;
    gw->stack = sim_stack_new(world, &(struct sim_stack_config){.name = config->name,
                                                                .ip_forward = config->ip_forward,
                                                                .rp_filter = config->rp_filter});
    gw->node = sim_stack_node(gw->stack)->id;
    gw->sad = esp_sad_new();
    gw->spd = esp_spd_new();
    gateway_esp_init(gw);
    gateway_ike_init(gw);
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED)
        gateway_xfrm_init(gw);
    sim_stack_set_up(gw->stack, false);
    return gw;
}

static void free_config(struct gateway_tunnel *tunnel)
{
    free(tunnel->name);
    free(tunnel->local_id);
    free(tunnel->remote_id);
    free(tunnel->psk);
    free(tunnel->networks);
}

static void free_tunnel(struct gateway_tunnel *tunnel)
{
    free_config(tunnel);
    free(tunnel);
}

void sim_gateway_free(struct sim_gateway *gw)
{
    if (!gw)
        return;
    sim_gateway_stop(gw);
    while (gw->tunnels) {
        struct gateway_tunnel *tunnel = gw->tunnels;
        gw->tunnels = tunnel->next;
        free_tunnel(tunnel);
    }
    free(gw->routes);
    free(gw->rejected);
    esp_spd_free(gw->spd);
    esp_sad_free(gw->sad);
    sim_stack_free(gw->stack);
    free(gw->name);
    free(gw);
}

struct sim_port *sim_gateway_add_lan(struct sim_gateway *gw, const char *name,
                                     const struct net_prefix *address, uint16_t mtu)
{
    uint16_t interface = sim_stack_add_ethernet(gw->stack, name, mtu);
    sim_stack_add_address(gw->stack, interface, address);
    return sim_stack_port(gw->stack, interface);
}

struct sim_port *sim_gateway_add_wan(struct sim_gateway *gw, const struct net_prefix *address,
                                     uint16_t mtu)
{
    struct sim_port *port = sim_gateway_add_lan(gw, "wan", address, mtu);
    sim_stack_find_interface(gw->stack, "wan", &gw->wan);
    gw->wan_port = (uint16_t)(gw->wan - 1);
    gw->wan_address = net_addr_ip4(&address->addr);
    if (gw->vpn == SIM_GATEWAY_ROUTE_BASED)
        gateway_tun_init(gw); /* charon makes it when it starts: it comes after the real ones */
    return port;
}

bool sim_gateway_set_default_route(struct sim_gateway *gw, net_ip4 via)
{
    struct net_route route = {.to = net_prefix_from_ip4(0, 0),
                              .via = via,
                              .interface = gw->wan,
                              .kind = NET_ROUTE_UNICAST};
    return sim_stack_route_add(gw->stack, SIM_STACK_TABLE_MAIN, &route) == SIM_STACK_OK;
}

void gateway_list_memory(void *context, uint16_t interface, struct base_warm *set)
{
    const struct sim_gateway *gw = context;
    base_warm_add(set, gw, offsetof(struct sim_gateway, counters.status));
    if (gw->tunnels)
        base_warm_add(set, gw->tunnels, offsetof(struct gateway_tunnel, peer));
    bool opens = interface == gw->wan;
    esp_spd_list_memory(gw->spd, opens ? ESP_FWD : ESP_OUT, set);
    esp_sad_list_memory(gw->sad, opens ? ESP_SA_INBOUND : ESP_SA_OUTBOUND, set);
}

/* ---- Tunnels ---- */

struct gateway_tunnel *gateway_find_tunnel(const struct sim_gateway *gw, const char *name)
{
    for (struct gateway_tunnel *tunnel = gw->tunnels; tunnel; tunnel = tunnel->next)
        if (!strcmp(tunnel->name, name))
            return tunnel;
    return NULL;
}

struct gateway_tunnel *gateway_tunnel_of_reqid(const struct sim_gateway *gw, uint32_t reqid)
{
    struct gateway_tunnel *tunnel = gw->tunnels;
    while (tunnel && tunnel->reqid != ike_reqid_tunnel(reqid))
        tunnel = tunnel->next;
    return tunnel;
}

/* Makes all that the tunnel's configuration points at its own. */
static void own_config(struct gateway_tunnel *tunnel, const struct ike_peer_config *config)
{
    size_t local = config->local_network_count, remote = config->remote_network_count;
    struct sim_gateway *gw = tunnel->gateway;
    tunnel->local_id = tunnel->remote_id = NULL;
    tunnel->config = *config;
    tunnel->config.reqid = tunnel->reqid = ++gw->last_reqid;
    if (gw->vpn == SIM_GATEWAY_ROUTE_BASED)
        tunnel->config.force_udp_encapsulation = true; /* kernel-libipsec knows no other way */
    tunnel->config.name = tunnel->name = base_strdup(config->name);
    if (config->local_id)
        tunnel->config.local_id = tunnel->local_id = base_strdup(config->local_id);
    if (config->remote_id)
        tunnel->config.remote_id = tunnel->remote_id = base_strdup(config->remote_id);
    tunnel->config.psk = tunnel->psk = base_alloc(config->psk_size + 1);
    if (config->psk_size)
        memcpy(tunnel->psk, config->psk, config->psk_size);
    tunnel->networks = base_alloc_array(local + remote + 1, sizeof(*tunnel->networks));
    for (size_t i = 0; i < local; i++)
        tunnel->networks[i] = net_prefix_mask(&config->local_networks[i]);
    for (size_t i = 0; i < remote; i++)
        tunnel->networks[local + i] = net_prefix_mask(&config->remote_networks[i]);
    tunnel->config.local_networks = tunnel->networks;
    tunnel->config.remote_networks = tunnel->networks + local;
}

static bool start_tunnel(struct sim_gateway *gw, struct gateway_tunnel *tunnel)
{
    if (!gateway_ike_add(gw, tunnel))
        return false;
    if (tunnel->config.start == IKE_START_ON_TRAFFIC)
        gateway_charon_trap(gw, tunnel);
    return true;
}

bool sim_gateway_add_tunnel(struct sim_gateway *gw, const struct ike_peer_config *config)
{
    if (gateway_find_tunnel(gw, config->name))
        return false;
    struct gateway_tunnel *tunnel = base_alloc_lines(sizeof(*tunnel));
    tunnel->gateway = gw;
    tunnel->peer = -1;
    own_config(tunnel, config);
    gateway_xfrm_init_exit(tunnel);
    struct gateway_tunnel **end = &gw->tunnels;
    while (*end)
        end = &(*end)->next;
    *end = tunnel;
    if (gw->engine) {
        bool added = start_tunnel(gw, tunnel);
        gateway_ike_pump(gw);
        return added;
    }
    return true;
}

/* Takes it out of the running gateway; the engine still tells the peer. */
static void stop_tunnel(struct sim_gateway *gw, struct gateway_tunnel *tunnel)
{
    gateway_charon_untrap(gw, tunnel);
    if (gw->engine && tunnel->peer >= 0) {
        ike_endpoint_remove_peer(gw->engine, gateway_now(gw), tunnel->peer);
        gateway_ike_pump(gw);
    }
    tunnel->peer = -1;
}

bool sim_gateway_change_tunnel(struct sim_gateway *gw, const struct ike_peer_config *config)
{
    struct gateway_tunnel *tunnel = gateway_find_tunnel(gw, config->name);
    if (!tunnel)
        return false;
    stop_tunnel(gw, tunnel);
    free_config(tunnel);
    own_config(tunnel, config);
    bool added = !gw->engine || start_tunnel(gw, tunnel);
    gateway_ike_pump(gw);
    return added;
}

bool sim_gateway_remove_tunnel(struct sim_gateway *gw, const char *name)
{
    struct gateway_tunnel **place = &gw->tunnels;
    while (*place && strcmp((*place)->name, name) != 0)
        place = &(*place)->next;
    struct gateway_tunnel *tunnel = *place;
    if (!tunnel)
        return false;
    stop_tunnel(gw, tunnel);
    *place = tunnel->next;
    free_tunnel(tunnel);
    return true;
}

/* ---- Power ---- */

void gateway_daemon_start(struct sim_gateway *gw)
{
    gateway_charon_start(gw);
    gateway_ike_start(gw);
    for (struct gateway_tunnel *tunnel = gw->tunnels; tunnel; tunnel = tunnel->next)
        start_tunnel(gw, tunnel);
    gateway_ike_pump(gw);
}

void sim_gateway_start(struct sim_gateway *gw)
{
    if (gw->running)
        return;
    sim_gateway_stop(gw); /* of what was carried over nothing is left */
    gw->running = true;
    sim_stack_set_up(gw->stack, true);
    gateway_daemon_start(gw);
}

void sim_gateway_stop(struct sim_gateway *gw)
{
    if (!gw->running && !gw->replicated)
        return;
    gw->running = gw->replicated = false;
    gateway_ike_stop(gw);
    gateway_charon_stop(gw);
    gateway_tun_stop(gw);
    esp_sad_flush(gw->sad);
    gateway_forget_tunnels(gw);
    sim_stack_set_up(gw->stack, false);
}

bool sim_gateway_running(const struct sim_gateway *gw)
{
    return gw->running;
}

/* ---- Faults ---- */

void sim_gateway_jump_clock(struct sim_gateway *gw, base_ns by)
{
    assert(by >= 0);
    gw->clock_ahead = base_ns_add(gw->clock_ahead, by);
    gateway_ike_pump(gw); /* what is overdue now is due at once */
}

void sim_gateway_reject_spi(struct sim_gateway *gw, uint32_t spi, bool reject)
{
    size_t i = 0;
    if (reject) {
        gw->rejected = base_grow(gw->rejected, gw->rejected_count, &gw->rejected_capacity,
                                 sizeof(*gw->rejected));
        gw->rejected[gw->rejected_count++] = spi;
    } else {
        while (i < gw->rejected_count && gw->rejected[i] != spi)
            i++;
        if (i < gw->rejected_count)
            gw->rejected[i] = gw->rejected[--gw->rejected_count];
    }
    gw->rejects = gw->rejected_count > 0;
}

bool sim_gateway_advance_sequence(struct sim_gateway *gw, const char *name, uint64_t next)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    return peer >= 0 && ike_endpoint_advance_sequence(gw->engine, peer, next);
}

bool sim_gateway_advance_message_id(struct sim_gateway *gw, const char *name, bool own,
                                    uint32_t next)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    bool done =
        peer >= 0 && ike_endpoint_advance_message_id(gw->engine, gateway_now(gw), peer, own, next);
    gateway_ike_pump(gw);
    return done;
}

/* ---- An administrator's wishes ---- */

bool sim_gateway_initiate(struct sim_gateway *gw, const char *name)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    bool done = peer >= 0 && ike_endpoint_initiate(gw->engine, gateway_now(gw), peer);
    gateway_ike_pump(gw);
    return done;
}

bool sim_gateway_terminate(struct sim_gateway *gw, const char *name, bool child_only)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    bool done = peer >= 0 && ike_endpoint_terminate(gw->engine, gateway_now(gw), peer, child_only);
    gateway_ike_pump(gw);
    return done;
}

bool sim_gateway_rekey_ike(struct sim_gateway *gw, const char *name)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    bool done = peer >= 0 && ike_endpoint_rekey_ike(gw->engine, gateway_now(gw), peer);
    gateway_ike_pump(gw);
    return done;
}

bool sim_gateway_rekey_child(struct sim_gateway *gw, const char *name)
{
    int peer = sim_gateway_tunnel_peer(gw, name);
    bool done = peer >= 0 && ike_endpoint_rekey_child(gw->engine, gateway_now(gw), peer);
    gateway_ike_pump(gw);
    return done;
}

/* ---- Queries ---- */

const char *sim_gateway_name(const struct sim_gateway *gw)
{
    return gw->name;
}

enum sim_gateway_vpn sim_gateway_vpn(const struct sim_gateway *gw)
{
    return gw->vpn;
}

struct sim_stack *sim_gateway_stack(struct sim_gateway *gw)
{
    return gw->stack;
}

const struct ike_endpoint *sim_gateway_engine(const struct sim_gateway *gw)
{
    return gw->engine;
}

const struct esp_sad *sim_gateway_sad(const struct sim_gateway *gw)
{
    return gw->sad;
}

const struct esp_spd *sim_gateway_spd(const struct sim_gateway *gw)
{
    return gw->spd;
}

int sim_gateway_tunnel_peer(const struct sim_gateway *gw, const char *name)
{
    const struct gateway_tunnel *tunnel = gateway_find_tunnel(gw, name);
    return tunnel && gw->running ? tunnel->peer : -1;
}

bool sim_gateway_tunnel_info(const struct sim_gateway *gw, const char *name,
                             struct ike_peer_info *out)
{
    const struct gateway_tunnel *tunnel = gateway_find_tunnel(gw, name);
    if (!tunnel)
        return false;
    if (gw->running && tunnel->peer >= 0)
        return ike_endpoint_peer(gw->engine, tunnel->peer, out);
    *out = (struct ike_peer_info){
        .name = tunnel->name, .reqid = tunnel->config.reqid, .state = IKE_PEER_DOWN};
    return true;
}

bool sim_gateway_tap_tunnel(struct sim_gateway *gw, const char *name, struct sim_tap *tap)
{
    struct gateway_tunnel *tunnel = gateway_find_tunnel(gw, name);
    if (tunnel)
        sim_tap_add(&tunnel->taps, tap);
    return tunnel != NULL;
}

void sim_gateway_listen(struct sim_gateway *gw, sim_gateway_event_fn *on_event, void *context)
{
    gw->on_event = on_event;
    gw->event_context = context;
}

const struct sim_gateway_counters *sim_gateway_counters(const struct sim_gateway *gw)
{
    return &gw->counters;
}
