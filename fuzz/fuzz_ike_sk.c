/*
 * Encrypted payloads under fixed keys. The first octet chooses the algorithms; with its highest
 * bit the rest is a datagram as it came; without it the rest is an inner chain (its first type,
 * then its octets), which is sealed here and split as well, so that what lies behind the integrity
 * check is reached too.
 */
#include "fuzz/fuzz.h"

#include "ipsec/ike/fragment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SEALED_SIZE_MAX (4096 + 256)
#define FRAGMENT_SIZE 200

static struct ike_sk sealers[FUZZ_PAIRS], openers[FUZZ_PAIRS];

static void end(void)
{
    for (size_t i = 0; i < FUZZ_PAIRS; i++) {
        ike_sk_fini(&sealers[i]);
        ike_sk_fini(&openers[i]);
    }
}

static void init(void)
{
    static const uint8_t KEY[CRYPTO_INTEG_KEY_SIZE_MAX] = {7};
    struct crypto_context *context = fuzz_context();
    for (size_t i = 0; i < FUZZ_PAIRS; i++) {
        const struct crypto_integ *integ = NULL;
        const struct crypto_encr *encr = fuzz_pair(i, &integ);
        ike_sk_init(&sealers[i], context, encr, KEY, integ, integ ? KEY : NULL, CRYPTO_SEAL);
        ike_sk_init(&openers[i], context, encr, KEY, integ, integ ? KEY : NULL, CRYPTO_OPEN);
    }
    atexit(end);
}

static enum ike_wire_status open_and_read(size_t pair, uint8_t *bytes, size_t size)
{
    struct ike_message m;
    struct ike_inner inner;
    enum ike_wire_status status = ike_message_parse(&m, bytes, size);
    if (status != IKE_WIRE_OK)
        return status;
    status = ike_sk_open(&openers[pair], &m, bytes, &inner);
    if (status != IKE_WIRE_OK)
        return status;
    if (!inner.fragment_number &&
        ike_message_parse_inner(&m, inner.first, inner.chain, inner.size) == IKE_WIRE_OK)
        fuzz_ike_bodies(&m);
    return IKE_WIRE_OK;
}

/* A message that holds the chain as it is, well formed or not. */
static void build(struct ike_builder *b, uint8_t *out, size_t capacity, size_t pair, uint8_t first,
                  const uint8_t *chain, size_t size)
{
    struct ike_header header = {.spi_i = 1, .spi_r = 2, .exchange = IKE_EXCHANGE_INFORMATIONAL};
    ike_builder_init(b, out, capacity, &header);
    ike_builder_protect(b, &sealers[pair]);
    base_write_bytes(&b->writer, chain, size);
    base_write_patch(&b->writer, b->sk_at, first, 1);
}

static void split_and_join(size_t pair, struct ike_builder *b, const uint8_t *chain, size_t size)
{
    static const uint8_t IV[IKE_SK_IV_SIZE_MAX] = {1};
    struct ike_fragment_split split;
    struct ike_fragments f;
    struct ike_inner whole = {0};
    enum ike_wire_status status = IKE_WIRE_FRAGMENT_MORE;
    size_t total = ike_fragment_split_init(&split, &sealers[pair], b, FRAGMENT_SIZE);
    ike_fragments_init(&f);
    for (size_t i = 0; i < total; i++) {
        uint8_t out[FRAGMENT_SIZE];
        struct ike_message m;
        struct ike_inner piece;
        size_t written = ike_fragment_split_next(&split, IV, out, sizeof(out));
        status = ike_message_parse(&m, out, written);
        assert(status == IKE_WIRE_OK);
        status = ike_fragments_check(&f, &m);
        assert(status == IKE_WIRE_OK);
        status = ike_sk_open(&openers[pair], &m, out, &piece);
        assert(status == IKE_WIRE_OK);
        status = ike_fragments_add(&f, &m, &piece, &whole);
    }
    assert(status == IKE_WIRE_OK && whole.size == size && !memcmp(whole.chain, chain, size));
    ike_fragments_fini(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t IV[IKE_SK_IV_SIZE_MAX] = {2};
    uint8_t bytes[SEALED_SIZE_MAX];
    struct ike_builder b;
    if (!openers[0].cipher)
        init();
    if (size < 2 || size > 4096)
        return 0;
    size_t pair = (data[0] & 0x7f) % FUZZ_PAIRS;
    if (data[0] & 0x80) {
        uint8_t *exact = malloc(size - 1);
        memcpy(exact, data + 1, size - 1);
        (void)open_and_read(pair, exact, size - 1);
        free(exact);
        return 0;
    }
    build(&b, bytes, sizeof(bytes), pair, data[1], data + 2, size - 2);
    struct ike_builder copy = b;
    split_and_join(pair, &copy, data + 2, size - 2);
    size_t sealed = ike_sk_seal(&sealers[pair], &b, IV);
    enum ike_wire_status status = open_and_read(pair, bytes, sealed);
    assert(status == IKE_WIRE_OK);
    return 0;
}
