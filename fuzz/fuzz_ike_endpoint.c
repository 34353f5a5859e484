/*
 * Two endpoints with a hostile path and a hostile peer between them. The input is a program of
 * one-octet operations with arguments: messages in flight are delivered, repeated, dropped,
 * reordered, cut, changed in a bit or replaced; time passes; either end is told to initiate, rekey
 * or terminate; and a message can be opened with the keys of its IKE SA and sealed again with
 * other contents, as only an authenticated peer could. Nothing may crash or leak, and each end
 * stays within its bounds.
 */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "base/mem.h"
#include "ipsec/esp/sad.h"
#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/sk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define IN_FLIGHT_MAX 64
#define KEYS_MAX 32
#define OPERATIONS_MAX 200
#define DATAGRAM_SIZE_MAX 4096

struct flight {
    struct ike_path path; /* as its receiver sees it */
    int to;
    size_t size;
    uint8_t *bytes;
};

/* The sender's keys of one direction of one IKE SA. */
struct keys {
    uint64_t spi_i, spi_r;
    struct ike_sk seal[2], open[2]; /* [0]: from the initiator */
};

struct arena {
    struct ike_endpoint *endpoints[2];
    struct esp_sad *sads[2];
    struct flight flights[IN_FLIGHT_MAX];
    size_t flight_count;
    struct keys keys[KEYS_MAX];
    size_t key_count;
    base_ns now;
};

static struct net_addr address_of(int end)
{
    return net_addr_from_ip4(end ? NET_IP4(203, 0, 113, 20) : NET_IP4(203, 0, 113, 10));
}

static void keep_keys(struct arena *a, const struct ike_keys_info *info)
{
    if (!info || a->key_count == KEYS_MAX)
        return;
    struct keys *k = &a->keys[a->key_count++];
    k->spi_i = info->spi_i;
    k->spi_r = info->spi_r;
    for (int i = 0; i < 2; i++) {
        const uint8_t *e = i ? info->sk_er : info->sk_ei;
        const uint8_t *n = i ? info->sk_ar : info->sk_ai;
        ike_sk_init(&k->seal[i], fuzz_context(), info->encr, e, info->integ, n, CRYPTO_SEAL);
        ike_sk_init(&k->open[i], fuzz_context(), info->encr, e, info->integ, n, CRYPTO_OPEN);
    }
}

static void send_to(struct arena *a, int to, const struct ike_path *path, const uint8_t *bytes,
                    size_t size)
{
    if (a->flight_count == IN_FLIGHT_MAX)
        return;
    struct flight *f = &a->flights[a->flight_count++];
    *f = (struct flight){.path = *path, .to = to, .size = size, .bytes = base_alloc(size + 1)};
    memcpy(f->bytes, bytes, size);
}

static void drain(struct arena *a, int end)
{
    const struct ike_output *out;
    while ((out = ike_endpoint_poll(a->endpoints[end]))) {
        if (out->kind == IKE_OUTPUT_EVENT) {
            if (out->event.kind == IKE_EVENT_IKE_KEYS)
                keep_keys(a, out->event.keys);
            continue;
        }
        struct ike_path seen = {.local = out->path.remote,
                                .remote = out->path.local,
                                .local_port = out->path.remote_port,
                                .remote_port = out->path.local_port};
        send_to(a, 1 - end, &seen, out->bytes, out->size);
    }
}

static void input(struct arena *a, int to, const struct ike_path *path, const uint8_t *bytes,
                  size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    ike_endpoint_input(a->endpoints[to], a->now, path, exact, size);
    free(exact);
    drain(a, to);
}

static void forget(struct arena *a, size_t index)
{
    free(a->flights[index].bytes);
    a->flight_count--;
    memmove(&a->flights[index], &a->flights[index + 1],
            (a->flight_count - index) * sizeof(a->flights[0]));
}

/* Takes a message off the path, to be freed. */
static struct flight take(struct arena *a, size_t index)
{
    struct flight f = a->flights[index];
    f.bytes = base_alloc(f.size + 1);
    memcpy(f.bytes, a->flights[index].bytes, f.size);
    forget(a, index);
    return f;
}

/* Opens a message, changes octets of its inner chain (or all of it), seals it again. */
static void tamper(struct arena *a, struct flight *f, struct base_reader *r)
{
    static const uint8_t IV[IKE_SK_IV_SIZE_MAX] = {0xfe};
    uint8_t out[DATAGRAM_SIZE_MAX];
    struct ike_message m;
    struct ike_inner inner;
    struct ike_builder b;
    if (ike_message_parse(&m, f->bytes, f->size) != IKE_WIRE_OK)
        return;
    for (size_t i = 0; i < a->key_count; i++) {
        struct keys *k = &a->keys[i];
        bool responder = !ike_header_from_initiator(&m.header);
        if (k->spi_i != m.header.spi_i || k->spi_r != m.header.spi_r ||
            ike_sk_open(&k->open[responder], &m, f->bytes, &inner) != IKE_WIRE_OK)
            continue;
        uint8_t how = base_read_u8(r);
        uint8_t first = inner.first;
        const uint8_t *chain = inner.chain;
        size_t size = inner.size;
        if (how & 0x80) { /* a chain of the input's own */
            first = base_read_u8(r);
            size = base_read_u8(r);
            if (size > base_reader_left(r))
                size = base_reader_left(r);
            chain = base_read_bytes(r, size);
        } else {
            for (int n = how & 3; n >= 0 && size; n--) {
                size_t at = base_read_u16(r) % size;
                inner.chain[at] = base_read_u8(r);
            }
            if (how & 0x40)
                m.header.message_id += base_read_u8(r) - UINT32_C(128);
            if (how & 0x20)
                m.header.exchange = (uint8_t)(IKE_EXCHANGE_IKE_SA_INIT + (base_read_u8(r) & 3));
            if (how & 0x10)
                size -= size ? base_read_u8(r) % size : 0;
        }
        if (!chain)
            return;
        ike_builder_init(&b, out, sizeof(out), &m.header);
        ike_builder_protect(&b, &k->seal[responder]);
        base_write_bytes(&b.writer, chain, size);
        base_write_patch(&b.writer, b.sk_at, first, 1);
        size_t sealed = ike_sk_seal(&k->seal[responder], &b, IV);
        input(a, f->to, &f->path, out, sealed);
        return;
    }
}

static void deliver(struct arena *a, uint8_t how, struct base_reader *r)
{
    if (!a->flight_count)
        return;
    size_t index = how & 0x10 ? a->flight_count - 1 : 0;
    if ((how & 7) == 1) { /* and keep it for later */
        struct flight *f = &a->flights[index];
        struct flight copy = {.path = f->path, .to = f->to, .size = f->size};
        copy.bytes = base_alloc(f->size + 1);
        memcpy(copy.bytes, f->bytes, f->size);
        input(a, copy.to, &copy.path, copy.bytes, copy.size);
        free(copy.bytes);
        return;
    }
    struct flight f = take(a, index);
    if ((how & 7) == 3 && f.size)
        f.bytes[base_read_u16(r) % f.size] ^= (uint8_t)(1 << (base_read_u8(r) & 7));
    else if ((how & 7) == 4 && f.size)
        f.size -= base_read_u16(r) % f.size;
    if ((how & 7) == 5)
        tamper(a, &f, r);
    else if ((how & 7) != 2) /* 2: lost */
        input(a, f.to, &f.path, f.bytes, f.size);
    free(f.bytes);
}

/* A datagram of the input's own, from the peer's address or from anywhere. */
static void inject(struct arena *a, uint8_t how, struct base_reader *r)
{
    int to = how & 1;
    struct ike_path path = {.local = address_of(to),
                            .remote = address_of(1 - to),
                            .local_port = how & 2 ? 4500 : 500,
                            .remote_port = how & 2 ? 4500 : 500};
    if (how & 4)
        path.remote.bytes[3] = base_read_u8(r);
    size_t size = base_read_u8(r);
    if (size > base_reader_left(r))
        size = base_reader_left(r);
    const uint8_t *bytes = base_read_bytes(r, size);
    if (bytes)
        input(a, to, &path, bytes, size);
}

static void pass_time(struct arena *a, uint8_t how)
{
    base_ns deadline =
        base_ns_min(ike_endpoint_deadline(a->endpoints[0]), ike_endpoint_deadline(a->endpoints[1]));
    if (!(how & 0x10))
        a->now += (base_ns)(how & 15) * 100 * BASE_MS;
    else if (deadline != BASE_NEVER && deadline > a->now)
        a->now = deadline;
    for (int i = 0; i < 2; i++) {
        ike_endpoint_expire(a->endpoints[i], a->now);
        drain(a, i);
    }
}

static void command(struct arena *a, uint8_t how)
{
    int end = how & 1;
    struct ike_endpoint *ep = a->endpoints[end];
    switch (how >> 1 & 7) {
    case 0:
        ike_endpoint_initiate(ep, a->now, 0);
        break;
    case 1:
        ike_endpoint_rekey_ike(ep, a->now, 0);
        break;
    case 2:
        ike_endpoint_rekey_child(ep, a->now, 0);
        break;
    case 3:
        ike_endpoint_terminate(ep, a->now, 0, false);
        break;
    case 4:
        ike_endpoint_terminate(ep, a->now, 0, true);
        break;
    default:
        ike_endpoint_initiate(ep, a->now, 0);
        break;
    }
    drain(a, end);
}

static void init_end(struct arena *a, int end, uint8_t how)
{
    static const struct net_prefix LANS[2] = {{{NET_ADDR_IP4, {192, 168, 1, 0}}, 24},
                                              {{NET_ADDR_IP4, {192, 168, 2, 0}}, 24}};
    static const char PSK[] = "a key of at least 32 characters, please";
    struct ike_peer_config c;
    struct ike_endpoint_options options;
    struct base_rng stream;
    ike_endpoint_options_init(&options);
    ike_peer_config_init(&c);
    if (how & 4)
        options.cookie_threshold = 0;
    c.name = "t";
    c.reqid = 1;
    c.local = address_of(end);
    c.remote = address_of(1 - end);
    c.psk = (const uint8_t *)PSK;
    c.psk_size = sizeof(PSK) - 1;
    c.ike = c.esp = (struct ike_algorithms){
        crypto_encr_named(how & 1 ? "AES128" : "AES128-GCM-16"), crypto_integ_named("SHA256"),
        crypto_group_named(how & 2 && end ? "28-ECP256BP" : "19-ECP256")};
    c.negotiation = IKE_NEGOTIATION_MOST_SECURE;
    if (how & 2)
        c.fragment_size = 300;
    c.local_networks = &LANS[end];
    c.remote_networks = &LANS[1 - end];
    c.local_network_count = c.remote_network_count = 1;
    base_rng_init(&stream, 7, end ? "B" : "A");
    a->sads[end] = esp_sad_new();
    a->endpoints[end] = ike_endpoint_new(fuzz_context(), a->sads[end], &stream, &options);
    int peer = ike_endpoint_add_peer(a->endpoints[end], 0, &c);
    assert(peer == 0);
}

static void fini(struct arena *a)
{
    while (a->flight_count)
        forget(a, 0);
    for (int i = 0; i < 2; i++) {
        ike_endpoint_free(a->endpoints[i]);
        esp_sad_free(a->sads[i]);
    }
    for (size_t k = 0; k < a->key_count; k++) {
        for (int i = 0; i < 2; i++) {
            ike_sk_fini(&a->keys[k].seal[i]);
            ike_sk_fini(&a->keys[k].open[i]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_reader r = base_reader_of(data, size);
    struct arena a = {.now = 0};
    uint8_t setup = base_read_u8(&r);
    init_end(&a, 0, setup);
    init_end(&a, 1, setup);
    command(&a, 0);
    for (int i = 0; i < OPERATIONS_MAX && base_reader_left(&r); i++) {
        uint8_t op = base_read_u8(&r);
        if (op < 0x80)
            deliver(&a, op, &r);
        else if (op < 0xa0)
            pass_time(&a, op & 0x1f);
        else if (op < 0xc0)
            command(&a, op & 0x1f);
        else
            inject(&a, op & 0x1f, &r);
    }
    fini(&a);
    return 0;
}
