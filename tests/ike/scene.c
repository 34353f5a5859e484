/* Playing a case in every way; see scene.h. */
#include "tests/ike/scene.h"

#include "ipsec/crypto/algorithm.h"
#include "tests/test.h"

void scene_each_way(scene_prepare *prepare, scene_play *play)
{
    for (int a = 0; a < 2; a++)
        for (int lowest = 0; lowest < 4; lowest++) {
            struct scene s = {.a = a, .b = 1 - a, .lowest = lowest};
            struct lab_setup setup;
            lab_defaults(&setup);
            setup.seed = 10u * (unsigned)a + (unsigned)lowest + 1;
            lab_lowest_nonce(&setup, a, lowest);
            if (prepare)
                prepare(&setup);
            s.lab = lab_new(&setup);
            lab_up(s.lab, a);
            lab_pings(s.lab, 2 * BASE_MS);
            lab_run(s.lab, 100 * BASE_MS);
            s.child_spi = lab_child(s.lab, a, 0).spi_in;
            s.ike_spi_i = lab_peer(s.lab, a).ike.spi_i;
            play(&s);
            lab_free(s.lab);
        }
}

void scene_offer_all(struct lab_setup *setup)
{
    setup->peer[0].negotiation = setup->peer[1].negotiation = IKE_NEGOTIATION_MOST_SECURE;
    setup->peer[0].esp.group = crypto_group_named("19-ECP256");
    setup->peer[1].esp.group = crypto_group_named("28-ECP256BP");
}

void scene_fault(struct scene *s, int from, uint8_t exchange, int response, enum lab_action action,
                 const char *name)
{
    lab_fault(s->lab, (struct lab_fault){.from = from,
                                         .exchange = exchange,
                                         .response = response,
                                         .count = 1,
                                         .action = action,
                                         .name = name});
}

void scene_hold_retry(struct scene *s, const char *name)
{
    lab_fault(s->lab, (struct lab_fault){.from = s->a,
                                         .exchange = IKE_EXCHANGE_CREATE_CHILD_SA,
                                         .response = 0,
                                         .skip = 1,
                                         .count = 1,
                                         .action = LAB_HOLD,
                                         .name = name});
}

void scene_collide(struct scene *s, scene_rekey *rekey)
{
    rekey(s->lab, s->a);
    rekey(s->lab, s->b);
}

void scene_collide_late(struct scene *s, scene_rekey *rekey, const char *name, base_ns late)
{
    scene_collide(s, rekey);
    lab_run(s->lab, late);
    assert_true(lab_release(s->lab, name) > 0);
}

void scene_assert_rekeyed(struct scene *s)
{
    lab_settle(s->lab);
    lab_assert_sound(s->lab);
    assert_int_not_equal(lab_child(s->lab, s->a, 0).spi_in, s->child_spi);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lab_peer(s->lab, i).child_rekeys, 1);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_CHILD_REKEYED], 1);
        assert_int_equal(s->lab->ends[i].events[IKE_EVENT_CHILD_DOWN], 0);
    }
}
