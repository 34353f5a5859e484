/*
 * From answers of the VPN Gateway's REST API to a scenario: "here are my two gateways, why does it
 * not work?". Envelopes of `GET /ipsecgateways/{id}` and `.../tunnels/{id}`, collections of them,
 * in any order, several JSON texts in one file. What the API does not say is assumed and written
 * into the scenario as a comment, but for keys and names in `remoteHost`: those are asked for.
 * Docs: docs/import.md.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "base/diagnostic.h"

#include <stddef.h>

#define IMPORT_GATEWAYS_MAX 64
#define IMPORT_TUNNELS_MAX (IMPORT_GATEWAYS_MAX * 20)
#define IMPORT_HOSTS_PER_LAN 2

struct import_source {
    const char *name; /* what messages call it */
    const void *bytes;
    size_t size;
};

struct import_options {
    /* "KEY": of every tunnel whose answer came without one; "TUNNEL=KEY", "VDC/TUNNEL=KEY": of that one; "=KEY": as the
       first, for a key that holds an = in its midst. */
    const char *const *psks;
    size_t psk_count;
    const char *const *resolves; /* "NAME=ADDRESS": what a remoteHost stands for */
    size_t resolve_count;
};

/*
 * The scenario as YAML, to be freed; NULL, with every error in `problems`, where something is
 * wrong. `problems` is sorted by place and has the warnings of topology/check.h as well, with their
 * places in the JSON. `keys_missing` takes how many tunnels have no key: with any, the text does
 * not read until they are written in. Safe on any bytes.
 */
char *import_scenario(const struct import_source *sources, size_t count,
                      const struct import_options *options, struct base_diagnostics *problems,
                      size_t *keys_missing);

#endif
