/* What conf.h writes, against files that were read by swanctl 5.9.8 (test_charon does it each time). */
#include "tests/test.h"

#include <stdlib.h>

#include "ipsec/crypto/algorithm.h"
#include "strongswan/conf.h"
#include "tests/strongswan/setting.h"

/* TB_WRITE=1 writes the files anew. */
static void equals_file(const struct swan_tree *tree, const char *path)
{
    char *text = swan_tree_write(tree);
    if (getenv("TB_WRITE")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        fputs(text, out);
        fclose(out);
    }
    static char wanted[65536];
    FILE *in = fopen(path, "r");
    if (!in)
        fail_msg("%s is not there", path);
    size_t size = fread(wanted, 1, sizeof(wanted) - 1, in);
    fclose(in);
    wanted[size] = 0;
    assert_string_equal(text, wanted);
    free(text);
}

static void tutorial(void **state)
{
    struct setting setting;
    struct swan_tree tree;
    (void)state;
    setting_init(&setting);
    swan_gateway_conf(&setting.gateways[0], SWAN_DATA_XFRM, &tree);
    equals_file(&tree, "tests/strongswan/data/tutorial.swanctl.conf");
    swan_tree_fini(&tree);
    struct swan_daemon_options options = {.plane = SWAN_DATA_LIBIPSEC,
                                          .socket = "/run/charon.vici"};
    swan_daemon_conf(&setting.gateways[0].behaviour, &options, &tree);
    equals_file(&tree, "tests/strongswan/data/tutorial.strongswan.conf");
    swan_tree_fini(&tree);
}

static void every_key(void **state)
{
    struct setting setting;
    struct swan_tree tree;
    (void)state;
    setting_init(&setting);
    struct topo_behaviour *behaviour = &setting.gateways[0].behaviour;
    *behaviour = TOPO_BEHAVIOUR_DEFAULT;
    behaviour->esn = true;
    behaviour->mobike = behaviour->ike_fragmentation = false;
    behaviour->force_udp_encapsulation = behaviour->bypass_lan = true;
    behaviour->dpd_delay_ns = 0;
    behaviour->replay_window_packets = 0;
    behaviour->rekey_margin_ns = 3600 * BASE_S; /* as long as ESP's lifetime */
    behaviour->retransmit_timeout_ns = 500 * BASE_MS;
    setting.tunnels[0].ike.encryption = crypto_encr_named("aes256gcm12");
    setting.tunnels[0].ike.integrity = crypto_integ_named("aesxcbc");
    setting.tunnels[0].ike.group = crypto_group_named("ecp512bp");
    setting.tunnels[0].esp.encryption = crypto_encr_named("aes128ccm12");
    setting.tunnels[0].local_id = "berlin@example.org";
    setting.tunnels[0].remote_id = "CN=a, O=b";
    setting.tunnels[0].name = "to London, \"the\" tunnel";
    setting.tunnels[0].psk = "quotes \" and \\ and # and { } and \xc3\xa4, 32";
    swan_gateway_conf(&setting.gateways[0], SWAN_DATA_XFRM, &tree);
    equals_file(&tree, "tests/strongswan/data/every-key.swanctl.conf");
    swan_tree_fini(&tree);
    struct swan_daemon_options options = {.plane = SWAN_DATA_XFRM,
                                          .socket = "/run/charon.vici",
                                          .threads = 64,
                                          .cookie_threshold = 1,
                                          .fragment_size = 600,
                                          .log_keys = true};
    swan_daemon_conf(behaviour, &options, &tree);
    equals_file(&tree, "tests/strongswan/data/every-key.strongswan.conf");
    swan_tree_fini(&tree);
}

static void names_of_connections(void **state)
{
    static const struct {
        const char *tunnel, *connection;
    } cases[] = {
        {"lhr-tunnel", "lhr-tunnel"},
        {"lhr tunnel", "lhr_tunnel_1"},
        {"a.b", "a_b_1"},
        {"", "_1"},
        {"\xc3\xbc", "___1"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_1"},
    };
    struct setting setting;
    char name[SWAN_NAME_SIZE];
    (void)state;
    setting_init(&setting);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(name, 0xa5, sizeof(name));
        setting.tunnels[0].name = cases[i].tunnel;
        assert_string_equal(swan_connection_name(&setting.gateways[0], 0, name),
                            cases[i].connection);
    }
}

static void secrets_that_are_no_text(void **state)
{
    static const struct {
        const char *psk, *written;
    } cases[] = {
        {"plain", "secret = \"plain\"\n"},
        {"0xabcdef", "secret = 0x3078616263646566\n"},
        {"0sYWJj", "secret = 0x307359574a6a\n"},
        {"a\nb", "secret = 0x610a62\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct swan_tree tree;
        swan_tree_init(&tree);
        swan_tree_bytes(&tree, &tree.root, "secret", cases[i].psk, strlen(cases[i].psk));
        char *text = swan_tree_write(&tree);
        assert_string_equal(text, cases[i].written);
        free(text);
        swan_tree_fini(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tutorial),
        cmocka_unit_test(every_key),
        cmocka_unit_test(names_of_connections),
        cmocka_unit_test(secrets_that_are_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
