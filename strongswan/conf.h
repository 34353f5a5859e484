/*
 * A gateway's properties and behaviour in strongSwan's words (swanctl.conf(5), strongswan.conf(5), 5.9). Algorithms are
 * named by the const tables of ipsec/crypto/algorithm.h.
 *
 * What has no word there:
 *   - `most-secure` is a list of proposals with the configured one in front. charon as responder takes the first of its
 *     own list that the peer offers, so the configured set wins whenever the peer has it.
 *   - `start: at-once` is not start_action: two daemons that are started together would both come through and keep two
 *     IKE SAs. Whoever drives charon initiates after a random part of a second unless the peer was quicker, and again
 *     30 s after a failure or a loss; but a peer that was given up is begun anew by charon itself (dpd_action).
 *   - Times are whole seconds. kernel-libipsec knows no ESN (left out) and encapsulates in UDP always.
 */
#ifndef STRONGSWAN_CONF_H
#define STRONGSWAN_CONF_H

#include "strongswan/tree.h"
#include "topology/model.h"

/* Who seals and opens ESP. */
enum swan_data_plane {
    SWAN_DATA_XFRM,     /* the kernel (plugin kernel-netlink) */
    SWAN_DATA_LIBIPSEC, /* charon itself, by a TUN device ipsec0 (plugin kernel-libipsec) */
};

const char *swan_data_plane_name(enum swan_data_plane plane);

enum {
    SWAN_NAME_SIZE = 72 /* of a connection's name, its end included */
};

/* The name of a tunnel's connection and of its child: the tunnel's own where it can stand in a file
 * and is not too long, else made of it and its number in the gateway. Returns `out`. */
const char *swan_connection_name(const struct topo_gateway *gateway, size_t tunnel,
                                 char out[SWAN_NAME_SIZE]);

/* How a daemon is to be, beside what a gateway says. All zero: as strongSwan's defaults. */
struct swan_daemon_options {
    enum swan_data_plane plane;
    const char *socket;        /* vici's, as charon sees it */
    unsigned threads;          /* 0: 16. Each command under way takes one */
    unsigned cookie_threshold; /* half-open SAs from which on cookies are demanded; 0: 30 */
    unsigned fragment_size;    /* bytes of an IP packet that holds a fragment; 0: 1,280 */
    bool log_keys;             /* the keys of all SAs are logged, on standard error */
};

/* strongswan.conf. The log goes to standard output. */
void swan_daemon_conf(const struct topo_behaviour *behaviour,
                      const struct swan_daemon_options *options, struct swan_tree *out);

/* swanctl.conf: sections `connections` and `secrets`. */
void swan_gateway_conf(const struct topo_gateway *gateway, enum swan_data_plane plane,
                       struct swan_tree *out);

/* What vici's load-conn and load-shared are given for one tunnel. */
void swan_tunnel_connection(const struct topo_gateway *gateway, size_t tunnel,
                            enum swan_data_plane plane, struct swan_tree *out);
void swan_tunnel_secret(const struct topo_gateway *gateway, size_t tunnel, struct swan_tree *out);

#endif
