/* The line-up of facts that are written down here: what is the same, what may vary, what is known, and what differs. */
#include "tests/test.h"

#include <stdlib.h>

#include "compare/lineup.h"
#include "compare/report.h"
#include "ipsec/ike/wire.h"

static struct cmp_tunnel up_tunnel(void)
{
    return (struct cmp_tunnel){
        .gateway = "txl-gw",
        .name = "lhr-tunnel",
        .state = "established",
        .ike = "AES_CTR_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_3072",
        .esp = "AES_CTR_128/HMAC_SHA2_256_128",
        .selectors = "192.168.1.0/24 === 192.168.2.0/24",
        .encapsulated = true,
        .children = 1,
    };
}

static struct cmp_tunnel down_tunnel(const char *state)
{
    return (struct cmp_tunnel){.gateway = "txl-gw", .name = "lhr-tunnel", .state = state};
}

/* Both worlds, the same at first, and what they are lined up to. */
struct worlds {
    struct cmp_tunnel tunnels[2];
    struct cmp_ping pings[2];
    struct cmp_error errors[2];
    struct cmp_outcome outcomes[2];
    struct cmp_facts facts[2];
    struct cmp_traits traits;
    struct cmp_lineup lineup;
};

enum {
    OURS,
    THEIRS,
};

static int begin(void **state)
{
    struct worlds *w = calloc(1, sizeof(*w));
    for (int i = OURS; i <= THEIRS; i++) {
        w->tunnels[i] = up_tunnel();
        w->errors[i] = (struct cmp_error){"192.168.1.5", "Destination Net Unreachable", 1};
        w->pings[i] = (struct cmp_ping){.line = 7,
                                        .text = "ping {from: txl-host1, to: lhr-host1}",
                                        .sent = 3,
                                        .received = 2,
                                        .errors = &w->errors[i],
                                        .error_count = 1,
                                        .interval_ns = BASE_S};
        w->outcomes[i] = (struct cmp_outcome){9, "initiate {on: txl-gw}", "established"};
        cmp_facts_init(&w->facts[i]);
        w->facts[i].tunnels = &w->tunnels[i];
        w->facts[i].pings = &w->pings[i];
        w->facts[i].outcomes = &w->outcomes[i];
        w->facts[i].tunnel_count = w->facts[i].ping_count = w->facts[i].outcome_count = 1;
        w->facts[i].packets[CMP_KIND_IKE] = (struct cmp_packets){2, 0};
        w->facts[i].packets[CMP_KIND_ESP_UDP] = (struct cmp_packets){6, 0};
        cmp_facts_notify(&w->facts[i], "txl-gw", true, IKE_NOTIFY_INITIAL_CONTACT);
    }
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct worlds *w = *state;
    cmp_lineup_fini(&w->lineup);
    cmp_facts_fini(&w->facts[OURS]);
    cmp_facts_fini(&w->facts[THEIRS]);
    free(w);
    return 0;
}

static void line_up(struct worlds *w)
{
    if (w->lineup.count)
        cmp_lineup_fini(&w->lineup);
    cmp_lineup_init(&w->lineup, &w->traits, &w->facts[OURS], &w->facts[THEIRS]);
}

static const struct cmp_row *find_row(const struct worlds *w, const char *what)
{
    for (size_t i = 0; i < w->lineup.count; i++)
        if (strstr(w->lineup.rows[i].what, what))
            return &w->lineup.rows[i];
    fail_msg("no row about %s", what);
    return NULL;
}

/* The row about `what` has that verdict, with this code where it is known, and all others are the same. */
static void expect_only(struct worlds *w, const char *what, enum cmp_verdict verdict,
                        const char *code)
{
    line_up(w);
    const struct cmp_row *row = find_row(w, what);
    assert_int_equal(row->verdict, verdict);
    if (code)
        assert_string_equal(row->known->code, code);
    assert_int_equal(w->lineup.verdicts[CMP_SAME], w->lineup.count - 1);
    assert_int_equal(cmp_lineup_verdict(&w->lineup), verdict);
}

static void alike(void **state)
{
    struct worlds *w = *state;
    line_up(w);
    assert_int_equal(cmp_lineup_verdict(&w->lineup), CMP_SAME);
    assert_int_equal(w->lineup.count, 11);
    assert_string_equal(find_row(w, "ESP")->simulated, "AES_CTR_128/HMAC_SHA2_256_128 in UDP");
    assert_string_equal(find_row(w, "ping {")->real, "2 of 3");
    assert_int_equal(find_row(w, "ping {")->line, 7);
    assert_string_equal(find_row(w, "From ")->what,
                        "  From 192.168.1.5 Destination Net Unreachable");
}

static void tunnels_differ(void **state)
{
    struct worlds *w = *state;
    w->tunnels[THEIRS].selectors = "192.168.1.0/24 === 0.0.0.0/0";
    expect_only(w, "selectors", CMP_DIFFERS, NULL);
    w->tunnels[THEIRS] = up_tunnel();
    w->tunnels[THEIRS].encapsulated = false;
    expect_only(w, "lhr-tunnel ESP", CMP_DIFFERS, NULL);
    w->tunnels[THEIRS] = up_tunnel();
    w->tunnels[THEIRS].child_rekeys = 1;
    expect_only(w, "child rekeys", CMP_DIFFERS, NULL);
    w->tunnels[THEIRS] = down_tunnel("down");
    line_up(w);
    assert_int_equal(find_row(w, "state")->verdict, CMP_DIFFERS);
    assert_string_equal(find_row(w, "lhr-tunnel IKE")->real, "-");
}

/* Without a moment that they could be on either side of, every single ping counts. */
static void pings_differ(void **state)
{
    struct worlds *w = *state;
    w->pings[THEIRS].received = 3;
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
    w->pings[THEIRS].moved = true;
    expect_only(w, "ping {", CMP_NEAR, NULL);
    w->pings[OURS].received = 0; /* three apart, and a moment is two seconds */
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
    w->pings[OURS].interval_ns = w->pings[THEIRS].interval_ns = BASE_S / 2;
    expect_only(w, "ping {", CMP_NEAR, NULL);
    w->pings[OURS].sent = w->pings[THEIRS].sent = 200; /* ping's clock drifts */
    w->pings[THEIRS].received = 8;
    expect_only(w, "ping {", CMP_NEAR, NULL);
    w->pings[THEIRS].received = 9;
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
    w->pings[THEIRS] = w->pings[OURS];
    w->pings[THEIRS].duplicates = 9;
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
    w->pings[THEIRS] = w->pings[OURS];
    w->pings[THEIRS].unreachable = true;
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
}

static void errors_differ(void **state)
{
    struct worlds *w = *state;
    w->errors[THEIRS].count = 2;
    expect_only(w, "From ", CMP_NEAR, NULL); /* of the bucket */
    w->errors[THEIRS].count = 3;
    expect_only(w, "From ", CMP_DIFFERS, NULL);
    w->errors[THEIRS] = (struct cmp_error){"192.168.1.5", "Destination Host Unreachable", 1};
    line_up(w);
    assert_int_equal(w->lineup.verdicts[CMP_DIFFERS], 2); /* one is missing, one is too much */
    w->errors[THEIRS] = w->errors[OURS];
    w->errors[THEIRS].from = "192.168.1.6";
    line_up(w);
    assert_int_equal(w->lineup.verdicts[CMP_DIFFERS], 2);
    w->pings[THEIRS].error_count = 0;
    expect_only(w, "From ", CMP_DIFFERS, NULL);
}

static void flows_differ(void **state)
{
    struct worlds *w = *state;
    struct cmp_flow flows[] = {
        {.line = 8,
         .text = "traffic {}",
         .sent = 100,
         .delivered = 100,
         .interval_ns = 10 * BASE_MS},
        {.line = 8,
         .text = "traffic {}",
         .sent = 100,
         .delivered = 100,
         .interval_ns = 10 * BASE_MS},
    };
    for (int i = OURS; i <= THEIRS; i++) {
        w->facts[i].flows = &flows[i];
        w->facts[i].flow_count = 1;
    }
    line_up(w);
    assert_int_equal(find_row(w, "traffic {")->verdict, CMP_SAME);
    flows[THEIRS].sent = 101;
    flows[THEIRS].delivered = 98;
    expect_only(w, "traffic {", CMP_NEAR, NULL);
    assert_string_equal(find_row(w, "traffic {")->real, "98 of 101");
    flows[THEIRS].delivered = 50;
    expect_only(w, "traffic {", CMP_DIFFERS, NULL);
    flows[OURS].moved = true;
    expect_only(w, "traffic {", CMP_NEAR, NULL);
    flows[OURS].moved = false;
    flows[THEIRS] = flows[OURS];
    flows[THEIRS].duplicates = 100;
    expect_only(w, "traffic {", CMP_DIFFERS, NULL);
    assert_string_equal(find_row(w, "traffic {")->real, "100 of 100, +100 duplicates");
}

static void outcomes_differ(void **state)
{
    struct worlds *w = *state;
    w->outcomes[THEIRS].state = "down";
    expect_only(w, "initiate", CMP_DIFFERS, NULL);
}

static void notifies_differ(void **state)
{
    struct worlds *w = *state;
    cmp_facts_notify(&w->facts[OURS], "txl-gw", true, IKE_NOTIFY_INITIAL_CONTACT);
    expect_only(w, "INITIAL_CONTACT", CMP_NEAR, NULL); /* twice and once: a matter of timers */
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", true, IKE_NOTIFY_INITIAL_CONTACT);
    cmp_facts_notify(&w->facts[THEIRS], "lhr-gw", true, IKE_NOTIFY_TS_UNACCEPTABLE);
    expect_only(w, "lhr-gw sends TS_UNACCEPTABLE", CMP_DIFFERS, NULL);
    cmp_facts_notify(&w->facts[OURS], "lhr-gw", true, IKE_NOTIFY_TS_UNACCEPTABLE);
    cmp_facts_notify(&w->facts[OURS], "lhr-gw", false, 12345);
    expect_only(w, "lhr-gw receives 12345", CMP_DIFFERS, NULL);
}

static void packets_differ(void **state)
{
    struct worlds *w = *state;
    w->facts[THEIRS].packets[CMP_KIND_ESP_UDP].distinct = 7;
    expect_only(w, "ESP in UDP", CMP_DIFFERS, NULL);
    w->facts[THEIRS].packets[CMP_KIND_ESP_UDP].distinct = 6;
    w->facts[THEIRS].packets[CMP_KIND_IKE] = (struct cmp_packets){4, 9};
    expect_only(w, "UDP 500", CMP_NEAR, NULL); /* of a timer, and retransmissions do not count */
    assert_string_equal(find_row(w, "UDP 500")->real, "4, 9 of them again");
    w->facts[THEIRS].packets[CMP_KIND_IKE].distinct = 5;
    expect_only(w, "UDP 500", CMP_DIFFERS, NULL);
    w->facts[THEIRS].packets[CMP_KIND_IKE].distinct = 2;
    w->facts[THEIRS].packets[CMP_KIND_ICMP].distinct = 1;
    expect_only(w, "ICMP in clear", CMP_DIFFERS, NULL);
}

/* Each known difference where its mechanism is at work, and nowhere else. */
static void known_capabilities(void **state)
{
    struct worlds *w = *state;
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", true, IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS);
    expect_only(w, "SIGNATURE_HASH", CMP_KNOWN, "capability-notify");
    cmp_facts_notify(&w->facts[OURS], "txl-gw", false, IKE_NOTIFY_REDIRECT_SUPPORTED);
    line_up(w); /* not the other way round */
    assert_int_equal(find_row(w, "REDIRECT")->verdict, CMP_DIFFERS);
}

static void known_choice(void **state)
{
    struct worlds *w = *state;
    cmp_facts_notify(&w->facts[OURS], "txl-gw", false, IKE_NOTIFY_INVALID_KE_PAYLOAD);
    expect_only(w, "INVALID_KE_PAYLOAD", CMP_DIFFERS, NULL);
    w->traits.choice = true;
    expect_only(w, "INVALID_KE_PAYLOAD", CMP_KNOWN, "order-of-choice");
    w->facts[OURS].notify_count--;
    w->traits.choice = false;
    w->tunnels[OURS].ike = "AES_GCM_16_256/PRF_HMAC_SHA2_512/ECP_521";
    expect_only(w, "lhr-tunnel IKE", CMP_DIFFERS, NULL);
    w->traits.choice = true;
    expect_only(w, "lhr-tunnel IKE", CMP_KNOWN, "order-of-choice");
    w->tunnels[OURS].ike = NULL;
    expect_only(w, "lhr-tunnel IKE", CMP_DIFFERS, NULL);
}

static void known_both(void **state)
{
    struct worlds *w = *state;
    w->tunnels[THEIRS].children = 2;
    expect_only(w, "child SAs", CMP_DIFFERS, NULL);
    w->traits.both = true;
    expect_only(w, "child SAs", CMP_KNOWN, "both-at-once");
    w->tunnels[THEIRS].children = 3;
    expect_only(w, "child SAs", CMP_DIFFERS, NULL);
    w->tunnels[THEIRS].children = 2;
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", false, IKE_NOTIFY_INITIAL_CONTACT);
    line_up(w);
    assert_string_equal(find_row(w, "receives INITIAL_CONTACT")->known->code, "both-at-once");
    w->tunnels[THEIRS].children = 1;
    expect_only(w, "receives INITIAL_CONTACT", CMP_KNOWN, "both-at-once");
    w->traits.both = false;
    expect_only(w, "receives INITIAL_CONTACT", CMP_DIFFERS, NULL);
}

static void known_half_open(void **state)
{
    struct worlds *w = *state;
    w->tunnels[OURS] = down_tunnel("connecting");
    w->tunnels[THEIRS] = down_tunnel("down");
    expect_only(w, "state", CMP_KNOWN, "half-open");
    w->tunnels[OURS] = down_tunnel("down");
    w->tunnels[THEIRS] = down_tunnel("connecting");
    expect_only(w, "state", CMP_DIFFERS, NULL);
}

static void known_half_open_step(void **state)
{
    struct worlds *w = *state;
    w->outcomes[OURS].state = "connecting";
    expect_only(w, "initiate {", CMP_DIFFERS, NULL);
    w->outcomes[THEIRS].state = "down";
    expect_only(w, "initiate {", CMP_KNOWN, "half-open");
}

static void known_mapping(void **state)
{
    struct worlds *w = *state;
    w->traits.nat = true;
    w->pings[THEIRS].received = 0;
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
    cmp_facts_notify(&w->facts[OURS], "txl-gw", true, IKE_NOTIFY_UPDATE_SA_ADDRESSES);
    line_up(w);
    assert_int_equal(w->lineup.verdicts[CMP_KNOWN], 2);
    assert_string_equal(find_row(w, "ping {")->known->code, "first-mapping");
    assert_string_equal(find_row(w, "UPDATE_SA")->known->code, "first-mapping");
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", true, IKE_NOTIFY_UPDATE_SA_ADDRESSES);
    expect_only(w, "ping {", CMP_DIFFERS, NULL);
}

static void known_refusals(void **state)
{
    struct worlds *w = *state;
    w->facts[THEIRS].packets[CMP_KIND_IKE].distinct = 12;
    cmp_facts_notify(&w->facts[OURS], "txl-gw", false, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    line_up(w);
    assert_int_equal(find_row(w, "UDP 500")->verdict, CMP_DIFFERS);
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", false, IKE_NOTIFY_NO_PROPOSAL_CHOSEN);
    expect_only(w, "UDP 500", CMP_KNOWN, "refusal-in-clear");
}

static void known_forgotten(void **state)
{
    struct worlds *w = *state;
    for (int i = OURS; i <= THEIRS; i++)
        w->outcomes[i].text = "terminate {on: txl-gw}";
    w->outcomes[OURS].state = "down";
    expect_only(w, "terminate {", CMP_DIFFERS, NULL); /* the first Delete was answered */
    w->facts[OURS].packets[CMP_KIND_IKE].copies = 1;
    expect_only(w, "terminate {", CMP_KNOWN, "delete-again");
}

static void known_key(void **state)
{
    struct worlds *w = *state;
    cmp_facts_notify(&w->facts[OURS], "txl-gw", false, IKE_NOTIFY_AUTHENTICATION_FAILED);
    expect_only(w, "AUTHENTICATION_FAILED", CMP_DIFFERS, NULL);
    w->traits.keys = true;
    expect_only(w, "AUTHENTICATION_FAILED", CMP_KNOWN, "every-key");
}

static void known_itself(void **state)
{
    struct worlds *w = *state;
    w->tunnels[OURS] = down_tunnel("down");
    w->tunnels[THEIRS] = down_tunnel("established");
    expect_only(w, "lhr-tunnel state", CMP_DIFFERS, NULL);
    w->traits.itself = true;
    expect_only(w, "lhr-tunnel state", CMP_KNOWN, "to-itself");
}

static void known_siblings(void **state)
{
    struct worlds *w = *state;
    w->tunnels[THEIRS].children = 2;
    expect_only(w, "child SAs", CMP_DIFFERS, NULL);
    w->traits.siblings = true;
    expect_only(w, "child SAs", CMP_KNOWN, "one-ike-sa");
}

static void known_race(void **state)
{
    struct worlds *w = *state;
    w->pings[THEIRS].received = 1;
    w->traits.shared = true;
    expect_only(w, "ping {", CMP_KNOWN, "address-race");
    w->pings[THEIRS].received = 2;
    w->tunnels[THEIRS].children = 2;
    expect_only(w, "child SAs", CMP_DIFFERS, NULL);
}

static void known_table(void **state)
{
    (void)state;
    assert_true(cmp_known_count() > 0);
    for (size_t i = 0; i < cmp_known_count(); i++) {
        assert_true(strlen(cmp_known_at(i)->reason) > 20);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(cmp_known_at(i)->code, cmp_known_at(k)->code);
    }
}

/* What is printed, both ways. */
static char *print(const struct cmp_report *report, bool json, bool brief)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct report_paper paper = {out, false, true};
    if (json)
        assert_true(cmp_report_json(report, "libipsec", out));
    else
        cmp_report_text(&paper, report, brief);
    fclose(out);
    return text;
}

static void expect_text(const struct cmp_report *report, bool json, bool brief, const char *part)
{
    char *text = print(report, json, brief);
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
    free(text);
}

static void printed(void **state)
{
    struct worlds *w = *state;
    struct scn_scenario scenario = {.name = "one", .file = "one.yaml", .title = "One of them"};
    struct cmp_report report = {.scenario = &scenario, .lineup = &w->lineup};
    w->pings[THEIRS].received = 3;
    cmp_facts_notify(&w->facts[THEIRS], "txl-gw", true, IKE_NOTIFY_SIGNATURE_HASH_ALGORITHMS);
    line_up(w);
    expect_text(&report, false, false, "one: One of them\n");
    expect_text(&report, false, false, "  3 of 3      DIFFERS (line 7)\n");
    expect_text(&report, false, true, "one: differs (10 same, 0 near, 1 known, 1 different");
    expect_text(&report, false, true, "  1 notify more  known: a notify about");
    expect_text(&report, true, false,
                "\"simulated\":\"2 of 3\",\"strongswan\":\"3 of 3\",\"verdict\":\"differs\"");
    expect_text(&report, true, false, "\"code\":\"capability-notify\"");
    char *table = NULL;
    size_t size;
    FILE *out = open_memstream(&table, &size);
    w->tunnels[THEIRS].children = 2;
    w->traits.both = true;
    line_up(w);
    scenario.file = "scenarios/catalog/blocked/one.yaml";
    cmp_report_markdown(&report, out);
    fclose(out);
    assert_string_equal(table, "| `blocked/one.yaml` | **differs** | both-at-once |\n");
    free(table);
    report.skipped = "it takes 200 s";
    expect_text(&report, false, false, "one: skipped: it takes 200 s\n");
    expect_text(&report, true, false, "\"skipped\":\"it takes 200 s\"");
    report.error = "no more";
    expect_text(&report, false, false, "one: ERROR: no more\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alike, begin, end),
        cmocka_unit_test_setup_teardown(tunnels_differ, begin, end),
        cmocka_unit_test_setup_teardown(pings_differ, begin, end),
        cmocka_unit_test_setup_teardown(errors_differ, begin, end),
        cmocka_unit_test_setup_teardown(flows_differ, begin, end),
        cmocka_unit_test_setup_teardown(outcomes_differ, begin, end),
        cmocka_unit_test_setup_teardown(notifies_differ, begin, end),
        cmocka_unit_test_setup_teardown(packets_differ, begin, end),
        cmocka_unit_test_setup_teardown(known_capabilities, begin, end),
        cmocka_unit_test_setup_teardown(known_choice, begin, end),
        cmocka_unit_test_setup_teardown(known_both, begin, end),
        cmocka_unit_test_setup_teardown(known_half_open, begin, end),
        cmocka_unit_test_setup_teardown(known_half_open_step, begin, end),
        cmocka_unit_test_setup_teardown(known_mapping, begin, end),
        cmocka_unit_test_setup_teardown(known_refusals, begin, end),
        cmocka_unit_test_setup_teardown(known_forgotten, begin, end),
        cmocka_unit_test_setup_teardown(known_key, begin, end),
        cmocka_unit_test_setup_teardown(known_itself, begin, end),
        cmocka_unit_test_setup_teardown(known_siblings, begin, end),
        cmocka_unit_test_setup_teardown(known_race, begin, end),
        cmocka_unit_test(known_table),
        cmocka_unit_test_setup_teardown(printed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
