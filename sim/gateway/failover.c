/*
 * A gateway that is two units, one active and one on standby, with the same addresses and MAC addresses of
 * their own. When the active one dies, the other takes the addresses over and says so by gratuitous ARP.
 *
 * cold  the standby knows the configuration alone: to the peers it is a gateway that has restarted.
 * warm  it was told of each IKE and child SA, and of each exchange, as it happened. What is told of less
 *       often is how many ESP packets were sent: the standby goes on a good way ahead of what the other can
 *       have sent, so that no number comes twice (RFC 6311 sections 3.4 and 5.2).
 *
 * Where it stops: one pair, no flapping between two units that are both alive; the windows of inbound SAs
 * and the message IDs are carried over exactly.
 */
#include "sim/gateway/internal.h"

enum {
    SEQUENCE_AHEAD = 1 << 16, /* more than is sent between two reports of a counter */
    OTHER_UNIT = 0x80,        /* a bit of the MAC address that tells the two apart */
};

void sim_gateway_fail(struct sim_gateway *gw, bool warm)
{
    if (!gw->running)
        return;
    if (!warm || !gw->engine) {
        sim_gateway_stop(gw);
        return;
    }
    gw->running = false;
    gw->replicated = true;
    sim_world_cancel(gw->world, &gw->deadline);
    gateway_tun_stop(gw);
    sim_stack_set_up(gw->stack, false);
}

static void use_other_unit(struct sim_gateway *gw)
{
    for (uint16_t i = 1; i < sim_stack_interface_count(gw->stack); i++) {
        struct sim_port *port = sim_stack_port(gw->stack, i);
        if (port)
            port->mac[4] ^= OTHER_UNIT;
    }
}

/* An SA without so many numbers left is used up; a rekey is due then anyway. */
static void go_ahead(struct sim_gateway *gw)
{
    for (struct esp_sa *sa = esp_sad_first(gw->sad); sa; sa = sa->next) {
        if (sa->direction == ESP_SA_OUTBOUND &&
            !esp_sa_advance(sa, sa->sequence + 1 + SEQUENCE_AHEAD))
            esp_sa_advance(sa, UINT32_MAX);
    }
}

void sim_gateway_take_over(struct sim_gateway *gw)
{
    if (gw->running)
        return;
    use_other_unit(gw);
    if (gw->replicated) {
        gw->replicated = false;
        gw->running = true;
        sim_stack_set_up(gw->stack, true);
        sim_stack_announce(gw->stack);
        go_ahead(gw);
        gateway_ike_pump(gw); /* what was due meanwhile is due now */
    } else {
        sim_gateway_start(gw);
        sim_stack_announce(gw->stack);
    }
}
