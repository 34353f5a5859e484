/*
 * Negotiating a child SA, inside IKE_AUTH and CREATE_CHILD_SA alike: RFC 7296 sections 1.2, 1.3.1, 2.9,
 * 2.17. The initiator makes an offer, writes it and accepts the answer; the responder answers. Both make a child
 * that is in the sad but that nobody was told of and nothing is sent by: that is for the exchange to decide.
 */
#ifndef IKE_CHILD_OFFER_H
#define IKE_CHILD_OFFER_H

#include "ipsec/crypto/group.h"
#include "ipsec/ike/builder.h"
#include "ipsec/ike/nonce.h"
#include "ipsec/ike/sa.h"

struct ike_child_offer {
    uint32_t reqid;    /* of the child to be rekeyed; 0: none */
    uint32_t spi;      /* inbound; reserved in the sad until a child takes it; 0: taken */
    bool own_exchange; /* CREATE_CHILD_SA: with a nonce, and KE where `dh` is set */
    struct ike_proposals proposals;
    struct ike_ts_list local_ts, remote_ts;
    uint8_t nonce[IKE_NONCE_SIZE];
    struct crypto_dh *dh;
};

/* What an offer is made from. */
struct ike_child_wish {
    bool own_exchange;
    const struct ike_child
        *old; /* rekey: its selectors are offered again; NULL: the configured ones */
    const struct ike_flow *flow; /* the packet that asks for it goes first; NULL: none */
    uint16_t group;              /* asked for by INVALID_KE_PAYLOAD; 0: ours */
};

struct ike_child_offer *ike_child_offer_new(struct ike_sa *sa, const struct ike_child_wish *wish);
void ike_child_offer_free(struct ike_sa *sa, struct ike_child_offer *offer); /* NULL is fine */

/* SA, nonce, KE, TSi, TSr: what the wish has of them. */
void ike_child_offer_write(const struct ike_child_offer *offer, struct ike_builder *b);

/* How a negotiation ended: OK with a child, or why not. */
struct ike_child_result {
    enum ike_reason reason;
    uint16_t notify; /* REFUSED and the like: the peer's; as responder what to send */
    uint16_t group;  /* INVALID_KE_PAYLOAD: the group asked for (initiator), or that we want */
    struct ike_child *child;
    uint32_t orphan; /* our SPI of an SA that the peer has made and we cannot take: to be deleted */
    struct ike_nonce_low low;
};

/* Initiator: reads the answer. The nonces are given for IKE_AUTH, else NULL. */
struct ike_child_result ike_child_offer_accept(struct ike_sa *sa, struct ike_child_offer *offer,
                                               const struct ike_message *response,
                                               const struct crypto_slice *nonces);

/*
 * Responder: negotiates; on OK the answer's payloads are written (SA, nonce, KE, TSi, TSr), else nothing.
 * INVALID is the class of errors for which INVALID_SYNTAX ends the IKE SA. `old` is what the request rekeys, or NULL.
 */
struct ike_child_result ike_child_answer(struct ike_sa *sa, const struct ike_message *request,
                                         const struct crypto_slice *nonces,
                                         const struct ike_child *old, struct ike_builder *b);

/* Writes the error notify of a result. */
void ike_child_result_write(const struct ike_child_result *result, struct ike_builder *b);

/* Tells CHILD_FAILED. */
void ike_child_result_tell(struct ike_sa *sa, const struct ike_child_result *result);

#endif
