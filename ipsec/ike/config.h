/*
 * What an endpoint is told about a tunnel: one peer, its keys, algorithms, lifetimes and behaviour.
 * One algorithm of each kind, as the product has it; with `most-secure` the offers hold more.
 */
#ifndef IKE_CONFIG_H
#define IKE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "net/addr.h"
#include "net/prefix.h"

struct crypto_encr;
struct crypto_group;
struct crypto_integ;

/* When a tunnel comes up by itself. */
enum ike_start {
    IKE_START_BY_HAND,    /* only ike_endpoint_initiate() or the peer */
    IKE_START_AT_ONCE,    /* at a random moment of the first second, unless the peer was quicker;
                           * again at once when the peer no longer answers, and `retry_delay`
                           * after a failure or any other loss */
    IKE_START_ON_TRAFFIC, /* by ike_endpoint_acquire() */
};

enum ike_negotiation {
    IKE_NEGOTIATION_STRICT,      /* offers and accepts what is configured, nothing else */
    IKE_NEGOTIATION_MOST_SECURE, /* offers its own, then all the product has, strongest first;
                                  * picks the strongest common */
};

/*
 * Algorithms of a protection; all borrowed from the const tables of crypto/algorithm.h.
 * With an AEAD cipher `integ` names the PRF in IKE, and has no effect in ESP.
 */
struct ike_algorithms {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    const struct crypto_group *group; /* ESP: perfect forward secrecy of rekeys; NULL: none */
};

/* RFC 7296 section 2.1 leaves the times to the implementation; the defaults are charon's. */
struct ike_retransmit_config {
    base_ns timeout; /* before the first retransmission; 4 s */
    double base;     /* factor from one wait to the next; 1.8 */
    unsigned tries;  /* retransmissions before giving up; 5: some 165 s after the first */
};

enum {
    IKE_REQID_TUNNEL_MAX = 0xffff,
};

/* The reqid of the tunnel's configuration, from that of one of its children. */
static inline uint32_t ike_reqid_tunnel(uint32_t reqid)
{
    return reqid & IKE_REQID_TUNNEL_MAX;
}

/*
 * One tunnel. Everything that is pointed at is copied by ike_endpoint_add_peer(), except the
 * algorithms. Fill in ike_peer_config_init()'s defaults first.
 */
struct ike_peer_config {
    const char *name;
    /*
     * Marks the tunnel's SAs and policies: 1 to IKE_REQID_TUNNEL_MAX, unique in the endpoint. Where the peer makes
     * further children with other selectors, those have more in the upper bits: ike_reqid_tunnel().
     */
    uint32_t reqid;
    struct net_addr local, remote;    /* outer addresses; remote of family 0: any */
    const char *local_id, *remote_id; /* "203.0.113.10": ID_IPV4_ADDR, else ID_FQDN (a leading @
                                        * is dropped), as strongSwan reads them; NULL: the address */
    const uint8_t *psk;
    size_t psk_size;
    struct ike_algorithms ike, esp;
    enum ike_negotiation negotiation;
    const struct net_prefix *local_networks, *remote_networks; /* inner; host bits are ignored */
    size_t local_network_count, remote_network_count;          /* 1 to 20 each */

    /*
     * Where not NULL: a child is of use only if one of these (IPv4, the end's own) lies inside each
     * of its local selectors but those of all IPv4 addresses (an IPv6 one has none); the responder
     * refuses any other with TS_UNACCEPTABLE, as charon with kernel-libipsec.
     */
    const net_ip4 *own_addresses;
    size_t own_address_count;

    enum ike_start start;
    base_ns retry_delay; /* 30 s */

    /*
     * An SA is rekeyed at lifetime - margin + r, r uniform in [0, margin / 2], so that at least half of
     * the margin is left for the exchange and its retransmissions; at `lifetime` it is closed. A margin
     * no shorter than the lifetime counts as half of it.
     */
    base_ns ike_lifetime, esp_lifetime; /* BASE_NEVER: no limit */
    base_ns margin;

    base_ns
        dpd_delay; /* liveness check after so many whole seconds without a packet inbound; 0: never */
    struct ike_retransmit_config retransmit;
    base_ns nat_keepalive; /* behind a NAT, when nothing else was sent; 0: never */
    uint32_t replay_window;
    bool esn;
    bool force_udp_encapsulation; /* a NAT_DETECTION_SOURCE_IP that matches nothing, as charon's */
    bool fragmentation;           /* RFC 7383 */
    bool mobike;                  /* RFC 4555 */
    uint16_t fragment_size;       /* bytes of an IP packet that holds a fragment; 1,280 */
};

/* Defaults of charon and of the scenario language; name, addresses, key, networks stay empty. */
void ike_peer_config_init(struct ike_peer_config *config);

#endif
