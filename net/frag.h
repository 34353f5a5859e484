/*
 * Fragmentation of an IPv4 packet, and reassembly (RFC 791, 3.2; RFC 5722's rule on overlaps, which
 * Linux applies to IPv4 as well since 4.19; RFC 3168, 5.3 for ECN). Linux's limit on fragments of other
 * packets from the same source between two of one packet (ipfrag_max_dist) is not modelled.
 */
#ifndef NET_FRAG_H
#define NET_FRAG_H

#include "base/vtime.h"
#include "net/ipv4.h"

/*
 * Cutting: options are copied into every fragment only when their copied flag says so, else their
 * place is filled with no-operations (as ip_options_fragment of Linux). A fragment can be cut again.
 */
struct net_fragmenter {
    const uint8_t *packet; /* borrowed */
    size_t header_size;
    size_t payload_size;
    size_t room; /* payload bytes that fit the MTU */
    size_t at;   /* payload bytes given so far */
};

/* `packet` is a good IPv4 packet of total_size bytes; `mtu` is at least NET_IPV4_MTU_MIN. */
void net_fragmenter_init(struct net_fragmenter *f, const uint8_t *packet, size_t mtu);

/* Writes the next fragment, at most the mtu, into `out`; returns its size, 0 when all are out. */
size_t net_fragmenter_next(struct net_fragmenter *f, uint8_t *out);

enum {
    NET_REASSEMBLY_TIMEOUT_S = 30,              /* net.ipv4.ipfrag_time */
    NET_REASSEMBLY_MEMORY_MAX = 4 * 1024 * 1024 /* net.ipv4.ipfrag_high_thresh */
};

struct net_reassembly; /* opaque; every packet that is being put together at one node */

struct net_reassembly *net_reassembly_new(void);
void net_reassembly_free(struct net_reassembly *r);

enum net_reassembly_status {
    NET_REASSEMBLY_HELD,     /* waits for more */
    NET_REASSEMBLY_DONE,     /* *whole is the packet */
    NET_REASSEMBLY_REPEATED, /* the same fragment again: ignored */
    NET_REASSEMBLY_OVERLAP,  /* overlaps: everything held of its packet is gone too */
    NET_REASSEMBLY_BAD,      /* a size or an end that cannot be; the rest is gone too */
    NET_REASSEMBLY_FULL      /* no memory under the limit: this fragment is not kept */
};

struct net_reassembly_packet {
    const uint8_t *data; /* borrowed until the next call on this struct net_reassembly */
    size_t size;
    uint64_t first_id; /* id of the fragment with offset 0 (expired: 0 when it never came) */
};

/* Takes one fragment (a good IPv4 packet for which net_ipv4_is_fragment holds). `id` is the caller's
 * number for it. When done, the packet has a header like the first fragment's, with the whole size,
 * no fragment bits (DF only where the largest fragment had it) and a right checksum. */
enum net_reassembly_status net_reassembly_add(struct net_reassembly *r, base_ns now,
                                              const uint8_t *fragment, uint64_t id,
                                              struct net_reassembly_packet *whole);

/* When the oldest incomplete packet gives up, BASE_NEVER when none waits. */
base_ns net_reassembly_deadline(const struct net_reassembly *r);

/* Gives up one packet whose time has passed; false when there is none. *first is its first fragment
 * (size 0 when that never came: then no ICMP error is sent, RFC 792), borrowed until the next call. */
bool net_reassembly_expire(struct net_reassembly *r, base_ns now,
                           struct net_reassembly_packet *first);

#endif
