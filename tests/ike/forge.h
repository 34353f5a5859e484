/*
 * Messages that a peer with the right keys could send and should not: made from nothing, or a true one
 * caught on its way and written anew.
 */
#ifndef TESTS_IKE_FORGE_H
#define TESTS_IKE_FORGE_H

#include "ipsec/ike/builder.h"
#include "ipsec/ike/message.h"
#include "ipsec/ike/sa.h"
#include "tests/ike/lab.h"

/* The end's newest IKE SA that is up, or the first of all. */
struct ike_sa *forge_sa(struct lab *lab, int end);

typedef void forge_write(struct ike_sa *sa, struct ike_builder *b);

/* An authentic message of `from` with any exchange, ID and contents, handed to the other end. */
void forge_send(struct lab *lab, int from, uint8_t exchange, bool response, uint32_t message_id,
                forge_write *write);
/* The request that the other end waits for. */
void forge_request(struct lab *lab, int from, uint8_t exchange, forge_write *write);

/* A message that was caught: its payloads, those inside of SK among them, without SK itself. */
struct forge_caught {
    struct ike_message message;
    uint8_t bytes[4096];
    const struct ike_payload *payloads;
    size_t count;
    int from;
};

/* The message held under `name`, which is taken out of the network; it has to be there. */
void forge_catch(struct lab *lab, const char *name, struct forge_caught *caught);

/* What is done to the payload at `index`. */
enum forge_change {
    FORGE_NOTHING,
    FORGE_LEAVE_OUT,
    FORGE_TWICE,
    FORGE_EMPTY,    /* its body */
    FORGE_REVERSE,  /* all, last first; the index is not asked */
    FORGE_RESERVED, /* reserved bits set in every generic header */
    FORGE_UNKNOWN,  /* payloads of unknown types around each one */
    FORGE_CRITICAL, /* an unknown one of type `index` behind the last, with the critical bit */
    FORGE_MINOR,    /* minor version 15 */
};

/* Writes the message anew, changed, seals it with its sender's keys and hands it over. */
void forge_deliver(struct lab *lab, const struct forge_caught *caught, enum forge_change change,
                   size_t index);

#endif
