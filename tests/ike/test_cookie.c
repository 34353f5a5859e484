/*
 * Cookies and NAT detection: RFC 7296 2.6, 2.23. (A published NAT detection hash is tried in
 * test_sk.c.)
 */
#include "tests/test.h"

#include "base/bytes.h"
#include "ipsec/crypto/hash.h"
#include "ipsec/ike/cookie.h"
#include "ipsec/ike/natd.h"
#include "tests/crypto/with_context.h"

static const uint8_t NONCE[20] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                  11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
static const uint8_t SECRETS[3][IKE_COOKIE_SECRET_SIZE] = {{1}, {2}, {3}};

static struct ike_cookie_input input_of(const struct net_addr *addr)
{
    return (struct ike_cookie_input){
        .nonce = NONCE, .nonce_size = sizeof(NONCE), .addr = addr, .spi_i = 0x0102030405060708};
}

static void what_it_is_made_of(void **state)
{
    (void)state;
    uint8_t cookie[IKE_COOKIE_SIZE];
    uint8_t expected[CRYPTO_SHA256_SIZE];
    struct ike_cookie_secrets secrets;
    struct net_addr addr = net_addr_from_ip4(NET_IP4(203, 0, 113, 10));
    struct ike_cookie_input input = input_of(&addr);
    const struct crypto_slice parts[] = {{NONCE, sizeof(NONCE)},
                                         {"\xcb\x00\x71\x0a", 4},
                                         {"\1\2\3\4\5\6\7\x8", 8},
                                         {SECRETS[0], IKE_COOKIE_SECRET_SIZE}};
    ike_cookie_secrets_init(&secrets, SECRETS[0]);
    ike_cookie_make(context, &secrets, &input, cookie);
    crypto_sha256(context, parts, 4, expected);
    assert_int_equal(cookie[0], 0);
    assert_memory_equal(cookie + 1, expected, sizeof(expected));
}

static void bound_to_the_request(void **state)
{
    (void)state;
    uint8_t cookie[IKE_COOKIE_SIZE];
    struct ike_cookie_secrets secrets;
    struct net_addr addr = net_addr_from_ip4(NET_IP4(203, 0, 113, 10));
    struct net_addr other = net_addr_from_ip4(NET_IP4(203, 0, 113, 11));
    struct ike_cookie_input input = input_of(&addr);
    ike_cookie_secrets_init(&secrets, SECRETS[0]);
    ike_cookie_make(context, &secrets, &input, cookie);
    assert_true(ike_cookie_check(context, &secrets, &input, cookie, sizeof(cookie)));
    struct ike_cookie_input changed = input;
    changed.addr = &other;
    assert_false(ike_cookie_check(context, &secrets, &changed, cookie, sizeof(cookie)));
    changed = input;
    changed.spi_i++;
    assert_false(ike_cookie_check(context, &secrets, &changed, cookie, sizeof(cookie)));
    changed = input;
    changed.nonce_size--;
    assert_false(ike_cookie_check(context, &secrets, &changed, cookie, sizeof(cookie)));
    for (size_t size = 0; size < sizeof(cookie); size++)
        assert_false(ike_cookie_check(context, &secrets, &input, cookie, size));
    for (size_t bit = 0; bit < 8 * sizeof(cookie); bit++) {
        cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ike_cookie_check(context, &secrets, &input, cookie, sizeof(cookie)));
        cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* A cookie outlives one change of the secret, not two; also where the version wraps around. */
static void rotation(void **state)
{
    (void)state;
    struct ike_cookie_secrets secrets;
    struct net_addr addr = net_addr_from_ip4(NET_IP4(203, 0, 113, 10));
    struct ike_cookie_input input = input_of(&addr);
    ike_cookie_secrets_init(&secrets, SECRETS[0]);
    for (unsigned i = 0; i < 300; i++) {
        uint8_t cookie[IKE_COOKIE_SIZE];
        ike_cookie_make(context, &secrets, &input, cookie);
        assert_int_equal(cookie[0], i & 0xff);
        assert_true(ike_cookie_check(context, &secrets, &input, cookie, sizeof(cookie)));
        ike_cookie_secrets_rotate(&secrets, SECRETS[(i + 1) % 3]);
        assert_true(ike_cookie_check(context, &secrets, &input, cookie, sizeof(cookie)));
        struct ike_cookie_secrets later = secrets;
        ike_cookie_secrets_rotate(&later, SECRETS[(i + 2) % 3]);
        assert_false(ike_cookie_check(context, &later, &input, cookie, sizeof(cookie)));
    }
}

static void natd_of_ipv6(void **state)
{
    (void)state;
    uint8_t hash[IKE_NATD_SIZE];
    uint8_t expected[IKE_NATD_SIZE];
    uint8_t bytes[8 + 8 + 16 + 2];
    struct net_addr addr;
    assert_true(net_addr_parse("2001:db8::1", &addr));
    struct base_writer w = base_writer_of(bytes, sizeof(bytes));
    base_write_u64(&w, 1);
    base_write_u64(&w, 2);
    base_write_bytes(&w, addr.bytes, 16);
    base_write_u16(&w, 4500);
    crypto_sha1(context, &(struct crypto_slice){bytes, sizeof(bytes)}, 1, expected);
    ike_natd_hash(context, 1, 2, &addr, 4500, hash);
    assert_memory_equal(hash, expected, sizeof(hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_is_made_of),
        cmocka_unit_test(bound_to_the_request),
        cmocka_unit_test(rotation),
        cmocka_unit_test(natd_of_ipv6),
    };
    return cmocka_run_group_tests(tests, with_context_set_up, with_context_tear_down);
}
