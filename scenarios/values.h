/* The types of single values, for the tables of bind.h. What the slot holds is noted beside each. */
#ifndef SCENARIOS_VALUES_H
#define SCENARIOS_VALUES_H

#include "scenarios/bind.h"

extern const struct scn_type scn_text;         /* const char *; key: min and max characters */
extern const struct scn_type scn_long_text;    /* const char *: any text, of several lines too */
extern const struct scn_type scn_bool;         /* bool */
extern const struct scn_type scn_u64;          /* uint64_t; key: min, max */
extern const struct scn_type scn_u32;          /* uint32_t; key: min, max */
extern const struct scn_type scn_u8;           /* uint8_t; key: min, max */
extern const struct scn_type scn_factor;       /* double; key: min, max */
extern const struct scn_type scn_duration;     /* base_ns */
extern const struct scn_type scn_span;         /* base_ns, not 0 */
extern const struct scn_type scn_rate;         /* uint64_t: bits a second */
extern const struct scn_type scn_percent;      /* double: 0..1 */
extern const struct scn_type scn_time;         /* int64_t: Unix time in nanoseconds */
extern const struct scn_type scn_count_cmp;    /* struct base_comparison */
extern const struct scn_type scn_duration_cmp; /* struct base_comparison, nanoseconds */
extern const struct scn_type scn_address;      /* struct net_addr: IPv4 */
extern const struct scn_type scn_network;      /* struct net_prefix: IPv4, host bits cleared */
extern const struct scn_type
    scn_any_network; /* struct net_prefix: IPv4 or IPv6, host bits cleared */
extern const struct scn_type
    scn_own_address; /* struct net_prefix: IPv4 address with its prefix length */
extern const struct scn_type scn_own_address6; /* struct net_prefix: likewise IPv6 */
extern const struct scn_type scn_cidr;         /* struct topo_cidr */
extern const struct scn_type scn_ignored;      /* nothing */

/* Lists */
extern const struct scn_type scn_texts;        /* const char **: a list of texts */
extern const struct scn_type scn_any_networks; /* struct net_prefix *, one may stand alone */
extern const struct scn_type scn_cidrs;        /* struct topo_cidr *: 1 to 20 */

/* Names, looked up in the model */
extern const struct scn_type scn_node_ref;    /* const char *: a host or gateway */
extern const struct scn_type scn_node_refs;   /* const char **: one or a list */
extern const struct scn_type scn_gateway_ref; /* const char *: a gateway's node */
extern const struct scn_type scn_link_ref;    /* const char *: internet or <vdc>/<lan> */
extern const struct scn_type scn_place_ref;   /* const char *: a node or a link */
extern const struct scn_type scn_point_refs;  /* const char **: capture points, one or a list */

/* A text that "one of" may be looked for in the model: all of its node names into `words`, at most `max`. */
size_t scn_node_names(const struct topo_model *, const char **words, size_t max,
                      bool gateways_only);

#endif
