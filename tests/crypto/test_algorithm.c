/* The tables of algorithms: what is in them, their order, and the look-ups. */
#include "tests/test.h"

#include "ipsec/crypto/algorithm.h"

/* IANA's IKEv2 transform identifiers, the product's names and strongSwan's keywords, side by side. */
static const struct {
    uint16_t id;
    uint16_t key_bits;
    const char *product_name, *name, *proposal_name;
    unsigned material, iv, block, icv;
} ENCRYPTIONS[] = {
    {20, 256, "AES256-GCM-16", "aes256gcm16", "AES_GCM_16_256", 36, 8, 1, 16},
    {19, 256, "AES256-GCM-12", "aes256gcm12", "AES_GCM_12_256", 36, 8, 1, 12},
    {15, 256, "AES256-CCM-12", "aes256ccm12", "AES_CCM_12_256", 35, 8, 1, 12},
    {12, 256, "AES256", "aes256", "AES_CBC_256", 32, 16, 16, 0},
    {13, 256, "AES256-CTR", "aes256ctr", "AES_CTR_256", 36, 8, 1, 0},
    {20, 128, "AES128-GCM-16", "aes128gcm16", "AES_GCM_16_128", 20, 8, 1, 16},
    {19, 128, "AES128-GCM-12", "aes128gcm12", "AES_GCM_12_128", 20, 8, 1, 12},
    {15, 128, "AES128-CCM-12", "aes128ccm12", "AES_CCM_12_128", 19, 8, 1, 12},
    {12, 128, "AES128", "aes128", "AES_CBC_128", 16, 16, 16, 0},
    {13, 128, "AES128-CTR", "aes128ctr", "AES_CTR_128", 20, 8, 1, 0},
};

static void test_encryption(void **state)
{
    (void)state;
    size_t count = sizeof(ENCRYPTIONS) / sizeof(ENCRYPTIONS[0]);
    for (size_t i = 0; i < count; i++) {
        const struct crypto_encr *e = crypto_encr_at(i);
        assert_non_null(e);
        assert_int_equal(e->id, ENCRYPTIONS[i].id);
        assert_int_equal(e->key_bits, ENCRYPTIONS[i].key_bits);
        assert_string_equal(e->product_name, ENCRYPTIONS[i].product_name);
        assert_string_equal(e->name, ENCRYPTIONS[i].name);
        assert_string_equal(e->proposal_name, ENCRYPTIONS[i].proposal_name);
        assert_int_equal(crypto_encr_material_size(e), ENCRYPTIONS[i].material);
        assert_int_equal(e->iv_size, ENCRYPTIONS[i].iv);
        assert_int_equal(e->block_size, ENCRYPTIONS[i].block);
        assert_int_equal(e->icv_size, ENCRYPTIONS[i].icv);
        assert_int_equal(e->aead, ENCRYPTIONS[i].icv > 0);
        assert_int_equal(e->aead, e->wireshark_esp_auth != NULL);
        assert_non_null(e->wireshark_esp);
        assert_non_null(e->wireshark_ike);
        assert_ptr_equal(crypto_encr_find(e->id, e->key_bits), e);
        assert_ptr_equal(crypto_encr_named(e->product_name), e);
        assert_ptr_equal(crypto_encr_named(e->name), e);
    }
    assert_null(crypto_encr_at(count));
    assert_null(crypto_encr_find(12, 192));
    assert_null(crypto_encr_find(12, 0));
    assert_null(crypto_encr_find(3, 128));
    assert_null(crypto_encr_named("AES192"));
    assert_null(crypto_encr_named(""));
    assert_ptr_equal(crypto_encr_named("aes128-ctr"), crypto_encr_find(13, 128));
}

static void test_integrity_and_its_prf(void **state)
{
    (void)state;
    static const struct {
        uint16_t integ_id, prf_id;
        const char *product_name, *integ_proposal, *prf_proposal;
        unsigned key, icv, prf_size, nonce_prefix;
    } CASES[] = {
        {14, 7, "SHA512", "HMAC_SHA2_512_256", "PRF_HMAC_SHA2_512", 64, 32, 64, 0},
        {13, 6, "SHA384", "HMAC_SHA2_384_192", "PRF_HMAC_SHA2_384", 48, 24, 48, 0},
        {12, 5, "SHA256", "HMAC_SHA2_256_128", "PRF_HMAC_SHA2_256", 32, 16, 32, 0},
        {5, 4, "AES-XCBC", "AES_XCBC_96", "PRF_AES128_XCBC", 16, 12, 16, 8},
    };
    size_t count = sizeof(CASES) / sizeof(CASES[0]);
    for (size_t i = 0; i < count; i++) {
        const struct crypto_integ *integ = crypto_integ_at(i);
        const struct crypto_prf *prf = crypto_prf_at(i);
        assert_ptr_equal(crypto_integ_find(CASES[i].integ_id), integ);
        assert_ptr_equal(crypto_prf_find(CASES[i].prf_id), prf);
        assert_ptr_equal(crypto_integ_named(CASES[i].product_name), integ);
        assert_ptr_equal(crypto_prf_named(CASES[i].product_name), prf);
        assert_ptr_equal(crypto_prf_of_integ(integ), prf);
        assert_string_equal(integ->proposal_name, CASES[i].integ_proposal);
        assert_string_equal(prf->proposal_name, CASES[i].prf_proposal);
        assert_int_equal(integ->key_size, CASES[i].key);
        assert_int_equal(integ->icv_size, CASES[i].icv);
        assert_int_equal(prf->output_size, CASES[i].prf_size);
        assert_int_equal(prf->key_size, CASES[i].prf_size);
        assert_int_equal(prf->nonce_prefix_size, CASES[i].nonce_prefix);
    }
    assert_null(crypto_integ_at(count));
    assert_null(crypto_prf_at(count));
    assert_null(crypto_integ_find(2));
    assert_null(crypto_prf_find(2));
    assert_null(crypto_integ_named("SHA1"));
    assert_null(crypto_prf_named("SHA1"));
}

static void test_groups(void **state)
{
    (void)state;
    static const struct {
        uint16_t id;
        const char *product_name, *name, *proposal_name;
        unsigned public_size, shared_size;
    } CASES[] = {
        {21, "21-ECP521", "ecp521", "ECP_521", 132, 66},
        {30, "30-ECP512BP", "ecp512bp", "ECP_512_BP", 128, 64},
        {20, "20-ECP384", "ecp384", "ECP_384", 96, 48},
        {29, "29-ECP384BP", "ecp384bp", "ECP_384_BP", 96, 48},
        {16, "16-MODP4096", "modp4096", "MODP_4096", 512, 512},
        {15, "15-MODP3072", "modp3072", "MODP_3072", 384, 384},
        {19, "19-ECP256", "ecp256", "ECP_256", 64, 32},
        {28, "28-ECP256BP", "ecp256bp", "ECP_256_BP", 64, 32},
    };
    size_t count = sizeof(CASES) / sizeof(CASES[0]);
    unsigned strength = 1000;
    for (size_t i = 0; i < count; i++) {
        const struct crypto_group *group = crypto_group_at(i);
        assert_ptr_equal(crypto_group_find(CASES[i].id), group);
        assert_ptr_equal(crypto_group_named(CASES[i].product_name), group);
        assert_ptr_equal(crypto_group_named(CASES[i].name), group);
        assert_string_equal(group->proposal_name, CASES[i].proposal_name);
        assert_int_equal(group->public_size, CASES[i].public_size);
        assert_int_equal(group->shared_size, CASES[i].shared_size);
        assert_int_equal(group->elliptic, group->public_size != group->shared_size);
        assert_true(group->strength_bits <= strength);
        strength = group->strength_bits;
    }
    assert_null(crypto_group_at(count));
    assert_null(crypto_group_find(14));
    assert_null(crypto_group_named("modp2048"));
}

static void test_limits_hold_for_every_entry(void **state)
{
    (void)state;
    for (size_t i = 0; crypto_encr_at(i); i++) {
        assert_true(crypto_encr_material_size(crypto_encr_at(i)) <= CRYPTO_KEY_SIZE_MAX);
        assert_true(crypto_encr_at(i)->iv_size <= CRYPTO_IV_SIZE_MAX);
        assert_true(crypto_encr_at(i)->icv_size <= CRYPTO_ICV_SIZE_MAX);
    }
    for (size_t i = 0; crypto_integ_at(i); i++) {
        assert_true(crypto_integ_at(i)->key_size <= CRYPTO_INTEG_KEY_SIZE_MAX);
        assert_true(crypto_integ_at(i)->icv_size <= CRYPTO_ICV_SIZE_MAX);
    }
    for (size_t i = 0; crypto_prf_at(i); i++)
        assert_true(crypto_prf_at(i)->output_size <= CRYPTO_PRF_SIZE_MAX);
    for (size_t i = 0; crypto_group_at(i); i++) {
        assert_true(crypto_group_at(i)->public_size <= CRYPTO_PUBLIC_SIZE_MAX);
        assert_true(crypto_group_at(i)->shared_size <= CRYPTO_SHARED_SIZE_MAX);
    }
}

static void test_wireshark_esp_keys(void **state)
{
    (void)state;
    uint8_t material[CRYPTO_KEY_SIZE_MAX], out[CRYPTO_KEY_SIZE_MAX];
    for (size_t i = 0; i < sizeof(material); i++)
        material[i] = (uint8_t)(i + 1);
    assert_int_equal(crypto_encr_wireshark_esp_key(crypto_encr_named("AES128-CTR"), material, out),
                     20);
    assert_memory_equal(out, material, 20);
    assert_int_equal(crypto_encr_wireshark_esp_key(crypto_encr_named("AES256"), material, out), 32);
    assert_memory_equal(out, material, 32);
    memset(out, 0xa5, sizeof(out));
    assert_int_equal(
        crypto_encr_wireshark_esp_key(crypto_encr_named("AES128-CCM-12"), material, out), 20);
    assert_memory_equal(out, material, 16);
    assert_int_equal(out[16], 3);
    assert_memory_equal(out + 17, material + 16, 3);
    assert_int_equal(out[20], 0xa5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encryption), cmocka_unit_test(test_integrity_and_its_prf),
        cmocka_unit_test(test_groups), cmocka_unit_test(test_limits_hold_for_every_entry),
        cmocka_unit_test(test_wireshark_esp_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
