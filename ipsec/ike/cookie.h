/*
 * Stateless cookies against half-open floods, RFC 7296 2.6: version | hash(Ni | IPi | SPIi |
 * secret). The secrets are the caller's, who replaces the current one from time to time and keeps
 * the one before.
 */
#ifndef IKE_COOKIE_H
#define IKE_COOKIE_H

#include "ipsec/ike/message.h"
#include "net/addr.h"

#define IKE_COOKIE_SECRET_SIZE 32
#define IKE_COOKIE_SIZE 33 /* one octet of version, SHA-256 */

struct crypto_context;

struct ike_cookie_secrets {
    uint8_t version; /* of the current secret; the previous one's is one less, modulo 256 */
    bool has_previous;
    uint8_t current[IKE_COOKIE_SECRET_SIZE];
    uint8_t previous[IKE_COOKIE_SECRET_SIZE];
};

/* The first secret. */
void ike_cookie_secrets_init(struct ike_cookie_secrets *secrets,
                             const uint8_t secret[IKE_COOKIE_SECRET_SIZE]);
/* A new secret; the one before stays good until the next call. */
void ike_cookie_secrets_rotate(struct ike_cookie_secrets *secrets,
                               const uint8_t secret[IKE_COOKIE_SECRET_SIZE]);

struct ike_cookie_input {
    const uint8_t *nonce; /* Ni, without the payload header */
    size_t nonce_size;
    const struct net_addr *addr; /* IPi: source of the request */
    uint64_t spi_i;
};

/* The cookie for a request, under the current secret. */
void ike_cookie_make(struct crypto_context *context, const struct ike_cookie_secrets *secrets,
                     const struct ike_cookie_input *input, uint8_t out[IKE_COOKIE_SIZE]);

/*
 * Whether `cookie` was made for this input under the current or the previous secret. Takes the
 * same time for every wrong one.
 */
bool ike_cookie_check(struct crypto_context *context, const struct ike_cookie_secrets *secrets,
                      const struct ike_cookie_input *input, const uint8_t *cookie, size_t size);

#endif
