/* See setting.h. */
#include "tests/strongswan/setting.h"

#include <assert.h>

#include "ipsec/crypto/algorithm.h"

static struct net_prefix prefix_of(const char *text, enum net_prefix_host_bits bits)
{
    struct net_prefix prefix;
    bool good = net_prefix_parse(text, bits, &prefix);
    assert(good);
    (void)good;
    return prefix;
}

static struct topo_proposal tutorial(uint32_t lifetime_s)
{
    return (struct topo_proposal){.group = crypto_group_named("modp3072"),
                                  .encryption = crypto_encr_named("aes128ctr"),
                                  .integrity = crypto_integ_named("sha256"),
                                  .lifetime_s = lifetime_s};
}

void setting_init(struct setting *setting)
{
    static const char *const nodes[] = {"txl-gw", "lhr-gw"};
    static const char *const names[] = {"lhr-tunnel", "txl-tunnel"};
    static const char *const public_ips[] = {"203.0.113.10", "203.0.113.20"};
    static const char *const inside[] = {"192.168.1.5/24", "192.168.2.5/24"};
    for (int i = 0; i < 2; i++) {
        setting->networks[i] = (struct topo_cidr){.prefix = prefix_of(inside[i], NET_PREFIX_MASK)};
        setting->connections[i] =
            (struct topo_connection){.lan = 1, .ipv4 = prefix_of(inside[i], NET_PREFIX_KEEP)};
        setting->tunnels[i] = (struct topo_tunnel){
            .name = names[i],
            .remote_host = public_ips[!i],
            .remote_address = prefix_of(public_ips[!i], NET_PREFIX_KEEP).addr,
            .psk = "a key of at least 32 characters, please",
            .ike = tutorial(86400),
            .esp = tutorial(3600),
            .cloud = &setting->networks[i],
            .cloud_count = 1,
            .peer = &setting->networks[!i],
            .peer_count = 1,
            .local_id = public_ips[i],
            .remote_id = public_ips[!i],
        };
        setting->gateways[i] = (struct topo_gateway){
            .node = nodes[i],
            .name = "vdc-to-vdc",
            .public_ip = prefix_of(public_ips[i], NET_PREFIX_KEEP).addr,
            .connections = &setting->connections[i],
            .connection_count = 1,
            .tunnels = &setting->tunnels[i],
            .tunnel_count = 1,
            .behaviour = TOPO_BEHAVIOUR_DEFAULT,
        };
        setting->gateways[i].behaviour.start = TOPO_START_BY_HAND;
        setting->gateways[i].behaviour.negotiation = TOPO_NEGOTIATION_STRICT;
    }
}
