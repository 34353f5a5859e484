/* Settings and mechanisms of scenarios as they stand in the catalog. */
#include "tests/test.h"

#include "compare/plan.h"
#include "scenarios/read.h"

static struct scn_scenario *read_one(const char *path)
{
    struct base_diagnostics problems;
    struct scn_read_options options = {0};
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = scn_read_file(path, &options, &problems);
    assert_non_null(scenario);
    base_diagnostics_fini(&problems);
    return scenario;
}

static void settings(void **state)
{
    (void)state;
    struct scn_scenario *scenario = read_one("scenarios/catalog/tutorial/vdc-to-vdc.yaml");
    struct cmp_plan plan;
    cmp_plan_init(&plan, scenario, true);
    assert_int_equal(plan.count, 2);
    assert_string_equal(plan.simulated[0], "vdcs.txl.gateway.behaviour.vpn=route-based");
    assert_string_equal(plan.real[1], "vdcs.lhr.gateway.behaviour.engine=strongswan");
    cmp_plan_fini(&plan);
    cmp_plan_init(&plan, scenario, false);
    assert_string_equal(plan.simulated[1], "vdcs.lhr.gateway.behaviour.vpn=policy-based");
    cmp_plan_fini(&plan);
    scn_scenario_free(scenario);
}

static struct cmp_traits traits_of(const char *path)
{
    struct scn_scenario *scenario = read_one(path);
    struct cmp_traits traits = cmp_traits_of(scenario);
    scn_scenario_free(scenario);
    return traits;
}

static void mechanisms(void **state)
{
    (void)state;
    struct cmp_traits tutorial = traits_of("scenarios/catalog/tutorial/vdc-to-vdc.yaml");
    assert_false(tutorial.nat || tutorial.choice || tutorial.shared);
    assert_true(traits_of("scenarios/catalog/blocked/nat-one-gateway.yaml").nat);
    assert_true(traits_of("scenarios/catalog/misconfigured/dh-group-retried.yaml").choice);
    assert_false(traits_of("scenarios/catalog/misconfigured/dh-group-retried.yaml").both);
    assert_true(
        traits_of("scenarios/catalog/misconfigured/two-hosts-with-one-address.yaml").shared);
    assert_true(traits_of("scenarios/catalog/misconfigured/two-tunnels-for-one-network.yaml").both);
}

/* The catalog's two VDCs, and what is laid over them. */
static struct cmp_traits traits_with(const char *rest)
{
    char text[1024];
    struct base_diagnostics problems;
    struct scn_read_options options = {0};
    base_diagnostics_init(&problems);
    int size = snprintf(text, sizeof(text), "base: _two-vdcs.yaml\ntitle: Here\n%s\n", rest);
    struct scn_scenario *scenario =
        scn_read_text("scenarios/catalog/here.yaml", text, (size_t)size, &options, &problems);
    assert_non_null(scenario);
    struct cmp_traits traits = cmp_traits_of(scenario);
    scn_scenario_free(scenario);
    base_diagnostics_fini(&problems);
    return traits;
}

#define TUNNELS(tunnels) "vdcs: {txl: {gateway: {tunnels: " tunnels "}}}"
#define BY_HAND                                                                                    \
    "vdcs: {txl: {gateway: {behaviour: {start: by-hand}}}, lhr: {gateway: {behaviour: {start: "    \
    "by-hand}}}}\n"
/* A second tunnel of txl's. */
#define SECOND(host, key)                                                                          \
    "{second: {remoteHost: " host ", auth: {method: PSK, psk: {key: " key "}}, "                   \
    "ike: {diffieHellmanGroup: 15-MODP3072, encryptionAlgorithm: AES128-CTR, "                     \
    "integrityAlgorithm: SHA256, lifetime: 86400}, "                                               \
    "esp: {diffieHellmanGroup: 15-MODP3072, encryptionAlgorithm: AES128-CTR, "                     \
    "integrityAlgorithm: SHA256, lifetime: 3600}, "                                                \
    "cloudNetworkCIDRs: [192.168.1.0/24], peerNetworkCIDRs: [192.168.7.0/24]}}"
#define SAME_KEY "Zq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua"
#define OTHER_KEY "Aq3vT8mXw2Lr9Kc5HsYd7Nf1Gb4Jp6Ua"

static void tunnels_beside_each_other(void **state)
{
    (void)state;
    struct cmp_traits none = traits_with(""), traits;
    assert_false(none.siblings || none.keys || none.itself);
    traits = traits_with(TUNNELS(SECOND("203.0.113.20", SAME_KEY)));
    assert_true(traits.siblings && !traits.keys && !traits.itself);
    traits = traits_with(TUNNELS(SECOND("203.0.113.30", OTHER_KEY)));
    assert_true(!traits.siblings && traits.keys && !traits.itself);
    traits = traits_with(TUNNELS(SECOND("203.0.113.10", SAME_KEY)));
    assert_true(!traits.siblings && !traits.keys && traits.itself);
    traits = traits_with("steps:\n  - change: {" TUNNELS(SECOND("203.0.113.30", OTHER_KEY)) "}");
    assert_true(traits.keys); /* also where it comes later */
}

static void who_begins(void **state)
{
    (void)state;
    assert_true(traits_with("").both); /* at once */
    assert_false(traits_with(BY_HAND).both);
    assert_false(traits_with(BY_HAND "steps: [initiate: {on: txl-gw}]").both);
    assert_false(
        traits_with(BY_HAND "steps: [initiate: {on: txl-gw}, terminate: {on: lhr-gw}]").both);
    assert_true(
        traits_with(BY_HAND "steps: [initiate: {on: txl-gw}, initiate: {on: lhr-gw}]").both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(mechanisms),
        cmocka_unit_test(tunnels_beside_each_other),
        cmocka_unit_test(who_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
