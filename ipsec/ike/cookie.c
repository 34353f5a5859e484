/* Stateless cookies: RFC 7296 2.6. */
#include "ipsec/ike/cookie.h"

#include "base/bytes.h"
#include "ipsec/crypto/hash.h"

_Static_assert(IKE_COOKIE_SIZE == 1 + CRYPTO_SHA256_SIZE, "version and one SHA-256");
_Static_assert(IKE_COOKIE_SIZE <= IKE_COOKIE_SIZE_MAX, "RFC 7296 2.6 allows 64 octets");

void ike_cookie_secrets_init(struct ike_cookie_secrets *secrets,
                             const uint8_t secret[IKE_COOKIE_SECRET_SIZE])
{
    *secrets = (struct ike_cookie_secrets){.version = 0};
    memcpy(secrets->current, secret, IKE_COOKIE_SECRET_SIZE);
}

void ike_cookie_secrets_rotate(struct ike_cookie_secrets *secrets,
                               const uint8_t secret[IKE_COOKIE_SECRET_SIZE])
{
    memcpy(secrets->previous, secrets->current, IKE_COOKIE_SECRET_SIZE);
    memcpy(secrets->current, secret, IKE_COOKIE_SECRET_SIZE);
    secrets->has_previous = true;
    secrets->version++;
}

static void make(struct crypto_context *context, uint8_t version,
                 const uint8_t secret[IKE_COOKIE_SECRET_SIZE], const struct ike_cookie_input *input,
                 uint8_t out[IKE_COOKIE_SIZE])
{
    uint8_t spi[IKE_SPI_SIZE];
    base_put_be(spi, input->spi_i, sizeof(spi));
    const struct crypto_slice parts[] = {{input->nonce, input->nonce_size},
                                         {input->addr->bytes, net_addr_size(input->addr)},
                                         {spi, sizeof(spi)},
                                         {secret, IKE_COOKIE_SECRET_SIZE}};
    out[0] = version;
    crypto_sha256(context, parts, sizeof(parts) / sizeof(parts[0]), out + 1);
}

void ike_cookie_make(struct crypto_context *context, const struct ike_cookie_secrets *secrets,
                     const struct ike_cookie_input *input, uint8_t out[IKE_COOKIE_SIZE])
{
    make(context, secrets->version, secrets->current, input, out);
}

bool ike_cookie_check(struct crypto_context *context, const struct ike_cookie_secrets *secrets,
                      const struct ike_cookie_input *input, const uint8_t *cookie, size_t size)
{
    uint8_t right[IKE_COOKIE_SIZE];
    if (size != sizeof(right))
        return false;
    bool previous = secrets->has_previous && cookie[0] == (uint8_t)(secrets->version - 1);
    if (cookie[0] != secrets->version && !previous)
        return false;
    make(context, cookie[0], previous ? secrets->previous : secrets->current, input, right);
    return crypto_equal(right, cookie, sizeof(right));
}
