/*
 * A child SA: an inbound and an outbound ESP SA in the sad, with their selectors and lifetimes. RFC 7296 sections
 * 2.8 and 2.17.
 *
 * Who switches when in a rekey: the initiator sends on the new SA as soon as it is there; the
 * responder can receive on it at once, and sends on it when a packet came in by it or the old one
 * is deleted. The old inbound SA lives on for a few seconds (struct ike_linger).
 */
#ifndef IKE_CHILD_H
#define IKE_CHILD_H

#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/keys.h"
#include "ipsec/ike/ts.h"

struct esp_sa;
struct ike_sa;

struct ike_child {
    struct ike_child *prev, *next;
    struct ike_sa *sa;
    struct esp_sa *in, *out; /* the sad's */
    uint32_t spi_in, spi_out;
    uint32_t reqid;     /* that its policies name; config.h */
    uint32_t successor; /* inbound SPI of what replaced it; 0: none */
    enum ike_child_state state;
    bool told;         /* the owner knows of it */
    bool peer_deleted; /* while our rekey of it is under way: removed when that ends */
    struct ike_suite suite;
    struct ike_ts *ts; /* local ones, then remote ones */
    uint8_t local_count, remote_count;
    base_ns installed_at, rekey_at, expires_at;
};

/* What a negotiation came to. */
struct ike_child_terms {
    struct ike_suite suite;
    uint32_t spi_in, spi_out;
    uint32_t reqid; /* of the child that it replaces; 0: none, it gets its own */
    bool initiator; /* of the exchange that made it */
    struct ike_ts_list local_ts, remote_ts;
    struct crypto_slice shared, nonce_i, nonce_r;
};

/* An inbound SA without its child, for packets under way. */
struct ike_linger {
    struct ike_linger *next;
    uint32_t spi;
    base_ns until;
};

/*
 * Derives the keys and puts both ESP SAs into the sad; no event. NULL where the sad or crypto
 * refuses. The reserved spi_in is used up or given back.
 */
struct ike_child *ike_child_install(struct ike_sa *sa, const struct ike_child_terms *terms);

/* From now on packets leave by this child. */
void ike_child_select(struct ike_child *child);
/* The peer sends on it. Where it replaced the child that packets leave by, they leave by it from now on. */
void ike_child_used(struct ike_child *child);
/* Tells CHILD_UP, or CHILD_REKEYED where `old` is the one that it replaces. */
void ike_child_tell_up(struct ike_child *child, const struct ike_child *old);
/* `successor` replaces it: waits for a delete; not rekeyed any more. */
void ike_child_replaced(struct ike_child *child, const struct ike_child *successor);
/*
 * The peer deletes what replaced another child and wants none of it, as an end does that could not install it: the
 * one before, if it is still there, is in use again; tells CHILD_REKEYED, back.
 */
void ike_child_take_back(struct ike_child *successor);
/*
 * Takes it out of the sad and frees it. With `linger` the inbound SA stays for packets under way; without, and if
 * the owner knows of the child and nothing replaced it, tells CHILD_DOWN with `reason`.
 */
void ike_child_remove(struct ike_child *child, enum ike_reason reason, bool linger);
/* Frees it without a word; its SAs stay in the sad. */
void ike_child_forget(struct ike_child *child);
void ike_child_move_to(struct ike_child *child, struct ike_sa *sa);
void ike_child_set_path(struct ike_child *child);

/*
 * Whether the peer has it for sure. It made it by a rekey and deletes what that replaced when our answer has come;
 * until then it knows nothing of it, and could only answer CHILD_SA_NOT_FOUND to a rekey of it.
 */
bool ike_child_is_settled(const struct ike_child *child);

struct ike_child *ike_child_by_in(const struct ike_sa *sa, uint32_t spi_in);
struct ike_child *ike_child_by_out(const struct ike_sa *sa, uint32_t spi_out);
/* The first that is INSTALLED, NULL: none. */
struct ike_child *ike_child_usable(const struct ike_sa *sa);

void ike_child_info(const struct ike_child *child, struct ike_child_info *out);

#endif
