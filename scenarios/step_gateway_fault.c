/* Faults that befall a gateway itself: their beginning and their end. */
#include "scenarios/diagnosis.h"
#include "scenarios/play_state.h"

#include "sim/gateway/gateway.h"
#include "sim/nat.h"
#include "topology/world.h"

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
    if (fault->gateway.crash) {
        scn_end_doings(running->play, fault->on);
        scn_diagnosis_power(running, fault->on, false);
        topo_world_stop(world, fault->on);
    } else if (fault->gateway.reject_spi) {
        sim_gateway_reject_spi(gateway, fault->gateway.spi, true);
    } else {
        sim_gateway_jump_clock(gateway, fault->gateway.clock_jump_ns);
    }
}

void scn_heal_gateway_fault(struct scn_running *running)
{
    const struct scn_fault *fault = &running->step->u.fault;
    struct topo_world *world = running->play->world;
    if (!running->befalls_gateway)
        return;
    running->befalls_gateway = false;
    if (fault->gateway.crash) {
        scn_diagnosis_power(running, fault->on, true);
        topo_world_start(world, fault->on);
    } else if (fault->gateway.reject_spi)
        sim_gateway_reject_spi(topo_world_gateway(world, fault->on), fault->gateway.spi, false);
}
