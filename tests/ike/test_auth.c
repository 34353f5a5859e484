/*
 * The AUTH payloads that two endpoints really send, computed again by Python's hmac from the messages and keys
 * that they are made of (auth.py): three PRFs, both ends.
 */
#include "ipsec/crypto/algorithm.h"
#include "ipsec/ike/engine.h"
#include "ipsec/ike/handshake.h"
#include "ipsec/ike/payload.h"
#include "tests/ike/lab.h"
#include "tests/test.h"

struct capture {
    struct lab *lab;
    FILE *judge;
    const char *hash;
};

static void put(FILE *file, const uint8_t *bytes, size_t size)
{
    fputc(' ', file);
    for (size_t i = 0; i < size; i++)
        fprintf(file, "%02x", bytes[i]);
}

/* Called when an IKE_AUTH leaves: the other end's SA still has the handshake, and can open it. */
static void on_send(void *context, base_ns at, const struct ike_path *path, bool marker,
                    const uint8_t *bytes, size_t size)
{
    struct capture *c = context;
    uint8_t copy[1024];
    struct ike_message m;
    struct ike_inner inner;
    (void)at;
    (void)path;
    (void)marker;
    if (bytes[18] != IKE_EXCHANGE_IKE_AUTH)
        return;
    bool response = bytes[19] & IKE_FLAG_RESPONSE;
    /* The initiator has its handshake until the response arrives; the responder's is gone by then. */
    struct ike_sa *a = lab_ep(c->lab, LAB_A)->sas;
    struct ike_sa *opener = response ? a : lab_ep(c->lab, LAB_B)->sas;
    const struct ike_handshake *h = a->handshake;
    memcpy(copy, bytes, size);
    assert_int_equal(ike_message_parse(&m, copy, size), IKE_WIRE_OK);
    assert_int_equal(ike_sk_open(&opener->open, &m, copy, &inner), IKE_WIRE_OK);
    assert_int_equal(ike_message_parse_inner(&m, inner.first, inner.chain, inner.size),
                     IKE_WIRE_OK);
    const struct ike_payload *id =
        ike_message_find(&m, response ? IKE_PAYLOAD_IDR : IKE_PAYLOAD_IDI);
    struct ike_auth_payload auth;
    assert_int_equal(ike_auth_read(&auth, ike_message_find(&m, IKE_PAYLOAD_AUTH)), IKE_WIRE_OK);
    assert_int_equal(auth.method, IKE_AUTH_PSK);
    fputs(c->hash, c->judge);
    put(c->judge, (const uint8_t *)"a key of at least 32 characters, please", 39);
    if (response) {
        put(c->judge, h->peer_message, h->peer_message_size);
        put(c->judge, h->nonce, sizeof(h->nonce));
        put(c->judge, a->keys.sk_pr, a->keys.suite.prf->key_size);
    } else {
        put(c->judge, h->own_message, h->own_message_size);
        put(c->judge, h->peer_nonce, h->peer_nonce_size);
        put(c->judge, a->keys.sk_pi, a->keys.suite.prf->key_size);
    }
    put(c->judge, id->body, id->size);
    put(c->judge, auth.data, auth.size);
    fputc('\n', c->judge);
}

static void by_another_implementation(void **state)
{
    (void)state;
    static const char *const hashes[][2] = {
        {"SHA256", "sha256"}, {"SHA384", "sha384"}, {"SHA512", "sha512"}};
    FILE *judge = popen("python3 tests/ike/auth.py", "w");
    assert_non_null(judge);
    for (size_t i = 0; i < 3; i++) {
        struct lab_setup setup;
        lab_defaults(&setup);
        for (int p = 0; p < 2; p++)
            setup.peer[p].ike.integ = crypto_integ_named(hashes[i][0]);
        struct lab *lab = lab_new(&setup);
        struct capture capture = {lab, judge, hashes[i][1]};
        lab->record = on_send;
        lab->record_context = &capture;
        lab_up(lab, LAB_A);
        lab_free(lab);
    }
    assert_int_equal(pclose(judge), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_another_implementation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
