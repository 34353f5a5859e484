/*
 * Messages of vici, the interface by which charon is driven, to bytes and back: strongSwan's
 * src/libcharon/plugins/vici/README.md. Values only; vici.h has the connection.
 */
#ifndef STRONGSWAN_VICI_MESSAGE_H
#define STRONGSWAN_VICI_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strongswan/tree.h"

enum {
    SWAN_VICI_PACKET_MAX = 512 * 1024, /* charon's own limit */
    SWAN_VICI_DEPTH_MAX = 32,          /* sections in sections that are read */
};

enum swan_packet {
    SWAN_CMD_REQUEST = 0,
    SWAN_CMD_RESPONSE = 1,
    SWAN_CMD_UNKNOWN = 2,
    SWAN_EVENT_REGISTER = 3,
    SWAN_EVENT_UNREGISTER = 4,
    SWAN_EVENT_CONFIRM = 5,
    SWAN_EVENT_UNKNOWN = 6,
    SWAN_EVENT = 7,
};

/* A packet as it goes over the socket, with its length; `name` and `message` NULL where the type has none. To be freed.
 * NULL where a name or value is longer than the format can say. */
uint8_t *swan_packet_write(enum swan_packet type, const char *name, const struct swan_tree *message,
                           size_t *size);

/* A packet without its length. The name is copied into the tree's arena, "" where the type has none. */
bool swan_packet_read(const uint8_t *bytes, size_t size, enum swan_packet *type, const char **name,
                      struct swan_tree *message) __attribute__((warn_unused_result));

#endif
