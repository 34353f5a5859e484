/* SAs: made whole, so that a packet finds nothing left to compute but what is its own. */
#include "ipsec/esp/sa.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "ipsec/crypto/cipher.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/esp/parts.h"
#include "net/ipv4.h"
#include "net/udp.h"

enum {
    OUTER_TTL = 64
};

static void set_algorithms(struct esp_sa *sa, const struct esp_sa_config *config)
{
    const struct crypto_encr *encr = config->encr;
    assert(encr->aead == !config->integ);
    sa->encr = encr;
    sa->integ = config->integ;
    sa->iv_size = encr->iv_size;
    sa->icv_size = encr->aead ? encr->icv_size : config->integ->icv_size;
    /* RFC 4303 section 2.4: a multiple of the block, and of 4 in any case. */
    sa->alignment = encr->block_size < 4 ? 4 : encr->block_size;
    sa->aead = encr->aead;
    sa->counter_iv = encr->mode != CRYPTO_MODE_CBC;
    memcpy(sa->key, config->key, crypto_encr_material_size(encr));
    if (config->integ)
        memcpy(sa->integ_key, config->integ_key, config->integ->key_size);
}

struct esp_sa *esp_sa_new(struct crypto_context *crypto, const struct esp_sa_config *config)
{
    struct esp_sa *sa = base_alloc_lines(sizeof(*sa));
    bool outbound = config->direction == ESP_SA_OUTBOUND;
    sa->direction = config->direction;
    sa->spi = config->spi;
    sa->reqid = config->reqid;
    sa->owner = config->owner;
    sa->esn = config->esn;
    sa->created = sa->last_used = config->now;
    sa->expires = config->expires;
    set_algorithms(sa, config);
    esp_replay_init(&sa->replay, outbound ? 0 : config->replay_window);
    base_rng_init(&sa->rng, config->seed, "esp sa");
    sa->iv_mask = base_rng_u64(&sa->rng);
    sa->ip_id = (uint16_t)base_rng_u64(&sa->rng);
    esp_sa_set_path(sa, &config->path);
    sa->cipher = crypto_cipher_new(crypto, config->encr, config->key, config->integ,
                                   config->integ_key, outbound ? CRYPTO_SEAL : CRYPTO_OPEN);
    return sa;
}

void esp_sa_free(struct esp_sa *sa)
{
    if (!sa)
        return;
    crypto_cipher_free(sa->cipher);
    esp_replay_fini(&sa->replay);
    crypto_wipe(sa, sizeof(*sa));
    free(sa);
}

void esp_sa_set_path(struct esp_sa *sa, const struct esp_path *path)
{
    sa->path = *path;
    sa->encapsulated = path->source_port || path->destination_port;
    sa->outer_size = sa->encapsulated ? NET_IPV4_SIZE + NET_UDP_SIZE : NET_IPV4_SIZE;
    struct base_writer w = base_writer_of(sa->outer, sizeof(sa->outer));
    base_write_u8(&w, 0x45);
    base_write_zeros(&w, 7); /* TOS, total length, identification, DF: the packet's own */
    base_write_u8(&w, OUTER_TTL);
    base_write_u8(&w, sa->encapsulated ? NET_IPV4_UDP : NET_IPV4_ESP);
    base_write_u16(&w, 0); /* checksum */
    base_write_u32(&w, path->source);
    base_write_u32(&w, path->destination);
    base_write_u16(&w, path->source_port);
    base_write_u16(&w, path->destination_port);
    base_write_u32(&w, 0); /* length; no checksum: RFC 3948 section 2.1 */
    assert(!w.failed);
    uint32_t sum = 0;
    for (size_t i = 0; i < NET_IPV4_SIZE; i += 2)
        sum += (uint32_t)(sa->outer[i] << 8 | sa->outer[i + 1]);
    sa->outer_sum = sum;
}

bool esp_sa_advance(struct esp_sa *sa, uint64_t next)
{
    assert(sa->direction == ESP_SA_OUTBOUND);
    if (next <= sa->sequence || (!sa->esn && next > UINT32_MAX))
        return false;
    sa->sequence = next - 1;
    return true;
}

uint32_t esp_sa_inner_mtu(const struct esp_sa *sa, uint32_t outer_mtu)
{
    uint32_t fixed = (uint32_t)sa->outer_size + ESP_HEADER_SIZE + sa->iv_size + sa->icv_size;
    if (outer_mtu < fixed + sa->alignment)
        return 0;
    return ((outer_mtu - fixed) & ~((uint32_t)sa->alignment - 1)) - ESP_TRAILER_SIZE;
}

uint32_t esp_sa_outer_size(const struct esp_sa *sa, uint32_t inner_size)
{
    uint32_t mask = (uint32_t)sa->alignment - 1;
    uint32_t data_size = (inner_size + ESP_TRAILER_SIZE + mask) & ~mask;
    return data_size + sa->outer_size + (uint32_t)ESP_HEADER_SIZE + sa->iv_size + sa->icv_size;
}
