/* `list-sas` as charon 5.9.8 answered. */
#include "tests/test.h"

#include "ipsec/crypto/algorithm.h"
#include "strongswan/sas.h"

static void fill(struct swan_tree *tree, struct swan_element *section, const char *const *pairs)
{
    for (size_t i = 0; pairs[i]; i += 2)
        swan_tree_value(tree, section, pairs[i], "%s", pairs[i + 1]);
}

static const char *const ike_pairs[] = {"uniqueid",
                                        "1",
                                        "version",
                                        "2",
                                        "state",
                                        "ESTABLISHED",
                                        "local-host",
                                        "203.0.113.10",
                                        "local-port",
                                        "4500",
                                        "remote-host",
                                        "203.0.113.20",
                                        "remote-port",
                                        "4500",
                                        "initiator",
                                        "yes",
                                        "initiator-spi",
                                        "7322881c9f2e1bd7",
                                        "responder-spi",
                                        "d250cd66d3b758de",
                                        "nat-remote",
                                        "yes",
                                        "encr-alg",
                                        "AES_CTR",
                                        "encr-keysize",
                                        "128",
                                        "integ-alg",
                                        "HMAC_SHA2_256_128",
                                        "prf-alg",
                                        "PRF_HMAC_SHA2_256",
                                        "dh-group",
                                        "MODP_3072",
                                        NULL};

static const char *const child_pairs[] = {
    "name",         "t",         "uniqueid", "2",          "reqid",    "1",
    "state",        "INSTALLED", "mode",     "TUNNEL",     "encap",    "yes",
    "spi-in",       "6975b834",  "spi-out",  "50b23b8b",   "encr-alg", "AES_GCM_16",
    "encr-keysize", "256",       "dh-group", "ECP_256_BP", "bytes-in", "168",
    "packets-in",   "2",         NULL};

static void as_answered(void **state)
{
    struct swan_tree tree;
    struct swan_ike ike;
    struct swan_child child;
    char text[IKE_TS_TEXT_MAX];
    (void)state;
    swan_tree_init(&tree);
    struct swan_element *section = swan_tree_section(&tree, &tree.root, "t");
    fill(&tree, section, ike_pairs);
    memset(&ike, 0xa5, sizeof(ike));
    swan_ike_read(section, &ike);
    assert_true(ike.established && ike.initiator && ike.nat_remote && !ike.nat_local);
    assert_true(ike.keys.spi_i == 0x7322881c9f2e1bd7 && ike.keys.spi_r == 0xd250cd66d3b758de);
    assert_ptr_equal(ike.keys.encr, crypto_encr_named("aes128ctr"));
    assert_ptr_equal(ike.keys.prf, crypto_prf_named("prfsha256"));
    assert_int_equal(ike.path.remote_port, 4500);

    struct swan_element *inner = swan_tree_section(&tree, section, "t-2");
    fill(&tree, inner, child_pairs);
    struct swan_element *list = swan_tree_list(&tree, inner, "local-ts");
    swan_tree_item(&tree, list, "192.168.1.0/24");
    swan_tree_item(&tree, list, "10.0.0.1/32[icmp/8]");
    memset(&child, 0xa5, sizeof(child));
    swan_child_read(inner, &ike, &child);
    assert_true(child.installed && child.info.udp_encapsulation && !child.info.esn);
    assert_int_equal(child.info.spi_in, 0x6975b834);
    assert_ptr_equal(child.info.encr, crypto_encr_named("aes256gcm16"));
    assert_null(child.info.integ);
    assert_ptr_equal(child.info.group, crypto_group_named("ecp256bp"));
    assert_int_equal(child.info.local_ts_count, 2);
    assert_string_equal(ike_ts_format(&child.info.local_ts[1], text), "10.0.0.1/32");
    assert_int_equal(child.info.remote_ts_count, 0);
    assert_int_equal(child.packets_in, 2);
    swan_tree_fini(&tree);
}

static void nothing_known(void **state)
{
    struct swan_tree tree;
    struct swan_ike ike;
    struct swan_child child;
    (void)state;
    swan_tree_init(&tree);
    swan_tree_value(&tree, &tree.root, "state", "ESTABLISHED");
    swan_tree_value(&tree, &tree.root, "encr-alg", "CHACHA20_POLY1305");
    swan_ike_read(&tree.root, &ike);
    assert_false(ike.established); /* without addresses */
    assert_null(ike.keys.encr);
    swan_child_read(&tree.root, &ike, &child);
    assert_null(child.info.encr);
    swan_tree_fini(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_answered),
        cmocka_unit_test(nothing_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
