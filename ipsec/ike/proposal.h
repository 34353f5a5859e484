/*
 * From algorithms to proposals and back (RFC 7296 2.7, 3.3): what a side offers, what a responder
 * chooses, whether an answer is part of the offer. Values only. An initiator that is "strict"
 * offers exactly its configured set; one that is "most-secure" offers that first, then all that
 * the product has, strongest first, as one proposal of AEAD ciphers and one of ciphers with an
 * integrity algorithm (RFC 7296 3.3 keeps the two apart). As responder, strict takes nothing but
 * the configured set. Most-secure takes the configured set when it is what the peer names first
 * (both sides want the same), and otherwise the strongest of what both have, by the order of
 * crypto/algorithm.h, whatever order the offer has: ENCR counts most, then INTEG, PRF, DH, ESN.
 */
#ifndef IKE_PROPOSAL_H
#define IKE_PROPOSAL_H

#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/config.h"
#include "ipsec/ike/sa_payload.h"

/* One choice of algorithms. All pointers are into crypto/algorithm.h's const tables. */
struct ike_suite {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with an AEAD cipher */
    const struct crypto_prf *prf;     /* NULL for ESP */
    const struct crypto_group *group; /* NULL: none (ESP in IKE_AUTH, or without PFS) */
    bool esn;                         /* ESP alone */
};

/* What one side has configured for IKE or for ESP. */
struct ike_proposal_policy {
    uint8_t protocol; /* IKE_PROTOCOL_IKE or IKE_PROTOCOL_ESP */
    enum ike_negotiation negotiation;
    struct ike_suite configured; /* group: the configured one, also where with_group is false */
    bool with_group; /* DH is offered and required: IKE; ESP in CREATE_CHILD_SA with PFS */
};

/*
 * The suite that the product's names mean: `integ` is the integrity algorithm, which without AEAD
 * names the PRF as well and with AEAD the PRF alone (IKE) or nothing (ESP).
 */
struct ike_suite ike_suite_of(uint8_t protocol, const struct crypto_encr *encr,
                              const struct crypto_integ *integ, const struct crypto_group *group,
                              bool esn);

bool ike_suite_equal(const struct ike_suite *a, const struct ike_suite *b);

#define IKE_SUITE_TEXT_MAX 128
/*
 * "AES_GCM_16_256/PRF_HMAC_SHA2_256/MODP_3072", for ESP
 * "AES_CTR_128/HMAC_SHA2_256_128/NO_EXT_SEQ", as charon's log has them. Returns `out`.
 */
const char *ike_suite_format(uint8_t protocol, const struct ike_suite *suite,
                             char out[IKE_SUITE_TEXT_MAX]);

/*
 * Fills *out with this side's offer. `spi` is written into every proposal: 0 octets for
 * IKE_SA_INIT, 8 for an IKE rekey, 4 for ESP. With esn configured, ESN is offered, by most-secure
 * with NO_ESN behind; without it NO_ESN alone.
 */
void ike_proposal_offer(const struct ike_proposal_policy *policy, const uint8_t *spi,
                        size_t spi_size, struct ike_proposals *out);

struct ike_choice {
    struct ike_suite suite;
    uint8_t number; /* of the proposal chosen */
    uint8_t protocol;
    uint8_t spi_size;
    uint8_t spi[8];  /* the peer's */
    bool integ_none; /* the proposal spells out INTEG NONE: so does the answer */
    bool group_none;
};

/*
 * The responder's choice. NO_PROPOSAL when none fits. Passed over, as RFC 7296 3.3.6 has it:
 * proposals of another protocol, with an SPI of another size than `spi_size` (or all zero where it
 * has one), with an unknown transform type, or lacking a type that is needed; transforms that are
 * unknown or carry unknown attributes. A DH transform NONE, or none at all, fits where the policy
 * has no group. Without a KE payload of the suite's group the caller answers INVALID_KE_PAYLOAD
 * with suite.group->id: chosen on the offer alone, so the retry gives the same suite.
 */
enum ike_wire_status ike_proposal_choose(const struct ike_proposal_policy *policy,
                                         const struct ike_proposals *offer, size_t spi_size,
                                         struct ike_choice *out)
    __attribute__((warn_unused_result));

/*
 * The SA payload that answers an offer: the chosen proposal's number, one transform a type, our
 * own SPI (spi_size octets).
 */
void ike_proposal_answer(const struct ike_choice *choice, const uint8_t *spi, size_t spi_size,
                         struct ike_proposals *out);

/*
 * The initiator's check of the answer: exactly one proposal, with the number, protocol and SPI
 * size of one that was offered, exactly one transform of each type which that one has, all of them
 * offered there, nothing else. ANSWER otherwise.
 */
enum ike_wire_status ike_proposal_accept(const struct ike_proposals *offer,
                                         const struct ike_proposals *answer, struct ike_choice *out)
    __attribute__((warn_unused_result));

/*
 * Whether a group number (from INVALID_KE_PAYLOAD) stands in an offer of ours and crypto has it:
 * the group then, or NULL. Any 16-bit value goes.
 */
const struct crypto_group *ike_proposal_group(const struct ike_proposals *offer, uint16_t group);

#endif
