/* Both ends of an SA report the same keys; equal lines are kept once by pcap/keys.h. */
#include "scenarios/keys_log.h"

#include "ipsec/crypto/algorithm.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/endpoint.h"
#include "net/addr.h"
#include "pcap/keys.h"
#include "sim/gateway/gateway.h"
#include "topology/engine.h"

static void add_ike(struct cap_keys *keys, const struct ike_keys_info *info)
{
    bool aead = info->encr->aead;
    bool checks = !aead && info->integ->wireshark_checks;
    struct cap_ike_key key = {
        .spi_i = info->spi_i,
        .spi_r = info->spi_r,
        .encryption = info->encr->wireshark_ike,
        .sk_ei = info->sk_ei,
        .sk_er = info->sk_er,
        .sk_e_size = info->sk_e_size,
        .integrity = aead ? "NONE [RFC4306]" : info->integ->wireshark_ike,
        .sk_ai = info->sk_ai,
        .sk_ar = info->sk_ar,
        .sk_a_size = checks ? info->sk_a_size : 0,
    };
    cap_keys_add_ike(keys, &key);
}

/* An address that a NAT or MOBIKE may change is a wildcard. */
static void add_esp(struct cap_keys *keys, const struct topo_engine_keys *sa)
{
    char source[NET_ADDR_TEXT_MAX] = "*";
    char destination[NET_ADDR_TEXT_MAX] = "*";
    uint8_t material[CRYPTO_KEY_SIZE_MAX];
    bool checks = !sa->encr->aead && sa->integ->wireshark_checks;
    if (!sa->encapsulated) {
        net_addr_format(&sa->source, source);
        net_addr_format(&sa->destination, destination);
    }
    struct cap_esp_key key = {
        .source = source,
        .destination = destination,
        .spi = sa->spi,
        .encryption = sa->encr->wireshark_esp,
        .key = material,
        .key_size = crypto_encr_wireshark_esp_key(sa->encr, sa->key, material),
        .authentication = sa->encr->aead ? sa->encr->wireshark_esp_auth : sa->integ->wireshark_esp,
        .integ_key = sa->integ_key,
        .integ_key_size = checks ? sa->integ->key_size : 0,
        .esn = sa->esn,
    };
    cap_keys_add_esp(keys, &key);
}

static void add_sa(struct cap_keys *keys, const struct esp_sa *sa)
{
    struct topo_engine_keys key = {
        .spi = sa->spi,
        .encr = sa->encr,
        .integ = sa->integ,
        .key = sa->key,
        .integ_key = sa->integ_key,
        .source = net_addr_from_ip4(sa->path.source),
        .destination = net_addr_from_ip4(sa->path.destination),
        .encapsulated = sa->encapsulated,
        .esn = sa->esn,
    };
    add_esp(keys, &key);
}

static void add_child(struct cap_keys *keys, const struct esp_sad *sad,
                      const struct ike_child_info *child)
{
    const struct esp_sa *in = esp_sad_inbound(sad, child->spi_in);
    const struct esp_sa *out =
        esp_sad_outbound_spi(sad, net_addr_ip4(&child->path.remote), child->spi_out);
    if (in)
        add_sa(keys, in);
    if (out)
        add_sa(keys, out);
}

void scn_keys_log_event(struct cap_keys *keys, const struct esp_sad *sad,
                        const struct ike_event *event)
{
    bool child = event->kind == IKE_EVENT_CHILD_UP || event->kind == IKE_EVENT_CHILD_REKEYED;
    if (event->kind == IKE_EVENT_IKE_KEYS && event->keys->sk_ei)
        add_ike(keys, event->keys);
    else if (sad && child)
        add_child(keys, sad, event->child);
}

void scn_keys_log_engine(struct cap_keys *keys, struct topo_engine *engine)
{
    struct topo_engine_keys key;
    for (size_t i = 0; engine->ops->keys && engine->ops->keys(engine, i, &key); i++) {
        if (key.is_ike)
            add_ike(keys, &key.ike);
        else
            add_esp(keys, &key);
    }
}
