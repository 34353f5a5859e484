/* Routes and counters of a kernel; see kernel.h. */
#include "tests/test.h"

#include "tests/gateway/kernel.h"

#include <stdlib.h>

#define TO_LHR "192.168.2.0/24 via 203.0.113.20 dev wan src 192.168.1.5"
#define TO_TXL "192.168.1.0/24 via 203.0.113.10 dev wan src 192.168.2.5"

/*
 * XfrmOutNoStates: 2 in 3c-trap there, since the handshake took longer; not compared in 2trap and
 * 3a-trap, 5 there, since a ping on the gateway first looks its own address up, which counts, too.
 * 8 and 8same came after other pings.
 */
static const struct lab_kernel kernels[] = {
    {"1noroutes", TOPO_VPN_POLICY_BASED, {"", ""}, {"", ""}},
    {"16lan, 16pass",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan ; throw 192.168.1.0/24",
      "default via 203.0.113.10 dev wan ; throw 192.168.2.0/24"},
     {"XfrmInTmplMismatch=4", "XfrmInTmplMismatch=3"}},
    {"1trap", TOPO_VPN_POLICY_BASED, {TO_LHR, TO_TXL}, {"XfrmOutNoStates=2", ""}},
    {"2",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan", "default via 203.0.113.10 dev wan"},
     {"XfrmInTmplMismatch=7", "XfrmInTmplMismatch=5"}},
    {"2", TOPO_VPN_ROUTE_BASED, {"", "default dev ipsec0"}, {"", ""}},
    {"2defgw",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan", "default via 203.0.113.10 dev wan"},
     {"XfrmInTmplMismatch=7", "XfrmInTmplMismatch=5"}},
    {"2hub",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan src 192.168.1.5",
      "192.168.1.0/24 via 203.0.113.10 dev wan"},
     {"XfrmInTmplMismatch=3", ""}},
    {"2hub",
     TOPO_VPN_ROUTE_BASED,
     {"default dev ipsec0 src 192.168.1.5", "192.168.1.0/24 dev ipsec0"},
     {"", ""}},
    {"2mark", TOPO_VPN_ROUTE_BASED, {"default dev ipsec0", "default dev ipsec0"}, {"", ""}},
    {"2noroutes",
     TOPO_VPN_POLICY_BASED,
     {"", ""},
     {"XfrmInTmplMismatch=3", "XfrmInTmplMismatch=2"}},
    {"2rp",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan", "default via 203.0.113.10 dev wan"},
     {"", ""}},
    {"2trap",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan", "default via 203.0.113.10 dev wan"},
     {NULL, "XfrmInTmplMismatch=5"}},
    {"2trap", TOPO_VPN_ROUTE_BASED, {"default dev ipsec0", "default dev ipsec0"}, {"", ""}},
    {"3a-trap",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan ; 192.168.2.0/24 via 203.0.113.20 dev wan src 192.168.1.5",
      TO_TXL},
     {NULL, "XfrmInNoPols=2"}},
    {"3a-trap", TOPO_VPN_ROUTE_BASED, {"default dev ipsec0", ""}, {"", ""}},
    {"3b-trap", TOPO_VPN_POLICY_BASED, {TO_LHR, TO_TXL}, {"XfrmOutNoStates=2", ""}},
    {"3c-trap",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan src 192.168.1.5 ; 192.168.2.0/24 via 203.0.113.20 dev wan "
      "src 192.168.1.5",
      TO_TXL},
     {"XfrmInTmplMismatch=3 XfrmOutNoStates=1", "XfrmInNoPols=2"}},
    {"3c-trap", TOPO_VPN_ROUTE_BASED, {"default dev ipsec0 src 192.168.1.5", ""}, {"", ""}},
    {"7b",
     TOPO_VPN_POLICY_BASED,
     {"192.168.2.0/25 via 203.0.113.20 dev wan src 192.168.1.5", TO_TXL},
     {"", ""}},
    {"7b",
     TOPO_VPN_ROUTE_BASED,
     {"192.168.2.0/25 dev ipsec0 src 192.168.1.5", "192.168.1.0/24 dev ipsec0 src 192.168.2.5"},
     {"", ""}},
    {"7c",
     TOPO_VPN_POLICY_BASED,
     {"192.168.2.12 via 203.0.113.20 dev wan src 192.168.1.5", ""},
     {"", ""}},
    {"7cdef",
     TOPO_VPN_POLICY_BASED,
     {"192.168.2.12 via 203.0.113.20 dev wan src 192.168.1.5", ""},
     {"", ""}},
    {"7d",
     TOPO_VPN_POLICY_BASED,
     {"", "192.168.1.12 via 203.0.113.10 dev wan src 192.168.2.5"},
     {"", ""}},
    {"7d-lhr",
     TOPO_VPN_POLICY_BASED,
     {"", "192.168.1.12 via 203.0.113.10 dev wan src 192.168.2.5"},
     {"", ""}},
    {"8",
     TOPO_VPN_POLICY_BASED,
     {"192.168.1.0/24 via 203.0.113.20 dev wan src 192.168.1.5",
      "192.168.1.0/24 via 203.0.113.10 dev wan src 192.168.1.6"},
     {NULL, NULL}},
    {"8same",
     TOPO_VPN_POLICY_BASED,
     {"192.168.1.0/24 via 203.0.113.20 dev wan src 192.168.1.5",
      "192.168.1.0/24 via 203.0.113.10 dev wan src 192.168.1.5"},
     {NULL, NULL}},
    {"11",
     TOPO_VPN_POLICY_BASED,
     {"192.168.2.0/24 via 10.0.0.1 dev wan src 192.168.1.5", TO_TXL},
     {"", ""}},
    {"16",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan ; throw 192.168.1.0/24 ; throw 203.0.113.0/24",
      "default via 203.0.113.10 dev wan ; throw 192.168.2.0/24 ; throw 203.0.113.0/24"},
     {"XfrmInTmplMismatch=4", "XfrmInTmplMismatch=3"}},
    {"16",
     TOPO_VPN_ROUTE_BASED,
     {"192.168.1.0/24 dev ipsec0 src 192.168.1.5 ; 203.0.113.0/24 dev ipsec0 src 203.0.113.10",
      "192.168.2.0/24 dev ipsec0 src 192.168.2.5 ; 203.0.113.0/24 dev ipsec0 src 203.0.113.20"},
     {"", ""}},
    {"16b",
     TOPO_VPN_POLICY_BASED,
     {"throw 192.168.1.0/24 ; 192.168.2.0/24 via 203.0.113.20 dev wan src 192.168.1.5 ; throw "
      "203.0.113.0/24",
      "192.168.1.0/24 via 203.0.113.10 dev wan src 192.168.2.5 ; throw 192.168.2.0/24 ; throw "
      "203.0.113.0/24"},
     {"", ""}},
    {"16c",
     TOPO_VPN_POLICY_BASED,
     {"throw 192.168.1.0/24 ; 192.168.2.0/24 via 203.0.113.20 dev wan src 192.168.1.5 ; throw "
      "203.0.113.0/24",
      "192.168.1.0/24 via 203.0.113.10 dev wan src 192.168.2.5 ; throw 192.168.2.0/24 ; throw "
      "203.0.113.0/24"},
     {"", ""}},
    {"16hub",
     TOPO_VPN_POLICY_BASED,
     {"default via 203.0.113.20 dev wan src 192.168.1.5 ; throw 192.168.1.0/24 ; throw "
      "203.0.113.0/24",
      "192.168.1.0/24 via 203.0.113.10 dev wan ; throw 192.168.2.0/24 ; throw 203.0.113.0/24"},
     {"", ""}},
};

const struct lab_kernel *lab_kernel_of(const char *name, enum topo_vpn vpn)
{
    for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++)
        if (!strcmp(kernels[i].name, name) && kernels[i].vpn == vpn)
            return &kernels[i];
    return NULL;
}

const char *lab_kernel_usual_routes(enum topo_vpn vpn, enum lab_side side, bool up)
{
    static const char *const usual[2][2] = {
        [TOPO_VPN_POLICY_BASED] = {TO_LHR, TO_TXL},
        [TOPO_VPN_ROUTE_BASED] = {"192.168.2.0/24 dev ipsec0 src 192.168.1.5",
                                  "192.168.1.0/24 dev ipsec0 src 192.168.2.5"},
    };
    return up ? usual[vpn][side] : "";
}

/* ---- As it is here ---- */

static int by_address(const void *a, const void *b)
{
    const struct net_route *first = a, *second = b;
    net_ip4 one = net_addr_ip4(&first->to.addr), two = net_addr_ip4(&second->to.addr);
    return one < two ? -1 : one > two;
}

static const char *destination(const struct net_prefix *to, char text[static NET_PREFIX_TEXT_MAX])
{
    if (!to->length)
        return "default";
    net_prefix_format(to, text);
    if (to->length == 32)
        *strchr(text, '/') = 0;
    return text;
}

/* On the routed internet the next hop is a router; where it was measured it was the peer itself. */
#define ACCESS_ROUTER NET_IP4(100, 64, 0, 1)

static net_ip4 peer_of(enum lab_side side)
{
    return side == LAB_TXL ? NET_IP4(203, 0, 113, 20) : NET_IP4(203, 0, 113, 10);
}

static size_t print_route(struct lab *lab, enum lab_side side, const struct net_route *route,
                          char *out, size_t size)
{
    char to[NET_PREFIX_TEXT_MAX], via[NET_IP4_TEXT_MAX], source[NET_IP4_TEXT_MAX];
    if (route->kind == NET_ROUTE_THROW)
        return (size_t)snprintf(out, size, "throw %s", destination(&route->to, to));
    net_ip4 next = route->via == ACCESS_ROUTER ? peer_of(side) : route->via;
    const char *device = sim_stack_interface_name(
        topo_world_node(lab->world, lab_gateway_name(side))->stack, route->interface);
    return (size_t)snprintf(out, size, "%s%s%s dev %s%s%s", destination(&route->to, to),
                            next ? " via " : "", next ? net_ip4_format(next, via) : "", device,
                            route->source ? " src " : "",
                            route->source ? net_ip4_format(route->source, source) : "");
}

void lab_kernel_routes(struct lab *lab, enum lab_side side, char out[static 256])
{
    const struct net_route_table *table = sim_stack_table(
        topo_world_node(lab->world, lab_gateway_name(side))->stack, SIM_STACK_TABLE_VPN);
    struct net_route sorted[8];
    size_t used = 0;
    assert_true(table->count <= 8);
    *out = 0;
    if (!table->count)
        return;
    memcpy(sorted, table->routes, table->count * sizeof(*sorted));
    qsort(sorted, table->count, sizeof(*sorted), by_address);
    for (size_t i = 0; i < table->count; i++) {
        if (i)
            used += (size_t)snprintf(out + used, 256 - used, " ; ");
        used += print_route(lab, side, &sorted[i], out + used, 256 - used);
        assert_true(used < 256);
    }
}

void lab_kernel_counters(struct lab *lab, enum lab_side side, char out[static 128])
{
    static const enum esp_status counted[] = {ESP_IN_NO_SA, ESP_IN_NO_POLICY,
                                              ESP_IN_TEMPLATE_MISMATCH, ESP_OUT_NO_SA};
    size_t used = 0;
    *out = 0;
    for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
        uint64_t count = lab_dropped(lab, side, counted[i]);
        if (count)
            used += (size_t)snprintf(out + used, 128 - used, "%s%s=%u", used ? " " : "",
                                     esp_status_counter(counted[i]), (unsigned)count);
        assert_true(used < 128);
    }
}
