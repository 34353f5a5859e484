/*
 * charon's log, line by line, as far as it tells what vici does not: each message that was parsed
 * or generated, with its notifies. Values only. The lines are those of charon.filelog with
 * time_format and ike_name, level 1.
 */
#ifndef STRONGSWAN_LOG_H
#define STRONGSWAN_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipsec/ike/event.h"

/* The parts of a line; texts point into it, sizes in bytes. */
struct swan_log_line {
    const char *group; /* "IKE", "ENC", ...; always three letters */
    const char *name;  /* of the connection, where the line is about one of a known connection */
    size_t name_size;
    uint32_t number;  /* of the IKE SA; 0: none */
    const char *text; /* what was said, to the line's end */
};

/* False where it is no line of the log's (charon's threads write some without a head: dumps). */
bool swan_log_split(const char *line, struct swan_log_line *out);

enum swan_log_kind {
    SWAN_LOG_OTHER,
    SWAN_LOG_SENT,       /* "generating ..." */
    SWAN_LOG_RECEIVED,   /* "parsed ..." */
    SWAN_LOG_RETRANSMIT, /* of a request; message_id and tries alone are known */
    SWAN_LOG_FRAGMENT,   /* one of a message's fragments, sent or received */
    SWAN_LOG_READY,      /* the daemon has started */
    SWAN_LOG_GAVE_UP,    /* nobody answered IKE_SA_INIT or IKE_AUTH */
    SWAN_LOG_TRY_ENDED,  /* a rekey or the creation of a child SA has failed */
};

struct swan_log_message {
    enum swan_log_kind kind;
    uint8_t exchange;
    bool response;
    uint32_t message_id;
    uint32_t tries; /* which retransmission, from 1 */
    uint16_t notifies[IKE_EVENT_NOTIFIES_MAX];
    size_t notify_count;
    bool cookie; /* has N(COOKIE) */
};

/* What the text of a line says. */
void swan_log_read(const char *text, struct swan_log_message *out);

/* The number of a notify by charon's short word, "AUTH_FAILED"; also the number that it prints in brackets. 0: none. */
uint16_t swan_notify_number(const char *word, size_t size);

#endif
