/*
 * ESP packets for an inbound SA with fixed keys. The first octet chooses the algorithms; with its
 * highest bit the rest is an outer IPv4 packet as it came; without it the rest is a plaintext
 * (inner packet, padding, trailer) that is sealed here, so that what lies behind the integrity
 * check is reached too.
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/esp/packet.h"
#include "net/ipv4.h"

#include <assert.h>
#include <string.h>

#define SPI 0xc0000001u
#define PACKET_SIZE_MAX (4096 + 256)

static const uint8_t KEY[CRYPTO_INTEG_KEY_SIZE_MAX] = {9};

static void open_packet(struct esp_sa *sa, uint8_t *memory, size_t size)
{
    struct base_buffer packet = {
        .memory = memory, .capacity = PACKET_SIZE_MAX, .size = (uint32_t)size};
    struct esp_seen seen;
    if (esp_seen_read(memory, size, &seen) != ESP_OK)
        return;
    assert((size_t)seen.offset + seen.size <= size);
    if (esp_open(sa, 1, &seen, &packet) == ESP_OK)
        assert(packet.start + packet.size <= PACKET_SIZE_MAX && packet.size <= size);
}

/*
 * An outer packet with sequence number 1 around the plaintext, filled up to whole blocks in front
 * of the trailer.
 */
static size_t seal(const struct crypto_encr *encr, const struct crypto_integ *integ, uint8_t *out,
                   const uint8_t *plain, size_t plain_size)
{
    struct crypto_cipher *cipher =
        crypto_cipher_new(fuzz_context(), encr, KEY, integ, integ ? KEY : NULL, CRYPTO_SEAL);
    size_t unit = encr->block_size > 4 ? encr->block_size : 4;
    size_t data_size = (plain_size + unit - 1) / unit * unit;
    uint8_t *esp = out + NET_IPV4_SIZE;
    uint8_t *data = esp + 8 + encr->iv_size;
    memset(esp, 0, (size_t)(data - esp) + data_size);
    base_put_be(esp, SPI, 4);
    base_put_be(esp + 4, 1, 4);
    memcpy(data + data_size - plain_size, plain, plain_size);
    crypto_seal(cipher, &(struct crypto_parts){.aad = esp,
                                               .aad_size = 8,
                                               .iv = esp + 8,
                                               .data = data,
                                               .data_size = data_size,
                                               .icv = data + data_size});
    size_t size = (size_t)(data - out) + data_size + crypto_cipher_icv_size(cipher);
    net_ipv4_write(&(struct net_ipv4){.ttl = 64,
                                      .protocol = NET_IPV4_ESP,
                                      .total_size = (uint16_t)size,
                                      .src = 0xcb00710a,
                                      .dst = 0xcb007114},
                   out);
    crypto_cipher_free(cipher);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[PACKET_SIZE_MAX];
    if (size < 2 || size > 4096)
        return 0;
    const struct crypto_integ *integ = NULL;
    const struct crypto_encr *encr = fuzz_pair((data[0] & 0x7f) % FUZZ_PAIRS, &integ);
    struct esp_sa *sa = esp_sa_new(
        fuzz_context(),
        &(struct esp_sa_config){.direction = ESP_SA_INBOUND,
                                .spi = SPI,
                                .reqid = 1,
                                .path = {.source = 0xcb00710a, .destination = 0xcb007114},
                                .encr = encr,
                                .integ = integ,
                                .key = KEY,
                                .integ_key = integ ? KEY : NULL,
                                .replay_window = 64,
                                .expires = BASE_NEVER});
    size_t packet_size = size - 1;
    if (data[0] & 0x80)
        memcpy(memory, data + 1, packet_size);
    else
        packet_size = seal(encr, integ, memory, data + 1, size - 1);
    open_packet(sa, memory, packet_size);
    esp_sa_free(sa);
    return 0;
}
