/*
 * What a measured case changes in the lab of lab.h: selectors and switches as data, the rest by a
 * function. The numbers of cases are those of the measurement with real gateways: Linux 6.1.192
 * (XFRM) and kernel-libipsec, strongSwan 5.9.8.
 */
#ifndef TESTS_GATEWAY_SETTING_H
#define TESTS_GATEWAY_SETTING_H

#include "tests/gateway/lab.h"

#define LAB_ANY "0.0.0.0/0"
#define LAB_TXL_LAN "192.168.1.0/24"
#define LAB_LHR_LAN "192.168.2.0/24"

#define LAB_BOTH_ANY .txl = {LAB_ANY, LAB_ANY}, .lhr = {LAB_ANY, LAB_ANY}

enum lab_switch {
    LAB_TRAP_TXL = 1 << 0, /* start_action = trap */
    LAB_TRAP_LHR = 1 << 1,
    LAB_DEFAULT_ROUTES =
        1 << 2,             /* to an internet router: the routed internet, public addresses alone */
    LAB_RP_FILTER = 1 << 3, /* from here on: on both gateways */
    LAB_BYPASS = 1 << 4,    /* bypass-lan */
    LAB_NO_ROUTES = 1 << 5, /* charon.install_routes = no */
    LAB_FWMARK = 1 << 6,    /* the documented cure of kernel-libipsec */
    LAB_SHORT_CHILDREN = 1 << 7, /* child rekey_time 20 s, life_time 22 s */
    LAB_SHORT_IKE = 1 << 8,      /* IKE rekey_time 30 s, life_time 33 s */
    LAB_TRAP_BOTH = LAB_TRAP_TXL | LAB_TRAP_LHR,
};

struct lab_selectors {
    const char *local, *remote; /* NULL: the own LAN, the other's */
};

struct lab_setting {
    struct lab_selectors txl, lhr;
    unsigned set;                     /* enum lab_switch */
    void (*change)(struct lab *lab);  /* before the start; NULL: nothing */
    void (*disturb)(struct lab *lab); /* behind it */
    const char *pinged[2];            /* by txl1 and lhr1; NULL: 192.168.2.11, 192.168.1.11 */
};

/* Makes the lab, changes it, starts it. */
void lab_arrange(struct lab *lab, const struct lab_setting *setting, enum topo_vpn vpn);

/* ---- Changes ---- */

void lab_no_route_lhr1(struct lab *lab);
void lab_no_route_txl1(struct lab *lab);
void lab_other_psk(struct lab *lab);
void lab_other_ike(struct lab *lab);
void lab_other_esp(struct lab *lab);
void lab_other_group(struct lab *lab);
/* Both know both groups, and each has its own first; MODP4096 is the stronger, for which lhr asks. */
void lab_groups_in_other_order(struct lab *lab);
/* txl knows all groups and offers MODP4096, lhr has MODP3072 alone. */
void lab_one_group_of_two(struct lab *lab);
void lab_pfs_differs(struct lab *lab);
void lab_no_pfs_txl(struct lab *lab);
void lab_nobody(struct lab *lab);
void lab_lhr_expects_nobody(struct lab *lab);
void lab_other_id(struct lab *lab);
void lab_no_mobike(struct lab *lab);
void lab_force_udp(struct lab *lab);
void lab_nat_default_id(struct lab *lab); /* charon's default: the address of its own end */
void lab_no_forwarding_lhr(struct lab *lab);
void lab_no_forwarding_txl(struct lab *lab);
void lab_same_subnet(struct lab *lab);  /* gateways .5 and .6, hosts .11 and .21 */
void lab_same_numbers(struct lab *lab); /* hosts and gateways as well */
void lab_mtu_1400(struct lab *lab);     /* of the internet and of both wan ports */
/* A handshake takes half a second, as long as the processor of that lab computed: here it is the way that is long. */
void lab_slow_handshake(struct lab *lab);

/* ---- Disturbances ---- */

void lab_block_from_txl(struct lab *lab); /* UDP 500, 4500 */
void lab_block_from_lhr(struct lab *lab);
void lab_block_esp(struct lab *lab);
void lab_block_natt(struct lab *lab);
/* A bridge in the middle with MTU 1400, of which the gateways know nothing. Linux's lets 4 octets more through. */
void lab_narrow_bridge(struct lab *lab);

#endif
