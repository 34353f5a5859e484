/*
 * The keys of charon's SAs, for key tables. vici never tells them, and Debian builds no save-keys
 * plugin; the log does, from level 4 on. Lines and SAs come in any order and meet at the end:
 * keys_at() gives those of which both is known.
 */
#ifndef STRONGSWAN_KEYS_H
#define STRONGSWAN_KEYS_H

#include "strongswan/sas.h"
#include "topology/engine.h"

struct swan_keys;

struct swan_keys *swan_keys_new(void);
void swan_keys_free(struct swan_keys *keys); /* wipes */

/* The daemon was started anew: its numbers begin at 1 again. */
void swan_keys_restart(struct swan_keys *keys);

/* A line of the log of keys (groups ike and chd at level 4, enc at 1). */
void swan_keys_line(struct swan_keys *keys, const char *text);
void swan_keys_ike(struct swan_keys *keys, const struct swan_ike *ike);
void swan_keys_child(struct swan_keys *keys, const struct swan_child *child);

/* The keys of IKE SAs, then of ESP SAs, index 0, 1, ... until false. Pointers are good until the
 * next call of any of these. */
bool swan_keys_at(const struct swan_keys *keys, size_t index, struct topo_engine_keys *out);

#endif
