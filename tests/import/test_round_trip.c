/* What is imported and read again is what the answers said: every property, and names that YAML
 * could take for something else. */
#include "tests/test.h"

#include "import/import.h"
#include "ipsec/crypto/algorithm.h"
#include "scenarios/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char GATEWAY[] =
    "{\"id\": \"g1\", \"type\": \"ipsecgateway\", \"properties\": {\"name\": \"%s\", "
    "\"description\": \"%s\", \"gatewayIP\": \"203.0.113.10\", \"connections\": "
    "[{\"datacenterId\": "
    "\"d\", \"lanId\": \"7\", \"ipv4CIDR\": \"10.1.2.3/22\"}, {\"datacenterId\": \"d\", \"lanId\": "
    "\"8\", \"ipv4CIDR\": \"10.9.0.2/30\"}], \"tier\": \"PREMIUM_HA\", \"maintenanceWindow\": "
    "{\"dayOfTheWeek\": \"Friday\", \"time\": \"23:59:58\"}}}";

static const char TUNNEL[] =
    "{\"id\": \"t1\", \"type\": \"ipsectunnel\", \"href\": "
    "\"https://x/ipsecgateways/g1/tunnels/t1\", "
    "\"properties\": {\"name\": \"%s\", \"description\": \"%s\", \"remoteHost\": \"203.0.113.20\", "
    "\"auth\": {\"method\": \"PSK\", \"psk\": {\"key\": \"%s0123456789abcdef0123456789abcdef\"}}, "
    "\"ike\": {\"diffieHellmanGroup\": \"21-ECP521\", \"encryptionAlgorithm\": \"AES256-GCM-16\", "
    "\"integrityAlgorithm\": \"AES-XCBC\", \"lifetime\": 4000}, \"esp\": {}, "
    "\"cloudNetworkCIDRs\": "
    "[\"10.1.0.1/22\", \"::/0\"], \"peerNetworkCIDRs\": [\"0.0.0.0/0\"]}}";

/* The text as JSON has it, and what it stands for. */
static const struct {
    const char *json, *text;
} NAMES[] = {
    {"plain", "plain"},
    {"yes", "yes"},
    {"NULL", "NULL"},
    {"~", "~"},
    {"1e3", "1e3"},
    {"0x1F", "0x1F"},
    {"2001-12-14", "2001-12-14"},
    {"12:30:00", "12:30:00"},
    {"10.0.0.1", "10.0.0.1"},
    {"a: b # c", "a: b # c"},
    {"- [x, {y}]", "- [x, {y}]"},
    {"&a *b !c |d >e %f @g `h", "&a *b !c |d >e %f @g `h"},
    {"quote \\\" back \\\\ slash \\/", "quote \" back \\ slash /"},
    {"'single'", "'single'"},
    {" blanks ", " blanks "},
    {"Zürich – 東京", "Zürich – 東京"},
    {"\\u00fc \\ud83d\\ude00 \\\\ud83d", "\xc3\xbc \xf0\x9f\x98\x80 \\ud83d"},
    {"next\\u0085line\\u2028sep\\ufeff", "next\xc2\x85line\xe2\x80\xa8sep\xef\xbb\xbf"},
    {"<<", "<<"},
    {"---", "---"},
    {"...", "..."},
};

static char *import(const char *json, struct base_diagnostics *problems)
{
    const struct import_source source = {"answers.json", json, strlen(json)};
    const struct import_options options = {0};
    size_t missing;
    return import_scenario(&source, 1, &options, problems, &missing);
}

static void show(const struct base_diagnostics *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        char *text = base_diagnostic_format(&problems->items[i]);
        print_error("%s\n", text);
        free(text);
    }
}

static void compare(const struct scn_scenario *scenario, const char *name)
{
    const struct topo_gateway *gateway = &scenario->model.vdcs[0].gateway;
    const struct topo_tunnel *tunnel = &gateway->tunnels[0];
    char psk[256];
    snprintf(psk, sizeof(psk), "%s0123456789abcdef0123456789abcdef", name);
    assert_string_equal(gateway->name, name);
    assert_string_equal(gateway->description, name);
    assert_int_equal(net_addr_ip4(&gateway->public_ip), NET_IP4(203, 0, 113, 10));
    assert_int_equal(gateway->connection_count, 2);
    assert_int_equal(gateway->connections[0].lan, 7);
    assert_int_equal(net_addr_ip4(&gateway->connections[0].ipv4.addr), NET_IP4(10, 1, 2, 3));
    assert_int_equal(gateway->connections[0].ipv4.length, 22);
    assert_int_equal(gateway->tier, TOPO_TIER_PREMIUM_HA);
    assert_true(gateway->maintenance.set);
    assert_int_equal(gateway->maintenance.day, 5);
    assert_int_equal(gateway->maintenance.second, 58);
    assert_int_equal(gateway->tunnel_count, 1);
    assert_string_equal(tunnel->name, name);
    assert_string_equal(tunnel->description, name);
    assert_string_equal(tunnel->psk, psk);
    assert_string_equal(tunnel->ike.group->product_name, "21-ECP521");
    assert_string_equal(tunnel->ike.encryption->product_name, "AES256-GCM-16");
    assert_string_equal(tunnel->ike.integrity->product_name, "AES-XCBC");
    assert_int_equal(tunnel->ike.lifetime_s, 4000);
    assert_int_equal(tunnel->esp.lifetime_s, TOPO_ESP_LIFETIME_DEFAULT_S);
    assert_int_equal(tunnel->cloud_count, 2);
    assert_int_equal(tunnel->cloud[0].prefix.length, 22);
    assert_int_equal(tunnel->cloud[1].prefix.addr.family, NET_ADDR_IP6);
    assert_int_equal(tunnel->peer[0].prefix.length, 0);
}

/* The LANs are those of the gateway's addresses; hosts have addresses in them. */
static void check_stubs(const struct topo_vdc *vdc)
{
    assert_int_equal(vdc->lan_count, 2);
    assert_int_equal(net_addr_ip4(&vdc->lans[0].subnet.addr), NET_IP4(10, 1, 0, 0));
    assert_int_equal(vdc->host_count, 3); /* a /30 has room for one */
    for (size_t i = 0; i < vdc->host_count; i++)
        assert_true(net_prefix_contains(&topo_find_lan(vdc, vdc->hosts[i].lan)->subnet,
                                        &vdc->hosts[i].address));
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        const char *json = NAMES[i].json;
        char gateway[2048], tunnel[2048], all[4200];
        struct base_diagnostics problems;
        base_diagnostics_init(&problems);
        snprintf(gateway, sizeof(gateway), GATEWAY, json, json);
        snprintf(tunnel, sizeof(tunnel), TUNNEL, json, json, json);
        snprintf(all, sizeof(all), "[%s,\n%s]", tunnel, gateway);
        char *text = import(all, &problems);
        if (!text)
            show(&problems);
        assert_non_null(text);
        struct scn_scenario *scenario =
            scn_read_text("back.yaml", text, strlen(text), NULL, &problems);
        if (!scenario)
            show(&problems);
        assert_non_null(scenario);
        compare(scenario, NAMES[i].text);
        check_stubs(&scenario->model.vdcs[0]);
        scn_scenario_free(scenario);
        free(text);
        base_diagnostics_fini(&problems);
    }
}

/* Every truncation of answers is refused at a place, and none of them writes anything. */
static void test_truncations(void **state)
{
    char gateway[2048], cut[2048];
    (void)state;
    snprintf(gateway, sizeof(gateway), GATEWAY, "a", "b");
    for (size_t size = 0; size < strlen(gateway); size++) {
        struct base_diagnostics problems;
        base_diagnostics_init(&problems);
        memcpy(cut, gateway, size);
        cut[size] = '\0';
        assert_null(import(cut, &problems));
        assert_true(problems.error_count > 0);
        assert_string_equal(problems.items[0].code, "not-json");
        assert_int_equal(problems.items[0].where.line, 1);
        base_diagnostics_fini(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_truncations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
