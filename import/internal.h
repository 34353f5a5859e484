/* What the parts of an import share. Everything lives in the arena. */
#ifndef IMPORT_INTERNAL_H
#define IMPORT_INTERNAL_H

#include "import/import.h"

#include "base/arena.h"
#include "scenarios/node.h"
#include "topology/model.h"

#include <stdio.h>

/* One envelope, of either kind. */
struct import_answer {
    struct base_where where;
    const char *id;                /* NULL where it has none */
    const char *href;              /* its own, else its collection's; NULL where there is none */
    const struct scn_node *status; /* metadata.status, NULL where there is none */
    const char *status_message;
    const struct scn_node *properties; /* only what the API is known to say */
};

struct import_tunnel {
    struct import_answer answer;
    struct topo_tunnel *model;
    const char *name; /* unique in its gateway */
    size_t gateway;   /* its index */
    bool key_missing;
    bool resolved; /* remoteHost was a name, and is given by --resolve */
};

struct import_gateway {
    struct import_answer answer;
    struct topo_vdc *model;
    const char *location; /* "de/txl", NULL where href does not tell */
};

struct import {
    struct base_arena arena;
    struct base_diagnostics *problems;
    const struct import_source *sources;
    size_t source_count;
    const struct import_options *options;
    struct import_gateway *gateways;
    size_t gateway_count;
    struct import_tunnel *tunnels;
    size_t tunnel_count;
    bool incomplete; /* an answer could not be read, so one that is missed may have been in it */
    struct topo_model model; /* one VDC a gateway, in their order; places are those of the JSON */
};

void import_error(struct import *, const char *code, struct base_where, const char *hint,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
void import_warn(struct import *, const char *code, struct base_where, const char *hint,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* json.c: reads the JSON texts of one source and hands each to `take`; errors are added. */
void import_json_read(struct import *, const struct import_source *,
                      void (*take)(struct import *, const struct scn_node *));

/* collect.c: finds gateways and tunnels in a JSON text. */
void import_collect(struct import *, const struct scn_node *);

/* bind.c: from answers to the model: properties within the product's limits, which tunnel is whose, keys, peers. */
void import_bind(struct import *);

/* names.c: "txl", from the location or the gateway's name; unique. After the gateways are bound. */
void import_name_vdcs(struct import *);

/* keys.c: applies --psk; a tunnel that still has none gets a place-holder to be read by, and key_missing. */
void import_give_keys(struct import *);

/* hosts.c: stub hosts, with routes to the peers' networks. */
void import_add_hosts(struct import *);
/* Whether a tunnel of either side means packets between the two. */
bool import_joined(const struct topo_vdc *, const struct topo_host *, const struct topo_vdc *,
                   const struct topo_host *);

/* yaml.c */
void import_put_text(FILE *, const char *text);                /* a scalar, quoted where need be */
void import_put_node(FILE *, const struct scn_node *);         /* on one line */
void import_put_comment(FILE *, int indent, const char *text); /* a whole line */

/* write.c */
char *import_write(const struct import *);

#endif
