/*
 * The security policy database of one gateway, looked up as Linux XFRM does (RFC 4301 section 4.4.1 in
 * its words): per direction the matching policy of the lowest priority number, and of equal numbers the
 * one that was added first. OUT is asked for what is forwarded or sent, IN for what is delivered, FWD
 * for what is forwarded; IN and FWD also judge through which SAs a packet came.
 */
#ifndef ESP_SPD_H
#define ESP_SPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vtime.h"
#include "ipsec/esp/status.h"
#include "net/addr.h"
#include "net/prefix.h"

struct base_warm;
struct esp_spd;

enum esp_direction {
    ESP_OUT,
    ESP_IN,
    ESP_FWD,
    ESP_DIRECTIONS
};

enum esp_action {
    ESP_PROTECT, /* a template: an SA with the policy's reqid */
    ESP_BYPASS,
    ESP_DISCARD,
};

/* A range of addresses, both ends included. */
struct esp_range {
    struct net_addr first;
    struct net_addr last; /* of the same family, and not before `first` */
};

/* Which packets: all conditions must hold. */
struct esp_selector {
    struct esp_range source;
    struct esp_range destination; /* of the same family */
    uint8_t protocol;             /* 0: any */
    uint16_t
        source_port_first; /* ICMP: the type stands in the source port, the code in the other */
    uint16_t source_port_last;
    uint16_t destination_port_first;
    uint16_t destination_port_last;
};

/* All packets from one network to another. Families must agree. */
struct esp_selector esp_selector_from_prefixes(const struct net_prefix *source,
                                               const struct net_prefix *destination);
bool esp_selector_equal(const struct esp_selector *a, const struct esp_selector *b);

/* What a policy is for; decides its priority. */
enum esp_policy_kind {
    ESP_KIND_TUNNEL, /* of an installed SA */
    ESP_KIND_TRAP,   /* waits for a packet that starts the SA */
    ESP_KIND_PASS,   /* lets a subnet pass in clear */
};

/*
 * The priority that charon's kernel-netlink computes: narrower selectors go first, an installed SA's
 * policy just before its trap, pass policies before both. 375423 for a tunnel between two /24, 375424 for
 * its trap, 175423 to pass a /24 to a /24. A range counts as the smallest network around it.
 */
uint32_t esp_priority(const struct esp_selector *selector, enum esp_policy_kind kind);

struct esp_policy_config {
    enum esp_direction direction;
    enum esp_action action;
    uint32_t priority; /* lower goes first */
    uint32_t reqid;    /* of ESP_PROTECT */
    uint32_t owner;    /* the caller's tag, for esp_spd_remove_owner and for acquires */
    struct esp_selector selector;
};

struct esp_policy {
    base_ns last_used; /* -1: never; written by whoever looks it up */
    uint64_t hits;
    struct esp_policy_config config;
};

struct esp_spd *esp_spd_new(void);
/* Frees its policies too. NULL is fine. */
void esp_spd_free(struct esp_spd *spd);

/*
 * Adds a policy, which stays the database's. Several may have equal selectors (a trap and the tunnel it
 * started): among equal priorities the latest of them then goes first, as charon orders the users of
 * one kernel policy.
 */
struct esp_policy *esp_spd_add(struct esp_spd *spd, const struct esp_policy_config *config);
void esp_spd_remove(struct esp_spd *spd, struct esp_policy *policy);
/* Removes every policy with this tag; returns how many. */
size_t esp_spd_remove_owner(struct esp_spd *spd, uint32_t owner);

size_t esp_spd_count(const struct esp_spd *spd, enum esp_direction direction);
/* In the order of look-up. */
struct esp_policy *esp_spd_at(const struct esp_spd *spd, enum esp_direction direction,
                              size_t index);

/* What selectors look at in a packet. */
struct esp_flow {
    struct net_addr source;
    struct net_addr destination;
    uint8_t protocol;
    uint16_t source_port;      /* of TCP, UDP, UDP-Lite, SCTP, DCCP; ICMP's type; else 0 */
    uint16_t destination_port; /* ICMP's code */
};

/* Reads a flow off an IP packet; false when it is no whole IPv4 or IPv6 header. */
bool esp_flow_read(const uint8_t *packet, size_t size, struct esp_flow *flow)
    __attribute__((warn_unused_result));

/* The policy for a packet, or NULL. */
struct esp_policy *esp_spd_find(const struct esp_spd *spd, enum esp_direction direction,
                                const struct esp_flow *flow);

/*
 * Judges a packet that arrives, by ESP_IN or ESP_FWD, as Linux's __xfrm_policy_check does. `secpath` lists
 * the reqids of the SAs that it came through, the outermost first. ESP_OK, or the reason to drop it:
 * ESP_IN_NO_POLICY (came through an SA, and no policy knows it), ESP_IN_TEMPLATE_MISMATCH (the policy
 * demands an SA that it did not come through, or it came through more), ESP_IN_BLOCKED. *policy is what
 * decided, NULL for none.
 */
enum esp_status esp_spd_check(const struct esp_spd *spd, enum esp_direction direction,
                              const struct esp_flow *flow, const uint32_t *secpath,
                              size_t secpath_count, struct esp_policy **policy)
    __attribute__((warn_unused_result));

/* Adds what look-ups touch where there are few policies, and those of one direction, for warming. */
void esp_spd_list_memory(const struct esp_spd *spd, enum esp_direction direction,
                         struct base_warm *set);

#endif
