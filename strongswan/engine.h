/*
 * strongSwan's charon in the place of a gateway's engine (topology/engine.h): a process in the
 * gateway's namespace with a private /run, its configuration written from the gateway's properties
 * and behaviour (conf.h), driven over vici (vici.h). What it does is told by its events over vici
 * and by its log on standard output; keys by a second log (keys.h).
 *
 * Stops where charon does not say: what it drops, fragments.
 */
#ifndef STRONGSWAN_ENGINE_H
#define STRONGSWAN_ENGINE_H

#include "strongswan/conf.h"
#include "strongswan/sas.h"
#include "topology/engine.h"

/* Starts one with strongSwan's defaults, and a log of keys. `options` of the other: NULL the same;
 * its plane and socket are not looked at. */
topo_engine_start_fn swan_engine_start;
struct topo_engine *swan_engine_new(const struct topo_engine_place *place,
                                    const struct swan_daemon_options *options, char **error);

/* Where charon stands, or NULL where it is not installed, with *error (to be freed) saying what to install. */
const char *swan_find_charon(char **error);

/* Which data plane works in this namespace: found by trying to add an ESP SA to the kernel. */
enum swan_data_plane swan_data_plane_find(struct netns *netns);

/* All that it has logged since the start; the engine's. */
const char *swan_engine_log(const struct topo_engine *engine);

/* SIGTERM: it takes leave of its peers and ends; `running` says when. Power on starts it anew. */
void swan_engine_quit(struct topo_engine *engine);

/* One child SA of a tunnel as charon knows it, the newest installed one; false where there is none.
 * Waits for charon. */
bool swan_engine_look(struct topo_engine *engine, const char *tunnel, struct swan_child *out);

#endif
