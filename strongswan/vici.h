/*
 * A connection to charon over vici. One carries the events that were asked for at its opening, and at most one
 * command, whose answer may be long in coming (an `initiate` that waits for the tunnel): so each command has a
 * connection of its own. Nothing here waits but the connection itself, which a socket in a file system makes at
 * once.
 */
#ifndef STRONGSWAN_VICI_H
#define STRONGSWAN_VICI_H

#include "strongswan/tree.h"

struct netns_loop;
struct swan_vici;

struct swan_vici_handler {
    void *context;
    /* An event that was asked for. May be NULL. */
    void (*event)(void *context, const char *name, const struct swan_element *message);
    /* The answer to the command, or NULL where charon does not know it or the connection broke. The last call; the
     * connection may be freed in it. May be NULL. */
    void (*answer)(void *context, const struct swan_element *message);
};

/*
 * Connects to the socket at `path`, asks for the events (a list with NULL at its end, or NULL) and
 * sends the command (may be NULL, as may be its message). NULL where nobody listens there.
 */
struct swan_vici *swan_vici_open(struct netns_loop *loop, const char *path,
                                 const char *const *events, const char *command,
                                 const struct swan_tree *message,
                                 const struct swan_vici_handler *handler);
void swan_vici_free(struct swan_vici *vici); /* NULL is fine */

/*
 * The same without a loop: sends the command and waits for its answer, `wait_ms` at most between
 * two pieces of it. What charon streams as events of the name `stream` (NULL: none) meanwhile
 * stands in *answer too, in front. False where no answer came, with *answer as it was; else it is
 * to be fini'ed.
 */
bool swan_vici_ask(const char *path, const char *command, const struct swan_tree *message,
                   const char *stream, int wait_ms, struct swan_tree *answer);

#endif
