/*
 * Sealing: RFC 4303 section 3.3 in tunnel mode.
 *
 *     outer IPv4 [UDP] | SPI, number | IV | inner packet, padding, pad length, next header | ICV
 *
 * IVs. Counter modes, GCM and CCM need one that is never used twice under a key: the sequence number, which
 * cannot repeat, xored with a constant of the SA, as Linux's seqiv does. CBC needs one that nobody can
 * foretell (RFC 3602 section 3): it comes from the SA's own stream. The keys come from such streams
 * too, so a block cipher over a counter would add cost and no strength.
 */
#include "ipsec/esp/packet.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "ipsec/esp/parts.h"
#include "net/ipv4.h"
#include "net/ipv6.h"

/* What the outer header takes from the inner one. */
struct inner {
    uint8_t next_header;
    uint8_t tos; /* DSCP and ECN, both copied: RFC 4301 section 5.1.2.1, RFC 6040 section 4.1 */
    bool dont_fragment;
};

static bool inner_read(const struct base_buffer *packet, struct inner *inner)
{
    const uint8_t *bytes = base_buffer_data(packet);
    if (packet->size >= NET_IPV4_SIZE && bytes[0] >> 4 == 4) {
        bool dont_fragment = net_ipv4_fragment_word(bytes) & NET_IPV4_DF;
        *inner = (struct inner){NET_IPV4_IPIP, bytes[1], dont_fragment};
        return true;
    }
    if (packet->size >= NET_IPV6_SIZE && bytes[0] >> 4 == 6) {
        uint8_t tos = (uint8_t)(bytes[0] << 4 | bytes[1] >> 4);
        *inner = (struct inner){NET_IPV4_IPV6, tos, true}; /* IPv6 routers never fragment */
        return true;
    }
    return false;
}

static enum esp_status check(const struct esp_sa *sa, base_ns now, const struct base_buffer *packet)
{
    if (now >= sa->expires)
        return ESP_OUT_EXPIRED;
    /* RFC 4303 section 3.3.3: the number must not cycle. */
    if (sa->sequence == (sa->esn ? UINT64_MAX : UINT32_MAX))
        return ESP_OUT_SEQUENCE_OVERFLOW;
    if (esp_sa_outer_size(sa, packet->size) > NET_IPV4_TOTAL_MAX)
        return ESP_OUT_TOO_LONG;
    return ESP_OK;
}

/* Padding 1, 2, 3, …, its length and the next header; returns the size of what is encrypted. */
static uint32_t append_trailer(const struct esp_sa *sa, struct base_buffer *packet,
                               uint8_t next_header)
{
    uint32_t mask = (uint32_t)sa->alignment - 1;
    uint32_t padding = (0 - (packet->size + ESP_TRAILER_SIZE)) & mask;
    uint8_t *trailer = base_buffer_put(packet, padding + ESP_TRAILER_SIZE);
    for (uint32_t i = 0; i < padding; i++)
        trailer[i] = (uint8_t)(i + 1);
    trailer[padding] = (uint8_t)padding;
    trailer[padding + 1] = next_header;
    return packet->size;
}

static void write_iv(struct esp_sa *sa, uint8_t *iv)
{
    if (sa->counter_iv)
        base_put_be(iv, sa->sequence ^ sa->iv_mask, sa->iv_size);
    else
        base_rng_fill(&sa->rng, iv, sa->iv_size);
}

/* Encrypts `size` octets, which have the header and the IV in front and room for the ICV behind. */
static void encrypt(struct esp_sa *sa, uint8_t *header, uint32_t size)
{
    uint8_t scratch[ESP_SCRATCH_SIZE];
    struct crypto_parts parts = esp_parts(sa, header, size, sa->sequence, scratch);
    crypto_seal(sa->cipher, &parts);
}

static void push_outer(struct esp_sa *sa, struct base_buffer *packet, const struct inner *inner)
{
    uint8_t *outer = base_buffer_push(packet, sa->outer_size);
    memcpy(outer, sa->outer, sa->outer_size);
    uint16_t id = inner->dont_fragment ? 0 : sa->ip_id++;
    uint16_t flags = inner->dont_fragment ? NET_IPV4_DF : 0;
    outer[1] = inner->tos;
    base_put_be(outer + 2, packet->size, 2);
    base_put_be(outer + 4, id, 2);
    base_put_be(outer + 6, flags, 2);
    uint32_t sum = sa->outer_sum + inner->tos + packet->size + id + flags;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    base_put_be(outer + 10, ~sum & 0xffff, 2);
    if (sa->encapsulated)
        base_put_be(outer + NET_IPV4_SIZE + 4, packet->size - NET_IPV4_SIZE, 2);
}

enum esp_status esp_seal(struct esp_sa *sa, base_ns now, struct base_buffer *packet)
{
    assert(sa->direction == ESP_SA_OUTBOUND);
    struct inner inner;
    if (!inner_read(packet, &inner))
        return ESP_OUT_NOT_IP;
    enum esp_status status = check(sa, now, packet);
    if (status != ESP_OK)
        return status;
    uint32_t inner_size = packet->size;
    sa->sequence++;
    uint32_t data_size = append_trailer(sa, packet, inner.next_header);
    base_buffer_put(packet, sa->icv_size);
    uint8_t *header = base_buffer_push(packet, (uint32_t)ESP_HEADER_SIZE + sa->iv_size);
    base_put_be(header, sa->spi, 4);
    base_put_be(header + 4, sa->sequence & UINT32_MAX, 4);
    write_iv(sa, header + ESP_HEADER_SIZE);
    encrypt(sa, header, data_size);
    push_outer(sa, packet, &inner);
    sa->last_used = now;
    sa->counters.packets++;
    sa->counters.bytes += inner_size;
    return ESP_OK;
}
