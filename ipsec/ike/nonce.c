/* Comparing nonces; see nonce.h. */
#include "ipsec/ike/nonce.h"

#include <string.h>

static struct ike_nonce_low kept(const uint8_t *nonce, size_t size)
{
    struct ike_nonce_low low = {.size = (uint8_t)(size < IKE_NONCE_KEPT ? size : IKE_NONCE_KEPT)};
    memcpy(low.bytes, nonce, low.size);
    return low;
}

bool ike_nonce_loses(const struct ike_nonce_low *a, const struct ike_nonce_low *b)
{
    size_t common = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->bytes, b->bytes, common);
    return order ? order < 0 : a->size < b->size;
}

struct ike_nonce_low ike_nonce_lower(const uint8_t *nonce_i, size_t size_i, const uint8_t *nonce_r,
                                     size_t size_r)
{
    struct ike_nonce_low i = kept(nonce_i, size_i), r = kept(nonce_r, size_r);
    return ike_nonce_loses(&r, &i) ? r : i;
}
