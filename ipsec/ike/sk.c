/*
 * The Encrypted payload: RFC 7296 3.14, RFC 5282 3 (AEAD), RFC 5930 (counter mode), RFC 7383 2.5
 * (fragments).
 */
#include "ipsec/ike/sk.h"

#include <assert.h>
#include <string.h>

#define HEADER_LENGTH_AT 24
#define PAYLOAD_LENGTH_AT 2
#define PAD_LENGTH_SIZE 1

void ike_sk_init(struct ike_sk *sk, struct crypto_context *context, const struct crypto_encr *encr,
                 const uint8_t *key, const struct crypto_integ *integ, const uint8_t *integ_key,
                 enum crypto_direction direction)
{
    assert(encr->iv_size <= IKE_SK_IV_SIZE_MAX && encr->aead == !integ);
    *sk = (struct ike_sk){
        .encr = encr, .integ = integ, .iv_size = encr->iv_size, .block_size = encr->block_size};
    sk->cipher = crypto_cipher_new(context, encr, key, integ, integ_key, direction);
    sk->icv_size = (uint8_t)crypto_cipher_icv_size(sk->cipher);
}

void ike_sk_fini(struct ike_sk *sk)
{
    crypto_cipher_free(sk->cipher);
    sk->cipher = NULL;
}

/* Octets of padding that bring the chain with its Pad Length to whole blocks. */
static size_t pad_size(const struct ike_sk *sk, size_t size)
{
    size_t over = (size + PAD_LENGTH_SIZE) % sk->block_size;
    return over ? sk->block_size - over : 0;
}

size_t ike_sk_overhead(const struct ike_sk *sk, size_t size)
{
    return IKE_PAYLOAD_HEADER_SIZE + (size_t)sk->iv_size + pad_size(sk, size) + PAD_LENGTH_SIZE +
           sk->icv_size;
}

size_t ike_sk_seal_at(const struct ike_sk *sk, uint8_t *message, size_t capacity, size_t payload_at,
                      size_t plain_at, size_t size, const uint8_t *iv)
{
    size_t pad = pad_size(sk, size);
    size_t data_size = size + pad + PAD_LENGTH_SIZE;
    size_t total = plain_at + data_size + sk->icv_size;
    if (total > capacity || total - payload_at > UINT16_MAX)
        return 0;
    uint8_t *data = message + plain_at;
    memset(data + size, 0, pad);
    data[size + pad] = (uint8_t)pad;
    memcpy(data - sk->iv_size, iv, sk->iv_size);
    base_put_be(message + payload_at + PAYLOAD_LENGTH_AT, total - payload_at, 2);
    base_put_be(message + HEADER_LENGTH_AT, total, 4);
    crypto_seal(sk->cipher, &(struct crypto_parts){.aad = message,
                                                   .aad_size = plain_at - sk->iv_size,
                                                   .iv = data - sk->iv_size,
                                                   .data = data,
                                                   .data_size = data_size,
                                                   .icv = data + data_size});
    return total;
}

size_t ike_sk_seal(const struct ike_sk *sk, struct ike_builder *b, const uint8_t *iv)
{
    assert(b->sk_at != 0 || b->writer.failed);
    if (!ike_builder_close(b))
        return 0;
    return ike_sk_seal_at(sk, b->writer.data, b->writer.capacity, b->sk_at, b->inner_at,
                          b->writer.size - b->inner_at, iv);
}

static const struct ike_payload *find_encrypted(const struct ike_message *m)
{
    const struct ike_payload *payload = ike_message_find(m, IKE_PAYLOAD_SK);
    return payload ? payload : ike_message_find(m, IKE_PAYLOAD_SKF);
}

/* Where the ciphertext of an SK or SKF payload stands, as offsets into the datagram. */
struct sealed {
    size_t iv_at;
    size_t data_at;
    size_t data_size;
};

/* Also reads what stands outside the encryption into *out. False when the payload is too short. */
static bool locate(const struct ike_sk *sk, const struct ike_message *m,
                   const struct ike_payload *payload, struct sealed *at, struct ike_inner *out)
{
    struct base_reader r = base_reader_of(payload->body, payload->size);
    *out = (struct ike_inner){.first = payload->next};
    if (payload->type == IKE_PAYLOAD_SKF) {
        out->fragment_number = base_read_u16(&r);
        out->fragment_total = base_read_u16(&r);
        if (out->fragment_number != 1)
            out->first = IKE_PAYLOAD_NONE;
    }
    size_t left = base_reader_left(&r);
    if (left < (size_t)sk->iv_size + PAD_LENGTH_SIZE + sk->icv_size)
        return false;
    at->iv_at = (size_t)(payload->body - m->datagram) + r.at;
    at->data_at = at->iv_at + sk->iv_size;
    at->data_size = left - sk->iv_size - sk->icv_size;
    return at->data_size % sk->block_size == 0;
}

enum ike_wire_status ike_sk_open(const struct ike_sk *sk, const struct ike_message *m,
                                 uint8_t *datagram, struct ike_inner *out)
{
    const struct ike_payload *payload = find_encrypted(m);
    struct ike_inner inner;
    struct sealed at;
    if (!payload)
        return IKE_WIRE_UNPROTECTED;
    if (!locate(sk, m, payload, &at, &inner))
        return IKE_WIRE_INTEGRITY;
    uint8_t *data = datagram + at.data_at;
    if (!crypto_open(sk->cipher, &(struct crypto_parts){.aad = datagram,
                                                        .aad_size = at.iv_at,
                                                        .iv = datagram + at.iv_at,
                                                        .data = data,
                                                        .data_size = at.data_size,
                                                        .icv = data + at.data_size}))
        return IKE_WIRE_INTEGRITY;
    size_t pad = data[at.data_size - 1];
    if (pad + PAD_LENGTH_SIZE > at.data_size)
        return IKE_WIRE_PADDING;
    inner.chain = data;
    inner.size = at.data_size - pad - PAD_LENGTH_SIZE;
    *out = inner;
    return IKE_WIRE_OK;
}
