/*
 * The lab's table: each configuration that was tried with real gateways, by its number there, and
 * what came out. A row is the tunnel's state as the initiator sees it, then the pings txl1 -> lhr1,
 * lhr1 -> txl1 and txl1 -> its own gateway, in the words of ping. Two columns: policy-based (Linux
 * XFRM, kernel 6.1.192) and route-based (kernel-libipsec), both strongSwan 5.9.8. What takes longer
 * than three pings is in test_timed.c; docs/likeness.md says what differs.
 */
#include "tests/test.h"

#include "tests/gateway/kernel.h"
#include "tests/gateway/setting.h"

#define UP "up 192.168.1.0/24=192.168.2.0/24"
#define UP_FROM_LHR "up 192.168.2.0/24=192.168.1.0/24"
#define UP_ANY "up 0.0.0.0/0=0.0.0.0/0"
#define UP_HUB "up 192.168.1.0/24=0.0.0.0/0"
#define UP_SAME "up 192.168.1.0/24=192.168.1.0/24"
#define UNREACHABLE_TXL "0/3 From 192.168.1.5 Destination Net Unreachable"
#define UNREACHABLE_LHR "0/3 From 192.168.2.5 Destination Net Unreachable"
#define LOOP "0/3 From 192.168.1.5 Time to live exceeded"
#define NO_CONNECT "connect: Network is unreachable"

struct lab_column {
    const char *state; /* NULL: this column was not measured */
    const char *there, *back, *own;
    /* Further pings, of each how many were answered: lhr1 to its gateway (2), txl2 to lhr2 (1), txl-gw to lhr1 (2),
     * to lhr-gw's public address (1), to txl1 (1); U: net unreachable, N: no route of its own. NULL: not asked. */
    const char *others;
};

struct lab_case {
    const char *name;
    struct lab_setting setting;
    enum {
        BY_TXL,
        BY_LHR,
        BY_NOBODY
    } initiator;
    struct lab_column policy_based, route_based;
};

/* A case a line, or two. */
/* clang-format off */
#define WORKS {UP, "3/3", "3/3", "3/3", "2 1 2 1 1"}
#define WORKS_FROM_LHR {UP_FROM_LHR, "3/3", "3/3", "3/3", "2 1 2 1 1"}
#define NO_WAY(state) {state, UNREACHABLE_TXL, UNREACHABLE_LHR, "3/3", "2 U N 1 1"}
#define NOT_TRIED {NULL, NULL, NULL, NULL, NULL}
#define HUB .txl = {NULL, LAB_ANY}, .lhr = {LAB_ANY, LAB_TXL_LAN}

static const struct lab_case cases[] = {
    /* The tutorial. */
    {"1", {.set = 0}, BY_TXL, WORKS, WORKS},
    {"1lhr", {.set = 0}, BY_LHR, WORKS_FROM_LHR, WORKS_FROM_LHR},
    {"1defgw", {.set = LAB_DEFAULT_ROUTES}, BY_TXL, WORKS, NOT_TRIED},
    {"1noroutes", {.set = LAB_NO_ROUTES}, BY_TXL, NO_WAY(UP), NOT_TRIED},
    {"1trap", {.set = LAB_TRAP_BOTH, .change = lab_slow_handshake}, BY_NOBODY, {UP, "1/3", "3/3", "3/3", "2 1 2 1 1"}, NOT_TRIED},
    /* 0.0.0.0/0 on both sides. */
    {"2", {LAB_BOTH_ANY}, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3", "0 0 0 1 0"}, {"connecting", UNREACHABLE_TXL, "0/3", "3/3", "0 U N 0 1"}},
    {"2b", {.txl = {NULL, LAB_ANY}, .lhr = {NULL, LAB_ANY}}, BY_TXL, WORKS, WORKS},
    {"2c", {.txl = {LAB_ANY, NULL}, .lhr = {LAB_ANY, NULL}}, BY_TXL, WORKS, WORKS},
    {"2defgw", {LAB_BOTH_ANY, .set = LAB_DEFAULT_ROUTES}, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3", "0 0 0 1 0"}, NOT_TRIED},
    {"2hub", {HUB}, BY_TXL, {UP_HUB, "0/3", LOOP, "0/3", "2 0 2 1 0"}, {UP_HUB, "0/3", "0/3", "0/3", "2 0 0 0 0"}},
    {"2mark", {LAB_BOTH_ANY, .set = LAB_FWMARK}, BY_TXL, NOT_TRIED, {UP_ANY, "0/3", "0/3", "0/3", "0 0 0 1 0"}},
    {"2noroutes", {LAB_BOTH_ANY, .set = LAB_NO_ROUTES}, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3", "0 0 N 1 0"}, NOT_TRIED},
    {"2rp", {LAB_BOTH_ANY, .set = LAB_RP_FILTER}, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3", "0 0 0 1 0"}, NOT_TRIED},
    {"2trap", {LAB_BOTH_ANY, .set = LAB_TRAP_BOTH}, BY_NOBODY,
     {"down", "0/3", "0/3", "0/3", "0 0 0 1 0"}, {"down", "0/3", "0/3", "0/3", "0 0 0 0 0"}},
    /* 0.0.0.0/0 on one side. */
    {"3a", {.txl = {LAB_ANY, LAB_ANY}}, BY_TXL, WORKS, WORKS},
    {"3a-lhr", {.txl = {LAB_ANY, LAB_ANY}}, BY_LHR, WORKS_FROM_LHR, NOT_TRIED},
    {"3a-trap", {.txl = {LAB_ANY, LAB_ANY}, .set = LAB_TRAP_TXL, .change = lab_slow_handshake}, BY_NOBODY,
     {"down", "0/3", UNREACHABLE_LHR, "0/3", "2 0 0 0 0"}, {"down", "0/3", UNREACHABLE_LHR, "0/3", "2 0 0 0 0"}},
    {"3b", {.txl = {LAB_ANY, NULL}}, BY_TXL, WORKS, WORKS},
    {"3b-lhr", {.txl = {LAB_ANY, NULL}}, BY_LHR, WORKS_FROM_LHR, NOT_TRIED},
    {"3b-trap", {.txl = {LAB_ANY, NULL}, .set = LAB_TRAP_TXL, .change = lab_slow_handshake}, BY_NOBODY,
     {UP, "1/3", "3/3", "3/3", "2 1 2 1 1"}, NOT_TRIED},
    {"3c", {.txl = {NULL, LAB_ANY}}, BY_TXL, WORKS, WORKS},
    {"3c-lhr", {.txl = {NULL, LAB_ANY}}, BY_LHR, WORKS_FROM_LHR, NOT_TRIED},
    {"3c-trap", {.txl = {NULL, LAB_ANY}, .set = LAB_TRAP_TXL}, BY_NOBODY,
     {UP, "0/3", LOOP, "0/3", "2 0 2 0 0"}, {"down", "0/3", UNREACHABLE_LHR, "0/3", "2 0 0 0 0"}},
    /* Hosts' routes. */
    {"4a", {.change = lab_no_route_lhr1}, BY_TXL, {UP, "0/3", NO_CONNECT, "3/3", "2 1 0 1 1"}, {UP, "0/3", NO_CONNECT, "3/3", "2 1 0 1 1"}},
    {"4b", {.change = lab_no_route_txl1}, BY_TXL, {UP, NO_CONNECT, "0/3", "3/3", "2 1 2 1 1"}, {UP, NO_CONNECT, "0/3", "3/3", "2 1 2 1 1"}},
    /* Keys and algorithms. */
    {"5", {.change = lab_other_psk}, BY_TXL, NO_WAY("down, AUTHENTICATION_FAILED"), NO_WAY("down, AUTHENTICATION_FAILED")},
    {"6a", {.change = lab_other_ike}, BY_TXL, NO_WAY("down, NO_PROPOSAL_CHOSEN"), NOT_TRIED},
    {"6b", {.change = lab_other_esp}, BY_TXL, NO_WAY("IKE only, NO_PROPOSAL_CHOSEN"), NOT_TRIED},
    {"6c", {.change = lab_groups_in_other_order}, BY_TXL, WORKS, NOT_TRIED},
    {"6c1", {.change = lab_one_group_of_two}, BY_TXL, WORKS, NOT_TRIED},
    {"6c2", {.change = lab_other_group}, BY_TXL, NO_WAY("down, NO_PROPOSAL_CHOSEN"), NOT_TRIED},
    /* Selectors that differ. */
    {"7a", {.txl = {NULL, "192.168.9.0/24"}}, BY_TXL, NO_WAY("IKE only, TS_UNACCEPTABLE"), NO_WAY("IKE only, TS_UNACCEPTABLE")},
    {"7b", {.lhr = {"192.168.2.0/25", NULL}}, BY_TXL,
     {"up 192.168.1.0/24=192.168.2.0/25", "3/3", "3/3", "3/3", "2 1 2 1 1"},
     {"up 192.168.1.0/24=192.168.2.0/25", "3/3", "3/3", "3/3", "2 1 2 1 1"}},
    {"7c", {.lhr = {"192.168.2.12/32", NULL}}, BY_TXL,
     {"up 192.168.1.0/24=192.168.2.12/32", UNREACHABLE_TXL, UNREACHABLE_LHR, "3/3", "2 0 N 1 1"},
     NO_WAY("IKE only, TS_UNACCEPTABLE")},
    /* Measured: 0 for U. What an internet router has no route for it answers here, where the source is a public one. */
    {"7cdef", {.lhr = {"192.168.2.12/32", NULL}, .set = LAB_DEFAULT_ROUTES}, BY_TXL,
     {"up 192.168.1.0/24=192.168.2.12/32", "0/3", "0/3", "3/3", "2 1 U 1 1"},
     {"IKE only, TS_UNACCEPTABLE", "0/3", "0/3", "3/3", "2 0 U 1 1"}},
    {"7d", {.txl = {"192.168.1.12/32", NULL}}, BY_TXL,
     NO_WAY("up 192.168.1.12/32=192.168.2.0/24"), NO_WAY("IKE only")},
    {"7d-lhr", {.txl = {"192.168.1.12/32", NULL}}, BY_LHR, NO_WAY("up 192.168.2.0/24=192.168.1.12/32"), NOT_TRIED},
    {"7e", {.lhr = {NULL, "192.168.7.0/24"}}, BY_TXL, NO_WAY("IKE only, TS_UNACCEPTABLE"), NO_WAY("IKE only, TS_UNACCEPTABLE")},
    /* One subnet on both sites. */
    {"8", {.change = lab_same_subnet, .pinged = {"192.168.1.21", NULL}}, BY_TXL, {UP_SAME, "0/3", "0/3", "0/3", NULL}, NOT_TRIED},
    {"8same", {.change = lab_same_numbers, .pinged = {"192.168.1.11", "192.168.1.5"}}, BY_TXL,
     {UP_SAME, "3/3", "0/3", "0/3", NULL}, NOT_TRIED},
    /* Addresses and identities. */
    {"9", {.change = lab_nobody}, BY_TXL, NO_WAY("connecting"), NOT_TRIED},
    {"9b", {.change = lab_lhr_expects_nobody}, BY_TXL, NO_WAY("down, NO_PROPOSAL_CHOSEN"), NOT_TRIED},
    {"9c", {.change = lab_other_id}, BY_TXL, NO_WAY("down, AUTHENTICATION_FAILED"), NOT_TRIED},
    /* What the way drops. */
    {"10a", {.disturb = lab_block_from_txl}, BY_TXL, NO_WAY("connecting"), NOT_TRIED},
    {"10b", {.disturb = lab_block_from_lhr}, BY_TXL, NO_WAY("connecting"), NOT_TRIED},
    {"10c", {.disturb = lab_block_esp}, BY_TXL, {UP, "0/3", "0/3", "3/3", "2 0 0 1 1"}, WORKS},
    {"10d", {.disturb = lab_block_natt}, BY_TXL, NO_WAY("connecting"), NO_WAY("connecting")},
    {"10e", {.change = lab_no_mobike, .disturb = lab_block_natt}, BY_TXL, WORKS, NOT_TRIED},
    {"10f", {.change = lab_force_udp, .disturb = lab_block_esp}, BY_TXL, WORKS, NOT_TRIED},
    /* A NAT router in front of txl. */
    {"11", {.change = lab_nat}, BY_TXL, WORKS, WORKS},
    {"11id", {.change = lab_nat_default_id}, BY_TXL, {"down, AUTHENTICATION_FAILED", "0/3", UNREACHABLE_LHR, "3/3", "2 0 U 1 1"}, NOT_TRIED},
    {"11lhr", {.change = lab_nat}, BY_LHR, {"connecting", "0/3", UNREACHABLE_LHR, "3/3", "2 0 U 1 1"}, NOT_TRIED},
    /* The kernel's switches. */
    {"14a", {.change = lab_no_forwarding_lhr}, BY_TXL, {UP, "0/3", "0/3", "3/3", "2 0 0 1 1"}, NOT_TRIED},
    {"14b", {.change = lab_no_forwarding_txl}, BY_TXL, {UP, "0/3", "0/3", "3/3", "2 0 2 1 1"}, NOT_TRIED},
    {"14c", {.set = LAB_RP_FILTER}, BY_TXL, WORKS, WORKS},
    /* bypass-lan. With interfaces_use = lan, and with a pass child of one's own, the wan's subnet
     * is not bypassed: as here where wan is point to point and has none. */
    {"16", {LAB_BOTH_ANY, .set = LAB_BYPASS}, BY_TXL, {UP_ANY, "0/3", "0/3", "3/3", "2 0 0 1 1"}, {"connecting", "0/3", "0/3", "0/3", "0 0 N 0 0"}},
    {"16b", {.txl = {NULL, LAB_ANY}, .lhr = {NULL, LAB_ANY}, .set = LAB_BYPASS}, BY_TXL, WORKS, NOT_TRIED},
    {"16c", {.txl = {LAB_ANY, NULL}, .lhr = {LAB_ANY, NULL}, .set = LAB_BYPASS}, BY_TXL, WORKS, NOT_TRIED},
    {"16hub", {HUB, .set = LAB_BYPASS}, BY_TXL, {UP_HUB, "3/3", "3/3", "3/3", "2 1 2 1 1"}, NOT_TRIED},
    {"16lan, 16pass", {LAB_BOTH_ANY, .set = LAB_BYPASS | LAB_DEFAULT_ROUTES}, BY_TXL, {UP_ANY, "0/3", "0/3", "3/3", "2 0 0 1 1"}, NOT_TRIED},
};
/* clang-format on */

/* ---- Playing a row ---- */

static const char *words(const struct lab_ping *ping, char out[static 128])
{
    if (ping->statistics.no_connect)
        snprintf(out, 128, "%s", ping->text);
    else
        snprintf(out, 128, "%u/%u%s%s", (unsigned)ping->received, (unsigned)ping->sent,
                 *ping->text ? " " : "", ping->text);
    return out;
}

static bool same(const char *name, const char *column, const char *what, const char *is,
                 const char *wanted)
{
    if (!strcmp(is, wanted))
        return true;
    print_error("case %s, %s, %s: \"%s\", measured \"%s\"\n", name, column, what, is, wanted);
    return false;
}

static bool ping_same(struct lab *lab, const char *name, const char *column, const char *from,
                      const char *to, const char *wanted)
{
    char text[128];
    struct lab_ping ping = lab_ping(lab, from, to, 3);
    return same(name, column, from, words(&ping, text), wanted);
}

static char code_of(const struct lab_ping *ping)
{
    if (ping->statistics.no_connect)
        return 'N';
    return ping->errors && strstr(ping->text, "Net Unreachable") ? 'U'
                                                                 : (char)('0' + ping->received);
}

static bool others_same(struct lab *lab, const char *name, const char *column, const char *wanted)
{
    static const struct {
        const char *from, *to;
        unsigned count;
    } pings[] = {{"lhr1", "192.168.2.5", 2},
                 {"txl2", "192.168.2.12", 1},
                 {"txl-gw", "192.168.2.11", 2},
                 {"txl-gw", "203.0.113.20", 1},
                 {"txl-gw", "192.168.1.11", 1}};
    char is[2 * sizeof(pings) / sizeof(*pings)] = "";
    if (!wanted)
        return true;
    for (size_t i = 0; i < sizeof(pings) / sizeof(*pings); i++) {
        struct lab_ping ping = lab_ping(lab, pings[i].from, pings[i].to, pings[i].count);
        is[2 * i] = code_of(&ping);
        is[2 * i + 1] = i < sizeof(pings) / sizeof(*pings) - 1 ? ' ' : 0;
    }
    struct lab_ping neighbour = lab_ping(lab, "txl1", "192.168.1.12", 1);
    return same(name, column, "others", is, wanted) &
           (neighbour.received == 1); /* the switch alone carries it, whatever the gateway does */
}

/* Table 220 and the counters of both gateways, as they were measured when the case was over. */
static bool kernel_same(struct lab *lab, const struct lab_case *row, enum topo_vpn vpn,
                        const char *column, bool up)
{
    const struct lab_kernel *kernel = lab_kernel_of(row->name, vpn);
    bool good = true;
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        char routes[256], counters[128];
        const char *gateway = lab_gateway_name(side);
        lab_kernel_routes(lab, side, routes);
        good &= same(row->name, column, gateway, routes,
                     kernel ? kernel->routes[side] : lab_kernel_usual_routes(vpn, side, up));
        lab_kernel_counters(lab, side, counters);
        if (vpn == TOPO_VPN_POLICY_BASED && (!kernel || kernel->counters[side]))
            good &=
                same(row->name, column, gateway, counters, kernel ? kernel->counters[side] : "");
    }
    return good;
}

static bool play(const struct lab_case *row, enum topo_vpn vpn, const struct lab_column *wanted)
{
    struct lab lab;
    char text[128];
    const char *column = vpn == TOPO_VPN_POLICY_BASED ? "policy-based" : "route-based";
    lab_arrange(&lab, &row->setting, vpn);
    if (row->initiator != BY_NOBODY)
        lab_initiate(&lab, row->initiator == BY_LHR ? LAB_LHR : LAB_TXL);
    bool good =
        ping_same(&lab, row->name, column, "txl1",
                  row->setting.pinged[0] ? row->setting.pinged[0] : "192.168.2.11", wanted->there);
    good &=
        ping_same(&lab, row->name, column, "lhr1",
                  row->setting.pinged[1] ? row->setting.pinged[1] : "192.168.1.11", wanted->back);
    good &= ping_same(&lab, row->name, column, "txl1", "192.168.1.5", wanted->own);
    enum lab_side side = row->initiator == BY_LHR ? LAB_LHR : LAB_TXL;
    good &= same(row->name, column, "state", lab_state(&lab, side, text), wanted->state);
    good &= others_same(&lab, row->name, column, wanted->others);
    good &= kernel_same(&lab, row, vpn, column, !strncmp(wanted->state, "up", 2));
    lab_end(&lab);
    return good;
}

static void policy_based(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (cases[i].policy_based.state)
            wrong += !play(&cases[i], TOPO_VPN_POLICY_BASED, &cases[i].policy_based);
    assert_int_equal(wrong, 0);
}

static void route_based(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (cases[i].route_based.state)
            wrong += !play(&cases[i], TOPO_VPN_ROUTE_BASED, &cases[i].route_based);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_based),
        cmocka_unit_test(route_based),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
