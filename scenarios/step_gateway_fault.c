/* Faults that befall a gateway itself: their beginning and their end. */
#include "scenarios/diagnosis.h"
#include "scenarios/play_state.h"

#include "sim/gateway/gateway.h"
#include "sim/nat.h"
#include "topology/world.h"

/* The other end of the tunnel's newest IKE SA; NULL: there is none. */
static struct sim_gateway *find_peer(const struct scn_play *play, const struct scn_fault *fault,
                                     const char **tunnel)
{
    struct sim_gateway *gateway = topo_world_gateway(play->world, fault->on);
    struct ike_peer_info own, other;
    if (!sim_gateway_tunnel_info(gateway, fault->gateway.tunnel, &own) || !own.has_ike)
        return NULL;
    for (size_t i = 0; i < play->model->vdc_count; i++) {
        const struct topo_gateway *model = &play->model->vdcs[i].gateway;
        struct sim_gateway *candidate = topo_world_gateway(play->world, model->node);
        for (size_t j = 0; candidate && candidate != gateway && j < model->tunnel_count; j++) {
            *tunnel = model->tunnels[j].name;
            if (sim_gateway_tunnel_info(candidate, *tunnel, &other) && other.has_ike &&
                other.ike.spi_i == own.ike.spi_i && other.ike.spi_r == own.ike.spi_r)
                return candidate;
        }
    }
    return NULL;
}

/* The sender's counter of ESP is its own affair; a message ID is what both ends count. */
static void advance(struct scn_running *running, struct sim_gateway *gateway)
{
    const struct scn_fault *fault = &running->step->u.fault;
    const struct scn_gateway_fault *what = &fault->gateway;
    const char *theirs;
    bool done;
    if (what->sequence) {
        done = sim_gateway_advance_sequence(gateway, what->tunnel, what->sequence);
    } else {
        struct sim_gateway *peer = find_peer(running->play, fault, &theirs);
        /* The own one first: the peer, which is never ahead of it, can follow wherever it can go. */
        done = peer &&
               sim_gateway_advance_message_id(gateway, what->tunnel, true, what->message_id) &&
               sim_gateway_advance_message_id(peer, theirs, false, what->message_id);
    }
    if (!done)
        scn_step_fail(running, "%s of %s has no SA whose counter could go there", what->tunnel,
                      fault->on);
}

/* Whether what it put into the kernel lives on. */
static bool kill_daemon(struct topo_world *world, const char *name)
{
    struct sim_gateway *gateway = topo_world_gateway(world, name);
    struct topo_engine *engine = topo_world_engine(world, name);
    if (!gateway)
        return engine->ops->daemon(engine, true);
    sim_gateway_kill_daemon(gateway);
    return sim_gateway_vpn(gateway) == SIM_GATEWAY_POLICY_BASED;
}

static void start_daemon(struct topo_world *world, const char *name)
{
    struct sim_gateway *gateway = topo_world_gateway(world, name);
    struct topo_engine *engine = topo_world_engine(world, name);
    if (gateway)
        sim_gateway_start_daemon(gateway);
    else
        engine->ops->daemon(engine, false);
}

/* Off without a word: its power, its daemon alone, or the active one of two units. */
static void switch_off(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    struct topo_world *world = running->play->world;
    if (fault->gateway.crash == SCN_CRASH_DAEMON) {
        scn_end_exchanges(running->play, fault->on);
        scn_diagnosis_note(running, DIAG_DAEMON_OFF, fault->on);
        if (!kill_daemon(world, fault->on))
            scn_diagnosis_note(running, DIAG_SAS_LOST, fault->on);
        return;
    }
    bool warm = fault->gateway.failover == SCN_FAILOVER_WARM;
    scn_end_doings(running->play, fault->on);
    if (warm)
        scn_diagnosis_note(running, DIAG_POWER_OFF, fault->on);
    else
        scn_diagnosis_power(running, fault->on, false);
    if (fault->gateway.failover)
        topo_world_lose_unit(world, fault->on, warm);
    else
        topo_world_stop(world, fault->on);
}

static void switch_on(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    struct topo_world *world = running->play->world;
    if (fault->gateway.crash == SCN_CRASH_DAEMON) {
        scn_diagnosis_note(running, DIAG_DAEMON_ON, fault->on);
        start_daemon(world, fault->on);
        return;
    }
    scn_diagnosis_power(running, fault->on, true);
    if (fault->gateway.failover)
        topo_world_take_over(world, fault->on);
    else
        topo_world_start(world, fault->on);
}

void scn_start_gateway_fault(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    struct topo_world *world = running->play->world;
    struct sim_gateway *gateway = topo_world_gateway(world, fault->on);
    if (fault->gateway.rebind) {
        sim_nat_rebind(topo_world_nat(world, fault->on));
        return;
    }
    running->befalls_gateway = true;
    if (fault->gateway.crash || fault->gateway.failover)
        switch_off(running);
    else if (fault->gateway.reject_spi)
        sim_gateway_reject_spi(gateway, fault->gateway.spi, true);
    else if (fault->gateway.sequence || fault->gateway.message_id)
        advance(running, gateway);
    else
        sim_gateway_jump_clock(gateway, fault->gateway.clock_jump_ns);
}

void scn_heal_gateway_fault(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    struct topo_world *world = running->play->world;
    if (!running->befalls_gateway)
        return;
    running->befalls_gateway = false;
    if (fault->gateway.crash || fault->gateway.failover)
        switch_on(running);
    else if (fault->gateway.reject_spi)
        sim_gateway_reject_spi(topo_world_gateway(world, fault->on), fault->gateway.spi, false);
}
