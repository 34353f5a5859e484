/* What the ESP tests share: a pair of SAs with keys of their own, packets, buffers full of 0xa5. */
#ifndef TESTS_ESP_FIXTURE_H
#define TESTS_ESP_FIXTURE_H

#include <stdlib.h>

#include "tests/test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"
#include "ipsec/esp/packet.h"
#include "net/checksum.h"

enum {
    FIXTURE_CAPACITY = 70000,
    FIXTURE_START = 128,
    FIXTURE_SPI = 0x41234567,
    FIXTURE_ECHO_SIZE = 84 /* what ping sends by default, with its IP header */
};

struct fixture_options {
    const char *encr;  /* the product's name */
    const char *integ; /* NULL with AEAD */
    bool esn;
    bool encapsulated;
    uint32_t window;
};

/* The tutorial's algorithms, the same in UDP, and an AEAD. */
static const struct fixture_options FIXTURE_TUTORIAL = {
    .encr = "AES128-CTR", .integ = "SHA256", .window = 64};
static const struct fixture_options FIXTURE_IN_UDP = {
    .encr = "AES128-CTR", .integ = "SHA256", .window = 64, .encapsulated = true};
static const struct fixture_options FIXTURE_GCM = {.encr = "AES256-GCM-16", .window = 64};

struct fixture {
    struct crypto_context *crypto;
    struct esp_sa *out;
    struct esp_sa *in;
    uint8_t key[CRYPTO_KEY_SIZE_MAX];
    uint8_t integ_key[CRYPTO_INTEG_KEY_SIZE_MAX];
    struct base_buffer packet;
};

/* The outer addresses: 203.0.113.10 to 203.0.113.20. */
static inline struct esp_sa_config fixture_config(struct fixture *f,
                                                  const struct fixture_options *options,
                                                  enum esp_sa_direction direction)
{
    uint16_t port = options->encapsulated ? ESP_NATT_PORT : 0;
    return (struct esp_sa_config){
        .direction = direction,
        .spi = FIXTURE_SPI,
        .reqid = 1,
        .path = {NET_IP4(203, 0, 113, 10), NET_IP4(203, 0, 113, 20), port, port},
        .encr = crypto_encr_named(options->encr),
        .integ = options->integ ? crypto_integ_named(options->integ) : NULL,
        .key = f->key,
        .integ_key = f->integ_key,
        .esn = options->esn,
        .replay_window = options->window,
        .seed = 7,
        .expires = BASE_NEVER};
}

static inline void fixture_init(struct fixture *f, const struct fixture_options *options)
{
    memset(f, 0, sizeof(*f));
    f->crypto = crypto_context_new();
    struct base_rng rng;
    base_rng_init(&rng, 1, "fixture keys");
    base_rng_fill(&rng, f->key, sizeof(f->key));
    base_rng_fill(&rng, f->integ_key, sizeof(f->integ_key));
    struct esp_sa_config config = fixture_config(f, options, ESP_SA_OUTBOUND);
    f->out = esp_sa_new(f->crypto, &config);
    config = fixture_config(f, options, ESP_SA_INBOUND);
    f->in = esp_sa_new(f->crypto, &config);
    f->packet.memory = base_alloc(FIXTURE_CAPACITY);
    f->packet.capacity = FIXTURE_CAPACITY;
}

static inline void fixture_fini(struct fixture *f)
{
    esp_sa_free(f->out);
    esp_sa_free(f->in);
    crypto_context_free(f->crypto);
    free(f->packet.memory);
}

/* Puts bytes into the buffer as a packet; all around is 0xa5. */
static inline void fixture_load(struct fixture *f, const uint8_t *bytes, size_t size)
{
    memset(f->packet.memory, 0xa5, f->packet.capacity);
    f->packet.start = FIXTURE_START;
    f->packet.size = (uint32_t)size;
    memcpy(base_buffer_data(&f->packet), bytes, size);
}

/* An echo request from 192.168.1.11 to 192.168.2.11 of `size` octets, at least 28. */
static inline void fixture_echo(uint8_t *out, size_t size, uint8_t tos, bool dont_fragment)
{
    uint8_t head[28] = {0x45,
                        tos,
                        (uint8_t)(size >> 8),
                        (uint8_t)size,
                        0x12,
                        0x34,
                        dont_fragment ? 0x40 : 0,
                        0,
                        63,
                        1,
                        0,
                        0,
                        192,
                        168,
                        1,
                        11,
                        192,
                        168,
                        2,
                        11,
                        8,
                        0,
                        0,
                        0,
                        0,
                        1,
                        0,
                        1};
    memcpy(out, head, sizeof(head));
    for (size_t i = sizeof(head); i < size; i++)
        out[i] = (uint8_t)i;
    uint16_t sum = net_checksum(out, 20);
    out[10] = (uint8_t)(sum >> 8);
    out[11] = (uint8_t)sum;
    sum = net_checksum(out + 20, size - 20);
    out[22] = (uint8_t)(sum >> 8);
    out[23] = (uint8_t)sum;
}

static inline void fixture_load_echo(struct fixture *f, size_t size)
{
    uint8_t *bytes = base_alloc(size);
    fixture_echo(bytes, size, 0, false);
    fixture_load(f, bytes, size);
    free(bytes);
}

/* An echo as f->out puts it on the wire. */
static inline void fixture_seal_echo(struct fixture *f, size_t size)
{
    fixture_load_echo(f, size);
    assert_int_equal(esp_seal(f->out, 0, &f->packet), ESP_OK);
}

/* Reads the outer headers and opens with f->in. */
static inline enum esp_status fixture_open(struct fixture *f, base_ns now)
{
    struct esp_seen seen;
    enum esp_status status = esp_seen_read(base_buffer_data(&f->packet), f->packet.size, &seen);
    return status == ESP_OK ? esp_open(f->in, now, &seen, &f->packet) : status;
}

/* Every pair that the product allows: each encryption, each integrity where it is no AEAD. */
static inline size_t fixture_suite(size_t index, struct fixture_options *options)
{
    size_t count = 0;
    for (size_t e = 0; crypto_encr_at(e); e++) {
        const struct crypto_encr *encr = crypto_encr_at(e);
        for (size_t i = 0; encr->aead ? i < 1 : crypto_integ_at(i) != NULL; i++, count++) {
            if (count != index)
                continue;
            options->encr = encr->product_name;
            options->integ = encr->aead ? NULL : crypto_integ_at(i)->product_name;
        }
    }
    return count;
}

#endif
