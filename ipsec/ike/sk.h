/*
 * The Encrypted payload, RFC 7296 3.14, with AEAD ciphers RFC 5282, with counter mode RFC 5930;
 * also the Encrypted Fragment payload's outside, RFC 7383 2.5. One struct ike_sk is one direction
 * of an IKE SA.
 */
#ifndef IKE_SK_H
#define IKE_SK_H

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/ike/builder.h"

#define IKE_SK_IV_SIZE_MAX 16

struct ike_sk {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ; /* NULL with AEAD */
    struct crypto_cipher *cipher;     /* owned */
    uint8_t iv_size;                  /* octets */
    uint8_t icv_size;
    uint8_t
        block_size; /* plaintext with padding is a multiple of it: 16 for CBC, 1 for the others */
};

/*
 * `key` is SK_ei or SK_er with its salt behind (encr->key_size + encr->salt_size octets),
 * `integ_key` SK_ai or SK_ar (NULL with AEAD).
 */
void ike_sk_init(struct ike_sk *sk, struct crypto_context *context, const struct crypto_encr *encr,
                 const uint8_t *key, const struct crypto_integ *integ, const uint8_t *integ_key,
                 enum crypto_direction direction);
/* Frees what init made; also good for a zeroed struct. */
void ike_sk_fini(struct ike_sk *sk);

/*
 * Ends a protected message: padding, IV, encryption in place, ICV. `iv` has sk->iv_size octets and
 * never repeats under one key: a counter for CTR, GCM and CCM, random for CBC. The message's size,
 * or 0 when the buffer was too small.
 */
size_t ike_sk_seal(const struct ike_sk *sk, struct ike_builder *b, const uint8_t *iv)
    __attribute__((warn_unused_result));

/* What an SK or SKF payload holds after it was opened. */
struct ike_inner {
    uint8_t *chain; /* into the datagram: an inner chain (SK) or a piece of one (SKF) */
    size_t size;
    uint8_t first;            /* type of the first inner payload; of SKF number 1 alone, else 0 */
    uint16_t fragment_number; /* from 1; 0: the message is no fragment */
    uint16_t fragment_total;
};

/*
 * Verifies and decrypts, in place, the SK or SKF payload that ends *m. `datagram` is the memory
 * that *m was parsed from. UNPROTECTED: there is none. INTEGRITY: too short for IV, padding and
 * ICV, not a multiple of the block, or the check failed; the payload is lost then. PADDING
 * (authentic, but Pad Length is more than there is). Afterwards: ike_message_parse_inner(m,
 * inner.first, inner.chain, inner.size), or for fragments ike_fragments_add().
 */
enum ike_wire_status ike_sk_open(const struct ike_sk *sk, const struct ike_message *m,
                                 uint8_t *datagram, struct ike_inner *out)
    __attribute__((warn_unused_result));

/*
 * Octets that SK adds to an inner chain of `size`: generic header, IV, padding, Pad Length, ICV.
 */
size_t ike_sk_overhead(const struct ike_sk *sk, size_t size);

/*
 * Seals one Encrypted (Fragment) payload. `message` starts at the IKE header; the plaintext of
 * `size` octets stands at offset plain_at, the IV's room right before it, all in front of that is
 * complete but for the two lengths: the header's and the payload's, which starts at offset
 * payload_at. Returns the message's size or 0. For sk.c and fragment.c.
 */
size_t ike_sk_seal_at(const struct ike_sk *sk, uint8_t *message, size_t capacity, size_t payload_at,
                      size_t plain_at, size_t size, const uint8_t *iv);

#endif
