/*
 * Opening: RFC 4303 section 3.4 in tunnel mode. Its order is the point: the window is asked before the ICV is
 * computed, and moved only after it was right (section 3.4.3).
 */
#include "ipsec/esp/packet.h"

#include <assert.h>

#include "base/bytes.h"
#include "ipsec/esp/ecn.h"
#include "ipsec/esp/parts.h"
#include "net/checksum.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/udp.h"

enum {
    NEXT_HEADER_NONE = 59 /* a dummy packet: RFC 4303 section 2.6 */
};

/* Steps over the UDP header at `offset`; 0: it is none that carries ESP. */
static size_t udp_payload(const uint8_t *packet, size_t offset, size_t *end, struct esp_seen *seen)
{
    if (*end - offset < NET_UDP_SIZE)
        return 0;
    const uint8_t *udp = packet + offset;
    size_t size = (size_t)(udp[4] << 8 | udp[5]);
    if (size < NET_UDP_SIZE || size > *end - offset)
        return 0;
    seen->source_port = (uint16_t)(udp[0] << 8 | udp[1]);
    seen->destination_port = (uint16_t)(udp[2] << 8 | udp[3]);
    *end = offset + size;
    return offset + NET_UDP_SIZE;
}

enum esp_status esp_seen_read(const uint8_t *packet, size_t size, struct esp_seen *seen)
{
    if (size < NET_IPV4_SIZE || packet[0] >> 4 != 4)
        return ESP_IN_MALFORMED;
    size_t offset = net_ipv4_header_size(packet);
    size_t end = net_ipv4_total_size(packet);
    if (offset < NET_IPV4_SIZE || end < offset || end > size || net_ipv4_is_fragment(packet))
        return ESP_IN_MALFORMED;
    struct esp_seen read = {
        .source = net_ipv4_src(packet), .destination = net_ipv4_dst(packet), .tos = packet[1]};
    if (packet[9] == NET_IPV4_UDP)
        offset = udp_payload(packet, offset, &end, &read);
    else if (packet[9] != NET_IPV4_ESP)
        return ESP_IN_MALFORMED;
    if (!offset || end - offset < ESP_HEADER_SIZE)
        return ESP_IN_MALFORMED;
    struct base_reader r = base_reader_of(packet + offset, ESP_HEADER_SIZE);
    read.spi = base_read_u32(&r);
    read.sequence = base_read_u32(&r);
    if (!read.spi) /* RFC 4303 section 2.1: never on the wire; in UDP it is the non-ESP marker */
        return ESP_IN_MALFORMED;
    read.offset = (uint16_t)offset;
    read.size = (uint16_t)(end - offset);
    *seen = read;
    return ESP_OK;
}

/* All that can be judged without a key; *number is the packet's full sequence number. */
static enum esp_status check(struct esp_sa *sa, base_ns now, const struct esp_seen *seen,
                             uint64_t *number)
{
    if (now >= sa->expires)
        return ESP_IN_EXPIRED;
    bool in_udp = seen->source_port || seen->destination_port;
    if (in_udp != sa->encapsulated)
        return ESP_IN_ENCAP_MISMATCH;
    uint32_t around = (uint32_t)ESP_HEADER_SIZE + sa->iv_size + sa->icv_size;
    if (seen->size < around + sa->alignment || (seen->size - around) % sa->alignment)
        return ESP_IN_MALFORMED;
    *number = sa->esn ? esp_replay_extend(&sa->replay, seen->sequence) : seen->sequence;
    enum esp_replay_verdict verdict = esp_replay_check(&sa->replay, *number);
    if (verdict == ESP_REPLAY_NEW)
        return ESP_OK;
    sa->counters.replay_failures++;
    return verdict == ESP_REPLAY_OLD ? ESP_IN_BEHIND_WINDOW : ESP_IN_REPLAYED;
}

static bool decrypt(const struct esp_sa *sa, uint8_t *header, uint32_t size, uint64_t number)
{
    uint8_t scratch[ESP_SCRATCH_SIZE];
    struct crypto_parts parts = esp_parts(sa, header, size, number, scratch);
    return crypto_open(sa->cipher, &parts);
}

/*
 * Takes padding and trailer off `size` decrypted octets. RFC 4303 section 2.4: a receiver SHOULD inspect
 * the padding where it is the default 1, 2, 3, ….
 */
static enum esp_status strip_trailer(const uint8_t *data, uint32_t *size, uint8_t *next_header)
{
    uint32_t padding = data[*size - ESP_TRAILER_SIZE];
    if (padding + ESP_TRAILER_SIZE > *size)
        return ESP_IN_PADDING;
    uint32_t rest = *size - ESP_TRAILER_SIZE - padding;
    for (uint32_t i = 0; i < padding; i++) {
        if (data[rest + i] != i + 1)
            return ESP_IN_PADDING;
    }
    *next_header = data[*size - 1];
    *size = rest;
    return ESP_OK;
}

/* Cuts TFC padding off (RFC 4303 section 2.7) by the inner packet's own length. */
static enum esp_status inner_check(const uint8_t *inner, uint32_t *size, uint8_t next_header)
{
    uint32_t length = 0;
    if (next_header == NEXT_HEADER_NONE)
        return ESP_IN_DUMMY;
    if (next_header == NET_IPV4_IPIP) {
        if (*size < NET_IPV4_SIZE || inner[0] >> 4 != 4)
            return ESP_IN_INNER_MALFORMED;
        length = net_ipv4_total_size(inner);
        uint32_t header = (uint32_t)net_ipv4_header_size(inner);
        if (header < NET_IPV4_SIZE || length < header)
            return ESP_IN_INNER_MALFORMED;
    } else if (next_header == NET_IPV4_IPV6) {
        if (*size < NET_IPV6_SIZE || inner[0] >> 4 != 6)
            return ESP_IN_INNER_MALFORMED;
        length = NET_IPV6_SIZE + (uint32_t)(inner[4] << 8 | inner[5]);
    } else {
        return ESP_IN_NEXT_HEADER;
    }
    if (length > *size)
        return ESP_IN_INNER_MALFORMED;
    *size = length;
    return ESP_OK;
}

/* Brings the outer congestion mark into the inner header. */
static enum esp_status take_ecn(uint8_t *inner, uint8_t outer_tos)
{
    bool ip4 = inner[0] >> 4 == 4;
    uint8_t before = (uint8_t)((ip4 ? inner[1] : inner[1] >> 4) & ESP_ECN_MASK);
    uint8_t mark;
    if (!esp_ecn_decapsulate(before, outer_tos & ESP_ECN_MASK, &mark))
        return ESP_IN_ECN;
    if (mark == before)
        return ESP_OK;
    if (ip4) {
        uint16_t old = (uint16_t)(inner[0] << 8 | inner[1]);
        uint16_t new = (uint16_t)((old & ~ESP_ECN_MASK) | mark);
        uint16_t checksum = (uint16_t)(inner[10] << 8 | inner[11]);
        inner[1] = (uint8_t) new;
        base_put_be(inner + 10, net_checksum_update(checksum, old, new), 2);
    } else {
        inner[1] = (uint8_t)((inner[1] & ~(ESP_ECN_MASK << 4)) | mark << 4);
    }
    return ESP_OK;
}

static enum esp_status unwrap(uint8_t *data, uint32_t *size, uint8_t outer_tos)
{
    uint8_t next_header = 0;
    enum esp_status status = strip_trailer(data, size, &next_header);
    if (status == ESP_OK)
        status = inner_check(data, size, next_header);
    if (status == ESP_OK)
        status = take_ecn(data, outer_tos);
    return status;
}

enum esp_status esp_open(struct esp_sa *sa, base_ns now, const struct esp_seen *seen,
                         struct base_buffer *packet)
{
    assert(sa->direction == ESP_SA_INBOUND && (uint32_t)seen->offset + seen->size <= packet->size);
    uint64_t number = 0;
    enum esp_status status = check(sa, now, seen, &number);
    if (status != ESP_OK)
        return status;
    uint32_t before = (uint32_t)ESP_HEADER_SIZE + sa->iv_size;
    uint8_t *header = base_buffer_data(packet) + seen->offset;
    uint32_t size = seen->size - before - sa->icv_size;
    if (!decrypt(sa, header, size, number)) {
        sa->counters.integrity_failures++;
        return ESP_IN_INTEGRITY;
    }
    esp_replay_update(&sa->replay, number);
    sa->last_used = now;
    status = unwrap(header + before, &size, seen->tos);
    if (status != ESP_OK)
        return status;
    base_buffer_pull(packet, seen->offset + before);
    base_buffer_trim(packet, size);
    sa->counters.packets++;
    sa->counters.bytes += size;
    return ESP_OK;
}
