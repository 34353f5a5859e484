/*
 * Building an IKE message into the caller's buffer: header, payloads one behind the other, the
 * Next Payload and length fields patched as the chain grows. A protected message opens an
 * Encrypted payload before its first payload; it is then sealed in place (sk.h) or split into
 * fragments (fragment.h).
 *
 *     ike_builder_init(&b, buffer, sizeof(buffer), &header);
 *     ike_builder_protect(&b, sk);                   // leave out for IKE_SA_INIT
 *     ike_write_nonce(&b, nonce, sizeof(nonce));     // payload.h, sa_payload.h, ts.h
 *     size = ike_sk_seal(sk, &b, iv);                // or ike_builder_finish(&b)
 *
 * Room that runs out is sticky: the last call says so, as with base/bytes.h.
 */
#ifndef IKE_BUILDER_H
#define IKE_BUILDER_H

#include "base/bytes.h"
#include "ipsec/ike/message.h"

struct ike_sk;

struct ike_builder {
    struct base_writer writer;
    size_t next_at;    /* offset of the Next Payload field that the next payload fills in */
    size_t payload_at; /* offset of the open payload, 0: none is open */
    size_t sk_at;      /* offset of the Encrypted payload, 0: none */
    size_t inner_at;   /* offset of its plain inner chain */
};

/*
 * Starts a message: SPIs, exchange, flags and message ID from *header; version, next payload and
 * length are the builder's.
 */
void ike_builder_init(struct ike_builder *b, void *buffer, size_t capacity,
                      const struct ike_header *header);

/*
 * Opens the Encrypted payload and leaves room for the IV; all later payloads are inside. It is the
 * message's first and only outer payload.
 */
void ike_builder_protect(struct ike_builder *b, const struct ike_sk *sk);

/*
 * Closes the open payload, if any, and opens the next: its body is what is written to the writer
 * returned, until the next call on the builder. Any type number goes.
 */
struct base_writer *ike_builder_payload(struct ike_builder *b, uint8_t type);

/* The same with the critical bit, which no payload of RFC 7296 carries: for tests of the peer. */
struct base_writer *ike_builder_payload_critical(struct ike_builder *b, uint8_t type);

/* A payload whose body is `size` ready bytes. */
void ike_builder_raw(struct ike_builder *b, uint8_t type, const void *body, size_t size);

/* Ends an unprotected message. Its size in octets, or 0 when the buffer was too small. */
size_t ike_builder_finish(struct ike_builder *b) __attribute__((warn_unused_result));

/*
 * Closes the open payload of a protected message; the inner chain is then bytes inner_at to
 * writer.size of the buffer, its first type stands at sk_at. False when the buffer was too small.
 * Called by ike_sk_seal() and ike_fragment_split_init().
 */
bool ike_builder_close(struct ike_builder *b) __attribute__((warn_unused_result));

/* Octets that the message has so far. */
static inline size_t ike_builder_size(const struct ike_builder *b)
{
    return b->writer.size;
}

#endif
