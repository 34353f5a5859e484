/*
 * The lab's table: each configuration that was tried with real gateways, and what came out. A row is
 * the tunnel's state as the initiator sees it, then the pings txl1 -> lhr1, lhr1 -> txl1 and txl1 -> its
 * own gateway, in the words of ping. Two columns: policy-based (Linux XFRM, kernel 6.1) and
 * route-based (kernel-libipsec), both strongSwan 5.9.8.
 *
 * Where time matters it differs: here a negotiation takes two round trips of 2 ms and no computing, so that a trap
 * costs the first ping of three, not the first two.
 */
#include "tests/test.h"

#include "tests/gateway/lab.h"

#include "ipsec/crypto/algorithm.h"

#define UP "up 192.168.1.0/24=192.168.2.0/24"
#define UP_FROM_LHR "up 192.168.2.0/24=192.168.1.0/24"
#define UP_ANY "up 0.0.0.0/0=0.0.0.0/0"
#define UNREACHABLE_TXL "0/3 From 192.168.1.5 Destination Net Unreachable"
#define UNREACHABLE_LHR "0/3 From 192.168.2.5 Destination Net Unreachable"
#define LOOP "0/3 From 192.168.1.5 Time to live exceeded"

struct lab_column {
    const char *state; /* NULL: this column was not measured */
    const char *there, *back, *own;
};

struct lab_case {
    const char *name;
    void (*change)(struct lab *lab);  /* before the start */
    void (*disturb)(struct lab *lab); /* behind it */
    enum {
        BY_TXL,
        BY_LHR,
        BY_NOBODY
    } initiator;
    struct lab_column policy_based, route_based;
};

/* ---- What is changed ---- */

#define ANY "0.0.0.0/0"
#define TXL_LAN "192.168.1.0/24"
#define LHR_LAN "192.168.2.0/24"

static void any_both(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, ANY, ANY);
    lab_set_networks(lab, LAB_LHR, ANY, ANY);
}

static void any_remote(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, TXL_LAN, ANY);
    lab_set_networks(lab, LAB_LHR, LHR_LAN, ANY);
}

static void any_local(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, ANY, LHR_LAN);
    lab_set_networks(lab, LAB_LHR, ANY, TXL_LAN);
}

static void hub(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, TXL_LAN, ANY);
    lab_set_networks(lab, LAB_LHR, ANY, TXL_LAN);
}

static void any_txl(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, ANY, ANY);
}

static void any_txl_local(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, ANY, LHR_LAN);
}

static void any_txl_remote(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, TXL_LAN, ANY);
}

static void trap_txl(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->start = TOPO_START_ON_TRAFFIC;
}

static void trap_both(struct lab *lab)
{
    trap_txl(lab);
    lab_behaviour(lab, LAB_LHR)->start = TOPO_START_ON_TRAFFIC;
}

static void any_both_trap(struct lab *lab)
{
    any_both(lab);
    trap_both(lab);
}

static void any_txl_trap(struct lab *lab)
{
    any_txl(lab);
    trap_txl(lab);
}

static void any_txl_local_trap(struct lab *lab)
{
    any_txl_local(lab);
    trap_txl(lab);
}

static void any_txl_remote_trap(struct lab *lab)
{
    any_txl_remote(lab);
    trap_txl(lab);
}

/* A default route on both: here the routed internet, which carries the public addresses alone. */
static void default_routes(struct lab *lab)
{
    lab->model.internet.kind = TOPO_INTERNET_ROUTED;
}

static void any_both_default(struct lab *lab)
{
    any_both(lab);
    default_routes(lab);
}

static void no_route_lhr1(struct lab *lab)
{
    lab->hosts[LAB_LHR][0].route_count = 0;
}

static void no_route_txl1(struct lab *lab)
{
    lab->hosts[LAB_TXL][0].route_count = 0;
}

static void other_psk(struct lab *lab)
{
    lab->tunnels[LAB_LHR].psk = "another key of at least 32 characters";
}

static void other_ike(struct lab *lab)
{
    lab->tunnels[LAB_LHR].ike.encryption = crypto_encr_named("AES256-GCM-16");
}

static void other_esp(struct lab *lab)
{
    lab->tunnels[LAB_LHR].esp.encryption = crypto_encr_named("AES256-GCM-16");
}

static void other_group(struct lab *lab)
{
    lab->tunnels[LAB_LHR].ike.group = crypto_group_named("16-MODP4096");
}

static void remote_disjoint(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, TXL_LAN, "192.168.9.0/24");
}

static void local_half(struct lab *lab)
{
    lab_set_networks(lab, LAB_LHR, "192.168.2.0/25", TXL_LAN);
}

static void local_one_lhr(struct lab *lab)
{
    lab_set_networks(lab, LAB_LHR, "192.168.2.12/32", TXL_LAN);
}

static void local_one_lhr_default(struct lab *lab)
{
    local_one_lhr(lab);
    default_routes(lab);
}

static void local_one_txl(struct lab *lab)
{
    lab_set_networks(lab, LAB_TXL, "192.168.1.12/32", LHR_LAN);
}

static void remote_disjoint_lhr(struct lab *lab)
{
    lab_set_networks(lab, LAB_LHR, LHR_LAN, "192.168.7.0/24");
}

static void nobody(struct lab *lab)
{
    lab->tunnels[LAB_TXL].remote_address = lab_addr("203.0.113.21");
}

static void lhr_expects_nobody(struct lab *lab)
{
    lab->tunnels[LAB_LHR].remote_address = lab_addr("203.0.113.11");
}

static void other_id(struct lab *lab)
{
    lab->tunnels[LAB_TXL].remote_id = "lhr.example";
}

static void no_mobike(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->mobike = false;
}

static void force_udp(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->force_udp_encapsulation = true;
}

/* charon's default: the address of its own end. */
static void nat_default_id(struct lab *lab)
{
    lab_nat(lab);
    lab->tunnels[LAB_TXL].local_id = "10.0.0.10";
}

static void no_forwarding_lhr(struct lab *lab)
{
    lab_behaviour(lab, LAB_LHR)->ip_forward = false;
}

static void no_forwarding_txl(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->ip_forward = false;
}

static void rp_filter(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->rp_filter = TOPO_RP_FILTER_STRICT;
    lab_behaviour(lab, LAB_LHR)->rp_filter = TOPO_RP_FILTER_STRICT;
}

static void any_both_rp_filter(struct lab *lab)
{
    any_both(lab);
    rp_filter(lab);
}

static void bypass(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->bypass_lan = true;
    lab_behaviour(lab, LAB_LHR)->bypass_lan = true;
}

static void any_both_bypass(struct lab *lab)
{
    any_both(lab);
    bypass(lab);
}

static void any_remote_bypass(struct lab *lab)
{
    any_remote(lab);
    bypass(lab);
}

static void any_local_bypass(struct lab *lab)
{
    any_local(lab);
    bypass(lab);
}

static void hub_bypass(struct lab *lab)
{
    hub(lab);
    bypass(lab);
}

static void block_from_txl(struct lab *lab)
{
    lab_drop(lab, "txl-gw", lab_is_ike_or_natt);
}

static void block_from_lhr(struct lab *lab)
{
    lab_drop(lab, "lhr-gw", lab_is_ike_or_natt);
}

static void block_esp(struct lab *lab)
{
    lab_drop(lab, NULL, lab_is_esp);
}

static void block_natt(struct lab *lab)
{
    lab_drop(lab, NULL, lab_is_natt);
}

/* ---- The table ---- */

#define WORKS                                                                                      \
    {                                                                                              \
        UP, "3/3", "3/3", "3/3"                                                                    \
    }
#define WORKS_FROM_LHR                                                                             \
    {                                                                                              \
        UP_FROM_LHR, "3/3", "3/3", "3/3"                                                           \
    }
#define NO_TUNNEL(state)                                                                           \
    {                                                                                              \
        state, UNREACHABLE_TXL, UNREACHABLE_LHR, "3/3"                                             \
    }

static const struct lab_case cases[] = {
    {"1 tutorial", NULL, NULL, BY_TXL, WORKS, WORKS},
    {"1lhr initiated by lhr", NULL, NULL, BY_LHR, WORKS_FROM_LHR, WORKS_FROM_LHR},
    {"1defgw default routes", default_routes, NULL, BY_TXL, WORKS, {0}},
    {"1trap", trap_both, NULL, BY_NOBODY, {UP, "2/3", "3/3", "3/3"}, {0}},
    {"2 any and any on both",
     any_both,
     NULL,
     BY_TXL,
     {UP_ANY, "0/3", "0/3", "0/3"},
     {"connecting", UNREACHABLE_TXL, "0/3", "3/3"}},
    {"2b remote any on both", any_remote, NULL, BY_TXL, WORKS, WORKS},
    {"2c local any on both", any_local, NULL, BY_TXL, WORKS, WORKS},
    {"2defgw", any_both_default, NULL, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3"}, {0}},
    {"2hub",
     hub,
     NULL,
     BY_TXL,
     {"up 192.168.1.0/24=0.0.0.0/0", "0/3", LOOP, "0/3"},
     {"up 192.168.1.0/24=0.0.0.0/0", "0/3", "0/3", "0/3"}},
    {"2rp", any_both_rp_filter, NULL, BY_TXL, {UP_ANY, "0/3", "0/3", "0/3"}, {0}},
    {"2trap",
     any_both_trap,
     NULL,
     BY_NOBODY,
     {"down", "0/3", "0/3", "0/3"},
     {"down", "0/3", "0/3", "0/3"}},
    {"3a txl any and any", any_txl, NULL, BY_TXL, WORKS, WORKS},
    {"3a-lhr", any_txl, NULL, BY_LHR, WORKS_FROM_LHR, {0}},
    {"3a-trap",
     any_txl_trap,
     NULL,
     BY_NOBODY,
     {"down", "0/3", UNREACHABLE_LHR, "0/3"},
     {"down", "0/3", UNREACHABLE_LHR, "0/3"}},
    {"3b txl local any", any_txl_local, NULL, BY_TXL, WORKS, WORKS},
    {"3b-lhr", any_txl_local, NULL, BY_LHR, WORKS_FROM_LHR, {0}},
    {"3b-trap", any_txl_local_trap, NULL, BY_NOBODY, {UP, "2/3", "3/3", "3/3"}, {0}},
    {"3c txl remote any", any_txl_remote, NULL, BY_TXL, WORKS, WORKS},
    {"3c-lhr", any_txl_remote, NULL, BY_LHR, WORKS_FROM_LHR, {0}},
    {"3c-trap",
     any_txl_remote_trap,
     NULL,
     BY_NOBODY,
     {UP, "0/3", LOOP, "0/3"},
     {"down", "0/3", UNREACHABLE_LHR, "0/3"}},
    {"4a lhr1 without route",
     no_route_lhr1,
     NULL,
     BY_TXL,
     {UP, "0/3", "connect: Network is unreachable", "3/3"},
     {UP, "0/3", "connect: Network is unreachable", "3/3"}},
    {"4b txl1 without route",
     no_route_txl1,
     NULL,
     BY_TXL,
     {UP, "connect: Network is unreachable", "0/3", "3/3"},
     {UP, "connect: Network is unreachable", "0/3", "3/3"}},
    {"5 keys differ", other_psk, NULL, BY_TXL, NO_TUNNEL("down"), NO_TUNNEL("down")},
    {"6a IKE disjoint", other_ike, NULL, BY_TXL, NO_TUNNEL("down"), {0}},
    {"6b ESP disjoint", other_esp, NULL, BY_TXL, NO_TUNNEL("IKE only"), {0}},
    {"6c2 groups disjoint", other_group, NULL, BY_TXL, NO_TUNNEL("down"), {0}},
    {"7a txl's remote disjoint", remote_disjoint, NULL, BY_TXL, NO_TUNNEL("IKE only"),
     NO_TUNNEL("IKE only")},
    {"7b lhr's local half",
     local_half,
     NULL,
     BY_TXL,
     {"up 192.168.1.0/24=192.168.2.0/25", "3/3", "3/3", "3/3"},
     {"up 192.168.1.0/24=192.168.2.0/25", "3/3", "3/3", "3/3"}},
    {"7c lhr's local one host", local_one_lhr, NULL, BY_TXL,
     NO_TUNNEL("up 192.168.1.0/24=192.168.2.12/32"), NO_TUNNEL("IKE only")},
    {"7cdef with default routes",
     local_one_lhr_default,
     NULL,
     BY_TXL,
     {"up 192.168.1.0/24=192.168.2.12/32", "0/3", "0/3", "3/3"},
     {"IKE only", "0/3", "0/3", "3/3"}},
    {"7d txl's local one host", local_one_txl, NULL, BY_TXL,
     NO_TUNNEL("up 192.168.1.12/32=192.168.2.0/24"), NO_TUNNEL("IKE only")},
    {"7d-lhr", local_one_txl, NULL, BY_LHR, NO_TUNNEL("up 192.168.2.0/24=192.168.1.12/32"), {0}},
    {"7e lhr's remote disjoint", remote_disjoint_lhr, NULL, BY_TXL, NO_TUNNEL("IKE only"),
     NO_TUNNEL("IKE only")},
    {"9 no such peer", nobody, NULL, BY_TXL, NO_TUNNEL("connecting"), {0}},
    {"9b lhr knows another peer", lhr_expects_nobody, NULL, BY_TXL, NO_TUNNEL("down"), {0}},
    {"9c other identity", other_id, NULL, BY_TXL, NO_TUNNEL("down"), {0}},
    {"10a UDP blocked from txl", NULL, block_from_txl, BY_TXL, NO_TUNNEL("connecting"), {0}},
    {"10b UDP blocked from lhr", NULL, block_from_lhr, BY_TXL, NO_TUNNEL("connecting"), {0}},
    {"10c ESP blocked", NULL, block_esp, BY_TXL, {UP, "0/3", "0/3", "3/3"}, WORKS},
    {"10d UDP 4500 blocked", NULL, block_natt, BY_TXL, NO_TUNNEL("connecting"),
     NO_TUNNEL("connecting")},
    {"10e the same without MOBIKE", no_mobike, block_natt, BY_TXL, WORKS, {0}},
    {"10f ESP blocked, forced UDP", force_udp, block_esp, BY_TXL, WORKS, {0}},
    {"11 NAT in front of txl", lab_nat, NULL, BY_TXL, WORKS, WORKS},
    {"11id the same, txl's id left to default",
     nat_default_id,
     NULL,
     BY_TXL,
     {"down", "0/3", UNREACHABLE_LHR, "3/3"},
     {0}},
    {"11lhr the same, initiated by lhr",
     lab_nat,
     NULL,
     BY_LHR,
     {"connecting", "0/3", UNREACHABLE_LHR, "3/3"},
     {0}},
    {"14a lhr does not forward", no_forwarding_lhr, NULL, BY_TXL, {UP, "0/3", "0/3", "3/3"}, {0}},
    {"14b txl does not forward", no_forwarding_txl, NULL, BY_TXL, {UP, "0/3", "0/3", "3/3"}, {0}},
    {"14c reverse path filter", rp_filter, NULL, BY_TXL, WORKS, WORKS},
    {"16 case 2 and bypass-lan",
     any_both_bypass,
     NULL,
     BY_TXL,
     {UP_ANY, "0/3", "0/3", "3/3"},
     {"connecting", "0/3", "0/3", "0/3"}},
    {"16b case 2b and bypass-lan", any_remote_bypass, NULL, BY_TXL, WORKS, {0}},
    {"16c case 2c and bypass-lan", any_local_bypass, NULL, BY_TXL, WORKS, {0}},
    {"16hub case 2hub and bypass-lan",
     hub_bypass,
     NULL,
     BY_TXL,
     {"up 192.168.1.0/24=0.0.0.0/0", "3/3", "3/3", "3/3"},
     {0}},
};

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

static bool play(const struct lab_case *row, enum topo_vpn vpn, const struct lab_column *wanted)
{
    struct lab lab;
    char text[128];
    const char *column = vpn == TOPO_VPN_POLICY_BASED ? "policy-based" : "route-based";
    lab_init(&lab);
    lab_behaviour(&lab, LAB_TXL)->vpn = lab_behaviour(&lab, LAB_LHR)->vpn = vpn;
    if (row->change)
        row->change(&lab);
    lab_start(&lab);
    if (row->disturb)
        row->disturb(&lab);
    if (row->initiator != BY_NOBODY)
        lab_initiate(&lab, row->initiator == BY_LHR ? LAB_LHR : LAB_TXL);
    bool good = ping_same(&lab, row->name, column, "txl1", "192.168.2.11", wanted->there);
    good &= ping_same(&lab, row->name, column, "lhr1", "192.168.1.11", wanted->back);
    good &= ping_same(&lab, row->name, column, "txl1", "192.168.1.5", wanted->own);
    enum lab_side side = row->initiator == BY_LHR ? LAB_LHR : LAB_TXL;
    good &= same(row->name, column, "state", lab_state(&lab, side, text), wanted->state);
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
        lab_start(&lab);
        lab_initiate(&lab, LAB_TXL);
        topo_world_run_until(lab.world, topo_world_now(lab.world) + 45 * BASE_S);
        assert_int_equal(lab_ping(&lab, "lhr1", "txl1", 3).received, keepalive_s ? 3 : 0);
        lab_end(&lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_based),
        cmocka_unit_test(route_based),
        cmocka_unit_test(nat_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
