/*
 * Measured cases that take their time, by their numbers: rekeying under traffic, lifetimes that end, path MTUs by the
 * size of an echo, silence. Both columns where both were measured; strongSwan 5.9.8 on Linux 6.1.192, kernel-libipsec.
 */
#include "tests/test.h"

#include "tests/gateway/setting.h"

#include "ipsec/crypto/algorithm.h"

#define POLICY TOPO_VPN_POLICY_BASED
#define ROUTE TOPO_VPN_ROUTE_BASED
#define EVERY_NS (200 * BASE_MS)

/* ---- Five pings a second, from the moment at which the tunnel is up ---- */

struct long_case {
    const char *name;
    struct lab_setting setting;
    enum topo_vpn vpn;
    uint64_t pings,
        answered; /* the first ones; then net unreachable comes back, as often as Linux lets itself */
    unsigned rekeys_min;
    const char *state; /* in the end */
};

#define UP "up 192.168.1.0/24=192.168.2.0/24"

/* A child that cannot be rekeyed ends 22 s after it came up: two of them have gone by when the first ping leaves. */
static const struct long_case long_cases[] = {
    {"6d",
     {.set = LAB_SHORT_CHILDREN, .change = lab_pfs_differs},
     POLICY,
     120,
     105,
     0,
     "IKE only, NO_PROPOSAL_CHOSEN"},
    {"6d",
     {.set = LAB_SHORT_CHILDREN, .change = lab_pfs_differs},
     ROUTE,
     120,
     105,
     0,
     "IKE only, NO_PROPOSAL_CHOSEN"},
    {"6d-nopfs",
     {.set = LAB_SHORT_CHILDREN, .change = lab_no_pfs_txl},
     POLICY,
     120,
     105,
     0,
     "IKE only, NO_PROPOSAL_CHOSEN"},
    {"15", {.set = LAB_SHORT_CHILDREN}, POLICY, 373, 373, 3, UP},
    {"15", {.set = LAB_SHORT_CHILDREN}, ROUTE, 364, 364, 3, UP},
    {"15b", {.set = LAB_SHORT_CHILDREN | LAB_SHORT_IKE}, POLICY, 373, 373, 5, UP},
};

static bool play_long(const struct long_case *row)
{
    struct lab lab;
    char state[128];
    lab_arrange(&lab, &row->setting, row->vpn);
    lab_initiate(&lab, LAB_TXL);
    struct lab_ping ping = lab_ping_every(&lab, "txl1", "lhr1", row->pings, EVERY_NS);
    lab_state(&lab, LAB_TXL, state);
    struct ike_peer_info info = lab_info(&lab, LAB_TXL);
    bool same =
        ping.received == row->answered && (ping.errors > 0) == (row->answered < row->pings) &&
        info.child_rekeys + info.ike_rekeys >= row->rekeys_min && !strcmp(state, row->state);
    if (ping.errors && strcmp(ping.text, "From 192.168.1.5 Destination Net Unreachable") != 0)
        same = false;
    if (!same)
        print_error("case %s: %u answered and %u errors (%s) of %u, %u rekeys, %s\n", row->name,
                    (unsigned)ping.received, (unsigned)ping.errors, ping.text, (unsigned)ping.sent,
                    info.child_rekeys + info.ike_rekeys, state);
    lab_end(&lab);
    return same;
}

static void pings_all_the_while(void **state)
{
    unsigned differing = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(long_cases) / sizeof(*long_cases); i++)
        differing += !play_long(&long_cases[i]);
    assert_int_equal(differing, 0);
}

/* ---- Path MTUs ---- */

enum outcome {
    ANSWERED,
    SILENT,
    TOO_LARGE, /* fragmentation needed, from the own gateway; with the MTU of the column */
    SOMETHING_ELSE
};

struct mtu_case {
    const char *name;
    struct lab_setting setting;
    enum topo_vpn vpn;
    unsigned mtu; /* told by the own gateway */
    bool learned; /* from a router in the middle, by a packet that was lost before */
};

static const struct mtu_case mtu_cases[] = {
    {"13a", {.change = lab_mtu_1400}, POLICY, 1346, false},
    {"13b", {.disturb = lab_narrow_bridge}, POLICY, 1446, false},
    {"13c", {.set = LAB_DEFAULT_ROUTES, .change = lab_mtu_1400}, POLICY, 1346, true},
    {"13a", {.change = lab_mtu_1400}, ROUTE, 1400, false},
};

#define CASES (sizeof(mtu_cases) / sizeof(*mtu_cases))

/* Two echoes with so much data, to each case in turn. */
static const struct {
    uint32_t size;
    bool df;
    enum outcome outcome[CASES];
} sizes[] = {
    /* clang-format off */
    {1272, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1300, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1306, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1307, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1308, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1310, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1311, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1312, true, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1320, true, {TOO_LARGE, ANSWERED, TOO_LARGE, ANSWERED}},
    {1334, true, {TOO_LARGE, SILENT, TOO_LARGE, ANSWERED}},
    {1338, true, {TOO_LARGE, SILENT, TOO_LARGE, ANSWERED}},
    {1372, true, {TOO_LARGE, SILENT, TOO_LARGE, ANSWERED}},
    {1373, true, {TOO_LARGE, SILENT, TOO_LARGE, TOO_LARGE}},
    {1400, true, {TOO_LARGE, SILENT, TOO_LARGE, TOO_LARGE}},
    {1410, true, {TOO_LARGE, SILENT, TOO_LARGE, TOO_LARGE}},
    {1438, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1440, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1442, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1446, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1450, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1472, true, {TOO_LARGE, TOO_LARGE, TOO_LARGE, TOO_LARGE}},
    {1300, false, {ANSWERED, ANSWERED, ANSWERED, ANSWERED}},
    {1372, false, {ANSWERED, SILENT, ANSWERED, ANSWERED}},
    {1400, false, {ANSWERED, SILENT, ANSWERED, ANSWERED}},
    {1472, false, {ANSWERED, SILENT, ANSWERED, ANSWERED}},
    /* clang-format on */
};

static enum outcome outcome_of(const struct mtu_case *row, const struct lab_ping *ping)
{
    char local[64];
    if (ping->received == ping->sent)
        return ANSWERED;
    snprintf(local, sizeof(local), "local error: message too long, mtu=%u", row->mtu);
    /* The first one by the gateway, the second one by the host itself, which has learned. */
    if (!ping->received && ping->errors == 2 && !strcmp(ping->text, local))
        return TOO_LARGE;
    return ping->received + ping->errors ? SOMETHING_ELSE : SILENT;
}

static void sizes_of_echoes(void **state)
{
    static const char *const names[] = {"answered", "silent", "too large", "something else"};
    unsigned differing = 0;
    (void)state;
    for (size_t c = 0; c < CASES; c++)
        for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
            const struct mtu_case *row = &mtu_cases[c];
            struct lab lab; /* a new one each time: nobody remembers an MTU */
            lab_arrange(&lab, &row->setting, row->vpn);
            lab_initiate(&lab, LAB_TXL);
            if (row->learned)
                lab_ping_size(&lab, "txl2", "lhr2", 1, 1320, true);
            struct lab_ping ping =
                lab_ping_size(&lab, "txl1", "lhr1", 2, sizes[s].size, sizes[s].df);
            enum outcome is = outcome_of(row, &ping);
            if (is != sizes[s].outcome[c]) {
                print_error("case %s, %u octets, %s: %s (%s), measured: %s\n", row->name,
                            sizes[s].size, sizes[s].df ? "DF" : "no DF", names[is], ping.text,
                            names[sizes[s].outcome[c]]);
                differing++;
            }
            lab_end(&lab);
        }
    assert_int_equal(differing, 0);
}

/* ---- A reboot of lhr-gw ---- */

struct reboot_case {
    const char *name;
    struct lab_setting setting;
    const char *from, *to; /* a ping a second, from 10 s after the power failed, when it is back */
    uint64_t pings, lost;  /* of the first ones; where nothing comes back, all of them */
    const char *text;      /* of the last error */
};

/* Dead-peer detection on txl: 10 s after the last packet a request, 166 s later it gives up. */
static void dpd_restart(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->dpd_delay_ns = 10 * BASE_S;
    lab_behaviour(lab, LAB_TXL)->start = TOPO_START_AT_ONCE;
}

static void dpd_clear(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->dpd_delay_ns = 10 * BASE_S;
}

static void lhr_starts(struct lab *lab)
{
    dpd_clear(lab);
    lab_behaviour(lab, LAB_LHR)->start = TOPO_START_AT_ONCE;
}

static const struct reboot_case reboot_cases[] = {
    /* Measured: an outage of about 177 s; here 10 s and 166 s. */
    {"12f", {.change = dpd_restart}, "txl1", "lhr1", 205, 166, ""},
    {"12g",
     {.change = dpd_clear},
     "txl1",
     "lhr1",
     205,
     205,
     "From 192.168.1.5 Destination Net Unreachable"},
    {"12h", {.change = lhr_starts}, "txl1", "lhr1", 30, 0, ""},
    {"12j", {.set = LAB_TRAP_BOTH}, "lhr1", "txl1", 30, 1, ""},
};

static bool play_reboot(const struct reboot_case *row)
{
    struct lab lab;
    lab_arrange(&lab, &row->setting, POLICY);
    lab_initiate(&lab, LAB_TXL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 1).received, 1);
    base_ns failed = topo_world_now(lab.world);
    assert_true(topo_world_stop(lab.world, "lhr-gw"));
    topo_world_run_until(lab.world, failed + 9 * BASE_S);
    assert_true(topo_world_start(lab.world, "lhr-gw"));
    topo_world_run_until(lab.world, failed + 10 * BASE_S);
    struct lab_ping ping = lab_ping_every(&lab, row->from, row->to, row->pings, BASE_S);
    bool same = ping.sent - ping.received == row->lost && !strcmp(ping.text, row->text);
    if (!same)
        print_error("case %s: %u of %u lost, %s\n", row->name,
                    (unsigned)(ping.sent - ping.received), (unsigned)ping.sent, ping.text);
    lab_end(&lab);
    return same;
}

static void reboots(void **state)
{
    unsigned differing = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(reboot_cases) / sizeof(*reboot_cases); i++)
        differing += !play_reboot(&reboot_cases[i]);
    assert_int_equal(differing, 0);
}

/* ---- The daemon of lhr-gw is killed, and starts again 5 s later; the kernel goes on ---- */

struct daemon_case {
    const char *name;
    struct lab_setting setting;
    enum topo_vpn vpn;
    unsigned idle_s; /* without traffic, from the kill on; at least 5 */
    const char *from, *to;
    uint64_t pings, answered; /* a ping a second */
    const char *text;         /* of the last error */
};

#define UNREACHABLE "From 192.168.1.5 Destination Net Unreachable"

static const struct daemon_case daemon_cases[] = {
    {"12a", {.change = dpd_clear}, POLICY, 5, "txl1", "lhr1", 215, 215, ""},
    {"12a", {.change = dpd_clear}, POLICY, 5, "lhr1", "txl1", 215, 215, ""},
    {"12b", {.change = lhr_starts}, POLICY, 7, "txl1", "lhr1", 30, 30, ""},
    {"12b", {.change = lhr_starts}, POLICY, 7, "lhr1", "txl1", 30, 30, ""},
    {"12b", {.change = lhr_starts}, ROUTE, 7, "txl1", "lhr1", 30, 30, ""},
    {"12c", {.change = dpd_restart}, POLICY, 5, "txl1", "lhr1", 215, 215, ""},
    /* Measured: 43. */
    {"12c", {.change = dpd_restart}, ROUTE, 10, "txl1", "lhr1", 210, 44, ""},
    {"12d", {.set = LAB_TRAP_BOTH, .change = dpd_clear}, POLICY, 5, "txl1", "lhr1", 215, 215, ""},
    {"12e", {.set = 0}, POLICY, 5, "txl1", "lhr1", 40, 40, ""},
    {"12e", {.set = 0}, ROUTE, 5, "txl1", "lhr1", 40, 0, ""},
    {"12i", {.change = dpd_clear}, POLICY, 190, "txl1", "lhr1", 3, 0, UNREACHABLE},
    {"12i", {.change = dpd_clear}, POLICY, 190, "lhr1", "txl1", 3, 0, ""},
    /* Measured: 153, the request having gone out 12 s after the kill. */
    {"12n", {.change = dpd_clear}, POLICY, 23, "txl1", "lhr1", 170, 153, UNREACHABLE},
};

static void kill_daemon(struct lab *lab, unsigned idle_s)
{
    lab_initiate(lab, LAB_TXL);
    assert_int_equal(lab_ping(lab, "txl1", "lhr1", 1).received, 1);
    base_ns killed = topo_world_now(lab->world);
    sim_gateway_kill_daemon(lab_gateway(lab, LAB_LHR));
    topo_world_run_until(lab->world, killed + 5 * BASE_S);
    sim_gateway_start_daemon(lab_gateway(lab, LAB_LHR));
    topo_world_run_until(lab->world, killed + idle_s * BASE_S);
}

static void daemon_killed(void **state)
{
    unsigned differing = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(daemon_cases) / sizeof(*daemon_cases); i++) {
        const struct daemon_case *row = &daemon_cases[i];
        struct lab lab;
        lab_arrange(&lab, &row->setting, row->vpn);
        kill_daemon(&lab, row->idle_s);
        struct lab_ping ping = lab_ping_every(&lab, row->from, row->to, row->pings, BASE_S);
        if (ping.received != row->answered || strcmp(ping.text, row->text) != 0) {
            print_error("case %s, %s: %u of %u, %s\n", row->name,
                        row->vpn == POLICY ? "policy-based" : "route-based",
                        (unsigned)ping.received, (unsigned)ping.sent, ping.text);
            differing++;
        }
        lab_end(&lab);
    }
    assert_int_equal(differing, 0);
}

/* 12e: nothing breaks while it is dead; route-based the data path is the process. 12i: an
 * administrator heals it. 12m: not while a liveness check waits for its answer. */
static void daemon_dead_and_healed(void **state)
{
    (void)state;
    for (enum topo_vpn vpn = POLICY; vpn <= ROUTE; vpn++) {
        struct lab lab;
        lab_arrange(&lab, &(struct lab_setting){.change = dpd_clear}, vpn);
        lab_initiate(&lab, LAB_TXL);
        sim_gateway_kill_daemon(lab_gateway(&lab, LAB_LHR));
        assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, vpn == POLICY ? 3 : 0);
        lab_end(&lab);
    }
    struct lab lab;
    char text[128];
    lab_arrange(&lab, &(struct lab_setting){.change = dpd_clear}, POLICY);
    kill_daemon(&lab, 190);
    assert_string_equal(lab_state(&lab, LAB_TXL, text), "down");
    lab_initiate(&lab, LAB_TXL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, 3);
    lab_end(&lab);

    lab_arrange(&lab, &(struct lab_setting){.change = dpd_clear}, POLICY);
    kill_daemon(&lab, 23);
    lab_initiate(&lab, LAB_TXL);
    assert_int_equal(lab_ping(&lab, "txl1", "lhr1", 3).received, 3);
    assert_string_equal(lab_state(&lab, LAB_LHR, text), "down");
    lab_end(&lab);
}

/* ---- Others ---- */

/* Case 11idle: 45 s later lhr1 -> txl1 still works, by a keepalive every 20 s; without them the mapping is gone. */
static void nat_idle(void **state)
{
    (void)state;
    for (unsigned keepalive_s = 0; keepalive_s <= 20; keepalive_s += 20) {
        struct lab lab;
        lab_init(&lab);
        lab_nat(&lab);
        lab_behaviour(&lab, LAB_TXL)->nat_keepalive_ns = keepalive_s * BASE_S;
        lab_behaviour(&lab, LAB_TXL)->dpd_delay_ns = 0;
        lab_behaviour(&lab, LAB_LHR)->dpd_delay_ns = 0;
        lab_start_tunnel(&lab);
        lab_wait(&lab, 45 * BASE_S);
        assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, keepalive_s ? 3 : 0);
        lab_end(&lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_all_the_while),
        cmocka_unit_test(sizes_of_echoes),
        cmocka_unit_test(reboots),
        cmocka_unit_test(daemon_killed),
        cmocka_unit_test(daemon_dead_and_healed),
        cmocka_unit_test(nat_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
