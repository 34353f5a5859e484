/*
 * IKE message fragmentation, RFC 7383: splitting a protected message into Encrypted Fragment (SKF)
 * messages, and joining received ones. Which request or response they belong to, and resending, is
 * the endpoint's.
 */
#ifndef IKE_FRAGMENT_H
#define IKE_FRAGMENT_H

#include "ipsec/ike/sk.h"

#define IKE_FRAGMENTS_TOTAL_MAX 255       /* more are refused */
#define IKE_FRAGMENTS_BYTES_MAX 0x10000   /* of one message's plaintext */
#define IKE_FRAGMENT_IP_SIZE_IPV4 576     /* RFC 7383 2.5.1 */
#define IKE_FRAGMENT_IP_SIZE_DEFAULT 1280 /* strongSwan's fragment_size */

/*
 * The largest IKE message in an IP packet of ip_size octets: less the IP header (20 or 40 by
 * family 4 or 6), UDP's 8 and, with natt, the non-ESP marker.
 */
size_t ike_fragment_message_max(size_t ip_size, uint8_t family, bool natt);

/* A message being split. */
struct ike_fragment_split {
    const struct ike_sk *sk;
    const uint8_t *message; /* the builder's buffer, plain, borrowed */
    const uint8_t *chain;
    size_t chain_size;
    size_t piece_size; /* of every fragment but the last */
    uint16_t total;
    uint16_t number; /* of the one written last */
};

/* True when the builder's protected message, sealed, would be larger than size_max octets. */
bool ike_fragment_needed(const struct ike_sk *sk, const struct ike_builder *b, size_t size_max);

/*
 * Takes the builder's inner chain, instead of ike_sk_seal(), and gives the number of fragments of
 * at most size_max octets that it makes; 0 when the builder ran out of room, size_max leaves no
 * octet for data, or there would be more than IKE_FRAGMENTS_TOTAL_MAX. The builder's buffer has to
 * stay until the last one is written.
 */
size_t ike_fragment_split_init(struct ike_fragment_split *split, const struct ike_sk *sk,
                               struct ike_builder *b, size_t size_max)
    __attribute__((warn_unused_result));

/*
 * Writes the next fragment, with an IV of its own, and returns its size; 0 when there is none left
 * or the room does not do.
 */
size_t ike_fragment_split_next(struct ike_fragment_split *split, const uint8_t *iv, uint8_t *out,
                               size_t capacity) __attribute__((warn_unused_result));

/*
 * Fragments of one message being collected: one such struct for the peer's requests, one for its
 * responses.
 */
struct ike_fragments {
    uint8_t **pieces; /* [total], NULL where missing */
    uint16_t *sizes;
    uint8_t *joined;
    size_t bytes;
    uint32_t message_id;
    uint16_t total; /* 0: nothing is being collected */
    uint16_t have;
    uint8_t first;
};

void ike_fragments_init(struct ike_fragments *f);
void ike_fragments_fini(struct ike_fragments *f);
/* Forgets what was collected: the message was processed, or another began. */
void ike_fragments_reset(struct ike_fragments *f);

/*
 * The checks before a fragment is decrypted (RFC 7383 2.6): OK, or FRAGMENT_INVALID (number or
 * total 0, number above total, total above the limit, total smaller than already known),
 * FRAGMENT_DUPLICATE. *m holds an SKF payload, else UNPROTECTED.
 */
enum ike_wire_status ike_fragments_check(const struct ike_fragments *f, const struct ike_message *m)
    __attribute__((warn_unused_result));

/*
 * Adds an opened fragment. A larger total than known, or another message ID, begins anew.
 * FRAGMENT_MORE, or OK when all are here: *out then has the joined chain (owned by *f, until its
 * next call), ready for ike_message_parse_inner(). Otherwise as ike_fragments_check(), or
 * FRAGMENT_LIMIT.
 */
enum ike_wire_status ike_fragments_add(struct ike_fragments *f, const struct ike_message *m,
                                       const struct ike_inner *piece, struct ike_inner *out)
    __attribute__((warn_unused_result));

#endif
