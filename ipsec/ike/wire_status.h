/*
 * What reading, checking and building IKE messages can answer. One list gives the code, the notify
 * that tells the peer (0: none; the datagram is dropped in silence) and the words for a log line.
 */
#ifndef IKE_WIRE_STATUS_H
#define IKE_WIRE_STATUS_H

#include <stdint.h>

/*
 * Classes: OK; DROP: not authentic, a duplicate or noise, changes nothing; PEER: the peer's fault,
 * told by the notify; OURS: a limit or failure here.
 */
#define IKE_WIRE_STATUSES(X)                                                                       \
    X(OK, OK, 0, "ok")                                                                             \
    X(SHORT, DROP, 0, "datagram shorter than an IKE header")                                       \
    X(LENGTH, DROP, 0, "length in the header is not the datagram's")                               \
    X(SPI, DROP, 0, "initiator's SPI is zero")                                                     \
    X(MAJOR_VERSION, PEER, 5, "major version is not 2")                                            \
    X(EXCHANGE, DROP, 0, "unknown exchange type")                                                  \
    X(SYNTAX, PEER, 7, "malformed payload")                                                        \
    X(UNKNOWN_CRITICAL, PEER, 1, "unknown payload with the critical bit")                          \
    X(LIMIT, PEER, 7, "more payloads or selectors than are taken")                                 \
    X(MISSING, PEER, 7, "a mandatory payload is missing")                                          \
    X(REPEATED, PEER, 7, "a payload that may come once comes twice")                               \
    X(UNPROTECTED, DROP, 0, "no Encrypted payload")                                                \
    X(INTEGRITY, DROP, 0, "integrity check failed")                                                \
    X(PADDING, PEER, 7, "padding longer than the Encrypted payload")                               \
    X(FRAGMENT_INVALID, DROP, 0, "fragment number or total makes no sense")                        \
    X(FRAGMENT_DUPLICATE, DROP, 0, "fragment was already here")                                    \
    X(FRAGMENT_MORE, OK, 0, "fragment kept, others are still missing")                             \
    X(FRAGMENT_LIMIT, DROP, 0, "fragments would take more memory than they may")                   \
    X(NO_PROPOSAL, PEER, 14, "no acceptable proposal")                                             \
    X(ANSWER, PEER, 7, "the peer chose what was not offered")                                      \
    X(TS_UNACCEPTABLE, PEER, 38, "no traffic selector in common")                                  \
    X(NO_ROOM, OURS, 0, "message is larger than its buffer")

enum ike_wire_status {
#define X(name, class, notify, text) IKE_WIRE_##name,
    IKE_WIRE_STATUSES(X)
#undef X
};

enum ike_wire_class {
    IKE_WIRE_CLASS_OK,
    IKE_WIRE_CLASS_DROP,
    IKE_WIRE_CLASS_PEER,
    IKE_WIRE_CLASS_OURS,
};

/* Words in lower case without a full stop, for a log line. */
const char *ike_wire_status_text(enum ike_wire_status status);
enum ike_wire_class ike_wire_status_class(enum ike_wire_status status);
/* The notify type that answers it, 0 where none does. */
uint16_t ike_wire_status_notify(enum ike_wire_status status);

#endif
