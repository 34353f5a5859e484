/* What the files of the laboratory share. */
#ifndef TESTS_IKE_LAB_INSIDE_H
#define TESTS_IKE_LAB_INSIDE_H

#include "tests/ike/lab.h"

enum {
    LAB_PORT_NATT = 4500,
};

struct lab_message {
    struct lab_message *prev, *next;
    base_ns at; /* BASE_NEVER: held */
    uint64_t id;
    const char *held;
    int from;
    bool esp;
    struct ike_path path; /* as the receiver sees it */
    size_t size;
    uint8_t bytes[];
};

struct lab_message *lab_message_new(struct lab *lab, int from, const uint8_t *bytes, size_t size);
void lab_message_post(struct lab *lab, struct lab_message *message);

/* Whose address that is, as the network sees it; NULL: nobody's. */
struct lab_end *lab_end_at(struct lab *lab, const struct net_addr *addr);

/* Fails the test where an event does not go with those before. */
void lab_story_goes_on(struct lab_end *end, const struct ike_event *event);

/* An echo from this end, and what arrives of one. */
void lab_ping(struct lab_end *end);
void lab_deliver_esp(struct lab *lab, struct lab_message *message);

#endif
