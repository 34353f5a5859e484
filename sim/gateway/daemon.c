/*
 * The IKE daemon dies alone, killed or crashed, and is started again, while the gateway runs on.
 *
 * policy-based  SAs, policies and the routes of table 220 are the kernel's: they go on as they were, until
 *               their lifetime. Only the daemon's sockets are gone: IKE, and ESP in UDP, which the kernel
 *               takes from the socket on port 4500, is answered with port unreachable. A new daemon knows
 *               nothing of them; where it installs policies with the same selectors, it takes their place.
 * route-based   the daemon is the data path: ipsec0, its routes and the SAs die with it.
 */
#include "sim/gateway/internal.h"

void gateway_forget_tunnels(struct sim_gateway *gw)
{
    for (struct gateway_tunnel *tunnel = gw->tunnels; tunnel; tunnel = tunnel->next) {
        tunnel->peer = -1;
        tunnel->trap_owner = 0;
        tunnel->sealing = NULL;
    }
}

void sim_gateway_kill_daemon(struct sim_gateway *gw)
{
    if (!gw->running || !gw->engine)
        return;
    if (gw->vpn == SIM_GATEWAY_POLICY_BASED) {
        gateway_ike_die(gw);
        gateway_charon_die(gw);
    } else {
        gateway_ike_stop(gw);
        gateway_charon_stop(gw);
        gateway_tun_stop(gw);
        esp_sad_flush(gw->sad);
    }
    gateway_forget_tunnels(gw);
}

void sim_gateway_start_daemon(struct sim_gateway *gw)
{
    if (gw->running && !gw->engine)
        gateway_daemon_start(gw);
}
