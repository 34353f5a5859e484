/* charon's SAs as vici tells of them (`list-sas`, `ike-updown`, ...), read into the engine's own
 * structs. Values only. */
#ifndef STRONGSWAN_SAS_H
#define STRONGSWAN_SAS_H

#include "ipsec/ike/endpoint.h"
#include "ipsec/ike/ts.h"
#include "strongswan/tree.h"

enum {
    SWAN_SELECTORS_MAX = 20
};

/* An IKE SA. Keys are not told; the algorithms are NULL where charon has one that is none of the product's. */
struct swan_ike {
    const char *name; /* of its connection; the tree's */
    uint32_t number;  /* charon's unique id, as in its log */
    bool established; /* else it is coming up, going down, or replaced */
    bool rekeyed;     /* replaced by another, or going down */
    bool initiator, nat_local, nat_remote;
    struct ike_path path;
    struct ike_keys_info keys;
};

struct swan_child {
    const char *name;
    uint32_t number;
    struct ike_child_info info; /* local_ts and remote_ts point into this struct */
    bool installed;
    struct ike_ts local[SWAN_SELECTORS_MAX], remote[SWAN_SELECTORS_MAX];
    uint64_t bytes_in, packets_in, bytes_out, packets_out;
};

/* `section`: one IKE SA's, named as its connection. */
void swan_ike_read(const struct swan_element *section, struct swan_ike *out);
/* `section`: one of those in an IKE SA's `child-sas`. */
void swan_child_read(const struct swan_element *section, const struct swan_ike *ike,
                     struct swan_child *out);

#endif
