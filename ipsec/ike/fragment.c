/* IKE fragmentation: RFC 7383 2.5 (splitting), 2.6 (joining). */
#include "ipsec/ike/fragment.h"

#include "base/mem.h"
#include "net/addr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FRAGMENT_HEADER_SIZE 4 /* number and total */
#define PAD_LENGTH_SIZE 1
#define UDP_HEADER_SIZE 8
#define HEADER_NEXT_PAYLOAD_AT 16

size_t ike_fragment_message_max(size_t ip_size, uint8_t family, bool natt)
{
    size_t overhead = (family == NET_ADDR_IP6 ? 40u : 20u) + UDP_HEADER_SIZE +
                      (natt ? IKE_NON_ESP_MARKER_SIZE : 0u);
    return ip_size > overhead ? ip_size - overhead : 0;
}

bool ike_fragment_needed(const struct ike_sk *sk, const struct ike_builder *b, size_t size_max)
{
    size_t inner = b->writer.size - b->inner_at;
    return b->sk_at + inner + ike_sk_overhead(sk, inner) > size_max;
}

/* Octets of chain that a fragment of size_max octets takes, 0 when none. */
static size_t piece_size(const struct ike_sk *sk, size_t size_max)
{
    size_t fixed = IKE_HEADER_SIZE + IKE_PAYLOAD_HEADER_SIZE + FRAGMENT_HEADER_SIZE +
                   (size_t)sk->iv_size + sk->icv_size;
    if (size_max <= fixed)
        return 0;
    size_t room = size_max - fixed;
    room -= room % sk->block_size;
    return room > PAD_LENGTH_SIZE ? room - PAD_LENGTH_SIZE : 0;
}

size_t ike_fragment_split_init(struct ike_fragment_split *split, const struct ike_sk *sk,
                               struct ike_builder *b, size_t size_max)
{
    size_t piece = piece_size(sk, size_max);
    if (!ike_builder_close(b) || piece == 0)
        return 0;
    assert(b->sk_at == IKE_HEADER_SIZE);
    size_t size = b->writer.size - b->inner_at;
    size_t total = size ? (size + piece - 1) / piece : 1;
    if (total > IKE_FRAGMENTS_TOTAL_MAX)
        return 0;
    *split = (struct ike_fragment_split){.sk = sk,
                                         .message = b->writer.data,
                                         .chain = b->writer.data + b->inner_at,
                                         .chain_size = size,
                                         .piece_size = piece,
                                         .total = (uint16_t)total};
    return total;
}

size_t ike_fragment_split_next(struct ike_fragment_split *split, const uint8_t *iv, uint8_t *out,
                               size_t capacity)
{
    if (split->number == split->total)
        return 0;
    size_t start = split->number * split->piece_size;
    size_t size = split->chain_size - start;
    if (size > split->piece_size)
        size = split->piece_size;
    struct base_writer w = base_writer_of(out, capacity);
    base_write_bytes(&w, split->message, IKE_HEADER_SIZE);
    base_write_patch(&w, HEADER_NEXT_PAYLOAD_AT, IKE_PAYLOAD_SKF, 1);
    /* The first fragment says what the chain starts with, the others nothing (RFC 7383 2.5). */
    base_write_u8(&w,
                  split->number == 0 ? split->message[IKE_HEADER_SIZE] : (uint8_t)IKE_PAYLOAD_NONE);
    base_write_zeros(&w, 3);
    base_write_u16(&w, (uint16_t)(split->number + 1));
    base_write_u16(&w, split->total);
    base_write_zeros(&w, split->sk->iv_size);
    size_t plain_at = w.size;
    base_write_bytes(&w, split->chain + start, size);
    if (w.failed)
        return 0;
    size_t written = ike_sk_seal_at(split->sk, out, capacity, IKE_HEADER_SIZE, plain_at, size, iv);
    if (written)
        split->number++;
    return written;
}

void ike_fragments_init(struct ike_fragments *f)
{
    *f = (struct ike_fragments){0};
}

static void drop_pieces(struct ike_fragments *f)
{
    for (unsigned i = 0; i < f->total; i++)
        free(f->pieces[i]);
    free(f->pieces);
    free(f->sizes);
    f->pieces = NULL;
    f->sizes = NULL;
    f->total = 0;
    f->have = 0;
    f->bytes = 0;
    f->first = IKE_PAYLOAD_NONE;
}

void ike_fragments_reset(struct ike_fragments *f)
{
    drop_pieces(f);
    free(f->joined);
    f->joined = NULL;
}

void ike_fragments_fini(struct ike_fragments *f)
{
    ike_fragments_reset(f);
}

static enum ike_wire_status check(const struct ike_fragments *f, uint32_t message_id,
                                  uint16_t number, uint16_t total)
{
    if (number == 0 || number > total || total > IKE_FRAGMENTS_TOTAL_MAX)
        return IKE_WIRE_FRAGMENT_INVALID;
    if (f->total == 0 || f->message_id != message_id || total > f->total)
        return IKE_WIRE_OK;
    if (total < f->total)
        return IKE_WIRE_FRAGMENT_INVALID;
    return f->pieces[number - 1] ? IKE_WIRE_FRAGMENT_DUPLICATE : IKE_WIRE_OK;
}

enum ike_wire_status ike_fragments_check(const struct ike_fragments *f, const struct ike_message *m)
{
    const struct ike_payload *payload = ike_message_find(m, IKE_PAYLOAD_SKF);
    if (!payload)
        return IKE_WIRE_UNPROTECTED;
    struct base_reader r = base_reader_of(payload->body, payload->size);
    uint16_t number = base_read_u16(&r);
    uint16_t total = base_read_u16(&r);
    return check(f, m->header.message_id, number, total);
}

static void start(struct ike_fragments *f, uint32_t message_id, uint16_t total)
{
    drop_pieces(f);
    f->message_id = message_id;
    f->total = total;
    f->pieces = base_alloc_array(total, sizeof(*f->pieces));
    f->sizes = base_alloc_array(total, sizeof(*f->sizes));
}

static void join(struct ike_fragments *f, struct ike_inner *out)
{
    size_t at = 0;
    f->joined = base_alloc(f->bytes + 1); /* never of size 0 */
    for (unsigned i = 0; i < f->total; i++) {
        memcpy(f->joined + at, f->pieces[i], f->sizes[i]);
        at += f->sizes[i];
    }
    *out = (struct ike_inner){.chain = f->joined, .size = at, .first = f->first};
    drop_pieces(f);
}

enum ike_wire_status ike_fragments_add(struct ike_fragments *f, const struct ike_message *m,
                                       const struct ike_inner *piece, struct ike_inner *out)
{
    enum ike_wire_status status =
        check(f, m->header.message_id, piece->fragment_number, piece->fragment_total);
    if (status != IKE_WIRE_OK)
        return status;
    free(f->joined);
    f->joined = NULL;
    if (f->message_id != m->header.message_id || f->total != piece->fragment_total)
        start(f, m->header.message_id, piece->fragment_total);
    if (piece->size > IKE_FRAGMENTS_BYTES_MAX - f->bytes)
        return IKE_WIRE_FRAGMENT_LIMIT;
    unsigned index = piece->fragment_number - 1u;
    f->pieces[index] = base_alloc(piece->size + 1);
    memcpy(f->pieces[index], piece->chain, piece->size);
    f->sizes[index] = (uint16_t)piece->size;
    f->bytes += piece->size;
    f->have++;
    if (piece->fragment_number == 1)
        f->first = piece->first;
    if (f->have < f->total)
        return IKE_WIRE_FRAGMENT_MORE;
    join(f, out);
    return IKE_WIRE_OK;
}
