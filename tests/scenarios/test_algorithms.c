/*
 * Every encryption and integrity pair of the product, in IKE and in ESP, and every group, in IKE and for
 * perfect forward secrecy: negotiated strictly, pinged across both ways, rekeyed, pinged across again, and
 * found to be what was asked for. tests/cli/test_tshark.py lets tshark judge what was on the wire.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ipsec/crypto/algorithm.h"
#include "ipsec/crypto/context.h"
#include "scenarios/play.h"
#include "scenarios/read.h"

#define SCENARIO "tests/scenarios/yaml/_algorithms.yaml"

enum {
    SETS_MAX = 24
};

/* One side's set, and what is to be found. */
struct set {
    const struct crypto_encr *encr;
    const struct crypto_integ *integ;
    const struct crypto_group *group;
};

struct overrides {
    char *items[SETS_MAX];
    size_t count;
};

static void add(struct overrides *overrides, char *text)
{
    assert_true(overrides->count < SETS_MAX);
    overrides->items[overrides->count++] = text;
}

static char *words(const struct set *set)
{
    return base_printf("{diffieHellmanGroup: %s, encryptionAlgorithm: %s, integrityAlgorithm: %s}",
                       set->group->product_name, set->encr->product_name, set->integ->product_name);
}

/* What ESP has: no integrity beside an AEAD, and a group of its own from the first rekey on. */
static char *esp_words(const struct set *set, bool first)
{
    return base_printf("{diffieHellmanGroup: %s, encryptionAlgorithm: %s, integrityAlgorithm: %s}",
                       first ? "none" : set->group->product_name, set->encr->product_name,
                       set->encr->aead ? "none" : set->integ->product_name);
}

static void configure(struct overrides *overrides, const char *path, const struct set *ike,
                      const struct set *esp)
{
    char *ike_text = words(ike);
    char *esp_text = words(esp);
    add(overrides, base_printf("%s.ike=%s", path, ike_text));
    add(overrides, base_printf("%s.esp=%s", path, esp_text));
    free(ike_text);
    free(esp_text);
}

static void expect(struct overrides *overrides, unsigned which, const struct set *ike,
                   const struct set *esp)
{
    char *ike_text = words(ike);
    char *first = esp_words(esp, true);
    char *last = esp_words(esp, false);
    add(overrides, base_printf("steps.3.expect.%u.tunnel.esp=%s", which, first));
    add(overrides, base_printf("expect.%u.tunnel.ike=%s", which, ike_text));
    add(overrides, base_printf("expect.%u.tunnel.esp=%s", which, last));
    free(ike_text);
    free(first);
    free(last);
}

static struct scn_scenario *read_scenario(const struct overrides *overrides)
{
    const struct scn_read_options options = {(const char *const *)overrides->items,
                                             overrides->count};
    struct base_diagnostics problems;
    base_diagnostics_init(&problems);
    struct scn_scenario *scenario = scn_read_file(SCENARIO, &options, &problems);
    if (!scenario)
        fail_msg("%s", base_diagnostic_format(&problems.items[0]));
    base_diagnostics_fini(&problems);
    return scenario;
}

/* Plays it with `ike` and `esp` on both sides and holds it to `ike_found` and `esp_found`. */
static void play(struct crypto_context *crypto, const struct set *ike, const struct set *esp,
                 const struct set *ike_found, const struct set *esp_found,
                 struct scn_result *result)
{
    struct overrides overrides = {.count = 0};
    const struct scn_play_options options = {.crypto = crypto, .prove = true};
    configure(&overrides, "vdcs.txl.gateway.tunnels.lhr-tunnel", ike, esp);
    configure(&overrides, "vdcs.lhr.gateway.tunnels.txl-tunnel", ike, esp);
    expect(&overrides, 0, ike_found, esp_found);
    expect(&overrides, 1, ike_found, esp_found);
    struct scn_scenario *scenario = read_scenario(&overrides);
    scn_play(scenario, &options, result);
    for (size_t i = 0; i < overrides.count; i++)
        free(overrides.items[i]);
}

static void print_failures(const struct scn_result *result)
{
    for (size_t i = 0; i < result->expectation_count; i++)
        if (result->expectations[i].verdict != SCN_PASS)
            print_error("%s: found %s\n", result->expectations[i].text,
                        result->expectations[i].found);
    for (size_t i = 0; i < result->step_count; i++)
        if (result->steps[i].verdict != SCN_PASS)
            print_error("step %s\n", result->steps[i].step->text);
}

static void finish(struct scn_result *result)
{
    struct scn_scenario *scenario = (struct scn_scenario *)result->scenario;
    scn_result_fini(result);
    scn_scenario_free(scenario);
}

static void passes(struct crypto_context *crypto, const struct set *ike, const struct set *esp)
{
    struct scn_result result;
    play(crypto, ike, esp, ike, esp, &result);
    if (result.verdict != SCN_PASS) {
        print_failures(&result);
        fail_msg("IKE %s %s %s, ESP %s %s %s", ike->encr->product_name, ike->integ->product_name,
                 ike->group->product_name, esp->encr->product_name, esp->integ->product_name,
                 esp->group->product_name);
    }
    assert_int_equal(result.tunnel_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct scn_tunnel_result *tunnel = &result.tunnels[i];
        assert_ptr_equal(tunnel->ike.encr, ike->encr);
        assert_ptr_equal(tunnel->ike.prf, crypto_prf_of_integ(ike->integ));
        assert_ptr_equal(tunnel->ike.integ, ike->encr->aead ? NULL : ike->integ);
        assert_ptr_equal(tunnel->ike.group, ike->group);
        assert_ptr_equal(tunnel->esp_encr, esp->encr);
        assert_ptr_equal(tunnel->esp_integ, esp->encr->aead ? NULL : esp->integ);
        assert_ptr_equal(tunnel->esp_dh, esp->group);
    }
    finish(&result);
}

static struct set pair_at(size_t index, const struct crypto_group *group)
{
    return (struct set){crypto_encr_at(index / 4), crypto_integ_at(index % 4), group};
}

/* 10 encryptions, 4 integrities; ESP runs through them in step with IKE, some way behind. */
static void every_pair(void **state)
{
    const struct crypto_group *group = crypto_group_named("19-ECP256");
    assert_non_null(crypto_encr_at(9));
    assert_null(crypto_encr_at(10));
    assert_non_null(crypto_integ_at(3));
    assert_null(crypto_integ_at(4));
    for (size_t i = 0; i < 40; i++) {
        struct set ike = pair_at(i, group);
        struct set esp = pair_at((i + 13) % 40, group);
        passes(*state, &ike, &esp);
    }
}

static void every_group(void **state)
{
    const struct crypto_encr *encr = crypto_encr_named("AES128-CTR");
    const struct crypto_integ *integ = crypto_integ_named("SHA256");
    size_t count = 0;
    while (crypto_group_at(count))
        count++;
    assert_int_equal(count, 8);
    for (size_t i = 0; i < count; i++) {
        struct set ike = {encr, integ, crypto_group_at(i)};
        struct set esp = {encr, integ, crypto_group_at((i + 3) % count)};
        passes(*state, &ike, &esp);
    }
}

/* The same scenario fails where something else was asked for than is found. */
static void the_judge_is_awake(void **state)
{
    const struct set configured = {crypto_encr_named("AES256-CTR"), crypto_integ_named("SHA384"),
                                   crypto_group_named("19-ECP256")};
    const struct set others[] = {
        {crypto_encr_named("AES128-CTR"), configured.integ, configured.group},
        {configured.encr, crypto_integ_named("SHA512"), configured.group},
        {configured.encr, configured.integ, crypto_group_named("28-ECP256BP")},
    };
    for (size_t i = 0; i < 3; i++) {
        struct scn_result result;
        play(*state, &configured, &configured, &others[i], &configured, &result);
        assert_int_equal(result.verdict, SCN_FAIL);
        finish(&result);
        play(*state, &configured, &configured, &configured, &others[i], &result);
        assert_int_equal(result.verdict, SCN_FAIL);
        finish(&result);
    }
}

static int make_context(void **state)
{
    *state = crypto_context_new();
    return 0;
}

static int free_context(void **state)
{
    crypto_context_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair),
        cmocka_unit_test(every_group),
        cmocka_unit_test(the_judge_is_awake),
    };
    return cmocka_run_group_tests(tests, make_context, free_context);
}
