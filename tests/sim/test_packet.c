#include "tests/test.h"

#include "sim/packet.h"
#include "sim/world.h"

static void test_rooms_and_classes(void **state)
{
    (void)state;
    static const struct {
        uint32_t size;
        enum sim_packet_class size_class;
    } CASES[] = {
        {0, SIM_PACKET_TINY},     {98, SIM_PACKET_TINY},
        {160, SIM_PACKET_TINY},   {161, SIM_PACKET_SMALL},
        {1514, SIM_PACKET_SMALL}, {1696, SIM_PACKET_SMALL},
        {1697, SIM_PACKET_LARGE}, {SIM_PACKET_SIZE_MAX, SIM_PACKET_LARGE},
    };
    struct sim_world *world = sim_world_new(1, false);
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        struct sim_packet *packet = sim_packet_new(world, CASES[i].size, 7);
        assert_int_equal(packet->size_class, CASES[i].size_class);
        assert_int_equal(packet->parent, 7);
        assert_int_equal(sim_packet_size(packet), 0);
        assert_int_equal(base_buffer_headroom(&packet->bytes), SIM_PACKET_HEADROOM);
        memset(base_buffer_put(&packet->bytes, CASES[i].size), 0xa5, CASES[i].size);
        assert_true(base_buffer_tailroom(&packet->bytes) >= SIM_PACKET_TAILROOM);
        sim_packet_free(world, packet);
    }
    sim_world_free(world);
}

static void test_ids_rise_and_copies_know_their_original(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false);
    struct sim_packet *packet = sim_packet_new(world, 100, 0);
    assert_int_equal(packet->id, 1);
    memcpy(base_buffer_put(&packet->bytes, 5), "hello", 5);
    packet->secpath_reqid = 3;
    packet->secpath_spi = 0xabcd;
    base_buffer_push(&packet->bytes, 100);
    base_buffer_pull(&packet->bytes, 101);
    struct sim_packet *copy = sim_packet_clone(world, packet);
    assert_int_equal(copy->id, 2);
    assert_int_equal(copy->parent, 1);
    assert_int_equal(sim_packet_size(copy), 4);
    assert_memory_equal(sim_packet_data(copy), "ello", 4);
    assert_int_equal(base_buffer_headroom(&copy->bytes), SIM_PACKET_HEADROOM);
    assert_int_equal(copy->secpath_reqid, 3);
    assert_int_equal(copy->secpath_spi, 0xabcd);
    sim_packet_rebirth(world, packet);
    assert_int_equal(packet->id, 3);
    assert_int_equal(packet->parent, 1);
    assert_int_equal(world->packets.live, 2);
    sim_packet_free(world, packet);
    sim_packet_free(world, copy);
    packet = sim_packet_new(world, 100, 0); /* reused memory, new identity */
    assert_int_equal(packet->id, 4);
    assert_int_equal(packet->secpath_reqid, 0);
    sim_packet_free(world, packet);
    assert_int_equal(world->packets.live, 0);
    assert_int_equal(world->packets.live_max, 2);
    sim_world_free(world);
}

static void test_lists_are_first_in_first_out(void **state)
{
    (void)state;
    struct sim_world *world = sim_world_new(1, false);
    struct sim_packet_list list = {0};
    assert_null(sim_packet_list_pop(&list));
    for (unsigned round = 0; round < 2; round++) {
        uint64_t first = world->packets.last_id + 1;
        for (unsigned i = 0; i < 3; i++)
            sim_packet_list_push(&list, sim_packet_new(world, 0, 0));
        assert_int_equal(list.count, 3);
        for (unsigned i = 0; i < 3; i++) {
            struct sim_packet *packet = sim_packet_list_pop(&list);
            assert_int_equal(packet->id, first + i);
            sim_packet_free(world, packet);
        }
        assert_int_equal(list.count, 0);
    }
    sim_packet_list_push(&list, sim_packet_new(world, 0, 0));
    sim_packet_list_free(world, &list);
    assert_int_equal(world->packets.live, 0);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rooms_and_classes),
        cmocka_unit_test(test_ids_rise_and_copies_know_their_original),
        cmocka_unit_test(test_lists_are_first_in_first_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
