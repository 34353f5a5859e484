/*
 * Payloads of a fixed shape: RFC 7296 3.4 (KE), 3.8 (AUTH), 3.9 (Nonce), 3.10 (Notify), 3.11
 * (Delete).
 */
#include "ipsec/ike/payload.h"

#include <assert.h>

#define ESP_SPI_SIZE 4

static struct base_reader reader_of(const struct ike_payload *payload)
{
    return base_reader_of(payload->body, payload->size);
}

/* All that is left, which may be nothing; never NULL unless the reader has failed. */
static const uint8_t *read_rest(struct base_reader *r, size_t *size)
{
    *size = base_reader_left(r);
    return base_read_bytes(r, *size);
}

enum ike_wire_status ike_ke_read(struct ike_ke_payload *out, const struct ike_payload *payload)
{
    struct base_reader r = reader_of(payload);
    struct ike_ke_payload ke = {.group = base_read_u16(&r)};
    base_read_u16(&r);
    ke.data = read_rest(&r, &ke.size);
    if (r.failed || ke.size == 0)
        return IKE_WIRE_SYNTAX;
    *out = ke;
    return IKE_WIRE_OK;
}

enum ike_wire_status ike_auth_read(struct ike_auth_payload *out, const struct ike_payload *payload)
{
    struct base_reader r = reader_of(payload);
    struct ike_auth_payload auth = {.method = base_read_u8(&r)};
    base_read_bytes(&r, 3);
    auth.data = read_rest(&r, &auth.size);
    if (r.failed)
        return IKE_WIRE_SYNTAX;
    *out = auth;
    return IKE_WIRE_OK;
}

enum ike_wire_status ike_nonce_read(struct ike_nonce_payload *out,
                                    const struct ike_payload *payload)
{
    if (payload->size < IKE_NONCE_SIZE_MIN || payload->size > IKE_NONCE_SIZE_MAX)
        return IKE_WIRE_SYNTAX;
    *out = (struct ike_nonce_payload){.data = payload->body, .size = payload->size};
    return IKE_WIRE_OK;
}

enum ike_wire_status ike_notify_read(struct ike_notify_payload *out,
                                     const struct ike_payload *payload)
{
    struct base_reader r = reader_of(payload);
    struct ike_notify_payload notify = {.protocol = base_read_u8(&r)};
    notify.spi_size = base_read_u8(&r);
    notify.type = base_read_u16(&r);
    notify.spi = base_read_bytes(&r, notify.spi_size);
    notify.data = read_rest(&r, &notify.size);
    if (r.failed)
        return IKE_WIRE_SYNTAX;
    *out = notify;
    return IKE_WIRE_OK;
}

/*
 * An IKE SA is deleted without naming it, ESP and AH SAs by SPIs of four octets (RFC 7296 3.11).
 */
enum ike_wire_status ike_delete_read(struct ike_delete_payload *out,
                                     const struct ike_payload *payload)
{
    struct base_reader r = reader_of(payload);
    struct ike_delete_payload deletion = {.protocol = base_read_u8(&r)};
    deletion.spi_size = base_read_u8(&r);
    deletion.count = base_read_u16(&r);
    bool ike = deletion.protocol == IKE_PROTOCOL_IKE;
    bool ipsec = deletion.protocol == IKE_PROTOCOL_ESP || deletion.protocol == IKE_PROTOCOL_AH;
    if ((!ike && !ipsec) || deletion.spi_size != (ike ? 0 : ESP_SPI_SIZE))
        return IKE_WIRE_SYNTAX;
    deletion.spis = base_read_bytes(&r, (size_t)deletion.count * deletion.spi_size);
    if (!base_reader_done(&r))
        return IKE_WIRE_SYNTAX;
    if (ike)
        deletion.count = 0;
    *out = deletion;
    return IKE_WIRE_OK;
}

bool ike_notify_spi(const struct ike_notify_payload *notify, uint32_t *spi)
{
    if ((notify->protocol != IKE_PROTOCOL_ESP && notify->protocol != IKE_PROTOCOL_AH) ||
        notify->spi_size != ESP_SPI_SIZE)
        return false;
    struct base_reader r = base_reader_of(notify->spi, notify->spi_size);
    uint32_t value = base_read_u32(&r);
    if (value == 0)
        return false;
    *spi = value;
    return true;
}

bool ike_notify_u16(const struct ike_notify_payload *notify, uint16_t *value)
{
    if (notify->size != sizeof(*value))
        return false;
    struct base_reader r = base_reader_of(notify->data, notify->size);
    *value = base_read_u16(&r);
    return true;
}

bool ike_notify_u32(const struct ike_notify_payload *notify, uint32_t *value)
{
    if (notify->size != sizeof(*value))
        return false;
    struct base_reader r = base_reader_of(notify->data, notify->size);
    *value = base_read_u32(&r);
    return true;
}

uint32_t ike_delete_spi(const struct ike_delete_payload *deletion, size_t index)
{
    assert(index < deletion->count);
    struct base_reader r = base_reader_of(deletion->spis + index * ESP_SPI_SIZE, ESP_SPI_SIZE);
    return base_read_u32(&r);
}

bool ike_message_notify(const struct ike_message *m, uint16_t type, struct ike_notify_payload *out)
{
    struct ike_notify_payload notify;
    for (size_t i = 0; i < m->count; i++) {
        if (m->payloads[i].type != IKE_PAYLOAD_NOTIFY ||
            ike_notify_read(&notify, &m->payloads[i]) != IKE_WIRE_OK || notify.type != type)
            continue;
        *out = notify;
        return true;
    }
    return false;
}

bool ike_message_error(const struct ike_message *m, struct ike_notify_payload *out)
{
    struct ike_notify_payload notify;
    for (size_t i = 0; i < m->count; i++) {
        if (m->payloads[i].type != IKE_PAYLOAD_NOTIFY ||
            ike_notify_read(&notify, &m->payloads[i]) != IKE_WIRE_OK ||
            notify.type >= IKE_NOTIFY_STATUS_FIRST)
            continue;
        *out = notify;
        return true;
    }
    return false;
}

void ike_write_ke(struct ike_builder *b, uint16_t group, const uint8_t *data, size_t size)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_KE);
    base_write_u16(w, group);
    base_write_u16(w, 0);
    base_write_bytes(w, data, size);
}

void ike_write_auth(struct ike_builder *b, uint8_t method, const uint8_t *data, size_t size)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_AUTH);
    base_write_u8(w, method);
    base_write_zeros(w, 3);
    base_write_bytes(w, data, size);
}

void ike_write_nonce(struct ike_builder *b, const uint8_t *data, size_t size)
{
    ike_builder_raw(b, IKE_PAYLOAD_NONCE, data, size);
}

void ike_write_notify_full(struct ike_builder *b, const struct ike_notify_payload *notify)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_NOTIFY);
    base_write_u8(w, notify->protocol);
    base_write_u8(w, notify->spi_size);
    base_write_u16(w, notify->type);
    base_write_bytes(w, notify->spi, notify->spi_size);
    base_write_bytes(w, notify->data, notify->size);
}

void ike_write_notify(struct ike_builder *b, uint16_t type, const void *data, size_t size)
{
    struct ike_notify_payload notify = {.type = type, .data = data, .size = size};
    ike_write_notify_full(b, &notify);
}

void ike_write_notify_esp(struct ike_builder *b, uint16_t type, uint32_t spi)
{
    uint8_t bytes[ESP_SPI_SIZE];
    base_put_be(bytes, spi, sizeof(bytes));
    struct ike_notify_payload notify = {
        .protocol = IKE_PROTOCOL_ESP, .spi_size = sizeof(bytes), .spi = bytes, .type = type};
    ike_write_notify_full(b, &notify);
}

void ike_write_notify_u16(struct ike_builder *b, uint16_t type, uint16_t value)
{
    uint8_t bytes[sizeof(value)];
    base_put_be(bytes, value, sizeof(bytes));
    ike_write_notify(b, type, bytes, sizeof(bytes));
}

void ike_write_delete_ike(struct ike_builder *b)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_DELETE);
    base_write_u8(w, IKE_PROTOCOL_IKE);
    base_write_zeros(w, 3);
}

void ike_write_delete_esp(struct ike_builder *b, const uint32_t *spis, size_t count)
{
    struct base_writer *w = ike_builder_payload(b, IKE_PAYLOAD_DELETE);
    base_write_u8(w, IKE_PROTOCOL_ESP);
    base_write_u8(w, ESP_SPI_SIZE);
    base_write_u16(w, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        base_write_u32(w, spis[i]);
}
