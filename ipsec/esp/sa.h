/*
 * A security association of ESP in tunnel mode (RFC 4301 section 4.4.2): one direction, its keys, its
 * counters, and what the outer headers look like. IPv4 outside. Where it stops: no byte or packet
 * lifetimes (only time), no transport mode, no TFC padding, no IPv6 outside.
 *
 * The fields are there to be read; they change only by the functions here and in packet.h.
 */
#ifndef ESP_SA_H
#define ESP_SA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/vtime.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/esp/replay.h"
#include "net/addr.h"

struct crypto_cipher;
struct crypto_context;

enum {
    ESP_OUTER_MAX = 28, /* outer IPv4 and UDP */
};

enum esp_sa_direction {
    ESP_SA_OUTBOUND,
    ESP_SA_INBOUND,
};

/* The outer addresses and, with UDP encapsulation (RFC 3948), the outer ports. */
struct esp_path {
    net_ip4 source;
    net_ip4 destination;
    uint16_t source_port; /* both ports 0: ESP straight in IP */
    uint16_t destination_port;
};

struct esp_sa_config {
    enum esp_sa_direction direction;
    uint32_t spi;
    uint32_t
        reqid; /* what policies name; equal for both directions of a child SA and its successors */
    uint32_t owner; /* the caller's tag, such as the number of a child SA; not looked at */
    struct esp_path path;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD and only then */
    const uint8_t *key;       /* key and salt: encr->key_size + encr->salt_size bytes; copied */
    const uint8_t *integ_key; /* integ->key_size bytes; copied */
    bool esn;
    uint32_t replay_window; /* packets; 0: off; inbound only */
    uint64_t seed; /* drawn from the owner's stream: IVs and IP identifications come from it */
    base_ns now;
    base_ns
        expires; /* neither seals nor opens from then on (the hard lifetime); BASE_NEVER: no end */
};

struct esp_sa_counters {
    uint64_t packets; /* sealed, or opened with success */
    uint64_t bytes;   /* of inner packets */
    uint64_t replay_failures;
    uint64_t integrity_failures;
};

struct esp_sa {
    /* what sealing and opening touch */
    uint32_t spi;
    enum esp_sa_direction direction;
    bool esn;
    bool encapsulated;  /* in UDP */
    uint8_t outer_size; /* bytes of outer headers: 20 or 28 */
    uint8_t iv_size;
    uint8_t icv_size;
    uint8_t alignment; /* the encrypted part is a multiple of this many octets */
    bool aead;
    bool counter_iv; /* the IV is a counter (CTR, GCM, CCM); else unpredictable (CBC) */
    uint32_t reqid;
    struct crypto_cipher *cipher;
    base_ns expires;
    base_ns last_used; /* when it last sealed, or opened with success; `created` before that */
    struct esp_sa_counters counters;

    /* what opening touches besides */
    struct esp_replay replay;

    /* what sealing touches besides */
    _Alignas(BASE_LINE_SIZE) uint64_t sequence; /* the last number that was sent */
    uint64_t iv_mask;                           /* counter IVs are sequence ^ this */
    struct esp_path path;
    uint32_t outer_sum;           /* of the 16-bit words of the IPv4 header in outer */
    uint8_t outer[ESP_OUTER_MAX]; /* outer headers with all that never changes filled in */
    uint16_t ip_id;               /* the next identification of an outer header without DF */

    struct base_rng rng; /* unpredictable IVs */

    /* who it is */
    uint32_t owner;
    base_ns created;
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    uint8_t key[CRYPTO_KEY_SIZE_MAX]; /* kept for Wireshark's tables and for the pairing check */
    uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];

    /* links of the database that owns it, sad.h */
    struct esp_sa *prev, *next;
};

/*
 * Makes an SA; its cipher contexts are built here, once. Never NULL.
 * An SA in a database is the database's: it is freed by esp_sad_remove.
 */
struct esp_sa *esp_sa_new(struct crypto_context *crypto, const struct esp_sa_config *config)
    __attribute__((warn_unused_result));
/* Wipes the keys. NULL is fine. */
void esp_sa_free(struct esp_sa *sa);

/* Moves the outer addresses and ports (MOBIKE, a NAT that rebinds); sequence and window go on. */
void esp_sa_set_path(struct esp_sa *sa, const struct esp_path *path);

/*
 * Outbound: the next packet is number `next`, as if all before it had been sent. Only ahead, so that no IV
 * comes twice, and no further than the numbers go: false, and nothing happens, otherwise.
 */
bool esp_sa_advance(struct esp_sa *sa, uint64_t next);

/*
 * The largest inner packet whose outer packet fits into `outer_mtu` octets, exactly as Linux computes
 * it (__xfrm_state_mtu): 1446 for 1500 with AES-CTR or AES-GCM-16, 1438 with AES-CBC and SHA256. At
 * least 0.
 */
uint32_t esp_sa_inner_mtu(const struct esp_sa *sa, uint32_t outer_mtu);

/* Octets on the wire (outer IP header included) for an inner packet of `inner_size` octets. */
uint32_t esp_sa_outer_size(const struct esp_sa *sa, uint32_t inner_size);

#endif
