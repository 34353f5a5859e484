/* Building an IKE message: RFC 7296 3.1, 3.2. */
#include "ipsec/ike/builder.h"

#include "ipsec/ike/sk.h"

#include <assert.h>

#define HEADER_NEXT_PAYLOAD_AT 16
#define HEADER_LENGTH_AT 24
#define PAYLOAD_LENGTH_AT 2 /* in the generic payload header */
#define PAYLOAD_CRITICAL 0x80

void ike_builder_init(struct ike_builder *b, void *buffer, size_t capacity,
                      const struct ike_header *header)
{
    *b = (struct ike_builder){.writer = base_writer_of(buffer, capacity),
                              .next_at = HEADER_NEXT_PAYLOAD_AT};
    base_write_u64(&b->writer, header->spi_i);
    base_write_u64(&b->writer, header->spi_r);
    base_write_u8(&b->writer, IKE_PAYLOAD_NONE);
    base_write_u8(&b->writer, IKE_VERSION);
    base_write_u8(&b->writer, header->exchange);
    base_write_u8(&b->writer, header->flags);
    base_write_u32(&b->writer, header->message_id);
    base_write_u32(&b->writer, 0);
}

/* Writes the length of the open payload, now that it is known. */
static void close_payload(struct ike_builder *b)
{
    if (b->payload_at == 0 || b->writer.failed)
        return;
    size_t size = b->writer.size - b->payload_at;
    if (size > UINT16_MAX)
        b->writer.failed = true;
    else
        base_write_patch(&b->writer, b->payload_at + PAYLOAD_LENGTH_AT, size, 2);
    b->payload_at = 0;
}

static struct base_writer *open_payload(struct ike_builder *b, uint8_t type, uint8_t flags)
{
    close_payload(b);
    base_write_patch(&b->writer, b->next_at, type, 1);
    b->next_at = b->writer.size;
    b->payload_at = b->writer.size;
    base_write_u8(&b->writer, IKE_PAYLOAD_NONE);
    base_write_u8(&b->writer, flags);
    base_write_u16(&b->writer, 0);
    return &b->writer;
}

void ike_builder_protect(struct ike_builder *b, const struct ike_sk *sk)
{
    assert(b->next_at == HEADER_NEXT_PAYLOAD_AT);
    open_payload(b, IKE_PAYLOAD_SK, 0);
    b->sk_at = b->payload_at;
    b->payload_at = 0; /* its length is known when it is sealed */
    base_write_zeros(&b->writer, sk->iv_size);
    b->inner_at = b->writer.size;
}

struct base_writer *ike_builder_payload(struct ike_builder *b, uint8_t type)
{
    return open_payload(b, type, 0);
}

struct base_writer *ike_builder_payload_critical(struct ike_builder *b, uint8_t type)
{
    return open_payload(b, type, PAYLOAD_CRITICAL);
}

void ike_builder_raw(struct ike_builder *b, uint8_t type, const void *body, size_t size)
{
    base_write_bytes(open_payload(b, type, 0), body, size);
}

bool ike_builder_close(struct ike_builder *b)
{
    close_payload(b);
    return !b->writer.failed;
}

size_t ike_builder_finish(struct ike_builder *b)
{
    assert(b->sk_at == 0);
    close_payload(b);
    base_write_patch(&b->writer, HEADER_LENGTH_AT, b->writer.size, 4);
    return b->writer.failed ? 0 : b->writer.size;
}
