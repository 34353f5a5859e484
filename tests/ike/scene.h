/*
 * One case of a rekey, played for either end as the one that is named first, and with each of a collision's four nonces
 * lowest. Pings go both ways all the while.
 */
#ifndef TESTS_IKE_SCENE_H
#define TESTS_IKE_SCENE_H

#include "tests/ike/lab.h"

struct scene {
    struct lab *lab;
    int a, b; /* the ends, as the case calls them */
    int lowest;
    /* Before the case: a's child, inbound, and its IKE SA. */
    uint32_t child_spi;
    uint64_t ike_spi_i;
};

typedef void scene_play(struct scene *s);

/* What a case changes before the laboratory is made; may be NULL. */
typedef void scene_prepare(struct lab_setup *setup);

/* Plays the case for each end and each lowest nonce, in a tunnel that `a` brought up. */
void scene_each_way(scene_prepare *prepare, scene_play *play);

/* Both ends offer every algorithm, and each first another group for its children than what both find the strongest. */
void scene_offer_all(struct lab_setup *setup);

/* Does this to the next such message of this end; the name is of what is held, else NULL. */
void scene_fault(struct scene *s, int from, uint8_t exchange, int response, enum lab_action action,
                 const char *name);

/* Holds the second CREATE_CHILD_SA request of a: the one with the group that b asked for. */
void scene_hold_retry(struct scene *s, const char *name);

/* Both ends rekey at once: lab_rekey_child or lab_rekey_ike. */
typedef void scene_rekey(struct lab *lab, int end);
void scene_collide(struct scene *s, scene_rekey *rekey);
/* The same, and what is held under `name` comes that much later. */
void scene_collide_late(struct scene *s, scene_rekey *rekey, const char *name, base_ns late);

/* In the end: one child, and it is another than before the case; told so once, at both ends. */
void scene_assert_rekeyed(struct scene *s);

/* A test function that plays the case in every way. */
#define SCENE_TEST(test, prepare, play)                                                            \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        scene_each_way(prepare, play);                                                             \
    }

#endif
