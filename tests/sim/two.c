#include "tests/test.h"

#include "tests/sim/two.h"

struct lan lan_new(uint64_t seed, const struct sim_impairment *base)
{
    struct lan lan = {.world = sim_world_new(seed, true)};
    lan.sw = sim_switch_new(lan.world, "lan", base);
    lan.link = sim_switch_link(lan.sw);
    lan.a = probe_new(lan.world, "a");
    lan.b = probe_new(lan.world, "b");
    sim_switch_attach(lan.sw, &lan.a->port);
    sim_switch_attach(lan.sw, &lan.b->port);
    probe_tap_init(&lan.tap);
    return lan;
}

void lan_free(struct lan *lan)
{
    sim_world_drain(lan->world);
    sim_switch_free(lan->sw);
    probe_free(lan->a);
    probe_free(lan->b);
    assert_int_equal(lan->world->packets.live, 0);
    sim_world_free(lan->world);
}
