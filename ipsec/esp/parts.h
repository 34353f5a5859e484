/*
 * How an ESP packet is cut up for the cipher, the same for sealing and opening. Internal to this folder.
 */
#ifndef ESP_PARTS_H
#define ESP_PARTS_H

#include "base/bytes.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/esp/sa.h"

enum {
    ESP_HEADER_SIZE = 8,  /* SPI and sequence number */
    ESP_TRAILER_SIZE = 2, /* pad length and next header */
    ESP_SCRATCH_SIZE = 12
};

/*
 * The parts of the packet whose ESP header is at `header` and that has `size` encrypted octets. Where the
 * full number (ESN) is authenticated its bytes go to `scratch`, which the parts then borrow.
 */
static inline struct crypto_parts esp_parts(const struct esp_sa *sa, uint8_t *header, uint32_t size,
                                            uint64_t number, uint8_t scratch[ESP_SCRATCH_SIZE])
{
    struct crypto_parts parts = {.aad = header,
                                 .aad_size = ESP_HEADER_SIZE,
                                 .iv = header + ESP_HEADER_SIZE,
                                 .data = header + ESP_HEADER_SIZE + sa->iv_size,
                                 .data_size = size,
                                 .icv = header + ESP_HEADER_SIZE + sa->iv_size + size};
    if (sa->esn && sa->aead) { /* SPI and all 64 bits in front: RFC 4106 section 5 */
        base_put_be(scratch, sa->spi, 4);
        base_put_be(scratch + 4, number, 8);
        parts.aad = scratch;
        parts.aad_size = ESP_SCRATCH_SIZE;
    } else if (sa->esn) { /* the high 32 bits behind, not sent: RFC 4303 section 2.2.1 */
        base_put_be(scratch, number >> 32, 4);
        parts.trailer = scratch;
        parts.trailer_size = 4;
    }
    return parts;
}

#endif
