/* Tunnels; see peer.h. Also the defaults of config.h. */
#include "ipsec/ike/peer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/hash.h"

enum {
    NETWORKS_MAX = 20, /* the product's limit, each side */
};

void ike_peer_config_init(struct ike_peer_config *config)
{
    *config = (struct ike_peer_config){
        .reqid = 1,
        .negotiation = IKE_NEGOTIATION_STRICT,
        .start = IKE_START_BY_HAND,
        .retry_delay = 30 * BASE_S,
        .ike_lifetime = 86400 * BASE_S,
        .esp_lifetime = 3600 * BASE_S,
        .margin = 540 * BASE_S,
        .dpd_delay = 30 * BASE_S,
        .retransmit = {.timeout = 4 * BASE_S, .base = 1.8, .tries = 5},
        .nat_keepalive = 20 * BASE_S,
        .replay_window = 64,
        .fragmentation = true,
        .mobike = true,
        .fragment_size = 1280,
    };
}

static bool config_sound(const struct ike_peer_config *c)
{
    return c->name && c->reqid && c->reqid <= IKE_REQID_TUNNEL_MAX && c->local.family && c->psk &&
           c->ike.encr && c->ike.integ && c->ike.group && c->esp.encr &&
           (c->esp.encr->aead || c->esp.integ) && c->local_network_count &&
           c->local_network_count <= NETWORKS_MAX && c->remote_network_count &&
           c->remote_network_count <= NETWORKS_MAX;
}

static bool read_id(struct ike_id *out, const char *text, const struct net_addr *addr)
{
    char address[NET_ADDR_TEXT_MAX];
    return ike_id_parse(out, text ? text : net_addr_format(addr, address));
}

static struct ike_ts *ts_of(const struct net_prefix *networks, size_t count)
{
    struct ike_ts *ts = base_alloc_array(count, sizeof(*ts));
    for (size_t i = 0; i < count; i++)
        ts[i] = ike_ts_from_prefix(&networks[i]);
    return ts;
}

struct ike_peer *ike_peer_new(const struct ike_peer_config *config, int number)
{
    struct ike_id local = {0}, remote = {0};
    bool any = !config->remote_id && !config->remote.family;
    if (!config_sound(config) || !read_id(&local, config->local_id, &config->local) ||
        (!any && !read_id(&remote, config->remote_id, &config->remote)))
        return NULL;
    struct ike_peer *peer = base_alloc(sizeof(*peer));
    *peer = (struct ike_peer){.number = number,
                              .enabled = true,
                              .name = base_strdup(config->name),
                              .config = *config,
                              .local_id = local,
                              .remote_id = remote,
                              .any_remote_id = any,
                              .psk = base_alloc(config->psk_size + 1),
                              .psk_size = config->psk_size,
                              .connect_at = BASE_NEVER};
    memcpy(peer->psk, config->psk, config->psk_size);
    peer->local_ts_count = config->local_network_count;
    peer->local_ts = ts_of(config->local_networks, peer->local_ts_count);
    peer->remote_ts_count = config->remote_network_count;
    peer->remote_ts = ts_of(config->remote_networks, peer->remote_ts_count);
    if (config->own_addresses) {
        size_t bytes = config->own_address_count * sizeof(*config->own_addresses);
        peer->own_addresses = base_alloc(bytes + 1);
        memcpy(peer->own_addresses, config->own_addresses, bytes);
    }
    peer->config.own_addresses = peer->own_addresses;
    peer->config.name = peer->name;
    peer->config.local_id = peer->config.remote_id = NULL;
    peer->config.psk = NULL;
    peer->config.local_networks = peer->config.remote_networks = NULL;
    return peer;
}

void ike_peer_free(struct ike_peer *peer)
{
    if (!peer)
        return;
    crypto_wipe(peer->psk, peer->psk_size);
    free(peer->psk);
    free(peer->local_ts);
    free(peer->remote_ts);
    free(peer->own_addresses);
    free(peer->name);
    free(peer);
}

struct ike_proposal_policy ike_peer_ike_policy(const struct ike_peer *peer)
{
    const struct ike_algorithms *a = &peer->config.ike;
    return (struct ike_proposal_policy){
        .protocol = IKE_PROTOCOL_IKE,
        .negotiation = peer->config.negotiation,
        .configured = ike_suite_of(IKE_PROTOCOL_IKE, a->encr, a->integ, a->group, false),
        .with_group = true};
}

struct ike_proposal_policy ike_peer_esp_policy(const struct ike_peer *peer, bool pfs)
{
    const struct ike_algorithms *a = &peer->config.esp;
    return (struct ike_proposal_policy){
        .protocol = IKE_PROTOCOL_ESP,
        .negotiation = peer->config.negotiation,
        .configured = ike_suite_of(IKE_PROTOCOL_ESP, a->encr, a->integ, a->group, peer->config.esn),
        .with_group = pfs && a->group};
}

static void list_of(const struct ike_ts *ts, size_t count, struct ike_ts_list *out)
{
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        ike_ts_list_add(out, &ts[i]);
}

void ike_peer_local_ts(const struct ike_peer *peer, struct ike_ts_list *out)
{
    list_of(peer->local_ts, peer->local_ts_count, out);
}

void ike_peer_remote_ts(const struct ike_peer *peer, struct ike_ts_list *out)
{
    list_of(peer->remote_ts, peer->remote_ts_count, out);
}

static bool has_address_in(const struct ike_peer_config *config, const struct ike_ts *ts)
{
    if (ts->low.family != NET_ADDR_IP4)
        return false;
    net_ip4 low = net_addr_ip4(&ts->low), high = net_addr_ip4(&ts->high);
    bool found = low == 0 && high == NET_IP4_BROADCAST;
    for (size_t i = 0; !found && i < config->own_address_count; i++)
        found = low <= config->own_addresses[i] && config->own_addresses[i] <= high;
    return found;
}

bool ike_peer_can_use(const struct ike_peer *peer, const struct ike_ts_list *local)
{
    bool can = true;
    for (size_t i = 0; peer->config.own_addresses && i < local->count; i++)
        can &= has_address_in(&peer->config, &local->items[i]);
    return can;
}

bool ike_peer_fits_path(const struct ike_peer *peer, const struct ike_path *path)
{
    const struct ike_peer_config *c = &peer->config;
    return !peer->removed && net_addr_equal(&c->local, &path->local) &&
           (!c->remote.family || net_addr_equal(&c->remote, &path->remote));
}

bool ike_peer_fits_ids(const struct ike_peer *peer, const struct ike_id *remote,
                       const struct ike_id *local)
{
    return (peer->any_remote_id || ike_id_equal(&peer->remote_id, remote)) &&
           (!local || ike_id_equal(&peer->local_id, local));
}

bool ike_peer_same_ids(const struct ike_peer *a, const struct ike_peer *b)
{
    return a == b ||
           (!a->any_remote_id && !b->any_remote_id && ike_id_equal(&a->local_id, &b->local_id) &&
            ike_id_equal(&a->remote_id, &b->remote_id));
}
