/*
 * The keys of a run as Wireshark reads them: the tables esp_sa and ikev2_decryption_table, and the preferences
 * that switch decryption on, in one folder that is a Wireshark profile.
 *
 * Names of algorithms are Wireshark's own and come from the caller (the tables of ipsec/crypto/algorithm.h
 * carry them). Lines stand in the order of adding; equal lines are kept once.
 *
 * What Wireshark 4.0 cannot do: it judges the ICV of packets with ESN as bad (it decrypts them all the same),
 * has no check of AES-XCBC, and none of CCM's ICV in ESP.
 */
#ifndef PCAP_KEYS_H
#define PCAP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcap/output.h"

struct cap_keys;

/* One direction of a child SA. */
struct cap_esp_key {
    const char *source; /* outer address, or "*": any (it moves, or a NAT changes it) */
    const char *destination;
    uint32_t spi;
    const char *encryption; /* "AES-CTR [RFC3686]" */
    const uint8_t *key;     /* as the table wants it: key, then salt */
    size_t key_size;
    const char *authentication; /* "HMAC-SHA-256-128 [RFC4868]", "NULL" */
    const uint8_t *integ_key;
    size_t integ_key_size; /* 0: Wireshark has nothing to check with */
    bool esn;              /* extended sequence numbers */
};

/* An IKE SA. The _ei and _er keys as the table wants them: key, then salt. */
struct cap_ike_key {
    uint64_t spi_i;
    uint64_t spi_r;
    const char *encryption; /* "AES-CTR-128 [RFC5930]" */
    const uint8_t *sk_ei;
    const uint8_t *sk_er;
    size_t sk_e_size;
    const char *integrity; /* "HMAC_SHA2_256_128 [RFC4868]", "NONE [RFC4306]" */
    const uint8_t *sk_ai;
    const uint8_t *sk_ar;
    size_t sk_a_size; /* 0 with AEAD */
};

struct cap_keys *cap_keys_new(void);
void cap_keys_free(struct cap_keys *keys); /* wipes; NULL is fine */

void cap_keys_add_esp(struct cap_keys *keys, const struct cap_esp_key *key);
void cap_keys_add_ike(struct cap_keys *keys, const struct cap_ike_key *key);

/* The lines of esp_sa so far in the form of a Decryption Secrets Block, and their size. */
const char *cap_keys_esp_text(const struct cap_keys *keys, size_t *size);

/*
 * Makes `folder` where it is missing and writes esp_sa, ikev2_decryption_table and preferences into it: a
 * profile for `tshark -C` once it lies in Wireshark's folder of profiles, or WIRESHARK_CONFIG_DIR itself.
 */
bool cap_keys_write(const struct cap_keys *keys, const char *folder, struct cap_error *error)
    __attribute__((warn_unused_result));

#endif
