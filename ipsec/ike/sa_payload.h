/*
 * The Security Association payload, RFC 7296 3.3: proposals, transforms, attributes. Reads and
 * writes what stands there; what is acceptable is proposal.h's.
 */
#ifndef IKE_SA_PAYLOAD_H
#define IKE_SA_PAYLOAD_H

#include "ipsec/ike/builder.h"

#define IKE_PROPOSALS_MAX 32
#define IKE_PROPOSALS_TRANSFORMS_MAX 384 /* of all proposals together */

struct ike_transform {
    uint8_t type;           /* enum ike_transform_type or any other number */
    bool unknown_attribute; /* has an attribute that is not Key Length: never acceptable (3.3.6) */
    uint16_t id;
    uint16_t key_bits; /* of the Key Length attribute, 0: none */
};

struct ike_proposal {
    uint8_t number;   /* from 1 */
    uint8_t protocol; /* enum ike_protocol or any other number */
    uint8_t spi_size; /* octets, 0 to 8 */
    uint8_t spi[8];
    uint16_t first; /* index into ike_proposals.transforms */
    uint16_t count; /* transforms, may be 0 */
};

struct ike_proposals {
    struct ike_proposal proposals[IKE_PROPOSALS_MAX];
    size_t count;
    struct ike_transform transforms[IKE_PROPOSALS_TRANSFORMS_MAX];
    size_t transform_count;
};

/*
 * Reads the payload's body. SYNTAX: lengths that disagree, "last" fields that are not 0, 2 or 3
 * where they must be, transform counts that disagree, proposal numbers that do not count up by
 * one, an SPI longer than 8 octets, no proposal at all. From the first proposal on that the arrays do not
 * hold whole, proposals are checked and left out: they stand in the order of the peer's preference. Unknown types,
 * IDs, protocols and attributes are no errors here.
 */
enum ike_wire_status ike_proposals_read(struct ike_proposals *out,
                                        const struct ike_payload *payload)
    __attribute__((warn_unused_result));

/* Writes the SA payload. */
void ike_write_sa(struct ike_builder *b, const struct ike_proposals *list);

/*
 * To build one by hand: clears it; adds a proposal, numbered from 1; adds a transform to the last
 * one. Asserts that there is room.
 */
void ike_proposals_init(struct ike_proposals *list);
struct ike_proposal *ike_proposals_add(struct ike_proposals *list, uint8_t protocol,
                                       const uint8_t *spi, size_t spi_size);
void ike_proposals_add_transform(struct ike_proposals *list, uint8_t type, uint16_t id,
                                 uint16_t key_bits);

static inline const struct ike_transform *ike_proposal_transforms(const struct ike_proposals *list,
                                                                  const struct ike_proposal *p)
{
    return list->transforms + p->first;
}

/* The SPI as a number: 4 octets (ESP, AH) or 8 (IKE); false when its size is another. */
bool ike_proposal_spi(const struct ike_proposal *p, size_t spi_size, uint64_t *spi);

#endif
