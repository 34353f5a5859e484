/*
 * Pseudorandom functions of IKEv2 and prf+ (RFC 7296 section 2.13): HMAC with SHA-2 (RFC 4868) and AES-XCBC-PRF-128
 * with keys of any size (RFC 4434).
 */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include <stdint.h>

#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"

/*
 * prf(key, parts joined). `out` takes prf->output_size octets; it may be one of the parts or the key.
 * The key may have any size, 0 too.
 */
void crypto_prf(struct crypto_context *context, const struct crypto_prf *prf, const uint8_t *key,
                size_t key_size, const struct crypto_slice *parts, size_t count, uint8_t *out);

/*
 * The first `out_size` octets of prf+(key, parts joined); at most 255 × prf->output_size. `out` must not overlap
 * the key or the parts.
 */
void crypto_prf_plus(struct crypto_context *context, const struct crypto_prf *prf,
                     const uint8_t *key, size_t key_size, const struct crypto_slice *parts,
                     size_t count, uint8_t *out, size_t out_size);

#endif
