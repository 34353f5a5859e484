/* What measured cases change; see setting.h. */
#include "tests/gateway/setting.h"

#include "ipsec/crypto/algorithm.h"

enum {
    BRIDGE_MTU = 1400,
    BRIDGE_SLACK = 4 /* is_skb_forwardable() leaves room for a VLAN tag */
};

/* ---- Switches ---- */

static void switch_gateway(struct lab *lab, unsigned set, enum lab_side side)
{
    struct topo_behaviour *behaviour = lab_behaviour(lab, side);
    if (set & (side == LAB_TXL ? LAB_TRAP_TXL : LAB_TRAP_LHR))
        behaviour->start = TOPO_START_ON_TRAFFIC;
    if (set & LAB_RP_FILTER)
        behaviour->rp_filter = TOPO_RP_FILTER_STRICT;
    behaviour->bypass_lan = set & LAB_BYPASS;
    behaviour->without_routes = set & LAB_NO_ROUTES;
    behaviour->own_by_main = set & LAB_FWMARK;
    if (set & (LAB_SHORT_CHILDREN | LAB_SHORT_IKE))
        behaviour->rekey_margin_ns = 4 * BASE_S;
    if (set & LAB_SHORT_CHILDREN)
        lab->tunnels[side].esp.lifetime_s = 22;
    if (set & LAB_SHORT_IKE)
        lab->tunnels[side].ike.lifetime_s = 33;
}

static void select_networks(struct lab *lab, enum lab_side side, const struct lab_selectors *given)
{
    static const char *const lans[] = {LAB_TXL_LAN, LAB_LHR_LAN};
    lab_set_networks(lab, side, given->local ? given->local : lans[side],
                     given->remote ? given->remote : lans[!side]);
}

void lab_arrange(struct lab *lab, const struct lab_setting *setting, enum topo_vpn vpn)
{
    lab_init(lab);
    select_networks(lab, LAB_TXL, &setting->txl);
    select_networks(lab, LAB_LHR, &setting->lhr);
    if (setting->set & LAB_DEFAULT_ROUTES)
        lab->model.internet.kind = TOPO_INTERNET_ROUTED;
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        lab_behaviour(lab, side)->vpn = vpn;
        switch_gateway(lab, setting->set, side);
    }
    if (setting->change)
        setting->change(lab);
    lab_start(lab);
    if (setting->disturb)
        setting->disturb(lab);
}

/* ---- Changes ---- */

void lab_no_route_lhr1(struct lab *lab)
{
    lab->hosts[LAB_LHR][0].route_count = 0;
}

void lab_no_route_txl1(struct lab *lab)
{
    lab->hosts[LAB_TXL][0].route_count = 0;
}

void lab_other_psk(struct lab *lab)
{
    lab->tunnels[LAB_LHR].psk = "another key of at least 32 characters";
}

void lab_other_ike(struct lab *lab)
{
    lab->tunnels[LAB_LHR].ike.encryption = crypto_encr_named("AES256-GCM-16");
}

void lab_other_esp(struct lab *lab)
{
    lab->tunnels[LAB_LHR].esp.encryption = crypto_encr_named("AES256-GCM-16");
}

void lab_other_group(struct lab *lab)
{
    lab->tunnels[LAB_LHR].ike.group = crypto_group_named("16-MODP4096");
}

void lab_groups_in_other_order(struct lab *lab)
{
    lab_other_group(lab);
    lab_behaviour(lab, LAB_TXL)->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
    lab_behaviour(lab, LAB_LHR)->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
}

void lab_one_group_of_two(struct lab *lab)
{
    lab->tunnels[LAB_TXL].ike.group = crypto_group_named("16-MODP4096");
    lab_behaviour(lab, LAB_TXL)->negotiation = TOPO_NEGOTIATION_MOST_SECURE;
}

void lab_pfs_differs(struct lab *lab)
{
    lab->tunnels[LAB_LHR].esp.group = crypto_group_named("16-MODP4096");
}

void lab_no_pfs_txl(struct lab *lab)
{
    lab->tunnels[LAB_TXL].esp.group = NULL;
}

void lab_nobody(struct lab *lab)
{
    lab->tunnels[LAB_TXL].remote_address = lab_addr("203.0.113.21");
}

void lab_lhr_expects_nobody(struct lab *lab)
{
    lab->tunnels[LAB_LHR].remote_address = lab_addr("203.0.113.11");
}

void lab_other_id(struct lab *lab)
{
    lab->tunnels[LAB_TXL].remote_id = "lhr.example";
}

void lab_no_mobike(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->mobike = false;
}

void lab_force_udp(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->force_udp_encapsulation = true;
}

void lab_nat_default_id(struct lab *lab)
{
    lab_nat(lab);
    lab->tunnels[LAB_TXL].local_id = "10.0.0.10";
}

void lab_no_forwarding_lhr(struct lab *lab)
{
    lab_behaviour(lab, LAB_LHR)->ip_forward = false;
}

void lab_no_forwarding_txl(struct lab *lab)
{
    lab_behaviour(lab, LAB_TXL)->ip_forward = false;
}

static void share_subnet(struct lab *lab, const char *gateway, const char *first,
                         const char *second)
{
    lab->lans[LAB_LHR].subnet = lab->lans[LAB_TXL].subnet;
    lab->connections[LAB_LHR].ipv4.addr = lab_addr(gateway);
    lab->hosts[LAB_LHR][0].address = lab_addr(first);
    lab->hosts[LAB_LHR][1].address = lab_addr(second);
    for (enum lab_side side = LAB_TXL; side <= LAB_LHR; side++) {
        lab_set_networks(lab, side, LAB_TXL_LAN, LAB_TXL_LAN);
        lab->hosts[side][0].route_count = lab->hosts[side][1].route_count = 0;
    }
}

void lab_same_subnet(struct lab *lab)
{
    share_subnet(lab, "192.168.1.6", "192.168.1.21", "192.168.1.22");
}

void lab_same_numbers(struct lab *lab)
{
    share_subnet(lab, "192.168.1.5", "192.168.1.11", "192.168.1.12");
}

void lab_mtu_1400(struct lab *lab)
{
    lab->model.internet.link.mtu_bytes = BRIDGE_MTU;
}

void lab_slow_handshake(struct lab *lab)
{
    lab->model.internet.link.delay_ns = 80 * BASE_MS;
}

/* ---- Disturbances ---- */

void lab_block_from_txl(struct lab *lab)
{
    lab_drop(lab, "txl-gw", lab_is_ike_or_natt);
}

void lab_block_from_lhr(struct lab *lab)
{
    lab_drop(lab, "lhr-gw", lab_is_ike_or_natt);
}

void lab_block_esp(struct lab *lab)
{
    lab_drop(lab, NULL, lab_is_esp);
}

void lab_block_natt(struct lab *lab)
{
    lab_drop(lab, NULL, lab_is_natt);
}

void lab_narrow_bridge(struct lab *lab)
{
    struct sim_fault_config config = {
        .action = SIM_FAULT_IMPAIR,
        .impairment = {.set = SIM_IMPAIR_MTU, .mtu = BRIDGE_MTU + BRIDGE_SLACK},
    };
    sim_link_add_fault(topo_world_link(lab->world, "internet"), &config);
}
