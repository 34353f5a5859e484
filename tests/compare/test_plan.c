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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(mechanisms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
